"""The same lines in another wrapping, through another door, in pieces, or as pino-pretty printed them: the same report."""

from __future__ import annotations

import functools
import gzip
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from lab import bytes_of, report_of, report_on, report_on_files, sample, samples

FOUR = ("dashboard-flood.jsonl", "schema-drift.jsonl", "backoff-jittered.jsonl", "healthy.jsonl")
PARTS = 10
LOOP = ("status", "iterations", "lines", "driver", "cadence", "outcome", "anchor")
FINDING = ("rule", "cause", "role", "confidence", "severity")


def essence(report: dict[str, Any]) -> dict[str, Any]:
    """What must not depend on how the bytes came: sources, line numbers and examples are left out."""
    return {
        "verdict": report["verdict"],
        "loops": [
            {key: loop[key] for key in LOOP}
            | {"actors": loop["actors"] and loop["actors"]["distinct"], "members": sorted(loop["signatures"])}
            for loop in report["loops"]
        ],
        "findings": [{key: finding[key] for key in FINDING} for finding in report["findings"]],
        "signatures": {s["id"]: (s["count"], s["failure"]) for s in report["signatures"]},
        "records": report["input"]["records"],
        "lines": report["input"]["lines"],
    }


def essence_of_file(tmp_path: Path, name: str, log: bytes) -> dict[str, Any]:
    path = tmp_path / name
    path.write_bytes(log)
    return essence(report_on_files([path]))


