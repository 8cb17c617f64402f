"""The fast path over pino-pretty's records: what it gives is what the plain path gives, byte for byte."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pretty_streams import BETWEEN, DATED, DAY, MIDNIGHT, UNDATED, Printed, printed
from test_fast import BLOCK, folded, needs_kernel, taken

from floodscan.engines import pieces
from floodscan.engines.pieces import Outcome, Piece, fold_piece
from floodscan.fast import fold
from floodscan.profile import to_bytes
from floodscan.profile.profile import Profile
from floodscan.read.sources import find_sources

__all__ = ["taken"]
pytestmark = needs_kernel
HOUR = 3_600_000


def profiles(path: Path, *, fast: bool, utc_offset_ms: int = 0) -> tuple[bytes, bytes]:
    """Of what has dates, and of what has none."""
    before, pieces.available = pieces.available, lambda: fast  # type: ignore[attr-defined]
    try:
        ((source,), _), out = find_sources([str(path)]), Outcome()
        fold_piece(Piece(0, source), out, utc_offset_ms=utc_offset_ms)
        return to_bytes(out.profile), to_bytes(out.dateless)
    finally:
        pieces.available = before  # type: ignore[attr-defined]


def same(path: Path, log: bytes | str, *, utc_offset_ms: int = 0) -> bool:
    path.write_bytes(log if isinstance(log, bytes) else log.encode())
    return profiles(path, fast=True, utc_offset_ms=utc_offset_ms) == profiles(path, fast=False, utc_offset_ms=utc_offset_ms)


FLOOD = (
    {"msg": "incoming request", "reqId": "req-7f", "req": {"method": "GET", "url": "/api/orders", "remoteAddress": "10.0.0.7"}},
    {"msg": "load failed", "attempt": 3, "err": {"type": "Error", "message": "pool is full", "stack": "Error: full\n    at f"}, "x": []},
    {"msg": "user 7 is gone", "userId": 7, "error": {}},
    {"msg": "done"},
)


def flood(count: int, clock: Callable[[int], str], *, coloured: bool = False) -> bytes:
    """Records of four log calls over a midnight."""
    random, ms, out = Random(4), MIDNIGHT - 60_000, list[bytes]()
    printer = Printed(random, clock, coloured)
    for _ in range(count):
        ms += random.randrange(900)
        told = {"level": 50, "time": ms, "pid": 17, "hostname": "web-1", **random.choice(FLOOD)}
        told |= {"reqId": f"req-{random.randrange(10**6):x}"} if "reqId" in told else {}
        printer.fields = {key: lambda value=value: value for key, value in told.items()}  # type: ignore[misc]
        out.append(printer.record(ms) + b"\n")
    return b"".join(out)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32), zone=st.sampled_from([0, 2 * HOUR]), held=st.sampled_from([(128, 2_048), (1, 2_048), (2, 30)]))
def test_any_log_gives_the_same_profile_on_both_paths(
    seed: int, zone: int, held: tuple[int, int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fold, "BLOCKS", held[0])
        patch.setattr(fold, "_PLAIN", held[1])
        assert same(tmp_path_factory.mktemp("pretty") / "any.log", printed(Random(seed), 300), utc_offset_ms=zone)


@pytest.mark.parametrize("coloured", [False, True])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("clock", range(len(UNDATED) + len(DATED)))
def test_a_flood_is_taken_by_the_kernel(clock: int, end: bytes, coloured: bool, tmp_path: Path, taken: list[int]) -> None:
    fold._learnt.clear()
    log = flood(1_500, (UNDATED + DATED)[clock], coloured=coloured).replace(b"\n", end)
    assert same(tmp_path / "flood.log", log)
    assert sum(taken) > 0.98 * log.count(b"\n")


@pytest.mark.parametrize("between", BETWEEN)
def test_what_stands_between_records_is_framed_as_by_the_plain_path(between: bytes, tmp_path: Path) -> None:
    records = flood(90, UNDATED[0]).split(b"\n[")
    for every in (7, 2, 1):
        log = b"\n[".join(record + (b"\n" + between if at % every == 0 else b"") for at, record in enumerate(records))
        assert same(tmp_path / "between.log", log)


def test_a_line_too_long_for_one_ends_no_record(tmp_path: Path) -> None:
    long = b"[06:11:32.001] INFO: " + b"x" * (16 * BLOCK) + b"\n    note: 7\n"
    log = flood(120, UNDATED[0])
    assert same(tmp_path / "long.log", log + long + log)


def test_a_record_below_its_head_alone_ends_at_no_exception(tmp_path: Path, taken: list[int]) -> None:
    head = "[06:11:32.{:03}] ERROR (17): load failed"
    lines = [f"{head.format(i)}\nTypeError: no such order {i % 3}" for i in range(400)]
    assert same(tmp_path / "thrown.log", "\n".join(lines))
    assert sum(taken) == 0
    lines = [f"{head.format(i)}\n    attempt: 1\nTypeError: no such order {i % 3}" for i in range(400)]
    assert same(tmp_path / "beside.log", "\n".join(lines))
    assert sum(taken) > 600


@pytest.mark.parametrize("shift", range(0, 260, 13))
def test_a_record_that_a_block_cuts_is_taken_whole(shift: int, tmp_path: Path, taken: list[int]) -> None:
    log = b"[06:11:32.001] INFO: " + b"x" * shift + b"\n" + flood(1_500, UNDATED[0])
    assert len(log) > 2 * BLOCK
    assert same(tmp_path / "cut.log", log)
    assert sum(taken) > 0.98 * log.count(b"\n")
    assert same(tmp_path / "hole.log", log[:BLOCK] + bytes(BLOCK) + log[BLOCK:])
    assert same(tmp_path / "end.log", log[: BLOCK + 1000 + shift])


@pytest.mark.parametrize("clock", [UNDATED[0], DATED[0]])
def test_a_packed_log_that_breaks_off_gives_the_same_on_both_paths(clock: Callable[[int], str], tmp_path: Path) -> None:
    packed = gzip.compress(flood(1_000, clock) + b"[06:11:32.001] INFO: " + b"\x07" * 30 + b"\n    at f (x.js:1:2)")
    for twentieths in range(21):
        assert same(tmp_path / "cut.log.gz", packed[: len(packed) * twentieths // 20])


def test_ranges_of_a_log_with_dates_add_up_on_both_paths(tmp_path: Path, taken: list[int]) -> None:
    path = tmp_path / "dated.log"
    path.write_bytes(flood(4_000, DATED[0]))
    whole = to_bytes(folded(path, fast=False))
    for fast in (True, False):
        total = Profile()
        for start, end in ((3 * BLOCK, None), (0, BLOCK), (BLOCK, 3 * BLOCK)):
            total.merge(folded(path, fast=fast, start=start, end=end))
        assert to_bytes(total) == whole
    assert sum(taken) > 15_000


def test_days_pass_as_they_do_for_the_plain_path(tmp_path: Path, taken: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fold, "BLOCKS", 1)
    monkeypatch.setattr(fold, "_PLAIN", 30)
    random, lines, ms = Random(3), [], MIDNIGHT
    for i in range(4_000):
        ms += random.choice([1, 900, 600_000])
        late = random.choice([0] * 20 + [5, 3 * HOUR // 2, 5 * HOUR, DAY // 2, DAY])
        lines.append(Printed.head(UNDATED[0](ms - late), f"load failed {i % 9}", f"    attempt: {i % 4}"))
        if random.random() < 0.02:
            lines.append(f"[{DATED[0](ms)}] WARN (17): dated")
        if random.random() < 0.02:
            lines.append(f"{UNDATED[0](ms - late)} WARN another family")
    assert same(tmp_path / "days.log", "\n".join(lines))
    assert sum(taken) > 6_000


def test_a_year_passes_too(tmp_path: Path) -> None:
    lines = []
    for i in range(3_000):
        lines.append(Printed.head(UNDATED[0](MIDNIGHT + i * 60_000), "load failed", "    attempt: 1"))
        if i % 500 == 0:
            lines.append(f"{'Nov 23' if i % 1000 else 'Jan  2'} 01:50:33 host app[7]: text")
    assert same(tmp_path / "years.log", "\n".join(lines))


@pytest.mark.parametrize(
    "fields",
    [
        ['    a: "b: c"', '    d: "x: {"', '    e: ""'],
        ["    list: []", "    none: {}", "    null: null"],
        ['    list: [\n      "a",\n      {\n        "id": "b7c{n}"\n      }\n    ]'],
        ['    user: {\n      "id": "b7c{n}",\n      "role": {\n        "id": {n}\n      }\n    }'],
        ['    err: {\n      "type": "E",\n      "message": "m {n}",\n      "stack":\n          E: m\n              at f (x.js:1:2)\n    }'],
        ['    err: {\n      "stack":\n          E: m\n              at f (x.js:1:2)\n      "code": "E7"\n    }'],
        ['    user: "a{n}"', '    user: "b{n}"'],
        ['    user: {\n      "id": "a{n}",\n      "id": "b{n}"\n    }'],
        ['    msg: "other {n}"'],
        ['    message: "other {n}"'],
        ["    pid: 1{n}"],
        ["    level: 1{n}"],
        ["    time: 170000000{n}"],
        ['    name: "a{n}"'],
        ['    details: "a\\nb {n}"', '    hint: "1{n}"', '    code: "PGRST0"', '    message: "said {n}"'],
        ['    dir: "C:\\temp\\{n}"'],
        ["    big: 1{n}123456789012345678901234567890"],
    ],
)
def test_a_value_is_cut_only_where_nothing_else_follows_from_it(fields: list[str], tmp_path: Path) -> None:
    lines = []
    for i in range(60):
        below = [field.replace("{n}", str(i // 9)) for field in fields]
        lines.append(Printed.head(UNDATED[0](MIDNIGHT + i), f"failed {i % 5}", *below))
    assert same(tmp_path / "values.log", "\n".join(lines))


def test_where_a_message_tells_a_detail_other_lines_tell_it_too(tmp_path: Path) -> None:
    said = ("attempt {} failed", "dial tcp{}: refused", "retry after 0{} s", "connect ECONNREFUSED 10.0.0.{0}:54{0}", "{0} retry {0}")
    lines = [
        Printed.head(UNDATED[0](MIDNIGHT + i), said[i % 5].format(i * 7 % 90), f"    attempts: {i % 3}") for i in range(900)
    ]
    assert same(tmp_path / "told.log", "\n".join(lines))
