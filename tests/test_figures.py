"""The figures of a report, counted once more from the log's own lines by a reader that knows none of floodscan's code."""

from __future__ import annotations

import functools
import json
from collections import Counter, defaultdict
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from statistics import mean, median
from typing import Any, NamedTuple

import pytest
from lab import bytes_of, main_loop, names, report_on, sample, tags, truth_of

COUNTED = [
    sample(f"{name}.jsonl")
    for name in (
        "dashboard-flood", "pool-timeout", "backoff-exponential", "backoff-jittered", "false-success", "rate-limited",
        "schema-drift", "incident-in-traffic", "after-init-throttled", "slow-start", "healthy",
    )
]  # fmt: skip
"""Logs of Pino's JSON, in which a line is a record and says when it was written, by whom and for which connection."""
LOOPING = [path for path in COUNTED if truth_of(path)["driver"] == "dashboards" and truth_of(path)["failed_attempts"]]
NAMED = [path for path in LOOPING if truth_of(path)["fault"] != "rate-limited"]
"""Those in which each connection's user is logged."""
STEADY = [path for path in LOOPING if not truth_of(path)["switches"].get("THROTTLE_INIT")]
"""Those whose attempts take as long as each other."""
every_log = pytest.mark.parametrize("path", COUNTED, ids=names(COUNTED))
every_loop = pytest.mark.parametrize("path", LOOPING, ids=names(LOOPING))


class Row(NamedTuple):
    """A line of the log. Its size is in bytes with the line break."""

    number: int
    size: int
    time: int | None
    place: int
    """Its time, else that of the line before it, or of the first: npm's banners have none."""
    signature: str
    record: dict[str, Any]


@functools.cache
def rows(path: Path) -> list[Row]:
    group = {own: s["id"] for s in report_on(path)["signatures"] for own in (s["id"], *s["rolled_up"])}
    found: list[Row] = []
    place = next(json.loads(line)["time"] for line in bytes_of(path).splitlines() if line.startswith(b"{"))
    for number, line in enumerate(bytes_of(path).splitlines(keepends=True), 1):
        record = json.loads(line) if line.startswith(b"{") else {}
        if (own := tags(path)[number]) in group:
            place = record.get("time", place)
            found.append(Row(number, len(line), record.get("time"), place, group[own], record))
    return found


@functools.cache
def by_signature(path: Path) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows(path):
        found[row.signature].append(row)
    return found


def times(path: Path, signature: str | None = None) -> list[int]:
    chosen = rows(path) if signature is None else by_signature(path)[signature]
    return sorted(row.time for row in chosen if row.time is not None)


