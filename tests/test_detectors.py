"""What codes can't tell: each detector on recorded lines that show it, and on those that only look like it."""

from __future__ import annotations

import random
from typing import Any

import pytest
from drawn_logs import in_order
from lab import bytes_of, names, report_of, report_on, sample, samples, truth_of

from floodscan.decode import facts_of, read_records
from floodscan.model import Record
from floodscan.rules.starts import Start, start_in, starts

WHOLE = samples()


def finding(report: dict[str, Any], rule: str) -> dict[str, Any] | None:
    return next((f for f in report["findings"] if f["rule"] == rule), None)


@pytest.mark.parametrize("path", WHOLE, ids=names(WHOLE))
def test_no_log_of_the_lab_is_doubled_suppressed_of_two_clocks_restarted_or_fed_by_itself(path: Any) -> None:
    rules = {f["rule"] for f in report_on(path)["findings"]}
    never = {
        "duplicate-lines",
        "suppressed-log",
        "clock-backwards",
        "retry-multiplied",
        "restart-loop",
        "self-feeding-log",
    }
    assert not rules & never
    assert not any(s["at_least"] for s in report_on(path)["signatures"])


# ---------------------------------------------------------------- Retry-After


def test_a_retry_that_does_not_wait_as_long_as_it_is_told_is_said_so() -> None:
    report = report_on(sample("rate-limited.jsonl"))
    told = finding(report, "retry-without-backoff")
    assert told is not None and "ask for 10 s (Retry-After)" in told["summary"]
    assert "honour-retry-after" in {step["id"] for step in told["remediation"]}


def test_a_retry_that_waits_as_long_as_it_is_told_is_not_blamed() -> None:
    log = bytes_of(sample("rate-limited.jsonl")).replace(b'"retryAfter":"10"', b'"retryAfter":"0"')
    told = finding(report_of(log), "retry-without-backoff")
    assert told is not None and "Retry-After" not in told["summary"]


def test_an_answer_with_the_same_cause_as_the_loops_failure_is_one_finding_with_it() -> None:
    causes = [f["cause"] for f in report_on(sample("rate-limited.jsonl"))["findings"]]
    assert causes.count("rate-limited") == 1


# ---------------------------------------------------------------- lines left out


@pytest.mark.parametrize(
    "notice",
    [
        "Mar  2 08:15:31 web-1 rsyslogd: message repeated 5 times: [ connect ECONNREFUSED 127.0.0.1:5432]",
        "Mar  2 08:15:31 web-1 last message repeated 12 times",
        "Mar  2 08:15:31 web-1 systemd-journald[212]: Suppressed 8421 messages from /system.slice/api.service",
        "Mar  2 08:15:31 web-1 kernel: net_ratelimit: 62 callbacks suppressed",
        "Mar  2 08:15:31 web-1 rsyslogd: imuxsock lost 245 messages from pid 4711 due to rate-limiting",
    ],
)
def test_a_log_that_says_it_left_lines_out_counts_at_least(notice: str) -> None:
    lines = [f"Mar  2 08:15:{i % 30:02d} web-1 api[4711]: connect ECONNREFUSED 127.0.0.1:5432" for i in range(30)]
    report = report_of("\n".join([*lines, notice, ""]).encode())
    found = finding(report, "suppressed-log")
    assert found is not None and found["cause"] == "suppressed-log"
    assert all(s["at_least"] for s in report["signatures"])


def test_a_program_that_speaks_of_repeating_leaves_nothing_out() -> None:
    lines = [f"Mar  2 08:15:{i:02d} web-1 api[4711]: job repeated, warnings suppressed" for i in range(30)]
    assert finding(report_of("\n".join(lines).encode()), "suppressed-log") is None


# ---------------------------------------------------------------- every line twice


@pytest.mark.parametrize("times", [2, 3])
def test_lines_that_come_through_two_transports_are_found(times: int) -> None:
    lines = bytes_of(sample("schema-drift.jsonl")).splitlines(keepends=True)
    found = finding(report_of(b"".join(line * times for line in lines)), "duplicate-lines")
    assert found is not None and f"in the log {times} times" in found["title"]


def test_some_lines_twice_are_not_every_line_twice() -> None:
    rng = random.Random(4)
    lines = bytes_of(sample("schema-drift.jsonl")).splitlines(keepends=True)
    log = b"".join(line * (2 if rng.random() < 0.5 else 1) for line in lines)
    assert finding(report_of(log), "duplicate-lines") is None


# ---------------------------------------------------------------- more than one clock


