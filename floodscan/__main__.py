"""The `floodscan` command, which is also `python -m floodscan`: the door, and what needs no command line to answer."""

from __future__ import annotations

import sys

from floodscan import __version__, errors


def main() -> None:
    """Run the command line of this process; exits with its code."""
    argv = sys.argv[1:]
    sys.exit(errors.door(lambda: start(argv), debug="--debug" in argv))


def start(argv: list[str]) -> int:
    """Run a command line (without the program's name); its exit code."""
    if argv == ["--version"]:
        print(f"floodscan {__version__}")
        return errors.OK
    from floodscan.cli import run  # Typer and all that comes with it: a tenth of a second

    return run(argv)


if __name__ == "__main__":
    main()
