"""The forms by which an error is known whatever key it stands under, and how loggers bend stacks and texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from floodscan.decode.codes import is_library_code

STACK_KEYS: Final = (
    "stack", "stack_trace", "stackTrace", "stacktrace", "error.stack_trace", "errorVerbose", "traceback",
)  # fmt: skip


def looks_like_error(value: Mapping[str, Any]) -> bool:
    """True where an object has the form of an error, whatever the key it stands under."""
    message, stack = value.get("message"), value.get("stack")
    if isinstance(stack, str) and (stack or "type" in value) and isinstance(message, str):
        return True
    if "aggregateErrors" in value or value.get("isAxiosError") is True or value.get("isBoom") is True:
        return True
    if value.get("__isAuthError") is True or "stack_trace" in value:
        return True
    if "errno" in value and ("syscall" in value or "code" in value):
        return True
    if isinstance(message, str) and "code" in value and "details" in value and "hint" in value:
        return True
    name = value.get("name", value.get("type"))
    if isinstance(name, str) and name.endswith(("Error", "Exception")):
        return True
    code = value.get("code")
    return isinstance(code, str) and code.isupper() and is_library_code(code)


def joined_characters(obj: Mapping[str, Any]) -> str | None:
    """The text that was spread into character keys (`{"0":"c","1":"o",...}`), put together again; else None."""
    if "0" not in obj or "1" not in obj:
        return None
    characters: list[str] = []
    while isinstance(character := obj.get(str(len(characters))), str) and len(character) <= 2:
        characters.append(character)
    return "".join(characters) if len(characters) > 2 else None


def stack_text(value: object) -> str | None:
    """A stack as one text: a string, a list of lines, or nest-winston's list of strings, objects and nulls."""
    if isinstance(value, str):
        return value or None
    if isinstance(value, list):
        return "\n".join(item for item in value[:200] if isinstance(item, str)) or None
    return None
