"""What a log gives: records, the errors they carry, and the signatures by which they repeat.

Times are integers: milliseconds since the epoch (UTC), or since midnight of the log's first day where it has no date.
"""

from __future__ import annotations

from typing import Literal, NewType

from floodscan.value import frozen, mutable

Safe = NewType("Safe", str)
"""Text that has passed `redact` and `safe` and may be shown. Only `safe.py` makes it."""

Level = Literal["trace", "debug", "info", "warn", "error", "fatal"]
LEVELS: tuple[Level, ...] = ("trace", "debug", "info", "warn", "error", "fatal")

Opacity = Literal["empty", "half-empty", "placeholder"]
"""How an error says nothing: `{}`; only a name and an application code; a text such as `[object Object]`."""

BLANK = "blank"
OUTSIDE = "outside the time asked for"
"""These two reasons why a line is skipped say nothing against the reading."""

BINARY = "binary"
"""The reason for lines that are no text."""

DEGRADED = 0.5
"""Share of the non-blank lines that may be skipped before a report is not to be trusted."""

BLOCK = 65_536
"""Bytes of the decompressed stream in a block: the grain at which a log may be split and its profiles added."""


@frozen
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


@mutable
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

    def again(self) -> Record:
        """The same record for another place."""
        return Record(
            self.family, self.text, self.message, self.time, self.dated, self.subsecond, self.level, self.logger,
            self.error, self.status, self.ids, self.details, self.service, self.process,
        )  # fmt: skip


@frozen
class Skipped:
    """A run of physical lines that gave no record, and why (`blank`, `oversize`, `binary`, ...)."""

    reason: str
    line: int
    lines: int
    offset: int
    size: int


@frozen
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
