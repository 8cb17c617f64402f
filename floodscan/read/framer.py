"""The state of framing: open records, one for each service, and lines that a container runtime has cut.

A continuation attaches to the open record of its service if that began at most `limits.span` bytes before it; else it
is a record by itself, to which nothing attaches. No decision rests on a decision whose own grounds may lie any distance
back: `certain` marks the beginnings that follow from two lines alone, and only such a record takes an exception below
its first line, or a chained traceback.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import field
from typing import Final, NamedTuple

from floodscan.model import BLANK, Skipped
from floodscan.read.kinds import Kind, ends_traceback, is_exception, is_loud, kind_of, opens_traceback
from floodscan.read.limits import Limits
from floodscan.read.lines import Line
from floodscan.read.plausible import is_binary, is_deep
from floodscan.read.unwrap import unwrap
from floodscan.read.wrapped import Wrapped
from floodscan.value import mutable

_BLANKS: Final = frozenset(" \t")
_MANY_SERVICES: Final = 256
"""More than these are looked through for those that have fallen silent."""
ServiceKey = tuple[str | None, str | None]
"""Service and stream, as carriers tell them."""
PLAIN: Final[ServiceKey] = (None, None)
"""Of lines without a carrier that tells either."""


class Frame(NamedTuple):
    """A logical record before it is decoded."""

    text: str
    """Unwrapped, its physical lines joined by newlines."""
    line: int
    lines: int
    offset: int
    size: int
    service: str | None = None
    clock: str | None = None
    """The carrier's time as it printed it: for records that show none of their own."""
    severity: int | None = None
    """The carrier's level, 0 to 7 by the scale of syslog."""
    process: str | None = None


@mutable
class _Slot:
    """A place in the output, which is in the order of first bytes; `out` is decided later than the place is taken."""

    offset: int
    owner: _Open | _Chain | None = None
    """Who decides; None once it is decided."""
    out: Frame | Skipped | None = None

    def decide(self, out: Frame | Skipped | None) -> None:
        self.owner, self.out = None, out


@mutable
class _Open:
    """A record that continuations may still join."""

    service: _Service
    slot: _Slot
    head: Wrapped
    line: int
    certain: bool
    lines: int = 0
    size: int = 0
    texts: list[str] = field(default_factory=list)
    blanks: list[tuple[_Slot, Skipped]] = field(default_factory=list)
    """Blank lines after its last line: part of it if something joins it later."""

    def add(self, text: str, lines: int, size: int) -> None:
        for slot, blank in self.blanks:
            self.texts.append("")
            self.lines += blank.lines
            self.size += blank.size
            slot.decide(None)
        self.blanks.clear()
        self.texts.append(text)
        self.lines += lines
        self.size += size


@mutable
class _Service:
    """What is known of the lines of one service and stream."""

    open: _Open | None = None
    last: Kind | None = None
    last_at: int = 0
    after_head: bool = False
    """The last line was the first of the open record."""
    traceback_at: int | None = None
    """Where the traceback began whose last line has not come yet."""


@mutable
class _Chain:
    """The parts of a line that a container runtime has cut."""

    key: ServiceKey
    head: Wrapped
    first: int
    last_at: int
    parts: list[tuple[_Slot, Line, str]] = field(default_factory=list)
    oversize: bool = False


