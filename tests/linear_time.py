"""Whether the time that work on a text takes grows as the text does, whatever the text."""

from __future__ import annotations

import time
from collections.abc import Callable

SIZE = 100_000
"""Characters."""
LINEAR = 24
"""How much longer eight times the text may take: 8 is linear, 64 quadratic, the rest is for a busy machine."""
_LEAST_S = 0.001


def cost(work: Callable[[str], object], unit: str, size: int = SIZE) -> float:
    """Seconds of the processor for `size` characters of the unit; the best of three."""
    text = (unit * size)[:size]
    best = float("inf")
    for _ in range(3):
        started = time.process_time()
        work(text)
        best = min(best, time.process_time() - started)
    return best


def grows(work: Callable[[str], object], unit: str) -> float:
    """By how much the time grows when the text does eightfold; what takes no millisecond is taken for one."""
    return cost(work, unit) / max(cost(work, unit, SIZE // 8), _LEAST_S)
