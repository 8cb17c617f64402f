"""Text logs: each family's form, pino-pretty as faithful as the JSON it came from, and free text that never fails."""

from __future__ import annotations

import gzip
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from floodscan.decode import HEAD, Facts, decode, facts_of, read_records, text_families
from floodscan.decode.front import glance
from floodscan.decode.json_record import families
from floodscan.model import BLOCK, Record
from floodscan.read.limits import LOOKAHEAD, LOOKBACK

SAMPLES = Path(__file__).resolve().parents[1] / "samples"
FAMILY_SAMPLES = [(family.name, sample) for family in text_families() for sample in family.samples]


def one(text: str, **facts: int) -> Record:
    (record,) = decode(text, Facts(**facts))  # type: ignore[arg-type]
    return record


def log(data: bytes, **zone: int) -> list[Record]:
    return [item for item in read_records([data], facts_of(data, **zone)) if isinstance(item, Record)]


def sample(name: str) -> list[Record]:
    path = SAMPLES / name
    data = path.read_bytes() if path.exists() else gzip.decompress((SAMPLES / f"{name}.gz").read_bytes())
    return log(data)


# ---------------------------------------------------------------- every family


@pytest.mark.parametrize(("name", "text"), FAMILY_SAMPLES)
def test_each_familys_samples_are_read_by_that_family(name: str, text: str) -> None:
    record = one(text)
    assert record.family == name and record.text == text and record.message.strip()


@pytest.mark.parametrize(("name", "text"), FAMILY_SAMPLES)
def test_each_familys_samples_are_one_record_in_a_log(name: str, text: str) -> None:
    found = log(f"{text}\n{text}\n".encode())
    assert [record.text for record in found] == [text, text]


@pytest.mark.parametrize(("name", "text"), FAMILY_SAMPLES)
def test_the_order_of_families_does_not_change_a_samples_reading(name: str, text: str) -> None:
    names = tuple(family.name for family in text_families())
    assert decode(text, Facts(families=names[::-1])) == decode(text, Facts(families=names)) == decode(text, Facts())


ALL_SAMPLES = [
    *(text for _, text in FAMILY_SAMPLES), *(text for family in families() for text in family.samples),
    '{"resourceLogs":[]}', "{}", '{"level":30,"time":"no time","msg":"x"}', '{"level":30', "", "{",
]  # fmt: skip


@pytest.mark.parametrize("offset", [0, 7_200_000])
@settings(max_examples=300, deadline=None)
@given(text=st.builds(
    lambda text, at, more: text[:at] + more + text[at:],
    st.sampled_from(ALL_SAMPLES), st.integers(0, 200), st.one_of(st.just(""), st.text(max_size=5)),
))  # fmt: skip
def test_a_glance_tells_the_family_and_the_time_that_decoding_gives(text: str, offset: int) -> None:
    facts = Facts(utc_offset_ms=offset)
    record = decode(text, facts)[0]
    own = None if record.time is None else (record.time, record.dated, record.subsecond)
    assert glance(text, facts) == (record.family, own)


# ---------------------------------------------------------------- pino-pretty and its JSON twin

RAW_MATERIAL = ("message", "level", "logger", "error", "status", "ids", "details")
TWINS = ("dashboard-flood", "healthy", "schema-drift", "pool-timeout", "false-success", "visible-type-error",
         "backoff-exponential", "dashboard-flood-half-empty")  # fmt: skip


@pytest.mark.parametrize("name", TWINS)
def test_pino_pretty_says_what_its_json_twin_says_record_by_record(name: str) -> None:
    twin, pretty = sample(f"{name}.jsonl"), sample(f"{name}.log")
    assert len(twin) == len(pretty) > 400
    for wanted, found in zip(twin, pretty, strict=True):
        for field in RAW_MATERIAL:
            assert getattr(found, field) == getattr(wanted, field), (field, found.line)
    assert {record.family for record in pretty} >= {"pino-pretty"}


@pytest.mark.parametrize("carrier", ["cri.log", "docker.jsonl"])
def test_a_carrier_around_the_flood_changes_nothing_but_the_place(carrier: str) -> None:
    for wanted, found in zip(sample("dashboard-flood.jsonl"), sample(f"dashboard-flood.{carrier}"), strict=True):
        for field in ("family", "text", *RAW_MATERIAL):
            assert getattr(found, field) == getattr(wanted, field), (field, found.line)


