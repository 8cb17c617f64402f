"""The profile of a log, or of any part of it: `Profile()` is zero, `+` is associative, commutative and exact."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from zlib import crc32

from floodscan.model import Record, Signature, Skipped
from floodscan.profile.caps import Caps
from floodscan.profile.coarse import COARSEST, coarse, joined, scene_class
from floodscan.profile.once import Once
from floodscan.profile.sample import Bottom, rank_of, rank_of_id, rank_of_position
from floodscan.profile.scene import BlockKey, Choice, Offered, Scene, SceneEvent, rank_of_block
from floodscan.profile.signature_profile import Row, SignatureProfile
from floodscan.profile.timeline import Span, Timeline, joined_spans

__all__ = ["Caps", "Profile"]

SWEEP_BLOCKS = 64
"""Blocks between two removals of scenes that nothing chooses any more: bounds memory, changes no result."""

WEIGH_RECORDS = 4_096
"""Records between two looks at what the samples weigh: bounds memory, changes no result."""

STEPS = ((0, 0), (0, 1), (1, 1), (2, 1), (2, 2), (3, 2), (4, 2), (5, 2))
"""How a profile that has outgrown its caps is made smaller: (coarseness of the signatures, thinnings of the samples).

The first step at which everything fits. What a step keeps can be told from what any step before it keeps, and what
doesn't fit for some lines doesn't fit for more of them: so the step depends on nothing but the set of lines.
"""

SUMS = ("bytes", "lines", "records", "timed", "subsecond", "undated", "outside_undated")
"""What of a profile is a plain sum."""

Placed = tuple[Record, Signature, bool, int]
"""A record, its signature, whether it is a failure, and its position in the input."""


Failed = dict[str, tuple[int, int]]
"""The first and last time (else position) of each class of failures in a block."""


class Profile:
    """Everything diagnosis knows of a log. No part of it grows with the number of lines, actors or messages."""

    def __init__(self, caps: Caps | None = None) -> None:
        self.caps = caps or Caps()
        self.bytes = 0
        self.lines = 0
        self.records = 0
        self.skipped: dict[str, int] = {}
        self.formats: dict[str, int] = {}
        self.timed = 0
        self.subsecond = 0
        self.undated = 0
        self.first: int | None = None
        self.last: int | None = None
        self.outside: Span | None = None
        """Of the records outside the time asked for, as `outside_undated` counts the lines of those without a date."""
        self.outside_undated = 0
        self.times = Timeline(self.caps.buckets)
        self.failure_times = Timeline(self.caps.buckets)
        self.step = 0
        """Of STEPS."""
        self.kept = self.caps
        """The caps of the signatures at this step."""
        self._signatures: dict[str, SignatureProfile] = {}
        self._once = Once()
        self.choices: Bottom[Choice] = Bottom(self.caps.scene_classes)
        self.scenes: dict[BlockKey, Scene] = {}
        self._since_sweep = 0
        self._unweighed = 0

    @property
    def signatures(self) -> dict[str, SignatureProfile]:
        """What is kept of each signature, by its id."""
        if self._once.rows:
            for signature, row in self._once.pop_all():
                self._profile_of_row(signature, row)
        return self._signatures

    @property
    def coarseness(self) -> int:
        return STEPS[self.step][0]

    @property
    def thinned(self) -> bool:
        """Whether the samples have outgrown their budget."""
        return STEPS[self.step][1] > 0

    # -------------------------------------------------------------- absorbing

    def skip(self, skipped: Skipped) -> None:
        self.lines += skipped.lines
        self.bytes += skipped.size
        self.skipped[skipped.reason] = self.skipped.get(skipped.reason, 0) + skipped.lines

    def absorb_block(self, key: BlockKey, block: list[Placed]) -> None:
        """Takes the records of one block of the stream.

        A record without a clock takes the time of the record before it in the block, else of the one after it.
        """
        times = filled([record.time for record, _, _, _ in block])
        id_ranks = self.absorb_records(block, times)
        if self.choose([(key, failed_in(block, times))]):
            self.keep_scene(key, scene_of(block, times, id_ranks, self.caps.scene_events))

    def absorb_records(self, block: list[Placed], times: list[int]) -> list[tuple[int, ...]]:
        """Takes records at their times (0 without a clock), but chooses no scenes; returns the ranks of each one's ids."""
        rows: dict[str, list[Row]] = {}
        signatures: dict[str, Signature] = {}
        id_ranks: list[tuple[int, ...]] = []
        coarseness = self.coarseness
        for (record, signature, failure, position), time, line_rank in zip(block, times, _line_ranks(block), strict=True):
            process = record.process
            ranks = tuple([rank_of_id(key, value, process) for key, value in record.ids])
            id_ranks.append(ranks)
            row = record, failure, (time, position), ranks, line_rank
            if coarseness:
                signature = coarse(signature, coarseness)
            known = signatures.get(signature.id)
            if known is None:
                signatures[signature.id], rows[signature.id] = signature, [row]
                continue
            rows[signature.id].append(row)
            if known is not signature:
                signatures[signature.id] = joined(known, signature)
        for name, signature in signatures.items():
            self._absorb(signature, rows[name])
        self._count(block, times)
        return id_ranks

    def _count(self, block: list[Placed], times: list[int]) -> None:
        self.records += len(block)
        self._unweighed += len(block)
        if self._unweighed >= WEIGH_RECORDS:
            self.fit()
        lines, size, timed, formats = 0, 0, list[int](), self.formats
        for (record, _, _, _), time in zip(block, times, strict=True):
            lines += record.lines
            size += record.size
            formats[record.family] = formats.get(record.family, 0) + 1
            if record.time is not None:
                timed.append(time)
                self.subsecond += record.subsecond
                self.undated += not record.dated
        self.lines += lines
        self.bytes += size
        self.timed += len(timed)
        if timed:
            first, last = min(timed), max(timed)
            self.first = first if self.first is None or first < self.first else self.first
            self.last = last if self.last is None or last > self.last else self.last
        self.times.add_all([time for time in times if time])
        self.failure_times.add_all([time for placed, time in zip(block, times, strict=True) if placed[2] and time])

    def profile_of(self, signature: Signature) -> SignatureProfile:
        """Where records of a signature are counted now: another place once signatures are made coarser."""
        if self.coarseness:
            signature = coarse(signature, self.coarseness)
        profile = self._signatures.get(signature.id)
        if profile is None:
            first = self._once.pop(signature.id)
            if first is not None:
                profile = self._profile_of_row(*first)
        if profile is None:
            profile = self._signatures[signature.id] = SignatureProfile(signature, self.kept)
            if self._too_many():
                self.fit()
                return self.profile_of(signature)
        elif signature is not profile.signature:
            profile.signature = joined(profile.signature, signature)
        return profile

    def _absorb(self, signature: Signature, rows: list[Row]) -> None:
        """Takes records of a signature; of one that is new, and comes once, the row alone for the time being."""
        if len(rows) == 1:
            if self.coarseness:
                signature = coarse(signature, self.coarseness)
            if signature.id not in self._signatures and self._once.take(signature, rows[0], self.kept):
                if self._too_many():
                    self.fit()
                return
        self.profile_of(signature).absorb(rows)

    def _profile_of_row(self, signature: Signature, row: Row) -> SignatureProfile:
        profile = self._signatures[signature.id] = SignatureProfile(signature, self.kept)
        profile.absorb((row,))
        return profile

    def _too_many(self) -> bool:
        return len(self._signatures) + len(self._once.rows) > self.caps.signatures and self.coarseness < COARSEST

    def choose(self, blocks: Iterable[tuple[BlockKey, Failed]]) -> bool:
        """Offers new blocks to their failing classes; whether one keeps any now. One that is not kept never will be."""
        offered: dict[str, list[Offered]] = {}
        for key, failed in blocks:
            of_block = rank_of_block(key)
            for name, (first, last) in failed.items():
                offered.setdefault(name, []).append((key, of_block, first, last))
        kept = False
        for name in sorted(offered):
            rank = rank_of(name)
            choice = self.choices.items.get(rank)
            if choice is None and self.choices.wants(rank):
                choice = Choice()
                self.choices.put(rank, choice)
            if choice is not None:
                kept = choice.add(offered[name]) or kept
        return kept

    def keep_scene(self, key: BlockKey, scene: Scene) -> None:
        """Takes the scene of a block that `choose` has chosen."""
        self.scenes[key] = coarse_scene(scene, self.coarseness)
        self._since_sweep += 1
        if self._since_sweep >= SWEEP_BLOCKS:
            self.sweep()

    def chosen(self) -> set[BlockKey]:
        """The blocks whose scenes are kept now."""
        return {key for choice in self.choices.items.values() for key in choice.keys()}

    def sweep(self) -> None:
        """Drops the scenes that nothing chooses, and brings the rest within the budget."""
        self.fit()
        self._since_sweep = 0
        chosen = self.chosen()
        self.scenes = {key: self.scenes[key] for key in sorted(self.scenes) if key in chosen}

    def fit(self) -> None:
        """Moves on to the first step at which the signatures and their samples are within their caps."""
        self._unweighed = 0
        while not self._fits():
            self.move(self.step + 1)

    def _fits(self) -> bool:
        if self.step == len(STEPS) - 1:
            return True
        if len(self._signatures) + len(self._once.rows) > self.caps.signatures:
            return False
        if sum(found.most() for found in self._signatures.values()) + self._once.weight <= self.caps.samples:
            return True  # as of all but the largest and the most varied logs: weighing each story takes far longer
        return sum(found.weight() for found in self._signatures.values()) + self._once.weight <= self.caps.samples

    def move(self, step: int) -> None:
        """To a later step, whether everything fits there or not."""
        (coarse_before, thin_before), (coarse_now, thin_now) = STEPS[self.step], STEPS[step]
        self.step = step
        for _ in range(thin_now - thin_before):
            self.kept = self.kept.thinned()
        if thin_now > thin_before:
            for found in self._signatures.values():
                found.shrink(self.kept)
        if coarse_now > coarse_before:
            self.scenes = {key: coarse_scene(scene, coarse_now) for key, scene in self.scenes.items()}
            old, self._signatures = self._signatures, {}
            waiting = self._once.pop_all()  # first: they stand under finer ids than those that are looked for now
            for signature_id in sorted(old):
                self._adopt(old[signature_id])
            rows: dict[Signature, list[Row]] = {}
            for signature, row in waiting:
                rows.setdefault(coarse(signature, self.coarseness), []).append(row)
            for signature, of in rows.items():
                self._absorb(signature, of)

    def _adopt(self, profile: SignatureProfile, *, copied: bool = False) -> None:
        """Takes a signature's profile as its own, at the present coarseness; `copied` leaves it unharmed."""
        signature = coarse(profile.signature, self.coarseness)
        known = self._signatures.get(signature.id)
        if known is None:
            first = self._once.pop(signature.id)
            known = None if first is None else self._profile_of_row(*first)
        if copied and (known is None or profile.caps != self.kept):
            profile = profile.copy()
            if profile.caps != self.kept:
                profile.shrink(self.kept)
        if known is None:
            profile.signature = signature
            self._signatures[signature.id] = profile
        else:
            known.merge(profile)
            known.signature = joined(known.signature, signature)

    # -------------------------------------------------------------- adding

    def merge(self, other: Profile) -> None:
        """Adds `other`, of another part of the same input, in place; `other` is left unharmed.

        Raises ValueError where the two have different caps.
        """
        if other.caps != self.caps:
            raise ValueError("profiles with different caps do not add up")
        for name in SUMS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for mine, theirs in ((self.skipped, other.skipped), (self.formats, other.formats)):
            for name, count in theirs.items():
                mine[name] = mine.get(name, 0) + count
        self.first = min((t for t in (self.first, other.first) if t is not None), default=None)
        self.last = max((t for t in (self.last, other.last) if t is not None), default=None)
        self.outside = joined_spans(self.outside, other.outside)
        self.times.merge(other.times)
        self.failure_times.merge(other.failure_times)
        if other.step > self.step:
            self.move(other.step)
        for signature_id in sorted(other.signatures):
            self._adopt(other.signatures[signature_id], copied=True)
            if self._too_many():
                self.fit()
        self.choices.merge(other.choices, _add_choice, Choice.copy)
        for key, scene in other.scenes.items():
            self.scenes[key] = coarse_scene(scene, self.coarseness)
        self.sweep()

    def __add__(self, other: Profile) -> Profile:
        out = Profile(self.caps)
        out.merge(self)
        out.merge(other)
        return out

    def forget_times(self) -> None:
        """Leaves every record without a clock: its time can't be put beside those that this profile is added to."""
        self.timed = self.subsecond = self.undated = 0
        self.first = self.last = None
        self.times, self.failure_times = Timeline(self.caps.buckets), Timeline(self.caps.buckets)
        for found in self.signatures.values():
            found.forget_times()
        for choice in self.choices.items.values():
            choice.earliest, choice.latest = [], []
        self.scenes = {key: tuple(event._replace(time=0) for event in scene) for key, scene in self.scenes.items()}

    # -------------------------------------------------------------- reading

    @property
    def undated_clock(self) -> bool:
        return self.undated * 2 > self.timed

    @property
    def resolution_ms(self) -> int | None:
        """1 where most times show a fraction of a second, else 1,000; None without a clock."""
        if not self.timed:
            return None
        return 1 if self.subsecond * 2 >= self.timed else 1000


