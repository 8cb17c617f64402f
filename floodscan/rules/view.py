"""What the rules look at: one failure signature, with the evidence its records carry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field

from floodscan.model import ErrorInfo, Level, Record
from floodscan.regex import regex
from floodscan.value import frozen

SAMPLES = 8
"""Different texts of a kind that are looked at; a signature's records differ in their values, not in what they say."""

TEXT = 4_000
"""Characters of a message that are searched: a library names its error in the first line."""

STACK = 16_000
"""Characters of a stack: some two hundred frames, with the causes below them."""

Cause = tuple[str | None, str | None, str | None]
"""An inner error: (type, code, message)."""


@frozen
class FailureView:
    """One failure signature. Texts are as the log has them: neither masked nor redacted, not fit to be shown."""

    type: str | None = None
    code: str | None = None
    status: int | None = None
    """HTTP status of the error or of the answer, or a websocket close code."""
    message: tuple[str, ...] = ()
    """What the loggers were given to say."""
    error_messages: tuple[str, ...] = ()
    stacks: tuple[str, ...] = ()
    causes: tuple[Cause, ...] = ()
    """Inner errors, outermost first."""
    logger: str | None = None
    level: Level | None = None
    details: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Named facts: `address`, `syscall`, `url`, `hint`, `details`, ..."""
    neighbour: str | None = None
    """The dependency that other failures at the same address name: asked where this one names none itself."""

    def texts(self) -> Iterator[str]:
        """Every text in which a library may have said what went wrong, cut to TEXT characters."""
        for text in self.message + self.error_messages:
            yield text[:TEXT]
        for _, _, text_of_cause in self.causes:
            if text_of_cause:
                yield text_of_cause[:TEXT]
        for name in ("details", "hint"):
            for text in self.details.get(name, ()):
                yield text[:TEXT]


def view_of(record: Record, *more: Record) -> FailureView:
    """The view of a signature of which these are records; identity is read from the first."""
    records = (record, *more)[:SAMPLES]
    errors = [one.error for one in records if one.error is not None]
    first = record.error
    status = record.status if first is None or first.status is None else first.status
    details: dict[str, tuple[str, ...]] = {}
    for one in records:
        for name, value in one.details:
            details[name] = _distinct((*details.get(name, ()), value))
    return FailureView(
        type=first.type if first else None,
        code=first.code if first else None,
        status=status,
        message=_distinct(one.message for one in records),
        error_messages=_distinct(error.message for error in errors),
        stacks=_distinct(error.stack for error in errors),
        causes=tuple(dict.fromkeys(cause for error in errors for cause in _inner(error, 4)))[:SAMPLES],
        logger=record.logger,
        level=record.level,
        details=details,
    )


def _inner(error: ErrorInfo, depth: int) -> Iterator[Cause]:
    for cause in error.causes[:SAMPLES] if depth else ():
        yield (cause.type, cause.code, cause.message)
        yield from _inner(cause, depth - 1)


def _distinct(texts: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))[:SAMPLES]


ADDRESS = (
    regex(r"\bE[A-Z_]{4,20} ((?:[\w.-]{1,120}|[0-9a-f:]{2,45}):\d{1,5})\b"),  # Node: connect ECONNREFUSED 127.0.0.1:5432
    regex(
        r"\b(?:ENOTFOUND|EAI_AGAIN|EREFUSED|ESERVFAIL) ([\w.-]{2,120})",  # Node: getaddrinfo ENOTFOUND db.internal
        needs=("ENOTFOUND", "EAI_AGAIN", "EREFUSED", "ESERVFAIL"),
    ),
    # Go: dial tcp 10.0.0.5:6379: connect: ...
    regex(r"\bdial (?:tcp|udp)[46]? ([\w.:\[\]-]{3,120}:\d{1,5}): ", needs="dial "),
    # Go: dial tcp: lookup redis on 127.0.0.11:53: no such host
    regex(r"\blookup ([\w.-]{2,120}) on ", needs="lookup "),
    # Prisma: Can't reach database server at `db:5432`
    regex(r"server at [`\"]([\w.-]{1,120})`?:`?(\d{1,5})", needs="server at"),
    # libpq
    regex(r"server at \"([\w.-]{1,120})\"[^,]{0,60}, port (\d{1,5}) failed", needs="server at"),
    # Node: listen EADDRINUSE: address already in use :::3000
    regex(r"address already in use (\S{1,60}:\d{1,5})", needs="already in use"),
    regex(
        r"\b(?:https?|wss?|redis|rediss|amqp|amqps|postgres|postgresql|mongodb)://(?:[^\s/@]{1,120}@)?([\w.-]{2,120}:\d{1,5})\b",
        needs="://",
    ),
)


def addresses(view: FailureView) -> tuple[str, ...]:
    """`host:port` or a host name, as the evidence has it, the surest first."""
    details = view.details
    found = list(details.get("address", ()) or details.get("hostname", ()) or details.get("host", ()))
    ports = details.get("port", ())
    if found and ports and not found[0].endswith(f":{ports[0]}"):
        found[0] = f"{found[0]}:{ports[0]}"
    found += details.get("broker", ())
    for text in (*view.texts(), *(stack[:STACK] for stack in view.stacks)):
        for pattern in ADDRESS:
            for hit in pattern.finditer(text):
                found.append(":".join(group for group in hit.groups() if group))
                if len(found) > SAMPLES:
                    break
    return tuple(dict.fromkeys(found))
