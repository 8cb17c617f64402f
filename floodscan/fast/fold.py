"""The fold with the kernel: the plain path takes what the kernel leaves, and both come together block by block."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from itertools import islice
from typing import Final
from zlib import crc32

from floodscan.decode import Facts, decode
from floodscan.decode.stream import place
from floodscan.fast import pretty
from floodscan.fast.learn import JWT, MESSAGES, SIGNATURES, Learner, Variant
from floodscan.model import BLOCK, Record, Skipped
from floodscan.profile.coarse import scene_class
from floodscan.profile.fold import position_of
from floodscan.profile.profile import Failed, Placed, Profile, failed_in, filled, scene_of
from floodscan.profile.sample import rank_of_position
from floodscan.profile.scene import BlockKey, SceneEvent
from floodscan.profile.signature_profile import SignatureProfile
from floodscan.profile.story import Story
from floodscan.read.framer import Frame, ServiceKey
from floodscan.read.unwrap import unwrapped
from floodscan.read.wrapped import Wrapped
from floodscan.signature import is_failure, signature_of

try:
    from floodscan.fast import _kernel
except ImportError:  # not built for this machine
    _kernel = None  # type: ignore[assignment]

BLOCKS: Final = 256
"""Blocks whose events are sampled at once: 16 MiB of the stream are held meanwhile."""
_PLAIN: Final = 2_048
"""Records of the plain path that wait for their block at most."""
_WORTHWHILE: Final = 0.5
"""Share of the lines that the kernel must take: below it, full tables are emptied, for what they hold is of the past."""
_END: Final = 1 << 62
WANTING: Final = 7
"""What the kernel says where it needs more data, as kernel/types.h has it."""

_learnt: dict[tuple[int, int], Learner] = {}
"""What the last source has taught, for the next one: of most logs all files are alike. Whoever folds takes it out."""


def available() -> bool:
    """Whether the kernel was built."""
    return _kernel is not None


def _learner(utc_offset_ms: int, texts: int, coarseness: int) -> Learner:
    learner = _learnt.pop((utc_offset_ms, texts), None)
    if learner is not None and learner.coarseness > coarseness:
        learner.part()
        learner = None
    if learner is None:
        learner = Learner(utc_offset_ms, texts)
        asked = learner.tell_path, learner.identify, learner.tells, learner.tell_prefix, learner.begins
        learner.kernel = _kernel.Kernel(*asked, texts, utc_offset_ms)
    return learner


class FastFold:
    """Adds one source, or a range of it, to a profile: what `profile.fold` gives, sooner.

    For sources of which the kernel may take something (see `pretty.mode_of`), in the order of the file, with no window of
    time asked for.
    """

    def __init__(self, profile: Profile, source: int, facts: Facts) -> None:
        self._profile = profile
        self._source = source
        self._facts = facts
        self._mode = pretty.mode_of(facts)
        self._learner = _learner(facts.utc_offset_ms, profile.caps.texts, profile.coarseness)
        self._kernel = self._learner.kernel
        self._clockwork = None if facts.dated else pretty.Clockwork(facts, self._kernel)
        self.set_time = None if self._clockwork is None else self._clockwork.wait
        """Where the times of records are not set as they come."""
        self._old: dict[int, Variant] = {}
        """Variants that the kernel has forgotten, and that events which wait may still name."""
        self._told: set[int] = set()
        self._classes: dict[int, str] = {}
        self._plain: dict[int, list[Placed]] = {}
        self._waiting = 0
        self._first: int | None = None
        """The first block whose events wait."""
        self._data: list[tuple[int, bytes]] = []
        self._full = False
        self._taken = self._left = 0
        if self._learner.coarseness < profile.coarseness:
            self._forget()

    # ------------------------------------------------------------ taking lines

    def take(
        self, data: bytes, start: int, base: int, number: int, low: int, high: int, waits_from: int | None
    ) -> tuple[int, int, set[ServiceKey], bool]:
        """Takes whole lines of `data` from `start` on; returns where the first line that it left begins, its number, the
        services of those that it took, and whether more data may show that that line is for the kernel.

        `base` is the offset of data[0] in the stream, `number` that of the line at `start`; lines outside of
        [low, high) are left. All records before `waits_from`, if not `start`, must have been given to `fold`.
        """
        block = (base + start if waits_from is None else waits_from) // BLOCK
        if self._first is None:
            self._first = block
        elif block - self._first >= BLOCKS or (block > self._first and (self._waiting >= _PLAIN or self._kernel.crowded)):
            self._flush(block)
            self._first = block
        first, before, services = start, number, set[int]()
        while True:
            start, number, state, touched, end = self._kernel.take(data, start, base, number, low, high, self._mode)
            services.update(touched)
            if not 2 <= state < WANTING or self._full:
                break
            text = text_of(data[start:end])
            self._full = len(self._learner.signatures) >= SIGNATURES or not self._learner.learn(text, state - 2)
        if start > first:
            self._data.append((base, data))
            self._taken += number - before
        self._left += 1
        return start, number, {self._learner.services[service] for service in services}, state == WANTING

    def fold(self, items: Iterable[Record | Skipped]) -> None:
        """Adds what the plain path gives; where that breaks off with an error, what came before it is added all the same."""
        profile, ended = self._profile, False
        try:
            for item in items:
                if isinstance(item, Skipped):
                    profile.skip(item)
                    continue
                number = item.offset // BLOCK
                if self._waiting >= _PLAIN and number not in self._plain:
                    self._flush(number)
                    self._first = None
                where = position_of(self._source, item.line, reverse=False)
                self._plain.setdefault(number, []).append((item, signature_of(item), is_failure(item), where))
                self._waiting += 1
            ended = True
        finally:
            whole = False
            try:
                self._flush(_END)
                profile.sweep()
                whole = ended and self._learner.renew()  # else it may have been in the middle of learning
            finally:
                if whole:
                    _learnt[self._facts.utc_offset_ms, profile.caps.texts] = self._learner
                else:
                    self._learner.part()

    # ------------------------------------------------------------ blocks

    def _flush(self, before: int) -> None:
        """Adds all blocks before `before` to the profile."""
        kernel, profile = self._kernel, self._profile
        if self._clockwork is not None:
            self._clockwork.settle(before * BLOCK)
        spans = {block: (first, end) for block, first, end in kernel.begin(self._source, BLOCK, before)}
        plain = {block: self._plain.pop(block) for block in sorted(self._plain) if block < before}
        times = {block: self._times(placed, *spans.get(block, (0, 0))) for block, placed in plain.items()}
        together = [record for placed in plain.values() for record in placed]
        ranks = iter(profile.absorb_records(together, [time for of_block in times.values() for time in of_block]))
        self._waiting -= len(together)
        failed: list[tuple[BlockKey, Failed]] = []
        scenes: dict[BlockKey, tuple[list[Placed], list[int], list[tuple[int, ...]], int, int]] = {}
        for number in sorted({*spans, *plain}):
            key = self._source, number
            first, end = spans.get(number, (0, 0))
            placed, at = plain.get(number, []), times.get(number, [])
            failed.append((key, failed_in(placed, at)))
            self._add_failed(failed[-1][1], first, end)
            scenes[key] = placed, at, list(islice(ranks, len(placed))), first, end
        profile.choose(failed)
        for key in sorted(profile.chosen() & scenes.keys()):
            profile.keep_scene(key, self._scene(*scenes[key]))
        if spans:
            self._absorb()
            profile.fit()
        oldest = kernel.drop()
        self._data = [held for held in self._data if held[0] + len(held[1]) > before * BLOCK]
        if self._old:
            self._old = {number: variant for number, variant in self._old.items() if number >= oldest}
        worthless = self._full and self._taken < _WORTHWHILE * (self._taken + self._left)
        if worthless or self._learner.coarseness < profile.coarseness:
            self._forget()
        self._taken = self._left = 0

    def _forget(self) -> None:
        """Forgets all forms; events that wait still have theirs."""
        self._old |= self._learner.variants
        self._learner.forget(self._profile.coarseness)
        self._told, self._full = set(), len(self._learner.signatures) >= SIGNATURES

    def _times(self, placed: list[Placed], first: int, end: int) -> list[int]:
        """The times of a block's plain records; those without one take their neighbour's, whichever path it took."""
        shown = [record.time for record, _, _, _ in placed]
        if None not in shown or first == end:
            return filled(shown)
        kernel, known, out = self._kernel, None, list[int]()
        at = -1
        leading = next((i for i, time in enumerate(shown) if time is not None), len(shown))
        for (_, _, _, position), time in zip(placed, shown, strict=True):
            if time is None:
                near = kernel.near(first, end, position)
                if near is not None and near[0] > at:
                    at, known = near
            else:
                at, known = position, time
            if known is None:  # before every time of the block
                after = kernel.events(first, first + 1)[0]
                timed = placed[leading][3] if leading < len(placed) else _END
                out.append(after[0] if after[1] < timed else int(shown[leading] or 0))
            else:
                out.append(known)
        return out

    def _add_failed(self, failed: Failed, first: int, end: int) -> None:
        if first == end:
            return
        for signature, low, high in self._kernel.failing(first, end):
            name = self._classes.get(signature)
            if name is None:
                name = self._classes[signature] = scene_class(self._learner.signatures[signature])
            known = failed.get(name)
            failed[name] = (low, high) if known is None else (min(low, known[0]), max(high, known[1]))

    def _scene(
        self, placed: list[Placed], times: list[int], ranks: list[tuple[int, ...]], first: int, end: int
    ) -> tuple[SceneEvent, ...]:
        limit = self._profile.caps.scene_events
        events = list(scene_of(placed, times, ranks, limit))
        signatures = self._learner.signatures
        waiting = self._kernel.events(first, min(end, first + limit))
        for time, position, signature, failing, ids, offset, size in waiting:
            told = crc32(text_of(self._raw(offset, size)))
            events.append(SceneEvent(time, position, signatures[signature], bool(failing), ids, told))
        events.sort(key=lambda event: event.position)
        return tuple(events[:limit])

    # ------------------------------------------------------------ signatures

    def _absorb(self) -> None:
        """Adds the events that the kernel has made ready to their signatures."""
        kernel, profile, variants = self._kernel, self._profile, self._learner.variants
        totals: dict[int, list[int]] = {}
        for number, count, size in kernel.variants():
            variant = variants.get(number) or self._old[number]
            sums = totals.setdefault(variant.signature, [0, 0, 0, 0, -1, 0, 0])
            sums[0] += count
            sums[1] += size
            sums[2] += count * variant.failure
            sums[3] += count * variant.hard
            sums[4] = max(sums[4], variant.level)
            sums[5] += count * variant.lines
            sums[6] += count * variant.subsecond
            profile.undated += count * (not variant.dated)
            profile.formats[variant.family] = profile.formats.get(variant.family, 0) + count
            if variant.failure:
                self._absorb_texts(number, variant, count)
        for number, sums in totals.items():
            count, size, *_, lines, subsecond = sums
            profile.records += count
            profile.lines += lines
            profile.bytes += size
            profile.timed += count
            profile.subsecond += subsecond
            self._absorb_signature(number, *sums)
        for number, service, failed in kernel.served():
            name, _ = self._learner.services[service]
            if name:
                profile.profile_of(self._learner.signatures[number]).absorb_service(name, failed)
        profile.times.add_counts(*kernel.histogram(-1, 1, profile.times.shift, profile.times.cap))
        profile.failure_times.add_counts(*kernel.histogram(-2, 1, profile.failure_times.shift, profile.failure_times.cap))

        cut = [(number, self._learner.details[detail & 127]) for number, detail in kernel.cut_details()]
        for number, name in cut:
            of = profile.profile_of(self._learner.signatures[number])
            values = of.messages if name == MESSAGES else of.details.get(name)
            if values is not None:
                values.cut = True

    def _absorb_texts(self, number: int, variant: Variant, count: int) -> None:
        """What a failure says is a set, but for its inner causes, which are counted."""
        if number in self._told and not (variant.error and variant.error.causes):
            return
        of = self._profile.profile_of(self._learner.signatures[variant.signature])
        if number not in self._told:
            self._told.add(number)
            of.absorb_texts(variant.error, variant.details)
        if variant.error is not None:
            of.absorb_causes(variant.error, count)

    def _absorb_signature(
        self, number: int, count: int, size: int, failures: int, hard: int, level: int, lines: int, subsecond: int
    ) -> None:
        kernel, profile = self._kernel, self._profile
        of = profile.profile_of(self._learner.signatures[number])
        of.changed()
        caps = of.caps
        ends, samples, cut, first, paths, low, high = kernel.signature(
            number, caps.ends, of.examples.limit, caps.examples
        )
        of.count += count
        of.lines += lines
        of.bytes += size
        of.failures += failures
        of.hard += hard
        of.timed += count
        of.subsecond += subsecond
        of.level = max(of.level, level)
        of.first = low if of.first is None else min(of.first, low)
        of.last = high if of.last is None else max(of.last, high)
        profile.first = low if profile.first is None else min(profile.first, low)
        profile.last = high if profile.last is None else max(profile.last, high)
        of.times.add_counts(*kernel.histogram(number, 1, of.times.shift, of.times.cap))
        of.positions.add_counts(*kernel.histogram(number, 0, of.positions.shift, of.positions.cap))
        of.ends.add_all(ends)
        event = ends[0]
        rank = rank_of_position(event[1])
        if of.opening_at is None or (event, rank) < (of.opening_at, of.opening_rank):
            of.opening_at, of.opening_rank = event, rank
            of.opening = of.example(self._record(first), event[1])
        for rank, at in samples:
            if of.examples.wants(rank):
                record = self._record(at)
                of.examples.put(rank, of.example(record, position_of(self._source, record.line, reverse=False)))
        of.examples.cut = of.examples.cut or bool(cut)
        for path, seen in paths.items():
            self._absorb_key(of, number, path, seen)

    def _absorb_key(self, of: SignatureProfile, number: int, path: int, count: int) -> None:
        kernel, caps, learner = self._kernel, of.caps, self._learner
        if path == JWT:
            self._absorb_tokens(of, number)
        key = of.key(learner.paths[path].dotted)
        if key is None:
            return
        stories, ranks, lines = key.stories, key.ranks, key.lines
        limits, bounds = (stories.limit, ranks.limit, lines.limit), (caps.values, caps.ranks, caps.story)
        told, cut_stories, bare, cut_ranks, sampled, cut_lines = kernel.key(number, path, limits, bounds, ranks.items)
        key.count += count
        for rank, value, seen, ends, _ in told:  # the smallest first: none that enters leaves again
            story = stories.items.get(rank)
            if story is None:
                if not stories.wants(rank):
                    break
                story = Story(learner.id_text(*kernel.value(value)), caps.story)
                stories.put(rank, story)
            story.count += seen
            story.ends.add_all(ends)
        if bare is not None:
            ranks.load(bare)
        for line, value, rank in sampled:
            if not lines.wants(line):
                break
            lines.put(line, (learner.id_text(*kernel.value(value)), rank))
        stories.cut = stories.cut or bool(cut_stories)
        ranks.cut = ranks.cut or bool(cut_ranks)
        lines.cut = lines.cut or bool(cut_lines)

    def _absorb_tokens(self, of: SignatureProfile, number: int) -> None:
        """What the JWTs of a signature's lines say of themselves."""
        told, cut, *_ = self._kernel.key(number, JWT, (of.tokens.limit, 0, 0), (of.caps.texts, 0, 1), b"")
        for rank, _, _, ends, earliest in told:
            for at in earliest or ():
                of.put_token(self._record(at), rank, ends[0][0])
        of.tokens.cut = of.tokens.cut or bool(cut)

    # ------------------------------------------------------------ lines

    def _record(self, at: int) -> Record:
        """The record of an event, by the plain path."""
        time, position, _, _, _, offset, size = self._kernel.events(at, at + 1)[0]
        raw = self._raw(offset, size)
        if pretty.is_pretty(raw):
            line, lines = Wrapped(text_of(raw).decode()), raw.count(b"\n")
        else:
            line, lines = unwrapped(_line(raw).decode()), 1
        number = position - position_of(self._source, 0, reverse=False)
        (record,) = decode(line.text, self._facts)
        told = line.service, line.clock, line.severity, line.process
        place(record, Frame(line.text, number, lines, offset, size, *told), lines, size)
        record.time = time
        return record

    def _raw(self, offset: int, size: int) -> bytes:
        base, data = self._data[bisect_right(self._data, offset, key=lambda held: held[0]) - 1]
        return data[offset - base : offset - base + size]


def _line(raw: bytes) -> bytes:
    return raw.removesuffix(b"\n").removesuffix(b"\r")


def text_of(raw: bytes) -> bytes:
    """A record that the kernel has taken, or could, without its carrier."""
    return pretty.text_of(raw) if pretty.is_pretty(raw) else _line(raw[raw.index(b"{") :])
