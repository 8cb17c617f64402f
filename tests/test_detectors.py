"""What codes can't tell: each detector on recorded lines that show it, and on those that only look like it."""

from __future__ import annotations

import random
from typing import Any

import pytest
from drawn_logs import in_order
from lab import bytes_of, names, report_of, report_on, sample, samples

WHOLE = samples()


def finding(report: dict[str, Any], rule: str) -> dict[str, Any] | None:
    return next((f for f in report["findings"] if f["rule"] == rule), None)


@pytest.mark.parametrize("path", WHOLE, ids=names(WHOLE))
def test_no_recorded_log_is_doubled_suppressed_or_of_two_clocks(path: Any) -> None:
    rules = {f["rule"] for f in report_on(path)["findings"]}
    assert not rules & {"duplicate-lines", "suppressed-log", "clock-backwards", "retry-multiplied"}
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
            lines.append((at + 20 + 50 * call, {"level": 40, "connectionId": conn, "err": refused, "msg": "Call failed"}))
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
