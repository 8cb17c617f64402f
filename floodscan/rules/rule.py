"""A rule: one TOML file that knows one way in which software fails. `load` makes it, `match` applies it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field
from typing import Literal, get_args

from floodscan.model import Role
from floodscan.regex import regex
from floodscan.rules.patterns import Pattern
from floodscan.value import frozen

Layer = Literal[
    "client", "auth", "network", "dependency", "config", "deploy", "code", "data", "capacity", "infrastructure",
    "logging", "noise",
]  # fmt: skip
LAYERS: tuple[Layer, ...] = get_args(Layer)

Retry = Literal["never", "maybe", "worse", "-"]
"""Whether trying again can heal it; `worse` where the retry feeds it, `-` where the question makes no sense."""
RETRIES: tuple[Retry, ...] = get_args(Retry)

Kind = Literal["stop", "fix", "watch"]
KINDS: tuple[Kind, ...] = get_args(Kind)
When = Literal["always", "retried", "no-backoff", "backs-off"]
"""When a step is given: only where the log shows that somebody tries again; and that without a pause that grows, or with."""
WHENS: tuple[When, ...] = get_args(When)
ROLES: tuple[Role, ...] = get_args(Role)

PLACEHOLDERS = (
    "address", "code", "column", "constraint", "dependency", "hint", "host", "kind", "message", "port", "setting",
    "site", "status", "table", "type", "url",
)  # fmt: skip
"""What a text of a rule may ask of the evidence."""

HOLE = regex(r"\{([a-z]{1,20})\|([^{}|]{0,120})\}")
"""`{name|words that stand in when the log does not say}`."""


def fill(text: str, facts: Mapping[str, str]) -> str:
    """`text` with each `{name|default}` replaced by the fact of that name, or by its default where there is none."""
    return HOLE.sub(lambda hole: _filled(hole, facts), text)


def _filled(hole: re.Match[str], facts: Mapping[str, str]) -> str:
    value = facts.get(hole[1]) or hole[2]
    # `the mail server` begins a sentence with a capital; an address or a message stays as it is.
    return value[:1].upper() + value[1:] if hole[1] == "dependency" and hole.start() == 0 else value


@frozen
class Match:
    """One way to recognise the failure: every key given must hold, and of a key any one value."""

    codes: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()
    status: frozenset[int] = frozenset()
    message: tuple[Pattern, ...] = ()
    """Searched in the messages, the error's own, those of its causes, and its details and hint."""
    stack: tuple[Pattern, ...] = ()
    logger: tuple[Pattern, ...] = ()
    dependency: frozenset[str] = frozenset()
    """Names that `dependency_of` may give."""
    details: tuple[tuple[str, tuple[Pattern, ...]], ...] = ()
    fallback: bool = False
    """Only for want of anything better: stands behind every hit that is not a fallback."""

    @property
    def keys(self) -> int:
        """How many keys must hold: the more, the narrower."""
        plain = (self.codes, self.types, self.status, self.message, self.stack, self.logger, self.dependency)
        return sum(map(bool, plain)) + len(self.details)


@frozen
class Remediation:
    """One step of the remedy, for a failure in one of these roles."""

    id: str
    """Unique within its rule."""
    kind: Kind
    step: str
    roles: tuple[Role, ...] = ("root-cause", "hypothesis")
    dependency: frozenset[str] = frozenset()
    """Given only where the evidence names one of these; empty means always."""
    when: When = "always"


@frozen
class Samples:
    """Raw log lines (or records of several lines) of real software, and where they come from."""

    origin: str = ""
    match: tuple[str, ...] = ()
    miss: tuple[str, ...] = ()


@frozen
class Rule:
    """What floodscan knows about one kind of failure. Texts may hold `{name|default}` placeholders."""

    id: str
    cause: str
    layer: Layer
    retry: Retry
    title: str
    summary: str
    looks_like: str
    probe: str
    match: tuple[Match, ...]
    remediation: tuple[Remediation, ...]
    references: tuple[str, ...] = ()
    samples: Samples = field(default=Samples(), repr=False)
    file: str = ""
    """Where it was read, for error messages and `rules show`."""
    builtin: bool = False
    """Whether it is one of the package's."""
