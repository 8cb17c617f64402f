"""What fails around the program: reads, disks, signals, a process that is killed. No half-written file, no false whole."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from command import environment, floodscan, storm

from floodscan.model import BLOCK

LOG = storm(1_500)
"""About half a megabyte: several blocks."""

READS = "import errno, os, sys, io\nimport floodscan.read.sources as sources\nfrom floodscan.__main__ import main\n"
FAILING_READ = (
    READS
    + """
class Failing:
    def __init__(self, file, left):
        self.file, self.left = file, left
    def read1(self, size):
        self.left -= 1
        if self.left < 0:
            raise {error}
        return self.file.read1(size)
sys.stdin = type("Stdin", (), {{"buffer": Failing(sys.stdin.buffer, {reads}), "isatty": lambda self: False}})()
main()
"""
)


def run(program: str, *args: str, stdin: str = LOG) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-c", program, *args]
    return subprocess.run(command, input=stdin.encode(), capture_output=True, timeout=60, env=environment())


@pytest.mark.parametrize("reads", [0, 3])
@pytest.mark.parametrize("command", ["scan", "check"])
def test_an_input_output_error_at_any_read_ends_with_3_and_never_looks_whole(command: str, reads: int) -> None:
    program = FAILING_READ.format(error="OSError(errno.EIO, 'EIO')", reads=reads)
    done = run(program, command, "-", "--format", "json")
    assert done.returncode == 3
    assert b"input/output error" in done.stderr and b"Traceback" not in done.stderr
    if reads:
        report = json.loads(done.stdout)
        assert report["complete"] is False and report["input"]["unreadable"]
        assert 0 < report["input"]["bytes"] <= reads * BLOCK < len(LOG)


@pytest.mark.parametrize("reads", [0, 2])
def test_no_memory_is_a_bug_of_ours_told_in_a_line_without_a_report(reads: int, tmp_path: Path) -> None:
    done = run(FAILING_READ.format(error="MemoryError()", reads=reads), "-", "-o", str(tmp_path / "out"))
    assert done.returncode == 70 and b"MemoryError" in done.stderr and b"Traceback" not in done.stderr
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("reads", [0, 4])
def test_an_interrupt_at_any_read_reports_what_was_read_as_incomplete(reads: int) -> None:
    done = run(FAILING_READ.format(error="KeyboardInterrupt()", reads=reads), "-", "--format", "json")
    assert done.returncode in (130, 3) and b"Traceback" not in done.stderr
    if reads:
        assert (done.returncode, json.loads(done.stdout)["complete"]) == (130, False)


@pytest.mark.parametrize(
    "stage",
    ["floodscan.pipeline.load_rules", "floodscan.pipeline.diagnose", "floodscan.run.render", "floodscan.output.write"],
)
def test_an_interrupt_at_any_stage_after_the_reading_leaves_no_file_behind(stage: str, tmp_path: Path) -> None:
    module, _, name = stage.rpartition(".")
    program = (
        f"import {module} as stage\nfrom floodscan.__main__ import main\n"
        f"def interrupted(*a, **k): raise KeyboardInterrupt\nstage.{name} = interrupted\nmain()\n"
    )
    done = run(program, "-", "-o", str(tmp_path / "report"))
    assert (done.returncode, done.stdout, os.listdir(tmp_path)) == (130, b"", [])
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("format", ["json", "html"])
def test_a_full_disk_ends_with_74_whatever_is_written(format: str) -> None:
    with open("/dev/full", "wb") as full:
        command = [sys.executable, "-m", "floodscan", "-", "--format", format]
        done = subprocess.run(
            command, input=LOG.encode(), stdout=full, stderr=subprocess.PIPE, timeout=60, env=environment()
        )
    assert done.returncode == 74 and done.stderr.count(b"\n") == 1


@pytest.mark.parametrize("step", ["mkstemp", "write", "fsync", "replace"])
def test_killed_at_any_step_of_writing_the_old_report_is_whole(step: str, tmp_path: Path) -> None:
    """SIGKILL can't be caught: what was there before must stay, whatever lies beside it."""
    target = tmp_path / "report.json"
    target.write_text("the report of yesterday")
    at = {
        "mkstemp": "import tempfile; tempfile.mkstemp = die",
        "write": "output.os.fchmod = die",
        "fsync": "output.os.fsync = die",
        "replace": "output.os.replace = die",
    }[step]
    program = (
        "import os, signal\nimport floodscan.output as output\nfrom floodscan.__main__ import main\n"
        f"def die(*a, **k): os.kill(os.getpid(), signal.SIGKILL)\n{at}\nmain()\n"
    )
    done = run(program, "-", "--format", "json", "-o", str(target))
    assert done.returncode == -signal.SIGKILL
    assert target.read_text() == "the report of yesterday"
    again = floodscan("-", "--format", "json", "-o", str(target), stdin=LOG)
    assert again.returncode == 0 and json.loads(target.read_text())["complete"] is True


def test_a_process_that_is_ended_while_it_reads_writes_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "floodscan", "-", "-o", str(tmp_path / "report")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, env=environment()) as process:
        assert process.stdin is not None
        process.stdin.write(LOG.encode())
        process.stdin.flush()
        time.sleep(1)
        process.terminate()
        assert process.wait(20) == -signal.SIGTERM
    assert os.listdir(tmp_path) == []


def test_nothing_is_asked_of_the_network(tmp_path: Path) -> None:
    """Sockets are forbidden for a run through every command and format; a log's own URLs are looked up by nobody."""
    log = tmp_path / "api.log"
    log.write_text(storm(60, message="GET https://example.org/login?next=http://169.254.169.254/ failed"))
    program = (
        "import sys\n"
        "def forbid(event, args):\n"
        "    if event.startswith('socket.'): raise RuntimeError(event)\n"
        "sys.addaudithook(forbid)\n"
        "from floodscan.__main__ import main\nmain()\n"
    )
    formats = ("json", "markdown", "html", "sarif", "junit", "github", "gitlab")
    reports = [argument for name in formats for argument in ("--report", f"{name}={tmp_path / name}")]
    assert run(program, str(log), *reports, "--code", str(Path(__file__).parent)).returncode == 0
    assert run(program, "check", str(log)).returncode == 1
    for command in (["tag", str(log)], ["rules", "test"], ["explain", "connection-refused"], ["--help"]):
        assert run(program, *command).returncode == 0, command
