"""The policy of `check`: what its configuration may say, checked key by key, and how it is printed."""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, get_args

from floodscan.errors import UsageError
from floodscan.gate.budget import Budget, Per
from floodscan.model import Subject
from floodscan.regex import regex
from floodscan.value import frozen

BASELINE = "floodscan.baseline"
"""The baseline's name where none is given: beside the configuration, else in the working directory."""
HEADROOM = 50
"""Percent above today's count that an accepted thing may reach: a loop's count varies from run to run, and one that
doubles fails."""
EXPIRES_DAYS = 90

DEFAULTS: Mapping[str, Any] = {
    "fail_on": ("storm",),
    "baseline": BASELINE,
    "ratchet": False,
    "headroom": HEADROOM,
    "expires_days": EXPIRES_DAYS,
    "allow_empty": False,
    "tz": "UTC",
    "rules": (),
    "budget": (),
}
"""Every key of the configuration, in the order in which it is shown."""

SUBJECTS: tuple[Subject, ...] = ("signature", "cause", "rule")
BUDGET_KEYS = (*SUBJECTS, "max", "min", "per")
_SIGNATURE = regex(r"[0-9a-f]{12}")


@frozen
class Setting:
    """A value in force, and where it comes from: `default`, an option, or the configuration's file."""

    value: Any
    origin: str = "default"


Settings = Mapping[str, Setting]
"""By key, all of DEFAULTS."""


def settings(table: Mapping[str, Any], file: Path | None, given: Mapping[str, tuple[str, Any]]) -> Settings:
    """What is in force: an option that was given, else the configuration's key, else the default.

    table: the configuration as TOML gives it. given: (option, value) by key. Raises UsageError with file and key.
    """
    found = {key: Setting(value) for key, value in DEFAULTS.items()}
    if file is not None:
        _refuse_unknown(table, DEFAULTS, str(file))
        for key, value in table.items():
            found[key] = Setting(_CHECKS[key](value, file, f"{file}: {key}"), str(file))
        if "baseline" not in table:
            found["baseline"] = Setting(str(file.parent / BASELINE))
    for key, (option, value) in given.items():
        found[key] = Setting(value, option)
    return found


def refuse_unknown_names(budgets: Iterable[Budget], causes: Iterable[str], rules: Iterable[str], where: str) -> None:
    """Raises UsageError for a budget of a cause or rule that there is not: it would watch nothing."""
    known: dict[str, list[str]] = {"cause": sorted(causes), "rule": sorted(rules)}
    for budget in budgets:
        names = known.get(budget.subject)
        if names is not None and budget.id not in names:
            raise UsageError(f"{where}: budget: no {budget.subject} {budget.id}", hint=_meant(budget.id, names))


def show(values: Settings) -> str:
    """The settings as TOML, each with its origin."""
    lines = []
    for key, setting in values.items():
        if key != "budget":
            lines.append(f"{key} = {_toml(setting.value)}  # {setting.origin}")
    for budget in values["budget"].value:
        fields = {budget.subject: budget.id, "max": budget.max, "min": budget.min, "per": budget.per}
        lines += ["", f"[[budget]]  # {values['budget'].origin}"]
        lines += [f"{key} = {_toml(value)}" for key, value in fields.items() if value is not None]
    return "\n".join(lines) + "\n"


def _toml(value: object) -> str:
    # A text, list, number or truth value of JSON is one of TOML too.
    return json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)


def _refuse_unknown(table: Mapping[str, Any], known: Iterable[str], where: str) -> None:
    for key in table:
        if key not in known:
            raise UsageError(f"{where}: {key}: no such key", hint=_meant(key, list(known)))


def _meant(word: str, known: list[str]) -> str:
    near = difflib.get_close_matches(word, known, n=1)
    return f"did you mean {near[0]}?" if near else f"one of {', '.join(known)}"


# ---------------------------------------------------------------- the values of the keys


def _texts(value: object, file: Path, where: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise UsageError(f"{where}: a list of texts is expected", hint='such as ["storm"]')
    return tuple(value)


def _text(value: object, file: Path, where: str) -> str:
    if not isinstance(value, str) or not value:
        raise UsageError(f"{where}: a text is expected")
    return value


def _path(value: object, file: Path, where: str) -> str:
    """A path, relative to the configuration's folder."""
    return str(file.parent / _text(value, file, where))


def _paths(value: object, file: Path, where: str) -> tuple[str, ...]:
    return tuple(str(file.parent / item) for item in _texts(value, file, where))


def _flag(value: object, file: Path, where: str) -> bool:
    if not isinstance(value, bool):
        raise UsageError(f"{where}: true or false is expected")
    return value


def _whole(value: object, file: Path, where: str) -> int:
    if type(value) is not int or value < 0:
        raise UsageError(f"{where}: a whole number from 0 is expected")
    return value


def _budgets(value: object, file: Path, where: str) -> tuple[Budget, ...]:
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise UsageError(f"{where}: a list of tables is expected", hint="each under its own [[budget]]")
    return tuple(_budget(table, f"{where} {number}") for number, table in enumerate(value, 1))


def _budget(table: Mapping[str, Any], where: str) -> Budget:
    _refuse_unknown(table, BUDGET_KEYS, where)
    subjects = [subject for subject in SUBJECTS if subject in table]
    if len(subjects) != 1:
        raise UsageError(f"{where}: one of {', '.join(SUBJECTS)} is expected, and only one")
    id = table[subjects[0]]
    if not isinstance(id, str) or (subjects[0] == "signature" and not _SIGNATURE.fullmatch(id)):
        raise UsageError(f"{where}: {subjects[0]}: not an id", hint="ids stand in the JSON report")
    most, least = (_amount(table.get(key), f"{where}: {key}") for key in ("max", "min"))
    if most is None and least is None:
        raise UsageError(f"{where}: max or min is missing")
    if most is not None and least is not None and least > most:
        raise UsageError(f"{where}: min is above max", hint="nothing could keep it")
    per = next((per for per in get_args(Per) if per == table.get("per", "run")), None)
    if per is None:
        raise UsageError(f"{where}: per: one of {', '.join(get_args(Per))}")
    return Budget(subjects[0], id, most, least, per)


def _amount(value: object, where: str) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
        raise UsageError(f"{where}: a number from 0 is expected")
    return value


_CHECKS: Mapping[str, Callable[[object, Path, str], Any]] = {
    "fail_on": _texts,
    "baseline": _path,
    "ratchet": _flag,
    "headroom": _whole,
    "expires_days": _whole,
    "allow_empty": _flag,
    "tz": _text,
    "rules": _paths,
    "budget": _budgets,
}
