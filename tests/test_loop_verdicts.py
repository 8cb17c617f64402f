"""What is said of a loop at the edges: in lockstep or not, the client's affair or not, what each sentence rests on."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from command import floodscan
from drawn_logs import Line, in_order
from lab import bytes_of, report_of, report_on, sample

from floodscan.loops.actors import Actor, Actors
from floodscan.loops.status import lockstep
from floodscan.model import Gap


def actor(rank: int, times: list[int]) -> Actor:
    return Actor(f"u-{rank}", rank, len(times), (tuple((at, at) for at in times),))


def in_step(gap: int, *times: list[int], tick: int = 1) -> bool:
    actors = Actors("userId", "", len(times), False, tuple(actor(n, one) for n, one in enumerate(times)))
    return lockstep(actors, Gap(gap, gap, gap), tick)


def test_actors_keep_step_where_four_of_five_attempts_stand_within_a_twentieth_of_the_gap() -> None:
    busiest = [0, 1_000, 2_000, 3_000, 4_000]
    assert in_step(1_000, busiest, [0, 1_050, 1_950, 3_000, 4_500])
    assert not in_step(1_000, busiest, [0, 1_050, 1_950, 3_500, 4_500])
    assert not in_step(1_000, busiest, [51, 1_051, 2_051, 3_051, 4_051])


def test_an_actor_of_three_attempts_counts_and_one_of_two_does_not() -> None:
    assert in_step(1_000, [0, 1_000, 2_000], [0, 1_000, 2_000])
    assert not in_step(1_000, [0, 1_000, 2_000], [0, 1_000])
    assert in_step(1_000, [0, 1_000, 2_000], [500, 1_500], [0, 1_000, 2_000])


def test_nothing_is_said_of_step_where_gaps_are_short_or_there_is_one_actor() -> None:
    assert not in_step(199, [0, 199, 398], [0, 199, 398])
    assert in_step(200, [0, 200, 400], [0, 200, 400])
    assert not in_step(1_000, [0, 1_000, 2_000])
    assert not lockstep(None, Gap(1_000, 1_000, 1_000), 1)


def test_a_clock_of_few_ticks_from_attempt_to_attempt_shows_no_step() -> None:
    assert in_step(5_000, [0, 5_000, 10_000], [0, 5_000, 10_000], tick=1_000)
    assert not in_step(4_000, [0, 4_000, 8_000], [0, 4_000, 8_000], tick=1_000)


def attempts_of(drivers: int, low: float, high: float, *, together: bool) -> bytes:
    """Failures of drivers that wait between `low` and `high` seconds, on a clock of whole seconds."""
    rng = random.Random(drivers)
    shared = [rng.uniform(low, high) for _ in range(40)]
    events = []
    for driver in range(drivers):
        at = 0.0 if together else rng.uniform(0, high)
        for pause in shared:
            events.append((at, driver))
            at += pause if together else rng.uniform(low, high)
    return "".join(
        f"2026-03-01T10:{int(at) // 60:02d}:{int(at) % 60:02d}Z ERROR sync failed: connect ECONNREFUSED 10.0.0.5:5432 "
        f"userId=user-{driver}a77\n"
        for at, driver in sorted(events)
    ).encode()


@pytest.mark.parametrize(("low", "high"), [(0.65, 0.75), (1.4, 1.6), (3, 5), (5, 6), (8, 10)])
@pytest.mark.parametrize("drivers", [2, 3, 8])
def test_drivers_that_wait_each_for_itself_are_in_no_lockstep_on_a_clock_of_seconds(
    drivers: int, low: float, high: float
) -> None:
    report = report_of(attempts_of(drivers, low, high, together=False))
    assert [loop["lockstep"] for loop in report["loops"]] == [False]
    assert "lockstep" not in " ".join(e["text"] for f in report["findings"] for e in f["for"])


@pytest.mark.parametrize("drivers", [2, 3, 8])
def test_drivers_that_wait_alike_are_in_lockstep_on_a_clock_of_seconds(drivers: int) -> None:
    (loop,) = report_of(attempts_of(drivers, 8, 10, together=True))["loops"]
    assert loop["lockstep"]


@pytest.mark.parametrize("status", [400, 404, 410])
def test_client_errors_that_nobody_known_gets_are_no_loop(status: int) -> None:
    rng = random.Random(status)
    lines: list[Line] = []
    at = 0
    for i in range(60):
        at += rng.randint(900, 1_100)
        answer = {"level": 30, "reqId": f"r-{i:06x}", "res": {"statusCode": status}, "msg": "request completed"}
        lines.append((at, answer))
    assert report_of(in_order(lines))["loops"] == []


def test_the_line_of_a_false_success_is_named() -> None:
    report = report_on(sample("false-success.log"))
    (found,) = [f for f in report["findings"] if f["rule"] == "false-success"]
    assert "`Dashboard authenticated and connected`" in found["title"]


def test_a_hypothesis_says_what_speaks_against_it_and_who_reports_it() -> None:
    report = report_on(sample("dashboard-flood.jsonl"))
    (found,) = [f for f in report["findings"] if f["role"] == "hypothesis"]
    assert [e["text"] for e in found["against"]] == [
        "no line of it shares an attempt, request or trace id, a stack or an error text with `Failed to initialize dashboard`",
        "an error with a code of its own keeps it under any key, as `Failed to check for stale agents` shows "
        "(DATABASE_ERROR); `Failed to initialize dashboard` prints {}, so what it caught had none",
    ]
    assert [o["component"] for o in found["observers"]] == ["heartbeat"]


REFUSED = {"type": "Error", "message": "connect ECONNREFUSED 10.0.0.7:5432", "code": "ECONNREFUSED"}


@pytest.mark.parametrize("names", [{"worker": ["w1", "w2", "w3"]}, {"shard": [1, 2, 3]}, {"consumer": ["c-1", "c-2", "c-3"]}])
def test_workers_that_retry_are_told_apart_and_each_by_its_own_pause(names: dict[str, list[Any]]) -> None:
    ((key, values),) = names.items()
    lines: list[Line] = [
        (2_000 * i + 331 * n, {"level": 50, key: value, "err": REFUSED, "msg": "lease could not be taken"})
        for n, value in enumerate(values)
        for i in range(15)
    ]
    (loop,) = report_of(in_order(lines))["loops"]
    assert (loop["actors"]["key"], loop["actors"]["distinct"], loop["cadence"]) == (key, 3, "fixed")
    assert loop["gap_ms"]["median"] == 2_000 and loop["driver"] == "actor"
    assert [actor["id"] for actor in loop["actors"]["top"]] == ["worker-1", "worker-2", "worker-3"]


def test_a_user_goes_before_the_worker_that_serves_them() -> None:
    lines: list[Line] = [
        (1_000 * i + 97 * n, {"level": 50, "worker": f"w{i % 2}", "userId": f"u-{n}", "err": REFUSED, "msg": "sync failed"})
        for n in range(3)
        for i in range(12)
    ]
    (loop,) = report_of(in_order(lines))["loops"]
    assert (loop["actors"]["key"], loop["actors"]["distinct"]) == ("userId", 3)


def test_a_user_on_another_line_of_the_attempt_goes_before_the_worker_on_the_failing_one() -> None:
    lines: list[Line] = []
    for i in range(60):
        conn, at = f"c{i:06x}f9", 700 * i
        lines.append((at, {"level": 30, "userId": f"u-{i % 3}", "connId": conn, "msg": "sync requested"}))
        lines.append((at + 40, {"level": 50, "worker": f"w{i % 2}", "connId": conn, "err": REFUSED, "msg": "sync failed"}))
    (loop,) = report_of(in_order(lines))["loops"]
    assert (loop["actors"]["key"], loop["actors"]["distinct"]) == ("userId", 3)


@pytest.mark.parametrize("ids", [True, False])
def test_requests_that_fail_in_a_few_workers_are_traffic_and_no_loop_of_the_workers(ids: bool) -> None:
    rng = random.Random(7)
    lines: list[Line] = []
    at = 0.0
    for _ in range(200):
        at += rng.expovariate(1 / 700)
        worker = {"worker": rng.randrange(1, 5), **({"reqId": f"r-{rng.randrange(1 << 24):06x}"} if ids else {})}
        failing = {"level": 50, **worker, "err": REFUSED, "msg": "order not stored"}
        lines.append((round(at), failing))
    assert report_of(in_order(lines))["loops"] == []


def test_traffic_that_mostly_goes_well_is_no_loop_in_one_file_or_two(tmp_path: Path) -> None:
    """Two replicas: a user's later failures stand in the file that is read first."""
    lines: list[list[str]] = [[], []]
    for i in range(480):
        user, turn = f"user-{i % 12:04d}-abcdef", i // 12
        fields: dict[str, Any] = {"level": 30, "time": 1_700_000_000_000 + 120 * i, "userId": user, "msg": "order loaded"}
        if turn % 5 == 2:
            error = {"type": "DatabaseError", "message": "connect ECONNREFUSED 10.0.0.9:5432", "code": "ECONNREFUSED"}
            fields |= {"level": 50, "err": error, "msg": "failed to load order"}
        lines[turn < 20].append(json.dumps(fields))
    (tmp_path / "both").mkdir()
    for name, some in (("both/api-1.log", lines[0]), ("both/api-2.log", lines[1]), ("one.log", [*lines[1], *lines[0]])):
        (tmp_path / name).write_text("\n".join(some) + "\n")
    for path in ("both", "one.log"):
        told = json.loads(floodscan(str(tmp_path / path), "--format", "json").stdout)
        assert (told["verdict"], told["loops"]) == ("faults", [])


