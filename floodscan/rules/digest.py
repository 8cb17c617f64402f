"""What the files of this folder say, read once when floodscan was built: reading TOML takes a tenth of a start.

`build` writes the digest; without one, as in a clone that was not installed, the files themselves are read.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

from floodscan.rules.patterns import Pattern
from floodscan.rules.rule import Match, Remediation, Rule, Samples

FOLDER = Path(__file__).parent
NAME = "digest.json"
MADE_OF = (".toml", ".py")


def table(name: str) -> Mapping[str, Any]:
    """What a file of `data/` says."""
    found = digest()
    if found is not None:
        known: Mapping[str, Any] = found["data"][name]
        return known
    return read_table(FOLDER, name)


def read_table(folder: Path, name: str) -> dict[str, Any]:
    """A file of `data/` as it is."""
    import tomllib  # where there is a digest, no TOML is read

    return tomllib.loads((folder / "data" / name).read_text("utf-8"))


def rules() -> list[Rule] | None:
    """The rules of the package by the names of their files; None where they have to be read from those."""
    found = digest()
    return None if found is None else [unpacked(rule) for rule in found["rules"]]


@lru_cache(maxsize=1)
def digest() -> dict[str, Any] | None:
    """The digest of the package; None where there is none."""
    return read(FOLDER)


def read(folder: Path) -> dict[str, Any] | None:
    """The digest in a folder; None where it has none, or one of other files than those that lie there now."""
    try:
        data = (folder / NAME).read_bytes()
    except OSError:
        return None
    import orjson

    try:
        found: dict[str, Any] = orjson.loads(data)
    except ValueError:
        return None
    return found if isinstance(found, dict) and found.get("of") == fingerprint(folder) else None


def fingerprint(folder: Path) -> str:
    """A hash of every file that the digest depends on: what it says, and how it is read."""
    known = blake2b(digest_size=16)
    for place in (str(folder), str(folder / "data")):
        for name in sorted(os.listdir(place)):  # by hand: a hundred paths made and compared are half of the time
            if name.endswith(MADE_OF):
                with open(os.path.join(place, name), "rb", buffering=0) as file:
                    content = file.read()
                known.update(f"{name} {len(content)}\n".encode())
                known.update(content)
    return known.hexdigest()


def unpacked(raw: dict[str, Any]) -> Rule:
    """A rule as `build` packed it."""
    return Rule(
        **{
            **raw,
            "match": tuple(map(_match, raw["match"])),
            "remediation": tuple(map(_remediation, raw["remediation"])),
            "references": tuple(raw["references"]),
            "samples": Samples(raw["samples"]["origin"], *(tuple(raw["samples"][key]) for key in ("match", "miss"))),
        }
    )


def _match(raw: dict[str, Any]) -> Match:
    sets: dict[str, Any] = {key: frozenset(raw[key]) for key in ("codes", "types", "status", "dependency")}
    patterns: dict[str, Any] = {key: _patterns(raw[key]) for key in ("message", "stack", "logger")}
    details = tuple((name, _patterns(some)) for name, some in raw["details"])
    return Match(**sets, **patterns, details=details, fallback=raw["fallback"])


def _patterns(raw: list[dict[str, Any]]) -> tuple[Pattern, ...]:
    return tuple(Pattern(one["source"], one["bounded"], tuple(one["needles"]), one["ignore_case"]) for one in raw)


def _remediation(raw: dict[str, Any]) -> Remediation:
    return Remediation(**{**raw, "roles": tuple(raw["roles"]), "dependency": frozenset(raw["dependency"])})
