"""A step about a retry is given where the log shows one, and a backoff is asked for only where there is none."""

from __future__ import annotations

from typing import Any

import pytest
from drawn_logs import Line, in_order
from lab import report_of

REFUSED = {"type": "Error", "code": "ECONNREFUSED", "message": "connect ECONNREFUSED 10.0.0.5:8020", "stack": "Error: x"}
DEFECT = {"type": "TypeError", "message": "Cannot read properties of undefined (reading 'fold')", "stack": "TypeError: x"}


def steps(at: list[int], error: dict[str, Any], **fields: Any) -> set[str]:
    lines: list[Line] = [(when, {"level": 50, "err": error, "msg": "Ledger not reached", **fields}) for when in at]
    lines += [(when, {"msg": "Checked queue depth", "depth": when}) for when in range(0, max(at) + 5_000, 1_700)]
    return {step["id"] for f in report_of(in_order(lines))["findings"] for step in f["remediation"]}


EVEN = [900 * n for n in range(40)]
GROWING = [min(30_000, 200 * 2**n) + sum(min(30_000, 200 * 2**i) for i in range(n)) for n in range(14)]


def test_a_single_error_gets_no_advice_about_its_retry() -> None:
    assert not steps([3_000], REFUSED) & {"back-off", "fail-fast"}
    assert "stop-retry" not in steps([3_000], DEFECT) and "fix-site" in steps([3_000], DEFECT)


def test_a_loop_without_backoff_is_asked_for_one_and_a_loop_with_one_is_not() -> None:
    assert "back-off" in steps(EVEN, REFUSED) and "fail-fast" not in steps(EVEN, REFUSED)
    found = steps(GROWING, REFUSED, userId="u-17")
    assert "back-off" not in found and "fail-fast" in found


@pytest.mark.parametrize("at", [EVEN, GROWING])
def test_a_defect_that_is_retried_is_to_be_taken_out_of_the_retry(at: list[int]) -> None:
    assert "stop-retry" in steps(at, DEFECT, userId="u-17")


def test_a_line_that_counts_its_attempts_shows_a_retry_without_a_loop() -> None:
    assert "stop-retry" in steps([3_000], DEFECT, attempt=2)


def test_what_cannot_heal_and_no_client_drives_needs_neither_backoff_nor_a_server_that_refuses() -> None:
    found = steps(EVEN, DEFECT, attempt=1)
    assert not found & {"back-off", "throttle-retries"}
    assert {"back-off", "throttle-retries", "stop-retrying"} <= steps([90 * n for n in range(60)], DEFECT, userId="u-17")
    assert not steps(GROWING, DEFECT, userId="u-17") & {"back-off", "throttle-retries"}