def test_a_pause_of_a_tenth_of_a_second_is_fixed_and_lacks_a_backoff() -> None:
    """ioredis 6 that waits a fixed 100 ms: nothing but its errors is in the log, and the gaps are its clock."""
    gaps = [103, 101, 102, 112, 103, 104, 101, 103, 110, 102] * 4
    at, lines = 0, list[Line]()
    for gap in gaps:
        at += gap
        lines.append((at, {"level": 50, "err": REFUSED, "msg": "redis error"}))
    report = report_of(in_order(lines))
    assert [(x["status"], x["cadence"], x["driver"]) for x in report["loops"]] == [("storm", "fixed", "timer")]
    (finding,) = [f for f in report["findings"] if f["rule"] == "retry-without-backoff"]
    assert (finding["confidence"], finding["title"]) == (
        "likely", "The retry has no backoff: 40 attempts, a median of 103 ms apart",
    )  # fmt: skip


def test_on_a_clock_of_seconds_no_picture_and_no_count_is_finer_than_the_clock() -> None:
    """A pm2 log of a program that ends while it is loaded: several ends in a second, and none between two of them."""
    said = "Error: no base58 character\n    at parse (/srv/app/parse.js:80:7)"
    lines = [f"2026-03-02T08:15:{second:02d}: {said}" for second in (26, 26, 26, 27, 27, 28)]
    report = report_of("\n".join(lines).encode())
    assert report["timeline"]["width_ms"] == 1_024 and sum(report["timeline"]["records"]) == 6
    assert all(lane["width_ms"] >= 1_024 for lane in report["lanes"])
    (loop,) = report["loops"]
    assert loop["timeline"]["width_ms"] == 1_024 and loop["gap_ms"] is None
    at_once = report_of("\n".join(line.replace(":27:", ":26:").replace(":28:", ":26:") for line in lines).encode())
    assert "failed 6 times within one tick of the clock" in at_once["headline"]


