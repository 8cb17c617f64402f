"""Logs in buckets of servers on this machine, S3 and GCS: listed, cut, read by one process, several and a cluster."""

from __future__ import annotations

import gzip
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import pytest

pytest.importorskip("distributed", reason="needs Dask: pip install -e '.[cluster]'")

import fsspec
from clusters import AWS, ROOT, cluster, environment, free_port, gcs_server, s3_server
from engine_inputs import all_of, everything, sources_in
from lab import bytes_of, sample

from floodscan.engines import Engine
from floodscan.model import BLOCK
from floodscan.pipeline import ScanOptions, scan
from floodscan.read.sources import find_sources

NAMES = ("dashboard-flood.jsonl", "schema-drift.jsonl", "healthy.jsonl", "backoff-jittered.jsonl")


STORES = {"s3": (s3_server, "s3fs", "moto.server"), "gs": (gcs_server, "gcsfs", "gcp_storage_emulator")}
"""By the scheme of a URL: a server, and the modules that it takes."""


class Bucket(NamedTuple):
    """A bucket with the folder `day`, and the folder of this machine whose files are in there too, half of them packed."""

    folder: Path
    url: str
    """scheme://logs"""


def installed(scheme: str) -> bool:
    """Looked for, not imported: gcsfs reads the environment once."""
    return all(find_spec(module.partition(".")[0]) for module in STORES[scheme][1:])


@pytest.fixture(scope="module")
def servers() -> Iterator[None]:
    """All that can be had, and at once: the processes that read begin with the environment of the first of them."""
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        for scheme in filter(installed, STORES):
            for name, value in stack.enter_context(STORES[scheme][0]()).items():
                patch.setenv(name, value)
        yield


@pytest.fixture(scope="module", params=STORES)
def bucket(request: pytest.FixtureRequest, servers: None, tmp_path_factory: pytest.TempPathFactory) -> Bucket:
    scheme = request.param
    if not installed(scheme):
        pytest.skip(f"{scheme}:// needs {' and '.join(STORES[scheme][1:])}: pip install -e '.[cluster]'")
    folder = tmp_path_factory.mktemp("logs")
    for number, name in enumerate(NAMES):
        log = bytes_of(sample(name))
        if number % 2:
            (folder / f"{name}.gz").write_bytes(gzip.compress(log))
        else:
            (folder / name).write_bytes(log)
    fs = fsspec.filesystem(scheme)
    fs.mkdir("logs")
    fs.put(f"{folder}/", "logs/day/", recursive=True)
    fs.pipe("logs/day/notes.png", b"\x89PNG")
    return Bucket(folder, f"{scheme}://logs")


def named_alike(report: bytes, bucket: Bucket) -> bytes:
    """A report on the folder's files, as it would be on those of the bucket."""
    return report.replace(f"{bucket.folder}/".encode(), f"{bucket.url}/day/".encode())


@pytest.mark.parametrize("path", ["day/*.json*", "day", "*/*[lz]"])
def test_a_glob_or_a_folder_of_a_bucket_is_read_as_its_files_are(bucket: Bucket, path: str) -> None:
    local, *rest = all_of(scan(sources_in(bucket.folder), ScanOptions()))
    assert everything([f"{bucket.url}/{path}"], ScanOptions()) == (named_alike(local, bucket), *rest)


def test_large_objects_are_cut_and_the_processes_read_their_ranges(bucket: Bucket) -> None:
    options = ScanOptions(engine=Engine(jobs=2, chunk=BLOCK))
    every = [f"{bucket.url}/day/*"]
    assert everything(every, options)[0] == everything(every, ScanOptions())[0]


def test_a_cluster_reads_the_bucket(bucket: Bucket, tmp_path: Path) -> None:
    with cluster(tmp_path, 2) as (one, _):
        options = ScanOptions(engine=Engine("dask", None, one.address, BLOCK))
        assert everything([f"{bucket.url}/day"], options) == everything([f"{bucket.url}/day"], ScanOptions())


@pytest.mark.parametrize(("path", "said"), [("day/none.log", "no such object"), ("night/*.log", "no object matches")])
def test_what_is_not_there_is_one_line(bucket: Bucket, path: str, said: str) -> None:
    sources, (error,) = find_sources([f"{bucket.url}/{path}"])
    assert not sources and error.message == f"{bucket.url}/{path}: {said}"


@pytest.mark.parametrize("bucket", ["s3"], indirect=True)
def test_what_is_not_there_is_said_without_secrets(bucket: Bucket) -> None:
    sources, (error,) = find_sources(["s3://AKIAIOSFODNN7EXAMPLE:wJalr/bPxRfiCY@logs/day/none.log"])
    assert not sources and error.message.startswith("s3://logs/day/none.log: ")
    assert "AKIA" not in f"{error.message}{error.hint}" and "wJalr" not in f"{error.message}{error.hint}"


def test_a_server_that_is_gone_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    s3fs = pytest.importorskip("s3fs", reason="needs s3fs: pip install -e '.[cluster]'")
    gone = {**AWS, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{free_port()}", "AWS_MAX_ATTEMPTS": "1"}
    for name, value in gone.items():
        monkeypatch.setenv(name, value)
    s3fs.S3FileSystem.clear_instance_cache()
    _, (error,) = find_sources(["s3://elsewhere/api.log"])
    assert error.message == "s3://elsewhere/api.log: the server can't be reached"
    s3fs.S3FileSystem.clear_instance_cache()


def readme_block(name: str) -> str:
    page = (ROOT / "README.md").read_text()
    found = re.search(rf"^<!-- {name} -->\n```sh\n(.+?)```$", page, re.MULTILINE | re.DOTALL)
    assert found, name
    return found[1]


@pytest.mark.parametrize("bucket", ["s3"], indirect=True)
def test_the_readmes_commands_scan_a_bucket_on_a_cluster(bucket: Bucket, tmp_path: Path) -> None:
    """Both blocks as they stand there, but for the ports, which may be taken here, and which logs are put there."""
    script = readme_block("s3") + readme_block("cluster")
    for port in (" 5000", "8786"):
        assert port in script
        script = script.replace(port.strip(), str(free_port()))
    script = script.replace("samples/", f"{bucket.folder}/").replace("--engine dask", "--engine dask -f json")
    runs = {"floodscan": "-m floodscan", "dask": "-m dask", "moto_server": "-m moto.server", "python3": ""}
    for name, module in runs.items():
        (tmp_path / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" {module} "$@"\n')
        (tmp_path / name).chmod(0o755)
    env = environment({"PATH": f"{tmp_path}:{os.environ['PATH']}"})
    shell = subprocess.Popen(
        ["bash", "-ec", script], env=env, cwd=tmp_path, stdout=(tmp_path / "out").open("wb"), stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    try:
        assert shell.wait(90) == 0
    finally:
        os.killpg(shell.pid, signal.SIGKILL)
    report = (tmp_path / "out").read_bytes()
    report = report[report.index(b"{") :]  # the S3 server greets on stdout
    assert report == everything([f"{bucket.url}/day/*.gz"], ScanOptions())[0].replace(
        b"s3://logs/day/", b"s3://bucket/"
    )
