"""Logs drawn from a seed, with what is true of them: retry loops of every policy, and quiet logs that only look busy."""

from __future__ import annotations

import functools
import json
import random
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from lab import report_of

START = 1_760_000_000_000
FLUSH_MS = 200
"""By so much a line may come late into the log, with the time of its event."""

Line = tuple[int, dict[str, Any]]

POLICIES = ("immediate", "fixed", "linear", "exponential", "jittered")
SERVICES = (
    ("Sync requested", "Upstream chosen", "Sync aborted", "Sync slot freed", "Sync finished"),
    ("Worker picked job", "Lease taken", "Job crashed", "Lease returned", "Job stored"),
    ("Feed subscription opened", "Cursor restored", "Feed broke", "Feed subscription dropped", "Feed caught up"),
)
"""Begin, middle, failure, end, and the line of success."""
ERRORS = (
    {"type": "Error", "message": "read ECONNRESET", "code": "ECONNRESET", "stack": "Error: read ECONNRESET\n    at TCP.onStreamRead (node:internal/stream_base_commons:217:20)"},
    {"type": "Error", "message": "connect ECONNREFUSED 10.0.0.7:5432", "code": "ECONNREFUSED", "stack": "Error: connect ECONNREFUSED 10.0.0.7:5432\n    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1555:16)"},
    {"type": "TypeError", "message": "Cannot read properties of undefined (reading 'rows')", "stack": "TypeError: Cannot read properties of undefined (reading 'rows')\n    at load (/srv/app/load.js:12:9)"},
)  # fmt: skip


@dataclass
class Drawn:
    """A log and the truth about it."""

    log: bytes
    policy: str = ""
    iterations: int = 0
    actors: int = 0
    outcome: str = ""
    order: list[str] = field(default_factory=list)
    """The messages of an iteration."""
    failure: str = ""


