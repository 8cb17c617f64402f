"""Carriers: whatever is put around a line, the record inside is the same."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floodscan.decode import facts_of, read_records
from floodscan.model import Record, Skipped
from floodscan.read.ansi import without_ansi
from floodscan.read.unwrap import unwrap

INNER = '{"level":50,"time":1795398633587,"pid":8507,"hostname":"vm","err":{"code":"ECONNREFUSED"},"msg":"load failed"}'
TEXT = "2026-03-02 08:15:30,123 ERROR shop.orders query failed"


def docker(text: str) -> str:
    return json.dumps({"log": text + "\n", "stream": "stdout", "time": "2026-03-02T08:15:30.123456789Z"})


def journald(text: str) -> str:
    return json.dumps({
        "__REALTIME_TIMESTAMP": "1772439330123456", "PRIORITY": "3", "_PID": "77", "_HOSTNAME": "web-1",
        "_SYSTEMD_UNIT": "shop.service", "MESSAGE": text,
    })  # fmt: skip


CARRIERS = {
    "compose": (lambda text: f"api-1  | {text}", "api-1"),
    "compose, coloured": (lambda text: f"\x1b[36mapi-1  | \x1b[0m{text}", "api-1"),
    "compose, one blank": (lambda text: f"shop_api_1 | {text}", "shop_api_1"),
    "cri": (lambda text: f"2026-03-02T08:15:30.123456789Z stdout F {text}", None),
    "docker json-file": (docker, None),
    "docker logs -t": (lambda text: f"2026-03-02T08:15:30.123456789Z {text}", None),
    "github actions": (lambda text: f"\ufeff2026-03-02T08:15:30.1234567Z {text}", None),
    "kubectl": (lambda text: f"[pod/api-6f7d9c8b5-x2kqp/app] {text}", "api-6f7d9c8b5-x2kqp/app"),
    "stern": (lambda text: f"api-6f7d9c8b5-x2kqp app {text}", "api-6f7d9c8b5-x2kqp/app"),
    "syslog": (lambda text: f"Mar  2 08:15:30 web-1 shop[77]: {text}", "shop"),
    "syslog, italian": (lambda text: f"gen 04 08:15:30 web-1 shop[77]: {text}", "shop"),
    "syslog, priority": (lambda text: f"<27>Mar  2 08:15:30 web-1 shop[77]: {text}", "shop"),
    "syslog, rfc 5424": (lambda text: f'<27>1 2026-03-02T08:15:30Z web-1 shop 77 - [a b="\\"]"] {text}', "shop"),
    "journalctl short-iso": (lambda text: f"2026-03-02T08:15:30+0000 web-1 shop[77]: {text}", "shop"),
    "journald": (journald, "shop.service"),
    "pm2": (lambda text: f"2026-03-02T08:15:30: {text}", None),
    "pm2 logs": (lambda text: f"0|shop     | {text}", "shop"),
    "concurrently": (lambda text: f"[0] {text}", "0"),
    "mail quote": (lambda text: f"> {text}", None),
    "compose around pm2": (lambda text: f"api-1  | 2026-03-02T08:15:30: {text}", "api-1"),
    "docker around concurrently": (lambda text: docker(f"\x1b[34m[0]\x1b[0m {text}"), "0"),
    "compose, times": (lambda text: f"api-1  | 2026-03-02T08:15:30.123456789Z {text}", "api-1"),
}


def records(log: str) -> list[Record | Skipped]:
    return list(read_records([log.encode()], facts_of(log.encode())))


def read(log: str) -> Record:
    (record,) = records(log)
    assert isinstance(record, Record)
    return record


@pytest.mark.parametrize("name", CARRIERS)
@pytest.mark.parametrize("inner", [INNER, TEXT], ids=["json", "text"])
def test_the_record_inside_a_carrier_is_the_record_without_it(name: str, inner: str) -> None:
    wrap, service = CARRIERS[name]
    bare, carried = read(inner), read(wrap(inner))
    for field in ("family", "text", "message", "time", "level", "logger", "error", "status", "ids", "details"):
        assert getattr(carried, field) == getattr(bare, field), field
    assert carried.service == service


@pytest.mark.parametrize("name", CARRIERS)
def test_a_stack_inside_a_carrier_is_one_record(name: str) -> None:
    wrap, _ = CARRIERS[name]
    if name == "mail quote":  # taken off only before what is plainly a log line
        return
    stack = ["Error: boom", "    at main (/srv/app.js:3:9) {", "  code: 'EBOOM'", "}"]
    record = read("\n".join(map(wrap, stack)))
    assert record.text == "\n".join(stack) and record.lines == 4
    assert record.error is not None and (record.error.type, record.error.code) == ("Error", "EBOOM")


@pytest.mark.parametrize(
    "line",
    ["> api@1.4.2 start", "a | b", "id | name", "INFO  | started", "[ERROR] failed", "[12345] started", "| a | b |",
     "2026-03-02T08:15:30Z ERROR worker: failed", "hello world {", "Mar  2 08:15:30 ERROR shop: failed",
     '{"log":{"level":"info"},"message":"m","time":"t"}', '{"log":"x","level":"info","time":"t"}', "", "{", "<br>"],
)  # fmt: skip
def test_what_only_looks_like_a_carrier_stays(line: str) -> None:
    assert unwrap(line).text == line


# ---------------------------------------------------------------- clocks, levels, processes


def test_a_carriers_time_stands_in_where_the_record_has_none() -> None:
    assert read(docker("up")).time == 1_772_439_330_123
    assert read("2026-03-02T08:15:30: up").time == 1_772_439_330_000


def test_a_records_own_time_goes_before_the_carriers() -> None:
    assert read(docker(INNER)).time == 1_795_398_633_587


def test_a_carriers_dated_time_goes_before_a_bare_clock() -> None:
    record = read(docker("[09:00:00.125] INFO (7): up"))
    assert (record.time, record.dated) == (1_772_439_330_123, True)


def test_a_carriers_level_stands_in_where_the_record_has_none() -> None:
    assert read(journald("out of memory")).level == "error"
    assert read(journald(INNER.replace("50", "40"))).level == "warn"


def test_pid_and_host_of_a_carrier_are_the_process() -> None:
    assert read(journald("up")).process == "77@web-1"
    assert read("Mar  2 08:15:30 web-1 shop[77]: up").process == "77@web-1"


def test_journald_prints_an_unprintable_message_as_bytes_and_a_long_one_as_null() -> None:
    entry = json.loads(journald("x"))
    entry["MESSAGE"] = list(b"\x1b[31mboom\x1b[0m \xff")
    assert read(json.dumps(entry)).text == "boom \ufffd"
    entry["MESSAGE"] = None
    (skipped,) = records(json.dumps(entry))
    assert isinstance(skipped, Skipped) and skipped.reason == "blank"


# ---------------------------------------------------------------- lines that a runtime cut


def test_the_parts_of_a_cri_line_are_joined() -> None:
    stamp = "2026-03-02T08:15:30.123456789Z stdout"
    record = read(f"{stamp} P {INNER[:30]}\n{stamp} P {INNER[30:60]}\n{stamp} F {INNER[60:]}\n")
    assert (record.text, record.lines, record.family) == (INNER, 3, "pino")


def test_parts_of_two_streams_do_not_mix() -> None:
    log = "".join(
        f"2026-03-02T08:15:30.1Z {stream} {tag} {text}\n"
        for stream, tag, text in zip(("stdout", "stderr") * 2, "PPFF", "a1b2", strict=True)
    )
    assert [record.text for record in records(log) if isinstance(record, Record)] == ["ab", "12"]


def test_an_unfinished_part_at_the_end_counts() -> None:
    record = read("2026-03-02T08:15:30.1Z stdout P the beginning of")
    assert record.text == "the beginning of"


def test_docker_cuts_lines_at_16_kib() -> None:
    long = INNER[:-1] + ',"payload":"' + "x" * 40_000 + '"}'
    parts = [long[at : at + 16_384] for at in range(0, len(long), 16_384)]
    stamp = {"stream": "stdout", "time": "2026-03-02T08:15:30Z"}
    lines = [json.dumps({"log": part + ("\n" if part is parts[-1] else ""), **stamp}) for part in parts]
    record = read("\n".join(lines))
    assert (record.text, record.lines) == (long, 3)


def test_docker_lines_without_a_newline_are_lines_all_the_same() -> None:
    line = json.dumps({"log": "up", "stream": "stdout", "time": "2026-03-02T08:15:30Z"})
    assert len(records(f"{line}\n{line}\n")) == 2


# ---------------------------------------------------------------- escapes and hostile lines


@pytest.mark.parametrize(
    ("text", "plain"),
    [("\x1b[31;1mred\x1b[0m", "red"), ("\x1b]0;title\x07up", "up"), ("\x1b]8;;http://x\x1b\\l\x1b]8;;\x1b\\", "l"),
     ("a\x1b[2Kb", "ab"), ("\x1b(Bx", "x"), ("\x1bPdevice\x1b\\x", "x"), ("\x1b", "\x1b"), ("plain", "plain")],
)  # fmt: skip
def test_escape_sequences_are_removed(text: str, plain: str) -> None:
    assert without_ansi(text) == plain


@pytest.mark.parametrize(
    "line",
    ["\x1b]" * 50_000, "\x1b[" + "0" * 100_000, "a-1" + " " * 100_000, "a-" * 50_000, "0" * 100_000, "[" * 100_000,
     '<1>1 a b c d e ["' + "\\" * 99_999, '<1>1 a b c d e [' + '"a"' * 33_000, "> " * 50_000,
     '{"log":' * 14_000 + '"time":'],
)  # fmt: skip
def test_a_hostile_line_is_unwrapped_in_linear_time(line: str) -> None:
    begin = time.perf_counter()
    unwrap(line)
    assert time.perf_counter() - begin < 0.05


@given(st.text(max_size=80))
def test_no_line_raises(text: str) -> None:
    unwrap(text)
    for wrap, _ in CARRIERS.values():
        unwrap(wrap(text))
