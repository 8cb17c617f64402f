"""What carriers put around a line (container runtimes, compose, kubectl, syslog, process managers), taken off.

Each carrier is one function: text -> Wrapped with the text inside, or None where it isn't one. What it knows (service,
clock, level, process) stays beside the text. Carriers nest: compose around pm2, docker around JSON.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from floodscan.read.ansi import without_ansi
from floodscan.read.journal import docker_json, journald_json
from floodscan.read.wrapped import Wrapped
from floodscan.regex import regex

_DEEPEST: Final = 4
"""Carriers around carriers that are taken off."""

_TIME: Final = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d"
_CRI = regex(rf"({_TIME}\.\d{{1,9}}(?:Z|[+-]\d\d:\d\d)) (stdout|stderr) ([PF])(?::\w+)?(?: |$)")
_RUNTIME_TIME = regex(rf"({_TIME}\.\d{{7,9}}(?:Z|[+-]\d\d:\d\d))(?: |$)")
_PM2_TIME = regex(rf"({_TIME}(?:\.\d{{3}})?): ?")
_PM2_NAME = regex(r"(\d{1,4}\|[\w@./-]{1,60}) *\| ")
_COMPOSE = regex(r"([A-Za-z0-9][\w.-]{0,80})( {1,80})\|(?: |$)", needs="|")
_NUMBERED = regex(r"[_-]\d{1,4}\Z")
_LEVEL_WORD = regex(r"(?:trace|debug|info|notice|warn|warning|error|err|fatal|critical)\Z", re.IGNORECASE)
_KUBECTL = regex(r"\[(?:pod|job)/([\w.-]{1,253}/[\w.-]{1,63})\](?: |$)", needs=("[pod/", "[job/"))
_STERN = regex(r"([a-z0-9][a-z0-9.-]{0,240}-(?:[a-z0-9]{5}|\d{1,3})) ([a-z][a-z0-9-]{0,62}) ", needs="-")
_POD_HASH = regex(r"-[a-f0-9]{6,10}-[bcdfghjklmnpqrstvwxz2456789]{5}\Z")
_LOG_LINE = regex(r"\{|\[|\d{4}-|\d\d:\d\d:|[A-Z]{4}")
_CONCURRENTLY = regex(r"\[(\d{1,2})\] ")
_QUOTE = regex(r"(?:> ?){1,4}(?=\{\"|\[|\d{4}-\d\d-\d\d)")
_SYSLOG = regex(
    r"(?:<(\d{1,3})>)?"
    r"([^\W\d_]{3,4}\.? {1,2}\d{1,2} \d\d:\d\d:\d\d(?:\.\d{1,9})?|" + _TIME + r"(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d))"
    r" ([\w.:-]{1,255}) ([^\s:\[\]]{1,64})(?:\[(\d{1,10})\])?: ?"
)
_RFC5424 = regex(r"<(\d{1,3})>1 (\S{1,40}) (\S{1,255}) (\S{1,48}) (\S{1,128}) (\S{1,32}) ")
_STRUCTURED_DATA = regex(r"-(?: |$)|(?>(?:\[(?>[^\]\\\"]|\\.|\"(?>[^\"\\]|\\.)*\")*\])+)(?: |$)")


def unwrap(text: str) -> Wrapped:
    """Take every known carrier off a physical line; the line itself where there is none.

    It stops at a carrier that cuts lines: what such a one carries is unwrapped by the caller once it has been joined.
    """
    wrapped = Wrapped(without_ansi(text.removeprefix("\ufeff")))
    for _ in range(_DEEPEST):
        inner = _one(wrapped.text)
        if inner is None:
            break
        wrapped = inner.within(wrapped)
        if wrapped.part != "whole":
            break
    return wrapped


def unwrapped(text: str) -> Wrapped:
    """As `unwrap`, for a line that no runtime has cut: what stands inside of its last part is taken out, too."""
    wrapped = unwrap(text)
    return unwrap(wrapped.text).within(wrapped) if wrapped.part == "last" else wrapped


def _one(text: str) -> Wrapped | None:
    for carrier in _BY_FIRST.get(text[:1], _OTHERS):
        inner = carrier(text)
        if inner is not None:
            return inner if "\x1b" not in inner.text else inner._replace(text=without_ansi(inner.text))
    return None


def cri(text: str) -> Wrapped | None:
    """`2016-10-06T00:17:09.669794202Z stdout P part of a line` (Kubernetes container runtime interface)."""
    match = _CRI.match(text)
    if match is None:
        return None
    return Wrapped(text[match.end() :], clock=match[1], stream=match[2], part="more" if match[3] == "P" else "last")


def runtime_time(text: str) -> Wrapped | None:
    """The time that `docker logs -t`, `kubectl logs --timestamps` and GitHub Actions put first: 7 to 9 digits."""
    match = _RUNTIME_TIME.match(text)
    return Wrapped(text[match.end() :], clock=match[1]) if match else None


def pm2_time(text: str) -> Wrapped | None:
    """`2025-11-07T19:07:26: ` of `pm2 --time`."""
    match = _PM2_TIME.match(text)
    return Wrapped(text[match.end() :], clock=match[1]) if match else None


def pm2_name(text: str) -> Wrapped | None:
    """`0|api  | ` of `pm2 logs`."""
    match = _PM2_NAME.match(text)
    return Wrapped(text[match.end() :], service=match[1].partition("|")[2]) if match else None


def compose(text: str) -> Wrapped | None:
    """`api-1  | ` of docker compose. One blank before the bar is enough only after a number: else it is a table."""
    match = _COMPOSE.match(text)
    if match is None or _LEVEL_WORD.match(match[1]) or (len(match[2]) < 2 and not _NUMBERED.search(match[1])):
        return None
    return Wrapped(text[match.end() :], service=match[1])


def kubectl(text: str) -> Wrapped | None:
    """`[pod/api-6f7d/app] ` of `kubectl logs --prefix`."""
    match = _KUBECTL.match(text)
    return Wrapped(text[match.end() :], service=match[1]) if match else None


def stern(text: str) -> Wrapped | None:
    """`api-6f7d9c8b5-x2kqp app ` of stern: a pod's generated name, then its container."""
    match = _STERN.match(text)
    if match is None:
        return None
    if not _POD_HASH.search(match[1]) and not (match[1][-1].isdigit() and _LOG_LINE.match(text, match.end())):
        return None  # a stateful set's pods are only numbered: what follows must look like a log line
    return Wrapped(text[match.end() :], service=f"{match[1]}/{match[2]}")


