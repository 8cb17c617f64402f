"""What the causes mean that no rule names, since detectors tell them from the structure of a log."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files

from floodscan.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Meaning:
    """Of one cause: what it is, how it is told, and what to do, each step after its kind."""

    what: str
    told: str
    steps: tuple[str, ...]


@lru_cache(maxsize=1)
def meanings() -> Mapping[str, Meaning]:
    """By the id of the cause (`data/meanings.toml`)."""
    tables = tomllib.loads(files(__package__).joinpath("data", "meanings.toml").read_text("utf-8"))
    return {id: Meaning(table["what"], table["told"], tuple(table["do"])) for id, table in tables.items()}
