"""What the arguments name: files, globs, folders, URLs, stdin; each as a stream of plain bytes in blocks of one size."""

from __future__ import annotations

import errno
import glob
import os
import re
import stat
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import field
from pathlib import Path
from typing import BinaryIO, Final

from floodscan.errors import UnreadableInput
from floodscan.model import BLOCK
from floodscan.read.archives import refuse_archives
from floodscan.read.blocks import is_utf16, lone_cr_to_lf, reblock, utf16_to_utf8
from floodscan.read.inflate import inflate, is_packed
from floodscan.read.remote import Remote, RemoteError, find_remote, is_url
from floodscan.regex import regex
from floodscan.value import mutable

STDIN: Final = "stdin"
LOG_NAME: Final = regex(
    r"(?:\.(?:log|logs|out|err|txt|json|jsonl|ndjson|logfmt|csv)|^[^.]+|\.log[.-][\w.-]+|\.\d+)(?:\.(?:gz|zst|\d+))*\Z",
    re.IGNORECASE,
)
"""What a folder is searched for: logs by their endings, rotated and packed ones, and names without an ending. A file
that is named itself is read whatever it is called."""
_REPORT: Final = regex(
    rb'\s*\{\s*"schema":\s*\d{1,4},\s*"tool":\s*\{\s*"name":\s*"floodscan"'
    rb'|\s*\{\s*"\$schema":[^,]{1,300},\s*"version":[^,]{1,20},\s*"runs":\s*\[\s*\{\s*"tool":\s*\{\s*"driver":\s*\{\s*"name":\s*"floodscan"'
)
_HEAD: Final = 1_024
_DOCUMENT: Final = 8 << 20
"""Bytes up to which a file is looked through for that (lock files of packages: 1 to 3 MB)."""
_RECORD_LINE: Final = regex(rb"^[ \t\[]*\{.*\}[ \t\],\r]*$", re.MULTILINE)
"""An object that begins and ends on a line of a list."""
BROKE_OFF: Final = "reading broke off"
"""Begins the note on a source that an error of the system has ended before its end."""
_REASONS: Final = {
    errno.ENOENT: "no such file",
    errno.EACCES: "permission denied",
    errno.EPERM: "permission denied",
    errno.ELOOP: "a symbolic link that leads nowhere",
    errno.EIO: "input/output error",
    errno.ENAMETOOLONG: "the name is too long",
}


@mutable
class Source:
    """One input. `blocks` may be called as often as one likes for a file, once for a pipe."""

    name: str
    """As the user named it (a URL without its secrets), or as it was found in a folder; not safe to show as it is."""
    size: int | None = None
    """Bytes on disk (packed, if it is packed), or None where they are not known, as of a pipe."""
    notes: list[str] = field(default_factory=list)
    """What was wrong with it, found while reading: a sentence each, without text of the log."""
    interrupted: bool = False
    """True once a Ctrl-C has ended the reading; what had been read till then was delivered."""
    path: Path | None = None
    remote: Remote | None = None
    in_folder: bool = False
    """Whether it was found in a folder, not named."""
    stream: BinaryIO | None = field(default=None, repr=False)

    def blocks(self, start: int = 0) -> Iterator[bytes]:
        """The decompressed stream from byte `start` (a multiple of BLOCK) on, in blocks of BLOCK bytes.

        Only the last block is shorter. Raises UnreadableInput when it can't be opened, or turns out to be a bomb or
        an archive; an error in the middle ends the stream and is noted.
        """
        if start and self.plain():
            return reblock(lone_cr_to_lf(self._raw(start)), BLOCK)
        unpacked = inflate(self.name, self._raw(0), self._note)
        plain = refuse_archives(self.name, unpacked, file=self.path is not None and _is_regular(self.path))
        blocks = reblock(lone_cr_to_lf(utf16_to_utf8(plain)), BLOCK)
        for _ in range(start // BLOCK):
            if next(blocks, None) is None:
                break
        return blocks

    def plain(self) -> bool:
        """True where a block can be reached without reading those before it: a file neither packed nor in UTF-16.

        Raises UnreadableInput when it can't be opened.
        """
        if not self.anywhere() or (self.remote is not None and not self.remote.ranges):
            return False
        head = next(self._raw(0), b"")
        return not is_packed(head) and not is_utf16(head)

    def anywhere(self) -> bool:
        """True where another process can read it too: neither a pipe nor this process's stdin."""
        return self.remote is not None or (self.path is not None and _is_regular(self.path))

    def _note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)

    def _raw(self, start: int) -> Iterator[bytes]:
        """The bytes as they lie there, from `start`; a short read is filled up, so that blocks are whole."""
        if self.stream is not None:
            yield from self._gathered(self.stream)
            return
        if self.remote is not None:
            with self.remote.open(start) as remote:
                yield from self._gathered(remote)
            return
        assert self.path is not None, "a source has a path, a stream or a URL"
        try:
            file = open(self.path, "rb", buffering=0)  # noqa: SIM115 - the generator outlives this frame
        except OSError as error:
            raise UnreadableInput(self.name, _reason(error)) from None
        with file:
            if start:
                file.seek(start)
            yield from self._gathered(file)

    def _gathered(self, file: BinaryIO) -> Iterator[bytes]:
        """Whole blocks, however little each read gives."""
        read = _reader(file)
        parts: list[bytes] = []
        missing, begun, ended = BLOCK, False, False
        while not ended:
            try:
                while missing and not ended:
                    # One C call from read to list: a Ctrl-C can't fall between the two and lose what was read.
                    parts.extend(map(read, (missing,)))
                    missing -= len(parts[-1])
                    ended = not parts[-1]
            except KeyboardInterrupt:
                self.interrupted = ended = True
            except OSError as error:
                if not begun and not any(parts):
                    raise UnreadableInput(self.name, _reason(error)) from None
                self._note(f"{BROKE_OFF}: {_reason(error)}")
                ended = True
            whole = b"".join(parts)
            parts, missing, begun = [], BLOCK, True
            if whole:
                yield whole


