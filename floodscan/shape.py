"""The shape of a message: what its author wrote, with a name such as `<num>` where a value stood."""

from __future__ import annotations

from floodscan.digit_words import codes_announced, zeroed
from floodscan.masks import mask
from floodscan.memo import Memo
from floodscan.regex import regex

MASKS_VERSION = 1
"""Part of every signature's id: raised whenever a change of the masks may give a message another shape."""

HEAD_CHARS = 2_000
"""Characters of the first line that make the shape: what tells two messages apart stands there, the rest is payload."""

_UUID = regex(r"\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b")
_NO_UUID = "00000000-0000-0000-0000-000000000000"
_DIGIT = regex(r"\d")
_LIST = regex(r"([\"'`]?<[a-z]+>[\"'`]?)(?:,? ?\1){2,}")
_BLOCK = regex(r"(?<![^ ])((?:[^ ]++ ){1,8}?)\1{2,}")
_TOKEN = regex(r"<[a-z]+>|[^\s<>=:,;()\[\]{}\"'`|]++=?|=")
_REPEATS = regex(r"(.)\1+")

VALUE = "<*>"
"""A value that counts among a signature's words: one straight after `=`, or in a message of fewer than two words."""


_by_text: Memo[str, str] = Memo()
_by_digits: Memo[str, str | None] = Memo()


def shape(text: str) -> str:
    """The first non-empty line of `text`, at most `HEAD_CHARS` of it, with its values masked. Empty for blank text.

    A function of the text alone; never longer than the line by more than its masks, and never on more than one line.
    """
    known = _by_text.get(text)
    if known is not None:
        return known
    line = head(text)
    result = _shape_of_line(line)
    if len(text) <= HEAD_CHARS:
        _by_text.keep(text, result, len(text))
    return result


def head(text: str) -> str:
    """The first non-empty line, cut at the last blank before `HEAD_CHARS` characters (there, if it has no blank)."""
    start = text.lstrip() if text[:1].isspace() else text
    end = HEAD_CHARS + 1
    line = start[:end].splitlines()[0].rstrip() if start else ""
    if len(line) <= HEAD_CHARS:
        return line
    return line.rsplit(None, 1)[0][:HEAD_CHARS]


def _shape_of_line(line: str) -> str:
    """Masks a line; where its digits and UUIDs cannot matter, the line with zeros for them: one answer serves many."""
    plain = masked_digits(line)
    if plain in _by_digits:
        known = _by_digits[plain]
    else:
        known = None if codes_announced(plain) else _collapse(mask(plain))
        if known is not None and _has_digit(known):  # a digit that is kept: it must be the line's own
            known = None
        _by_digits.keep(plain, known, len(plain))
    return _collapse(mask(line)) if known is None else known


def masked_digits(text: str) -> str:
    """The text with zeros for its digits and its UUIDs."""
    return zeroed(_UUID.sub(_NO_UUID, text) if "-" in text else text)


def _has_digit(text: str) -> bool:
    return _DIGIT.search(text) is not None if text.isascii() else any(map(str.isdigit, text))


def settled(text: str) -> bool:
    """Whether all texts of the same `masked_digits` have one shape."""
    line = head(text)
    _shape_of_line(line)
    return _by_digits.get(masked_digits(line)) is not None


def _collapse(masked: str) -> str:
    """`<id>, <id>, <id>` and longer repeated blocks that hold a value become one block and `...`."""
    if masked.count("<") < 3:
        return masked
    listed = _LIST.sub(r"\1...", masked)
    return _BLOCK.sub(lambda m: f"{m[1]}... " if "<" in m[1] else m[0], listed + " ").rstrip()


def words(shaped: str) -> tuple[str, ...]:
    """The constant words of a shape, in order: what a signature is made of.

    Values and punctuation are dropped, for lists and addresses differ in them while the message is the same; a value
    straight after `=` is kept as `<*>` (a field that is there differs from one that is empty). With fewer than two
    words all values are kept, and with neither word nor value the punctuation is.
    """
    found: list[str] = []
    spread: list[str] = []
    after_equals = False
    for token in _TOKEN.findall(shaped):
        if token.isalpha():
            found.append(token)
            spread.append(token)
            after_equals = False
            continue
        if token[0] == "<":
            if after_equals:
                found.append(VALUE)
            if spread[-1:] != [VALUE]:
                spread.append(VALUE)
            after_equals = False
            continue
        after_equals = token[-1] == "="
        word = token.strip("=").strip(".!?*-+#/\\&~^$%@…→—–_")
        if word.isalnum() or any(map(str.isalnum, word)):
            word = f"{word}=" if after_equals else word
            found.append(word)
            spread.append(word)
    if len(found) - found.count(VALUE) >= 2:
        return tuple(found)
    return tuple(spread) or ((_REPEATS.sub(r"\1", shaped),) if shaped else ())
