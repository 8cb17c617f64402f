"""The identity of a record, and whether it is a failure: functions of that one record."""

from __future__ import annotations

import json
from hashlib import blake2b

from floodscan.dataclass import replace
from floodscan.memo import Memo
from floodscan.model import ErrorInfo, Opacity, Record, Signature
from floodscan.redact import redact, redact_name
from floodscan.shape import HEAD_CHARS, MASKS_VERSION, head, shape, words

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
Identity = tuple[Shapes, str | None, str | None, str | None, int | None, Opacity | None, bool]
"""Shapes, logger, type, code, status, opacity, structured."""

_by_record: Memo[tuple[object, ...], Signature] = Memo()
_by_identity: Memo[Identity, Signature] = Memo()


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
    identity = (
        MASKS_VERSION,
        signature.words,
        signature.logger,
        signature.type,
        signature.code,
        signature.status,
        signature.opacity,
    )
    return blake2b(json.dumps(identity, separators=(",", ":")).encode(), digest_size=_ID_BYTES).hexdigest()


def _identify(record: Record, message: str, said: str) -> Signature:
    error = record.error
    identity: Identity = (
        _shapes(message, error, said),
        record.logger,
        error.type if error else None,
        error.code if error else None,
        _failing_status(record),
        error.opacity if error else None,
        record.family not in FREE_TEXT,
    )
    known = _by_identity.get(identity)
    if known is None:
        known = _signature(identity)
        _by_identity.keep(identity, known, sum(map(len, identity[0])))
    return known


def _signature(identity: Identity) -> Signature:
    shapes, *said, status, opacity, structured = identity
    logger, type_, code = (None if name is None else redact_name(name) for name in said)
    text = ": ".join(part.rstrip(":") for part in shapes) if len(shapes) > 1 else shapes[0]
    constant = tuple(word for part in shapes for word in words(part))
    shown = redact(text) or NO_MESSAGE
    signature = Signature("", shown, constant, logger, type_, code, status, opacity, structured)
    return replace(signature, id=signature_id(signature))


def _failing_status(record: Record) -> int | None:
    """The status of the answer where it fails, else the error's. Answers that are no failure are all one."""
    if is_failing_status(record.status):
        return record.status
    if record.error is not None and is_failing_status(record.error.status):
        return record.error.status
    return None


def _shapes(message: str, error: ErrorInfo | None, said: str) -> Shapes:
    """The shape of what the record says: of its message, or of its error's where the message is empty or repeats it.

    A fixed message with another error text each time is one signature, whose samples tell the texts apart; but where
    the error is nothing but a text (`"error":"dial tcp ..."`), that alone tells two failures apart: it takes part.
    """
    said = said.strip()
    if error is not None and _repeats(message, error.type, said):
        return (shape(said) or shape(message),)
    if error is None or not said or said in message or not _is_plain_text(error):
        return (shape(message),)
    return (shape(message), shape(said))


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
