"""Which rules know a failure. Codes, types and statuses are looked up in dicts, so that more rules cost no more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Literal

from floodscan.regex import regex
from floodscan.rules.dependency import dependency_of
from floodscan.rules.patterns import Pattern
from floodscan.rules.rule import Match, Rule
from floodscan.rules.view import STACK, TEXT, FailureView
from floodscan.value import frozen

By = Literal["code", "text-code", "type", "status", "text"]
"""What a rule was recognised by, the surest first; a `text-code` is a known code named in a text."""
RANK: Mapping[By, int] = MappingProxyType({"code": 0, "text-code": 1, "type": 2, "status": 3, "text": 4})

TOKEN = regex(r"\b[A-Z][A-Z0-9_]{4,60}\b")
SQLSTATE = regex(r"(?:SQLSTATE[ :=(\[]{1,3}|[Cc]ode: [`'\"])([0-9A-Z]{5})\b", needs=("SQLSTATE", "ode: "))
ERRNO = regex(r"E[A-Z]{3,}")
GRAM = 4


@frozen
class Hit:
    """A rule that knows the failure, and by what."""

    rule: Rule
    by: By
    where: Literal["own", "inner"]
    """Whether the error said so itself or an error inside it did."""
    value: str
    """The code, type, status or piece of text it was recognised by, as the log has it."""
    fallback: bool = False


@frozen
class _Entry:
    rule: Rule
    match: Match


@frozen
class _Ranked:
    hit: Hit
    depth: int
    keys: int

    def order(self) -> tuple[bool, int, int, int, str]:
        """Fallbacks last; then the surer evidence, the deeper error, the narrower table, the id."""
        return (self.hit.fallback, RANK[self.hit.by], -self.depth, -self.keys, self.hit.rule.id)


@lru_cache(maxsize=1024)
def _outwards(places: int) -> tuple[int, ...]:
    """The places of a row from its middle to its ends."""
    return tuple(sorted(range(places), key=lambda at: abs(2 * at - places + 1)))


class Catalogue:
    """The rules, indexed by what they look for."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules: tuple[Rule, ...] = tuple(sorted(rules, key=lambda rule: rule.id))
        self._by_id = {rule.id: rule for rule in self.rules}
        self._codes: dict[str, list[_Entry]] = {}
        self._types: dict[str, list[_Entry]] = {}
        self._status: dict[int, list[_Entry]] = {}
        self._texts: list[_Entry] = []
        self._grams: dict[str, list[int]] = {}
        """Four characters of each constant text to the tables of `_texts` that it belongs to."""
        self._always: list[int] = []
        for rule in self.rules:
            for match in rule.match:
                self._add(_Entry(rule, match))

    def _add(self, entry: _Entry) -> None:
        match = entry.match
        if match.codes:
            for code in match.codes:
                self._codes.setdefault(code, []).append(entry)
        elif match.types:
            for kind in match.types:
                self._types.setdefault(kind, []).append(entry)
        elif match.status:
            for status in match.status:
                self._status.setdefault(status, []).append(entry)
        else:
            self._add_text(entry)

    def _add_text(self, entry: _Entry) -> None:
        index = len(self._texts)
        self._texts.append(entry)
        needles = [one.needles for one in entry.match.message]
        if not needles or not all(needles) or any(len(needle) < GRAM for some in needles for needle in some):
            self._always.append(index)
            return
        for needle in sorted({needle.lower() for some in needles for needle in some}):
            self._grams.setdefault(self._telling(needle), []).append(index)

    def _telling(self, needle: str) -> str:
        """The piece of a constant text to look for: one that few others look for, made of letters, from its middle."""
        places = _outwards(len(needle) - GRAM + 1)
        for at in places:
            piece = needle[at : at + GRAM]
            if piece not in self._grams and piece.isalnum():
                return piece
        pieces = [needle[at : at + GRAM] for at in places]
        return min(pieces, key=lambda piece: (len(self._grams.get(piece, ())), sum(not sign.isalnum() for sign in piece)))

    def _candidates(self, evidence: _Evidence) -> list[_Entry]:
        """Tables of texts that could match: those of which a constant text's gram occurs. Linear in the texts alone."""
        found = set(self._always)
        for _, folded in evidence.texts:
            for at in range(len(folded) - GRAM + 1):
                known = self._grams.get(folded[at : at + GRAM])
                if known:
                    found.update(known)
        return [self._texts[index] for index in sorted(found)]

    def get(self, rule_id: str) -> Rule | None:
        """The rule of that id."""
        return self._by_id.get(rule_id)

    def match(self, view: FailureView) -> tuple[Hit, ...]:
        """The rules that know this failure, best first, each once.

        A code outranks a type, a type a status, a status a text; of equals, the error deepest inside; then the table
        with the most keys. A code outranks whatever it is wrapped in, so an application's error around ECONNREFUSED
        is a refused connection.
        """
        best: dict[str, _Ranked] = {}
        evidence = _Evidence(view)
        for ranked in self._hits(evidence):
            known = best.get(ranked.hit.rule.id)
            if known is None or ranked.order() < known.order():
                best[ranked.hit.rule.id] = ranked
        return tuple(ranked.hit for ranked in sorted(best.values(), key=_Ranked.order))

    def _hits(self, evidence: _Evidence) -> Iterator[_Ranked]:
        for by, code, depth in evidence.codes():
            for entry in self._codes.get(code, ()):
                if by == "code" or _readable(code):
                    yield from evidence.judge(entry, by, code, depth)
        for kind, depth in evidence.types():
            for entry in self._types.get(kind, ()):
                yield from evidence.judge(entry, "type", kind, depth)
        for entry in self._status.get(evidence.view.status or 0, ()):
            yield from evidence.judge(entry, "status", str(evidence.view.status), 0)
        for entry in self._candidates(evidence):
            yield from evidence.judge(entry, "text", None, 0)


