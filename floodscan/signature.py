"""The identity of a record, and whether it is a failure: functions of that one record."""

from __future__ import annotations

import json
from hashlib import blake2b

import orjson

from floodscan.memo import Memo
from floodscan.model import ErrorInfo, Opacity, Record, Signature
from floodscan.plain_words import Places, taken_out
from floodscan.redact import redact, redact_name
from floodscan.redact.literals import holds_literal
from floodscan.shape import HEAD_CHARS, MASKS_VERSION, head, masked_digits, settled, shape, words

FREE_TEXT = frozenset({"text", "winston-text", "loguru-text", "lambda-text", "journald"})
"""Families whose message is plain text, a daemon's perhaps, with values among its words: these are rolled up."""

NO_MESSAGE = "(no message)"
"""What is shown of a record that says nothing."""

_ID_BYTES = 6
_CLEAN_CLOSE = (1000, 1001)
"""Websocket close codes of an orderly end, RFC 6455 section 7.4.1. HTTP has no status so high."""
_LOWEST_FAILING_STATUS = 400
_FAILURE_LEVELS = frozenset({"warn", "error", "fatal"})

Shapes = tuple[str, ...]
"""The shape of the message, and where it takes part that of its error's text."""
Beside = tuple[str | None, str | None, str | None, int | None, Opacity | None, bool]
"""Logger, type, code, status, opacity, structured."""

Like = tuple[Places, Signature, bool]
"""Where the plain words go, the signature of the sentence with stand-ins, and whether it holds no literal of a secret."""

_by_record: Memo[tuple[object, ...], Signature] = Memo()
_by_identity: Memo[tuple[Shapes, Beside], Signature] = Memo()
_by_zeroed: Memo[tuple[str, Beside], Signature] = Memo()
_by_sentence: Memo[tuple[str, Beside], Like | None] = Memo()


def signature_of(record: Record) -> Signature:
    """The signature of a record: its words, logger, and its error's type, code, status and opacity.

    Two records with one id may have different `text` (the words agree, the values between them need not): who keeps
    one of them takes the smallest, so that the order of reading does not matter.
    """
    message, error = record.message, record.error
    if len(message) > HEAD_CHARS:
        message = head(message)
    if error is None:
        key: tuple[object, ...] = (message, record.logger, record.status, record.family)
        said = ""
    else:
        said = error.message or ""
        if len(said) > HEAD_CHARS:
            said = head(said)
        key = (
            message,
            record.logger,
            record.status,
            record.family,
            said,
            error.key,
            error.type,
            error.code,
            error.status,
            error.opacity,
            error.stack is None,
        )
    known = _by_record.get(key)
    if known is None:
        known = _identify(record, message, said)
        _by_record.keep(key, known, len(message) + len(said))
    return known


def is_failure(record: Record) -> bool:
    """True for an error, a failing status, or a level from warn up.

    A lower level does not acquit, and the word "failed" does not convict. An `ErrorInfo` is made of what is an error
    only: `{}` is, `null`, `false` and `""` are not.
    """
    return record.error is not None or record.level in _FAILURE_LEVELS or is_failing_status(record.status)


def is_failing_status(status: int | None) -> bool:
    """True for HTTP statuses from 400, and for websocket close codes other than an orderly end."""
    return status is not None and status >= _LOWEST_FAILING_STATUS and status not in _CLEAN_CLOSE


def signature_id(signature: Signature) -> str:
    """12 hex digits: a hash of the version of the masks and of all that tells signatures apart (`text` does not)."""
    return _id_of(
        signature.words, signature.logger, signature.type, signature.code, signature.status, signature.opacity
    )


def _id_of(words: tuple[str, ...], *beside: object) -> str:
    return blake2b(_as_json((MASKS_VERSION, words, *beside)), digest_size=_ID_BYTES).hexdigest()


def _as_json(identity: tuple[object, ...]) -> bytes:
    """What `json` writes: `orjson` writes the same, but for what is beyond printable ASCII, in a tenth of the time."""
    try:
        told = orjson.dumps(identity)
    except orjson.JSONEncodeError:  # a lone surrogate
        return json.dumps(identity, separators=(",", ":")).encode()
    if told.isascii() and b"\x7f" not in told:
        return told
    return json.dumps(identity, separators=(",", ":")).encode()