@pytest.mark.parametrize("name", ["dashboard-flood.jsonl", "dashboard-flood.compose.log", "dashboard-flood.cri.log"])
def test_ranges_of_a_stream_give_the_records_of_the_whole(name: str) -> None:
    path = SAMPLES / name
    # Twelve times over: the later ranges begin past the reach of their lookback.
    data = (path.read_bytes() if path.exists() else gzip.decompress(path.with_name(f"{name}.gz").read_bytes())) * 12
    facts, found = facts_of(data[:HEAD]), []
    edges = [0, BLOCK, 20 * BLOCK, 37 * BLOCK, len(data)]
    for begin, end in zip(edges, edges[1:], strict=False):
        start = max(0, begin - LOOKBACK)
        blocks = (data[at : at + BLOCK] for at in range(start, min(len(data), end + LOOKAHEAD), BLOCK))
        first_line = 1 + data.count(b"\n", 0, start)
        found += read_records(blocks, facts, offset=start, first_line=first_line, own_from=begin, own_to=end)
    assert found == list(read_records([data[at : at + BLOCK] for at in range(0, len(data), BLOCK)], facts))


def test_compose_keeps_the_services_apart() -> None:
    api = [record for record in sample("dashboard-flood.compose.log") if record.service == "api-1"]
    assert [record.text for record in api] == [record.text for record in sample("dashboard-flood.jsonl")]


def test_pino_prettys_forms_of_time_level_and_process() -> None:
    record = one("[2026-03-02 08:15:30.123 +0000] ERROR (api/4711 on web-1): load failed")
    assert (record.time, record.dated, record.level) == (1_772_439_330_123, True, "error")
    assert (record.logger, record.process, record.message) == ("api", "4711@web-1", "load failed")
    assert one("[08:15:30.123] INFO (7): up").dated is False
    assert one("[08:15:30 UTC] INFO: up").subsecond is False
    assert one("WARN (7 on web-1): up").time is None
    assert one("[08:15:30] NOTICEABLE: up").message == "up"


def test_pino_prettys_unfolded_stack_comes_back() -> None:
    text = (
        '[08:15:30] ERROR: outer\n    err: {\n      "type": "Error",\n      "message": "outer: inner",\n'
        '      "stack":\n'
        "          Error: outer\n              at main (/srv/app.js:3:9)\n          caused by: TypeError: inner\n\n"
        '              at load (/srv/load.js:1:1)\n      "aggregateErrors": [],\n      "code": "EBOOM"\n    }\n'
        "    userId: 7"
    )
    error = one(text).error
    assert error is not None and (error.type, error.code, error.message) == ("Error", "EBOOM", "outer: inner")
    assert error.stack == (
        "Error: outer\n    at main (/srv/app.js:3:9)\ncaused by: TypeError: inner\n\n    at load (/srv/load.js:1:1)"
    )
    assert one(text).ids == (("userId", "7"),)


def test_frames_that_something_else_printed_below_a_record_cost_it_no_value() -> None:
    """Recorded: a handler that prints the frames of the error it has just logged through pino-pretty."""
    agents, read, hidden, load, heartbeat = sample("recorded/pino-pretty-frames.log")
    for record in (agents, read, load):
        assert record.error is not None and record.error.code == "DATABASE_ERROR", record.message
    assert agents.error is not None and (agents.error.type, agents.error.opacity) == ("AgentError", "half-empty")
    assert hidden.error is not None and (hidden.error.code, hidden.error.opacity) == (None, "empty")
    assert load.error is not None and load.error.message == "query failed" and load.ids == (("userId", "u-1842"),)
    assert heartbeat.message == "heartbeat done" and heartbeat.error is None


def test_pino_prettys_backslashes_are_read_though_it_halves_them() -> None:
    record = one('[08:15:30] INFO: up\n    path: "C:\\Users\\me"\n    userId: "u-1234"')
    assert record.ids == (("userId", "u-1234"),)


# ---------------------------------------------------------------- free text


