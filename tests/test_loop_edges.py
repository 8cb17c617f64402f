"""What is a loop and what only looks like one, on both sides of each line that is drawn; and how one ended."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import pytest
from drawn_logs import Line, in_order
from lab import report_of

FAILED = {"type": "Error", "code": "ECONNRESET", "message": "read ECONNRESET", "stack": "Error: read ECONNRESET\n    at x"}


def user(n: int) -> dict[str, str]:
    return {"userId": f"7d4f3a9e-21b0-4c1d-9f6a-0e5b8c2d{n:04x}"}


def conn(n: int) -> dict[str, str]:
    return {"connId": f"c{n * 7919:06x}f9"}


def loops(lines: Sequence[Line]) -> list[dict[str, Any]]:
    report = report_of(in_order(list(lines)))
    texts = {s["id"]: s["text"] for s in report["signatures"]}
    for loop in report["loops"]:
        loop["success"] = texts.get(loop["success"])
        loop["anchor"] = texts[loop["anchor"]]
        loop["signatures"] = [texts[s] for s in loop["signatures"]]
    found: list[dict[str, Any]] = report["loops"]
    return found


def the_loop(lines: Sequence[Line]) -> dict[str, Any]:
    (loop,) = loops(lines)
    return loop


def at_random(rng: random.Random, count: int, first: int, last: int) -> list[int]:
    return sorted(rng.randint(first, last) for _ in range(count))


# ---------------------------------------------------------------- the pace that a clock can show


def bursts(form: str) -> bytes:
    """Twelve refused connects within two seconds, an hour's lull, and again: on a clock of seconds, or of milliseconds."""
    rows = []
    for hour in range(6):
        for i in range(12):
            at = f"2026-03-02 {hour:02}:15:{30 + i // 6:02}" + form.format(i % 6 * 160)
            rows.append(f"{at} INFO connecting userId=u-7\n{at} ERROR connect ECONNREFUSED 10.0.3.17:5432 userId=u-7\n")
    return "".join(rows).encode()


def test_a_clock_of_seconds_shows_no_retry_at_once_though_lulls_make_the_mean_gap_long() -> None:
    report = report_of(bursts(""))
    assert [(loop["cadence"], loop["gap_ms"]) for loop in report["loops"]] == [("unknown", None)]
    assert "at once" not in report["headline"] and not any("0 ms" in f["title"] for f in report["findings"])


def test_the_same_bursts_on_a_clock_of_milliseconds_are_retried_at_once() -> None:
    assert [loop["cadence"] for loop in report_of(bursts(".{:03}"))["loops"]] == ["immediate"]


# ---------------------------------------------------------------- traffic that fails


def some_fail(share: float, who: bool = False, count: int = 200) -> list[Line]:
    """Attempts at random times, of which a share fails and the others are done; without a user, or of five."""
    rng = random.Random(round(100 * share))
    lines: list[Line] = []
    failing = [n < share * count for n in range(count)]
    rng.shuffle(failing)
    for n, at in enumerate(at_random(rng, count, 0, 120_000)):
        of = {**conn(n), **(user(n % 5) if who else {})}
        lines.append((at, {**of, "msg": "Export asked for"}))
        if failing[n]:
            lines.append((at + 9, {**conn(n), "level": 50, "err": FAILED, "msg": "Export failed"}))
        else:
            lines.append((at + 12, {**conn(n), "msg": "Export written"}))
    return lines


@pytest.mark.parametrize("who", [False, True], ids=["nobody-named", "five-users"])
@pytest.mark.parametrize(("share", "is_loop"), [(0.2, False), (0.4, False), (0.47, False), (0.55, True), (0.9, True)])
def test_where_most_attempts_succeed_the_others_are_traffic_that_fails(who: bool, share: float, is_loop: bool) -> None:
    assert [loop["anchor"] for loop in loops(some_fail(share, who))] == ["Export failed"] * is_loop


def outage(factor: float, before: int = 200) -> list[Line]:
    """Ten minutes of attempts at an even pace, then two in which each fails, so many times as often."""
    rng = random.Random(7)
    gap = 3_000
    lines: list[Line] = []
    times = [gap * n + rng.randint(0, 900) for n in range(before)]
    start = gap * before
    times += [start + round(gap / factor * n) + rng.randint(0, 300) for n in range(round(120_000 / gap * factor))]
    for n, at in enumerate(times):
        lines.append((at, {**conn(n), "msg": "Import begun"}))
        failed = {**conn(n), "level": 50, "err": FAILED, "msg": "Import failed"}
        lines.append((at + 8, failed if n >= before else {**conn(n), "msg": "Import stored"}))
    return lines


