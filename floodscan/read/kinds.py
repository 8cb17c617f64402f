"""Whether a line begins a record, from its own text alone."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from floodscan.regex import regex


class Kind(IntEnum):
    """What a line is, by itself."""

    START = 0
    WHOLE = 1
    """One line of JSON: it begins a record and ends it."""
    TRACEBACK = 2
    """`Traceback (most recent call last):` begins a record, unless the line before announces it."""
    CONTINUATION = 3
    CHAINED = 4
    """A continuation after which another traceback belongs to the same record."""


# Lines that continue a record though they aren't indented, as Node, Java, Python, .NET, Go, Rust, PHP, Ruby and Prisma
# print them.
_CONTINUATION: Final = regex(
    r"at (?:async |new )?\S{1,400}(?: \[as \S{1,100}\])?(?: ?\(.{1,600}\)|:\d{1,7}:\d{1,7}\)?)\s*(?:\{|$)"
    r"|(?i:caused by):|Suppressed: |\.\.\. \d{1,6} (?:more|common frames|lines matching)"
    r"|Require stack:|- (?:/|[A-Za-z]:\\)|Node\.js v\d"
    r"|\^|~{2,}|\u2192 {1,8}\d|\[SQL: |\(Background on this error at"
    r"|--- End of |goroutine \d{1,12} \[|created by [\w./*()]{1,200}|exit status \d{1,3}$"
    r"|[\w./-]{1,200}\.(?:\(\*?\w{1,80}\)\.)?[\w.]{1,120}\((?:0x[0-9a-f]|\{0x|\.\.\.\)|\)$)|panic\((?:0x[0-9a-f]|\{0x)"
    r"|stack backtrace:|note: run with|note: Some details are omitted"
    r"|Stack trace:$|\[stacktrace\]$|#\d{1,4} (?:/|\{main\}|\[internal|[\w\\]{1,100}(?:->|::))"
    r"|[\w./-]{1,300}\.rb:\d{1,7}:in [`'][^`']{1,200}'$"
    r"|Invalid `[^`]{1,200}` invocation"
    r"|> File \"[^\"]{1,400}\", line \d|Stack \(most recent call last\):"
    r"|[\u2502\u2570]"  # the sides and the floor of the box in which rich puts a traceback
)
_CHAINED: Final = regex(r"During handling of the above exception|The above exception was the direct cause")
_TRACEBACK: Final = "Traceback (most recent call last):"
_TAIL: Final = len(_TRACEBACK) + 2
_BOXED_TRACEBACK: Final = regex(r"\u256d\u2500+ Traceback \(most recent call last\) \u2500+\u256e")
_INDENT: Final = frozenset(" \t}])")
_DIGITS: Final = frozenset("0123456789")
_LAST_OF_TRACEBACK: Final = regex(r"(?:[A-Za-z_][\w]{0,80}\.){0,12}[A-Za-z_]\w{0,80}(?::|$)")
_EXCEPTION: Final = regex(
    r"(?:Uncaught |Unhandled )?(?:[A-Za-z_$][\w$]{0,80}\.){0,12}[A-Za-z_$][\w$]{0,80}"
    r"(?<=Error|ption|wable|ilure|Fault)(?: \[\w{1,60}\])?(?::|$)"
)
_LOUD: Final = regex(
    r"\b(?:ERROR|ERR|ERRO|WARN|WARNING|FATAL|CRITICAL|SEVERE|ALERT|EMERG|PANIC)\b"
    r"|(?:^|[\[\s|=\"])(?:error|err|warn|warning|fatal|critical)(?:[\]:|\"]|\s{2,}|\s\])"
)
_PREFIX: Final = 160
"""Characters of a line in which its level stands."""


def kind_of(text: str) -> Kind:
    """The kind of an unwrapped line; its text must not be blank. A function of the text and nothing else."""
    first = text[0]
    if first in _INDENT:
        return Kind.CONTINUATION
    if first == "{":
        return Kind.WHOLE if text.endswith("}") else Kind.START
    if first in _DIGITS:  # a time, most often: nothing that continues a record begins so
        return Kind.START
    if _CONTINUATION.match(text):
        return Kind.CONTINUATION
    if first in "DT":
        if text.startswith(_TRACEBACK):
            return Kind.TRACEBACK
        if _CHAINED.match(text):
            return Kind.CHAINED
    if first == "\u256d" and _BOXED_TRACEBACK.match(text):
        return Kind.TRACEBACK
    return Kind.START


def starts_record(text: str) -> bool:
    """True where an unwrapped line begins a record; indented lines, frames and closing brackets continue one."""
    return bool(text.strip()) and kind_of(text) <= Kind.TRACEBACK


def opens_traceback(text: str) -> bool:
    """True for the first line of a Python traceback, also behind a time and a level (`ERROR:    Traceback (most ...`)."""
    return text[-_TAIL:].rstrip().endswith(_TRACEBACK)


def ends_traceback(text: str) -> bool:
    """True for the form of a traceback's last line: `KeyError: 'id'`, `app.errors.NotFound`."""
    return _LAST_OF_TRACEBACK.match(text) is not None


def is_exception(text: str) -> bool:
    """True for the first line of an exception: `java.lang.IllegalStateException: message`, `TypeError: message`."""
    return _EXCEPTION.match(text) is not None


def is_loud(text: str) -> bool:
    """True where a line's prefix says warning or worse.

    Java, .NET, Nest and winston print an error so: the message on such a line, the exception on the lines below it.
    """
    return _LOUD.search(text[:_PREFIX]) is not None
