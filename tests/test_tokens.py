"""Lines that carry several tokens: no line counts twice, and the tokens of one client are one actor."""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64encode
from typing import Any

import pytest
from lab import report_of


def jwt(**claims: str | int) -> str:
    head, body = (_part(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, claims))
    return f"{head}.{body}.{_part(hmac.digest(b'a key of the test', f'{head}.{body}'.encode(), 'sha256'))}"


def _part(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def pair(user: str) -> tuple[str, str]:
    return jwt(sub=user, iat=1_700_000_000), jwt(sub=user, iat=1_700_000_001, typ="refresh")


def refused(second: int, *tokens: str) -> str:
    carried = " ".join(f"{name}={token}" for name, token in zip(("access_token", "refresh_token"), tokens, strict=False))
    return f"2026-03-01T10:{second // 60:02d}:{second % 60:02d}.120Z WARN auth refresh failed status=401 {carried}\n"


def told(lines: list[str]) -> dict[str, Any]:
    report = report_of("".join(lines).encode())
    for entry in (*report["loops"], *report["findings"], *report["signatures"]):
        assert entry["share"] <= 1
        assert entry["lines" if "lines" in entry else "count"] <= len(lines)
    return report


def driver(report: dict[str, Any]) -> dict[str, Any]:
    (loop,) = report["loops"]
    return dict(loop["actors"])


def test_a_line_with_two_tokens_is_counted_once_and_has_one_driver() -> None:
    report = told([refused(second, *pair("u-1")) for second in range(60)])
    (found,) = [f for f in report["findings"] if f["rule"] == "secrets-in-log"]
    assert (found["lines"], found["share"]) == (60, 1)
    assert "60 lines" in found["summary"]
    assert driver(report)["distinct"] == 1
    assert [actor["iterations"] for actor in driver(report)["top"]] == [60]
    assert "One actor" in report["headline"]


def test_a_token_in_each_line_is_counted_as_before() -> None:
    report = told([refused(second, pair(f"u-{second % 2}")[0]) for second in range(60)])
    (found,) = [f for f in report["findings"] if f["rule"] == "secrets-in-log"]
    assert found["lines"] == 60 and driver(report)["distinct"] == 2


@pytest.mark.parametrize("clients", [2, 3, 10])
def test_clients_with_two_tokens_each_are_as_many_actors(clients: int) -> None:
    report = told([refused(second, *pair(f"u-{second % clients}")) for second in range(20 * clients)])
    assert driver(report)["distinct"] == clients
    assert {actor["iterations"] for actor in driver(report)["top"]} == {20}


def test_more_clients_than_are_followed_are_about_as_many_actors() -> None:
    clients = 2_000
    tokens = [pair(f"u-{n}") for n in range(clients)]
    report = told([refused(line * 3_000 // (4 * clients), *tokens[line % clients]) for line in range(4 * clients)])
    assert clients * 0.8 <= driver(report)["distinct"] <= clients * 1.2
