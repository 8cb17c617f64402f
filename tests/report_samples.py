"""Reports as `diagnose` gives them, for the tests of the formats: three incidents, and a hostile one."""

from __future__ import annotations

import dataclasses
from hashlib import blake2b
from typing import Any

from floodscan.model import (
    Actors,
    BlindWindow,
    Clock,
    Evidence,
    Example,
    Finding,
    Gap,
    Input,
    Limit,
    Location,
    Loop,
    Observer,
    Question,
    Remedy,
    Report,
    ReportError,
    ReportSignature,
    ReportTimeline,
    Safe,
    Step,
    Tool,
    TopActor,
    Trigger,
)
from floodscan.redact import Tagger, redact
from floodscan.safe import safe


def shown(text: str) -> Safe:
    return Tagger().show(redact(text))


def sid(text: str) -> str:
    return blake2b(text.encode(), digest_size=6).hexdigest()


def signature(text: str, count: int, share: float, **more: Any) -> ReportSignature:
    values: dict[str, Any] = dict(
        id=sid(text), rolled_up=(), text=shown(text), level="error", logger=None, error=None, failure=True, count=count,
        share=share, first="2025-11-01T14:02:11.041Z", last="2025-11-01T14:08:23.410Z", first_offset_ms=0,
        last_offset_ms=372_369, role=None, approx=False, at_least=False,
        example=Example(safe("api.log"), 218, shown(text)),
    )  # fmt: skip
    return ReportSignature(**{**values, **more})


def error(
    type: str | None = None, code: str | None = None, status: int | None = None, opaque: bool = False
) -> ReportError:
    return ReportError(type and safe(type), code and safe(code), status, None, opaque)  # type: ignore[arg-type]


def finding(number: int, rule: str, role: str, title: str, summary: str, **more: Any) -> Finding:
    values: dict[str, Any] = dict(
        id=f"F{number}", fingerprint=sid(rule), rule=rule, cause=rule, role=role, severity="high", confidence="likely",
        title=shown(title), summary=shown(summary), evidence_for=(), evidence_against=(), probe=safe(""), signatures=(),
        loops=(), components=(), lines=0, bytes=0, share=0.0, per_hour=None, observers=(), remediation=(), locations=(),
        blind_window=None, accepted=None, references=(),
    )  # fmt: skip
    return Finding(**{**values, **more})


def evidence(text: str, line: int | None = None, count: int | None = None, of: str | None = None) -> Evidence:
    return Evidence(shown(text), sid(of) if of else None, safe("api.log") if line else None, line, count)


def remedy(id: str, kind: Any, step: str, saves: int | None = None, after: float | None = None) -> Remedy:
    return Remedy(id, shown(step), kind, saves, after)


TOKEN = "Token registered for management"
JWT = "Fastify JWT verification failed"
INIT = "Failed to initialize dashboard"
HANDLE = "Error handling dashboard message"
STALE = "Failed to check for stale agents"
CONNECTED = "Dashboard authenticated and connected"


