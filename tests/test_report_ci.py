"""The formats that CI systems read: valid, within their limits, and harmless whatever the log says."""

from __future__ import annotations

import dataclasses
import json
import re
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

import jsonschema
import pytest
from report_samples import dashboard_flood, hidden_type_error, hostile, many_findings, quiet

from floodscan.gate import judge
from floodscan.model import Accepted, Report, Unreadable
from floodscan.pipeline import ScanOptions, scan
from floodscan.read.sources import find_sources
from floodscan.reports import RENDERERS, github
from floodscan.reports.issues import issues, problems
from floodscan.safe import safe

ROOT = Path(__file__).resolve().parents[1]
SARIF = jsonschema.Draft4Validator(json.loads((ROOT / "tests/schemas/sarif-2.1.0.json").read_text()))

HOSTILE = (
    "\x1b]0;owned\x07 ::error::x\r\n::error file=a::pwned\n::stop-commands::x ##[error]y ##vso[task]z "
    "%0A::warning::w ]]> <script>alert(1)</script> </failure> [a](http://evil) {0} \u202e @team 100% a,b:c"
)
LOGS = ("dashboard-flood.jsonl", "incident-in-traffic.jsonl.gz", "healthy.jsonl", "pool-timeout.jsonl.gz")


@cache
def report_on(name: str) -> Report:
    sources, _ = find_sources([str(ROOT / "samples" / name)])
    return scan(sources, ScanOptions()).report


def reports() -> dict[str, Report]:
    storm, judged = dashboard_flood(), judge(dashboard_flood(), ["storm", "severity:medium"])
    unread = (Unreadable(safe("gone.log"), safe("no such file")),)
    return {
        "a storm": storm,
        "a judged storm": judged,
        "no failure": quiet(),
        "several sources": hidden_type_error(),
        "an unreadable source": dataclasses.replace(
            quiet(), input=dataclasses.replace(quiet().input, unreadable=unread)
        ),
        "hundreds of findings": many_findings(),
        "hostile text": judge(hostile(HOSTILE), ["storm", "severity:low"]),
        **{name: report_on(name) for name in LOGS},
    }


REPORTS = reports()


def render(format: str, report: Report, **options: Any) -> str:
    return RENDERERS[format](report, **options).decode()


# ---------------------------------------------------------------- every format of a CI system


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize("format", ["github", "gitlab", "sarif", "junit"])
def test_a_page_has_no_control_character_and_obeys_no_log(format: str, name: str) -> None:
    page = render(format, REPORTS[name])
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\u2028]", page)
    assert "##[" not in page and "##vso[" not in page
    commands = [line for line in page.split("\n") if line.lstrip().startswith("::")]
    if format == "github":
        assert all(re.match(r"::(error|warning|notice) [a-z]+=[^:]*::", line) for line in commands)
        assert commands == page.splitlines()
    else:
        assert commands == []


@pytest.mark.parametrize("format", ["github", "gitlab", "sarif", "junit"])
def test_the_same_report_gives_the_same_bytes(format: str) -> None:
    assert render(format, dashboard_flood()) == render(format, dashboard_flood())


# ---------------------------------------------------------------- SARIF


@pytest.mark.parametrize("name", REPORTS)
def test_sarif_is_valid_by_the_schema_of_oasis(name: str) -> None:
    log = json.loads(render("sarif", REPORTS[name]))
    assert [error.message for error in SARIF.iter_errors(log)] == []


def test_the_schema_catches_what_is_no_sarif() -> None:
    log = json.loads(render("sarif", dashboard_flood()))
    log["runs"][0]["results"][0]["level"] = "critical"
    log["runs"][0]["results"][1]["locations"][0]["physicalLocation"]["region"]["startLine"] = 0
    assert len(list(SARIF.iter_errors(log))) == 2


