"""No secret leaves: thirty kinds, wherever a log may hold them, in every output of every format and on stderr."""

from __future__ import annotations

import functools
import io
from pathlib import Path

import pytest
from command import floodscan
from secret_corpus import KINDS, PLACES, in_base64, line, runs

from floodscan.diagnose import diagnose
from floodscan.engines.serial import records
from floodscan.explanation import of_entry
from floodscan.model import Report
from floodscan.pipeline import ScanOptions, scan
from floodscan.read.sources import Source
from floodscan.reports import RENDERERS
from floodscan.reports.json_report import parse
from floodscan.tag import write_tags

FORMATS = tuple(RENDERERS)


def log_of(kind: str, *, encoded: bool = False) -> bytes:
    secret = in_base64(KINDS[kind].text) if encoded else KINDS[kind].text
    return "".join(line(place, secret, 1000 * at) for at, place in enumerate(PLACES)).encode()


def source(data: bytes) -> Source:
    return Source("api.log", stream=io.BytesIO(data))  # type: ignore[arg-type]


@functools.cache
def outputs(kind: str, encoded: bool) -> dict[str, str]:
    """What each format, `explain` and `tag` print of the log."""
    data = log_of(kind, encoded=encoded)
    report = scan([source(data)], ScanOptions()).report
    pages = {name: RENDERERS[name](report).decode() for name in FORMATS}
    again: Report = parse(pages["json"].encode())
    ids = [s.id for s in again.signatures] + [f.id for f in again.findings] + [x.id for x in again.loops]
    pages["explain"] = "\n".join(of_entry(id, again) for id in ids)
    tags: list[str] = []
    write_tags([records(source(data))], lambda number, id: tags.append(f"{number}\t{id}"))
    pages["tag"] = "\n".join(tags)
    pages["terminal, real ids"] = RENDERERS["terminal"](scan([source(data)], ScanOptions(show_ids=True)).report).decode()
    return pages


def leaks(kind: str, encoded: bool) -> dict[str, list[str]]:
    """Runs of the secret by the output that shows them."""
    own = KINDS[kind].own
    telling = {run for text in own for run in runs(text)}
    if encoded:
        telling |= runs(in_base64(KINDS[kind].text)[8:].rstrip("="))
    found = {name: sorted(telling & runs(page)) for name, page in outputs(kind, encoded).items()}
    return {name: shown[:3] for name, shown in found.items() if shown}


def test_the_corpus_has_more_than_25_kinds_and_each_of_its_lines_is_read() -> None:
    assert len(KINDS) >= 25
    report = scan([source(log_of("jwt"))], ScanOptions()).report
    assert report.input.records == len(PLACES) and not report.input.skipped


@pytest.mark.parametrize("kind", KINDS)
def test_no_eight_characters_of_a_secret_are_in_any_output(kind: str) -> None:
    assert leaks(kind, encoded=False) == {}


@pytest.mark.parametrize("kind", [kind for kind, secret in KINDS.items() if secret.encoded])
def test_no_eight_characters_of_a_secret_in_base64_are_in_any_output(kind: str) -> None:
    assert leaks(kind, encoded=True) == {}
