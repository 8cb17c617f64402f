"""What keeps a loop going: a retry without backoff, of what can never heal, in lockstep, against a rate limit."""

from __future__ import annotations

from collections.abc import Iterator

from floodscan.detectors.case import Case, Draft, Failure, Said, Step, deepest
from floodscan.detectors.expected_failure import outlived
from floodscan.durations import duration, lasting
from floodscan.loops.at_once import COUNTED
from floodscan.loops.cadence import PAUSE_MS
from floodscan.loops.loop import FoundLoop
from floodscan.loops.thresholds import DEFAULTS
from floodscan.profile.signature_profile import SignatureProfile
from floodscan.regex import regex

FIRST_MS, CAP_MS = 1_000, 30_000
"""The backoff that a remedy's savings are counted with: 1 s doubling to 30 s."""
WAIT = "retry_after"
_DIGITS = regex(r"[0-9]{1,6}")
MOST_S = 86_400
"""Retry-After in seconds is believed up to a day: what is larger counts milliseconds or a date."""
BACKOFF = "https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/"


def detect(case: Case) -> Iterator[Draft]:
    """A finding for each storm that somebody drives, and for each loop that retries what can't heal."""
    for loop in case.loops:
        named = _named(case, loop)
        root = deepest(named) if named else None
        heals = root.hit.rule.retry if root is not None and root.hit is not None else "-"
        permanent, fed = (root if heals == "never" else None), (root if heals == "worse" else None)
        if loop.status == "backoff" and permanent is None:
            continue
        if loop.status == "loop" and permanent is None and fed is None and not loop.pace.rapid:
            continue
        if (loop.driver == "timer" and not loop.pace.rapid) or (root is not None and root.layer == "deploy"):
            continue  # a schedule is no retry; what restarts a program is the rule's affair
        if loop.pace.gap is not None and loop.pace.gap.median >= CAP_MS:
            continue  # it waits longer than any backoff would
        if not _retries(loop) or (permanent is None and loop.pace.gap is None):
            continue
        yield _draft(loop, permanent, fed, case.schedule_of(loop))


def _retries(loop: FoundLoop) -> bool:
    """Whether the log shows somebody try again: an actor, a short and even pause, or lines of an attempt around the failure."""
    even = loop.driver == "timer" and loop.pace.rapid
    return even or loop.actors is not None or any(not m.profile.failure for m in loop.members)


def _named(case: Case, loop: FoundLoop) -> list[Failure]:
    """The loop's failures that a rule knows and that are no expected branch."""
    return [
        case.failures[m.profile.signature.id]
        for m in loop.members
        if m.profile.signature.id in case.failures
        and m.profile.signature.id not in case.expected
        and not outlived(case, case.failures[m.profile.signature.id], loop)
        and case.failures[m.profile.signature.id].hit is not None
        and (loop.links.share(m.profile.signature.id) >= 0.5 or m.profile is loop.anchor)
    ]


def attempts_with_backoff(span_ms: int) -> int:
    """Attempts of one driver within `span_ms` under a capped exponential backoff."""
    made, at, pause = 1, 0, FIRST_MS
    while pause < CAP_MS and at + pause <= span_ms:
        at += pause
        pause = min(CAP_MS, pause * 2)
        made += 1
    return made + max(0, span_ms - at) // pause  # not one by one: a log's two times may lie centuries apart


