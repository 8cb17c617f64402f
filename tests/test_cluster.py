"""A cluster gives the bytes that one process gives, whatever dies on the way; and says what is wrong where it can't."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("distributed", reason="needs Dask: pip install -e '.[cluster]'")

from clusters import ROOT, Cluster, cluster, environment, free_port
from engine_inputs import WINDOW, Everything, everything, mixed_logs
from lab import bytes_of, sample

from floodscan import cli, errors
from floodscan.engines import Engine
from floodscan.engines.worker import IncompatibleWorker
from floodscan.errors import EngineFailed, UsageError
from floodscan.model import BLOCK
from floodscan.pipeline import ScanOptions


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return mixed_logs(tmp_path_factory.mktemp("logs"))


@pytest.fixture(scope="module")
def whole(logs: Path) -> Everything:
    """What one process gives."""
    return everything([logs])


@pytest.fixture(scope="module")
def two_workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with cluster(tmp_path_factory.mktemp("dask"), 2) as (one, _):
        yield one


def on(one: Cluster, chunk: int = BLOCK) -> ScanOptions:
    return ScanOptions(engine=Engine("dask", None, one.address, chunk))


@pytest.mark.parametrize("chunk", [BLOCK, 5 * BLOCK])
def test_a_cluster_gives_the_report_of_one_process(
    logs: Path, whole: Everything, two_workers: Cluster, chunk: int
) -> None:
    assert everything([logs], on(two_workers, chunk)) == whole


def test_since_and_until_leave_out_the_same_lines(logs: Path, two_workers: Cluster) -> None:
    assert everything([logs], replace(WINDOW, engine=on(two_workers).engine)) == everything([logs], WINDOW)


def test_progress_is_told_task_by_task(logs: Path, two_workers: Cluster) -> None:
    told: list[int] = []
    everything([logs], on(two_workers), told.append)
    assert told == sorted(told) and 0 < told[-1] <= sum(path.stat().st_size for path in logs.iterdir())


def test_a_worker_killed_in_mid_run_changes_nothing(logs: Path, whole: Everything, tmp_path: Path) -> None:
    with cluster(tmp_path, 2) as (one, (victim, _)):
        read: list[int] = []

        def kill(count: int) -> None:
            if count and victim.poll() is None:
                victim.kill()
                victim.wait(10)
                read.append(count)

        assert everything([logs], on(one), kill) == whole
        assert len(read) == 1 and read[0] < sum(path.stat().st_size for path in logs.iterdir()) / 2


def test_a_lost_scheduler_is_an_error_and_no_report(logs: Path, tmp_path: Path) -> None:
    with cluster(tmp_path, 2) as (one, _):
        with pytest.raises(EngineFailed, match="scheduler was lost") as failed:
            everything([logs], on(one), lambda read: one.scheduler.kill() if read else None)
        assert failed.value.exit_code == 70


def test_a_worker_of_another_version_is_refused_with_both_versions(logs: Path, tmp_path: Path) -> None:
    (tmp_path / "other.py").write_text("import floodscan\nfloodscan.__version__ = '9.8.7'\n")
    with cluster(tmp_path, 0) as (one, _):
        one.add_worker("--preload", str(tmp_path / "other.py"))
        with pytest.raises(IncompatibleWorker, match=r"a worker runs floodscan 9\.8\.7, the command is floodscan \d"):
            everything([logs], on(one))


def test_workers_without_floodscan_are_told_of(logs: Path, tmp_path: Path) -> None:
    (tmp_path / "without.py").write_text("import sys\nsys.modules['floodscan'] = None\n")
    with cluster(tmp_path, 0) as (one, _):
        one.add_worker("--preload", str(tmp_path / "without.py"))
        with pytest.raises(UsageError, match="has no floodscan"):
            everything([logs], on(one))


def test_a_worker_that_every_task_kills_is_an_error_and_no_report(logs: Path, tmp_path: Path) -> None:
    """As memory that runs out does it."""
    (tmp_path / "deadly.py").write_text(
        "import os\nimport floodscan.engines.worker as w\nw.fold = lambda order: os._exit(9)\n"
        "w.fold.__module__, w.fold.__qualname__ = 'floodscan.engines.worker', 'fold'\n"
    )
    with cluster(tmp_path, 0) as (one, _):
        for _ in range(5):
            one.add_worker("--preload", str(tmp_path / "deadly.py"))
        with pytest.raises(EngineFailed, match="died, one after the other"):
            everything([logs], on(one, 1000 * BLOCK))


def test_workers_that_all_go_and_none_comes_are_an_error_and_no_report(
    logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from floodscan.engines import dask

    monkeypatch.setattr(dask, "LOOK_S", 0.2)
    with cluster(tmp_path, 1) as (one, (victim,)):

        def kill(read: int) -> None:
            monkeypatch.setattr(dask, "PATIENCE_S", 1)
            victim.kill()

        with pytest.raises(EngineFailed, match="all workers of the cluster are gone"):
            everything([logs], on(one), kill)


def test_no_scheduler_at_the_address_is_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from floodscan.engines import dask

    monkeypatch.setattr(dask, "PATIENCE_S", 1)
    address = f"tcp://127.0.0.1:{free_port()}"
    path = str(sample("healthy.jsonl"))
    code = errors.door(lambda: cli.run(["scan", path, "--engine", "dask", "--scheduler", address]))
    err = capsys.readouterr().err
    assert (code, err.count("\n")) == (2, 2), err
    assert err.startswith(f"floodscan: --scheduler {address}: no Dask scheduler answers there")


def test_a_scheduler_without_workers_is_one_line(logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from floodscan.engines import dask

    monkeypatch.setattr(dask, "PATIENCE_S", 1)
    with cluster(tmp_path, 0) as (one, _), pytest.raises(EngineFailed, match="has no workers"):
        everything([logs], on(one))


def test_without_an_address_the_cluster_is_one_of_this_machine_and_leaves_nothing(tmp_path: Path) -> None:
    log = tmp_path / "api.jsonl"
    log.write_bytes(bytes_of(sample("dashboard-flood.jsonl")))
    command = [sys.executable, "-m", "floodscan", "scan", str(log), "-", "-f", "json"]
    outputs = [
        subprocess.run(
            [*command, *args],
            input=bytes_of(sample("healthy.jsonl")),
            capture_output=True,
            timeout=120,
            env=environment(),
            cwd=ROOT,
        )
        for args in ((), ("--engine", "dask", "--jobs", "2"))
    ]
    assert outputs[1].stdout == outputs[0].stdout != b""
    assert (outputs[1].returncode, outputs[1].stderr) == (0, b"")


def test_ctrl_c_drops_the_work_and_ends_with_130(logs: Path, two_workers: Cluster) -> None:
    from engine_inputs import sources_in

    from floodscan.engines import evaluate
    from floodscan.engines.dask import Interrupted

    with pytest.raises(Interrupted) as ended:
        evaluate(on(two_workers).engine, sources_in(logs), stop=lambda: True)
    assert ended.value.exit_code == errors.INTERRUPTED
