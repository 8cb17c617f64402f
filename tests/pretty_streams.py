"""Made-up logs of pino-pretty: drawn log calls as it prints them, with what stands between records in real logs, and damage."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from random import Random
from typing import Any

from test_fast import LogCall

LEVELS = {10: "TRACE", 30: "INFO", 40: "WARN", 50: "ERROR", 60: "FATAL", "info": "INFO", "error": "ERROR"}
STACK = re.compile(r'( *)"stack": (".*?[^\\]"),?$')
MIDNIGHT = 1_700_006_400_000
DAY = 86_400_000


def _told(form: str) -> Callable[[int], str]:
    return lambda ms: datetime.fromtimestamp(ms // 1000, UTC).strftime(form).replace("mmm", f"{ms % 1000:03d}")


UNDATED: tuple[Callable[[int], str], ...] = tuple(
    map(_told, ("%H:%M:%S.mmm", "%H:%M:%S UTC", "%H:%M:%S", "%H:%M:%S.mmm +0100", "%H:%M:%S.mmm GMT+2"))
)
DATED: tuple[Callable[[int], str], ...] = (
    *map(_told, ("%Y-%m-%d %H:%M:%S.mmm +0000", "%Y-%m-%d %H:%M:%S.mmm -0530", "%Y-%m-%dT%H:%M:%S.mmmZ", "%Y-%m-%d %H:%M:%S.mmm")),
    *map(_told, ("%Y-%m-%d %H:%M:%S UTC", "%Y-%m-%dT%H:%M:%S+02:00", "%Y-%m-%d %H:%M:%S")),
    str,
)  # fmt: skip
BETWEEN = (
    b"", b"", b"   ", b"    at foo (x.js:1:2)", b"    at file:///srv/x.mjs:15:15", b"plain text line 17", b'{"level":50,"time":17',
    b"Error: read ECONNRESET\n    at TCP.onStreamRead (node:internal/stream_base_commons:217:20)", b"Error: boom", b"\n\n\n",
    b"(node:17) [DEP0040] DeprecationWarning: x", b"[12] INFO: x", b"[12\x1b[0m] INFO: other service\n    at f (x.js:1:2)", b"[06:11", b"[06:11:32.001] ERROR (17)", b"TypeError: no\n",
    b"[06:11:32.001] ERROR (17):", b"[06:11:32.001] INFO: ", b"Traceback (most recent call last):\n  File \"x.py\"\nKeyError: 'a'",
    b"During handling of the above exception, another exception occurred:", b"    key: value", b"    key:", b"      deep: 1",
    b"    level: 30", b"    pid: 3", b"    time: 1700000000000", b'    msg: "other"', b'    a: b: "x"', b"\tx", b"    \x0b", b"\x0b",
    b"web-1  | [06:11:32.001] INFO: x", b"web-1  |     at foo (x.js:1:2)", b"[06:11:32.001] INFO: " + b"\x07" * 30, b"\x7f" * 50,
    b"    note: \"" + b"\x7f" * 90 + b'"', b'DEBUG [08:15:30] (4711 on web-1): cache miss {"key":"user:7"}', b"\x1b[0m", b"    \x1b[0m",
    b"Nov 23 01:50:33 host app[7]: hello", b"[1700000000000] INFO: ms", b"[24:00:00] INFO: late", b"[00:00:00.000] INFO (17): zero",
    b'{"level":30,"time":1700000000000,"msg":"json between"}', b'{"log":"{\\"level\\":30}\\n","stream":"stdout"}', b"> api start",
    b"[06:11:32.001] INFO: a\x1b]0;title\x07b", b"[06:11:32.001] INFO (7): colour \x1b[3", b"\xff\xfe bad", "\u00a0\u2028x".encode(),
    b"[2026-03-02 08:15:30.123 +0000] ERROR (7): dated", b"    stack: \"x\"\n    at y", b"SyntaxError: x\n    at y", b'    "a": 1', b"    }",
    b"Caused by: x", b"[06:11:32.001] INFO (17): it ends }", b'[06:11:32.001] INFO (17): inline {"userId":"a7"}', b"[06:11:32.001] info: x",
)  # fmt: skip
MORE: tuple[Callable[[Random], Any], ...] = (
    lambda r: r.choice(["a: b", 'key: "x"', "x: {", "    at f (x.js:1:2)", "back\\slash", "two\\\\", "tab\there", "}", "[06:11:32.001]"]),
    lambda r: {"type": "Error", "stack": f"Error: x {r.randrange(99)}\n    at f (x.js:1:2)\n\n    at g", "code": "E7"},
    lambda r: {"inner": {"id": f"b{r.randrange(10**6)}c7", "list": [1, "a", {"stack": "a\nb"}], "none": {}, "empty": []}},
    lambda r: [{"id": r.randrange(999)}, [], [r.randrange(9)]],
    lambda r: {"stack": r.choice(["", " ", "one line", "a\n  b\nc", "a\n\u00a0\nb", "a\n\x7fb", "a\nb\\"])},
)


STEADY: dict[str, Callable[[Random], Any]] = {
    "reqId": lambda r: f"req-{r.randrange(10**6):x}",
    "userId": lambda r: r.randrange(1, 10**6),
    "connectionId": lambda r: f"{r.getrandbits(64):016x}",
    "attempt": lambda r: r.randrange(20),
    "responseTime": lambda r: r.random() * 99,
    "req": lambda r: {"method": "GET", "url": f"/api/v1/items/{r.randrange(10**6)}", "remoteAddress": f"10.0.0.{r.randrange(256)}"},
    "res": lambda r: {"statusCode": r.choice([200, 200, 500])},
    "token": lambda r: r.choice([f"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIx{r.randrange(5)}.abc", "none"]),
    "err": lambda r: {
        "type": "Error", "message": f"connect ECONNREFUSED 10.0.3.{r.randrange(9)}:5432", "code": "ECONNREFUSED",
        "stack": f"Error: connect ECONNREFUSED 10.0.3.1:5432\n    at TCP.x [as y] (node:net:{r.choice([7, 7, 8])}:16)",
    },
    "error": lambda r: r.choice([{}, {}, {"code": f"E{r.randrange(3)}"}]),
    "tags": lambda r: ["a", {"b": 1}],
}  # fmt: skip
SAID = ("Failed to load {}", "attempt {} failed", "retry in {} ms (attempt {})", "request completed", "user {} gone: {}", "gc {}")


def steady(random: Random) -> dict[str, Callable[[], Any]]:
    """The fields of a log call whose values are always of one kind."""
    level, said, pid = random.choice([30, 50]), random.choice(SAID), random.choice([17, 4711])
    fields: dict[str, Callable[[], Any]] = {"level": lambda: level, "time": lambda: None, "pid": lambda: pid, "hostname": lambda: "web-1"}
    for key in random.sample(list(STEADY), random.randrange(5)):
        fields[key] = lambda make=STEADY[key]: make(random)  # type: ignore[misc]
    return fields | {"msg": lambda: said.format(random.randrange(10 ** random.randrange(1, 6)), random.randrange(90))}


class Printed:
    """The records of one log call as pino-pretty prints them, in one setting of its options."""

    def __init__(self, random: Random, clock: Callable[[int], str], coloured: bool) -> None:
        self.random, self.clock, self.coloured = random, clock, coloured
        self.fields = steady(random)
        if random.random() < 0.4:
            call = LogCall(random)
            self.fields = call.fields
            if random.random() < 0.4:
                self.fields["extra"] = call.varying(lambda r: r.choice(MORE)(r), random.random())
        self.name = random.choice(["", "", "api/", "my-app/", "a b/"])
        self.host = random.random() < 0.5
        self.hide = random.random() < 0.3

    @staticmethod
    def head(time: str, said: str, *fields: str) -> str:
        return "\n".join((f"[{time}] ERROR (17): {said}", *fields))

    def record(self, ms: int) -> bytes:
        told = {key: get() for key, get in self.fields.items()}
        level, said = LEVELS.get(told.pop("level"), "USERLVL"), told.pop("msg", "")
        pid, host = told.pop("pid", None), told.pop("hostname", None)
        told.pop("time")
        process = "" if pid is None or self.hide else f" ({self.name}{pid}{f' on {host}' if self.host else ''})"
        head = f"[{self.clock(ms)}] {self.colour(32, level)}{process}: {self.colour(36, said)}"
        rows = [head.rstrip() if not said else head]
        for key, value in told.items():
            rows += self.field(key, value)
        return "\n".join(rows).encode("utf-8", "replace")

    def field(self, key: str, value: Any) -> list[str]:
        first, *rest = json.dumps(value, indent=2, ensure_ascii=self.random.random() < 0.1).replace("\\\\", "\\").split("\n")
        rows = [f"    {self.colour(35, key)}: {first}"]
        for row in rest:
            stack = STACK.match(row)
            if stack is None:
                rows.append(f"    {row}")
                continue
            try:
                text = json.loads(stack[2])
            except ValueError:
                text = "odd"
            rows += [f'    {stack[1]}"stack":', *(f"        {stack[1]}{line}" for line in str(text).split("\n"))]
        return rows

    def colour(self, number: int, text: str) -> str:
        return f"\x1b[{number}m{text}\x1b[39m" if self.coloured and text else text


def printed(random: Random, count: int) -> bytes:
    """A log of so many records of one to five log calls, the odd lines between them in most logs counted."""
    clocks = random.choice([UNDATED, UNDATED, DATED])
    usual = random.choice(clocks)
    calls = [
        Printed(random, usual if random.random() < 0.9 else random.choice(UNDATED + DATED), random.random() < 0.3)
        for _ in range(random.randrange(1, 6))
    ]
    odd, damage = random.choice([0, 0.02, 0.1]), random.choice([0, 0, 0.03])
    pace = random.choice([900, 60_000, 1_000_000, 20_000_000])
    end, ms, out = random.choice([b"\n"] * 5 + [b"\r\n"]), MIDNIGHT - random.randrange(400_000), []
    for _ in range(count):
        ms += random.randrange(pace)
        if random.random() < 0.02:
            ms += random.choice([-5, -900_000, -DAY // 2, DAY])
        text = random.choice(BETWEEN) if random.random() < odd else random.choice(calls).record(ms - random.choice([0] * 9 + [9]))
        if random.random() < damage:
            at = random.randrange(len(text) + 1)
            text = random.choice([text[:at], text[:at] + b"\n" + text[at:], text[at:], text[:at] + b" " + text[at:], text + b"\n"])
        out.append(text.replace(b"\n", end))
    return end.join(out) + random.choice([b"", end])
