"""From the parts of a text line to a `Record`: what the text families share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from floodscan.decode.details import details_of
from floodscan.decode.errors import error_from_text, error_in_message
from floodscan.decode.ids import MAX_IDS, ids_of
from floodscan.decode.json_record import decode_object
from floodscan.decode.json_text import parse_object
from floodscan.decode.times import Instant, parse_time
from floodscan.model import Level, Record
from floodscan.read.kinds import opens_traceback
from floodscan.regex import regex

_MAX_MESSAGE: Final = 8_192
"""Characters of a message that free text may give: the shape of a longer one says no more."""
_SCANNED: Final = 4_096
"""Characters of a text in which ids are looked for."""
_PAIR = regex(r"(?<![\w.-])([A-Za-z_][\w.-]{1,40})=\"?([^\s\"',;)\]}<>&]{2,128})")
_UUID = regex(r"\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b")
_IP = regex(r"(?<![\w.:/@-])(?:::ffff:)?(\d{1,3}(?:\.\d{1,3}){3})(?![\w.])")
_SERVER_BEFORE = regex(
    r"(?:\bE[A-Z]{4,20}|\b(?:connect|connecting|connection|dial|tcp|to|at|on|listen|listening|bind))\W{0,3}\Z"
)
_EMAIL = regex(r"(?<![\w.+-])[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,4}[A-Za-z]{2,24}(?![\w-])")
_KEY_BEFORE = regex(r"([A-Za-z][\w.-]{1,40})[\"']?[:=] ?[\"'\[]?\Z")
_HEX = regex(r"(?<![\w-])(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{16,64}(?![\w-])")
_CLOCK = regex(r"(\d{1,2}:\d\d:\d\d(?:[.,]\d{1,9})?)(?: [A-Za-z][\w+:-]{0,10}| [+-]\d{2}:?\d{2})?\Z")


def clock_of(text: str, utc_offset_ms: int) -> Instant | None:
    """The instant that a text names; of a bare clock the zone is left out, because it has no date to shift."""
    clock = _CLOCK.match(text)
    return parse_time(clock[1] if clock else text, utc_offset_ms=utc_offset_ms)


def from_text(
    family: str,
    text: str,
    body: str,
    *,
    instant: Instant | None = None,
    level: Level | None = None,
    logger: str | None = None,
    process: str | None = None,
    status: int | None = None,
    fields: Mapping[str, Any] | None = None,
) -> Record:
    """The record of a text that has no object in it.

    `body` is what follows its time, level and logger, in all its lines: the first is the message, an error may stand in
    any. `fields` are what the family knows by name (an access log's method and url): ids and details are theirs too.
    """
    message = first_line(body)
    known = dict(fields or {})
    error = error_in_message(message, level) if "\n" not in body else error_from_text(body)
    if error is not None and error.type and opens_traceback(message) and message[:9] == "Traceback":
        message = f"{error.type}: {error.message}" if error.message else error.type  # as its last line has it
    time, dated, subsecond = instant if instant is not None else (None, True, True)
    return Record(
        family=family,
        text=text,
        message=message,
        time=time,
        dated=dated,
        subsecond=subsecond,
        level=level,
        logger=logger,
        error=error,
        status=status,
        ids=ids_in(message[:_SCANNED], known),
        details=details_of(known, error, message),
        process=process,
    )


def from_object(
    family: str, text: str, obj: Mapping[str, Any], *, instant: Instant | None = None, utc_offset_ms: int = 0
) -> Record:
    """The record of an object that a text logger printed: the same as its JSON twin, but for family, text and time."""
    record = decode_object(obj, text, utc_offset_ms=utc_offset_ms)
    if instant is None:
        return replace(record, family=family)
    return replace(record, family=family, time=instant.ms, dated=instant.dated, subsecond=instant.subsecond)


def first_line(body: str) -> str:
    """The first line that says something, without the brace of a dump that begins on it."""
    line = body.lstrip().partition("\n")[0].rstrip()
    return (line.removesuffix("{").rstrip() or line)[:_MAX_MESSAGE]


def ids_in(text: str, fields: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """(key, value) of at most 12 ids: those of `fields`, of `key=value` pairs, then uuids, addresses, e-mails, hex."""
    pairs = {match[1]: match[2] for match in _PAIR.finditer(text)} if "=" in text else {}
    found = list(ids_of({**pairs, **fields}))
    seen = {value for _, value in found}
    for key, value in _by_form(text):
        if value not in seen:
            seen.add(value)
            found.append((key, value))
    return tuple(found[:MAX_IDS])


def _by_form(text: str) -> Iterator[tuple[str, str]]:
    if "-" in text:
        for match in _UUID.finditer(text):
            yield _key_before(text, match.start()) or "uuid", match[0]
    if "." in text:
        for match in _IP.finditer(text):
            if not _SERVER_BEFORE.search(text, max(0, match.start() - 32), match.start()):
                yield "ip", match[1]
    if "@" in text:
        for match in _EMAIL.finditer(text):
            yield "email", match[0]
    for match in _HEX.finditer(text):
        yield _key_before(text, match.start()) or "hex", match[0]


def _key_before(text: str, at: int) -> str | None:
    """The key of `TraceID: 779c66ea...`, whose value begins at `at`."""
    match = _KEY_BEFORE.search(text, max(0, at - 45), at)
    return match[1] if match else None


def split_object(text: str) -> tuple[str, dict[str, Any]] | None:
    """A text that ends in a JSON object, on one line or over several, as what stands before it and the object."""
    if not text.endswith("}"):
        return None
    first = text.partition("\n")[0]
    at = len(first) - 1 if first.endswith("{") else first.find("{\"") if "\n" not in text else -1
    for _ in range(_BRACES_TRIED):
        if at < 0:
            return None
        if at == 0 or text[at - 1] in " \t:|-":
            obj = parse_object(text[at:])
            if obj is not None:
                return text[:at], obj
        at = first.find("{\"", at + 1)
    return None


_BRACES_TRIED: Final = 4