def concurrently(text: str) -> Wrapped | None:
    """`[0] ` of concurrently. Its named form can't be told from `[worker] ` that an application prints itself."""
    match = _CONCURRENTLY.match(text)
    return Wrapped(text[match.end() :], service=match[1]) if match else None


def quote(text: str) -> Wrapped | None:
    """`> ` of mail and Markdown before a log line; the banners of npm begin so too and stay."""
    match = _QUOTE.match(text)
    return Wrapped(text[match.end() :]) if match else None


def syslog(text: str) -> Wrapped | None:
    """`Nov 23 01:50:33 host prog[pid]: ` of syslog and `journalctl`, with or without `<priority>`."""
    match = _SYSLOG.match(text)
    if match is None:
        return None
    priority, clock, host, program, pid = match.groups()
    if _LEVEL_WORD.match(host) or (clock[0].isdigit() and not pid):  # "TIME ERROR worker: ..." is no syslog
        return None
    process = f"{pid}@{host}" if pid else host
    return Wrapped(
        text[match.end() :], service=program, clock=clock, process=process, severity=_severity(priority), stream=pid
    )


def rfc5424(text: str) -> Wrapped | None:
    """`<34>1 2003-10-11T22:14:15.003Z host app pid msgid [structured data] ` (RFC 5424)."""
    match = _RFC5424.match(text)
    data = _STRUCTURED_DATA.match(text, match.end()) if match else None
    if match is None or data is None:
        return None
    priority, clock, host, program, pid, _ = (None if field == "-" else field for field in match.groups())
    process = "@".join(field for field in (pid, host) if field) or None
    inner = text[data.end() :].removeprefix("\ufeff")
    return Wrapped(inner, service=program, clock=clock, process=process, severity=_severity(priority))


def _severity(priority: str | None) -> int | None:
    return int(priority) % 8 if priority else None


_Carrier = Callable[[str], Wrapped | None]
_OTHERS: Final[tuple[_Carrier, ...]] = (compose, stern, syslog)
_TIMES: Final[tuple[_Carrier, ...]] = (cri, runtime_time, pm2_time, syslog, pm2_name, compose, stern)
_BY_FIRST: Final[dict[str, tuple[_Carrier, ...]]] = {
    "{": (docker_json, journald_json),
    "[": (kubectl, concurrently),
    "<": (rfc5424, syslog),
    ">": (quote,),
    **dict.fromkeys("0123456789", _TIMES),
    **dict.fromkeys(("", *" \t}])"), ()),
}
