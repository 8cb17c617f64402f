"""Which signatures of plain-text logs belong together for display: a function of their set, never an identity.

What is to be known again in another log has a fingerprint instead: made of the words that are no values.

A structured logger tells values from words; plain text does not, and a user's name is a word like any other. What gives
a value away is the company it keeps: messages equal but for one word, where that word follows one that announces a
value (`for user`, `rhost=`), or where another message has a masked value in its place. Rules only add merges,
so that more signatures never split a group.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from floodscan.model import Signature
from floodscan.shape import VALUE
from floodscan.signature import signature_id
from floodscan.value import frozen

MAX_SIGNATURES = 10_000
"""Free-text signatures looked at, those with the smallest ids; the rest stand alone. 1,000 cost about 20 ms."""

_MAX_WORDS = 40
"""Longer messages have no free column: each would cost the square of its words."""
_ROUNDS = 8
"""One merge can show the next; a chain longer than this was never seen."""
_CUED_WORDS = 3
"""Distinct words after such a noun or a field's key that make a column of values: two may be two cases."""
_CUED_WORDS_OR_MASKED = 2
"""As many where the message also occurs without a word in that place, as it does where the value was masked."""
_IDENTIFIERS = 6
"""Distinct identifier-like words that make a column of values wherever they stand."""
_ANY_WORDS = 16
"""Distinct words, verbs left out, that make a column of values wherever they stand: no program says so many things."""
_KNOWN_VALUES = 2
"""Distinct words, each found to be a value elsewhere, that make a column of values."""
_CONSTANT_WORDS = 2
"""Words that a message must keep beside its free column: with fewer, anything would fit."""

# Nouns that announce a name where they are spoken of ("for user x"), not where they begin a compound ("user profile").
# A preposition alone announces nothing: what one waits for, or is refused by, is the message.
_NOUNS = frozenset("user username login account host hostname node pod container namespace queue topic bucket".split())
_BEFORE_NOUN = frozenset("for from by to of with as on at in invalid unknown illegal".split())
_NO_NAMES = frozenset(
    "a an and are as at be been but by can cannot could did do does for from had has have if in is it its may might "
    "must no not of off on or out should than that the then this to too until was were when while will with without "
    "would again already done found gone left lost now ok put ran read sent set successfully".split()
)
_VERB_LETTERS = 5
"""Letters from which `-ed` and `-ing` make a verb (`added`) and no name (`ted`)."""
# Fields whose value is one of a few words that say what happened.
_ENUM_FIELDS = frozenset(
    "status state phase reason err error type kind code level result action event method op operation".split()
)

_ABSENT = ""
"""Stands for a value that was masked: it leaves no word in the message."""

Pattern = tuple[str, ...]
"""What must be equal, as one text, then the words; `VALUE` where a column was found to hold values."""
Column = tuple[int, Pattern]
"""Where the free word stands, and the pattern without it."""
Members = dict[str, str]
"""The words seen in one column, each with the id of a signature that has it there."""


@frozen
class RolledUp:
    """What was joined."""

    names: dict[str, str]
    """Each signature's id to the smallest id of its group: itself where it stands alone."""
    fingerprints: dict[str, str]
    """By a group's id: the id that a signature would have in which all values of the group were masked.

    It is the same in a log of other users, where the group's smallest id is another one. A name right after a noun
    that announces it is a value here even where it stands alone: one log has one user, the next has ten.
    """


def roll_up(signatures: Iterable[Signature]) -> RolledUp:
    """The groups of a set of signatures.

    Only free text is joined, and only where logger, error type, code, status and opacity are equal. What is joined
    depends on the set of ids alone: `text` is not looked at.
    """
    known_by: dict[str, Signature] = {}
    free_text: dict[str, Pattern] = {}
    for signature in signatures:
        known_by[signature.id] = signature
        if not signature.structured and len(signature.words) <= _MAX_WORDS:
            free_text[signature.id] = _pattern(signature)
    groups = _Groups(known_by)
    patterns = {free_text[id_]: id_ for id_ in sorted(free_text)[:MAX_SIGNATURES]}
    known: set[str] = set()
    for _ in range(_ROUNDS):
        found = (len(patterns), len(known), groups.merges)
        for column, members in _columns(patterns).items():
            if len(members) > 1:
                _merge(column, members, patterns, known, groups)
        if found == (len(patterns), len(known), groups.merges):
            break
    names = {id_: groups.smallest(id_) for id_ in sorted(known_by)}
    general = _most_general(patterns, groups)
    fingerprints = {
        id_: signature_id(replace(known_by[id_], words=general[id_][1:])) if id_ in general else id_
        for id_ in set(names.values())
    }
    return RolledUp(names, fingerprints)


def text_of(texts: Sequence[str]) -> str:
    """The text of a group: `<word>` in the place of a word in which its members' texts differ, behind the field's key that
    they share. The first of the texts where they differ in more than single words."""
    rows = [text.split(" ") for text in texts]
    if len({len(row) for row in rows}) > 1:
        return texts[0]
    return " ".join(words[0] if len(set(words)) == 1 else _shared(words) for words in zip(*rows, strict=True))


def _shared(words: Sequence[str]) -> str:
    keys = {word[: word.find("=") + 1] for word in words}
    return (keys.pop() if len(keys) == 1 else "") + "<word>"