@pytest.mark.parametrize(
    ("text", "level", "logger", "message"),
    [
        ("2026-03-02 08:15:30,123 - shop - WARNING - slow", "warn", "shop", "slow"),
        ("2026-03-02 08:15:30,123 ERROR [main] org.shop.Orders: failed", "error", "org.shop.Orders", "failed"),
        ("2026-03-02 08:15:30,123 - INFO  [QuorumPeer[myid=1]/0:0:FastLeader@774] - Notification", "info",
         "QuorumPeer[myid=1]/0:0:FastLeader", "Notification"),
        ("2026-03-02 08:15:30.123  INFO 12345 --- [nio-8080-exec-1] c.e.shop.App : up", "info", "c.e.shop.App", "up"),
        ("2026-03-02 08:15:30.008 25746 INFO nova.wsgi.server [-] up", "info", "nova.wsgi.server", "[-] up"),
        ("2026-03-02 08:15:30.123 | ERROR    | shop.orders:load:12 - failed", "error", "shop.orders", "failed"),
        ("2026-03-02T08:15:30.877Z [INFO]  expiration: revoked lease", "info", "expiration", "revoked lease"),
        ("2026-03-02T08:15:30.123Z\tERROR\tshop/orders.go:12\tfailed", "error", "shop/orders.go", "failed"),
        ("[Mon Mar 02 08:15:30 2026] [error] mod_jk child in error state 6", "error", None,
         "mod_jk child in error state 6"),
        ("[2026-03-02T08:15:30.770Z] [ERROR] [Permissions] no roles", "error", "Permissions", "no roles"),
        ("081109 203615 148 INFO dfs.DataNode$PacketResponder: terminating", "info", "dfs.DataNode$PacketResponder",
         "terminating"),
        ("2026-03-02 08:15:30.123 UTC [123] ERROR:  relation \"x\" does not exist", "error", None,
         'relation "x" does not exist'),
        ('INFO:     127.0.0.1:51234 - "GET /orders HTTP/1.1" 200 OK', "info", None,
         '127.0.0.1:51234 - "GET /orders HTTP/1.1" 200 OK'),
        ("WARNING:shop.orders:slow", "warn", "shop.orders", "slow"),
        ("ERROR in the kitchen", "error", None, "in the kitchen"),
        ("08:15:30.123 [main] DEBUG o.s.Boot - up", "debug", "o.s.Boot", "up"),
        ("1772439330.123 [warn] slow", "warn", None, "slow"),
        # Of four letters, as a time zone has.
        ("2026-03-02 08:15:30 WARN slow", "warn", None, "slow"),
        ("2026-03-02 08:15:30 INFO up", "info", None, "up"),
        ("2026-03-02 08:15:30 CEST [42] LOG:  up", "info", None, "up"),
        # A machine, a program or a channel between the time and the level.
        ("2026-03-02T08:15:30 host1 ERROR db down", "error", None, "db down"),
        ("2026-03-02T08:15:30.000000+00:00 app[web.1]: ERROR db down", "error", "app", "db down"),
        ("[2026-03-02T08:15:30.123+0000] {taskinstance.py:1937} ERROR - failed", "error", "taskinstance.py", "failed"),
        ("[2026-03-02 08:15:30] production.ERROR: db down", "error", "production", "db down"),
        ("2026-03-02 08:15:30.123 UTC [123] shop@db ERROR:  deadlock detected", "error", None, "deadlock detected"),
        ("2026-03-02 08:15:30 UTC [123]: [1-1] user=shop,db=shop,client=10.0.0.1 FATAL:  too many clients", "fatal",
         None, "too many clients"),
        ("2026-03-02T08:15:30Z pay-svc ERROR db down", "error", None, "db down"),
        # Redis's own signs: `#` is a warning, `*` a notice.
        ("1:M 02 Mar 2026 08:15:30.123 # Connection with replica lost", "warn", None, "Connection with replica lost"),
        ("1:M 02 Mar 2026 08:15:30.123 * Ready to accept connections", "info", None, "Ready to accept connections"),
        # Time and level in one pair of brackets.
        ("[08:15:30 ERR] db down", "error", None, "db down"),
        ("[2026-03-02 08:15:30,123: ERROR/MainProcess] Task failed", "error", None, "Task failed"),
        ("[2026-03-02T08:15:30Z ERROR shop::orders] db down", "error", "shop::orders", "db down"),
        ("02-Mar-2026 08:15:30.123 SEVERE [main] org.shop.Orders failed", "error", "org.shop.Orders", "failed"),
        ("26/03/02 08:15:30 ERROR executor.Backend: lost", "error", "executor.Backend", "lost"),
        ("fail: Shop.Orders.Worker[13]\n      db down", "error", "Shop.Orders.Worker", "db down"),
        ("warn: Shop.Orders.Worker[13]\n      slow", "warn", "Shop.Orders.Worker", "slow"),
        # As grep found it.
        ("app.log:12:2026-03-02T08:15:30 ERROR db down", "error", None, "db down"),
        ("12:2026-03-02T08:15:30 ERROR db down", "error", None, "db down"),
    ],
)  # fmt: skip
def test_time_level_and_logger_are_found_in_any_order(
    text: str, level: str, logger: str | None, message: str
) -> None:
    record = one(text)
    assert (record.level, record.logger, record.message) == (level, logger, message)


