"""Libraries that write to the log themselves, and how an application makes them. Knowledge in `data/libraries.toml`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from floodscan.rules.digest import table
from floodscan.rules.patterns import Pattern, pattern
from floodscan.value import frozen

TEXT = 400
"""Characters of a message that are looked at."""


@frozen
class Library:
    """One library: by what its lines are known, and the calls that make it."""

    title: str
    says: tuple[Pattern, ...]
    frames: tuple[str, ...]
    dependency: str | None
    """What it is a client of."""
    calls: tuple[str, ...]
    imported: tuple[str, ...]
    """Calls that are its own in a file that names one of `modules`."""
    modules: tuple[str, ...]


@lru_cache(maxsize=1)
def libraries() -> tuple[Library, ...]:
    """The known libraries in the order they are asked."""
    raw = table("libraries.toml")
    return tuple(
        Library(
            title=one["title"],
            says=tuple(pattern(text) for text in one.get("says", ())),
            frames=tuple(one.get("frames", ())),
            dependency=one.get("dependency"),
            calls=tuple(one.get("calls", ())),
            imported=tuple(one.get("imported", ())),
            modules=tuple(one.get("modules", ())),
        )
        for one in raw["library"]
    )


def libraries_behind(messages: Iterable[str], frames: Sequence[str], dependency: str | None) -> list[Library]:
    """The libraries that may have written lines, by their words or their stacks; else the clients of what failed."""
    texts = [message[:TEXT] for message in messages]
    paths = ["/" + frame.replace("\\", "/").lstrip("/") for frame in frames]
    said = [
        one
        for one in libraries()
        if any(says.find(text, text.lower()) for says in one.says for text in texts)
        or any(piece in path for piece in one.frames for path in paths)
    ]
    return said or [one for one in libraries() if dependency is not None and one.dependency == dependency]
