"""What a report must not say: logs that look like a success, a doubling, a retry or a proof, and are none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from drawn_logs import Line, in_order
from lab import bytes_of, report_of, sample, scanned

from floodscan.reports import words

REFUSED = {
    "type": "Error",
    "message": "connect ECONNREFUSED 10.0.0.5:5432",
    "code": "ECONNREFUSED",
    "stack": "Error: x",
}
INCIDENT = bytes_of(sample("dashboard-flood.jsonl")).splitlines(keepends=True)


def rules(report: dict[str, Any]) -> set[str]:
    return {f["rule"] for f in report["findings"]}


def the_loop(report: dict[str, Any]) -> dict[str, Any]:
    (loop,) = report["loops"]
    return dict(loop)


@pytest.mark.parametrize("lines", range(100, 700, 37))
def test_a_log_that_is_cut_off_in_a_storm_knows_no_success_and_counts_the_same_line(lines: int) -> None:
    report = report_of(b"".join(INCIDENT[:lines]))
    texts = {s["id"]: s["text"] for s in report["signatures"]}
    loop = report["loops"][0]
    assert texts[loop["anchor"]] == "Failed to initialize dashboard"
    assert loop["outcome"] in ("ongoing", "ceased")


@pytest.mark.parametrize("length", range(30_000, 120_000, 12_345))
def test_the_fragment_that_a_log_ends_in_is_no_success(length: int) -> None:
    for loop in report_of(b"".join(INCIDENT)[:length])["loops"]:
        assert loop["outcome"] in ("ongoing", "ceased")


def attempts(last: Line | None) -> list[Line]:
    """One user's failing attempts amid a timer's lines, then one that does not fail, and what comes after it."""
    lines: list[Line] = [(at, {"msg": "Checked queue depth", "depth": at}) for at in range(0, 40_000, 900)]
    for number in range(30):
        who = {"userId": "u-17", "connectionId": f"c{number:04d}-77aa"}
        lines.append((10_000 + 200 * number, {**who, "msg": "Dashboard connection opened"}))
        lines.append((10_020 + 200 * number, {**who, "level": 50, "err": REFUSED, "msg": "Dashboard load failed"}))
    lines.append((16_180, {"userId": "u-17", "connectionId": "c0031-77aa", "msg": "Dashboard connection opened"}))
    return [*lines, last] if last else lines


def test_an_attempt_that_hangs_has_not_recovered_whatever_is_logged_later() -> None:
    report = report_of(in_order(attempts((19_180, {"msg": "Nightly report written", "file": "r.pdf"}))))
    assert the_loop(report)["outcome"] == "ceased" and "succeeded" not in report["headline"]


def test_an_attempt_that_goes_on_where_it_failed_has_recovered() -> None:
    went_on = (16_203, {"userId": "u-17", "connectionId": "c0031-77aa", "msg": "Dashboard loaded"})
    report = report_of(in_order(attempts(went_on)))
    assert the_loop(report)["outcome"] == "recovered" and ", then succeeded" in report["headline"]


@pytest.mark.parametrize("last", ["Giving up: poller disabled until restart", "Poller stopped, max retries reached"])
def test_a_client_that_gives_up_has_not_recovered(last: str) -> None:
    lines: list[Line] = []
    for number in range(30):
        lines.append((1_000 * number, {"level": 50, "err": REFUSED, "msg": "Worker poll failed"}))
        lines.append((1_000 * number + 300, {"msg": "Checked queue depth", "depth": number}))
    lines.append((30_000, {"msg": last}))
    lines += [(31_000 + 1_000 * number, {"msg": "Checked queue depth", "depth": number}) for number in range(30)]
    assert the_loop(report_of(in_order(lines)))["outcome"] == "ceased"


def test_what_only_took_the_failures_place_is_said_to_be_apparent() -> None:
    lines: list[Line] = [(1_000 * n, {"level": 50, "err": REFUSED, "msg": "Worker poll failed"}) for n in range(30)]
    lines += [(1_000 * n + 300, {"msg": "Checked queue depth", "depth": n}) for n in range(60)]
    lines.append((30_000, {"msg": "Poller is up"}))
    report = report_of(in_order(lines))
    loop = the_loop(report)
    assert loop["outcome"] == "recovered" and not loop["success_tied"]
    assert "apparently succeeded" in report["headline"]


def test_headline_and_loop_are_as_sure_of_a_success_that_only_took_its_place() -> None:
    report = scanned(sample("redis-refused.jsonl"))
    told = words.ended(report.loops[0], {s.id: s for s in report.signatures})
    assert "apparently succeeded" in report.headline and told.startswith("apparently recovered after 43")


def test_a_success_that_an_actors_id_ties_is_told_as_one_everywhere() -> None:
    report = scanned(sample("dashboard-flood.jsonl"))
    told = words.ended(report.loops[0], {s.id: s for s in report.signatures})
    assert ", then succeeded" in report.headline and told.startswith("recovered after 79")


def polling(after: Sequence[Line]) -> list[Line]:
    """A poll that fails once a second for half a minute, amid a timer's lines that go on, then other lines."""
    lines: list[Line] = [(1_000 * n, {"level": 50, "err": REFUSED, "msg": "Worker poll failed"}) for n in range(30)]
    lines += [(1_000 * n + 300, {"msg": "Checked queue depth", "depth": n}) for n in range(60)]
    return [*lines, *after]


