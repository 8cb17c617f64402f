"""The errors that a user can meet, their exit codes, and the one door through which every error leaves the program.

Anything that is raised and is not a `FloodscanError` is a bug of ours and ends with code 70.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Iterable, Sequence

OK = 0
FOUND = 1
"""Something at or above `--fail-on`."""
USAGE = 2
NO_INPUT = 3
DEGRADED = 4
"""Over half of the non-blank lines were skipped: a verdict would not be worth trusting."""
BUG = 70
NOT_WRITTEN = 74
INTERRUPTED = 130
CLOSED_PIPE = 141

PRIORITY = (USAGE, BUG, INTERRUPTED, NOT_WRITTEN, NO_INPUT, DEGRADED, FOUND, OK)
"""Where several hold, the first of these is the exit code: a run that failed outranks what it found."""


def worst(codes: Iterable[int]) -> int:
    """The exit code of a run in which all of `codes` hold; 0 where there are none."""
    return min(codes, key=PRIORITY.index, default=OK)


class FloodscanError(Exception):
    """Something that a user can mend: one line of what happened, and a hint of what to do.

    The text goes to a terminal: it may quote what the user typed, never the text of a log.
    """

    exit_code = USAGE

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(FloodscanError):
    """A wrong option, argument or configuration."""


class UnreadableInput(FloodscanError):
    """A named input that can't be read; the others are still read.

    name: the source as the user gave it. reason: why, in a few words ("no such file", "permission denied").
    """

    exit_code = NO_INPUT

    def __init__(self, name: str, reason: str, *, hint: str | None = None) -> None:
        super().__init__(f"{name}: {reason}", hint=hint)
        self.name = name
        self.reason = reason


class NoInput(FloodscanError):
    """There was nothing to read, or nothing in what was read."""

    exit_code = NO_INPUT


NAMED = 3
"""Inputs that an error names; the rest are counted."""


def nothing_usable(unreadable: Sequence[UnreadableInput]) -> NoInput:
    """None of the inputs could be read: what is wrong with the first of them."""
    hint = next((error.hint for error in unreadable if error.hint), None)
    what = "; ".join(error.message for error in unreadable[:NAMED])
    more = f"; {len(unreadable) - NAMED} more" if len(unreadable) > NAMED else ""
    return NoInput(f"no usable input: {what}{more}" if what else "no usable input", hint=hint)


class EngineFailed(FloodscanError):
    """The processes or the cluster that shared the work were lost: there is no report, not even on a part."""

    exit_code = BUG


class OutputNotWritten(FloodscanError):
    """The result could not be put where it was asked for; what was there before is unharmed.

    name: the output as the user gave it. reason: why, in a few words.
    """

    exit_code = NOT_WRITTEN

    def __init__(self, name: str, reason: str, *, hint: str | None = None) -> None:
        super().__init__(f"cannot write {name}: {reason}", hint=hint)
        self.name = name
        self.reason = reason


def extra(name: str) -> str:
    """How to install an extra of floodscan: from a clone, and from an index."""
    return f"pip install '.[{name}]' in a clone of floodscan, else 'floodscan[{name}]'"


def say(text: str) -> None:
    """One line on stderr, harmless on a terminal and in CI; silent where stderr is gone."""
    from floodscan.redact.text import redact
    from floodscan.safe import safe

    try:
        print(f"floodscan: {' '.join(safe(redact(text)).split())}", file=sys.stderr, flush=True)
    except (OSError, ValueError, AttributeError):
        pass


def complain(error: FloodscanError) -> int:
    """Say what happened and what to do about it; the error's exit code."""
    say(error.message)
    if error.hint:
        say(f"hint: {error.hint}")
    return error.exit_code


def door(run: Callable[[], int], *, debug: bool = False, tell: Callable[[str, int], object] | None = None) -> int:
    """Run the program and turn whatever happens into an exit code.

    tell: gets what kept the program from its result, and the exit code, for others than who reads stderr.

    An expected error is one line and a hint. A bug is its class and our own file and line; never its message, which
    may quote the log (`debug` shows the whole traceback).
    """
    try:
        code = run()
        _flush_stdout()
        return code
    except FloodscanError as error:
        if tell is not None:
            tell(error.message, error.exit_code)
        return complain(error)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        silence_stdout()
        return CLOSED_PIPE
    except Exception as error:
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):  # Typer writes help by itself
            silence_stdout()
            return complain(OutputNotWritten("stdout", "no space left on device"))
        if debug:
            import traceback

            traceback.print_exc()
        bug = f"a bug of ours: {type(error).__name__} at {own_line(error)} (floodscan {_version()})"
        if tell is not None:
            tell(bug, BUG)
        say(bug)
        say("hint: --debug shows the traceback, which may quote the log; please report the line above")
        return BUG


def _flush_stdout() -> None:
    """What was printed leaves now, while its failure can still be told. Raises OutputNotWritten, BrokenPipeError."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        silence_stdout()
        raise OutputNotWritten("stdout", (error.strerror or type(error).__name__).lower()) from None


def silence_stdout() -> None:
    """Send what is still buffered nowhere, so that the interpreter's exit has nothing left to fail on."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError, AttributeError):
        pass


def own_line(error: BaseException) -> str:
    """`floodscan/decode/pino.py:88`: the innermost line of the traceback that is in this package."""
    import traceback  # both are most of what this module would take to import
    from pathlib import Path

    package = Path(__file__).resolve().parent
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        path = Path(frame.filename)
        if path.is_relative_to(package):
            return f"{path.relative_to(package.parent).as_posix()}:{frame.lineno}"
    return "an unknown place"


def _version() -> str:
    from floodscan import __version__

    return f"{__version__}, Python {sys.version.split()[0]}"
