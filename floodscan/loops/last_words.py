"""What a line behind the last failure says: that something ended or began, which is no success."""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import inf

from floodscan.loops.actors import Actors
from floodscan.profile.sample import Event
from floodscan.profile.signature_profile import SignatureProfile
from floodscan.regex import regex

STOPS = regex(
    r"\bSIG(?:TERM|INT|KILL|HUP)\b|\bshutting down\b|\bgraceful(?:ly)? (?:shutdown|stop)|^shut ?down\b(?! (?:hook|of)\b)"
    r"|\b(?:received|initiating|starting|beginning) (?:a )?shut ?down\b"
    r"|\bshut ?down (?:complete|signal|requested|initiated|started|in progress)",
    re.IGNORECASE,
)
"""What runtimes and libraries write when a process is told to end."""
GIVES_UP = regex(
    r"\b(?:giv(?:e|es|ing)|gave) up\b|\b(?:max(?:imum)?|too many) (?:re)?(?:tries|attempts|connection attempts)\b"
    r"|\bno more (?:retries|attempts)\b|\b(?:retries|attempts) exhausted\b",
    re.IGNORECASE,
)
"""What they write when they stop trying."""
EXIT = regex(r"\bexit[ _-]?(?:code|status)\b[\"']?(?: of)?[ :=]*[\"'\[(]?[1-9]", re.IGNORECASE)
"""What became of a process that failed."""

TAKES_AWAY = regex(r"^(?:remov|delet|destroy|terminat|kill|evict|tear|clean)\w*", re.IGNORECASE)
"""How a line begins that tells of what is taken away: a container that failed carries its id there once more."""


def may_tell_success(profile: SignatureProfile) -> bool:
    """Whether nothing in a line that is no failure says that something ended, ended badly, or is taken away."""
    text = profile.signature.text
    if any(words.search(text) for words in (STOPS, GIVES_UP, TAKES_AWAY)):
        return False
    shown = [*([profile.opening] if profile.opening else []), *profile.examples.values()]
    return not any(EXIT.search(example.text) for example in shown)


def ended_by(
    anchor: SignatureProfile, outside: Sequence[SignatureProfile], actors: Actors | None, within: float
) -> SignatureProfile | None:
    """The line soon behind the last failure that says the process or its retries ended; the first of several.

    within: milliseconds behind the failure, where both have a time.
    The end of the process ends every loop in it, unless another such end lies among the failures: then it is started
    again. One that gives up speaks for itself, so it must be of the failures' logger, and each driver must do so.
    """
    drivers = max(1, sum(actor.iterations >= 2 for actor in actors.top)) if actors else 1
    found: list[tuple[Event, str, SignatureProfile]] = []
    failures = anchor.ends.sorted()
    spans = [(min(e[axis:] for e in failures), max(e[axis:] for e in failures)) for axis in (0, 1)]
    for other in outside:
        axis = 0 if anchor.timed and other.timed else 1
        among, behind = _around(*spans[axis], other.ends.sorted(), axis, within)
        if not behind:
            continue
        stops = STOPS.search(other.signature.text) is not None and not among
        own = other.signature.logger == anchor.signature.logger and among < drivers <= among + len(behind)
        if stops or (own and GIVES_UP.search(other.signature.text)):
            found.append((behind[0], other.signature.id, other))
    return min(found)[-1] if found else None


def _around(
    first: tuple[int, ...], last: tuple[int, ...], events: Sequence[Event], axis: int, within: float
) -> tuple[int, list[Event]]:
    """How many of a line's events lie from the first failure to the last, and those behind: by time where all have one."""
    places = [e[axis:] for e in events]
    among = sum([first <= place <= last for place in places])
    reach = inf if axis else last[0] + within
    return among, [e for e, place in zip(events, places, strict=True) if place > last and e[axis] <= reach]
