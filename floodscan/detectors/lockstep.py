"""Clients that back off together: the pauses grow, but all of them come back at the same moments."""

from __future__ import annotations

from collections.abc import Iterator

from floodscan.detectors.case import Case, Draft, Said, Step
from floodscan.durations import duration

DRIVERS = 5
"""Drivers from which keeping step hurts (the recorded flock has 8); two or three meet by chance."""
SLOW_MS = 1_000
"""A median pause from here on is a backoff's or a timer's: below it, the missing pause is what hurts (`retry`)."""


def detect(case: Case) -> Iterator[Draft]:
    """A finding for each loop whose pauses are long enough and whose drivers share them, on a clock that shows it."""
    for loop in case.loops:
        actors, gap = loop.actors, loop.gap
        if not loop.lockstep or actors is None or actors.distinct < DRIVERS or gap is None or gap.median < SLOW_MS:
            continue
        anchor, schedule = loop.anchor, case.schedule_of(loop)
        spread = Said(f"the delays are those of {schedule}") if schedule else None
        yield Draft(
            rule="lockstep-retry", cause="lockstep-retry", role="sustaining", confidence="proven",
            title=f"{actors.distinct} {'addresses' if actors.by_address else 'clients'} retry in lockstep: they wait, but all of them equally long",
            summary=f"{loop.iterations} attempts come in waves of {actors.distinct}, a median of {duration(gap.median)} apart. What "
            "is down gets no load between the waves, and all of it at once when it comes back.",
            signatures=[anchor.signature.id], loops=[loop],
            speaks_for=[
                case.quote(anchor, f"{actors.distinct} drivers log `{anchor.signature.text}` at the same moments", loop.iterations),
                Said(f"pauses of one driver: median {duration(gap.median)}, 10th percentile {duration(gap.p10)}, 90th "
                     f"{duration(gap.p90)}"),
                *([spread] if spread else []),
            ],
            probe="Compare the times of two clients' attempts: without chance in the pause they stay together for ever.",
            remedy=[
                Step("full-jitter", "fix", "Draw each pause at random between 0 and the backoff's value (full jitter), on each "
                     "client by itself."),
                Step("spread-the-start", "fix", "Where the service closes many connections at once, at a deploy, close them spread "
                     "over the time it has."),
                Step("watch-waves", "watch", "Watch the peak of attempts in a second beside their mean."),
            ],
            weight=loop.lines,
            references=("https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/",),
        )  # fmt: skip
