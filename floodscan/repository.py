"""Which names of a report are files of the repository, and where they are in it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from floodscan.model import Report

LEAST = 2
"""Parts of a path that must be found again: `index.js` alone is in every repository."""
NAMES = 200_000
"""Names of a repository looked at, to see that no second file fits: in a larger one nothing is pointed to by its end."""
LARGEST = 4 << 20
"""Bytes of a file whose lines are counted: no call site is in a larger one."""
FOREIGN = frozenset(("node_modules", "site-packages", "vendor"))
"""Folders of other people's code; those whose name begins with a dot are passed over too."""


def root(start: Path, env: Mapping[str, str] = os.environ) -> Path:
    """The checkout of a CI job, else the repository around `start`, else `start`."""
    checkout = env.get("GITHUB_WORKSPACE") or env.get("CI_PROJECT_DIR")
    if checkout and Path(checkout).is_dir():
        return Path(checkout).resolve()
    here = start.resolve()
    return next((folder for folder in (here, *here.parents) if (folder / ".git").exists()), here)


def files_of(report: Report, top: Path, start: Path, code: str | None = None) -> dict[str, str]:
    """Call sites and sources that lie under `top`: the name in the report -> the path in the repository.

    A service logs the paths of its own image, `/app/backend/src/db.js`: the longest end of it that is a file here is
    taken for it, if no other file here ends so and it has the lines; else it is another product's. With the folder of
    the code (`--code`), call sites are named from there. Sources are where they are, seen from `start`.
    """
    found: dict[str, str] = {}
    lines: dict[str, int] = {}
    for place in (place for finding in report.findings for place in finding.locations):
        lines[place.file] = max(lines.get(place.file, 0), place.line or 0)
    by_end: dict[str, str] = {}
    for site, last in lines.items():
        named = next((name for name in _below(code, site, top, start) if _is_file(top, name)), None)
        end = next((name for name in _ends(site) if _is_file(top, name)), None)
        if named is not None:
            found[site] = named
        elif end is not None and _has_line(top / end, last):
            by_end[site] = end
    alone = _alone(top, set(by_end.values()))
    found.update((site, end) for site, end in by_end.items() if end in alone)
    for source in report.input.sources:
        path = Path(os.path.normpath(start.resolve() / source))
        if path.is_relative_to(top) and _is_file(top, str(path.relative_to(top))):
            found[source] = path.relative_to(top).as_posix()
    return found


def _below(code: str | None, site: str, top: Path, start: Path) -> Iterator[str]:
    """The path in the repository of a call site that is named from the folder of the code."""
    if code is not None:
        path = Path(os.path.normpath(start.resolve() / code / site))
        if path.is_relative_to(top):
            yield path.relative_to(top).as_posix()


def _ends(site: str) -> Iterator[str]:
    """`a/b/c.js`, `b/c.js`; nothing for a path that leads elsewhere."""
    parts = [part for part in site.removeprefix("file://").replace("\\", "/").split("/") if part not in ("", ".")]
    if ".." not in parts:
        yield from ("/".join(parts[i:]) for i in range(len(parts) - LEAST + 1))


def _has_line(path: Path, line: int) -> bool:
    """Whether the file has so many lines: a stack may name another product's `src/index.js`."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError:
        return False
    return len(data) <= LARGEST and line <= data.count(b"\n") + (not data.endswith(b"\n"))


def _alone(top: Path, names: set[str]) -> set[str]:
    """Those of `names` that no other file under `top` ends with."""
    last = {name.rpartition("/")[2] for name in names}
    seen = 0
    alone = set(names)
    for here, folders, files in os.walk(top) if names else ():
        seen += len(folders) + len(files)
        if seen > NAMES:
            return set()
        folders[:] = [name for name in folders if not name.startswith(".") and name not in FOREIGN]
        for file in last.intersection(files):
            path = Path(here, file).relative_to(top).as_posix()
            alone.difference_update(name for name in names if name != path and path.endswith(f"/{name}"))
    return alone


def _is_file(top: Path, name: str) -> bool:
    try:
        return (top / name).is_file()
    except (OSError, ValueError):
        return False