@pytest.mark.parametrize(("factor", "is_loop"), [(1.0, False), (1.3, False), (1.8, True), (4.0, True)])
def test_who_comes_no_more_often_while_all_fails_does_not_try_again(factor: float, is_loop: bool) -> None:
    assert len(loops(outage(factor))) == is_loop


def test_a_log_that_shows_too_little_of_the_time_before_says_nothing_of_the_pace() -> None:
    assert len(loops(outage(1.0, before=9))) == 1
    assert len(loops(outage(1.0, before=40))) == 0


@pytest.mark.parametrize(("done", "is_loop"), [(110, False), (70, False), (50, True), (5, True)])
def test_a_user_whose_other_calls_go_well_all_the_time_is_in_no_loop(done: int, is_loop: bool) -> None:
    rng = random.Random(done)
    lines: list[Line] = [
        (1_000 * n, {**user(0), **conn(n), "level": 50, "err": FAILED, "msg": "Preview failed"}) for n in range(20)
    ]
    lines += [(at, {**user(0), "msg": "Order stored"}) for at in at_random(rng, done, 100, 18_900)]
    assert len(loops(lines)) == is_loop


@pytest.mark.parametrize(("each", "is_loop"), [(1, False), (2, True), (4, True)])
def test_an_outage_that_many_meet_once_is_no_loop_and_one_they_meet_again_is(each: int, is_loop: bool) -> None:
    lines = [
        (700 * n + 41 * who + 9_000 * (who % 3), {**user(who), "level": 50, "err": FAILED, "msg": "Sign-in failed"})
        for who in range(40)
        for n in range(each)
    ]
    assert len(loops(lines)) == is_loop


def test_requests_that_nobody_is_named_for_are_traffic() -> None:
    lines: list[Line] = []
    for n, at in enumerate(at_random(random.Random(2), 60, 0, 60_000)):
        lines.append((at, {"reqId": f"r-{n:05x}9c", "level": 50, "err": FAILED, "msg": "Page not built"}))
    assert loops(lines) == []


@pytest.mark.parametrize(("status", "who", "is_loop"), [(404, False, False), (404, True, True), (429, True, True), (503, True, True)])  # fmt: skip
def test_a_bare_answer_is_a_loop_where_one_user_gets_it_again_and_again(status: int, who: bool, is_loop: bool) -> None:
    lines: list[Line] = []
    for n in range(40):
        of = user(0) if who else {}
        answer = {**of, "reqId": f"r-{n:05x}9c", "res": {"statusCode": status}, "msg": "request completed"}
        lines.append((900 * n, answer))
    assert len(loops(lines)) == is_loop


@pytest.mark.parametrize(("failing", "is_loop"), [(3, False), (4, False), (6, True), (9, True)])
def test_an_answer_that_most_requests_of_its_line_do_not_get_is_traffic(failing: int, is_loop: bool) -> None:
    lines: list[Line] = []
    for n in range(120):
        status = 500 if n * 7 % 10 < failing else 200
        lines.append((600 * n, {**user(n % 2), "res": {"statusCode": status}, "msg": "request completed"}))
    assert len(loops(lines)) == is_loop


