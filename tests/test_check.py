"""`floodscan check` as a CI job meets it: exit codes, configuration, baseline, what the CI system is told."""

from __future__ import annotations

import gzip
import io
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from xml.etree import ElementTree

import pytest
from command import HEALTHY, ROOT, environment, floodscan, storm
from report_samples import many_findings

from floodscan import ci
from floodscan.__main__ import command
from floodscan.gate import judge
from floodscan.reports import RENDERERS
from floodscan.reports.json_report import parse
from floodscan.run import render

Done = CompletedProcess[bytes]
Check = Callable[..., Done]

COMMAND = f"{shlex.quote(sys.executable)} -m floodscan"


@pytest.fixture
def job(tmp_path: Path) -> Path:
    """A checkout with a calm log and a stormy one."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "calm.jsonl").write_text(HEALTHY)
    (tmp_path / "storm.jsonl").write_text(storm())
    return tmp_path


@pytest.fixture
def check(job: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> Check:
    """Runs `check` in this process, with nothing of a CI system in its environment but what is given."""

    def run(*args: str, stdin: str | bytes = b"", env: dict[str, str] | None = None, cwd: Path = job) -> Done:
        with monkeypatch.context() as patch:
            for name in set(os.environ) - set(environment()):
                patch.delenv(name)
            for name, value in (env or {}).items():
                patch.setenv(name, value)
            patch.chdir(cwd)
            data = stdin.encode() if isinstance(stdin, str) else stdin
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
            code = command(["check", *args])
        return Done(args, code, *capfdbinary.readouterr())

    return run


def shell(line: str, cwd: Path, env: dict[str, str] | None = None) -> Done:
    command = ["bash", "-euo", "pipefail", "-c", line]
    return subprocess.run(command, capture_output=True, timeout=60, env=environment(env), cwd=cwd)


# ---------------------------------------------------------------- exit codes


def test_a_calm_log_passes_and_a_storm_fails(check: Check) -> None:
    assert check("calm.jsonl").returncode == 0
    done = check("storm.jsonl")
    assert done.returncode == 1 and b"Gate: failed" in done.stdout


def test_scan_and_check_judge_alike(check: Check, job: Path) -> None:
    for asked in ("storm", "severity:high", "status:loop", "cause:connection-refused", "cause:dns-failure"):
        scanned = floodscan("scan", "storm.jsonl", "--fail-on", asked, "-f", "json", cwd=job)
        checked = check("storm.jsonl", "--fail-on", asked, "-f", "json")
        assert (scanned.returncode, scanned.stdout) == (checked.returncode, checked.stdout)


@pytest.mark.parametrize(
    "args",
    [
        ["--fail-on", "strom"],
        ["--config", "missing.toml"],
        ["--baseline", "missing.jsonl"],
        ["--baseline", "calm.jsonl"],
        ["--update-baseline"],
        ["--update-baseline", "--reason", "  "],
        ["--reason", "because"],
        ["--expires", "30"],
        ["--update-baseline", "--reason", "x", "--expires", "2020-01-01"],
        ["--update-baseline", "--reason", "x", "--expires", "99999999999"],
        ["--update-baseline", "--reason", "x", "--expires", "9" * 5_000],
        ["--today", "yesterday"],
        ["--report", "sarif"],
        ["--report", "yaml=x"],
        ["--report", "sarif=a", "--report", "junit=./a"],
        ["--tee"],
        ["--show-ids"],
    ],
)
def test_wrong_usage_ends_with_2_and_a_hint_and_nothing_on_stdout(check: Check, args: list[str]) -> None:
    done = check("calm.jsonl", *args)
    assert (done.returncode, done.stdout) == (2, b"")
    first, hint = done.stderr.decode().splitlines()
    assert first.startswith("floodscan: ") and hint.startswith("floodscan: hint: ")


@pytest.mark.parametrize("nothing", ["", "\n \n"])
def test_nothing_to_read_is_no_pass(check: Check, nothing: str) -> None:
    """Green when nothing was scanned is the worst failure of a gate (bandit#1326, argus#18, kubestellar#4461)."""
    done = check(stdin=nothing)
    assert done.returncode == 3 and b"Gate: passed" not in done.stdout
    assert check("--allow-empty", stdin=nothing).returncode == 0


def test_one_missing_or_empty_file_among_others_is_no_pass(check: Check, job: Path) -> None:
    (job / "empty.log").touch()
    for name in ("gone.log", "empty.log", "no-match-*.log"):
        done = check("calm.jsonl", name, "-f", "json")
        assert done.returncode == 3
        assert [u["source"] for u in json.loads(done.stdout)["input"]["unreadable"]] == [name]
        assert json.loads(done.stdout)["gate"]["passed"] is False
    assert check("gone.log").returncode == 3


def test_a_log_that_is_mostly_unreadable_is_no_pass(check: Check, job: Path) -> None:
    (job / "core.log").write_bytes(b"ready\n" + b"\x00\x01\x02\x7f\x00\xff\xfe\n" * 400)
    assert check("core.log").returncode == 4


def test_one_bad_line_in_a_good_log_changes_nothing(check: Check, job: Path) -> None:
    """One broken line ended the run (jq#209, jq#1492)."""
    (job / "bad.jsonl").write_bytes(HEALTHY.encode() + b'{"level":50,"msg":"cut of\n\xff\xfe{]\n')
    assert check("bad.jsonl").returncode == 0


def test_a_crash_of_ours_is_not_the_code_of_a_finding(job: Path) -> None:
    """Exit code 1 for both was read as a leak, or as none (gitleaks, RISE-X OpenCollab#46)."""
    program = (
        "import floodscan.gate.judge as j, floodscan.gate as g, floodscan.__main__ as m\n"
        "def broken(*a, **k): raise ValueError('Bearer tok_live_do_not_print')\n"
        "g.judge = broken\n"
        "m.main()\n"
    )
    command = [sys.executable, "-c", program, "check", "storm.jsonl"]
    done = subprocess.run(command, capture_output=True, timeout=60, env=environment(actions(job)), cwd=job)
    assert done.returncode == 70 and b"tok_live" not in done.stderr
    assert b"::error title=floodscan::a bug of ours: ValueError at " in done.stderr
    assert (job / "output").read_text() == "exit-code=70\n"


def test_an_output_that_can_not_be_written_ends_with_74_before_anything_is_read(check: Check, job: Path) -> None:
    for report in ("sarif=/no/such/folder/a.sarif", "junit=storm.jsonl"):
        done = check("storm.jsonl", "--report", report)
        assert (done.returncode, done.stdout) == (74, b"")
    assert (job / "storm.jsonl").read_text() == storm()


def test_a_reader_that_leaves_ends_with_141(job: Path) -> None:
    receiving, sending = os.pipe()
    os.close(receiving)
    command = [sys.executable, "-m", "floodscan", "check", "storm.jsonl"]
    done = subprocess.run(command, stdout=sending, stderr=subprocess.PIPE, timeout=60, env=environment(), cwd=job)
    os.close(sending)
    assert (done.returncode, done.stderr) == (141, b"")


def test_ctrl_c_ends_with_130_and_the_report_of_what_was_read() -> None:
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    command = [sys.executable, "-m", "floodscan", "check", "--tee", "-f", "json"]
    with subprocess.Popen(command, env=environment(), **pipes) as process:
        assert process.stdin is not None and process.stdout is not None and process.stderr is not None
        process.stdin.write(storm().encode())
        process.stdin.flush()
        passed = b""
        while len(passed) < len(storm()):
            passed += os.read(process.stdout.fileno(), 65_536)
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        report = json.loads(process.stderr.read())
        assert process.wait(20) == 130
    assert passed == storm().encode()
    assert (report["complete"], report["input"]["records"]) == (False, 120)


def test_the_gate_decides_a_pipeline(job: Path) -> None:
    assert shell(f"cat calm.jsonl | {COMMAND} check >/dev/null", job).returncode == 0
    assert shell(f"cat storm.jsonl | {COMMAND} check >/dev/null", job).returncode == 1
    assert shell(f"{COMMAND} check storm.jsonl | cat >/dev/null", job).returncode == 1
    assert shell(f"(cat calm.jsonl; exit 7) | {COMMAND} check >/dev/null", job).returncode == 7


# ---------------------------------------------------------------- --tee


def test_tee_passes_the_log_on_byte_for_byte_and_the_report_goes_elsewhere(check: Check, job: Path) -> None:
    data = storm().encode() + b"\xff\x00 not text, and no newline at the end"
    done = check("--tee", stdin=data)
    assert (done.returncode, done.stdout) == (1, data)
    assert b"STORM" in done.stderr and b"Gate: failed" in done.stderr
    done = check("--tee", "-o", "report.md", "-f", "markdown", stdin=data)
    assert done.stdout == data and b"STORM" not in done.stderr
    assert (job / "report.md").read_text().startswith("# Log investigation: storm")


@pytest.mark.parametrize("env", [{}, {"GITHUB_ACTIONS": "true"}])
def test_tee_to_a_reader_that_leaves_ends_with_141_and_judges_nothing(job: Path, env: dict[str, str]) -> None:
    """A calm beginning was judged as if it were the whole log, and passed."""
    (job / "calm_then_storm.jsonl").write_text(HEALTHY * 80 + storm())
    done = shell(f"{COMMAND} check --tee <calm_then_storm.jsonl | head -c 10 >/dev/null", job, env)
    assert (done.returncode, done.stderr) == (141, b"")


def test_a_log_that_breaks_off_is_an_error_of_junit_and_no_pass(check: Check, job: Path) -> None:
    (job / "cut.jsonl.gz").write_bytes(gzip.compress(HEALTHY.encode() * 50)[:-900])
    done = check("cut.jsonl.gz", "-f", "junit")
    root = ElementTree.fromstring(done.stdout)
    assert done.returncode != 0 and int(root.attrib["errors"]) >= 1


def test_tee_in_actions_lets_no_line_of_the_log_be_a_command(job: Path) -> None:
    """A commit's text broke the job that printed it (github-tag-action#357)."""
    data = b"::add-mask::secret\n::error::forged\n" + storm().encode()
    done = floodscan("check", "--tee", stdin=data, env={"GITHUB_ACTIONS": "true"}, cwd=job)
    first, rest = done.stdout.split(b"\n", 1)
    word = re.fullmatch(rb"::stop-commands::([0-9a-f]{32})", first)
    assert word
    log, told = rest.split(b"\n::" + word[1] + b"::\n")
    assert log == data and told.startswith(b"::error title=Retry storm")
    assert b"::error" not in done.stderr
    done = floodscan("check", "--tee", "-f", "github", stdin=data, env={"GITHUB_ACTIONS": "true"}, cwd=job)
    assert b"\n::error title=Retry storm" in done.stdout
    with (job / "kept.log").open("wb") as file:
        command = [sys.executable, "-m", "floodscan", "check", "--tee", "-q", "-o", "r.txt"]
        env = environment({"GITHUB_ACTIONS": "true"})
        subprocess.run(command, input=data, stdout=file, stderr=subprocess.PIPE, timeout=60, env=env, cwd=job)
    assert (job / "kept.log").read_bytes() == data


# ---------------------------------------------------------------- several reports


@pytest.mark.parametrize("command", ["scan", "check"])
def test_one_run_writes_several_reports(job: Path, command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    reports = [argument for name in RENDERERS for argument in ("--report", f"{name}=out.{name}")]
    done = floodscan(command, "storm.jsonl", *reports, cwd=job)
    assert b"STORM" in done.stdout
    report = parse((job / "out.json").read_bytes())
    monkeypatch.chdir(job)
    for name in RENDERERS:
        assert (job / f"out.{name}").read_bytes() == render(report, name, stream=None) != b""


# ---------------------------------------------------------------- configuration


def test_the_configuration_is_found_upward_and_not_beyond_the_repository(check: Check, job: Path) -> None:
    deep = job / "backend" / "logs"
    deep.mkdir(parents=True)
    (job / "floodscan.toml").write_text('fail_on = ["cause:dns-failure"]\n')
    assert check(str(job / "storm.jsonl"), cwd=deep).returncode == 0
    (job / "backend" / "pyproject.toml").write_text('[tool.floodscan]\nfail_on = ["storm"]\n')
    assert check(str(job / "storm.jsonl"), cwd=deep).returncode == 1
    (job / "backend" / "pyproject.toml").write_text("[tool.ruff]\nline-length = 90\n")
    assert check(str(job / "storm.jsonl"), cwd=deep).returncode == 0
    (job / "backend" / ".git").mkdir()
    assert check(str(job / "storm.jsonl"), cwd=deep).returncode == 1
    assert check(str(job / "storm.jsonl"), "--config", str(job / "floodscan.toml"), cwd=deep).returncode == 0
    assert check("storm.jsonl", "--config", "none").returncode == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('fail_onn = ["storm"]', "fail_onn: no such key"),
        ('fail_on = ["strom"]', "fail_on: strom: not a condition"),
        ("fail_on = [", "not TOML"),
        ("headroom = " + "9" * 5_000, "not TOML"),
        ("fail_on = []", "the gate could not fail"),
        ('[[budget]]\nrule = "jwt-signature-mismatsch"\nmax = 1', "budget: no rule jwt-signature-mismatsch"),
        ('rules = ["no-such-folder"]', "no-such-folder"),
        ('tz = "Europe/Berlin"', "Europe/Berlin"),
    ],
)
def test_a_wrong_configuration_ends_with_2_and_names_the_file(check: Check, job: Path, text: str, message: str) -> None:
    (job / "floodscan.toml").write_text(text)
    done = check("calm.jsonl")
    assert (done.returncode, done.stdout) == (2, b"")
    assert message in done.stderr.decode()


