"""Reads rule files into a `Catalogue`, and says what is wrong with one: file, key and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from floodscan.errors import UsageError
from floodscan.regex import regex
from floodscan.rules import digest
from floodscan.rules.match import Catalogue
from floodscan.rules.patterns import BadPattern, Pattern, pattern
from floodscan.rules.rule import (
    HOLE,
    KINDS,
    LAYERS,
    PLACEHOLDERS,
    RETRIES,
    ROLES,
    WHENS,
    Match,
    Remediation,
    Rule,
    Samples,
)

SLUG = regex(r"[a-z0-9]{1,30}(?:-[a-z0-9]{1,30}){0,8}")
REQUIRED = ("id", "cause", "layer", "retry", "title", "summary", "looks_like", "probe")
KEYS = frozenset((*REQUIRED, "references", "match", "remediation", "samples"))
MATCH_KEYS = frozenset(
    ("codes", "types", "status", "message", "stack", "logger", "dependency", "details", "fallback")
)  # fmt: skip
REMEDIATION_KEYS = frozenset(("id", "kind", "step", "roles", "dependency", "when"))
SAMPLE_KEYS = frozenset(("origin", "match", "miss"))
AT_LINE = regex(r"at line (\d+)")
NUMBERED = regex(r"(\w+)\[(\d+)\]\.?(.*)")
HEADING = regex(r"\s*\[\[?\s*([\w-]+)")
ASSIGNED = regex(r"\s*([\w-]+)\s*[.=]")
OWN = "x-"
"""A cause id that begins so is the user's own."""

Value = TypeVar("Value")


class BadRule(UsageError):
    """A rule file that can't be used."""

    def __init__(self, file: str, key: str, why: str, line: int | None = None) -> None:
        where = f"{file}:{line}" if line else file
        super().__init__(f"{where}: {key}: {why}" if key else f"{where}: {why}")
        self.file = file
        self.key = key
        self.why = why
        self.line = line


@lru_cache(maxsize=1)
def causes() -> Mapping[str, str]:
    """The cause ids of the report contract, each with its name."""
    return dict(digest.table("causes.toml")["causes"])


def known_causes(rules_dirs: Sequence[str | Path] = ()) -> frozenset[str]:
    """The causes of the report contract and those of the user's own rules. Raises UsageError for a bad rule."""
    return frozenset(causes()) | {rule.cause for rule in load_rules(rules_dirs).rules}


def load_rules(extra_dirs: Sequence[str | Path] = ()) -> Catalogue:
    """The rules of the package and those in `*.toml` of each directory; a later rule replaces one of the same id.

    Raises BadRule for a file that is no rule, a pattern outside the dialect, or a directory that can't be read.
    """
    if not extra_dirs:
        return _ours()
    rules = {rule.id: rule for rule in _ours().rules}
    for directory in extra_dirs:
        path = Path(directory)
        if not path.is_dir():
            raise BadRule(str(directory), "", "is not a directory of rules")
        for rule in read_rules(path, shown=path):
            rules[rule.id] = rule
    return Catalogue(rules.values())


@lru_cache(maxsize=1)
def _ours() -> Catalogue:
    known = digest.rules()
    return Catalogue(own_rules(digest.FOLDER) if known is None else known)


def own_rules(folder: Path) -> list[Rule]:
    """The rules of the package, from their files."""
    return [replace(rule, builtin=True) for rule in read_rules(folder)]


def read_rules(directory: Path, shown: Path | None = None) -> Iterator[Rule]:
    """The rules of one directory, by name; `shown`: the directory as it is named in messages. Raises BadRule."""
    for file in sorted(directory.iterdir(), key=lambda file: file.name):
        if file.name.endswith(".toml") and file.is_file():
            path = str(shown / file.name) if shown is not None else file.name
            yield read_rule(path, _text(file, path))


def _text(file: Path, path: str) -> str:
    try:
        return file.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise BadRule(path, "", f"is not UTF-8 (byte {error.start})") from None
    except OSError as error:
        raise BadRule(path, "", f"can't be read ({error.strerror})") from None


def read_rule(path: str, text: str) -> Rule:
    """The rule in `text`; the stem of its file's name is the rule's id. Raises BadRule, with the line where it is known."""
    import tomllib  # where there is a digest and no rule of the user's own, no TOML is read

    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = AT_LINE.search(str(error))
        raise BadRule(path, "", f"is not TOML: {error}", int(at[1]) if at else text.count("\n") + 1) from None
    except RecursionError:
        raise BadRule(path, "", "is nested too deeply") from None
    return _File(path, text).rule(table)


