"""The command as a user and a CI job meet it: exit codes, streams, files, terminals."""

from __future__ import annotations

import bz2
import fcntl
import io
import json
import os
import pty
import signal
import subprocess
import sys
import termios
import time
from array import array
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import IO

import pytest
import report_samples
from command import HEALTHY, environment, floodscan, storm
from lab import sample

from floodscan import cli, errors, options, output, progress
from floodscan.interrupt import first_interrupt_ends_reading
from floodscan.model import Accepted
from floodscan.read.sources import Source
from floodscan.reports import RENDERERS
from floodscan.rules.load import causes
from floodscan.run import find
from floodscan.safe import safe

Scanned = Callable[..., tuple[int, str, str]]


@pytest.fixture
def healthy(tmp_path: Path) -> Path:
    path = tmp_path / "healthy.jsonl"
    path.write_text(HEALTHY)
    return path


@pytest.fixture
def stormy(tmp_path: Path) -> Path:
    path = tmp_path / "storm.jsonl"
    path.write_text(storm())
    return path


# ---------------------------------------------------------------- exit codes


def test_a_healthy_log_ends_with_0(healthy: Path) -> None:
    done = floodscan(str(healthy))
    assert (done.returncode, done.stderr) == (0, b"")


def test_scan_fails_on_nothing_unless_told_to(stormy: Path) -> None:
    assert floodscan(str(stormy)).returncode == 0


@pytest.mark.parametrize("what", ["storm", "flood", "faults", "severity:high", "severity:info"])
def test_a_storm_ends_with_1_where_fail_on_includes_it(stormy: Path, what: str) -> None:
    assert floodscan("scan", str(stormy), "--fail-on", what).returncode == 1


@pytest.mark.parametrize("what", ["storm", "flood", "severity:high"])
def test_a_healthy_log_passes_every_gate(healthy: Path, what: str) -> None:
    assert floodscan("scan", str(healthy), "--fail-on", what).returncode == 0


@pytest.mark.parametrize(
    "args",
    [
        ["--no-such-option"],
        ["scan", "--format", "yaml"],
        ["scan", "--fail-on", "strom"],
        ["scan", "--fail-on", "cause:no.such-cause"],
        ["scan", "--fail-on", "severity:loud"],
        ["scan", "--since", "yesterday"],
        ["scan", "--tz", "Europe/Berlin"],
        ["scan", "--show-ids", "--format", "json"],
        ["explain"],
        ["explain", "no-such-rule"],
        ["rules", "show", "no-such-rule"],
    ],
)
def test_wrong_usage_ends_with_2_and_a_hint_and_nothing_on_stdout(args: list[str]) -> None:
    done = floodscan(*args, stdin=HEALTHY)
    assert (done.returncode, done.stdout) == (2, b"")
    first, hint = done.stderr.decode().splitlines()
    assert first.startswith("floodscan: ") and hint.startswith("floodscan: hint: ")


def test_a_missing_file_ends_with_3_and_the_others_are_still_reported(healthy: Path) -> None:
    done = floodscan(str(healthy), str(healthy.with_name("missing.log")), "--format", "json")
    assert done.returncode == 3
    assert b"missing.log" in done.stderr
    assert json.loads(done.stdout)["input"]["records"] == 40


def test_only_a_missing_file_ends_with_3_and_no_report(tmp_path: Path) -> None:
    done = floodscan(str(tmp_path / "missing.log"))
    assert (done.returncode, done.stdout) == (3, b"")


@pytest.mark.parametrize("nothing", ["", "\n\n   \n"])
def test_an_empty_input_ends_with_3_unless_it_is_allowed(nothing: str) -> None:
    assert floodscan("-", stdin=nothing).returncode == 3
    assert floodscan("-", "--allow-empty", stdin=nothing).returncode == 0


def test_what_could_not_be_found_is_said_once(tmp_path: Path) -> None:
    done = floodscan(str(tmp_path / "a.log"), str(tmp_path / "b.log"))
    assert done.stderr.count(b"a.log") == done.stderr.count(b"b.log") == 1 and done.returncode == 3


def test_help_shows_that_several_paths_are_taken() -> None:
    assert b"floodscan scan [OPTIONS] [PATH]...\n" in floodscan("scan", "--help").stdout


