"""Secrets that are known by their own form, whatever stands before them: keys of vendors, PEM, URLs, e-mails.

Sources: the vendors' documentation of their key prefixes; RFC 6750 (Bearer), RFC 7617 (Basic), RFC 7468 (PEM).
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable
from itertools import zip_longest

from floodscan.redact.tag import tag
from floodscan.redact.whole import is_wordy
from floodscan.regex import regex
from floodscan.safe import CLOSE, OPEN
from floodscan.value import frozen

Replace = Callable[[re.Match[str]], str]


@frozen
class Form:
    """A pattern, what replaces its match, and the literals of which one must stand in the text for it to match."""

    pattern: re.Pattern[str]
    replace: Replace
    needles: tuple[str, ...]
    case: bool = True
    """Whether the needles are written as in the text; else they are looked for in its lower case."""


# ---------------------------------------------------------------- PEM

_PEM = regex(r"-----(BEGIN|END)(?:[ +]|%20)(?:[A-Z0-9 +]|%20){1,40}-----", re.IGNORECASE)
# The body of a block that was cut short: lines of base64, the newlines as they are or escaped.
_NEWLINE = r"(?:\\+[nr]|\s|%0[AaDd])+"
_BASE64 = r"(?:[A-Za-z0-9+/=]|%2[BbFf]|%3[Dd])"
_PEM_BODY = regex(rf"(?:(?:{_NEWLINE}{_BASE64}{{16,}})+(?:{_NEWLINE}{_BASE64}*)?)?")
_PEM_LINE = regex(r"\s*[A-Za-z0-9+/]{64}\s*", re.ASCII)


def replace_pem(text: str) -> str:
    """A tag in place of each block, from BEGIN to the next END, or to the end of the base64 where END is missing."""
    if is_pem_line(text):
        return tag("pem", text.strip())
    out: list[str] = []
    done = 0
    marks = list(_PEM.finditer(text))
    for mark, following in zip_longest(marks, marks[1:]):
        if mark[1].upper() != "BEGIN" or mark.start() < done:
            continue
        if following is not None and following[1].upper() == "END":
            end = following.end()
        else:
            body = _PEM_BODY.match(text, mark.end())
            end = body.end() if body else mark.end()
        out += (text[done : mark.start()], tag("pem", text[mark.start() : end]))
        done = end
    return "".join(out) + text[done:]


def is_pem_line(text: str) -> bool:
    """Whether the text is nothing but a line of such a block: what is left of one where each line became a record."""
    if _PEM_LINE.fullmatch(text) is None:
        return False
    return any(map(str.isupper, text)) and any(map(str.islower, text)) and any(map(str.isdigit, text))


# ---------------------------------------------------------------- keys of vendors


def _key(kind: str, pattern: str, *needles: str) -> Form:
    return Form(regex(pattern, re.ASCII), lambda match: tag(kind, match[0]), needles)


# Where a prefix is too short to tell by itself, it must start a word: in plain text, after `%3D`, after `\n`.
_START = r"(?:(?<![A-Za-z0-9])|(?<=%[0-9A-Fa-f]{2})|(?<=\\[nrt]))"

_VENDORS = (
    _key("supabase-key", r"sb_(?:secret|publishable)_[\w-]{8,}|sbp_(?:oauth_)?\w{16,}", "sb_", "sbp_"),
    _key("aws-key", _START + r"(?:AKIA|ASIA)[A-Z0-9]{16}", "AKIA", "ASIA"),
    _key("aws-key", r"(?:IQoJb3JpZ2lu|F[wQ]oGZXIvYXdz)(?:[\w+/=-]|%2[BFbf]|%3[Dd]){40,}", "IQoJb3JpZ2lu", "oGZXIvYXdz"),
    _key(
        "github-token",
        r"gh[pousr]_[A-Za-z0-9]{16,}|github_pat_\w{16,}",
        "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_",
    ),
    _key("gitlab-token", r"gl(?:pat|dt|ptt|rt|cbt)-[\w-]{16,}", "glpat-", "gldt-", "glptt-", "glrt-", "glcbt-"),
    _key("slack-token", r"xox[a-z]-[\w-]{8,}|xapp-[\w-]{8,}", "xox", "xapp-"),
    _key("stripe-key", r"(?:sk|rk|pk)_(?:live|test)_\w{8,}|whsec_[\w+/=]{12,}", "_live_", "_test_", "whsec_"),
    _key("api-key", r"sk-(?:ant|proj|svcacct|admin|or)-[\w-]{8,}|" + _START + r"sk-[A-Za-z0-9]{20,}", "sk-"),
    _key("google-key", r"AIza[\w-]{30,}|ya29\.[\w-]{16,}", "AIza", "ya29."),
    _key("telegram-token", r"(?:(?<![\d%])|(?<=%20)|(?<=%22)|(?<=%27))\d{5,16}(?::|%3[aA])AA[\w-]{25,}", ":AA", "%3AAA", "%3aAA"),
    _key("npm-token", r"npm_[A-Za-z0-9]{30,}", "npm_"),
    _key(
        "token",
        r"hf_[A-Za-z0-9]{30,}|dop_v1_[a-f0-9]{32,}|shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32,}|pypi-AgE[\w-]{30,}"
        r"|SG\.[\w-]{16,}\.[\w-]{16,}|hvs\.[\w-]{20,}|lin_api_\w{30,}|gsk_\w{30,}",
        "hf_", "dop_v1_", "shpat_", "shpca_", "shppa_", "shpss_", "pypi-AgE", "SG.", "hvs.", "lin_api_", "gsk_",
    ),
)  # fmt: skip

# ---------------------------------------------------------------- AWS

_SECRET_LENGTH = 40
_BEFORE = r"(?:(?<![A-Za-z0-9/+=])|(?<=[^A-Za-z0-9/+]=)|(?<=\w=)|(?<=%3[DdAa])|(?<=%2[0267Cc])|(?<=\\[nrt]))"
_AWS_SECRET = regex(rf"{_BEFORE}(?:[A-Za-z0-9+/]|\\/|%2[FfBb]){{{_SECRET_LENGTH}}}(?![A-Za-z0-9+/=])")
_AWS_NEAR = regex(r"(?:AKIA|ASIA)[A-Z0-9]{16}|[sS]ecret|SECRET")
_NEAR = 100
"""Characters before a secret access key within which its id, or the word secret, tells what it is."""


def _aws_secret(match: re.Match[str]) -> str:
    """40 characters of base64 have capitals, small letters and digits; a commit's hash and a path lack some of them."""
    found, start = match[0], match.start()
    mixed = any(map(str.isupper, found)) and any(map(str.islower, found)) and any(map(str.isdigit, found))
    if not mixed or not _AWS_NEAR.search(match.string, max(0, start - _NEAR), start):
        return found
    return tag("aws-key", found.replace("\\/", "/").replace("%2F", "/").replace("%2f", "/"))


