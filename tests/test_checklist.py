"""Inputs that break log readers, and what each gets here: the rest of the table in docs/hostile-input.md."""

from __future__ import annotations

import json
import random
import re
import time
from typing import Any

import pytest
from command import HEALTHY, floodscan, storm
from lab import bytes_of, report_of, report_on, sample

FLOOD = "dashboard-flood.jsonl"


def failing(**more: object) -> str:
    return json.dumps({"level": 50, "err": {"code": "ECONNREFUSED", "message": "x"}, "msg": "failed", **more}) + "\n"


def loops(report: dict[str, Any]) -> list[tuple[object, ...]]:
    kept = ("status", "iterations", "lines", "driver", "cadence", "outcome", "iterations_until_success")
    return [tuple(loop[name] for name in kept) for loop in report["loops"]]


def test_text_without_any_json_is_analysed_and_never_degraded() -> None:
    report = report_of(b"hello\nlistening on 8080\nERROR could not connect to the queue\n")
    assert (report["verdict"], report["input"]["records"], report["input"]["skipped"]) == ("faults", 3, {})


def test_a_report_on_bytes_that_are_no_log_says_itself_that_it_is_worth_nothing() -> None:
    report = report_of(bytes(range(8)) * 40 + b"\n" + b"up\n" + bytes(range(8)) * 40)
    assert report["headline"].endswith("do not rely on this report.")


def test_mixed_text_json_blank_and_cut_lines_are_each_counted_once() -> None:
    log = b'{"level":30,"msg":"up"}\r\n\r\nplain text\n{"level":50,"msg":"cut of\n\x00\x01\x02\x03\nlast'
    report = report_of(log)
    assert report["input"]["lines"] == 6
    assert report["input"]["records"] + sum(report["input"]["skipped"].values()) == 6
    assert report["input"]["skipped"] == {"binary": 1, "blank": 1}


@pytest.mark.parametrize("salvaged", ["", '"n":NaN,'])
def test_of_duplicate_keys_the_last_wins_on_the_strict_and_on_the_lenient_path(salvaged: str) -> None:
    (one,) = report_of(f'{{"level":30,"msg":"first",{salvaged}"level":50,"msg":"last"}}\n'.encode())["signatures"]
    assert (one["text"], one["level"]) == ("last", "error")


def test_ids_beyond_the_integers_of_javascript_stay_apart() -> None:
    log = "".join(failing(time=1_764_000_000_000 + i * 100, userId=2**63 + i % 3) for i in range(90))
    assert report_of(log.encode())["loops"][0]["actors"]["distinct"] == 3


def test_ids_that_json_readers_can_not_tell_apart_are_taken_for_nobodys() -> None:
    """Above 2**64 a bare number is a float: three users would be one."""
    log = "".join(failing(time=1_764_000_000_000 + i * 100, userId=2**64 + i % 3) for i in range(90))
    assert all(loop["actors"] is None for loop in report_of(log.encode())["loops"])


@pytest.mark.parametrize("depth", [63, 100, 1_025, 50_000])
@pytest.mark.parametrize("opening", ['{"a":', "["])
def test_any_depth_of_json_is_cut_short_in_little_time_and_the_next_line_is_read(depth: int, opening: str) -> None:
    closing = "}" if opening[0] == "{" else "]"
    deep = f'{{"level":30,"msg":"m","a":{opening * depth}1{closing * depth}}}\n'
    _idle()  # what is compiled when it is first used is compiled now
    began = time.perf_counter()
    report = report_of(deep.encode() + failing().encode())
    taken = time.perf_counter() - began - _idle()
    assert report["input"]["lines"] == 2 and any(s["error"] for s in report["signatures"])
    assert report["input"]["skipped"] == ({"depth": 1} if depth >= 64 else {})
    assert taken < (0.2 if depth > 2_000 else 0.05)  # seconds; 2 ms and 20 ms on a slow core


def _idle() -> float:
    began = time.perf_counter()
    report_of(failing().encode())
    return time.perf_counter() - began


