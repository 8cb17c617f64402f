"""The error that a structured record carries: under which key it stands, and what its logger left of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from floodscan.decode.codes import clean_code, is_application_code, is_library_code
from floodscan.decode.error_object import error_from_value, under_key
from floodscan.decode.error_shape import STACK_KEYS, joined_characters, looks_like_error, stack_text
from floodscan.decode.error_text import error_from_text, header_of
from floodscan.model import ErrorInfo, Level

__all__ = ["error_from_text", "error_in_message", "error_of"]

ERROR_KEYS: Final = frozenset(
    "err error errors exception exc exc_info ex Err Error Exception @x errObj error_object lastError last_error "
    "uncaughtException unhandledRejection errorMessage error_message errmsg err_msg errorVerbose error.message "
    "exception.message errorObject caughtError".split()
)
"""Keys whose texts are errors as they stand; under any other key an error must show its form."""

_SOFT_KEYS: Final = frozenset(
    "e cause reason details detail original originalError original_error inner innerError innerException failure "
    "meta data payload context result body response raw rejection errorDetails error_details fault stack".split()
)
_TELLING: Final = ERROR_KEYS | _SOFT_KEYS
_CAUGHT: Final = frozenset({"e", "cause", "originalError", "innerError"})
"""Names of what a `catch` clause caught: an empty object under them is an error whose fields were lost."""
NEVER_ERRORS: Final = frozenset(
    "req request res headers user config process os trace hostname http httpRequest kubernetes labels tags env "
    "agent service host container cloud resource scope source".split()
)
_CODE_KEYS: Final = ("code", "errorCode", "error_code", "errCode", "err_code", "error.code")
_SPREAD_FIELDS: Final = (
    "name", "code", "cause", "status", "statusCode", "errno", "syscall", "errors", "response", "isAxiosError",
)  # fmt: skip
_BESIDE_MESSAGE: Final = frozenset({"code", "details", "hint", "detail", "status", "statusCode", "errno"})
_FLAT_KEYS: Final = frozenset((*STACK_KEYS, *_CODE_KEYS, "0"))
_BESIDE_ERROR: Final = frozenset((*STACK_KEYS, *_CODE_KEYS, "errorType", "error.type"))
_FAILING: Final = frozenset({"warn", "error", "fatal"})


def error_of(obj: Mapping[str, Any], *, family: str, level: Level | None = None) -> ErrorInfo | None:
    """The error that a decoded record carries, or None.

    Null, false, "", 0 and [] are none; `{}` is one (opacity `empty`) under a key that means errors, and under any key
    where `level` fails and nothing else tells of the error. An error that says something goes before one that doesn't.
    """
    opaque: ErrorInfo | None = None
    shaped: ErrorInfo | None = None
    hollow: str | None = None
    for key, value in obj.items():
        if type(value) is not dict and (key not in _TELLING or value is None or value is False):
            continue
        if key in ERROR_KEYS:
            info = error_from_value(key, value)
            if info is not None and info.opacity is None:
                return _with_flat_fields(info, obj)
            opaque = opaque or info
        elif type(value) is dict:
            if key not in NEVER_ERRORS:
                if not value and hollow is None:
                    hollow = key
                shaped = shaped or _under_any_key(key, value, level)
        else:
            shaped = shaped or _under_soft_key(key, value)
    if shaped is not None and shaped.opacity is not None:
        opaque, shaped = opaque or shaped, None
    flat = None if _FLAT_KEYS.isdisjoint(obj) else obj
    found = (flat and _flat_stack(flat, family)) or _flat_message(obj, level) or shaped
    found = found or (flat and _flat_code(flat, level)) or opaque
    if found is None and hollow is not None and level in _FAILING:
        return ErrorInfo(key=hollow, opacity="empty")
    return found


def error_in_message(message: str, level: Level | None) -> ErrorInfo | None:
    """The error that the message text alone tells of: a stack, `SomeError: ...`, an errno, or a JSON body in it."""
    if len(message) > 8 and message[-1] == "}" and (brace := message.find("{")) >= 0 and '"' in message:
        info = error_from_value("msg", message[brace:], strict=True)
        if info is not None and (info.status is None or info.status >= 400 or level in _FAILING):
            return info
    info = error_from_text(message)
    return None if info is None else under_key(info, "msg")


def _under_any_key(key: str, value: dict[str, Any], level: Level | None) -> ErrorInfo | None:
    """An error that shows its form, or one nested a level deeper (`payload.err`, `meta.error`)."""
    if not value:
        return ErrorInfo(key=key, opacity="empty") if key in _CAUGHT else None
    if looks_like_error(value):
        return error_from_value(key, value)
    for inner_key, inner in value.items():
        if inner_key in ERROR_KEYS or (inner_key in _CAUGHT and type(inner) is dict and not inner):
            info = error_from_value(f"{key}.{inner_key}", inner)
            if info is not None:
                return info
    if level in _FAILING and value.keys() <= {"code", "name"} and is_application_code(str(value.get("code"))):
        return error_from_value(key, value)
    return None


def _under_soft_key(key: str, value: object) -> ErrorInfo | None:
    """A text or a list under a key such as `reason`, which holds an error only if it reads like one."""
    if key == "stack":
        return None
    if isinstance(value, str):
        return error_from_value(key, value, strict=True)
    if isinstance(value, list) and value and isinstance(value[0], dict) and looks_like_error(value[0]):
        return error_from_value(key, value)
    return None


def _with_flat_fields(info: ErrorInfo, obj: Mapping[str, Any]) -> ErrorInfo:
    """An error text beside its own stack (zap, zerolog, kafkajs, Lambda): fill in what it lacks from the top level."""
    if info.stack is not None or _BESIDE_ERROR.isdisjoint(obj):
        return info
    stack = next((text for key in STACK_KEYS if (text := stack_text(obj.get(key)))), None)
    kind = obj.get("errorType", obj.get("error.type"))
    kind = kind if isinstance(kind, str) and kind else None
    message = info.message
    if stack is not None and (kind is None or message is None):
        headed, _code, headline = header_of(stack)
        kind, message = kind or headed, message or headline
    code = info.code or next((c for key in _CODE_KEYS if (c := clean_code(obj.get(key))) and not c.isdigit()), None)
    return replace(info, stack=stack, code=code, type=info.type or kind, message=message)


def _flat_stack(obj: Mapping[str, Any], family: str) -> ErrorInfo | None:
    """An error merged into the record itself: winston's and Lambda's `stack` with `code` and `name` beside it."""
    for key in STACK_KEYS:
        value = obj.get(key)
        if not value or (family == "zap" and key != "errorVerbose"):
            continue  # zap puts the stack of the log statement on every error line
        if (isinstance(value, str) and value.strip()) or (isinstance(value, list) and any(value)):
            return _from_flat_stack(key, value, obj)
    return None


def _flat_message(obj: Mapping[str, Any], level: Level | None) -> ErrorInfo | None:
    """An error whose fields were logged as the record's own: `log.error(error, "query failed")` with a plain object,
    which leaves its `message` beside the logger's `msg`.
    """
    if "msg" not in obj or "message" not in obj or level not in _FAILING or _BESIDE_MESSAGE.isdisjoint(obj):
        return None
    if not isinstance(obj["message"], str) or not obj["message"]:
        return None
    fields = (*_SPREAD_FIELDS, "message", "details", "hint", "detail")
    return error_from_value("message", {name: obj[name] for name in fields if name in obj})


def _flat_code(obj: Mapping[str, Any], level: Level | None) -> ErrorInfo | None:
    """An error spread into character keys, or a code that stands alone."""
    spread = joined_characters(obj)
    if spread is not None:
        info = error_from_text(spread)
        if info is not None:
            return under_key(info, "0")
        if level in _FAILING:
            return ErrorInfo(key="0", message=spread)
    for key in _CODE_KEYS:
        code = obj.get(key)
        if (
            isinstance(code, str)
            and code
            and ((is_library_code(code) and code.upper() == code) or (level in _FAILING and is_application_code(code)))
        ):
            return ErrorInfo(key=key, code=code)
    return None


def _from_flat_stack(key: str, value: object, obj: Mapping[str, Any]) -> ErrorInfo | None:
    flat: dict[str, Any] = {"stack": value}
    for name in _SPREAD_FIELDS:
        if name in obj:
            flat[name] = obj[name]
    return error_from_value(key, flat)
