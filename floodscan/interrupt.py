"""Ctrl-C while a log is read: the first ends the reading, a second one the process."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType


@dataclass(slots=True)
class Interrupt:
    seen: bool = False


@contextmanager
def first_interrupt_ends_reading() -> Iterator[Interrupt]:
    """The first Ctrl-C inside raises KeyboardInterrupt, which `pipeline.scan` takes as the end of the input; a second
    one ends the process at once."""
    interrupt = Interrupt()

    def on_signal(number: int, frame: FrameType | None) -> None:
        interrupt.seen = True
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, on_signal)
    try:
        yield interrupt
    finally:
        signal.signal(signal.SIGINT, before)
