"""Words that hold a digit: masked, unless the digits belong to a name or to a code that tells two failures apart."""

from __future__ import annotations

import re
from functools import lru_cache

from floodscan.regex import regex

ZEROS = str.maketrans("123456789", "000000000")
"""Digits told apart no more."""


def zeroed(text: str) -> str:
    """The text with zeros for its digits: `translate`, but a short text is replaced in sooner."""
    if len(text) > _SHORT:
        return text.translate(ZEROS)
    for digit in "123456789":
        if digit in text:
            text = text.replace(digit, "0")
    return text


_SHORT, _LONGEST = 400, 64
"""Characters of a text that is short, and of the longest word that is remembered."""

# Names whose digit is no value. Compared with every digit as zero, so that a look-alike (`http7`) stays as well.
_NAMES = frozenset(
    name.translate(ZEROS)
    for name in (
        "http1 http2 http3 h2 h2c oauth1 oauth2 ssh2 ipv4 ipv6 ip4 ip6 inet4 inet6 utf8 utf16 utf8mb4 sha1 sha256 "
        "sha384 sha512 md5 hs256 rs256 es256 base32 base58 base64 x509 x11 s3 ec2 k8s i18n l10n e2e b2b p2p x86 x64 "
        "amd64 arm64 win32 log4j log4j2 slf4j neo4j web3 py3 python3 auth0 bz2 lz4 mp3 mp4 h264 u2f 2fa 4xx 5xx"
    ).split()
)
_PARTS = regex(r"[-_.+/]")

# Codes of known systems, whose digits are the message: MongoDB, Prisma, PostgREST, Oracle, TypeScript, Entra ID, ODBC,
# Node's deprecations.
_KNOWN_CODE = regex(
    r"E\d{4,5}|P\d{4}|PGRST\d{1,3}|(?:ORA|TNS|PLS)-\d{4,5}|TS\d{4,5}|AADSTS\d{4,7}|HY\d{3}|DEP\d{4}"
)
_CODE_CUE = (
    r"(?:\b[Cc]ode|\bCODE|(?<=[a-z_])Code|_code|_CODE|\b[Ss]ignal|\b[Ee]rrno|\bERRNO|\bSQLSTATE|\b[Ss]ql[Ss]tate"
    r"|\b(?:[Ee]rror|ERROR)(?=[ #(]{1,2}\d{3,5}(?:[):\],]|$| \()))"
)
_STATUS_CUE = (
    r"(?:(?:\b|(?<=[a-z_]))(?:[Ss]tatus|STATUS)(?:[ _-]?[Cc]ode)?|\bHTTP(?:/\d(?:\.\d)?)?"
    r"|\b(?:returned|responded with|responded|answered|failed with)(?= \d{3}(?:[):\],.]|$| [A-Z(])))"
)
_BETWEEN = r"[\"'\]]?(?: (?:is|was|of) | ?[:=(\[#] ?| )[\"'\[(]?"
_CODED = regex(
    r"^\[?(?P<leading>\d{3})(?=\]| - |: )"
    rf"|(?:(?P<status>{_STATUS_CUE})|{_CODE_CUE}){_BETWEEN}(?P<value>-?(?=\w{{0,4}}\d)\w{{1,10}})(?![\w-]|\.\d)"
)
_CUES = ("code", "status", "errno", "sqlstate", "signal", "returned", "responded", "answered", "failed with")
"""Lower-case substrings, without all of which, `HTTP` and a number after `error` no code can be announced."""
_NUMBERED_ERROR = regex(r"[Rr][Oo][Rr][ #(]{1,2}\d")
_WORD = regex(r"(?<![0-9A-Za-z_.$@#~%+-])[A-Za-z_.$@#~%+-]*+\d[0-9A-Za-z_.$@#~%+-]*+")

_NUMBER = regex(
    r"[-+~.]?\d[\d._]*+(?:%|[A-Za-zµ]{1,3}|bytes|secs?|mins?|hours?|days?)?[.-]?"
    r"|(?:\d{1,4}d)?(?:\d{1,4}h)?\d{1,4}m(?:\d{1,4}(?:\.\d{1,9})?s)?"  # Go: 1h2m3.5s
)
_HEX = regex(r"(?:0[xX])?(?:[0-9a-f]{6,}|[0-9A-F]{6,})|0[xX][0-9A-Fa-f]+")
_NAMED_NUMBER = regex(r"[A-Za-z]{4,}+\d+")  # `worker12`: a name and a number
_CAMEL = regex(r"[A-Z][a-z]{2,}\d{1,2}[A-Z][a-z]{2,}[A-Za-z]*+")  # `Http2Session`: a name in the code
_CAPS_SNAKE = regex(r"[A-Z][A-Z0-9]*+(?:_[A-Z0-9]++)+")  # `ERR_HTTP2_STREAM`: a code
_DIGITS = regex(r"\d+")
_SQLSTATE = regex(r"[0-9A-Z]{5}")
_NO_ERROR_CODE = regex(
    r"(?:verification|otp|sms|pin|zip|postal|promo|coupon|invite|access|country|currency|login) $", re.IGNORECASE
)
_CONTEXT = 16
"""Characters before `code` that may say it is no error's: the longest such word and its blank."""
_CODE_DIGITS = 5
"""Digits of the longest number taken for a code (a Windows or MySQL error, an exit code): a longer one is an id."""
_ID_DIGITS = 3
"""Digits from which a word is an id as a whole, unless it is a name and a number; with fewer its letters stay."""
_ID_LETTERS = 6
"""Characters from which a word with a digit inside (`L9ECAVKIM`) is an id and no name."""


