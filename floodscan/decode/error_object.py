"""One value to one `ErrorInfo`: objects, texts and lists, as each library's errors look once a logger printed them."""

from __future__ import annotations

import json
import marshal
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from floodscan.decode.codes import clean_code, code_in_text, is_library_code
from floodscan.decode.error_shape import STACK_KEYS, joined_characters, looks_like_error, stack_text
from floodscan.decode.error_text import StackTop, error_from_text, read_stack
from floodscan.memo import Memo
from floodscan.model import ErrorInfo, Opacity
from floodscan.regex import regex

_MESSAGE_KEYS: Final = (
    "message", "msg", "errorMessage", "error_message", "exc_value", "error_description", "description", "value",
    "title",
)  # fmt: skip
_TYPE_KEYS: Final = ("type", "name", "errorType", "exc_type", "class", "kind", "@type")
_CODE_KEYS: Final = ("code", "errorCode", "error_code", "errCode", "sqlState", "sqlstate", "Code", "errno")
_STATUS_KEYS: Final = ("statusCode", "status", "status_code", "httpStatus", "http_status")
_CAUSE_KEYS: Final = (
    "cause", "aggregateErrors", "errors", "error", "err", "originalError", "original", "parent", "inner", "innerError",
    "innerException", "reason", "raw", "driverError", "exception", "previous",
)  # fmt: skip
_CAUSE_BEARING: Final = frozenset((*_CAUSE_KEYS, "details", "detail", "response"))
_GENERIC_TYPES: Final = frozenset({"Error", "Object", "error", "DOMException", "object"})
_PLACEHOLDERS: Final = frozenset(
    {"[object object]", "[object error]", "undefined", "error", "null", "none", "nil", "<nil>", "nan", "true"}
)
TYPED_MESSAGE = regex(r"([A-Z]\w{0,80}(?:Error|Exception)): ", needs=("Error: ", "Exception: "))
_SAYS_NOTHING: Final = frozenset("name type code status statusCode errorCode clientVersion level".split())
_NO_STACK: Final = StackTop(None, None, None)
_MAX_DEPTH = 5
_MAX_CAUSES = 8
_MAX_JSON = 65_536
_MEMO_BYTES = 8_192
"""Longest object that is remembered."""
_PLAIN: Final = 2
"""The version of marshal's format without references to what came before: different values give different bytes."""
_by_value: Memo[tuple[str, bytes], ErrorInfo | None] = Memo()


def error_from_value(key: str, value: object, *, strict: bool = False, depth: int = 0) -> ErrorInfo | None:
    """The error that `value` is, standing under `key`; None for null, false, "", 0 and [].

    With `strict`, a text must read like an error (stack, `SomeError: ...`, errno, JSON of an error) to be one.
    """
    if depth > _MAX_DEPTH:
        return None
    if type(value) is dict and depth == 0:
        return _remembered(key, value)
    if isinstance(value, str):
        return _from_string(key, value, strict, depth)
    if isinstance(value, Mapping):
        return _from_object(key, value, depth)
    if isinstance(value, list):
        return _from_list(key, value, depth)
    if value is True:
        return ErrorInfo(key=key, message="true", opacity="placeholder")
    if isinstance(value, int) and value:
        return ErrorInfo(key=key, code=clean_code(value))
    return None


def under_key(info: ErrorInfo, key: str) -> ErrorInfo:
    """An error read from a text, and its causes, as standing under `key`."""
    causes = tuple(replace(cause, key=f"{key}.cause") for cause in info.causes)
    return replace(info, key=key, causes=causes)


# ---------------------------------------------------------------- texts and lists


def _from_string(key: str, text: str, strict: bool, depth: int) -> ErrorInfo | None:
    bare = text.strip()
    if not bare:
        return None
    if bare.lower() in _PLACEHOLDERS:
        return None if strict else ErrorInfo(key=key, message=bare, opacity="placeholder")
    if bare == "{}":
        return None if strict else ErrorInfo(key=key, opacity="empty")
    if bare[0] in "{[" and bare[-1] in "}]" and len(bare) <= _MAX_JSON:
        info = _from_json(key, bare, strict, depth)
        if info is not None:
            return info
    found = error_from_text(text)
    if found is not None:
        return under_key(found, key)
    return None if strict else ErrorInfo(key=key, message=text, code=code_in_text(text))


