"""The report, schema 1: what every renderer is a function of."""

from __future__ import annotations

from typing import Literal, get_args

from floodscan.model.gate import Gate
from floodscan.model.record import BLANK, DEGRADED, OUTSIDE, Level, Safe
from floodscan.value import frozen

Verdict = Literal["storm", "flood", "faults", "noise", "quiet"]
LoopStatus = Literal["storm", "loop", "backoff"]
Role = Literal["root-cause", "symptom", "sustaining", "noise", "blind-spot", "hypothesis", "observation"]
Severity = Literal["critical", "high", "medium", "low", "info"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)
"""Worst first."""
WORTH: frozenset[Role] = frozenset(("root-cause", "blind-spot", "sustaining", "hypothesis"))
"""Roles of the findings that make a verdict of faults."""
Confidence = Literal["proven", "corroborated", "likely", "possible", "hidden"]
CONFIDENCES: tuple[Confidence, ...] = get_args(Confidence)
"""Surest first."""
Cadence = Literal["immediate", "fixed", "linear", "exponential", "jittered", "stepped", "irregular", "unknown"]
Outcome = Literal["recovered", "false-success", "ceased", "ongoing"]


@frozen
class Tool:
    name: str
    version: str


@frozen
class Clock:
    resolution_ms: int
    dated: bool


@frozen
class Unreadable:
    source: Safe
    reason: Safe


@frozen
class Input:
    sources: tuple[Safe, ...]
    bytes: int
    lines: int
    records: int
    skipped: dict[str, int]
    formats: dict[str, int]
    first: str | None
    last: str | None
    span_ms: int | None
    clock: Clock | None
    unreadable: tuple[Unreadable, ...] = ()
    """What was named and could not be read, or not to its end."""

    @property
    def unread_lines(self) -> int:
        """Lines that had something in them and gave no record, those outside the time asked for not counted."""
        return sum(self.skipped.values()) - self.skipped.get(BLANK, 0) - self.skipped.get(OUTSIDE, 0)

    @property
    def nothing(self) -> bool:
        """Whether no record is left to judge: those without a time are no reason to, where the others lie outside of it."""
        return not self.records or (self.skipped.get(OUTSIDE, 0) > 0 and self.clock is None)

    @property
    def degraded(self) -> bool:
        """Whether so much could not be read that the report is not to be trusted."""
        return self.unread_lines > DEGRADED * max(1, self.lines - self.skipped.get(BLANK, 0))


@frozen
class ReportTimeline:
    """Counts per bucket of `width_ms` from `start` (milliseconds from the input's first record)."""

    start: int
    width_ms: int
    records: tuple[int, ...]
    failures: tuple[int, ...]


@frozen
class Lane:
    """A signature's records per bucket of `width_ms` from `start` (milliseconds from the input's first record)."""

    signature: str
    start: int
    width_ms: int
    counts: tuple[int, ...]


@frozen
class Trigger:
    kind: str
    """`startup`, `new-failure`, `unknown`."""
    signature: str | None
    text: Safe


@frozen
class Step:
    signature: str
    per_iteration: float
    lag_ms: int | None = None
    """Milliseconds after the anchor's line, on average; negative before it; None where the clock does not show it."""


@frozen
class TopActor:
    id: Safe
    """A pseudonym (`user-A`), or the real value under --show-ids."""
    iterations: int
    attempts: tuple[tuple[int, ...], ...] = ()
    """Unbroken runs of its attempts: milliseconds from the input's first record; of many the first and the last."""


@frozen
class Actors:
    key: Safe
    distinct: int
    top: tuple[TopActor, ...]
    approx: bool
    by_address: bool = False
    """Whether network addresses name them, of which each may stand for many clients."""


@frozen
class Gap:
    """Milliseconds between the attempts of one driver."""

    median: int
    p10: int
    p90: int


@frozen
class Loop:
    id: str
    """`L1`, `L2`, ... in the order of the report."""
    fingerprint: str
    """What it is known by in another log: a hash of the failure that ends its attempts."""
    status: LoopStatus
    trigger: Trigger | None
    sustained_by: Safe
    anchor: str
    """The signature id whose lines are counted as iterations."""
    signatures: tuple[str, ...]
    """The iteration, in order."""
    steps: tuple[Step, ...]
    iterations: int
    lines: int
    share: float
    driver: Literal["actor", "timer", "unknown"]
    actors: Actors | None
    lockstep: bool
    gap_ms: Gap | None
    cadence: Cadence
    schedule: str | None
    outcome: Outcome
    success: str | None
    """The signature id of the line that `recovered` and `false-success` are told by: the log knows no other success."""
    iterations_until_success: int | None
    first: str | None
    last: str | None
    first_offset_ms: int | None
    last_offset_ms: int | None
    timeline: ReportTimeline | None
    success_offset_ms: int | None = None  # when `success` first came after the last iteration
    attempts: tuple[tuple[int, ...], ...] = ()  # as an actor's, where none is known
    lanes: tuple[Lane, ...] = ()
    """Around the loop: its trigger, its steps in order, its success, other loops' anchors. For the first loops only."""
    success_tied: bool = False
    """Whether an id of the actors stands on the line of success; else its place alone tells it."""
    ended_by: str | None = None
    """The signature id of the line that says the process or its retries ended, where no success did."""


