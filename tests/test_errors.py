"""What an error is, where it stands, and what its logger left of it; objects are as real libraries print them."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floodscan.decode.errors import error_from_text, error_in_message, error_of
from floodscan.model import ErrorInfo

FRAMES = "\n    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1611:16)"


def found(obj: dict[str, Any], family: str = "pino", level: str | None = "error") -> ErrorInfo:
    error = error_of(obj, family=family, level=level)  # type: ignore[arg-type]
    assert error is not None
    return error


# ---------------------------------------------------------------- what is none


@pytest.mark.parametrize("value", [None, False, "", "  ", 0, [], [None]])
def test_null_false_empty_text_zero_and_the_empty_list_are_no_error(value: object) -> None:
    for key in ("err", "error", "exception", "cause", "reason", "stack"):
        assert error_of({"msg": "x", key: value}, family="pino", level="error") is None


def test_text_under_a_soft_key_is_an_error_only_if_it_reads_like_one() -> None:
    assert error_of({"reason": "transport close"}, family="pino", level="warn") is None
    assert error_of({"details": "see the handbook"}, family="pino", level="error") is None
    assert found({"reason": "Error: read ECONNRESET"}).code == "ECONNRESET"


def test_an_object_of_the_request_is_never_the_error() -> None:
    assert error_of({"req": {}, "res": {}, "headers": {}, "msg": "x"}, family="pino", level="error") is None


def test_the_stack_that_zap_adds_to_each_error_line_is_no_error_by_itself() -> None:
    line = {"level": "error", "ts": 1772439330.1, "msg": "m", "stacktrace": "main.main\n\t/src/main.go:17"}
    assert error_of(line, family="zap", level="error") is None


# ---------------------------------------------------------------- opaque ones


def test_an_empty_object_under_an_error_key_is_an_error_that_says_nothing() -> None:
    for key in ("err", "error", "e", "exception", "cause"):
        assert found({key: {}}, level="info") == ErrorInfo(key=key, opacity="empty")
    assert found({"errors": [{}]}).opacity == "empty"
    assert found({"payload": {"error": {}}}) == ErrorInfo(key="payload.error", opacity="empty")


def test_an_empty_object_under_an_unknown_key_is_an_error_only_on_a_failing_line_without_another() -> None:
    assert found({"msg": "failed", "problem": {}}, level="error") == ErrorInfo(key="problem", opacity="empty")
    assert error_of({"msg": "ok", "problem": {}}, family="pino", level="info") is None
    assert found({"problem": {}, "err": {"message": "boom", "type": "Error", "stack": "x"}}).message == "boom"


def test_only_a_name_and_an_application_code_is_half_empty() -> None:
    error = found({"error": {"code": "DATABASE_ERROR", "name": "AgentError"}})
    assert (error.type, error.code, error.opacity) == ("AgentError", "DATABASE_ERROR", "half-empty")


@pytest.mark.parametrize("code", ["FAST_JWT_INVALID_SIGNATURE", "42703", "PGRST301", "ECONNREFUSED", "P1012"])
def test_a_code_that_a_library_explains_is_not_opaque(code: str) -> None:
    error = found({"error": {"code": code}})
    assert (error.code, error.opacity) == (code, None)


def test_a_socket_error_without_its_message_is_not_opaque() -> None:
    socket = {"errno": -111, "code": "ECONNREFUSED", "syscall": "connect", "address": "127.0.0.1", "port": 59999}
    error = found({"error": socket})
    assert (error.code, error.opacity) == ("ECONNREFUSED", None)


def test_the_topology_that_mongodb_leaves_is_half_empty() -> None:
    reason = {"type": "Unknown", "servers": {"127.0.0.1:27017": {"error": {"errorLabelSet": {}}}}}
    assert found({"error": {"errorLabelSet": {}, "reason": reason}}).opacity == "half-empty"


@pytest.mark.parametrize("text", ["[object Object]", "undefined", "Error", "null"])
def test_a_placeholder_text_is_an_error_that_says_nothing(text: str) -> None:
    assert found({"error": text}).opacity == "placeholder"
    assert found({"err": {"message": text}}).opacity == "placeholder"


# ---------------------------------------------------------------- objects of real libraries


def test_pino_joins_causes_into_message_and_stack() -> None:
    stack = f"TypeError: fetch failed\n    at node:internal/deps/undici/undici:14976:13\ncaused by: Error: connect \
ECONNREFUSED 127.0.0.1:59999{FRAMES}"
    error = found({"err": {"type": "TypeError", "message": "fetch failed: connect ECONNREFUSED 127.0.0.1:59999",
                           "stack": stack}})  # fmt: skip
    assert (error.key, error.type, error.code) == ("err", "TypeError", "ECONNREFUSED")
    assert error.stack == stack
    assert [(cause.type, cause.code) for cause in error.causes] == [("Error", "ECONNREFUSED")]


def test_a_plain_object_as_cause_is_read_from_the_end_of_pinos_joined_message() -> None:
    stack = "Error: could not load agents\n    at list (/srv/a.js:1:2)\ncaused by: AgentError: Failed to fetch agents\n\
    at find (/srv/b.js:3:4)\ncaused by: "
    error = found({"err": {"type": "Error", "stack": stack, "message":
                           "could not load agents: Failed to fetch agents: TypeError: fetch failed"}})  # fmt: skip
    assert [(cause.type, cause.message) for cause in error.causes] == [
        ("AgentError", "Failed to fetch agents"),
        ("TypeError", "fetch failed"),
    ]


def test_aggregate_errors_become_causes_and_lend_their_code() -> None:
    inner = [
        {"type": "Error", "message": f"connect ECONNREFUSED {host}:5432", "stack": "Error"} for host in ("::1", "x")
    ]
    error = found({"err": {"type": "AggregateError", "message": "", "stack": "AggregateError\n    at a (/b.js:1:1)",
                           "aggregateErrors": inner}})  # fmt: skip
    assert (error.type, error.code, error.opacity) == ("AggregateError", "ECONNREFUSED", None)
    assert len(error.causes) == 2


def test_the_constants_of_a_domexception_are_no_code() -> None:
    error = found(
        {
            "err": {
                "type": "DOMException",
                "name": "TimeoutError",
                "message": "The operation was aborted due to \
timeout",
                "stack": "TimeoutError: The operation was aborted",
                "code": 23,
                "INDEX_SIZE_ERR": 1,
            }
        }
    )
    assert (error.type, error.code) == ("TimeoutError", None)


def test_postgrest_tells_the_refused_connection_only_in_its_details() -> None:
    details = (
        f"TypeError: fetch failed\n\nCaused by: Error: connect ECONNREFUSED 127.0.0.1:54321 (ECONNREFUSED){FRAMES}"
    )
    error = found({"error": {"message": "TypeError: fetch failed", "details": details, "hint": "", "code": ""}})
    assert (error.type, error.code, error.opacity) == ("TypeError", "ECONNREFUSED", None)
    assert error.causes[0].key == "error.details"


def test_a_postgrest_error_spread_over_the_record_is_found_beside_the_loggers_message() -> None:
    error = found({"code": "42501", "details": None, "hint": None, "message": "permission denied for table agents",
                   "status": 403, "msg": "Supabase query failed"})  # fmt: skip
    assert (error.key, error.code, error.status) == ("message", "42501", 403)
    assert error.message == "permission denied for table agents"


def test_axios_gives_its_status_and_the_body_of_the_answer() -> None:
    error = found({"err": {"name": "AxiosError", "message": "Request failed with status code 401", "code":
                           "ERR_BAD_REQUEST", "isAxiosError": True, "response": {"status": 401, "data": {"code":
                           "PGRST301", "message": "JWSError JWSInvalidSignature"}}}})  # fmt: skip
    assert (error.code, error.status) == ("ERR_BAD_REQUEST", 401)
    assert error.causes[0].code == "PGRST301"


def test_boom_keeps_its_status_inside_its_output() -> None:
    boom = {"isBoom": True, "message": "no", "output": {"statusCode": 404}, "data": None}
    assert found({"err": boom}).status == 404


def test_winston_spreads_an_error_over_the_record() -> None:
    error = found(
        {"level": "error", "message": "op failed connect ECONNREFUSED 127.0.0.1:5432", "code": "ECONNREFUSED",
         "stack": f"Error: connect ECONNREFUSED 127.0.0.1:5432{FRAMES}"},
        family="winston",
    )  # fmt: skip
    assert (error.key, error.type, error.code) == ("stack", "Error", "ECONNREFUSED")
    assert error.message == "connect ECONNREFUSED 127.0.0.1:5432"


def test_the_spread_stack_goes_before_the_cause_that_is_spread_beside_it() -> None:
    error = found(
        {"cause": {"code": "ECONNREFUSED", "errno": -111, "syscall": "connect"}, "message": "op failed fetch failed",
         "stack": "TypeError: fetch failed\n    at node:internal/deps/undici/undici:14976:13"},
        family="winston",
    )  # fmt: skip
    assert (error.key, error.type, error.message) == ("stack", "TypeError", "fetch failed")
    assert (error.code, error.causes[0].code) == ("ECONNREFUSED", "ECONNREFUSED")


def test_nest_winston_puts_strings_objects_and_nulls_into_a_list() -> None:
    assert found({"stack": [{"code": "ECONNREFUSED"}]}, family="winston").code == "ECONNREFUSED"
    assert error_of({"stack": [None]}, family="winston", level="error") is None
    assert found({"stack": ["BadRequestException: no\n    at a (/b.js:1:1)"]}, family="winston").type == (
        "BadRequestException"
    )


def test_an_error_spread_into_characters_is_put_together_again() -> None:
    text = "connect ECONNREFUSED 127.0.0.1:6379"
    error = found({**{str(i): c for i, c in enumerate(text)}, "message": "Redis Client Error:"}, family="winston")
    assert (error.key, error.message, error.code) == ("0", text, "ECONNREFUSED")


def test_an_error_as_json_inside_a_text_is_read() -> None:
    raw = '{"metadata":{},"name":"Error","code":"42P01","message":"relation \\"objects\\" does not exist"}'
    error = found({"error": raw})
    assert (error.code, error.message) == ("42P01", 'relation "objects" does not exist')
    assert found({"error": {"message": "x", "raw": raw}}).causes[0].code == "42P01"


def test_the_json_body_of_an_exception_filter_in_the_message_gives_a_status() -> None:
    error = error_in_message('[5xx] {"success":false,"statusCode":503,"error":"no api key"}', "error")
    assert error is not None and (error.status, error.message) == (503, "no api key")
    assert error_in_message('served {"statusCode":200,"path":"/x"}', "info") is None


def test_an_error_is_found_under_any_name_if_it_has_the_form_of_one() -> None:
    for value in (
        {"type": "TypeError", "message": "x is null", "stack": "TypeError: x is null\n    at a (/b.js:1:1)"},
        {"name": "SequelizeConnectionError", "message": "down"},
        {"errno": -111, "code": "ECONNREFUSED", "syscall": "connect"},
        {"message": "m", "details": None, "hint": None, "code": "PGRST116"},
    ):
        assert found({"zebra": value}, level="info").key == "zebra"


def test_a_lone_code_counts_where_a_library_explains_it_or_the_level_fails() -> None:
    assert found({"code": "ECONNRESET"}, level="info").code == "ECONNRESET"
    assert found({"code": "DATABASE_ERROR"}, level="error").code == "DATABASE_ERROR"
    assert error_of({"code": "ORDER_SHIPPED"}, family="pino", level="info") is None
    assert error_of({"code": 1006}, family="pino", level="error") is None


def test_an_error_that_says_something_goes_before_one_that_does_not() -> None:
    assert found({"error": {}, "err": {"message": "boom", "type": "Error"}}).key == "err"


def test_a_http_status_that_was_given_as_a_code_is_a_status() -> None:
    error = found({"err": {"message": "quota", "code": 429, "name": "GaxiosError"}})
    assert (error.code, error.status) == (None, 429)


def test_the_sqlstate_in_a_message_goes_before_a_drivers_small_number() -> None:
    assert found({"exception": {"class": "PDOException", "message": "SQLSTATE[08006] no", "code": 7}}).code == "08006"


# ---------------------------------------------------------------- free text


@pytest.mark.parametrize(
    "text",
    [
        "operation failed with error", "Redis Client Error:", "0 errors, 3 failed", "lastError: none", "Error: null",
        "status code 42703", "exit code 12345", "connection timeout: 5", "Watchdog Timeout: 5s", "errors: 17",
        "Listening at http://127.0.0.1:3000", "Error fetching: Redis is down", "TimeoutError: 30000", "E2E test ENDED",
    ],
)  # fmt: skip
def test_the_mere_word_error_is_no_error(text: str) -> None:
    assert error_from_text(text) is None


@pytest.mark.parametrize(
    ("text", "kind", "code", "message"),
    [
        ("TypeError: x is not a function", "TypeError", None, "x is not a function"),
        ("Uncaught Error: boom", "Error", None, "boom"),
        ("TypeError [ERR_INVALID_URL]: Invalid URL", "TypeError", "ERR_INVALID_URL", "Invalid URL"),
        ("getaddrinfo EAI_AGAIN db", None, "EAI_AGAIN", "getaddrinfo EAI_AGAIN db"),
        ("request failed, reason: read ECONNRESET", None, "ECONNRESET", "request failed, reason: read ECONNRESET"),
        ('ERROR: duplicate key (SQLSTATE 23505)', None, "23505", "ERROR: duplicate key (SQLSTATE 23505)"),
        ("[Nest] 1 - QueryFailedError: relation missing", "QueryFailedError", None, "relation missing"),
        ("panic: index out of range\n\ngoroutine 1 [running]:\nmain.main()", "panic", None, "index out of range"),
        ("thread 'main' panicked at src/main.rs:4:5", "panic", None, "src/main.rs:4:5"),
    ],
)  # fmt: skip
def test_an_error_is_read_from_one_line(text: str, kind: str | None, code: str | None, message: str) -> None:
    error = error_from_text(text)
    assert error is not None and (error.type, error.code, error.message) == (kind, code, message)


def test_a_node_stack_with_its_inspect_tail_gives_the_code_and_the_cause() -> None:
    text = f"""TypeError: fetch failed
    at node:internal/deps/undici/undici:14976:13
    at async load (/srv/app.js:34:2) {{
  [cause]: Error: connect ECONNREFUSED 127.0.0.1:59999{FRAMES} {{
    errno: -111,
    code: 'ECONNREFUSED',
    syscall: 'connect'
  }}
}}"""
    error = error_from_text(text)
    assert error is not None and error.stack == text
    assert (error.type, error.message, error.code) == ("TypeError", "fetch failed", "ECONNREFUSED")
    assert [(cause.type, cause.code) for cause in error.causes] == [("Error", "ECONNREFUSED")]


def test_a_node_stack_whose_class_does_not_end_in_error_is_read() -> None:
    error = error_from_text("JWTExpired: \"exp\" claim\n    at check (/srv/x.js:87:11) {\n  code: 'ERR_JWT_EXPIRED'\n}")
    assert error is not None and (error.type, error.code) == ("JWTExpired", "ERR_JWT_EXPIRED")


def test_a_java_stack_gives_its_causes() -> None:
    error = error_from_text(
        "12:01 ERROR o.a.Pool - java.sql.SQLException: no connection\n\tat org.a.Pool.get(Pool.java:3)\n"
        "Caused by: java.net.ConnectException: Connection refused\n\tat java.base/sun.Net.c(Net.java:9)\n\t... 3 more"
    )
    assert error is not None and (error.type, error.message) == ("SQLException", "no connection")
    assert error.stack is not None and error.stack.startswith("java.sql.SQLException") and "3 more" in error.stack
    assert [cause.type for cause in error.causes] == ["ConnectException"]


def test_a_dotnet_stack_is_read() -> None:
    error = error_from_text("System.TimeoutException: timed out\n   at Shop.Orders.Load(Int32 id) in /src/O.cs:line 4")
    assert error is not None and (error.type, error.message) == ("TimeoutException", "timed out")


def test_a_python_traceback_gives_the_last_error_and_what_it_came_from() -> None:
    error = error_from_text(
        'Traceback (most recent call last):\n  File "a.py", line 1, in <module>\n    1/0\nZeroDivisionError: division '
        "by zero\n\nDuring handling of the above exception, another exception occurred:\n\nTraceback (most recent call "
        'last):\n  File "a.py", line 3, in <module>\n    raise ValueError("bad") from e\nValueError: bad'
    )
    assert error is not None and (error.type, error.message) == ("ValueError", "bad")
    assert [cause.type for cause in error.causes] == ["ZeroDivisionError"]


@given(st.text(max_size=200))
def test_no_text_breaks_the_reader(text: str) -> None:
    for value in (text, f"Error: {text}", f"{text}\n    at {text}", f"Traceback (most recent call last){text}"):
        first = error_from_text(value)
        assert error_from_text(value) == first


@pytest.mark.parametrize(
    "piece",
    ["Error:", "a.", "caused by: ", "\n   at ", "code: '", "{ code: ", "A", "eyJ", "[", "Error\n", "A_", "E", '"'],
)
def test_adversarial_text_is_read_in_linear_time(piece: str) -> None:
    text = piece * (100_000 // len(piece))
    started = time.perf_counter()
    error_from_text(text)
    error_of({"err": text, "reason": text}, family="pino", level="error")
    error_in_message(text + "}", "error")
    assert time.perf_counter() - started < 0.5  # 10 to 60 ms on a slow core; quadratic would be seconds


def test_deep_and_wide_errors_are_bounded() -> None:
    deep: dict[str, Any] = {"message": "end"}
    for _ in range(60):
        deep = {"message": "m", "cause": deep}
    wide = {"message": "w", "errors": [{"message": str(i)} for i in range(1000)]}
    error, depth = found({"err": deep}), 0
    while error.causes:
        error, depth = error.causes[0], depth + 1
    assert depth < 10
    assert len(found({"err": wide}).causes) <= 8
