"""What is done with a literal: logged, thrown, or neither, told from the call that it stands in, in any language."""

from __future__ import annotations

import re
from typing import Final, Literal

from floodscan.regex import regex

Use = Literal["log", "throw", "other"]

_LOOK_BACK: Final = 600
"""Characters before a literal in which its call begins."""
_CALLEE: Final = 120
_OUTWARD: Final = 4
"""Calls around a literal that are looked at: `logger.info(format(join("...")))`."""

_LEVELS: Final = (
    "trace|debug|verbose|silly|http|info|information|notice|success|warn|warning|error|err|severe|fatal|critical|crit|"
    "alert|emerg|emergency|panic|exception|log|msg|fine|finer|finest|config|dpanic|write|print|default|child|fail"
)
_SUFFIX: Final = r"(?:_?(?:f|w|ln|s|ctx|context|async|line|once|sync|message|event))?"
_CHAIN: Final = r"(?:\?\.|\.|->|::|!\.)"
_LOGGED: Final = regex(
    # `this.log.error(`, `logger?.Warn(`, `console.log(`, `log.Error().Err(err).Msg(`, `Log::error(`, `log[level](`
    r"(?:log|logs|[\w$]*logger|logging|[\w$]*_log|[\w$]*Log|console|slog|zap|sugar|glog|klog|journal|tracing|winston|pino|"
    r"stdout|stderr|out|fmt|telemetry|syslog|rails)"
    rf"(?:\([^()]{{0,80}}\)|\[[^\]]{{0,60}}\])?(?:{_CHAIN}\w{{1,30}}(?:\((?:[^()]|\([^()]{{0,40}}\)){{0,120}}\))?){{0,4}}"
    rf"{_CHAIN}\s*(?:log|at|msg)?_?(?:{_LEVELS}){_SUFFIX}!?\s*\Z"
    r"|(?:\blog|[\w$]*logger|console)\s*\[[^\]\n]{1,80}\]\s*\Z"
    # `println!(`, `error_log(`, `this.logError(`, `_log(`, `LOG_ERROR(`, `warn!(`, `log(`, `print(`
    rf"|(?<![\w$])_?log(?!in|out|ic|ist|on|o\b)\w{{0,30}}!?\s*\Z"
    rf"|(?:\A|[^\w$.>])(?:(?:{_LEVELS})!|e?print(?:f|ln|k|_r)?!?|fprintf|puts|"
    rf"error_log|trigger_error|syslog|nslog|warn|(?:{_LEVELS})_?log|echo)\s*\Z",
    re.IGNORECASE,
)
_THROWN: Final = regex(
    r"(?:\bnew\s+[\w$.\\]{0,80}|[\w$.:\\]{0,80}(?:Error|Exception|Fault))\s*\Z"
    r"|\b(?:raise|throw|panic!?|abort|reject|errorf|errors\.(?:new|wrapf?)|bail!|anyhow!|err|failwith|die|fail|exit)\s*\Z",
    re.IGNORECASE,
)
# Without brackets: Ruby, Elixir, PHP, shell.
_BARE_LOG: Final = regex(
    rf"(?:\b(?:log|logger|[\w.]{{0,60}}logger)\.(?:{_LEVELS})|\A\s*(?:puts|warn|echo|print|printf)|<<|\bLOG\(\w+\))\s+[^(]{{0,80}}\Z",
    re.IGNORECASE,
)
_BARE_THROW: Final = regex(r"(?:\A|[\s;{(])(?:raise|throw|die|abort)\s[^(;]{0,120}\Z")
_OPEN: Final = "([{"
_CLOSE: Final = ")]}"


def use_of(text: str, at: int) -> Use:
    """The use of the literal that begins at `at`."""
    window = text[max(0, at - _LOOK_BACK) : at]
    found: Use = "other"
    for opens in _calls_around(window):
        callee = window[max(0, opens - _CALLEE) : opens]
        if _LOGGED.search(callee):
            return "log"
        if found == "other" and _THROWN.search(callee):
            found = "throw"
    if found == "throw":
        return found
    line = window.rpartition("\n")[2]
    if _BARE_LOG.search(line):
        return "log"
    return "throw" if _BARE_THROW.search(line) else "other"


def logs(callee: str) -> bool:
    """Whether a call is one that logs: `this.log.error`, `console.warn`."""
    return _LOGGED.search(callee) is not None


def _calls_around(window: str) -> list[int]:
    """Where the round brackets open that are still open at the window's end, within its last statement; inmost first."""
    found: list[int] = []
    depth = 0
    for at in range(len(window) - 1, -1, -1):
        sign = window[at]
        if sign in _CLOSE:
            depth += 1
        elif sign in _OPEN:
            if depth:
                depth -= 1
            elif sign == "(":
                found.append(at)
                if len(found) == _OUTWARD:
                    break
            elif sign == "{" and window[:at].rstrip()[-1:] not in ("(", ",", ":", "["):
                break  # the block that the statement stands in
        elif sign == ";" and not depth:
            break
    return found
