"""The report on a terminal: its first lines tell the incident, every line fits, no log controls the screen."""

from __future__ import annotations

import dataclasses
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lab import sample as recorded
from lab import scanned, scanned_log
from report_samples import (
    CONNECTED,
    INIT,
    dashboard_flood,
    finding,
    hidden_type_error,
    hostile,
    quiet,
    remedy,
    signature,
)
from rich.cells import cell_len

from floodscan.model import Accepted, Report, Role, Trigger
from floodscan.model.sections import TOP_FINDINGS, numbers
from floodscan.reports import html, markdown, words
from floodscan.reports.terminal import render
from floodscan.safe import safe

SGR = re.compile(r"\x1b\[[0-9;]*m")
HOSTILE = [
    "\x1b[2J\x1b[31mred",
    "\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\",
    "\x1b]52;c;ZXZpbA==\x07",
    "\x1bPq#0\x1b\\",
    "\x9b31m\x9d0;t\x9c",
    "ok\rHACKED",
    "abc\u202etxt",
    "[/red][bold]x[/]",
    ":bug: :boom:",
    "<script>alert(1)</script>",
    "``` `x` ``y``",
    "a|b|c",
    "::error::pwned",
    "##[error]pwned",
    "##vso[task.setvariable]x",
    "]]>",
    "=cmd|' /C calc'!A0",
    "\ud800 \U000e0041 \u200b\ufeff",
    "日本語のエラー " * 30,
    "x" * 5000,
    "a\nb\r\nc",
    "\x00\x07\x08",
]


def lines(report: Report, width: int = 80, **options: bool) -> list[str]:
    return render(report, width=width, **options).split("\n")


def test_the_first_dozen_lines_tell_verdict_first_step_loop_pace_and_what_is_hidden() -> None:
    first = lines(dashboard_flood())[:12]
    assert first[0].startswith("STORM  One user's dashboard fails to initialize 412 times")
    top = "\n".join(first)
    for fact in (
        "api.log",
        "2,085 lines",
        "First: Refuse DASHBOARD_INIT of a user whose last three failed",
        "L1  storm: 412 iterations in 6 min",
        "(79 %)",
        "error hidden",
        "no backoff",
    ):
        assert fact in top
    assert [line for line in first if INIT in line and "✗" in line]


def test_the_iteration_is_drawn_in_its_order() -> None:
    drawn = [line for line in lines(dashboard_flood()) if line.startswith((" ┌", " │", " └"))]
    assert [line[4:10].strip() for line in drawn[:4]] == ["1×", "1× ✗", "1× ✗", "1× ✗"]
    assert drawn[0].startswith(" ┌─▶") and drawn[-1].startswith(" └── again after 882 ms (760 ms to 1.14 s): immediate")


def test_driver_time_trigger_and_outcome_of_a_loop_are_said() -> None:
    page = render(dashboard_flood(), width=140)
    for fact in (
        "user-A alone (userId)",
        "14:02:15 to 14:08:21 (6 min 06 s)",
        "recovered after 412 iterations",
        "peak 84 in",
    ):
        assert fact in page
    assert "▂▄▆▇█" in page


def test_a_blind_spot_stands_before_the_hypothesis_and_neither_among_the_root_causes() -> None:
    page = lines(dashboard_flood())
    headings = [
        "What keeps it going",
        "What the log hides",
        "Hypotheses",
        "Noise",
        "What to do",
        "Lines by signature",
        "Open questions",
    ]
    positions = [page.index(heading) for heading in headings]
    assert positions == sorted(positions)
    first_of = {heading: page[page.index(heading) + 1][:2] for heading in headings[:4]}
    assert first_of == {"What keeps it going": "F1", "What the log hides": "F2", "Hypotheses": "F3", "Noise": "F4"}


def test_evidence_names_the_line_of_the_log_and_what_speaks_against_is_shown() -> None:
    page = render(dashboard_flood(), width=140)
    assert re.search(r"for +412 gaps of user-A: .* api\.log:9\n", page)
    assert re.search(r"against +No line of the loop shares an id", page)
    assert re.search(r"to settle curl ", page)
    assert "/app/src/jobs/sync.js:88 syncWorkspace" in render(hidden_type_error())


