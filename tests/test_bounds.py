"""Memory and time on inputs that are meant to exhaust: peak memory bounded, time linear. Prints what it measured.

pytest tests/test_bounds.py -m slow -s                      a few minutes: sizes that fit a slow machine
FLOODSCAN_BOUNDS=full pytest tests/test_bounds.py -m slow -s   hours: 1 GB of flood, ten million messages, ...
FLOODSCAN_BOUNDS=0.1 ...                                    a tenth of those; -k flood for one of them
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator

import hostile_streams as streams
import pytest

pytestmark = pytest.mark.slow

ORDINARY_MB, ANY_MB = 150, 300
"""Peak memory (MB) on ordinary logs, and on any."""
LINEAR = 2.2
"""How much longer twice the input may take."""
ASKED = os.environ.get("FLOODSCAN_BOUNDS", "")
FULL = 1.0 if ASKED == "full" else float(ASKED or 0)
"""The share of the full sizes that is run; 0 for the sizes that fit a slow machine."""
START_S = 0.5
"""Seconds that starting takes, at most; an input that takes hardly more says nothing of how time grows."""

Make = Callable[[int], Iterator[bytes]]
CASES: dict[str, tuple[Make, int, int, int]] = {
    # what comes, the size that is run (lines or bytes; half of it, too), the full size, the bound
    "a flood": (streams.flood, 200_000, 7_000_000, ORDINARY_MB),
    "ordinary traffic": (streams.traffic, 200_000, 6_000_000, ORDINARY_MB),
    "one line of 1 GiB": (streams.long_line, 1 << 29, 1 << 30, ORDINARY_MB),
    "a hole of NULs": (streams.nuls, 1 << 29, 1 << 30, ORDINARY_MB),
    "distinct messages": (streams.messages, 100_000, 10_000_000, ANY_MB),
    "distinct lines of text": (streams.texts, 60_000, 10_000_000, ANY_MB),
    "distinct codes, types, loggers and keys": (streams.codes, 100_000, 5_000_000, ANY_MB),
    "actors of one loop": (streams.actors, 100_000, 1_000_000, ANY_MB),
    "ten thousand failures, eight ids each": (streams.many_of_everything, 40_000, 5_000_000, ANY_MB),
    "services of one stream": (streams.services, 400_000, 5_000_000, ORDINARY_MB),
    "first parts of lines without an end": (streams.parts, 400_000, 10_000_000, ANY_MB),
    "a stack without an end": (streams.stack, 200_000, 5_000_000, ANY_MB),
}


@pytest.mark.parametrize("name", CASES)
def test_memory_is_bounded_and_time_is_linear(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    make, size, full, bound = CASES[name]
    size = int(full * FULL) or size
    half, whole = streams.cost(make(size // 2)), streams.cost(make(size))
    with capsys.disabled():
        print(
            f"\n{name}: {whole.bytes / 1e6:,.0f} MB in {whole.seconds:.1f} s of processor time "
            f"({half.seconds:.1f} s for half: {whole.seconds / half.seconds:.2f} times), peak {whole.peak_mb:.0f} MB"
        )
    report = json.loads(whole.report)
    assert report["input"]["bytes"] == whole.bytes
    assert whole.peak_mb < bound
    assert whole.seconds < LINEAR * half.seconds + START_S


def test_a_gzip_bomb_is_given_up_in_bounded_memory_and_ends_with_3(capsys: pytest.CaptureFixture[str]) -> None:
    cost = streams.cost(streams.packed(int((1 << 30) * FULL) or (1 << 28)))
    with capsys.disabled():
        print(f"\na gzip bomb: peak {cost.peak_mb:.0f} MB, {cost.seconds:.1f} s, exit code {cost.code}")
    assert cost.code == 3 and cost.peak_mb < ORDINARY_MB
    assert json.loads(cost.report)["complete"] is False