@pytest.mark.parametrize("args", [["check"], ["check", "--config", "none", "-f", "sarif"], ["scan", "-f", "sarif"]])
def test_a_working_directory_that_is_gone_is_said(job: Path, args: list[str]) -> None:
    (job / "gone").mkdir()
    line = f"cd gone && rmdir ../gone && {COMMAND} {' '.join(args)} ../storm.jsonl"
    done = shell(line.replace("../storm", str(job / "storm")), job)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith(b"floodscan: the working directory: ")


def test_show_config_prints_what_is_in_force_as_toml_with_its_origin(check: Check, job: Path) -> None:
    (job / "floodscan.toml").write_text(
        'fail_on = ["flood"]\nheadroom = 10\n[[budget]]\ncause = "jwt-wrong-key"\nmin = 1\nmax = 99.5\nper = "minute"\n'
    )
    text = check("--show-config", "--headroom", "0").stdout.decode()
    values = tomllib.loads(text)
    assert (values["fail_on"], values["headroom"], values["expires_days"]) == (["flood"], 0, 90)
    assert values["budget"] == [{"cause": "jwt-wrong-key", "min": 1, "max": 99.5, "per": "minute"}]
    origins = dict(re.findall(r"^(\w+) = .*  # (.+)$", text, re.MULTILINE))
    assert (origins["headroom"], origins["tz"]) == ("--headroom", "default")
    assert origins["fail_on"] == str(job / "floodscan.toml")


