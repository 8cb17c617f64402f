"""Coarser signatures, for logs with too many distinct shapes.

Each level joins whole groups of the level before, so the smallest level that fits depends only on the set.
"""

from __future__ import annotations

from functools import lru_cache

from floodscan.dataclass import replace
from floodscan.model import Signature
from floodscan.signature import signature_id

COARSEST = 5
_OTHER = Signature(id="", text="<other>", words=())


@lru_cache(maxsize=65_536)
def coarse(signature: Signature, level: int) -> Signature:
    """The signature at a level: 0 itself; 1, 2 records without an error by two words, by none; 3, 4 the others; 5 one."""
    if level == 0:
        return signature
    if level >= COARSEST:
        return _named(_OTHER)
    bare = not (signature.type or signature.code or signature.status or signature.opacity)
    if bare:
        return _named(_cut(signature, 2)) if level == 1 else _named(_OTHER)
    if level >= 3:
        return _named(_cut(signature, 2 if level == 3 else 0))
    return signature


def joined(known: Signature, other: Signature) -> Signature:
    """One signature for two with one id, whichever is known: the smallest text, and free text if either is.

    Each field by itself, so that it makes no difference whether signatures are joined or made coarser first.
    """
    if known.text <= other.text and known.structured <= other.structured:
        return known
    return replace(known, text=min(known.text, other.text), structured=known.structured and other.structured)


@lru_cache(maxsize=4096)
def scene_class(signature: Signature) -> str:
    """What signatures choose their scenes by: finer than the coarsest levels, and bounded in number in most logs."""
    parts = (*signature.words[:2], signature.type, signature.code, signature.status, signature.opacity)
    return "\0".join(map(str, parts))


def _cut(signature: Signature, words: int) -> Signature:
    kept = signature.words[:words]
    return replace(signature, words=kept, text=" ".join((*kept, "<...>")), logger=None)


def _named(signature: Signature) -> Signature:
    return replace(signature, id=signature_id(signature))