@pytest.mark.parametrize(
    "mark",
    [
        "Starting Nest application...",
        "Server environment:os.name=Linux",
        'container finished containerID="eecc" exitCode=1',
        "Removed container poller",
    ],
)
def test_a_line_that_begins_a_process_or_ends_one_badly_is_no_success(mark: str) -> None:
    report = report_of(in_order(polling([(30_000, {"msg": mark})])))
    assert the_loop(report)["outcome"] == "ceased" and "succeeded" not in report["headline"]


@pytest.mark.parametrize("said", ["container finished exitCode=1", "Removed container"])
def test_an_actors_own_line_that_tells_of_its_end_is_no_success(said: str) -> None:
    last = (16_203, {"userId": "u-17", "connectionId": "c0031-77aa", "msg": said})
    report = report_of(in_order(attempts(last)))
    assert the_loop(report)["outcome"] != "recovered" and "succeeded" not in report["headline"]


def test_a_process_that_ends_well_may_be_a_success() -> None:
    mark = 'container finished containerID="eecc" exitCode=0'
    assert the_loop(report_of(in_order(polling([(30_000, {"msg": mark})]))))["outcome"] == "recovered"


def test_a_line_that_the_same_error_follows_again_is_no_success() -> None:
    again: Line = (40_000, {"level": 50, "err": REFUSED, "msg": "Nightly poll failed"})
    report = report_of(in_order(polling([(30_000, {"msg": "Poller is up"}), again])))
    assert the_loop(report)["outcome"] == "ceased" and "succeeded" not in report["headline"]


# ---------------------------------------------------------------- how it ended