@pytest.mark.parametrize(
    ("word", "level", "message"),
    [
        ("INFO", "info", "ready"), ("WARN", "warn", "ready"), ("INF", "info", "ready"), ("WRN", "warn", "ready"),
        ("ERR", "error", "ready"), ("CRIT", "fatal", "ready"), ("CET", None, "ready"), ("CEST ERROR", "error", "ready"),
    ],
)  # fmt: skip
def test_a_level_of_three_or_four_letters_behind_a_time_is_no_zone(word: str, level: str | None, message: str) -> None:
    for stamp in ("2026-03-02 08:15:30", "2026-03-02 08:15:30,123"):
        record = one(f"{stamp} {word} {message}")
        assert (record.level, record.message) == (level, message)


@pytest.mark.parametrize(
    "text",
    ["login failed for the third time", "an error occurred", "the ERROR page was served", "Failed to fetch",
     "info desk", "Warning signs were ignored", "errors: 0", "2026-03-02 08:15:30 error rate is fine",
     "Error handling initialized", "2026-03-02 08:15:30 got an ERROR from the store", "2026-03-02 08:15:30 Store ERROR page",
     "Mar  2 08:15:30 web-1 sshd[4711]: Failed password for invalid user shop from 203.0.113.7 port 51022 ssh2"],
)  # fmt: skip
def test_no_word_of_a_message_is_taken_for_a_level_or_an_error(text: str) -> None:
    record = one(text)
    assert (record.level, record.error) == (None, None)


@pytest.mark.parametrize("message", ["JWT expired", "GET /orders", "SQL is slow", "HTTP up"])
def test_a_word_in_capitals_after_the_time_is_no_zone(message: str) -> None:
    assert one(f"2026-03-02 08:15:30 {message}").message == message


def test_a_raw_error_with_its_dump_has_no_level_and_all_of_the_error() -> None:
    record = one(
        "Error: connect ECONNREFUSED 127.0.0.1:5432\n    at TCPConnectWrap.afterConnect (node:net:1611:16) {\n"
        "  errno: -111,\n  code: 'ECONNREFUSED',\n  syscall: 'connect',\n  address: '127.0.0.1',\n  port: 5432\n}"
    )
    assert record.level is None and record.error is not None
    assert (record.error.type, record.error.code, record.message) == (
        "Error", "ECONNREFUSED", "Error: connect ECONNREFUSED 127.0.0.1:5432",
    )  # fmt: skip
    assert ("port", "5432") in record.details and not record.ids


def test_an_exception_below_a_log_line_is_the_lines_error() -> None:
    (record,) = log(
        b"2026-03-02 08:15:30,123 ERROR shop.orders query failed\nTraceback (most recent call last):\n"
        b'  File "/srv/shop.py", line 3, in load\n    raise KeyError("id")\nKeyError: \'id\'\n'
    )
    assert record.message == "query failed" and record.level == "error"
    assert record.error is not None and record.error.type == "KeyError"


@pytest.mark.parametrize(
    ("text", "status", "url"),
    [
        ('10.0.0.7 - alice [02/Mar/2026:08:15:30 +0000] "GET /orders/7?x=1 HTTP/1.1" 502 1', 502, "/orders/7?x=1"),
        ("GET /orders/7 503 12.345 ms - 27", 503, "/orders/7"),
        ('INFO:     10.0.0.7:51234 - "POST /orders HTTP/1.1" 401 Unauthorized', 401, "/orders"),
    ],
)  # fmt: skip
def test_an_access_line_gives_its_status_and_request(text: str, status: int, url: str) -> None:
    record = one(text)
    assert record.status == status and dict(record.details)["url"] == url


