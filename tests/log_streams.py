"""Streams put together from recorded logs, and their profiles under caps that a few lines reach: for the laws' tests."""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path

from hypothesis import strategies as st

from floodscan.decode import facts_of, read_records
from floodscan.decode.front import Facts
from floodscan.profile import Caps, Profile
from floodscan.profile.fold import fold
from floodscan.read.limits import Limits

SAMPLES = Path(__file__).parents[1] / "samples"
NAMES = (
    "dashboard-flood.jsonl",
    "dashboard-flood.log",
    "dashboard-flood.compose.log.gz",
    "redis-refused.log",
    "schema-drift.jsonl.gz",
    "backoff-jittered.jsonl.gz",
    "healthy.jsonl",
)
_OTLP = (
    '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":"%d000000","severityNumber":17,"body":{"stringValue"'
    ':"connect refused"},"attributes":[{"key":"userId","value":{"stringValue":"u-%d"}}]},{"timeUnixNano":"%d000000",'
    '"severityNumber":17,"body":{"stringValue":"job given up"},"attributes":[{"key":"jobId","value":{"stringValue":'
    '"j-%d"}}]}]}]}]}\n'
)
"""An export of the OpenTelemetry collector: two records on one line."""
ODD = tuple(
    text.encode()
    for text in (
        *(_OTLP % (1_795_414_260_000 + 700 * i, i % 3, 1_795_414_260_000 + 700 * i, i) for i in range(6)),
        # One message from a structured logger and as free text: one id, two signatures.
        '{"level":50,"time":1795414261000,"msg":"connect refused"}\n',
        "2026-11-23T06:11:02.000Z ERROR connect refused\n",
        '{"level":50,"time":1795414261500,"err":{"message":"a","cause":{"message":"b"}},"msg":"failed"}\n',
        '{"level":50,"time":1795414261600,"err":{"message":"c","cause":{"type":"None","message":"b"}},"msg":"failed"}\n',
        '{"level":50,"time":1795414261700,"err":{"message":"d","cause":{"code":"E1","message":"z"}},"msg":"failed"}\n',
        '{"level":50,"time":1795414261800,"err":{"message":"d","cause":{"code":"E1","message":"y"}},"msg":"failed"}\n',
        '{"level":50,"time":1795414261900,"msg":"lone \\ud800 surrogate","userId":"\\udfff"}\n',
        '{"level":50,"time":1795414261900,"msg":"token","err":{"message":"password=hunter22 refused"}}\n',
        *(f'worker-{i}  | {{"level":50,"time":179541426200{i},"err":{{}},"msg":"failed"}}\n' for i in range(5)),
        "\n",
        "Traceback (most recent call last):\n  File \"app.py\", line 3, in <module>\nKeyError: 'user'\n",
    )
) + (b"\x00\x01\x02\x03\x04\x05\x06\x07\n", b"\xff\xfe not utf-8\n", b"x" * 5_000 + b"\n")

_WORDS = "orders carts users teams roles plans seats coupons refunds stocks prices labels images themes widgets".split()
SHAPES = tuple(
    f'{{"level":{level},"time":{1_795_414_270_000 + 37 * i},{error}"attempt":{i},"msg":"{text % word}"}}\n'.encode()
    for level, error, text in (
        (30, "", "reloaded cached %s"),
        (50, '"err":{"code":"E_STALE"},', "cannot load %s"),
        (50, '"err":{"code":"E_STALE"},', "%s stale"),
    )
    for i, word in enumerate(_WORDS)
)
"""More shapes than a cap holds: those without an error are joined at level 1, the others at levels 3 and 4."""

ODD_LOG, SHAPES_LOG = len(NAMES), len(NAMES) + 1
"""Their places in `logs`."""
Run = tuple[int, int, int]
"""Which log, the first of its records, how many."""


@cache
def logs() -> tuple[tuple[bytes, ...], ...]:
    """The samples' records as bytes, a record of several lines whole; then the odd ones, then the shapes."""
    return (*(tuple(_chunks((SAMPLES / name).read_bytes(), name)) for name in NAMES), ODD, SHAPES)


