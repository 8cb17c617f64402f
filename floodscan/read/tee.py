"""A stream that passes on what is read from it, byte by byte as it came, before anything is made of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO


class PassingFailed(Exception):
    """What was read could not be passed on: `error` says why. No OSError, or it would pass for one of the reading."""

    def __init__(self, error: OSError) -> None:
        super().__init__(str(error))
        self.error = error


class Tee:
    """Reads from `stream` and gives each piece to `write` first. State: none of its own."""

    def __init__(self, stream: BinaryIO, write: Callable[[bytes], object]) -> None:
        self._read: Callable[[int], bytes] = getattr(stream, "read1", stream.read)
        self._write = write

    def read1(self, size: int = -1) -> bytes:
        """What is there, at most `size` bytes; nothing only at the end. Raises PassingFailed for an OSError of `write`."""
        got: list[bytes] = []
        try:
            # One C call from read to list: a Ctrl-C can't fall between the two and lose what was read.
            got.extend(map(self._read, (size,)))
        finally:
            if got and got[0]:
                self._pass(got[0])
        return got[0]

    def _pass(self, data: bytes) -> None:
        try:
            self._write(data)
        except OSError as error:
            raise PassingFailed(error) from None