def test_ids_are_found_by_their_form_and_named_by_their_key() -> None:
    uuid, trace = "5c1f3a52-0a4e-4a0b-9c55-2b6e0c1d9f01", "779c66ea4d9ab2d433f70b87f8824e60"
    record = one(f"request from 10.0.0.7 by eve@example.com userId={uuid} attempt=3 TraceID: {trace}")
    assert set(record.ids) == {("userId", uuid), ("ip", "10.0.0.7"), ("email", "eve@example.com"), ("TraceID", trace)}


def test_what_looks_like_an_id_and_is_none_stays_out() -> None:
    assert one("> api@1.4.2 start").ids == ()
    assert one("connect ECONNREFUSED 127.0.0.1:5432").ids == ()


def test_json_behind_a_time_is_the_record_it_is() -> None:
    record = one('2026-03-02T08:15:30.123Z {"level":50,"pid":7,"hostname":"vm","error":{},"msg":"init failed"}')
    assert (record.family, record.message, record.time) == ("pino", "init failed", 1_772_439_330_123)
    assert record.error is not None and record.error.opacity == "empty"


def test_json_behind_a_message_gives_its_fields_to_it() -> None:
    record = one('2026-03-02 08:15:30 ERROR could not load {"userId":"u-1234","error":{"code":"ECONNREFUSED"}}')
    assert (record.message, record.level, record.ids) == ("could not load", "error", (("userId", "u-1234"),))
    assert record.error is not None and record.error.code == "ECONNREFUSED"


# ---------------------------------------------------------------- clocks


def test_a_clock_without_a_date_goes_on_after_midnight() -> None:
    data = b"".join(b"[%s] INFO (7): up\n" % stamp for stamp in (
        b"23:59:58.000", b"00:00:01.000", b"23:59:59.000", b"00:00:02.000", b"12:00:00.000", b"00:00:00.500",
    ))  # fmt: skip
    day = 86_400_000
    assert [record.time for record in log(data)] == [
        day - 2_000, day + 1_000, day - 1_000, day + 2_000, day + day // 2, day + 500,
    ]  # fmt: skip


def test_a_clock_without_a_date_runs_backwards_in_a_reversed_log() -> None:
    data = b"".join(b"[%s] INFO (7): up\n" % stamp for stamp in (b"00:00:03", b"00:00:02", b"00:00:01", b"23:59:59"))
    assert facts_of(data).reversed
    assert [record.time for record in log(data)] == [3_000, 2_000, 1_000, -1_000]


def test_a_dated_line_among_dateless_ones_takes_their_clock_where_the_zones_agree() -> None:
    pretty = "[08:15:30] INFO (7): up\n" * 3
    agrees = '{"level":30,"time":1772439331000,"msg":"up"}\n'
    differs = '{"level":30,"time":1772449331000,"msg":"up"}\n'
    times = [(record.time, record.dated) for record in log((pretty + agrees + differs).encode())]
    assert times[2:] == [(29_730_000, False), (29_731_000, False), (None, True)]


def test_times_without_a_zone_are_in_the_given_one() -> None:
    data = b"2026-03-02 08:15:30 INFO up\n"
    assert log(data, utc_offset_ms=3_600_000)[0].time == 1_772_439_330_000 - 3_600_000


def test_the_facts_name_families_clock_and_direction() -> None:
    lines = [b"2026-03-02 08:15:%02d INFO up\n" % second for second in range(50)]
    facts = facts_of(b"".join(reversed(lines)))
    assert (facts.families, facts.dated, facts.reversed, facts.clock) == (("text",), True, True, True)
    assert not facts_of(b"".join(lines)).reversed
    assert facts_of(b"up\ndown\n").clock is False
    assert facts_of(b"") == Facts(clock=False)


