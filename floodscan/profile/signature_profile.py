"""What is kept of one signature."""

from __future__ import annotations

from dataclasses import dataclass, replace

from floodscan.model import LEVELS, ErrorInfo, Level, Record, Signature
from floodscan.profile.sample import Bottom, Ends, Event, rank_of
from floodscan.profile.story import KeyProfile
from floodscan.profile.timeline import Timeline
from floodscan.redact import clip, redact, redact_value


@dataclass(frozen=True, slots=True)
class Caps:
    """Every bound of a profile. The defaults lost nothing on the lab's logs; a quarter of them splits loops."""

    buckets: int = 256
    """Occupied buckets of a timeline."""
    values: int = 64
    """Values of an id key with a story each, and sampled lines of it."""
    story: int = 16
    """Events at each end of a story."""
    ends: int = 64
    """Events at each end of a signature."""
    ranks: int = 1024
    """Bare ranks of an id key, for the estimate of distinct values."""
    keys: int = 8
    """Id keys of a signature."""
    examples: int = 3
    """Example lines of a signature, beside its first."""
    texts: int = 6
    """Distinct error texts, inner causes, details of one name, components of a signature."""
    text: int = 2_000
    """Characters of an example or an error text."""
    signatures: int = 16_384
    """Distinct signatures, before they are coarsened."""
    scene_classes: int = 256
    """Classes of failures that choose scenes."""
    scene_events: int = 4_096
    """Events of a scene."""


@dataclass(frozen=True, slots=True)
class ExampleLine:
    """A line as it may be shown: secrets replaced by tags, clipped."""

    source: int
    line: int
    family: str
    text: str
    message: str
    error: ErrorInfo | None
    details: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class InnerCause:
    """An error inside the signature's errors, and how many of its records carry it."""

    type: str | None
    code: str | None
    message: str
    count: int


def shown(text: str | None, limit: int) -> str | None:
    return None if text is None else clip(redact(text), limit)


def shown_error(error: ErrorInfo | None, limit: int) -> ErrorInfo | None:
    """The error with its texts redacted and clipped, and at most eight inner errors."""
    if error is None:
        return None
    causes = tuple(e for e in (shown_error(c, limit) for c in error.causes[:8]) if e is not None)
    message, stack = shown(error.message, limit), shown(error.stack, 2 * limit)
    return replace(error, message=message, stack=stack, causes=causes)


