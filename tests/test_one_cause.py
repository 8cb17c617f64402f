"""One failure is told once: the same line of several loggers, an error and what wraps it, the request that was refused."""

from __future__ import annotations

from typing import Any

from drawn_logs import Line, in_order
from lab import report_of


def roots(lines: list[Line]) -> list[dict[str, Any]]:
    return [f for f in report_of(in_order(lines))["findings"] if f["role"] == "root-cause"]


def error(message: str, type_: str = "Error") -> dict[str, Any]:
    return {"type": type_, "message": message, "stack": f"{type_}: {message}\n    at run (/srv/app/ledger.js:12:9)"}


def failing(at: int, msg: str, **fields: Any) -> Line:
    return at, {"level": 50, "msg": msg, **fields}


LULLS = (0, 41_000, 97_000, 260_000, 300_000, 512_000, 700_000)


def test_a_line_that_several_loggers_write_is_one_finding_that_says_so() -> None:
    lines = [failing(at, "Peer hung up early", logger=f"Peer{'abcdefg'[n]}Reader") for n, at in enumerate(LULLS)]
    (found,) = roots(lines)
    assert len(found["signatures"]) == len(LULLS) and found["lines"] == len(LULLS)
    assert f"{len(LULLS)} loggers write the same line" in [said["text"] for said in found["for"]]


def test_errors_of_two_types_behind_the_same_words_are_two_findings() -> None:
    lines = [failing(0, "Stamp torn", err=error("", "InkError")), failing(90_000, "Stamp torn", err=error("", "PaperError"))]
    assert len(roots(lines)) == 2


def test_an_unknown_error_and_the_line_that_wraps_it_at_the_same_moments_are_one() -> None:
    lines: list[Line] = []
    for at in LULLS[:3]:
        lines.append(failing(at, "Ledger not read", err=error("ledger page is torn at the fold")))
        lines.append(failing(at + 2, "Run ended", err=error("Run failed: ledger page is torn at the fold")))
    (found,) = roots(lines)
    assert found["title"].startswith("`Ledger not read` fails") and len(found["signatures"]) == 2


def test_the_same_words_at_other_moments_are_another_failure() -> None:
    lines: list[Line] = []
    for at in LULLS[:3]:
        lines.append(failing(at, "Ledger not read", err=error("ledger page is torn at the fold")))
        lines.append(failing(at + 9_000, "Run ended", err=error("Run failed: ledger page is torn at the fold")))
    assert len(roots(lines)) == 2


def test_a_warning_that_quotes_a_known_error_is_told_with_it() -> None:
    torn = "Cannot read properties of undefined (reading 'fold')"
    lines: list[Line] = [(0, {"level": 40, "msg": f"Posting attempt 1 failed: {torn}"})]
    lines += [(3_000, {"level": 40, "msg": f"Posting attempt 2 failed: {torn}"}), failing(5_000, "Posting failed", err=error(torn, "TypeError"))]
    (found,) = roots(lines)
    assert found["cause"] == "code-defect" and found["lines"] == 3


def test_a_refusal_that_is_logged_again_without_its_status_is_the_clients_affair() -> None:
    refused = "the password does not match"
    lines: list[Line] = []
    for at in LULLS[:2]:
        lines.append(failing(at, "Sign-in failed", err={**error(refused), "statusCode": 401}))
        lines.append(failing(at + 1, f"Error 401: {refused}", err=error(refused)))
    report = report_of(in_order(lines))
    assert [(f["role"], f["title"]) for f in report["findings"]] == [("observation", "Requests answered with 401")]
