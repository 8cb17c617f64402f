"""Named facts of a record, for evidence and remedies: where it went, what it waited for, which attempt it was."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple

from floodscan.model import ErrorInfo
from floodscan.regex import regex

MAX_DETAILS: Final = 16
MAX_VALUE: Final = 300
"""Characters of a value; what follows is cut."""

COMMON: Final[dict[str, str]] = {
    "address": "address", "port": "port", "syscall": "syscall", "method": "method", "requestMethod": "method",
    "url": "url", "requestUrl": "url", "originalUrl": "url", "uri": "url", "path": "url", "route": "route",
    "host": "host", "hint": "hint", "details": "details", "detail": "details", "table": "table",
    "constraint": "constraint", "column": "column", "query": "query", "sql": "query", "broker": "address",
    "channel": "channel", "database": "database", "queue": "queue", "topic": "topic", "dependency": "dependency",
    "operation": "operation", "reason": "reason",
    "attempt": "attempt", "attemptNumber": "attempt", "retryCount": "attempt", "retry_count": "attempt",
    "retries": "attempt", "reconnectAttempts": "attempt", "attempts": "attempt",
    "retryAfter": "retry_after", "retry_after": "retry_after", "retry-after": "retry_after",
    "delay": "delay_ms", "delayMs": "delay_ms", "delay_ms": "delay_ms", "retryTime": "delay_ms",
    "retryDelay": "delay_ms", "backoff": "delay_ms", "backoffMs": "delay_ms", "nextRetryMs": "delay_ms",
    "closeCode": "close_code", "close_code": "close_code",
}  # fmt: skip
IN_ERRORS: Final[dict[str, str]] = {**COMMON, "hostname": "host", "routine": "routine", "command": "command"}
_IN_REQUESTS: Final[dict[str, str]] = {k: v for k, v in COMMON.items() if v not in ("host", "address", "port")}
"""A request's host is the service's own, no dependency's."""
_COMMON_KEYS: Final = frozenset(COMMON)
INSIDE: Final = ("config", "cause", "reason")
_TOLD_IN_ERRORS: Final = frozenset((*IN_ERRORS, *INSIDE))
_REQUESTS: Final = ("req", "request", "httpRequest", "http")
_REQUEST_KEYS: Final = frozenset(_REQUESTS)

_ATTEMPT = regex(
    r"\b(?:attempt|retry|try|retries|attempts)\b[ #:=]{0,3}(?:number |no )?(\d{1,6})\b(?!\s?(?:ms|s\b|sec|min))"
    r"|\((\d{1,6}) ?/ ?\d{1,6}\)|\b(\d{1,6}) (?:reconnect(?:ion)?|retry|connection) attempt",
    re.IGNORECASE,
)
_WAITS: Final = "delay|retry|retrying|retries|reconnect|reconnecting|wait|waiting|backoff|again|sleep|sleeping|backing off"
_DELAY = regex(
    rf"\b(?:{_WAITS})\b"
    r"[^.\n\d]{0,24}(\d{1,9})(?:\.(\d{1,3}))?\s?(ms|msec|milliseconds?|s|secs?|seconds?|m|mins?|minutes?)\b",
    re.IGNORECASE,
)
_DURATION = regex(r"(\d{1,9})(?:\.(\d{1,3}))?\s?(ms|s|m)?\Z")
_CALLS: Final = "connect|read|write|listen|bind|getaddrinfo|queryA|querySrv"
_SOCKET = regex(
    rf"\b({_CALLS})"
    r"\s(E[A-Z_]{3,20})(?:: [a-z ]{1,40})?"
    r"(?:\s(\[[\w.:-]{2,80}\](?::\d{1,5})?|[\w.:-]{2,80}))?"
)
_DIAL = regex(r"\bdial (?:tcp|udp|unix)\d?:? (\[?[\w.:-]{2,80}\]?:\d{1,5})", needs="dial ")
_RETRY_AFTER = regex(r"\bretry[- ]after\b[:= ]{0,3}(\d{1,9})", re.IGNORECASE)
AROUND = regex(rf"\b(?:{_WAITS}|{_CALLS}|dial)\b|\d [a-z]{{3}}", re.IGNORECASE)
"""Where it is found, words that stand around a fact may make a difference; elsewhere only those of `WORDS` do."""
WORDS: Final = frozenset(
    "attempt attempts try number reconnection connection after delay retry retrying retries reconnect reconnecting wait "
    "waiting backoff again sleep sleeping backing off connect read write listen bind getaddrinfo dial".split()
)
TEXT_MARKS: Final = (
    "ttempt", "etr", "elay", "econnect", "ECONN", "ENOT", "EADDR", "EAI_", "ETIME", "acking", "ackoff", "ait", "leep",
    "/", "gain", "dial ",
)  # fmt: skip
_DELAY_MARKS: Final = ("delay", "retr", "reconnect", "wa", "bac", "aga", "leep")
"""One stands in the lower case of every text in which `_DELAY` is found: no i, k or s, which have more than two cases."""
_SCANNED = 4_096
_MEMO_TEXT = 512
"""Longest text (characters) that is remembered; of longer ones the first `_SCANNED` are read."""


