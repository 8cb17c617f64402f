"""Drawn logs of situations that no recorded log shows, each told on a page of its own (told.py)."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

from drawn_logs import Line, in_order, traffic

REFUSED = {"type": "Error", "code": "ECONNREFUSED", "message": "connect ECONNREFUSED 10.0.0.5:5432", "stack": "Error: connect ECONNREFUSED 10.0.0.5:5432\n    at TCPConnectWrap.afterConnect (node:net:1555:16)\n    at load (/srv/app/agents.js:31:9)"}  # fmt: skip
REDIS = {"type": "Error", "code": "ECONNREFUSED", "message": "connect ECONNREFUSED 10.0.0.9:6379"}
MISSING = {"type": "DatabaseError", "code": "42P01", "message": 'relation "agents" does not exist'}
OWN = {"type": "QuotaError", "code": "E_QUOTA", "message": "tenant 4411 has used up its exports"}
TIMEOUT = {"type": "Error", "code": "ETIMEDOUT", "message": "connect ETIMEDOUT 10.0.0.5:5432"}


def ids(n: int, user: int = 0) -> dict[str, str]:
    return {"userId": f"7d4f3a9e-21b0-4c1d-9f6a-0e5b8c2d4a{user:02x}", "connectionId": f"c{user:02x}{n:04x}f9"}


def rounds(count: int, gap: int, *steps: tuple[int, dict[str, Any]], users: int = 1) -> list[Line]:
    """Attempts of each user, `gap` milliseconds apart, each with these lines; those without ids of their own get them."""
    return [
        (10_000 + gap * n + 71 * user + at, {**ids(n, user), **fields})
        for user in range(users)
        for n in range(count)
        for at, fields in steps
    ]


def opened(at: int = 0) -> tuple[int, dict[str, Any]]:
    return at, {"msg": "Session opened"}


def closed(at: int) -> tuple[int, dict[str, Any]]:
    return at, {"msg": "Session closed"}


OPAQUE = (20, {"level": 50, "error": {}, "msg": "Session failed"})


def nothing() -> bytes:
    return b""


def only_traffic() -> bytes:
    return in_order(traffic(random.Random(3), 0, 60_000, 900))


def traffic_with_answers_of_404() -> bytes:
    return in_order(traffic(random.Random(4), 0, 200_000, 400, (200,) * 9 + (404,)))


def many_kinds_of_errors() -> bytes:
    """Nine kinds that no rule knows, three of warnings, and one that a rule knows."""
    rng = random.Random(1)
    lines = traffic(rng, 0, 600_000, 3_000)
    words = "Invoice Ledger Basket Courier Voucher Stamp Parcel Tariff Refund".split()
    for kind, word in enumerate(words):
        for _ in range(9 - kind):
            lines.append((rng.randrange(600_000), {"level": 50, "msg": f"{word} could not be settled"}))
    for word in ("Slow", "Stale", "Odd"):
        lines += [(rng.randrange(600_000), {"level": 40, "msg": f"{word} answer from the tax office"}) for _ in range(2)]
    lines.append((300_000, {"level": 50, "err": MISSING, "msg": "Report not written"}))
    lines.append((301_000, {"level": 60, "err": OWN, "msg": "Export halted"}))
    return in_order(lines)


def one_cause_on_two_clocks() -> bytes:
    """A loop that says why it fails, and a timer of another component that meets the same."""
    lines = rounds(40, 300, opened(), (25, {"level": 50, "err": REFUSED, "msg": "Session failed"}), closed(30))
    pings = [(9_400 + 2_500 * n, {"level": 50, "component": "heartbeat", "err": REFUSED, "msg": "Heartbeat failed"}) for n in range(6)]  # fmt: skip
    return in_order([*lines, *pings, *traffic(random.Random(2), 0, 40_000, 1_500)])


def a_code_of_its_own_on_two_clocks() -> bytes:
    """The failing line keeps a code that only the application knows; so does a timer's."""
    lost = {"code": "DATABASE_ERROR"}
    lines = rounds(40, 300, opened(), (25, {"level": 50, "error": lost, "msg": "Session failed"}), closed(30), users=2)
    pings = [(9_400 + 2_500 * n, {"level": 50, "component": "heartbeat", "error": lost, "msg": "Heartbeat failed"}) for n in range(6)]  # fmt: skip
    return in_order([*lines, *pings])


