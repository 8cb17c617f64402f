"""The same work as plain_python.py in SQL. LOG and the number of threads are the arguments."""

from __future__ import annotations

import sys

import duckdb

LOG, THREADS = sys.argv[1:]
COLUMNS = "{time: 'BIGINT', msg: 'VARCHAR', connectionId: 'VARCHAR', userId: 'VARCHAR', err: 'STRUCT(code VARCHAR)'}"

db = duckdb.connect(config={"threads": int(THREADS), "preserve_insertion_order": False})
db.execute(
    f"""
    CREATE TEMP TABLE entry AS
    SELECT time, coalesce(connectionId, userId) AS client, coalesce(err.code, '') AS code,
           regexp_replace(msg, '[0-9]+', '#', 'g') AS text
    FROM read_json(?, format = 'newline_delimited', ignore_errors = true, columns = {COLUMNS})
    WHERE msg IS NOT NULL
    """,
    [LOG],
)
for row in db.execute("SELECT count(*), code, text FROM entry GROUP BY code, text").fetchall():
    print(*row, sep="\t")
SECONDS = "SELECT count(*) AS n FROM entry GROUP BY code, text, time // 1000"
CLIENTS = "SELECT min(time) AS first, max(time) AS last, count(*) AS n FROM entry GROUP BY code, text, client"
for name, query, value in (("seconds", SECONDS, "n"), ("clients", CLIENTS, "last - first + n")):
    groups, _ = db.execute(f"SELECT count(*), sum({value}) FROM ({query})").fetchone()
    print(f"{name}={groups}")
