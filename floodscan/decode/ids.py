"""Values that may name an actor or an attempt, found by their own form first and by their key second."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from hashlib import blake2b
from typing import Any, Final, Literal

from floodscan.decode.errors import ERROR_KEYS
from floodscan.redact import redact_name
from floodscan.redact.keyed import kind_of
from floodscan.redact.tag import SESSION
from floodscan.regex import regex

MAX_IDS: Final = 12
MAX_DEPTH: Final = 3
_MAX_VISITED = 256
_MAX_ID = 128
"""Characters; longer values are payloads. `_MAX_VISITED` is the number of fields looked at in one record."""
_MAX_REMEMBERED = 64
"""Keys of an object whose keys are remembered."""


Kind = Literal["plain", "skip", "id", "secret", "url", "server"]
"""What a key says about its value. A server's address or a URL names no actor, but may carry a token."""

_SKIPPED: Final = frozenset(
    "time timestamp ts date datetime eventtime asctime @timestamp level severity loglevel levelname levelno lvl pid "
    "ppid tid thread threadid threadname processid hostname v name msg message event version appversion logger context "
    "module component service servicename app appname stack stacktrace errorstack code errorcode errno syscall status "
    "statuscode responsetime duration durationms elapsed latency method protocol httpversion useragent contenttype "
    "accept acceptencoding acceptlanguage connection cachecontrol env environment nodeenv region zone cluster caller "
    "file filename line lineno func function funcname pathname stream tags label labels sampling category channel type "
    "kind operation action state query sql statement body text password passwd pwd appid projectid buildid commit sha "
    "release branch image gitsha logname insertid loggername alg locale language currency timezone contentlength host "
    "secwebsocketkey secwebsocketversion ifnonematch etag cookie setcookie clientversion".split()
)
PLUMBING: Final = frozenset("level time pid hostname v msg message timestamp stack host method responseTime".split())
"""Keys of almost every line, passed over before anything else is asked."""
_SERVERS: Final = frozenset("address broker server upstream target endpoint dbhost listen bind localaddress".split())
_SECRETS: Final = frozenset(
    "authorization token accesstoken refreshtoken idtoken authtoken apikey xapikey jwt bearer proxyauthorization "
    "sessiontoken csrftoken secret clientsecret servicerolekey anonkey".split()
)
_URLS: Final = frozenset("url uri path originalurl href requesturl referer referrer link route location".split())
_ID_KEY = regex(
    r"(?:[a-z0-9_.-](?:Id|ID|Uid|UID|Uuid|UUID|Guid)|(?:^|[_.:-])(?:id|uid|uuid|guid|sub|sid)|[Ii][Dd]s?)\Z"
    r"|\A(?:user|username|login|actor|client|tenant|account|customer|session|sessionKey|email|ip|owner|member|device"
    r"|worker|consumer|shard|partition)\Z"
)
_NO_ID_KEY = regex(r"(?:^|[a-z_.-])(?:[Pp][Ii]d|paid|valid|invalid|grid|void|avoid|bid|did|hid|kid|mid|rid)\Z")

# Objects that hold no actor of the record's own: answers, configuration, the insides of errors.
_NOT_ENTERED: Final = ERROR_KEYS | frozenset(
    "res response config process os env stack headersSent kubernetes package runtime memory reason details "
    "httpAgent httpsAgent agent socket servers".split()
)

