"""The JSON report: schema 1, in the model's order, the same bytes each time, and readable again."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from report_samples import dashboard_flood, hidden_type_error, hostile, quiet

from floodscan import model
from floodscan.model import Report
from floodscan.reports import RENDERERS, json_report
from floodscan.reports.json_report import parse, render

SCHEMA: dict[str, Any] = json.loads(Path(json_report.__file__).with_name("schema-1.json").read_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
REPORTS = [dashboard_flood(), quiet(), hidden_type_error(), hostile("\x1b[31m ##[error] ::error::x ]]> <script> é")]
NAMES = ["dashboard", "quiet", "hidden-type-error", "hostile"]


def fields(cls: Any) -> list[str]:
    return [field.name.removeprefix("evidence_") for field in dataclasses.fields(cls)]


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("report", REPORTS, ids=NAMES)
def test_a_report_is_valid_against_the_schema(report: Report) -> None:
    assert [error.message for error in VALIDATOR.iter_errors(json.loads(render(report)))] == []


@pytest.mark.parametrize("report", REPORTS, ids=NAMES)
def test_what_was_written_reads_back_as_the_same_report(report: Report) -> None:
    page = render(report)
    assert parse(page) == report
    assert render(parse(page)) == page


@pytest.mark.parametrize("report", REPORTS, ids=NAMES)
def test_no_control_byte_and_no_workflow_command_is_written(report: Report) -> None:
    page = render(report)
    assert not [byte for byte in page if (byte < 0x20 and byte != 0x0A) or byte == 0x7F]
    assert b"##[" not in page and b"\xc2\x9b" not in page
    assert not [line for line in page.splitlines() if line.lstrip().startswith(b"::")]


def test_the_schema_names_every_field_of_the_model_in_its_order() -> None:
    definitions = {
        "tool": model.Tool, "clock": model.Clock, "input": model.Input, "timeline": model.ReportTimeline,
        "trigger": model.Trigger, "step": model.Step, "top_actor": model.TopActor, "actors": model.Actors,
        "gap": model.Gap, "loop": model.Loop, "evidence": model.Evidence, "remedy": model.Remedy,
        "observer": model.Observer, "location": model.Location, "blind_window": model.BlindWindow,
        "accepted": model.Accepted, "finding": model.Finding, "error": model.ReportError, "example": model.Example,
        "signature": model.ReportSignature, "question": model.Question, "limit": model.Limit, "lane": model.Lane,
        "unreadable": model.Unreadable, "gate": model.Gate, "breach": model.Breach, "acceptance": model.Acceptance,
    }  # fmt: skip
    for name, cls in definitions.items():
        assert SCHEMA["$defs"][name]["required"] == list(SCHEMA["$defs"][name]["properties"]) == fields(cls), name
    assert SCHEMA["required"] == list(SCHEMA["properties"]) == fields(Report)


def test_fields_stand_in_the_order_of_the_schema() -> None:
    written = json.loads(render(dashboard_flood()))
    assert list(written) == SCHEMA["required"]
    assert list(written["findings"][0]) == SCHEMA["$defs"]["finding"]["required"]
    assert list(written["loops"][0]) == SCHEMA["$defs"]["loop"]["required"]
    assert list(written["findings"][2])[9:11] == ["for", "against"]


def test_the_page_is_indented_and_ends_with_one_newline() -> None:
    page = render(quiet())
    assert page.startswith(b'{\n  "schema": 1,\n') and page.endswith(b"\n}\n")


def test_shares_have_four_decimals() -> None:
    loop = dataclasses.replace(dashboard_flood().loops[0], share=2 / 3)
    page = render(dataclasses.replace(dashboard_flood(), loops=(loop,)))
    assert b'"share": 0.6667,' in page


def test_counts_by_name_are_written_in_the_order_of_their_names() -> None:
    report = quiet()
    two = [dict(pino=1, docker=2), dict(docker=2, pino=1)]
    pages = [render(dataclasses.replace(report, input=dataclasses.replace(report.input, formats=f))) for f in two]
    assert pages[0] == pages[1]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("verdict",), "calm"),
        (("schema",), 2),
        (("headline",), ""),
        (("loops", 0, "id"), "loop-1"),
        (("loops", 0, "status"), "tempest"),
        (("loops", 0, "share"), 1.2),
        (("loops", 0, "first"), "2025-11-01 14:02:15"),
        (("loops", 0, "cadence"), "At once"),
        (("findings", 0, "role"), "cause"),
        (("findings", 0, "confidence"), "certain"),
        (("findings", 0, "for", 0, "line"), 0),
        (("signatures", 0, "id"), "not a hash"),
        (("signatures", 0, "count"), "417"),
        (("input", "skipped", "blank"), -1),
    ],
)
def test_the_schema_refuses_a_wrong_value(path: tuple[Any, ...], value: object) -> None:
    written = json.loads(render(dashboard_flood()))
    place = written
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    assert not VALIDATOR.is_valid(written)


def test_a_field_that_is_missing_is_refused_and_one_that_was_added_is_passed_over() -> None:
    written = json.loads(render(dashboard_flood()))
    written["added"] = written["findings"][0]["added"] = {"later": 1}
    assert VALIDATOR.is_valid(written)
    assert parse(json.dumps(written).encode()) == dashboard_flood()
    del written["findings"][0]["probe"]
    assert not VALIDATOR.is_valid(written)
    with pytest.raises(ValueError, match=r"report\.findings\[0\]: probe is missing"):
        parse(json.dumps(written).encode())


def test_a_report_from_before_a_field_was_added_is_still_read() -> None:
    written = json.loads(render(dashboard_flood()))
    del written["gate"], written["input"]["unreadable"], written["signatures"][0]["floods"]
    del written["lanes"], written["loops"][0]["lanes"], written["loops"][0]["steps"][0]["lag_ms"]
    assert parse(json.dumps(written).encode()) == dashboard_flood()


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"{}", b'{"schema":2}', b'{"schema":1}', b'{"schema":1,"tool":3}', b"\xff"]
)
def test_what_is_no_report_is_refused_with_a_value_error(data: bytes) -> None:
    with pytest.raises(ValueError):
        parse(data)


def test_text_of_a_report_that_somebody_altered_is_made_harmless() -> None:
    written = json.loads(render(quiet()))
    written["headline"] = "\x1b[2Jall is well"
    assert parse(json.dumps(written).encode()).headline == r"\x1b[2Jall is well"


def test_every_format_is_found_by_its_name_and_gives_utf_8() -> None:
    assert list(RENDERERS) == ["terminal", "json", "markdown", "html", "github", "gitlab", "sarif", "junit"]
    for name in RENDERERS:
        RENDERERS[name](quiet()).decode()
    assert RENDERERS["json"](quiet()) == render(quiet())
