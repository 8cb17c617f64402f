"""Budgets: how often something may be in a log at most, and how often it must be there at least."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from floodscan.gate.count import count_of
from floodscan.model import Breach, Report, Subject
from floodscan.safe import trusted
from floodscan.value import frozen

MINUTE_MS = 60_000

Per = Literal["run", "minute"]


@frozen
class Budget:
    """At most `max` and at least `min` records of a signature, cause or rule, in the run or per minute of the log."""

    subject: Subject
    id: str
    max: float | None = None
    min: float | None = None
    per: Per = "run"

    @property
    def name(self) -> str:
        return f"{self.subject}:{self.id}"


def broken(report: Report, budgets: Iterable[Budget]) -> list[Breach]:
    """The budgets that the report does not keep."""
    found = ((budget, _wrong(report, budget)) for budget in budgets)
    return [
        Breach(
            trusted("budget"), budget.subject, budget.id, count_of(report, budget.subject, budget.id), trusted(wrong)
        )
        for budget, wrong in found
        if wrong
    ]


def _wrong(report: Report, budget: Budget) -> str | None:
    """What is wrong with it; None where the budget is kept.

    A rate is the mean over the log, of a minute at least: a burst in a short log is no rate. Without a clock a rate
    can't be kept.
    """
    count: float = count_of(report, budget.subject, budget.id)
    unit = ""
    if budget.per == "minute":
        if report.input.span_ms is None and report.input.records:
            return f"{budget.name}: the log has no clock, so nothing can be counted per minute"
        count = count * MINUTE_MS / max(MINUTE_MS, report.input.span_ms or 0)
        unit = " a minute"
    if budget.max is not None and count > budget.max:
        return f"{budget.name}: {count:.4g}{unit} where at most {budget.max:g}{unit} are allowed"
    if budget.min is not None and count < budget.min:
        return (
            f"{budget.name}: {count:.4g}{unit} where at least {budget.min:g}{unit} are expected; "
            "what should fail no longer does, or is no longer run"
        )
    return None