def a_hidden_error_with_two_faults_beside_it() -> bytes:
    """An opaque loop; two known faults of other components in its time, one of which shares three attempts with it."""
    lines = rounds(40, 400, opened(), OPAQUE, closed(30))
    for n in range(12):
        shared = ids(n) if n < 3 else {}
        lines.append((10_010 + 400 * n, {"level": 50, **shared, "err": REDIS, "msg": "Cache is away"}))
    lines += [(10_700 + 1_900 * n, {"level": 50, "component": "reports", "err": MISSING, "msg": "Report not written"}) for n in range(7)]  # fmt: skip
    return in_order(lines)


def an_error_that_the_attempt_outlives() -> bytes:
    """Each attempt meets a refused cache first, goes on, and fails later of what nothing shows."""
    cache = (5, {"level": 40, "err": REDIS, "msg": "Cache not used"})
    return in_order(rounds(40, 500, opened(), cache, (12, {"msg": "Plan loaded"}), OPAQUE, closed(30)))


def an_error_of_the_applications_own() -> bytes:
    return in_order(rounds(30, 900, opened(), (25, {"level": 50, "err": OWN, "msg": "Export failed"}), users=3))


def one_failure_in_three_lines() -> bytes:
    """Thrown, wrapped and answered: one failure of one attempt."""
    wrapped = {"type": "LoadError", "message": f"Could not load agents: {REFUSED['message']}"}
    thrown = (20, {"level": 50, "err": REFUSED, "msg": "Query failed"})
    caught = (22, {"level": 50, "err": wrapped, "msg": "Session failed"})
    answer = (25, {"level": 30, "res": {"statusCode": 503}, "responseTime": 25, "msg": "request completed"})
    return in_order(rounds(30, 2_000, opened(), thrown, caught, answer))


def the_same_text_in_two_lines_without_ids() -> bytes:
    lines: list[Line] = []
    for n in range(12):
        lines.append((5_000 + 7_000 * n + 300 * (n % 3), {"level": 50, "err": REFUSED, "msg": "Mail not sent"}))
        lines.append((6_500 + 7_000 * n + 700 * (n % 2), {"level": 50, "err": REFUSED, "msg": "Push not sent"}))
    return in_order([*lines, *traffic(random.Random(8), 0, 90_000, 2_000)])


def answers_of_503_and_no_reason() -> bytes:
    answer = (30, {"level": 30, "res": {"statusCode": 503}, "responseTime": 30, "msg": "request completed"})
    return in_order(rounds(50, 600, (0, {"msg": "incoming request"}), answer, users=2))


def a_timer_that_fails_every_five_minutes() -> bytes:
    lines: list[Line] = [(300_000 * n + 13 * (n % 3), {"level": 50, "err": TIMEOUT, "msg": "Backup failed"}) for n in range(9)]  # fmt: skip
    return in_order([*lines, *traffic(random.Random(6), 0, 2_700_000, 60_000)])


def orders_that_are_given_up() -> bytes:
    lines: list[Line] = []
    for order in range(5):
        of = {"orderId": f"ord-{8000 + order}"}
        lines += [(900 * n + 130 * order, {**of, "level": 50, "err": TIMEOUT, "msg": "Charge failed"}) for n in range(12)]
        lines.append((11_400 + 150 * order, {**of, "level": 50, "msg": "Giving up on order"}))
    return in_order(lines)


def a_worker_that_is_given_up() -> bytes:
    lines: list[Line] = [(1_000 * n, {"level": 50, "err": TIMEOUT, "msg": "Poll failed"}) for n in range(25)]
    lines += [(25_200, {"level": 50, "msg": "Poller is lost"})]
    return in_order([*lines, *[(1_000 * n + 300, {"msg": "Queue depth checked"}) for n in range(40)]])


def clients_known_by_their_addresses() -> bytes:
    lines: list[Line] = []
    for n in range(30):
        for client in range(3):
            of = {"remoteAddress": f"203.0.113.{7 + client}"}
            at = 20_000 + 700 * n + 31 * client
            lines += [(at, {**of, "msg": "Socket opened"}), (at + 9, {**of, "level": 50, "err": OWN, "msg": "Socket refused"})]
    return in_order(lines)


