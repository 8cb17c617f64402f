"""How sure a cause is, what is told together, how urgent it is, and what began it: on both sides of each line drawn."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import pytest
from drawn_logs import Line, in_order, traffic
from lab import report_of
from told_logs import MISSING, OPAQUE, OWN, REDIS, REFUSED, TIMEOUT, closed, ids, opened, rounds


def report(*parts: Sequence[Line]) -> dict[str, Any]:
    return report_of(in_order([line for part in parts for line in part]))


def told(found: dict[str, Any], **wanted: str) -> list[dict[str, Any]]:
    """The findings with these values, with the texts of their signatures."""
    texts = {s["id"]: s["text"] for s in found["signatures"]}
    chosen = [f for f in found["findings"] if all(f[key] == value for key, value in wanted.items())]
    return [{**f, "signatures": [texts[s] for s in f["signatures"]]} for f in chosen]


def one(found: dict[str, Any], **wanted: str) -> dict[str, Any]:
    (chosen,) = told(found, **wanted)
    return chosen


def idle(until: int, every: int = 700) -> list[Line]:
    return [(at, {"msg": "Queue depth checked", "depth": at % 7}) for at in range(0, until, every)]


def fails(count: int, gap: int, message: str, error: dict[str, Any] | None = None, start: int = 0, **fields: Any) -> list[Line]:
    level = fields.pop("level", 50)
    return [(start + gap * n, {"level": level, **({"err": error} if error else {}), **fields, "msg": message}) for n in range(count)]


def failing(error: dict[str, Any], **fields: Any) -> tuple[int, dict[str, Any]]:
    return 25, {"level": 50, "err": error, **fields, "msg": "Session failed"}


# ---------------------------------------------------------------- how sure


def test_a_cause_is_proven_where_a_line_of_the_same_attempt_shows_it_and_likely_by_itself() -> None:
    alone = one(report(rounds(30, 900, opened(), failing(REFUSED))), role="root-cause")
    assert alone["confidence"] == "likely" and alone["signatures"] == ["Session failed"]
    thrown = (20, {"level": 50, "err": REFUSED, "msg": "Query failed"})
    both = one(report(rounds(30, 900, opened(), thrown, failing({"type": "LoadError", "message": "no agents"}))), role="root-cause")
    assert both["confidence"] == "proven" and set(both["signatures"]) == {"Query failed", "Session failed"}
    assert "One failure is logged in 2 lines" in both["summary"]
    assert any("they share an attempt's id (30 of 30 lines)" in said["text"] for said in both["for"])


def test_what_no_rule_knows_is_likely_by_a_code_and_possible_without() -> None:
    coded, bare = rounds(30, 900, failing(OWN)), rounds(30, 900, (25, {"level": 50, "msg": "Session failed"}))
    assert one(report(coded), role="root-cause")["confidence"] == "likely"
    assert one(report(bare), role="root-cause")["confidence"] == "possible"


@pytest.mark.parametrize(("gap", "confidence"), [(2_500, "corroborated"), (0, "likely")])
def test_the_same_error_on_a_clock_of_its_own_corroborates_a_cause(gap: int, confidence: str) -> None:
    loop = rounds(40, 300, opened(), failing(REFUSED), closed(30))
    pings = fails(6, gap, "Heartbeat failed", REFUSED, 9_400, component="heartbeat") if gap else []
    found = one(report(loop, pings), role="root-cause")
    assert found["confidence"] == confidence
    assert [o["component"] for o in found["observers"]] == (["heartbeat"] if gap else [])
    assert len(found["loops"]) == (2 if gap else 1)


# ---------------------------------------------------------------- what is one


@pytest.mark.parametrize(
    ("other", "findings"),
    [
        (REFUSED, 1),
        ({"type": "Error", "code": "ECONNREFUSED", "message": "connect ECONNREFUSED 10.0.0.6:5432"}, 2),
        (REDIS, 2),
        (MISSING, 2),
    ],
    ids=["same-address", "other-address", "other-service", "other-cause"],
)  # fmt: skip
def test_two_failures_are_one_cause_where_code_service_and_address_are_the_same(other: dict[str, Any], findings: int) -> None:
    loops = rounds(30, 900, opened(), failing(REFUSED)), fails(8, 2_100, "Mail not sent", other, 11_000, component="mail")
    found = told(report(*loops), role="root-cause")
    assert len(found) == findings
    assert ("Mail not sent" in found[0]["signatures"]) == (findings == 1)


def test_an_answer_behind_an_error_of_its_attempt_is_told_with_it() -> None:
    answer = (30, {"level": 30, "res": {"statusCode": 503}, "responseTime": 30, "msg": "request completed"})
    found = one(report(rounds(30, 2_000, opened(), failing(REFUSED), answer)), role="root-cause")
    assert found["signatures"] == ["Session failed", "request completed"]
    assert "Postgres" in found["title"]


def test_the_same_words_make_two_failures_one_only_where_they_name_something() -> None:
    said = {"type": "Error", "message": "the basket could not be settled today"}
    named = {**said, "code": "E_TILL_SHUT"}

    def together(error: dict[str, Any]) -> bool:
        mail, push = fails(6, 9_000, "Mail not sent", error, 1_000), fails(6, 11_000, "Push not sent", error, 5_300)
        found = told(report([(at + at % 1_700, fields) for at, fields in (*mail, *push)], idle(90_000)), role="root-cause")
        return len(found) == 1

    assert together(named) and not together(said)


def test_of_an_error_of_several_lines_the_first_is_quoted() -> None:
    error = {"type": "QueryError", "message": "no plan for the query\nSELECT *\nFROM baskets"}
    found = one(report(rounds(30, 900, opened(), failing(error))), role="root-cause")
    assert found["title"] == "`Session failed` fails: no plan for the query"


def test_five_errors_that_no_rule_knows_are_findings_and_the_rest_one_observation() -> None:
    words = "Invoice Ledger Basket Courier Voucher Stamp Parcel".split()
    rng = random.Random(1)
    lines: list[Line] = [(rng.randrange(900_000), {"level": 50, "msg": f"{word} torn"}) for n, word in enumerate(words) for _ in range(2 * (9 - n))]
    lines += [(rng.randrange(900_000), {"level": 40, "msg": "Tariff is old"}) for _ in range(4)]
    found = report(lines, idle(900_000, 5_000))
    assert [f["signatures"] for f in told(found, role="root-cause")] == [[f"{word} torn"] for word in words[:5]]
    assert len({f["fingerprint"] for f in found["findings"]}) == len(found["findings"]) == 7
    rest, warned = told(found, role="observation")
    if rest["severity"] == "info":
        rest, warned = warned, rest
    assert rest["title"] == "2 kinds of errors that no rule knows" and rest["signatures"] == ["Stamp torn", "Parcel torn"]
    assert warned["title"] == "1 kind of warnings that no rule knows" and warned["signatures"] == ["Tariff is old"]
    assert (rest["severity"], warned["severity"]) == ("low", "info")
    assert [said["text"] for said in rest["for"]] == ["`Stamp torn`", "`Parcel torn`"]


# ---------------------------------------------------------------- what may lie behind an opaque failure


def opaque() -> list[Line]:
    return rounds(40, 500, opened(), OPAQUE, closed(30))


@pytest.mark.parametrize(
    ("start", "count", "near"), [(500, 1, True), (-1_000, 1, False), (39_000, 1, True), (41_500, 1, False), (12_000, 4, True)]
)
def test_a_fault_within_ten_seconds_of_the_loop_may_be_what_it_hides(start: int, count: int, near: bool) -> None:
    """The loop runs from 10 to 29.5 s of the log."""
    lines = [*opaque(), *idle(70_000), *fails(count, 1_700, "Mail not sent", MISSING, start)]
    found = report([(at + 2_000, fields) for at, fields in lines])
    assert bool(told(found, role="hypothesis")) == near
    if near:
        about = one(found, role="hypothesis")
        inside = count if start >= 10_000 and start < 30_000 else 0
        assert f"{inside} of {count} in the loop's time" in about["for"][0]["text"]
        assert about["title"].endswith("it may be what `Session failed` hides")


@pytest.mark.parametrize(("outside", "near"), [(3, True), (5, False)])
def test_a_fault_most_of_whose_lines_lie_elsewhere_is_no_hypothesis(outside: int, near: bool) -> None:
    inside = fails(4, 1_700, "Mail not sent", MISSING, 12_000)
    found = report(opaque(), idle(400_000), inside, fails(outside, 23_000, "Mail not sent", MISSING, 200_000))
    assert bool(told(found, role="hypothesis")) == near


@pytest.mark.parametrize("shared", [0, 3])
def test_how_many_attempts_share_an_id_with_a_hypothesis_is_said(shared: int) -> None:
    lines = [(10_010 + 500 * n, {"level": 50, **(ids(n) if n < shared else {}), "err": MISSING, "msg": "Mail not sent"}) for n in range(12)]
    about = one(report(opaque(), lines), role="hypothesis")
    said = about["against"][0]["text"]
    assert said.startswith("only 3 of 40 lines of `Session failed`" if shared else "no line of it shares")


def test_a_clients_own_error_explains_no_fault_of_the_service() -> None:
    answers = [(12_000 + 900 * n, {"res": {"statusCode": 404}, "msg": "request completed"}) for n in range(6)]
    assert told(report(opaque(), answers), role="hypothesis") == []


# ---------------------------------------------------------------- how urgent


@pytest.mark.parametrize(
    ("rounds_made", "level", "severity"), [(30, 50, "critical"), (12, 50, "high"), (12, 40, "medium")], ids=["storm", "loop", "warnings"]
)
def test_the_cause_of_a_storm_is_critical_of_a_loop_high_and_of_warnings_medium(rounds_made: int, level: int, severity: str) -> None:
    found = report(rounds(rounds_made, 600, opened(), (25, {"level": level, "err": REFUSED, "msg": "Session failed"})))
    assert one(found, role="root-cause")["severity"] == severity


@pytest.mark.parametrize(
    ("level", "error", "severity"),
    [(60, MISSING, "high"), (50, MISSING, "medium"), (20, MISSING, "low"), (50, None, "medium"), (40, OWN, "low")],
)
def test_a_fault_outside_loops_is_as_urgent_as_its_level_says(level: int, error: dict[str, Any] | None, severity: str) -> None:
    found = report(fails(1, 1, "Report not written", error, 30_000, level=level), idle(60_000))
    assert [f["severity"] for f in told(found, role="root-cause")] == [severity]


@pytest.mark.parametrize(("lines", "severity"), [(2, "high"), (1, "medium")])
def test_a_fault_of_a_tenth_of_the_log_is_high(lines: int, severity: str) -> None:
    found = report(fails(lines, 7_000, "Report not written", MISSING, 100), idle(20 * 700 - lines * 700))
    assert found["input"]["lines"] == 20
    assert one(found, role="root-cause")["severity"] == severity


@pytest.mark.parametrize(("count", "verdict"), [(99, "faults"), (100, "faults"), (101, "flood")])
def test_more_than_half_of_two_hundred_records_are_a_flood(count: int, verdict: str) -> None:
    rng = random.Random(2)
    lines: list[Line] = [(rng.randrange(3_000_000), {"level": 50, "msg": "Disk is slow"}) for _ in range(count)]
    found = report(lines, [(rng.randrange(3_000_000), {"msg": "Disk was read"}) for _ in range(200 - count)])
    assert found["verdict"] == verdict
    assert [s["floods"] for s in found["signatures"] if s["failure"]] == [verdict == "flood"]
    assert found["headline"] == "`Disk is slow` fails."


@pytest.mark.parametrize(("burst", "verdict"), [(20, "faults"), (300, "flood")])
def test_a_failure_at_ten_times_its_own_rate_is_a_flood(burst: int, verdict: str) -> None:
    rng = random.Random(4)
    lines: list[Line] = [(rng.randrange(3_600_000), {"level": 50, "msg": "Disk is slow"}) for _ in range(260)]
    lines += [(1_800_000 + rng.randrange(20_000), {"level": 50, "msg": "Disk is slow"}) for _ in range(burst)]
    found = report(lines, idle(3_600_000, 4_000))
    assert found["verdict"] == verdict
    assert [s["floods"] for s in found["signatures"] if s["failure"]] == [verdict == "flood"]


# ---------------------------------------------------------------- what began it, and what keeps it up


@pytest.mark.parametrize(("before", "kind"), [(4_900, "startup"), (5_200, None), (100, "startup")])
def test_a_loop_within_five_seconds_of_a_start_follows_it(before: int, kind: str | None) -> None:
    start: list[Line] = [(10_025 - before, {"msg": "Server listening at http://0.0.0.0:3000"})]
    (loop,) = report(start, rounds(30, 900, opened(), failing(REFUSED)))["loops"]
    assert (loop["trigger"] and loop["trigger"]["kind"]) == kind


@pytest.mark.parametrize(("before", "new"), [(29_000, True), (31_000, False), (-500, False)])
def test_a_failure_that_was_new_within_half_a_minute_before_began_it(before: int, new: bool) -> None:
    found = report(idle(60_000), [(40_025 - before, {"level": 50, "err": MISSING, "msg": "Report not written"})],
                   [(at + 30_000, fields) for at, fields in rounds(30, 900, opened(), failing(REFUSED))])  # fmt: skip
    trigger = found["loops"][0]["trigger"]
    assert (trigger is not None) == new
    if new:
        assert trigger["kind"] == "new-failure" and trigger["text"] == "`Report not written` was new 29 s before"


@pytest.mark.parametrize(("gap", "who", "kept_up"), [
    (3_000, False, "a timer that does not look at the outcome, every 3 s"),
    (3_000, True, "a retry without backoff, 3 s after the one before"),
    (61_000, True, "a timer that does not look at the outcome, every 1 min 01 s"),
])  # fmt: skip
def test_what_keeps_a_loop_up_is_a_timer_or_a_retry(gap: int, who: bool, kept_up: str) -> None:
    lines = [(gap * n, {**({"userId": "u-17"} if who else {}), "level": 50, "err": TIMEOUT, "msg": "Poll failed"}) for n in range(12)]
    (loop,) = report(lines)["loops"]
    assert loop["sustained_by"] == kept_up


@pytest.mark.parametrize("says", ["Poll failed, retrying in 3s (attempt 1)", "Poll failed, attempt #4"])
def test_a_loop_that_calls_itself_a_retry_is_no_timer(says: str) -> None:
    (loop,) = report([(3_000 * n, {"level": 50, "err": TIMEOUT, "msg": says}) for n in range(12)])["loops"]
    assert loop["sustained_by"] == "a retry with a fixed pause, by its own words, every 3 s"


@pytest.mark.parametrize(("after", "role"), [(2_900, "symptom"), (3_600, "root-cause")])
def test_what_comes_once_and_soon_behind_the_last_attempt_only_follows_it(after: int, role: str) -> None:
    lines = fails(25, 1_000, "Poll failed", TIMEOUT)
    lost: list[Line] = [(24_000 + after, {"level": 50, "msg": "Poller is lost"})]
    found = report(lines, lost, [(at + 130, fields) for at, fields in idle(60_000)])
    (about,) = [f for f in told(found) if f["signatures"] == ["Poller is lost"]]
    assert about["role"] == role


def test_the_questions_ask_for_the_dependency_by_its_name() -> None:
    asked = {q["id"]: q["text"] for q in report(rounds(30, 900, opened(), failing(REFUSED)))["questions"]}
    assert asked["dependency-expected"].startswith("Is Postgres meant to run and be reachable here?")
    assert "(`Session opened`)" in asked["refuse-early"] and "next-failure" in asked
    hidden = {q["id"]: q["text"] for q in report(opaque())["questions"]}
    assert hidden["hidden-cause"] == "What did `Session failed` catch? Nothing in the log tells."


def test_ordinary_traffic_beside_a_loop_changes_nothing_of_its_cause() -> None:
    loop = rounds(30, 900, opened(), failing(REFUSED))
    quiet, busy = report(loop), report(loop, traffic(random.Random(6), 0, 60_000, 400))
    assert [f["fingerprint"] for f in quiet["findings"]] == [f["fingerprint"] for f in busy["findings"]]
    assert {f["title"] for f in quiet["findings"]} == {f["title"] for f in busy["findings"]}