def test_budgets_of_the_configuration_are_held(check: Check, job: Path) -> None:
    (job / "floodscan.toml").write_text('fail_on = []\n[[budget]]\ncause = "connection-refused"\nmax = 60\nmin = 1\n')
    assert check("storm.jsonl").returncode == 0
    done = check("calm.jsonl", "-f", "json")
    assert done.returncode == 1
    assert b"fails on budget: cause:connection-refused: 0 where at least 1 are expected" in done.stderr


def test_rules_of_the_configuration_lie_beside_it(check: Check, job: Path) -> None:
    (job / "own").mkdir()
    (job / "floodscan.toml").write_text('rules = ["own"]\n')
    (job / "sub").mkdir()
    assert check(str(job / "calm.jsonl"), cwd=job / "sub").returncode == 0
    (job / "own" / "bad.toml").write_text("id = 3")
    assert check(str(job / "calm.jsonl"), cwd=job / "sub").returncode == 2


# ---------------------------------------------------------------- baseline


ACCEPT = ("--update-baseline", "--reason", "known, #12", "--today", "2026-11-23")


def test_what_was_accepted_passes_until_it_grows_or_expires(check: Check, job: Path) -> None:
    assert check("storm.jsonl", *ACCEPT).returncode == 0
    assert check("storm.jsonl", "--today", "2026-12-01").returncode == 0
    assert check("storm.jsonl", "--today", "2027-02-21").returncode == 0
    assert check("storm.jsonl", "--today", "2027-02-22").returncode == 1
    (job / "storm.jsonl").write_text(storm(180))
    assert check("storm.jsonl", "--today", "2026-12-01").returncode == 1


