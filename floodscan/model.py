"""The nouns of floodscan, frozen. Every stage takes some of them and gives others; this module imports nothing of ours.

Times are integers: milliseconds since the epoch (UTC), or since midnight of the log's first day where it has no date.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NewType

Safe = NewType("Safe", str)
"""Text that has passed `redact` and `safe` and may be shown. Only `safe.py` makes it."""

Level = Literal["trace", "debug", "info", "warn", "error", "fatal"]
LEVELS: tuple[Level, ...] = ("trace", "debug", "info", "warn", "error", "fatal")

Opacity = Literal["empty", "half-empty", "placeholder"]
"""How an error says nothing: `{}`; only a name and an application code; a text such as `[object Object]`."""

BLOCK = 65_536
"""Bytes of the decompressed stream in a block: the grain at which a log may be split and its profiles added."""


# ---------------------------------------------------------------- from the log


@dataclass(frozen=True, slots=True)
class ErrorInfo:
    """The error that a record carries, as its logger printed it."""

    key: str
    """Where it stood: `err`, `error`, `err.cause`, `stack`, or `text` for one read from free text."""
    type: str | None = None
    """Class name (`TypeError`, `AgentError`)."""
    code: str | None = None
    """The machine-readable code as text (`ECONNREFUSED`, `42703`, `PGRST301`)."""
    status: int | None = None
    """HTTP status the error carries (`statusCode`, `status`)."""
    message: str | None = None
    """Its message, as it was printed (not masked, not redacted)."""
    stack: str | None = None
    """Its stack, whole, as it was printed."""
    opacity: Opacity | None = None
    causes: tuple[ErrorInfo, ...] = ()
    """Inner errors (cause, aggregateErrors, details), outermost first."""


@dataclass(slots=True)
class Record:
    """One event of the log, from one or more physical lines.

    Not frozen: there is one for each line, and a frozen one takes three times as long to make. The stream writes into
    it where it stands and what its clock says; after that nobody changes it.
    """

    family: str
    """The decoder that read it: `pino`, `pino-pretty`, `winston`, `logfmt`, `text`, ..."""
    text: str
    """The record as it stands in the log after unwrapping, physical lines joined by newlines."""
    message: str
    """What the logger was given to say; for free text the text without its time and level."""
    time: int | None = None
    """Milliseconds; None where the record has no clock."""
    dated: bool = True
    """False where `time` counts from midnight of an unknown day."""
    subsecond: bool = True
    """False where the clock shows whole seconds only."""
    level: Level | None = None
    logger: str | None = None
    """Logger, context, module or unit, else None. Not the service of a wrapper."""
    error: ErrorInfo | None = None
    status: int | None = None
    """HTTP status of the answer that the record reports (`res.statusCode`), or a websocket close code."""
    ids: tuple[tuple[str, str], ...] = ()
    """Values that may name an actor or an attempt: (dotted key, value), in the record's order."""
    details: tuple[tuple[str, str], ...] = ()
    """Named facts for evidence and remedies: address, syscall, method, url, retry_after, hint, details, attempt, ..."""
    service: str | None = None
    """The source within the source: a compose service, a pod, a unit."""
    process: str | None = None
    """pid and host, where the record says so: two processes are two drivers."""
    line: int = 1
    """Number of its first physical line in the source, from 1."""
    lines: int = 1
    offset: int = 0
    """Byte of the decompressed stream at which it starts."""
    size: int = 0
    """Bytes of its physical lines, newlines counted."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A run of physical lines that gave no record, and why (`blank`, `oversize`, `binary`, ...)."""

    reason: str
    line: int
    lines: int
    offset: int
    size: int


@dataclass(frozen=True, slots=True)
class Signature:
    """What repeats: a function of one record, stable across runs, shards and machines."""

    id: str
    """12 hex digits: a hash of `key` and the version of the masks."""
    text: str
    """The shape for people: constant words, with masks such as `<num>` in place of values."""
    words: tuple[str, ...]
    """The shape's constant words in order: what the id is made of, beside the fields below."""
    logger: str | None = None
    type: str | None = None
    code: str | None = None
    status: int | None = None
    opacity: Opacity | None = None
    structured: bool = True
    """False for free text: only such signatures may be rolled up for display."""


