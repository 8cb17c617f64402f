"""What the report says of the incident, by id, and what it must never say of any recorded log."""

from __future__ import annotations

import base64
import functools
import json
import re
from pathlib import Path
from typing import Any

import pytest
from lab import bytes_of, main_loop, names, report_of, report_on, sample, samples, scanned, tags, truth_of

from floodscan.reports import markdown, terminal
from floodscan.reports.json_report import render

INCIDENT = sample("dashboard-flood.jsonl")
ALL = samples()
JSON_LINES = samples(".jsonl")


def findings(path: Path = INCIDENT, **wanted: str) -> list[dict[str, Any]]:
    """The findings whose fields have these values."""
    return [f for f in report_on(path)["findings"] if all(f[k] == v for k, v in wanted.items())]


def one(path: Path = INCIDENT, **wanted: str) -> dict[str, Any]:
    found = findings(path, **wanted)
    assert len(found) == 1, [(f["rule"], f["role"]) for f in report_on(path)["findings"]]
    return found[0]


def text_of(report: dict[str, Any], signature: str) -> str:
    text: str = next(s["text"] for s in report["signatures"] if s["id"] == signature)
    return text


def texts(finding: dict[str, Any], path: Path = INCIDENT) -> set[str]:
    return {text_of(report_on(path), s) for s in finding["signatures"]}


# ---------------------------------------------------------------- the incident, by id


def test_the_incident_is_a_storm_of_one_actor_that_recovered_after_its_attempts() -> None:
    report, truth = report_on(INCIDENT), truth_of(INCIDENT)
    loop = main_loop(report, truth)
    assert report["verdict"] == "storm" and loop["status"] == "storm"
    assert loop["iterations"] == loop["iterations_until_success"] == truth["failed_attempts"] == 79
    assert (loop["cadence"], loop["outcome"], loop["driver"]) == ("immediate", "recovered", "actor")
    assert (loop["actors"]["key"], loop["actors"]["distinct"]) == ("userId", 1)
    assert text_of(report, loop["anchor"]) == "Failed to initialize dashboard"
    assert "79" in report["headline"] and "not in the log" in report["headline"]


def test_a_recovery_is_told_by_the_line_that_took_the_failures_place() -> None:
    report = report_on(INCIDENT)
    told = {text_of(report, loop["anchor"]): text_of(report, loop["success"]) for loop in report["loops"]}
    assert told == {
        "Failed to initialize dashboard": "Dashboard authenticated and connected",
        "Failed to check for stale agents": "Checked for stale agents",
    }


def test_the_iteration_is_told_in_order() -> None:
    report = report_on(INCIDENT)
    loop = main_loop(report, truth_of(INCIDENT))
    assert [text_of(report, s) for s in loop["signatures"]] == [
        "Dashboard connection opened",
        "Fastify JWT verification failed",
        "Token validation failed, trying Supabase",
        "Token registered for management",
        "Failed to initialize dashboard",
        "Error handling dashboard message",
        "Dashboard connection closed",
    ]


def test_the_pair_of_jwt_lines_is_noise_and_counted_once() -> None:
    noise = one(role="noise")
    assert noise["rule"] == "jwt-signature-mismatch" and noise["severity"] == "low"
    assert texts(noise) == {"Fastify JWT verification failed", "Token validation failed, trying Supabase"}
    assert noise["lines"] == 160, "80 attempts, two lines each"
    assert not findings(cause="jwt-wrong-key", role="root-cause")


def test_the_noise_is_proved_by_its_proportion_and_interval() -> None:
    said = " ".join(e["text"] for e in one(role="noise")["for"])
    assert re.search(r"\b80 of 80\b", said) and "0.95 to 1.00" in said


@pytest.mark.parametrize("path", ALL, ids=names(ALL))
def test_nobody_is_told_to_mend_a_secret_that_is_not_wrong(path: Path) -> None:
    for finding in findings(path, cause="jwt-wrong-key", role="noise"):
        said = " ".join([finding["title"], finding["summary"], *(r["step"] for r in finding["remediation"])])
        assert not re.search(
            r"(?i)(fix|correct|rotate|compare|set|change) (the|your|both)? ?(jwt )?(secret|key)s?\b", said
        )
        assert {"choose-by-issuer", "lower-level"} & {r["id"] for r in finding["remediation"]}


