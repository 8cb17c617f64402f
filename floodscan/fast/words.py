"""Messages without their plain words: what lines that differ in them have in common, once signatures are coarse.

A log in which every message is new soon has more signatures than a profile keeps, and they are made coarser. From then on
most of a message's words make no difference to anything that is counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from floodscan.decode.details import AROUND, TEXT_MARKS, WORDS
from floodscan.decode.error_text import MARKS
from floodscan.fast.policy import MESSAGE_KEYS
from floodscan.model import Record
from floodscan.plain_words import ASKED_FOR, TELLING, is_plain_word, taken_out
from floodscan.signature import by_message_alone

KEPT: Final = tuple(sorted(word for word in TELLING | WORDS if is_plain_word(word)))
"""Words that are not left out, for a pattern asks for them."""
PARTS: Final = tuple(
    sorted({*ASKED_FOR, *(mark.strip() for mark in (*TEXT_MARKS, *MARKS) if is_plain_word(mark.strip()))})
)
"""A word that holds one of these is not left out."""
STEMS: Final = ("qj", "qjqjqjqjqjqjqj")
"""Begins of words that stand for the others, where it is tried whether they matter: short ones, and long ones."""


def with_others(message: bytes, stem: str) -> bytes:
    """The message with another word for each of its plain ones."""
    text = message.decode()
    taken = taken_out(text)
    free = [] if taken is None else [word for word in taken.words if not _is_kept(word)]
    others = {word: f"{stem}{chr(ord('a') + number % 26)}" for number, word in enumerate(free)}
    return " ".join([others.get(word, word) for word in text.split(" ")]).encode()


def _is_kept(word: str) -> bool:
    return word in KEPT or any(part in word for part in PARTS)


def words_matter_not(record: Record, obj: Mapping[str, Any]) -> bool:
    """Whether other plain words in the message leave all of the record as it is but for its signature."""
    message, error = record.message, record.error
    if any(mark in message for mark in TEXT_MARKS) and AROUND.search(message):
        return False
    if error is None:
        return not any(mark in message for mark in MARKS)
    return error.key in obj and error.key not in MESSAGE_KEYS and by_message_alone(message, error)
