"""Coarser signatures, for logs with too many distinct shapes.

Each level joins whole groups of the level before, so the smallest level that fits depends only on the set.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from floodscan.model import Opacity, Signature
from floodscan.signature import signature_id

COARSEST = 5


def coarse(signature: Signature, level: int) -> Signature:
    """The signature at a level: 0 itself; 1, 2 records without an error by two words, by none; 3, 4 the others; 5 one."""
    if level == 0:
        return signature
    of = signature
    bare = not (of.type or of.code or of.status or of.opacity)
    if level >= COARSEST or (bare and level > 1):
        return _OTHER
    if not bare and level < 3:
        return signature
    words = of.words[: 0 if level == 4 else 2]
    return _cut(words, of.type, of.code, of.status, of.opacity, of.structured)


@lru_cache(maxsize=4096)
def _cut(
    words: tuple[str, ...],
    type_: str | None,
    code: str | None,
    status: int | None,
    opacity: Opacity | None,
    structured: bool,
) -> Signature:
    return _named(Signature("", " ".join((*words, "<...>")), words, None, type_, code, status, opacity, structured))


def joined(known: Signature, other: Signature) -> Signature:
    """One signature for two with one id, whichever is known: the smallest text, and free text if either is.

    Each field by itself, so that it makes no difference whether signatures are joined or made coarser first.
    """
    if known.text <= other.text and known.structured <= other.structured:
        return known
    return replace(known, text=min(known.text, other.text), structured=known.structured and other.structured)


def scene_class(signature: Signature) -> str:
    """What signatures choose their scenes by: finer than the coarsest levels, and bounded in number in most logs."""
    of = signature
    return "\0".join((*of.words[:2], str(of.type), str(of.code), str(of.status), str(of.opacity)))


def _named(signature: Signature) -> Signature:
    return replace(signature, id=signature_id(signature))


_OTHER = _named(Signature(id="", text="<other>", words=()))
