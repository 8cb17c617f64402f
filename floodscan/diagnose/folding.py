"""Findings that no rule knows, and findings that say the same of different lines: told together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from floodscan.detectors.case import Case, Draft, Said
from floodscan.model import CONFIDENCES
from floodscan.profile.signature_profile import SignatureProfile

ERRORS_ALONE = 5
"""Errors that no rule knows which stand as findings of their own, the most frequent first."""


def folded(case: Case, drafts: list[Draft]) -> Iterator[Draft]:
    """What no rule knows: warnings as one observation, bare answers by status, of errors the most frequent alone."""
    warnings = [d for d in drafts if d.cause == "unclassified" and d.role == "root-cause" and _is_warning(case, d)]
    mild = {id(d) for d in warnings}
    known = list(joined((d for d in drafts if id(d) not in mild), case))
    errors = [d for d in known if d.cause == "unclassified" and d.role == "root-cause"]
    errors.sort(key=lambda d: (-sum(case.signatures[s].count for s in d.signatures), d.signatures))
    bare = {id(d) for d in errors}
    yield from (d for d in known if id(d) not in bare)
    yield from errors[:ERRORS_ALONE]
    for rest, what in ((errors[ERRORS_ALONE:], "errors"), (warnings, "warnings")):
        if rest:
            yield _fold(case, rest, what)


def _is_warning(case: Case, draft: Draft) -> bool:
    """Whether nothing but a level of warn (or a bare answer, of the client's fault) makes it a failure."""
    failures = [case.failures[s] for s in draft.signatures]
    return all(
        f.profile.level < 4
        and f.profile.signature.type is None
        and f.profile.signature.code is None
        and (f.profile.signature.status or 0) < 500
        for f in failures
    )


def _fold(case: Case, drafts: list[Draft], what: str) -> Draft:
    ids = [s for d in drafts for s in d.signatures]
    profiles = sorted((case.signatures[s] for s in dict.fromkeys(ids)), key=lambda p: (-p.count, p.signature.id))
    said: dict[str, SignatureProfile] = {}
    for profile in profiles:
        said.setdefault(profile.signature.text, profile)
    kinds = "1 kind" if len(said) == 1 else f"{len(said)} kinds"
    out = Draft(
        rule="unclassified", cause="unclassified", role="observation", confidence="possible",
        title=f"{kinds} of {what} that no rule knows",
        summary="They are named by what they say of themselves; nothing ties them to the findings above.",
        signatures=[p.signature.id for p in profiles], speaks_for=[case.quote(p) for p in list(said.values())[:6]],
    )  # fmt: skip
    out.mild = what == "warnings"
    return out


def joined(drafts: Iterable[Draft], case: Case) -> Iterator[Draft]:
    """Findings outside loops that say the same of different lines, as one: the same text from several loggers.

    The surest leads: what it rests on is told first.
    """
    known: dict[tuple[object, ...], Draft] = {}
    for draft in sorted(drafts, key=lambda draft: CONFIDENCES.index(draft.confidence)):
        key = (draft.rule, draft.role, draft.title, *_error(draft, case))
        first = known.setdefault(key, draft)
        if first is draft:
            continue
        first.signatures = list(dict.fromkeys([*first.signatures, *draft.signatures]))
        if _error(draft, case):
            continue
        first.speaks_for += draft.speaks_for[: max(0, 6 - len(first.speaks_for))]
        first.mild = first.mild and draft.mild
    for draft in known.values():
        loggers = {case.signatures[name].signature.logger for name in draft.signatures}
        if _error(draft, case) and len(loggers) > 1 and len({case.signatures[s].signature.text for s in draft.signatures}) == 1:
            draft.speaks_for.append(Said(f"{len(loggers)} loggers write the same line"))
        yield draft


def _error(draft: Draft, case: Case) -> tuple[object, ...]:
    """What tells two errors apart that no rule knows and whose lines read the same: their types. Answers have none."""
    if draft.rule != "unclassified" or draft.role != "root-cause":
        return ()
    signature = case.signatures[draft.signatures[0]].signature
    return (signature.type, signature.code, signature.status)
