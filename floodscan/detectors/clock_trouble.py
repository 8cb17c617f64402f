"""A clock that is missing, too coarse for what the loops would tell, or more than one."""

from __future__ import annotations

from collections.abc import Iterator

from floodscan.detectors.case import Case, Draft, Said, Step
from floodscan.durations import duration
from floodscan.rules.loggers import advice_on

BACK_MS = 2_000
"""A step back by more is no late line of another thread (neighbours swapped in a recorded log: none goes back so far)."""
BACKWARDS = 0.05
"""Share of such steps from which a log has more than one clock (two halves of a recorded log, line by line: half)."""
LEAST_STEPS = 10
"""Such steps in a log that is judged at all: a file appended to another goes back once."""


def detect(case: Case) -> Iterator[Draft]:
    yield from _coarse(case)
    yield from _backwards(case)


def _backwards(case: Case) -> Iterator[Draft]:
    """Times that fall from line to line, in the blocks that were kept whole."""
    steps = back = 0
    farthest = 0
    for scene in case.profile.scenes.values():
        times = [event.time for event in sorted(scene, key=lambda event: event.position) if event.time]
        for earlier, later in zip(times, times[1:], strict=False):
            steps += 1
            if earlier - later > BACK_MS:
                back += 1
                farthest = max(farthest, earlier - later)
    if back < LEAST_STEPS or back < BACKWARDS * steps:
        return
    yield Draft(
        rule="clock-backwards", cause="clock-trouble", role="observation", confidence="proven",
        title="Times run backwards: the log mixes clocks, or is out of order",
        summary="Gaps, pace and what came first are read from times that do not agree with the order of the lines.",
        signatures=[], speaks_for=[
            Said(f"{back} of {steps} steps from line to line go back by more than {duration(BACK_MS)}, at most {duration(farthest)}")
        ],
        probe="Read the sources one by one, or sort them by their own clock.",
        remedy=[Step("one-clock", "fix", "Keep one file for each host, set the clocks by NTP, and log UTC with milliseconds.")],
        weight=0, mild=True,
    )  # fmt: skip


def _coarse(case: Case) -> Iterator[Draft]:
    if not case.loops or case.profile.resolution_ms == 1:
        return
    missing = case.profile.resolution_ms is None
    dated = not case.profile.undated_clock
    what = "no clock" if missing else "a clock of whole seconds" + ("" if dated else " and no date")
    lost = "gaps, pace and duration can't be known" if missing else "gaps below two seconds can't be told apart"
    advice = advice_on(case.family).clock
    yield Draft(
        rule="clock-trouble", cause="clock-trouble", role="observation", confidence="proven",
        title=f"The log has {what}: {lost}", summary="Counts and the order of lines are exact all the same.",
        signatures=[loop.anchor.signature.id for loop in case.loops],
        speaks_for=[Said(f"{case.profile.timed} of {case.profile.records} records carry a time")],
        remedy=[Step("fine-clock", "fix", f"Log times with milliseconds. {advice}")],
        weight=0, mild=True,
    )  # fmt: skip
