"""What one writes on the spot: a full parse of each line, a regular expression, dictionaries. LOG is the argument.

Counts by masked message and code, their histogram by the second, first, last and count by client.
"""

from __future__ import annotations

import re
import sys
from collections import Counter

try:
    from orjson import loads
except ImportError:
    from json import loads

DIGITS = re.compile(r"\d+")
groups: Counter[tuple[str, str]] = Counter()
seconds: Counter[tuple[tuple[str, str], int]] = Counter()
clients: dict[tuple[tuple[str, str], str], list[int]] = {}

with open(sys.argv[1], "rb") as log:
    for line in log:
        try:
            entry = loads(line)
        except ValueError:
            continue
        group = (entry.get("err", {}).get("code", ""), DIGITS.sub("#", entry["msg"]))
        time = entry["time"]
        groups[group] += 1
        seconds[group, time // 1000] += 1
        client = str(entry.get("connectionId") or entry.get("userId"))
        seen = clients.setdefault((group, client), [time, time, 0])
        seen[1] = time
        seen[2] += 1

for (code, text), count in groups.items():
    print(count, code, text, sep="\t")
print(f"seconds={len(seconds)}")
print(f"clients={len(clients)}")
