"""What Python programs print for people: structlog's console and loguru's default format, with their exceptions."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest
from lab import report_of

from floodscan.decode import Facts, decode, facts_of, read_records
from floodscan.decode.stack_frames import frames_of
from floodscan.model import BLOCK, Record

RECORDED = Path(__file__).resolve().parents[1] / "samples" / "recorded"
STRUCTLOG = ("structlog-plain.log", "structlog-rich.log.gz")
LOGURU = ("loguru.log", "loguru-diagnose.log")


def recorded(name: str) -> bytes:
    data = (RECORDED / name).read_bytes()
    return gzip.decompress(data) if name.endswith(".gz") else data


def records(name: str) -> list[Record]:
    data = recorded(name)
    blocks = [data[at : at + BLOCK] for at in range(0, len(data), BLOCK)]
    return [item for item in read_records(blocks, facts_of(data)) if isinstance(item, Record)]


def one(text: str) -> Record:
    (record,) = decode(text, Facts())
    return record


# ---------------------------------------------------------------- structlog


@pytest.mark.parametrize("name", STRUCTLOG)
def test_structlogs_console_gives_event_level_logger_code_and_ids(name: str) -> None:
    found = records(name)
    assert {record.family for record in found} == {"structlog-console"}
    failing = [record for record in found if record.message == "orders could not be read"]
    assert len(failing) > 40
    assert {(r.level, r.logger, r.error and r.error.code) for r in failing} == {
        ("error", "shop.orders", "ORDERS_UNAVAILABLE")
    }
    assert {r.ids for r in failing} == {(("worker", "w1"),), (("worker", "w2"),)}
    assert dict(failing[0].details) == {"reason": "orders at port 59917 can't be read", "attempt": "1"}


@pytest.mark.parametrize("name", STRUCTLOG)
def test_an_exception_below_structlogs_line_is_its_error_with_cause_and_place(name: str) -> None:
    """Plain, and in the box that rich draws; the event is longer than its column, so its end is found by the pairs."""
    raised = [record for record in records(name) if record.message.startswith("giving it")]
    assert len(raised) == 4
    for record in raised:
        assert record.message == "giving it another try, for the orders have to be read"
        assert record.logger == "shop.orders" and record.ids[0][0] == "worker"
        error = record.error
        assert error is not None and error.stack is not None
        assert (error.type, error.message) == ("OrdersUnavailable", "orders at port 59917 can't be read")
        assert [cause.type for cause in error.causes] == ["ConnectionRefusedError"]
        first = frames_of(error.stack)[0]
        assert (first.file, first.line, first.function) == ("/srv/shop/structlog_console.py", 40, "read_orders")


@pytest.mark.parametrize("name", STRUCTLOG)
def test_every_line_of_structlogs_log_belongs_to_the_record_it_was_printed_with(name: str) -> None:
    assert sum(record.lines for record in records(name)) >= recorded(name).count(b"\n") - 4  # blank lines after a box
    assert {record.level for record in records(name)} == {"info", "error", "warn", "fatal"}


def test_an_exception_among_the_pairs_is_read_as_python_would_say_it() -> None:
    (stopped,) = [record for record in records("structlog-plain.log") if record.message == "stopped"]
    assert stopped.error is not None
    assert (stopped.error.type, stopped.error.message) == ("ConnectionRefusedError", "[Errno 111] Connection refused")


@pytest.mark.parametrize(
    ("pair", "fields"),
    [
        ("user_id=7", {"ids": (("user_id", "7"),)}),
        ("context={'user_id': 'u-1842', 'x': [1, None]}", {"ids": (("context.user_id", "u-1842"),)}),
        (r"""error='it\'s \x1b"so"'""", {"said": "it's \x1b\"so\""}),
        ('error="it\'s so"', {"said": "it's so"}),
        ("error=ValueError('bad id')", {"said": "bad id"}),
        ("error=Broken(1, {2})", {"said": "Broken(1, {2})"}),
        ("error=None", {"said": None}),
        ("error={'code': 'E_BUSY', 'left': {1, 2}}", {"said": "{'code': 'E_BUSY', 'left': {1, 2}}"}),
    ],
)
def test_a_value_is_read_as_what_python_printed(pair: str, fields: dict[str, Any]) -> None:
    record = one(f"2026-03-02 08:15:30 [error    ] order query failed             {pair}")
    assert record.message == "order query failed"
    if "ids" in fields:
        assert record.ids == fields["ids"]
    if "said" in fields:
        assert (record.error.message if record.error else None) == fields["said"]


def test_words_with_an_equals_sign_in_an_event_stay_in_it() -> None:
    record = one("2026-03-02 08:15:30 [info     ] event with = sign a=b          user_id=7")
    assert (record.message, record.ids) == ("event with = sign a=b", (("user_id", "7"),))


@pytest.mark.parametrize(
    ("line", "logger", "message"),
    [
        ("[info     ] Started server process [1234]  [uvicorn.error]", "uvicorn.error", "Started server process [1234]"),
        ("[info] Started server process [1234]  [uvicorn.error]", "uvicorn.error", "Started server process [1234]"),
        ('[info     ] 127.0.0.1:51234 - "GET /orders/7 HTTP/1.1" 200 [uvicorn.access]', "uvicorn.access",
         '127.0.0.1:51234 - "GET /orders/7 HTTP/1.1" 200'),
        ("[warning  ] a warning that is longer than the column is [shop] a=1", "shop",
         "a warning that is longer than the column is"),
        ("[error    ] process ended, which nobody expected [1234]", None,
         "process ended, which nobody expected [1234]"),
        ("[error] boom                           [shop.db]", "shop.db", "boom"),
    ],
)  # fmt: skip
def test_a_logger_stands_behind_the_event_however_long_that_is(line: str, logger: str | None, message: str) -> None:
    """As structlog prints what the standard library's loggers were told (its `ProcessorFormatter`)."""
    record = one(f"2026-11-23T15:46:49.528088Z {line}")
    assert (record.family, record.logger, record.message) == ("structlog-console", logger, message)


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-02 08:15:30 [error] order query failed order_id=7",
        "2026-03-02 08:15:30 [shop     ] order query failed             order_id=7",
        "[error] order query failed",
        "[Nest] 4711  - 03/02/2026, 8:15:30 AM   ERROR [OrdersService] query failed +2ms",
    ],
)
def test_other_loggers_lines_are_not_taken_for_structlogs(text: str) -> None:
    assert one(text).family == "text"