def dashboard_flood() -> Report:
    """A dashboard that reconnects at once: init fails with `error: {}`, a heartbeat monitor sees DATABASE_ERROR."""
    wave = (3, 9, 14, 18, 20, 19, 21, 20, 20, 19, 20, 21, 20, 20, 19, 20, 21, 20, 19, 20, 20, 18, 15, 12, 4)
    loop = Loop(
        id="L1", fingerprint=sid("L1"), status="storm",
        trigger=Trigger("new-failure", sid(STALE), shown(f"{STALE} (DATABASE_ERROR), 4.2 s before it")),
        sustained_by=shown("the socket closes after the failure and the client reconnects without delay"),
        anchor=sid(INIT), signatures=(sid(TOKEN), sid(JWT), sid(INIT), sid(HANDLE)),
        steps=(Step(sid(TOKEN), 1.0), Step(sid(JWT), 1.0), Step(sid(INIT), 1.0), Step(sid(HANDLE), 1.0)),
        iterations=412, lines=1648, share=0.7903, driver="actor",
        actors=Actors(safe("userId"), 1, (TopActor(safe("user-A"), 412),), False), lockstep=False,
        gap_ms=Gap(882, 760, 1140), cadence="immediate", schedule=None, outcome="recovered",
        success=sid(CONNECTED), success_tied=True, iterations_until_success=412, first="2025-11-01T14:02:15.310Z", last="2025-11-01T14:08:21.002Z",
        first_offset_ms=4269, last_offset_ms=369_961,
        timeline=ReportTimeline(0, 16_384, tuple(4 * n for n in wave), tuple(3 * n for n in wave)),
    )  # fmt: skip
    return Report(
        schema=1,
        tool=Tool("floodscan", "0.1.0"),
        complete=True,
        verdict="storm",
        headline=shown(
            "One user's dashboard fails to initialize 412 times in 6 min 6 s and reconnects at once; "
            "the log hides why it fails."
        ),
        input=Input(
            (safe("api.log"),),
            812_344,
            2085,
            2081,
            {"blank": 4},
            {"pino": 2081},
            "2025-11-01T14:02:11.041Z",
            "2025-11-01T14:08:23.410Z",
            372_369,
            Clock(1, True),
        ),  # fmt: skip
        timeline=ReportTimeline(0, 16_384, tuple(5 * n for n in wave), tuple(3 * n for n in wave)),
        loops=(loop,),
        findings=_dashboard_findings(),
        signatures=(
            signature("Heartbeat of agent <id>", 417, 0.2, failure=False, level="debug"),
            signature(TOKEN, 413, 0.1981, failure=False, level="info"),
            signature(JWT, 413, 0.1981, error=error("FastifyError", "FAST_JWT_INVALID_SIGNATURE", 401), role="noise"),
            signature(INIT, 412, 0.1976, error=error(opaque=True), role="blind-spot"),
            signature(HANDLE, 412, 0.1976, error=error(opaque=True), role="symptom"),
            signature(STALE, 13, 0.0062, error=error("AgentError", "DATABASE_ERROR"), role="hypothesis"),
            signature(CONNECTED, 1, 0.0005, failure=False, level="info"),
        ),
        questions=(
            Question("Q1", shown("Is Supabase meant to run here, or should the service use a mock?"), (sid(STALE),)),
            Question("Q2", shown("What else will fail once it is back: is the schema up to date?"), (sid(STALE),)),
            Question("Q3", shown("Should the service answer 503 before it accepts the socket?"), (sid(INIT),)),
        ),
        limits=(),
    )