def test_bytes_that_are_no_utf_8_are_shown_as_such_and_cost_no_line() -> None:
    report = report_of(b'{"level":50,"msg":"caf\xe9 failed","err":{"message":"\xff\xfe"}}\nplain \xc3\x28 ERROR text\n')
    assert report["input"]["records"] == 2
    assert {s["text"] for s in report["signatures"]} == {"caf\ufffd failed: \ufffd\ufffd", "plain \ufffd( ERROR text"}


def test_a_hole_of_nuls_is_skipped_and_told_once() -> None:
    report = report_of(failing().encode() + bytes(1 << 20) + failing().encode())
    assert report["input"]["records"] == 2 and list(report["input"]["skipped"]) == ["binary"]


@pytest.mark.parametrize("reach", [20, 300])
def test_lines_out_of_order_give_the_loops_causes_and_counts_of_the_log_in_order(reach: int) -> None:
    """Order comes from the events' times, so that no window of reordering is needed; that it was lost is said.

    Which lines stand side by side is lost with it.
    """
    lines = bytes_of(sample(FLOOD)).splitlines(keepends=True)
    draw = random.Random(reach)
    order = sorted(range(len(lines)), key=lambda i: i + draw.uniform(0, reach))
    late, sound = report_of(b"".join(lines[i] for i in order)), report_on(sample(FLOOD))
    assert loops(late) == loops(sound)

    def causes(report: dict[str, Any]) -> list[tuple[object, ...]]:
        found = [(f["rule"], f["role"], f["confidence"], f["lines"]) for f in report["findings"]]
        return [f for f in found if f[0] not in ("clock-backwards", "logged-by-layers")]

    assert causes(late) == causes(sound)


@pytest.mark.parametrize("odd", [0, 5_000, 3_029_529_600_000, 4_291_747_200_000])
def test_a_line_of_another_century_changes_neither_verdict_nor_loop_nor_pace(odd: int) -> None:
    log = storm(60)
    plain, with_odd = report_of(log.encode()), report_of((log + f'{{"level":30,"time":{odd},"msg":"odd"}}\n').encode())
    assert with_odd["verdict"] == plain["verdict"] == "storm"
    for name in ("iterations", "status", "cadence", "gap_ms"):
        assert [loop[name] for loop in with_odd["loops"]] == [loop[name] for loop in plain["loops"]]


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kathmandu"])
def test_the_machines_time_zone_changes_no_byte(zone: str) -> None:
    log = "".join(f"2026-03-29 0{1 + i // 40}:{i % 40:02}:00 ERROR could not connect\n" for i in range(80))
    outputs = [floodscan("--format", "json", stdin=log, env={"TZ": tz}).stdout for tz in ("UTC", zone)]
    assert outputs[0] == outputs[1] and len(outputs[0]) > 1_000


def test_the_hour_that_clocks_skip_or_repeat_keeps_its_order() -> None:
    """Times without a zone are read at one fixed offset: no hour is missing and none comes twice."""
    log = "".join(f"2026-10-25 0{1 + i // 60}:{i % 60:02}:00 ERROR could not connect\n" for i in range(150))
    report = report_of(log.encode())
    assert report["input"]["span_ms"] == 149 * 60_000
    assert not [f for f in report["findings"] if f["rule"] == "clock-backwards"]


def test_without_any_time_lines_are_grouped_and_no_pace_is_made_up() -> None:
    report = report_of(re.sub(r'"time":\d+,', "", storm(60)).encode())
    (loop,) = report["loops"]
    assert (loop["iterations"], loop["gap_ms"], loop["cadence"]) == (60, None, "unknown")
    assert report["timeline"] is None and report["input"]["clock"] is None
    assert all(f["per_hour"] is None for f in report["findings"])


def test_one_bad_line_never_ends_a_run() -> None:
    odd = [b"\x00" * 40, b"\xff" * 40, b"{" * 400, b'"', b"\x1b[2J", b"NaN", b"1e999", b"{}", b"[]", b'{"level":{}}',
           b'{"time":1e999,"msg":[1]}', b'{"err":[[[[]]]]}', b"\xef\xbb\xbf{}", b'{"msg":"\\ud800"}', b"9" * 5_000]  # fmt: skip
    for line in odd:
        report = report_of(HEALTHY.encode() + line + b"\n" + HEALTHY.encode())
        assert report["input"]["lines"] == 81 and report["input"]["records"] >= 80
