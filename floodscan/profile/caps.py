"""The bounds of a profile."""

from __future__ import annotations

from dataclasses import replace

from floodscan.value import frozen


@frozen
class Caps:
    """Every bound of a profile. The defaults lost nothing on the lab's logs; a quarter of them splits loops."""

    buckets: int = 256
    """Occupied buckets of a timeline."""
    values: int = 64
    """Values of an id key with a story each, and sampled lines of it."""
    story: int = 16
    """Events at each end of a story."""
    ends: int = 64
    """Events at each end of a signature."""
    ranks: int = 1024
    """Bare ranks of an id key, for the estimate of distinct values."""
    keys: int = 8
    """Id keys of a signature."""
    examples: int = 3
    """Example lines of a signature, beside its first."""
    texts: int = 6
    """Distinct error texts, inner causes, details of one name, components of a signature."""
    text: int = 2_000
    """Characters of an example or an error text."""
    signatures: int = 16_384
    """Distinct signatures, before they are coarsened."""
    samples: int = 100_000_000
    """Bytes that the words and the samples of ids of all signatures weigh together, about, before they are thinned."""
    scene_classes: int = 64
    """Classes of failures that choose scenes."""
    scene_events: int = 4_096
    """Events of a scene."""

    def thinned(self) -> Caps:
        """The caps of a profile whose samples have outgrown their budget: a quarter of the values, half their events.

        Of the ranks, which weigh most, a sixteenth: 64 still tell how many values there are to an eighth.
        """
        return replace(
            self,
            values=max(1, self.values // 4),
            story=max(1, self.story // 2),
            ranks=max(1, self.ranks // 16),
            examples=max(1, self.examples // 3),
        )
