"""The man page and the shells' completions are the command line itself: nothing is missing, nothing made up."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from command import ROOT
from refresh_readme import MAN_PAGE

from floodscan import manual
from floodscan.cli import app
from floodscan.completion import SHELLS, script, values_of
from floodscan.manual import Option, commands
from floodscan.reports import RENDERERS

ALL = commands(app)
README = ROOT / "README.md"


def test_every_command_of_the_help_is_known_with_its_options() -> None:
    names = [command.name for command in ALL]
    assert {"scan", "check", "tag", "explain", "completion", "rules list", "rules show", "rules test"} <= set(names)
    scan = next(command for command in ALL if command.name == "scan")
    assert ("-f", "--format") in [option.flags for option in scan.options]
    assert [argument.value for argument in scan.arguments] == ["PATH"] and scan.examples


def test_the_man_page_in_the_project_is_the_one_that_is_made() -> None:
    assert MAN_PAGE.read_text() == manual.man_page(app), "python tests/refresh_readme.py"


def test_the_man_page_names_every_option_and_exit_code() -> None:
    page = manual.man_page(app).replace(r"\-", "-")
    for command in ALL:
        for option in command.options:
            assert rf"\fB{option.flags[-1]}\fR" in page or option.flags == ("-h", "--help")
    for code, _ in manual.EXIT_CODES:
        assert rf"\fB{code}\fR" in page


@pytest.mark.skipif(shutil.which("groff") is None, reason="groff is not installed")
def test_the_man_page_is_roff_without_a_warning() -> None:
    page = manual.man_page(app).encode()
    done = subprocess.run(["groff", "-man", "-ww", "-Tutf8"], input=page, capture_output=True, check=True, timeout=60)
    assert done.stderr == b"" and b"User Commands" in done.stdout


def test_text_can_not_begin_a_request() -> None:
    assert manual._text(".TH x") == r"\&.TH x" and manual._text("'tis") == r"\&'tis"


def test_the_readme_names_the_options_of_scan_that_check_does_not_take() -> None:
    flags = {c.name: {option.flags[-1] for option in c.options} for c in ALL if c.name in ("scan", "check")}
    said = re.search(r"`floodscan check` takes the options of `scan` but for([^.]+?), and fails", README.read_text())
    assert said and set(re.findall(r"`(--[\w-]+)`", said[1])) == flags["scan"] - flags["check"]


@pytest.mark.parametrize("shell", SHELLS)
def test_a_completion_names_every_command_and_every_option(shell: str) -> None:
    text = script(shell, app)
    for command in ALL:
        for word in command.name.split():
            assert word in text
        for option in command.options:
            long = option.flags[-1]
            assert (f"-l {long[2:]}" if shell == "fish" else long) in text


@pytest.mark.parametrize("shell", SHELLS)
def test_a_completion_is_a_script_that_its_shell_can_read(shell: str, tmp_path: Path) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    path = tmp_path / "completion"
    path.write_text(script(shell, app))
    read = subprocess.run([shell, "-n", str(path)], capture_output=True, text=True, timeout=60, check=False)
    assert (read.returncode, read.stderr) == (0, "")


COMPLETED = {
    "floodscan sc": ["scan"],
    "floodscan scan --form": ["--format"],
    "floodscan scan --format j": ["json", "junit"],
    "floodscan --format ht": ["html"],
    "floodscan check x.log --report sa": ["sarif="],
    "floodscan rules ": ["list", "show", "test"],
    "floodscan rules show --ru": ["--rules"],
    "floodscan explain schema-d": ["schema-drift"],
    "floodscan completion z": ["zsh"],
    "floodscan check --fail-on severity:hi": ["severity:high"],
    "floodscan check --fail-on status:": ["status:storm", "status:loop", "status:backoff"],
    "floodscan check --fail-on cause:dns-f": ["cause:dns-failure"],
}
"""What is typed, and what its last word may become."""

AT_BREAKS = {
    **COMPLETED,
    "floodscan check --fail-on=severity:l": ["--fail-on=severity:low"],
    "floodscan scan --format=ht": ["--format=html"],
    "floodscan scan --report html=./c.": ["html=./c.bash"],
    "floodscan scan --report=sarif=./c.": ["--report=sarif=./c.bash"],
    "floodscan scan --code ./c.": ["./c.bash"],
}
"""fish has no breaks within a word."""


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
@pytest.mark.parametrize("breaks", ["=:", "=", ""])
@pytest.mark.parametrize("typed", AT_BREAKS)
def test_bash_completes_what_was_begun(typed: str, breaks: str, tmp_path: Path) -> None:
    """bash cuts the line at blanks and at each of COMP_WORDBREAKS, and a reply takes the place of the last piece."""
    (tmp_path / "c.bash").write_text(script("bash", app))
    pieces = [
        p for word in typed.split(" ") for p in (re.findall(f"[{breaks}]+|[^{breaks}]+", word) if breaks else [word])
    ]
    if typed[-1] == " ":
        pieces.append("")
    replaced = "" if pieces[-1] and set(pieces[-1]) <= set(breaks) else pieces[-1]
    words = " ".join(f"'{piece}'" for piece in pieces)
    text = (
        f"source c.bash; COMP_WORDBREAKS=$' \\t\\n{breaks}'; COMP_LINE='{typed}'; COMP_POINT={len(typed)}; "
        f'COMP_WORDS=({words}); COMP_CWORD={len(pieces) - 1}; _floodscan; printf "%s\\n" "${{COMPREPLY[@]}}"'
    )
    done = subprocess.run(["bash", "-c", text], cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60)
    begun = typed.split(" ")[-1].removesuffix(replaced)
    assert [begun + reply for reply in done.stdout.split()] == AT_BREAKS[typed]


@pytest.mark.skipif(shutil.which("fish") is None, reason="fish is not installed")
@pytest.mark.parametrize("typed", [t for t in COMPLETED if not t.startswith("floodscan --")])
def test_fish_completes_what_was_begun(typed: str, tmp_path: Path) -> None:
    (tmp_path / "c.fish").write_text(script("fish", app))
    text = f'source c.fish; complete -C "{typed}"'
    done = subprocess.run(
        ["fish", "-c", text], cwd=tmp_path, env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    found = [line.partition("\t")[0] for line in done.stdout.splitlines()]
    assert [value for value in found if value not in ("c.fish", ".cache/", ".config/", ".local/")] == sorted(
        COMPLETED[typed]
    )


def test_the_values_of_a_format_are_the_formats() -> None:
    assert values_of(Option(("--format",), "FORMAT", "")) == list(RENDERERS)
    assert values_of(Option(("--since",), "TIME", "")) == []
