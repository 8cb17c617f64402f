"""The recorded samples for the tests: their bytes, their truths, and the report on them or on a form of them."""

from __future__ import annotations

import functools
import gzip
import io
import json
from pathlib import Path
from typing import Any

from floodscan.model import Report
from floodscan.pipeline import ScanOptions, scan, tag
from floodscan.read.sources import Source, find_sources
from floodscan.reports.json_report import render

SAMPLES = Path(__file__).parent.parent / "samples"
ENDINGS = (".jsonl", ".log", ".compose.log", ".cri.log", ".docker.jsonl")


def samples(*endings: str) -> list[Path]:
    """Every recorded log, or those with one of the endings."""
    found = []
    for truth in sorted(SAMPLES.glob("*.truth.json")):
        name = truth.name.removesuffix(".truth.json")
        for ending in endings or ENDINGS:
            found += [p for packed in ("", ".gz") if (p := SAMPLES / f"{name}{ending}{packed}").exists()]
    return found


def sample(name: str) -> Path:
    """A sample by its name, packed or not."""
    path = SAMPLES / name
    return path if path.exists() else SAMPLES / f"{name}.gz"


def names(paths: list[Path]) -> list[str]:
    return [p.name for p in paths]


@functools.cache
def bytes_of(path: Path) -> bytes:
    raw = path.read_bytes()
    return gzip.decompress(raw) if path.suffix == ".gz" else raw


@functools.cache
def truth_of(path: Path) -> dict[str, Any]:
    truth: dict[str, Any] = json.loads((SAMPLES / f"{path.name.split('.')[0]}.truth.json").read_text())
    return truth


@functools.cache
def scanned(path: Path) -> Report:
    """The report on a file, as the model has it."""
    return scan(_found(str(path)), ScanOptions()).report


@functools.cache
def report_on(path: Path) -> dict[str, Any]:
    """The report on a file, as JSON has it."""
    return as_json(scanned(path))


def scanned_log(log: bytes) -> Report:
    """The report on a log that comes through a pipe."""
    return scan([Source("stdin", stream=io.BytesIO(log))], ScanOptions()).report


def report_of(log: bytes) -> dict[str, Any]:
    """The same, as JSON has it."""
    return as_json(scanned_log(log))


def report_on_files(paths: list[Path]) -> dict[str, Any]:
    return as_json(scan(_found(*map(str, paths)), ScanOptions()).report)


def as_json(report: Report) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(render(report))
    return plain


@functools.cache
def tags(path: Path) -> dict[int, str]:
    """Line number -> id of its signature."""
    found: dict[int, str] = {}
    tag(_found(str(path)), ScanOptions(), found.__setitem__)
    return found


def _found(*args: str) -> list[Source]:
    sources, unreadable = find_sources(args)
    assert not unreadable
    return sources


def main_loop(report: dict[str, Any], truth: dict[str, Any]) -> dict[str, Any]:
    """The loop that the lab drove, by the number of its iterations: the heartbeat's is another one.

    Two clients of ioredis write a line each without an id or a time: a loop of each, or one loop where they keep in step.
    """
    wanted = {truth["failed_attempts"]}
    if truth["driver"] == "redis-client":
        wanted = {actor["failed"] for actor in truth["per_actor"]}
    loops = [x for x in report["loops"] if any(abs(x["iterations"] - n) <= 0.01 * n for n in wanted)]
    assert loops, [(x["iterations"], x["status"]) for x in report["loops"]]
    loop: dict[str, Any] = max(loops, key=lambda x: x["lines"])
    return loop
