"""The figures that decide a loop's status: one table, each with the case that set it."""

from __future__ import annotations

from floodscan.value import frozen


@frozen
class Thresholds:
    least_iterations: int = 3
    """Two failures are a coincidence; one refused connect at start-up, followed by success, is no loop."""
    burst_lines: int = 10
    burst_ms: int = 100
    """Fewer lines than this within this time are one failure logged by several layers, not a retry."""
    storm_iterations: int = 20
    """By one driver. The lab's throttled init makes 5, its pool timeout 22 for each of three actors."""
    storm_gap_ms: int = 1000
    """Median gap below which a loop without backoff is a storm: the lab's dashboards come back after 90 to 600 ms."""
    storm_share: float = 0.25
    storm_records: int = 200
    """A loop that is a quarter of a log of this length floods it whatever its pace (heartbeats: 3 to 9 %)."""
    storm_span_ms: int = 3_000
    """A shorter loop of which nothing names the driver may be one event that touches many things (a rotation of 24
    log files within half a second)."""
    storm_unnamed: int = 60
    """Iterations from which even so short a loop is no single event (a Python worker without ids: 80 in 2.5 s)."""
    schedule_ms: int = 60_000
    """A pause from here on is a schedule's (cron, a poll), whatever share of the log it writes: no storm."""
    rising: float = 1.5
    """Later half of the iterations in less than 1 / (1 + this) of the time: the rate rises."""
    failing_share: float = 0.5
    """Share of an actor's, or an entry line's, attempts that fail, below which it is traffic that fails."""
    same_pace: float = 1.5
    """Entries no more frequent than this many times their pace without failures are traffic that fails."""
    expected: float = 0.95
    """Share of the failures that are followed by success in their own attempt: an expected branch, not a loop."""


DEFAULTS = Thresholds()
