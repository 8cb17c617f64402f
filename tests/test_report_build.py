"""What a report is made of beside its findings: limits, names of people, times, and what a loop is known by elsewhere."""

from __future__ import annotations

import json
from typing import Any

import pytest
from drawn_logs import Line, in_order
from lab import as_json, bytes_of, main_loop, report_of, report_on, sample, truth_of
from log_streams import profile_of

from floodscan.diagnose import diagnose
from floodscan.profile import Caps
from floodscan.rules.load import load_rules

INCIDENT = sample("dashboard-flood.jsonl")


def told(log: bytes, caps: Caps | None = None, **options: Any) -> dict[str, Any]:
    """The report on a log that was read under these caps."""
    return as_json(diagnose(profile_of(log, caps), ["api.log"], load_rules(()), **options))


# ---------------------------------------------------------------- limits


@pytest.mark.parametrize(
    ("caps", "limit"),
    [
        (Caps(signatures=10), {"what": "signatures", "cap": 10, "effect": "too many distinct shapes: the rarest kinds were joined"}),
        (Caps(samples=300_000), {"what": "samples", "cap": 16, "effect": "too many ids or words in too many shapes: fewer values of each id are followed"}),
        (Caps(scene_classes=1), {"what": "scene classes", "cap": 1, "effect": "order and members of some loops are not known"}),
        (Caps(keys=1), {"what": "id keys", "cap": 1, "effect": "lines with more ids: those last in the alphabet are not followed"}),
        (Caps(scene_events=50), {"what": "scene events", "cap": 50, "effect": "the order in the densest blocks is not known"}),
    ],
    ids=lambda value: value["what"] if isinstance(value, dict) else "",
)  # fmt: skip
def test_a_cap_that_was_reached_is_named_with_its_effect(caps: Caps, limit: dict[str, Any]) -> None:
    report = told(bytes_of(INCIDENT), caps)
    assert limit in report["limits"]
    assert [found["what"] for found in told(bytes_of(INCIDENT))["limits"]] == []
    assert all(s["approx"] == (limit["what"] == "signatures") for s in report["signatures"])


def test_a_report_of_more_findings_than_anybody_reads_says_how_many_it_leaves_out() -> None:
    lines: list[Line] = []
    for n in range(70):
        stack = f"TypeError: x is not a function\n    at part{n} (/srv/app/part{n}.js:{n + 1}:9)"
        lines.append((900 * n, {"level": 60, "err": {"type": "TypeError", "code": f"E_PART_{'ABCDEFGHIJ'[n % 10]}{'KLMNOPQ'[n // 10]}", "message": f"part {n} is not a function", "stack": stack}, "msg": f"Cannot render {'abcdefghij'[n % 10] * 3}{'klmnopq'[n // 10] * 3}"}))  # fmt: skip
    report = report_of(in_order(lines))
    if len(report["findings"]) == 60:
        assert {"what": "findings", "cap": 60, "effect": "10 lesser findings are left out"} in report["limits"]
    else:
        assert len(report["findings"]) < 60 and not report["limits"]


def test_of_hundreds_of_clients_the_busiest_ten_are_told_by_name_and_the_count_is_about_right() -> None:
    lines: list[Line] = []
    for n in range(4):
        for client in range(400):
            of = {"userId": f"u-{client:05d}-{client * 7919 % 1000:03d}"}
            lines.append((2_000 * n + client % 1_900, {**of, "level": 50, "err": {"code": "ETIMEDOUT", "message": "timeout"}, "msg": "Sync aborted"}))
    report = told(in_order(lines), Caps(values=12, ranks=64))
    (loop,) = report["loops"]
    assert loop["actors"]["approx"] and loop["actors"]["distinct"] == pytest.approx(400, rel=0.25)
    assert len(loop["actors"]["top"]) == 10 and report["headline"].startswith("About ")
    assert [found["what"] for found in report["limits"]] == ["actors"]


# ---------------------------------------------------------------- people and times


def test_people_have_names_of_the_report_unless_their_own_are_asked_for() -> None:
    log = bytes_of(INCIDENT)
    (who,) = {json.loads(line)["userId"] for line in log.splitlines() if b'"userId"' in line and line.startswith(b"{")}
    hidden, shown = told(log), told(log, show_ids=True)
    assert [actor["id"] for actor in hidden["loops"][0]["actors"]["top"]] == ["user-A"]
    assert [actor["id"] for actor in shown["loops"][0]["actors"]["top"]] == [who]
    assert who not in json.dumps(hidden)