def iso(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def counted(found: list[int], start: int, width: int, columns: int) -> list[int]:
    """How many of the times lie in each column."""
    cells = Counter((time - start) // width for time in found)
    return [cells[i] for i in range(columns)]


# ---------------------------------------------------------------- the log and its signatures


@every_log
def test_what_was_read_is_the_whole_log(path: Path) -> None:
    told, log = report_on(path)["input"], bytes_of(path)
    first, *_, last = times(path)
    assert (told["bytes"], told["lines"]) == (len(log), log.count(b"\n"))
    assert told["records"] == len(rows(path)) == told["lines"] - sum(told["skipped"].values())
    assert sum(told["formats"].values()) == told["records"]
    assert told["formats"]["pino"] == sum(bool(row.record) for row in rows(path))
    assert (told["first"], told["last"], told["span_ms"]) == (iso(first), iso(last), last - first)
    assert told["clock"] == {"resolution_ms": 1, "dated": True}
    assert told["sources"] == [str(path)]


@every_log
def test_each_signature_has_the_lines_that_are_tagged_with_it(path: Path) -> None:
    report = report_on(path)
    zero = times(path)[0]
    assert [s["id"] for s in report["signatures"]] == sorted(
        by_signature(path), key=lambda name: (-len(by_signature(path)[name]), name)
    )
    for told in report["signatures"]:
        own, at = by_signature(path)[told["id"]], times(path, told["id"])
        assert told["count"] == len(own)
        assert told["share"] == round(len(own) / report["input"]["lines"], 4)
        assert told["example"]["line"] in [row.number for row in own]
        assert told["example"]["source"] == str(path)
        assert not told["approx"] and not told["at_least"]
        if at:
            assert (told["first"], told["last"]) == (iso(at[0]), iso(at[-1]))
            assert (told["first_offset_ms"], told["last_offset_ms"]) == (at[0] - zero, at[-1] - zero)
        levels = {row.record.get("level") for row in own}
        assert {told["level"]} == {{30: "info", 40: "warn", 50: "error", 60: "fatal"}.get(level) for level in levels}
        if own[0].record and (error := told["error"]):
            logged = json.dumps(own[0].record)
            assert all(error[key] is None or error[key] in logged for key in ("code", "type"))
            said = (own[0].record.get("err") or {}).get("message")
            assert not said or error["message"].startswith(said[:12]), "what the first line's error says"
            assert error["opaque"] or own[0].record.get("error") != {}
            assert not error["opaque"] or '"message"' not in logged


@every_log
def test_the_timeline_has_each_record_and_each_failure_in_its_column(path: Path) -> None:
    report = report_on(path)
    line, zero = report["timeline"], times(path)[0]
    failing = {s["id"] for s in report["signatures"] if s["failure"]}
    failed = [row.place for row in rows(path) if row.signature in failing]
    start, width, columns = zero + line["start"], line["width_ms"], len(line["records"])
    assert line["records"] == counted([row.place for row in rows(path)], start, width, columns)
    assert line["failures"] == counted(failed, start, width, columns)
    assert -width < line["start"] <= 0 and line["records"][0] and line["records"][-1]
    assert columns <= 120, "a screen's width"


@every_log
def test_lanes_hold_their_signatures_lines_in_the_time_they_show(path: Path) -> None:
    report, zero = report_on(path), times(path)[0]
    shown = [(lane, None) for lane in report["lanes"]]
    for loop in report["loops"]:
        shown += [(lane, loop) for lane in loop["lanes"]]
    assert shown
    for lane, loop in shown:
        found = [row.place for row in by_signature(path)[lane["signature"]]]
        assert lane["counts"] == counted(found, zero + lane["start"], lane["width_ms"], len(lane["counts"]))
        if loop is None:
            continue
        begins, ends = lane["start"], lane["start"] + lane["width_ms"] * len(lane["counts"])
        until = loop["success_offset_ms"] or loop["last_offset_ms"]
        assert begins <= loop["first_offset_ms"] and ends > loop["last_offset_ms"]
        assert loop["first_offset_ms"] - begins < 1_000 + lane["width_ms"] + 30_000 and until - begins >= 0


# ---------------------------------------------------------------- the loop that the lab drove


def users(path: Path) -> dict[str, str]:
    """Connection -> the user who opened it."""
    return {
        row.record["connectionId"]: row.record["userId"]
        for row in rows(path)
        if "connectionId" in row.record and "userId" in row.record
    }


@every_loop
def test_the_loop_is_counted_and_timed_by_its_failing_line(path: Path) -> None:
    report = report_on(path)
    loop, zero = main_loop(report, truth_of(path)), times(path)[0]
    failed = times(path, loop["anchor"])
    assert loop["iterations"] == len(failed)
    assert (loop["first"], loop["last"]) == (iso(failed[0]), iso(failed[-1]))
    assert (loop["first_offset_ms"], loop["last_offset_ms"]) == (failed[0] - zero, failed[-1] - zero)
    line = loop["timeline"]
    here = counted(failed, zero + line["start"], line["width_ms"], len(line["records"]))
    assert line["records"] == line["failures"] == here and sum(here) == len(failed)
    assert loop["share"] == round(loop["lines"] / report["input"]["lines"], 4)


@pytest.mark.parametrize("path", NAMED, ids=names(NAMED))
def test_attempts_and_gaps_are_those_of_each_user(path: Path) -> None:
    loop, zero, whose = main_loop(report_on(path), truth_of(path)), times(path)[0], users(path)
    made: dict[str, list[int]] = defaultdict(list)
    for row in by_signature(path)[loop["anchor"]]:
        assert row.time is not None
        made[whose[row.record["connectionId"]]].append(row.time - zero)
    told = [[ms for run in actor["attempts"] for ms in run] for actor in loop["actors"]["top"]]
    assert [a["iterations"] for a in loop["actors"]["top"]] == sorted(map(len, made.values()), reverse=True)
    assert loop["actors"]["key"] == "userId" and loop["actors"]["distinct"] == len(made)
    if loop["iterations"] <= 32 * len(made):
        assert sorted(told) == sorted(made.values())
        gaps = sorted(b - a for own in made.values() for a, b in pairwise(own))
        last = len(gaps) - 1
        assert loop["gap_ms"] == {
            "median": round(median(gaps)), "p10": gaps[round(0.1 * last)], "p90": gaps[round(0.9 * last)],
        }  # fmt: skip


@pytest.mark.parametrize("path", STEADY, ids=names(STEADY))
def test_each_step_stands_where_its_lines_stand_in_the_attempts(path: Path) -> None:
    loop = main_loop(report_on(path), truth_of(path))
    failed = {row.record["connectionId"]: row.time or 0 for row in by_signature(path)[loop["anchor"]]}
    for step in loop["steps"]:
        found: dict[str, list[int]] = defaultdict(list)
        for row in by_signature(path)[step["signature"]]:
            if (conn := row.record.get("connectionId")) in failed:
                found[conn].append((row.time or 0) - failed[conn])
        if len(found) >= 0.9 * len(failed):
            lags = [min(own, key=abs) for own in found.values()]
            usual = min((median(lags), mean(lags)), key=lambda lag: abs(lag - step["lag_ms"]))
            assert step["lag_ms"] == pytest.approx(usual, abs=1, rel=0.05)
            assert step["per_iteration"] == pytest.approx(sum(map(len, found.values())) / len(failed), abs=0.1)


@every_loop
def test_the_lines_of_the_loop_are_those_of_its_steps_while_it_runs(path: Path) -> None:
    loop = main_loop(report_on(path), truth_of(path))
    failed = times(path, loop["anchor"])
    pause = (failed[-1] - failed[0]) // (len(failed) - 1)
    within = sum(
        failed[0] - pause <= time <= failed[-1] + pause for step in loop["steps"] for time in times(path, step["signature"])
    )
    failing = {row.record["connectionId"] for row in by_signature(path)[loop["anchor"]]}
    at_least = sum(row.record.get("connectionId") in failing for row in rows(path))
    assert at_least <= loop["lines"] <= 1.03 * max(at_least, within)


@every_loop
def test_success_is_the_first_line_of_its_kind_behind_the_last_failure(path: Path) -> None:
    loop, zero = main_loop(report_on(path), truth_of(path)), times(path)[0]
    if loop["outcome"] != "recovered":
        assert loop["success_offset_ms"] is None
        return
    last = times(path, loop["anchor"])[-1]
    assert loop["success_offset_ms"] == next(t for t in times(path, loop["success"]) if t >= last) - zero
    if loop["success_tied"]:
        who = {users(path)[row.record["connectionId"]] for row in by_signature(path)[loop["anchor"]]}
        assert who <= {row.record["userId"] for row in by_signature(path)[loop["success"]]}


@every_loop
def test_a_trigger_is_new_just_before_the_loop(path: Path) -> None:
    for loop in report_on(path)["loops"]:
        if (trigger := loop["trigger"]) is None or loop["first"] is None:
            continue
        ahead = times(path, loop["anchor"])[0] - times(path, trigger["signature"])[0]
        assert 0 < ahead < (5_000 if trigger["kind"] == "startup" else 30_000)
        text = next(s["text"] for s in report_on(path)["signatures"] if s["id"] == trigger["signature"])
        assert f"`{text}`" in trigger["text"]


# ---------------------------------------------------------------- findings


@every_log
def test_a_findings_figures_are_those_of_its_lines(path: Path) -> None:
    report = report_on(path)
    lines, hours = report["input"]["lines"], report["input"]["span_ms"] / 3_600_000
    roles: dict[str, str] = {}
    for finding in report["findings"]:
        for signature in finding["signatures"]:
            roles.setdefault(signature, finding["role"])
        own = [row for s in finding["signatures"] for row in by_signature(path)[s]]
        assert len(set(finding["signatures"])) == len(finding["signatures"])
        if finding["role"] in ("root-cause", "hypothesis", "noise", "symptom"):
            assert (finding["lines"], finding["bytes"]) == (len(own), sum(row.size for row in own))
        assert finding["share"] == round(finding["lines"] / lines, 4)
        assert finding["per_hour"] == (round(finding["lines"] / hours) if hours * 60 >= 1 else None)
        for step in finding["remediation"]:
            saved = step["saves_lines"]
            after = None if saved is None else 1 - saved / lines
            assert step["share_after"] == (None if after is None else pytest.approx(after, abs=1e-4))
    assert {s["id"]: s["role"] for s in report["signatures"]} == {s["id"]: roles.get(s["id"]) for s in report["signatures"]}
    assert [finding["id"] for finding in report["findings"]] == [f"F{n}" for n in range(1, len(report["findings"]) + 1)]
