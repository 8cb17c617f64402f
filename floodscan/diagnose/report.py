"""Case and drafts -> the report: numbered, rounded, and every text of the log made safe in the order of the report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from floodscan import __version__
from floodscan.detectors.case import Case, Draft, Said
from floodscan.detectors.suppressed_log import notices
from floodscan.diagnose.charts import CHARTED, COLUMNS, attempts_of, failure_lanes, finest, lanes_of, success_time
from floodscan.diagnose.identity import Identities
from floodscan.diagnose.locations import Found, locations_of, window_of
from floodscan.diagnose.origins import origins_of
from floodscan.diagnose.ranking import flooding, ranked, verdict_of, weight_of
from floodscan.diagnose.wording import headline, questions, sustained_by, trigger_of
from floodscan.loops.groups import CANDIDATES, candidates
from floodscan.loops.loop import FoundLoop, Member
from floodscan.model import (
    Actors,
    Clock,
    Evidence,
    Example,
    Finding,
    Input,
    Limit,
    Location,
    Loop,
    Observer,
    Question,
    Remedy,
    Report,
    ReportError,
    ReportSignature,
    ReportTimeline,
    Role,
    Safe,
    Severity,
    Step,
    Tool,
    TopActor,
    Trigger,
)
from floodscan.model.sections import numbers
from floodscan.profile.profile import Profile
from floodscan.profile.signature_profile import SignatureProfile
from floodscan.redact import Pseudonyms, Tagger, redact

if TYPE_CHECKING:
    from floodscan.code.sites import Code

TOP_ACTORS = 10
FINDINGS = 60
"""Findings in a report; the rest are counted in `limits`."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
RATE_MS = 60_000
"""A log shorter than this says nothing of an hour."""
LOCATIONS = 8
"""Places in the code of one finding: those of the signatures that lead it."""


