"""Each failure signature with what the rules say of it, and which failures are one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from floodscan.detectors.case import LAYERS, Case, Failure
from floodscan.model import ErrorInfo
from floodscan.profile.signature_profile import SignatureProfile
from floodscan.rules.dependency import dependency_of
from floodscan.rules.match import Catalogue
from floodscan.rules.view import Cause, FailureView, addresses

TIED = 0.5
"""Share of a failure's events that an attempt's id must join to what explains it."""
COMPARED = 300
"""Failures outside loops up to which the texts of all pairs are compared."""
TEXT = "the text of the error"
QUOTED = "the text of the error in the line's own words"
"""A line that quotes an error is told with it, and proves nothing more of it."""
LEAST_TEXT = 16
"""Characters of an error text that, found in another's, make the two one failure: `Not found` is nobody's."""

NEAR_MS, NEAR_LINES = 100, 4
"""How far apart one failure's lines stand, in time (as `loops` has it for a burst) and in lines of the log (a throw site,
the handler and the access log: 1 or 2)."""


def view_of(profile: SignatureProfile) -> FailureView:
    """What the rules look at, from the samples that the profile keeps."""
    examples = profile.example_lines
    errors = [e.error for e in examples if e.error is not None]
    signature = profile.signature
    causes: dict[Cause, None] = {(c.type, c.code, c.message): None for c in profile.causes.values()}
    for error in errors:
        causes.update(dict.fromkeys(_inner(error, 4)))
    return FailureView(
        type=signature.type,
        code=signature.code,
        status=signature.status,
        message=_distinct(e.message for e in examples),
        error_messages=_distinct([*(e.message for e in errors), *profile.messages.values()]),
        stacks=_distinct(e.stack for e in errors),
        causes=tuple(causes)[:8],
        logger=signature.logger,
        level=profile.level_name,
        details={name: _distinct(profile.details[name].values()) for name in sorted(profile.details)},
    )


def _inner(error: ErrorInfo, depth: int) -> Iterator[Cause]:
    for cause in error.causes if depth else ():
        yield (cause.type, cause.code, cause.message)
        yield from _inner(cause, depth - 1)


def _distinct(texts: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))[:8]


def failures_of(profiles: Iterable[SignatureProfile], catalogue: Catalogue) -> dict[str, Failure]:
    """The failures by signature id. Who listens at an address is who any of those who fail there says it is."""
    found = {s.signature.id: _failure(s, view_of(s), catalogue) for s in profiles if s.failure}
    named: dict[str, set[str]] = {}
    for failure in found.values():
        if failure.address and failure.dependency:
            named.setdefault(failure.address, set()).add(failure.dependency)
    for name, failure in found.items():
        neighbours = named.get(failure.address or "", set())
        if failure.dependency is None and len(neighbours) == 1:
            found[name] = _failure(failure.profile, replace(failure.view, neighbour=min(neighbours)), catalogue)
    return found


def _failure(profile: SignatureProfile, view: FailureView, catalogue: Catalogue) -> Failure:
    """The failure with the rule that knows it best."""
    hits = catalogue.match(view)
    found = addresses(view)
    return Failure(
        profile=profile,
        view=view,
        hit=hits[0] if hits else None,
        dependency=dependency_of(view),
        address=found[0] if found else None,
        family=profile.opening.family if profile.opening else "",
    )


def explains(case: Case, cause: Failure, failure: Failure) -> str | None:
    """What ties a failure to what would explain it: an attempt's id on most of its lines, or the cause's own text in it.

    The words for the tie, or None. Only keys that name attempts count; a user or a host in common ties nothing.
    """
    if cause is failure:
        return "the line itself"
    links = case.links_of(failure.id)
    if links.tied(cause.id) >= TIED:
        link = links.to[cause.id]
        return f"an attempt's id ({link.tied} of {links.anchors} lines)"
    if _contains(failure, cause):
        return TEXT
    quoted = _quotes(failure, cause) or _wraps(failure, cause, case.profile.resolution_ms)
    return QUOTED if quoted else None


def tied(case: Case, a: Failure, b: Failure) -> str | None:
    """What makes two lines one failure, whichever explains the other, the surer tie first; None if nothing does."""
    forth, back = explains(case, a, b), explains(case, b, a)
    return (back or forth) if forth in (None, QUOTED) else forth


def _contains(outer: Failure, inner: Failure) -> bool:
    """Whether the text of an inner error that names something stands in the outer one's error, causes or stack."""
    return _stands_in(
        inner, [*outer.view.error_messages, *outer.view.stacks, *(c[2] or "" for c in outer.view.causes)]
    )


def _quotes(outer: Failure, inner: Failure) -> bool:
    """Whether it stands in the line's own message."""
    return _stands_in(inner, outer.view.message)


def _stands_in(inner: Failure, texts: Sequence[str]) -> bool:
    if inner.hit is None and inner.profile.signature.code is None:
        return False
    return any(
        len(text) >= LEAST_TEXT and any(text[:200] in other for other in texts) for text in inner.view.error_messages
    )


def _one_text(case: Case, a: Failure, b: Failure) -> bool:
    """Whether the text of the second stands in the first, or either wraps the other."""
    tick = case.profile.resolution_ms
    return _contains(a, b) or _quotes(a, b) or _wraps(a, b, tick) or _wraps(b, a, tick)


def _wraps(outer: Failure, inner: Failure, resolution_ms: int | None) -> bool:
    """Whether an error that no rule knows is logged once more at the same moments, behind words of the outer line."""
    if outer.profile.count != inner.profile.count:
        return False
    texts = [*outer.view.message, *outer.view.error_messages]
    said = [text for text in inner.view.error_messages if len(text) >= LEAST_TEXT]
    if not any(text == other or text.endswith(f": {other}") for text in texts for other in said):
        return False
    near = max(NEAR_MS, resolution_ms or 0)
    pairs = zip(outer.profile.ends.sorted(), inner.profile.ends.sorted(), strict=True)
    return all(abs(a[0] - b[0]) <= near and abs(a[1] - b[1]) <= NEAR_LINES for a, b in pairs)


def clusters(case: Case, failures: list[Failure]) -> list[list[Failure]]:
    """Each failure with those that something ties to it directly, and their answers; what a rule knows best gathers first,
    and what has an error of its own before what only tells of one.

    Texts are compared with those a rule or a code makes telling, and only while there are few enough of them.
    """
    left = {
        f.id: f
        for f in sorted(
            failures,
            key=lambda f: (not f.known, LAYERS.index(f.layer), not f.view.error_messages, -f.profile.count, f.id),
        )
    }
    by_text = len(left) <= COMPARED
    out: list[list[Failure]] = []
    while left:
        first = left.pop(next(iter(left)))
        linked = [left[name] for name in sorted(case.links_of(first.id).to) if name in left]
        near = [f for f in linked if explains(case, first, f)]
        if by_text:
            near += [f for f in left.values() if f not in near and _one_text(case, f, first)]
        for f in near:
            del left[f.id]
        answers = [f for f in left.values() if f.only_status and any(explains(case, one, f) for one in near)]
        for f in answers:
            del left[f.id]
        out.append([first, *near, *answers])
    return out


def overlap(a: SignatureProfile, first: int, last: int) -> float:
    """Share of a signature's events with a time between `first` and `last` (milliseconds)."""
    total = a.times.total()
    width = a.times.width
    within = sum(n for at, n in a.times.points() if first - width <= at <= last)
    return within / total if total else 0.0
