"""The front door of decoding: the facts of a source, and a text to its records by them.

A family is one file of this folder: JSON families have `ORDER`, text families `TEXT_ORDER`; each carries its samples.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple

from floodscan.decode.json_record import decode_json_many, glance_json
from floodscan.decode.times import Instant
from floodscan.model import Record
from floodscan.value import frozen


class TextFamily(NamedTuple):
    """A module of this folder that reads a family of text logs."""

    name: str
    order: int
    samples: tuple[str, ...]
    decode: Callable[..., Record | None]


@frozen
class Facts:
    """What is true of a whole source, fixed from its first megabyte: lines are decoded by them, none changes them."""

    families: tuple[str, ...] = ()
    """Text families in the order to try; those not named follow in their fixed order."""
    utc_offset_ms: int = 0
    """Zone of times that name none: local minus UTC."""
    dated: bool = True
    """False where the source's clock shows no date (or no year), so that a time needs its neighbours."""
    reversed: bool = False
    """True where the newest record comes first."""
    clock: bool = True
    """False where no record shows a time."""


def decode(text: str, facts: Facts) -> list[Record]:
    """The records of an unwrapped text: one, or several of an OTLP batch. Free text comes last, and never fails."""
    if text[:1] == "{":
        records = decode_json_many(text, utc_offset_ms=facts.utc_offset_ms)
        if records:
            return records
    return [_decode_text(text, facts)]


def glance(text: str, facts: Facts) -> tuple[str, Instant | None]:
    """Family and own time of the first record that `decode` gives of a text."""
    seen = glance_json(text, utc_offset_ms=facts.utc_offset_ms) if text[:1] == "{" else None
    if seen is not None:
        return seen
    record = _decode_text(text, facts)
    return record.family, own_time(record)


def own_time(record: Record) -> Instant | None:
    """The time that a record shows itself."""
    return None if record.time is None else Instant(record.time, record.dated, record.subsecond)


def _decode_text(text: str, facts: Facts) -> Record:
    for family in _in_order(facts.families):
        record = family.decode(text, utc_offset_ms=facts.utc_offset_ms)
        if record is not None:
            return record
    raise AssertionError("free text takes everything")


def first_family(facts: Facts) -> str:
    """The family that is tried first of a text."""
    return _in_order(facts.families)[0].name


@cache
def text_families() -> tuple[TextFamily, ...]:
    """Every module of this folder that reads text (it has `TEXT_ORDER`), in that order; free text is the last."""
    found = []
    for info in pkgutil.iter_modules([str(Path(__file__).parent)]):
        module = importlib.import_module(f"{__package__}.{info.name}")
        if hasattr(module, "TEXT_ORDER"):
            found.append(TextFamily(module.NAME, module.TEXT_ORDER, module.SAMPLES, module.decode))
    return tuple(sorted(found, key=lambda family: (family.order, family.name)))


@cache
def _in_order(names: tuple[str, ...]) -> tuple[TextFamily, ...]:
    *strict, free = text_families()
    ranked = sorted(strict, key=lambda family: names.index(family.name) if family.name in names else len(names))
    return (*ranked, free)
