"""What development installs is pinned by hash, and what the package may ask of a machine is named."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
LOCK = (ROOT / "requirements-dev.txt").read_text()
PINS = dict(re.findall(r"(?m)^([a-z0-9.-]+)==([^\s;\\]+)", LOCK))
TALKS = {"socket", "ssl", "http", "urllib.request", "ftplib", "smtplib", "xmlrpc", "asyncio", "requests", "httpx"}


def wanted() -> list[Requirement]:
    extras = PROJECT["optional-dependencies"]
    listed = [*PROJECT["dependencies"], *extras["zstd"], *extras["code"], *extras["test"], *extras["dev"]]
    return [one for one in map(Requirement, listed) if one.name != PROJECT["name"]]


@pytest.mark.parametrize("requirement", wanted(), ids=str)
def test_the_lock_has_a_version_of_each_requirement_that_meets_it(requirement: Requirement) -> None:
    assert requirement.specifier.contains(PINS[requirement.name], prereleases=True)


def test_everything_in_the_lock_is_pinned_by_hash_and_comes_from_no_named_place() -> None:
    entries = re.split(r"(?m)^(?=[a-z0-9.-]+==)", LOCK)[1:]
    assert len(entries) == len(PINS) > 20
    assert all(re.search(r"--hash=sha256:[0-9a-f]{64}", entry) for entry in entries)
    assert "://" not in LOCK and " @ " not in LOCK


def test_every_action_of_every_workflow_is_pinned_to_a_commit_and_may_only_read() -> None:
    workflows = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
    assert workflows
    for text in (path.read_text() for path in [*workflows, ROOT / "action.yml"]):
        assert all(
            used == "./" or re.fullmatch(r"[\w/.-]+@[0-9a-f]{40}", used) for used in re.findall(r"uses: (\S+)", text)
        )
    for text in (path.read_text() for path in workflows):
        assert "permissions:\n  contents: read\n" in text and "pull_request_target" not in text


def test_no_module_of_the_package_can_talk_to_a_network_or_runs_what_a_log_says() -> None:
    for path in (ROOT / "floodscan").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)]
            if "engines" not in path.parts:  # a cluster's is another matter
                assert not TALKS & set(names), path
            assert not {"pickle", "shelve", "yaml", "subprocess"} & set(names), path
            if isinstance(node, ast.Call):
                assert ast.unparse(node.func) not in ("eval", "exec", "os.system", "marshal.loads"), path


@pytest.mark.skipif(find_spec("mypy") is None, reason="pip install -e '.[dev]'")
def test_mypy_refuses_a_renderer_that_takes_text_which_was_not_made_safe(tmp_path: Path) -> None:
    bypass = tmp_path / "bypass.py"
    bypass.write_text(
        "from floodscan.model import Evidence, Safe\nfrom floodscan.safe import safe\n"
        "def of_the_log() -> str: return 'x'\n"
        "sound = Evidence(safe(of_the_log()), None, None, None, None)\n"
        "bare = Evidence(of_the_log(), None, None, None, None)\n"
        "joined: Safe = safe('a') + of_the_log()\n"
    )
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--follow-imports=silent",
        "--cache-dir",
        str(tmp_path),
        str(bypass),
    ]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=120)
    assert re.findall(r"bypass\.py:(\d+): error", done.stdout) == ["5", "6"], done.stdout
