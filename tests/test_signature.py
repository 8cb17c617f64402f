"""Signatures: what makes two records the same, what never does, and which records are failures."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from floodscan import signature as signature_module
from floodscan.model import ErrorInfo, Record, Signature
from floodscan.signature import NO_MESSAGE, is_failure, signature_id, signature_of

REFUSED = ErrorInfo(
    key="err", type="Error", code="ECONNREFUSED", message="connect ECONNREFUSED 10.0.3.17:5432", stack="Error: connect"
)


def record(message: str = "", **fields: Any) -> Record:
    return replace(Record(family="pino", text=message, message=message), **fields)


def test_records_that_differ_in_values_only_share_a_signature() -> None:
    one = signature_of(record("Failed to persist sync state for document 17", error=REFUSED))
    again = replace(REFUSED, message="again")
    other = signature_of(record("Failed to persist sync state for document 4711", error=again))
    assert one == other
    assert one.text == "Failed to persist sync state for document <num>"
    assert one.words == ("Failed", "to", "persist", "sync", "state", "for", "document")


@pytest.mark.parametrize(
    "other",
    [
        record("sync failed", error=replace(REFUSED, code="ETIMEDOUT")),
        record("sync failed", error=replace(REFUSED, type="AggregateError")),
        record("sync failed", error=replace(REFUSED, status=503)),
        record("sync failed", error=replace(REFUSED, opacity="half-empty")),
        record("sync failed", error=REFUSED, logger="sync"),
        record("sync failed", error=REFUSED, status=500),
        record("sync failed"),
        record("sync stopped", error=REFUSED),
    ],
)
def test_code_type_status_opacity_logger_and_words_each_make_another_signature(other: Record) -> None:
    assert signature_of(other).id != signature_of(record("sync failed", error=REFUSED)).id


def test_statuses_that_are_no_failure_are_one_and_failing_ones_are_exact() -> None:
    statuses = (None, 200, 304, 404, 500, 503)
    ids = {status: signature_of(record("request completed", status=status)).id for status in statuses}
    assert ids[None] == ids[200] == ids[304]
    assert len(set(ids.values())) == 4


def test_an_empty_message_or_one_that_repeats_the_error_gives_way_to_the_errors_message() -> None:
    error = ErrorInfo(key="err", type="TypeError", message="fetch failed after 30 s", stack="TypeError: ...")
    shapes = {
        signature_of(record(message, error=error)).text
        for message in ("", "TypeError", "TypeError:", "TypeError: fetch failed after 30 s", "fetch failed after 30 s")
    }
    assert shapes == {"fetch failed after <num>"}


def test_the_error_text_does_not_split_a_fixed_message_when_type_or_code_name_the_error() -> None:
    timeout = replace(REFUSED, message="something else entirely")
    assert (
        signature_of(record("sync failed", error=REFUSED)).id == signature_of(record("sync failed", error=timeout)).id
    )


def test_an_error_that_is_only_a_text_takes_part_with_its_words() -> None:
    refused, elsewhere, unknown = (
        record("request failed", error=ErrorInfo(key="error", message=f"dial tcp {reason}"))
        for reason in ("10.0.0.1:5432: connection refused", "10.9.9.9:1: connection refused", "lookup db: no such host")
    )
    assert signature_of(refused).id != signature_of(unknown).id
    assert signature_of(refused).id == signature_of(elsewhere).id
    assert signature_of(refused).text == "request failed: dial tcp <ip>: connection refused"


def test_only_a_field_that_holds_nothing_but_a_text_takes_part() -> None:
    said = ErrorInfo(key="error", message="dial tcp: connection refused")
    alone = signature_of(record("request failed", error=said))
    named = [
        signature_of(record("request failed", error=more)).text
        for more in (
            replace(said, key="text"),
            replace(said, type="OpError"),
            replace(said, code="ECONNREFUSED"),
            replace(said, stack="at dial (/srv/net.js:1:2)"),
            replace(said, opacity="half-empty"),
        )
    ]
    assert alone.text == "request failed: dial tcp: connection refused"
    assert named == ["request failed"] * 5
    assert signature_of(record("request failed")).text == "request failed"
    assert signature_of(record("request failed", error=replace(said, message=""))).text == "request failed"
    assert signature_of(record("request failed: dial tcp: connection refused", error=said)).text.count("dial") == 1


def test_a_message_that_ends_in_a_colon_is_joined_to_its_error_by_one() -> None:
    said = ErrorInfo(key="error", message="no such host")
    assert signature_of(record("lookup failed:", error=said)).text == "lookup failed: no such host"
    assert signature_of(record("lookup failed:")).text == "lookup failed:"


def test_a_bare_word_error_says_nothing_beside_its_error() -> None:
    timeout = ErrorInfo(key="err", type="TimeoutError", message="took 5 s\nand more", stack="TimeoutError: took 5 s")
    for message in ("Error", "Error:", "Error: took 5 s", "TimeoutError: took 5 s", "  TimeoutError: took 5 s \n at x"):
        assert signature_of(record(message, error=timeout)).text == "took <num>"
    for message in ("error", "Errors", "took 5 s at all"):
        assert signature_of(record(message, error=timeout)).text != "took <num>"


def test_of_long_texts_the_head_alone_tells_them_apart() -> None:
    long = "word " * 1_000
    said = ErrorInfo(key="error", message=long + "one")
    assert signature_of(record(long + "one")).id == signature_of(record(long + "two")).id
    assert (
        signature_of(record("failed", error=said)).id
        == signature_of(record("failed", error=replace(said, message=long + "two"))).id
    )
    assert len(signature_of(record("failed", error=said)).words) > 300
    assert (
        signature_of(record("failed", error=replace(said, message="other " + long))).id
        != signature_of(record("failed", error=said)).id
    )


def test_the_status_of_a_record_goes_before_its_errors_and_clean_ones_do_not_count() -> None:
    failing = replace(REFUSED, status=503)
    assert signature_of(record("sync failed", error=failing, status=404)).status == 404
    assert signature_of(record("sync failed", error=failing, status=200)).status == 503
    assert signature_of(record("sync failed", error=replace(REFUSED, status=200))).status is None


def test_an_opaque_error_without_a_message_has_a_signature_that_can_be_shown() -> None:
    signature = signature_of(record("", error=ErrorInfo(key="error", opacity="empty")))
    assert (signature.text, signature.opacity) == (NO_MESSAGE, "empty")


def test_free_text_is_marked_for_the_roll_up_and_keeps_its_error() -> None:
    error = ErrorInfo(key="text", type="TimeoutError", message="took 5 s")
    signature = signature_of(record("TimeoutError: took 5 s\n    at run (/app/a.js:1:2)", family="text", error=error))
    assert (signature.structured, signature.type, signature.text) == (False, "TimeoutError", "took <num>")
    assert signature_of(record("started")).structured


def test_the_id_is_twelve_hex_digits_and_the_same_on_every_machine() -> None:
    signature = signature_of(record("sync failed", error=REFUSED, logger="sync", status=503))
    assert signature.id == signature_id(signature) == "c746b72eba35"
    assert signature_id(replace(signature, text="shown otherwise")) == signature.id


@pytest.mark.parametrize(
    ("candidate", "expected"),
    [
        (record("ok", level="info"), False),
        (record("request failed", level="info"), False),
        (record("ok", level="info", status=304), False),
        (record("ok", level="info", status=399), False),
        (record("ok", level="info", status=400), True),
        (record("ok", level="info", status=401), True),
        (record("ok", level="info", error=ErrorInfo(key="error", opacity="empty")), True),
        (record("ok", level="warn"), True),
        (record("ok", level="error"), True),
        (record("ok", level="fatal"), True),
        (record("ok", level="debug"), False),
        (record("ok"), False),
        (record("closed", status=1000), False),
        (record("closed", status=1001), False),
        (record("closed", status=1006), True),
    ],
)
def test_a_failure_has_an_error_a_failing_status_or_a_level_from_warn(candidate: Record, expected: bool) -> None:
    assert is_failure(candidate) is expected


ERRORS = st.none() | st.builds(
    ErrorInfo,
    key=st.sampled_from(["err", "text"]),
    type=st.sampled_from([None, "Error", "TypeError"]),
    code=st.sampled_from([None, "ECONNRESET", "42703"]),
    status=st.sampled_from([None, 200, 404, 503]),
    message=st.sampled_from([None, "", "boom 1", "boom 2", "lookup failed"]),
    stack=st.sampled_from([None, "Error: boom"]),
    opacity=st.sampled_from([None, "empty", "half-empty"]),
)
RECORDS = st.builds(
    Record,
    family=st.sampled_from(["pino", "text"]),
    text=st.just(""),
    message=st.sampled_from(["", "boom 1", "boom 2", "TypeError: boom 1", "GET /a 200", "step\nnext"])
    | st.text(max_size=40),
    logger=st.sampled_from([None, "api", "db"]),
    error=ERRORS,
    status=st.sampled_from([None, 200, 404, 1000, 1006]),
)


def _identity(signature: Signature) -> tuple[object, ...]:
    return (
        signature.words,
        signature.logger,
        signature.type,
        signature.code,
        signature.status,
        signature.opacity,
    )


@settings(deadline=None)
@given(st.lists(RECORDS, min_size=2, max_size=12))
def test_records_of_one_signature_agree_in_code_type_status_opacity_logger_and_words(records: list[Record]) -> None:
    by_id: dict[str, tuple[object, ...]] = {}
    for each in records:
        signature = signature_of(each)
        assert by_id.setdefault(signature.id, _identity(signature)) == _identity(signature)
        assert (signature.logger, signature.type) == (each.logger, each.error.type if each.error else None)


@settings(deadline=None)
@given(RECORDS)
def test_a_signature_depends_on_the_record_alone(each: Record) -> None:
    remembered = signature_of(each)
    signature_module._by_record.clear()
    signature_module._by_identity.clear()
    assert signature_of(each) == remembered


def test_a_record_seen_before_costs_next_to_nothing() -> None:
    flood = [record("Failed to process update", error=REFUSED) for _ in range(5_000)]
    signature_of(flood[0])
    start = time.perf_counter()
    for each in flood:
        signature_of(each)
    assert (time.perf_counter() - start) / len(flood) < 20e-6  # 0.4 us measured; the rest is for a busy machine


def test_the_memos_stay_within_their_bounds() -> None:
    for number in range(20_000):
        signature_of(record(f"{'x' * 1_000} word{chr(97 + number % 26)} {number}"))
    assert signature_module._by_record.chars <= 4_100_000
    assert len(signature_module._by_record) <= 16_384
