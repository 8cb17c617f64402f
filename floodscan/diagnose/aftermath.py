"""What a loop leaves behind: a line that no rule knows and that only follows the last attempt, as `Giving up on order` does."""

from __future__ import annotations

from floodscan.detectors.case import Case, Draft, Failure, Said
from floodscan.durations import duration
from floodscan.loops.loop import FoundLoop
from floodscan.profile.sample import Event
from floodscan.profile.story import KeyProfile

SOON = 3
"""Pauses between attempts, the longer ones, within which a line without the actors' id follows the last."""
LEAST_MS = 1_000


def as_aftermath(case: Case, failure: Failure, draft: Draft) -> bool:
    """Makes the draft of a failure a symptom where it follows a loop's end; whether it does.

    Only of a failure that names no cause of its own: no rule knows it, and it carries neither a type nor a code.
    """
    signature = failure.profile.signature
    if failure.hit is not None or signature.type or signature.code or signature.status:
        return False
    for loop in case.loops:
        if loop.ending.outcome != "recovered" and loop.member(failure.id) is None:
            told = _by_actor(failure, loop) or _by_time(failure, loop)
            if told is not None:
                _reword(draft, loop, told)
                return True
    return False


def _by_actor(failure: Failure, loop: FoundLoop) -> str | None:
    """What shows that the line comes once for an actor of the loop, behind all its attempts."""
    if loop.actors is None:
        return None
    key = loop.actors.key
    own = failure.profile.keys.get(key)
    attempts = [keys[key] for m in loop.members if key in (keys := m.profile.keys)]
    if own is None or not attempts or own.count != failure.profile.count or own.count > own.distinct()[0]:
        return None
    shared = [rank for rank in own.stories.items if any(rank in one.stories.items for one in attempts)]
    if not shared or len(shared) < len(own.stories.items):
        return None
    if any(_first(own, rank) < _last(one, rank) for rank in shared for one in attempts if rank in one.stories.items):
        return None
    return f"each carries the {key} of attempts that failed, and stands behind the last of them"


def _first(profile: KeyProfile, rank: int) -> Event:
    return profile.stories.items[rank].ends.sorted()[0]


def _last(profile: KeyProfile, rank: int) -> Event:
    return profile.stories.items[rank].ends.sorted()[-1]


def _by_time(failure: Failure, loop: FoundLoop) -> str | None:
    """What shows that the line comes once, soon after the last attempt of all."""
    first, last, gap = failure.profile.first, loop.anchor.last, loop.gap
    if failure.profile.count > 1 or failure.profile.keys or first is None or last is None or gap is None:
        return None
    behind = failure.profile.ends.sorted()[0] > loop.anchor.ends.sorted()[-1]
    if not behind or first - last > max(LEAST_MS, SOON * gap.p90):
        return None
    return f"it comes once, {duration(first - last)} after the last attempt"


def _reword(draft: Draft, loop: FoundLoop, told: str) -> None:
    draft.role, draft.confidence, draft.loops = "symptom", "possible", [loop]
    draft.title = f"{draft.title.removesuffix(' fails')} follows the last attempts"
    draft.summary = "It names no cause of its own: the retry has given up, or what it was for ends without it."
    draft.speaks_for.append(Said(told))
    draft.against.append(Said("no attempt's id ties it to the failure"))
    draft.probe = ""