def _draft(loop: FoundLoop, permanent: Failure | None, fed: Failure | None, schedule: str | None) -> Draft:
    drivers = loop.actors.distinct if loop.actors else 1
    named = loop.actors is not None and not loop.actors.by_address
    span = (loop.anchor.last or 0) - (loop.anchor.first or 0)
    kept = attempts_with_backoff(span) * drivers
    saves = round(loop.lines * (1 - kept / loop.iterations)) if loop.by_time and kept < loop.iterations else None
    pace = f"a median of {duration(loop.gap.median)} apart" if loop.gap else "without a growing pause"
    cause = "retry-of-permanent-failure" if permanent else "retry-without-backoff"
    if permanent and permanent.hit:
        title = f"What can't heal by retrying is retried: {_called(permanent)}"
        summary = f"{loop.iterations} attempts, {pace}; no number of them can succeed while the cause stands."
    elif fed:
        title = f"The retry feeds the failure: {_called(fed)}"
        summary = f"{loop.iterations} attempts, {pace}; each costs what the failing side is short of."
    else:
        title = f"The retry has no backoff: {loop.iterations} attempts, {pace}"
        summary = "Whatever the cause, the loop's size is the retry's: the next attempt follows each failure at once."
    if loop.cadence != "immediate":
        summary = summary.replace("at once", "without a growing pause")
    draft = Draft(
        rule=cause, cause=cause, role="sustaining", confidence="proven" if loop.pace.exact and named else "likely",
        title=title, summary=summary, signatures=[loop.anchor.signature.id], loops=[loop], weight=loop.lines,
        references=(BACKOFF,),
    )  # fmt: skip
    if loop.gap:
        gap = loop.gap
        whose = "one driver" if named else "one address" if loop.actors else "the line"
        text = (
            f"gaps of {whose}: median {duration(gap.median)}, 10th percentile {duration(gap.p10)}, "
            f"90th {duration(gap.p90)}"
        )
        draft.speaks_for.append(Said(text, loop.anchor.signature.id, loop.anchor.opening, loop.iterations))
    else:
        text = f"{loop.iterations} iterations {lasting(span)}; the clock is too coarse to show single gaps"
        if not loop.pace.clocked:
            text = f"{loop.iterations} iterations, of which no line shows a time"
        draft.speaks_for.append(Said(text, loop.anchor.signature.id, loop.anchor.opening, loop.iterations))
    asked = _asked_for(loop)
    if asked is not None:
        said, line = asked
        draft.summary += f" The answers ask for {said} s (Retry-After), and nobody waits for it."
        draft.speaks_for.append(
            Said(
                f"`{line.signature.text}` says to try again after {said} s", line.signature.id, line.opening, line.count
            )
        )
    if loop.several:
        draft.against.append(Said(at_once(loop), loop.anchor.signature.id, loop.anchor.opening))
    elif _of_one_moment(loop):
        _doubt(draft, loop, span)
    if loop.lockstep:
        draft.speaks_for.append(Said(f"{drivers} drivers attempt at the same moments: in lockstep, without jitter"))
    if schedule:
        draft.speaks_for.append(Said(f"the delays are those of {schedule}"))
    draft.probe = "Look at what the client does when the attempt fails: a delay that grows with each failure, or none."
    draft.remedy = _steps(
        loop, permanent, asked is not None or (fed is not None and fed.profile.signature.status == 429), saves
    )
    return draft


def at_once(loop: FoundLoop) -> str:
    """What several failures of one moment may be."""
    return (
        f"each attempt has {loop.several} failures at once: calls of one request, or a retry without a pause; the log "
        "does not tell which"
    )


def _of_one_moment(loop: FoundLoop) -> bool:
    """Whether a single event that makes many calls would look the same: nobody known tries again, and no failure is a
    round trip behind the one before."""
    short = (loop.anchor.last or 0) - (loop.anchor.first or 0) < DEFAULTS.storm_span_ms
    counted = any(name in member.profile.details for member in loop.failing for name in COUNTED)
    still = loop.gap is not None and loop.gap.p90 <= PAUSE_MS
    return loop.driver == "unknown" and loop.status == "loop" and short and still and not counted


def _doubt(draft: Draft, loop: FoundLoop, span: int) -> None:
    draft.title = f"Calls of one request, or a retry without a pause: {loop.iterations} failures {lasting(span)}"
    draft.summary = "The log does not tell which: no line names who calls, and no failure is a round trip behind the other."
    draft.confidence = "possible"
    draft.against.append(Said("calls that one request makes at once and that all fail would look the same"))
    draft.probe = "Log an id of the request, and the number of the try, with each failure."


def _asked_for(loop: FoundLoop) -> tuple[int, SignatureProfile] | None:
    """The shortest pause in seconds that the loop's own lines ask for, and which; None where the retry keeps to it."""
    found = [
        (int(value), member.profile)
        for member in loop.members
        for value in (member.profile.details[WAIT].values() if WAIT in member.profile.details else ())
        if _DIGITS.fullmatch(value) and 0 < int(value) <= MOST_S
    ]
    if not found or loop.pace.gap is None:
        return None
    least = min(found, key=lambda f: (f[0], f[1].signature.id))
    return least if loop.pace.gap.p90 < least[0] * 1_000 else None


def _called(failure: Failure) -> str:
    return failure.profile.signature.code or failure.name


def _steps(loop: FoundLoop, permanent: Failure | None, limited: bool, saves: int | None) -> list[Step]:
    name = loop.anchor.signature.text
    if permanent and (loop.actors is None or loop.status == "backoff"):
        return [Step("stop-retrying", "fix", f"Do not retry {_called(permanent)}: give up at the first one, and say so once.")]
    steps = [
        Step(
            "throttle-retries", "stop",
            f"Refuse or delay repeated attempts of one client on the server once `{name}` has happened.", saves,
        ),
        Step(
            "back-off", "fix",
            "Back off on the client: exponential with full jitter from 1 s to a cap of 30 s, reset only once an attempt "
            "has proved itself.", saves,
        ),
    ]  # fmt: skip
    if permanent:
        steps.insert(
            1, Step("stop-retrying", "fix", f"Do not retry {_called(permanent)}: answer with an error the client treats as final.")
        )
    if limited:
        steps.insert(
            1, Step("honour-retry-after", "fix", "Wait for the time that Retry-After names before the next attempt.")
        )
    return steps
