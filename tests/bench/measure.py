"""What a command takes: seconds on the clock and of the CPU, and memory, of all its processes."""

from __future__ import annotations

import os
import resource
import shlex
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
LOOK_S = 0.05
"""How often the memory of what runs is looked at."""
UNIT = 1 if sys.platform == "darwin" else 1024
"""Of what the kernel calls the largest resident set."""

Stages = Sequence[Sequence[str]]
"""Commands with a pipe between each two, as a shell would run them."""


class Spent(NamedTuple):
    wall_s: float
    cpu_s: float
    peak_mb: float
    """The sum of what each process held at most."""


class Failed(Exception):
    """A command that ended with an error; the text is what it said last."""


def environment(home: Path) -> dict[str, str]:
    """Bytes compare as bytes, no tool reads its user's settings, and Python may keep what it has compiled."""
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    return {**inherited, "LC_ALL": "C", "HOME": str(home), "XDG_CONFIG_HOME": str(home), "PYTHONPATH": path}


def run(stages: Stages, out: Path, env: Mapping[str, str], cpus: int) -> Spent:
    """Run `stages` on the first `cpus` processors that this process may use; the last one writes `out`."""
    allowed = _pin(cpus)
    errors = out.with_name(out.name + ".err")
    ours = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    processes: list[subprocess.Popen[bytes]] = []
    try:
        with out.open("wb") as target, errors.open("wb") as said:
            begun = time.monotonic()
            for number, stage in enumerate(stages):
                processes.append(
                    subprocess.Popen(
                        stage,
                        stdin=processes[-1].stdout if processes else subprocess.DEVNULL,
                        stdout=target if number == len(stages) - 1 else subprocess.PIPE,
                        stderr=said,
                        env=dict(env),
                        cwd=ROOT,
                    )
                )
                if number:
                    processes[-2].stdout.close()  # type: ignore[union-attr]
    finally:
        _unpin(allowed)
    peaks = _Peaks([process.pid for process in processes])
    cpu_s, known = 0.0, 0.0
    for process in processes:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        cpu_s += usage.ru_utime + usage.ru_stime
        # A process begins with the peak of the one that started it: below ours, the kernel's figure says nothing.
        known += usage.ru_maxrss * UNIT if usage.ru_maxrss > ours else 0
    wall_s = time.monotonic() - begun
    seen = peaks.stop()
    for process, stage in zip(processes, stages, strict=True):
        if process.returncode:
            last = errors.read_text(errors="replace").strip().splitlines()[-1:] or ["nothing on stderr"]
            raise Failed(f"{shlex.join(stage)[:60]} ended with {process.returncode}: {last[0]}")
    return Spent(wall_s, cpu_s, max(known, seen) / 1e6)


class _Peaks:
    """Looks at the memory of some processes and their children, until told to stop."""

    def __init__(self, pids: list[int]) -> None:
        self._pids, self._peaks, self._done = pids, dict[int, int](), threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        wait = LOOK_S / 10
        while not self._done.wait(wait):
            wait = LOOK_S
            waiting = list(self._pids)
            while waiting:
                folder = Path("/proc", str(pid := waiting.pop()))
                try:
                    status = (folder / "status").read_text()
                    peak = next((row.split()[1] for row in status.splitlines() if row.startswith("VmHWM")), "0")
                    self._peaks[pid] = max(self._peaks.get(pid, 0), int(peak) * 1024)
                    for task in (folder / "task").iterdir():
                        waiting += map(int, (task / "children").read_text().split())
                except OSError:  # it has ended, or this is no Linux
                    continue

    def stop(self) -> int:
        """Bytes, as far as they were seen."""
        self._done.set()
        self._thread.join()
        return sum(self._peaks.values())


def processors() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _pin(cpus: int) -> set[int] | None:
    if not hasattr(os, "sched_getaffinity"):
        return None
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(allowed)[-cpus:])
    return allowed


def _unpin(allowed: set[int] | None) -> None:
    if allowed is not None:
        os.sched_setaffinity(0, allowed)


def middle(runs: Sequence[Spent]) -> Spent:
    """The median of each column."""
    return Spent(*(median(column) for column in zip(*runs, strict=True)))