def test_a_log_whose_times_run_backwards_has_more_than_one_clock() -> None:
    lines = bytes_of(sample("schema-drift.jsonl")).splitlines(keepends=True)
    half = len(lines) // 2
    mixed = b"".join(line for pair in zip(lines[:half], lines[half:], strict=False) for line in pair)
    found = finding(report_of(mixed), "clock-backwards")
    assert found is not None and found["cause"] == "clock-trouble"


def test_late_lines_of_other_threads_are_no_second_clock() -> None:
    lines = bytes_of(sample("schema-drift.jsonl")).splitlines(keepends=True)
    swapped = [line for i in range(0, len(lines) - 1, 2) for line in (lines[i + 1], lines[i])]
    assert finding(report_of(b"".join(swapped)), "clock-backwards") is None


# ---------------------------------------------------------------- retries within retries


def attempts(calls: int) -> bytes:
    """One user's attempts, a second apart, each of which makes so many failing calls before it gives up."""
    refused = {"type": "Error", "code": "ECONNREFUSED", "message": "connect ECONNREFUSED 127.0.0.1:5432"}
    lines = []
    for number in range(30):
        at, conn = number * 1_000, f"c{number:06x}f9"
        lines.append((at, {"level": 30, "userId": "u-77ab12", "connectionId": conn, "msg": "Sync requested"}))
        for call in range(calls):
            lines.append(
                (at + 20 + 50 * call, {"level": 40, "connectionId": conn, "err": refused, "msg": "Call failed"})
            )
        lines.append((at + 300, {"level": 50, "connectionId": conn, "err": refused, "msg": "Sync aborted"}))
    return in_order(lines)


def test_calls_that_are_retried_within_an_attempt_are_counted_as_its_factor() -> None:
    report = report_of(attempts(4))
    found = finding(report, "retry-multiplied")
    assert found is not None and "30 attempts make 120 calls, 4 for each" in found["title"]
    assert found["remediation"][0]["saves_lines"] == 90


def test_one_failing_call_in_each_attempt_multiplies_nothing() -> None:
    report = report_of(attempts(1))
    assert report["loops"] and finding(report, "retry-multiplied") is None


# ---------------------------------------------------------------- crash loops


def recorded(name: str) -> Any:
    return sample(f"recorded/{name}")


@pytest.mark.parametrize(
    ("log", "starts", "banner"),
    [
        ("fastify-crash.jsonl", 8, "Server listening at"),
        ("nest-crash.log", 6, "Starting Nest application"),
        ("uvicorn-crash.log", 6, "Started server process"),
    ],
)
def test_a_process_that_starts_and_ends_again_and_again_is_a_crash_loop(log: str, starts: int, banner: str) -> None:
    report = report_on(recorded(log))
    found = finding(report, "restart-loop")
    assert found is not None and found["cause"] == "startup-crash" and found["role"] == "sustaining"
    assert f"{starts} of {starts} runs end in" in found["title"] and banner in found["for"][0]["text"]
    assert "starts the process again" in report["loops"][0]["sustained_by"]


def test_restarts_of_a_service_that_goes_on_in_spite_of_an_error_are_no_crash_loop() -> None:
    assert finding(report_on(recorded("fastify-restarts.jsonl")), "restart-loop") is None


def test_two_crashes_are_no_crash_loop() -> None:
    lines = bytes_of(recorded("fastify-crash.jsonl")).splitlines(keepends=True)
    assert finding(report_of(b"".join(lines[:4])), "restart-loop") is None
    assert finding(report_of(b"".join(lines[:6])), "restart-loop") is not None


@pytest.mark.parametrize("start", starts(), ids=lambda start: start.source)
def test_a_start_is_known_by_what_its_framework_prints(start: Start) -> None:
    data = f"{start.sample}\n".encode()
    record = next(item for item in read_records([data], facts_of(data)) if isinstance(item, Record))
    found = start_in(record.message)
    assert found is not None and (found.name, found.begins) == (start.name, start.begins)


@pytest.mark.parametrize(
    "message",
    ["Server listening failed", "> 200 ms", "App [api:0] online", "Stopped server process [7]", "starting job 4", ""],
)
def test_what_only_sounds_like_a_start_is_none(message: str) -> None:
    assert start_in(message) is None


# ---------------------------------------------------------------- a log that feeds itself


def test_a_line_that_quotes_itself_deeper_each_time_proves_that_the_log_feeds_itself() -> None:
    found = finding(report_on(recorded("self-feeding-payload.jsonl")), "self-feeding-log")
    assert found is not None and found["confidence"] == "proven"


