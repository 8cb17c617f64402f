"""The baseline: findings that were accepted, each with a reason, an end and a budget, one a line.

Entries name content (a signature, a loop and a finding by their fingerprints, a cause), never a line, a
time or a text of the log: the file changes only when what is accepted changes.
"""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any

from floodscan.errors import UsageError
from floodscan.model import Safe, Subject
from floodscan.redact import Tagger, redact
from floodscan.regex import regex
from floodscan.safe import trusted
from floodscan.value import frozen

VERSION = 1
HEADER = "floodscan_baseline"
SUBJECTS: tuple[Subject, ...] = ("cause", "finding", "loop", "signature")
KEYS = ("kind", "id", "max", "expires", "reason")
_ID = regex(r"[\w.:-]{1,100}", re.ASCII)
_REASON = 500
"""Characters of a reason: it is shown beside what it accepts."""


@frozen
class Entry:
    """Accepts up to `max` (iterations of a loop, records of a signature or cause, lines of a finding) until a day."""

    subject: Subject
    id: str
    max: int
    expires: date
    """The last day on which it holds."""
    reason: Safe

    @property
    def key(self) -> tuple[Subject, str]:
        return self.subject, self.id

    @property
    def name(self) -> str:
        return f"{self.subject} {self.id}"


Baseline = tuple[Entry, ...]


def reason_of(text: str) -> Safe:
    """A reason as it is kept and shown: one line, without secrets. Raises UsageError where it says nothing."""
    words = " ".join(text.split())
    if not words:
        raise UsageError("a reason is needed for what is accepted", hint='--reason "why, and where it is tracked"')
    # Cut last: half of a secret is no longer known for one.
    return trusted(Tagger().show(redact(words))[:_REASON])


def render(baseline: Baseline) -> bytes:
    """The file: a header, then the entries in the order of their ids."""
    lines: list[dict[str, Any]] = [{HEADER: VERSION}]
    for entry in sorted(baseline, key=lambda entry: entry.key):
        values = (entry.subject, entry.id, entry.max, entry.expires.isoformat(), entry.reason)
        lines.append(dict(zip(KEYS, values, strict=True)))
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode()


def parse(data: bytes, name: str) -> Baseline:
    """What `render` wrote, or somebody edited: in any order, with empty lines. Raises UsageError with the line."""
    entries: dict[tuple[Subject, str], Entry] = {}
    header = False
    for number, line in enumerate(data.split(b"\n"), 1):
        if not line.strip():
            continue
        where = f"{name}:{number}"
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            raise UsageError(f"{where}: not a line of a baseline", hint=_HINT) from None
        if not header:
            if not isinstance(value, dict) or value.get(HEADER) != VERSION:
                raise UsageError(f"{where}: not a baseline of version {VERSION}", hint=_HINT)
            header = True
            continue
        entry = _entry(value, where)
        if entry.key in entries:
            raise UsageError(f"{where}: {entry.name} is there twice", hint="keep one of the two lines")
        entries[entry.key] = entry
    if not header:
        raise UsageError(f"{name}: empty, not a baseline", hint=_HINT)
    return tuple(entries.values())


_HINT = "write one with: floodscan check --update-baseline --reason TEXT"


def _entry(value: Any, where: str) -> Entry:
    if not isinstance(value, dict) or set(value) != set(KEYS):
        raise UsageError(f"{where}: an entry has the keys {', '.join(KEYS)}, and no other")
    subject = next((subject for subject in SUBJECTS if subject == value["kind"]), None)
    if subject is None:
        raise UsageError(f"{where}: kind: one of {', '.join(SUBJECTS)}")
    if not isinstance(value["id"], str) or not _ID.fullmatch(value["id"]):
        raise UsageError(f"{where}: id: not the id of a {subject}")
    if type(value["max"]) is not int or value["max"] < 1:
        raise UsageError(f"{where}: max: a whole number above 0 is expected")
    if not isinstance(value["reason"], str) or not value["reason"].strip():
        raise UsageError(f"{where}: reason: a text is expected", hint="say why it is accepted")
    return Entry(
        subject, value["id"], value["max"], day(value["expires"], f"{where}: expires"), reason_of(value["reason"])
    )


def day(value: object, where: str) -> date:
    """`2027-02-21`. Raises UsageError."""
    try:
        return date.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise UsageError(f"{where}: not a date", hint="such as 2027-02-21") from None