def test_what_is_accepted_goes_into_an_empty_file_but_not_into_a_device(check: Check, job: Path) -> None:
    (job / "empty").touch()
    assert check("storm.jsonl", "--baseline", "empty").returncode == 2
    assert check("storm.jsonl", *ACCEPT, "--baseline", "empty").returncode == 0
    assert check("storm.jsonl", "--baseline", "empty", "--today", "2026-12-01").returncode == 0
    done = check("storm.jsonl", *ACCEPT, "--baseline", "/dev/null")
    assert done.returncode == 2 and b"/dev/null: not a file, and what is accepted must be kept" in done.stderr


def test_the_null_device_is_the_baseline_that_accepts_nothing(check: Check, job: Path) -> None:
    check("storm.jsonl", *ACCEPT)
    assert check("storm.jsonl", "--today", "2026-12-01").returncode == 0
    assert check("storm.jsonl", "--today", "2026-12-01", "--baseline", "/dev/null").returncode == 1
    assert check("calm.jsonl", "--baseline", "/dev/null").returncode == 0


def test_junit_skips_what_was_accepted_and_fails_what_was_not(check: Check, job: Path) -> None:
    check("storm.jsonl", *ACCEPT)
    for today, child in (("2026-12-01", "skipped"), ("2027-12-01", "failure")):
        root = ElementTree.fromstring(check("storm.jsonl", "-f", "junit", "--today", today).stdout)
        (case,) = [case for case in root.iter("testcase") if case.attrib["name"] == "retry-storm"]
        assert [c.tag for c in case] == [child]
        assert child == "failure" or case[0].attrib["message"] == "accepted: known, #12"


