"""The headline, the trigger, what sustains a loop, and the open questions: sentences made of found facts."""

from __future__ import annotations

from collections.abc import Sequence

from floodscan.detectors.case import Case, Draft
from floodscan.detectors.retry import at_once
from floodscan.diagnose.unjudged import mute_question, mute_share, nothing, unread
from floodscan.durations import duration, lasting
from floodscan.loops.loop import FoundLoop
from floodscan.model import Input, Verdict
from floodscan.profile.signature_profile import SignatureProfile
from floodscan.redact import clip
from floodscan.rules.dependency import looks_like_dependency, title_of
from floodscan.rules.starts import start_in

PACE = {
    "immediate": "at once", "fixed": "at a fixed pace", "linear": "with linear backoff",
    "exponential": "with exponential backoff", "jittered": "with jittered backoff", "stepped": "in steps",
    "irregular": "irregularly", "unknown": "at an unknown pace",
}  # fmt: skip
DEPENDENT = ("dependency", "network", "infrastructure")
"""Layers whose failures raise the question whether the dependency is meant to be there."""
AROUND_MS = 30_000
GROWING = ("linear", "exponential", "jittered", "stepped")
TIMER_MS = 60_000
"""A fixed gap from here on is a schedule, not a client that waits (cron: 5 min; the longest cap of a client: 2 min)."""
START_MS = 5_000
"""A loop that begins this soon after a process start has to do with it (lab: 4 attempts, 0.5 to 3 s after)."""


def headline(verdict: Verdict, case: Case, findings: Sequence[Draft], read: Input) -> str:
    """One sentence that says what happened and what is known of the cause; before it what speaks against relying on it."""
    found = _found(case.loops, findings) if verdict in ("storm", "flood", "faults") else ""
    if read.degraded:
        return f"{unread(read)} {found}".rstrip()
    if found:
        return found
    if read.nothing:
        return nothing(case.profile)
    mute = mute_share(case)
    if verdict == "noise":
        noise = [d for d in findings if d.role in ("noise", "observation")]
        text = f"Nothing to mend: {len(noise)} expected or harmless {'thing' if len(noise) == 1 else 'things'} logged"
        return f"{text}, but {mute}." if mute else f"{text}."
    return f"No failure found, but {mute}." if mute else "No failure and no loop."


def _found(loops: Sequence[FoundLoop], findings: Sequence[Draft]) -> str:
    """The sentence on the first loop, else on the first finding."""
    about = [d for d in findings if loops and loops[0] in d.loops]
    if loops and any(d.loops for d in findings):
        loop = loops[0]
        name = f"`{short(loop.anchor.signature.text)}`"
        times = f"{loop.iterations} times"
        if loop.anchor.first is not None and loop.anchor.last is not None and loop.pace.clocked:
            times += f" {lasting(loop.anchor.last - loop.anchor.first)}"
        if loop.actors is not None and not (loop.several and _scattered(loop)):
            text = f"{_who(loop)} retried {PACE[loop.cadence]}: {name} failed {times}"
        elif loop.driver == "timer" and loop.gap is not None:
            text = f"{name} failed {times}, every {duration(loop.gap.median)}"
        else:
            text = f"{name} failed {times}"
        return f"{text}{_ending(loop)}{_cause(about, loop)}."
    return _alone(findings[0]) if findings else "Failures, and no loop among them."


NAME = 100
"""Characters of a signature's text in a headline or a title."""


def short(text: str) -> str:
    """One line of at most NAME characters."""
    return clip(text.split("\n", 1)[0], NAME)


def _scattered(loop: FoundLoop) -> bool:
    """Whether the attempts have no pace that shows a client try again."""
    return loop.cadence in ("irregular", "unknown")


def _who(loop: FoundLoop) -> str:
    if loop.actors is None:
        return "One actor"
    many = "address" if loop.actors.by_address else "actor"
    if loop.actors.distinct == 1:
        return f"One {many}"
    about = "About " if loop.actors.approx else ""
    return f"{about}{loop.actors.distinct} {many}{'es' if loop.actors.by_address else 's'}"


def _ending(loop: FoundLoop) -> str:
    recovered = ", then succeeded" if loop.ending.tied else ", then apparently succeeded"
    return {
        "recovered": recovered, "ceased": ", then stopped", "ongoing": ", and still does as the log ends",
        "false-success": ", each time after a success that did not last",
    }[loop.ending.outcome]  # fmt: skip


def _cause(findings: Sequence[Draft], loop: FoundLoop) -> str:
    first = next((d for d in findings if d.role in ("root-cause", "blind-spot")), None)
    if first is None or (first.cause == "unclassified" and first.signatures[0] == loop.anchor.signature.id):
        return ""
    if first.role == "blind-spot":
        return "; its cause is not in the log"
    return f"; {'possible ' if first.confidence == 'possible' else ''}cause: {first.title}"


def _alone(draft: Draft) -> str:
    """The finding as the headline: what a line says of itself is so; what a rule makes of it is as sure as the finding."""
    guess = draft.role == "root-cause" and draft.cause != "unclassified" and draft.confidence == "possible"
    return f"Possible cause: {draft.title}." if guess else f"{draft.title}."


