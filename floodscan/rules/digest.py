"""What the files of this folder say, read once when floodscan was built: reading TOML takes a tenth of a start.

`build` writes the digest; without one, as in a clone that was not installed, the files themselves are read.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
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
    """A rule as `build` packed it: what is not named is as it is by default."""
    samples = raw["samples"]
    parts: dict[str, Any] = {
        "match": tuple([Match(**_plain(match)) for match in raw["match"]]),
        "remediation": tuple([Remediation(**_plain(step)) for step in raw["remediation"]]),
        "references": tuple(raw.get("references", ())),
        "samples": Samples(samples.get("origin", ""), *(tuple(samples.get(key, ())) for key in ("match", "miss"))),
    }
    return Rule(**raw | parts)


def _plain(raw: dict[str, Any]) -> dict[str, Any]:
    """The fields of a match or a remedy, their lists as what they were packed of."""
    return {key: _UNPACK[key](packed) if key in _UNPACK else packed for key, packed in raw.items()}


def _patterns(raw: list[dict[str, Any]]) -> tuple[Pattern, ...]:
    return tuple([Pattern(**one | {"needles": tuple(one["needles"])}) for one in raw])


def _details(raw: list[Any]) -> tuple[tuple[str, tuple[Pattern, ...]], ...]:
    return tuple([(name, _patterns(some)) for name, some in raw])


_UNPACK: Mapping[str, Callable[[Any], object]] = {
    **dict.fromkeys(("codes", "types", "status", "dependency"), frozenset),
    **dict.fromkeys(("message", "stack", "logger"), _patterns),
    "details": _details,
    "roles": tuple,
}