_UUID = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
_IPV4 = r"(?:::ffff:)?(?:\d{1,3}\.){3}\d{1,3}"
_ADDRESS = regex(
    rf"(?P<v4>{_IPV4})(?::\d{{1,5}})?\Z|\[(?P<boxed>[0-9a-fA-F:.]{{2,45}})\](?::\d{{1,5}})?\Z"
    r"|(?P<v6>(?=[0-9a-fA-F.]*:[0-9a-fA-F.]*:)[0-9a-fA-F:.]{2,45})\Z"
)
_EMAIL = r"[^\s@,;<>\"']{1,64}@[\w.-]{1,180}\.[A-Za-z]{2,24}"
# Digits alone are an id only where they are too long for a number or a time in milliseconds.
_HEX = r"(?=[a-fA-F]*\d)(?=\d*[a-fA-F])[0-9a-fA-F]{8,128}|\d{16,32}"
_WHOLE_UUID = regex(rf"{_UUID}\Z")
_UUID_CHARS: Final = 36
_SURE = regex(rf"(?:{_UUID}|{_HEX}|{_EMAIL})\Z")
_TOKEN = regex(r"(?=[^0-9]*[0-9])(?=[^A-Za-z]*[A-Za-z])[A-Za-z0-9][A-Za-z0-9_:|-]{2,127}\Z")
_NUMBERED = regex(r"[A-Za-z]{1,12}[-_:#]\d[0-9a-z]*\Z")
_DIGIT_PAIR = regex(r"\d[^0-9]*\d")
_NO_TOKEN = regex(
    r"(?:\d+(?:[.,]\d+)?(?:ns|us|ms|s|m|h|d|sec|min|[kKmMgGtT]?i?[bB]|k|K|M|G|px|x|rpm|st|nd|rd|th)"
    r"|[vV]?\d+(?:\.\d+)+\S*|\d{4}-\d{2}(?:-\d{2}\S*)?|\d{1,2}:\d{2}(?::\d{2}\S*)?"
    r"|[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|[A-Z]{1,6}-?\d{1,5}"
    r"|[a-z]{2}-[a-z]{2,12}-\d[a-z]?|[A-Za-z][A-Za-z.-]*:\d{2,5}"
    r"|(?:[Uu][Tt][Ff]|[Ss][Hh][Aa]|[Ii][Pp]v|[Hh][Tt][Tt][Pp]s?|[Bb]ase|[Oo]?[Aa]uth|node|arm|win|x|md|iso|ISO)-?\d[\w-]*)\Z"
)
_JWT = regex(r"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{5,4000}\.[A-Za-z0-9_-]{2,8000}(?:\.[A-Za-z0-9_-]{0,2000})?")
_CARRIED = regex(r"(?:[?&;](?:[a-z]{1,10}_)?(?:token|jwt|apikey|key|auth)=|\b[Bb]earer )([^\s&\"'#,;]{8,4000})")