def test_a_long_beginning_gives_the_facts_that_all_of_its_lines_give() -> None:
    pino = b'{"level":50,"time":1772439331000,"msg":"down","body":"%s"}\n' % (b"x" * 999)
    assert facts_of((pino * 1_000)[:HEAD]) == Facts(("pino",), clock=True)
    dated = [b"2026-03-02T08:%02d:%02dZ INFO up\n" % (at // 60 % 60, at % 60) for at in range(3_600)] * 8
    assert facts_of(b"".join(dated)[:HEAD]) == Facts(("text",), clock=True)
    falls = b"".join(reversed(dated[:3_600] * 3))
    assert facts_of(falls) == Facts(("text",), clock=True, reversed=True)


def test_records_that_are_longer_than_what_is_looked_at_are_found_all_the_same() -> None:
    record = b'{"level":50,"time":1772439331000,"msg":"down","body":"%s"}\n' % (b"x" * 100_000)
    assert facts_of(record * 10) == Facts(("pino",), clock=True)


def test_a_slow_log_without_dates_is_newest_first_though_half_a_day_passes_between_what_is_looked_at() -> None:
    """A line every fifteen seconds: the megabyte is two days and a half long, and 15 hours lie between its blocks that are read."""
    stamps = (f"{at // 3600 % 24:02}:{at // 60 % 60:02}:{at % 60:02}" for at in range(900_000, 675_000, -15))
    falls = b"".join(b"[%s] INFO (7): request %d was completed, and took 17 ms in all of it\n" % (stamp.encode(), at) for at, stamp in enumerate(stamps))
    assert len(falls) > HEAD and facts_of(falls[:HEAD]).reversed


def test_a_clock_that_only_some_blocks_of_the_beginning_show_is_known() -> None:
    """Where all that is looked at is one endless stack, each line too far from its head is a record without a time."""
    stack = b"".join(b"    at refresh (/srv/app/dist/refresh.js:%d:11)\n" % at for at in range(2_000))[: BLOCK - 1] + b"\n"
    lines = b"[10:00:01.000] INFO (7): up\n" * (BLOCK // 28) + b"\n" * (BLOCK % 28)
    facts = facts_of(b"".join(lines if at % 5 else stack for at in range(16)))
    assert (facts.clock, facts.dated, facts.families[0]) == (True, False, "pino-pretty")


def test_what_a_block_cuts_off_a_record_is_none_of_its_own() -> None:
    head = b"[10:00:01.000] ERROR (7): down\n    err: {\n"
    record = head + b"".join(b"        at refresh (/srv/app/dist/refresh.js:%d:11)\n" % at for at in range(150)) + b"    }\n"
    assert facts_of((record * 200)[:HEAD]).families == ("pino-pretty",)


# ---------------------------------------------------------------- hostile text

HOSTILE = (
    "[" * 100_000, "2026-03-02 08:15:30 " + "a." * 50_000, "ERROR " + "a" * 100_000, "ERROR " + "[a" * 50_000,
    "a=" * 50_000, 'a="' + "\\" * 99_999, "level=info " + 'a="' * 33_000, "x@" * 50_000, "1." * 50_000, "- " * 50_000,
    "INFO " + "| " * 50_000, "ERROR:" + " {\"" * 33_000 + "}", "[08:15:30] INFO: x\n" + '    a: "\n' * 14_000,
    "[08:15:30] INFO: x\n    err: {\n" + '      "stack":\n' * 6_000, "GET /" + "a" * 99_000, "f" * 100_000,
    "I0302 08:15:30.523502    4727 " + "a" * 100_000, "Error: " + "a\n    at " * 12_000, "at" + ":" * 100_000,
    "1.1.1.1 - - [" + "x" * 100_000, "aaaa-" * 20_000, "(" * 100_000, "a:" * 50_000 + "}",
)  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_text_is_read_in_linear_time(text: str) -> None:
    text_families()
    begin = time.perf_counter()
    decode(text, Facts())
    assert time.perf_counter() - begin < 0.25


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=200) | st.builds(
    lambda text, at, more: text[:at] + more + text[at:],
    st.sampled_from([text for _, text in FAMILY_SAMPLES]), st.integers(0, 200), st.text(max_size=5),
))  # fmt: skip
def test_no_text_raises_and_every_text_is_a_record(text: str) -> None:
    (record,) = decode(text, Facts())
    assert record.text == text


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400))
def test_no_bytes_raise(data: bytes) -> None:
    found = list(read_records([data], facts_of(data)))
    assert sum(item.size for item in found) == len(data)