def test_the_baseline_lies_beside_the_configuration(check: Check, job: Path) -> None:
    (job / "floodscan.toml").write_text("expires_days = 30\n")
    (job / "sub").mkdir()
    assert check("../storm.jsonl", *ACCEPT, cwd=job / "sub").returncode == 0
    header, entry = (job / "floodscan.baseline").read_text().splitlines()
    assert json.loads(entry)["expires"] == "2026-12-23" and json.loads(entry)["reason"] == "known, #12"
    assert check("../storm.jsonl", "--today", "2026-12-01", cwd=job / "sub").returncode == 0


def test_an_update_that_changes_nothing_leaves_the_same_bytes(check: Check, job: Path) -> None:
    check("storm.jsonl", *ACCEPT)
    before = (job / "floodscan.baseline").read_bytes()
    check("storm.jsonl", "--update-baseline", "--reason", "another day", "--today", "2026-12-24")
    assert (job / "floodscan.baseline").read_bytes() == before


def test_an_expiry_may_be_a_day_or_a_number_of_days(check: Check, job: Path) -> None:
    for expires, day in (("7", "2026-11-30"), ("2026-12-31", "2026-12-31")):
        check("storm.jsonl", *ACCEPT, "--expires", expires, "--baseline", f"{expires}.jsonl")
        assert json.loads((job / f"{expires}.jsonl").read_text().splitlines()[1])["expires"] == day