def find_sources(args: Sequence[str], *, stdin: BinaryIO | None = None) -> tuple[list[Source], list[UnreadableInput]]:
    """The sources that `args` name, and what is wrong with those that can't be read.

    An argument is a file, a folder (its regular files, by name, hidden ones left out), a glob, a URL, or `-` for
    `stdin` (the process's own by default). A file that several arguments name is read once.
    """
    found: list[Source] = []
    unreadable: list[UnreadableInput] = []
    seen: set[tuple[int, int] | str] = set()
    for arg in args:
        try:
            for source in _named(arg, stdin):
                identity = _identity(source)
                if identity is None or identity not in seen:
                    found.append(source)
                if identity is not None:
                    seen.add(identity)
        except UnreadableInput as error:
            unreadable.append(error)
    return found, unreadable


def is_report(source: Source) -> bool:
    """Whether a file is what floodscan wrote itself, as JSON or SARIF: a report found beside its logs is none of them."""
    if source.path is None or not _is_regular(source.path):
        return False
    try:
        with open(source.path, "rb") as file:
            return _REPORT.match(file.read(_HEAD)) is not None
    except OSError:
        return False


def is_document(source: Source) -> bool:
    """Whether a file found in a folder is one JSON value over several lines, as settings and data are. No log is that but an
    exported one: a list whose records have a line each."""
    if not source.in_folder or source.path is None or source.path.suffix.lower() != ".json":
        return False
    if source.size is None or source.size > _DOCUMENT:
        return False
    from orjson import loads

    try:
        data = source.path.read_bytes().strip()
        value = loads(data)
    except (OSError, ValueError):
        return False
    return b"\n" in data and not (isinstance(value, list) and _RECORD_LINE.search(data))


def _named(arg: str, stdin: BinaryIO | None) -> list[Source]:
    if arg == "-":
        stream = stdin if stdin is not None else getattr(sys.stdin, "buffer", None)
        if stream is None:
            raise UnreadableInput(STDIN, "is closed")
        return [Source(STDIN, stream=stream)]
    if is_url(arg):
        return [Source(remote.name, size, remote=remote) for remote, size in find_remote(arg, _is_log)]
    path = Path(arg)
    if not os.path.lexists(path) and glob.has_magic(arg):
        matches = sorted(match for match in glob.glob(arg, recursive=True) if os.path.isfile(match))
        if not matches:
            raise UnreadableInput(arg, "no file matches")
        return [_file(match, Path(match)) for match in matches]
    if path.is_dir():
        files = _files_in(path)
        if not files:
            raise UnreadableInput(arg, "no files in this folder")
        return [_file(str(file), file, in_folder=True) for file in files]
    return [_file(arg, path)]


def _file(name: str, path: Path, *, in_folder: bool = False) -> Source:
    try:
        status = path.stat()
        if stat.S_ISREG(status.st_mode):
            with open(path, "rb"):
                return Source(name, status.st_size, path=path, in_folder=in_folder)
        if stat.S_ISFIFO(status.st_mode):  # `<(command)`, /dev/stdin
            return Source(name, path=path)
    except (OSError, ValueError) as error:
        raise UnreadableInput(name, _reason(error)) from None
    raise UnreadableInput(name, "a device or socket, not a file", hint="floodscan reads files, folders and pipes")


def _files_in(folder: Path) -> list[Path]:
    """Regular files under `folder`, hidden ones left out; no link is followed that leads out of it."""
    root = os.path.realpath(folder)
    found = []
    for here, folders, files in os.walk(folder, followlinks=False):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in files:
            path = Path(here, name)
            inside = os.path.realpath(path).startswith(os.path.join(root, ""))
            if inside and _is_log(name) and _is_regular(path):
                found.append(path)
    return sorted(found)


def _is_log(name: str) -> bool:
    """Whether a file of a folder is one, by its name."""
    return not name.startswith(".") and LOG_NAME.search(name) is not None


def _is_regular(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return False


def _identity(source: Source) -> tuple[int, int] | str | None:
    if source.remote is not None:
        return source.remote.url
    if source.path is None:
        return None
    status = source.path.stat()
    return status.st_dev, status.st_ino


def _reason(error: OSError | ValueError) -> str:
    if isinstance(error, RemoteError):
        return str(error.strerror)
    if isinstance(error, OSError) and error.errno is not None:
        return _REASONS.get(error.errno) or os.strerror(error.errno).lower()
    return "not a usable file name"


def _reader(file: BinaryIO) -> Callable[[int], bytes]:
    """A read that returns what is there, at most so many bytes, and nothing only at the end."""
    for name in ("read1", "read"):
        read: Callable[[int], bytes] | None = getattr(file, name, None)
        if read is not None:
            return read
    raise TypeError("not a binary stream")
