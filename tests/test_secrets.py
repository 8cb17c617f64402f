"""No secret leaves: sixty kinds, wherever a log may hold them, in every output of every format and on stderr."""

from __future__ import annotations

import functools
import io
import random
from pathlib import Path
from urllib.parse import quote

import pytest
from command import floodscan
from secret_corpus import KINDS, PLACES, RUN, in_base64, line, runs

from floodscan.engines import records
from floodscan.explanation import of_entry
from floodscan.model import Report
from floodscan.pipeline import ScanOptions, scan
from floodscan.read.sources import Source
from floodscan.reports import RENDERERS
from floodscan.reports.json_report import parse
from floodscan.tag import write_tags

FORMATS = tuple(RENDERERS)
SCANNED = 2_000
"""Characters of a line that the scanner is shown: its patterns take seconds over a page that is one line."""


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
    pages["terminal, real ids"] = RENDERERS["terminal"](
        scan([source(data)], ScanOptions(show_ids=True)).report
    ).decode()
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


def test_a_secret_in_a_file_name_is_neither_reported_nor_told_on_stderr(tmp_path: Path) -> None:
    secret = KINDS["github token"]
    path, missing = tmp_path / f"{secret.text}.log", tmp_path / f"missing-{secret.text}.log"
    path.write_text(line("message", "nothing", 0))
    reports = [argument for name in FORMATS for argument in ("--report", f"{name}={tmp_path / name}")]
    done = floodscan(str(path), str(missing), *reports, cwd=tmp_path)
    assert done.returncode == 3
    pages = [done.stdout, done.stderr, *((tmp_path / name).read_bytes() for name in FORMATS)]
    assert not runs(secret.own[0]) & runs(b"".join(pages).decode())
    assert b"<github-token" in done.stdout and b"<github-token" in done.stderr


def test_an_error_of_ours_that_quotes_a_secret_is_told_without_it() -> None:
    secret = KINDS["stripe key"]
    done = floodscan("explain", secret.text)
    assert done.returncode == 2 and not runs(secret.own[0]) & runs(done.stderr.decode())


def test_an_independent_scanner_finds_nothing_in_any_output(tmp_path: Path) -> None:
    """detect-secrets knows vendors' keys by its own patterns; of the log it finds plenty."""
    secrets = pytest.importorskip("detect_secrets", reason="pip install -e '.[test]'")
    settings = pytest.importorskip("detect_secrets.settings")
    plugins = ("AWSKeyDetector", "BasicAuthDetector", "DiscordBotTokenDetector", "GitHubTokenDetector",
               "GitLabTokenDetector", "JwtTokenDetector", "NpmDetector", "OpenAIDetector", "PrivateKeyDetector",
               "SendGridDetector", "SlackDetector", "StripeDetector", "TelegramBotTokenDetector")  # fmt: skip

    def found(lines: set[str]) -> set[str]:
        path = tmp_path / "page.txt"
        path.write_text("\n".join(sorted(lines)))
        collection = secrets.SecretsCollection()
        with settings.transient_settings({"plugins_used": [{"name": name} for name in plugins]}):
            collection.scan_file(str(path))
        return {one.type for _, one in collection}

    assert len(found({line("message", secret.text, 0) for secret in KINDS.values()})) >= 9
    pages = [outputs(kind, False)[name] for kind in KINDS for name in ("json", "terminal", "github")]
    shown = {row.strip() for page in pages for row in page.split("\n")}
    assert found({row[:SCANNED] for row in shown if len(row) > RUN}) == set()


def test_words_that_are_no_secret_in_base64_stay() -> None:
    """Ids, hashes and plain text in base64 name the attempt, or say what failed: only a secret inside hides them."""
    from floodscan.redact import redact

    rng = random.Random(1)
    ids = [rng.randbytes(24).hex() for _ in range(200)] + [in_base64(f"order {n} of the seller") for n in range(50)]
    for text in [
        *ids,
        quote("a/b/c/the-name-of-some-file-that-is-long.js"),
        "/srv/app/node_modules/fastify/lib/reply.js",
    ]:
        assert redact(text) == text
