"""Every recorded sample against what the lab's client and stand-in saw: the report must agree, or say what it can't know."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from lab import main_loop, names, report_on, sample, samples, truth_of

CAUSES = {
    "database-down": {"connection-refused"},
    "schema-drift": {"schema-drift"},
    "rls-refused": {"permission-denied"},
    "invalid-service-key": {"permission-denied", "config-missing", "db-auth-failed"},
    "pool-timeout": {"db-pool-exhausted"},
    "type-error": {"code-defect"},
    "rate-limited": {"rate-limited"},
    "redis-refused": {"redis-unreachable"},
    "false-success": {"false-success", "schema-drift"},
    "slow-start": {"db-unreachable"},
}
CADENCES = {
    "immediate": {"immediate"},
    "fixed": {"fixed"},
    "linear": {"linear"},
    "exponential": {"exponential"},
    "jittered": {"jittered", "exponential"},
}


def coarse(report: dict[str, Any]) -> bool:
    """Whether the clock can't show single gaps: no clock, or whole seconds."""
    clock = report["input"]["clock"]
    return clock is None or clock["resolution_ms"] > 1


FAULTY = [p for p in samples() if truth_of(p)["failed_attempts"]]
QUIET = [p for p in samples() if not truth_of(p)["failed_attempts"]]
REDIS = [p for p in FAULTY if truth_of(p)["driver"] == "redis-client"]


def test_there_are_samples_of_both_kinds() -> None:
    assert len(FAULTY) > 25 and len(QUIET) >= 4


@pytest.mark.parametrize("path", FAULTY, ids=names(FAULTY))
def test_the_loop_is_the_one_that_the_lab_drove(path: Path) -> None:
    report, truth = report_on(path), truth_of(path)
    loop = main_loop(report, truth)
    if truth["driver"] == "dashboards":
        assert loop["actors"] is not None
        assert loop["actors"]["distinct"] == truth["actors"]
    if truth["fault"] == "false-success":
        assert loop["cadence"] in ({"unknown"} if coarse(report) else {"fixed"}), (
            "the counter resets: no backoff is left"
        )
    else:
        allowed = CADENCES[truth["policy"]["kind"]] | (
            {"unknown"} if coarse(report) or truth["driver"] == "redis-client" else set()
        )
        if truth["switches"].get("THROTTLE_INIT"):
            allowed |= {"linear", "exponential"}
        assert loop["cadence"] in allowed


@pytest.mark.parametrize("path", FAULTY, ids=names(FAULTY))
def test_the_outcome_is_what_the_client_saw(path: Path) -> None:
    report, truth = report_on(path), truth_of(path)
    loop = main_loop(report, truth)
    wanted = {truth["outcome"]}
    if truth["outcome"] == "ongoing":
        wanted |= {"ceased"} if coarse(report) else set()
    assert loop["outcome"] in wanted


@pytest.mark.parametrize("path", FAULTY, ids=names(FAULTY))
def test_the_cause_is_named_or_said_to_be_hidden(path: Path) -> None:
    report, truth = report_on(path), truth_of(path)
    loop = main_loop(report, truth)
    about = [f for f in report["findings"] if f["role"] in ("root-cause", "hypothesis", "sustaining")]
    if truth["hidden"]:
        assert any(f["role"] == "blind-spot" and loop["id"] in f["loops"] for f in report["findings"])
    else:
        assert {f["cause"] for f in about} & CAUSES[truth["fault"]]
    for finding in about:
        if finding["role"] == "root-cause" and truth["failure_line_shows"] == "nothing":
            assert loop["id"] not in finding["loops"], "an opaque failure is tied to nothing here"


def test_how_long_a_false_success_lasts_is_told_as_well_as_the_clock_allows() -> None:
    summaries = []
    for path in samples(".jsonl", ".log"):
        if truth_of(path)["fault"] == "false-success":
            finding = next(f for f in report_on(path)["findings"] if f["rule"] == "false-success")
            summaries.append((coarse(report_on(path)), finding["summary"]))
    assert len(summaries) == 2
    for on_seconds, summary in summaries:
        assert re.search(r" about 0\.\d s before" if on_seconds else r" [12]\d\d ms before", summary)


@pytest.mark.parametrize("path", REDIS, ids=names(REDIS))
def test_the_lines_of_two_clients_are_not_said_to_be_one_failure(path: Path) -> None:
    cause = next(f for f in report_on(path)["findings"] if f["cause"] == "redis-unreachable")
    assert "One failure" not in cause["summary"]
    assert len(cause["loops"]) > 1 or "no id ties them" in cause["summary"]


@pytest.mark.parametrize("path", QUIET, ids=names(QUIET))
def test_a_healthy_log_is_quiet_or_noise(path: Path) -> None:
    report = report_on(path)
    assert report["verdict"] in ("quiet", "noise")
    assert not report["loops"]


@pytest.mark.parametrize("path", [p for p in FAULTY if "hidden-type-error" in p.name], ids=str)
def test_with_a_hidden_type_error_nothing_blames_the_database(path: Path) -> None:
    told = [{k: v for k, v in f.items() if k != "references"} for f in report_on(path)["findings"]]
    text = json.dumps(told).lower()
    for word in ("database", "postgres", "supabase refuses", "unreachable", "connection-refused"):
        assert word not in text


@pytest.mark.parametrize("path", [p for p in FAULTY if "schema-drift" in p.name], ids=str)
def test_with_a_missing_column_nothing_says_unreachable(path: Path) -> None:
    causes = {f["cause"] for f in report_on(path)["findings"]}
    assert not causes & {"connection-refused", "db-unreachable", "fetch-failed", "dns-failure", "dependency-timeout"}


@pytest.mark.parametrize("name", ["dashboard-flood.jsonl", "incident-in-traffic.jsonl", "pool-timeout.log"])
def test_a_line_of_ordinary_traffic_counts_for_the_loop_in_its_time_alone(name: str) -> None:
    """The lab's users sign in before and after the incident, too: a sign-in for each failed attempt is the storm's."""
    path = sample(name)
    report, truth = report_on(path), truth_of(path)
    loop, texts = main_loop(report, truth), {s["id"]: s["text"] for s in report["signatures"]}
    often = {texts[step["signature"]]: step["per_iteration"] for step in loop["steps"]}
    assert often["Dashboard connection opened"] == pytest.approx(1, abs=0.02)
    whole = sum(s["count"] for s in report["signatures"] if s["id"] in loop["signatures"])
    assert "jsonl" not in name or loop["lines"] < whole