def _add_choice(a: Choice, b: Choice) -> Choice:
    out = a.copy()
    out.merge(b)
    return out


def failed_in(block: list[Placed], times: list[int]) -> Failed:
    """What the records of a block choose its scene by."""
    out: Failed = {}
    for (_, signature, failure, position), time in zip(block, times, strict=True):
        if failure:
            name, point = scene_class(signature), time or position
            first, last = out.get(name, (point, point))
            out[name] = (min(first, point), max(last, point))
    return out


def _line_ranks(block: Iterable[Placed]) -> list[int]:
    """The rank of each record by its position; those of a batch, which stand on one line, get one each."""
    out: list[int] = []
    before, nth = (-1, -1), 0
    for record, _, _, position in block:
        place = position, record.offset  # a line that a hole cuts is two lines of one number
        nth = nth + 1 if place == before else 0
        before = place
        rank = rank_of_position(position)
        out.append(rank_of_position(rank + nth) if nth else rank)
    return out


def filled(times: list[int | None]) -> list[int]:
    """Times with their gaps filled from the neighbour before, else after; 0 where there is none."""
    known = next((t for t in times if t is not None), 0)
    out: list[int] = []
    for time in times:
        known = known if time is None else time
        out.append(known)
    return out


def coarse_scene(scene: Scene, coarseness: int) -> Scene:
    """A scene with its signatures as coarse as those beside it."""
    if not coarseness:
        return scene
    return tuple(event._replace(signature=coarse(event.signature, coarseness)) for event in scene)


def scene_of(block: list[Placed], times: list[int], id_ranks: list[tuple[int, ...]], limit: int) -> Scene:
    """The first `limit` records of a block as a scene."""
    return tuple(
        SceneEvent(time, position, signature, failure, ranks, crc32(record.text.encode("utf-8", "surrogatepass")))
        for (record, signature, failure, position), time, ranks in islice(zip(block, times, id_ranks, strict=True), limit)
    )
