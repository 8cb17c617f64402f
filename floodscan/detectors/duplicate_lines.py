"""Every line twice: a logger with two transports to one place, or one log collected by two agents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import groupby

from floodscan.detectors.case import Case, Draft, Said, Step

LEAST = 20
"""Runs of equal lines from which the log is judged."""
KINDS = 3
"""Signatures that must come doubled: one alone is two lines of one failure, or a loop's own rhythm."""
SHARE = 0.9
"""Share of the runs that must have the same length."""


def detect(case: Case) -> Iterator[Draft]:
    runs, kinds = _runs(case)
    total = sum(runs.values())
    if total < LEAST:
        return
    times, often = max(runs.items(), key=lambda run: (run[1], -run[0]))
    if times < 2 or often < SHARE * total or len(kinds) < KINDS:
        return
    found = sorted((case.signatures[name] for name in kinds), key=lambda s: (-s.count, s.signature.id))
    yield Draft(
        rule="duplicate-lines", cause="duplicate-logging", role="observation", confidence="likely",
        title=f"Every line is in the log {times} times",
        summary="The same line comes again at the same millisecond with the same ids. Every count of this report holds the "
        f"copies: divide it by {times}.",
        signatures=[],
        speaks_for=[
            Said(f"{often} of {total} lines looked at come {times} times, with equal time and ids"),
            *(case.quote(s) for s in found[:3]),
        ],
        probe="Look for the same line in what one process writes itself: if it is there once, the collecting doubles it.",
        remedy=[
            Step("one-transport", "fix", "Give the logger one transport to this place, attach handlers once, and let one agent "
                 "collect a file or a container's output.", round(case.profile.lines * (1 - 1 / times))),
        ],
        weight=0,
    )  # fmt: skip


def _runs(case: Case) -> tuple[Counter[int], set[str]]:
    """How often lines with a clock and ids come once, twice, ... at one time; and which signatures come more than once."""
    lengths: Counter[int] = Counter()
    doubled: set[str] = set()
    dated = [(name, event.time, event.ids) for name, event, _ in case.scenes.events if event.time and event.ids]
    for (name, _, _), run in groupby(sorted(dated)):
        length = sum(1 for _ in run)
        lengths[length] += 1
        if length > 1:
            doubled.add(name)
    return lengths, doubled
