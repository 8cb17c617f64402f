"""A clock that is missing or too coarse for what the loops would tell."""

from __future__ import annotations

from collections.abc import Iterator

from floodscan.detectors.case import Case, Draft, Said, Step


def detect(case: Case) -> Iterator[Draft]:
    if not case.loops or case.profile.resolution_ms == 1:
        return
    missing = case.profile.resolution_ms is None
    dated = not case.profile.undated_clock
    what = "no clock" if missing else "a clock of whole seconds" + ("" if dated else " and no date")
    lost = "gaps, pace and duration can't be known" if missing else "gaps below two seconds can't be told apart"
    advice = "With pino-pretty use `translateTime: 'SYS:yyyy-mm-dd HH:MM:ss.l'`, or keep the JSON beside it."
    yield Draft(
        rule="clock-trouble", cause="clock-trouble", role="observation", confidence="proven",
        title=f"The log has {what}: {lost}", summary="Counts and the order of lines are exact all the same.",
        signatures=[loop.anchor.signature.id for loop in case.loops],
        speaks_for=[Said(f"{case.profile.timed} of {case.profile.records} records carry a time")],
        remedy=[Step("fine-clock", "fix", f"Log times with milliseconds. {advice}")],
        weight=0, mild=True,
        references=("https://github.com/pinojs/pino-pretty#options",),
    )  # fmt: skip