@pytest.mark.parametrize(("mean_ms", "is_loop"), [(12_000, False), (6_500, False), (1_500, True)])
def test_a_failure_by_itself_with_uneven_gaps_of_seconds_is_now_and_then(mean_ms: int, is_loop: bool) -> None:
    rng = random.Random(3)
    at, lines = 0, []
    for _ in range(19):
        lines.append((at, {"level": 50, "err": FAILED, "msg": "Watcher restarted"}))
        at += rng.choice((mean_ms // 2, mean_ms, mean_ms, 2 * mean_ms))
    assert len(loops(lines)) == is_loop


@pytest.mark.parametrize(("count", "gap", "is_loop"), [(5, 10, False), (9, 12, False), (9, 14, True), (12, 5, True)])
def test_a_few_lines_within_a_tenth_of_a_second_are_one_failure(count: int, gap: int, is_loop: bool) -> None:
    lines = [(5_000 + gap * n, {**user(0), "level": 50, "err": FAILED, "msg": "Batch lost"}) for n in range(count)]
    assert len(loops(lines)) == is_loop


# ---------------------------------------------------------------- who drives it


def test_who_drives_it_is_found_on_an_access_line_beside_the_loop() -> None:
    """Nothing of the attempt names the client; the line of its request does, once for each attempt."""
    lines: list[Line] = []
    for n in range(30):
        for client in range(2):
            at = 1_000 * n + 480 * client
            lines.append((at, {"client": f"key-{client}a7f3c", "msg": "GET /stream"}))
            lines.append((at + 200 + 7 * (n % 3), {"level": 50, "err": FAILED, "msg": "Stream broke"}))
    loop = the_loop(lines)
    assert loop["iterations"] == 60 and loop["actors"]["key"] == "client" and loop["actors"]["distinct"] == 2


def test_an_id_that_is_new_in_each_attempt_is_no_actor() -> None:
    lines = [(900 * n, {**conn(n), "level": 50, "err": FAILED, "msg": "Stream broke"}) for n in range(30)]
    assert the_loop(lines)["actors"] is None


@pytest.mark.parametrize(("named", "found"), [(30, True), (16, True), (14, False)])
def test_an_id_on_half_of_the_failures_names_the_actor(named: int, found: bool) -> None:
    lines: list[Line] = []
    for n in range(30):
        of = user(0) if n % 2 and n // 2 < named or (not n % 2 and n // 2 < named - 15) else {}
        lines.append((900 * n, {**of, "level": 50, "err": FAILED, "msg": "Stream broke"}))
    assert sum("userId" in fields for _, fields in lines) == named
    assert (the_loop(lines)["actors"] is not None) == found


# ---------------------------------------------------------------- how it ended


def attempts(users: int, rounds: int, *, gap: int = 1_000, entry: bool = True) -> list[Line]:
    lines: list[Line] = []
    for who in range(users):
        for n in range(rounds):
            at, of = gap * n + 83 * who, {**user(who), **conn(100 * who + n)}
            if entry:
                lines.append((at, {**of, "msg": "Socket opened"}))
            lines.append((at + 20, {**of, "level": 50, "err": FAILED, "msg": "Socket lost"}))
    return lines


def goes_on(until: int) -> list[Line]:
    return [(at, {"msg": "Queue depth checked", "depth": at % 7}) for at in range(0, until, 700)]


def well(who: int, at: int, n: int = 99) -> list[Line]:
    of = {**user(who), **conn(100 * who + n)}
    return [(at, {**of, "msg": "Socket opened"}), (at + 25, {**of, "msg": "Socket ready"})]


@pytest.mark.parametrize(("recovered", "outcome"), [(10, "recovered"), (9, "recovered"), (8, "ceased"), (3, "ceased")])
def test_a_loop_has_recovered_when_nine_of_ten_of_its_actors_have(recovered: int, outcome: str) -> None:
    lines = attempts(10, 12)
    for who in range(recovered):
        lines += well(who, 12_000 + 83 * who)
    loop = the_loop([*lines, *goes_on(60_000)])
    assert loop["outcome"] == outcome and loop["success_tied"] == (outcome == "recovered")
    assert loop["success"] == ("Socket ready" if outcome == "recovered" else None)
    assert loop["iterations_until_success"] == (12 if outcome == "recovered" else None)


@pytest.mark.parametrize(("among", "outcome"), [(1, "recovered"), (3, "recovered"), (4, "ceased"), (9, "ceased")])
def test_what_a_failing_actor_writes_now_and_then_all_the_time_is_no_success(among: int, outcome: str) -> None:
    lines = attempts(1, 30)
    for n in range(among):
        lines += [(1_500 + 3_000 * n, {**user(0), "msg": "Socket ready"})]
    loop = the_loop([*lines, *well(0, 30_000), *goes_on(60_000)])
    assert loop["outcome"] == outcome


@pytest.mark.parametrize(("after", "outcome"), [(300, "ceased"), (600, "recovered")])
def test_where_nothing_begins_an_attempt_the_next_one_must_have_been_due(after: int, outcome: str) -> None:
    lines = attempts(1, 20, entry=False)
    lines.append((19_020 + after, {**user(0), "msg": "Profile shown"}))
    assert the_loop([*lines, *goes_on(60_000)])["outcome"] == outcome


def test_attempts_until_success_are_those_of_the_middle_actor() -> None:
    lines: list[Line] = []
    for who, rounds in enumerate((6, 9, 30)):
        lines += [
            (at + 40 * who, {**fields, **user(who), **conn(100 * who + n // 2)})
            for n, (at, fields) in enumerate(attempts(1, rounds))
        ]
        lines += well(who, 1_000 * rounds + 40 * who)
    loop = the_loop([*lines, *goes_on(60_000)])
    assert (loop["iterations"], loop["outcome"], loop["iterations_until_success"]) == (45, "recovered", 9)


def without_ids(count: int, *, entry: bool = True, gap: int = 1_000) -> list[Line]:
    lines: list[Line] = []
    for n in range(count):
        if entry:
            lines.append((gap * n, {"msg": "Dialing the broker"}))
        lines.append((gap * n + 40, {"level": 50, "err": FAILED, "msg": "Broker away"}))
    return lines


@pytest.mark.parametrize(("lag", "outcome"), [(45, "recovered"), (180, "recovered"), (400, "ceased")])
def test_without_ids_success_stands_where_the_failure_would_have(lag: int, outcome: str) -> None:
    lines = [*without_ids(20), (20_000, {"msg": "Dialing the broker"}), (20_000 + lag, {"msg": "Broker connected"})]
    loop = the_loop([*lines, (60_000, {"msg": "Nightly report written"})])
    assert loop["outcome"] == outcome and not loop["success_tied"]
    assert loop["success"] == ("Broker connected" if outcome == "recovered" else None)


def test_an_attempt_that_the_log_ends_in_may_still_fail() -> None:
    lines = [*without_ids(20), (20_000, {"msg": "Dialing the broker"}), (20_010, {"msg": "Broker greets"})]
    assert the_loop(lines)["outcome"] == "ongoing"


@pytest.mark.parametrize("seen", [0, 2, 3, 4, 9])
def test_a_line_that_is_seen_among_the_failures_is_no_success_there(seen: int) -> None:
    lines = [*without_ids(30), (30_000, {"msg": "Dialing the broker"}), (30_045, {"msg": "Broker connected"})]
    lines += [(1_500 + 2_000 * n, {"msg": "Broker connected"}) for n in range(seen)]
    loop = the_loop([*lines, (60_000, {"msg": "Nightly report written"})])
    assert (loop["outcome"] == "recovered") == (seen <= 3)


@pytest.mark.parametrize(("off", "outcome"), [(0, "recovered"), (90, "recovered"), (-90, "recovered"), (-130, "ceased")])  # fmt: skip
def test_without_a_beginning_success_comes_when_the_next_attempt_is_due(off: int, outcome: str) -> None:
    lines = [*without_ids(20, entry=False), (20_040 + off, {"msg": "Broker connected"})]
    loop = the_loop([*lines, (60_000, {"msg": "Nightly report written"})])
    assert loop["outcome"] == outcome


@pytest.mark.parametrize(
    ("late", "said", "times", "outcome"),
    [
        (300, "Broker connected", 1, "recovered"),
        (600, "Broker connected", 1, "ceased"),
        (300, "Mail sent", 1, "ceased"),
        (300, "Broker connected", 4, "ceased"),
    ],
)
def test_a_success_may_take_longer_than_a_refusal(late: int, said: str, times: int, outcome: str) -> None:
    lines = [*without_ids(20, entry=False), *((20_040 + late + 9_000 * n, {"msg": said}) for n in range(times))]
    assert the_loop([*lines, (60_000, {"msg": "Nightly report written"})])["outcome"] == outcome
    assert the_loop([*lines[:21], (20_040 + late + 900, {"msg": "Nightly report written"})])["outcome"] == "ongoing"


def test_of_two_lines_on_time_the_one_of_the_failures_own_logger_tells_the_success() -> None:
    failed = [(at, {**fields, "logger": "broker"}) for at, fields in without_ids(20, entry=False)]
    marks: list[Line] = [(20_041, {"logger": "mail", "msg": "Mail sent"}), (20_060, {"logger": "broker", "msg": "Connected"})]
    assert the_loop([*failed, *marks, (60_000, {"msg": "Nightly report written"})])["success"] == "Connected"


def test_of_growing_pauses_the_next_is_expected_to_grow_too() -> None:
    at, lines = 0, []
    for n in range(9):
        lines.append((at, {"level": 50, "err": FAILED, "msg": "Broker away"}))
        at += 500 * (n + 1)
    end: Line = (at + 60_000, {"msg": "Nightly report written"})
    assert the_loop([*lines, (at, {"msg": "Broker connected"}), end])["outcome"] == "recovered"
    assert the_loop([*lines, (at - 1_000, {"msg": "Broker connected"}), end])["outcome"] != "recovered"


@pytest.mark.parametrize(("silence", "outcome"), [(1_500, "ongoing"), (2_900, "ongoing"), (3_200, "ceased"), (20_000, "ceased")])
def test_three_pauses_of_silence_end_a_loop(silence: int, outcome: str) -> None:
    lines: list[Line] = attempts(1, 20)
    assert the_loop([*lines, (19_020 + silence, {"msg": "Queue depth checked"})])["outcome"] == outcome


@pytest.mark.parametrize(("after", "told"), [(900, True), (2_500, True), (400_000, False)])
def test_a_process_that_is_ended_long_after_the_last_failure_has_not_ended_the_loop(after: int, told: bool) -> None:
    loop = the_loop([*attempts(1, 20), (19_020 + after, {"msg": "Received SIGTERM"}), *goes_on(500_000)])
    assert loop["outcome"] == "ceased" and (loop["ended_by"] is not None) == told


def test_a_line_that_ends_the_process_and_is_written_late_stands_where_its_time_says() -> None:
    """Its time lies among the failures: something was ended and started again."""
    late = [*attempts(1, 20), (19_100, {"msg": "Received SIGTERM", "time": 1_760_000_000_000 + 9_500})]
    assert the_loop(late)["outcome"] == "ongoing"


# ---------------------------------------------------------------- status


def test_a_slow_loop_whose_rate_rises_is_a_storm() -> None:
    slow = [30_000 * n for n in range(15)]
    fast = [450_000 + 4_000 * n for n in range(15)]
    quiet = goes_on(600_000)

    def status(times: list[int]) -> str:
        lines: list[Line] = [*quiet]
        for n, at in enumerate(times):
            lines.append((at, {**user(0), **conn(n), "level": 50, "err": FAILED, "msg": "Socket lost"}))
        found: str = the_loop(lines)["status"]
        return found

    assert status([*slow, *fast]) == "storm"
    assert status([20_000 * n for n in range(30)]) == "loop"


@pytest.mark.parametrize("said", ["Backing off before the next try", "reconnecting after a delay", "Back-off restarting failed container"])
def test_a_loop_of_uneven_gaps_that_says_it_waits_is_a_backoff(said: str) -> None:
    rng = random.Random(5)
    at, lines = 0, []
    for n in range(30):
        lines.append((at, {**user(0), **conn(n), "msg": said}))
        lines.append((at + 5, {**user(0), **conn(n), "level": 50, "err": FAILED, "msg": "Socket lost"}))
        at += rng.choice((90, 400, 900, 2_500))
    loop = the_loop(lines)
    assert loop["cadence"] in ("irregular", "unknown") and loop["status"] == "backoff"
    silent = [(when, {**fields, "msg": fields["msg"].replace(said, "Socket opened")}) for when, fields in lines]
    assert the_loop(silent)["status"] != "backoff"


def test_a_loop_that_says_it_waits_is_a_backoff_also_where_the_clock_shows_no_gaps() -> None:
    rows = []
    for n in range(60):
        rows += [f"2026-11-23 10:{n // 60:02d}:{n % 60:02d} WARNING worker: backing off", f"2026-11-23 10:{n // 60:02d}:{n % 60:02d} ERROR worker: job failed: [Errno 111] Connection refused"]
    (loop,) = report_of("\n".join([*rows, ""]).encode())["loops"]
    assert (loop["cadence"], loop["status"]) == ("unknown", "backoff")


@pytest.mark.parametrize(("count", "gap", "status"), [(24, 20, "loop"), (59, 20, "loop"), (61, 20, "storm"), (59, 60, "storm")])
def test_a_short_burst_that_nothing_names_a_driver_of_may_be_one_event(count: int, gap: int, status: str) -> None:
    lines: list[Line] = []
    for n in range(count):
        lines += [(gap * n, {"msg": "Opening the next file"}), (gap * n + 3, {"level": 50, "err": FAILED, "msg": "File not rotated"})]
    assert the_loop([*lines, *goes_on(60_000)])["status"] == status


@pytest.mark.parametrize(("gap", "status"), [(59_000, "storm"), (61_000, "loop")])
def test_a_schedule_of_minutes_is_no_storm_whatever_its_share(gap: int, status: str) -> None:
    lines: list[Line] = []
    for n in range(110):
        lines.append((gap * n, {**user(0), "msg": "Backup begun"}))
        lines.append((gap * n + 50, {**user(0), "level": 50, "err": FAILED, "msg": "Backup failed"}))
    assert the_loop(lines)["status"] == status
