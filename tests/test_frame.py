"""Lines to records: what continues what, and the laws of reading a stream in ranges and of conservation."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from floodscan.model import Skipped
from floodscan.read.frame import frames
from floodscan.read.framer import Frame
from floodscan.read.kinds import Kind, kind_of, starts_record
from floodscan.read.limits import LIMITS, LOOKAHEAD, LOOKBACK, Limits
from floodscan.read.lines import physical_lines

SMALL = Limits.of_block(64)
"""Everything shrunk in proportion: a record spans 64 bytes, a line has 1,024 at most, a range looks back 1,088."""


def blocks_of(data: bytes, start: int = 0, size: int = SMALL.block) -> Iterator[bytes]:
    return (data[at : at + size] for at in range(start, len(data), size))


def whole(data: bytes, limits: Limits = SMALL) -> list[Frame | Skipped]:
    return list(frames(blocks_of(data, size=limits.block), limits=limits))


def in_ranges(data: bytes, cuts: list[int], limits: Limits = SMALL, *, lazy: bool = True) -> list[Frame | Skipped]:
    """The stream read range by range, each from its lookback on, by readers that know nothing of each other."""
    edges: list[int | None] = [0, *sorted({cut * limits.block for cut in cuts if cut}), None]
    found: list[Frame | Skipped] = []
    for begin, end in zip(edges, edges[1:], strict=False):
        assert begin is not None
        start = max(0, begin - limits.lookback)
        seen = data if lazy or end is None else data[: end + limits.lookahead]
        found += frames(
            blocks_of(seen, start, limits.block), offset=start, first_line=1 + data.count(b"\n", 0, start),
            own_from=begin, own_to=end, limits=limits,
        )  # fmt: skip
    return found


def texts(data: str) -> list[str]:
    return [item.text for item in whole(data.encode(), LIMITS) if isinstance(item, Frame)]


# ---------------------------------------------------------------- what continues what


NODE = """\
TypeError: fetch failed
    at node:internal/deps/undici/undici:14976:13
    at async main (file:///app/main.js:3:9) {
  [cause]: Error: connect ECONNREFUSED 127.0.0.1:59999
      at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1611:16) {
    errno: -111,
    code: 'ECONNREFUSED'
  }
}"""
MODULE = """\
Error: Cannot find module './missing'
Require stack:
- /srv/app/index.js
    at Module._resolveFilename (node:internal/modules/cjs/loader:1140:15) {
  code: 'MODULE_NOT_FOUND',
  requireStack: [ '/srv/app/index.js' ]
}"""
WINSTON = '[19:36:22] warn: Retry attempt 1 {\n  "service": "shop",\n  "error": {\n    "code": "ECONNREFUSED"\n  }\n}'
PRETTY = '[06:06:46 UTC] INFO: incoming request\n    reqId: "req-1"\n    req: {\n      "method": "GET"\n    }'
JAVA = """\
2026-03-02 08:15:30.123 ERROR 1 --- [main] c.e.shop.Orders : query failed
java.lang.IllegalStateException: no connection
\tat com.example.shop.Orders.load(Orders.java:42)
Caused by: java.net.ConnectException: Connection refused
\tat java.base/sun.nio.ch.Net.pollConnect(Native Method)
\t... 12 more"""
PYTHON = """\
2026-03-02 08:15:30,123 ERROR shop query failed
Traceback (most recent call last):
  File "/srv/shop.py", line 3, in load
    raise KeyError("id")
KeyError: 'id'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/srv/shop.py", line 5, in main
    load()
shop.errors.NotLoaded: orders"""
RAW_PYTHON = PYTHON.split("\n", 1)[1]
LOGURU = """\
2026-03-02 08:15:30.123 | ERROR    | shop:load:28 - order query failed
Traceback (most recent call last):

> File "/srv/shop.py", line 26, in <module>
    load(7)
    └ <function load at 0x7fbc27cd1440>

KeyError: 'id'"""
RICH = """\
[critical ] order query failed             order_id=7
╭──────────────── Traceback (most recent call last) ────────────────╮
│ /srv/shop.py:27 in load                                           │
╰───────────────────────────────────────────────────────────────────╯
KeyError: 'id'"""
STACK_INFO = """\
2026-03-02 08:15:30 [error    ] asked where
Stack (most recent call last):
  File "/srv/shop.py", line 47, in <module>
    log.error("asked where", stack_info=True)"""
GO = """\
panic: runtime error: invalid memory address

