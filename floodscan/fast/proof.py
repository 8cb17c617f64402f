"""Whether the records of all lines of a form follow from one of them: what else could read a value that the form leaves out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from floodscan.decode import ids
from floodscan.decode.codes import MARKS as CODE_MARKS
from floodscan.decode.codes import clean_code
from floodscan.decode.details import COMMON, IN_ERRORS, MAX_DETAILS, TEXT_MARKS, details_of, read_text
from floodscan.decode.error_object import TYPED_MESSAGE
from floodscan.decode.error_shape import looks_like_error
from floodscan.decode.error_text import MARKS
from floodscan.decode.errors import NEVER_ERRORS
from floodscan.decode.parts import METHODS
from floodscan.fast.policy import (
    DETAIL,
    ERRORS,
    KEEP,
    MESSAGE,
    MESSAGE_KEYS,
    NESTED,
    PROCESS,
    SAID,
    TIME,
    Path,
    Slot,
)
from floodscan.model import ErrorInfo, Record
from floodscan.profile.coarse import coarse, scene_class
from floodscan.shape import masked_digits, settled
from floodscan.signature import is_failure, signature_of

FRACTION: Final = 2
"""Stands for a number that is not whole where it is said whether a value is a text."""
_HEX: Final = str.maketrans("123456789abcdefABCDEF", "0" * 21)
_DIGITS: Final = frozenset(b"0123456789")
_OTHER_DIGITS: Final = bytes.maketrans(b"0123456789", b"7894561230")


def identity_of(record: Record, coarseness: int = 0) -> tuple[object, ...]:
    """What all lines of a form must have in common, beside their errors and details where they fail.

    `coarseness`: that from which on their signatures need be the same.
    """
    signature, failure = signature_of(record), is_failure(record)
    what = record.level, record.family, record.logger, record.status, record.process is None, record.dated, record.subsecond
    return *what, failure and scene_class(signature), coarse(signature, coarseness)


def but_said(error: ErrorInfo | None) -> ErrorInfo | None:
    """An error without what it says."""
    return None if error is None else replace(error, message="" if error.message else None)


def may_vary(said: bytes) -> bool:
    """Whether what an error says has something that is cut from it: a digit, or a UUID."""
    return b"-" in said or any(map(_DIGITS.__contains__, said))


def another(value: bytes, how: int, is_text: int, number: int) -> bytes:
    """Another value that the kernel would take in a value's place."""
    if how == TIME:
        return _another_time(value)
    if how in (MESSAGE, SAID):
        return value.translate(_OTHER_DIGITS)
    if how == KEEP or not value:
        return value
    if is_text == FRACTION:
        return b"70.125"
    if not is_text:
        return b"%d" % (70_001 + number)
    return b"7d1c9f7e-3b52-4c5e-8a90-%012d" % number if how != PROCESS else b"another-host"


def _another_time(value: bytes) -> bytes:
    """Another time in the same form: milliseconds, a time of day, or one with its date."""
    if value.isdigit():
        return b"1712345678901"
    told = b"04:05:06.789" if value[2:3] == b":" else b"2025-02-03%b04:05:06.789" % value[10:11]
    return told[: len(value)] + value[len(told) :]


def fields_in(value: object) -> int:
    """The number of keys in a value, at any depth."""
    if isinstance(value, dict):
        return len(value) + sum(map(fields_in, value.values()))
    return sum(map(fields_in, value)) if isinstance(value, list) else 0


def fields_written(text: str) -> int:
    """The number of keys that are written in a line of JSON, with those that stand twice."""
    count = 0

    def pairs(items: list[tuple[str, Any]]) -> None:
        nonlocal count
        count += len(items)

    json.loads(text, object_pairs_hook=pairs)
    return count


