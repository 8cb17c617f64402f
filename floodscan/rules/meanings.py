"""What the causes mean that no rule names, since detectors tell them from the structure of a log."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from floodscan.rules.digest import table
from floodscan.value import frozen


@frozen
class Meaning:
    """Of one cause: what it is, how it is told, and what to do, each step after its kind."""

    what: str
    told: str
    steps: tuple[str, ...]


@lru_cache(maxsize=1)
def meanings() -> Mapping[str, Meaning]:
    """By the id of the cause (`data/meanings.toml`)."""
    tables = table("meanings.toml")
    return {id: Meaning(table["what"], table["told"], tuple(table["do"])) for id, table in tables.items()}
