"""Error codes: which texts are codes, which of them a library or a system gives a meaning, where a text holds one."""

from __future__ import annotations

import re
from typing import Final

from floodscan.regex import regex

# Names of errno and of Node's resolver that backends meet. All of them begin with E, none is an English word.
_ERRNOS: Final = (
    "ECONNREFUSED ECONNRESET ECONNABORTED ENOTFOUND EAI_AGAIN EAI_FAIL EAI_NODATA EAI_NONAME EAI_MEMORY EADDRINUSE "
    "EADDRNOTAVAIL ETIMEDOUT ESOCKETTIMEDOUT ESOCKET ETIMEOUT EPIPE EHOSTUNREACH EHOSTDOWN ENETUNREACH ENETDOWN "
    "ENETRESET ENOTCONN EISCONN EALREADY EINPROGRESS EACCES EPERM ENOENT EEXIST EISDIR ENOTDIR ENOTEMPTY EMFILE ENFILE "
    "ENOSPC EROFS EBUSY EIO ENOMEM EINVAL EBADF EPROTO EPROTOTYPE EMSGSIZE ENOBUFS ESERVFAIL ENODATA EREFUSED "
    "ECANCELED EINTR EAGAIN EDQUOT ENXIO EXDEV ELOOP ENAMETOOLONG EAUTH EENVELOPE ECONNECTION EDNS EMESSAGE ETLS"
).split()

# Code families whose members have a meaning fixed by a library: Node, undici, Fastify, fast-jwt, PostgREST, MySQL,
# TLS, OAuth's JOSE, Prisma, Redis replies, gRPC names are left out (they are words).
_FAMILY = (
    r"ERR_[A-Z0-9_]{2,60}|UND_ERR_[A-Z0-9_]{2,60}|FAST_JWT_[A-Z_]{2,60}|FST_[A-Z0-9_]{2,60}|PGRST(?:\d{3}|X00)"
    r"|ER_[A-Z][A-Z0-9_]{2,60}|ORA-\d{4,5}|PROTOCOL_[A-Z_]{3,60}"
    r"|(?:CERT|UNABLE_TO|DEPTH_ZERO_SELF|SELF_SIGNED_CERT)_[A-Z_]{3,60}"
    r"|WRONGPASS|NOAUTH|NOPERM|MISCONF|CLUSTERDOWN|MASTERDOWN|BUSYKEY|NOSCRIPT|CROSSSLOT|EXECABORT"
)
# SQLSTATE: two characters of a class that the standard or Postgres defines, three of the condition.
_SQLSTATE = r"(?:0[1-9A-Z]|2[0-9A-F]|3[489BDF]|4[024]|5[34578]|F0|HV|P0|XX)[0-9A-Z]{3}"
_KNOWN = regex(rf"\b(?:{'|'.join(_ERRNOS)}|{_FAMILY})\b")
_LIBRARY = regex(
    rf"(?:{'|'.join(_ERRNOS)}|{_FAMILY}|P[1-6]\d{{3}}|{_SQLSTATE}|MODULE_NOT_FOUND"
    r"|[a-z]{2,20}(?:_[a-z]{2,20}){1,6})\Z"  # OAuth and Supabase Auth: `bad_jwt`, `refresh_token_not_found`
)
_CODE = regex(r"[A-Za-z0-9](?:[\w.:/-]{0,78}\w)?\Z", re.ASCII)
_SCREAMING = regex(r"(?=[A-Z0-9_-]*[A-Z])[A-Z][A-Z0-9]{1,40}(?:[_-][A-Z0-9]{1,40}){1,8}\Z")

_CONTEXT = regex(
    r"\bSQLSTATE[ :=\[(]{0,3}([0-9A-Z]{5})\b"
    r"|\b[Cc]ode['\"]?\s{0,3}[:=]?\s{0,3}['\"]?"
    rf"((?=[A-Z0-9_]{{0,39}}[0-9_])[A-Z][A-Z0-9_]{{2,63}}|{_SQLSTATE})\b"
)

# What a text must hold before a pattern is worth trying: `in` costs a twentieth of a search.
MARKS: Final = (
    "ECONN", "ENOT", "EAI_", "EADDR", "ETIME", "EPIPE", "EHOST", "ENET", "EACC", "EPERM", "ENO", "EEXIST", "EMFILE",
    "ESOCK", "_", "PGRST", "WRONGPASS", "NOAUTH", "NOPERM", "MISCONF", "DOWN", "ORA-", "code", "Code", "SQLSTATE",
    "EPROTO", "EBUSY", "EISDIR", "EROFS", "EINVAL", "EAGAIN", "ECANCEL", "EDNS", "EAUTH", "ESERVFAIL", "EREFUSED",
)  # fmt: skip
_SCANNED = 8_192
"""Characters of a text in which a code is looked for: it stands in the first line or two."""


def clean_code(value: object) -> str | None:
    """`value` as a machine-readable code; None for empty texts, sentences and everything that is no number or text."""
    if isinstance(value, str):
        text = value.strip()
        return text if _CODE.match(text) else None
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if 0 != value and abs(value) < 10**9 else None
    return None


def is_library_code(code: str) -> bool:
    """True where a system or a library gives the code its meaning (`ECONNREFUSED`, `42703`, `FAST_JWT_EXPIRED`)."""
    return _LIBRARY.match(code) is not None


def is_application_code(code: str) -> bool:
    """True for the form that applications give their own codes: `DATABASE_ERROR`."""
    return _SCREAMING.match(code) is not None


def code_in_text(text: str) -> str | None:
    """The first code that a text names: an errno or a library's code anywhere, others only after `code` or SQLSTATE."""
    head = text[:_SCANNED]
    for mark in MARKS:
        if mark in head:
            break
    else:
        return None
    known = _KNOWN.search(head)
    if known:
        return known[0]
    context = _CONTEXT.search(head)
    return (context[1] or context[2]) if context else None
