"""Words of a message that no mask and no form of a secret asks for: any others in their place would be treated alike.

A log in which every message is new mostly has new words in old sentences. What such a sentence says is worked out once,
with stand-ins for its plain words, and they are put back. `tests/test_plain_words.py` holds this to what is worked out
for each message by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from floodscan.redact.literals import LITERALS
from floodscan.regex import regex

_SHORTEST, _LONGEST = 3, 15
"""Letters. Shorter words are units and cues; longer ones may be base64 or a key."""
_MARK: Final = "zqj"
"""Begins each stand-in; a text that has it anywhere is left alone."""
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"  # those of `string`, whose templates would cost 4 ms at each start
_STAND_INS: Final = tuple(_MARK + first + second for first in "abcd" for second in _LETTERS)

TELLING: Final = frozenset(
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


def _any_of(parts: Iterable[str]) -> re.Pattern[str]:
    """A pattern of any of these, by their first letters, which is twice as fast."""
    rests: dict[str, list[str]] = {}
    for part in sorted(set(parts)):
        rests.setdefault(part[0], []).append(part[1:])
    return regex("|".join(f"{first}(?:{'|'.join(of)})" for first, of in rests.items()))


ASKED_FOR: Final = tuple(sorted({*_ENDS, *(literal for literal in LITERALS if literal.isalpha())}))
"""What a pattern asks for in a part of a word: the ends of telling ones, and the literals of secrets."""
_IS_TELLING = _any_of(_ENDS)
_IS_ASKED_FOR = _any_of(ASKED_FOR)
_WORD = regex(rf"(?<![^ ])[a-z]{{{_SHORTEST},{_LONGEST}}}(?![^ ])")


def is_plain_word(word: str) -> bool:
    """Whether it has the form of one, whatever it says."""
    return word.isascii() and word.isalpha() and word.islower() and _SHORTEST <= len(word) <= _LONGEST


class Taken(NamedTuple):
    """A text whose plain words were taken out."""

    sentence: str
    """With a stand-in for each."""
    words: tuple[str, ...]
    """Each once, in the order in which they come."""
    harmless: bool
    """Whether no literal of a secret stands in one of them."""


def taken_out(text: str) -> Taken | None:
    """The text without its plain words; None where it has none, or is not one line of words with blanks between them."""
    if not text.isprintable() or text[:1] == " " or text[-1:] == " " or _MARK in text:
        return None
    words, harmless = [word for word in dict.fromkeys(_WORD.findall(text)) if word not in TELLING], True
    if _IS_ASKED_FOR.search(" ".join(words)):
        words, harmless = [word for word in words if not _IS_TELLING.search(word)], False
    if not words or len(words) > len(_STAND_INS):
        return None
    names = dict(zip(words, _STAND_INS, strict=False))
    return Taken(" ".join([names.get(piece, piece) for piece in text.split(" ")]), tuple(words), harmless)


class Places:
    """Where the stand-ins of a sentence stand in a text and in a tuple of words that were made of it."""

    __slots__ = ("_chosen", "_fixed", "_text")

    def __init__(self, text: str, words: tuple[str, ...]) -> None:
        number = {name: at for at, name in enumerate(_STAND_INS)}
        shown = (f"{{{number[piece]}}}" if piece in number else _escaped(piece) for piece in text.split(" "))
        self._text = " ".join(shown)
        self._fixed = words
        self._chosen = [len(words) + number[word] if word in number else at for at, word in enumerate(words)]

    def filled(self, plain: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
        """The text and the words with plain words in the stand-ins' places."""
        known = self._fixed + plain
        return self._text.format(*plain), tuple([known[at] for at in self._chosen])


def _escaped(piece: str) -> str:
    return piece.replace("{", "{{").replace("}", "}}")
