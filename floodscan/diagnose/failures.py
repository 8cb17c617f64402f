"""Each failure signature with what the rules say of it, and which failures are one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from floodscan.detectors.case import LAYERS, Case, Failure
from floodscan.model import ErrorInfo
from floodscan.profile.signature_profile import ExampleLine, SignatureProfile
from floodscan.rules.dependency import dependency_of
from floodscan.rules.match import Catalogue
from floodscan.rules.view import Cause, FailureView, addresses

TIED = 0.5
"""Share of a failure's events that an attempt's id must join to another's for the two to be one failure."""
TEXT = "the text of the error"
LEAST_TEXT = 12
"""Characters of an error text that, found in another's, make the two one failure."""


def view_of(profile: SignatureProfile) -> FailureView:
    """What the rules look at, from the samples that the profile keeps."""
    examples = examples_of(profile)
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


def examples_of(profile: SignatureProfile) -> list[ExampleLine]:
    """The first line of the signature, then the sampled ones."""
    return ([profile.opening] if profile.opening else []) + profile.examples.values()


def _inner(error: ErrorInfo, depth: int) -> Iterator[Cause]:
    for cause in error.causes if depth else ():
        yield (cause.type, cause.code, cause.message)
        yield from _inner(cause, depth - 1)


def _distinct(texts: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))[:8]


def failure_of(profile: SignatureProfile, catalogue: Catalogue) -> Failure:
    """The failure with the rule that knows it best."""
    view = view_of(profile)
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


def tied(case: Case, a: Failure, b: Failure) -> str | None:
    """What ties two failures: the words for an attempt's id, an error text or a stack that they share; None if nothing."""
    if a is b:
        return "the line itself"
    if case.links_of(a.id).share(b.id) >= TIED or case.links_of(b.id).share(a.id) >= TIED:
        return "an attempt's id"
    if _contains(a, b) or _contains(b, a):
        return TEXT
    return None


def _contains(outer: Failure, inner: Failure) -> bool:
    """Whether a text of the inner error stands in the outer one's message, causes or stack."""
    texts = [*outer.view.error_messages, *outer.view.stacks, *(c[2] or "" for c in outer.view.causes)]
    return any(
        len(text) >= LEAST_TEXT and any(text[:200] in other for other in texts) for text in inner.view.error_messages
    )


def clusters(case: Case, failures: list[Failure]) -> list[list[Failure]]:
    """Each failure with those that something ties to it directly; what a rule knows best gathers first."""
    left = sorted(failures, key=lambda f: (not f.known, LAYERS.index(f.layer), -f.profile.count, f.id))
    out: list[list[Failure]] = []
    while left:
        first = left.pop(0)
        near = [other for other in left if tied(case, first, other)]
        out.append([first, *near])
        left = [other for other in left if other not in near]
    return out


def overlap(a: SignatureProfile, first: int, last: int) -> float:
    """Share of a signature's events with a time between `first` and `last` (milliseconds)."""
    total = a.times.total()
    width = a.times.width
    within = sum(n for at, n in a.times.points() if first - width <= at <= last)
    return within / total if total else 0.0
