"""Where in the application the lines come from that a library writes: the request's handler, or where it is made.

Asked only for findings of which no line has a place of its own, by a stack or by its literal.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from floodscan.detectors.case import Case, Draft
from floodscan.diagnose.locations import Found
from floodscan.profile.fold import place_of
from floodscan.profile.signature_profile import ExampleLine, SignatureProfile
from floodscan.redact import redact
from floodscan.rules.libraries import libraries_behind

if TYPE_CHECKING:
    from floodscan.code.sites import Code, Site

Request = tuple[str | None, str]
"""(method, target) of a request."""


def origins_of(draft: Draft, profiles: Sequence[SignatureProfile], case: Case, code: Code) -> list[Found]:
    """The places behind the finding's lines, in the order of its signatures."""
    out: dict[Found, None] = {}
    for profile in profiles:
        handled = [site for request in requests_of(draft, profile, case) for site in code.routes(*request)]
        out.update(dict.fromkeys(Found(redact(s.path), s.line, None, "code", s.candidates, "handles") for s in handled))
        if not handled:
            out.update(
                dict.fromkeys(
                    Found(redact(s.path), s.line, None, "code", s.candidates, "creates")
                    for s in _made(profile, case, code)
                )
            )
    return list(out)


def requests_of(draft: Draft, profile: SignatureProfile, case: Case) -> list[Request]:
    """The requests that the lines are about: those of the lines the finding quotes, else of the signature's examples,
    else of the examples that share an attempt's id with one of its lines."""
    id = profile.signature.id
    quoted = [said.at for said in draft.speaks_for if said.at is not None and said.signature == id]
    for lines in (quoted, profile.example_lines):
        found = list(dict.fromkeys(request for line in lines for request in _requests_in(line)))
        if found:
            return found
    return list(dict.fromkeys(request for line in _beside(id, case) for request in _requests_in(line)))


def _requests_in(line: ExampleLine) -> Iterator[Request]:
    """A target begins with a slash; a whole URL is one that was asked for elsewhere."""
    details = dict(line.details)
    url = details.get("url", "")
    if url.startswith("/"):
        yield details.get("method", "").upper() or None, url


def _beside(signature: str, case: Case) -> Iterator[ExampleLine]:
    """The kept examples of other signatures that an attempt's id joins to a line of this one."""
    for name, link in sorted(case.links_of(signature).to.items()):
        if link.tied:
            joined = {place_of(at + step) for at, step in zip(link.at, link.steps, strict=True)}
            yield from (one for one in case.signatures[name].example_lines if (one.source, one.line) in joined)


def _made(profile: SignatureProfile, case: Case, code: Code) -> list[Site]:
    """Where the library is made that writes the signature's lines, or that fails in them."""
    examples = profile.example_lines
    frames = [frame.file for example in examples for frame in example.frames if not frame.own]
    failure = case.failures.get(profile.signature.id)
    known = libraries_behind((e.message for e in examples), frames, failure.dependency if failure else None)
    calls = tuple(dict.fromkeys(call for one in known for call in one.calls))
    return code.made(calls) or [site for one in known if one.imported for site in code.made(one.imported, one.modules)]
