"""The `floodscan` command, which is also `python -m floodscan`: the door, and what needs no command line to answer."""

from __future__ import annotations

import gc
import sys

from floodscan import __version__, errors


def main() -> None:
    """Run the command line of this process; exits with its code."""
    code = command(sys.argv[1:])
    gc.freeze()  # the interpreter's end would look through all that is held for cycles, to no end
    sys.exit(code)


def command(argv: list[str]) -> int:
    """Run a command line through the door; its exit code. What keeps a check from its report is told to GitHub too."""
    return errors.door(lambda: start(argv), debug="--debug" in argv, tell=_tell_ci if argv[:1] == ["check"] else None)


def start(argv: list[str]) -> int:
    """Run a command line (without the program's name); its exit code."""
    if argv == ["--version"]:
        print(f"floodscan {__version__}")
        return errors.OK
    gc.set_threshold(100_000, 20, 100)  # a profile is large and has no cycles: looking for them is a tenth of the time
    from floodscan.cli import run  # Typer and all that comes with it: a tenth of a second

    return run(argv)


def _tell_ci(message: str, code: int) -> None:
    from floodscan import ci

    ci.tell_failure(message, code)


if __name__ == "__main__":
    main()
