"""What is said of a loop at the edges: in lockstep or not, the client's affair or not, what each sentence rests on."""

from __future__ import annotations

import random

import pytest
from drawn_logs import Line, in_order
from lab import report_of, report_on, sample

from floodscan.loops.actors import Actor, Actors
from floodscan.loops.status import lockstep
from floodscan.model import Gap


def actor(rank: int, times: list[int]) -> Actor:
    return Actor(f"u-{rank}", rank, len(times), (tuple((at, at) for at in times),))


def in_step(gap: int, *times: list[int]) -> bool:
    actors = Actors("userId", "", len(times), False, tuple(actor(n, one) for n, one in enumerate(times)))
    return lockstep(actors, Gap(gap, gap, gap))


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
    assert not lockstep(None, Gap(1_000, 1_000, 1_000))


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