def test_three_gaps_are_no_jittered_backoff_however_they_grow() -> None:
    at, lines = 0, list[Line]()
    for gap in (0, 580, 129, 2_900):
        at += gap
        lines.append((at, {"level": 50, "err": REFUSED, "msg": "secret not found"}))
        lines.append((at + 3, {"level": 30, "msg": "image pulled"}))
    (loop,) = report_of(in_order(lines))["loops"]
    assert (loop["status"], loop["cadence"]) == ("loop", "irregular")


FEW = bytes_of(sample("healthy.jsonl")).splitlines(keepends=True)
FLOOD = bytes_of(sample("dashboard-flood.jsonl")).splitlines(keepends=True)


@pytest.mark.parametrize(
    "lines",
    [FEW + FLOOD, FEW[:200] + FLOOD, FLOOD + FEW, FEW + FLOOD[:-100], FEW + FLOOD[100:], FEW + FLOOD[:-300]],
    ids=["before", "fewer", "behind", "cut-at-its-end", "cut-at-its-beginning", "half-of-it"],
)
def test_a_few_attempts_that_succeed_leave_the_loop_what_it_is(lines: list[bytes]) -> None:
    report = report_of(b"".join(lines))
    texts = {s["id"]: s["text"] for s in report["signatures"]}
    [storm, *_] = report["loops"]
    failed = sum(b'"Failed to initialize dashboard"' in line for line in lines)
    assert (texts[storm["anchor"]], storm["iterations"]) == ("Failed to initialize dashboard", failed)
    assert [actor["id"] for actor in storm["actors"]["top"]] == ["user-A"]
    [code] = [f for f in report["findings"] if f["cause"] == "jwt-wrong-key"]
    assert code["role"] == "noise"


def access_log(*phases: tuple[int, int, int]) -> bytes:
    """(seconds, requests a second, status) one after the other, from seven addresses in turn, no path twice."""
    at, out = 0, []
    for seconds, rate, status in phases:
        for second in range(at, at + seconds):
            for n in range(rate):
                stamp = f"01/Mar/2026:10:{second // 60:02}:{second % 60:02} +0000"
                out.append(f'10.0.0.{n % 7} - - [{stamp}] "GET /api/items/{len(out)} HTTP/1.1" {status} 157 "-" "curl/8"\n')
        at += seconds
    return "".join(out).encode()


def test_an_outage_that_brings_no_more_requests_than_usual_is_no_loop() -> None:
    report = report_of(access_log((80, 10, 200), (30, 10, 502), (90, 10, 200)))
    assert not report["loops"]
    assert [f["role"] for f in report["findings"] if "502" in f["title"]] == ["root-cause"]


def test_an_outage_after_which_each_client_asks_far_more_often_is_a_storm() -> None:
    report = report_of(access_log((80, 10, 200), (30, 40, 502), (90, 10, 200)))
    assert [loop["status"] for loop in report["loops"]] == ["storm"]