def _from_json(key: str, text: str, strict: bool, depth: int) -> ErrorInfo | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if strict and not (isinstance(value, dict) and (looks_like_error(value) or _is_error_body(value))):
        return None
    return error_from_value(key, value, depth=depth + 1) if isinstance(value, dict | list) else None


def _is_error_body(value: Mapping[str, Any]) -> bool:
    """The JSON body of an HTTP error answer: `{"statusCode":503,"error":...}`."""
    status = _status(value)
    told = value.get("error") or value.get("message") or value.get("code")
    return status is not None and status >= 400 and bool(told)


def _from_list(key: str, items: list[Any], depth: int) -> ErrorInfo | None:
    """The first item is the error, the others its causes; items that are no errors are passed over."""
    found = [
        info
        for item in items[: _MAX_CAUSES + 1]
        if isinstance(item, str | dict) and (info := error_from_value(key, item, depth=depth + 1)) is not None
    ]
    if not found:
        return None
    first, *others = found
    return replace(first, causes=(*first.causes, *others)[:_MAX_CAUSES]) if others else first


# ---------------------------------------------------------------- objects


def _remembered(key: str, obj: dict[Any, Any]) -> ErrorInfo | None:
    """`_from_object`, asked once for objects that are the same to the byte: a flood's errors are."""
    try:
        told = marshal.dumps(obj, _PLAIN)
    except ValueError:  # not of plain types alone
        return _from_object(key, obj, 0)
    place = (key, told)
    if place in _by_value:
        return _by_value[place]
    info = _from_object(key, obj, 0)
    if len(told) <= _MEMO_BYTES:
        _by_value.keep(place, info, len(told))
    return info


def _from_object(key: str, obj: Mapping[str, Any], depth: int) -> ErrorInfo | None:
    if not obj:
        return ErrorInfo(key=key, opacity="empty")
    spread = joined_characters(obj)
    if spread is not None:
        return _from_string(key, spread, False, depth + 1)
    stack, beside = _stack(obj)
    top, told = read_stack(stack, key) if stack else (_NO_STACK, ())
    message = _message(obj) or top.message
    kind = _type(obj, top.type)
    causes = _causes(key, obj, depth) or _with_last(told, top.message, message, key)
    if message is None and stack is None and len(causes) == 1 and not obj.keys() & {"code", "name", "type"}:
        return causes[0]  # a mere envelope: {"error": {...}}
    code = _code(obj, kind) or _code(beside, kind) or top.code
    status = _status(obj)
    if code is not None and code.isdigit() and len(code) == 3 and "1" <= code[0] <= "5":
        status, code = status or int(code), None
    if message and (code is None or (code.isdigit() and len(code) < 3)):
        code = code_in_text(message) or code  # PDO: code 7, and the SQLSTATE in the message
    if code is None:
        code = next((cause.code for cause in causes if cause.code and is_library_code(cause.code)), None)
    return ErrorInfo(
        key=key,
        type=kind,
        code=code,
        status=status,
        message=message,
        stack=stack,
        opacity=_opacity(obj, code, message, stack, causes),
        causes=causes,
    )


def _stack(obj: Mapping[str, Any]) -> tuple[str | None, Mapping[str, Any]]:
    """The stack, and the object that nest-winston puts beside it in a list."""
    for key in STACK_KEYS:
        value = obj.get(key)
        if isinstance(value, list):
            beside = next((item for item in value if isinstance(item, Mapping)), {})
            text = stack_text(value)
            if text or beside:
                return text, beside
        elif isinstance(value, str) and value:
            return value, {}
    return None, {}


def _message(obj: Mapping[str, Any]) -> str | None:
    for key in _MESSAGE_KEYS:
        value = obj.get(key)
        if isinstance(value, str) and value.strip():
            return value
        if isinstance(value, list) and value and all(isinstance(item, str) for item in value[:8]):
            return "; ".join(value[:8])  # class-validator's list of complaints
        if isinstance(value, Mapping) and isinstance(value.get("message"), str):
            return str(value["message"])
    text = obj.get("error")
    return text if isinstance(text, str) and text.strip() else None


def _type(obj: Mapping[str, Any], from_stack: str | None) -> str | None:
    names = [name for key in _TYPE_KEYS if isinstance(name := obj.get(key), str) and 0 < len(name) <= 120]
    if from_stack:
        names.append(from_stack)
    message = obj.get("message")
    if isinstance(message, str) and (prefix := TYPED_MESSAGE.match(message)):
        names.append(prefix[1])  # postgrest-js: "TypeError: fetch failed"
    specific = next((name for name in names if name not in _GENERIC_TYPES), None)
    plain = next((name for name in names if name not in ("Object", "object", "error")), None)
    return specific or plain


