"""The private tag that stands where a secret stood."""

from __future__ import annotations

from hashlib import blake2b

from floodscan.safe import CLOSE, OPEN

PERSON = "who-"
"""Begins the kind of a tag that stands for a person, a connection or a session, not for a secret."""
SESSION = "session"
"""Sessions have pseudonyms like people, and are never shown themselves: who has a session's id has the session."""


def fingerprint(value: str) -> str:
    """12 hex digits, the same for the same value on every machine."""
    return blake2b(value.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


def tag(kind: str, value: str) -> str:
    return f"{OPEN}{kind}:{fingerprint(value)}{CLOSE}"
