"""The source files of a folder, in a fixed order and within bounds: what git ignores, libraries and builds left out."""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Iterator
from dataclasses import field
from itertools import islice
from pathlib import PurePosixPath
from typing import Final

from pathspec import GitIgnoreSpec

from floodscan.code.languages import LANGUAGES
from floodscan.errors import UsageError
from floodscan.value import mutable

MAX_FILES: Final = 20_000
MAX_ENTRIES: Final = 400_000
"""Names looked at, source or not."""
MAX_BYTES: Final = 256 << 20
MAX_FILE: Final = 1 << 20
"""Bytes of one file: what is larger was written by a program."""
MAX_DEPTH: Final = 40
_MAX_IGNORE: Final = 64 << 10
_MAX_STARS: Final = 6
"""Bytes of an ignore file, and stars of a pattern in it: each star multiplies the time that a match may take."""
_LONG_LINES: Final = 500
"""Bytes of a minified file's lines, in the mean."""
_TESTS: Final = frozenset(
    "test tests spec specs __tests__ __mocks__ fixtures testdata e2e mocks examples example docs".split()
)

SKIPPED_FOLDERS: Final = frozenset(
    "node_modules bower_components jspm_packages dist build out target vendor venv env __pycache__ site-packages "
    "coverage htmlcov Pods DerivedData obj Debug Release".split()
)
"""Beside those whose name begins with a dot."""


def check_folder(root: str) -> None:
    """Raises UsageError where `root` is no folder that can be read."""
    if not os.path.isdir(root):
        raise UsageError(f"--code {root}: no such folder", hint="name the folder that holds the source")
    if not os.access(root, os.R_OK | os.X_OK):
        raise UsageError(f"--code {root}: permission denied")


@mutable
class Tree:
    """A folder, and what was met while it was walked: counts by what stood against reading."""

    root: str
    files: list[str] = field(default_factory=list)
    """Paths of source files that were read, from the root, with `/`."""
    bytes: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    """`unreadable`, `over 1 MiB`, `minified or binary`."""
    cap: tuple[str, int] | None = None
    """The bound at which the walk ended (what, how many); None where it saw everything."""

    def texts(self) -> Iterator[tuple[str, str]]:
        """(path, text) of every source file, folder by folder, by name. Never raises for what it finds."""
        entries = 0
        rules = _Rules()
        folders = [("", 0)]
        while folders:
            folder, depth = folders.pop()
            found = self._entries(folder)
            entries += len(found)
            if entries > MAX_ENTRIES:
                self.cap = ("names in the code folder", MAX_ENTRIES)
                return
            if any(entry.name == ".gitignore" for entry in found):
                rules.read(folder, _read(os.path.join(self.root, folder, ".gitignore"), _MAX_IGNORE))
            below = []
            for entry in found:
                path = f"{folder}/{entry.name}" if folder else entry.name
                if is_folder(entry):
                    if not _is_skipped(entry.name) and depth < MAX_DEPTH and not rules.ignored(path + "/"):
                        below.append((path, depth + 1))
                elif _extension(entry.name) in LANGUAGES and not rules.ignored(path):
                    text = self._text(path)
                    if text is not None:
                        yield path, text
                    if self.cap is not None:
                        return
            folders += reversed(below)

    def read(self, path: str) -> str | None:
        """The text of one of `files`, once more."""
        data = _read(os.path.join(self.root, path), MAX_FILE)
        return None if data is None else data.decode("utf-8", "replace")

    def _entries(self, folder: str) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(os.path.join(self.root, folder)) as entries:
                return sorted(islice(entries, MAX_ENTRIES + 1), key=lambda entry: entry.name)
        except OSError:
            self.left_out["unreadable"] += 1
            return []

    def _text(self, path: str) -> str | None:
        if len(self.files) >= MAX_FILES:
            self.cap = ("source files", MAX_FILES)
            return None
        if self.bytes >= MAX_BYTES:
            self.cap = ("bytes of source", MAX_BYTES)
            return None
        data = _read(os.path.join(self.root, path), MAX_FILE + 1)
        if data is None:
            self.left_out["unreadable"] += 1
        elif len(data) > MAX_FILE:
            self.left_out["over 1 MiB"] += 1
        elif b"\0" in data or len(data) > _LONG_LINES * (data.count(b"\n") + 2):
            self.left_out["minified or binary"] += 1
        else:
            self.files.append(path)
            self.bytes += len(data)
            return data.decode("utf-8", "replace")
        return None


class _Rules:
    """The `.gitignore` files met so far: the deepest one that says anything of a path decides."""

    def __init__(self) -> None:
        self._specs: dict[str, GitIgnoreSpec] = {}

    def read(self, folder: str, data: bytes | None) -> None:
        lines = (data or b"").decode("utf-8", "replace").splitlines()
        patterns = [line for line in lines if line.count("*") <= _MAX_STARS and "\0" not in line]
        try:
            self._specs[folder] = GitIgnoreSpec.from_lines(patterns)
        except Exception:  # a pattern too odd or too large, in the words of pathspec's backend: re's, re2's, ...
            return

    def ignored(self, path: str) -> bool:
        if not self._specs:
            return False
        folder = path.rstrip("/")
        while folder:
            folder = folder.rpartition("/")[0]
            spec = self._specs.get(folder)
            if spec is not None:
                said = spec.check_file(path[len(folder) + 1 if folder else 0 :]).include
                if said is not None:
                    return said
        return False


def is_test(path: str) -> bool:
    """Whether a file is a test, an example or documentation: what runs comes first."""
    pure = PurePosixPath(path)
    name = pure.name.lower()
    return not _TESTS.isdisjoint(part.lower() for part in pure.parts[:-1]) or (
        ".test." in name or ".spec." in name or name.startswith("test_") or "_test." in name or "_spec." in name
    )


def is_folder(entry: os.DirEntry[str]) -> bool:
    """Whether it is a folder, and no link to one."""
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False


def _is_skipped(name: str) -> bool:
    return name.startswith(".") or name in SKIPPED_FOLDERS


def _extension(name: str) -> str:
    return "" if ".min." in name else name.rpartition(".")[2].lower() if "." in name else ""


def read_within(root: str, path: str, limit: int) -> bytes | None:
    """At most `limit` bytes of a file below a folder that no symbolic link leads out of; None where it is none."""
    full = os.path.join(root, path)
    try:
        inside = os.path.realpath(full).startswith(os.path.join(os.path.realpath(root), ""))
    except (OSError, ValueError):
        return None
    return _read(full, limit) if inside else None


def _read(path: str, limit: int) -> bytes | None:
    """At most `limit` bytes of a regular file that is no symbolic link; None where it is something else."""
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except (OSError, ValueError):
        return None
    with os.fdopen(handle, "rb") as file:
        try:
            return file.read(limit) if stat.S_ISREG(os.fstat(handle).st_mode) else None
        except OSError:
            return None