def test_an_error_wrapped_in_ones_like_it_to_the_same_depth_feeds_nothing() -> None:
    wrapped = "Could not load the page: Could not load the page: Could not load the page: timeout"
    log = in_order([(i * 900, {"level": 50, "page": i, "msg": wrapped}) for i in range(30)])
    assert finding(report_of(log), "self-feeding-log") is None


def test_a_failure_that_fills_the_log_by_itself_at_once_may_be_the_logs_own() -> None:
    report = report_on(recorded("self-feeding-winston.jsonl"))
    found = finding(report, "self-feeding-log")
    assert found is not None and found["confidence"] == "possible" and found["against"]
    assert report["findings"][0]["cause"] == "connection-refused"


@pytest.mark.parametrize(("gap_ms", "beside"), [(60, 0), (2, 3)])
def test_a_failure_with_a_pause_or_among_other_lines_is_not_taken_for_an_echo(gap_ms: int, beside: int) -> None:
    refused = {"type": "Error", "code": "ECONNREFUSED", "message": "connect ECONNREFUSED 127.0.0.1:5"}
    lines = []
    for i in range(400):
        lines.append((i * gap_ms, {"level": 50, "err": refused, "msg": "Shipping failed"}))
        lines += [(i * gap_ms + 1, {"level": 30, "step": n, "msg": "Other work"}) for n in range(beside)]
    assert finding(report_of(in_order(lines)), "self-feeding-log") is None


# ---------------------------------------------------------------- one failure, several layers


def test_a_failure_logged_where_it_is_thrown_and_where_it_is_caught_costs_lines() -> None:
    found = finding(report_on(sample("dashboard-flood.jsonl")), "logged-by-layers")
    assert found is not None and found["cause"] == "duplicate-logging"
    assert found["remediation"][0]["saves_lines"] == found["lines"] == 79


@pytest.mark.parametrize("name", ["healthy.jsonl", "incident-in-traffic.jsonl", "false-success.jsonl"])
def test_where_it_costs_little_or_one_line_tells_it_nothing_is_said(name: str) -> None:
    assert finding(report_on(sample(name)), "logged-by-layers") is None


@pytest.mark.parametrize("name", ["redis-refused.jsonl", "redis-refused.log"])
def test_two_lines_without_an_attempts_id_may_be_two_clients(name: str) -> None:
    clients = truth_of(sample(name))["per_actor"]
    assert [client["failed"] for client in clients] == [43, 43]
    found = finding(report_on(sample(name)), "logged-by-layers")
    assert found is not None and found["confidence"] == "possible"
    assert "several clients that fail alike" in found["title"] and "hold each of them" not in found["summary"]
    assert all(step["saves_lines"] is None for step in found["remediation"])


def test_two_faults_that_fail_together_are_not_one() -> None:
    refused = {"type": "Error", "code": "ECONNREFUSED", "message": "connect ECONNREFUSED 127.0.0.1:6379"}
    missing = {"type": "DatabaseError", "code": "42P01", "message": 'relation "agents" does not exist'}
    lines = []
    for i in range(60):
        lines.append((i * 700, {"level": 50, "err": refused, "msg": "Cache is away"}))
        lines.append((i * 700 + 2, {"level": 50, "err": missing, "msg": "Query failed"}))
    report = report_of(in_order(lines))
    assert {f["cause"] for f in report["findings"]} >= {"redis-unreachable", "schema-drift"}
    assert finding(report, "logged-by-layers") is None


# ---------------------------------------------------------------- in lockstep


def test_clients_that_back_off_together_are_told_to_draw_their_pauses() -> None:
    found = finding(report_on(sample("backoff-exponential.jsonl")), "lockstep-retry")
    assert found is not None and "8 clients" in found["title"]
    assert "full-jitter" in {step["id"] for step in found["remediation"]}


@pytest.mark.parametrize("name", ["backoff-jittered.jsonl", "pool-timeout.log", "false-success.log"])
def test_clients_with_jitter_or_few_on_a_coarse_clock_are_in_no_lockstep(name: str) -> None:
    assert finding(report_on(sample(name)), "lockstep-retry") is None


# ---------------------------------------------------------------- what can't be looked into


