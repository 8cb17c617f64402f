"""Values that name an actor or an attempt, and the facts kept for evidence."""

from __future__ import annotations

import time
from typing import Any

import pytest

from floodscan.decode.details import details_of
from floodscan.decode.ids import ids_of
from floodscan.model import ErrorInfo

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    "value",
    [
        "5c1f3a52-0a4e-4a0b-9c55-2b6e0c1d9f01", "c-0a1b2c3d", "req-1a", "req-1", "6807dec1ec2a89fae1f9a140", "0a1b2c3d",
        "someone@example.com", "5b8efff798038103d269b633813fc60c", "7Np41oeYqPefeNQEHSv1UDhYrehxin3NStELsSKCT4K2",
        "q62wCcIkEOueqFKF", "sess_9f8e7d",
    ],
)  # fmt: skip
def test_an_id_is_known_by_its_form_whatever_its_key(value: str) -> None:
    assert ids_of({"zebra": value}) == (("zebra", value),)


@pytest.mark.parametrize(
    "value",
    [
        "hello", "hello world", "us-east-1", "v1.2.3", "1.20.3-alpine", "10ms", "512MB", "HTTP/1.1", "utf-8", "ES256",
        "DATABASE_ERROR", "PGRST301", "P1012", "2026-11-23", "2026-11-23T01:50:33Z", "localhost:3000", "IPv4", "sha256",
        "node20", "12345678", "https://example.com/a1b2c3d4", "", "production",
    ],
)  # fmt: skip
def test_versions_durations_codes_regions_and_words_are_no_ids(value: str) -> None:
    assert ids_of({"zebra": value}) == ()


@pytest.mark.parametrize(("value", "host"), [
    ("10.136.105.40:52702", "10.136.105.40"), ("127.0.0.1", "127.0.0.1"), ("::1", "::1"), ("[::1]:80", "::1"),
    ("::ffff:10.0.0.1", "10.0.0.1"), ("1.2.3.4, 5.6.7.8", "1.2.3.4"),
])  # fmt: skip
def test_an_address_loses_its_port(value: str, host: str) -> None:
    assert ids_of({"remote": value}) == (("remote", host),)


def test_numbers_and_words_count_only_under_a_key_that_looks_like_an_id() -> None:
    assert ids_of({"userId": 42, "user_id": 7, "id": 3, "uid": 9, "sub": "alice"}) == (
        ("userId", "42"), ("user_id", "7"), ("id", "3"), ("uid", "9"), ("sub", "alice"),
    )  # fmt: skip
    assert ids_of({"pid": 71, "count": 42, "port": 33090, "paid": 3, "responseTime": 20, "valid": 1, "idle": 4}) == ()


def test_ids_are_found_up_to_three_levels_deep_in_the_records_order() -> None:
    record: dict[str, Any] = {
        "reqId": "req-4", "req": {"id": 9, "method": "GET", "remoteAddress": "10.0.0.1", "remotePort": 33090},
        "ctx": {"user_id": "u-17", "deep": {"tenantId": 5, "deeper": {"orderId": 6}}}, "msg": "x",
    }  # fmt: skip
    assert ids_of(record) == (
        ("reqId", "req-4"), ("req.id", "9"), ("req.remoteAddress", "10.0.0.1"), ("ctx.user_id", "u-17"),
        ("ctx.deep.tenantId", "5"),
    )  # fmt: skip


def test_the_insides_of_errors_and_answers_hold_no_ids() -> None:
    error = {"type": "Error", "message": "m", "stack": "s", "address": "10.0.0.9", "requestId": "r-12ab34"}
    assert ids_of({"err": error, "zebra": error, "res": {"statusCode": 200, "headers": {"etag": "a1b2c3d4"}}}) == ()


@pytest.mark.parametrize(
    "record",
    [
        {"url": f"/ws?token={JWT}"}, {"authorization": f"Bearer {JWT}"}, {"req": {"headers": {"authorization": JWT}}},
        {"token": JWT}, {"anything": JWT}, {"path": f"/x#access_token={JWT}"},
    ],
)  # fmt: skip
def test_a_jwt_becomes_a_fingerprint_and_never_travels(record: dict[str, Any]) -> None:
    found = ids_of(record)
    assert [key for key, _ in found] == ["token"]
    assert found[0][1].startswith("jwt:") and len(found[0][1]) == 16
    assert JWT[-10:] not in str(found)
    assert found == ids_of({"url": f"/other?x=1&token={JWT}"})


