"""`redact` and `clip`: the order in which secrets are looked for, from the most telling form to the least.

Every pattern runs in linear time, and only where a literal that it needs stands in the text: most lines hold none.
"""

from __future__ import annotations

from functools import lru_cache

from floodscan.redact.encoded import replace_encoded
from floodscan.redact.flags import NEEDLES as FLAGS_NEEDLES
from floodscan.redact.flags import replace_flags
from floodscan.redact.forms import FORMS, is_pem_line, replace_pem
from floodscan.redact.jwt import replace_jwts
from floodscan.redact.keyed import NEEDLES, replace_keyed, replace_value
from floodscan.redact.literals import holds_literal
from floodscan.redact.params import NEEDLES as PARAMS_NEEDLES
from floodscan.redact.params import replace_params
from floodscan.redact.personal import replace_personal
from floodscan.safe import CLOSE, OPEN, TAG

ELLIPSIS = "…"
_OPEN, _CLOSE = "\ufdd0", "\ufdd1"
"""Noncharacters, which stand for a log's own OPEN and CLOSE while it is redacted."""
_NAME = 200
_AGAIN = 512
"""Characters up to which a name is remembered, and up to which any text: the examples of a flood say the same."""


def redact(text: str) -> str:
    """The text with a tag in place of each secret, key, password, e-mail address and number of a person. Never raises.

    For text of the log as it was read, once: a tag that stands in it already is taken for the log's own words and
    loses its fingerprint. The result goes through `Tagger.show` before it is shown.
    """
    return _remembered(text) if len(text) <= _AGAIN else _redacted(text)


def _redacted(text: str) -> str:
    if OPEN not in text and CLOSE not in text:
        return replace_encoded(_plain(text), _plain)
    # Written out, a run of them would be six times as long for every pattern: one character stands for each till then.
    text = TAG.sub(r"<\1>", text).replace(OPEN, _OPEN).replace(CLOSE, _CLOSE)
    return replace_encoded(_plain(text), _plain).replace(_OPEN, r"\ue000").replace(_CLOSE, r"\ue001")


_remembered = lru_cache(maxsize=1024)(_redacted)


def _plain(text: str) -> str:
    lower = text.lower()
    if not holds_literal(lower):
        return replace_personal(replace_pem(text) if is_pem_line(text) else text, lower)
    for needle in PARAMS_NEEDLES:
        if needle in lower:
            text = replace_params(text, lower)
            break
    if "-----begin" in lower or is_pem_line(text):
        text = replace_pem(text)
    text = replace_jwts(text)
    for needle in FLAGS_NEEDLES:
        if needle in lower:
            text = replace_flags(text)
            break
    for form in FORMS:
        for needle in form.needles:
            if needle in (text if form.case else lower):
                text = form.pattern.sub(form.replace, text)
                break
    for needle in NEEDLES:
        if needle in lower:
            text = replace_keyed(text)
            break
    return replace_personal(text, lower)


def redact_name(name: str) -> str:
    """`redact` for what should be a name: an error's type or code, a logger, a service, a key. Names come again."""
    return _redact_name(name) if len(name) <= _NAME else redact(name)


_redact_name = lru_cache(maxsize=4096)(_redacted)


def redact_value(key: str, value: str) -> str:
    """`redact` for a value whose key stands apart: that of `password` or `headers.authorization` is a secret."""
    return replace_value(key, redact(value))


def clip(text: str, limit: int) -> str:
    """At most `limit` characters of redacted text, an ellipsis included; a tag is kept whole or left out."""
    if len(text) <= limit:
        return text
    if limit < 1:
        return ""
    end = limit - 1
    start = text.rfind(OPEN, 0, end)
    if start >= 0 and text.find(CLOSE, start, end) < 0:
        end = start
    return text[:end] + ELLIPSIS
