"""Words of a message that no mask and no form of a secret asks for: any others in their place would be treated alike.

A log in which every message is new mostly has new words in old sentences. What such a sentence says is worked out once,
with stand-ins for its plain words, and they are put back. `tests/test_plain_words.py` holds this to what is worked out
for each message by itself.
"""

from __future__ import annotations

from string import ascii_lowercase
from typing import Final

from floodscan.redact.literals import LITERALS
from floodscan.regex import regex

_SHORTEST, _LONGEST = 3, 15
"""Letters. Shorter words are units and cues; longer ones may be base64 or a key."""
_MARK: Final = "zq"
"""Begins each stand-in; a text that has it anywhere is left alone."""
_STAND_INS: Final = tuple(_MARK + first + second for first in "abcd" for second in ascii_lowercase)

_TELLING: Final = frozenset(
    # Beside a number: a unit, or the word that makes it a code.
    "sec min code signal errno error sqlstate status returned responded answered failed with was "
    # Beside a quoted word: what it names (`quoted_words.py`).
    "reading setting calling property properties column columns relation table tables field fields function functions "
    "method methods constraint index schema class parameter parameters argument arguments variable variables command "
    "commands option options header headers hook hooks plugin plugins event events module package export import into "
    "join update keyword operator role database collection model enum expected unexpected "
    # After `=`: no value.
    "true false undefined null none nil missing empty".split()
)
"""Words that say what a value beside them is."""
_ENDS: Final = (
    "status", "verification", "otp", "sms", "pin", "zip", "postal", "promo", "coupon", "invite", "access", "country",
    "currency", "login", "passw", "passphrase", "pwd", "secret", "token", "key", "authorization", "cookie", "credential",
    "bearer", "basic",
)  # fmt: skip
"""The same, where a pattern looks at the end of a word alone (`masks.py`, `digit_words.py`)."""


_BY_FIRST: dict[str, list[str]] = {}
for _part in sorted({*_ENDS, *(literal for literal in LITERALS if literal.isalpha())}):
    _BY_FIRST.setdefault(_part[0], []).append(_part[1:])
_TELLING_PART = regex("|".join(f"{first}(?:{'|'.join(rests)})" for first, rests in _BY_FIRST.items()))
"""What no plain word holds. By their first letters, which is twice as fast."""
_WORD = regex(rf"(?<![^ ])[a-z]{{{_SHORTEST},{_LONGEST}}}(?![^ ])")


def taken_out(text: str) -> tuple[str, tuple[str, ...]] | None:
    """The text with stand-ins for its plain words, and these words, each once, in the order in which they come.

    None where it has none, or is not one line of words with blanks between them.
    """
    if not text.isprintable() or text[:1] == " " or text[-1:] == " " or _MARK in text:
        return None
    words = [word for word in dict.fromkeys(_WORD.findall(text)) if word not in _TELLING]
    if _TELLING_PART.search(" ".join(words)):
        words = [word for word in words if not _TELLING_PART.search(word)]
    if not words or len(words) > len(_STAND_INS):
        return None
    names = dict(zip(words, _STAND_INS, strict=False))
    return " ".join([names.get(piece, piece) for piece in text.split(" ")]), tuple(words)


def named(words: tuple[str, ...]) -> dict[str, str]:
    """Each stand-in's word."""
    return dict(zip(_STAND_INS, words, strict=False))