@pytest.mark.parametrize(
    ("line", "patch"),
    [
        (
            '{"name":"api","hostname":"vm","pid":30463,"level":50,"error":{},"msg":"sync failed",'
            '"time":"2026-11-23T10:22:00.238Z","v":0}',
            "bunyan.createLogger({ name, serializers: { ...bunyan.stdSerializers, error: bunyan.stdSerializers.err } })",
        ),
        (
            '{"error":{},"level":"error","message":"sync failed","timestamp":"2026-11-23T10:22:00.238Z"}',
            "info.error = { ...info.error, message: info.error.message, stack: info.error.stack }",
        ),
        (
            '{"level":50,"time":1795429320247,"pid":30463,"hostname":"vm","error":{},"msg":"sync failed"}',
            "pino({ serializers: { error: pino.stdSerializers.err } })",
        ),
        (
            '{"level":"error","ts":1795429320.247,"caller":"api/sync.go:12","msg":"sync failed","error":{}}',
            "zap `zap.Error(err)`",
        ),
        (
            '{"level":"error","error":{},"time":"2026-11-23T10:22:00Z","message":"sync failed"}',
            "zerolog `.Err(err)`",
        ),
        (
            '{"error": {}, "event": "sync failed", "level": "error", "timestamp": "2026-11-23T10:22:00.415903Z"}',
            "structlog.processors.dict_tracebacks",
        ),
    ],
    ids=["bunyan", "winston", "pino", "zap", "zerolog", "structlog"],
)
def test_a_hidden_error_gets_the_patch_of_the_logger_that_hid_it(line: str, patch: str) -> None:
    found = finding(report_of(f"{line}\n".encode() * 3), "error-hidden-by-logger")
    assert found is not None and patch in found["remediation"][0]["step"]


TOKEN = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJ4Iiwic3ViIjoidTEiLCJleHAiOjE3OTU0MTQ4NDF9.c2lnbmF0dXJlLW9mLWl0"


@pytest.mark.parametrize(
    ("line", "patch"),
    [
        (f'{{"level":30,"time":1795429320247,"pid":7,"hostname":"vm","token":"{TOKEN}","msg":"in"}}', "with Pino `redact: ['token']`"),
        (f'{{"level":"info","message":"in","timestamp":"2026-11-23T10:22:00.238Z","token":"{TOKEN}"}}', "delete info.token"),
        (f'{{"event": "in", "level": "info", "timestamp": "2026-11-23T10:22:00.415903Z", "token": "{TOKEN}"}}', "pop(\"token\", None)"),
        (f'{{"time":"2026-11-23T10:22:00.238Z","level":"INFO","msg":"in","token":"{TOKEN}"}}', "HandlerOptions.ReplaceAttr"),
        (f"2026-11-23 10:22:00,238 INFO app in token={TOKEN}", "before it reaches the logger"),
    ],
    ids=["pino", "winston", "structlog", "slog", "text"],
)  # fmt: skip
def test_what_keeps_a_secret_out_is_said_in_the_terms_of_the_logger(line: str, patch: str) -> None:
    found = finding(report_of(f"{line}\n".encode() * 3), "secrets-in-log")
    assert found is not None and patch in found["remediation"][0]["step"]


@pytest.mark.parametrize(
    ("line", "patch"),
    [
        ('{{"level":"error","error":"dial tcp 10.0.0.5:5432: connect: connection refused","time":"2026-11-23T10:22:{:02d}Z","message":"sync failed"}}', "zerolog.TimeFieldFormat"),
        ('{{"event": "sync failed: [Errno 111] Connection refused", "level": "error", "timestamp": "2026-11-23 10:22:{:02d}"}}', "structlog.processors.TimeStamper"),
        ("2026-11-23 10:22:{:02d} ERROR sync failed: [Errno 111] Connection refused", "the logger's time format"),
    ],
    ids=["zerolog", "structlog", "text"],
)  # fmt: skip
def test_how_a_clock_gets_milliseconds_is_said_in_the_terms_of_the_logger(line: str, patch: str) -> None:
    log = "\n".join(line.format(second // 2) for second in range(80)) + "\n"
    found = finding(report_of(log.encode()), "clock-trouble")
    assert found is not None and patch in found["remediation"][0]["step"]
    assert "ino" not in found["remediation"][0]["step"].replace("ain", "")


def test_the_share_of_errors_that_say_nothing_is_told_and_each_site_counted() -> None:
    found = finding(report_on(sample("dashboard-flood.jsonl")), "error-hidden-by-logger")
    assert found is not None
    assert "163 of 165 unexpected errors in this log say nothing (99 %)" in [said["text"] for said in found["for"]]
    assert [said["count"] for said in found["for"][:3]] == [79, 79, 5]