def _most_general(patterns: dict[Pattern, str], groups: _Groups) -> dict[str, Pattern]:
    """Of each group's patterns the one with the most values; by the group's id."""
    found: dict[str, Pattern] = {}
    for pattern, id_ in patterns.items():
        group, masked = groups.smallest(id_), _masked(pattern)
        found[group] = min(found.get(group, masked), masked, key=lambda p: (-p.count(VALUE), p))
    return found


def _masked(pattern: Pattern) -> Pattern:
    """The pattern with a value after each noun that announces one, be it a word or masked and gone."""
    out = list(pattern[:1])
    for word in pattern[1:]:
        announced = _follows_noun(out, len(out))
        if announced or (len(out) > 1 and out[-1][-1:] == "=" and out[-1][:-1].lower() in _NOUNS):
            out.append(VALUE)
            if word == VALUE or (_may_be_name(word) and not _is_code(word)):
                continue
        out.append(word)
    if _follows_noun(out, len(out)):
        out.append(VALUE)
    return tuple(out)


class _Groups:
    """Union-find whose root is a group's smallest id."""

    def __init__(self, ids: Iterable[str]) -> None:
        self._parent = {id_: id_ for id_ in ids}
        self.merges = 0

    def smallest(self, id_: str) -> str:
        while self._parent[id_] != id_:
            self._parent[id_] = self._parent[self._parent[id_]]
            id_ = self._parent[id_]
        return id_

    def join(self, one: str, other: str) -> None:
        low, high = sorted((self.smallest(one), self.smallest(other)))
        if low != high:
            self._parent[high] = low
            self.merges += 1


def _pattern(signature: Signature) -> Pattern:
    identity = (signature.logger, signature.type, signature.code, signature.status, signature.opacity)
    return (repr(identity), *signature.words)


def _columns(patterns: dict[Pattern, str]) -> dict[Column, Members]:
    """Every word of every pattern as a free column, with what else is seen there."""
    columns: dict[Column, Members] = {}
    for pattern in sorted(patterns):
        id_ = patterns[pattern]
        for at in range(1, len(pattern)):
            if not _is_code(pattern[at]):
                columns.setdefault((at, pattern[:at] + pattern[at + 1 :]), {})[pattern[at]] = id_
    for (at, rest), members in columns.items():
        if rest in patterns and _follows_noun(rest, at):  # after `=` a masked value leaves `VALUE`, not a gap
            members[_ABSENT] = patterns[rest]
    return columns


def _merge(column: Column, members: Members, patterns: dict[Pattern, str], known: set[str], groups: _Groups) -> None:
    """Joins those of a column's members that are values, and adds the pattern that they have in common."""
    at, rest = column
    if sum(word != VALUE for word in rest[1:]) < _CONSTANT_WORDS:
        return
    values = _values(at, rest, members, known)
    if len(values) < 2:
        return
    known.update(word for word in values if word not in (VALUE, _ABSENT))
    first = members[values[0]]
    for word in values[1:]:
        groups.join(first, members[word])
    patterns.setdefault((*rest[:at], VALUE, *rest[at:]), first)


def _values(at: int, rest: Pattern, members: Members, known: set[str]) -> list[str]:
    """Which members of a column are values: each rule adds some, in the order of `members`. Fewer than two are none."""
    masked = VALUE in members or _ABSENT in members
    written = [word for word in members if word not in (VALUE, _ABSENT)]
    values = {word for word in written if word in known}
    if not masked and len(values) < _KNOWN_VALUES:
        values = set()
    identifiers = [word for word in written if _is_identifier(word)]
    if VALUE in members or len(identifiers) >= _IDENTIFIERS:
        values.update(identifiers)
    names = [word for word in written if _may_be_name(word) or _follows_field(rest, at)]
    if _follows_noun(rest, at) or _follows_field(rest, at):
        enough = 1 if VALUE in members else _CUED_WORDS_OR_MASKED if masked else _CUED_WORDS
    else:
        enough = _ANY_WORDS
    if len(names) >= enough:
        values.update(names)
    return [word for word in members if word in values or word in (VALUE, _ABSENT)]


def _follows_field(rest: Pattern, at: int) -> bool:
    """Whether column `at` stands straight after a field's key whose value may be anything (`rhost=`)."""
    before = rest[at - 1].lower() if at > 1 else ""
    return before[-1:] == "=" and before[:-1] not in _ENUM_FIELDS


def _follows_noun(rest: Sequence[str], at: int) -> bool:
    """Whether column `at` stands after a noun that a name follows (`for user`, `invalid user`)."""
    return at > 2 and rest[at - 1].lower() in _NOUNS and rest[at - 2].lower() in _BEFORE_NOUN


def _may_be_name(word: str) -> bool:
    """False for what goes on with a sentence whose value is masked ("for user <id> deleted", "for user <id> was")."""
    is_verb = word.endswith(("ed", "ing")) and len(word) >= _VERB_LETTERS
    return not is_verb and word.lower() not in _NO_NAMES


def _is_identifier(word: str) -> bool:
    """A name made of parts (`kube-proxy`, `billing.invoice`), which nobody writes in prose."""
    return any(sign in word for sign in "._-/@$")


def _is_code(word: str) -> bool:
    """Words whose difference is the message: a field's key, an error's name, a code."""
    if word.endswith(("=", "Error", "Exception")):
        return True
    if word.isupper() and ("_" in word or (word[0] == "E" and len(word) > len("EOF"))):
        return True
    return any(map(str.isdigit, word))