@frozen
class Evidence:
    """A sentence with a value from this log, and where to see it."""

    text: Safe
    signature: str | None = None
    source: Safe | None = None
    line: int | None = None
    count: int | None = None


@frozen
class Remedy:
    id: str
    step: Safe
    kind: Literal["stop", "fix", "watch"]
    saves_lines: int | None
    share_after: float | None


@frozen
class Observer:
    signature: str
    component: Safe | None
    text: Safe


@frozen
class Location:
    file: Safe
    line: int | None
    function: Safe | None
    via: Literal["stack", "code"]
    candidates: int = 1
    """How many places fit equally well: of a few each is a location, of many the first alone."""
    what: Literal["throws", "logs", "handles", "creates"] = "logs"
    """What stands there: the frame of a stack, the call that logs, the route of a request that a library logs, or where
    that library is made."""


@frozen
class BlindWindow:
    after: Safe | None
    before: Safe
    statements: tuple[Safe, ...]
    add: Safe


@frozen
class Accepted:
    reason: Safe
    expires: str | None


@frozen
class Finding:
    id: str
    """`F1`, `F2`, ... in the order of a page for people (`sections`); a report's list is ranked by urgency."""
    fingerprint: str
    rule: str
    cause: str
    role: Role
    severity: Severity
    confidence: Confidence
    title: Safe
    summary: Safe
    evidence_for: tuple[Evidence, ...]
    evidence_against: tuple[Evidence, ...]
    probe: Safe
    signatures: tuple[str, ...]
    loops: tuple[str, ...]
    components: tuple[Safe, ...]
    lines: int
    bytes: int
    share: float
    per_hour: int | None
    observers: tuple[Observer, ...]
    remediation: tuple[Remedy, ...]
    locations: tuple[Location, ...]
    blind_window: BlindWindow | None
    accepted: Accepted | None
    references: tuple[str, ...]


@frozen
class ReportError:
    type: Safe | None
    code: Safe | None
    status: int | None
    message: Safe | None
    opaque: bool


@frozen
class Example:
    source: Safe
    line: int
    text: Safe


@frozen
class ReportSignature:
    id: str
    rolled_up: tuple[str, ...]
    text: Safe
    level: Level | None
    logger: Safe | None
    error: ReportError | None
    failure: bool
    count: int
    share: float
    first: str | None
    last: str | None
    first_offset_ms: int | None
    last_offset_ms: int | None
    role: Role | None
    approx: bool
    at_least: bool
    example: Example
    floods: bool = False
    """Whether this failure alone makes the log a flood: a burst of it, or more than half of the records."""
    locations: tuple[Location, ...] = ()
    fingerprint: str = ""
    """What it is known by in another log: the id, but for plain text with the values among its words left out."""

    @property
    def names(self) -> tuple[str, ...]:
        """Whatever it may be called by: its id, its fingerprint, and the ids that are rolled up in it."""
        return (self.id, *([self.fingerprint] if self.fingerprint else []), *self.rolled_up)


@frozen
class Question:
    id: str
    text: Safe
    signatures: tuple[str, ...]


@frozen
class Limit:
    """A cap that was reached, and what that does to the report."""

    what: str
    cap: int
    effect: str


@frozen
class Report:
    schema: int
    tool: Tool
    complete: bool
    verdict: Verdict
    headline: Safe
    input: Input
    timeline: ReportTimeline | None
    loops: tuple[Loop, ...]
    findings: tuple[Finding, ...]
    signatures: tuple[ReportSignature, ...]
    questions: tuple[Question, ...]
    limits: tuple[Limit, ...]
    lanes: tuple[Lane, ...] = ()
    """The commonest failures over the whole input, where there is no loop."""
    gate: Gate | None = None
    """None where nothing was to be judged."""

    @property
    def judged(self) -> bool:
        """Whether the verdict is worth the name: what fails is there to see; that nothing does takes a log that was read."""
        return self.verdict in ("storm", "flood", "faults") or not (self.input.degraded or self.input.nothing)

    @property
    def whole(self) -> bool:
        """Whether all of what was named was read: else the report can't say that something is not there."""
        return self.complete and not (self.input.unreadable or self.input.degraded)
