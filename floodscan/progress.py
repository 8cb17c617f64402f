"""How far the reading has come: one line on stderr, on a terminal only, and only once a second has passed."""

from __future__ import annotations

import os
import sys
import time
from types import TracebackType
from typing import TextIO

from floodscan.output import in_ci
from floodscan.safe import safe

PATIENCE_S = 1.0
"""A run that ends sooner shows nothing."""
REFRESH_S = 0.1
"""At most ten writes a second: a terminal over a slow line must not slow the reading."""

ERASE_LINE = "\r\x1b[K"


class Progress:
    """A callback for `pipeline.scan`: called with the bytes read so far. As a context manager it clears its line.

    label: what is being read. total: bytes to read, where that is known (files, not pipes).
    """

    def __init__(self, label: str, total: int | None, *, quiet: bool = False, stream: TextIO | None = None) -> None:
        self._stream = stream if stream is not None else sys.stderr
        self._label = safe(label)
        self._total = total
        self._wanted = not quiet and wanted(self._stream)
        self._next = time.monotonic() + PATIENCE_S
        self._shown = False

    def __call__(self, read: int) -> None:
        if not self._wanted:
            return
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + REFRESH_S
        self._shown = True
        self._write(f"{ERASE_LINE}{self._text(read)}")

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        if self._shown:
            self._write(ERASE_LINE)

    def _text(self, read: int) -> str:
        if not self._total:
            return f"reading {self._label}: {size(read)}"
        percent = min(100, 100 * read // self._total)
        return f"reading {self._label}: {size(read)} of {size(self._total)} ({percent} %)"

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except OSError:  # a terminal that went away must not end the scan
            self._wanted = False


def wanted(stream: TextIO | None) -> bool:
    """Whether somebody is there to see a line that rewrites itself."""
    return stream is not None and stream.isatty() and os.environ.get("TERM") != "dumb" and not in_ci()


def size(count: int) -> str:
    """Bytes for people: `812 B`, `64 kB`, `1.3 GB` (powers of 1000, as disks and `ls` with --si count)."""
    if count < 1000:
        return f"{count} B"
    value = float(count)
    for unit in ("kB", "MB", "GB"):
        value /= 1000
        if value < 1000:
            return f"{value:.0f} {unit}" if value >= 10 else f"{value:.1f} {unit}"
    return f"{value / 1000:.1f} TB"