def test_the_opaque_init_error_is_a_blind_spot_with_the_change_that_reveals_it() -> None:
    blind = one(role="blind-spot")
    assert (blind["cause"], blind["confidence"], blind["severity"]) == ("error-hidden-by-logger", "hidden", "critical")
    assert {"Failed to initialize dashboard", "Error handling dashboard message"} <= texts(blind)
    assert [r["id"] for r in blind["remediation"]] == ["serialise-error", "normalise-caught"]
    assert "stdSerializers.err" in blind["blind_window"]["add"]
    assert blind["blind_window"]["before"] == "Failed to initialize dashboard"
    assert blind["blind_window"]["after"] == "Token registered for management"


def test_the_database_error_is_a_hypothesis_behind_the_blind_spot_with_what_speaks_against_it() -> None:
    report, about = report_on(INCIDENT), one(role="hypothesis")
    assert "DATABASE_ERROR" in about["title"] and about["confidence"] == "possible"
    order = [f["role"] for f in report["findings"]]
    assert order.index("blind-spot") < order.index("hypothesis")
    against = " ".join(e["text"] for e in about["against"])
    assert "{}" in against and "DATABASE_ERROR" in against, "an error with a code would have kept it"
    assert about["for"] and about["probe"]


def test_the_heartbeat_is_an_independent_observer() -> None:
    observers = one(role="hypothesis")["observers"]
    assert [(text_of(report_on(INCIDENT), o["signature"]), o["component"]) for o in observers] == [
        ("Failed to check for stale agents", "heartbeat")
    ]
    assert "clock of its own" in observers[0]["text"]


def test_the_incident_has_no_root_cause_since_its_cause_is_not_in_the_log() -> None:
    assert findings(role="root-cause") == []


def test_the_five_recommendations_are_made() -> None:
    made = {r["id"] for f in report_on(INCIDENT)["findings"] for r in f["remediation"]}
    assert {"restore-dependency", "mock-mode"} <= made
    assert made & {"choose-by-issuer", "lower-level"}
    assert {"serialise-error", "normalise-caught"} <= made
    assert {"throttle-retries", "back-off"} <= made
    assert "health-check" in made


def test_the_three_open_questions_are_asked() -> None:
    assert [q["id"] for q in report_on(INCIDENT)["questions"]] == [
        "dependency-expected",
        "next-failure",
        "refuse-early",
    ]


def test_savings_are_counted_in_lines_of_this_log() -> None:
    report = report_on(INCIDENT)
    for finding in report["findings"]:
        for step in finding["remediation"]:
            if step["saves_lines"] is not None:
                assert 0 < step["saves_lines"] <= finding["lines"]
                assert step["share_after"] == pytest.approx(
                    1 - step["saves_lines"] / report["input"]["lines"], abs=1e-3
                )


@pytest.mark.parametrize("defects", [6, 12])
def test_of_root_causes_as_severe_as_each_other_the_proven_stands_before_the_possible(defects: int) -> None:
    refused = {"type": "Error", "code": "ECONNREFUSED", "message": "connect ECONNREFUSED 10.0.3.17:5432"}
    defect = {"type": "TypeError", "message": "Cannot read properties of undefined (reading 'refreshToken')"}
    rows: list[dict[str, Any]] = [{"err": defect, "msg": "Session not renewed"} for _ in range(defects)]
    for n in range(2):
        trace = {"traceId": f"4bf92f3577b34da6a3ce929d0e0e47{n:02x}"}
        rows.append({**trace, "err": refused, "msg": "Database unreachable"})
        rows.append({**trace, "err": {"message": refused["message"]}, "msg": "Orders not loaded"})
    log = [{"level": 50, "time": 1_764_000_000_000 + 97_000 * n**2, **row} for n, row in enumerate(rows)]
    report = report_of("".join(json.dumps(line) + "\n" for line in log).encode())
    roots = [f for f in report["findings"] if f["role"] == "root-cause"]
    assert {f["severity"] for f in roots} == {"high"}
    assert [f["confidence"] for f in roots] == ["proven", "possible"]


