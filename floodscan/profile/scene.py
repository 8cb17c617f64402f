"""Scenes: whole blocks of events, kept where failures stand. Order, members and missing ids are read from them."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import nlargest, nsmallest
from typing import Any, NamedTuple

from floodscan.model import Signature
from floodscan.profile.sample import rank_of_position

BlockKey = tuple[int, int]
"""(source, block of the decompressed stream)."""


class SceneEvent(NamedTuple):
    """One record of a scene. `ids` are the ranks of its ids' values."""

    time: int
    position: int
    signature: Signature
    failure: bool
    ids: tuple[int, ...]
    text: int
    """CRC-32 of the record's text: two events of one signature, time and sum are taken to be the same to the letter."""


Scene = tuple[SceneEvent, ...]
Chosen = tuple[int, BlockKey]
Offered = tuple[BlockKey, int, int, int]
"""A block, its rank, and the times (else positions) of the first and the last failure of a class in it."""


def rank_of_block(key: BlockKey) -> int:
    return rank_of_position((key[0] << 40) + key[1] + (1 << 60))


class Choice:
    """Which blocks are kept for one class of failures: a few by rank, the earliest, the latest."""

    __slots__ = ("earliest", "latest", "ranked")

    RANKED, ENDS = 16, 2

    def __init__(self) -> None:
        self.ranked: list[Chosen] = []
        self.earliest: list[Chosen] = []
        self.latest: list[Chosen] = []

    def add(self, blocks: Sequence[Offered]) -> bool:
        """Takes blocks where the class fails, and says whether any is kept now."""
        ranked = [(rank, key) for key, rank, _, _ in blocks]
        earliest = [(first, key) for key, _, first, _ in blocks]
        latest = [(last, key) for key, _, _, last in blocks]
        if len(self.ranked) == self.RANKED:
            ranked = [one for one in ranked if one < self.ranked[-1]]
        if len(self.earliest) == self.ENDS:
            earliest = [one for one in earliest if one < self.earliest[-1]]
        if len(self.latest) == self.ENDS:
            latest = [one for one in latest if one > self.latest[-1]]
        self._take(ranked, earliest, latest)
        return bool(ranked or earliest or latest)

    def _take(self, ranked: list[Chosen], earliest: list[Chosen], latest: list[Chosen]) -> None:
        if ranked:
            self.ranked = nsmallest(self.RANKED, {*self.ranked, *ranked})
        if earliest:
            self.earliest = nsmallest(self.ENDS, {*self.earliest, *earliest})
        if latest:
            self.latest = nlargest(self.ENDS, {*self.latest, *latest})

    def merge(self, other: Choice) -> None:
        self._take(other.ranked, other.earliest, other.latest)

    def copy(self) -> Choice:
        out = Choice()
        out.merge(self)
        return out

    def keys(self) -> set[BlockKey]:
        return {key for kept in (self.ranked, self.earliest, self.latest) for _, key in kept}

    def state(self) -> list[Any]:
        return [self.ranked, self.earliest, self.latest]

    @classmethod
    def of(cls, state: list[Any]) -> Choice:
        out = cls()
        out.ranked, out.earliest, out.latest = ([(at, (key[0], key[1])) for at, key in kept] for kept in state)
        return out
