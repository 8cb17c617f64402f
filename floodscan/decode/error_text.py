"""Errors in free text: stack traces of Node, Java, Python and Go, `SomeError: message`, `util.inspect` dumps."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from itertools import islice
from typing import Final, NamedTuple

from floodscan.decode.codes import clean_code, code_in_text
from floodscan.model import ErrorInfo
from floodscan.regex import regex

# The end of a class name of an error, then its colon, a bracketed code, or the end of the line.
_KIND = regex(
    r"(?:Error|Exception|Fault|Rejection|Failure|Interrupt|Panic|Timeout)(?: \[([A-Z][A-Z0-9_]{2,63})\])?(?=(:)|\r?$)",
    re.MULTILINE,
)
_NAME = regex(r"[\w$.]{0,120}\Z")
_CLASS = regex(r"(?:[A-Za-z_][\w$]*\.)*[A-Z][\w$]*\Z")
_HEADER = regex(
    r"((?:[A-Za-z_]\w{0,40}\.){0,8}[A-Z][\w$]{1,80})(?: \[([A-Z][A-Z0-9_]{2,63})\])?(?:: ?(.*)|\r?)\Z", re.DOTALL
)
_FRAME = regex(r"\n[ \t]{1,16}at [^\s{]")
_CAUSE = regex(r"(?:\n[ \t]{0,16}[Cc]aused by:|\[cause\]:|\n? ---> )[ \t]{0,16}")
_ESCAPED_LINE = "\\n    at "
_TRACEBACK: Final = "Traceback (most recent call last)"
_PY_LAST = regex(r"^((?:[a-z_]\w*\.)*[A-Z]\w*)(?:: (.*))?$", re.MULTILINE)
_GO_PANIC = regex(r"(?:^|[\s:])panic: ([^\n]{1,500})|thread '[^'\n]{0,80}'(?: \(\d{1,10}\))? panicked at ([^\n]{1,500})", needs=("panic: ", "panicked at"))
_DUMP_CODE = regex(r"(?:^|[\s{,])code: ?['\"]([\w.:/-]{1,80})['\"]")
_DUMP_ERRNO = regex(r"(?:^|[\s{,])errno: ?-?\d")
_DUMP_STATUS = regex(r"(?:^|[\s{,])(?:status|statusCode): ?([1-5]\d\d)(?=[\s,}])")
_BARE_AFTER: Final = (":", "]", ")", "(", "[", "-", "|", ">", "{", '"', "'", "Uncaught", "Unhandled", "by", "\u2716")
"""What may stand before a bare `Error:` on its line: after any other word it is prose ("Redis Client Error:")."""
_BARE: Final = frozenset({"Error", "Exception", "Fault", "Rejection", "Failure", "Interrupt", "Panic", "Timeout"})
_NO_ERROR: Final = frozenset({"null", "none", "false", "0", "undefined", "nil", "-", "[]", "no"})

MARKS: Final = (
    "Error", "Exception", "Traceback", "panic", " at ", "code:", "errno", "ECONN", "ENOTFOUND", "EAI_", "EADDR",
    "ETIMEDOUT", "EPIPE", "EHOST", "ENET", "EACCES", "ENOENT", "EPERM", "EMFILE", "ERR_", "PGRST", "FAST_JWT_", "FST_",
    "Failure", "Rejection", "Timeout", "Fault", "Interrupt", "SQLSTATE", "WRONGPASS", "NOAUTH", "ESOCKET",
)  # fmt: skip
_SCANNED = 65_536
_MEMO_TEXT = 512
_MEMO_STACK = 8_192
"""Longest texts and stacks (characters) that are remembered: the memos' size must not depend on the log."""
_MESSAGE = 4_096
_MAX_CAUSES = 8
_MAX_NAMES = 64


def error_from_text(text: str) -> ErrorInfo | None:
    """The error that a free text tells of: a stack trace, `SomeError: message`, an errno, or a dump; else None.

    The mere words "error" and "failed" are none. `key` is `text`; the caller replaces it where it knows better.
    """
    return _remembered(text) if len(text) <= _MEMO_TEXT else _read(text)


class StackTop(NamedTuple):
    """What the first lines of a stack say: `TypeError [ERR_X]: message`."""

    type: str | None
    code: str | None
    message: str | None


def header_of(stack: str) -> StackTop:
    """Type, bracketed code and message from the top of a stack."""
    frame = _FRAME.search(stack)
    head = stack[: frame.start()] if frame else stack.partition("\n")[0]
    match = _HEADER.match(head.strip()[:_MESSAGE])
    if not match:
        return StackTop(None, None, None)
    return StackTop(match[1].rpartition(".")[2], match[2], (match[3] or "").strip() or None)


def read_stack(stack: str, key: str) -> tuple[StackTop, tuple[ErrorInfo, ...]]:
    """The top of a stack, and the inner errors that it spells after `caused by:` (pino, Java) or `[cause]:` (Node)."""
    return _remembered_stack(stack, key) if len(stack) <= _MEMO_STACK else _read_stack(stack, key)


@lru_cache(maxsize=512)
def _remembered_stack(stack: str, key: str) -> tuple[StackTop, tuple[ErrorInfo, ...]]:
    return _read_stack(stack, key)


def _read_stack(stack: str, key: str) -> tuple[StackTop, tuple[ErrorInfo, ...]]:
    parts = _CAUSE.split(stack[:_SCANNED], maxsplit=_MAX_CAUSES)
    causes = tuple(info for part in parts[1:] if (info := _segment(part, f"{key}.cause")) is not None)
    return header_of(stack), causes


@lru_cache(maxsize=4096)
def _remembered(text: str) -> ErrorInfo | None:
    return _read(text)