def test_a_ratchet_lets_the_baseline_shrink_but_not_grow(check: Check, job: Path) -> None:
    (job / "floodscan.toml").write_text('ratchet = true\nfail_on = ["storm", "severity:high"]\n')
    done = check("storm.jsonl", *ACCEPT)
    assert done.returncode == 2 and b"ratchet" in done.stderr and b"STORM" in done.stdout
    assert not (job / "floodscan.baseline").exists()
    (job / "floodscan.toml").write_text('fail_on = ["storm", "severity:high"]\n')
    check("storm.jsonl", *ACCEPT)
    entries = len((job / "floodscan.baseline").read_text().splitlines()) - 1
    assert entries > 1
    assert check("storm.jsonl", *ACCEPT, "--ratchet").returncode == 0
    done = check("calm.jsonl", *ACCEPT, "--ratchet", "--prune")
    assert done.returncode == 0 and f"{entries} dropped".encode() in done.stderr
    assert (job / "floodscan.baseline").read_text() == '{"floodscan_baseline": 1}\n'


def test_entries_that_match_nothing_are_reported_and_kept_unless_pruned(check: Check, job: Path) -> None:
    check("storm.jsonl", *ACCEPT)
    done = check("calm.jsonl", "--today", "2026-12-01")
    assert done.returncode == 0 and b"matches nothing in this log" in done.stdout
    check("calm.jsonl", *ACCEPT)
    assert len((job / "floodscan.baseline").read_text().splitlines()) == 2


def test_a_log_that_was_not_read_is_not_accepted(check: Check, job: Path) -> None:
    assert check("storm.jsonl", "gone.log", *ACCEPT).returncode == 2
    assert not (job / "floodscan.baseline").exists()


def test_a_report_never_replaces_the_baseline(check: Check, job: Path) -> None:
    check("storm.jsonl", *ACCEPT)
    before = (job / "floodscan.baseline").read_bytes()
    assert check("storm.jsonl", "-o", "floodscan.baseline").returncode == 74
    assert (job / "floodscan.baseline").read_bytes() == before


def test_no_secret_of_the_log_or_of_a_reason_reaches_anything_that_is_kept(check: Check, job: Path) -> None:
    """Job output leaked bearer headers (OpenMetadata#32471, paperclip#2659)."""
    secret = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"
    (job / "leak.jsonl").write_text(storm(message=f"cannot load agents with Bearer {secret}"))
    reports = [a for f in ("sarif", "junit", "gitlab", "markdown", "json") for a in ("--report", f"{f}=r.{f}")]
    env = {"GITHUB_ACTIONS": "true", "GITLAB_CI": "true", "GITHUB_STEP_SUMMARY": "summary", "GITHUB_OUTPUT": "output"}
    update = ("--update-baseline", "--reason", f"see {secret}")
    done = check("leak.jsonl", *reports, *update, env=env)
    kept = [
        done.stdout,
        done.stderr,
        *(p.read_bytes() for p in job.iterdir() if p.is_file() and p.name != "leak.jsonl"),
    ]
    assert len(kept) >= 10
    assert not any(secret.encode() in text or b"dozjgNryP4J3" in text for text in kept)


# ---------------------------------------------------------------- GitHub Actions, GitLab


def actions(job: Path) -> dict[str, str]:
    return {
        "CI": "true",
        "GITHUB_ACTIONS": "true",
        "GITHUB_WORKSPACE": str(job),
        "GITHUB_STEP_SUMMARY": str(job / "summary.md"),
        "GITHUB_OUTPUT": str(job / "output"),
    }