def test_a_folder_s_json_documents_are_left_out_and_that_is_said(healthy: Path) -> None:
    document = healthy.with_name("package.json")
    document.write_text('{\n  "name": "api",\n  "scripts": {"error": "exit 1"}\n}\n')
    lines = healthy.rename(healthy.with_name("api.json"))
    done = floodscan(str(healthy.parent), "--format", "json")
    assert json.loads(done.stdout)["input"]["sources"] == [str(lines)]
    assert b"package.json: left out, a JSON document and no log" in done.stderr
    named = json.loads(floodscan(str(document), "--format", "json").stdout)
    assert named["input"]["sources"] == [str(document)]
    lines.unlink()
    alone = floodscan(str(healthy.parent))
    assert alone.returncode == 3 and b"a JSON document and no log" in alone.stderr


def test_an_exported_list_of_records_is_a_log_in_a_folder_as_it_is_by_its_name(tmp_path: Path) -> None:
    rows = [json.dumps({"level": 50, "time": 1_795_414_292_000 + i, "msg": "boom"}) for i in range(3)]
    (path := tmp_path / "export.json").write_text("[\n" + ",\n".join(rows) + "\n]\n")
    (tmp_path / "cities.json").write_text(json.dumps([{"name": "Ulm", "at": [48.4, 9.98]}], indent=2))
    done = floodscan(str(tmp_path), "--format", "json")
    assert json.loads(done.stdout)["input"]["sources"] == [str(path)] and b"cities.json: left out" in done.stderr
    assert b"`boom` fails" in floodscan(str(path)).stdout


