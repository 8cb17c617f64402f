"""From a path as a stack prints it to a path of the source: `file:///app/dist/main.js` is `src/main.ts`."""

from __future__ import annotations

from typing import Final, NamedTuple

from floodscan.regex import regex

_SCHEME: Final = regex(r"\A(?:file://(?=/)|webpack-internal:///|webpack://[^/]{0,80}/|rsc://[^/]{0,80}/|app:///)")
_ROOT: Final = regex(
    r"\A/(?:app|usr/src/app|usr/app|usr/src|usr/local/app|workspaces/[^/]+|workspace|home/runner/work/[^/]+/[^/]+|code|src(?=/src/)|srv/app|srv|"
    r"opt/app|opt/render/project/src|home/(?:node|app)/app|home/site/wwwroot|var/task|var/www/html|var/www/app|var/app/current|"
    r"deployments|application|project|build|source|go/src/app)/"
)
"""Where images, buildpacks and platforms put an application."""
_BUILT: Final = frozenset(("dist", "build", "out", "lib", "target", ".next", "server", "esm", "cjs"))
_SOURCES: Final = {"js": ("ts", "tsx", "jsx"), "mjs": ("mts", "ts"), "cjs": ("cts", "ts"), "jsx": ("tsx",)}
_TRUSTED: Final = 2
"""Last parts of a path that, the same in both, make it one file."""


class Place(NamedTuple):
    """A file of the source. `exact` is False where the stack named what was built from it: its lines are others."""

    path: str
    exact: bool
    candidates: int


def plain(file: str) -> str:
    """The path without its scheme and without the container's root, with `/`."""
    path = _SCHEME.sub("", file).replace("\\", "/")
    path = _ROOT.sub("", path)
    return path.removeprefix("./") or file


class Files:
    """The files of a tree by the end of their paths."""

    def __init__(self, paths: list[str], name: str) -> None:
        self._name = name
        """Of the tree's own folder."""
        self._by_name: dict[str, list[tuple[str, ...]]] = {}
        for path in paths:
            parts = tuple(path.split("/"))
            self._by_name.setdefault(parts[-1], []).append(parts)

    def find(self, file: str, *, own: bool) -> Place | None:
        """The file that a frame names. One that lies in a library (not `own`) must name the tree's folder, too."""
        parts = tuple(part for part in plain(file).split("/") if part not in ("", ".", ".."))
        if not parts:
            return None
        if not own:
            return self._library(parts)
        exact = self._longest(parts)
        if exact is not None:
            return Place(exact[0], True, exact[1])
        for other in _sources(parts):
            mapped = self._longest(other)
            if mapped is not None:
                return Place(mapped[0], False, mapped[1])
        return None

    def _longest(self, parts: tuple[str, ...]) -> tuple[str, int] | None:
        """The file whose path shares the longest end with `parts`, and how many share as much."""
        best, found = 0, list[tuple[str, ...]]()
        for candidate in self._by_name.get(parts[-1], ()):
            shared = _shared(candidate, parts)
            whole = shared == min(len(candidate), len(parts))
            if shared >= best and (whole or shared >= _TRUSTED):
                found = [*found, candidate] if shared == best else [candidate]
                best = shared
        if len(found) > 1:
            found = [
                one for one in found if len(one) == best
            ] or found  # the tree's own `server.js` before `a/server.js`
        return ("/".join(found[0]), len(found)) if found else None

    def _library(self, parts: tuple[str, ...]) -> Place | None:
        for candidate in self._by_name.get(parts[-1], ()):
            named = (self._name, *candidate)
            java = len(parts) > _TRUSTED and _shared(candidate, parts) == len(parts)
            if java or _shared(named, parts) == len(named):
                return Place("/".join(candidate), True, 1)
        return None


def _shared(a: tuple[str, ...], b: tuple[str, ...]) -> int:
    count = 0
    for one, other in zip(reversed(a), reversed(b), strict=False):
        if one != other:
            break
        count += 1
    return count


def _sources(parts: tuple[str, ...]) -> list[tuple[str, ...]]:
    """What a built file may have been built from: `dist/a/main.js` from `src/a/main.ts`, `a/main.ts`, ..."""
    stem, _, extension = parts[-1].rpartition(".")
    names = [f"{stem}.{other}" for other in _SOURCES.get(extension, ())] + [parts[-1]]
    folders = [parts[:-1]]
    for at, part in enumerate(parts[:-1]):
        if part in _BUILT:
            folders = [("src", *parts[at + 1 : -1]), parts[at + 1 : -1], *folders]
    return [(*folder, name) for folder in folders for name in names]
