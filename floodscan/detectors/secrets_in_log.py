"""Secrets that were written to the log: which field, how often, and the setting that keeps them out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from floodscan.detectors.case import Case, Draft, Said, Step
from floodscan.profile.fold import place_of
from floodscan.profile.signature_profile import ExampleLine, SignatureProfile
from floodscan.profile.story import KeyProfile
from floodscan.redact import TAG
from floodscan.redact.tag import PERSON
from floodscan.regex import regex
from floodscan.rules.loggers import advice_on
from floodscan.value import frozen

NAMES = {"jwt": "Tokens (JWT)", "bearer": "Bearer tokens", "password": "Passwords", "cookie": "Cookies"}
PERSONAL = {"email", "params", "iban", "card", "ssn"}
"""Kinds that are personal data, no secrets."""
FIELD = regex(r'"?([A-Za-z_][\w.-]{0,60})"?\s{0,4}[:=]\s{0,4}"?[^"\s]{0,400}\Z')


@frozen
class Found:
    """Secrets of one kind in the lines of one signature."""

    kind: str
    signature: str
    field: str
    lines: int
    at: ExampleLine | None


def _found_in(profile: SignatureProfile) -> Iterator[Found]:
    """What the kept example lines show; tokens are counted even where no example has one."""
    examples = [e for e in (profile.opening, *profile.examples.values()) if e is not None]
    tokens = profile.keys.get("token")
    seen: set[str] = set()
    for example in examples:
        for match in TAG.finditer(example.text):
            kind = match[1]
            if kind in seen or kind in PERSONAL or kind.startswith(PERSON):
                continue
            seen.add(kind)
            field = FIELD.search(example.text[: match.start()])
            lines = _lines_with(profile, tokens) if kind == "jwt" and tokens is not None else profile.count
            yield Found(kind, profile.signature.id, field[1] if field else "text", lines, example)
    if tokens is not None and "jwt" not in seen and any(v.value.startswith("jwt:") for v in tokens.stories.values()):
        field_name = "url" if "url" in profile.details or '"url"' in (examples[0].text if examples else "") else "token"
        yield Found("jwt", profile.signature.id, field_name, _lines_with(profile, tokens), _first_line(profile, tokens))


def _lines_with(profile: SignatureProfile, tokens: KeyProfile) -> int:
    """The lines that carry a token, at most: a line may carry several, and no line counts twice."""
    return min(tokens.count, profile.count)


def _first_line(profile: SignatureProfile, tokens: KeyProfile) -> ExampleLine | None:
    """Where the first sampled token stands, and the request it came with; its text is not kept."""
    stories = tokens.stories.items
    told = [rank for rank in stories if rank in profile.tokens.items] or list(stories)
    first, rank = min((stories[rank].ends.sorted()[0], rank) for rank in told)
    source, line = place_of(first[1])
    facts = profile.tokens.items.get(rank)
    details = facts.request if facts is not None else ()
    return replace(profile.opening, source=source, line=line, text="", details=details) if profile.opening else None


def detect(case: Case) -> Iterator[Draft]:
    """One finding for each kind of secret."""
    kinds: dict[str, list[Found]] = {}
    for profile in case.signatures.values():
        for found in _found_in(profile):
            kinds.setdefault(found.kind, []).append(found)
    for kind in sorted(kinds):
        found_ones = sorted(kinds[kind], key=lambda f: (-f.lines, f.signature))
        fields = sorted({f.field for f in found_ones})
        lines = sum(f.lines for f in found_ones)
        carriers = "A line carries" if lines == 1 else f"About {lines} lines carry"
        title = NAMES.get(kind, f"Secrets ({kind})")
        in_url = "url" in fields or "path" in fields
        where = ", ".join(f"`{f}`" for f in fields)
        logger = advice_on(found_ones[0].at.family if found_ones[0].at else case.family)
        advice = (
            "Take the token out of the URL (a header, or the first message of the socket), and log the path without its "
            f"query: {logger.url}"
            if in_url
            else f"Keep the field out of the log: {logger.redact.replace('{field}', fields[0])}"
        )
        yield Draft(
            rule="secrets-in-log", cause="secrets-in-log", role="observation", confidence="proven",
            title=f"{title} are written to the log, in {where}",
            summary=f"{carriers} one. Whoever reads the log, or the place it is shipped to, can use them.",
            signatures=[f.signature for f in found_ones],
            speaks_for=[
                Said(f"`{case.signatures[f.signature].signature.text}` carries one in {f.field}", f.signature, f.at, f.lines)
                for f in found_ones[:3]
            ],
            remedy=[
                Step("redact-field", "fix", advice),
                Step("revoke", "stop", "Revoke what is still valid: it must count as known to everybody who reads the log."),
            ],
            weight=lines,
            references=(logger.reference,),
        )  # fmt: skip
