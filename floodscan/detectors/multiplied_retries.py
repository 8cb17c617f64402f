"""Retries within retries: each attempt of the loop fails several times inside before it gives up."""

from __future__ import annotations

from collections.abc import Iterator

from floodscan.detectors.case import Case, Draft, Said, Step
from floodscan.loops.loop import FoundLoop, Member
from floodscan.profile.signature_profile import SignatureProfile
from floodscan.regex import regex

FACTOR = 1.8
"""Failures of one kind in one attempt from which a retry inside it is meant: two, but for attempts that are cut off (a
line of every attempt and of one other thing stands at 1.14 in a recorded log)."""
_VALUES = regex(r"[0-9a-fA-F-]*\d[\w-]*")
TIED = 0.8
"""Share of the attempts whose own id must stand on the line."""


def detect(case: Case) -> Iterator[Draft]:
    for loop in case.loops:
        inner = [m for m in loop.members if m.profile is not loop.anchor and _inside(loop, m)]
        if inner:
            yield _draft(case, loop, max(inner, key=lambda m: (m.per_iteration, m.profile.signature.id)))


def _inside(loop: FoundLoop, member: Member) -> bool:
    name = member.profile.signature.id
    often = member.profile.failure and member.per_iteration >= FACTOR and loop.links.share(name) >= TIED
    return often and _one_call(member.profile)


def _one_call(profile: SignatureProfile) -> bool:
    """Whether its lines are the same but for numbers and ids: else an attempt makes several calls, once each."""
    examples = [*([profile.opening] if profile.opening else []), *profile.examples.values()]
    return len({_VALUES.sub("#", example.text) for example in examples}) == 1


def _draft(case: Case, loop: FoundLoop, inner: Member) -> Draft:
    factor, name, anchor = round(inner.per_iteration, 1), inner.profile.signature.text, loop.anchor.signature.text
    calls = inner.profile.count
    return Draft(
        rule="retry-multiplied", cause="retry-multiplied", role="sustaining", confidence="likely",
        title=f"Two layers retry: {loop.iterations} attempts make {calls} calls, {factor:g} for each",
        summary=f"`{name}` fails {factor:g} times within one attempt that ends in `{anchor}`: something inside retries, and "
        "whoever drives the loop retries that again. The load on what fails is the product.",
        signatures=[inner.profile.signature.id, loop.anchor.signature.id], loops=[loop],
        speaks_for=[
            case.quote(inner.profile, f"`{name}` stands {factor:g} times in an attempt, tied by the attempt's id"),
            Said(f"`{anchor}` ends {loop.iterations} attempts", loop.anchor.signature.id, loop.anchor.opening, loop.iterations),
        ],
        probe="Count the requests at what fails, and divide them by the attempts of the outermost client.",
        remedy=[
            Step("retry-once", "fix", "Retry in one layer only, the one that knows what the user waits for; switch the inner "
                 "retries off, or give all layers one budget.", round(inner.lines * (1 - 1 / inner.per_iteration))),
        ],
        weight=inner.lines,
        references=("https://sre.google/sre-book/addressing-cascading-failures/",),
    )  # fmt: skip
