"""Whoever evaluates the sum, with however many processes and in tasks of any size: the same bytes."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from engine_inputs import WINDOW, Everything, all_of, everything, mixed_logs, sources_in
from lab import bytes_of, sample, samples

from floodscan import errors
from floodscan.engines import Engine, machine, worker
from floodscan.engines.pieces import Piece, count_newlines, evaluation
from floodscan.engines.plan import Task, chunk_size, plan, wanted
from floodscan.engines.serial import evaluate
from floodscan.model import BLOCK
from floodscan.pipeline import ScanOptions, scan
from floodscan.profile import to_bytes
from floodscan.read.sources import Source, find_sources

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return mixed_logs(tmp_path_factory.mktemp("logs"))


@pytest.fixture(scope="module")
def whole(logs: Path) -> Everything:
    """What one process gives."""
    return everything([logs])


def planned(sources: list[Source], chunk: int, ahead: int = 0) -> list[Task]:
    tasks, here = plan(sources, chunk, lambda ranges: [count_newlines(piece) for piece in ranges], ahead=ahead)
    assert not here
    return tasks


# ---------------------------------------------------------------- the tasks, in any order


@pytest.mark.parametrize("path", samples(), ids=lambda path: path.name)
def test_a_sample_in_ranges_of_a_block_added_in_any_order_is_the_whole(path: Path, tmp_path: Path) -> None:
    plain = tmp_path / path.name.removesuffix(".gz")
    plain.write_bytes(bytes_of(path))
    sources, _ = find_sources([str(plain)])
    draw = random.Random(path.name)
    parts = [worker.fold(worker.order(task.pieces)) for task in planned(sources, BLOCK)]
    while len(parts) > 1:
        draw.shuffle(parts)
        parts.append(worker.add(*[parts.pop() for _ in range(min(len(parts), draw.randint(2, 8)))]))
    assert to_bytes(evaluation(worker.unpack(parts[0]), sources).profile) == to_bytes(evaluate(sources).profile)


@pytest.mark.parametrize("chunk", [BLOCK, 3 * BLOCK, 64 * BLOCK])
def test_mixed_logs_in_tasks_of_any_size_are_the_whole(logs: Path, chunk: int) -> None:
    sources = sources_in(logs)
    parts = [worker.fold(worker.order(task.pieces)) for task in planned(sources, chunk)]
    random.Random(chunk).shuffle(parts)
    ours, whole = evaluation(worker.unpack(worker.add(*parts)), sources), evaluate(sources_in(logs))
    assert to_bytes(ours.profile) == to_bytes(whole.profile)
    assert ours.empty == whole.empty == [str(logs / "empty.log")]


def test_times_without_a_date_beside_dated_ones_are_left_out_and_that_is_said() -> None:
    dated, dateless = ROOT / "samples" / "dashboard-flood.jsonl", ROOT / "samples" / "redis-refused.log"
    alone = scan(find_sources([str(dated)])[0], ScanOptions()).report.input
    both = scan(find_sources([str(dateless), str(dated)])[0], ScanOptions())
    assert (both.report.input.first, both.report.input.last) == (alone.first, alone.last)
    assert both.report.input.records > alone.records
    assert both.report.complete
    assert [note for note in both.notes if "redis-refused.log" in note and "no date" in note]


def test_plain_files_with_a_date_are_cut_and_all_others_left_whole(logs: Path) -> None:
    ranges: dict[str, list[Piece]] = {}
    for task in planned(sources_in(logs), BLOCK):
        for piece in task.pieces:
            ranges.setdefault(Path(piece.source.name).name, []).append(piece)
    cut = {name for name, pieces in ranges.items() if not pieces[0].whole}
    assert cut == {
        "api.jsonl",
        "compose.log",
        "cri.log",
        "newest-first.jsonl",
        "mixed.log",
        "old-mac.log",
        "holes.jsonl",
    }
    for name in cut:
        bounds = sorted((piece.start, piece.end) for piece in ranges[name])
        assert [end for _, end in bounds] == [start for start, _ in bounds[1:]] + [None]


def test_the_first_line_of_a_range_is_counted_in_all_that_lies_before(tmp_path: Path) -> None:
    log = bytes_of(sample("incident-in-traffic.jsonl"))
    path = tmp_path / "api.jsonl"
    path.write_bytes(log)
    pieces = [piece for task in planned(find_sources([str(path)])[0], 3 * BLOCK) for piece in task.pieces]
    assert max(piece.offset for piece in pieces) > 0
    assert all(piece.first_line == 1 + log.count(b"\n", 0, piece.offset) for piece in pieces)


def test_small_files_share_a_task_and_large_input_gets_tasks_for_every_worker(tmp_path: Path) -> None:
    for number in range(100):
        (tmp_path / f"{number:03}.log").write_bytes(b"hello\n" * 1_000)
    sources = sources_in(tmp_path)
    assert len(planned(sources, chunk_size(sources, 8))) == 1
    assert [len(task.pieces) for task in planned(sources, 30_000)] == [5] * 20
    huge = [Source("api.log", 100 << 30, path=tmp_path / "000.log")]
    assert chunk_size(huge, 2) < chunk_size(huge, 1) * 2 <= 1 << 30
    odd = [Source("api.log", (100 << 20) + 3, path=tmp_path / "000.log")]
    for slots in (2, 3, 4):
        assert -(-(odd[0].size or 0) // chunk_size(odd, slots, 1 << 30, 1)) == slots
    assert chunk_size(huge, 2) % BLOCK == chunk_size(sources, 2) % BLOCK == 0


def test_one_task_may_be_longer_than_the_others_and_comes_first(tmp_path: Path) -> None:
    path = tmp_path / "api.log"
    path.write_bytes(b"2026-03-02T08:15:30Z INFO up\n" * 40_000)
    sources, ahead = find_sources([str(path)])[0], 4 * BLOCK
    size = path.stat().st_size
    for slots in (2, 3, 4):
        chunk = -(-(size - ahead) // slots // BLOCK) * BLOCK
        longest, *others = [task.size for task in planned(sources, chunk, ahead)]
        assert others == [chunk] * (slots - 1) and size - longest == chunk * (slots - 1)
        assert 0 <= longest - chunk <= ahead
    assert [task.size for task in planned(sources, size // BLOCK * BLOCK, ahead)] == [size]


# ---------------------------------------------------------------- processes


@pytest.mark.parametrize("jobs", [2, 3, 8])
def test_a_report_does_not_depend_on_the_number_of_processes(logs: Path, whole: Everything, jobs: int) -> None:
    chunk = BLOCK * (1 + jobs % 3)
    assert everything([logs], ScanOptions(engine=Engine(jobs=jobs, chunk=chunk))) == whole


def test_since_and_until_leave_out_the_same_lines(logs: Path, whole: Everything) -> None:
    report, *_ = everything([logs], replace(WINDOW, engine=Engine(jobs=2, chunk=BLOCK)))
    assert report == everything([logs], WINDOW)[0] != whole[0]


def test_stdin_among_files_is_read_by_the_command_itself(logs: Path) -> None:
    args = [sys.executable, "-m", "floodscan", str(logs / "api.jsonl"), "-", str(logs / "cri.log"), "-f", "json"]
    log = bytes_of(sample("healthy.jsonl"))
    outputs = [
        subprocess.run([*args, "--jobs", jobs], input=log, capture_output=True, timeout=60, cwd=ROOT, check=True).stdout
        for jobs in ("1", "2")
    ]
    assert outputs[0] == outputs[1] and b'"stdin"' in outputs[0]


def test_progress_comes_from_all_processes(logs: Path) -> None:
    told: list[int] = []
    everything([logs / "holes.jsonl"], ScanOptions(engine=Engine(jobs=2, chunk=BLOCK)), told.append)
    assert told == sorted(told) and told[-1] >= 1_500_000


def test_a_file_that_vanishes_is_an_error_and_the_others_are_reported(logs: Path, tmp_path: Path) -> None:
    gone = tmp_path / "gone.jsonl"
    gone.write_bytes(bytes_of(sample("healthy.jsonl")))
    results = []
    for jobs in (1, 2):
        sources, _ = find_sources([str(gone), str(logs / "api.jsonl")])
        kept = gone.read_bytes()
        gone.unlink()
        results.append(all_of(scan(sources, ScanOptions(engine=Engine(jobs=jobs, chunk=BLOCK)))))
        gone.write_bytes(kept)
    assert results[0] == results[1]
    assert results[1][2] == [f"{gone}: no such file"]


def test_a_file_that_is_cut_while_it_is_read_is_noted(tmp_path: Path) -> None:
    path = tmp_path / "api.jsonl"
    path.write_bytes(bytes_of(sample("dashboard-flood.jsonl")))
    tasks = planned(find_sources([str(path)])[0], BLOCK)
    path.write_bytes(path.read_bytes()[: BLOCK + 5])
    out = worker.unpack(worker.add(*(worker.fold(worker.order(task.pieces)) for task in tasks)))
    assert {note for _, note in out.notes} == {"became shorter while it was read: what is gone is not in the report"}


class Killer:
    """Kills worker processes, once or whenever there are some, when the first of the log has been read."""

    def __init__(self, *, again: bool = False) -> None:
        self.again, self.killed = again, 0

    def __call__(self, read: int) -> None:
        if self.again or (read and not self.killed):
            for process in multiprocessing.active_children()[:1]:
                assert process.pid is not None
                with contextlib.suppress(ProcessLookupError):  # it has ended since
                    os.kill(process.pid, signal.SIGKILL)
                    self.killed += 1


def test_the_work_of_a_killed_process_is_done_again(logs: Path, whole: Everything) -> None:
    killer = Killer()
    options = ScanOptions(engine=Engine(jobs=2, chunk=BLOCK))
    assert everything([logs], options, killer) == whole
    assert killer.killed == 1


def test_beside_a_thread_processes_give_the_same(logs: Path, whole: Everything) -> None:
    end = threading.Event()
    thread = threading.Thread(target=end.wait)
    thread.start()
    try:
        killer = Killer()
        assert everything([logs], ScanOptions(engine=Engine(jobs=3, chunk=BLOCK)), killer) == whole
        assert killer.killed == 1
    finally:
        end.set()
        thread.join()


def test_processes_that_are_killed_again_and_again_are_an_error_and_no_report(logs: Path) -> None:
    options = ScanOptions(engine=Engine(jobs=2, chunk=BLOCK))
    with pytest.raises(errors.EngineFailed, match="killed again and again") as failed:
        everything([logs], options, Killer(again=True))
    assert failed.value.exit_code == 70 and "--jobs" in str(failed.value.hint)


# ---------------------------------------------------------------- Ctrl-C, and no process left behind

CUT_SMALL = "from floodscan.engines import plan; plan.SMALLEST = 1 << 18; from floodscan.__main__ import main; main()"
THREAD = "import threading; threading.Thread(target=threading.Event().wait, daemon=True).start(); "
"""A process with a thread is not copied: a server begins the others."""


@pytest.fixture(params=[("", 3), (THREAD, 5)], ids=["copies", "a server"])
def reading(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[subprocess.Popen[bytes]]:
    """A command that reads a log with three processes, half a second after they began what takes them many times that."""
    first, processes = request.param  # itself and two workers; where a server begins them, that and its tracker too
    log = tmp_path / "api.jsonl"
    log.write_bytes(bytes_of(sample("dashboard-flood.jsonl")) * 200)
    slowly = ["--since", "2000-01-01"]  # each line the plain way: the kernel would be done before the signal comes
    command = [sys.executable, "-c", first + CUT_SMALL, str(log), "--jobs", "3", "-f", "json", *slowly]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, cwd=ROOT, start_new_session=True, **pipes) as process:
        end = time.monotonic() + 10
        while len(processes_of(process.pid)) < processes:
            assert process.poll() is None and time.monotonic() < end
            time.sleep(0.02)
        time.sleep(0.5)
        yield process
        process.kill()


def processes_of(session: int) -> list[int]:
    """The processes of a session, but for the dead."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, _, its_session, *_ = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(its_session) == session and state != "Z":
            found.append(int(path.parent.name))
    return found