def test_in_actions_stdout_has_the_report_alone_and_the_runner_is_told_the_rest(check: Check, job: Path) -> None:
    done = check("storm.jsonl", "-f", "json", env=actions(job))
    assert done.returncode == 1 and json.loads(done.stdout)["verdict"] == "storm"
    annotations = [line for line in done.stderr.decode().splitlines() if line.startswith("::")]
    assert annotations[0].startswith("::error ") and "Retry storm" in annotations[0]
    assert "## Gate: failed" in (job / "summary.md").read_text()
    outputs = dict(line.split("=") for line in (job / "output").read_text().splitlines())
    assert {
        "exit-code": "1",
        "verdict": "storm",
        "passed": "false",
        "storms": "1",
        "breaches": "1",
    }.items() <= outputs.items()


def test_format_github_puts_the_annotations_on_stdout_and_only_there(check: Check, job: Path) -> None:
    done = check("storm.jsonl", "-f", "github", env=actions(job))
    assert done.stdout.startswith(b"::error ") and b"::error" not in done.stderr
    assert check("storm.jsonl", "-f", "github").stdout == done.stdout


def test_outside_of_a_ci_system_nothing_is_told(check: Check, job: Path) -> None:
    before = {path.name for path in job.iterdir()}
    done = check("storm.jsonl")
    assert done.stderr == b"" and {path.name for path in job.iterdir()} == before


def test_the_summary_is_appended_and_stays_below_the_limit(check: Check, job: Path) -> None:
    (job / "summary.md").write_bytes(b"x" * 898 * 1024)
    assert check("storm.jsonl", env=actions(job)).returncode == 1
    text = (job / "summary.md").read_bytes()
    assert len(text) <= 900 * 1024 and b"The rest is left out here" in text and text.startswith(b"xxx")
    (job / "summary.md").write_bytes(b"x" * 1023 * 1024)
    assert check("storm.jsonl", env=actions(job)).returncode == 1
    assert len((job / "summary.md").read_bytes()) <= 1023 * 1024 + 1


def test_a_summary_that_can_not_be_written_is_said_and_fails_nothing(check: Check, job: Path) -> None:
    done = check("calm.jsonl", env={**actions(job), "GITHUB_STEP_SUMMARY": "/no/such/folder/summary"})
    assert done.returncode == 0 and b"cannot write /no/such/folder/summary" in done.stderr


def test_an_error_before_the_report_is_annotated_too(check: Check, job: Path) -> None:
    done = check("gone.log", env=actions(job))
    assert done.returncode == 3
    assert b"::error title=floodscan::no usable input: gone.log: no such file" in done.stderr
    assert (job / "output").read_text() == "exit-code=3\n"