# ---------------------------------------------------------------- URLs that are secrets themselves

_SLASH = r"(?:\\{0,8}/|%(?:25)?2[Ff])"
_WEBHOOKS = (
    # Slack: with its host, or the path alone, as HTTP clients print it.
    rf"(hooks\.slack(?:-gov)?\.com{_SLASH}\w{{1,20}}{_SLASH})((?:[\w-]|{_SLASH}){{8,}})",
    rf"(services{_SLASH})(T[A-Z0-9]{{6,14}}{_SLASH}B[A-Z0-9]{{6,14}}{_SLASH}[A-Za-z0-9]{{8,}})",
    rf"(api{_SLASH}(?:v\d{{1,3}}{_SLASH})?webhooks{_SLASH})(\d{{15,21}}{_SLASH}[\w-]{{20,}})",  # Discord
    rf"(office\.com{_SLASH}webhook(?:b2)?{_SLASH})((?:[\w@-]|%40|{_SLASH}){{8,}})",  # Microsoft Teams
    rf"(hooks\.zapier\.com{_SLASH}hooks{_SLASH}catch{_SLASH})((?:\w|{_SLASH}){{8,}})",
)
_WEBHOOK_NEEDLES = (("hooks.slack",), ("services",), ("webhooks",), ("office.com",), ("hooks.zapier",))


def _webhook(match: re.Match[str]) -> str:
    path = match[2].rstrip("\\").replace("\\", "").replace("%25", "%").replace("%2F", "/").replace("%2f", "/")
    return match[1] + tag("webhook", path)


# ---------------------------------------------------------------- Authorization schemes

_BEARER = regex(r"\b(bearer(?:\s|%20|\+){1,4})([\w.~+/=%-]{2,})", re.IGNORECASE | re.ASCII)
_BASIC = regex(r"\b(basic(?:\s|%20|\+){1,4})([\w+/-]{6,}={0,2})", re.IGNORECASE | re.ASCII)
_PROSE = frozenset(
    "a an and any are as at auth authentication authorization be but by can cannot challenge credential credentials "
    "empty error expected expired failed for format found from has header headers if in invalid is it malformed "
    "missing must no none not null object of on only or prefix provided realm redacted required scheme schema scope "
    "should string strategy strings that the to token tokens type undefined unsupported used value was were with "
    "without".split()
)
"""What follows `Bearer` where the line speaks of the scheme and shows no token."""
_PARAMETERS = frozenset(("realm", "error", "scope"))
"""Of a challenge: `WWW-Authenticate: Bearer realm=api`."""


def _bearer(match: re.Match[str]) -> str:
    value = match[2].rstrip(".")
    word, _, rest = value.lower().partition("=")
    if word in _PROSE and (not rest or word in _PARAMETERS):
        return match[0]
    return match[1] + tag("bearer", value) + match[2][len(value) :]


