"""What a text tells, and where: the kernel takes a place for that of all texts that differ in digits alone."""

from __future__ import annotations

import re
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floodscan.decode.details import places_in, read_text

PIECES = [
    "attempt 3", "Attempt #12 of 5", "(3/10)", "(12 / 40)", "retry no 7", "7 reconnect attempt", "retrying in 250 ms", "wait 1.5s", "again in 10 minutes",
    "backoff: 30 sec", "waiting 2 minutes", "sleep 5s", "retries in 7 m", "retry-after: 120", "Retry after 5", "connect ECONNREFUSED 10.0.3.17:5432", "read ECONNRESET", "getaddrinfo ENOTFOUND db2.internal",
    "dial tcp4 10.0.0.7:443", "dial udp [::1]:53", "dial tcp: 10.1.2.3:99999", "connect ETIMEDOUT [fe80::1]:80", "listen EADDRINUSE: address already in use :::3000",
    "retry after 1234567f-1111-4111-8111-0123456789ab", "tries 4ms", "try 99 s", "2026-03-02T08:15:30", "x1y2", "é", "\u0663", ".", ",", "\n", "E", "0",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=8), st.sampled_from([" ", "", ": "]), st.integers(0, 1 << 30))
def test_other_digits_move_no_place(pieces: list[str], between: str, seed: int) -> None:
    text, random = between.join(pieces), Random(seed)
    other = re.sub("[0-9]", lambda _: str(random.randrange(10)), text)
    assert places_in(text) == places_in(other)


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("attempt 17 failed, retrying in 1.5s", {"attempt": "17", "delay_ms": "1500"}),
        ("try again in 2 minutes", {"delay_ms": "120000"}),
        ("waiting 2 minutes", {"delay_ms": "120000"}),
        ("Waiting for 10 seconds before the next poll", {"delay_ms": "10000"}),
        ("next of 3 retries in 5s", {"delay_ms": "5000"}),
        ("sleep 30 sec", {"delay_ms": "30000"}),
        ("backoff: 1.5s", {"delay_ms": "1500"}),
        ("Reconnecting in 250ms (3/10)", {"attempt": "3", "delay_ms": "250"}),
        ("connect ECONNREFUSED 10.0.3.17:5432", {"syscall": "connect", "address": "10.0.3.17", "port": "5432"}),
        ("connect ECONNREFUSED [::1]:5432", {"syscall": "connect", "address": "::1", "port": "5432"}),
        ("getaddrinfo ENOTFOUND db.internal", {"syscall": "getaddrinfo", "host": "db.internal"}),
        ("dial tcp 10.0.0.7:443: i/o timeout", {"address": "10.0.0.7", "port": "443"}),
        ("Retry-After: 120", {"retry_after": "120"}),
    ],
)
def test_what_a_text_tells(text: str, facts: dict[str, str]) -> None:
    assert facts.items() <= dict(read_text(text)).items()