def test_the_files_of_a_folder_are_not_compared_with_each_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of 1,500 logs among as many JSON documents took five seconds of that."""
    for n in range(4):
        (tmp_path / f"{n}.json").write_text('{\n  "name": "api"\n}\n')
        (tmp_path / f"{n}.log").write_text("up\n")
    compared: list[object] = []
    monkeypatch.setattr(Source, "__eq__", lambda one, other: bool(compared.append(one)))
    logs, _ = find([str(tmp_path)], quiet=True)
    assert [Path(log.name).name for log in logs] == ["0.log", "1.log", "2.log", "3.log"] and not compared


def test_an_input_that_is_mostly_binary_ends_with_4(tmp_path: Path) -> None:
    path = tmp_path / "core.log"
    path.write_bytes(b"ready\n" + b"\x00\x01\x02\x7f\x00\xff\xfe\n" * 400)
    done = floodscan(str(path), "--format", "json")
    assert done.returncode == 4
    assert b"do not rely" in done.stderr


def test_a_bug_of_ours_ends_with_70_and_quotes_nothing_of_the_log(healthy: Path) -> None:
    secret = "Bearer tok_live_do_not_print"
    program = (
        "import floodscan.pipeline as p, floodscan.__main__ as c\n"
        f"def broken(*a, **k): raise ValueError({secret!r})\n"
        "p.scan = broken\n"
        "c.main()\n"
    )
    command = [sys.executable, "-c", program, "scan", str(healthy)]
    done = subprocess.run(command, capture_output=True, timeout=60, env=environment())
    assert done.returncode == 70
    assert secret.encode() not in done.stdout + done.stderr
    assert b"ValueError at floodscan/run.py:" in done.stderr
    done = subprocess.run([*command, "--debug"], capture_output=True, timeout=60, env=environment())
    assert (done.returncode, b"Traceback" in done.stderr) == (70, True)


@pytest.mark.parametrize("what", ["a report", "help", "rules"])
def test_a_full_disk_on_stdout_ends_with_74(healthy: Path, what: str) -> None:
    args = {"a report": [str(healthy)], "help": ["--help"], "rules": ["rules", "list"]}[what]
    with open("/dev/full", "wb") as full:
        command = [sys.executable, "-m", "floodscan", *args]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, timeout=60, env=environment())
    assert done.returncode == 74
    assert b"cannot write stdout" in done.stderr and b"Traceback" not in done.stderr


def test_ctrl_c_on_an_endless_pipe_prints_the_report_of_what_was_read_and_ends_with_130() -> None:
    command = [sys.executable, "-m", "floodscan", "--format", "json"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, env=environment(), **pipes) as process:
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(HEALTHY.encode())
        process.stdin.flush()
        wait_until_read(process.stdin)
        process.send_signal(signal.SIGINT)
        report = json.loads(process.stdout.read())
        assert process.wait(20) == 130
    assert (report["complete"], report["input"]["records"]) == (False, 40)


def test_ctrl_c_amid_the_work_is_noted_and_a_second_one_ends_the_process() -> None:
    before = signal.getsignal(signal.SIGINT)
    with first_interrupt_ends_reading() as interrupt:
        assert not interrupt.seen
        os.kill(os.getpid(), signal.SIGINT)
        assert interrupt.seen
        assert signal.getsignal(signal.SIGINT) is signal.SIG_DFL
    assert signal.getsignal(signal.SIGINT) is before


def test_a_reader_that_leaves_early_ends_with_141_and_no_traceback(stormy: Path) -> None:
    receiving, sending = os.pipe()
    os.close(receiving)
    command = [sys.executable, "-m", "floodscan", "tag", str(stormy)]
    done = subprocess.run(command, stdout=sending, stderr=subprocess.PIPE, timeout=60, env=environment())
    os.close(sending)
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.parametrize(
    ("codes", "worst"),
    [([], 0), ([1, 0], 1), ([1, 4], 4), ([4, 3, 1], 3), ([3, 74], 74), ([74, 130], 130), ([70, 2], 2)],
)
def test_of_several_exit_codes_the_gravest_is_used(codes: list[int], worst: int) -> None:
    assert errors.worst(codes) == worst


def test_a_mistyped_command_that_is_no_file_is_told_which_one_was_meant(healthy: Path) -> None:
    for word, meant in (("scna", b"scan"), ("chekc", b"check"), ("rule", b"rules")):
        for paths in ([], [str(healthy)]):
            done = floodscan(word, *paths)
            said = f"{word}: no such file\n".encode()
            assert done.returncode == 3 and said in done.stderr
            assert b"floodscan: hint: did you mean floodscan " + meant + b"?\n" in done.stderr


def test_a_command_behind_an_option_is_told_where_it_belongs(healthy: Path) -> None:
    for paths in ([], [str(healthy)]):
        done = floodscan("--no-color", "check", *paths)
        assert done.returncode == 3 and b"check: no such file\n" in done.stderr
        assert b"floodscan: hint: options go behind the command: floodscan check ...\n" in done.stderr
    assert b"hint" not in floodscan("--no-color", str(healthy)).stderr


def test_a_missing_file_is_not_taken_for_a_command(healthy: Path) -> None:
    for args in (["scan.log"], ["logs/scan"], ["nothing"], ["scan", "scna"]):
        done = floodscan(*args, str(healthy))
        assert done.returncode == 3 and b"did you mean" not in done.stderr


def test_an_archive_is_one_error_with_a_way_out_and_ends_with_3(healthy: Path) -> None:
    packed = healthy.with_name("healthy.log.bz2")
    packed.write_bytes(bz2.compress(healthy.read_bytes()))
    for command in ("scan", "check"):
        done = floodscan(command, str(packed))
        said = f"floodscan: {packed}: is packed by bzip2 and no plain log\nfloodscan: hint: bzip2 -dc {packed} | floodscan\n"
        assert (done.returncode, done.stderr) == (3, said.encode())
    beside = floodscan(str(packed), str(healthy), "--format", "json")
    read = json.loads(beside.stdout)["input"]
    assert (beside.returncode, read["lines"], len(read["unreadable"])) == (3, 40, 1)
    page = floodscan(str(packed), str(healthy), "nowhere.log").stdout.decode()
    assert "Incomplete: nowhere.log: no such file (and 1 more)" in page and "interrupted" not in page


def test_a_file_that_is_named_nearly_as_a_command_is_read(healthy: Path) -> None:
    healthy.rename(healthy.with_name("scna"))
    assert floodscan("scna", cwd=healthy.parent).returncode == 0


# ---------------------------------------------------------------- streams and files


def test_a_pipe_and_a_file_and_the_word_scan_give_the_same_report(healthy: Path) -> None:
    piped, dashed = floodscan("--format", "json", stdin=HEALTHY), floodscan("-", "--format", "json", stdin=HEALTHY)
    assert piped.stdout == dashed.stdout != b""
    assert floodscan(str(healthy)).stdout == floodscan("scan", str(healthy)).stdout != b""


def test_without_a_path_on_a_terminal_it_says_how_to_begin() -> None:
    leader, follower = pty.openpty()
    try:
        done = subprocess.run(
            [sys.executable, "-m", "floodscan"], stdin=follower, capture_output=True, timeout=60, env=environment()
        )
    finally:
        os.close(leader)
        os.close(follower)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"pipe a log into floodscan" in done.stderr


def test_the_report_is_written_whole_to_a_file_and_nothing_to_stdout(healthy: Path, tmp_path: Path) -> None:
    target = tmp_path / "report.json"
    done = floodscan(str(healthy), "--format", "json", "-o", str(target))
    assert (done.returncode, done.stdout) == (0, b"")
    assert json.loads(target.read_bytes())["schema"] == 1
    assert sorted(p.name for p in tmp_path.iterdir()) == ["healthy.jsonl", "report.json"]


@pytest.mark.parametrize("alias", ["same", "hard link", "symbolic link"])
def test_the_report_never_replaces_an_input_under_whatever_name(healthy: Path, tmp_path: Path, alias: str) -> None:
    target = healthy if alias == "same" else tmp_path / "alias.log"
    if alias == "hard link":
        target.hardlink_to(healthy)
    if alias == "symbolic link":
        target.symlink_to(healthy)
    done = floodscan(str(healthy), "-o", str(target))
    assert done.returncode == 74
    assert healthy.read_text() == HEALTHY


def test_the_report_never_replaces_an_input_that_was_found_in_a_folder(healthy: Path) -> None:
    assert floodscan(str(healthy.parent), "-o", str(healthy)).returncode == 74
    assert healthy.read_text() == HEALTHY


def test_the_report_never_replaces_the_file_that_stdin_comes_from(healthy: Path) -> None:
    command = [sys.executable, "-m", "floodscan", "-o", str(healthy)]
    with healthy.open("rb") as file:
        done = subprocess.run(command, stdin=file, capture_output=True, timeout=60, env=environment())
    assert (done.returncode, healthy.read_text()) == (74, HEALTHY)


@pytest.mark.parametrize("target", ["folder", "pipe", "no/such/folder/report.md", "/dev/full"])
def test_an_output_that_cannot_be_written_ends_with_74(healthy: Path, tmp_path: Path, target: str) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    done = floodscan(str(healthy), "-o", target, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (74, b"")
    assert done.stderr.startswith(f"floodscan: cannot write {target}: ".encode())


def test_a_report_may_go_to_a_device_that_is_no_input(healthy: Path) -> None:
    before = os.lstat("/dev/null")
    done = floodscan(str(healthy), "-o", "/dev/null")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert os.lstat("/dev/null")[:2] == before[:2]
    command = [sys.executable, "-m", "floodscan", "--allow-empty", "-", "-o", "/dev/null"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, env=environment())
    assert done.returncode == 74 and b"it is one of the inputs" in done.stderr


def test_a_write_that_fails_half_way_leaves_the_old_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "report.md"
    target.write_text("the old one")

    def no_space(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(errors.OutputNotWritten, match="no space left"):
        output.write_file(str(target), b"the new one", ())
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("report.md", "the old one")]


def test_tag_gives_each_line_its_number_and_one_id_per_signature(stormy: Path) -> None:
    done = floodscan("tag", str(stormy))
    rows = [line.split("\t") for line in done.stdout.decode().splitlines()]
    assert [int(number) for number, _ in rows] == list(range(1, 121))
    assert len({id for _, id in rows}) == 2


def test_a_hostile_file_name_reaches_the_terminal_harmless(tmp_path: Path) -> None:
    done = floodscan(str(tmp_path / "\x1b]0;owned\x07\n::error::x.log"))
    assert done.returncode == 3
    assert b"\x1b" not in done.stderr and b"\n::error" not in done.stderr


def test_real_ids_are_refused_in_ci(healthy: Path) -> None:
    assert floodscan(str(healthy), "--show-ids").returncode == 0
    assert floodscan(str(healthy), "--show-ids", env={"CI": "true"}).returncode == 2


def test_times_before_since_and_after_until_are_left_out(healthy: Path) -> None:
    bounds = ["--since", "2025-11-24T16:00:07Z", "--until", "2025-11-24 18:00:14", "--tz", "+02:00"]
    report = json.loads(floodscan(str(healthy), "--format", "json", *bounds).stdout)
    assert report["input"]["first"] >= "2025-11-24T16:00:07"
    assert report["input"]["last"] <= "2025-11-24T16:00:14.000Z"


# ---------------------------------------------------------------- what the shell makes of a scan


@pytest.fixture
def scanned(healthy: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Scanned:
    """Runs `scan` in this process, with what the pipeline would return in place of a pipeline."""

    def run(*args: str, **result: object) -> tuple[int, str, str]:
        values = {"report": report_samples.quiet(), "notes": [], "empty": False}
        values |= {"unreadable": (), "empty_sources": (), **result}
        monkeypatch.setattr("floodscan.pipeline.scan", lambda *_, **__: SimpleNamespace(**values))
        monkeypatch.delenv("CI", raising=False)
        code = errors.door(lambda: cli.run(["scan", str(healthy), *args]))
        return code, *capfd.readouterr()

    return run


def test_notes_go_to_stderr_one_a_line_and_quiet_silences_them(scanned: Scanned) -> None:
    notes = ["api.log: gzip data cut short", "3 lines over 1 MiB\nskipped"]
    code, out, err = scanned(notes=notes)
    assert (code, err) == (0, "floodscan: api.log: gzip data cut short\nfloodscan: 3 lines over 1 MiB\\nskipped\n")
    assert scanned("-q", notes=notes) == (0, out, "")


def test_a_report_that_cannot_be_trusted_outranks_what_it_found_and_an_empty_input_outranks_both(
    scanned: Scanned,
) -> None:
    storm_report = report_samples.dashboard_flood()
    assert scanned("--fail-on", "storm", report=storm_report)[0] == 1
    unread = replace(storm_report.input, skipped={"binary": storm_report.input.lines})
    storm_report = replace(storm_report, input=unread)
    assert scanned("--fail-on", "storm", report=storm_report)[0] == 4
    assert scanned("--fail-on", "storm", report=storm_report, empty=True)[0] == 3
    assert scanned("-o", "/no/such/folder/x", report=storm_report, empty=True)[0] == 74


def test_a_gate_can_ask_for_one_cause_and_passes_over_accepted_findings(scanned: Scanned) -> None:
    report = report_samples.dashboard_flood()
    cause = report.findings[0].cause
    assert scanned("--fail-on", f"cause:{cause}", report=report)[0] == 1
    assert scanned("--fail-on", "cause:dns-failure", report=report)[0] == 0
    accepted = tuple(replace(f, accepted=Accepted(safe("known"), None)) for f in report.findings)
    assert scanned("--fail-on", f"cause:{cause}", report=replace(report, findings=accepted))[0] == 0


@pytest.mark.parametrize("name", RENDERERS)
def test_every_format_can_be_asked_for(scanned: Scanned, name: str) -> None:
    code, out, err = scanned("--format", name, report=report_samples.dashboard_flood())
    assert (code, err) == (0, "") and len(out) > 500 and out.endswith("\n")


# ---------------------------------------------------------------- explain and rules


def test_explain_shows_why_lines_were_joined(stormy: Path, tmp_path: Path) -> None:
    target = tmp_path / "report.json"
    floodscan(str(stormy), "--format", "json", "-o", str(target))
    report = json.loads(target.read_text())
    failed = next(s for s in report["signatures"] if s["failure"])
    text = floodscan("explain", failed["id"], "--report", str(target)).stdout.decode()
    assert "ECONNREFUSED" in text and "60" in text and "storm.jsonl:2" in text
    assert floodscan("explain", failed["id"], str(stormy)).stdout.decode() == text
    for entry in (report["findings"][0], report["loops"][0]):
        assert entry["id"] in floodscan("explain", entry["id"], "--report", str(target)).stdout.decode()


@pytest.mark.parametrize("format", ["json", "sarif"])
def test_a_report_that_lies_among_the_logs_is_left_out_and_that_is_said(stormy: Path, format: str) -> None:
    old = stormy.parent / "old.json"
    assert floodscan(str(stormy), "--format", format, "-o", str(old)).returncode == 0
    alone, beside = floodscan(str(stormy)), floodscan(str(stormy.parent))
    assert (beside.returncode, beside.stdout) == (0, alone.stdout)
    assert b"old.json: left out, a report of floodscan and no log" in beside.stderr
    named = floodscan(str(old))
    assert (named.returncode, named.stdout) == (3, b"") and b"hint: name the log" in named.stderr


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("jwt-exipred", b"did you mean jwt-expired"),
        ("Connection-Refused", b"did you mean connection-refused"),
        ("l1", b"did you mean L1?"),
    ],
)
def test_an_id_that_is_nearly_right_is_named_in_the_hint(stormy: Path, asked: str, meant: bytes) -> None:
    done = floodscan("explain", asked, *([str(stormy)] if asked == "l1" else []))
    assert done.returncode == 2 and meant in done.stderr
    assert b"did you mean" not in floodscan("explain", "zzzz").stderr


def test_a_cause_that_does_not_exist_is_not_taken_for_another_kind_of_condition() -> None:
    done = floodscan("check", "--fail-on", "cause:foo", stdin=b"ok\n")
    assert done.returncode == 2 and b"did you mean" not in done.stderr and b"floodscan rules list" in done.stderr
    assert b"did you mean cause:db-unreachable?" in floodscan("check", "--fail-on", "cause:db-unreachabl", stdin=b"ok\n").stderr


def test_explain_refuses_a_file_that_is_no_report(healthy: Path) -> None:
    assert floodscan("explain", "F1", "--report", str(healthy)).returncode == 2


@pytest.mark.parametrize("cause", causes())
def test_every_cause_explains_itself(cause: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert errors.door(lambda: cli.run(["explain", cause, "--config", "none"])) == 0
    title, *rest = capsys.readouterr().out.splitlines()
    assert title.startswith(f"{cause}: ")
    headings = {line for line in rest if line and not line.startswith(" ")}
    assert "Named by" in headings or {"What it is", "What to do"} < headings


def test_every_listed_rule_can_be_explained_and_passes_its_own_samples() -> None:
    listed = [line.split()[0] for line in floodscan("rules", "list").stdout.decode().splitlines()[1:]]
    assert len(listed) > 10
    shown, explained = floodscan("rules", "show", listed[0]), floodscan("explain", listed[0])
    assert shown.returncode == explained.returncode == 0
    assert shown.stdout == explained.stdout and listed[0].encode() in shown.stdout
    assert floodscan("rules", "test").returncode == 0


# ---------------------------------------------------------------- colour, progress, help


@pytest.mark.parametrize(
    ("env", "terminal", "no_color", "colour"),
    [
        ({}, True, False, True),
        ({}, False, False, False),
        ({}, True, True, False),
        ({"NO_COLOR": "1"}, True, False, False),
        ({"NO_COLOR": ""}, True, False, True),
        ({"TERM": "dumb"}, True, False, False),
        ({"FORCE_COLOR": "1"}, False, False, True),
        ({"FORCE_COLOR": "1", "TERM": "dumb"}, True, False, True),
        ({"FORCE_COLOR": "0"}, True, False, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, True, False, False),
        ({"FORCE_COLOR": "1"}, False, True, False),
    ],
)
def test_colour_is_decided_by_option_then_environment_then_terminal(
    env: dict[str, str], terminal: bool, no_color: bool, colour: bool
) -> None:
    assert output.wants_colour(Stream(terminal), no_color=no_color, env=env) is colour


def test_the_terminal_report_is_plain_when_it_is_piped(stormy: Path) -> None:
    assert b"\x1b[" not in floodscan(str(stormy)).stdout
    assert b"\x1b[" in floodscan(str(stormy), env={"FORCE_COLOR": "1"}).stdout
    assert b"\x1b[" not in floodscan(str(stormy), "--no-color", env={"FORCE_COLOR": "1"}).stdout


def test_progress_shows_on_a_terminal_after_a_second_and_leaves_no_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = watch(monkeypatch, terminal=True, ticks=[0.0, 0.5, 0.9, 1.1, 1.15, 1.3])
    shown = stream.getvalue().split(progress.ERASE_LINE)
    assert shown == ["", "reading api.log: 3.0 MB of 10 MB (30 %)", "reading api.log: 5.0 MB of 10 MB (50 %)", ""]


@pytest.mark.parametrize("why", ["not a terminal", "quiet", "short", "dumb", "ci"])
def test_progress_stays_away(monkeypatch: pytest.MonkeyPatch, why: str) -> None:
    ticks = [0.0, 0.1, 0.2] if why == "short" else [0.0, 5.0, 9.0]
    env = {"dumb": {"TERM": "dumb"}, "ci": {"CI": "true"}}.get(why, {})
    stream = watch(monkeypatch, terminal=why != "not a terminal", ticks=ticks, quiet=why == "quiet", env=env)
    assert stream.getvalue() == ""


def test_help_names_every_command_and_version_is_one_line() -> None:
    text = floodscan("--help").stdout.decode()
    assert all(f"\n  {name} " in text for name in ("scan", "tag", "explain", "rules"))
    assert floodscan("--version").stdout == b"floodscan 0.1.0\n"


def test_help_and_version_load_nothing_that_they_do_not_need() -> None:
    program = "import sys, floodscan.cli as c\ntry: c.run(['--version'])\nfinally: print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=60, env=environment())
    loaded = set(done.stdout.decode().split())
    assert "floodscan.cli" in loaded
    ours = {f"floodscan.{part}" for part in ("pipeline", "rules", "reports.terminal", "read", "decode")}
    assert not loaded & {"orjson", "dateutil", *ours}


def test_every_command_of_the_help_is_routed_and_everything_else_is_a_path() -> None:
    assert cli.route(["tag", "x.log"]) == ["tag", "x.log"]
    assert cli.route(["rules", "list"]) == ["rules", "list"]
    assert cli.route(["x.log", "-f", "json"]) == ["scan", "x.log", "-f", "json"]
    assert cli.route([]) == ["scan"]


# ---------------------------------------------------------------- option values


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("2025-11-24T16:00:00Z", 1764000000000),
        ("2025-11-24T18:00:00.250+02:00", 1764000000250),
        ("2025-11-24 18:00", 1764000000000),
        ("2025-11-24", 1763935200000),
        ("14:05", 50_700_000),
        ("00:00:01,5", 1_500),
    ],
)
def test_a_moment_is_read_as_the_log_counts_it(text: str, milliseconds: int) -> None:
    assert options.moment_ms("--since", text, options.utc_offset_ms("+02:00")) == milliseconds


@pytest.mark.parametrize("text", ["10m", "-10m", "1h30m", "2h", "90s", "10 minutes ago", "1.5h", "now", "Yesterday"])
def test_a_moment_that_counts_from_now_is_refused_with_what_to_do_instead(text: str) -> None:
    with pytest.raises(errors.UsageError) as refused:
        options.moment_ms("--since", text, 0)
    assert "counts from now" in str(refused.value)
    assert refused.value.hint is not None and "docker logs --since 10m" in refused.value.hint


@pytest.mark.parametrize("text", ["", "m10", "10", "10m 14:05", "25:00", "14:61", "2025-13-01", "1764000000", "99999-01-01"])
def test_a_moment_that_means_nothing_is_refused(text: str) -> None:
    with pytest.raises(errors.UsageError):
        options.moment_ms("--since", text, 0)


@pytest.mark.parametrize(("text", "minutes"), [("UTC", 0), ("z", 0), ("+02:00", 120), ("-0530", -330), ("+14:00", 840)])
def test_an_offset_is_minutes_east(text: str, minutes: int) -> None:
    assert options.utc_offset_ms(text) == minutes * 60_000


# ---------------------------------------------------------------- helpers


def wait_until_read(pipe: IO[bytes]) -> None:
    """Returns once the other side has taken everything out of the pipe and waits for more."""
    waiting = array("i", [1])
    deadline = time.monotonic() + 30
    while waiting[0] and time.monotonic() < deadline:
        time.sleep(0.05)
        fcntl.ioctl(pipe, termios.FIONREAD, waiting)
    time.sleep(0.3)


class Stream(io.StringIO):
    def __init__(self, terminal: bool) -> None:
        super().__init__()
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


def watch(
    monkeypatch: pytest.MonkeyPatch,
    *,
    terminal: bool,
    ticks: list[float],
    quiet: bool = False,
    env: dict[str, str] | None = None,
) -> Stream:
    """Let a read of 10 MB report at `ticks` (seconds), a megabyte each; the stream it wrote to."""
    for name in ("CI", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in (env or {}).items():
        monkeypatch.setenv(name, value)
    clock = iter(ticks)
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(clock))
    stream = Stream(terminal)
    with progress.Progress("api.log", 10_000_000, quiet=quiet, stream=stream) as show:
        for megabytes in range(1, len(ticks)):
            show(megabytes * 1_000_000)
    return stream


def test_a_time_asked_for_that_leaves_only_lines_without_a_time_is_no_usable_input() -> None:
    done = floodscan("check", str(sample("dashboard-flood.jsonl")), "--since", "14:05")
    assert done.returncode == 3 and b"Nothing of the log lies in the time asked for" in done.stderr