def _dashboard_findings() -> tuple[Finding, ...]:
    return (
        finding(
            1, "retry-without-backoff", "sustaining", "The dashboard client reconnects without backoff",
            "Each failed init closes the socket, and a new connection follows within a second.",
            severity="critical", confidence="proven", loops=("L1",), lines=1648, bytes=640_112, share=0.7903,
            per_hour=16_218, signatures=(sid(TOKEN), sid(INIT)),
            evidence_for=(
                evidence("412 gaps of user-A: median 0.88 s, 90 % under 1.14 s, none grows", 9),
                evidence("412 connectionId, each new; one userId throughout", 9),
            ),
            probe=shown("Take the dashboard's tab away for a minute: the lines stop, or a second driver is at work."),
            remediation=(
                remedy("R1", "stop", "Refuse DASHBOARD_INIT of a user whose last three failed, for 30 s", 1500, 0.07),
                remedy("R2", "fix", "Reconnect with exponential backoff and jitter, 1 to 30 s", 1580, 0.0326),
            ),
        ),
        finding(
            2, "error-hidden-by-logger", "blind-spot", 'The log drops the error of "Failed to initialize dashboard"',
            "The error is logged under the key `error`, for which pino has no serializer, and reads {}.",
            severity="high", confidence="hidden", loops=("L1",), lines=824, bytes=201_876, share=0.3952,
            signatures=(sid(INIT), sid(HANDLE)),
            evidence_for=(
                evidence('412 of 412 lines "Failed to initialize dashboard" carry "error":{}', 12, 412, INIT),
                evidence('412 of 412 lines "Error handling dashboard message" carry "error":{}', 13, 412, HANDLE),
            ),
            probe=shown("Log it under err, sign in once, and read the type and the stack."),
            locations=(Location(safe("src/websocket/dashboard-handler.ts"), 312, safe("handleDashboardInit"), "code"),),
            blind_window=BlindWindow(
                shown(TOKEN), shown(INIT), (shown("await this.sendInitialData(connection)"),),
                shown("serializers: { error: pino.stdSerializers.err }"),
            ),
            remediation=(
                remedy("R3", "fix", "Log what is caught under err, or set serializers.error to stdSerializers.err"),
            ),
        ),
        finding(
            3, "unclassified", "hypothesis", "Supabase is unreachable or misconfigured (DATABASE_ERROR)",
            "A heartbeat monitor with a clock of its own fails on the database over the same minutes.",
            severity="medium", confidence="possible", lines=13, bytes=9_421, share=0.0062, signatures=(sid(STALE),),
            evidence_for=(
                evidence("13 lines AgentError DATABASE_ERROR, every 30 s, from 4.2 s before the loop on", 5, 13, STALE),
            ),
            evidence_against=(
                evidence("No line of the loop shares an id, a stack or a step with it"),
                evidence('An AgentError would have shown {"code":"DATABASE_ERROR"}; the line shows {}', 12),
            ),
            probe=shown("curl $SUPABASE_URL/rest/v1/ with the service key, from the host of the service."),
            remediation=(
                remedy("R4", "fix", "Point SUPABASE_URL at an instance that runs (supabase start)", 13, 0.9938),
                remedy("R5", "watch", "A health check, and a metric on DATABASE_ERROR"),
            ),
        ),
        finding(
            4, "jwt-wrong-key", "noise", "Fastify rejects the Supabase token, then a fallback accepts it",
            "An expected branch is logged as an error, once per sign-in.",
            severity="low", confidence="proven", loops=("L1",), lines=413, bytes=160_020, share=0.1981,
            signatures=(sid(JWT),),
            evidence_for=(
                evidence("413 of 413 are followed by success in the same connection (99.1 to 100 %)", 10, 413, JWT),
                evidence("alg HS256, issuer https://abc.supabase.co/auth/v1: not a token of this service", 10),
            ),
            probe=shown("Sign in once while the database is well: the line appears, and the dashboard opens."),
            remediation=(
                remedy("R6", "fix", "Log it at debug, or choose the verifier by issuer", 413, 0.8019),
            ),
        ),
    )  # fmt: skip


def quiet() -> Report:
    """An hour of healthy requests."""
    return Report(
        schema=1,
        tool=Tool("floodscan", "0.1.0"),
        complete=True,
        verdict="quiet",
        headline=shown("No failures: 18,204 requests, all of them answered."),
        input=Input(
            (safe("api.log"),),
            9_120_332,
            36_408,
            36_408,
            {},
            {"pino": 36_408},
            "2025-11-02T09:00:00.120Z",
            "2025-11-02T09:59:59.871Z",
            3_599_751,
            Clock(1, True),
        ),  # fmt: skip
        timeline=ReportTimeline(0, 262_144, (2600,) * 14, (0,) * 14),
        loops=(),
        findings=(),
        signatures=(
            signature("incoming request", 18_204, 0.5, failure=False, level="info"),
            signature("request completed", 18_204, 0.5, failure=False, level="info"),
        ),
        questions=(),
        limits=(),
    )


SYNC = "sync of workspace <id> failed"
PROCESSED = "job <id> picked up by worker <num>"
UNCAUGHT = "TypeError: Cannot read properties of undefined (reading 'rows')"