def _identify(record: Record, message: str, said: str) -> Signature:
    error = record.error
    texts = _texts(message, error, said.strip())
    beside: Beside = (
        record.logger,
        error.type if error else None,
        error.code if error else None,
        _failing_status(record),
        error.opacity if error else None,
        record.family not in FREE_TEXT,
    )
    known = _by_plain_words(texts[0], beside) if len(texts) == 1 else None
    if known is not None:
        return known
    identity = (tuple(map(shape, texts)), beside)
    known = _by_identity.get(identity)
    if known is None:
        known = _signature(*identity)
        _by_identity.keep(identity, known, sum(map(len, identity[0])))
    return known


def _by_plain_words(text: str, beside: Beside) -> Signature | None:
    """The signature of a text by that of one with stand-ins for its plain words; None where it has to be found itself."""
    zeroed = masked_digits(text)
    key = (zeroed, beside)
    known = _by_zeroed.get(key)
    if known is not None:
        return known
    taken = taken_out(zeroed)
    if taken is None or len(taken.sentence) > HEAD_CHARS:  # stand-ins may be longer: it would be cut elsewhere
        return None
    place = (taken.sentence, beside)
    if place in _by_sentence:
        like = _by_sentence[place]
    else:
        like = _like(taken.sentence, beside)
        _by_sentence.keep(place, like, len(taken.sentence))
    if like is None:
        return None
    places, of, harmless = like
    shown, constant = places.filled(taken.words)
    if not (harmless and taken.harmless):
        shown = redact(shown)
    id_ = _id_of(constant, of.logger, of.type, of.code, of.status, of.opacity)
    known = Signature(id_, shown, constant, of.logger, of.type, of.code, of.status, of.opacity, of.structured)
    _by_zeroed.keep(key, known, len(zeroed))
    return known


def _like(sentence: str, beside: Beside) -> Like | None:
    """What the signatures of a sentence with stand-ins have in common; None where its digits could change the shape."""
    shaped = shape(sentence)
    if not settled(sentence):
        return None
    of = _signature((shaped,), beside)
    return Places(shaped, of.words), of, of.text == shaped and not holds_literal(shaped.lower())


def _signature(shapes: Shapes, beside: Beside) -> Signature:
    *said, status, opacity, structured = beside
    logger, type_, code = (None if name is None else redact_name(name) for name in said)
    text = ": ".join(part.rstrip(":") for part in shapes) if len(shapes) > 1 else shapes[0]
    constant = tuple(word for part in shapes for word in words(part))
    shown = redact(text) or NO_MESSAGE
    id_ = _id_of(constant, logger, type_, code, status, opacity)
    return Signature(id_, shown, constant, logger, type_, code, status, opacity, structured)


def _failing_status(record: Record) -> int | None:
    """The status of the answer where it fails, else the error's. Answers that are no failure are all one."""
    if is_failing_status(record.status):
        return record.status
    if record.error is not None and is_failing_status(record.error.status):
        return record.error.status
    return None


def _texts(message: str, error: ErrorInfo | None, said: str) -> tuple[str, ...]:
    """What the record says: its message, or its error's where the message is empty or repeats it.

    A fixed message with another error text each time is one signature, whose samples tell the texts apart; but where
    the error is nothing but a text (`"error":"dial tcp ..."`), that alone tells two failures apart: it takes part.
    """
    if error is not None and _repeats(message, error.type, said):
        return (said if shape(said) else message,)
    if error is None or not said or said in message or not _is_plain_text(error):
        return (message,)
    return (message, said)


def by_message_alone(message: str, error: ErrorInfo) -> bool:
    """Whether a record's message alone takes part in its signature beside such an error, whatever its words are."""
    if " " not in message.strip() or " " in (error.type or "") or message.lstrip().startswith((f"{error.type}:", "Error:")):
        return False
    return not error.message or not _is_plain_text(error)


def _repeats(message: str, type_: str | None, said: str) -> bool:
    """Whether a message says nothing beside its error: `""`, `TypeError`, `TypeError: fetch failed`."""
    text = message.strip().partition("\n")[0].rstrip()
    said = said.partition("\n")[0].rstrip()
    bare = text.rstrip(" :")
    return bare in ("", "Error", type_) or (said != "" and text in (f"{type_}: {said}", f"Error: {said}"))


def _is_plain_text(error: ErrorInfo) -> bool:
    """Whether a field holds nothing but a text. What was read out of the message itself (`text`) is no field."""
    bare = error.type is None and error.code is None and error.opacity is None and error.stack is None
    return bare and error.key != "text"
