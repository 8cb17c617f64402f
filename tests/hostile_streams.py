"""Logs that are meant to exhaust whoever reads them, made piece by piece so that none is ever held whole."""

from __future__ import annotations

import gzip
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from command import environment

PIECE = 1 << 18
"""Bytes of a piece, about."""
START = 1_764_000_000_000


def _pieces(lines: Iterator[str]) -> Iterator[bytes]:
    held, size = list[str](), 0
    for line in lines:
        held.append(line)
        size += len(line)
        if size >= PIECE:
            yield "".join(held).encode()
            held, size = [], 0
    yield "".join(held).encode()


def _words(rng: random.Random, count: int) -> str:
    """Words of letters alone: nothing that a mask takes for a value."""
    return " ".join("".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=7)) for _ in range(count))


def flood(count: int) -> Iterator[bytes]:
    """`count` lines of a client that reconnects every 250 ms and is refused each time."""

    def lines() -> Iterator[str]:
        for i in range(count // 2):
            head = f'"time":{START + i * 250},"pid":41,"hostname":"api-1","connectionId":"c-{i:06x}","userId":"u-7"'
            yield f'{{"level":30,{head},"msg":"Token registered for management"}}\n'
            yield f'{{"level":50,{head},"error":{{}},"msg":"Failed to initialize dashboard"}}\n'

    return _pieces(lines())


def traffic(count: int) -> Iterator[bytes]:
    """`count` lines of an ordinary service: requests by many users, a few of them failing."""

    def lines() -> Iterator[str]:
        rng = random.Random(1)
        for i in range(count // 2):
            head = f'"time":{START + i * 40},"pid":41,"hostname":"api-{i % 4}","reqId":"req-{i:x}"'
            url = f"/v1/{('users', 'orders', 'carts', 'items')[i % 4]}/{rng.randrange(100_000)}"
            yield f'{{"level":30,{head},"req":{{"method":"GET","url":"{url}","remoteAddress":"10.0.{i % 200}.{i % 251}"}},"msg":"incoming request"}}\n'
            status = 500 if i % 97 == 0 else 200
            yield f'{{"level":30,{head},"userId":"u-{rng.randrange(20_000)}","res":{{"statusCode":{status}}},"responseTime":{rng.random() * 90:.3f},"msg":"request completed"}}\n'

    return _pieces(lines())


def messages(count: int) -> Iterator[bytes]:
    """`count` failures, each with words of its own and an id of its own."""

    def lines() -> Iterator[str]:
        rng = random.Random(2)
        for i in range(count):
            yield f'{{"level":50,"time":{START + i},"userId":"u-{i % 5000}","reqId":"r-{i:x}","msg":"{_words(rng, 5)}"}}\n'

    return _pieces(lines())


def texts(count: int) -> Iterator[bytes]:
    """`count` lines of plain text, each with words of its own."""

    def lines() -> Iterator[str]:
        rng = random.Random(3)
        for _ in range(count):
            yield f"ERROR {_words(rng, 6)}\n"

    return _pieces(lines())


def actors(count: int) -> Iterator[bytes]:
    """`count` actors who fail twice each in one loop, all of their ids distinct."""

    def lines() -> Iterator[str]:
        for i in range(2 * count):
            head = f'"time":{START + i * 3},"userId":"user-{i % count:08x}","connectionId":"c-{i:08x}"'
            yield f'{{"level":50,{head},"err":{{"type":"Error","message":"read ECONNRESET","code":"ECONNRESET"}},"msg":"Sync aborted"}}\n'

    return _pieces(lines())


def services(count: int) -> Iterator[bytes]:
    """`count` lines of docker compose, each of a service of its own, each the head of a record that may go on."""
    return _pieces(f"svc{i:x}-1  | Error: connect ECONNREFUSED 10.0.0.7:5432\n" for i in range(count))


def parts(count: int) -> Iterator[bytes]:
    """`count` first parts of lines that a container runtime has cut and whose ends never come."""
    return _pieces(
        f"2026-01-01T00:00:{i % 60:02}.{i % 1_000_000:06}000Z {('stdout', 'stderr')[i % 2]} P part {i:x} of a line\n"
        for i in range(count)
    )  # fmt: skip


def codes(count: int) -> Iterator[bytes]:
    """`count` failures with an error code, a type, a logger and keys of their own."""

    def lines() -> Iterator[str]:
        rng = random.Random(4)
        for i in range(count):
            word = _words(rng, 1)
            yield (
                f'{{"level":50,"time":{START + i},"name":"{word}","{word}Id":"{word}-{i}","err":{{"type":"{word}Error",'
                f'"message":"{word}","code":"E_{word.upper()}"}},"msg":"failed"}}\n'
            )

    return _pieces(lines())


def many_of_everything(count: int) -> Iterator[bytes]:
    """`count` failures of ten thousand kinds, each with eight ids that never come again: every sample fills up."""

    def lines() -> Iterator[str]:
        rng = random.Random(5)
        kinds = [_words(rng, 4) for _ in range(10_000)]
        keys = ("userId", "connectionId", "sessionId", "orderId", "jobId", "tenantId", "deviceId", "traceId")
        for i in range(count):
            ids = ",".join(f'"{key}":"{key[0]}-{rng.getrandbits(48):012x}"' for key in keys)
            yield f'{{"level":50,"time":{START + i},{ids},"msg":"{kinds[rng.randrange(len(kinds))]}"}}\n'

    return _pieces(lines())


def stack(count: int) -> Iterator[bytes]:
    """An exception whose stack has `count` frames."""
    yield b"Error: too deep\n"
    yield from _pieces(f"    at f{i:x} (/srv/app/deep.js:{i + 1}:7)\n" for i in range(count))


def long_line(size: int) -> Iterator[bytes]:
    """A line of `size` bytes, and a failing line behind it."""
    yield b'{"level":50,"msg":"'
    for _ in range(size // PIECE):
        yield b"a" * PIECE
    yield b'"}\n' + after()


def nuls(size: int) -> Iterator[bytes]:
    """The hole that a log has after it was emptied under its writer: `size` NULs, and a failing line behind them."""
    for _ in range(size // PIECE):
        yield bytes(PIECE)
    yield after()


def after() -> bytes:
    return f'{{"level":50,"time":{START},"err":{{"type":"Error","message":"read ECONNRESET","code":"ECONNRESET"}},"msg":"the line behind it"}}\n'.encode()


def packed(size: int) -> Iterator[bytes]:
    """A gzip file of `size` bytes of one line again and again: it unpacks to hundreds of times what it is."""
    member = gzip.compress(after() * (PIECE // len(after())))
    for _ in range(size // PIECE):
        yield member


@dataclass(frozen=True, slots=True)
class Cost:
    """What a run of the command took."""

    bytes: int
    seconds: float
    """Of the processor."""
    peak_mb: float
    code: int
    report: bytes


def cost(stream: Iterator[bytes], *arguments: str) -> Cost:
    """Feed the stream to the command on stdin; what it took, by the kernel's own account of that one process.

    The kernel begins the peak with the memory of the process that started it: within a large pytest it reads higher.
    """
    command = [sys.executable, "-m", "floodscan", "-", "--format", "json", "-q", *arguments]
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=out, env=environment())
        assert process.stdin is not None
        size = _feed(process.stdin, stream)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        report = out.read()
    return Cost(size, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, process.returncode, report)


def _feed(pipe: IO[bytes], stream: Iterator[bytes]) -> int:
    size = 0
    try:
        for piece in stream:
            pipe.write(piece)
            size += len(piece)
        pipe.close()
    except BrokenPipeError:  # it had read enough
        pass
    return size