def hidden_type_error() -> Report:
    """Three workers retry a job for ever; `{}` hid a TypeError, which one uncaught stack shows."""
    frames = (
        UNCAUGHT,
        "    at syncWorkspace (/app/src/jobs/sync.js:88:31)",
        "    at process.processTicksAndRejections",
    )
    stack = safe("\n".join(frames), multiline=True)
    loop = Loop(
        id="L1", fingerprint=sid("sync"), status="loop", trigger=Trigger("startup", None, shown("worker 3 started")),
        sustained_by=shown("the queue hands the job out again after 5 s, without a last attempt"), anchor=sid(SYNC),
        signatures=(sid(PROCESSED), sid(SYNC)), steps=(Step(sid(PROCESSED), 1.0), Step(sid(SYNC), 2.0)),
        iterations=96, lines=288, share=0.1321, driver="actor",
        actors=Actors(safe("jobId"), 3, tuple(TopActor(safe(f"id-{n}"), 32) for n in (1, 2, 3)), False), lockstep=True,
        gap_ms=Gap(5000, 5000, 5000), cadence="fixed", schedule="a hand-written timer", outcome="ongoing",
        success=None, iterations_until_success=None, first=None, last=None, first_offset_ms=1200, last_offset_ms=161_200,
        timeline=ReportTimeline(0, 8192, (12,) * 20, (12,) * 20),
    )  # fmt: skip
    return Report(
        schema=1,
        tool=Tool("floodscan", "0.1.0"),
        complete=False,
        verdict="faults",
        headline=shown("Three jobs fail every 5 s, their error hidden; a stack shows a TypeError in sync.js."),
        input=Input(
            (safe("worker-1.log"), safe("worker-2.log"), safe("worker-3.log"), safe("-")), 402_118, 2180, 2102,
            {"blank": 58, "binary": 20}, {"pino-pretty": 2100, "text": 2}, None, None, 163_000, Clock(1000, False),
        ),  # fmt: skip
        timeline=None,
        loops=(loop,),
        findings=(
            finding(
                1, "code-defect", "root-cause", f"{UNCAUGHT} at sync.js:88",
                "The query's answer is read without a check for its error.",
                confidence="proven", loops=("L1",), lines=1, share=0.0005, signatures=(sid(UNCAUGHT),),
                evidence_for=(
                    Evidence(shown("the stack of the uncaught TypeError runs through syncWorkspace (sync.js:88:31)"),
                             sid(UNCAUGHT), safe("worker-2.log"), 417, 1),
                    Evidence(shown("it names jobId 7719, as do 64 of the failing lines"),
                             sid(SYNC), safe("worker-2.log"), 420, 64),
                ),
                locations=(Location(safe("/app/src/jobs/sync.js"), 88, safe("syncWorkspace"), "stack"),),
                remediation=(
                    remedy("R1", "stop", "Pause the queue sync", 288, 0.8679),
                    remedy("R2", "fix", "Check error before rows in syncWorkspace, and give the job five attempts"),
                ),
            ),
            finding(
                2, "secrets-in-log", "observation", "The log holds 2 secrets",
                "Their places show <jwt:1> and <password:1>.",
                severity="medium", confidence="proven", lines=2, share=0.0009,
                evidence_for=(Evidence(shown("a JSON Web Token in a URL"), None, safe("worker-1.log"), 3, None),),
                observers=(Observer(sid(SYNC), safe("worker-3"), shown("the same token")),),
            ),
        ),
        signatures=(
            signature(SYNC, 192, 0.0881, error=error(opaque=True), role="symptom", first=None, last=None),
            signature(PROCESSED, 96, 0.044, failure=False, level="info", first=None, last=None),
            signature(UNCAUGHT, 1, 0.0005, error=error("TypeError"), role="root-cause", first=None, last=None,
                      example=Example(safe("worker-2.log"), 417, stack)),
        ),
        questions=(),
        limits=(Limit("signatures kept", 4096, "rare shapes were made coarser"),),
    )  # fmt: skip


def many_findings(count: int = 500) -> Report:
    """A report with hundreds of findings, of every severity."""
    report = dashboard_flood()
    made = tuple(
        dataclasses.replace(
            report.findings[i % 4],
            id=f"F{i}",
            fingerprint=f"{i:012x}",
            rule=f"rule-{i}",
            title=shown(f"finding number {i} of many"),
        )
        for i in range(count)
    )
    return dataclasses.replace(report, findings=made)


def hostile(words: str) -> Report:
    """The flood, with the hostile words in every text that a log could have filled."""
    return _filled(dashboard_flood(), shown(words))  # type: ignore[no-any-return]


def _filled(value: Any, words: Safe) -> Any:
    """The value with each `Safe` text of its classes replaced."""
    if isinstance(value, tuple):
        return tuple(_filled(item, words) for item in value)
    if not dataclasses.is_dataclass(value):
        return value
    changes = {}
    for field in dataclasses.fields(value):
        old = getattr(value, field.name)
        if field.type in ("Safe", "Safe | None"):
            changes[field.name] = words
        elif field.type == "tuple[Safe, ...]":
            changes[field.name] = (words, words)
        else:
            changes[field.name] = _filled(old, words)
    return dataclasses.replace(value, **changes)  # type: ignore[type-var]