def gaps_of(policy: str, count: int, rng: random.Random) -> list[int]:
    """`count` pauses in milliseconds."""
    if policy == "immediate":
        return [rng.randint(30, 140) for _ in range(count)]
    if policy == "fixed":
        base = rng.choice((400, 750, 1500, 3000))
        return [base + rng.randint(-base // 50, base // 50) for _ in range(count)]
    if policy == "linear":
        base = rng.choice((200, 500))
        return [base * (i + 1) + rng.randint(0, 12) for i in range(count)]
    base, cap = rng.choice(((250, 16_000), (500, 30_000)))
    steps = [min(cap, base * 2**i) for i in range(count)]
    if policy == "jittered":
        return [rng.randint(step // 4, step) for step in steps]
    return [step + rng.randint(0, 15) for step in steps]


def draw_loop(seed: int, *, bare: bool = False, others_ms: int = 0, user_on_failure: bool | None = None) -> Drawn:
    """A retry loop amid ordinary traffic; the seed decides policy, actors, ids, ending and the order of lines.

    bare: the failing line carries no id at all, only the line with which the attempt begins. others_ms: mean time
    between attempts of other people, which all succeed by the same lines; 0 for none. user_on_failure: whether the
    failing line names the user, too; by the seed where it is None.
    """
    rng = random.Random(seed)
    policy = POLICIES[seed % len(POLICIES)]
    begin, middle, failure, end, success = rng.choice(SERVICES)
    error, actors = rng.choice(ERRORS), rng.randint(1, 6)
    rounds = {"immediate": (12, 40), "fixed": (10, 30), "linear": (8, 12), "exponential": (7, 9), "jittered": (9, 14)}[
        policy
    ]
    recovers, drawn_on_failure = rng.random() < 0.5, rng.random() < 0.5
    user_on_failure = drawn_on_failure if user_on_failure is None else user_on_failure
    optional = rng.random() < 0.5
    lines: list[Line] = []
    total = 0
    onset = rng.randint(15_000, 30_000)
    for _ in range(actors):
        user = str(UUID(int=rng.getrandbits(128), version=4))
        at, count = onset + rng.randint(0, 900), rng.randint(*rounds)
        for gap in [*gaps_of(policy, count, rng), None]:
            conn = f"c{rng.getrandbits(40):010x}"
            good = gap is None
            if good and not recovers:
                break
            lines.append((at, {"level": 30, "userId": user, "connId": conn, "msg": begin}))
            if not optional or rng.random() < 0.7:
                lines.append((at + 4, {"level": 30, "connId": conn, "msg": middle}))
            if good:
                lines.append((at + 9, {"level": 30, "userId": user, "connId": conn, "msg": success}))
                break
            who = {"userId": user} if user_on_failure else {}
            ids = {} if bare else {**who, "connId": conn}
            lines.append((at + 9 + rng.randint(0, 3), {"level": 50, **ids, "err": error, "msg": failure}))
            lines.append((at + 15 + rng.randint(0, 3), {"level": 30, "connId": conn, "msg": end}))
            total += 1
            at += 20 + (gap or 0)
    last = max(at for at, _ in lines)
    goes_on = rng.random() < 0.5 or recovers
    stop = last + (60_000 if goes_on else 0)
    lines += traffic(rng, 0, stop, rng.choice((700, 1500)))
    if others_ms:
        lines += other_people(rng, stop, others_ms, (begin, middle, success))
    order = [begin, failure, end] if optional else [begin, middle, failure, end]
    outcome = "recovered" if recovers else "ceased" if goes_on else "ongoing"
    return Drawn(written(rng, lines), policy, total, actors, outcome, order, failure)


@functools.cache
def drawn(seed: int) -> tuple[Drawn, dict[str, Any]]:
    """A drawn loop, and the report on it."""
    log = draw_loop(seed)
    return log, report_of(log.log)


def other_people(rng: random.Random, stop: int, mean_ms: int, messages: tuple[str, str, str]) -> list[Line]:
    """Attempts of forty people that succeed, at random times."""
    begin, middle, success = messages
    people = [str(UUID(int=rng.getrandbits(128), version=4)) for _ in range(40)]
    lines: list[Line] = []
    at = round(rng.expovariate(1 / mean_ms))
    while at < stop:
        who, conn = {"userId": rng.choice(people)}, {"connId": f"c{rng.getrandbits(40):010x}"}
        lines.append((at, {"level": 30, **who, **conn, "msg": begin}))
        lines.append((at + 4, {"level": 30, **conn, "msg": middle}))
        lines.append((at + 9, {"level": 30, **who, **conn, "msg": success}))
        at += round(rng.expovariate(1 / mean_ms)) + 1
    return lines


def traffic(
    rng: random.Random, start: int, stop: int, mean_ms: int, statuses: tuple[int, ...] = (200, 200, 200, 304)
) -> list[Line]:
    """Requests answered well, at random times."""
    lines: list[Line] = []
    at, number = start, 0
    while at < stop:
        number += 1
        request = f"req-{number:x}"
        took = rng.randint(2, 60)
        lines.append(
            (
                at,
                {
                    "level": 30,
                    "reqId": request,
                    "req": {"method": "GET", "url": f"/v1/items/{rng.randint(1, 99)}"},
                    "msg": "incoming request",
                },
            )
        )
        lines.append(
            (
                at + took,
                {
                    "level": 30,
                    "reqId": request,
                    "res": {"statusCode": rng.choice(statuses)},
                    "responseTime": took,
                    "msg": "request completed",
                },
            )
        )
        at += round(rng.expovariate(1 / mean_ms)) + 1
    return lines


def written(rng: random.Random, lines: list[Line]) -> bytes:
    """JSON lines in the order in which a late flush may write them."""
    late = sorted(((at + rng.randint(0, FLUSH_MS), i) for i, (at, _) in enumerate(lines)))
    rows = []
    for _, i in late:
        at, fields = lines[i]
        rows.append({"level": fields["level"], "time": START + at, "pid": 71, "hostname": "web-2", **fields})
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def in_order(lines: list[Line]) -> bytes:
    """JSON lines in the order of their times."""
    rows = [
        {"level": f.get("level", 30), "time": START + at, "pid": 71, "hostname": "web-2", **f}
        for at, f in sorted(lines, key=lambda x: x[0])
    ]
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def cron(rng: random.Random) -> list[Line]:
    """A job every five seconds that says it ran."""
    return [
        (
            5000 * i + rng.randint(0, 20),
            {"level": 30, "job": "sweep", "removed": rng.randint(0, 9), "msg": "sweep done"},
        )
        for i in range(60)
    ]


def polling(rng: random.Random) -> list[Line]:
    """Three clients that poll every second and get 304."""
    return [line for start in (0, 200, 450) for line in traffic(rng, start, 90_000, 1000, (304,))]


def one_refusal_at_start(rng: random.Random) -> list[Line]:
    """The first connect is refused, the second succeeds, traffic follows."""
    first = {"level": 50, "err": ERRORS[1], "msg": "cache connect failed"}
    return [(40, first), (900, {"level": 30, "msg": "cache connected"}), *traffic(rng, 1000, 60_000, 500)]


def burst(rng: random.Random) -> list[Line]:
    """One request falls over, and eight layers say so within a few milliseconds."""
    falls = [(30_000 + i, {"level": 50, "reqId": "req-zz", "err": ERRORS[2], "msg": "render failed"}) for i in range(8)]
    return [*traffic(rng, 0, 90_000, 400), *falls]


def not_found(rng: random.Random) -> list[Line]:
    """Scanners' 404s in heavy traffic."""
    return traffic(rng, 0, 120_000, 120, (200,) * 9 + (404,))


QUIET = (cron, polling, one_refusal_at_start, burst, not_found)
