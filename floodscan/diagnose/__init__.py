"""Profile -> report: roll up, find the loops, ask the rules and the detectors, rank, and put it into words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from floodscan.detectors import detectors
from floodscan.detectors.case import Case
from floodscan.detectors.crash_loop import find_crashes
from floodscan.detectors.expected_failure import find_expected
from floodscan.diagnose.causes import draft_causes
from floodscan.diagnose.failures import failures_of
from floodscan.diagnose.identity import Identities
from floodscan.diagnose.report import build
from floodscan.loops.find import find_loops
from floodscan.loops.links import Scenes
from floodscan.model import Report
from floodscan.profile.profile import Profile
from floodscan.profile.signature_profile import SignatureProfile
from floodscan.rollup import roll_up, text_of
from floodscan.rules.match import Catalogue
from floodscan.rules.starts import begins

if TYPE_CHECKING:
    from floodscan.code.sites import Code

__all__ = ["diagnose"]


def diagnose(
    profile: Profile,
    sources: Sequence[str],
    catalogue: Catalogue,
    code: Code | None = None,
    *,
    complete: bool = True,
    show_ids: bool = False,
) -> Report:
    """The report on a profile, a pure function. `sources`: the inputs' names, in the order of their numbers.

    `code`: the source that the log's messages come from, where it is at hand.
    """
    rolled_up = roll_up(p.signature for p in profile.signatures.values())
    names = rolled_up.names
    signatures = _rolled(profile, names)
    members: dict[str, list[str]] = {}
    for own, group in sorted(names.items()):
        if own != group:
            members.setdefault(group, []).append(own)
    banners = [name for name, s in signatures.items() if s.opening and begins(s.opening.message)]
    scenes = Scenes(profile, names)
    loops = find_loops(profile, signatures, scenes, banners=frozenset(banners))
    failures = failures_of(signatures.values(), catalogue)
    case = Case(profile, signatures, scenes, loops, failures, catalogue, code=code)
    case.expected = find_expected(case)
    case.crashes = find_crashes(case)
    drafts = [draft for detect in detectors() for draft in detect(case)]
    drafts += draft_causes(case)
    identities = Identities(rolled_up.fingerprints)
    return build(case, drafts, sources, members, identities, code, complete=complete, show_ids=show_ids)


def _rolled(profile: Profile, names: dict[str, str]) -> dict[str, SignatureProfile]:
    """The signatures' profiles with each roll-up group added into one."""
    groups: dict[str, list[str]] = {}
    for own in sorted(profile.signatures):
        groups.setdefault(names.get(own, own), []).append(own)
    out: dict[str, SignatureProfile] = {}
    for group, members in groups.items():
        out[group] = profile.signatures[group]
        if len(members) > 1:
            out[group] = out[group].copy()
            for own in members:
                if own != group:
                    out[group].merge(profile.signatures[own])
            often = sorted((profile.signatures[own] for own in members), key=lambda s: (-s.count, s.signature.id))
            out[group].signature = replace(out[group].signature, text=text_of([s.signature.text for s in often]))
    return out
