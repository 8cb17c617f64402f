"""Where in the code a signature lies: the application's topmost frame of its stacks, and the line that logs it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from floodscan.code.paths import plain
from floodscan.profile.signature_profile import ExampleLine, SignatureProfile
from floodscan.redact import redact

if TYPE_CHECKING:
    from floodscan.code.sites import Code

STACKS = 3
"""Different frames of one signature: its examples may have failed in different places."""


class Found(NamedTuple):
    """A place in the code, before it is made safe."""

    file: str
    line: int | None
    function: str | None
    via: Literal["stack", "code"]
    candidates: int = 1


def locations_of(profile: SignatureProfile, code: Code | None) -> list[Found]:
    """The places of a signature: those its stacks name, then the call site of its message."""
    examples = ([profile.opening] if profile.opening else []) + profile.examples.values()
    found = dict.fromkeys(place for example in examples if (place := _top_frame(example, code)) is not None)
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