class SignatureProfile:
    """Counts, timelines, ends, stories and samples of one signature. A commutative monoid for one `Caps`."""

    def __init__(self, signature: Signature, caps: Caps) -> None:
        self.signature = signature
        self.caps = caps
        self.count = 0
        self.lines = 0
        self.bytes = 0
        self.failures = 0
        """Records of it that are failures by their level, error or status."""
        self.hard = 0
        """Failures by more than a level of warn: with an error, a code, a status or a level of error."""
        self.timed = 0
        self.subsecond = 0
        self.level = -1
        self.first: int | None = None
        self.last: int | None = None
        self.times = Timeline(caps.buckets)
        self.positions = Timeline(caps.buckets)
        self.ends = Ends(caps.ends)
        self.keys: dict[str, KeyProfile] = {}
        self.keys_cut = False
        self.opening: ExampleLine | None = None
        self.opening_at: Event | None = None
        self.examples: Bottom[ExampleLine] = Bottom(caps.examples)
        self.messages: Bottom[str] = Bottom(caps.texts)
        self.causes: Bottom[InnerCause] = Bottom(caps.texts)
        self.details: dict[str, Bottom[str]] = {}
        self.components: Bottom[tuple[str, int]] = Bottom(caps.texts)

    @property
    def failure(self) -> bool:
        return self.failures * 2 > self.count

    @property
    def level_name(self) -> Level | None:
        """The highest level it was logged at."""
        return LEVELS[self.level] if self.level >= 0 else None

    def absorb(self, record: Record, failure: bool, event: Event, ranks: tuple[int, ...], line_rank: int) -> None:
        """Takes one record. `event`: its time (0 without a clock) and position; `ranks`: of its ids' values."""
        self.count += 1
        self.lines += record.lines
        self.bytes += record.size
        level = LEVELS.index(record.level) if record.level else -1
        self.level = max(self.level, level)
        if failure:
            self.failures += 1
            self.hard += bool(record.error or (record.status or 0) >= 400 or level >= 4)
        time, position = event
        if record.time is not None:
            self.timed += 1
            self.subsecond += record.subsecond
            self.first = time if self.first is None or time < self.first else self.first
            self.last = time if self.last is None or time > self.last else self.last
        if time:
            self.times.add(time)
        self.positions.add(position)
        self.ends.add(event)
        for (key, value), rank in zip(record.ids, ranks, strict=True):
            profile = self.keys.get(key) or self._key(key)
            if profile is not None:
                profile.add(value, rank, line_rank, event)
        if self.opening_at is None or event < self.opening_at:
            self.opening, self.opening_at = self._example(record, position), event
        if self.examples.wants(line_rank):
            self.examples.put(line_rank, self._example(record, position))
        if failure:
            self._absorb_texts(record)

    def _key(self, key: str) -> KeyProfile | None:
        if len(self.keys) >= self.caps.keys:
            self.keys_cut = True
            largest = max(self.keys)
            if key > largest:
                return None
            del self.keys[largest]
        self.keys[key] = profile = KeyProfile(self.caps.values, self.caps.story, self.caps.ranks)
        return profile

    def _example(self, record: Record, position: int) -> ExampleLine:
        limit = self.caps.text
        details = tuple((name, clip(redact_value(name, value), 300)) for name, value in record.details)
        text, message = clip(redact(record.text), limit), clip(redact(record.message), limit)
        error = shown_error(record.error, limit)
        return ExampleLine(position >> 40, record.line, record.family, text, message, error, details)

    def _absorb_texts(self, record: Record) -> None:
        if record.error is not None:
            if record.error.message:
                self._put_text(self.messages, record.error.message)
            for cause in record.error.causes[:8]:
                self._absorb_cause(cause)
        for name, value in record.details:
            values = self.details.get(name)
            if values is None:
                values = self.details[name] = Bottom(self.caps.texts)
            self._put_text(values, value)
        if record.service:
            rank = rank_of(record.service)
            if self.components.wants(rank):
                _, seen = self.components.items.get(rank, ("", 0))
                self.components.put(rank, (record.service, seen + 1))

    def _put_text(self, texts: Bottom[str], text: str) -> None:
        rank = rank_of(text)
        if rank not in texts.items and texts.wants(rank):
            texts.put(rank, clip(redact(text), self.caps.text))

    def _absorb_cause(self, cause: ErrorInfo) -> None:
        rank = rank_of(f"{cause.type}\0{cause.code}\0{cause.message if not cause.code else ''}")
        known = self.causes.items.get(rank)
        if known is not None:
            known.count += 1
            text = clip(redact(cause.message or ""), self.caps.text)
            known.message = min(known.message, text)
        elif self.causes.wants(rank):
            text = clip(redact(cause.message or ""), self.caps.text)
            self.causes.put(rank, InnerCause(cause.type, cause.code, text, 1))

    def merge(self, other: SignatureProfile) -> None:
        """Adds `other` in place; `other` is left unharmed."""
        for name in ("count", "lines", "bytes", "failures", "hard", "timed", "subsecond"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.level = max(self.level, other.level)
        self.first = min((t for t in (self.first, other.first) if t is not None), default=None)
        self.last = max((t for t in (self.last, other.last) if t is not None), default=None)
        self.times.merge(other.times)
        self.positions.merge(other.positions)
        self.ends.merge(other.ends)
        for key in sorted(other.keys):
            profile = self.keys.get(key) or self._key(key)
            if profile is not None:
                profile.merge(other.keys[key])
        self.keys_cut = self.keys_cut or other.keys_cut
        if other.opening_at is not None and (self.opening_at is None or other.opening_at < self.opening_at):
            self.opening, self.opening_at = other.opening, other.opening_at
        self.examples.merge(other.examples, lambda a, b: a, lambda a: a)
        self.messages.merge(other.messages, lambda a, b: a, lambda a: a)
        self.causes.merge(other.causes, _add_cause, replace)
        for name in sorted(other.details):
            mine = self.details.setdefault(name, Bottom(self.caps.texts))
            mine.merge(other.details[name], lambda a, b: a, lambda a: a)
        self.components.merge(other.components, lambda a, b: (a[0], a[1] + b[1]), lambda a: a)

    def copy(self) -> SignatureProfile:
        out = SignatureProfile(self.signature, self.caps)
        out.merge(self)
        return out


def _add_cause(a: InnerCause, b: InnerCause) -> InnerCause:
    return replace(a, count=a.count + b.count, message=min(a.message, b.message))
