"""Patterns that are compiled when they are first used: a log needs half of them, and compiling costs a start dearly."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, AnyStr, cast

_MEMBERS = (
    "search", "match", "fullmatch", "split", "findall", "finditer", "sub", "subn", "scanner",
    "pattern", "flags", "groups", "groupindex",
)  # fmt: skip


def regex(source: AnyStr, flags: int = 0, *, needs: tuple[str, ...] | str = ()) -> re.Pattern[AnyStr]:
    """The pattern that `re.compile` gives, compiled when something is first asked of it; a bad one is told of then.

    needs: literals of which one stands in every text that it matches; it is not compiled before one does.
    """
    if needs:
        return cast("re.Pattern[AnyStr]", Sought(source, flags, (needs,) if isinstance(needs, str) else needs))
    return cast("re.Pattern[AnyStr]", Late(source, flags))


class Used:
    """A pattern that was compiled: its members are those of the pattern, and cost no more to reach."""


class Late:
    """A pattern that was not asked for anything yet."""

    def __init__(self, source: str | bytes, flags: int) -> None:
        self.source = source
        self.options = flags

    def __getattr__(self, name: str) -> Any:
        if name not in _MEMBERS:
            raise AttributeError(name)
        compiled = re.compile(self.source, self.options)
        self.__dict__.update((member, getattr(compiled, member)) for member in _MEMBERS)
        self.__class__ = Used  # type: ignore[assignment]  # whose attributes need no `__getattr__`, which would slow each
        return getattr(compiled, name)


def _once_it_may(name: str, nothing: Callable[[], object]) -> Callable[..., object]:
    def ask(self: Sought, text: str, *span: int) -> object:
        for literal in self.needs:
            if literal in text:
                return self.__getattr__(name)(text, *span)
        return nothing()

    return ask


class Sought(Late):
    """A pattern that was asked for nothing, or only of texts that have none of the literals it needs."""

    def __init__(self, source: str | bytes, flags: int, needs: tuple[str, ...]) -> None:
        super().__init__(source, flags)
        self.needs = needs

    search = _once_it_may("search", lambda: None)
    match = _once_it_may("match", lambda: None)
    fullmatch = _once_it_may("fullmatch", lambda: None)
    finditer = _once_it_may("finditer", lambda: iter(()))
