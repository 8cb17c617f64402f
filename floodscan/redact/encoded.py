r"""Secrets in base64: each long enough run of it is read, and hidden where a secret of a known form stands in it."""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable, Iterator

from floodscan.redact.tag import tag
from floodscan.regex import regex
from floodscan.safe import TAG

_CHAR = r"(?:[A-Za-z0-9+/_-]|%2[FfBb])"
# One that begins after `%3D` or `\n` begins there, not with the D or the n.
_RUN = regex(
    rf"(?:(?<=\\[nrt])|(?<=%[0-9A-Fa-f]{{2}})|(?<![\w+/\\%-])){_CHAR}{{16,}}(?:(?:=|%3[Dd]){{1,2}})?", re.ASCII
)
_LONG = regex(r"[A-Za-z0-9+/_%-]{16,}")
"""Where a run can be: most lines have little of it, and the search for it is cheap."""
_ENCODED = regex(r"%(2[FfBb])")
_HEAD = 16
"""Characters that tell whether a run is text in base64: few hashes and ids begin with twelve bytes of printable text."""
_STARTS = 8
"""Parts of a run, between slashes (a path is one), that are looked at."""
_URL_SAFE = {ord("-"): "+", ord("_"): "/"}
_PRINTABLE = regex(rb"[\x20-\x7e\r\n\t]*")


def replace_encoded(text: str, redacted: Callable[[str], str]) -> str:
    """A tag in place of each run of base64 in which `redacted` finds a secret; the secret's own if there is no more."""
    out: list[str] = []
    done = 0
    for match in _runs(text):
        for start in _starts(match[0]):
            run = _plain(match[0][start:])
            if len(run) < _HEAD or len(_decoded(run[:_HEAD])) < 3 * _HEAD // 4:
                continue
            found = _decoded(run)
            inner = redacted(found)
            if inner != found:
                whole = TAG.fullmatch(inner)
                out += (text[done : match.start() + start], whole[0] if whole else tag("token", found))
                done = match.end()
                break
    return "".join(out) + text[done:] if out else text


def _runs(text: str) -> Iterator[re.Match[str]]:
    for long in _LONG.finditer(text):
        yield from _RUN.finditer(text, long.start(), long.end() + len("=="))


def _starts(run: str) -> Iterator[int]:
    start = 0
    for _ in range(_STARTS):
        yield start
        start = run.find("/", start) + 1
        if not start:
            return


def _plain(run: str) -> str:
    """In the alphabet of RFC 4648, section 4, without its padding."""
    if "%" in run:
        run = _ENCODED.sub(
            lambda match: "/" if match[1][1] in "Ff" else "+", run.replace("%3D", "=").replace("%3d", "=")
        )
    return run.rstrip("=").translate(_URL_SAFE)


def _decoded(run: str) -> str:
    """What the base64 stands for, as far as it is printable text."""
    run = run[:-1] if len(run) % 4 == 1 else run
    text = _PRINTABLE.match(binascii.a2b_base64(run + "=" * (-len(run) % 4)))
    return text[0].decode("ascii") if text else ""
