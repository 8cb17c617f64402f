"""Which steps to give for a rule: chosen by the failure's role, for the same code means another thing in each."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache

from floodscan.model import Role
from floodscan.rules.digest import table
from floodscan.rules.load import remediation_of
from floodscan.rules.rule import KINDS, WHENS, Remediation, Rule, When


def remedies(
    rule: Rule, role: Role, dependency: str | None = None, whens: Collection[When] = WHENS
) -> tuple[Remediation, ...]:
    """The steps for a failure that `rule` knows, in this role: stop, then fix, then watch.

    dependency: what `dependency_of` says; steps for another dependency are left out. whens: what the log shows of a
    retry. A rule without a step for the
    role gets the role's own (`data/roles.toml`); () where there are none, as for a symptom.
    """
    ours = _fitting(rule.remediation, role, dependency, whens)
    return ours or _fitting(_by_role(), role, dependency, whens)


def _fitting(
    steps: tuple[Remediation, ...], role: Role, dependency: str | None, whens: Collection[When]
) -> tuple[Remediation, ...]:
    fitting = [
        step
        for step in steps
        if role in step.roles and step.when in whens and (not step.dependency or dependency in step.dependency)
    ]
    return tuple(sorted(fitting, key=lambda step: KINDS.index(step.kind)))


@lru_cache(maxsize=1)
def _by_role() -> tuple[Remediation, ...]:
    raw = table("roles.toml")
    return tuple(remediation_of("roles.toml", entry) for entry in raw["remediation"])