def assert_none_left(session: int) -> None:
    end = time.monotonic() + 10
    while processes_of(session):
        assert time.monotonic() < end, "a process was left behind"
        time.sleep(0.05)


def test_ctrl_c_reports_what_was_read_and_leaves_no_process(reading: subprocess.Popen[bytes]) -> None:
    os.killpg(reading.pid, signal.SIGINT)  # as a terminal does: to all of them
    out, err = reading.communicate(timeout=30)
    assert reading.returncode == 130, err
    assert b'"complete":false' in out.replace(b" ", b"") and b"Traceback" not in err
    assert b"what lies between was not read" in err
    assert_none_left(reading.pid)


def test_a_command_that_is_killed_leaves_no_process(reading: subprocess.Popen[bytes]) -> None:
    reading.kill()
    reading.wait(10)
    assert_none_left(reading.pid)


# ---------------------------------------------------------------- how many


def test_small_input_and_pipes_get_one_process_and_large_input_what_the_machine_allows(tmp_path: Path) -> None:
    path = tmp_path / "api.log"
    path.write_bytes(b"hello\n")
    small, large = Source("api.log", 6, path=path), Source("api.log", 1 << 30, path=path)
    assert wanted([small], None) == 1
    assert wanted([large], None) == machine.cores()
    assert wanted([small], 3) == 3
    assert wanted([Source("stdin", stream=sys.stdin.buffer)], 3) == 1