def sustained_by(loop: FoundLoop, case: Case) -> str:
    """What keeps the loop going, as far as the log shows it."""
    if any(loop.anchor is failure.profile for crash in case.crashes for failure in crash.failures):
        return "whatever starts the process again after it has failed"
    if loop.status == "backoff":
        return (
            f"a retry {PACE[loop.cadence]}" if loop.cadence in GROWING else "a retry that backs off, by its own words"
        )
    if loop.driver == "timer" or (loop.cadence == "fixed" and loop.gap is not None and loop.gap.median >= TIMER_MS):
        every = f", every {duration(loop.gap.median)}" if loop.gap else ""
        if any(name in member.profile.details for member in loop.members for name in ("attempt", "delay_ms")):
            return f"a retry with a fixed pause, by its own words{every}"
        text = f"a timer that does not look at the outcome{every}"
        return f"{text}; {at_once(loop)}" if loop.several else text
    if loop.actors is not None and loop.gap is not None:
        apart = duration(loop.gap.median)
        if loop.several:
            what = f"attempts {apart} apart" if _scattered(loop) else f"a retry without backoff, {apart} after the one before"
            return f"{what}; {at_once(loop)}"
        return f"a retry without backoff, {apart} after the one before"
    if loop.actors is not None:
        return "a retry; the clock does not show its pauses"
    text = "unknown: neither an id nor a pace names who tries again"
    return f"{text}; {at_once(loop)}" if loop.several else text


def trigger_of(loop: FoundLoop, case: Case) -> tuple[str, str | None, str] | None:
    """(kind, signature, text): what was new just before the loop began, apart from what sustains it."""
    first = loop.anchor.first
    if first is None:
        return None
    start = next((s for s in case.signatures.values() if _is_start(s) and _just_before(s, first)), None)
    if start is not None:
        return "startup", start.signature.id, f"it follows a process start: `{start.signature.text}`"
    new = [s for s in case.signatures.values() if _is_new(s, loop, case)]
    if new:
        cause = min(new, key=lambda s: (s.first or 0, s.signature.id))
        ago = first - (cause.first or 0)
        return "new-failure", cause.signature.id, f"`{cause.signature.text}` was new {duration(ago)} before"
    return None


def _is_new(profile: SignatureProfile, loop: FoundLoop, case: Case) -> bool:
    """Whether a failure outside the loop is first seen shortly before it: no client's error, no expected branch."""
    first = loop.anchor.first or 0
    if loop.member(profile.signature.id) is not None or profile.signature.id in case.expected or not profile.failure:
        return False
    status = profile.signature.status
    recent = profile.first is not None and first - AROUND_MS <= profile.first < first
    return recent and (status is None or status >= 500)


def _is_start(profile: SignatureProfile) -> bool:
    """Whether it is a text that a runtime or library writes when a process starts."""
    return profile.opening is not None and start_in(profile.opening.message) is not None


def _just_before(profile: SignatureProfile, first: int) -> bool:
    opened = profile.opening_at[0] if profile.opening_at else 0
    at = opened if profile.first is None else profile.first
    return bool(at) and 0 <= first - at < START_MS


def questions(
    drafts: Sequence[Draft], loops: Sequence[FoundLoop], case: Case, read: Input
) -> list[tuple[str, str, list[str]]]:
    """(id, text, signatures): what the log can't answer and somebody must."""
    out: list[tuple[str, str, list[str]]] = []
    about = [d for d in drafts if d.role in ("root-cause", "hypothesis") and _of_dependency(d, case)]
    name = _dependency_name(about[0], case) if about else None
    if name is not None:
        ids = list(dict.fromkeys(s for d in about for s in d.signatures))
        text = f"Is {name} meant to run and be reachable here? If not, it needs a mock mode or a flag that skips it."
        out.append(("dependency-expected", text, ids))
        text = (
            "What else will fail once it answers again? The log shows only the first step that fails in each attempt."
        )
        out.append(("next-failure", text, ids))
    for loop in loops:
        accepted = [m.profile for m in loop.members if not m.profile.failure and m.lag < 0]
        if loop.status == "storm" and accepted and loop.actors is not None:
            name = accepted[-1].signature.text
            text = (
                "Should the service refuse (503, before the socket or session opens) while it can't serve? "
                f"Now it accepts each attempt (`{name}`) and fails it afterwards."
            )
            out.append(("refuse-early", text, [accepted[-1].signature.id, loop.anchor.signature.id]))
            break
    blind = next((d for d in drafts if d.role == "blind-spot"), None)
    if blind is not None and not about:
        name = case.signatures[blind.signatures[0]].signature.text
        out.append(("hidden-cause", f"What did `{name}` catch? Nothing in the log tells.", blind.signatures))
    mute = None if read.degraded or read.nothing else mute_question(case)
    if mute is not None:
        out.append(("unjudged", *mute))
    return out


def _dependency_name(draft: Draft, case: Case) -> str | None:
    """What the finding is about, by name or address; None where the log gives neither."""
    failure = case.failures.get(draft.signatures[0])
    if failure is None:
        return None
    code = failure.profile.signature.code
    own = f"what {code} stands for" if looks_like_dependency(code) else None
    return title_of(failure.dependency) or failure.address or own


def _of_dependency(draft: Draft, case: Case) -> bool:
    failure = case.failures.get(draft.signatures[0])
    if failure is None:
        return False
    return failure.layer in DEPENDENT or looks_like_dependency(failure.profile.signature.code)
