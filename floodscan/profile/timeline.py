"""Counts per bucket of a power-of-two width: the smallest width with at most `cap` occupied buckets.

Buckets are aligned at zero and nest, so the width depends only on the set of points, and adding is exact.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

Span = tuple[int, int]
"""The first time and the last."""


def joined_spans(a: Span | None, b: Span | None) -> Span | None:
    """From the first time of both to the last."""
    return (min(a[0], b[0]), max(a[1], b[1])) if a and b else a or b


class Timeline:
    """Counts of points on an integer axis (milliseconds, or positions). A commutative monoid for one `cap`."""

    __slots__ = ("buckets", "cap", "shift")

    def __init__(self, cap: int) -> None:
        self.cap = cap
        self.shift = 0
        self.buckets: dict[int, int] = {}

    @property
    def width(self) -> int:
        """Width of a bucket in units of the axis."""
        return 1 << self.shift

    def add(self, point: int) -> None:
        self.add_all((point,))

    def add_all(self, points: Iterable[int]) -> None:
        shift, buckets, cap = self.shift, self.buckets, self.cap
        for point in points:
            bucket = point >> shift
            if bucket in buckets:
                buckets[bucket] += 1
                continue
            buckets[bucket] = 1
            if len(buckets) > cap:
                self._coarsen()
                shift, buckets = self.shift, self.buckets

    def add_counts(self, shift: int, counts: dict[int, int]) -> None:
        """Takes counts by bucket of a width of `1 << shift`, at least the timeline's own, that some points need."""
        if shift > self.shift:
            self.shift, self.buckets = shift, halved(self.buckets, shift - self.shift)
        for bucket, count in counts.items():
            self.buckets[bucket] = self.buckets.get(bucket, 0) + count
        self._coarsen()

    def _coarsen(self) -> None:
        if len(self.buckets) <= self.cap:
            return
        occupied, times = set(self.buckets), 0
        while len(occupied) > self.cap:
            occupied = {bucket >> 1 for bucket in occupied}
            times += 1
        self.shift += times
        self.buckets = halved(self.buckets, times)

    def merge(self, other: Timeline) -> None:
        """Adds `other` in place; `other` is left unharmed."""
        shift = max(self.shift, other.shift)
        mine = halved(self.buckets, shift - self.shift)
        for bucket, count in sorted(other.buckets.items()):
            bucket >>= shift - other.shift
            mine[bucket] = mine.get(bucket, 0) + count
        self.shift, self.buckets = shift, mine
        self._coarsen()

    def at(self, shift: int) -> dict[int, int]:
        """The counts at a width of `1 << shift`, which is at least the timeline's own; not to be changed."""
        return self.buckets if shift == self.shift else halved(self.buckets, shift - self.shift)

    def total(self) -> int:
        return sum(self.buckets.values())

    def points(self) -> Iterator[tuple[int, int]]:
        """(start of the bucket on the axis, count), in order."""
        for bucket in sorted(self.buckets):
            yield bucket << self.shift, self.buckets[bucket]

    def state(self) -> list[Any]:
        """[shift, buckets, counts], in the order of the buckets."""
        buckets = sorted(self.buckets)
        return [self.shift, buckets, [self.buckets[b] for b in buckets]]

    @classmethod
    def of(cls, state: list[Any], cap: int) -> Timeline:
        timeline = cls(cap)
        timeline.shift, buckets, counts = state
        timeline.buckets = dict(zip(buckets, counts, strict=True))
        return timeline


def halved(buckets: dict[int, int], times: int) -> dict[int, int]:
    """Counts by bucket at 2 ** `times` the width."""
    if times == 0:
        return dict(buckets)
    out: dict[int, int] = {}
    for bucket, count in buckets.items():
        bucket >>= times
        out[bucket] = out.get(bucket, 0) + count
    return out
