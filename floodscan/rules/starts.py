"""What runtimes and frameworks print when a process starts. Knowledge in `data/starts.toml`."""

from __future__ import annotations

from functools import lru_cache

from floodscan.rules.digest import table
from floodscan.rules.patterns import Pattern, pattern
from floodscan.value import frozen

TEXT = 200
"""Characters of a message that are looked at: a banner says it at once."""


@frozen
class Start:
    """One line by which a start is known."""

    name: str
    """Of what prints it."""
    message: Pattern
    source: str
    """The version that was run, or the file in which the text was read."""
    sample: str
    begins: bool = False
    """Whether it stands before the application's own lines; else it is printed once the process serves."""


@lru_cache(maxsize=1)
def starts() -> tuple[Start, ...]:
    """The known lines."""
    raw = table("starts.toml")
    return tuple(
        Start(one["name"], pattern(one["message"]), one["source"], one["sample"], one.get("begins", False))
        for one in raw["start"]
    )


def start_in(message: str) -> Start | None:
    """The start that a message tells of, or None."""
    return _start_in(message[:TEXT])


def begins(message: str) -> bool:
    """Whether a message is printed before the application's own code runs."""
    start = start_in(message)
    return start is not None and start.begins


@lru_cache(maxsize=4096)
def _start_in(text: str) -> Start | None:
    return next((one for one in starts() if one.message.find(text, text.lower())), None)