def test_steps_come_in_the_order_stop_fix_watch_with_what_each_saves() -> None:
    page = lines(dashboard_flood(), width=140)
    steps = page[page.index("What to do") + 1 :]
    steps = steps[: steps.index("")]
    assert [line.split()[0] for line in steps if line[1:2].strip()] == ["stop", "fix", "watch"]
    assert "F1 saves 1,500 of 2,085 lines" in steps[0]


def test_a_step_that_thins_the_log_says_how_much_longer_it_would_last() -> None:
    source = dataclasses.replace(dashboard_flood().input, lines=1_000, span_ms=6_000_000)
    step = dataclasses.replace(remedy("R", "fix", "Do it"), saves_lines=722, share_after=0.278)
    assert (
        words.saves(step, source)
        == "saves 722 of 1,000 lines: storage that now holds 1 h 40 min of log would then hold 5 h 59 min"
    )
    few = dataclasses.replace(step, saves_lines=20, share_after=0.98)
    assert words.saves(few, source) == "saves 20 of 1,000 lines"
    assert words.saves(step, dataclasses.replace(source, span_ms=None)) == "saves 722 of 1,000 lines"


def test_attempts_without_a_success_bound_the_share_that_may_succeed() -> None:
    (loop, *_) = dashboard_flood().loops
    ceased = dataclasses.replace(loop, outcome="ceased", success=None, iterations_until_success=None, iterations=59)
    known = {s.id: dataclasses.replace(s, count=59) for s in dashboard_flood().signatures}
    assert words.ended(ceased, known) == "ceased: 0 of 59 attempts succeed (at most 5 %, at 95 % confidence)"
    assert words.ended(dataclasses.replace(ceased, iterations=3), known) == "ceased"
    assert words.ended(ceased, {}) == "ceased", "how the attempts begin is not known"
    more = {s.id: dataclasses.replace(s, count=89) for s in dashboard_flood().signatures}
    assert words.ended(ceased, more) == "ceased", "thirty of them may have succeeded"


def test_a_step_that_two_findings_ask_for_stands_once_and_an_accepted_finding_asks_for_none() -> None:
    step = remedy("R", "fix", "Do the one thing")
    accepted = Accepted(safe("known until the move"), "2025-12-01")
    findings = (
        finding(1, "a", "root-cause", "A", "a", remediation=(step,)),
        finding(2, "b", "root-cause", "B", "b", remediation=(step,)),
        finding(3, "c", "noise", "C", "c", remediation=(remedy("S", "fix", "Do another"),), accepted=accepted),
    )
    page = render(dataclasses.replace(dashboard_flood(), findings=findings))
    assert page.count("Do the one thing") == 1 and "F1, F2" in page
    assert "Do another" not in page and "known until the move until 2025-12-01" in page


def test_a_quiet_report_is_two_or_three_lines() -> None:
    page = render(quiet())
    assert page.startswith("QUIET  No failures")
    assert len(page.splitlines()) <= 3
    assert len(render(quiet(), width=140).splitlines()) == 2


def test_an_interrupted_reading_a_coarse_clock_and_limits_are_said() -> None:
    page = " ".join(render(hidden_type_error()).split())
    for fact in (
        "Incomplete",
        "times without a date",
        "clock of 1 s",
        "58 blank, 20 binary skipped",
        "signatures kept (cap 4,096)",
    ):
        assert fact in page


@pytest.mark.parametrize("width", [1, 40, 80, 140, 300])
@pytest.mark.parametrize("colour", [False, True])
@pytest.mark.parametrize("ascii_only", [False, True])
def test_every_line_fits_the_width(width: int, colour: bool, ascii_only: bool) -> None:
    for report in (dashboard_flood(), quiet(), hidden_type_error(), hostile("日本語のエラー " * 30 + "x" * 500)):
        for line in lines(report, width, colour=colour, ascii_only=ascii_only):
            assert cell_len(SGR.sub("", line)) <= max(width, 40)


