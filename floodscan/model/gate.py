"""What the gate made of a report: part of the report, so that every format can tell it."""

from __future__ import annotations

from typing import Literal

from floodscan.model.record import Safe
from floodscan.value import frozen

Subject = Literal["loop", "signature", "cause", "rule", "finding"]
"""What the gate judges, each by an id of its content: a loop, a signature and a finding by its fingerprint."""


@frozen
class Breach:
    """Something that makes the gate fail."""

    condition: Safe
    """`storm`, `severity:high`, `budget`, ...: what it fails."""
    subject: Subject | None
    """None where the input as a whole fails it."""
    id: str
    count: int
    text: Safe


@frozen
class Acceptance:
    """An entry of the baseline that holds for something in this log."""

    subject: Subject
    id: str
    count: int
    max: int
    reason: Safe
    expires: str


@frozen
class Gate:
    """What the conditions of `check`, or of `--fail-on`, made of the report."""

    passed: bool
    """False where there is a breach, and where the log could not be read."""
    conditions: tuple[Safe, ...]
    breaches: tuple[Breach, ...]
    accepted: tuple[Acceptance, ...]
    notes: tuple[Safe, ...]
    """What stands in the way of a verdict, and what should be looked after in the baseline."""