def _code(obj: Mapping[str, Any], kind: str | None) -> str | None:
    # A DOMException's numeric code (20 abort, 23 timeout) is a legacy constant; it comes with all the others.
    legacy = "INDEX_SIZE_ERR" in obj or kind in ("AbortError", "TimeoutError", "DOMException")
    for key in _CODE_KEYS:
        value = obj.get(key)
        if value is None or (isinstance(value, int) and (legacy or key == "errno")):
            continue
        code = clean_code(value)
        if code is not None:
            return code
    return None


def _status(obj: Mapping[str, Any]) -> int | None:
    for key in _STATUS_KEYS:
        value = obj.get(key)
        if type(value) is int and 100 <= value <= 599:
            return value
    for key in ("output", "response"):  # Boom, axios
        inner = obj.get(key)
        if isinstance(inner, Mapping) and (status := _status(inner)) is not None:
            return status
    return None


def _causes(key: str, obj: Mapping[str, Any], depth: int) -> tuple[ErrorInfo, ...]:
    if _CAUSE_BEARING.isdisjoint(obj):
        return ()
    found: list[ErrorInfo] = []
    for name in _CAUSE_KEYS:
        value = obj.get(name)
        if not value or (name == "error" and isinstance(value, str)):
            continue
        if name == "reason" and isinstance(value, Mapping):
            value = _server_errors(value)
        for item in value if isinstance(value, list) else (value,):
            strict = name in ("reason", "raw", "original", "inner", "parent")
            if len(found) < _MAX_CAUSES and isinstance(item, str | Mapping):
                info = error_from_value(f"{key}.{name}", item, strict=strict, depth=depth + 1)
                if info is not None and (info.type or info.code or info.message or info.stack):
                    found.append(info)
    for name in ("details", "detail"):
        value = obj.get(name)
        if isinstance(value, str) and (info := error_from_text(value)) is not None:
            found.append(under_key(info, f"{key}.{name}"))
    answer = obj.get("response")
    body = answer.get("data") if isinstance(answer, Mapping) else None
    if isinstance(body, Mapping) and body and (info := error_from_value(f"{key}.response.data", body, depth=depth + 1)):
        found.append(info)
    return tuple(found[:_MAX_CAUSES])


def _with_last(
    told: tuple[ErrorInfo, ...], headline: str | None, message: str | None, key: str
) -> tuple[ErrorInfo, ...]:
    """The causes that a stack tells, and one more where pino's joined message (`a: b: c`) goes on after them.

    A cause that is a plain object has no stack: all that pino keeps of it is the end of the joined message.
    """
    if not message or not headline or len(message) <= len(headline):
        return told
    known = ": ".join((headline, *(cause.message or "" for cause in told))) + ": "
    rest = message[len(known) :].strip() if message.startswith(known) else ""
    if not rest or len(told) >= _MAX_CAUSES:
        return told
    last = error_from_text(rest) or ErrorInfo(key="", message=rest, code=code_in_text(rest))
    return (*told, under_key(last, f"{key}.cause"))


def _server_errors(topology: Mapping[str, Any]) -> list[Any]:
    """The errors inside MongoDB's topology description (`reason.servers.<address>.error`), or the object itself."""
    servers = topology.get("servers")
    if not isinstance(servers, Mapping):
        return [topology] if looks_like_error(topology) else []
    errors = (server.get("error") for server in servers.values() if isinstance(server, Mapping))
    return [error for error in errors if isinstance(error, Mapping) and looks_like_error(error)]


def _opacity(
    obj: Mapping[str, Any], code: str | None, message: str | None, stack: str | None, causes: tuple[ErrorInfo, ...]
) -> Opacity | None:
    if message is not None and message.strip().lower() in _PLACEHOLDERS and not stack and code is None:
        return "placeholder"
    if message or stack or any(cause.opacity is None for cause in causes):
        return None
    if code is not None and is_library_code(code):
        return None
    told = (value for name, value in obj.items() if name not in _SAYS_NOTHING and not isinstance(value, bool))
    if any(isinstance(value, str | int | float) and value != "" for value in told):
        return None
    return "half-empty" if code or any(value for value in obj.values()) else "empty"
