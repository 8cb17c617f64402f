"""The literals of which one stands in every text that holds a secret of a known form: most texts have none of them.

Numbers of persons, lines of keys and base64 have none, and are looked for by themselves.
"""

from __future__ import annotations

from collections.abc import Iterable

from floodscan.redact.flags import NEEDLES as FLAGS
from floodscan.redact.forms import FORMS
from floodscan.redact.keyed import NEEDLES as KEYS
from floodscan.redact.params import NEEDLES as PARAMS

_SIGNS = "_-%=:.@"
"""Characters of which most texts lack some; a literal is looked for only where its own stands."""


def _shortest(literals: Iterable[str]) -> tuple[str, ...]:
    """The first words of those that hold no other one, for that one is found first."""
    shortest: list[str] = []
    for one in sorted(set(literals), key=len):
        if not any(other in one for other in shortest):
            shortest.append(one)
    return tuple(sorted(one.partition(" ")[0] for one in shortest))


LITERALS = _shortest(
    (
        *PARAMS,
        *FLAGS,
        *KEYS,
        *(needle.lower() for form in FORMS for needle in form.needles),
        "-----begin",
        "eyj",  # of JWTs
        "zxlk",
        "ssn",
        "social",
    )
)
"""In lower case."""


def _by_sign() -> tuple[tuple[str, tuple[str, ...]], ...]:
    groups: dict[str, list[str]] = {}
    for literal in LITERALS:
        groups.setdefault(next((sign for sign in _SIGNS if sign in literal), ""), []).append(literal)
    return tuple((sign, tuple(group)) for sign, group in groups.items())


_BY_SIGN = _by_sign()


def holds_literal(lower: str) -> bool:
    """Whether one of them stands in a text, of which this is the lower case."""
    for sign, literals in _BY_SIGN:
        if sign in lower:
            for literal in literals:
                if literal in lower:
                    return True
    return False
