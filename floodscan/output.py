"""Where results go: stdout, a device, or a file that is replaced whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import TextIO

from floodscan.errors import OutputNotWritten, silence_stdout

FALSE = {"", "0", "false", "no"}
"""Values of CI and FORCE_COLOR that mean the opposite."""

PAGE = 100
"""Columns of a report that goes to a file or a pipe, whatever the terminal it was started from."""
NARROW, WIDE = 40, 160
"""Columns below which a report falls apart, and above which its lines are too long to read."""


def in_ci(env: Mapping[str, str] = os.environ) -> bool:
    """Whether this is a CI job, whose output is kept and read by many."""
    return env.get("CI", "").lower() not in FALSE


def wants_colour(stream: TextIO | None, *, no_color: bool, env: Mapping[str, str] = os.environ) -> bool:
    """Whether to colour what goes to `stream` (None: a file): the option, then NO_COLOR, FORCE_COLOR, TERM, a terminal.

    NO_COLOR counts where it is not empty (no-color.org); FORCE_COLOR=0 means none (force-color.org).
    """
    if no_color or env.get("NO_COLOR"):
        return False
    if "FORCE_COLOR" in env:
        return env["FORCE_COLOR"].lower() not in FALSE - {""}
    return stream is not None and env.get("TERM") != "dumb" and stream.isatty()


def columns(stream: TextIO | None) -> int:
    """The width of the terminal that `stream` is, within what can be read; else PAGE."""
    try:
        return min(max(os.get_terminal_size(stream.fileno()).columns, NARROW), WIDE) if stream else PAGE
    except (OSError, ValueError):
        return PAGE


def speaks_unicode(stream: TextIO | None) -> bool:
    """Whether lines and blocks can be drawn there; a file (None) is always UTF-8."""
    return stream is None or (stream.encoding or "ascii").lower().replace("-", "").startswith("utf")


def write(path: str, data: bytes, inputs: Iterable[str]) -> None:
    """Put `data` where `-o` says: stdout for `-`, else a file. Raises OutputNotWritten."""
    if path == "-":
        write_stdout(data)
    else:
        write_file(path, data, inputs)


class Lines:
    """Many short lines to stdout, in few writes. A context manager: leaving it writes the rest."""

    FULL = 65_536
    """Bytes gathered before a write."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._size = 0

    def write(self, line: str) -> None:
        """A line without its newline."""
        data = f"{line}\n".encode()
        self._parts.append(data)
        self._size += len(data)
        if self._size >= self.FULL:
            self._flush()

    def __enter__(self) -> Lines:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        if not isinstance(error, OSError):
            self._flush()

    def _flush(self) -> None:
        write_stdout(b"".join(self._parts))
        self._parts.clear()
        self._size = 0


def check_writable(path: str, inputs: Iterable[str]) -> None:
    """Refuse, before anything is read, an output that could not or must not be written.

    inputs: the paths that will be read, `-` for stdin; an output that is one of them, under whatever name, is refused.
    Raises OutputNotWritten. Nothing is wrong with `-`, stdout.
    """
    if path == "-":
        return
    target = Path(path)
    if not target.parent.is_dir():
        raise OutputNotWritten(path, "no such directory")
    found = _status(path)
    device = found is not None and stat.S_ISCHR(found.st_mode)
    # A file is replaced by its folder's leave, a device is written to by its own.
    if not (os.access(path, os.W_OK) if device else os.access(target.parent, os.W_OK | os.X_OK)):
        raise OutputNotWritten(path, "permission denied")
    if found is None:
        return
    if stat.S_ISLNK(found.st_mode):
        raise OutputNotWritten(path, "it is a symbolic link", hint="name the file it points to")
    if not device and not stat.S_ISREG(found.st_mode):
        raise OutputNotWritten(path, "not a regular file", hint="leave -o out and redirect stdout")
    if (found.st_dev, found.st_ino) in _inodes(inputs):
        raise OutputNotWritten(path, "it is one of the inputs")


def write_file(path: str, data: bytes, inputs: Iterable[str]) -> None:
    """Put `data` at `path`: written beside it, flushed to the disk, then renamed, so that no reader sees a part.

    A character device, such as /dev/null, is written to as it is. Raises OutputNotWritten; then what was there before
    is unharmed.
    """
    check_writable(path, inputs)
    found = _status(path)
    if found is not None and stat.S_ISCHR(found.st_mode):
        _write_device(path, data)
        return
    part = None
    try:
        import tempfile  # with what it imports dearer than the report that goes to stdout

        handle, part = tempfile.mkstemp(prefix=".floodscan-", dir=Path(path).parent)
        with os.fdopen(handle, "wb") as file:
            os.fchmod(file.fileno(), 0o666 & ~_umask())
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
        part = None
    except OSError as error:
        raise OutputNotWritten(path, why(error)) from None
    finally:
        if part is not None:
            Path(part).unlink(missing_ok=True)


def _status(path: str) -> os.stat_result | None:
    """Of `path` itself, not of what it links to; None where there is nothing. Raises OutputNotWritten."""
    try:
        return os.lstat(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise OutputNotWritten(path, why(error)) from None


def _write_device(path: str, data: bytes) -> None:
    """Bytes to a character device, never to what took its place meanwhile. Raises OutputNotWritten."""
    try:
        handle = os.open(path, os.O_WRONLY | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_NOFOLLOW", 0))
        with os.fdopen(handle, "wb") as file:
            if not stat.S_ISCHR(os.fstat(handle).st_mode):
                raise OutputNotWritten(path, "it is no longer a device")
            file.write(data)
    except OSError as error:
        raise OutputNotWritten(path, why(error)) from None


def write_stdout(data: bytes) -> None:
    """Bytes to stdout, as they are. Raises OutputNotWritten; a closed pipe stays a BrokenPipeError."""
    if sys.stdout is None:
        raise OutputNotWritten("stdout", "it is closed")
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        silence_stdout()
        raise OutputNotWritten("stdout", why(error)) from None


def write_stderr(data: bytes) -> None:
    """Bytes to stderr, as they are; nothing where it is gone, since nobody could be told."""
    try:
        sys.stderr.flush()
        sys.stderr.buffer.write(data)
        sys.stderr.buffer.flush()
    except (OSError, ValueError, AttributeError):
        pass


def why(error: OSError) -> str:
    """`permission denied`, `no space left on device`: the system's reason, without the path."""
    if error.errno == errno.EINVAL or error.strerror is None:
        return type(error).__name__
    return error.strerror.lower()


def _inodes(paths: Iterable[str]) -> set[tuple[int, int]]:
    found = set()
    for path in paths:
        try:
            status = os.fstat(0) if path == "-" else os.stat(path)
        except (OSError, ValueError):
            continue
        found.add((status.st_dev, status.st_ino))
    return found


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