def details_of(obj: Mapping[str, Any], error: ErrorInfo | None, message: str) -> tuple[tuple[str, str], ...]:
    """At most 16 (name, value) facts: of the error first, then of the record, its request, and its texts.

    Values are raw (not redacted) and cut to 300 characters; a name occurs once, its first source wins.
    """
    facts: dict[str, str] = {}
    if error is not None:
        raw = _raw_error(obj, error.key)
        if raw is not None and raw is not obj:
            if not _TOLD_IN_ERRORS.isdisjoint(raw):
                _take_error(raw, facts)
        elif type(obj.get("cause")) is dict:
            _take(obj["cause"], IN_ERRORS, facts)
    if not _COMMON_KEYS.isdisjoint(obj):
        _take(obj, COMMON, facts)
    if not _REQUEST_KEYS.isdisjoint(obj):
        for name in _REQUESTS:
            request = obj.get(name)
            if type(request) is dict:
                _take(request, _IN_REQUESTS, facts)
    _take_text(message, facts)
    if error is not None:
        for info in (error, *error.causes):
            if info.message:
                _take_text(info.message, facts)
    return tuple(facts.items())[:MAX_DETAILS] if facts else ()


def _take_error(raw: Mapping[str, Any], facts: dict[str, str]) -> None:
    _take(raw, IN_ERRORS, facts)
    for inner in INSIDE:
        nested = raw.get(inner)
        if type(nested) is dict:
            _take(nested, IN_ERRORS, facts)


def _raw_error(obj: Mapping[str, Any], key: str) -> Mapping[str, Any] | None:
    """The object that the error was read from: `err`, `payload.err`; None for an error read from a text."""
    value: object = obj.get(key)
    if type(value) is dict:
        return value
    if value is None:
        value = obj
        for part in key.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
    if isinstance(value, list):
        value = next((item for item in value if isinstance(item, Mapping)), None)
    return value if isinstance(value, Mapping) else None


def _take(source: Mapping[str, Any], names: Mapping[str, str], facts: dict[str, str]) -> None:
    for key, value in source.items():
        name = names.get(key)
        if name is None or name in facts or value is None or isinstance(value, bool):
            continue
        text = _delay(value) if name == "delay_ms" else _scalar(value)
        if text:
            facts[name] = text


def _scalar(value: object) -> str | None:
    if isinstance(value, str):
        return value[:MAX_VALUE]
    if isinstance(value, int) and abs(value) < 10**18:
        return str(value)
    return None


def _delay(value: object) -> str | None:
    if isinstance(value, int | float) and 0 <= value < 10**12:
        return str(int(value))
    match = _DURATION.match(value) if isinstance(value, str) else None
    return _ms(match[1], match[2] or "", _scale(match[3] or "ms")) if match else None


def _take_text(text: str, facts: dict[str, str]) -> None:
    for name, value in _remembered(text) if len(text) <= _MEMO_TEXT else read_text(text[:_SCANNED]):
        facts.setdefault(name, value)


@lru_cache(maxsize=4096)
def _remembered(text: str) -> tuple[tuple[str, str], ...]:
    return read_text(text)


class Place(NamedTuple):
    """Where in a text a fact of it stands. The digits there and elsewhere may be others: the fact's place stays."""

    name: str
    start: int
    end: int
    scale: int = 0
    """Milliseconds of one, of a delay; 0 where the value is the text itself."""
    fraction: tuple[int, int] = (0, 0)

    def value(self, text: str) -> str:
        if not self.scale:
            return text[self.start : self.end]
        return _ms(text[self.start : self.end], text[slice(*self.fraction)], self.scale)


def read_text(text: str) -> tuple[tuple[str, str], ...]:
    """The facts that a text tells, each name once."""
    return tuple([(place.name, place.value(text)) for place in places_in(text)])


def places_in(text: str) -> list[Place]:
    """The places of the facts that a text tells, each name once."""
    found: list[Place] = []
    for mark in TEXT_MARKS:
        if mark in text:
            break
    else:
        return found
    lower = text.lower()
    attempt = _ATTEMPT.search(text) if "attempt" in lower or "tr" in lower or "/" in text else None
    if attempt and attempt.lastindex:
        found.append(Place("attempt", *attempt.span(attempt.lastindex)))
    for mark in _DELAY_MARKS:
        if mark in lower:
            delay = _DELAY.search(text)
            if delay:
                fraction = delay.span(2) if delay[2] else (0, 0)
                found.append(Place("delay_ms", *delay.span(1), _scale(delay[3]), fraction))
            break
    after = _RETRY_AFTER.search(text) if "after" in lower else None
    if after:
        found.append(Place("retry_after", *after.span(1)))
    socket = _SOCKET.search(text) if "E" in text else None
    if socket:
        found.append(Place("syscall", *socket.span(1)))
        found.extend(_destination(text, *socket.span(3)) if socket[3] else ())
    else:
        dial = _DIAL.search(text) if "dial " in text else None
        found.extend(_destination(text, *dial.span(1)) if dial else ())
    return found


def _destination(text: str, start: int, end: int) -> tuple[Place, ...]:
    colon = text.rfind(":", start, end)
    if colon <= start or not text[colon + 1 : end].isdigit():
        return (Place("host", start, end),)
    host = text[start:colon]
    lead = len(host) - len(host.lstrip("[]"))
    return (Place("address", start + lead, start + len(host.rstrip("[]"))), Place("port", colon + 1, end))


def _scale(unit: str) -> int:
    name = unit.lower()
    return 1 if name.startswith(("ms", "mil")) else 60_000 if name.startswith("m") else 1000


def _ms(whole: str, fraction: str, scale: int) -> str:
    thousandths = int(whole) * 1000 + int((fraction + "000")[:3])
    return str(thousandths * scale // 1000)