def _basic(match: re.Match[str]) -> str:
    """Credentials are `user:password` in base64; other words after `basic` are prose."""
    value = match[2].rstrip("=").translate({ord("-"): "+", ord("_"): "/"})
    try:
        plain = binascii.a2b_base64(value[: len(value) // 4 * 4], strict_mode=True).decode("latin-1")
    except ValueError:
        return match[0]
    return match[1] + tag("basic", match[2]) if ":" in plain and plain.isprintable() else match[0]


# ---------------------------------------------------------------- URLs

# No class below holds `/`, so a scan ends where the next `://` begins: linear, whatever stands in the text.
_STOP = r"\s\"'`<>"
_USER = rf"(://)([^/:@?#\[{_STOP}{OPEN}{CLOSE}]*)"
_NO_PORT = r"(?!\d{1,5}[/?#])"
_USERINFO = regex(rf"{_USER}(?::{_NO_PORT}([^/{_STOP}]*))?@")
# A password with a slash in it: no parser takes such a URL, and the error that says so prints it.
_USERINFO_SLASH = regex(rf"{_USER}:{_NO_PORT}([^@/{_STOP}{OPEN}{CLOSE}]*/[^@{_STOP}{OPEN}{CLOSE}]{{0,64}})@")
_USERINFO_ENCODED = regex(
    r"(%3a%2f%2f)((?:(?!%2f|%3a|%40)[^\s\"'&])*)(%3a)((?:(?!%2f|%40)[^\s\"'&])+)(?=%40)", re.IGNORECASE
)
_TOKEN_LENGTH = 16
"""A user name at least this long and without a password is a token (`https://TOKEN@host`)."""


def _userinfo(match: re.Match[str]) -> str:
    scheme, user, password = match.groups()
    if password:
        return f"{scheme}{user}:{tag('password', password)}@"
    if password is None and len(user) >= _TOKEN_LENGTH:
        return f"{scheme}{tag('token', user)}@"
    return match[0]


def _userinfo_encoded(match: re.Match[str]) -> str:
    return match[1] + match[2] + match[3] + tag("password", match[4])


# A code of OAuth or a signature in a query; codes of errors (`code=23505`) are short, words have no digits among them.
_IN_QUERY = regex(
    r"((?:[?&]|%3[fF]|%26|\\u0026)(?:(sig|signature|hmac)|code)(?:=|%3[dD]))((?:[\w.~+/=:-]|%(?!26|22|27|20|3[bB]|23))+)",
    re.IGNORECASE | re.ASCII,
)
_SHORTEST_SIGNATURE, _SHORTEST_CODE = 8, 16


def _in_query(match: re.Match[str]) -> str:
    value = match[3]
    telling = any(map(str.isdigit, value)) and any(map(str.islower, value)) and not is_wordy(value)
    if len(value) < (_SHORTEST_SIGNATURE if match[2] else _SHORTEST_CODE) or not (telling or match[2]):
        return match[0]
    return match[1] + tag("signature" if match[2] else "code", value)


# ---------------------------------------------------------------- e-mail

# Only the start of a run of such characters can start an address, so that a long run is scanned once.
_EMAIL = regex(
    r"(?<![\w.%+-])[\w.%+-]+(?:@|%40)[\w-]+(?:\.[\w-]+)*\.(?:[^\W\d_]{2,24}|xn--[a-z0-9-]{2,})(?![\w-])", re.IGNORECASE
)
_NOT_A_DOMAIN = (
    ".service", ".socket", ".timer", ".slice", ".scope", ".mount", ".target", ".device", ".path", ".swap",
    ".js", ".ts", ".mjs", ".cjs", ".tgz", ".json",
)  # fmt: skip
"""systemd units (`user@1000.service`) and files of packages (`ws@8.js`) look like addresses."""


def _email(match: re.Match[str]) -> str:
    found = match[0]
    host_of_a_url = match.string.startswith("//", max(0, match.start() - 2)) and "@" in found
    if host_of_a_url or found.lower().endswith(_NOT_A_DOMAIN):
        return found
    return tag("email", found.replace("%40", "@").lower())


FORMS: tuple[Form, ...] = (
    Form(_AWS_SECRET, _aws_secret, ("AKIA", "ASIA", "secret", "Secret", "SECRET")),
    *_VENDORS,
    *(
        Form(regex(pattern, re.ASCII), _webhook, needles)
        for pattern, needles in zip(_WEBHOOKS, _WEBHOOK_NEEDLES, strict=True)
    ),
    Form(_BEARER, _bearer, ("bearer",), case=False),
    Form(_BASIC, _basic, ("basic",), case=False),
    Form(_USERINFO, _userinfo, ("://",)),
    Form(_USERINFO_SLASH, _userinfo, ("://",)),
    Form(_USERINFO_ENCODED, _userinfo_encoded, ("%3a%2f%2f",), case=False),
    Form(_IN_QUERY, _in_query, ("code=", "code%3d", "sig=", "sig%3d", "signature", "hmac"), case=False),
    Form(_EMAIL, _email, ("@", "%40")),
)
