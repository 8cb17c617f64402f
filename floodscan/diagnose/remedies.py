"""The steps of a remedy, by cause and role, filled from the evidence."""

from __future__ import annotations

from floodscan.detectors.case import Case, Failure, Step
from floodscan.diagnose.locations import locations_of
from floodscan.model import Role
from floodscan.regex import regex
from floodscan.rules.dependency import facts_of, looks_like_dependency, title_of
from floodscan.rules.remedies import remedies
from floodscan.rules.rule import When, fill


def facts_for(case: Case, failure: Failure) -> dict[str, str]:
    """Values for a rule's placeholders."""
    code = failure.hit.value if failure.hit and failure.hit.by in ("code", "text-code") else None
    facts = dict(facts_of(failure.view, code))
    thrown = [place for place in locations_of(failure.profile, case.code) if place.what == "throws"]
    for place in thrown[:1]:
        facts["site"] = f"{place.file}:{place.line}" if place.line is not None else place.file
    return facts


SCHEDULE_MS = 30_000
"""Median gap from which no backoff would wait longer: its usual cap."""


def whens_for(case: Case, failure: Failure, role: Role) -> tuple[When, ...]:
    """What the log shows of a retry of the failure. A hypothesis is read for the loop that it would explain."""
    loops = case.loops_of(failure.id) or (case.loops if role == "hypothesis" else [])
    if not loops:
        counted = any(f.cause == failure.cause and "attempt" in f.profile.details for f in case.failures.values())
        return ("always", "retried") if counted else ("always",)
    if any(lp.status != "backoff" and (lp.gap is None or lp.gap.median < SCHEDULE_MS) for lp in loops):
        return ("always", "retried", "no-backoff")
    backs_off = any(lp.status == "backoff" for lp in loops)
    return ("always", "retried", "backs-off") if backs_off else ("always", "retried")


GOTRUE = regex(r"(https?://[\w.:-]{1,120})/auth/v1/?\Z")
"""The issuer that Supabase Auth writes into its tokens."""


def remedy_for(case: Case, failure: Failure, role: Role) -> list[Step]:
    """The rule's steps for the role; for an application's own code of a dependency the general ones."""
    if failure.hit is not None:
        facts = facts_for(case, failure)
        steps = remedies(failure.hit.rule, role, failure.dependency, whens_for(case, failure, role))
        return [Step(s.id, s.kind, fill(s.step, facts)) for s in steps]
    if looks_like_dependency(failure.profile.signature.code):
        return _dependency(case, failure)
    return []


def _dependency(case: Case, failure: Failure) -> list[Step]:
    code = failure.profile.signature.code or "the failure"
    title = title_of(failure.dependency)
    place = failure.address or title or "the dependency behind it"
    supabase = next((m[1] for issuer, _ in case.issuers() if (m := GOTRUE.match(issuer))), None)
    if failure.dependency == "supabase" or (supabase and failure.dependency is None):
        whose = f" (the tokens of this log come from Supabase Auth at {supabase})" if supabase else ""
        fix = (
            f"Check that SUPABASE_URL and SUPABASE_SERVICE_KEY point at an instance that answers from here{whose}; on a "
            "developer's machine start the local stack (`supabase start`)."
        )
    else:
        fix = f"Check the URL and the credentials of {place} as this process sees them, and that it answers from here."
    mock = "Where it is not meant to run, skip it on purpose: a mock mode or a feature flag, not a failing call."
    watch = (
        f"Check it in the health endpoint, count {code} as a metric and alert on its rate, so that the next outage is "
        "seen before the flood."
    )
    return [
        Step("restore-dependency", "stop", fix),
        Step("mock-mode", "fix", mock),
        Step("health-check", "watch", watch),
    ]
