"""Terminal escape sequences, removed."""

from __future__ import annotations

from typing import Final

from floodscan.regex import regex

# Each alternative begins at an escape and can't run over another, so that the whole is linear on any input.
_ESCAPE: Final = regex(
    r"\x1b(?:"
    r"\[[0-?]*[ -/]*[@-~]"  # colours, cursor (CSI)
    r"|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)"  # titles, links, device strings (OSC, DCS, ...)
    r"|[ -/]+[0-~]"  # character sets
    r"|[0-OQ-WYZ\\`-~]"  # single functions
    r")"
)


def without_ansi(text: str) -> str:
    """`text` without colours, cursor movements, titles and other escape sequences; a stray escape stays."""
    return _ESCAPE.sub("", text) if "\x1b" in text else text
