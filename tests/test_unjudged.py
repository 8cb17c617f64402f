"""Where little or nothing can be judged the report says so first, in place of a verdict that all is well."""

from __future__ import annotations

import pytest
from command import HEALTHY, ROOT, floodscan, storm
from lab import report_of, sample, scanned_log

from floodscan.pipeline import ScanOptions, scan
from floodscan.read.sources import find_sources
from floodscan.reports import RENDERERS

PICTURE = ROOT / "docs" / "page-storm.png"
SSHD = "".join(
    f"Dec 10 06:{i // 60:02}:{i % 60:02} bastion sshd[{24200 + i}]: {text}\n"
    for i in range(0, 600, 3)
    for text in (
        f"Failed password for root from 198.51.100.{i % 250} port {40000 + i} ssh2",
        f"Connection closed by 198.51.100.{i % 250} [preauth]",
    )
)


def first_line(format: str, log: bytes) -> str:
    return RENDERERS[format](scanned_log(log)).decode().split("\n")[0]


def test_a_picture_is_said_to_be_no_log_and_not_quiet() -> None:
    done = floodscan(str(PICTURE))
    assert done.returncode == 4
    assert done.stdout.decode().startswith("NO VERDICT  What was read is no log: ")
    assert b"lines are binary; do not rely on this report." in b" ".join(done.stdout.split())


@pytest.mark.parametrize(
    ("format", "first"), [("terminal", "NO VERDICT  What was read is no log"), ("markdown", "# Log investigation: no verdict")]
)
def test_every_page_for_people_withholds_the_verdict_on_bytes_that_are_no_log(format: str, first: str) -> None:
    assert first_line(format, PICTURE.read_bytes()).startswith(first)


def test_the_html_page_of_bytes_that_are_no_log_shows_no_verdict() -> None:
    page = RENDERERS["html"](scanned_log(PICTURE.read_bytes())).decode()
    assert '<span class="verdict unknown">no verdict</span>' in page and "<title>no verdict: " in page


def test_a_storm_among_bytes_that_are_no_log_is_still_told_behind_the_warning() -> None:
    broken = b"\x00\x01\x02\x03\x04\xff\xfe\n" * 500
    report = report_of(storm().encode() + broken)
    assert report["verdict"] == "storm"
    warning, told = report["headline"].split("report. ")
    assert warning.startswith("What was read is no log: 500 of 620 lines") and "failed 60 times" in told


def test_lines_that_are_too_long_are_no_binary_data() -> None:
    report = report_of(b"up\n" + (b"x" * (1 << 20) + b"xx\n") * 3)
    assert report["headline"] == "3 of 4 lines could not be read (3 oversize): do not rely on this report."


def test_a_log_without_levels_is_not_said_to_be_free_of_failures() -> None:
    report = report_of(SSHD.encode())
    assert report["verdict"] == "quiet"
    assert report["headline"] == (
        "No failure found, but 400 of 400 records carry no level, error or status to tell a failure by."
    )
    (question,) = [q for q in report["questions"] if q["id"] == "unjudged"]
    assert "`Failed password for root from <ip> port <num> ssh2` (200×)" in question["text"]
    assert len(question["signatures"]) == 2


def test_levels_and_answers_are_what_a_log_is_judged_by() -> None:
    access = "".join(
        f'192.0.2.7 - - [02/Mar/2026:08:15:{i:02} +0000] "GET /orders/{i} HTTP/1.1" 200 166 "-" "curl/8.5.0"\n'
        for i in range(40)
    )
    for log in (HEALTHY, access):
        report = report_of(log.encode())
        assert report["headline"] == "No failure and no loop." and report["questions"] == []


@pytest.mark.parametrize(
    "line",
    [
        '{"time":"2026-03-02T08:15:30.123Z","status":200,"path":"/orders/7","message":"answered"}\n',
        '{"time":"2026-03-02T08:15:30.123Z","res":{"statusCode":200},"message":"request completed"}\n',
        'time=2026-03-02T08:15:30.123Z msg="request done" status=200 path=/orders/7\n',
    ],
)
def test_records_with_a_status_are_not_said_to_carry_none_though_no_method_stands_beside_it(line: str) -> None:
    report = report_of(line.encode() * 100)
    assert report["headline"] == "No failure and no loop." and report["questions"] == []


@pytest.mark.parametrize(
    ("name", "span"),
    [
        ("dashboard-flood.jsonl", "2026-11-23T06:10:52.704Z to 2026-11-23T06:11:20.132Z"),
        ("dashboard-flood.log", "06:10:52 to 06:11:20"),
    ],
)
def test_a_window_beside_the_log_is_told_with_the_time_that_the_log_has(name: str, span: str) -> None:
    done = floodscan(str(sample(name)), "--until", "2020-01-01" if name.endswith("jsonl") else "00:00", "--width", "200")
    assert done.returncode == 3
    said = f"Nothing of the log lies in the time asked for: the log is from {span}"
    assert done.stdout.decode().startswith(f"NO VERDICT  {said}.\n") and said in done.stderr.decode()


def test_the_time_that_a_log_has_is_given_in_a_form_that_since_takes() -> None:
    beside = floodscan(str(sample("dashboard-flood.jsonl")), "--until", "2020-01-01", "--width", "200").stdout.decode()
    begin, end = beside.split("from ")[1].split(".\n")[0].split(" to ")
    whole = floodscan(str(sample("dashboard-flood.jsonl")), "--since", begin, "--until", end)
    assert whole.returncode == 0 and b"outside the time asked for" not in whole.stdout


def test_sources_with_a_date_and_without_have_no_time_in_common() -> None:
    sources, _ = find_sources([str(sample("dashboard-flood.jsonl")), str(sample("dashboard-flood.log"))])
    report = scan(sources, ScanOptions(until_ms=1)).report
    assert report.headline == "Nothing of the log lies in the time asked for."
