"""Runs each rule's own samples: what should match must, what should not must not."""

from __future__ import annotations

from collections.abc import Callable

from floodscan.rules.match import Catalogue
from floodscan.rules.view import FailureView
from floodscan.value import frozen

Decode = Callable[[str], FailureView | None]
"""A raw log line to the view of its failure; None where it is no record or no failure."""


@frozen
class Problem:
    """A sample that a rule does not live up to."""

    rule: str
    file: str
    sample: str
    why: str


def check_samples(catalogue: Catalogue, decode: Decode) -> list[Problem]:
    """What is wrong, rule by rule: a rule without samples, one that misses its own, one that another cause outranks.

    That a rule of the user's outranks one of ours is what it is for.
    """
    problems = []
    for rule in catalogue.rules:
        if not rule.samples.match:
            problems.append(Problem(rule.id, rule.file, "", "has no [samples] match"))
        for sample in rule.samples.match:
            view = decode(sample)
            hits = catalogue.match(view) if view else ()
            if not any(hit.rule.id == rule.id for hit in hits):
                why = "does not match" if view else "does not match: the line is read as no failure"
                problems.append(Problem(rule.id, rule.file, sample, why))
            elif (first := hits[0].rule).cause != rule.cause and (first.builtin or not rule.builtin):
                problems.append(Problem(rule.id, rule.file, sample, f"{first.id} ({first.cause}) ranks before it"))
        for sample in rule.samples.miss:
            view = decode(sample)
            if view and any(hit.rule.id == rule.id for hit in catalogue.match(view)):
                problems.append(Problem(rule.id, rule.file, sample, "matches, and should not"))
    return problems