goroutine 1 [running]:
main.(*Shop).load(0x0, 0x1)
\t/srv/shop.go:12 +0x1d
main.main()
\t/srv/main.go:5 +0x20
exit status 2"""
NEST = """\
[Nest] 4711  - 03/02/2026, 8:15:30 AM   ERROR [ExceptionsHandler] connect refused
Error: connect refused
    at Orders.load (/srv/dist/orders.js:3:9)"""


@pytest.mark.parametrize(
    "record", [NODE, MODULE, WINSTON, PRETTY, JAVA, PYTHON, RAW_PYTHON, NEST, LOGURU, RICH, STACK_INFO],
    ids=["node", "require-stack", "winston", "pino-pretty", "java", "python", "raw-python", "nest", "loguru", "rich",
         "stack-info"],
)  # fmt: skip
def test_a_record_over_several_lines_is_one_record(record: str) -> None:
    assert texts(f"{record}\n{record}\nlistening on port 3000\n{record}\n") == [
        record, record, "listening on port 3000", record,
    ]  # fmt: skip


def test_a_go_panic_keeps_its_goroutines() -> None:
    assert texts(GO.replace("main.main()\n", "main.main(...)\n"))[0].endswith("exit status 2")


def test_an_error_after_an_ordinary_line_is_a_record_of_its_own() -> None:
    assert texts("2026-03-02 08:15:30 INFO started\nError: boom\n    at main (/srv/app.js:3:9)\n") == [
        "2026-03-02 08:15:30 INFO started", "Error: boom\n    at main (/srv/app.js:3:9)",
    ]  # fmt: skip


def test_a_line_of_json_takes_no_continuation() -> None:
    assert texts('{"msg":"a"}\n    at main (/srv/app.js:3:9)\n{"msg":"b"}\n') == [
        '{"msg":"a"}', "    at main (/srv/app.js:3:9)", '{"msg":"b"}',
    ]  # fmt: skip


def test_pretty_json_on_its_own_is_one_record() -> None:
    record = '{\n  "level": 50,\n  "err": {\n    "code": "X"\n  }\n}'
    assert texts(f"{record}\n{record}\n") == [record, record]


def test_services_of_one_stream_keep_their_own_open_records() -> None:
    log = (
        "api-1     | Error: boom\n"
        "worker-1  | TypeError: bang\n"
        "api-1     |     at api (/srv/api.js:1:1)\n"
        "worker-1  |     at worker (/srv/worker.js:1:1)\n"
        "api-1     | listening\n"
    )
    found = [item for item in whole(log.encode(), LIMITS) if isinstance(item, Frame)]
    assert [(item.service, item.text, item.line, item.lines) for item in found] == [
        ("api-1", "Error: boom\n    at api (/srv/api.js:1:1)", 1, 2),
        ("worker-1", "TypeError: bang\n    at worker (/srv/worker.js:1:1)", 2, 2),
        ("api-1", "listening", 5, 1),
    ]


def test_a_part_whose_line_never_ends_holds_back_no_more_than_its_gap() -> None:
    data = b"web-1  | ERROR open\n2026-01-01T00:00:00.1Z stdout P never finished\n"
    data += b'job-1  | {"level":50,"msg":"failed"}\n' * 20_000
    read = 0

    def counted() -> Iterator[bytes]:
        nonlocal read
        for block in blocks_of(data):
            read += len(block)
            yield block

    next(iter(frames(counted(), limits=SMALL)))
    assert read <= SMALL.span + SMALL.gap + 4 * SMALL.block


def test_a_continuation_far_behind_its_head_is_an_orphan_and_takes_none_itself() -> None:
    found = whole(b"head\n" + b"  x\n" * 20)
    assert [item.text.count("\n") for item in found if isinstance(item, Frame)] == [15, 0, 0, 0, 0, 0]


def test_blank_lines_inside_a_record_belong_to_it_and_those_after_it_are_skipped() -> None:
    found = whole(b"Error: boom\n\n\n    at main (/srv/app.js:3:9)\n\nnext\n", LIMITS)
    assert [(type(item).__name__, item.line, item.lines) for item in found] == [
        ("Frame", 1, 4), ("Skipped", 5, 1), ("Frame", 6, 1),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "line", ["    at main (/srv/app.js:3:9)", "}", "]", "})", "\tat Foo.java", "Caused by: x", "caused by: Error: x",
             "at Object.<anonymous> (/srv/app.js:3:9)", "... 12 more", "    ... 3 lines matching cause stack trace ...",
             "^", "Node.js v20.11.1", "- /srv/app/index.js", "Require stack:"],
)  # fmt: skip
def test_a_continuation_is_known_by_its_own_text(line: str) -> None:
    assert not starts_record(line)


@pytest.mark.parametrize(
    "line", ['{"msg":"a"}', "Error: boom", "at 10:30 the server restarted", "- item", "> api@1.4.2 start", "{",
             "#1 fix", "Traceback (most recent call last):", "[08:15:30] INFO: up", "2026-03-02 up", "caused a stir"],
)  # fmt: skip
def test_a_head_is_known_by_its_own_text(line: str) -> None:
    assert starts_record(line)


def test_the_kind_of_a_hostile_line_is_found_in_linear_time() -> None:
    import time

    hostile = ("at " + "a(" * 50_000, "a." * 50_000 + "(", "Invalid `" * 11_000, "#1 " + "\\" * 99_000, "a" * 100_000)
    for line in hostile:
        begin = time.perf_counter()
        kind_of(line)
        assert time.perf_counter() - begin < 0.05


# ---------------------------------------------------------------- what is skipped


def test_what_is_no_record_is_skipped_with_its_reason() -> None:
    deep = b'{"a":' * 70 + b"1" + b"}" * 70
    oversize = b"x" * (LIMITS.line + 5)
    log = b"\n  \nup\n" + deep + b"\n" + oversize + b"\n" + bytes(range(8)) * 9 + b"\nup\n"
    reasons = [(item.reason, item.line) for item in whole(log, LIMITS) if isinstance(item, Skipped) if item.lines]
    assert reasons == [("blank", 1), ("blank", 2), ("depth", 4), ("oversize", 5), ("binary", 6)]


def test_the_line_after_an_oversize_one_is_read() -> None:
    found = whole(b"a\n" + b"x" * 5_000 + b"\nb\n")
    assert [item.text for item in found if isinstance(item, Frame)] == ["a", "b"]
    assert [item.line for item in found if isinstance(item, Frame)] == [1, 3]
    assert sum(item.size for item in found) == 5_005


def test_a_hole_of_nuls_is_skipped_and_the_line_after_it_is_read() -> None:
    data = b"\0" * 1_000 + b'{"msg":"after the hole"}\n'
    found = whole(data)
    assert [item.text for item in found if isinstance(item, Frame)] == ['{"msg":"after the hole"}']
    assert {item.reason for item in found if isinstance(item, Skipped)} == {"binary"}
    assert sum(item.size for item in found) == len(data)


def test_brackets_in_strings_are_no_depth() -> None:
    line = '{"msg":"' + "[" * 200 + '"}'
    assert texts(line + "\n") == [line]


# ---------------------------------------------------------------- the laws

LINES = st.sampled_from([
    b'{"msg":"a"}', b'{"a":{"b":[1]}}', b"", b"  ", b"Error: x", b"  at f (a:1:1)", b"}", b"] ERROR up", b"up",
    b"ERROR: up", b"[ERROR] db down", b"FooError: ERROR", b"Traceback (most recent call last):", b"KeyError: 'a'",
    b"During handling of the above exception", b"Caused by: x", b"a-1  | up", b"a-1  |   at f (a:1:1)", b"b-1  | up",
    b"a-1  | [ERROR] db", b"a-1  | FooError: x", b"a-1  | Traceback (most recent call last):", b"b-1  |   deep",
    b"a-1  | ", b"2026-01-01T00:00:00.1Z stdout P part", b"2026-01-01T00:00:00.1Z stdout F last",
    b"2026-01-01T00:00:00.1Z stdout F   at f (a:1:1)", b"2026-01-01T00:00:00.1Z stderr P part",
    b"2026-01-01T00:00:00.1Z stderr F {}", b"2026-01-01T00:00:00.1Z stdout P ", b"x" * 63, b"y" * 300, b"z" * 1_500,
    b"\0" * 64, b"\0" * 130, b"\0\0\0up", bytes(range(9)), b"\xff\xfe\xfd", b"up\r", "\u00e9t\u00e9".encode(),
    b'{"a":1}\r',
    b"{" + b'"a":{' * 70, b'{"a":' + b"[" * 70 + b"]" * 70 + b"}",
])  # fmt: skip
STREAMS = st.lists(LINES | st.binary(max_size=40), max_size=160).map(b"\n".join)
ENDINGS = st.sampled_from([b"", b"\n"])
CUTS = st.lists(st.integers(1, 200), max_size=4)


@settings(max_examples=400, deadline=None)
@given(STREAMS, ENDINGS, CUTS, st.booleans())
def test_ranges_read_apart_give_the_records_of_the_whole(
    data: bytes, ending: bytes, cuts: list[int], lazy: bool
) -> None:
    data += ending
    cuts = [cut for cut in cuts if cut * SMALL.block < len(data)]
    assert in_ranges(data, cuts, lazy=lazy) == whole(data)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(LINES, st.integers(1, 30)), max_size=8),
    st.lists(st.integers(1, 120), max_size=3),
    st.integers(1, 5),
)
def test_ranges_of_a_stream_that_repeats_itself_give_the_whole(
    runs: list[tuple[bytes, int]], cuts: list[int], rounds: int
) -> None:
    data = b"".join((line + b"\n") * count for line, count in runs) * rounds
    cuts = [cut for cut in cuts if cut * SMALL.block < len(data)]
    assert in_ranges(data, cuts) == whole(data)


def periodic() -> st.SearchStrategy[bytes]:
    """One round of lines over and over: what only ever depends on the round before shows here."""
    return st.lists(LINES, min_size=1, max_size=7).map(lambda lines: b"\n".join(lines) + b"\n").map(
        lambda cycle: cycle * min(200, 1 + 6_000 // len(cycle))
    )


@settings(max_examples=300, deadline=None)
@given(periodic(), st.integers(1, 90))
@example((b"Traceback (most recent call last):\n  f\nKeyError: 'a'\nDuring handling of the above exception\n") * 60, 40)
@example((b"FooError: ERROR\n") * 300, 40)
def test_no_decision_depends_on_how_long_a_round_has_gone_on(data: bytes, cut: int) -> None:
    cuts = [cut] if cut * SMALL.block < len(data) else []
    assert in_ranges(data, cuts) == whole(data)


@settings(max_examples=400, deadline=None)
@given(STREAMS, ENDINGS)
def test_every_line_and_byte_is_in_one_record_or_one_skip(data: bytes, ending: bytes) -> None:
    data += ending
    found = whole(data)
    assert sum(item.size for item in found) == len(data)
    if b"\0" * SMALL.block not in data:  # a hole ends a line without a line feed
        assert sum(item.lines for item in found) == data.count(b"\n") + (not data.endswith(b"\n") and bool(data))
    assert [item.offset for item in found] == sorted(item.offset for item in found)


@settings(max_examples=200, deadline=None)
@given(STREAMS)
def test_the_line_number_of_a_record_counts_the_line_feeds_before_it(data: bytes) -> None:
    for item in whole(data):
        if item.lines:
            assert item.line == 1 + data.count(b"\n", 0, item.offset)


@settings(max_examples=200, deadline=None)
@given(STREAMS)
def test_the_fast_path_for_json_gives_what_the_framer_gives(data: bytes) -> None:
    # A service's line that stays open keeps the framer from being idle, and with it the fast path from being taken.
    opened = b"keep-1  | open\n"
    slow = [item for item in whole(opened + data) if item.offset]
    fast = whole(data)
    limit = SMALL.span  # while the opened record is open
    shift = len(opened)
    if b"keep-1" in data or len(data) > limit - shift:
        return
    moved = [item._replace(offset=item.offset + shift, line=item.line + 1) for item in fast if isinstance(item, Frame)]
    assert moved == [item for item in slow if isinstance(item, Frame)]


def test_a_reader_takes_no_more_blocks_than_it_needs() -> None:
    taken = 0

    def counted() -> Iterator[bytes]:
        nonlocal taken
        for block in blocks_of(b'{"msg":"a"}\n' * 5_000):
            taken += 1
            yield block

    list(frames(counted(), own_to=10 * SMALL.block, limits=SMALL))
    assert taken == 11


def test_the_reach_of_a_range_is_a_matter_of_record() -> None:
    assert (LOOKBACK, LOOKAHEAD) == (1_048_576 + 65_536, 2 * 1_048_576 + 2 * 65_536)


def test_an_oversize_line_is_found_alike_from_its_middle() -> None:
    data = b"a\n" + b"x" * 5_000 + b"\nb\n"
    assert in_ranges(data, [20, 40, 60]) == whole(data)


def test_pieces_of_an_oversize_line_count_one_line() -> None:
    found = list(physical_lines(blocks_of(b"x" * 3_000 + b"\n"), limits=SMALL))
    assert all(isinstance(item, Skipped) for item in found)
    assert [item.lines for item in found if isinstance(item, Skipped)] == [1] + [0] * (len(found) - 1)


def test_kinds_are_ordered_heads_first() -> None:
    assert max(Kind.START, Kind.WHOLE, Kind.TRACEBACK) < Kind.CONTINUATION < Kind.CHAINED
