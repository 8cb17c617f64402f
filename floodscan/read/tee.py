"""A stream that passes on what is read from it, byte by byte as it came, before anything is made of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO


class Tee:
    """Reads from `stream` and gives each piece to `write` first. State: none of its own."""

    def __init__(self, stream: BinaryIO, write: Callable[[bytes], object]) -> None:
        self._read: Callable[[int], bytes] = getattr(stream, "read1", stream.read)
        self._write = write

    def read1(self, size: int = -1) -> bytes:
        """What is there, at most `size` bytes; nothing only at the end."""
        got: list[bytes] = []
        try:
            # One C call from read to list: a Ctrl-C can't fall between the two and lose what was read.
            got.extend(map(self._read, (size,)))
        finally:
            if got and got[0]:
                self._write(got[0])
        return got[0]