def test_redis_is_not_looked_for_at_the_services_own_address() -> None:
    """Port 3005 is the API's own, in `req.host` of the request that failed; the one refused is 6383."""
    for path in samples(".jsonl"):
        own = re.search(rb"Server listening at http://([\d.]+:\d+)", bytes_of(path))
        assert own
        for finding in findings(path):
            assert own[1].decode() not in finding["title"] + finding["summary"], (path.name, finding["rule"])


def test_a_loop_without_a_clock_is_not_said_to_lack_a_backoff() -> None:
    """ioredis backs off from 50 ms to 2 s, but prints its errors by console.error, without a time."""
    for name in ("redis-refused.jsonl", "redis-refused-ioredis6.jsonl"):
        assert not findings(sample(name), cause="retry-without-backoff"), name


# ---------------------------------------------------------------- the hard rule, on every recorded log


@functools.cache
def attempts(path: Path) -> dict[str, set[str]]:
    """Signature -> the connections and requests on its lines."""
    found: dict[str, set[str]] = {}
    for number, line in enumerate(bytes_of(path).split(b"\n"), 1):
        if line.startswith(b"{") and (signature := tags(path).get(number)):
            record = json.loads(line)
            found.setdefault(signature, set()).update(record[k] for k in ("connectionId", "reqId") if k in record)
    return found


def opaque_loops(report: dict[str, Any]) -> list[dict[str, Any]]:
    opaque = {s["id"] for s in report["signatures"] if s["error"] and s["error"]["opaque"]}
    return [loop for loop in report["loops"] if loop["anchor"] in opaque]


def test_the_recorded_logs_hold_loops_whose_failing_line_is_opaque() -> None:
    assert sum(bool(opaque_loops(report_on(path))) for path in JSON_LINES) >= 10
    assert any(not opaque_loops(report_on(path)) and report_on(path)["loops"] for path in JSON_LINES)


@pytest.mark.parametrize("path", JSON_LINES, ids=names(JSON_LINES))
def test_no_cause_of_an_opaque_failure_is_more_than_possible_without_a_shared_attempt(path: Path) -> None:
    report = report_on(path)
    for loop in opaque_loops(report):
        failing = attempts(path).get(loop["anchor"], set())
        for finding in report["findings"]:
            if finding["role"] != "root-cause" or loop["id"] not in finding["loops"]:
                continue
            root = finding["signatures"][0]
            tied = root == loop["anchor"] or attempts(path).get(root, set()) & failing
            assert tied or finding["confidence"] == "possible", finding["title"]


@pytest.mark.parametrize("path", ALL, ids=names(ALL))
def test_every_hypothesis_is_possible_only_and_stands_behind_the_blind_spot_it_would_explain(path: Path) -> None:
    blind: set[str] = set()
    for finding in report_on(path)["findings"]:
        if finding["role"] == "blind-spot":
            blind |= set(finding["loops"])
        if finding["role"] == "hypothesis":
            assert finding["confidence"] == "possible"
            assert finding["loops"] and set(finding["loops"]) <= blind, finding["title"]
            assert finding["against"] and finding["probe"]


@pytest.mark.parametrize("path", ALL, ids=names(ALL))
def test_only_blind_spots_are_hidden_and_every_blind_spot_says_what_would_reveal_it(path: Path) -> None:
    for finding in report_on(path)["findings"]:
        assert (finding["role"] == "blind-spot") == (finding["confidence"] == "hidden")
        if finding["role"] == "blind-spot":
            assert finding["remediation"] and finding["probe"]
            assert finding["blind_window"] and finding["blind_window"]["add"]


@pytest.mark.parametrize("path", ALL, ids=names(ALL))
def test_evidence_points_to_a_line_of_the_signature_it_is_about(path: Path) -> None:
    report = report_on(path)
    group = {own: s["id"] for s in report["signatures"] for own in (s["id"], *s["rolled_up"])}
    counts = {s["id"]: s["count"] for s in report["signatures"]}
    for finding in report["findings"]:
        for said in (*finding["for"], *finding["against"]):
            if said["line"] is None:
                continue
            assert group[tags(path)[said["line"]]] == said["signature"], said["text"]
            assert said["count"] is None or said["count"] <= counts[said["signature"]]


