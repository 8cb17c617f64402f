"""The logs of the benchmark, made of a seed, and what truly is in them: python tests/bench/logs.py FORM MB FILE

A service whose dependencies fail: 85 % of the lines are the failures of three hundred clients that try again and again,
14 % ordinary traffic, 1 % no JSON at all. The forms are the same events written in other ways, but for two:

    flood, prefixed, pretty    Pino's JSON; the same behind docker compose's prefix; the same by pino-pretty
    gzip, zstd                 the flood, packed
    stacks, new-stacks         each failure carries a stack of twenty to thirty frames: one of nine; one drawn for it alone
    distinct                   no two messages alike: words that no mask takes for values

Beside FILE stands FILE.truth.json: its bytes and lines, how often each message was written with each error code, and how
many pairs there are of such a group and a second, and of a group and a client.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import shutil
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

FORMS = ("flood", "stacks", "new-stacks", "distinct", "prefixed", "pretty", "gzip", "zstd")
START_MS = 1_795_414_252_000
STACKS = 9
"""Ways through the code to a failure: in real logs floods of 8 to 89 lines of one failure had from 1 to 9."""
MS_PER_LINE = 0.6
CLIENTS = 300
"""At a time; each stays for some 1,500 lines and is then replaced by a new one."""
STAY = 1 / 1500
FLOOD, TRAFFIC = 0.85, 0.99
"""Shares of the lines, added up; what is left is no JSON."""

HOSTS = ('"pid":17,"hostname":"api-6d9f7c5b8-x2x9k"', '"pid":4711,"hostname":"api-6d9f7c5b8-q7rtn"')
FAILURES: tuple[tuple[str, str, str], ...] = (
    # message (`#` is a number of its own each time), error code, how the error is logged; `~` is the stack
    (
        "Failed to persist sync state for document #",
        "DATABASE_ERROR",
        '"err":{"type":"DatabaseError","message":"deadlock detected","stack":"DatabaseError: deadlock detected~",'
        '"code":"DATABASE_ERROR"},',
    ),
    (
        "Failed to persist sync state for document #",
        "POOL_EXHAUSTED",
        '"err":{"type":"DatabaseError","message":"remaining connection slots are reserved","code":"POOL_EXHAUSTED"},',
    ),
    (
        "Connection to primary failed (attempt #)",
        "ECONNREFUSED",
        '"err":{"type":"Error","message":"connect ECONNREFUSED 10.0.3.17:5432","stack":"Error: connect ECONNREFUSED'
        ' 10.0.3.17:5432~","errno":-111,"code":"ECONNREFUSED","syscall":"connect"},',
    ),
    (
        "Authentication failed for session #",
        "TOKEN_EXPIRED",
        '"err":{"type":"TokenExpiredError","message":"jwt expired","stack":"TokenExpiredError: jwt expired~",'
        '"code":"TOKEN_EXPIRED"},',
    ),
    (
        "Request to inventory timed out, attempt #",
        "ETIMEDOUT",
        '"upstream":"inventory","err":{"type":"TimeoutError","message":"timeout of 3000ms exceeded","code":"ETIMEDOUT"},',
    ),
    ("Failed to process update message", "", '"error":{},'),
)
CYCLES = ((0,), (5,), (1, 0), (2, 3), (4,), (5, 2, 4))
"""Which failures a client goes through, one after the other, at each of its attempts."""
ORDINARY = [f"{noun} {verb}" for noun in ("order", "invoice", "profile", "email") for verb in ("read", "kept", "sent")]
NO_JSON = (
    "Error: read ECONNRESET\n    at TCP.onStreamRead (node:internal/stream_base_commons:217:20)",
    "(node:17) [DEP0040] DeprecationWarning: The `punycode` module is deprecated.",
    '{"level":50,"time":17000',
    "Server listening on :8080",
    "",
)
FRAMES = [f"\\n    at Service.step{n} (/app/src/services/sync/step{n}.js:{n + 11}:{2 * n + 7})" for n in range(60)]
SHORT_STACK = "\\n    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1595:16)"
LEVELS = {30: "INFO", 50: "ERROR"}


class Line(NamedTuple):
    """What the service wrote at once: a line of Pino, or of something else; without its end."""

    text: str
    group: tuple[str, str] | None
    """Message with `#` for numbers, and error code; None where the line is no JSON."""
    client: str
    time_ms: int


class Client:
    """Somebody who tries again and again."""

    __slots__ = ("attempt", "cycle", "head", "id")

    def __init__(self, draw: random.Random) -> None:
        self.id = f"{draw.getrandbits(64):016x}"
        self.head = f'{draw.choice(HOSTS)},"connectionId":"{self.id}","userId":{draw.randrange(10**7)},'
        self.cycle = draw.choice(CYCLES)
        self.attempt = 0


def lines(seed: int = 1, *, form: str = "flood") -> Iterator[Line]:
    """The log of `seed`, line by line, without end."""
    distinct = form == "distinct"
    draw = random.Random(seed)
    chance, pick = draw.random, draw.randrange
    clients = [Client(draw) for _ in range(CLIENTS)]
    stacks = ["".join(draw.sample(FRAMES, pick(20, 31))) for _ in range(STACKS)] if form == "stacks" else [SHORT_STACK]
    clock = START_MS + seed * 40_000.0
    while True:
        clock += chance() * 2 * MS_PER_LINE
        now, kind = int(clock), chance()
        if kind < FLOOD:
            slot = pick(CLIENTS)
            if chance() < STAY:
                clients[slot] = Client(draw)
            client = clients[slot]
            message, code, error = FAILURES[client.cycle[client.attempt % len(client.cycle)]]
            client.attempt += 1
            if form == "new-stacks":
                stacks = ["".join(draw.sample(FRAMES, pick(20, 31)))]
            stack = draw.choice(stacks) if len(stacks) > 1 else stacks[0]
            said = f"{message} in {_words(draw)}" if distinct else message
            yield Line(
                f'{{"level":50,"time":{now},{client.head}{error.replace("~", stack)}'
                f'"msg":"{said.replace("#", str(pick(1, 10**5)))}"}}',
                (message, code), client.id, now,
            )  # fmt: skip
        elif kind < TRAFFIC:
            message, user = draw.choice(ORDINARY), str(pick(10**7))
            said = f"{message} in {_words(draw)}" if distinct else message
            head = f'{{"level":30,"time":{now},{draw.choice(HOSTS)},"reqId":"{draw.getrandbits(64):016x}"'
            request = f'"userId":{user},"req":{{"method":"GET","url":"/api/v1/items/{pick(10**6)}"}},"responseTime":{pick(1, 300)}'
            yield Line(f'{head},{request},"msg":"{said}"}}', (message, ""), user, now)
        else:
            yield Line(draw.choice(NO_JSON), None, "", now)


def _words(draw: random.Random) -> str:
    return " ".join("".join(draw.choices("abcdefghijklmnopqrstuvwxyz", k=7)) for _ in range(3))


def pretty(text: str) -> str:
    """A line of Pino as pino-pretty prints it, without colour."""
    if not text.endswith("}"):
        return text
    entry = json.loads(text)
    clock = entry.pop("time") % 86_400_000
    hour, minute, second, ms = clock // 3_600_000, clock // 60_000 % 60, clock // 1000 % 60, clock % 1000
    stamp = f"{hour:02}:{minute:02}:{second:02}.{ms:03}"
    del entry["hostname"]
    rows = [f"[{stamp}] {LEVELS[entry.pop('level')]} ({entry.pop('pid')}): {entry.pop('msg')}"]
    for key, value in entry.items():
        if isinstance(value, dict) and value:
            rows += [f"    {key}: {{", *_pretty_object(value), "    }"]
        else:
            rows.append(f"    {key}: {json.dumps(value)}")
    return "\n".join(rows)


def _pretty_object(value: dict[str, object]) -> Iterator[str]:
    last = list(value)[-1]
    for key, inner in value.items():
        if key == "stack":
            yield '      "stack":'
            yield from (f"          {row}" for row in str(inner).split("\n"))
        else:
            yield f'      "{key}": {json.dumps(inner)}{"" if key == last else ","}'


def write_log(path: Path, form: str, size: int, seed: int = 1) -> None:
    """At least `size` bytes of the log (before packing) in `path`, and the truth beside it."""
    stream = lines(seed, form=form)
    groups: Counter[tuple[str, str]] = Counter()
    clients: set[tuple[tuple[str, str], str]] = set()
    seconds: set[tuple[tuple[str, str], int]] = set()
    written = count = 0
    with _opened(path, form) as file:
        while written < size:
            texts = []
            for line in islice(stream, 250):
                texts.append(line.text)
                if line.group is not None:
                    groups[line.group] += 1
                    clients.add((line.group, line.client))
                    seconds.add((line.group, line.time_ms // 1000))
            if form == "prefixed":
                texts = [f"api-1  | {row}" for text in texts for row in text.split("\n")]
            elif form == "pretty":
                texts = [pretty(text) for text in texts]
            block = "\n".join(texts) + "\n"
            count += block.count("\n")
            written += file.write(block.encode())
    truth = {
        "form": form,
        "bytes": written,
        "on_disk": path.stat().st_size,
        "lines": count,
        "groups": [[text, code, n] for (text, code), n in sorted(groups.items())] if form != "distinct" else [],
        "clients": len(clients),
        "seconds": len(seconds),
    }
    truth_of(path).write_text(json.dumps(truth))


def _opened(path: Path, form: str):  # type: ignore[no-untyped-def]
    if form == "gzip":
        return gzip.open(path, "wb", compresslevel=6)
    if form == "zstd":
        import zstandard

        return zstandard.open(path, "wb", cctx=zstandard.ZstdCompressor(level=3))
    return path.open("wb")


def truth_of(path: Path) -> Path:
    """Where the truth about a log stands."""
    return path.with_name(path.name + ".truth.json")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("form", choices=FORMS)
    options.add_argument("mb", type=float)
    options.add_argument("file", type=Path)
    options.add_argument("--seed", type=int, default=1)
    asked = options.parse_args()
    part = asked.file.with_name(asked.file.name + ".part")
    write_log(part, asked.form, int(asked.mb * 1_000_000), asked.seed)
    shutil.move(truth_of(part), truth_of(asked.file))
    part.rename(asked.file)


if __name__ == "__main__":
    main()
