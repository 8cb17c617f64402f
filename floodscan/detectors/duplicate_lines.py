"""Every line twice: a logger with two transports to one place, or one log collected by two agents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

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
        title=f"Lines are in the log {times} times",
        summary="The same line comes again, to the letter and the millisecond. The counts of this report hold the copies: "
        f"where all lines are doubled, divide them by {times}.",
        signatures=[],
        speaks_for=[
            Said(f"{often} of {total} different lines looked at (around the failures) come {times} times"),
            *(case.quote(s) for s in found[:3]),
        ],
        probe="Look for the same line in what one process writes itself: if it is there once, the collecting doubles it.",
        remedy=[
            Step("one-transport", "fix", "Give the logger one transport to this place, attach handlers once, and let one agent "
                 "collect a file or a container's output."),
        ],
        weight=0,
    )  # fmt: skip


def _runs(case: Case) -> tuple[Counter[int], set[str]]:
    """How often lines with a clock come once, twice, ... to the letter; and which signatures come more than once."""
    told = Counter((name, event.time, event.text) for name, event, _ in case.scenes.events if event.time)
    return Counter(told.values()), {name for (name, _, _), times in told.items() if times > 1}
