"""What stands before the message of a text line: time, level, logger, thread and pid, in any order."""

from __future__ import annotations

import re
from typing import Final

from floodscan.decode.levels import level_of
from floodscan.decode.text_parts import clock_of
from floodscan.decode.times import Instant
from floodscan.model import Level
from floodscan.regex import regex
from floodscan.value import mutable

_LOUDLY = (
    "TRACE|DEBUG|DBG|INFO|INF|NOTICE|WARNING|WARN|WRN|ERROR|ERRO|ERR|FATAL|FTL|CRITICAL|CRIT|SEVERE|ALERT|EMERG"
    "|EMERGENCY|PANIC|VERBOSE|CONFIG|FINE|FINER|FINEST"
)
_ZONE = (
    "UTC|GMT|WES?T|CES?T|EES?T|MS[KD]|BST|IST|TRT|E[SD]T|C[SD]T|M[SD]T|P[SD]T|AK[SD]T|A[SD]T|N[SD]T|HST|BRT|ART|CLS?T|COT|PET|UYT"
    "|JST|KST|SGT|HKT|PHT|ICT|WIB|WITA|WIT|MYT|PKT|NPT|AE[SD]T|AC[SD]T|AWST|NZ[SD]T|SAST|EAT|WAT|CAT|GST"
)
_MONTH_DAY = r"(?:[A-Z][a-z]{2} )?[^\W\d_]{3,4} {1,2}\d{1,2},? (?:\d{4},? )?\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?: \d{4})?"
_TIME = regex(
    r"\d{4}[-/.]\d\d[-/.]\d\d(?:[T_]|,? {1,2})\d\d:\d\d(?::\d\d)?(?:[.,]\d{1,9})?"
    rf"(?: ?(?:Z|(?:{_ZONE})(?![A-Za-z])|[+-]\d\d:?\d\d)(?![A-Za-z]))?"
    r"|\d{1,2}:\d\d:\d\d(?:[.,]\d{1,9})?(?: (?:UTC|GMT|[AP]M))?"
    rf"|{_MONTH_DAY}"
    r"|\d{1,2}/[A-Z][a-z]{2}/\d{4}[: ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?: [+-]\d{4})?"
    r"|\d{1,2}-[A-Z][a-z]{2}-\d{4} \d\d:\d\d:\d\d(?:[.,]\d{1,9})?"
    r"|\d{1,2}[/.]\d{1,2}[/.]\d{4},? \d{1,2}:\d\d:\d\d(?: ?[AaPp][Mm])?"
    r"|(?:\d{10}(?:\.\d{1,9})?|\d{13})(?=[\s\]|])"
    r"|\d{6} \d{6}(?:,\d{3})?(?= )"
)
_COMPACT = regex(r"(\d\d)(\d\d)(\d\d) (\d\d)(\d\d)(\d\d)(?:,(\d{3}))?\Z")

_LEVEL = regex(rf"(?:{_LOUDLY})(?![\w.-])|(?:LOG|HINT|DETAIL|STATEMENT|CONTEXT)(?=:| {{2,}}|\s+\[)")
# In any case, but not `Error:`, which begins an error that was printed raw.
_QUIET_LEVEL = regex(rf"(?!Error:)(?i:{_LOUDLY}|http|silly)(?=:\s|\s*\||\t| - )")
_IN_BRACKETS = regex(rf"(?:[\w-]{{1,40}}:)?({_LOUDLY})\Z", re.IGNORECASE)
_LOGRUS = regex(r"(TRAC|DEBU|INFO|WARN|ERRO|FATA|PANI)\[(\d{4,}|[^\]\n]{8,35})\] ?", needs=("TRAC[", "DEBU[", "INFO[", "WARN[", "ERRO[", "FATA[", "PANI["))
_GITHUB = regex(r"(?:##\[|::)(error|warning|notice|debug)(?:\]| [^:\n]{0,300}::|::)", needs=("##[", "::"))
_PYTHON = regex(r"(DEBUG|INFO|WARNING|ERROR|CRITICAL):([\w.-]{1,100}):(?=\S)", needs=("DEBUG:", "INFO:", "WARNING:", "ERROR:", "CRITICAL:"))
_RUBY = regex(r"[DIWEFA], \[(?=\d{4}-)", needs=", [")
_NEST = regex(r"\[Nest\] {1,4}(\d{1,10}) {1,4}- {1,4}", needs="[Nest]")