def test_a_loop_of_two_workers_is_told_by_worker_with_its_pause() -> None:
    (loop, *_) = report_of(recorded("structlog-plain.log"))["loops"]
    assert (loop["iterations"], loop["cadence"], loop["outcome"]) == (52, "fixed", "recovered")
    assert (loop["actors"]["key"], loop["actors"]["distinct"]) == ("worker", 2)
    assert 195 <= loop["gap_ms"]["median"] <= 210


# ---------------------------------------------------------------- loguru


@pytest.mark.parametrize("name", LOGURU)
def test_loguru_gives_one_record_for_a_message_and_its_exception(name: str) -> None:
    """With `diagnose` the values of each line stand below it, in colour, and blank lines between the frames."""
    found = records(name)
    assert {record.family for record in found} == {"loguru-text"}
    assert [record.level for record in found] == ["info", *["error", "info"] * 6, "error", "fatal"]
    assert {record.logger for record in found} == {"__main__"}
    failed = [record for record in found if record.message == "order query failed"]
    assert len(failed) == 6
    for order, record in enumerate(failed):
        error = record.error
        assert error is not None and error.stack is not None
        assert (error.type, error.message) == ("OrdersUnavailable", f"order {order} can't be read")
        assert [(c.type, c.message) for c in error.causes] == [
            ("ConnectionRefusedError", "[Errno 111] Connection refused by 127.0.0.1")
        ]
        frames = frames_of(error.stack)
        assert [(frame.line, frame.function) for frame in frames[:2]] == [(27, "read_orders"), (38, "<module>")]


@pytest.mark.parametrize("name", LOGURU)
def test_loguru_naming_the_catching_frame_does_not_end_the_record(name: str) -> None:
    (caught,) = [record for record in records(name) if record.message.startswith("An error has been caught")]
    assert caught.error is not None and caught.error.type == "ZeroDivisionError"
    assert "\n> File" in caught.text


@pytest.mark.parametrize("name", LOGURU)
def test_a_line_of_the_program_that_moves_keeps_its_signature(name: str) -> None:
    (loop, *_) = report_of(recorded(name))["loops"]
    assert (loop["iterations"], loop["cadence"]) == (6, "fixed")
    moved = recorded(name).replace(b":40 - ", b":4711 - ").replace(b"40\x1b[0m - ", b"4711\x1b[0m - ")
    assert moved != recorded(name)
    assert report_of(moved)["loops"][0]["anchor"] == loop["anchor"]


CHAINED = """\
{level}Traceback (most recent call last):
  File "/usr/local/lib/python3.11/site-packages/asyncpg/connect_utils.py", line 1049, in _connect_addr
    return await __connect_addr(params_retry, False, *args)
           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
ConnectionRefusedError: [Errno 111] Connection refused

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/usr/local/lib/python3.11/site-packages/starlette/routing.py", line 693, in lifespan
    async with self.lifespan_context(app) as maybe_state:
  File "/app/main.py", line 14, in lifespan
    raise RuntimeError("could not start: database unavailable") from error
RuntimeError: could not start: database unavailable

ERROR:    Application startup failed. Exiting.
"""


@pytest.mark.parametrize("level", ["", "ERROR:    ", "2026-03-02 08:15:30,123 ERROR ", "ERROR:root:"])
def test_a_traceback_behind_a_level_is_one_record_to_its_last_line_with_what_it_came_from(level: str) -> None:
    data = CHAINED.format(level=level).encode()
    first, *rest = [item for item in read_records([data], facts_of(data)) if isinstance(item, Record)]
    assert first.error is not None
    assert (first.lines, first.error.type, first.error.message) == (
        14, "RuntimeError", "could not start: database unavailable",
    )  # fmt: skip
    assert [(c.type, c.message) for c in first.error.causes] == [
        ("ConnectionRefusedError", "[Errno 111] Connection refused")
    ]
    assert [record.message for record in rest] == ["Application startup failed. Exiting."]


def test_a_traceback_is_called_by_its_error() -> None:
    report = report_of(CHAINED.format(level="ERROR:    ").encode() * 4)
    assert "could not start: database unavailable" in [s["text"] for s in report["signatures"]]


def test_uvicorns_crash_on_start_is_named_by_the_refused_connection_beneath_it() -> None:
    crash = CHAINED.format(level="INFO:     Started server process [7]\nERROR:    ")
    for log in (crash.encode() * 4, recorded("uvicorn-crash.log")):
        first = report_of(log)["findings"][0]
        assert (first["role"], first["cause"]) == ("root-cause", "connection-refused")
