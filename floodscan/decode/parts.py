"""What a family decoder hands over, and the few readings that most families share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NamedTuple

import orjson

from floodscan.model import ErrorInfo, Level
from floodscan.regex import regex


class Parts(NamedTuple):
    """The parts of one record, read from one JSON object. `json_record` makes a `Record` of them."""

    body: Mapping[str, Any]
    """Where ids, details and an error are looked for: the object itself, or its flattened inside."""
    message: str | None = None
    time: object = None
    """As printed: `times.parse_time` reads it."""
    level: Level | None = None
    logger: str | None = None
    process: str | None = None
    error: ErrorInfo | None = None
    status: int | None = None


class Family(NamedTuple):
    """One module of this folder that reads a family of JSON logs."""

    name: str
    order: int
    """Families are asked in this order; the one that knows its own by the surest key comes first."""
    samples: tuple[str, ...]
    matches: Callable[[Mapping[str, Any]], bool]
    decode: Callable[[Mapping[str, Any]], Parts]


_STATUS_KEYS: Final = (
    "statusCode", "status", "status_code", "httpStatus", "http.response.status_code", "http.status_code", "closeCode",
    "close_code",
)  # fmt: skip
_ANSWERS: Final = ("res", "response", "httpRequest", "http")
_STATUS_BEARING: Final = frozenset((*_STATUS_KEYS, *_ANSWERS, "meta"))
LOGGER_KEYS: Final = (
    "logger", "logger_name", "loggerName", "name", "context", "module", "component", "scope", "class", "category",
    "target", "label", "caller_name", "subsystem",
)  # fmt: skip
_WS_CODES: Final = range(1000, 5000)
_MAX_LOGGER = 120
METHODS: Final = ("GET ", "POST ", "PUT ", "PATCH ", "DELETE ", "HEAD ", "OPTIONS ")
# Common log format, and morgan's `dev` and `tiny`: method, path, status, then a time or a size.
_ACCESS = regex(r" HTTP/\d(?:\.\d)?\" ([1-5]\d\d)\b|\A[A-Z]{3,7} /\S{0,2000} ([1-5]\d\d) (?:[\d.]+ ?ms|[\d-])")
_MAX_ACCESS = 4_096


def text_of(value: object) -> str | None:
    """A message as text: strings as they are, numbers as digits, objects and lists as compact JSON; None for null."""
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return str(value)
    try:
        return orjson.dumps(value).decode()
    except (TypeError, orjson.JSONEncodeError):
        return None  # an integer over 64 bits, somewhere inside


def first_text(obj: Mapping[str, Any], keys: Iterable[str]) -> str | None:
    """The first of `keys` that holds a non-empty text."""
    for key in keys:
        value = obj.get(key)
        if isinstance(value, str) and value:
            return value
    return None


def first_value(obj: Mapping[str, Any], keys: Iterable[str]) -> object:
    """The first of `keys` that is there and not null."""
    for key in keys:
        value = obj.get(key)
        if value is not None:
            return value
    return None


def logger_of(obj: Mapping[str, Any], keys: Iterable[str] = LOGGER_KEYS) -> str | None:
    """The logger, context, module or unit that a record names."""
    text = first_text(obj, keys)
    return text if text is not None and len(text) <= _MAX_LOGGER else None


def process_of(obj: Mapping[str, Any]) -> str | None:
    """`pid@host`, or the one of them that there is."""
    pid, host = obj.get("pid"), obj.get("hostname")
    if type(pid) is int:
        return f"{pid}@{host}" if isinstance(host, str) and host else str(pid)
    return host if isinstance(host, str) and host else None


def status_of(obj: Mapping[str, Any]) -> int | None:
    """The HTTP status of the answer that a record reports, or a websocket close code under its own key."""
    if _STATUS_BEARING.isdisjoint(obj):
        return _status_under_any_key(obj)
    for name in _ANSWERS:
        answer = obj.get(name)
        if type(answer) is dict:
            found = _status(answer.get("statusCode", answer.get("status", answer.get("status_code"))))
            if found is None and type(answer.get("response")) is dict:
                found = _status(answer["response"].get("status_code"))
            if found is not None:
                return found
    for key in _STATUS_KEYS:
        value = obj.get(key)
        if value is not None:
            if key[:5] == "close":
                return value if type(value) is int and value in _WS_CODES else None
            found = _status(value)
            if found is not None:
                return found
    meta = obj.get("meta")
    return status_of(meta) if type(meta) is dict and "meta" not in meta else None


def _status_under_any_key(obj: Mapping[str, Any]) -> int | None:
    """pino-http lets an application rename `res`: an object with a `statusCode` that is no error is an answer."""
    for value in obj.values():
        if type(value) is dict and "statusCode" in value and "message" not in value and "stack" not in value:
            return _status(value["statusCode"])
    return None


def status_in_text(text: str) -> int | None:
    """The status in an access line that was logged as a message (morgan, Apache, nginx), else None."""
    if "HTTP/" not in text and not text.startswith(METHODS):
        return None
    match = _ACCESS.search(text[:_MAX_ACCESS])
    return int(match[1] or match[2]) if match else None


def _status(value: object) -> int | None:
    if type(value) is int:
        return value if 100 <= value <= 599 else None
    if isinstance(value, str) and len(value) == 3 and value.isascii() and value.isdigit() and "1" <= value[0] <= "5":
        return int(value)
    return None
