"""What becomes of a value in a line's form, by its key: a key that no decoder names is read by none of them."""

from __future__ import annotations

import importlib
import pkgutil
import types
from collections.abc import Iterator
from functools import cache
from itertools import chain
from typing import Final, NamedTuple

from floodscan import decode as decoders
from floodscan.decode import ids
from floodscan.decode.details import COMMON
from floodscan.decode.errors import NEVER_ERRORS
from floodscan.decode.json_record import PLUMBING

KEEP, LOOSE, NESTED, DETAIL, MESSAGE, PROCESS, TIME, SAID = range(8)
"""What becomes of a value in a line's loose form: part of it, or cut; of a message and of what an error says, the digits.
In the saying form what an error says is kept, in the exact form all but LOOSE, PROCESS and TIME."""
MESSAGE_KEYS: Final = frozenset({"msg", "message"})
_TIME_KEYS: Final = frozenset({"time", "timestamp", "@timestamp", "ts"})
_OF_TEXTS: Final = frozenset(
    "text text_parts error_text klog logfmt prefix winston_text lambda_text pino_pretty levels times odd_times json_text "
    "stack_frames codes ids details structlog_console loguru_text".split()
)
"""Modules of `decode` that read texts or single values, and no object by its keys; `ids` and `details`, which read values
under keys of their own, are asked for themselves."""
_READ_BY_PREFIX: Final = ("error.", "@")
"""Of ECS and CLEF."""
_READ_AS_IDS: Final = frozenset({"reqId", "requestId", "traceId", "spanId", "responseTime"})
"""Named by decoders, but only to tell a family by their presence, or to be passed on among the ids."""
ERRORS: Final = frozenset({"err", "error"})

Slot = tuple[int, bytes, int, int, int]
"""What varies in a line: path, value, policy, whether a text (or FRACTION), where it begins."""


class Path(NamedTuple):
    """Where a value stands: its dotted key, and whether it is at the top."""

    keys: tuple[str, ...]
    dotted: str
    form: ids.Kind


def policy_of(keys: tuple[str, ...]) -> tuple[int, int, bool]:
    """For texts, for whole numbers, and whether an object is entered."""
    name, top = keys[-1], len(keys) == 1
    if top and name in _TIME_KEYS:
        return TIME, TIME, False
    if top and name in MESSAGE_KEYS:
        return MESSAGE, KEEP, False
    if top and name in ("pid", "hostname"):
        return (KEEP, PROCESS, False) if name == "pid" else (PROCESS, KEEP, False)
    if name.isdigit() or not name.isascii() or name.startswith(_READ_BY_PREFIX):
        return KEEP, KEEP, False
    if keys[0] in ERRORS:
        return (KEEP, KEEP, True) if top else (SAID if name == "message" else KEEP, KEEP, False)
    never = name in NEVER_ERRORS
    if name in COMMON and name not in named():
        return DETAIL, DETAIL, False
    free = name not in named() or name in _READ_AS_IDS or (name == "id" and not top)
    cut = (LOOSE if top else NESTED) if free else KEEP
    return cut, cut, (free or never) and len(keys) < ids.MAX_DEPTH


@cache
def named() -> frozenset[str]:
    """Every text in the code of the modules that read objects: among them are the keys that they ask for."""
    found: set[str] = set()
    for info in pkgutil.iter_modules(decoders.__path__):
        if info.name not in _OF_TEXTS:
            module = importlib.import_module(f"{decoders.__name__}.{info.name}")
            hidden = PLUMBING if info.name == "json_record" else NEVER_ERRORS if info.name == "errors" else None
            for value in vars(module).values():
                if isinstance(value, types.FunctionType):
                    found.update(_constants(value.__code__) if value.__module__ == module.__name__ else ())
                elif value is not hidden:
                    found.update(_texts(value, 2))
    return frozenset(found)


def _constants(code: types.CodeType) -> Iterator[str]:
    for constant in code.co_consts:
        if isinstance(constant, str):
            yield constant
        elif isinstance(constant, types.CodeType):
            yield from _constants(constant)
        elif isinstance(constant, tuple | frozenset):
            yield from _texts(constant, 2)


def _texts(value: object, depth: int) -> Iterator[str]:
    """The texts in a value, down to the items of its items."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple | list | frozenset | set | dict) and depth:
        for item in chain(value, value.values()) if isinstance(value, dict) else value:
            if isinstance(item, str):
                yield item
            else:
                yield from _texts(item, depth - 1)
