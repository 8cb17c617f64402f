"""What to change in a logger, by the family of its log. Knowledge in `data/loggers.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from floodscan.rules.digest import table
from floodscan.value import frozen


@frozen
class Logger:
    """Advice on one logger, a sentence's end each."""

    clock: str
    """How its times get milliseconds."""
    redact: str
    """How `{field}` is kept out."""
    url: str
    """How the query of a URL is kept out."""
    reference: str


@lru_cache(maxsize=1)
def _known() -> tuple[Logger, Mapping[str, Logger]]:
    """The general advice, and that for each family."""
    raw = table("loggers.toml")["logger"]
    fields = ("clock", "redact", "url", "reference")
    general, *narrower = (
        (one["families"], Logger(**{name: one.get(name, raw[0][name]) for name in fields})) for one in raw
    )
    return general[1], {family: logger for families, logger in narrower for family in families}


def advice_on(family: str) -> Logger:
    """The advice on the logger that writes a family of logs; the general one for a family that tells none."""
    general, known = _known()
    return known.get(family, general)
