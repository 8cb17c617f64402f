"""A folder of logs of every kind that an engine must cut or leave whole, and what a scan of it gives: for the engines' tests."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Sequence
from pathlib import Path

from lab import bytes_of, sample

from floodscan.engines import Engine
from floodscan.pipeline import Scan, ScanOptions, scan
from floodscan.read.sources import Source, find_sources
from floodscan.reports.json_report import render

SERIAL = ScanOptions(engine=Engine(jobs=1))
"""The plainest engine: what it gives every other must give."""
WINDOW = ScanOptions(since_ms=1_795_414_255_000, until_ms=1_795_414_270_000)
"""A quarter of a minute within the dashboard's flood."""


def mixed_logs(folder: Path) -> Path:
    """Wrapped, dateless, newest first, packed, mixed, damaged and empty logs, most of several blocks."""
    flood, pretty = bytes_of(sample("dashboard-flood.jsonl")), bytes_of(sample("dashboard-flood.log"))
    drift = bytes_of(sample("schema-drift.jsonl"))
    logs = {
        "api.jsonl": flood,
        "compose.log": bytes_of(sample("dashboard-flood.compose.log")),
        "cri.log": bytes_of(sample("dashboard-flood.cri.log")),
        "pretty.log": pretty,  # a clock without a date: read as a whole
        "newest-first.jsonl": b"".join(reversed(drift.splitlines(keepends=True))),
        "mixed.log": pretty[:90_000]
        + b"\n=== restarted ===\n"
        + flood
        + b"Error: boom\n    at main (a.js:1:2)\n" * 900,
        "drift.jsonl.gz": gzip.compress(drift),
        "cut-short.jsonl.gz": gzip.compress(flood)[:-2_000],
        "utf16.log": flood[:150_000].decode().encode("utf-16"),
        "old-mac.log": flood[:200_000].replace(b"\n", b"\r"),
        "holes.jsonl": flood[:70_001] + bytes(200_000) + flood[70_001:140_000] + b"x" * 1_200_000 + flood[140_000:],
        "empty.log": b"",
        "small.log": b"hello\n",
    }
    for name, log in logs.items():
        (folder / name).write_bytes(log)
    return folder


Everything = tuple[bytes, list[str], list[str], tuple[str, ...]]
"""All that a scan gives: the report's bytes, the notes, what could not be read, what was empty."""


def everything(
    paths: Sequence[Path | str], options: ScanOptions = SERIAL, on_progress: Callable[[int], None] | None = None
) -> Everything:
    sources, unreadable = find_sources([str(path) for path in paths])
    assert not unreadable
    return all_of(scan(sources, options, on_progress=on_progress))


def all_of(result: Scan) -> Everything:
    return render(result.report), result.notes, [error.message for error in result.unreadable], result.empty_sources


def sources_in(folder: Path) -> list[Source]:
    sources, _ = find_sources([str(folder)])
    return sources
