"""Ctrl-C while a log is read: the first ends the reading, a second one the process."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from floodscan.read import sources, tee
from floodscan.value import mutable

READERS = (sources.__name__, tee.__name__)
"""Modules that wait for input and know what a KeyboardInterrupt means there."""


@mutable
class Interrupt:
    seen: bool = False
    """True once Ctrl-C came while nobody waited for input; the reading is to end before the next block."""


@contextmanager
def first_interrupt_ends_reading() -> Iterator[Interrupt]:
    """Within, the first Ctrl-C ends the input; what was read until then can still be reported.

    Where a read waits for input it is broken off by KeyboardInterrupt, and the source marks itself as interrupted.
    Anywhere else an exception would leave a record half counted, so the wish is only noted.
    """
    interrupt = Interrupt()

    def on_signal(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        if frame is not None and frame.f_globals.get("__name__") in READERS:
            raise KeyboardInterrupt
        interrupt.seen = True

    before = signal.signal(signal.SIGINT, on_signal)
    try:
        yield interrupt
    finally:
        signal.signal(signal.SIGINT, before)