def in_parts(log: bytes, parts: int) -> list[bytes]:
    """The log cut at line ends into pieces of about one size."""
    lines = log.splitlines(keepends=True)
    bounds = [len(lines) * i // parts for i in range(parts + 1)]
    return [b"".join(lines[a:b]) for a, b in zip(bounds, bounds[1:], strict=False)]


@pytest.mark.parametrize("name", FOUR)
def test_a_pipe_gives_the_report_of_the_file(name: str) -> None:
    assert essence(report_of(bytes_of(sample(name)))) == essence(report_on(sample(name)))


@pytest.mark.parametrize("name", FOUR)
def test_gzip_gives_the_report_of_the_plain_file(name: str, tmp_path: Path) -> None:
    log = bytes_of(sample(name))
    assert essence_of_file(tmp_path, "log.gz", gzip.compress(log, 6)) == essence_of_file(tmp_path, "log", log)


@pytest.mark.parametrize("name", FOUR)
def test_two_gzip_members_behind_each_other_are_one_log(name: str, tmp_path: Path) -> None:
    log = bytes_of(sample(name))
    packed = gzip.compress(log[: len(log) // 3]) + gzip.compress(log[len(log) // 3 :])
    assert essence_of_file(tmp_path, "log.gz", packed) == essence(report_on(sample(name)))


@pytest.mark.skipif(shutil.which("zstd") is None, reason="packs with the zstd command")
@pytest.mark.parametrize("name", FOUR)
def test_zstd_gives_the_report_of_the_plain_file(name: str, tmp_path: Path) -> None:
    log = bytes_of(sample(name))
    packed = subprocess.run(["zstd", "-q", "-c"], input=log, stdout=subprocess.PIPE, check=True).stdout
    assert essence_of_file(tmp_path, "log.zst", packed) == essence(report_on(sample(name)))


@pytest.mark.parametrize("name", FOUR)
def test_ten_files_cut_at_line_ends_give_the_report_of_the_whole(name: str, tmp_path: Path) -> None:
    paths = []
    for number, part in enumerate(in_parts(bytes_of(sample(name)), PARTS)):
        paths.append(tmp_path / f"part-{number:02}.log")
        paths[-1].write_bytes(part)
    assert essence(report_on_files(paths)) == essence(report_on(sample(name)))


@pytest.mark.parametrize("name", FOUR)
def test_the_order_in_which_files_are_named_changes_nothing(name: str, tmp_path: Path) -> None:
    paths = []
    for number, part in enumerate(in_parts(bytes_of(sample(name)), 3)):
        paths.append(tmp_path / f"part-{number}.log")
        paths[-1].write_bytes(part)
    assert essence(report_on_files(paths[::-1])) == essence(report_on_files(paths))


@pytest.mark.parametrize("name", FOUR)
def test_the_prefix_of_docker_compose_changes_nothing(name: str) -> None:
    log = bytes_of(sample(name))
    prefixed = b"".join(b"api-1  | " + line for line in log.splitlines(keepends=True))
    assert essence(report_of(prefixed)) == essence(report_on(sample(name)))


@pytest.mark.parametrize("name", FOUR)
def test_windows_line_ends_change_nothing(name: str) -> None:
    log = bytes_of(sample(name))
    assert essence(report_of(log.replace(b"\n", b"\r\n"))) == essence(report_on(sample(name)))


@pytest.mark.parametrize("name", ("dashboard-flood.jsonl", "schema-drift.jsonl", "backoff-jittered.jsonl"))
def test_the_order_inside_the_iteration_does_not_hang_on_where_the_blocks_end(name: str) -> None:
    """A longer line moves every boundary of a block, and with it which scenes are kept."""
    log = bytes_of(sample(name))
    plain = [loop["signatures"] for loop in report_on(sample(name))["loops"]]
    for ending, start in ((b"\r\n", b""), (b"\n", b"api-1  | ")):
        other = b"".join(start + line + ending for line in log.splitlines())
        assert [loop["signatures"] for loop in report_of(other)["loops"]] == plain


@pytest.mark.parametrize("ending", [".compose.log", ".docker.jsonl", ".cri.log"])
def test_a_container_engines_form_of_the_incident_gives_the_same_loops_and_causes(ending: str) -> None:
    plain, wrapped = report_on(sample("dashboard-flood.jsonl")), report_on(sample(f"dashboard-flood{ending}"))
    kept = [key for key in LOOP if key != "lines"]  # the stand-in's own lines stand among compose's
    assert [{k: x[k] for k in kept} for x in wrapped["loops"]] == [{k: x[k] for k in kept} for x in plain["loops"]]
    assert essence(wrapped)["findings"] == essence(plain)["findings"]


TWINS = [p for p in samples(".log") if sample(p.name.replace(".log", ".jsonl").removesuffix(".gz")).exists()]


@functools.cache
def twin_of(path: Path) -> dict[str, Any]:
    return report_on(sample(path.name.removesuffix(".gz").replace(".log", ".jsonl")))


@pytest.mark.parametrize("path", TWINS, ids=[p.name for p in TWINS])
def test_the_pretty_twin_has_the_iterations_and_actors_of_the_json(path: Path) -> None:
    def loops(report: dict[str, Any]) -> list[tuple[int, int | None]]:
        return sorted((x["iterations"], x["actors"] and x["actors"]["distinct"]) for x in report["loops"])

    assert loops(report_on(path)) == loops(twin_of(path))


@pytest.mark.parametrize("path", TWINS, ids=[p.name for p in TWINS])
def test_the_pretty_twin_has_the_causes_of_the_json(path: Path) -> None:
    def causes(report: dict[str, Any]) -> set[tuple[str, str]]:
        """The twin's clock of seconds is an observation of its own, and can't show how long a success lasted."""
        return {(f["role"], f["cause"]) for f in report["findings"]} - {
            ("observation", "clock-trouble"), ("sustaining", "false-success"),
        }  # fmt: skip

    assert causes(report_on(path)) == causes(twin_of(path))


def test_hash_seeds_do_not_show_in_a_single_byte() -> None:
    """A set or dict in the order of `hash()` anywhere would differ between the two processes."""
    paths = [str(sample(name)) for name in FOUR] + [str(sample("redis-refused.log"))]
    outputs = []
    for seed in ("0", "1"):
        command = [sys.executable, "-m", "floodscan", *paths, "--format", "json"]
        env = {**os.environ, "PYTHONHASHSEED": seed}
        outputs.append(subprocess.run(command, env=env, stdout=subprocess.PIPE, check=True).stdout)
    assert outputs[0].startswith(b"{") and len(outputs[0]) > 10_000
    assert outputs[0] == outputs[1]


def test_reading_twice_gives_the_same_report() -> None:
    log = bytes_of(sample("dashboard-flood.jsonl"))
    assert report_of(log) == report_of(log)