DOTNET: Final = regex(r"(trce|dbug|info|warn|fail|crit): (?=[A-Za-z_][\w.`+]{1,200}\[\d{1,9}\]\s*\Z)", needs=("trce: ", "dbug: ", "info: ", "warn: ", "fail: ", "crit: "))
_REDIS = regex(r"(\d{1,10}):[XCSM] (\d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d(?:\.\d{3})?) ([.*#-]) ")
_REDIS_LEVELS: Final[dict[str, Level]] = {".": "debug", "-": "debug", "*": "info", "#": "warn"}
_SPARK = regex(rf"(\d\d)/(\d\d)/(\d\d) (\d\d:\d\d:\d\d)(?= (?:{_LOUDLY}) )", needs="/")
# Where the line was found, before its date: a file, as grep names it, and a number of a line.
_FOUND = regex(r"(?:[\w./-]{1,200}:\d{1,9}[:-]|[\w./-]{1,200}\.[\w.-]{1,40}:|\d{1,9}[:-]|[\w./-]{1,200}\.log[\w.:-]{0,80} )(?=\[?\d{4}-\d\d-\d\d[T ])")
_MONOLOG = regex(rf"([\w-]{{1,40}})\.({_LOUDLY}): ", needs=": ")
# A machine or a program between the time and the level: words of a message have neither digits nor such signs.
_PLACE = regex(
    r"(?=\S{0,80}[\d@.\[{-])[\w.@{}\[\]/:=,-]{1,80}(?: {1,4}([\w./-]{1,60})(?:\[\S{1,40}\])?:)? {1,4}"
    rf"(?=(?:{_LOUDLY})(?::\s|\s))"
)
_PROGRAM = regex(r"\{?([A-Za-z_][\w./-]{0,60})(?:\[\S{1,40}\]:|:\d{1,6}\})")
_AFTER_TIME = regex(rf"[:,]?\s{{1,4}}({_LOUDLY})(?:/\S{{1,60}}|\s{{1,4}}([A-Za-z_][\w:.$-]{{0,100}}))?\s*\Z")

_BRACKET = regex(r"\[((?:[^\[\]\n]|\[[^\[\]\n]{0,60}\]){0,160})\]")
_PID = regex(r"(?:\((\d{1,10})\)|#?(\d{1,10})(?:#\d{1,10}:(?: \*\d{1,12})?)?)(?=[\s:|-])")
_SEPARATORS = regex(r"[\s|]*(?:(?:-{1,3}|:|\u2013)(?=[\s|\[])[\s|]*)*")
_DOTTED = regex(r"([A-Za-z_][\w$-]{0,60}(?:\.[A-Za-z_$][\w$-]{0,60}){1,12})(?:[#:@]\d{1,6})?(?=[\s:\]|]|$)")
_NAMED = regex(r"([A-Za-z_$@][\w$./@-]{0,80}(?::[\w$.<>-]{1,60})?(?::\d{1,6})?)(?= - )|([a-z][\w./-]{0,60})(?=: )")
_QUALIFIED = regex(r"\w[.:/]\w")
_SOURCE = regex(r"([\w./@-]{1,120}\.(?:go|rs|py|js|ts|java|rb|php|cpp|c|cc)):\d{1,6}:?(?=\s|$)")
_ERROR_NAME = regex(r"(?:Error|Exception|Failure|Fault|error|exception)\Z")
_PID_TEXT = regex(r"(?:pid )?(\d{1,10})(?::tid \d{1,20})?\Z")
_THREAD = regex(
    r"(?i:main|thread|pool|worker|nio|http|exec|qtp|scheduling|task|timer|dispatcher|executor)[\w .:/#@-]*\Z"
    r"|\d{1,9}-\d{1,9}\Z"  # PostgreSQL's number of a session's line
)
_LOGGER_FORM = regex(r"[A-Za-z_$][\w$.:/@=\[\]-]{1,119}\Z")
_MOST_TOKENS: Final = 12


@mutable
class Prefix:
    """What a line's prefix says; `end` is where its message begins."""

    instant: Instant | None = None
    level: Level | None = None
    logger: str | None = None
    process: str | None = None
    end: int = 0


def prefix_of(line: str, *, utc_offset_ms: int = 0) -> Prefix:
    """Read the prefix of a line. A level is only what stands before the message, never a word of it."""
    prefix = Prefix()
    at = _opening(line, prefix, utc_offset_ms)
    for _ in range(_MOST_TOKENS):
        end = _token(line, at, prefix, utc_offset_ms)
        if end is None:
            break
        at = end
        prefix.end = at
        skipped = _SEPARATORS.match(line, at)
        at = skipped.end() if skipped else at
    if prefix.end:
        skipped = _SEPARATORS.match(line, prefix.end)
        prefix.end = skipped.end() if skipped else prefix.end
    return prefix


