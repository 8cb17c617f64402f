"""Accepting what fails the gate today: the baseline that results, and what it would grow by."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from floodscan.gate.baseline import Baseline, Entry
from floodscan.gate.count import count_of
from floodscan.gate.judge import open_breaches
from floodscan.model import Report, Safe
from floodscan.value import frozen


@frozen
class Update:
    """The new baseline, and what changed in it."""

    baseline: Baseline
    added: tuple[Entry, ...]
    raised: tuple[Entry, ...]
    """Entries that accept more than before."""
    renewed: tuple[Entry, ...]
    dropped: tuple[Entry, ...]

    @property
    def grows(self) -> bool:
        return bool(self.added or self.raised)


def updated(
    baseline: Baseline,
    report: Report,
    conditions: Sequence[str],
    *,
    reason: Safe,
    today: date,
    expires: date,
    headroom: int,
    prune: bool,
) -> Update:
    """Accept whatever fails the conditions, with `headroom` percent above today's count.

    Entries that hold stay as they are. Those that match nothing here stay too, since another job's log may need them,
    unless `prune` is set.
    """
    entries = {entry.key: entry for entry in baseline}
    added: list[Entry] = []
    raised: list[Entry] = []
    renewed: list[Entry] = []
    for breach in open_breaches(report, conditions, baseline, today):
        assert breach.subject is not None
        count = count_of(report, breach.subject, breach.id)
        before = entries.get((breach.subject, breach.id))
        most = -(-count * (100 + headroom) // 100)
        if before is not None and count <= before.max:
            most = before.max
        entry = Entry(breach.subject, breach.id, most, expires, reason)
        (added if before is None else raised if most > before.max else renewed).append(entry)
        entries[entry.key] = entry
    dropped = [e for e in baseline if not count_of(report, e.subject, e.id)] if prune else []
    for entry in dropped:
        del entries[entry.key]
    kept = tuple(entry for _, entry in sorted(entries.items()))
    return Update(kept, tuple(added), tuple(raised), tuple(renewed), tuple(dropped))
