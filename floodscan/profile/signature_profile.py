"""What is kept of one signature."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from floodscan.decode.ids import MAX_IDS
from floodscan.model import LEVELS, ErrorInfo, Level, Record, Signature
from floodscan.profile.caps import Caps
from floodscan.profile.example import (
    ExampleLine,
    InnerCause,
    TokenFacts,
    example_of,
    inner_causes,
    name_of,
    rank_of_cause,
    request_of,
    shown,
    token_of,
)
from floodscan.profile.sample import Bottom, Ends, Event, rank_of
from floodscan.profile.story import EVENT, KEY, LINE, RANK, STORY, KeyProfile
from floodscan.profile.timeline import Timeline
from floodscan.redact import clip, redact_name, redact_value

__all__ = ["Caps", "ExampleLine", "InnerCause", "SignatureProfile"]

Row = tuple[Record, bool, Event, tuple[int, ...], int]
"""A record, whether it is a failure, its time (0 without a clock) and position, the ranks of its ids' values, its own."""

LEVEL_RANK: dict[Level | None, int] = {None: -1, **{level: rank for rank, level in enumerate(LEVELS)}}
_ERROR = LEVELS.index("error")
WORD = 150
"""Bytes for each word of a signature, about: in it, in its text and in its examples, here and in what diagnosis makes."""
_SUMS = ("count", "lines", "bytes", "failures", "hard", "timed", "subsecond")