def ids_of(obj: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """(dotted key, value) of at most 12 values that may name an actor or an attempt, in the record's order.

    By form: uuid, hex, mixed tokens, e-mail, address (without its port); numbers and words only under a key that
    looks like an id. A JWT or another token gives `("token", "jwt:<fingerprint>")`: the token itself never travels.
    """
    found: list[tuple[str, str]] = []
    _collect(obj, "", 1, found, _MAX_VISITED)
    return tuple(found[:MAX_IDS])


def _collect(obj: Mapping[str, Any], prefix: str, depth: int, found: list[tuple[str, str]], budget: int) -> int:
    """Add the ids of one object to `found`; returns what is left of the number of fields to look at."""
    for key, kind in _asked(tuple(obj)) if len(obj) <= _MAX_REMEMBERED else _kinds(obj):
        budget -= 1
        if budget < 0 or len(found) >= MAX_IDS:
            return -1
        value = obj[key]
        if type(value) is str:
            if (kind != "skip" and len(value) > 1) or "eyJ" in value:
                _from_text(key, prefix, value, kind, found)
        elif type(value) is int:
            if kind == "id" and value > 0:
                found.append((prefix + key, str(value)))
        elif type(value) is dict and value and depth < MAX_DEPTH and entered(key, value):
            budget = _collect(value, f"{prefix}{key}.", depth + 1, found, budget)
    return budget


def _from_text(key: str, prefix: str, value: str, kind: Kind, found: list[tuple[str, str]]) -> None:
    token = _token_in(value, kind)
    if token is not None:
        if ("token", token) not in found:
            found.append(("token", token))
    elif kind in ("plain", "id"):
        name = _identity(value, kind == "id")
        if name is not None:
            found.append((prefix + key, name))


def id_in_text(key: str, value: str, kind: Kind) -> tuple[str, str] | None:
    """What a text under a (dotted) key gives to a record's ids, if it is asked for itself."""
    found: list[tuple[str, str]] = []
    if (kind != "skip" and len(value) > 1) or "eyJ" in value:
        _from_text(key, "", value, kind, found)
    return found[0] if found else None


def _token_in(value: str, kind: Kind) -> str | None:
    """The fingerprint of the token that a text is or carries, else None."""
    if "eyJ" in value:
        jwt = _JWT.search(value)
        if jwt:
            return "jwt:" + _fingerprint(jwt[0])
    if "=" in value or "earer " in value:
        carried = _CARRIED.search(value[:8192])
        if carried:
            return "tok:" + _fingerprint(carried[1])
    if kind == "secret" and len(value) >= 8 and " " not in value and value != "[Redacted]":
        return "tok:" + _fingerprint(value)
    return None


def _fingerprint(token: str) -> str:
    return blake2b(token.encode("utf-8", "replace"), digest_size=6).hexdigest()


def _identity(value: str, id_key: bool) -> str | None:
    """The value as an id: an address loses its port, the first of a list of forwarders stands for the client."""
    if len(value) == _UUID_CHARS and _WHOLE_UUID.match(value):
        return value  # mostly new: not worth remembering
    return _form(value, id_key) if len(value) <= _MAX_ID else None


@lru_cache(maxsize=4096)
def _form(value: str, id_key: bool) -> str | None:
    if " " in value:
        first = value.partition(",")[0]
        return _address(first) if first != value else None
    if _SURE.match(value):
        return value
    if "." in value or ":" in value:
        address = _address(value)
        if address is not None:
            return address
    if id_key:
        return value if value.isprintable() and value[0] not in "[<{" and "://" not in value else None
    if _TOKEN.match(value) and not _NO_TOKEN.match(value):
        if _NUMBERED.match(value) or (len(value) >= 6 and _DIGIT_PAIR.search(value)):
            return value
    return None


def _address(value: str) -> str | None:
    match = _ADDRESS.match(value)
    if not match:
        return None
    host = match["v4"] or match["boxed"] or match["v6"]
    return host.removeprefix("::ffff:") if match["v4"] else host


def entered(key: str, value: Mapping[str, Any]) -> bool:
    """Whether ids are looked for in an object: False for errors, for what is never the record's own, and for the items of a list spread into numbered keys."""
    if key in _NOT_ENTERED or key.isdigit():
        return False
    if redact_name(key) != key:
        return False  # the key itself is a secret, and would be shown as the name of its ids
    return not ("stack" in value or "aggregateErrors" in value or ("message" in value and "code" in value))


@lru_cache(maxsize=1024)
def _asked(keys: tuple[str, ...]) -> tuple[tuple[str, Kind], ...]:
    """What the keys of an object say of its values: the same for every line of one log call, so remembered."""
    return tuple(_kinds(keys))


def _kinds(keys: Iterable[str]) -> Iterator[tuple[str, Kind]]:
    return ((key, kind_of_key(key)) for key in keys if key not in PLUMBING)


@lru_cache(maxsize=4096)
def kind_of_key(key: str) -> Kind:
    """What a key, without those above it, says of its value."""
    if len(key) > _MAX_ID or redact_name(key) != key:
        return "skip"
    bare = key.lower().replace("_", "").replace("-", "").rpartition(".")[2]
    if bare in _SECRETS:
        return "secret"
    if bare in _URLS:
        return "url"
    if bare in _SERVERS:
        return "server"
    if bare in _SKIPPED or key in ERROR_KEYS:
        return "skip"
    secret = kind_of(key)
    if secret not in (None, SESSION, "cookie", "like-auth"):  # such a value is no name, and `--show-ids` would show it
        return "secret" if secret in ("token", "api-key", "like-token") else "skip"
    if _ID_KEY.search(key) and not _NO_ID_KEY.search(key):
        return "id"
    return "plain"
