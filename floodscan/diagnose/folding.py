"""Findings that no rule knows, and findings that say the same of different lines: told together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from floodscan.detectors.case import Case, Draft

ERRORS_ALONE = 5
"""Errors that no rule knows which stand as findings of their own, the most frequent first."""


def folded(case: Case, drafts: list[Draft]) -> Iterator[Draft]:
    """What no rule knows: warnings as one observation, bare answers by status, of errors the most frequent alone."""
    warnings = [d for d in drafts if d.cause == "unclassified" and d.role == "root-cause" and _is_warning(case, d)]
    mild = {id(d) for d in warnings}
    known = [d for d in drafts if id(d) not in mild]
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
    kinds = "1 kind" if len(profiles) == 1 else f"{len(profiles)} kinds"
    out = Draft(
        rule="unclassified", cause="unclassified", role="observation", confidence="possible",
        title=f"{kinds} of {what} that no rule knows",
        summary="They are named by what they say of themselves; nothing ties them to the findings above.",
        signatures=[p.signature.id for p in profiles], speaks_for=[case.quote(p) for p in profiles[:6]],
    )  # fmt: skip
    out.mild = what == "warnings"
    return out


def joined(drafts: Iterable[Draft]) -> Iterator[Draft]:
    """Findings outside loops that say the same of different lines, as one."""
    known: dict[tuple[str, str, str], Draft] = {}
    for draft in drafts:
        key = (draft.rule, draft.role, draft.title)
        first = known.get(key)
        if first is None or draft.rule == "unclassified":
            known[(*key[:2], f"{draft.title} {len(known)}") if first else key] = draft
            continue
        first.signatures = list(dict.fromkeys([*first.signatures, *draft.signatures]))
        first.speaks_for += draft.speaks_for[: max(0, 6 - len(first.speaks_for))]
        first.mild = first.mild and draft.mild
    yield from known.values()
