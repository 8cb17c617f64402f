"""Which names of a report are files of the repository, and where they are in it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from floodscan.model import Report

LEAST = 2
"""Parts of a path that must be found again: `index.js` alone is in every repository."""


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
    taken for it; with the folder of the code (`--code`), call sites are named from there. Sources are where they are,
    seen from `start`.
    """
    found: dict[str, str] = {}
    for site in {place.file for finding in report.findings for place in finding.locations}:
        name = next((name for name in (*_below(code, site, top, start), *_ends(site)) if _is_file(top, name)), None)
        if name is not None:
            found[site] = name
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
        least = 1 if len(parts) == 1 else LEAST
        yield from ("/".join(parts[i:]) for i in range(len(parts) - least + 1))


def _is_file(top: Path, name: str) -> bool:
    try:
        return (top / name).is_file()
    except (OSError, ValueError):
        return False
