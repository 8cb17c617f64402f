"""The sizes that reading is bounded by, and how far around a range its reader must look. All follow from the block."""

from __future__ import annotations

from typing import Final

from floodscan.model import BLOCK
from floodscan.value import frozen


@frozen
class Limits:
    """Bytes, all of them multiples of `block`, so that tests can shrink everything at once."""

    block: int = BLOCK
    """The grain at which a stream may be split."""
    line: int = 16 * BLOCK
    """A longer physical line is skipped as `oversize`."""
    span: int = BLOCK
    """Farthest that a continuation's first byte may lie behind its record's first byte."""
    chain: int = 12 * BLOCK
    """Farthest that the parts of one line, split by a container runtime, may lie apart."""
    gap: int = 4 * BLOCK
    """Farthest that two neighbouring parts of such a line may lie apart."""

    @classmethod
    def of_block(cls, block: int) -> Limits:
        """The limits in the same proportions for another block size (bytes)."""
        return cls(block, 16 * block, block, 12 * block, 4 * block)

    @property
    def lookback(self) -> int:
        """Bytes before a range from which its reader must start to know every open record and split line at its start.

        Nothing that is decided looks farther back than a split line (`chain` + `gap`) or three `span`s.
        """
        return self.line + self.block

    @property
    def lookahead(self) -> int:
        """Bytes after a range which its reader may need to finish the last record of the range."""
        return 2 * self.line + 2 * self.block


LIMITS: Final = Limits()
LOOKBACK: Final = LIMITS.lookback
LOOKAHEAD: Final = LIMITS.lookahead
MAX_DEPTH: Final = 64
"""Nesting of a JSON line; a deeper one is skipped as `depth`."""
