"""drain3, as its manual has it, on the messages of LOG, the argument. It is told no codes, hence `?`."""

from __future__ import annotations

import sys

from drain3 import TemplateMiner

try:
    from orjson import loads
except ImportError:
    from json import loads

miner = TemplateMiner()
with open(sys.argv[1], "rb") as log:
    for line in log:
        try:
            entry = loads(line)
        except ValueError:
            continue
        miner.add_log_message(entry["msg"])
for cluster in miner.drain.clusters:
    print(cluster.size, "?", cluster.get_template(), sep="\t")