@pytest.mark.parametrize("name", REPORTS)
def test_sarif_keeps_to_what_github_demands(name: str) -> None:
    log = json.loads(render("sarif", REPORTS[name]))
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert len(run["results"]) <= 5_000 and len(json.dumps(log)) < 10_000_000
    for rule in rules:
        assert rule["shortDescription"]["text"] and rule["fullDescription"]["text"] and rule["help"]["text"]
        assert len(rule["properties"]["tags"]) <= 10
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"]
        (location,) = result["locations"]
        place = location["physicalLocation"]
        assert place["region"]["startLine"] >= 1
        uri = urlsplit(place["artifactLocation"]["uri"])
        assert uri.scheme in ("", "file") and uri.path and not uri.query and not uri.fragment
        assert re.fullmatch(r"[\w./~%:-]+", place["artifactLocation"]["uri"], re.ASCII)
        assert result["partialFingerprints"]["primaryLocationLineHash"]


def test_sarif_fingerprints_are_of_the_content_and_not_of_the_place() -> None:
    """Two recordings of the same service, an hour of traffic around the second: what is the same has the same print."""
    prints = []
    for name in ("dashboard-flood.jsonl", "dashboard-flood.log", "incident-in-traffic.jsonl.gz"):
        results = json.loads(render("sarif", report_on(name)))["runs"][0]["results"]
        prints.append({(r["ruleId"], r["partialFingerprints"]["floodscan/v1"]) for r in results})
        assert len(prints[-1]) == len(results)
    assert prints[0] <= prints[1]  # the second has a clock of whole seconds, which is a finding more
    same = {rule for rule, _ in prints[0] & prints[2]}
    assert {"retry-storm", "error-hidden-by-logger", "retry-without-backoff"} <= same


def test_sarif_points_to_the_call_site_where_it_is_in_the_repository_and_to_the_log_where_it_is_not() -> None:
    report = report_on("incident-in-traffic.jsonl.gz")
    site = "backend/src/services/agent-service.js"  # /app, the root of the image, left out

    def uris(**options: Any) -> list[str]:
        results = json.loads(render("sarif", report, **options))["runs"][0]["results"]
        places = [result["locations"][0]["physicalLocation"] for result in results]
        return [f"{p['artifactLocation']['uri']}:{p['region']['startLine']}" for p in places]

    found = uris(files={site: "backend/src/services/agent-service.js"})
    assert "backend/src/services/agent-service.js:13" in found
    assert not any("agent-service" in uri for uri in uris())


def test_sarif_says_what_could_not_be_read_and_what_was_accepted() -> None:
    unread = json.loads(render("sarif", REPORTS["an unreadable source"]))["runs"][0]["invocations"][0]
    assert unread["executionSuccessful"] is False
    assert "gone.log" in unread["toolExecutionNotifications"][0]["message"]["text"]
    report = dashboard_flood()
    first = dataclasses.replace(report.findings[0], accepted=Accepted(safe("tracked in #12"), "2027-01-01"))
    log = json.loads(render("sarif", dataclasses.replace(report, findings=(first, *report.findings[1:]))))
    accepted = [r for r in log["runs"][0]["results"] if r["suppressions"]]
    assert [(r["ruleId"], r["suppressions"][0]["justification"]) for r in accepted] == [(first.rule, "tracked in #12")]


# ---------------------------------------------------------------- JUnit


@pytest.mark.parametrize("name", REPORTS)
def test_junit_parses_and_its_counts_add_up(name: str) -> None:
    root = ElementTree.fromstring(render("junit", REPORTS[name]))
    assert root.tag == "testsuites"
    for suite in [root, *root.findall("testsuite")]:
        for attribute, tag in (
            ("tests", "testcase"),
            ("failures", "failure"),
            ("errors", "error"),
            ("skipped", "skipped"),
        ):
            assert int(suite.attrib[attribute]) == len(list(suite.iter(tag)))
    assert {child.tag for case in root.iter("testcase") for child in case} <= {
        "failure",
        "error",
        "skipped",
        "system-out",
    }


