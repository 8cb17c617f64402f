"""The tools beside which floodscan is measured: how each is called, what it did with the log and what it did not."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib import metadata
from pathlib import Path

import truth
from measure import Stages

HERE = Path(__file__).parent / "peers"
CODE = "ECONNREFUSED"
"""What grep looks for."""
LNAV = (
    ";SELECT count(*) || char(9) || coalesce(\"err/code\", '') || char(9) || log_body AS told FROM bench_pino"
    ' GROUP BY "err/code", log_body'
)
JQ = 'fromjson? | objects | [.err.code // "", .msg] | @tsv'

Verdict = Callable[[Path, truth.Truth], str]


@dataclass(frozen=True)
class Tool:
    name: str
    stages: Callable[[Path, int], Stages]
    """The command for a log and a number of processors."""
    judge: Verdict
    did: str
    did_not: str
    program: str = ""
    """What has to be on the PATH, and says its version."""
    version: tuple[str, ...] = ("--version",)
    module: str = ""
    """What has to be importable instead."""

    def found(self) -> str | None:
        """Its version, or None where it is not installed."""
        if self.module:
            try:
                return metadata.version(self.module)
            except metadata.PackageNotFoundError:
                return None
        if shutil.which(self.program) is None:
            return None
        done = subprocess.run([self.program, *self.version], capture_output=True, stdin=subprocess.DEVNULL, timeout=30)
        match = re.search(rb"\d+(\.\d+)+( \d{8})?|\d{8}", done.stdout + done.stderr)
        return match[0].decode() if match else ""


def _python(script: str, threads: bool, log: Path, cpus: int) -> Stages:
    return [[sys.executable, str(HERE / script), str(log), *([str(cpus)] if threads else [])]]


def scan(log: Path, cpus: int) -> Stages:
    """floodscan's own command: the whole report, as JSON."""
    return [[sys.executable, "-m", "floodscan", "scan", str(log), "--format", "json", "-q", "--jobs", str(cpus)]]


FLOODSCAN = Tool(
    "floodscan", scan, truth.report_of, "groups, loops, clients, causes, remedies: the whole report", "",
    module="floodscan",
)  # fmt: skip

PEERS = (
    Tool(
        "wc -l", lambda log, cpus: [["wc", "-l", str(log)]], truth.lines_of, "counts lines", "anything else",
        program="wc",
    ),
    Tool(
        "grep -c", lambda log, cpus: [["grep", "-c", CODE, str(log)]], partial(truth.lines_with, CODE),
        "counts the lines with one word, known beforehand", "groups, time, clients", program="grep",
    ),
    Tool(
        "mawk", lambda log, cpus: [["mawk", "-f", str(HERE / "scrape.awk"), str(log)]], truth.groups_of,
        "scrapes message and code as text, masks digits, counts", "read JSON, time, clients",
        program="mawk", version=("-W", "version"),
    ),
    Tool(
        "DuckDB", partial(_python, "duckdb_sql.py", True), truth.groups_of,
        "masks digits, counts by message and code, by second, by client", "find loops or causes; say what is no JSON",
        module="duckdb",
    ),
    Tool(
        "plain Python", partial(_python, "plain_python.py", False), truth.groups_of,
        "the same as DuckDB, line by line with json or orjson, re, dict", "find loops or causes; bound its memory",
        program=sys.executable,
    ),
    Tool(
        "drain3", partial(_python, "drain3_templates.py", False), truth.groups_of,
        "learns templates of the messages, counts", "tell error codes apart, time, clients", module="drain3",
    ),
    Tool(
        "jq, sort, uniq -c",
        lambda log, cpus: [["jq", "-R", "-r", JQ, str(log)], ["sort"], ["uniq", "-c"]],
        truth.groups_of, "counts by message and code as they stand", "mask values, time, clients", program="jq",
    ),
    Tool(
        "lnav", lambda log, cpus: [["lnav", "-n", "-I", str(HERE / "lnav"), "-c", LNAV, "-c", ":write-csv-to -", str(log)]],
        truth.groups_of, "indexes, counts by message and code as they stand, in SQL", "mask values, clients",
        program="lnav", version=("-V",),
    ),
)  # fmt: skip
