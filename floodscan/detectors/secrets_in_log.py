"""Secrets that were written to the log: which field, how often, and the setting that keeps them out."""

from __future__ import annotations

import re
from collections.abc import Iterator

from floodscan.detectors.case import Case, Draft, Said, Step
from floodscan.redact import TAG
from floodscan.redact.names import PERSON

NAMES = {"jwt": "Tokens (JWT)", "bearer": "Bearer tokens", "password": "Passwords", "cookie": "Cookies"}
PERSONAL = {"email"}
"""Kinds that are personal data, no secrets."""
FIELD = re.compile(r'"?([A-Za-z_][\w.-]{0,60})"?\s{0,4}[:=]\s{0,4}"?[^"\s]{0,400}\Z')


def detect(case: Case) -> Iterator[Draft]:
    """One finding for each kind of secret."""
    kinds: dict[str, list[tuple[str, str, int]]] = {}
    for profile in case.signatures.values():
        examples = [profile.opening, *profile.examples.values()]
        texts = [example.text for example in examples if example is not None]
        tokens = profile.keys.get("token")
        kinds_here = {m[1] for text in texts for m in TAG.finditer(text) if not m[1].startswith(PERSON)}
        for kind in sorted(kinds_here - PERSONAL):
            text, at = next((t, m.start()) for t in texts for m in TAG.finditer(t) if m[1] == kind)
            field = FIELD.search(text[:at])
            count = tokens.count if kind == "jwt" and tokens is not None else profile.count
            kinds.setdefault(kind, []).append((profile.signature.id, field[1] if field else "text", count))
    for kind in sorted(kinds):
        found = sorted(kinds[kind], key=lambda k: (-k[2], k[0]))
        fields = sorted({name for _, name, _ in found})
        profiles = [case.signatures[signature] for signature, _, _ in found]
        lines = sum(count for _, _, count in found)
        title = NAMES.get(kind, f"Secrets ({kind})")
        in_url = "url" in fields or "path" in fields
        where = ", ".join(f"`{f}`" for f in fields)
        advice = (
            "Take the token out of the URL (a header, or the first message of the socket), and log the path without its "
            "query: with Pino, a `req` serializer that cuts `url` at `?`."
            if in_url
            else f"Keep the field out of the log: with Pino `redact: ['{fields[0]}']`, or a serializer that drops it."
        )
        yield Draft(
            rule="secrets-in-log", cause="secrets-in-log", role="observation", confidence="proven",
            title=f"{title} are written to the log, in {where}",
            summary=f"About {lines} lines carry one. Whoever reads the log, or the place it is shipped to, can use them.",
            signatures=[p.signature.id for p in profiles],
            speaks_for=[
                Said(f"`{p.signature.text}` carries one in {name}", p.signature.id, p.opening, count)
                for p, (_, name, count) in list(zip(profiles, found, strict=True))[:3]
            ],
            remedy=[
                Step("redact-field", "fix", advice),
                Step("revoke", "stop", "Revoke what is still valid: it must count as known to everybody who reads the log."),
            ],
            weight=lines,
            references=("https://getpino.io/#/docs/redaction",),
        )  # fmt: skip
