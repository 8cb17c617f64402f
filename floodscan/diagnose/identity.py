"""What a loop or finding is known by in another log: a later, longer or shorter run of the same fault has the same one.

The anchor is no identity: it is whichever line has the fullest count, and a log that is cut in the middle of an iteration
has another one. Nor is a set of signatures: one line more, and it is another set.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b

from floodscan.detectors.case import Draft
from floodscan.loops.loop import FoundLoop
from floodscan.profile.signature_profile import SignatureProfile
from floodscan.value import frozen

EVERY = 0.8
"""Lines an iteration from which a failure is part of every iteration: a cut log misses one, a sampled one a few."""

Kind = tuple[str | None, str | None, int | None, str | None]


@frozen
class Identities:
    """Fingerprints of what a log holds. signatures: those of the roll-up, by its ids."""

    signatures: Mapping[str, str]

    def of_signature(self, id: str) -> str:
        return self.signatures.get(id, id)

    def of_loop(self, loop: FoundLoop) -> str:
        return _hash("loop", self.of_signature(_leading(loop)))

    def of_finding(self, draft: Draft) -> str:
        """Of the rule, the role and the failure that leads it: further lines that the same change would mend are none."""
        return _hash(draft.rule, draft.role, self.of_signature(_leading_of(draft)))


def _leading_of(draft: Draft) -> str:
    """The id of the signature that a finding is about."""
    id = draft.signatures[0] if draft.signatures else ""
    loop = next((loop for loop in draft.loops if loop.member(id) is not None), None)
    if loop is None:
        return id
    if draft.role == "sustaining" and id == loop.anchor.signature.id:  # it is about the loop as such
        return _leading(loop)
    return _first_of_kind(loop, id)


def _leading(loop: FoundLoop) -> str:
    """The id of the failure that ends an attempt: the last with an error of its own, where it was logged first."""
    steady = _steady(loop)
    errors = [p for p in steady if any(_kind(p)[i] is not None for i in (0, 1, 3))] or steady
    if not errors:
        return loop.anchor.signature.id
    worst = max(p.level for p in errors)
    last = [p for p in errors if p.level == worst][-1]
    return _first_of_kind(loop, last.signature.id)


def _first_of_kind(loop: FoundLoop, id: str) -> str:
    """Where the iteration logs the failure `id` first: one that is caught twice has two lines, as often as each other."""
    member = loop.member(id)
    kind = _kind(member.profile) if member is not None else None
    if kind is None or not any(kind):
        return id
    return next((p.signature.id for p in _steady(loop) if _kind(p) == kind), id)


def _steady(loop: FoundLoop) -> list[SignatureProfile]:
    """The failures of every iteration, in order."""
    return [m.profile for m in loop.failing if m.per_iteration >= EVERY]


def _kind(profile: SignatureProfile) -> Kind:
    signature = profile.signature
    return signature.type, signature.code, signature.status, signature.opacity


def _hash(*parts: str) -> str:
    return blake2b("\0".join(parts).encode(), digest_size=6).hexdigest()
