"""Lines and errors of the log as they may be shown: secrets replaced by tags, clipped."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from floodscan.decode.stack_frames import FRAMES, StackFrame, frames_of
from floodscan.model import ErrorInfo, Record
from floodscan.profile.sample import rank_of
from floodscan.redact import clip, find_jwts, hide_people, redact, redact_name, redact_value
from floodscan.value import frozen

Ids = tuple[tuple[str, str], ...]
_CAUSES = 8
"""Inner errors of one error that are kept."""
_DETAIL = 300
"""Characters of a detail of an example."""


@frozen
class ExampleLine:
    """A line as it may be shown."""

    source: int
    line: int
    family: str
    text: str
    message: str
    error: ErrorInfo | None
    details: tuple[tuple[str, str], ...]
    frames: tuple[StackFrame, ...] = ()
    """The application's own calls on the stacks that it prints, the innermost first."""
    status: int | None = None
    """Of the answer that it tells of."""

    def state(self) -> list[Any]:
        error = None if self.error is None else _error_state(self.error)
        frames = [[frame.file, frame.line, frame.function, frame.own, frame.column] for frame in self.frames]
        return [self.source, self.line, self.family, self.text, self.message, error, self.details, frames, self.status]

    @classmethod
    def of(cls, state: list[Any]) -> ExampleLine:
        source, line, family, text, message, error, details, frames, status = state
        found = tuple((name, value) for name, value in details)
        stack = tuple(StackFrame(*frame) for frame in frames)
        error = None if error is None else _error_of(error)
        return cls(source, line, family, text, message, error, found, stack, status)


@frozen
class InnerCause:
    """An error inside the signature's errors, and how many of its records carry it.

    Two with one code are one, whatever they say; `message` is the smallest of theirs.
    """

    type: str | None
    code: str | None
    message: str
    count: int

    def __add__(self, other: InnerCause) -> InnerCause:
        return replace(self, message=min(self.message, other.message), count=self.count + other.count)

    def state(self) -> list[Any]:
        return [self.type, self.code, self.message, self.count]

    @classmethod
    def of(cls, state: list[Any]) -> InnerCause:
        return cls(*state)


@frozen
class TokenFacts:
    """What a token says of itself, unverified: by whom it was issued, how it is signed, until when it is valid.

    And where it was seen first: `request` are the method and the target, without its query, of a line that has them.
    """

    issuer: str | None
    alg: str | None
    expires_ms: int | None
    seen_ms: int
    """The time of the earliest line that carries it; 0 without a clock."""
    request: tuple[tuple[str, str], ...] = ()

    def __add__(self, other: TokenFacts) -> TokenFacts:
        return min(self, other, key=lambda facts: (facts.seen_ms, facts.request, repr(facts)))

    def state(self) -> list[Any]:
        return [self.issuer, self.alg, self.expires_ms, self.seen_ms, self.request]

    @classmethod
    def of(cls, state: list[Any]) -> TokenFacts:
        issuer, alg, expires, seen, request = state
        return cls(issuer, alg, expires, seen, tuple((name, value) for name, value in request))


def token_of(record: Record, seen_ms: int) -> TokenFacts:
    """The facts of the first token (JWT) in a record; nothing but time and request where it can't be read."""
    facts, request = next((facts for _, facts in find_jwts(record.text)), None), request_of(record)
    if facts is None:
        return TokenFacts(None, None, None, seen_ms, request)
    issuer = None if facts.issuer is None else shown(facts.issuer, _DETAIL)
    alg = None if facts.alg is None else shown(facts.alg, _DETAIL)
    return TokenFacts(issuer, alg, facts.expires_ms, seen_ms, request)


def example_of(record: Record, source: int, limit: int) -> ExampleLine:
    """The record as an example whose texts have at most `limit` characters."""
    ids = record.ids
    details = tuple(
        (name, clip(hide_people(redact_value(name, value), ids), _DETAIL)) for name, value in record.details
    )
    text, message = shown(record.text, limit, ids), shown(record.message, limit, ids)
    error = None if record.error is None else _shown_error(record.error, limit, ids)
    frames = tuple(_shown_frame(frame, ids) for frame in _frames(record))
    return ExampleLine(source, record.line, record.family, text, message, error, details, frames, record.status)


def _frames(record: Record) -> tuple[StackFrame, ...]:
    """The frames of the record's error and, where that prints no stack, of its causes; or of its text."""
    errors = [record.error, *record.error.causes[:_CAUSES]] if record.error is not None else []
    found = [frame for error in errors if error.stack for frame in frames_of(error.stack)]
    if not found and (record.error is not None or "\n" in record.text):
        found += frames_of(record.message) or frames_of(record.text)
    return tuple(dict.fromkeys(found))[:FRAMES]


def _shown_frame(frame: StackFrame, ids: Ids) -> StackFrame:
    function = None if frame.function is None else shown(frame.function, _DETAIL, ids)
    return replace(frame, file=shown(frame.file, _DETAIL, ids), function=function)


def inner_causes(error: ErrorInfo) -> tuple[ErrorInfo, ...]:
    """The inner errors of an error that are looked at."""
    return error.causes[:_CAUSES]


def rank_of_cause(cause: ErrorInfo) -> int:
    """The rank of an inner error: by type and code, and by its message only where it has no code."""
    return rank_of(repr((cause.type, cause.code, None if cause.code else cause.message)))


def request_of(record: Record) -> tuple[tuple[str, str], ...]:
    """The method and the target of the request that a record tells of, the target without its query."""
    told = ((name, value.partition("?")[0]) for name, value in record.details if name in ("method", "url"))
    return tuple((name, clip(hide_people(redact_value(name, value), record.ids), _DETAIL)) for name, value in told)


def shown(text: str, limit: int, ids: Ids = ()) -> str:
    """The text without its secrets, and without the people and connections that `ids` (key, value) name."""
    return clip(hide_people(redact(text), ids), limit)


def name_of(text: str | None) -> str | None:
    """A name of the log as it may be shown."""
    return None if text is None else redact_name(text)


def _shown_error(error: ErrorInfo, limit: int, ids: Ids) -> ErrorInfo:
    message = None if error.message is None else shown(error.message, limit, ids)
    stack = None if error.stack is None else shown(error.stack, 2 * limit, ids)
    causes = tuple(_shown_error(cause, limit, ids) for cause in inner_causes(error))
    kind, code = name_of(error.type), name_of(error.code)
    return replace(error, key=redact_name(error.key), type=kind, code=code, message=message, stack=stack, causes=causes)


def _error_state(error: ErrorInfo) -> list[Any]:
    causes = [_error_state(cause) for cause in error.causes]
    plain = [error.key, error.type, error.code, error.status, error.message, error.stack, error.opacity]
    return [*plain, causes]


def _error_of(state: list[Any]) -> ErrorInfo:
    key, type_, code, status, message, stack, opacity, causes = state
    return ErrorInfo(key, type_, code, status, message, stack, opacity, tuple(_error_of(cause) for cause in causes))
