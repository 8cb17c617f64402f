"""From a group to an iteration: every line that takes part, in order, and the error that ends the attempt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from floodscan.loops.groups import CUT, LINKED, Group, middle_of
from floodscan.loops.links import Links, Scenes
from floodscan.loops.loop import Member
from floodscan.loops.order import lags_of
from floodscan.profile.signature_profile import SignatureProfile


def iteration_of(
    group: Group, signatures: Mapping[str, SignatureProfile], scenes: Scenes, *, by_time: bool
) -> tuple[SignatureProfile, list[Member], dict[str, Links]]:
    """(anchor, members in order, each member's links). The anchor is the error that ends the attempt, at lag 0."""
    links = _extend(group, signatures, scenes)
    lags = lags_of(group.anchor, group.members, links, by_time=by_time)
    anchor = _first_of_kind(_last_error(group.anchor, group.members, lags), group.members, lags)
    start = lags[anchor.signature.id]
    members = [
        Member(m, min(m.count, 9 * anchor.count) / anchor.count, lags[m.signature.id] - start, m.lines, m.bytes)
        for m in group.members
    ]
    members.sort(key=lambda m: (round(m.lag, 6), middle_of(m.profile), m.profile.signature.id))
    return anchor, members, links


def _extend(group: Group, signatures: Mapping[str, SignatureProfile], scenes: Scenes) -> dict[str, Links]:
    """Adds to the group what shares an attempt's id with one of its lines, both ways; returns every member's links."""
    links: dict[str, Links] = {}
    for member in group.members:
        links[member.signature.id] = own = scenes.links(member.signature.id)
        for name in sorted(own.to):
            other = signatures.get(name)
            if other is None or other in group.members or other.failure:
                continue
            if own.share(name) >= LINKED and own.returned(name) >= LINKED:
                group.members.append(other)
    return links


def _last_error(
    anchor: SignatureProfile, members: Sequence[SignatureProfile], lags: Mapping[str, float]
) -> SignatureProfile:
    """Of the errors logged about as often as the anchor, the one that ends the attempt: those before it, it outlived."""

    def bears(s: SignatureProfile) -> bool:
        return bool(s.signature.type or s.signature.code or s.signature.opacity)

    near = [
        m
        for m in members
        if m.failure and m.level == anchor.level and abs(m.count - anchor.count) <= max(1, 0.02 * anchor.count)
    ]
    near = [m for m in near if bears(m)] or near
    return max(near, key=lambda m: (lags[m.signature.id], m.signature.id), default=anchor)


def _first_of_kind(
    anchor: SignatureProfile, members: Sequence[SignatureProfile], lags: Mapping[str, float]
) -> SignatureProfile:
    """Of the lines that log the anchor's failure as often as it does, the one that comes first in the iteration."""

    def kind(s: SignatureProfile) -> tuple[object, ...]:
        return (s.signature.type, s.signature.code, s.signature.status, s.signature.opacity, s.level)

    same = [m for m in members if m.failure and kind(m) == kind(anchor) and abs(m.count - anchor.count) <= CUT]
    return min(same, key=lambda m: (lags[m.signature.id], m.signature.id))
