"""pino-pretty's records for the kernel: which they are, what they hold, what ends them, and their clock without dates."""

from __future__ import annotations

from collections import deque
from typing import Any, Final

from floodscan.decode import Facts, pino_pretty
from floodscan.decode.front import first_family
from floodscan.decode.stream import Clock
from floodscan.fast.proof import fields_in, fields_written
from floodscan.model import Record
from floodscan.read.ansi import without_ansi
from floodscan.read.kinds import Kind, is_exception, kind_of
from floodscan.read.plausible import is_binary
from floodscan.read.unwrap import unwrap
from floodscan.read.wrapped import Wrapped

JSON_ALONE, WITH_DATES, WITHOUT_DATES = range(3)
"""Which records the kernel takes, as kernel/pretty.h has them."""
_HEAD: Final = frozenset("level pid hostname name msg".split())
"""Keys of what a head line tells."""
_FAR: Final = 1 << 62


def mode_of(facts: Facts) -> int | None:
    """What the kernel may take of a source; None where nothing."""
    pretty = first_family(facts) == pino_pretty.NAME  # else another family might read such a text first
    if facts.dated:
        return WITH_DATES if pretty else JSON_ALONE
    return WITHOUT_DATES if pretty else None


def is_pretty(record: bytes) -> bool:
    """Whether what the kernel has taken, or asks for, is a record of pino-pretty: no carrier of JSON begins so."""
    return record[:1] == b"[" and record[1:4].replace(b":", b"").isdigit()


def text_of(record: bytes) -> bytes:
    """The lines of a record as framing joins them."""
    if b"\x1b" not in record and b"\r" not in record:
        return record.removesuffix(b"\n")
    lines = record.decode().removesuffix("\n").split("\n")
    return "\n".join(without_ansi(line.removesuffix("\r")) for line in lines).encode()


def read(text: str, utc_offset_ms: int) -> tuple[Record, dict[str, Any], str] | None:
    """The record, the object that was printed, and the message of its head; None where a key stands twice, or a value is no
    JSON."""
    told = pino_pretty.object_in(text, utc_offset_ms=utc_offset_ms)
    record = pino_pretty.decode(text, utc_offset_ms=utc_offset_ms)
    if told is None or record is None:
        return None
    try:
        blocks = pino_pretty.blocks(text.split("\n")[1:])
        written = sum(fields_written(f'{{"v":{pino_pretty.json_of(block)}}}') for _, block in blocks)
    except ValueError:
        return None
    obj = told[0]
    read = fields_in(obj) - len(_HEAD & obj.keys())
    return (record, obj, obj.get("msg", "")) if read == written else None


def begins(line: bytes, below_head: bool) -> bool:
    """Whether a line certainly begins a record where one of pino-pretty's stands before it, perhaps with blank lines between.

    `below_head`: whether that has nothing below its head line.
    """
    data = line.removesuffix(b"\r")
    text = data.decode("utf-8", "replace")
    wrapped = unwrap(text)
    if is_binary(data, text) or wrapped != Wrapped(wrapped.text) or not wrapped.text.strip():
        return False
    return kind_of(wrapped.text) in (Kind.START, Kind.WHOLE) and not (below_head and is_exception(wrapped.text))


class Clockwork:
    """The clock of a source without dates, where the kernel has a part of its records: it is set once all are known."""

    def __init__(self, facts: Facts, kernel: Any) -> None:
        self._clock = Clock(facts)
        self._kernel = kernel
        self._waiting: deque[tuple[Record, str | None]] = deque()

    def wait(self, record: Record, carrier: str | None) -> None:
        """Takes a record of the plain path, in their order."""
        self._waiting.append((record, carrier))

    def settle(self, before: int) -> None:
        """Sets the time of every record that begins before an offset."""
        while self._waiting and self._waiting[0][0].offset < before:
            record, carrier = self._waiting.popleft()
            self._pass(record.offset)
            self._clock.set(record, carrier)
        self._pass(min(before, _FAR))

    def _pass(self, before: int) -> None:
        clock = self._clock
        last, clock.passed = self._kernel.settle(before, -1 if clock.last is None else clock.last, clock.passed)
        clock.last = None if last < 0 else last
