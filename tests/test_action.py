"""action.yml and the workflow that uses it: their shell is run here, as the runner would run it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from command import ROOT, environment

ACTION = (ROOT / "action.yml").read_text()
WORKFLOW = (ROOT / ".github" / "workflows" / "samples.yml").read_text()
STEP = re.compile(r"- name: (?P<name>.+)\n(?:.*\n)*?(?P<indent> +)run: \|\n(?P<lines>(?:(?P=indent)  .*\n|\n)+)")


def steps(text: str) -> dict[str, str]:
    """The shell of each named step."""
    return {step["name"]: textwrap.dedent(step["lines"]) for step in STEP.finditer(text)}


@pytest.fixture
def runner(tmp_path: Path) -> dict[str, str]:
    """The environment of a job in which the package is installed and the repository checked out."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "temp").mkdir()
    (tmp_path / "temp" / "floodscan").symlink_to(ROOT)
    return {
        "PATH": f"{tmp_path / 'bin'}:{environment()['PATH']}",
        "CI": "true",
        "GITHUB_ACTIONS": "true",
        "GITHUB_WORKSPACE": str(ROOT),
        "GITHUB_OUTPUT": str(tmp_path / "output"),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
        "PYTHON": sys.executable,
        "RUNNER_TEMP": str(tmp_path / "temp"),
        "FLOODSCAN_PATHS": "",
        "FLOODSCAN_FAIL_ON": "",
        "FLOODSCAN_CONFIG": "",
        "FLOODSCAN_REPORTS": "",
        "FLOODSCAN_ALLOW_EMPTY": "false",
    }


def run(script: str, env: dict[str, str]) -> subprocess.CompletedProcess[bytes]:
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
    return subprocess.run(command, capture_output=True, timeout=120, env=environment(env), cwd=ROOT)


def outputs(env: dict[str, str]) -> dict[str, str]:
    return dict(line.split("=", 1) for line in Path(env["GITHUB_OUTPUT"]).read_text().splitlines())


def check(env: dict[str, str], **inputs: str) -> subprocess.CompletedProcess[bytes]:
    return run(
        steps(ACTION)["Check"], {**env, **{f"FLOODSCAN_{name.upper()}": value for name, value in inputs.items()}}
    )


def test_the_samples_that_are_to_pass_pass(runner: dict[str, str]) -> None:
    (block,) = re.findall(r"passes:\n(?:.*\n)*?          paths: \|\n((?:            .+\n)+)", WORKFLOW)
    done = check(runner, paths=textwrap.dedent(block))
    assert done.returncode == 0, done.stderr.decode()
    assert outputs(runner)["exit-code"] == "0"


def test_the_storm_fails_with_its_reports_and_the_workflow_sees_it(runner: dict[str, str], tmp_path: Path) -> None:
    (path,) = re.findall(r"fails:\n(?:.*\n)*?          paths: (.+)\n", WORKFLOW)
    sarif, junit = tmp_path / "floodscan.sarif", tmp_path / "floodscan.xml"
    done = check(runner, paths=path, reports=f"sarif={sarif}\njunit={junit}\r\n")
    assert done.returncode == 1 and b"\n::error " in b"\n" + done.stderr
    assert json.loads(sarif.read_text())["runs"][0]["results"]
    told = outputs(runner)
    env = {**runner, "EXIT_CODE": told["exit-code"], "VERDICT": told["verdict"]}
    script = steps(WORKFLOW)["The storm was found"]
    assert run(f"cd {tmp_path}\n{script}", env).returncode == 0
    assert run(f"cd {tmp_path}\n{script}", {**env, "EXIT_CODE": "0"}).returncode == 1


@pytest.mark.parametrize(
    ("inputs", "code"),
    [
        ({"paths": " \n"}, 2),
        ({"paths": "samples/healthy.jsonl", "fail_on": "strom"}, 2),
        ({"paths": "no-such-file.log"}, 3),
        ({"paths": "samples/healthy.jsonl", "fail_on": "storm\nseverity:low"}, 1),
        ({"paths": "floodscan/py.typed"}, 3),
        ({"paths": "floodscan/py.typed", "allow_empty": "true"}, 0),
    ],
)
def test_every_end_has_its_exit_code_as_an_output(runner: dict[str, str], inputs: dict[str, str], code: int) -> None:
    done = check(runner, **inputs)
    assert (done.returncode, outputs(runner)["exit-code"]) == (code, str(code)), done.stderr.decode()


def test_an_input_is_never_code(runner: dict[str, str], tmp_path: Path) -> None:
    trap = f'$(touch {tmp_path}/owned); "; touch {tmp_path}/owned #'
    check(runner, paths=trap, reports=f"--help\n{trap}", fail_on=trap, config=trap)
    assert not (tmp_path / "owned").exists()
    for script in steps(ACTION).values():
        assert "${{" not in script


IMAGES = {
    "node": {"npm": 'cat "$LOG"'},
    "python": {
        "pip": 'case "$1 $2" in "install floodscan @ git+https://"*) ln -s floodscan.installed "$BIN/floodscan";; *) exit 1;; esac'
    },
}
"""What each image has beside the shell's own commands: no image has all."""


def image(name: str, folder: Path) -> Path:
    """A folder for PATH that holds what is in an image, and nothing else of this machine."""
    folder.mkdir()
    for tool in ("bash", "sh", "cat", "tee", "ln", "test"):
        (folder / tool).symlink_to(str(shutil.which(tool)))
    tools = {**IMAGES[name.partition(":")[0]], "floodscan.installed": f'exec "{sys.executable}" -P -m floodscan "$@"'}
    for tool, shell in tools.items():
        (folder / tool).write_text(f"#!/bin/sh\n{shell}\n")
        (folder / tool).chmod(0o755)
    return folder


def test_the_example_for_gitlab_does_what_it_says(runner: dict[str, str], tmp_path: Path) -> None:
    found = re.search(r"<!-- ci: gitlab -->\n```yaml\n(.+?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert found
    jobs = re.findall(r"^(\w+):\n((?:  .*\n|\n)+)", found[1], re.MULTILINE)
    wanted = re.findall(r"(?:codequality|junit): (\S+)", found[1])
    env = {**runner, "GITLAB_CI": "true", "GITHUB_ACTIONS": "", "PYTHONPATH": str(ROOT)}
    for log, code in (("dashboard-flood.jsonl", 1), ("healthy.jsonl", 0)):
        folder = tmp_path / log
        folder.mkdir()
        codes = []
        for name, job in jobs:
            (of,) = re.findall(r"image: (\S+)", job)
            tools = image(of, tmp_path / f"{log}-{name}")
            script = [f"cd {folder}", *re.findall(r"^    - (.+)$", job, re.MULTILINE)]
            job_env = {**env, "PATH": str(tools), "BIN": str(tools), "LOG": str(ROOT / "samples" / log)}
            codes.append(run("\n".join(script), job_env).returncode)
        assert codes == [0, code]
        assert len(wanted) == 2 and all((folder / name).stat().st_size for name in wanted)


def test_every_action_that_is_used_is_pinned() -> None:
    for text in (ACTION, WORKFLOW):
        for used in re.findall(r"uses: (\S+)", text):
            assert used == "./" or re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", used)
