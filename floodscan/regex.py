"""Patterns that are compiled when they are first used: a log needs half of them, and compiling costs a start dearly."""

from __future__ import annotations

import re
from typing import AnyStr, cast

_MEMBERS = (
    "search", "match", "fullmatch", "split", "findall", "finditer", "sub", "subn", "scanner",
    "pattern", "flags", "groups", "groupindex",
)  # fmt: skip


def regex(source: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """The pattern that `re.compile` gives, compiled when something is first asked of it; a bad one is told of then."""
    return cast("re.Pattern[AnyStr]", Late(source, flags))


class Used:
    """A pattern that was compiled: its members are those of the pattern, and cost no more to reach."""


class Late:
    """A pattern that was not asked for anything yet."""

    def __init__(self, source: str | bytes, flags: int) -> None:
        self.source = source
        self.options = flags

    def __getattr__(self, name: str) -> object:
        if name not in _MEMBERS:
            raise AttributeError(name)
        compiled = re.compile(self.source, self.options)
        self.__dict__.update((member, getattr(compiled, member)) for member in _MEMBERS)
        self.__class__ = Used  # type: ignore[assignment]  # whose attributes need no `__getattr__`, which would slow each
        return getattr(compiled, name)