def test_the_line_that_is_said_to_carry_a_token_carries_one() -> None:
    wrong = []
    for path in JSON_LINES:
        lines = bytes_of(path).split(b"\n")
        for finding in findings(path, cause="secrets-in-log"):
            wrong += [(path.name, e["line"]) for e in finding["for"] if b"eyJ" not in lines[e["line"] - 1]]
    assert not wrong


@pytest.mark.parametrize("path", ALL, ids=names(ALL))
def test_attempts_until_success_are_those_of_one_actor(path: Path) -> None:
    report, truth = report_on(path), truth_of(path)
    for loop in report["loops"]:
        assert loop["iterations_until_success"] is None or loop["iterations_until_success"] <= loop["iterations"]
        assert (loop["iterations_until_success"] is None) == (loop["outcome"] != "recovered")
        assert (loop["success"] is None) == (loop["outcome"] not in ("recovered", "false-success"))
    if truth["driver"] == "dashboards" and truth["outcome"] == "recovered":
        until = main_loop(report, truth)["iterations_until_success"]
        assert until is None or until <= max(actor["failed"] for actor in truth["per_actor"])


def test_a_servers_throttle_is_not_taken_for_a_librarys_retry() -> None:
    """The lab's own throttle waits 1, 2 and 4 s; so would postgrest-js, whose retry is switched off."""
    path = sample("after-init-throttled.jsonl")
    assert main_loop(report_on(path), truth_of(path))["schedule"] is None


# ---------------------------------------------------------------- nothing secret, nobody by name


JWT = re.compile(rb"eyJ[\w-]+\.([\w-]+)\.([\w-]+)")
UUID = rb"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"
ESCAPES = rb"(?:\x1b\[[0-9;]*m)*"
PERSON = re.compile(rb'(userId|connectionId)"?' + ESCAPES + rb":\s*" + ESCAPES + rb'"(' + UUID + rb')"')
PIECE = 8


@functools.cache
def outputs(path: Path) -> dict[str, bytes]:
    report = scanned(path)
    return {
        "json": render(report),
        "terminal": terminal.render(report, width=140).encode(),
        "markdown": markdown.render(report).encode(),
    }


def payload(token: bytes) -> dict[str, Any]:
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(token + b"=="))
    return claims


def test_the_samples_hold_tokens_and_people() -> None:
    assert sum(bool(JWT.search(bytes_of(path))) for path in ALL) > 30
    for path in (INCIDENT, sample("dashboard-flood.log")):
        assert {key for key, _ in PERSON.findall(bytes_of(path))} == {b"userId", b"connectionId"}


@pytest.mark.parametrize("path", ALL, ids=names(ALL))
def test_no_output_shows_a_piece_of_a_tokens_signature(path: Path) -> None:
    signatures = {signature for _, signature in JWT.findall(bytes_of(path))}
    pieces = {s[i : i + PIECE] for s in signatures for i in range(len(s) - PIECE + 1)}
    for form, output in outputs(path).items():
        shown = {output[i : i + PIECE] for i in range(len(output) - PIECE + 1)}
        assert not shown & pieces, form


@pytest.mark.parametrize("path", ALL, ids=names(ALL))
def test_no_output_shows_what_a_token_says_of_its_bearer(path: Path) -> None:
    tokens = {token for token, _ in JWT.findall(bytes_of(path))}
    claims = [payload(token) for token in tokens]
    for form, output in outputs(path).items():
        assert not any(token[:16] in output or token[-12:] in output for token in tokens), form
        for claim in claims:
            assert not (email := claim.get("email")) or email.encode() not in output, form


@pytest.mark.parametrize("form", ["json", "terminal", "markdown"])
def test_people_and_connections_appear_under_pseudonyms_alone(form: str) -> None:
    shown = {}
    for path in ALL:
        ids = {value for _, value in PERSON.findall(bytes_of(path))}
        output = outputs(path)[form]
        if found := [value.decode() for value in sorted(ids) if value in output]:
            shown[path.name] = found[0]
    assert not shown