class Framer:
    """Takes the lines of a stream one after another; gives records and skips in the order of their first bytes."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._slots: deque[_Slot] = deque()
        self._plain = _Service()
        self._services: dict[ServiceKey, _Service] = {}
        self._chains: dict[ServiceKey, _Chain] = {}
        self._many = _MANY_SERVICES

    @property
    def idle(self) -> bool:
        """True where nothing waits: no open record, no unfinished line."""
        return not self._slots

    @property
    def whole(self) -> bool:
        """True where no line waits for its other parts."""
        return not self._chains

    @property
    def waits_from(self) -> int | None:
        """Where the first begins that has not been given out."""
        return self._slots[0].offset if self._slots else None

    def nothing_before(self, end: float) -> bool:
        """True where everything that begins before `end` has been given out."""
        return not self._slots or self._slots[0].offset >= end

    def passed_whole_line(self, key: ServiceKey = PLAIN) -> None:
        """A line of JSON went past: nothing of its service before it can go on after it."""
        service = self._plain if key == PLAIN else self._services.get(key)
        if service is not None and service.last is not Kind.WHOLE:
            self._close(service)
            service.last, service.after_head, service.traceback_at = Kind.WHOLE, False, None

    def skip(self, skipped: Skipped) -> None:
        self._slots.append(_Slot(skipped.offset, None, skipped))

    def take(self, line: Line) -> None:
        if len(self._services) > self._many:
            self._forget(line.offset)
        text = line.data.decode("utf-8", "replace")
        if text[:1] in _BLANKS and self._joins(text, line):
            return
        if not (text[:1] == "{" and text[-1:] == "}") and is_binary(line.data, text):
            self.skip(Skipped("binary", line.number, 1, line.offset, line.size))
            return
        wrapped = unwrap(text)
        slot = _Slot(line.offset)
        self._slots.append(slot)
        if wrapped.part == "whole":
            self._logical(wrapped, slot, line.number, 1, line.size)
        else:
            self._part(wrapped, slot, line)

    def _joins(self, text: str, line: Line) -> bool:
        """An indented line joins the open record: as `_logical` has it, at a third of the price, for most lines are such."""
        plain = self._plain
        record = plain.open
        if record is None or line.offset - record.slot.offset > self._limits.span:
            return False
        if not text.strip() or "\x1b" in text or is_binary(line.data, text):
            return False
        record.add(text, 1, line.size)
        plain.last, plain.last_at, plain.after_head = Kind.CONTINUATION, line.offset, False
        return True

    def ready(self, at: int) -> Iterable[Frame | Skipped]:
        """What is decided at the front, once everything is closed that nothing at offset `at` or later can join."""
        if not self._slots:
            return ()
        front = self._slots[0]
        if front.owner is not None and at - front.offset <= self._limits.span:
            return ()  # too near to be closed
        return self._decided(at)

    def _decided(self, at: int) -> Iterator[Frame | Skipped]:
        while self._slots:
            owner = self._slots[0].owner
            if isinstance(owner, _Open) and at - owner.slot.offset > self._limits.span:
                near = [chain for chain in self._chains.values() if chain.first - owner.slot.offset <= self._limits.span]
                ended = [chain for chain in near if at - chain.last_at > self._limits.gap]
                for chain in ended:  # what they are of may belong to the record
                    self._finish_chain(chain)
                if near and not ended:
                    return
                if not near:
                    self._close(owner.service)
            elif isinstance(owner, _Chain) and at - owner.last_at > self._limits.gap:
                self._finish_chain(owner)
            elif owner is not None:
                return
            else:
                out = self._slots.popleft().out
                if out is not None:
                    yield out

    def finish(self) -> Iterator[Frame | Skipped]:
        """The stream has ended: all that is left."""
        for chain in list(self._chains.values()):
            self._finish_chain(chain)
        for service in (self._plain, *self._services.values()):
            self._close(service)
        return (slot.out for slot in self._slots if slot.out is not None)

    def _forget(self, at: int) -> None:
        """Drop the services whose last line is too far back to matter, even to a split line that is still coming."""
        far = self._limits.span + self._limits.chain + self._limits.gap
        for key, service in list(self._services.items()):
            if service.open is None and at - service.last_at > far:
                del self._services[key]
        self._many = max(_MANY_SERVICES, 2 * len(self._services))  # so that looking through them costs little a line

    # ------------------------------------------------------------ one logical line

    def _logical(self, wrapped: Wrapped, slot: _Slot, line: int, lines: int, size: int) -> None:
        service, at, text = self._service(wrapped), slot.offset, wrapped.text
        if service.open is not None and at - service.open.slot.offset > self._limits.span:
            self._close(service)
        if not text.strip():
            self._blank(service, slot, Skipped(BLANK, line, lines, at, size))
            return
        kind = kind_of(text)
        near = service.last if at - service.last_at <= self._limits.span else None
        attach, certain = self._decide(service, kind, near, text, at)
        if attach and service.open is not None:
            service.open.add(text, lines, size)
            slot.decide(None)
        else:
            self._close(service)
            record = _Open(service, slot, wrapped, line, certain)
            record.add(text, lines, size)
            if kind in (Kind.START, Kind.TRACEBACK):
                slot.owner = service.open = record
            else:  # one line of JSON, or a continuation of nothing: complete as it is
                slot.decide(_framed(record))
        service.last, service.last_at = kind, at
        service.after_head = not attach and service.open is not None
        if kind is Kind.TRACEBACK or (kind is Kind.START and opens_traceback(text)):
            service.traceback_at = at
        elif kind < Kind.CONTINUATION:
            service.traceback_at = None

    def _decide(self, service: _Service, kind: Kind, near: Kind | None, text: str, at: int) -> tuple[bool, bool]:
        """Whether the line joins the open record; and, if it begins one, whether that is certain."""
        record = service.open
        if kind >= Kind.CONTINUATION:
            return record is not None, False
        if kind is Kind.WHOLE:
            return False, True
        below_loud = (
            (kind is Kind.TRACEBACK or is_exception(text))
            and record is not None
            and service.after_head
            and record.certain
            and is_loud(record.head.text)
            and not is_exception(record.head.text)
        )
        if kind is Kind.TRACEBACK:
            if near is Kind.CHAINED:
                return record is not None and record.certain, False
            return below_loud, True
        begun = service.traceback_at
        if begun is not None and at - begun <= self._limits.span and ends_traceback(text):
            return record is not None, False
        return below_loud, True

    def _blank(self, service: _Service, slot: _Slot, blank: Skipped) -> None:
        if service.open is None:
            slot.decide(blank)
        else:
            slot.owner = service.open
            service.open.blanks.append((slot, blank))

    def _close(self, service: _Service) -> None:
        record = service.open
        if record is None:
            return
        record.slot.decide(_framed(record))
        for slot, blank in record.blanks:
            slot.decide(blank)
        service.open = None

    def _service(self, wrapped: Wrapped) -> _Service:
        key = wrapped.service, wrapped.stream
        return self._plain if key == PLAIN else self._services.setdefault(key, _Service())

    # ------------------------------------------------------------ lines that a runtime has cut

    def _part(self, wrapped: Wrapped, slot: _Slot, line: Line) -> None:
        key = (wrapped.service, wrapped.stream)
        chain = self._chains.get(key)
        if chain is not None and line.offset - chain.last_at > self._limits.gap:
            self._finish_chain(chain)
            chain = None
        if chain is None:
            if wrapped.part == "last":
                self._joined(wrapped, wrapped.text, slot, line.number, 1, line.size)
                return
            chain = self._chains[key] = _Chain(key, wrapped, line.offset, line.offset)
        chain.last_at, slot.owner = line.offset, chain
        chain.parts.append((slot, line, wrapped.text))
        if line.offset - chain.first > self._limits.chain:
            chain.oversize = True
        if chain.oversize:
            self._drop_parts(chain)
        if wrapped.part == "last":
            self._finish_chain(chain)

    def _drop_parts(self, chain: _Chain) -> None:
        for slot, line, _ in chain.parts:
            slot.decide(Skipped("oversize", line.number, 1, line.offset, line.size))
        chain.parts.clear()

    def _finish_chain(self, chain: _Chain) -> None:
        """Its last part has come, or never will: what there is of the line is the line."""
        del self._chains[chain.key]
        if not chain.parts:
            return
        (first, line, _), *rest = chain.parts
        for slot, _, _ in rest:
            slot.decide(None)
        first.decide(None)
        text = "".join(text for _, _, text in chain.parts)
        size = sum(part.size for _, part, _ in chain.parts)
        self._joined(chain.head, text, first, line.number, len(chain.parts), size)

    def _joined(self, carrier: Wrapped, text: str, slot: _Slot, line: int, lines: int, size: int) -> None:
        inner = unwrap(text).within(carrier)
        self._logical(inner, slot, line, lines, size)


def _framed(record: _Open) -> Frame | Skipped:
    text, head = "\n".join(record.texts), record.head
    if text[0] == "{" and is_deep(text):
        return Skipped("depth", record.line, record.lines, record.slot.offset, record.size)
    return Frame(
        text, record.line, record.lines, record.slot.offset, record.size,
        head.service, head.clock, head.severity, head.process,
    )  # fmt: skip
