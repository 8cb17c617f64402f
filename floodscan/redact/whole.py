"""Names of secrets that count only as a whole (`pin`, `otp`, `session`), and what stands under them without being one."""

from __future__ import annotations

from floodscan.redact.tag import SESSION
from floodscan.regex import regex

WHOLE = (
    r"(?:jwt|bearer|csrf|xsrf|otp|pin|totp|(?:mfa|otp|totp|2fa)[-_]?code|sid|jsessionid|phpsessid"
    r"|(?:user|web|ws|asp\.net_)?session(?:[-_.]?id)?|auth)(?![a-z0-9_-])"
)
"""A pattern of the lower case of such names; what stands before them is for who uses it to look at."""
WHOLE_NEEDLES = ("jwt", "bearer", "csrf", "xsrf", "otp", "pin", "mfa", "2fa", "sid", "sess", "auth")
LIKE = "like-"
"""Begins a kind under whose names other things than secrets stand: the value itself has to look like one."""

_CODE = regex(r"(?=[A-Za-z-]*\d)[A-Za-z\d-]{4,12}(?![A-Za-z\d])")
MASK = r"<(?:num|id|hex|token|host|ip|path|time|uuid|email|str|bool)>"
"""What stands in a signature's text for a number or an id: it may be a part of a secret, and counts as a digit there."""
_MASK = regex(MASK)
# `scram-sha-256-plus`, `postgres-session-store`, `2026-01-01`, `1800s`.
_WORDY = regex(r"[A-Za-z]+\d?(?:[-_./:](?:\d{1,4}|[A-Za-z]+)){1,12}|[\d:.TZ-]{1,10}Z?|\d{1,7}[a-z]{1,2}|[A-Z_]+")
_LEAST, _LEAST_WITHOUT_DIGITS, _LEAST_OF_AUTH = 6, 24, 16


def whole_kind(word: str) -> str | None:
    """The kind of secret under a name that counts as a whole; None for another word."""
    if word in ("jwt", "bearer", "csrf", "xsrf"):
        return LIKE + "token"
    if word in ("otp", "pin", "totp") or (word.endswith("code") and word[0] in "mot2"):
        return "otp"
    if word == "auth":
        return LIKE + "auth"
    return SESSION if word == "sid" or "sess" in word else None


def is_wordy(value: str) -> bool:
    """Whether it is words, a date or a duration rather than a secret."""
    return _WORDY.fullmatch(value) is not None


def is_ordinary(kind: str, bare: str) -> bool:
    """Whether what stands under a name of this kind is no secret."""
    if kind == "otp":
        return _CODE.match(bare) is None
    if kind != SESSION and not kind.startswith(LIKE):
        return False
    if "<" in bare:
        bare = _MASK.sub("0", bare)
    digits = any(map(str.isdigit, bare))
    if "://" in bare or len(bare.split()) > 1:
        return True
    if kind == LIKE + "auth":
        return len(bare) < _LEAST_OF_AUTH or not digits or is_wordy(bare)
    return len(bare) < (_LEAST if digits else _LEAST_WITHOUT_DIGITS) or (is_wordy(bare) and not bare.isdigit())
