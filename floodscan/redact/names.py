"""Names for what must not be shown: secrets become `<jwt:1>`, people and connections `user-A` and `conn-3`.

Both count by first appearance in the report, so that a name says nothing about the value and is the same on every run.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from floodscan.model import Safe
from floodscan.redact.tag import PERSON, SESSION, fingerprint, tag
from floodscan.redact.text import redact
from floodscan.redact.whole import is_ordinary
from floodscan.regex import regex
from floodscan.safe import TAG, safe, trusted

_WORDS = regex(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_PREFIXES = (
    (SESSION, frozenset((SESSION, "sid"))),
    ("user", frozenset(("user", "sub", "uid", "username", "email", "login", "member", "customer"))),
    ("conn", frozenset(("connection", "conn", "socket", "ws", "channel"))),
    ("req", frozenset(("req", "request"))),
    ("addr", frozenset(("ip", "addr", "address", "host", "hostname", "remote", "client"))),
    ("worker", frozenset(("worker", "consumer", "shard", "partition"))),
    ("token", frozenset(("token", "jwt", "jti", "apikey", "authorization"))),
)
_COMPOUNDS = {"userid": "user", "connectionid": "conn", "connid": "conn", "socketid": "conn", "reqid": "req"}
_COMPOUNDS |= {"requestid": "req", "remoteaddress": "addr", "remoteaddr": "addr", "clientip": "addr"}


_HIDDEN = frozenset(("user", "conn", "addr", SESSION))
_SHORT = 5
"""A shorter value is hidden only where its key stands before it: `42` may mean anything."""


def hide_people(redacted: str, ids: Sequence[tuple[str, str]]) -> str:
    """The text with tags in place of the values of `ids` (key, value) that name people, connections or addresses."""
    for key, value in sorted(ids, key=lambda pair: -len(pair[1])):
        prefix = prefix_of(key)
        if prefix not in _HIDDEN or not value or value not in redacted:
            continue
        if prefix == SESSION and is_ordinary(SESSION, value):
            continue
        mark = tag(PERSON + prefix, value)
        redacted = _put_for(value, mark, redacted, "" if len(value) >= _SHORT else f'{key.rsplit(".", 1)[-1]}":')
    return redacted


def _put_for(value: str, mark: str, text: str, before: str) -> str:
    """`text` with `mark` for each whole word that is `value`; only those straight after `before` if it isn't empty.

    By hand: a pattern is of use for one line only, and to compile it costs far more than to look.
    """
    parts, done, at = list[str](), 0, text.find(value)
    while at >= 0:
        end = at + len(value)
        begins = text.endswith(before, 0, at) if before else not _in_word(text[max(at - 1, 0) : at])
        if begins and not _in_word(text[end : end + 1]):
            parts += text[done:at], mark
            done = end
        at = text.find(value, end if done == end else at + 1)
    return "".join((*parts, text[done:]))


def _in_word(char: str) -> bool:
    return char.isalnum() or char in ("_", "-")


class Tagger:
    """Numbers the secrets of a report. State: the fingerprints seen so far; a secret has one name under all kinds."""

    def __init__(self) -> None:
        self.people: Pseudonyms | None = None
        """Who names the people that stand in the texts."""
        self._names: dict[str, str] = {}
        self._counts: dict[str, int] = {}

    def show(self, redacted: str, *, multiline: bool = False) -> Safe:
        """Redacted text as it may be shown: tags named, the rest made harmless."""
        return safe(TAG.sub(self._name, redacted), multiline=multiline)

    def _name(self, match: re.Match[str]) -> str:
        kind, fingerprint = match.groups()
        if kind.startswith(PERSON):
            prefix = kind.removeprefix(PERSON)
            return f"<{prefix}>" if self.people is None else self.people.of(prefix, fingerprint)
        name = self._names.get(fingerprint)
        if name is None:
            number = self._counts[kind] = self._counts.get(kind, 0) + 1
            name = self._names[fingerprint] = f"<{kind}:{number}>"
        return name


class Pseudonyms:
    """Names actors. State: the values seen so far; a value has one name under all keys that mean the same."""

    def __init__(self, tagger: Tagger | None = None) -> None:
        """With a tagger, values are shown as they are (`--show-ids`), secrets apart; without one, pseudonyms."""
        self._tagger = tagger
        self._values: dict[str, str] = {}
        self._names: dict[tuple[str, str], Safe] = {}
        self._counts: dict[str, int] = {}

    def know(self, value: str) -> None:
        """Remembers a value for `--show-ids`, so that texts in which only its fingerprint is left can show it."""
        self._values[fingerprint(value)] = value

    def name(self, key: str, value: str) -> Safe:
        """`user-A` for the first user, `conn-1` for the first connection. `value` is redacted, `key` as in the log."""
        prefix = prefix_of(key)
        if self._tagger is not None and prefix != SESSION:
            return self._real(value, self._tagger)
        return self.of(prefix, fingerprint(value))

    def of(self, prefix: str, print_: str) -> Safe:
        """The name of the person, connection or address whose value has this fingerprint."""
        if self._tagger is not None and prefix != SESSION and print_ in self._values:
            return self._real(self._values[print_], self._tagger)
        name = self._names.get((prefix, print_))
        if name is None:
            number = self._counts[prefix] = self._counts.get(prefix, 0) + 1
            name = trusted(f"{prefix}-{_letters(number) if prefix == 'user' else number}")
            self._names[prefix, print_] = name
        return name

    def _real(self, value: str, tagger: Tagger) -> Safe:
        """The value itself: an e-mail address is somebody's name, but a secret stays one."""
        redacted = redact(value)
        kinds = {kind for kind, _ in TAG.findall(redacted)}
        return safe(value) if kinds == {"email"} else tagger.show(value if TAG.search(value) else redacted)


def prefix_of(key: str) -> str:
    """What a dotted key (`ctx.user_id`, `connectionId`) names: session, user, conn, req, addr, token; else id."""
    last = key.rsplit(".", 1)[-1]
    compound = _COMPOUNDS.get(last.lower().replace("_", "").replace("-", ""))
    if compound is not None:
        return compound
    words = {word.lower() for word in _WORDS.findall(last)}
    if words <= {"id"}:  # `user.id`, `req.id`
        words |= {word.lower() for word in _WORDS.findall(key)}
    return next((prefix for prefix, known in _PREFIXES if words & known), "id")


def _letters(number: int) -> str:
    """1 is A, 26 is Z, 27 is AA."""
    text = ""
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(ord("A") + rest) + text
    return text
