"""What a start costs, counted in modules: seconds depend on the machine, imports do not."""

from __future__ import annotations

import subprocess
import sys

import pytest

SPARE = 15
"""Modules that another release of Python may load more."""


def modules_after(*argv: str) -> tuple[str, set[str]]:
    """What `floodscan ARGV` prints, and the modules that it has loaded beyond those of a bare interpreter."""
    program = (
        "import sys; bare = set(sys.modules); sys.argv = ['floodscan', *sys.argv[1:]]\n"
        "from floodscan.__main__ import main\n"
        "try: main()\n"
        "finally: print('modules', *sorted(set(sys.modules) - bare), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *argv], capture_output=True, text=True, timeout=60, check=True
    )
    return done.stdout, set(done.stderr.split()[1:])


def test_the_version_is_told_without_a_command_line() -> None:
    printed, loaded = modules_after("--version")
    assert printed.startswith("floodscan ")
    assert {name for name in loaded if name.startswith("floodscan")} == {
        "floodscan", "floodscan.__main__", "floodscan.errors",
    }  # fmt: skip
    assert len(loaded) <= 37 + SPARE


@pytest.mark.parametrize("argv", [("--help",), ("scan", "--help"), ("check", "--help")])
def test_help_is_told_without_reading_or_judging_anything(argv: tuple[str, ...]) -> None:
    printed, loaded = modules_after(*argv)
    assert "Usage" in printed
    ours = {name for name in loaded if name.startswith("floodscan.")}
    ours = {name for name in ours if not name.startswith("floodscan.model.")}
    assert ours <= {f"floodscan.{part}" for part in ("__main__", "arguments", "cli", "dataclass", "errors", "reports", "model")}
    assert not loaded & {"orjson", "dateutil", "tomllib", "rich", "pydantic"}
