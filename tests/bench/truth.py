"""Whether a tool's counts are those of the log's maker."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from logs import truth_of

ROW = re.compile(r"\s*(\d+)[ \t]([^\t]*)\t(.*)")
MASK = re.compile(r"<[^<>]*>")
WORD = re.compile(r"[a-z]+")
UNKNOWN = "?"
"""The code of a tool that tells none."""

Key = tuple[str, str]
"""The words of a message that no number interrupts, and its error code."""


@dataclass(frozen=True)
class Truth:
    """What logs.py says it wrote."""

    form: str
    bytes: int
    on_disk: int
    lines: int
    groups: list[tuple[str, str, int]]
    clients: int
    seconds: int

    @classmethod
    def of(cls, log: Path) -> Truth:
        return cls(**json.loads(truth_of(log).read_text()))


def lines_of(answer: Path, truth: Truth) -> str:
    return _compared(int(answer.read_text().split()[0]), truth.lines, "lines")


def lines_with(code: str, answer: Path, truth: Truth) -> str:
    right = sum(count for _, known, count in truth.groups if known == code)
    return _compared(int(answer.read_text().split()[0]), right, "lines")


def groups_of(answer: Path, truth: Truth) -> str:
    """Of rows `COUNT CODE<tab>MESSAGE`; rows `seconds=N` and `clients=N` are checked where they are there."""
    found: defaultdict[Key, list[int]] = defaultdict(list)
    totals = dict[str, int]()
    with answer.open(errors="replace") as rows:
        for row in rows:
            if match := ROW.match(row.strip('"\n')):
                found[_words(match[3]), match[2]].append(int(match[1]))
            elif named := re.fullmatch(r"(seconds|clients)=(\d+)\n", row):
                totals[named[1]] = int(named[2])
    wrong = [name for name, count in totals.items() if count != getattr(truth, name)]
    return ", ".join([_verdict(found, truth), *(f"{name} wrong" for name in wrong)])


def report_of(answer: Path, truth: Truth) -> str:
    """Of floodscan's JSON: lines and, where the log has groups, each of them."""
    report = json.loads(answer.read_bytes())
    lines = _compared(report["input"]["lines"], truth.lines, "lines")
    if not truth.groups or lines != "right":
        return lines
    found: defaultdict[Key, list[int]] = defaultdict(list)
    for signature in report["signatures"]:
        code = (signature["error"] or {}).get("code") or ""
        found[_words(signature["text"]), code].append(signature["count"])
    return _verdict(found, truth)


def _words(text: str) -> str:
    return " ".join(WORD.findall(MASK.sub(" ", text.lower())))


def _verdict(found: dict[Key, list[int]], truth: Truth) -> str:
    """A group is right where one row has its words and its code, and the right count."""
    groups = {(_words(text), code): count for text, code, count in truth.groups}
    alone = {key: count for key, count in groups.items() if sum(words == key[0] for words, _ in groups) == 1}
    right = sum(
        found.get(key) == [count] or (key in alone and found.get((key[0], UNKNOWN)) == [count])
        for key, count in groups.items()
    )
    if right == len(groups):
        return "right"
    rows = sum(map(len, found.values()))
    return f"{right} of {len(groups)} groups right, in {rows:,} rows"


def _compared(told: int, true: int, what: str) -> str:
    return "right" if told == true else f"{told:,} {what} for {true:,}"