def _full(caps: Caps) -> int:
    """What a full sample of an id key's values weighs."""
    return caps.values * (STORY + LINE + 2 * caps.story * EVENT) + caps.ranks * RANK


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
        self.opening_rank = 0
        """Of the opening's line: it settles which comes first of a batch, whose records have one event."""
        self.examples: Bottom[ExampleLine] = Bottom(caps.examples)
        self.messages: Bottom[str] = Bottom(caps.texts)
        self.causes: Bottom[InnerCause] = Bottom(caps.texts)
        self.details: dict[str, Bottom[str]] = {}
        self.components: Bottom[tuple[str, int]] = Bottom(caps.texts)
        self.tokens: Bottom[TokenFacts] = Bottom(caps.texts)
        """By the rank of the token's fingerprint."""
        self._weight: int | None = None

    @property
    def failure(self) -> bool:
        return self.failures * 2 > self.count

    @property
    def level_name(self) -> Level | None:
        """The highest level it was logged at."""
        return LEVELS[self.level] if self.level >= 0 else None

    @property
    def example_lines(self) -> list[ExampleLine]:
        """The first line of it, then the sampled ones."""
        return ([self.opening] if self.opening else []) + self.examples.values()

    def absorb(self, rows: Sequence[Row]) -> None:
        """Takes records of it, in any order."""
        self.changed()
        keys, wants = self.keys, self.examples.wants
        opening_at, opening_rank = self.opening_at, self.opening_rank
        for record, failure, event, ranks, line_rank in rows:
            for (key, value), rank in zip(record.ids, ranks, strict=True):
                profile = keys.get(key) or self.key(key)
                if profile is not None:
                    profile.add(value, rank, line_rank, event)
                if key == "token" and value.startswith("jwt:"):
                    self.put_token(record, rank, event[0])
            line = None
            if opening_at is None or event < opening_at or (event == opening_at and line_rank < opening_rank):
                opening_at, opening_rank = event, line_rank
                line = self.opening = self.example(record, event[1])
            if wants(line_rank):
                self.examples.put(line_rank, line or self.example(record, event[1]))
            if failure:
                self.absorb_texts(record.error, record.details, record.service)
                if record.error is not None:
                    self.absorb_causes(record.error, 1)
        self.opening_at, self.opening_rank = opening_at, opening_rank
        events = [row[2] for row in rows]
        self._count(rows)
        self.times.add_all([time for time, _ in events if time])
        self.positions.add_all([position for _, position in events])
        self.ends.add_all(events)

    def _count(self, rows: Sequence[Row]) -> None:
        self.count += len(rows)
        level, lines, size, timed, subsecond, times = self.level, 0, 0, 0, 0, list[int]()
        for record, failure, (time, _), _, _ in rows:
            rank = LEVEL_RANK[record.level]
            if rank > level:
                level = rank
            lines += record.lines
            size += record.size
            if failure:
                self.failures += 1
                self.hard += rank >= _ERROR or record.error is not None or (record.status or 0) >= 400
            if record.time is not None:
                timed += 1
                subsecond += record.subsecond
                times.append(time)
        self.level = level
        self.lines += lines
        self.bytes += size
        self.timed += timed
        self.subsecond += subsecond
        if times:
            first, last = min(times), max(times)
            self.first = first if self.first is None or first < self.first else self.first
            self.last = last if self.last is None or last > self.last else self.last

    def key(self, key: str) -> KeyProfile | None:
        """What is kept of an id key; None where it is beyond the cap."""
        known = self.keys.get(key)
        if known is not None:
            return known
        if len(self.keys) >= self.caps.keys:
            self.keys_cut = True
            largest = max(self.keys)
            if key > largest:
                return None
            del self.keys[largest]
        self.keys[key] = profile = KeyProfile(self.caps.values, self.caps.story, self.caps.ranks)
        return profile

    def example(self, record: Record, position: int) -> ExampleLine:
        """The record, which stands at `position`, as it may be shown."""
        return example_of(record, position >> 40, self.caps.text)

    def absorb_texts(
        self, error: ErrorInfo | None, details: tuple[tuple[str, str], ...], service: str | None = None
    ) -> None:
        """Takes what a failure says. Where it has no service, a second time changes nothing."""
        if error is not None and error.message:
            self._put_message(error.message)
        for name, value in details:
            values = self.details.get(name)
            if values is None:
                values = self.details[name] = Bottom(self.caps.texts)
            rank = rank_of(value)
            if rank not in values.items and values.wants(rank):
                values.put(rank, clip(redact_value(name, value), self.caps.text))
        if service:
            self.absorb_service(service, 1)

    def absorb_service(self, service: str, times: int) -> None:
        """Takes the name that a carrier told of so many failures."""
        rank = rank_of(service)
        if self.components.wants(rank):
            _, seen = self.components.items.get(rank, ("", 0))
            self.components.put(rank, (redact_name(service), seen + times))

    def absorb_causes(self, error: ErrorInfo, times: int) -> None:
        """Takes the inner errors of an error that came `times` times."""
        for cause in inner_causes(error):
            rank = rank_of_cause(cause)
            if self.causes.wants(rank):
                told = name_of(cause.type), name_of(cause.code), shown(cause.message or "", self.caps.text)
                one, known = InnerCause(*told, times), self.causes.items.get(rank)
                self.causes.put(rank, one if known is None else known + one)

    def put_token(self, record: Record, rank: int, time: int) -> None:
        """Takes the JWT that a record's text holds, whose fingerprint has this rank."""
        known = self.tokens.items.get(rank)
        if self.tokens.wants(rank) and (known is None or time < known.seen_ms):
            self.tokens.put(rank, token_of(record, time))
        elif known is not None and time == known.seen_ms and (request := request_of(record)) < known.request:
            self.tokens.put(rank, replace(known, request=request))  # whichever of the two is read first

    def _put_message(self, message: str) -> None:
        rank = rank_of(message)
        if rank not in self.messages.items and self.messages.wants(rank):
            self.messages.put(rank, shown(message, self.caps.text))

    def merge(self, other: SignatureProfile) -> None:
        """Adds `other`, of the same caps, in place; `other` is left unharmed."""
        self.changed()
        for name in _SUMS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.level = max(self.level, other.level)
        self.first = min((t for t in (self.first, other.first) if t is not None), default=None)
        self.last = max((t for t in (self.last, other.last) if t is not None), default=None)
        self.times.merge(other.times)
        self.positions.merge(other.positions)
        self.ends.merge(other.ends)
        for key in sorted(other.keys):
            profile = self.key(key)
            if profile is not None:
                profile.merge(other.keys[key])
        self.keys_cut = self.keys_cut or other.keys_cut
        if other.opening_at is not None and (
            self.opening_at is None or (other.opening_at, other.opening_rank) < (self.opening_at, self.opening_rank)
        ):
            self.opening, self.opening_at, self.opening_rank = other.opening, other.opening_at, other.opening_rank
        self.examples.merge(other.examples, lambda a, b: a, lambda a: a)
        self.messages.merge(other.messages, lambda a, b: a, lambda a: a)
        self.causes.merge(other.causes, InnerCause.__add__, lambda a: a)
        for name in sorted(other.details):
            mine = self.details.setdefault(name, Bottom(self.caps.texts))
            mine.merge(other.details[name], lambda a, b: a, lambda a: a)
        self.components.merge(other.components, lambda a, b: (a[0], a[1] + b[1]), lambda a: a)
        self.tokens.merge(other.tokens, TokenFacts.__add__, lambda a: a)

    def forget_times(self) -> None:
        """Leaves every record without a clock."""
        self.timed = self.subsecond = 0
        self.first = self.last = None
        self.times = Timeline(self.caps.buckets)
        self.ends.forget_times()
        if self.opening_at is not None:
            self.opening_at = 0, self.opening_at[1]
        for key in self.keys.values():
            for story in key.stories.items.values():
                story.ends.forget_times()

    def changed(self) -> None:
        """Its weight is another now."""
        self._weight = None

    def weight(self) -> int:
        """Bytes that its words and its samples of ids take, about. Never less for more lines, and a function of the lines alone.

        Where keys were left out, another line may put a light one in a heavy one's place: then each weighs the most
        that it could by the number of lines.
        """
        if self._weight is None:
            if self.keys_cut:
                most = min(_full(self.caps), (STORY + LINE + EVENT + RANK) * MAX_IDS * self.count)
                self._weight = self.caps.keys * (KEY + most)
            else:
                self._weight = sum(key.weight() for key in self.keys.values())
            self._weight += WORD * len(self.signature.words)
        return self._weight

    def most(self) -> int:
        """What its weight can't exceed."""
        keys = self.caps.keys if self.keys_cut else len(self.keys)
        return keys * (KEY + _full(self.caps)) + WORD * len(self.signature.words)

    def shrink(self, caps: Caps) -> None:
        """Keeps what smaller caps would have kept of the samples of ids, and of the examples."""
        self.caps = caps
        self.changed()
        self.examples.shrink(caps.examples)
        for key in self.keys.values():
            key.shrink(caps.values, caps.story, caps.ranks)

    def copy(self) -> SignatureProfile:
        out = SignatureProfile(self.signature, self.caps)
        out.merge(self)
        return out

    def state(self, signature: int) -> list[Any]:
        """All of it for JSON, the same for equal profiles; `signature` stands for its own."""
        return [
            signature,
            [getattr(self, name) for name in _SUMS],
            [self.level, self.first, self.last, self.keys_cut],
            self.times.state(),
            self.positions.state(),
            self.ends.state(),
            [[name, self.keys[name].state()] for name in sorted(self.keys)],
            [None if self.opening is None else self.opening.state(), self.opening_at, self.opening_rank],
            self.examples.state(ExampleLine.state),
            self.messages.state(str),
            self.causes.state(InnerCause.state),
            [[name, self.details[name].state(str)] for name in sorted(self.details)],
            self.components.state(list),
            self.tokens.state(TokenFacts.state),
        ]

    @classmethod
    def of(cls, state: list[Any], signatures: list[Signature], caps: Caps) -> SignatureProfile:
        signature, sums, plain, times, positions, ends, keys, opening, *samples = state
        out = cls(signatures[signature], caps)
        for name, value in zip(_SUMS, sums, strict=True):
            setattr(out, name, value)
        out.level, out.first, out.last, out.keys_cut = plain
        out.times, out.positions = Timeline.of(times, caps.buckets), Timeline.of(positions, caps.buckets)
        out.ends = Ends.of(ends, caps.ends)
        out.keys = {name: KeyProfile.of(key, caps.values, caps.story, caps.ranks) for name, key in keys}
        line, at, out.opening_rank = opening
        if line is not None:
            out.opening, out.opening_at = ExampleLine.of(line), (at[0], at[1])
        examples, messages, causes, details, components, tokens = samples
        out.examples = Bottom.of(examples, caps.examples, ExampleLine.of)
        out.messages = Bottom.of(messages, caps.texts, str)
        out.causes = Bottom.of(causes, caps.texts, InnerCause.of)
        out.details = {name: Bottom.of(values, caps.texts, str) for name, values in details}
        out.components = Bottom.of(components, caps.texts, lambda c: (c[0], c[1]))
        out.tokens = Bottom.of(tokens, caps.texts, TokenFacts.of)
        return out


def weight_of_row(signature: Signature, row: Row) -> int:
    """What the profile of one record weighs whose ids stand under one key each, no more of them than are kept."""
    return len(row[3]) * (KEY + STORY + LINE + RANK + EVENT) + WORD * len(signature.words)
