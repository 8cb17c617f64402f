"""Failures of one moment: what a request does at once is no retry of whoever sends it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from drawn_logs import Line, in_order
from lab import report_of

STALE = {"type": "Error", "message": "tariff table is stale", "stack": "Error: tariff table is stale"}


def failure(path: str, **fields: Any) -> dict[str, Any]:
    return {"level": 50, "err": STALE, "msg": f"Price lookup failed for {path}", **fields}


def pages(every: int, times: int, calls: int, **named: str) -> list[Line]:
    """A page that is asked for again and again; each time its calls fail, some milliseconds apart."""
    lines: list[Line] = [(at, {"msg": "Checked queue depth", "depth": at}) for at in range(0, times * every, 700)]
    for page in range(times):
        own = {name: value.format(page) for name, value in named.items()}
        for call in range(calls):
            lines.append((300 + page * every + 7 * call + page % 3, failure(f"/cities/{call * 37}", **own)))
    return lines


def told(lines: list[Line]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    report = report_of(in_order(lines))
    return report, [loop for loop in report["loops"] if "Price lookup" in str(loop)] or report["loops"]


@pytest.mark.parametrize("calls", [2, 5])
def test_calls_of_one_request_are_one_attempt_of_the_user_who_sends_it(calls: int) -> None:
    report, (loop,) = told(pages(4_000, 12, calls, reqId="7d0c11e2a9{:02d}4f", userId="u-17"))
    assert loop["iterations"] == 12 and loop["cadence"] == "fixed" and loop["gap_ms"]["median"] > 3_900
    assert loop["actors"]["top"][0]["iterations"] == 12
    assert [s["per_iteration"] for s in loop["steps"]] == [calls]
    assert f"{calls} failures at once" in loop["sustained_by"] and "does not tell" in loop["sustained_by"]
    assert "at once:" not in report["headline"]


def test_requests_whose_calls_are_not_equally_many_are_attempts_all_the_same() -> None:
    lines: list[Line] = []
    for page in range(9):
        lines += [
            (page * 3_000 + 90 * call, failure(f"/c/{call}", userId="u-17", reqId=f"7d0c11e2a9{page:02d}4f"))
            for call in range(1 + page % 4)
        ]
    _, (loop,) = told(lines)
    assert loop["iterations"] == 9 and loop["cadence"] == "fixed"


def test_bursts_of_one_size_without_an_id_are_the_attempts_of_a_timer() -> None:
    report, (loop,) = told(pages(4_000, 12, 5))
    assert loop["iterations"] == 12 and loop["driver"] == "timer" and loop["status"] == "loop"
    assert "5 failures at once" in loop["sustained_by"]
    assert not [f for f in report["findings"] if f["role"] == "sustaining"]


def test_a_clock_of_whole_seconds_shows_no_bursts() -> None:
    rows = [(n // 3, {**failure("/c/1"), "level": "error", "userId": "u-17"}) for n in range(90)]
    rows += [(n, {"level": "info", "msg": "Checked queue depth"}) for n in range(30)]
    log = [{**row, "time": f"2026-11-23T10:00:{at:02d}Z"} for at, row in sorted(rows, key=lambda row: row[0])]
    report = report_of("".join(json.dumps(row) + "\n" for row in log).encode())
    (loop,) = report["loops"]
    assert report["input"]["clock"]["resolution_ms"] == 1_000
    assert loop["iterations"] == 90 and "at once" not in loop["sustained_by"]


def test_users_of_whom_each_has_one_such_moment_are_no_loop() -> None:
    lines: list[Line] = []
    for user in range(12):
        lines += [(user * 900 + 7 * call, failure(f"/c/{call}", userId=f"u-{user}")) for call in range(5)]
    report, loops = told(lines)
    assert not loops and not [f for f in report["findings"] if f["role"] == "sustaining"]


def test_a_line_that_counts_its_attempts_is_a_retry_however_short_its_pauses() -> None:
    lines: list[Line] = []
    for page in range(12):
        lines += [
            (page * 4_000 + 7 * n, failure("/c/1", userId="u-17", attempt=n + 1, reqId=f"7d0c11e2a9{page:02d}4f"))
            for n in range(5)
        ]
    _, (loop,) = told(lines)
    assert loop["iterations"] == 60 and loop["cadence"] == "immediate"


@pytest.mark.parametrize("apart", [30, 90, 200])
def test_a_request_that_fails_as_often_as_a_storm_is_a_loop_of_its_own(apart: int) -> None:
    lines = [(apart * n, failure("/c/1", userId="u-17", reqId="7d0c11e2a9014f")) for n in range(80)]
    _, (loop,) = told(lines)
    assert loop["iterations"] == 80 and loop["status"] == "storm" and loop["cadence"] != "unknown"


def test_reconnects_at_once_are_counted_each_though_some_come_soon_after_another() -> None:
    gaps = [90, 140, 110, 40, 120, 95, 160, 30, 150, 100] * 6
    lines = [(sum(gaps[:n]), failure("/c/1", userId="u-17")) for n in range(60)]
    _, (loop,) = told(lines)
    assert loop["iterations"] == 60 and loop["cadence"] == "immediate" and loop["status"] == "storm"


def test_where_a_single_event_would_look_the_same_no_retry_is_claimed() -> None:
    lines: list[Line] = [(1_000 * n, {"msg": "Checked queue depth", "depth": n}) for n in range(30)]
    for call in range(30):
        lines.append((12_000 + 11 * call, {"msg": "Price lookup sent", "city": call}))
        lines.append((12_004 + 11 * call, failure("/c/1")))
    report, _ = told(lines)
    (kept_up,) = [f for f in report["findings"] if f["role"] == "sustaining"]
    assert kept_up["title"].startswith("Calls of one request, or a retry without a pause: 30 failures")
    assert kept_up["confidence"] == "possible" and kept_up["against"]


def test_failures_before_restarts_are_no_part_of_the_starts_attempts() -> None:
    sign_in = {"level": 50, "msg": "Sign-in refused: token is malformed"}
    start = [{"msg": text} for text in ("Starting Nest application...", "Mapped routes", "Nest is up")]
    order = [*start, sign_in, *start, *start, *[{"msg": f"Route {n} is mapped"} for n in range(40)]]
    order += [sign_in, {"msg": "Sync begins"}, sign_in, {"msg": "Sync begins"}, sign_in, *start]
    report = report_of(b"".join(json.dumps({"level": 30, **line}).encode() + b"\n" for line in order))
    assert all(len(loop["signatures"]) == 1 for loop in report["loops"])
    assert not [f for f in report["findings"] if f["role"] == "sustaining"]