class Builder:
    """Makes report values of what was found; numbers secrets and people by their first appearance in the report."""

    def __init__(
        self,
        case: Case,
        sources: Sequence[str],
        rolled: dict[str, list[str]],
        identities: Identities,
        code: Code | None,
        *,
        show_ids: bool,
    ) -> None:
        self.case = case
        self.code = code
        self.profile: Profile = case.profile
        self.rolled = rolled
        self.identities = identities
        tagger = Tagger()
        self.sources = tuple(tagger.show(redact(name)) for name in sources)
        self.show = tagger.show
        self.people = tagger.people = Pseudonyms(tagger if show_ids else None)
        if show_ids:
            self._know_ids()
        self.loop_ids: dict[int, str] = {id(loop): f"L{i}" for i, loop in enumerate(case.loops, 1)}
        self.roles: dict[str, Role] = {}
        self.places: dict[str, tuple[Location, ...]] = {}
        """By signature: asked for more than once."""
        self.suppressed = bool(notices(case.signatures))

    def _know_ids(self) -> None:
        for signature in self.case.signatures.values():
            for key in signature.keys.values():
                for story in key.stories.items.values():
                    self.people.know(story.value)

    # -------------------------------------------------------------- times

    def iso(self, ms: int | None) -> str | None:
        if ms is None or self.profile.undated_clock:
            return None
        try:
            return (EPOCH + timedelta(milliseconds=ms)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        except OverflowError:
            return None

    def offset(self, ms: int | None) -> int | None:
        return None if ms is None or self.profile.first is None else ms - self.profile.first

    def share(self, lines: int) -> float:
        return round(lines / self.profile.lines, 4) if self.profile.lines else 0.0

    # -------------------------------------------------------------- parts

    def input(self) -> Input:
        p = self.profile
        clock = Clock(p.resolution_ms, not p.undated_clock) if p.resolution_ms is not None else None
        span = p.last - p.first if p.first is not None and p.last is not None else None
        return Input(
            self.sources, p.bytes, p.lines, p.records, dict(sorted(p.skipped.items())), dict(sorted(p.formats.items())),
            self.iso(p.first), self.iso(p.last), span, clock,
        )  # fmt: skip

    def timeline(self, profile: SignatureProfile | None = None) -> ReportTimeline | None:
        records = self.profile.times if profile is None else profile.times
        failures = self.profile.failure_times if profile is None else profile.times
        if not records.buckets or self.profile.first is None:
            return None
        shift = max(records.shift, failures.shift, finest(self.profile))
        while True:
            counts = records.at(shift)
            low, high = min(counts), max(counts)
            if high - low < COLUMNS:
                break
            shift += 1
        failed = failures.at(shift)
        cells = range(low, high + 1)
        start = (low << shift) - self.profile.first
        return ReportTimeline(
            start, 1 << shift, tuple(counts.get(i, 0) for i in cells), tuple(failed.get(i, 0) for i in cells)
        )

    def evidence(self, said: Said) -> Evidence:
        at = said.at
        return Evidence(
            text=self.show(said.text),
            signature=said.signature,
            source=self.sources[at.source] if at else None,
            line=at.line if at else None,
            count=said.count,
        )

    def loop(self, loop: FoundLoop) -> Loop:
        anchor = loop.anchor
        charted = loop in self.case.loops[:CHARTED] and self.profile.first is not None
        paced = charted and loop.pace.clocked
        found = trigger_of(loop, self.case)
        trigger = Trigger(found[0], found[1], self.show(found[2])) if found else None
        actors = None
        if loop.actors is not None:
            top = tuple(
                TopActor(
                    self.people.name(loop.actors.key, a.value),
                    a.iterations,
                    attempts_of(a.runs, self.profile) if paced else (),
                )
                for a in loop.actors.top[:TOP_ACTORS]
                if a.value
            )
            actors = Actors(
                self.show(loop.actors.key), loop.actors.distinct, top, loop.actors.approx, loop.actors.by_address
            )
        ids = [m.profile.signature.id for m in loop.members]
        return Loop(
            id=self.loop_ids[id(loop)],
            fingerprint=self.identities.of_loop(loop),
            status=loop.status,
            trigger=trigger,
            sustained_by=self.show(sustained_by(loop, self.case)),
            anchor=anchor.signature.id,
            signatures=tuple(ids),
            steps=tuple(self._step(m, loop) for m in loop.members),
            iterations=loop.iterations,
            lines=loop.lines,
            share=self.share(loop.lines),
            driver=loop.driver,
            actors=actors,
            lockstep=loop.lockstep,
            gap_ms=loop.gap,
            cadence=loop.cadence,
            schedule=self.case.schedule_of(loop),
            outcome=loop.ending.outcome,
            success=loop.ending.success.signature.id if loop.ending.success is not None else None,
            iterations_until_success=loop.ending.until_success,
            first=self.iso(anchor.first),
            last=self.iso(anchor.last),
            first_offset_ms=self.offset(anchor.first),
            last_offset_ms=self.offset(anchor.last),
            timeline=self.timeline(anchor),
            success_offset_ms=self.offset(success_time(loop)),
            attempts=attempts_of(anchor.ends.runs(anchor.count), self.profile) if paced and actors is None else (),
            lanes=lanes_of(loop, trigger.signature if trigger else None, self.case) if charted else (),
            success_tied=loop.ending.tied,
            ended_by=loop.ending.ended_by.signature.id if loop.ending.ended_by is not None else None,
        )

    def _step(self, member: Member, loop: FoundLoop) -> Step:
        lag = round(member.lag) if loop.by_time else None
        return Step(member.profile.signature.id, round(member.per_iteration, 2), lag)

    def finding(self, number: int, severity: Severity, draft: Draft) -> Finding:
        lines = weight_of(draft, self.case)
        profiles = [self.case.signatures[s] for s in dict.fromkeys(draft.signatures) if s in self.case.signatures]
        for profile in profiles:
            self.roles.setdefault(profile.signature.id, draft.role)
        span = (self.profile.last or 0) - (self.profile.first or 0)
        return Finding(
            id=f"F{number}",
            fingerprint=self.identities.of_finding(draft),
            rule=draft.rule,
            cause=draft.cause,
            role=draft.role,
            severity=severity,
            confidence=draft.confidence,
            title=self.show(draft.title),
            summary=self.show(draft.summary),
            evidence_for=tuple(self.evidence(s) for s in draft.speaks_for),
            evidence_against=tuple(self.evidence(s) for s in draft.against),
            probe=self.show(draft.probe),
            signatures=tuple(dict.fromkeys(draft.signatures)),
            loops=tuple(self.loop_ids[id(loop)] for loop in draft.loops),
            components=tuple(self.show(c) for c in draft.components),
            lines=lines,
            bytes=self._bytes(draft, profiles),
            share=self.share(lines),
            per_hour=round(lines * 3_600_000 / span) if span >= RATE_MS else None,
            observers=tuple(
                Observer(o.signature, self.show(o.component) if o.component else None, self.show(o.text))
                for o in draft.observers
            ),
            remediation=tuple(
                Remedy(s.id, self.show(s.text), s.kind, s.saves, self._share_after(s.saves)) for s in draft.remedy
            ),
            locations=self._places(draft, profiles),
            blind_window=window_of(draft, self.case, self.code, self.show),
            accepted=None,
            references=draft.references,
        )

    def _bytes(self, draft: Draft, profiles: Sequence[SignatureProfile]) -> int:
        if draft.weight is not None and draft.loops and draft.weight == draft.loops[0].lines:
            return sum(m.bytes for m in draft.loops[0].members)
        return sum(p.bytes for p in profiles)

    def _share_after(self, saves: int | None) -> float | None:
        return None if saves is None else round(1 - self.share(saves), 4)

    def _places(self, draft: Draft, profiles: Sequence[SignatureProfile]) -> tuple[Location, ...]:
        """Of what lines say; of the log as a whole (its clock, lines it leaves out) no line of the code is to blame."""
        if draft.weight == 0:
            return ()
        found = dict.fromkeys(place for one in profiles for place in self._locations(one))
        if not found and self.code is not None:
            found = dict.fromkeys(self._location(one) for one in origins_of(draft, profiles, self.case, self.code))
        return tuple(found)[:LOCATIONS]

    def _locations(self, profile: SignatureProfile) -> tuple[Location, ...]:
        id = profile.signature.id
        if id not in self.places:
            self.places[id] = tuple(self._location(found) for found in locations_of(profile, self.code))
        return self.places[id]

    def _location(self, found: Found) -> Location:
        function = self.show(found.function) if found.function else None
        return Location(self.show(found.file), found.line, function, found.via, found.candidates, found.what)

    def signature(self, profile: SignatureProfile) -> ReportSignature:
        signature, opening = profile.signature, profile.opening
        error = None
        if signature.type or signature.code or signature.status or signature.opacity:
            said = opening.error.message if opening and opening.error else None
            error = ReportError(
                self.show(signature.type) if signature.type else None,
                self.show(signature.code) if signature.code else None,
                signature.status,
                self.show(said) if said else None,
                signature.opacity is not None,
            )
        example = Example(Safe(""), 0, Safe(""))
        if opening is not None:
            example = Example(self.sources[opening.source], opening.line, self.show(opening.text))
        return ReportSignature(
            id=signature.id,
            rolled_up=tuple(self.rolled.get(signature.id, ())),
            text=self.show(signature.text),
            level=profile.level_name,
            logger=self.show(signature.logger) if signature.logger else None,
            error=error,
            failure=profile.failure,
            count=profile.count,
            share=self.share(profile.lines),
            first=self.iso(profile.first),
            last=self.iso(profile.last),
            first_offset_ms=self.offset(profile.first),
            last_offset_ms=self.offset(profile.last),
            role=self.roles.get(signature.id),
            approx=self.profile.coarseness > 0,
            at_least=self.suppressed,
            example=example,
            locations=self._locations(profile),
            fingerprint=self.identities.of_signature(signature.id),
        )

    def limits(self, dropped: int) -> tuple[Limit, ...]:
        p, out = self.profile, []
        if p.coarseness:
            out.append(Limit("signatures", p.caps.signatures, "too many distinct shapes: the rarest kinds were joined"))
        if p.thinned:
            out.append(
                Limit(
                    "samples",
                    p.kept.values,
                    "too many ids or words in too many shapes: fewer values of each id are followed",
                )
            )
        if p.choices.cut:
            out.append(Limit("scene classes", p.caps.scene_classes, "order and members of some loops are not known"))
        if any(s.keys_cut for s in self.case.signatures.values()):
            out.append(
                Limit("id keys", p.caps.keys, "lines with more ids: those last in the alphabet are not followed")
            )
        if any(len(scene) >= p.caps.scene_events for scene in p.scenes.values()):
            out.append(Limit("scene events", p.caps.scene_events, "the order in the densest blocks is not known"))
        unsearched = candidates(self.case.signatures)[1]
        if unsearched:
            out.append(Limit("failures", CANDIDATES, f"{unsearched} lesser failures were not searched for loops"))
        if dropped:
            out.append(Limit("findings", FINDINGS, f"{dropped} lesser findings are left out"))
        if any(loop.actors is not None and loop.actors.approx for loop in self.case.loops):
            out.append(
                Limit("actors", p.kept.values, "counts of single actors are estimates where they are marked approx")
            )
        return (*out, *(self.code.limits if self.code is not None else ()))


def build(
    case: Case,
    drafts: Sequence[Draft],
    sources: Sequence[str],
    rolled: dict[str, list[str]],
    identities: Identities,
    code: Code | None,
    *,
    complete: bool,
    show_ids: bool,
) -> Report:
    """The report, a pure function of what was found."""
    builder = Builder(case, sources, rolled, identities, code, show_ids=show_ids)
    order = ranked(drafts, case)
    verdict = verdict_of(order, case.loops, case)
    kept = order[:FINDINGS]
    plain = [draft for _, draft in kept]
    read = builder.input()
    title = builder.show(headline(verdict, case, plain, read))
    loops = tuple(builder.loop(loop) for loop in case.loops)
    named = zip(numbers([draft.role for draft in plain]), kept, strict=True)
    findings = tuple(builder.finding(number, severity, draft) for number, (severity, draft) in named)
    signatures = tuple(
        builder.signature(p) for p in sorted(case.signatures.values(), key=lambda p: (-p.count, p.signature.id))
    )
    asked = tuple(
        Question(qid, builder.show(text), tuple(ids)) for qid, text, ids in questions(plain, case.loops, case, read)
    )
    floods = flooding(case) if verdict in ("storm", "flood") else frozenset()
    return Report(
        schema=1,
        tool=Tool("floodscan", __version__),
        complete=complete,
        verdict=verdict,
        headline=title,
        input=read,
        timeline=builder.timeline(),
        loops=loops,
        findings=findings,
        signatures=tuple(replace(s, role=builder.roles.get(s.id), floods=s.id in floods) for s in signatures),
        questions=asked,
        limits=builder.limits(len(order) - len(kept)),
        lanes=() if loops else failure_lanes(case),
    )
