"""Logs in a bucket of an S3 server on this machine: listed, cut, read by one process, by several and by a cluster."""

from __future__ import annotations

import gzip
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("s3fs", reason="needs s3fs: pip install -e '.[cluster]'")
pytest.importorskip("moto.server", reason="needs an S3 server: pip install -e '.[cluster]'")
pytest.importorskip("distributed", reason="needs Dask: pip install -e '.[cluster]'")

import s3fs
from clusters import ROOT, cluster, environment, free_port, s3_server
from engine_inputs import all_of, everything, sources_in
from lab import bytes_of, sample

from floodscan.engines import Engine
from floodscan.model import BLOCK
from floodscan.pipeline import ScanOptions, scan
from floodscan.read.sources import find_sources

NAMES = ("dashboard-flood.jsonl", "schema-drift.jsonl", "healthy.jsonl", "backoff-jittered.jsonl")


@pytest.fixture(scope="module")
def bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder whose files are in the bucket `logs` too, half of them packed."""
    folder = tmp_path_factory.mktemp("logs")
    for number, name in enumerate(NAMES):
        log = bytes_of(sample(name))
        if number % 2:
            (folder / f"{name}.gz").write_bytes(gzip.compress(log))
        else:
            (folder / name).write_bytes(log)
    with s3_server() as env, pytest.MonkeyPatch.context() as patch:
        for name, value in env.items():
            patch.setenv(name, value)
        fs = s3fs.S3FileSystem()
        fs.mkdir("logs")
        fs.put(f"{folder}/", "logs/day/", recursive=True)
        fs.pipe("logs/day/notes.png", b"\x89PNG")
        yield folder


def named_alike(report: bytes, folder: Path) -> bytes:
    """A report on the folder's files, as it would be on those of the bucket."""
    return report.replace(f"{folder}/".encode(), b"s3://logs/day/")


@pytest.mark.parametrize("url", ["s3://logs/day/*.json*", "s3://logs/day", "s3://logs/*/*[lz]"])
def test_a_glob_or_a_folder_of_a_bucket_is_read_as_its_files_are(bucket: Path, url: str) -> None:
    local, *rest = all_of(scan(sources_in(bucket), ScanOptions()))
    assert everything([url], ScanOptions()) == (named_alike(local, bucket), *rest)


def test_large_objects_are_cut_and_the_processes_read_their_ranges(bucket: Path) -> None:
    options = ScanOptions(engine=Engine(jobs=2, chunk=BLOCK))
    assert everything(["s3://logs/day/*"], options)[0] == everything(["s3://logs/day/*"], ScanOptions())[0]


def test_a_cluster_reads_the_bucket(bucket: Path, tmp_path: Path) -> None:
    with cluster(tmp_path, 2) as (one, _):
        options = ScanOptions(engine=Engine("dask", None, one.address, BLOCK))
        assert everything(["s3://logs/day"], options) == everything(["s3://logs/day"], ScanOptions())


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("s3://logs/day/none.log", "s3://logs/day/none.log: no such object"),
        ("s3://logs/night/*.log", "s3://logs/night/*.log: no object matches"),
        ("s3://AKIAIOSFODNN7EXAMPLE:wJalr/bPxRfiCY@logs/day/none.log", "s3://logs/day/none.log: "),
    ],
)
def test_what_is_not_there_is_one_line_without_secrets(bucket: Path, url: str, said: str) -> None:
    sources, (error,) = find_sources([url])
    assert not sources and error.message.startswith(said)
    assert "AKIA" not in f"{error.message}{error.hint}" and "wJalr" not in f"{error.message}{error.hint}"


def test_a_server_that_is_gone_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    s3fs.S3FileSystem.clear_instance_cache()
    _, (error,) = find_sources(["s3://elsewhere/api.log"])
    assert error.message == "s3://elsewhere/api.log: the server can't be reached"
    s3fs.S3FileSystem.clear_instance_cache()


def test_the_readmes_commands_scan_a_bucket_on_a_cluster(bucket: Path, tmp_path: Path) -> None:
    """As they stand there, but for the port, which may be taken here."""
    found = re.search(
        r"^<!-- cluster -->\n```sh\n(.+?)```$", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL
    )
    assert found
    scheduler = re.findall(r":(\d{4})", found[1])
    assert set(scheduler) == {"8786"}
    for name, module in (("floodscan", "floodscan"), ("dask", "dask")):
        (tmp_path / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" -m {module} "$@"\n')
        (tmp_path / name).chmod(0o755)
    s3fs.S3FileSystem().mkdir("bucket")
    s3fs.S3FileSystem().put(f"{bucket}/", "bucket/", recursive=True)
    env = environment({"PATH": f"{tmp_path}:{os.environ['PATH']}"})
    script = found[1].replace("8786", str(free_port())).replace("--engine dask", "--engine dask -f json")
    shell = subprocess.Popen(
        ["bash", "-ec", script], env=env, cwd=tmp_path, stdout=(tmp_path / "out").open("wb"), stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    try:
        assert shell.wait(90) == 0
    finally:
        os.killpg(shell.pid, signal.SIGKILL)
    report = (tmp_path / "out").read_bytes()
    assert report == everything(["s3://bucket/*.gz"], ScanOptions())[0]
