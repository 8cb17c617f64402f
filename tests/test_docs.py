"""The documents say what the program does: commands, options, exit codes and outputs can't drift from it."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from refresh_readme import BLOCK, README, RULES_PAGE, refreshed
from rules_page import rules_page

from floodscan import __version__, cli, errors
from floodscan.gate import conditions, policy
from floodscan.manual import commands
from floodscan.rules.load import load_rules

ROOT = Path(__file__).resolve().parents[1]
TEXT = README.read_text()
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()

COMMANDS = [command.name for command in commands(cli.app)]


def block(name: str) -> str:
    """The fenced block of the README after the comment `<!-- NAME -->`."""
    found = re.search(rf"^<!-- {name} -->\n```sh\n(.+?)\n```$", TEXT, re.MULTILINE | re.DOTALL)
    assert found, f"README.md has no block for {name}"
    return found[1]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_in_the_readme_and_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert re.search(rf"floodscan (\[?scan\]? )?{command}\b|floodscan \[{command}\]", TEXT)
    assert errors.door(lambda: cli.run([*command.split(), "--help"])) == 0
    usage, description, *_ = [line.strip() for line in capsys.readouterr().out.splitlines() if line.strip()]
    assert usage.startswith(f"Usage: floodscan {command}") and len(description.split()) >= 4


@pytest.mark.parametrize("command", ["scan", "check"])
def test_every_option_is_in_the_readme(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    errors.door(lambda: cli.run([command, "--help"]))
    named = set(re.findall(r"(?<=\s)--[a-z-]+", capsys.readouterr().out)) - {"--help", "--output", "--quiet"}
    assert len(named) > 10
    assert {option for option in named if f"`{option}" not in TEXT} == set()


def test_the_outputs_in_the_readme_are_what_the_commands_print() -> None:
    assert len(BLOCK.findall(TEXT)) >= 2
    assert refreshed(TEXT) == TEXT, "run: python tests/refresh_readme.py"


def test_the_page_of_rules_says_what_the_rules_and_detectors_say(capsys: pytest.CaptureFixture[str]) -> None:
    page = RULES_PAGE.read_text()
    assert page == rules_page(), "run: python tests/refresh_readme.py"
    assert "(docs/rules.md)" in TEXT
    cli.run(["rules", "list", "--config", "none"])
    listed = [line.split()[0] for line in capsys.readouterr().out.splitlines()[1:]]
    headings = re.findall(r"^### (\S+)$", page[page.index("## Rules") : page.index("## Detectors")], re.MULTILINE)
    assert headings == listed == [rule.id for rule in load_rules().rules]


def test_ci_runs_the_two_commands_that_the_readme_opens_with() -> None:
    done = subprocess.run(
        ["bash", str(ROOT / ".ci" / "run"), "--dry-run"], capture_output=True, text=True, check=True, timeout=20
    )
    scan, tests, *checks = done.stdout.splitlines()
    assert (scan, tests) == (f"+ {block('command: scan')}", f"+ {block('command: tests')}")
    assert any("ruff check" in check for check in checks) and any("mypy" in check for check in checks)


def test_both_commands_stand_before_anything_else_and_fit_on_a_line() -> None:
    opening = TEXT[: TEXT.index("## ")]
    for name in ("command: scan", "command: tests"):
        assert f"<!-- {name} -->" in opening
        assert "\n" not in block(name) and len(block(name)) < 140


def test_every_exit_code_is_explained() -> None:
    section = TEXT[TEXT.index("### Exit codes") : TEXT.index("## What it reads")]
    rows = {int(code) for code in re.findall(r"^\| (\d+) \|", section, re.MULTILINE)}
    assert rows == {*errors.PRIORITY, errors.CLOSED_PIPE}


def test_every_condition_of_fail_on_is_named() -> None:
    assert all(f"`{verdict}`" in TEXT for verdict in conditions.VERDICTS)


def test_every_dependency_at_run_time_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    optional = project["optional-dependencies"]
    extras = [one for extra in ("zstd", "code", "dask", "cloud") for one in optional[extra]]
    for requirement in project["dependencies"] + extras:
        name = re.split(r"[<>=!~\[ ]", requirement)[0]
        assert re.search(rf"^- (`\w+`, )*`{name}`(, `\w+`)*: .{{20,}}", TEXT, re.MULTILINE), name


def test_every_part_of_the_package_is_in_the_map_for_contributors() -> None:
    names = {path.name for path in (ROOT / "floodscan").iterdir()} - {"py.typed"}
    parts = {name for name in names if not name.startswith(("_", "."))}
    assert {part for part in parts if not re.search(rf"^  {re.escape(part)}[/ ]", CONTRIBUTING, re.MULTILINE)} == set()


def test_the_configuration_of_the_readme_is_one_and_every_key_is_named() -> None:
    found = re.search(r"<!-- example: floodscan.toml -->\n```toml\n(.+?)```", TEXT, re.DOTALL)
    assert found
    values = policy.settings(tomllib.loads(found[1]), Path("floodscan.toml"), {})
    assert len(values["budget"].value) == 1
    section = TEXT[TEXT.index("### In CI") : TEXT.index("### Exit codes")]
    assert {key for key in policy.DEFAULTS if f"`{key}`" not in section and f"[{key}]" not in section} == set()


def test_the_changelog_has_an_entry_for_this_version_or_the_next() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text()
    assert f"## [{__version__}]" in changelog or "## [Unreleased]" in changelog


def test_the_pictures_are_small_and_say_what_they_show() -> None:
    pictures = re.findall(r"!\[([^\]]*)\]\(([^)]+)\)", TEXT)
    assert len(pictures) == 2
    for said, path in pictures:
        assert len(said.split()) > 10 and (ROOT / path).stat().st_size < 150_000, path


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"])
def test_files_that_a_document_links_to_exist(name: str) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", (ROOT / name).read_text())
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_every_item_of_the_checklist_has_its_test_and_every_test_it_names_exists() -> None:
    page = (ROOT / "docs" / "hostile-input.md").read_text()
    items: list[int] = []
    for first, last, tests in re.findall(r"^\| (\d+)(?:-(\d+))? \|[^|]*\|[^|]*\|([^|]*)\|", page, re.MULTILINE):
        items += range(int(first), int(last or first) + 1)
        named = re.findall(r"`(test_\w+\.py)::(test_\w+)`", tests)
        assert named or first in ("26", "44"), f"item {first}"
        for file, test in named:
            assert f"def {test}(" in (ROOT / "tests" / file).read_text(), f"{file}::{test}"
    assert items == list(range(1, 46))
