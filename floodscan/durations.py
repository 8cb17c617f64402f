"""Lengths of time as people read them."""

from __future__ import annotations


def duration(ms: int) -> str:
    """`80 ms`, `0.91 s`, `12.4 s`, `6 min 12 s`, `3 h 05 min`, `2 d 4 h`."""
    if ms < 1000:
        return f"{ms} ms"
    if ms < 10_000:
        return f"{ms / 1000:.2f}".rstrip("0").removesuffix(".") + " s"
    if ms < 59_950:
        return f"{ms / 1000:.1f}".removesuffix(".0") + " s"
    seconds = round(ms / 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days} d {hours} h"
    if hours:
        return f"{hours} h {minutes:02d} min"
    return f"{minutes} min {seconds:02d} s"


def lasting(ms: int) -> str:
    """`in 12.4 s`, to follow a count of events; no clock shows less than its own tick."""
    return f"in {duration(ms)}" if ms else "within one tick of the clock"