def more_clients_than_are_followed() -> bytes:
    lines: list[Line] = []
    for client in range(300):
        for n in range(6):
            of = {"userId": f"u-{client:04d}-{client * 7919 % 1000:03d}"}
            at = 1_500 * n + 11 * client % 1_400
            lines += [(at, {**of, "msg": "Sync requested"}), (at + 5, {**of, "level": 50, "err": TIMEOUT, "msg": "Sync aborted"})]
    return in_order(lines)


def a_loop_after_a_start_that_recovers() -> bytes:
    lines: list[Line] = [(0, {"msg": "Server listening at http://0.0.0.0:3000"})]
    lines += [(400 + 500 * n * (n + 1) // 2, {"level": 50, "err": REFUSED, "msg": "Database not reachable"}) for n in range(8)]
    lines.append((400 + 500 * 36, {"msg": "Database connected"}))
    return in_order([*lines, *traffic(random.Random(9), 19_000, 80_000, 800)])


def a_dependency_behind_tokens_of_supabase() -> bytes:
    """An application's own code for its dependency, in requests; the log's tokens say who issued them."""
    token = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJodHRwczovL2V4YW1wbGUuc3VwYWJhc2UuY28vYXV0aC92MSIsInN1YiI6InUxIiwiZXhwIjoxNzk1NDE0ODQxfQ.c2lnbmF0dXJlLW9mLWl0"
    lost = {"type": "AgentError", "code": "DATABASE_ERROR", "message": "could not load agents"}
    lines: list[Line] = [(100, {"msg": "Signed in", "token": token})]
    lines += [(1_000 + 4_100 * n + 517 * (n % 4), {"level": 50, "reqId": f"req-{n:x}", "err": lost, "msg": "Agents not listed"}) for n in range(15)]  # fmt: skip
    return in_order([*lines, *traffic(random.Random(5), 0, 70_000, 700)])


def a_missing_module_that_requests_meet() -> bytes:
    missing = {"type": "Error", "code": "MODULE_NOT_FOUND", "message": "Cannot find module './pdf'", "stack": "Error: x"}
    lines: list[Line] = []
    for n in range(12):
        of = {"reqId": f"r{n:04d}-77aa", "level": 50, "err": missing}
        lines += [(1_000 * n, {**of, "msg": "Import failed"}), (1_000 * n + 3, {**of, "msg": "Request failed"})]
    return in_order(lines)


def a_loop_without_a_clock() -> bytes:
    rows = []
    for n in range(40):
        rows.append({"level": "info", "worker": 3, "job": n, "message": "job taken"})
        rows.append({"level": "error", "worker": 3, "message": "job failed: connect ECONNREFUSED 10.0.0.5:5432"})
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def a_loop_on_a_clock_of_seconds() -> bytes:
    lines = []
    for n in range(45):
        second = 4 * n + n % 2
        stamp = f"2026-11-23 10:{second // 60:02d}:{second % 60:02d}"
        lines.append(f"{stamp} INFO worker: picking job {n}")
        lines.append(f"{stamp} ERROR worker: job failed: [Errno 111] Connection refused")
    return "\n".join([*lines, ""]).encode()


LOGS: tuple[Callable[[], bytes], ...] = (
    nothing, only_traffic, traffic_with_answers_of_404, many_kinds_of_errors, one_cause_on_two_clocks,
    a_code_of_its_own_on_two_clocks, a_hidden_error_with_two_faults_beside_it, an_error_that_the_attempt_outlives,
    an_error_of_the_applications_own, one_failure_in_three_lines, the_same_text_in_two_lines_without_ids,
    answers_of_503_and_no_reason, a_timer_that_fails_every_five_minutes, orders_that_are_given_up,
    a_worker_that_is_given_up, clients_known_by_their_addresses, more_clients_than_are_followed,
    a_loop_after_a_start_that_recovers, a_dependency_behind_tokens_of_supabase, a_missing_module_that_requests_meet,
    a_loop_without_a_clock, a_loop_on_a_clock_of_seconds,
)  # fmt: skip
