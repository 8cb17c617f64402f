"""What the pictures are drawn from: lanes, lags, attempts and the time of success, bounded and true to the log."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from lab import main_loop, report_of, report_on, sample, samples, truth_of

from floodscan.diagnose.charts import ATTEMPTS, CHARTED, COLUMNS, FAILURES, STEPS

INCIDENT = sample("dashboard-flood.jsonl")
TRAFFIC = sample("incident-in-traffic.jsonl.gz")
ALL = samples()


def lanes(loop: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {lane["signature"]: lane for lane in loop["lanes"]}


def attempts(owner: dict[str, Any]) -> list[int]:
    return [ms for run in owner["attempts"] for ms in run]


def storm(iterations: int, users: int = 1) -> bytes:
    """A log of so many failed attempts, a tenth of a second apart, of so many users in turn."""
    out = []
    for i in range(iterations):
        at = {"time": 1_790_000_000_000 + 100 * i, "userId": f"user-{i % users:04d}", "connectionId": f"conn-{i:06x}"}
        out.append({"level": 30, **at, "msg": "Session opened"})
        out.append({"level": 50, **at, "msg": "Load failed", "err": {"type": "Error", "message": "no", "code": "ENO"}})
    return "\n".join(map(json.dumps, out)).encode()


@pytest.mark.parametrize("path", ALL, ids=[path.name for path in ALL])
def test_lanes_and_attempts_of_every_sample_are_bounded_and_within_the_log(path: Path) -> None:
    report = report_on(path)
    span = report["input"]["span_ms"] or 0
    known = {id for s in report["signatures"] for id in (s["id"], *s["rolled_up"])}
    for loop in report["loops"]:
        assert len(loop["lanes"]) <= STEPS + CHARTED + 2
        for lane in loop["lanes"]:
            assert lane["signature"] in known and any(lane["counts"]) and len(lane["counts"]) <= COLUMNS
            assert -lane["width_ms"] < lane["start"] <= span
        for owner in [loop, *(loop["actors"] or {"top": []})["top"]]:
            times = attempts(owner)
            assert len(times) <= min(2 * ATTEMPTS, owner["iterations"]) and times == sorted(times)
            assert not times or 0 <= times[0] and times[-1] <= span
    assert len(report["lanes"]) <= FAILURES and not (report["lanes"] and report["loops"])


def test_the_lanes_of_the_incident_hold_every_line_of_the_loop() -> None:
    report, truth = report_on(INCIDENT), truth_of(INCIDENT)
    loop = main_loop(report, truth)
    drawn = lanes(loop)
    assert set(loop["signatures"]) < set(drawn)
    assert sum(drawn[loop["anchor"]]["counts"]) == loop["iterations"] == truth["failed_attempts"]
    assert sum(drawn[loop["success"]]["counts"]) == 1
    assert next(iter(drawn)) == loop["trigger"]["signature"]


def test_lanes_in_long_traffic_show_the_incident_alone() -> None:
    loop = main_loop(report_on(TRAFFIC), truth_of(TRAFFIC))
    lane = lanes(loop)[loop["anchor"]]
    shown = lane["width_ms"] * len(lane["counts"])
    assert shown < 2 * (loop["last_offset_ms"] - loop["first_offset_ms"])


def test_the_one_actors_attempts_are_those_of_the_loop() -> None:
    loop = main_loop(report_on(INCIDENT), truth_of(INCIDENT))
    times = attempts(loop["actors"]["top"][0])
    assert (times[0], times[-1], len(times)) == (loop["first_offset_ms"], loop["last_offset_ms"], loop["iterations"])
    assert loop["attempts"] == []


def test_success_came_after_the_last_failure() -> None:
    for path in (INCIDENT, TRAFFIC):
        loop = main_loop(report_on(path), truth_of(path))
        assert 0 < loop["success_offset_ms"] - loop["last_offset_ms"] < 2 * loop["gap_ms"]["p90"]


def test_steps_stand_in_the_order_of_their_lags_around_the_anchor() -> None:
    loop = main_loop(report_on(INCIDENT), truth_of(INCIDENT))
    lags = [step["lag_ms"] for step in loop["steps"]]
    assert lags == sorted(lags)
    assert next(step["lag_ms"] for step in loop["steps"] if step["signature"] == loop["anchor"]) == 0


def test_on_a_clock_of_whole_seconds_no_lag_is_told() -> None:
    for loop in report_on(sample("dashboard-flood.log"))["loops"]:
        assert {step["lag_ms"] for step in loop["steps"]} == {None}


def test_of_a_long_run_the_first_and_the_last_attempts_are_kept() -> None:
    [loop] = report_of(storm(1000))["loops"]
    [actor] = loop["actors"]["top"]
    assert actor["iterations"] == 1000
    first, last = actor["attempts"][0], actor["attempts"][-1]
    assert first[0] == 0 and last[-1] == 99_900
    assert all(b - a == 100 for run in actor["attempts"] for a, b in itertools.pairwise(run))
    assert len(attempts(actor)) <= 2 * ATTEMPTS


def test_a_log_without_a_loop_has_lanes_of_its_commonest_failures() -> None:
    report = report_on(sample("healthy.jsonl"))
    failing = [s["id"] for s in report["signatures"] if s["failure"]]
    assert [lane["signature"] for lane in report["lanes"]] == failing[:FAILURES] != []