# ---------------------------------------------------------------- the report, schema 1

Verdict = Literal["storm", "flood", "faults", "noise", "quiet"]
LoopStatus = Literal["storm", "loop", "backoff"]
Role = Literal["root-cause", "symptom", "sustaining", "noise", "blind-spot", "hypothesis", "observation"]
Severity = Literal["critical", "high", "medium", "low", "info"]
Confidence = Literal["proven", "corroborated", "likely", "possible", "hidden"]
Cadence = Literal["immediate", "fixed", "linear", "exponential", "jittered", "stepped", "irregular", "unknown"]
Outcome = Literal["recovered", "false-success", "ceased", "ongoing"]


@dataclass(frozen=True, slots=True)
class Tool:
    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Clock:
    resolution_ms: int
    dated: bool


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class ReportTimeline:
    """Counts per bucket of `width_ms` from `start` (milliseconds from the input's first record)."""

    start: int
    width_ms: int
    records: tuple[int, ...]
    failures: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Trigger:
    kind: str
    """`startup`, `new-failure`, `unknown`."""
    signature: str | None
    text: Safe


@dataclass(frozen=True, slots=True)
class Step:
    signature: str
    per_iteration: float


@dataclass(frozen=True, slots=True)
class TopActor:
    id: Safe
    """A pseudonym (`user-A`), or the real value under --show-ids."""
    iterations: int


@dataclass(frozen=True, slots=True)
class Actors:
    key: Safe
    distinct: int
    top: tuple[TopActor, ...]
    approx: bool


@dataclass(frozen=True, slots=True)
class Gap:
    """Milliseconds between the attempts of one driver."""

    median: int
    p10: int
    p90: int


@dataclass(frozen=True, slots=True)
class Loop:
    id: str
    """`L1`, `L2`, ... in the order of the report."""
    fingerprint: str
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


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence with a value from this log, and where to see it."""

    text: Safe
    signature: str | None = None
    source: Safe | None = None
    line: int | None = None
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Remedy:
    id: str
    step: Safe
    kind: Literal["stop", "fix", "watch"]
    saves_lines: int | None
    share_after: float | None


@dataclass(frozen=True, slots=True)
class Observer:
    signature: str
    component: Safe | None
    text: Safe


@dataclass(frozen=True, slots=True)
class Location:
    file: Safe
    line: int | None
    function: Safe | None
    via: Literal["stack", "code"]
    candidates: int = 1
    """How many places fit equally well: of a few each is a location, of many the first alone."""


@dataclass(frozen=True, slots=True)
class BlindWindow:
    after: Safe | None
    before: Safe
    statements: tuple[Safe, ...]
    add: Safe


@dataclass(frozen=True, slots=True)
class Accepted:
    reason: Safe
    expires: str | None


@dataclass(frozen=True, slots=True)
class Finding:
    id: str
    fingerprint: str
    rule: str
    cause: str
    role: Role
    severity: Severity
    confidence: Confidence
    title: Safe
    summary: Safe
    evidence_for: tuple[Evidence, ...] = field(metadata={"name": "for"})
    evidence_against: tuple[Evidence, ...] = field(metadata={"name": "against"})
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


@dataclass(frozen=True, slots=True)
class ReportError:
    type: Safe | None
    code: Safe | None
    status: int | None
    message: Safe | None
    opaque: bool


@dataclass(frozen=True, slots=True)
class Example:
    source: Safe
    line: int
    text: Safe


@dataclass(frozen=True, slots=True)
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
    locations: tuple[Location, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    id: str
    text: Safe
    signatures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Limit:
    """A cap that was reached, and what that does to the report."""

    what: str
    cap: int
    effect: str


@dataclass(frozen=True, slots=True)
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
