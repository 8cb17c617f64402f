"""Median and mean of whole numbers: what `statistics` gives of them, without the fractions that a start would import."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def median(values: Iterable[float]) -> float:
    """The middle value, or the mean of the two in the middle; `values` must hold one."""
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def mean(values: Sequence[int]) -> float:
    """The sum over the number; `values` must hold one."""
    return sum(values) / len(values)
