"""From a line of built JavaScript to the line it was written on, by the source map beside it (ECMA-426).

A map is a file of the code's folder like any other: hostile, perhaps. Nothing is fetched, nothing outside the folder
is read, and what is too large or broken maps nothing.
"""

from __future__ import annotations

import base64
import binascii
import os
import posixpath
from collections.abc import Mapping
from itertools import islice
from typing import Any, Final, NamedTuple
from urllib.parse import unquote

import orjson

from floodscan.code.paths import Files, plain
from floodscan.code.tree import SKIPPED_FOLDERS, is_folder, read_within
from floodscan.regex import regex

MAX_MAP: Final = 16 << 20
"""Bytes of a map, or of a built file that carries or names its own."""
MAX_DECODED: Final = 64 << 20
"""Characters of mappings that are decoded in a run, each time a place is asked for counted: seconds."""
_MEMO: Final = 65_536
_MAX_VALUE: Final = 1 << 31
"""A number in a map is 32 bits wide."""
_FIELDS: Final = 5
MAX_NAMES: Final = 100_000
"""Names of a folder, source or not, among which built files are looked for."""
_NAME: Final = b"sourceMappingURL="
_INLINE: Final = regex(rb"data:application/json;(?:charset=[\w-]{1,20};)?base64,")
_BUILT: Final = (".js", ".mjs", ".cjs")
_SKIPPED: Final = SKIPPED_FOLDERS - {"dist", "build", "out", "target"}
_HIDDEN: Final = frozenset((".next", ".output"))
_DIGITS: Final = {
    sign: value for value, sign in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
}


class Written(NamedTuple):
    """Where something was written: the source's path as the map has it, from the code's folder, and the line."""

    path: str
    line: int


class SourceMaps:
    """The source maps below a folder, each read when a stack first names its file."""

    def __init__(self, root: str) -> None:
        self._root = root
        self._files: Files | None = None
        self._maps: dict[str, _Map | None] = {}
        self._left = MAX_DECODED

    @property
    def cut(self) -> bool:
        """Whether the bound on decoding was reached."""
        return self._left <= 0

    def find(self, file: str, line: int, column: int | None) -> Written | None:
        """Where the built line was written; None where its file has no map here, or the map does not say.

        `line` and `column` count from 1, as stacks do. Without a column the line's first place is taken.
        """
        if not file.endswith(_BUILT) or self.cut:
            return None
        if self._files is None:
            self._files = Files(_built_files(self._root), os.path.basename(os.path.abspath(self._root)))
        built = self._files.find(file, own=True)
        if built is None or not built.exact or built.candidates > 1:
            return None
        if built.path not in self._maps:
            self._maps[built.path] = _read(self._root, built.path)
        found = self._maps[built.path]
        if found is None:
            return None
        self._left -= len(found.mappings)
        return found.find(line - 1, None if column is None else column - 1)


class _Map:
    """One map: the texts of its mappings, and its sources from the code's folder."""

    def __init__(self, raw: Mapping[str, Any], folder: str) -> None:
        sources, root, mappings = raw.get("sources"), raw.get("sourceRoot"), raw.get("mappings")
        self.mappings = mappings if isinstance(mappings, str) and mappings.isascii() else ""
        base = root if isinstance(root, str) else ""
        self.sources = [
            _resolved(folder, base, source) if isinstance(source, str) else None
            for source in (sources if isinstance(sources, list) else ())
        ]

    def find(self, line: int, column: int | None) -> Written | None:
        """The place of the last mapping that begins at or before the column, all counted from 0."""
        source = written = 0
        memo: dict[str, tuple[int, ...] | None] = {}
        for number, row in enumerate(self.mappings.split(";")):
            at, found = 0, None
            for segment in row.split(",") if row else ():
                if segment not in memo:
                    if len(memo) >= _MEMO:
                        memo.clear()
                    memo[segment] = decoded(segment)
                fields = memo[segment]
                if fields is None:
                    return None
                at += fields[0]
                if number == line and column is not None and at > column:
                    break
                if len(fields) > 1:
                    source += fields[1]
                    written += fields[2]
                    found = (source, written) if number != line or column is not None or found is None else found
                else:
                    found = found if column is None else None
            if number == line:
                return self._place(*found) if found is not None else None
        return None

    def _place(self, source: int, line: int) -> Written | None:
        path = self.sources[source] if 0 <= source < len(self.sources) else None
        return Written(path, line + 1) if path is not None and 0 <= line < _MAX_VALUE else None


def decoded(segment: str) -> tuple[int, ...] | None:
    """The numbers of a segment of mappings, base 64 VLQ: 1, 4 or 5 of them; None where it is none."""
    numbers: list[int] = []
    value = shift = 0
    for sign in segment:
        digit = _DIGITS.get(sign)
        if digit is None or shift > 30:
            return None
        value |= (digit & 31) << shift
        if digit & 32:
            shift += 5
            continue
        numbers.append(-(value >> 1) if value & 1 else value >> 1)
        value = shift = 0
        if len(numbers) > _FIELDS:
            return None
    return tuple(numbers) if not shift and len(numbers) in (1, 4, _FIELDS) else None


def _built_files(root: str) -> list[str]:
    """The JavaScript files of a folder, libraries left out."""
    found, names, folders = [], 0, [""]
    while folders and names < MAX_NAMES:
        folder = folders.pop()
        try:
            with os.scandir(os.path.join(root, folder)) as entries:
                inside = sorted(islice(entries, MAX_NAMES), key=lambda entry: entry.name)
        except OSError:
            continue
        names += len(inside)
        for entry in inside:
            path = f"{folder}/{entry.name}" if folder else entry.name
            if is_folder(entry):
                if entry.name in _HIDDEN or not (entry.name in _SKIPPED or entry.name.startswith(".")):
                    folders.append(path)
            elif entry.name.endswith(_BUILT):
                found.append(path)
    return found


def _read(root: str, built: str) -> _Map | None:
    """The map of a built file, beside it or within it; None where there is none that can be used."""
    data = read_within(root, built + ".map", MAX_MAP)
    folder = posixpath.dirname(built)
    if data is None:
        name = _name_in(read_within(root, built, MAX_MAP) or b"")
        inline = _INLINE.match(name)
        if inline is not None:
            data = _unpacked(name[inline.end() :])
        elif name and b":" not in name and not name.startswith(b"/"):
            path = posixpath.normpath(posixpath.join(folder, unquote(name.decode("utf-8", "replace"))))
            data, folder = read_within(root, path, MAX_MAP), posixpath.dirname(path)
    if data is None or len(data) >= MAX_MAP:
        return None
    try:
        raw = orjson.loads(data.removeprefix(b")]}'").lstrip())
    except orjson.JSONDecodeError:
        return None
    return _Map(raw, folder) if isinstance(raw, dict) else None


def _name_in(code: bytes) -> bytes:
    """What the comment in a built file's last line names as its map; empty where there is none."""
    at = code.rfind(_NAME)
    named = code[at + len(_NAME) :].strip() if at >= 0 and code[:at].rstrip().endswith((b"//#", b"//@")) else b""
    return named if len(named.split(maxsplit=1)) == 1 else b""


def _unpacked(text: bytes) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        return None


def _resolved(folder: str, base: str, source: str) -> str | None:
    """A source's path from the code's folder; None where it lies outside, or in a library."""
    path = plain(source)
    if path == source and not os.path.isabs(source):
        path = posixpath.normpath(posixpath.join(folder, "" if "://" in base else base, source))
    return None if path.startswith("../") or "node_modules/" in path or "\0" in path else path