@pytest.mark.parametrize(
    ("files", "own", "expected"),
    [
        ({}, "0::/", None),
        ({"cpu.max": "max 100000"}, "0::/", None),
        ({"cpu.max": "150000 100000"}, "0::/", 1.5),
        ({"a/b/cpu.max": "max 100000", "a/cpu.max": "50000 100000"}, "0::/a/b", 0.5),
        ({"cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000"}, "4:cpu,cpuacct:/", None),
        ({"cpu/x/cpu.cfs_quota_us": "400000", "cpu/x/cpu.cfs_period_us": "100000"}, "4:cpu,cpuacct:/x", 4.0),
    ],
)
def test_a_containers_quota_bounds_the_cores(
    tmp_path: Path, files: dict[str, str], own: str, expected: float | None
) -> None:
    for name, text in files.items():
        (tmp_path / "cg" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "cg" / name).write_text(f"{text}\n")
    (tmp_path / "own").write_text(f"9:name=systemd:/\n{own}\n")
    assert machine.cgroup_cores(tmp_path / "cg", tmp_path / "own") == expected
    assert machine.cores() >= 1


# ---------------------------------------------------------------- what travels


def test_a_worker_of_another_version_refuses_an_order(logs: Path) -> None:
    order = worker.order([Piece(0, sources_in(logs)[0])])
    with pytest.raises(
        worker.IncompatibleWorker, match=r"a worker runs floodscan .*, the command is floodscan 9\.8\.7"
    ):
        worker.fold(order.replace(worker.HEADER, worker.HEADER.rpartition(b" ")[0] + b" 9.8.7\n"))


def test_equal_parts_are_equal_bytes_and_survive_them(logs: Path) -> None:
    part = worker.fold(worker.order([Piece(n, source) for n, source in enumerate(sources_in(logs))]))
    again = worker.unpack(part)
    assert worker.pack(again) == part
    assert {note for _, note in again.notes} == {"the gzip data is cut short: what comes before the cut was read"}


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--engine", "spark"], "no such engine"),
        (["--scheduler", "tcp://127.0.0.1:8786"], "--engine dask"),
        (["--engine", "dask", "--jobs", "2", "--scheduler", "tcp://127.0.0.1:8786"], "leave it out"),
    ],
)
def test_options_that_do_not_go_together_are_refused(
    args: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    from floodscan import cli

    assert errors.door(lambda: cli.run(["scan", "x.log", *args])) == 2
    assert message in capsys.readouterr().err
