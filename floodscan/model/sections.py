"""The sections in which the formats for people tell the findings, and so the order of the findings' numbers."""

from __future__ import annotations

from collections.abc import Sequence

from floodscan.model.report import Role

TOP_FINDINGS = 12
"""How many a page for people shows; the JSON report has all."""

SECTIONS: tuple[tuple[str, frozenset[Role]], ...] = (
    ("Root causes", frozenset(("root-cause",))),
    ("What keeps it going", frozenset(("sustaining",))),
    ("What the log hides", frozenset(("blind-spot",))),
    ("Hypotheses", frozenset(("hypothesis",))),
    ("Noise", frozenset(("noise",))),
    ("Also seen", frozenset(("symptom", "observation"))),
)


def by_section(roles: Sequence[Role]) -> list[tuple[str, list[int]]]:
    """Titles and the places in `roles`, which are ranked, of their findings.

    The section whose best finding ranks first stands first; ranks hold within each.
    """
    ranked = [(title, [i for i, role in enumerate(roles) if role in members]) for title, members in SECTIONS]
    return sorted(((title, places) for title, places in ranked if places), key=lambda section: section[1][0])


def numbers(roles: Sequence[Role]) -> list[int]:
    """The number of each finding, by rank: from 1 on in the order of a page, first those that it shows."""
    shown = [i for _, places in by_section(roles[:TOP_FINDINGS]) for i in places]
    rest = [TOP_FINDINGS + i for _, places in by_section(roles[TOP_FINDINGS:]) for i in places]
    at = {place: number for number, place in enumerate(shown + rest, 1)}
    return [at[place] for place in range(len(roles))]
