"""What a failure's texts name: the setting, the column, the constraint, the host; and its message in one short line."""

from __future__ import annotations

import re
from collections.abc import Iterable

from floodscan.regex import regex
from floodscan.rules.view import FailureView
from floodscan.safe import CLOSE, OPEN

MESSAGE = 120
"""Characters of a message that a sentence bears."""

HEAD = 44
"""Characters kept of its beginning: what the caller added. The reason stands at the end."""

ELLIPSIS = " … "

NAME = r"[A-Z][A-Z0-9]{0,40}_[A-Z0-9_]{1,60}"
"""The name of an environment variable: capitals with an underscore."""

MISSING = (
    r"(?:missing|required|empty|undefined|unset"
    r"|(?:not|must be|has to be|have to be) (?:set|defined|configured|provided|found|given))\b"
)

SETTING = (
    regex(rf"\b(?:[Ee]nvironment|[Ee]nv)(?: [a-z]{{1,12}}){{0,4}}: [`'\"]?({NAME})\b", needs="nv"),
    regex(
        r"\b(?:[Cc]onfigure|[Ss]et|[Pp]rovide|[Mm]issing|[Dd]efine|[Rr]equires?|[Nn]eeds?)(?: [a-z]{1,12}){0,3}:? "
        rf"[`'\"]?({NAME})\b"
    ),
    regex(rf"\b({NAME})\b[`'\"]?(?: (?:and|or) [`'\"]?{NAME}[`'\"]?)?(?: [a-z]{{1,12}}){{0,3}} {MISSING}"),
)
"""Where a text says of a setting that it is missing."""

NO_SETTING = ("ERR_", "SQLITE_", "ER_", "UND_ERR_", "FST_", "PGRST", "HPE_", "WS_ERR_", "FAST_JWT_")
"""Beginnings of error codes, which look like settings."""

COLUMN = (
    regex(r"null value in column \"([^\"]{1,63})\"(?: of relation \"([^\"]{1,63})\")?", needs="null value in column"),  # Postgres
    regex(r"Column '([^']{1,64})' cannot be null", needs="cannot be null"),  # MySQL
    regex(r"NOT NULL constraint failed: (?P<table>\w{1,64})\.(?P<column>\w{1,64})", needs="NOT NULL constraint"),  # SQLite
    regex(r"Null constraint violation on the fields: \([`\"](\w{1,64})[`\"]\)", needs="Null constraint"),  # Prisma
    regex(r"notNull Violation: (?P<table>\w{1,64})\.(?P<column>\w{1,64}) cannot be null", needs="notNull"),  # Sequelize
)

CONSTRAINT = (
    regex(r"violates [a-z-]{5,12}(?: key)? constraint \"([^\"]{1,63})\"", needs="violates"),  # Postgres
    regex(r"Duplicate entry .{0,80} for key '([^']{1,128})'", needs="Duplicate entry"),  # MySQL
    regex(r"E11000 duplicate key error collection: \S{1,120} index: (\S{1,120}) dup key", needs="E11000"),  # MongoDB
    regex(r"UNIQUE constraint failed: ([\w., ]{1,128})", needs="UNIQUE constraint"),  # SQLite
    regex(r"Unique constraint failed on the (?:fields|constraint): \(?[`\"]([\w`\", ]{1,120}?)[`\"]\)?", needs="Unique constraint"),  # Prisma
)

KIND = (
    regex(r"invalid input syntax for type ([a-z ]{2,40})", needs="invalid input syntax"),  # Postgres
    regex(r"Cast to (\w{1,30}) failed for value", needs="Cast to"),  # mongoose
    regex(r"Error creating (UUID)\b", needs="Error creating"),  # Prisma
    regex(r"(ObjectId)\b", needs="ObjectId"),  # bson
)
"""Where a text says which type a value should have had."""

COLUMNS = 3
"""Columns named at most, where the lines of one failure name several."""

URL_HOST = regex(r"\A[a-z][a-z0-9+.-]{1,15}://(?:[^\s/@]{0,200}@)?([\w.-]{1,253}(?::\d{1,5})?)(?:[/?#]|\Z)")
PORT = regex(r":(\d{1,5})\Z")
UNFILLED = regex(r"(?:\A|/)(?:undefined|null)(?:\Z|[/?#])", needs=("undefined", "null"))


def one_line(text: str) -> str:
    """The first line that is not blank, at most MESSAGE characters: of a longer one its beginning and its end."""
    line = " ".join(next((line for line in text.split("\n") if line.strip()), "").split())
    if len(line) <= MESSAGE:
        return line
    head = _whole(line[:HEAD].rpartition(" ")[0] or line[:HEAD], OPEN, CLOSE)
    tail = line[len(line) - (MESSAGE - len(head) - len(ELLIPSIS)) :]
    # A tag of a secret is a whole or nothing: half of one would be shown as it is.
    if tail.find(CLOSE) >= 0 and not 0 <= tail.find(OPEN) < tail.find(CLOSE):
        tail = tail[tail.find(CLOSE) + 1 :]
    return f"{head}{ELLIPSIS}{(tail.partition(' ')[2] or tail).lstrip()}"


def _whole(text: str, opening: str, closing: str) -> str:
    """`text` without a tag that is cut off at its end."""
    at = text.rfind(opening)
    return text[:at].rstrip() if at > text.rfind(closing) else text


def setting_of(view: FailureView) -> str | None:
    """The first setting that a text says is missing."""
    for text in view.texts():
        for pattern in SETTING:
            for hit in pattern.finditer(text):
                if hit[1] != view.code and not hit[1].startswith(NO_SETTING):
                    return hit[1]
    return None


def column_of(view: FailureView) -> tuple[str | None, str | None]:
    """(column or columns, table) that the failure names, in its details or its texts."""
    column = ", ".join(view.details.get("column", ())[:COLUMNS]) or None
    table = next(iter(view.details.get("table", ())), None)
    hit = None if column else _first(COLUMN, view.texts())
    if hit is None:
        return column, table
    groups = hit.groupdict()
    if groups:
        return groups["column"], groups["table"]
    return hit[1], (hit[2] if len(hit.groups()) > 1 else None) or table


def constraint_of(view: FailureView) -> str | None:
    """The constraint or unique index that the failure names."""
    told = next(iter(view.details.get("constraint", ())), None)
    hit = None if told else _first(CONSTRAINT, view.texts())
    return hit[1].strip('`" ') if hit else told


def kind_of(view: FailureView) -> str | None:
    """The type that a refused value should have had."""
    hit = _first(KIND, view.texts())
    return hit[1].strip() if hit else None


def host_of(view: FailureView) -> str | None:
    """The host of the URL that was called, first of one in which a value is missing; never its path, which may be secret."""
    urls = view.details.get("url", ())
    for url in (*(url for url in urls if UNFILLED.search(url)), *urls):
        hit = URL_HOST.match(url)
        if hit:
            return hit[1]
    return None


def port_of(address: str | None) -> str | None:
    """The port at the end of `host:port`."""
    hit = PORT.search(address or "")
    return hit[1] if hit else None


def _first(patterns: Iterable[re.Pattern[str]], texts: Iterable[str]) -> re.Match[str] | None:
    kept = tuple(patterns)
    return next((hit for text in texts for pattern in kept if (hit := pattern.search(text))), None)