@pytest.mark.parametrize("report", [dashboard_flood(), quiet(), hidden_type_error()])
def test_colour_changes_nothing_but_colour(report: Report) -> None:
    coloured = SGR.sub("", render(report, colour=True))
    assert "\x1b[" in render(report, colour=True)
    assert [line.rstrip() for line in coloured.split("\n")] == render(report).split("\n")


@pytest.mark.parametrize("words", HOSTILE)
@pytest.mark.parametrize("colour", [False, True])
def test_nothing_in_a_log_reaches_the_screen_as_more_than_text(words: str, colour: bool) -> None:
    report = hostile(words)
    page = SGR.sub("", render(report, colour=colour)) if colour else render(report)
    page.encode()
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]", page)
    assert "##[" not in page and "##vso[" not in page
    assert not [line for line in page.split("\n") if re.match(r"\s*::[A-Za-z]", line)]


def test_markup_and_emoji_codes_are_shown_as_they_stand() -> None:
    page = render(hostile("[/red][bold]x[/] :bug:"), width=140)
    assert "[/red][bold]x[/] :bug:" in page


def test_a_command_cannot_be_wrapped_to_the_start_of_a_line() -> None:
    for pad in range(60, 90):
        page = render(hostile("x" * pad + "::error::pwned"))
        assert not [line for line in page.split("\n") if re.match(r"\s*::[A-Za-z]", line)]


@pytest.mark.parametrize("words", ["größer 日本語 …", *HOSTILE])
def test_a_page_for_other_encodings_is_ascii(words: str) -> None:
    assert render(hostile(words), ascii_only=True).isascii()
    assert render(dashboard_flood(), ascii_only=True).isascii()
    assert " +-> 1x" in render(dashboard_flood(), ascii_only=True)


def test_a_huge_report_is_cut_and_says_where_the_rest_is() -> None:
    report = dashboard_flood()
    huge = dataclasses.replace(
        report,
        loops=report.loops * 9,
        findings=report.findings * 5,
        signatures=tuple(signature(f"failure of part {n}", 5, 0.1) for n in range(1000)),
    )
    page = render(huge)
    for rest in ("+4 more loops", "+8 more findings", "+980 more signatures"):
        assert f"{rest} (see --format json)" in page
    assert len(page.splitlines()) < 350


def test_a_loop_whose_signatures_are_not_in_the_report_is_still_drawn() -> None:
    page = render(dataclasses.replace(dashboard_flood(), signatures=()))
    assert " ┌─▶ 1×   signature " in page


@pytest.mark.parametrize(
    ("last", "pace"),
    [(3_000, "after about 200 ms on average; single gaps the log does not show"),
     (1_000, ", at a pace that the log does not show"),
     (600_000, ", at a pace that the log does not show")],
)  # fmt: skip
def test_count_and_span_tell_a_mean_pace_where_the_clock_shows_no_gap(last: int, pace: str) -> None:
    blurred = dataclasses.replace(
        dashboard_flood().loops[0], actors=None, driver="unknown", gap_ms=None, cadence="unknown", iterations=16,
        first_offset_ms=0, last_offset_ms=last,
    )  # fmt: skip
    page = render(dataclasses.replace(dashboard_flood(), loops=(blurred,)))
    assert f" └── again{' ' if pace[0] != ',' else ''}{pace}\n" in page


def test_a_loop_in_a_log_of_days_names_its_own_days() -> None:
    report = dashboard_flood()
    began = str(report.input.first)[:10]
    longer = dataclasses.replace(report, input=dataclasses.replace(report.input, last="2031-01-02T03:04:05.000Z"))
    (when,) = [line for line in render(longer).splitlines() if line.startswith("    when ")][:1]
    assert began in when and began not in next(
        line for line in render(report).splitlines() if line.startswith("    when ")
    )


