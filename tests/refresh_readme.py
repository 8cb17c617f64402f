"""Writes what is made of the program again: README.md's outputs, the man page, the page of rules.

    python tests/refresh_readme.py

A block to refresh is a comment `<!-- output: COMMAND -->`, then a fenced block. COMMAND is a floodscan command line,
with `| head -N` where the first N lines are enough.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

from rules_page import rules_page

from floodscan.cli import app
from floodscan.manual import man_page

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
MAN_PAGE = README.parent / "docs" / "floodscan.1"
RULES_PAGE = README.parent / "docs" / "rules.md"

BLOCK = re.compile(r"(<!-- output: (?P<command>[^\n]+) -->\n```\w*\n)(?:[^\n]*\n)*?(```\n)")
HEAD = re.compile(r"\s*\| head -(\d+)$")


def output_of(command: str) -> str:
    """What `command` prints on stdout, run in the project's folder without a terminal."""
    head = HEAD.search(command)
    program, *arguments = shlex.split(HEAD.sub("", command))
    if program != "floodscan":
        raise ValueError(f"not a floodscan command: {command}")
    plain = {name: value for name, value in os.environ.items() if name not in {"FORCE_COLOR", "COLUMNS"}}
    path = os.pathsep.join([str(ROOT), *filter(None, [plain.get("PYTHONPATH")])])
    done = subprocess.run(
        [sys.executable, "-m", "floodscan", *arguments],
        capture_output=True,
        check=True,
        cwd=ROOT,
        env={**plain, "PYTHONPATH": path},
        stdin=subprocess.DEVNULL,
        timeout=60,
    )
    lines = done.stdout.decode().splitlines()
    if head and len(lines) > int(head[1]):
        lines = [*lines[: int(head[1])], "..."]
    return "\n".join(line.rstrip() for line in lines).strip("\n")


def refreshed(text: str) -> str:
    """`text` with every output block as the commands print it today."""
    return BLOCK.sub(lambda block: block[1] + output_of(block["command"]) + "\n" + block[3], text)


if __name__ == "__main__":
    README.write_text(refreshed(README.read_text()))
    MAN_PAGE.write_text(man_page(app))
    RULES_PAGE.write_text(rules_page())