def _readable(code: str) -> bool:
    """Whether a code can be told from prose: an errno name, one with an underscore, a PostgREST code, a SQLSTATE."""
    return "_" in code or code.startswith("PGRST") or bool(ERRNO.fullmatch(code)) or len(code) == 5


class _Evidence:
    """One view, with what several rules ask of it worked out once."""

    def __init__(self, view: FailureView) -> None:
        self.view = view
        self.texts = tuple((text, text.lower()) for text in dict.fromkeys(view.texts()))
        self.inner = frozenset(cause[2][:TEXT] for cause in view.causes if cause[2])
        self.stacks = tuple((stack[:STACK], stack[:STACK].lower()) for stack in view.stacks)
        self._dependency: str | None = None
        self._asked = False

    @property
    def dependency(self) -> str | None:
        if not self._asked:
            self._dependency, self._asked = dependency_of(self.view), True
        return self._dependency

    def codes(self) -> Iterator[tuple[By, str, int]]:
        """(how it was found, code, depth): the error's own and its causes', then those that texts name."""
        if self.view.code:
            yield "code", self.view.code, 0
        for depth, (_, code, _) in enumerate(self.view.causes, 1):
            if code:
                yield "code", code, depth
        for text, _ in self.texts + self.stacks:
            tokens = [(hit.start(), hit[0]) for hit in TOKEN.finditer(text)]
            tokens += [(hit.start(), hit[1]) for hit in SQLSTATE.finditer(text)]
            for depth, (_, token) in enumerate(sorted(tokens)[:32]):
                # A token of five digits or letters is a SQLSTATE only where the text says so.
                if len(token) != 5 or ERRNO.fullmatch(token) or SQLSTATE.search(text):
                    yield "text-code", token, depth

    def types(self) -> Iterator[tuple[str, int]]:
        for depth, kind in enumerate((self.view.type, *(cause[0] for cause in self.view.causes))):
            if kind:
                yield kind, depth
                if "." in kind:
                    yield kind.rpartition(".")[2], depth

    def judge(self, entry: _Entry, by: By, value: str | None, depth: int) -> Iterator[_Ranked]:
        """The hit, where the keys of the table beside the one it was looked up by hold too."""
        match = entry.match
        if match.types and by != "type" and match.types.isdisjoint(kind for kind, _ in self.types()):
            return
        if match.status and by != "status" and self.view.status not in match.status:
            return
        if match.dependency and self.dependency not in match.dependency:
            return
        if match.logger and not _search(match.logger, ((self.view.logger or "", (self.view.logger or "").lower()),)):
            return
        found = _search(match.message, self.texts) if match.message else None
        if match.message and found is None:
            return
        if match.stack and _search(match.stack, self.stacks) is None:
            return
        for name, patterns in match.details:
            values = tuple((text[:TEXT], text[:TEXT].lower()) for text in self.view.details.get(name, ()))
            detail = _search(patterns, values)
            if detail is None:
                return
            found = found or detail
        piece, text = found or ("", "")
        inner = depth > 0 if by in ("code", "type") else text in self.inner
        hit = Hit(entry.rule, by, "inner" if inner else "own", piece if value is None else value, match.fallback)
        yield _Ranked(hit, depth, match.keys)


def _search(patterns: tuple[Pattern, ...], texts: Iterable[tuple[str, str]]) -> tuple[str, str] | None:
    """(what matched, the text it is in) of the first pattern that is in a text."""
    for text, folded in texts:
        for one in patterns:
            piece = one.find(text, folded)
            if piece is not None:
                return piece, text
    return None