def _read(text: str) -> ErrorInfo | None:
    for mark in MARKS:
        if mark in text:
            break
    else:
        return None
    text = text[:_SCANNED]
    if _ESCAPED_LINE in text and "\n" not in text:
        text = text.replace("\\n", "\n")
    if _TRACEBACK in text:
        return _python(text)
    main, *inner = _CAUSE.split(text, maxsplit=_MAX_CAUSES)
    info = _segment(main, "text")
    causes = tuple(cause for part in inner if (cause := _segment(part, "text.cause")) is not None)
    if info is None:
        if not causes:
            return None
        info = ErrorInfo(key="text", message=main.strip()[:_MESSAGE] or None)
    code = info.code or next((cause.code for cause in causes if cause.code), None)
    stack = text[len(main) - len(info.stack) :] if info.stack else None
    return replace(info, code=code, causes=causes, stack=stack)


def _segment(text: str, key: str) -> ErrorInfo | None:
    """One error of a chain: its header, frames and dump, without those of its causes."""
    frame = _FRAME.search(text)
    head = text[: frame.start()] if frame else text
    start, name, bracketed = _class_in(head, stacked=frame is not None)
    if name is None and frame is None:
        return _without_class(text, key)
    if name is None:
        header = head.strip().rpartition("\n")[2].strip()
        named = _HEADER.match(header)
        name, bracketed = (named[1], named[2]) if named else (None, None)
        message = ((named[3] or "") if named else header).strip()
        start = max(head.rfind(header), 0)
    else:
        message = head[start:].partition(":")[2] if not bracketed else head[start:].partition("]:")[2]
        message = _until_dump(message).strip()
        if not frame and not message:
            return _without_class(text, key)
        if not frame and (message.isdigit() or message.partition(" ")[0].strip(",;.").lower() in _NO_ERROR):
            return None  # a counter or an empty field ("LastError: none"), not an error
    code = bracketed or _dump_code(text) or code_in_text(message)
    status = _DUMP_STATUS.search(text)
    return ErrorInfo(
        key=key,
        type=name.rpartition(".")[2] if name else None,
        code=code,
        status=int(status[1]) if status else None,
        message=message[:_MESSAGE] or None,
        stack=text[start:] if frame else None,
    )


def _without_class(text: str, key: str) -> ErrorInfo | None:
    """No class name and no frames: an errno or a library's code in the text, a dump, or a panic."""
    panic = _GO_PANIC.search(text)
    if panic:
        stack = text[panic.start() :].lstrip() if "\ngoroutine " in text else None
        return ErrorInfo(key=key, type="panic", message=(panic[1] or panic[2]).strip(), stack=stack)
    dumped = _dump_code(text)
    code = dumped or code_in_text(text)
    if code is None or (code.isdigit() and not dumped and "SQLSTATE" not in text):
        return None
    message = _until_dump(text).strip()
    return ErrorInfo(key=key, code=code, message=message[:_MESSAGE] or None)


def _class_in(head: str, *, stacked: bool) -> tuple[int, str | None, str | None]:
    """Where a class name of an error stands in `head` (start, name, bracketed code): at a line's start if it can."""
    best: tuple[int, str | None, str | None] = (0, None, None)
    for match in islice(_KIND.finditer(head), _MAX_NAMES):
        if not match[2] and not stacked:
            continue
        before = _NAME.search(head, max(0, match.start() - 120), match.start())
        start = before.start() if before else match.start()
        name = head[start : match.end(0)].partition(" [")[0]
        if not _CLASS.match(name):
            continue
        line_start = head.rfind("\n", max(0, start - 200), start) + 1 or max(0, start - 200)
        lead = head[line_start:start].strip()
        if not stacked and not name.endswith(("Error", "Exception")):
            continue
        if name in _BARE and lead and not lead.endswith(_BARE_AFTER):
            continue
        if not lead:
            return start, name, match[1]
        if best[1] is None:
            best = (start, name, match[1])
    return best


def _python(text: str) -> ErrorInfo:
    """A Python traceback: the last unindented `Type: message`; chained ones before it are its causes."""
    blocks = text.split(_TRACEBACK)
    chain = []
    for block in blocks[1:][-_MAX_CAUSES:]:
        # The block's own lines are indented; what comes first at column 0 after them is the error.
        last = next((m for m in _PY_LAST.finditer(block) if m.start() > 0 and block[m.start() - 1] == "\n"), None)
        if last is not None:
            message = (last[2] or "").strip() or None
            chain.append((last[1].rpartition(".")[2], message, code_in_text(message) if message else None))
    stack = text[text.find(_TRACEBACK) :]
    if not chain:
        return ErrorInfo(key="text", stack=stack)
    name, message, code = chain[-1]
    causes = tuple(ErrorInfo(key="text.cause", type=n, message=m, code=c) for n, m, c in reversed(chain[:-1]))
    return ErrorInfo(key="text", type=name, message=message, code=code, stack=stack, causes=causes)


def _dump_code(text: str) -> str | None:
    """The `code: 'X'` of a util.inspect dump. A text that merely says so without braces or errno is none."""
    match = _DUMP_CODE.search(text)
    if match and ("{" in text or "}" in text or _DUMP_ERRNO.search(text)):
        return clean_code(match[1])
    return None


def _until_dump(message: str) -> str:
    """The message without the `{ errno: ..., code: ... }` that util.inspect puts after it."""
    match = _DUMP_CODE.search(message) or _DUMP_ERRNO.search(message)
    brace = message.rfind("{", 0, match.start() + 1) if match else -1
    return message[:brace] if brace > 0 else message
