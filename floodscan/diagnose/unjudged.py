"""What keeps a log from being judged: it is none, nothing of it was asked for, or its lines don't say whether they fail."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from floodscan.detectors.case import Case
from floodscan.model import BINARY, BLANK, DEGRADED, OUTSIDE, Input
from floodscan.profile.profile import Profile
from floodscan.profile.signature_profile import SignatureProfile
from floodscan.redact import clip

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MUTE = 0.5
"""Share of the records that don't say whether they fail, above which it says little that none was found (sshd, whose
lines are told apart by their words alone: 97 %; services that print some lines without their logger: below 40 %)."""
NAMED, NAME = 3, 100
"""Signatures that a question names, and characters of each."""


def unread(read: Input) -> str:
    """The sentence on an input of which over half could not be read."""
    lines = read.lines - read.skipped.get(BLANK, 0)
    binary = read.skipped.get(BINARY, 0)
    if binary > DEGRADED * lines:
        return f"What was read is no log: {binary:,} of {lines:,} lines are binary; do not rely on this report."
    reasons = ", ".join(
        f"{count:,} {reason}" for reason, count in read.skipped.items() if reason not in (BLANK, OUTSIDE) and count
    )
    return f"{read.unread_lines:,} of {lines:,} lines could not be read ({reasons}): do not rely on this report."


def nothing(profile: Profile) -> str:
    """The sentence on an input of which nothing is left to judge; where all of it is outside the time asked for, of when
    it is: in a form that --since and --until take."""
    if not profile.skipped.get(OUTSIDE):
        return "Nothing was read: no verdict on this log."
    written = _written(profile)
    return f"Nothing of the log lies in the time asked for{': the log is from ' + written if written else ''}."


def _written(profile: Profile) -> str | None:
    """`2026-11-23T06:10:52.000Z to 2026-11-23T06:11:20.125Z`; None for sources with a date and others without."""
    if profile.outside is None or 0 < profile.outside_undated < profile.skipped[OUTSIDE]:
        return None
    try:
        first, last = (EPOCH + timedelta(milliseconds=time) for time in profile.outside)
    except OverflowError:
        return None
    if profile.outside_undated:
        said = [f"{at:%H:%M:%S}" for at in (first, last)]
    else:
        said = [at.isoformat(timespec="milliseconds").replace("+00:00", "Z") for at in (first, last)]
    return " to ".join(dict.fromkeys(said))


def mute_share(case: Case) -> str | None:
    """`1,990 of 2,000 records carry no ...`, where these are so many that a failure may be among them; else None."""
    mute = sum(profile.count for profile in case.signatures.values() if _is_mute(profile))
    records = case.profile.records
    if mute <= MUTE * records:
        return None
    return f"{mute:,} of {records:,} records carry no level, error or status to tell a failure by"


def mute_question(case: Case) -> tuple[str, list[str]] | None:
    """What floodscan can't judge and a reader can: the most frequent of the lines that don't say whether they fail."""
    if mute_share(case) is None:
        return None
    mute = [profile for profile in case.signatures.values() if _is_mute(profile) and profile.count > 1]
    often = sorted(mute, key=lambda profile: (-profile.count, profile.signature.id))[:NAMED]
    if not often:
        return None
    named = ", ".join(f"`{clip(one.signature.text, NAME)}` ({one.count:,}×)" for one in often)
    text = f"Is one of the lines that repeat most a failure? {named}: nothing on them says so but their words."
    return text, [one.signature.id for one in often]


def _is_mute(profile: SignatureProfile) -> bool:
    """Whether its records say nothing of success or failure: an answer's line has its status, a request's is its like."""
    if profile.level >= 0 or profile.failures:
        return False
    return not any(one.status is not None or "method" in dict(one.details) for one in profile.example_lines)
