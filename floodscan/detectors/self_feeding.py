"""A log that feeds itself: what ships or writes it logs an error for each line, its own errors included."""

from __future__ import annotations

from collections.abc import Iterator

from floodscan.detectors.case import Case, Draft, Failure, Said, Step
from floodscan.durations import duration
from floodscan.loops.loop import FoundLoop
from floodscan.profile.signature_profile import ExampleLine
from floodscan.regex import regex

HEAD = regex(r"[^\"'\\{}\[\]<>\d:]{12,40}")
"""The words a line opens with, without what an escaped copy of it would change."""
COPIES = 3
"""Copies of its own opening in one line, itself counted: an error wrapped in one like it has two."""
ECHOES = 200
"""Lines in a row from which a failure that is logged at once again may be an echo (recorded: 886 in a second)."""
ECHO_MS = 20
"""The longest median pause of an echo: it takes as long as a refused connection or a failed write (recorded: 0 ms)."""
ECHO_SHARE = 0.9
"""Share of all lines of its time: nothing but other lines' echoes stands between (recorded: 886 of 894)."""


def detect(case: Case) -> Iterator[Draft]:
    told: set[str] = set()
    for failure in case.failures.values():
        deepest = _nested(failure)
        if deepest is not None:
            told.add(failure.id)
            yield _of_copies(case, failure, deepest)
    for loop in case.loops:
        if loop.anchor.signature.id not in told and _echoes(case, loop):
            yield _of_echo(case, loop)


def _nested(failure: Failure) -> ExampleLine | None:
    """The line that holds most copies of its own opening; None unless later lines hold more than earlier ones."""
    head = HEAD.match(failure.profile.opening.message) if failure.profile.opening else None
    if head is None:
        return None
    lines = sorted(failure.profile.example_lines, key=lambda line: (line.source, line.line))
    copies = [line.text.count(head[0]) for line in lines]
    grows = copies == sorted(copies) and copies[0] < copies[-1]
    return lines[-1] if grows and copies[-1] >= COPIES else None


def _echoes(case: Case, loop: FoundLoop) -> bool:
    """Whether the loop is one failure by itself, at once after itself, that nobody drives."""
    gap, first, last = loop.gap, loop.anchor.first, loop.anchor.last
    if loop.actors is not None or gap is None or first is None or last is None or loop.iterations < ECHOES:
        return False
    if gap.median > ECHO_MS or any(not member.profile.failure for member in loop.members):
        return False
    width = case.profile.times.width
    around = sum(n for at, n in case.profile.times.points() if first - width < at <= last)
    return loop.lines >= ECHO_SHARE * around


STEPS = (
    Step("silence-shipper", "stop", "Switch the shipping off, or send its own errors to a place that is not shipped (stderr)."),
    Step(
        "own-errors-apart", "fix",
        "Never log in the error handler of a transport, a shipper or an exporter: count there, write to stderr at most once a "
        "minute, and leave the shipper's own logger out of what is shipped.",
    ),
    Step("bound-shipping", "fix", "Give the shipper a bounded queue, a backoff with a cap, and drop what is over."),
    Step("watch-dropped", "watch", "Alert on the number of dropped or unshipped lines."),
)  # fmt: skip


def _of_copies(case: Case, failure: Failure, deepest: ExampleLine) -> Draft:
    count = failure.profile.count
    return Draft(
        rule="self-feeding-log", cause="self-feeding-log", role="sustaining", confidence="proven",
        title=f"The log feeds itself: `{failure.name}` quotes itself, deeper each time",
        summary="Each line about a line that could not be delivered holds that line, and is one that can't be delivered. With "
        "escaping its length doubles from line to line.",
        signatures=[failure.id], loops=case.loops_of(failure.id),
        speaks_for=[
            case.quote(failure.profile),
            Said("this one holds itself at least twice over", failure.id, deepest),
        ],
        probe="Stop what ships the log for a moment: the line stops with it.",
        remedy=[Step(s.id, s.kind, s.text, count - 1 if s.id == "own-errors-apart" else None) for s in STEPS],
        weight=failure.profile.lines,
        references=("https://vector.dev/docs/reference/configuration/sources/internal_logs/",),
    )  # fmt: skip


def _of_echo(case: Case, loop: FoundLoop) -> Draft:
    name, pause = loop.anchor.signature.text, duration(loop.gap.median) if loop.gap else "at once"
    return Draft(
        rule="self-feeding-log", cause="self-feeding-log", role="sustaining", confidence="possible",
        title=f"`{name}` follows itself {pause} later, {loop.iterations} times: the log may feed itself",
        summary="One failure alone fills the log while it lasts, at once after itself; no id names anybody who tries, and no "
        "line of an attempt stands between. So write loops without a pause, and logs whose shipping fails and says so.",
        signatures=[loop.anchor.signature.id], loops=[loop],
        speaks_for=[case.quote(loop.anchor), Said(f"the pause from one to the next is {pause} in the median")],
        against=[Said("no line says that it is about the log itself: a retry without any pause looks the same")],
        probe=f"Find what logs `{name}`: if it is the error handler of a log transport, or runs for each line, it answers itself.",
        remedy=[Step(s.id, s.kind, s.text) for s in STEPS],
        weight=loop.lines,
        references=("https://vector.dev/docs/reference/configuration/sources/internal_logs/",),
    )  # fmt: skip
