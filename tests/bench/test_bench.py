"""The benchmark runs with what is installed, tells right counts from wrong ones, and wrote the table in the README."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import table
import truth
from logs import FORMS, truth_of, write_log
from measure import ROOT
from peers import PEERS

KEPT = ROOT / "docs" / "benchmark.json"
HEAD = "| floodscan's time ÷ its | tool |"


def bench(script: str, *args: str) -> str:
    command = [sys.executable, str(ROOT / "tests" / "bench" / script), *args]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=300, cwd=ROOT).stdout


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("logs")
    for form in FORMS:
        write_log(folder / form, form, 100_000)
    return folder


def test_the_benchmark_measures_what_is_installed_and_names_what_is_not(tmp_path: Path) -> None:
    file = tmp_path / "kept.json"
    shown = bench("compare.py", "--mb", "0.1", "--linear", "0.1,0.2", "--pairs", "1", "--json", str(file))
    result = json.loads(file.read_text())
    assert shown == table.markdown(result)
    part = result["peers"]
    told = {tool["name"]: tool["counts"] for tool in part["tools"]}
    assert {*told, *part["missing"]} == {tool.name for tool in PEERS}
    for name in ("wc -l", "grep -c", "mawk", "DuckDB", "plain Python"):
        assert name in part["missing"] or told[name] == "right"
    for name in ("jq, sort, uniq -c", "lnav", "drain3"):  # they merge no ids, or too much
        assert name in part["missing"] or re.fullmatch(r"\d+ of 18 groups right, in [\d,]+ rows", told[name])
    assert part["floodscan"]["counts"] == "right"
    assert {row["counts"] for row in result["forms"]["rows"] + result["linear"]["rows"]} == {"right"}
    assert [row["form"] for row in result["forms"]["rows"]] == list(FORMS)


def test_the_table_begins_with_the_ratios_and_says_when_and_on_what() -> None:
    shown = table.markdown(json.loads(KEPT.read_text()))
    assert re.match(r"Measured \d{4}-\d\d-\d\d.* on \d+ cores of .+, Python 3\.\d+", shown)
    rows = shown[shown.index(HEAD) :].split("\n\n")[0].splitlines()[2:]
    (ratio, tool), *peers = [row.split("|")[1:3] for row in rows]
    assert (ratio.strip(), tool.split()[0]) == ("1", "**floodscan**")
    assert [float(ratio) for ratio, _ in peers] == sorted(float(ratio) for ratio, _ in peers)


def test_the_table_of_the_readme_is_what_was_kept() -> None:
    page = (ROOT / "README.md").read_text()
    again = "run: python tests/bench/compare.py --from docs/benchmark.json --only none --readme"
    assert table.put_into(page, table.markdown(json.loads(KEPT.read_text()))) == page, again


@pytest.mark.parametrize("form", ["flood", "stacks"])
def test_the_truth_about_a_log_is_what_another_reader_finds(form: str, logs: Path) -> None:
    told = truth.Truth.of(logs / form)
    found: dict[tuple[str, str], int] = {}
    lines = (logs / form).read_bytes().splitlines(keepends=True)
    for line in lines:
        if line.startswith(b"{") and line.endswith(b"}\n"):
            entry = json.loads(line)
            key = re.sub(r"\d+", "#", entry["msg"]), entry.get("err", {}).get("code", "")
            found[key] = found.get(key, 0) + 1
    assert {(text, code): count for text, code, count in told.groups} == found
    assert (told.lines, told.bytes) == (len(lines), sum(map(len, lines)))


def test_the_forms_of_a_flood_hold_the_same_events(logs: Path) -> None:
    flood, packed = truth.Truth.of(logs / "flood"), truth.Truth.of(logs / "gzip")
    assert (packed.bytes, packed.groups) == (flood.bytes, flood.groups) and packed.on_disk < flood.bytes / 4
    plain = (logs / "flood").read_text().splitlines()
    prefixed = [row.removeprefix("api-1  | ") for row in (logs / "prefixed").read_text().splitlines()]
    assert prefixed[: len(plain)] == plain[: len(prefixed)]


def test_no_two_messages_of_the_distinct_log_are_alike(logs: Path) -> None:
    lines = [line for line in (logs / "distinct").read_text().splitlines() if line.endswith("}")]
    messages = [re.sub(r"\d+", "#", json.loads(line)["msg"]) for line in lines]
    assert len(set(messages)) == len(messages) > 200


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("3\tE1\tlost # at once\n2\tE2\tlost # at once\n4\t\tkept\n", "right"),
        ("  3 E1\tlost <*> at once\n  2 E2\tlost 77 at once\n  4 \tkept\n", "right"),
        ("2\tE1\tlost # at once\n2\tE2\tlost # at once\n4\t\tkept\n", "2 of 3 groups right, in 3 rows"),
        ("5\t?\tlost # at once\n4\t?\tkept\n", "1 of 3 groups right, in 2 rows"),
        ("1\tE1\tlost 1 at once\n2\tE1\tlost 2 at once\n2\tE2\tlost 1 at once\n4\t\tkept\n", "2 of 3 groups right, in 4 rows"),
        ("3\tE1\tlost # at once\n2\tE2\tlost # at once\n4\t\tkept\nclients=6\n", "right, clients wrong"),
    ],
)  # fmt: skip
def test_wrong_counts_are_told(rows: str, said: str, tmp_path: Path) -> None:
    groups = [("lost # at once", "E1", 3), ("lost # at once", "E2", 2), ("kept", "", 4)]
    (tmp_path / "answer").write_text(rows)
    made = truth.Truth("flood", 900, 900, lines=9, groups=groups, clients=5, seconds=3)
    assert truth.groups_of(tmp_path / "answer", made) == said


def test_a_truth_stands_beside_its_log(logs: Path) -> None:
    assert truth_of(logs / "flood").name == "flood.truth.json"


@pytest.mark.slow
def test_growth_is_measured_by_its_command() -> None:
    head, *rows = bench("growth.py", "--mb", "20").splitlines()
    assert head.split() == ["MB", "fold", "s", "MB/s", "add", "s", "part", "kB", "sum", "kB"]
    assert [row.split()[0] for row in rows] == ["10", "20", "fold_s", "add_s", "sum_kb"]
