"""Scenes: whole blocks of events, kept where failures stand. Order, members and missing ids are read from them."""

from __future__ import annotations

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

    def add(self, key: BlockKey, rank: int, first: int, last: int) -> bool:
        """Takes a block of rank `rank`, and says whether it is kept now.

        `first` and `last`: times (else positions) of the class's events in the block.
        """
        ranked, earliest, latest = (rank, key), (first, key), (last, key)
        kept = False
        if len(self.ranked) < self.RANKED or ranked < self.ranked[-1]:
            self.ranked = sorted({*self.ranked, ranked})[: self.RANKED]
            kept = True
        if len(self.earliest) < self.ENDS or earliest < self.earliest[-1]:
            self.earliest = sorted({*self.earliest, earliest})[: self.ENDS]
            kept = True
        if len(self.latest) < self.ENDS or latest > self.latest[-1]:
            self.latest = sorted({*self.latest, latest}, reverse=True)[: self.ENDS]
            kept = True
        return kept

    def merge(self, other: Choice) -> None:
        self.ranked = sorted({*self.ranked, *other.ranked})[: self.RANKED]
        self.earliest = sorted({*self.earliest, *other.earliest})[: self.ENDS]
        self.latest = sorted({*self.latest, *other.latest}, reverse=True)[: self.ENDS]

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
