"""The headline, the trigger, what sustains a loop, and the open questions: sentences made of found facts."""

from __future__ import annotations

from collections.abc import Sequence

from floodscan.detectors.case import Case, Draft
from floodscan.loops.find import FoundLoop
from floodscan.model import Verdict
from floodscan.rules.dependency import looks_like_dependency

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
    cause = _cause(findings)
    if loops and verdict in ("storm", "flood", "faults") and any(d.loops for d in findings):
        loop = loops[0]
        who = _who(loop)
        text = f"{who} retried {PACE[loop.cadence]}: `{loop.anchor.signature.text}` failed {loop.iterations} times"
        if loop.anchor.first is not None and loop.anchor.last is not None and loop.clocked:
            text += f" in {_span(loop.anchor.last - loop.anchor.first)}"
        return f"{text}{_ending(loop)}{cause}."
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
    pause = f", {loop.gap.median} ms after the one before" if loop.gap and loop.exact_gaps else ""
    return f"a retry without backoff{pause}"


def trigger_of(loop: FoundLoop, case: Case) -> tuple[str, str | None, str] | None:
    """(kind, signature, text): what was new just before the loop began, apart from what sustains it."""
    first = loop.anchor.first
    if first is None:
        return None
    start = next((s for s in case.signatures.values() if s.opening and _is_start(s.opening.message) and _near(s, first)), None)
    if start is not None:
        return "startup", start.signature.id, f"it follows a process start: `{start.signature.text}`"
    new = [s for s in _before(loop, case) if s.failure]
    if new:
        cause = min(new, key=lambda s: (s.first or 0, s.signature.id))
        return "new-failure", cause.signature.id, f"`{cause.signature.text}` was new {first - (cause.first or 0)} ms before"
    return None


def _before(loop: FoundLoop, case: Case) -> list[object] | list:  # type: ignore[type-arg]
    """Signatures outside the loop that are first seen shortly before it."""
    first = loop.anchor.first or 0
    inside = {m.profile.signature.id for m in loop.members}
    return [
        s
        for s in case.signatures.values()
        if s.signature.id not in inside
        and s.failure
        and s.signature.id not in case.expected
        and s.first is not None
        and first - AROUND_MS <= s.first < first
        and (s.signature.status is None or s.signature.status >= 500)
    ]


def _is_start(message: str) -> bool:
    """Texts that runtimes and libraries write when a process starts."""
    return message.startswith(("Server listening at ", "> ")) or "Nest application successfully started" in message


def _near(profile: object, first: int) -> bool:
    at = getattr(profile, "first", None) or getattr(profile, "opening_at", (0, 0))[0]
    return bool(at) and 0 <= first - at < START_MS


def questions(drafts: Sequence[Draft], loops: Sequence[FoundLoop], case: Case) -> list[tuple[str, str, list[str]]]:
    """(id, text, signatures): what the log can't answer and somebody must."""
    out: list[tuple[str, str, list[str]]] = []
    about = [d for d in drafts if d.role in ("root-cause", "hypothesis") and _of_dependency(d, case)]
    if about:
        ids = list(dict.fromkeys(s for d in about for s in d.signatures))
        first = case.failures.get(about[0].signatures[0])
        code = first.profile.signature.code if first else None
        name = (first.dependency if first else None) or (f"what answers with {code}" if code else "the dependency")
        out.append(("dependency-expected", f"Is {name} meant to run and be reachable here? If not, it needs a mock mode or a flag that skips it.", ids))
        out.append(("next-failure", "What else will fail once it answers again? The log shows only the first step that fails in each attempt.", ids))
    for loop in loops:
        member = loop.member(loop.anchor.signature.id)
        accepted = [m for m in loop.members if not m.profile.failure and member is not None and m.lag < member.lag]
        if loop.status == "storm" and accepted:
            name = accepted[-1].profile.signature.text
            out.append(("refuse-early", f"Should the service refuse (503, before the socket or session opens) while it can't serve? Now it accepts each attempt (`{name}`) and fails it afterwards.", [accepted[-1].profile.signature.id, loop.anchor.signature.id]))
            break
    blind = [d for d in drafts if d.role == "blind-spot"]
    if blind and not about:
        out.append(("hidden-cause", f"What did `{case.signatures[blind[0].signatures[0]].signature.text}` catch? Nothing in the log tells.", blind[0].signatures))
    return out


def _of_dependency(draft: Draft, case: Case) -> bool:
    failure = case.failures.get(draft.signatures[0])
    if failure is None:
        return False
    return failure.layer in DEPENDENT or looks_like_dependency(failure.profile.signature.code)
