"""What is told of each log is what was last read and found right: see told.py for how a page is written again."""

from __future__ import annotations

import pytest
from told import PAGES, loops, page, reports

AGAIN = "what is told has changed: if it was meant, run python tests/told.py and read the difference"
REPORTS = reports()


@pytest.mark.parametrize("name", REPORTS)
def test_the_report_is_the_page_that_was_read(name: str) -> None:
    assert page(REPORTS[name]()) == (PAGES / f"{name}.md").read_text(), AGAIN


def test_the_loops_of_every_log_are_those_that_were_read() -> None:
    assert list(loops()) == [f"{block}\n" for block in (PAGES / "loops.txt").read_text().removesuffix("\n").split("\n\n")], AGAIN


def test_no_page_is_left_of_a_log_that_is_gone() -> None:
    assert {path.name for path in PAGES.iterdir()} == {f"{name}.md" for name in REPORTS} | {"loops.txt"}
