"""Source maps: a frame of built JavaScript is named by the line it was written on."""

from __future__ import annotations

import base64
import json
import time
from pathlib import Path
from typing import Any

import lab
import pytest
from hypothesis import given
from hypothesis import strategies as st

from floodscan.code.source_maps import MAX_DECODED, SourceMaps, decoded
from floodscan.pipeline import ScanOptions, scan
from floodscan.read.sources import find_sources

COMPILED = lab.SAMPLES / "recorded" / "compiled"
DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def line_of(file: str, text: str) -> int:
    (found,) = [n for n, line in enumerate((COMPILED / file).read_text().splitlines(), 1) if text in line]
    return found


@pytest.mark.parametrize("log", ["typescript-tsc.jsonl", "typescript-bundle.jsonl"])
def test_a_stack_of_built_code_names_the_line_of_the_source(log: str) -> None:
    sources, _ = find_sources([str(lab.SAMPLES / "recorded" / log)])
    report = scan(sources, ScanOptions(code=str(COMPILED))).report
    (finding,) = [f for f in report.findings if f.cause == "code-defect"]
    places = [(place.file, place.line, place.what) for place in finding.locations]
    thrown, logged = line_of("src/orders.ts", "order.lines!.reduce"), line_of("src/main.ts", "Order has no price")
    assert places == [("src/orders.ts", thrown, "throws"), ("src/main.ts", logged, "logs")]
    assert any(f"src/orders.ts:{thrown}" in remedy.step for remedy in finding.remediation)


def test_without_the_source_the_place_in_the_built_file_stays(tmp_path: Path) -> None:
    sources, _ = find_sources([str(lab.SAMPLES / "recorded" / "typescript-tsc.jsonl")])
    report = scan(sources, ScanOptions()).report
    assert {place.file for finding in report.findings for place in finding.locations} == {"out/tsc/orders.js"}


def vlq(*numbers: int) -> str:
    out = ""
    for number in numbers:
        rest = -number << 1 | 1 if number < 0 else number << 1
        while True:
            rest, digit = rest >> 5, rest & 31
            out += DIGITS[digit | 32 if rest else digit]
            if not rest:
                break
    return out


@given(st.lists(st.integers(-(2**29), 2**29), min_size=4, max_size=5))
def test_what_is_encoded_is_decoded(numbers: list[int]) -> None:
    assert decoded(vlq(*numbers)) == tuple(numbers)


@given(st.text(max_size=40))
def test_any_text_is_a_segment_or_none(text: str) -> None:
    found = decoded(text)
    assert found is None or len(found) in (1, 4, 5)


MAPPINGS = f"{vlq(0, 0, 6, 0)},{vlq(9, 0, 3, 2)};;{vlq(2, 0, 31, 0)},{vlq(5)}"
"""Line 1: column 1 is line 7, column 10 line 10; line 3: column 3 is line 41, from column 8 on nothing is mapped."""


def source_map(**changes: Any) -> dict[str, Any]:
    return {"version": 3, "sources": ["../src/x.ts"], "names": [], "mappings": MAPPINGS, **changes}


def built(folder: Path, text: str = "x", raw: object = None, name: str = "dist/x.js.map") -> SourceMaps:
    (folder / "dist").mkdir(exist_ok=True)
    (folder / "dist/x.js").write_text(text)
    if raw is not None:
        (folder / name).write_text(raw if isinstance(raw, str) else json.dumps(raw))
    return SourceMaps(str(folder))


@pytest.mark.parametrize(
    ("line", "column", "written"),
    [
        (1, 1, 7),
        (1, 9, 7),
        (1, 10, 10),
        (1, 500, 10),
        (1, None, 7),
        (2, 1, None),
        (3, 4, 41),
        (3, 9, None),
        (9, 1, None),
    ],
)
def test_the_last_mapping_before_the_column_counts(
    tmp_path: Path, line: int, column: int | None, written: int | None
) -> None:
    found = built(tmp_path, raw=source_map()).find("/app/dist/x.js", line, column)
    assert found == (("src/x.ts", written) if written else None)


def test_a_map_may_lie_beside_the_file_within_it_or_where_it_says(tmp_path: Path) -> None:
    text = json.dumps(source_map()).encode()
    inline = "//# sourceMappingURL=data:application/json;base64," + base64.b64encode(text).decode()
    elsewhere = source_map(sources=["x.ts"], sourceRoot="../../src")
    (tmp_path / "dist/maps").mkdir(parents=True)
    for maps in (
        built(tmp_path, f"x();\n{inline}\n"),
        built(tmp_path, "x();\n//# sourceMappingURL=maps/other.map\n", elsewhere, "dist/maps/other.map"),
        built(tmp_path, raw=source_map(sources=["webpack:///./src/x.ts"])),
    ):
        assert maps.find("file:///app/dist/x.js", 1, 1) == ("src/x.ts", 7)


@pytest.mark.parametrize(
    "raw",
    [
        "no json", "[]", "{}", "nul\0", source_map(mappings=7), source_map(mappings="!!!!"), source_map(sources=[]),
        source_map(sources=[None]), source_map(sources="x"), source_map(mappings="A" * 9), source_map(mappings="gggggggggg"),
        source_map(mappings=vlq(0, -1, 0, 0)), source_map(mappings=vlq(0, 0, -5, 0)), source_map(sources=["../../etc/passwd"]),
        source_map(sources=["../node_modules/x/src/x.ts"]), source_map(mappings="\u00e9"),
    ],
    ids=range(16),
)  # fmt: skip
def test_a_broken_map_maps_nothing(tmp_path: Path, raw: object) -> None:
    assert built(tmp_path, raw=raw).find("/app/dist/x.js", 1, 1) is None


@pytest.mark.parametrize("name", ["http://127.0.0.1:1/x.map", "/etc/passwd", "../../../../etc/passwd", "link/x.map"])
def test_no_map_is_read_from_outside_the_folder(tmp_path: Path, name: str) -> None:
    root, outside = tmp_path / "code", tmp_path / "outside"
    root.mkdir()
    outside.mkdir()
    (outside / "x.map").write_text(json.dumps(source_map()))
    maps = built(root, f"x();\n//# sourceMappingURL={name}\n")
    (root / "dist/link").symlink_to(outside)
    assert maps.find("/app/dist/x.js", 1, 1) is None


def test_maps_made_to_take_long_are_given_up_and_said(tmp_path: Path) -> None:
    maps = built(tmp_path, raw=source_map(mappings=",".join([vlq(1, 0, 1, 1)] * 2_000_000)))
    started = time.monotonic()
    for column in range(1, 200):
        maps.find("/app/dist/x.js", 1, column)
    assert maps.cut and time.monotonic() - started < 60
    assert MAX_DECODED < 1 << 27
