"""Inputs by URL, with a file system in memory: what they are called, and that nothing secret is shown."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import BinaryIO

import pytest

pytest.importorskip("fsspec", reason="needs fsspec: pip install -e '.[test]'")

import fsspec
from lab import bytes_of, sample

from floodscan import cli, errors
from floodscan.errors import extra
from floodscan.model import BLOCK
from floodscan.read import remote
from floodscan.read.sources import Source, find_sources


@pytest.fixture
def memory() -> Iterator[fsspec.AbstractFileSystem]:
    fs = fsspec.filesystem("memory")
    yield fs
    fs.store.clear()


def found(*urls: str) -> list[Source]:
    sources, unreadable = find_sources(urls)
    assert not unreadable
    return sources


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("s3://bucket/app-?.log.gz", "s3://bucket/app-?.log.gz"),
        ("s3://bucket/user@host.log", "s3://bucket/user@host.log"),
        ("s3://AKIA123:abc/def+x@bucket/a.log", "s3://bucket/a.log"),
        ("s3://bucket/a.log?versionId=3", "s3://bucket/a.log"),
        ("https://user:pass@host:8080/a@b.log", "https://host:8080/a@b.log"),
        ("https://token@host/a.log", "https://host/a.log"),
        ("https://host:8080/a@b.log", "https://host:8080/a@b.log"),
        ("https://host/a.log?X-Amz-Signature=abc&x=1#part", "https://host/a.log"),
        ("https://host/a.log?secret", "https://host/a.log"),
        ("filecache::https://user:pass@host/a.log?sig=1", "filecache::https://host/a.log"),
    ],
)
def test_a_url_is_shown_without_password_and_query(url: str, shown: str) -> None:
    assert remote.is_url(url) and remote.shown(url) == shown
    assert repr(remote.Remote(url)) == "Remote(ranges=True)" and remote.Remote(url).name == shown


@pytest.mark.parametrize("path", ["api.log", "C:\\logs\\api.log", "./a:b/c", "-", "logs/*.gz", "c:/x", "::1"])
def test_a_path_is_no_url(path: str) -> None:
    assert not remote.is_url(path)


def test_an_object_gives_the_blocks_of_the_file_from_any_of_them_on(memory: fsspec.AbstractFileSystem) -> None:
    log = bytes_of(sample("dashboard-flood.jsonl"))
    memory.pipe("/logs/api.jsonl", log)
    (source,) = found("memory://logs/api.jsonl")
    assert source.size == len(log) and source.plain() and source.anywhere()
    for start in (0, BLOCK, 3 * BLOCK):
        assert b"".join(source.blocks(start)) == log[start:]


def test_globs_and_folders_name_logs_in_order_and_each_once(memory: fsspec.AbstractFileSystem) -> None:
    for name in ("b.log", "a.log.gz", "deep/c.jsonl", "image.png", ".hidden.log"):
        memory.pipe(f"/logs/{name}", b"hello\n")
    assert [source.name for source in found("memory://logs/*.log*", "memory://logs/b.log")] == [
        "memory://logs/.hidden.log", "memory://logs/a.log.gz", "memory://logs/b.log",
    ]  # fmt: skip
    assert [source.name for source in found("memory://logs/")] == [
        "memory://logs/a.log.gz", "memory://logs/b.log", "memory://logs/deep/c.jsonl",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("memory://logs/none.log", "memory://logs/none.log: no such object"),
        ("memory://logs/*.none", "memory://logs/*.none: no object matches"),
        ("nosuch://user:hunter2@logs/x.log", "nosuch://logs/x.log: a kind of URL that is not known"),
    ],
)
def test_what_can_not_be_read_is_one_line_and_code_3(
    memory: fsspec.AbstractFileSystem, url: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert errors.door(lambda: cli.run(["scan", url])) == 3
    assert capsys.readouterr().err == f"floodscan: no usable input: {message}\n"


@pytest.fixture
def web(tmp_path: Path) -> Iterator[str]:
    """A web server that knows no ranges, as the standard library's; what is called `denied` it refuses."""

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

        def send_head(self) -> io.BytesIO | BinaryIO | None:
            if "denied" in self.path:
                self.send_error(403)
                return None
            return super().send_head()

    pytest.importorskip("aiohttp", reason="needs aiohttp: pip install -e '.[cluster]'")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(tmp_path)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_address[1]}"
    server.shutdown()


def test_a_web_page_is_read_and_named_without_its_secrets(web: str, tmp_path: Path) -> None:
    log = bytes_of(sample("healthy.jsonl"))
    (tmp_path / "api.jsonl").write_bytes(log)
    (source,) = found(f"http://user:hunter2@{web}/api.jsonl?signature=abc")
    assert source.name == f"http://{web}/api.jsonl" and not source.plain()
    assert b"".join(source.blocks()) == log
    for what, why in (("none", "no such object"), ("denied?signature=abc", "access denied")):
        _, (error,) = find_sources([f"http://user:hunter2@{web}/{what}"])
        assert error.message == f"http://{web}/{what[:6].rstrip('?')}: {why}"
    _, (error,) = find_sources(["http://127.0.0.1:1/x?signature=abc"])
    assert error.message == "http://127.0.0.1:1/x: the server can't be reached"


def test_a_missing_library_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    def not_installed(url: str, **options: object) -> None:
        raise ImportError("no s3fs")

    monkeypatch.setattr("fsspec.core.url_to_fs", not_installed)
    _, (error,) = find_sources(["s3://bucket/a.log"])
    assert error.message == "s3://bucket/a.log: needs a library for s3, which is not installed"
    assert error.hint == extra("cloud")


def test_an_object_that_breaks_off_is_noted_and_its_beginning_read(
    memory: fsspec.AbstractFileSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory.pipe("/logs/api.log", b"hello\n" * 30_000)
    (source,) = found("memory://logs/api.log")
    read = remote._Reader.read
    left = iter(range(2))

    def breaks(self: remote._Reader, size: int) -> bytes:
        if next(left, None) is None:
            self._file.read = lambda size: 1 / 0
        return read(self, size)

    monkeypatch.setattr(remote._Reader, "read", breaks)
    assert sum(map(len, source.blocks())) == 2 * BLOCK
    assert source.notes == ["reading broke off: reading failed (ZeroDivisionError)"]