def remediation_of(name: str, table: Mapping[str, Any]) -> Remediation:
    """One [[remediation]] table outside a rule. Raises BadRule in the name of the file `name`."""
    return _File(name).remediation(table, "remediation")


class _File:
    """Takes one parsed file apart; every complaint carries its name and the key."""

    def __init__(self, name: str, text: str = "") -> None:
        self.name = name
        self.source = text

    def rule(self, table: Mapping[str, Any]) -> Rule:
        self.only(table, KEYS, "")
        texts = {key: self.text(table, key, key) for key in REQUIRED}
        if texts["id"] != Path(self.name).name.removesuffix(".toml") or not SLUG.fullmatch(texts["id"]):
            raise self.bad("id", f"must be the file's name in lower case with dashes, not {texts['id']!r}")
        self.cause(texts["cause"])
        for key in ("title", "summary", "looks_like", "probe"):
            self.placeholders(texts[key], key)
        matches = [self.match(entry, f"match[{n}]") for n, entry in enumerate(self.tables(table, "match"), 1)]
        steps = [
            self.remediation(entry, f"remediation[{n}]") for n, entry in enumerate(self.tables(table, "remediation"), 1)
        ]
        if not matches:
            raise self.bad("match", "a rule needs at least one [[match]]")
        if not steps:
            raise self.bad("remediation", "a rule needs at least one [[remediation]]")
        if twice := _first_twice(step.id for step in steps):
            raise self.bad("remediation", f"two steps named {twice}")
        return Rule(
            id=texts["id"],
            cause=texts["cause"],
            layer=self.one_of(texts["layer"], LAYERS, "layer"),
            retry=self.one_of(texts["retry"], RETRIES, "retry"),
            title=texts["title"],
            summary=texts["summary"],
            looks_like=texts["looks_like"],
            probe=texts["probe"],
            match=tuple(matches),
            remediation=tuple(steps),
            references=self.strings(table, "references", "references"),
            samples=self.samples(table.get("samples", {})),
            file=self.name,
        )

    def match(self, table: Mapping[str, Any], where: str) -> Match:
        self.only(table, MATCH_KEYS, where)
        details = table.get("details", {})
        if not isinstance(details, dict):
            raise self.bad(f"{where}.details", 'must be a table: details.NAME = ["pattern"]')
        status = table.get("status", [])
        if not isinstance(status, list) or not all(type(code) is int and 100 <= code <= 4999 for code in status):
            raise self.bad(f"{where}.status", "must be a list of HTTP status or websocket close codes")
        fallback = table.get("fallback", False)
        if not isinstance(fallback, bool):
            raise self.bad(f"{where}.fallback", "must be true or false")
        match = Match(
            codes=frozenset(self.strings(table, "codes", where)),
            types=frozenset(self.strings(table, "types", where)),
            status=frozenset(status),
            message=self.patterns(table, "message", where),
            stack=self.patterns(table, "stack", where),
            logger=self.patterns(table, "logger", where),
            dependency=frozenset(self.strings(table, "dependency", where)),
            details=tuple((name, self.patterns(details, name, f"{where}.details")) for name in sorted(details)),
            fallback=fallback,
        )
        if match.keys == 0:
            raise self.bad(where, "has no key that could match")
        decides = match.codes or match.types or match.status or match.message or match.details
        if not decides and not (match.stack and match.fallback):
            raise self.bad(where, "needs codes, types, status, message or details (or a fallback stack): the rest only narrows")
        return match

    def remediation(self, table: Mapping[str, Any], where: str) -> Remediation:
        self.only(table, REMEDIATION_KEYS, where)
        name = self.text(table, "id", f"{where}.id")
        step = self.text(table, "step", f"{where}.step")
        if not SLUG.fullmatch(name):
            raise self.bad(f"{where}.id", "must be lower case with dashes")
        self.placeholders(step, f"{where}.step")
        roles = self.strings(table, "roles", where) or ("root-cause", "hypothesis")
        return Remediation(
            id=name,
            kind=self.one_of(self.text(table, "kind", f"{where}.kind"), KINDS, f"{where}.kind"),
            step=step,
            roles=tuple(self.one_of(role, ROLES, f"{where}.roles") for role in roles),
            dependency=frozenset(self.strings(table, "dependency", where)),
            when=self.one_of(self.text(table, "when", f"{where}.when"), WHENS, f"{where}.when") if "when" in table else "always",
        )

    def samples(self, table: Any) -> Samples:
        if not isinstance(table, dict):
            raise self.bad("samples", "must be a table")
        self.only(table, SAMPLE_KEYS, "samples")
        origin = table.get("origin", "")
        if not isinstance(origin, str):
            raise self.bad("samples.origin", "must be text")
        return Samples(origin, self.strings(table, "match", "samples"), self.strings(table, "miss", "samples"))

    def cause(self, cause: str) -> None:
        if cause in causes() or (cause.startswith(OWN) and SLUG.fullmatch(cause)):
            return
        raise self.bad("cause", f"unknown cause {cause!r}{_meant(cause, causes())}; one of your own begins with {OWN}")

    def patterns(self, table: Mapping[str, Any], key: str, where: str) -> tuple[Pattern, ...]:
        made = []
        for source in self.strings(table, key, where):
            try:
                made.append(pattern(source))
            except BadPattern as error:
                raise self.bad(f"{where}.{key}", f"pattern {source!r} {error}") from None
        return tuple(made)

    def placeholders(self, text: str, where: str) -> None:
        for hole in HOLE.finditer(text):
            if hole[1] not in PLACEHOLDERS:
                raise self.bad(where, f"unknown placeholder {{{hole[1]}}}: there are {', '.join(PLACEHOLDERS)}")
        rest = HOLE.sub("", text)
        if bare := next((name for name in PLACEHOLDERS if f"{{{name}}}" in rest), None):
            raise self.bad(where, f"{{{bare}}} needs words for when it is unknown: {{{bare}|the ...}}")

    def text(self, table: Mapping[str, Any], key: str, where: str) -> str:
        value = table.get(key)
        if not isinstance(value, str) or not value.strip():
            raise self.bad(where, "missing" if value is None else "must be text")
        return value.strip()

    def strings(self, table: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
        value = table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
            raise self.bad(f"{where}.{key}" if where != key else key, "must be a list of texts")
        return tuple(value)

    def tables(self, table: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
        value = table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise self.bad(key, f"must be tables: [[{key}]]")
        return value

    def only(self, table: Mapping[str, Any], keys: frozenset[str], where: str) -> None:
        for key in table:
            if key not in keys:
                raise self.bad(f"{where}.{key}" if where else key, f"unknown key{_meant(key, sorted(keys))}")

    def one_of(self, value: str, allowed: tuple[Value, ...], where: str) -> Value:
        for one in allowed:
            if one == value:
                return one
        raise self.bad(where, f"{value!r} is none of {', '.join(map(str, allowed))}")

    def bad(self, key: str, why: str) -> BadRule:
        return BadRule(self.name, key, why, line_of(self.source, key))


def line_of(text: str, key: str) -> int | None:
    """The line, from 1, at which a key such as `cause` or `match[2].codes` stands in TOML text.

    Where the key is missing, the line of its table; where that is the whole file, the line at which the rule begins.
    None in a text that has neither.
    """
    table, nth, name = "", 1, key
    if numbered := NUMBERED.match(key):
        table, nth, name = numbered[1], int(numbered[2]), numbered[3]
    elif "." in key:
        table, _, name = key.partition(".")
    name, seen, inside, header = name.partition(".")[0], 0, not table, None
    for number, line in enumerate(text.splitlines(), 1):
        if heading := HEADING.match(line):
            seen += heading[1] == table
            inside = heading[1] == table and seen == nth
            header = number if inside else header
        elif inside and (assigned := ASSIGNED.match(line)) and assigned[1] == name:
            return number
    return header if header is not None else _beginning(text)


def _beginning(text: str) -> int | None:
    """The first line of TOML text that is more than a comment."""
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.lstrip().startswith("#"):
            return number
    return None


def _first_twice(names: Iterable[str]) -> str | None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            return name
        seen.add(name)
    return None


def _meant(word: str, known: Iterable[str]) -> str:
    """`, did you mean ...?` where a known word is close."""
    from difflib import get_close_matches  # only for an error's sake

    near = get_close_matches(word, list(known), n=1)
    return f", did you mean {near[0]}?" if near else ""
