"""A Dask scheduler, its workers and two stores, each a process of its own on loopback: for the tests of clusters."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PATIENCE_S = 60

AWS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_DEFAULT_REGION": "us-east-1"}
"""What the S3 server of the tests wants: anything."""
GCS = {"GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT": "false", "NO_GCE_CHECK": "true"}
"""gcsfs asks neither by gRPC what kind of bucket it is, which the server of the tests does not speak, nor for a machine
of Google's."""


def environment(more: dict[str, str] | None = None) -> dict[str, str]:
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    return {**os.environ, "PYTHONPATH": path, **(more or {})}


@contextmanager
def running(*args: str, env: dict[str, str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """A Python module as a process, which ends with the block."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen([sys.executable, "-m", *args], env=environment(env), cwd=ROOT, **quiet)
    try:
        yield process
    finally:
        process.kill()
        process.wait(10)


def until(ready: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not ready():
        assert time.monotonic() < end, "not ready in time"
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def answers(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


class Cluster:
    """A scheduler; workers are added one by one."""

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        self._stack, self._folder = stack, folder
        file = folder / "scheduler.json"
        args = ("--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(file))
        self.scheduler = stack.enter_context(running("dask", "scheduler", *args))
        until(lambda: file.exists() and file.read_text().endswith("}"))
        self.address = str(json.loads(file.read_text())["address"])

    def add_worker(self, *args: str, env: dict[str, str] | None = None) -> subprocess.Popen[bytes]:
        """One process, one thread, and nobody who would begin it again."""
        common = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--host", "127.0.0.1")
        place = ("--local-directory", str(self._folder))
        return self._stack.enter_context(running("dask", "worker", self.address, *common, *place, *args, env=env))


@contextmanager
def cluster(
    folder: Path, workers: int, env: dict[str, str] | None = None
) -> Iterator[tuple[Cluster, list[subprocess.Popen[bytes]]]]:
    with ExitStack() as stack:
        one = Cluster(stack, folder)
        yield one, [one.add_worker(env=env) for _ in range(workers)]


@contextmanager
def s3_server() -> Iterator[dict[str, str]]:
    """The environment in which `s3://` is an empty server of this machine."""
    port = free_port()
    with running("moto.server", "-H", "127.0.0.1", "-p", str(port)):
        until(lambda: answers(port))
        yield {**AWS, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}"}


@contextmanager
def gcs_server() -> Iterator[dict[str, str]]:
    """The environment in which `gs://` is an empty server of this machine."""
    port = free_port()
    with running("gcp_storage_emulator", "start", "--host", "127.0.0.1", "--port", str(port), "--in-memory"):
        until(lambda: answers(port))
        yield {**GCS, "STORAGE_EMULATOR_HOST": f"http://127.0.0.1:{port}"}