def test_a_clock_without_a_date_gives_offsets_and_no_dates() -> None:
    report = report_on(sample("dashboard-flood.log"))
    assert report["input"]["clock"] == {"resolution_ms": 1000, "dated": False}
    loop = main_loop(report, truth_of(INCIDENT))
    assert report["input"]["first"] is report["input"]["last"] is loop["first"] is loop["last"] is None
    assert 0 < loop["first_offset_ms"] < loop["last_offset_ms"] <= report["input"]["span_ms"]
    assert loop["last_offset_ms"] - loop["first_offset_ms"] == 15_000


def test_a_log_that_was_not_read_to_its_end_is_not_complete() -> None:
    assert told(bytes_of(INCIDENT))["complete"] and not told(bytes_of(INCIDENT), complete=False)["complete"]


def test_a_log_shorter_than_a_minute_says_nothing_of_an_hour() -> None:
    def per_hour(seconds: int) -> Any:
        lines = [(1_000 * n, {"level": 50, "msg": "Disk is full"}) for n in range(seconds)]
        return report_of(in_order([*lines, (1_000 * seconds, {"msg": "Disk was emptied"})]))["findings"][0]["per_hour"]

    assert per_hour(59) is None
    assert per_hour(60) == 3_600


# ---------------------------------------------------------------- what it is known by in another log


def fingerprints(report: dict[str, Any]) -> dict[tuple[str, str], str]:
    return {(f["rule"], f["role"]): f["fingerprint"] for f in report["findings"]}


@pytest.mark.parametrize("name", ["dashboard-flood.jsonl", "invalid-service-key.jsonl", "rls-refused.jsonl"])
def test_a_shorter_run_of_the_same_fault_is_known_as_the_same(name: str) -> None:
    path = sample(name)
    lines = bytes_of(path).splitlines(keepends=True)
    whole = report_on(path)
    loop = main_loop(whole, truth_of(path))
    for share in (0.5, 0.7):
        part = report_of(b"".join(lines[: round(share * len(lines))]))
        assert part["loops"][0]["fingerprint"] == loop["fingerprint"]
        same = fingerprints(part).items() & fingerprints(whole).items()
        shared = fingerprints(part).keys() & fingerprints(whole).keys()
        assert len(shared) >= 4 and {key for key, _ in same} >= {key for key in shared if key[1] in ("blind-spot", "sustaining", "noise")}


def test_two_loops_and_two_findings_are_known_by_different_names() -> None:
    report = report_on(INCIDENT)
    assert len({loop["fingerprint"] for loop in report["loops"]}) == len(report["loops"]) == 2
    assert len({f["fingerprint"] for f in report["findings"]}) == len(report["findings"])
    other = report_on(sample("redis-refused.jsonl"))
    assert other["loops"][0]["fingerprint"] not in {loop["fingerprint"] for loop in report["loops"]}
    assert all(len(known["fingerprint"]) == 12 for known in (*report["loops"], *report["findings"]))


def caught_twice(order: tuple[str, str], cut: int | None = None) -> dict[str, Any]:
    """A loop whose failure is logged twice in each attempt, by lines that have the same error; the log's first lines."""
    lines: list[Line] = []
    for n in range(30):
        of = {"userId": "u-17", "connectionId": f"c{n:04d}-77aa"}
        error = {"type": "Error", "code": "ETIMEDOUT", "message": "connect ETIMEDOUT 10.0.0.5:5432"}
        lines.append((700 * n, {**of, "msg": "Session opened"}))
        lines += [(700 * n + 20 + 5 * i, {**of, "level": 50, "err": error, "msg": said}) for i, said in enumerate(order)]
    return report_of(in_order(lines[:cut]))


@pytest.mark.parametrize("order", [("Query failed", "Session failed"), ("Session failed", "Query failed")])
def test_wherever_a_log_is_cut_its_loop_and_findings_are_known_as_the_same(order: tuple[str, str]) -> None:
    whole = caught_twice(order)
    for cut in (80, 79, 78, 71, 70, 69):
        part = caught_twice(order, cut)
        assert part["loops"][0]["fingerprint"] == whole["loops"][0]["fingerprint"]
        assert fingerprints(part).items() <= fingerprints(whole).items() and len(fingerprints(part)) >= 2


def test_a_failure_that_is_caught_twice_is_known_by_where_it_is_logged_first() -> None:
    once, again = caught_twice(("Query failed", "Session failed")), caught_twice(("Session failed", "Query failed"))
    (first,), (second,) = once["loops"], again["loops"]
    texts = {s["text"]: s["id"] for s in once["signatures"]}
    assert first["fingerprint"] != second["fingerprint"]
    longer = caught_twice(("Query failed", "Session failed given up"))
    assert longer["loops"][0]["fingerprint"] == first["fingerprint"] and texts["Query failed"] in first["signatures"]