def test_an_opaque_token_becomes_a_fingerprint_too() -> None:
    for record in ({"url": "/ws?token=s3cr3tvalue99"}, {"apiKey": "sb_secret_a1b2c3d4"}, {"auth": "Bearer a1b2c3d4e5"}):
        found = ids_of(record)
        assert found[0][0] == "token" and found[0][1].startswith("tok:"), record
        assert "s3cr3t" not in str(found) and "a1b2c3d4" not in str(found)
    assert ids_of({"password": "hunter2hunter2", "cookie": "sid=a1b2c3d4e5f6"}) == ()


def test_at_most_twelve_ids_are_kept() -> None:
    assert len(ids_of({f"k{i}": f"c-{i:08x}1a" for i in range(50)})) == 12


def test_a_huge_record_is_looked_at_in_bounded_time() -> None:
    started = time.perf_counter()
    ids_of({f"k{i}": {f"j{j}": "plain" for j in range(100)} for i in range(1000)})
    for piece in ("eyJ", "a@", "1:", "token=", "a1-"):
        ids_of({"zebra": piece * 30_000, "url": piece * 30_000})
    assert time.perf_counter() - started < 0.3


# ---------------------------------------------------------------- details


@pytest.mark.parametrize(
    ("message", "facts"),
    [
        ("Retry attempt 2", {"attempt": "2"}),
        ("Redis: Retrying connection (attempt 8)... delay 800ms", {"attempt": "8", "delay_ms": "800"}),
        ("retrying in 10 seconds", {"delay_ms": "10000"}),
        ("reconnecting in 1.5s", {"delay_ms": "1500"}),
        ("1467 reconnect attempt(s)", {"attempt": "1467"}),
        ("trying again (2/100)", {"attempt": "2"}),
        ("429: Retry-After: 30", {"retry_after": "30"}),
        ("connect ECONNREFUSED 1.2.3.4:5432", {"syscall": "connect", "address": "1.2.3.4", "port": "5432"}),
        ("getaddrinfo ENOTFOUND db.internal", {"syscall": "getaddrinfo", "host": "db.internal"}),
        ("dial tcp 10.0.3.9:5432: connect: connection refused", {"address": "10.0.3.9", "port": "5432"}),
        ("Server listening at http://127.0.0.1:3000", {}),
    ],
)
def test_facts_are_read_from_the_message(message: str, facts: dict[str, str]) -> None:
    assert dict(details_of({}, None, message)) == facts


def test_the_errors_own_fields_go_before_the_records() -> None:
    record = {"err": {"code": "ECONNREFUSED", "address": "10.0.0.1", "port": 5432}, "port": 3000, "delay": 250}
    facts = dict(details_of(record, ErrorInfo(key="err", code="ECONNREFUSED"), "x"))
    assert facts == {"address": "10.0.0.1", "port": "5432", "delay_ms": "250"}


def test_request_and_database_facts_are_kept_and_cut() -> None:
    record = {
        "req": {"method": "GET", "url": "/api/agents?token=abc"},
        "error": {"message": "m", "hint": "do this", "details": "d" * 500, "table": "agents", "code": "42703"},
    }
    facts = dict(details_of(record, ErrorInfo(key="error", message="m"), "x"))
    assert facts["method"] == "GET" and facts["url"] == "/api/agents?token=abc"
    assert facts["hint"] == "do this" and facts["table"] == "agents" and len(facts["details"]) == 300


def test_a_worker_a_consumer_a_shard_and_a_partition_are_named_by_a_number_or_a_word() -> None:
    record = {"worker": "w1", "consumer": "c-2", "shard": 3, "partition": 11, "ctx": {"worker": "mail"}}
    assert ids_of(record) == (
        ("worker", "w1"), ("consumer", "c-2"), ("shard", "3"), ("partition", "11"), ("ctx.worker", "mail"),
    )  # fmt: skip
    assert ids_of({"workers": 4, "shards": 2, "workerState": "idle", "consumerGroup": "orders"}) == ()


def test_what_a_key_calls_a_secret_names_nobody_and_a_session_still_does() -> None:
    secrets = {"dbPassword": "hunter2299", "dbPass": "hunter2299", "otp": "a1b2c3", "licenseKey": "hunter2299"}
    assert all("hunter" not in value and value != "a1b2c3" for _, value in ids_of(secrets))
    assert ids_of({"sessionId": "8f7e6d5c4b"}) == (("sessionId", "8f7e6d5c4b"),)