def visited_by_ids(obj: Mapping[str, Any], above: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
    """Where `ids_of` looks."""
    found: set[tuple[str, ...]] = set()
    for key, value in obj.items():
        if key in ids.PLUMBING:
            continue
        if type(value) is dict:
            if value and len(above) + 1 < ids.MAX_DEPTH and ids.entered(key, value):
                found |= visited_by_ids(value, (*above, key))
        else:
            found.add((*above, key))
    return found


def process_text(name: bytes) -> str | None:
    """A process as `process_of` prints it, from the kernel's name for it: pid, a byte 1, host."""
    pid, _, host = name.decode().partition("\x01")
    return f"{pid}@{host}" if pid and host else pid or host or None


def only_message(obj: Mapping[str, Any]) -> str:
    """The one text under the keys of messages; an empty one where there are two."""
    found = [obj[name] for name in MESSAGE_KEYS if isinstance(obj.get(name), str)]
    return found[0] if len(found) == 1 else ""


def as_cut(record: Record, obj: Mapping[str, Any], message: str, time: int, slots: list[Slot]) -> bool:
    """Whether the record has the time, the process and the message that were cut from the line, and no others."""
    if not message or record.message != message:
        return False
    if record.time != time or record.service is not None or [policy for _, _, policy, *_ in slots].count(TIME) != 1:
        return False
    pid, host = obj.get("pid"), obj.get("hostname")
    whole = (pid is None or type(pid) is int) and (host is None or isinstance(host, str))
    told = process_text(f"{'' if pid is None else pid}\x01{host or ''}".encode()) if whole else None
    if record.process is not None:
        return record.process == told and "process" not in obj
    return True


def follows_from_loose(
    record: Record, failure: bool, obj: Mapping[str, Any], slots: list[tuple[Path, bytes, int]]
) -> bool:
    """Whether the record follows from the line's loose form: from no detail, digit or inner value that it leaves out."""
    message, error = record.message, record.error
    if failure and not _separate(record, obj, [(path, value) for path, value, how in slots if how == DETAIL]):
        return False
    inner = {path.keys[0] for path, _, how in slots if how in (NESTED, DETAIL) and len(path.keys) > 1}
    if any(type(obj.get(key)) is dict and _may_be_error(key, obj[key]) for key in inner):
        return False
    if not any(how == MESSAGE for _, _, how in slots):
        return True  # it is kept as it stands
    if masked_digits(message) == message and not any(map(str.isdigit, message)):
        return True
    if not settled(message) or message.endswith("}") or "HTTP/" in message or message.startswith(METHODS):
        return False
    if error is None and any(mark in message for mark in MARKS):
        return False
    if error is None:
        return True
    bare = masked_digits(message.strip().rstrip(" :"))
    if bare in ("", "Error", masked_digits(error.type or "")):
        return False
    return not _stands_in(error.message or "", message)


def _stands_in(said: str, message: str) -> bool:
    """Whether an error's text stands in a message, or could with other digits and UUIDs in it."""
    said = said.strip()
    return said != "" and (masked_digits(said) in masked_digits(message) or _unhexed(said) in _unhexed(message))


def _unhexed(text: str) -> str:
    """With zeros for hex digits, those of words among them: what a UUID may hold."""
    return text.translate(_HEX)


def says_by_the_way(error: ErrorInfo | None, obj: Mapping[str, Any]) -> bool:
    """Whether nothing but the sample of its messages follows from the digits of what an error says."""
    said = [obj[key]["message"] for key in ERRORS if type(obj.get(key)) is dict and "message" in obj[key]]
    if error is None or len(said) != 1 or error.key not in ERRORS or error.message != said[0] or error.causes:
        return False
    text = said[0]
    if masked_digits(text) == text and not any(map(str.isdigit, text)):
        return True
    if not (error.type or error.code) or TYPED_MESSAGE.match(text) or any(mark in text for mark in TEXT_MARKS):
        return False
    code = clean_code(obj[error.key].get("code"))
    if any(mark in text for mark in CODE_MARKS) and (
        code is None or code != error.code or (code.isdigit() and len(code) < 3)
    ):
        return False
    return not (error.stack and any(map(str.isdigit, error.stack.partition("\n")[0])))


def _separate(record: Record, obj: Mapping[str, Any], slots: list[tuple[Path, bytes]]) -> bool:
    """Whether each detail that was cut is one of the record's, by its value alone."""
    told, names = dict(record.details), [COMMON[path.keys[-1]] for path, _ in slots]
    if len(set(names)) < len(names) or len(told) >= MAX_DETAILS or not _told_first(obj).isdisjoint(names):
        return False
    return all(value and told.get(name) == value.decode() for name, (_, value) in zip(names, slots, strict=True))


def tellers(record: Record, obj: Mapping[str, Any]) -> tuple[frozenset[str] | None, frozenset[str]]:
    """Names of the details that a failure's message tells, and of those that other fields tell, which go before.

    None for the message's where neither a digit nor a UUID in it can change what it tells.
    """
    message = record.message
    varies = masked_digits(message) != message or any(map(str.isdigit, message))
    error = None if record.error is None else replace(record.error, message=None, causes=())
    return (
        frozenset(name for name, _ in read_text(message)) if varies and any(m in message for m in TEXT_MARKS) else None,
        frozenset(name for name, _ in details_of(obj, error, "")),
    )


def _told_first(obj: Mapping[str, Any]) -> set[str]:
    """Names of details that an error somewhere in a record may tell, which go before the record's own."""
    found: set[str] = set()
    for key, value in obj.items():
        if type(value) is dict and key not in ("req", "request"):
            found |= {IN_ERRORS[name] for name in value if name in IN_ERRORS} | _told_first(value)
    return found


def _may_be_error(key: str, value: Mapping[str, Any]) -> bool:
    return key not in NEVER_ERRORS and looks_like_error(value)
