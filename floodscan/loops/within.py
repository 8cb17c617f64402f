"""How much of its members lies in a loop's time: ordinary traffic writes the same lines before it and after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from floodscan.loops.loop import Member
from floodscan.profile.signature_profile import SignatureProfile
from floodscan.profile.timeline import Timeline


def within(members: Sequence[Member], anchor: SignatureProfile, *, by_time: bool) -> list[Member]:
    """The members with the lines and bytes that lie in the loop's time, and as often as they do so in an iteration.

    That time is from the anchor's first line to its last, and one pause, or the member's own lag, at both ends. Without
    a clock it is counted in lines of the log.
    """
    clocked = anchor.first is not None and anchor.timed == anchor.count
    axis = _axis(anchor, clocked)
    points = [at for at, _ in axis.points()]
    first, last = points[0], points[-1] + axis.width - 1
    pause = (last - first) // max(1, anchor.count - 1)
    return [_within(m, anchor, first, last, pause, clocked=clocked, by_time=by_time) for m in members]


def _within(
    member: Member, anchor: SignatureProfile, first: int, last: int, pause: int, *, clocked: bool, by_time: bool
) -> Member:
    profile = member.profile
    axis = _axis(profile, clocked)
    placed = axis.total()
    lag = round(member.lag) if by_time == clocked else 0
    reach = max(pause, abs(lag), axis.width)
    inside = _count(axis, first + lag - reach, last + lag + reach)
    if profile is anchor or inside >= placed:
        return member
    share = (inside + profile.count - placed) / profile.count  # lines without a time may lie anywhere
    return replace(
        member,
        per_iteration=min(member.per_iteration, share * profile.count / anchor.count),
        lines=round(share * profile.lines),
        bytes=round(share * profile.bytes),
    )


def _axis(profile: SignatureProfile, clocked: bool) -> Timeline:
    return profile.times if clocked else profile.positions


def _count(axis: Timeline, first: int, last: int) -> int:
    """Points between two places, of a bucket that is cut the share that lies inside."""
    total = 0
    for at, count in axis.points():
        overlap = min(last, at + axis.width - 1) - max(first, at) + 1
        if overlap > 0:
            total += round(count * overlap / axis.width)
    return total
