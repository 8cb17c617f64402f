"""A bounded memo: what is remembered never changes a result, only its cost."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")

MAX_ENTRIES = 16_384
MAX_CHARS = 4_000_000
"""Bounds of one memo. At either it is emptied: cheaper than to rank entries, and a flood refills it at once."""


class Memo(dict[Key, Value], Generic[Key, Value]):
    """A dict that is read as one; `keep` writes, and holds the bounds."""

    __slots__ = ("chars",)

    def __init__(self) -> None:
        super().__init__()
        self.chars = 0

    def keep(self, key: Key, value: Value, chars: int) -> None:
        """Remembers an entry whose key holds `chars` characters of text."""
        if len(self) >= MAX_ENTRIES or self.chars >= MAX_CHARS:
            self.clear()
            self.chars = 0
        self[key] = value
        self.chars += chars