def test_a_loop_without_actor_clock_or_known_pace_is_drawn_with_what_is_known() -> None:
    bare = dataclasses.replace(
        dashboard_flood().loops[0], actors=None, driver="unknown", gap_ms=None, cadence="unknown", first=None,
        last=None, first_offset_ms=None, last_offset_ms=None, timeline=None,
        trigger=Trigger("unknown", None, safe(CONNECTED)),
        outcome="ongoing",
    )  # fmt: skip
    page = render(dataclasses.replace(dashboard_flood(), loops=(bare,)))
    assert " └── again, at a pace that the log does not show\n" in page and "no backoff" not in page
    assert "unknown: nothing known as an id stays from one attempt to the next" in page and "still going where the log ends" in page


def test_the_page_does_not_depend_on_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = render(dashboard_flood())
    for name, value in (("COLUMNS", "33"), ("FORCE_COLOR", "1"), ("NO_COLOR", "1"), ("TERM", "dumb"), ("LINES", "5")):
        monkeypatch.setenv(name, value)
    assert render(dashboard_flood()) == plain
    assert "\x1b[" in render(dashboard_flood(), colour=True)


@pytest.mark.parametrize("name", ["after-health-check-503.jsonl", "invalid-service-key.jsonl", "pool-timeout.log"])
def test_findings_are_numbered_in_the_order_in_which_they_are_printed(name: str) -> None:
    report = scanned(recorded(name))
    printed = [int(number) for number in re.findall(r"^F(\d+)  ", "\n".join(lines(report)), re.MULTILINE)]
    assert len(printed) > 3 and printed == list(range(1, len(printed) + 1))


@given(st.lists(st.sampled_from(sorted(words.ROLES)), max_size=40))
def test_numbers_are_each_given_once_and_those_of_the_page_come_first(roles: list[Role]) -> None:
    found = numbers(roles)
    assert sorted(found) == list(range(1, len(roles) + 1))
    assert sorted(found[:TOP_FINDINGS]) == list(range(1, min(len(roles), TOP_FINDINGS) + 1))
    assert found[:1] == [1][: len(roles)]


def test_a_page_says_above_the_first_loop_what_to_do_first() -> None:
    page = lines(dashboard_flood(), width=1_000)
    first = next(line for line in page if line.startswith("First: "))
    step, _, asked = first.removeprefix("First: ").rpartition("  ")
    assert page.index(first) < next(at for at, line in enumerate(page) if line.startswith("L1 "))
    assert [line for line in page[page.index("What to do") :] if step in line and asked in line]
    assert not [line for line in lines(quiet()) if line.startswith("First: ")]


def test_where_nothing_mends_a_failure_yet_what_settles_its_cause_comes_first() -> None:
    report = dashboard_flood()
    bare = dataclasses.replace(report, findings=tuple(dataclasses.replace(f, remediation=()) for f in report.findings))
    about = next(f for f in bare.findings if bare.loops[0].id in f.loops and f.probe and f.role not in ("noise", "observation"))
    first = next(line for line in lines(bare, width=1_000) if line.startswith("First: "))
    assert first == f"First: {about.probe}  {about.id}"
    accepted = dataclasses.replace(bare, findings=tuple(dataclasses.replace(f, accepted=Accepted(safe("known"), None)) for f in bare.findings))
    assert not [line for line in lines(accepted) if line.startswith("First: ")]


def test_the_first_step_is_the_first_of_all_steps_before_what_a_hypothesis_asks_for() -> None:
    page = lines(scanned(recorded("dashboard-flood.jsonl")), width=2_000)
    first = next(line for line in page if line.startswith("First: ")).removeprefix("First: ").rpartition("  ")[0]
    assert first in page[page.index("What to do") + 1]


def test_each_page_says_which_program_logged_a_failure() -> None:
    days = "".join(f"Jun {day} 04:06:20 combo logrotate: ALERT exited abnormally with [1]\n" for day in range(10, 30))
    report = scanned_log(days.encode())
    assert "logged by logrotate\n" in render(report)
    assert "- **Logged by:** logrotate\n" in markdown.render(report)
    assert re.search(r"Logged by</dt>\s*<dd>logrotate<", html.render(report))