def mask_digit_words(text: str, *, keep_status: bool = True) -> str:
    """`attempt 3 of job_8812` becomes `attempt <num> of <id>`; `code 22P02`, `status 503`, `P2002` and `sha256` stay.

    A status below 400 is masked, for the answers that are no failure are one. With `keep_status` False every status is.
    """
    if not _DIGITS.search(text):
        return text
    kept = frozenset([coded.end() for coded in codes_announced(text) if _keeps(coded, keep_status)])

    def replace(match: re.Match[str]) -> str:
        word = match[0]
        if match.start() + len(word.rstrip(".")) in kept:
            return word
        return _masked(word, text.startswith("(", match.end()))

    return _WORD.sub(replace, text)


def codes_announced(text: str) -> list[re.Match[str]]:
    """Where a number may be a code (after `code` or `status`, or first in the text): its digits decide that."""
    if not _DIGITS.search(text):
        return []
    lower = text.lower()
    if not (text[0].isdigit() or text[0] == "[" or "HTTP" in text):
        for cue in _CUES:
            if cue in lower:
                break
        else:
            if "error" not in lower or not _NUMBERED_ERROR.search(text):
                return []
    return list(_CODED.finditer(text))


def _keeps(coded: re.Match[str], keep_status: bool) -> bool:
    if coded["leading"] or coded["status"]:
        return keep_status and _is_failing(coded["leading"] or coded["value"])
    return _is_code(coded)


def _is_failing(status: str) -> bool:
    """RFC 9110: 4xx and 5xx."""
    return len(status) == 3 and status.isdecimal() and status[0] in "45"


def _is_code(coded: re.Match[str]) -> bool:
    """Small numbers, SQLSTATEs and HRESULTs are codes of a failure, unless the words before say otherwise."""
    if _NO_ERROR_CODE.search(coded.string[max(0, coded.start() - _CONTEXT) : coded.start()]):
        return False
    bare = coded["value"].lstrip("-")
    if bare.isdecimal():
        return len(bare) <= _CODE_DIGITS
    return _SQLSTATE.fullmatch(bare) is not None or bare[:2] in ("0x", "0X")


def _masked(word: str, is_call: bool) -> str:
    return _remembered(word, is_call) if len(word) <= _LONGEST else _mask_word(word, is_call)


def _mask_word(word: str, is_call: bool) -> str:
    """The mask of one word that holds a digit; a full stop at its end stays."""
    core = word.rstrip(".")
    end = word[len(core) :]
    digits = sum(map(str.isdigit, core))
    if _is_name(core, digits) or (is_call and digits < _ID_DIGITS):
        return word
    if _NUMBER.fullmatch(core):
        return f"<num>{end}"
    if _HEX.fullmatch(core):
        return f"<hex>{end}"
    if _NAMED_NUMBER.fullmatch(core):
        return _DIGITS.sub("<num>", word)
    compound = any(sign in core for sign in "._-@#$~+%")
    inside = core[-1:].isalpha() and len(core) >= _ID_LETTERS
    if compound or inside or digits >= _ID_DIGITS or digits * 10 >= len(core) * 3:
        return f"<id>{end}"
    return _DIGITS.sub("<num>", word)


def _is_name(core: str, digits: int) -> bool:
    """Whether the digits of a word belong to a name: `utf8`, `neon-http2`, `Http2Session`, `P2002`."""
    if _KNOWN_CODE.fullmatch(core):
        return True
    if digits > _ID_DIGITS:  # no name has more
        return False
    parts = _PARTS.split(core.lower().translate(ZEROS))
    if all(part in _NAMES or part.isalpha() for part in parts):
        return True
    return _CAMEL.fullmatch(core) is not None or (digits * 4 <= len(core) and _CAPS_SNAKE.fullmatch(core) is not None)


_remembered = lru_cache(maxsize=4096)(_mask_word)
"""Most texts come with zeros for their digits, so that few words differ."""