def _opening(line: str, prefix: Prefix, utc_offset_ms: int) -> int:
    """Forms that only stand at a line's very start; where the rest of the prefix begins."""
    nest = _NEST.match(line)
    if nest:
        prefix.process, prefix.end = nest[1], nest.end()
        return nest.end()
    if _RUBY.match(line):
        return 3
    dotnet = DOTNET.match(line)
    if dotnet:
        prefix.level, prefix.logger = level_of(dotnet[1], scale="text"), line[dotnet.end() :].partition("[")[0]
        prefix.end = len(line)
        return len(line)
    redis = _REDIS.match(line)
    if redis:
        prefix.process, prefix.instant = redis[1], clock_of(redis[2], utc_offset_ms)
        prefix.level, prefix.end = _REDIS_LEVELS[redis[3]], redis.end()
        return redis.end()
    spark = _SPARK.match(line)
    if spark:
        prefix.instant = clock_of(f"20{spark[1]}-{spark[2]}-{spark[3]} {spark[4]}", utc_offset_ms)
        return spark.end() + 1 if prefix.instant is not None else 0
    found = _FOUND.match(line)
    if found:
        return found.end()
    for pattern in (_LOGRUS, _GITHUB, _PYTHON):
        match = pattern.match(line)
        if match:
            prefix.level = level_of(match[1], scale="text")
            if pattern is _PYTHON:
                prefix.logger = match[2]
            prefix.end = match.end()
            return match.end()
    return 0


def _token(line: str, at: int, prefix: Prefix, utc_offset_ms: int) -> int | None:
    """Take one token at `at` into `prefix`; where it ends, or None where the message begins."""
    if prefix.instant is None:
        time = _TIME.match(line, at)
        if time:
            prefix.instant = _instant(time[0], utc_offset_ms)
            if prefix.instant is not None:
                return time.end()
    if prefix.level is None:
        level = _LEVEL.match(line, at) or _QUIET_LEVEL.match(line, at)
        if level:
            prefix.level = level_of(level[0], scale="text")
            return level.end() + (line[level.end() : level.end() + 1] == ":")
    bracket = _BRACKET.match(line, at)
    if bracket:
        return bracket.end() if _bracketed(bracket[1], prefix, utc_offset_ms) else None
    if prefix.instant is None and prefix.level is None:
        return None
    source = _SOURCE.match(line, at)
    if source:
        prefix.logger = prefix.logger or source[1]
        return source.end()
    if prefix.process is None:
        pid = _PID.match(line, at)
        if pid and (prefix.level is None or line[pid.end() : pid.end() + 4] in (" ---", " [", ": ")):
            prefix.process = pid[1] or pid[2]
            return pid.end() + (line[pid.end() : pid.end() + 1] == ":")
    return (_place(line, at, prefix) if prefix.level is None else None) or _logger(line, at, prefix)


def _place(line: str, at: int, prefix: Prefix) -> int | None:
    """What stands between the time and the level, and names who wrote the line."""
    channel = _MONOLOG.match(line, at)
    if channel:
        prefix.logger, prefix.level = channel[1], level_of(channel[2], scale="text")
        return channel.end()
    place = _PLACE.match(line, at)
    if place is None:
        return None
    program = _PROGRAM.match(line, at)
    prefix.logger = prefix.logger or place[1] or (program[1] if program else None)
    return place.end()


def _logger(line: str, at: int, prefix: Prefix) -> int | None:
    if prefix.logger is not None:
        return None
    match = _NAMED.match(line, at)
    if match and match[1] and prefix.level is not None and not _QUALIFIED.search(match[1]):
        return None  # after the level, `word - ` is the message more often than a logger
    match = match or _DOTTED.match(line, at)
    name = next((group for group in match.groups() if group), "") if match else ""
    if match is None or not name or _ERROR_NAME.search(name):
        return None
    prefix.logger = name
    return match.end() + (line[match.end() : match.end() + 1] == ":")


def _bracketed(inside: str, prefix: Prefix, utc_offset_ms: int) -> bool:
    """Take what stands in brackets; False where it belongs to the message."""
    inside = inside.strip()
    level = _IN_BRACKETS.match(inside)
    if level and prefix.level is None:
        prefix.level = level_of(level[1], scale="text")
        return True
    if prefix.instant is None:
        opening = _TIME.match(inside)
        told = _AFTER_TIME.match(inside, opening.end()) if opening and prefix.level is None else None
        if opening and told:
            prefix.instant = _instant(opening[0], utc_offset_ms)
            prefix.level, prefix.logger = level_of(told[1], scale="text"), prefix.logger or told[2]
            return True
        time, _, rest = inside.partition(" #")
        instant = _instant(time, utc_offset_ms) if _TIME.match(time) else None
        if instant is not None:
            prefix.instant = instant
            prefix.process = prefix.process or (rest if rest.isdigit() else None)
            return True
    pid = _PID_TEXT.match(inside)
    if pid:
        prefix.process = prefix.process or pid[1]
        return prefix.instant is not None or prefix.level is not None
    if prefix.instant is None and prefix.level is None and prefix.process is None:
        return False
    if not inside or _THREAD.match(inside):
        return True
    if prefix.logger is None and _LOGGER_FORM.match(inside):
        prefix.logger = inside.partition("@")[0]
        return True
    return False


def _instant(text: str, utc_offset_ms: int) -> Instant | None:
    compact = _COMPACT.match(text)
    if compact:
        year, month, day, hour, minute, second, fraction = compact.groups()
        text = f"20{year}-{month}-{day} {hour}:{minute}:{second}" + (f".{fraction}" if fraction else "")
    return clock_of(text, utc_offset_ms)