def test_five_hundred_findings_keep_to_the_limits(job: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Only ten annotations were kept, and nobody was told (community#68471, zizmor#634)."""
    env = actions(job)
    ci.tell(judge(many_findings(500), ["severity:low"]), 1, set(), env)
    out, err = capfd.readouterr()
    errors = [line for line in err.splitlines() if line.startswith("::error ")]
    assert out == "" and len(errors) == 10 and errors[-1].endswith("::+491 more: the report has them")
    assert (job / "summary.md").stat().st_size <= 900 * 1024
    assert "+488 more findings" in (job / "summary.md").read_text()
    assert "findings=500" in (job / "output").read_text().split()


@pytest.mark.parametrize("place", ["msg", "err.message", "err.code", "err.type", "err.stack", "name", "key", "reqId", "url", "file name"])  # fmt: skip
def test_no_field_of_a_log_becomes_a_workflow_command(check: Check, job: Path, place: str) -> None:
    smuggled = "x\r\n::error file=a.js::owned\n::set-output name=a::owned %0A::warning::owned ##[error]owned\n"
    record: dict[str, object] = {"level": 50, "pid": 1, "hostname": "a", "msg": "cannot load"}
    error = {"type": "Error", "message": "connect ECONNREFUSED 127.0.0.1:1", "code": "ECONNREFUSED"}
    if place.startswith("err."):
        error[place.removeprefix("err.")] = smuggled
    elif place == "key":
        record[smuggled] = smuggled
    elif place != "file name":
        record[place] = smuggled
    record["err"] = error
    name = smuggled[:40].replace("/", "_") if place == "file name" else "log.jsonl"
    rows = [json.dumps({**record, "time": 1764000000000 + i * 100, "connectionId": f"c{i}"}) for i in range(60)]
    (job / name).write_text("\n".join(rows) + "\n")
    formats = ("terminal", "json", "markdown", "gitlab", "sarif", "junit", "github")
    reports = [argument for format in formats for argument in ("--report", f"{format}=report.{format}")]
    done = check(name, *reports, "--fail-on", "severity:info", env=actions(job))
    assert done.returncode == 1
    pages = [done.stdout, done.stderr, *((job / f"report.{format}").read_bytes() for format in formats)]
    for line in b"\n".join(pages).decode().splitlines():
        assert "##[" not in line
        if line.lstrip().startswith("::"):
            assert re.match(r"::(error|warning|notice) title=[^:,]*::", line), line
    assert "owned" not in (job / "output").read_text()


def test_in_gitlab_the_code_quality_report_is_written(check: Check, job: Path) -> None:
    assert check("storm.jsonl", env={"CI": "true", "GITLAB_CI": "true"}).returncode == 1
    entries = json.loads((job / "gl-code-quality-report.json").read_text())
    assert entries[0]["check_name"] == "retry-storm" and entries[0]["severity"] == "blocker"
    assert check("calm.jsonl", "--report", "gitlab=own.json", env={"GITLAB_CI": "true"}).returncode == 0
    assert json.loads((job / "own.json").read_text()) == []
    assert json.loads((job / "gl-code-quality-report.json").read_text()) == entries


def test_a_call_site_that_is_in_the_repository_is_annotated(check: Check, job: Path) -> None:
    site = job / "backend" / "src" / "services"
    site.mkdir(parents=True)
    (site / "agent-service.js").write_text("// the service\n" * 20)
    sample = str(ROOT / "samples" / "incident-in-traffic.jsonl.gz")
    done = check(sample, "-f", "github", env=actions(job))
    assert b"file=backend/src/services/agent-service.js,line=13," in done.stdout


@pytest.mark.parametrize(
    ("site", "line", "others", "pointed"),
    [
        ("/app/src/index.js", 5, [], True),
        ("/app/src/index.js", 6, [], True),
        ("/opt/otherproduct/api/src/index.js", 912, [], False),
        ("index.js", 5, ["index.js"], False),
        ("/app/src/index.js", 5, ["admin/src/index.js"], False),
        ("/app/src/index.js", 5, ["node_modules/x/src/index.js", "admin/src/other.js"], True),
    ],
)
def test_only_the_file_and_line_that_a_stack_can_mean_are_annotated(
    check: Check, job: Path, site: str, line: int, others: list[str], pointed: bool
) -> None:
    for name in ("src/index.js", *others):
        (job / name).parent.mkdir(parents=True, exist_ok=True)
        (job / name).write_text("run();\n" * 6)
    stack = f"TypeError: rows is not iterable\n    at load ({site}:{line}:9)"
    error = {"type": "TypeError", "message": "rows is not iterable", "stack": stack}
    rows = [json.dumps({"level": 50, "time": 1764000000000 + i * 900, "msg": "x", "err": error}) for i in range(30)]
    (job / "x.jsonl").write_text("\n".join(rows) + "\n")
    done = check("x.jsonl", "-f", "github", "--fail-on", "faults", env=actions(job))
    assert b"TypeError" in done.stdout
    assert (b"file=" in done.stdout) is pointed and (
        f"file=src/index.js,line={line},".encode() in done.stdout
    ) is pointed