def failing(*last: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    """The report on a loop behind whose last failure the log has a few lines more, within its pause."""
    lines: list[Line] = [(1_000 * n, {"level": 50, "err": REFUSED, "msg": "Worker poll failed"}) for n in range(30)]
    lines += [(29_100 + 10 * n, {"msg": message, **fields}) for n, (message, fields) in enumerate(last)]
    return report_of(in_order(lines))


@pytest.mark.parametrize("fields", [{}, {"level": 50}])
@pytest.mark.parametrize(
    "message",
    ["Giving up after 30 attempts", "Received SIGTERM", "Shutdown complete", "Max retries reached, poller off"],
)
def test_a_log_that_says_it_ended_is_not_said_to_go_on(message: str, fields: dict[str, Any]) -> None:
    report = failing((message, fields))
    loop = the_loop(report)
    quoted = {s["id"]: s["example"]["text"] for s in report["signatures"]}
    assert loop["outcome"] == "ceased" and message in quoted[loop["ended_by"]]
    assert "then stopped" in report["headline"] and "still does" not in report["headline"]


@pytest.mark.parametrize(
    "message", ["Shutdown hook registered", "Checked queue depth", "Shutdown of the cache's reader"]
)
def test_a_line_that_ends_nothing_leaves_the_loop_going(message: str) -> None:
    loop = the_loop(failing((message, {})))
    assert loop["outcome"] == "ongoing" and loop["ended_by"] is None


def test_what_another_component_gives_up_does_not_end_the_loop() -> None:
    assert the_loop(failing(("Giving up on the mail", {"logger": "mailer"})))["outcome"] == "ongoing"


def test_a_process_that_is_started_again_after_each_end_goes_on() -> None:
    lines: list[Line] = [(1_000 * n, {"level": 50, "err": REFUSED, "msg": "Worker poll failed"}) for n in range(30)]
    lines += [(at, {"msg": "Received SIGTERM"}) for at in (9_500, 19_500, 29_100)]
    assert the_loop(report_of(in_order(lines)))["outcome"] == "ongoing"


# ---------------------------------------------------------------- as sure as the finding


def charges(times: int) -> bytes:
    trace = "Traceback (most recent call last):\n  File \"/srv/app/pay.py\", line 3, in load\n    rates[code]\nKeyError: 'CHF'\n"
    return "".join(f"2026-01-01 10:00:{n:02d},120 ERROR pay: charge failed\n{trace}" for n in range(times)).encode()


@pytest.mark.parametrize(("times", "says"), [(9, "; possible cause: "), (2, "Possible cause: ")])
def test_the_headline_is_as_sure_of_the_cause_as_the_finding(times: int, says: str) -> None:
    report = report_of(charges(times))
    (found,) = [f for f in report["findings"] if f["cause"] == "code-defect"]
    assert found["confidence"] == "possible" and says in report["headline"]


def test_a_cause_that_is_proven_is_said_plainly() -> None:
    assert "; cause: Redis is unreachable" in scanned(sample("redis-refused.jsonl")).headline


def test_a_message_that_is_a_value_alone_keeps_its_errors_type() -> None:
    (found,) = [f for f in report_of(charges(9))["findings"] if f["cause"] == "code-defect"]
    assert found["title"] == "A defect in the code: KeyError: 'CHF'"


def test_different_lines_of_one_moment_are_not_one_line_twice() -> None:
    lines: list[Line] = []
    for number in range(30):
        request = {"requestId": f"3f2a{number:04x}-1111-4111-8111-00000000{number:04x}"}
        for query in (1, 2):
            lines.append((number * 400, {**request, "msg": f"loaded {query * 17 + number} rows"}))
            lines.append((number * 400 + 5, {**request, "msg": f"query took {query * 3 + number} ms"}))
            lines.append(
                (number * 400 + 9, {**request, "level": 50, "err": REFUSED, "shard": query, "msg": "Replica lost"})
            )
    assert "duplicate-lines" not in rules(report_of(in_order(lines)))


def test_several_calls_of_one_attempt_are_no_retry() -> None:
    lines: list[Line] = []
    for number in range(30):
        who = {"userId": "u-1", "requestId": f"3f2a{number:04x}-1111-4111-8111-00000000{number:04x}"}
        lines.append((number * 214, {**who, "msg": "import started"}))
        for at, file in enumerate(("users.csv", "orders.csv", "items.csv")):
            error = {"type": "ValidationError", "message": "column missing", "code": "E_SCHEMA", "stack": "x"}
            lines.append(
                (number * 214 + 3 * at + 3, {**who, "level": 50, "file": file, "err": error, "msg": "file rejected"})
            )
        lines.append((number * 214 + 14, {**who, "level": 50, "err": REFUSED, "msg": "import failed"}))
    assert "retry-multiplied" not in rules(report_of(in_order(lines)))


def test_a_request_that_is_received_and_times_out_has_not_succeeded_in_between() -> None:
    lines: list[Line] = []
    for number in range(30):
        who = {"userId": "u-1", "requestId": f"3f2a{number:04x}-1111-4111-8111-00000000{number:04x}"}
        error = {"type": "Error", "message": "timeout", "code": "ETIMEDOUT", "stack": "x"}
        lines.append((number * 3_010, {**who, "msg": "request received"}))
        lines.append((number * 3_010 + 10, {**who, "msg": "body parsed"}))
        lines.append((number * 3_010 + 2_010, {**who, "level": 50, "err": error, "msg": "query failed"}))
    report = report_of(in_order(lines))
    assert the_loop(report)["outcome"] != "false-success" and "false-success" not in rules(report)


@pytest.mark.parametrize("ids", [True, False])
def test_a_poll_that_succeeds_now_and_then_neither_backs_off_nor_always_fails(ids: bool) -> None:
    lines: list[Line] = []
    for number in range(100):
        who = {"userId": "u-1", "requestId": f"3f2a{number:04x}-1111-4111-8111-00000000{number:04x}"} if ids else {}
        lines.append((number * 205, {**who, "msg": "poll started"}))
        failed = {"level": 50, "err": REFUSED, "msg": "poll failed"}
        lines.append((number * 205 + 5, {**who, **(failed if number % 3 else {"msg": "poll done", "rows": number})}))
    for loop in report_of(in_order(lines))["loops"]:
        assert loop["status"] != "backoff" and loop["cadence"] != "jittered"


def test_a_figure_that_is_no_number_of_seconds_is_passed_over() -> None:
    lines: list[Line] = []
    for number in range(30):
        who = {"userId": "u-1", "connectionId": f"c{number:04d}-77aa", "retryAfter": "²"}
        lines.append((number * 200, {**who, "msg": "Sync started"}))
        lines.append((number * 200 + 9, {**who, "level": 50, "statusCode": 429, "err": REFUSED, "msg": "Sync failed"}))
    assert report_of(in_order(lines))["loops"]


def test_a_sentence_about_repeating_is_no_notice_of_the_logger() -> None:
    lines = attempts((19_180, {"msg": "Reminder: message repeated 3 times in this thread"}))
    report = report_of(in_order(lines))
    assert "suppressed-log" not in rules(report) and not any(s["at_least"] for s in report["signatures"])


# ---------------------------------------------------------------- what it must not keep quiet about


@pytest.mark.parametrize("begins", [True, False])
def test_a_storm_without_a_single_id_is_a_storm(begins: bool) -> None:
    lines: list[Line] = []
    for number in range(400):
        if begins:
            lines.append((number * 10, {"msg": "dialing upstream"}))
        lines.append((number * 10 + 1, {"level": 50, "err": REFUSED, "msg": "dial failed"}))
    report = report_of(in_order(lines))
    assert report["verdict"] == "storm" and the_loop(report)["iterations"] == 400


def test_answers_of_500_in_a_third_of_the_requests_are_a_fault() -> None:
    lines: list[Line] = []
    for number in range(600):
        status = 500 if number % 7 in (2, 5) else 200
        lines.append(
            (number * 97, {"reqId": f"r-{number:05x}9c", "res": {"statusCode": status}, "msg": "request completed"})
        )
    report = report_of(in_order(lines))
    assert report["verdict"] == "faults"
    assert any(f["role"] == "root-cause" and "500" in f["title"] for f in report["findings"])


@pytest.mark.parametrize("lines", range(49, 300, 5))
def test_wherever_the_log_is_cut_the_expected_branch_is_not_blamed(lines: int) -> None:
    for finding in report_of(b"".join(INCIDENT[:lines]))["findings"]:
        assert finding["cause"] != "jwt-wrong-key" or finding["role"] in ("noise", "symptom", "observation")
        assert finding["cause"] != "retry-of-permanent-failure"


def of_requests(number: int, **error: Any) -> list[Line]:
    """Requests that fail, each with a line of the handler and one of the framework."""
    lines: list[Line] = []
    for n in range(number):
        of = {"reqId": f"r{n:04d}-77aa", "level": 50, "err": {"stack": "Error: x", **error}}
        lines += [(1_000 * n, {**of, "msg": "Import failed"}), (1_000 * n + 3, {**of, "msg": "Request failed"})]
    return lines


def test_an_applications_own_import_error_is_no_missing_module() -> None:
    report = report_of(in_order(of_requests(12, type="ImportError", message="row 17 has no price")))
    assert "startup-crash" not in {f["cause"] for f in report["findings"]}


def test_a_missing_module_that_a_request_meets_is_not_proven_to_end_the_process() -> None:
    missing = {"type": "Error", "code": "MODULE_NOT_FOUND", "message": "Cannot find module './pdf'"}
    report = report_of(in_order(of_requests(12, **missing)))
    found = next(f for f in report["findings"] if f["cause"] == "startup-crash")
    assert found["confidence"] == "possible" and "the process had started" in found["against"][0]["text"]


def giving_up(orders: int) -> list[Line]:
    """Orders that are tried thirty times each, and then given up."""
    lines: list[Line] = []
    for order in range(orders):
        of = {"orderId": f"ord-{8000 + order}"}
        lines += [(40 * n + order, {**of, "level": 50, "err": REFUSED, "msg": "Charge failed"}) for n in range(30)]
        lines.append((1_300 + 50 * order, {**of, "level": 50, "msg": "Giving up on order"}))
    return lines


@pytest.mark.parametrize("orders", [1, 7])
def test_what_only_follows_the_last_attempts_is_no_cause(orders: int) -> None:
    report = report_of(in_order(giving_up(orders)))
    (after,) = [f for f in report["findings"] if "Giving up on order" in f["title"]]
    assert (after["role"], after["confidence"], after["loops"]) == ("symptom", "possible", ["L1"])


def test_a_failure_between_the_attempts_is_no_aftermath() -> None:
    lines = [line for line in giving_up(7) if line[1]["msg"] != "Giving up on order"]
    lines.append((600, {"orderId": "ord-8003", "level": 50, "msg": "Ledger is torn"}))
    found = next(f for f in report_of(in_order(lines))["findings"] if "Ledger is torn" in f["title"])
    assert found["role"] != "symptom"


@pytest.mark.parametrize("who", ["userId", "remoteAddress"])
def test_an_address_is_not_said_to_be_one_client(who: str) -> None:
    value = {"userId": "u-17", "remoteAddress": "203.0.113.7"}[who]
    lines: list[Line] = []
    for n in range(60):
        lines.append((150 * n, {who: value, "msg": "Socket opened"}))
        lines.append((150 * n + 4, {who: value, "level": 50, "err": REFUSED, "msg": "Load failed"}))
    report = report_of(in_order(lines))
    retry = next(f for f in report["findings"] if f["rule"] == "retry-without-backoff")
    by_address = who == "remoteAddress"
    assert the_loop(report)["actors"]["by_address"] is by_address
    assert report["headline"].startswith("One address" if by_address else "One actor")
    assert retry["confidence"] == ("likely" if by_address else "proven")