def _chunks(data: bytes, name: str) -> Iterable[bytes]:
    chunk = b""
    for line in (gzip.decompress(data) if name.endswith(".gz") else data).splitlines(keepends=True):
        if chunk and not line.startswith((b" ", b"}", b"\t")):
            yield chunk
            chunk = b""
        chunk += line
    yield chunk


def stream_of(runs: Iterable[Run]) -> bytes:
    return b"".join(chunk for log, first, count in runs for chunk in logs()[log][first % len(logs()[log]) :][:count])


_SMALL = dict(buckets=4, ends=2, examples=2, text=60, scene_classes=2, scene_events=3)
FIRST = st.integers(0, 800)
LENGTH = st.integers(1, 4) | st.integers(8, 40)
RUNS = st.lists(st.tuples(st.integers(0, SHAPES_LOG), FIRST, LENGTH), min_size=1, max_size=10)
SHAPED = st.tuples(
    st.tuples(st.just(SHAPES_LOG), st.sampled_from((0, 3, 15, 18, 30)), st.integers(10, 30)),
    st.tuples(st.integers(0, ODD_LOG), FIRST, st.integers(1, 12)),
).flatmap(st.permutations)
TWISTED = st.lists(
    st.tuples(st.just(ODD_LOG), st.integers(0, len(ODD) - 1), st.integers(1, 8))
    | st.tuples(st.just(SHAPES_LOG), st.integers(0, 40), st.integers(1, 4)),
    min_size=2,
    max_size=6,
)
STREAMS = (RUNS | SHAPED | SHAPED | TWISTED).map(stream_of)
FLOODS = st.tuples(STREAMS, st.integers(0, 300), STREAMS).map(lambda t: t[0] + stream_of([(0, t[1], 220)]) + t[2])
"""Streams with a stretch of a retry loop in them."""

CAPS = st.builds(
    Caps,
    signatures=st.sampled_from((1, 2, 3, 5, 8, 10, 14, 1_000, 1_000, 1_000)),
    texts=st.sampled_from((1, 3)),
    keys=st.sampled_from((1, 2, 3)),
    values=st.sampled_from((2, 20)),
    story=st.sampled_from((1, 4)),
    ranks=st.sampled_from((3, 40)),
    samples=st.just(1 << 30) | st.integers(2_000, 40_000) | st.integers(40_000, 200_000),
    **{name: st.just(cap) for name, cap in _SMALL.items()},
)
LIMITS = st.sampled_from((256, 1024)).map(Limits.of_block)


def dated_facts(data: bytes) -> Facts:
    """The stream's facts, its clock taken for a dated one: lines without a date have no time then."""
    return replace(facts_of(data), dated=True)


def profile_of(
    data: bytes,
    caps: Caps | None = None,
    facts: Facts | None = None,
    limits: Limits | None = None,
    *,
    source: int = 0,
    own: tuple[int, int] | None = None,
    into: Profile | None = None,
) -> Profile:
    """The profile of a stream, or of what begins in the range `own` of it, read from the lookback before it on.

    `into`: a profile that it is added to, record by record.
    """
    limits, facts = limits or Limits(), facts or facts_of(data)
    first, end = own or (0, len(data) + 1)
    offset = max(0, first - limits.lookback)
    blocks = (data[at : at + limits.block] for at in range(offset, len(data), limits.block))
    items = read_records(
        blocks,
        facts,
        offset=offset,
        first_line=1 + data.count(b"\n", 0, offset),
        own_from=first,
        own_to=end,
        limits=limits,
    )
    profile = Profile(caps) if into is None else into
    fold(items, profile, source, reverse=facts.reversed, block=limits.block)
    return profile


def parts_of(data: bytes, cuts: Iterable[int], caps: Caps | None, facts: Facts, limits: Limits) -> list[Profile]:
    """The profiles of the ranges between the cuts, which are numbers of blocks."""
    at = sorted({0, len(data) + 1, *(cut * limits.block for cut in cuts if cut * limits.block < len(data))})
    return [profile_of(data, caps, facts, limits, own=(a, b)) for a, b in zip(at, at[1:], strict=False)]
