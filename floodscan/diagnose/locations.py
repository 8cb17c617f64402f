"""Where in the code a signature lies: the application's topmost frame of its stacks, and the line that logs it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, NamedTuple

from floodscan.code.paths import plain
from floodscan.detectors.case import Case, Draft
from floodscan.model import BlindWindow, Safe
from floodscan.profile.signature_profile import ExampleLine, SignatureProfile
from floodscan.redact import redact

if TYPE_CHECKING:
    from floodscan.code.sites import Code

STACKS = 3
"""Different frames of one signature: its examples may have failed in different places."""

ALWAYS = 0.9
"""Share of a loop's iterations that a line takes part in, for the failure to lie after it."""


class Found(NamedTuple):
    """A place in the code, before it is made safe."""

    file: str
    line: int | None
    function: str | None
    via: Literal["stack", "code"]
    candidates: int = 1


def locations_of(profile: SignatureProfile, code: Code | None) -> list[Found]:
    """The places of a signature: those its stacks name, then the call site of its message."""
    found = dict.fromkeys(place for example in profile.example_lines if (place := _top_frame(example, code)) is not None)
    out = list(found)[:STACKS]
    if code is not None:
        out += [Found(redact(site.path), site.line, None, "code", site.candidates) for site in code.sites(profile)]
    return out


def _top_frame(example: ExampleLine, code: Code | None) -> Found | None:
    """The topmost frame that is in the folder of the code; where none is known to be, the topmost of no library."""
    for frame in example.frames if code is not None else ():
        place = code.files.find(frame.file, own=frame.own) if code is not None else None
        if place is not None:
            line = frame.line if place.exact else None
            return Found(redact(place.path), line, frame.function, "stack", place.candidates)
    for frame in example.frames:
        if frame.own:
            return Found(plain(frame.file), frame.line, frame.function, "stack")
    return None


def window_of(draft: Draft, case: Case, code: Code | None, show: Callable[[str], Safe]) -> BlindWindow | None:
    """Between which lines of the log a hidden error lies, and with the code at hand, on which lines of that."""
    if draft.role != "blind-spot" or not draft.signatures:
        return None
    hidden, before = case.signatures[draft.signatures[0]], None
    for loop in draft.loops[:1]:
        own = loop.member(draft.signatures[0])
        earlier = [m for m in loop.members if own and m.lag < own.lag and m.per_iteration >= ALWAYS]
        before = earlier[-1].profile if earlier else None
    add = draft.remedy[0].text if draft.remedy else ""
    statements: tuple[Safe, ...] = ()
    if code is not None:
        statements = tuple(show(redact(f"{at.path}:{at.line}")) for at in code.window(before, hidden))
        sites = code.sites(hidden)
        if add and len(sites) == 1:
            add = f"{redact(sites[0].path)}:{sites[0].line}: {add}"
    after = show(before.signature.text) if before is not None else None
    return BlindWindow(after, show(hidden.signature.text), statements, show(add))