def test_junit_has_a_case_for_each_rule_of_each_source_and_a_storm_fails() -> None:
    root = ElementTree.fromstring(render("junit", dashboard_flood()))
    cases = {case.attrib["name"]: [child.tag for child in case] for case in root.iter("testcase")}
    assert cases["retry-storm"] == ["failure"]
    assert set(cases) == {"retry-storm", *(finding.rule for finding in dashboard_flood().findings)}
    calm = ElementTree.fromstring(render("junit", quiet()))
    assert [(c.attrib["name"], len(c)) for c in calm.iter("testcase")] == [("retry-storm", 0)]


def test_junit_calls_an_unreadable_source_an_error_and_what_was_accepted_skipped() -> None:
    root = ElementTree.fromstring(render("junit", REPORTS["an unreadable source"]))
    assert root.attrib["errors"] == "1"
    assert [e.attrib["message"] for e in root.iter("error")] == ["no such file"]
    report = dashboard_flood()
    accepted = tuple(dataclasses.replace(f, accepted=Accepted(safe("known"), None)) for f in report.findings)
    root = ElementTree.fromstring(render("junit", dataclasses.replace(report, findings=accepted)))
    assert {s.attrib["message"] for s in root.iter("skipped")} == {"accepted: known"}
    assert root.attrib["skipped"] == str(len(accepted))


# ---------------------------------------------------------------- GitHub and GitLab


@pytest.mark.parametrize("name", REPORTS)
def test_there_are_at_most_ten_annotations_of_a_kind_and_none_is_dropped_in_silence(name: str) -> None:
    lines = render("github", REPORTS[name]).splitlines()
    shown = 0
    for kind in ("error", "warning", "notice"):
        of_kind = [line for line in lines if line.startswith(f"::{kind} ")]
        assert len(of_kind) <= 10
        more = [int(n) for line in of_kind for n in re.findall(r"::\+(\d+) more", line)]
        shown += len(of_kind) - len(more) + sum(more)
        assert not more or of_kind[-1].endswith("more: the report has them")
    assert shown == max(1, len(issues(REPORTS[name])) + len(problems(REPORTS[name])))


def test_the_worst_is_annotated_first_and_what_fails_is_an_error() -> None:
    lines = render(
        "github", judge(report_on("incident-in-traffic.jsonl.gz"), ["storm", "cause:jwt-wrong-key"])
    ).splitlines()
    errors = [line for line in lines if line.startswith("::error ")]
    assert "Retry storm" in errors[0] and "FAST_JWT_INVALID_SIGNATURE" in errors[1] and len(errors) == 2
    assert lines[:2] == errors


@pytest.mark.parametrize("text", ["a\r\n::error::b", "100%0A", "x,line=3::y", "::stop-commands::t", "##[command]ls"])
def test_no_text_leaves_its_place_in_a_workflow_command(text: str) -> None:
    line = github.command("error", text, title=text, place=github.Place(text, 3))
    (_, kind, rest) = line.split("::", 1)[0], *line[2:].split(" ", 1)
    properties, message = rest.split("::", 1)
    assert "\n" not in line and "\r" not in line
    assert kind == "error" and [p.split("=")[0] for p in properties.split(",")] == ["file", "line", "title"]
    assert "##[" not in message


def test_an_annotation_names_a_call_site_of_the_repository_and_no_other_file() -> None:
    report = report_on("incident-in-traffic.jsonl.gz")
    assert "file=" not in render("github", report)
    pages = render("github", report, files={"backend/src/services/agent-service.js": "src/agent-service.js"})
    assert re.findall(r"file=([^,]+),line=(\d+)", pages) == [("src/agent-service.js", "13")]


@pytest.mark.parametrize("name", REPORTS)
def test_code_quality_has_the_fields_that_gitlab_reads(name: str) -> None:
    entries = json.loads(render("gitlab", REPORTS[name]))
    for entry in entries:
        assert set(entry) == {"description", "check_name", "fingerprint", "severity", "location"}
        assert entry["severity"] in ("info", "minor", "major", "critical", "blocker")
        path = entry["location"]["path"]
        assert path and not path.startswith(("/", "./")) and ".." not in path.split("/")
        assert entry["location"]["lines"]["begin"] >= 1
    prints = [(entry["check_name"], entry["fingerprint"]) for entry in entries]
    assert len(set(prints)) == len(prints)
