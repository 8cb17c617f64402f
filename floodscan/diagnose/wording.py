"""The headline, the trigger, what sustains a loop, and the open questions: sentences made of found facts."""

from __future__ import annotations

from collections.abc import Sequence

from floodscan.detectors.case import Case, Draft
from floodscan.loops.loop import FoundLoop
from floodscan.model import Verdict
from floodscan.profile.signature_profile import SignatureProfile
from floodscan.rules.dependency import looks_like_dependency, title_of

PACE = {
    "immediate": "at once", "fixed": "at a fixed pace", "linear": "with linear backoff",
    "exponential": "with exponential backoff", "jittered": "with jittered backoff", "stepped": "in steps",
    "irregular": "irregularly", "unknown": "at an unknown pace",
}  # fmt: skip
DEPENDENT = ("dependency", "network", "infrastructure", "capacity", "config", "deploy")
"""Layers whose failures raise the question whether the dependency is meant to be there."""
AROUND_MS = 30_000
START_MS = 5_000
"""A loop that begins this soon after a process start has to do with it (lab: 4 attempts, 0.5 to 3 s after)."""


def headline(verdict: Verdict, loops: Sequence[FoundLoop], findings: Sequence[Draft]) -> str:
    """One sentence that says what happened and what is known of the cause."""
    about = [d for d in findings if loops and loops[0] in d.loops]
    if loops and verdict in ("storm", "flood", "faults") and any(d.loops for d in findings):
        loop = loops[0]
        who = _who(loop)
        text = f"{who} retried {PACE[loop.cadence]}: `{loop.anchor.signature.text}` failed {loop.iterations} times"
        if loop.anchor.first is not None and loop.anchor.last is not None and loop.by_time:
            text += f" in {_span(loop.anchor.last - loop.anchor.first)}"
        return f"{text}{_ending(loop)}{_cause(about)}."
    if verdict in ("storm", "flood", "faults"):
        return f"{findings[0].title}." if findings else "Failures, and no loop among them."
    if verdict == "noise":
        noise = [d for d in findings if d.role in ("noise", "observation")]
        return f"Nothing to mend: {len(noise)} expected or harmless {'thing' if len(noise) == 1 else 'things'} logged."
    return "No failure and no loop."


def _who(loop: FoundLoop) -> str:
    if loop.actors is None:
        return "A timer" if loop.driver == "timer" else "Something"
    about = "about " if loop.actors.approx and loop.actors.distinct > 1 else ""
    return "One actor" if loop.actors.distinct == 1 else f"{about.capitalize()}{loop.actors.distinct} actors"


def _ending(loop: FoundLoop) -> str:
    return {
        "recovered": ", then succeeded", "ceased": ", then stopped", "ongoing": ", and still does as the log ends",
        "false-success": ", each time after a success that did not last",
    }[loop.ending.outcome]  # fmt: skip


def _cause(findings: Sequence[Draft]) -> str:
    first = next((d for d in findings if d.role in ("root-cause", "blind-spot")), None)
    if first is None:
        return ""
    if first.role == "blind-spot":
        return "; its cause is not in the log"
    return f"; cause: {first.title}"


def _span(ms: int) -> str:
    if ms < 1000:
        return f"{ms} ms"
    if ms < 120_000:
        return f"{ms / 1000:.0f} s"
    return f"{ms / 60_000:.0f} min" if ms < 7_200_000 else f"{ms / 3_600_000:.1f} h"


def sustained_by(loop: FoundLoop) -> str:
    """What keeps the loop going."""
    if loop.status == "backoff":
        return f"a retry {PACE[loop.cadence]}"
    if loop.driver == "timer":
        return "a timer that does not look at the outcome"
    pause = f", {loop.gap.median} ms after the one before" if loop.gap else ""
    return f"a retry without backoff{pause}"


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
        return "new-failure", cause.signature.id, f"`{cause.signature.text}` was new {ago} ms before"
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
    message = profile.opening.message if profile.opening else ""
    return message.startswith(("Server listening at ", "> ")) or "Nest application successfully started" in message


def _just_before(profile: SignatureProfile, first: int) -> bool:
    opened = profile.opening_at[0] if profile.opening_at else 0
    at = opened if profile.first is None else profile.first
    return bool(at) and 0 <= first - at < START_MS


def questions(drafts: Sequence[Draft], loops: Sequence[FoundLoop], case: Case) -> list[tuple[str, str, list[str]]]:
    """(id, text, signatures): what the log can't answer and somebody must."""
    out: list[tuple[str, str, list[str]]] = []
    about = [d for d in drafts if d.role in ("root-cause", "hypothesis") and _of_dependency(d, case)]
    if about:
        ids = list(dict.fromkeys(s for d in about for s in d.signatures))
        name = _dependency_name(about[0], case)
        text = f"Is {name} meant to run and be reachable here? If not, it needs a mock mode or a flag that skips it."
        out.append(("dependency-expected", text, ids))
        text = (
            "What else will fail once it answers again? The log shows only the first step that fails in each attempt."
        )
        out.append(("next-failure", text, ids))
    for loop in loops:
        accepted = [m.profile for m in loop.members if not m.profile.failure and m.lag < 0]
        if loop.status == "storm" and accepted:
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
    return out


def _dependency_name(draft: Draft, case: Case) -> str:
    failure = case.failures.get(draft.signatures[0])
    if failure is None:
        return "the dependency"
    code = failure.profile.signature.code
    return title_of(failure.dependency) or (f"what answers with {code}" if code else "the dependency")


def _of_dependency(draft: Draft, case: Case) -> bool:
    failure = case.failures.get(draft.signatures[0])
    if failure is None:
        return False
    return failure.layer in DEPENDENT or looks_like_dependency(failure.profile.signature.code)
