"""A failure that its own attempt gets over nearly always is a branch, not an error: noise, proved by proportion."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from math import sqrt

from floodscan.detectors.case import Case, Draft, Expected, Failure, Said, Step
from floodscan.loops.loop import FoundLoop
from floodscan.loops.pairs import NONE, Counts, coverage
from floodscan.model import Confidence, Role
from floodscan.profile.signature_profile import SignatureProfile
from floodscan.rules.remedies import remedies
from floodscan.rules.rule import fill

SHARE = 0.95
"""Share of the cases that must be followed by success (the lab's healthy log: 10 of 10; its refused sign-ins: 0)."""
CASES = 5
"""Fewer cases prove nothing."""
LINKED = 0.8
"""Share of the cases in which the ids are seen to join both lines; attempts that a scene's edge cuts are not."""
MOST = 0.5
"""Share of the attempts that go on past a failure, from which it does not end them (the lab's logs cut off anywhere)."""
COVER = 0.9
"""Share of the successes that must lie under the failure's lines where no id joins them."""
SILENCE = 0.9
"""Lower bound of the interval from which lowering the level is advised: 36 of 36 reach it, 10 of 10 do not (0.72)."""
Z = 1.96


def wilson(successes: int, cases: int) -> tuple[float, float]:
    """The 95 % interval of a proportion (Wilson 1927)."""
    if not cases:
        return 0.0, 1.0
    p, z2 = successes / cases, Z * Z
    centre = (p + z2 / (2 * cases)) / (1 + z2 / cases)
    half = Z * sqrt(p * (1 - p) / cases + z2 / (4 * cases * cases)) / (1 + z2 / cases)
    return max(0.0, centre - half), min(1.0, centre + half)


def find_expected(case: Case) -> dict[str, Expected]:
    """Signature id -> why it is an expected branch."""
    found: dict[str, Expected] = {}
    for failure in case.failures.values():
        if failure.profile.signature.opacity in ("empty", "placeholder") or failure.only_status:
            continue
        loops = case.loops_of(failure.id)
        expected = _within_loop(case, failure, loops[0]) if loops else _alone(case, failure)
        if expected is not None:
            found[failure.id] = expected
    return found


def _alone(case: Case, failure: Failure) -> Expected | None:
    """Outside loops: the attempt's later lines are successes, and none of them is another failure."""
    after = _attempts(case, failure)
    if len(after) < max(1, LINKED * min(case.links_of(failure.id).anchors, failure.profile.count)):
        return None
    well = [names for names in after if not any(_another_failure(case, failure, name) for name in names)]
    progress = Counter(name for names in well for name in names if name not in case.failures)
    marks = [case.signatures[name] for name, n in progress.items() if name in case.signatures and n >= SHARE * len(after)]
    if not marks or (len(marks) < 2 and not _new_key(failure, marks[0])):
        return None
    lags = case.links_of(failure.id).to
    best = min(marks, key=lambda s: (lags[s.signature.id].lag, s.signature.id))
    followed = sum(best.signature.id in names for names in well)
    return Expected(failure, best, followed, len(after), followed)


def _attempts(case: Case, failure: Failure) -> list[frozenset[str]]:
    """What each attempt with the failure writes behind it; of those cut off at an edge only the ones that go on."""
    links = case.links_of(failure.id)
    return links.after + [names for names in links.cut if any(name not in case.failures for name in names)]


def _another_failure(case: Case, failure: Failure, name: str) -> bool:
    other = case.failures.get(name)
    return other is not None and other is not failure and not _same_step(failure, other)


def _within_loop(case: Case, failure: Failure, loop: FoundLoop) -> Expected | None:
    """Inside a loop: the attempt goes on past it to another failure, and attempts that succeed have it, too."""
    own, anchor = loop.member(failure.id), loop.member(loop.anchor.signature.id)
    if own is None or anchor is None or own.profile is loop.anchor or own.lag >= anchor.lag:
        return None
    between = [
        m
        for m in loop.members
        if not m.profile.failure and own.lag < m.lag <= anchor.lag and m.per_iteration >= SHARE
    ]
    if not between or failure.profile.count < CASES:
        return None
    after = _attempts(case, failure)
    succeeded = sum(not any(_another_failure(case, failure, name) for name in names) for names in after)
    if not after:  # no ids: attempts = failures + successes
        succeeded = max(0, min(failure.profile.count - loop.iterations, _successes(failure, loop)))
    by_rule = failure.hit is not None and any("noise" in step.roles for step in failure.hit.rule.remediation)
    past = next((m.profile for m in between if _new_key(failure, m.profile)), None)
    if succeeded < 1 and not (by_rule and past is not None):
        return None
    mark = past or between[0].profile
    cases = len(after) or failure.profile.count
    followed = sum(mark.signature.id in names for names in after) if after else min(mark.count, cases)
    if followed < SHARE * cases:
        return None
    return Expected(failure, mark, followed, cases, succeeded)


def outlived(case: Case, failure: Failure, loop: FoundLoop) -> bool:
    """Whether the loop's attempts go on past the failure, learn something, and only then fail: it did not end them.

    However few they are, they show that much; that it is noise takes CASES of them.
    """
    own, anchor = loop.member(failure.id), loop.member(loop.anchor.signature.id)
    if own is None or anchor is None or own.profile is loop.anchor or own.lag >= anchor.lag:
        return False
    between = (m.profile for m in loop.members if not m.profile.failure and own.lag < m.lag <= anchor.lag)
    return _goes_on(case, failure, between)


def passed(case: Case, failure: Failure) -> bool:
    """The same of a failure outside loops: its attempts learn something behind it."""
    links = case.links_of(failure.id).to
    behind = (case.signatures[name] for name in links if name in case.signatures and links[name].lag >= 0)
    return _goes_on(case, failure, (s for s in behind if not s.failure))


def _goes_on(case: Case, failure: Failure, lines: Iterable[SignatureProfile]) -> bool:
    """Whether most attempts with the failure write one of these lines behind it, with an id it did not know.

    Most, not nearly all: of many that are under way at the log's end, what they write next is missing.
    """
    attempts = _attempts(case, failure)
    least = max(1, MOST * len(attempts))
    return any(
        _new_key(failure, line) and sum(line.signature.id in names for names in attempts) >= least for line in lines
    )


def _successes(failure: Failure, loop: FoundLoop) -> int:
    """How many attempts succeed, where the failure stands in them: each success lies under a line of it."""
    success = loop.ending.success
    if success is None:
        return 0
    counts = [Counts(s, by_time=loop.by_time) for s in (failure.profile, success)]
    return success.count if coverage(*counts, share=COVER) is not NONE else 0


def _new_key(failure: Failure, line: object) -> bool:
    """Whether the line knows an id that the failure did not: the attempt has learnt something since."""
    keys = getattr(line, "keys", {})
    return bool(set(keys) - set(failure.profile.keys))


def _same_step(one: Failure, other: Failure) -> bool:
    """Whether two failures are one step of the attempt logged twice: the same cause, or the same code."""
    if one.cause == other.cause and one.cause != "unclassified":
        return True
    code = one.profile.signature.code
    return code is not None and code == other.profile.signature.code


def detect(case: Case) -> Iterator[Draft]:
    """One finding for all lines that log the same expected failure."""
    groups: dict[tuple[str, str], list[Expected]] = {}
    for expected in case.expected.values():
        failure = expected.failure
        groups.setdefault((failure.cause, failure.profile.signature.code or failure.name), []).append(expected)
    for _, group in sorted(groups.items()):
        yield _draft(case, sorted(group, key=lambda e: (-e.cases, e.failure.id)))


def _draft(case: Case, group: list[Expected]) -> Draft:
    role: Role
    confidence: Confidence
    first = group[0]
    failure = first.failure
    hit = failure.hit
    low, high = wilson(first.followed, first.cases)
    what = failure.profile.signature.code or failure.name
    lines = sum(e.failure.profile.lines for e in group)
    sure = low >= SILENCE
    times = {1: "", 2: " It is logged twice each time; it is counted once here."}.get(
        len(group), f" It is logged {len(group)} times each time; it is counted once here."
    )
    sampled = "" if first.cases == failure.profile.count else f" (a sample of {failure.profile.count})"
    proof = (
        f"{first.followed} of {first.cases}{sampled} are followed by `{first.success.signature.text}` in the same attempt "
        f"(95 % interval {low:.2f} to {high:.2f})"
    )
    speaks = [case.quote(first.success, proof, first.followed)]
    if first.contrast:
        succeeded = (
            "1 attempt that succeeded has" if first.contrast == 1 else f"{first.contrast} attempts that succeeded have"
        )
        speaks.append(Said(f"{succeeded} it, too: it does not decide the outcome"))
    if failure.layer == "auth":
        speaks += [Said(f"the tokens name the issuer {issuer}, signed with {alg}") for issuer, alg in case.issuers()[:2]]
    against = []
    if not first.contrast:
        against.append(
            Said("no attempt with it is seen to succeed in the end; the attempts go on past it and fail later")
        )
    advice = (
        ""
        if sure
        else f" {first.cases} cases are too few to silence it: the lower bound is {low:.2f}, wanted {SILENCE}."
    )
    if first.cases < CASES:
        role, confidence = "observation", "possible"
    else:
        role, confidence = "noise", "proven" if sure and first.contrast else "likely"
    draft = Draft(
        rule=hit.rule.id if hit else "expected-failure",
        cause=hit.rule.cause if hit else "benign",
        role=role,
        confidence=confidence,
        title=f"{what} {'is' if role == 'noise' else 'looks like'} an expected branch that is logged as a failure",
        summary=f"The attempt goes on after it and gets what it wanted another way.{times}{advice}",
        signatures=[e.failure.id for e in group],
        loops=case.loops_of(failure.id),
        speaks_for=[case.quote(e.failure.profile) for e in group] + speaks,
        against=against,
        probe=f"Count {what} among attempts that succeed: where it is in all of them, it says nothing of success.",
        references=hit.rule.references if hit else (),
    )
    facts = {"code": failure.profile.signature.code or "", "dependency": failure.dependency or ""}
    steps = remedies(hit.rule, "noise", failure.dependency) if hit else ()
    draft.mild = role == "observation"
    draft.remedy = [
        Step(s.id, s.kind, fill(s.step, facts), lines if s.kind != "watch" and sure else None) for s in steps
    ]
    if not draft.remedy:
        text = f"Log {what} at debug where the attempt goes on, or test for the case before trying."
        draft.remedy = [Step("expected-branch", "fix", text, lines if sure else None)]
    return draft
