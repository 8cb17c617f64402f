"""A log that leaves lines out and says so: what it shows is the least there was."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from floodscan.detectors.case import Case, Draft, Step
from floodscan.profile.signature_profile import SignatureProfile
from floodscan.regex import regex

NOTICE = regex(
    r"\A(?:\S+ )?(?:last )?message repeated \d+ times(?::|\Z)"  # syslogd, rsyslog
    r"|\ASuppressed \d+ messages from \S"  # journald
    r"|\A\w+: \d+ callbacks suppressed\Z"  # Linux
    r"|\A(?:imuxsock|imjournal)\b.{0,80}(?: lost \d+ messages|begin to drop messages)"  # rsyslog
    r"|\bhas been suppressed \d+ times\b"  # Vector
    r"|\(x\d+ over \d+[smhd]",  # Kubernetes events
    re.IGNORECASE,
)
"""What loggers write in place of the lines that they leave out."""


def notices(signatures: Mapping[str, SignatureProfile]) -> list[SignatureProfile]:
    """The signatures that say lines were left out, the most frequent first."""
    found = [s for s in signatures.values() if s.opening is not None and NOTICE.search(s.opening.message)]
    return sorted(found, key=lambda s: (-s.count, s.signature.id))


def detect(case: Case) -> Iterator[Draft]:
    found = notices(case.signatures)
    if not found:
        return
    count = sum(s.count for s in found)
    yield Draft(
        rule="suppressed-log", cause="suppressed-log", role="observation", confidence="likely",
        title="The log leaves lines out: every count is the least there was",
        summary=f"{count} {'line says' if count == 1 else 'lines say'} that others were dropped or counted instead of "
        "written. A loop may have more iterations, and shorter pauses, than are seen here.",
        signatures=[s.signature.id for s in found],
        speaks_for=[case.quote(s, f"`{s.opening.message if s.opening else s.signature.text}`") for s in found[:4]],
        probe="Read the same time from a place before the limit: the service's own output, or the journal with its limit raised.",
        remedy=[
            Step("count-dropped", "fix", "Raise or lift the limit while the incident lasts (journald: RateLimitBurst; rsyslog: "
                 "imuxsock's RateLimit.Burst; syslogd: RepeatedMsgReduction), or export the number of dropped lines."),
        ],
        weight=0, mild=True,
        references=("https://www.freedesktop.org/software/systemd/man/latest/journald.conf.html#RateLimitIntervalSec=",),
    )  # fmt: skip
