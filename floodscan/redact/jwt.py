"""JSON Web Tokens (RFC 7519): where they stand in a text, and what of them helps a diagnosis without being secret."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from typing import Any

import orjson

from floodscan.redact.tag import fingerprint, tag
from floodscan.regex import regex
from floodscan.value import frozen

# `eyJ` is base64 for `{"`, so this takes tokens that were cut short and base64'd JSON (a Supabase cookie) as well.
# Up to five parts: a signed token has three, an encrypted one (RFC 7516) five, some of them empty.
JWT = regex(r"eyJ[\w-]{8,}(?:(?:\.|%2[eE]){1,2}[\w-]+){0,4}={0,2}", re.ASCII)
# A token in base64 once more: `ZXlK` is base64 for `eyJ`.
WRAPPED = regex(r"ZXlK[\w+/-]{16,}={0,2}", re.ASCII)

_ISSUER_LIMIT = 200
_LATEST = 10**15
"""Milliseconds; an expiry beyond the year 33000 is no time."""


@frozen
class JwtFacts:
    """What the token says of itself; nothing of it was verified."""

    alg: str | None
    issuer: str | None
    """As it stands in the token: still to be redacted and made safe."""
    expires_ms: int | None
    kid_fingerprint: str | None
    """Tells two signing keys apart without naming them."""

    def expired(self, at: int) -> bool | None:
        """Whether it had expired at `at` (milliseconds since the epoch); None where it names no expiry."""
        return None if self.expires_ms is None else self.expires_ms <= at


def replace_jwts(text: str) -> str:
    """Tags in place of tokens; the same token in another encoding has the same tag."""
    if "eyJ" in text:
        text = JWT.sub(_tagged, text)
    if "ZXlK" in text:
        text = WRAPPED.sub(_tagged, text)
    return text


def find_jwts(text: str) -> Iterator[tuple[str, JwtFacts]]:
    """(fingerprint, facts) of each readable token in unredacted text: the fingerprint is that of its tag."""
    for pattern, prefix in ((JWT, "eyJ"), (WRAPPED, "ZXlK")):
        for match in pattern.finditer(text) if prefix in text else ():
            facts = jwt_facts(match[0])
            if facts is not None:
                yield fingerprint(_plain(match[0])), facts


def jwt_facts(token: str) -> JwtFacts | None:
    """What a token says, raw, percent-encoded or base64'd; None where it has no readable header. Never raises."""
    parts = _plain(token).split(".")
    header = _json(parts[0])
    if header is None or len(parts) < 2:
        return None
    claims = _json(parts[1]) or {}
    issuer, kid = _text(claims.get("iss")), _text(header.get("kid"))
    return JwtFacts(
        alg=_text(header.get("alg"), 32),
        issuer=issuer and issuer[:_ISSUER_LIMIT],
        expires_ms=_milliseconds(claims.get("exp")),
        kid_fingerprint=fingerprint(kid) if kid else None,
    )


def _tagged(match: re.Match[str]) -> str:
    plain = _plain(match[0])
    return tag("jwt" if "." in plain else "token", plain)


def _plain(token: str) -> str:
    """The token as its issuer wrote it."""
    if token.startswith("ZXlK"):
        try:
            inner = JWT.match(_decode(token).decode("ascii"))
        except ValueError:
            inner = None
        if inner is not None:
            token = inner[0]
    return token.replace("%2E", ".").replace("%2e", ".").rstrip("=")


def _json(part: str) -> dict[str, Any] | None:
    try:
        value = orjson.loads(_decode(part))
    except (ValueError, binascii.Error):
        return None
    return value if isinstance(value, dict) else None


def _decode(part: str) -> bytes:
    """Base64 of either alphabet, without padding, possibly cut short. Raises ValueError."""
    part = part.rstrip("=").translate({ord("-"): "+", ord("_"): "/"})
    if len(part) % 4 == 1:
        part = part[:-1]
    return binascii.a2b_base64(part + "=" * (-len(part) % 4), strict_mode=True)


def _text(value: object, limit: int = 1000) -> str | None:
    return value if isinstance(value, str) and 0 < len(value) <= limit else None


def _milliseconds(seconds: object) -> int | None:
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not abs(seconds) < _LATEST:
        return None
    return int(seconds * 1000)
