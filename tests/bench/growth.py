"""How a profile, its additions and the whole cost grow with the log: python tests/bench/growth.py --mb 1000

The flood of logs.py is made in files of 10 MB, ten of them, which are read again under other names where more is asked
for. Each is folded as a worker folds it and its part added as an engine adds it. Times are of the CPU, so that a busy
machine changes them little; the fit is the exponent p in `cost ~ size ** p`, by least squares.
"""

from __future__ import annotations

import argparse
import math
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from logs import write_log

from floodscan.engines import worker
from floodscan.engines.pieces import Outcome, Piece
from floodscan.profile import to_bytes
from floodscan.read.sources import Source

MB = 1_000_000
FILE = 10 * MB
DISTINCT = 10
"""Files that differ; more of them are these under other names."""


class Row(NamedTuple):
    """What has been spent once so much had been read. Seconds are of the CPU."""

    mb: int
    fold_s: float
    add_s: float
    part_kb: float
    """Of a part of 10 MB, the mean."""
    sum_kb: float


def timed_fold(order: bytes) -> tuple[float, bytes]:
    """A part, and the seconds of CPU that it took."""
    begun = time.process_time()
    part = worker.fold(order)
    return time.process_time() - begun, part


def grow(folder: Path, mb: int, deadline: float) -> Iterator[Row]:
    """A row at 10 MB and at each doubling, until `mb` or the deadline (of `time.monotonic`) is reached."""
    files = [folder / f"{seed}.jsonl" for seed in range(min(DISTINCT, mb // 10))]
    for seed, path in enumerate(files):
        write_log(path, "flood", FILE, seed)
    pieces = [Piece(n, Source(f"{n}.jsonl", FILE, path=files[n % len(files)])) for n in range(mb // 10)]
    out, fold_s, add_s, part_bytes, mark = Outcome(), 0.0, 0.0, 0, 1
    for done, piece in enumerate(pieces, start=1):
        spent, part = timed_fold(worker.order([piece]))
        begun = time.process_time()
        out.merge(worker.unpack(part))
        add_s += time.process_time() - begun
        fold_s += spent
        part_bytes += len(part)
        late = time.monotonic() > deadline
        if done == mark or done == len(pieces) or late:
            mark *= 2
            kb = len(to_bytes(out.profile)) / 1000
            yield Row(done * 10, fold_s, add_s, part_bytes / done / 1000, kb)
        if late:
            return


def exponent(rows: list[Row], value: str) -> float:
    """The slope of log(value) over log(size)."""
    points = [(math.log(row.mb), math.log(getattr(row, value))) for row in rows]
    x, y = (sum(axis) / len(points) for axis in zip(*points, strict=True))
    return sum((a - x) * (b - y) for a, b in points) / sum((a - x) ** 2 for a, _ in points)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--mb", type=int, default=320, help="megabytes to grow to")
    options.add_argument("--minutes", type=float, default=60, help="stop there, wherever that is")
    asked = options.parse_args()
    rows = []
    print(f"{'MB':>7} {'fold s':>8} {'MB/s':>6} {'add s':>7} {'part kB':>8} {'sum kB':>8}")
    with tempfile.TemporaryDirectory() as folder:
        for row in grow(Path(folder), asked.mb, time.monotonic() + 60 * asked.minutes):
            rows.append(row)
            speed = row.mb / row.fold_s
            print(
                f"{row.mb:7} {row.fold_s:8.1f} {speed:6.1f} {row.add_s:7.2f} {row.part_kb:8.0f} {row.sum_kb:8.0f}",
                flush=True,
            )
    if len(rows) > 1:
        for name in ("fold_s", "add_s", "sum_kb"):
            print(f"{name} ~ MB ** {exponent(rows, name):.2f}")


if __name__ == "__main__":
    main()
