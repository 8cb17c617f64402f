r"""Makes text harmless. `safe` is the one place where log text becomes `Safe`, that is, fit to be shown.

What it takes away: whatever moves a cursor, hides or reorders text, opens a link, or is a command to the CI system that
prints it. Each such character becomes visible text (`\x1b`, `\u202e`), so that nothing vanishes.
"""

from __future__ import annotations

import re

from floodscan.model import Safe
from floodscan.regex import regex

OPEN, CLOSE = "\ue000", "\ue001"
"""Around the tags that `redact` leaves in place of secrets: private-use characters, which no log has a use for."""

TAG = regex(f"{OPEN}([a-z][a-z-]{{0,30}}):([0-9a-f]{{12}}){CLOSE}")
"""A tag: (kind, fingerprint). The fingerprint is never shown."""

_UNSAFE = regex(
    "["
    "\x00-\x1f\x7f-\x9f"  # C0, DEL, C1: escapes, cursor, OSC, DCS
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # bidirectional marks, embeddings, overrides, isolates
    "\u2028\u2029"  # line and paragraph separators
    # without width
    "\xad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200d\u2060-\u2065\u206a-\u206f\u3164\ufeff\uffa0"
    "\ufe00-\ufe0d"  # variation selectors, but for those of text and emoji
    "\U000e0000-\U000e0fff"  # tag characters, further variation selectors
    "\ufff9-\ufffb\ufffe\uffff\ufdd0-\ufdef"  # interlinear marks, noncharacters
    "\ud800-\udfff"  # lone surrogates: they can't be encoded
    f"{OPEN}{CLOSE}"
    "]+"
)
_AZURE = regex(r"##(?=[a-z]{0,16}\[)", re.IGNORECASE)
_COMMAND = regex(r"(?<!\S)::(?=[A-Za-z][\w-]{0,64}(?:::|\s))")
_COMMAND_LINE = regex(r"^((?:[^\S\n]|\x1b\[[0-9;]{0,16}m)*)::(?=[A-Za-z])", re.MULTILINE)


def safe(text: str, *, multiline: bool = False) -> Safe:
    r"""The text with everything harmful made visible; a newline is kept only if `multiline`, else it reads `\n`.

    Never raises; `safe(safe(text)) == safe(text)`. Tags that no `Tagger` has named are shown as their kind, `<jwt>`.
    """
    if not (text.isascii() and text.isprintable()):
        if OPEN in text:
            text = TAG.sub(r"<\1>", text)
        if multiline:
            text = "\n".join(_UNSAFE.sub(_visible, line) for line in text.replace("\r\n", "\n").split("\n"))
        else:
            text = _UNSAFE.sub(_visible, text)
    if "##" in text:
        text = _AZURE.sub(r"#\\x23", text)
    if "::" in text:
        text = _COMMAND.sub(r"\\x3a:", text)
    return Safe(text)


def trusted(text: str) -> Safe:
    """Our own words, with parts that are `Safe` already."""
    return Safe(text)


def without_commands(page: str) -> str:
    r"""A finished page in which no line is a workflow command, not even one that wrapping has moved to a line's start.

    GitHub reads `::name::` at the start of a line, Azure and older GitHub runners `##[name]` anywhere.
    """
    if "::" in page:
        page = _COMMAND_LINE.sub(r"\1\\x3a:", page)
    return _AZURE.sub(r"#\\x23", page) if "##" in page else page


def _visible(match: re.Match[str]) -> str:
    return match[0].translate(_SHOWN)


class _Shown(dict[int, str]):
    """What stands for a harmful character, by its code; each is worked out once, and there are some six thousand."""

    def __missing__(self, code: int) -> str:
        digits = f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
        self[code] = digits
        return digits


_SHOWN = _Shown({ord("\n"): r"\n", ord("\r"): r"\r", ord("\t"): " "})
