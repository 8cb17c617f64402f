"""What a start costs, counted in modules: seconds depend on the machine, imports do not."""

from __future__ import annotations

import shutil
import subprocess
import sys
from tempfile import gettempdir

import pytest
from command import ROOT

from floodscan.rules import build, digest

SPARE = 15
"""Modules that another release of Python may load more."""


def modules_after(*argv: str, first: str = "") -> tuple[str, set[str]]:
    """What `floodscan ARGV` prints, and the modules that it has loaded beyond those of a bare interpreter.

    first: statements that run before it; what they load counts.
    """
    program = (
        f"import sys; bare = set(sys.modules); sys.argv = ['floodscan', *sys.argv[1:]]\n{first}\n"
        "from floodscan.__main__ import main\n"
        "try: main()\n"
        "finally: print('modules', *sorted(set(sys.modules) - bare), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *argv], capture_output=True, text=True, timeout=60, check=True, cwd=gettempdir()
    )
    return done.stdout, set(done.stderr.split()[1:])


def test_the_version_is_told_without_a_command_line() -> None:
    printed, loaded = modules_after("--version")
    assert printed.startswith("floodscan ")
    assert {name for name in loaded if name.startswith("floodscan")} == {
        "floodscan", "floodscan.__main__", "floodscan.errors",
    }  # fmt: skip
    assert len(loaded) <= 14 + SPARE


@pytest.mark.parametrize("argv", [("--help",), ("scan", "--help"), ("check", "--help")])
def test_help_is_told_without_reading_or_judging_anything(argv: tuple[str, ...]) -> None:
    printed, loaded = modules_after(*argv)
    assert "Usage" in printed
    ours = {name for name in loaded if name.startswith("floodscan.")}
    ours = {name for name in ours if not name.startswith("floodscan.model.")}
    assert ours <= {f"floodscan.{part}" for part in ("__main__", "cli", "errors", "reports", "model", "value")}
    assert not loaded & {"orjson", "dateutil", "tomllib", "rich", "pydantic"}


FLOOD = ROOT / "samples" / "dashboard-flood.jsonl"
COSTLY = {
    "pydantic",
    "rich", "tempfile",  # for the terminal, and for files
    "dateutil", "tomllib", "zipfile",  # for times that nothing else reads, and for rules and settings of the user's own
    "multiprocessing", "concurrent.futures", "logging", "socket",  # for large logs
    "statistics", "fractions", "decimal", "base64", "string",  # more than what is needed of them takes
}  # fmt: skip
"""Modules that a report on a small log of JSON lines needs none of."""


@pytest.fixture(scope="module")
def digested(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Statements that give floodscan the rules as an installed one has them."""
    folder = tmp_path_factory.mktemp("built") / "rules"
    shutil.copytree(digest.FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__"))
    build.write(folder)
    return f"from pathlib import Path; import floodscan.rules.digest as d; d.FOLDER = Path({str(folder)!r})"


def test_a_report_on_json_lines_loads_nothing_that_it_does_not_need(digested: str) -> None:
    printed, loaded = modules_after("scan", str(FLOOD), "--format", "json", first=digested)
    assert '"schema": 1' in printed
    assert not loaded & COSTLY
    ours = {name.removeprefix("floodscan.") for name in loaded if name.startswith("floodscan.")}
    assert not ours & {
        "gate", "code.sites", "completion", "manual", "explanation", "repository", "engines.processes", "engines.dask",
        "reports.terminal", "reports.html", "reports.markdown", "reports.words",
    }  # fmt: skip
    assert len(loaded) <= 310 + SPARE


def test_a_page_without_colour_loads_no_console(digested: str) -> None:
    printed, loaded = modules_after("scan", str(FLOOD), first=digested)
    assert printed.startswith("STORM") and "\x1b" not in printed
    assert not loaded & {"rich.console", *COSTLY - {"rich"}}
    assert len(loaded) <= 350 + SPARE


def test_most_patterns_are_not_compiled_where_the_log_is_json(digested: str) -> None:
    counting = digested + (
        "; import atexit, gc; from floodscan.regex import Late, Used"
        "; count = lambda kind: sum(isinstance(found, kind) for found in gc.get_objects())"
        "; atexit.register(lambda: gc.unfreeze() or print('patterns', count(Late), count(Used)))"
    )
    printed, _ = modules_after("scan", str(FLOOD), "--format", "json", first=counting)
    late, used = map(int, printed.rpartition("patterns")[2].split())
    assert late > 100 and used < 0.6 * late, f"{used} of {late + used} patterns were compiled"
