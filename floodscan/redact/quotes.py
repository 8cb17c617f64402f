r"""Where a quoted value ends, at any depth of escaping: `'a'`, `\"a\"` in JSON, `%22a%22` in a URL, `&quot;a&quot;`."""

from __future__ import annotations

from floodscan.regex import regex

OPEN_QUOTE = r"\\*[\"'`]|(?:%5[cC])*%2[27]|&(?:quot|#3[49]);|%26quot%3[Bb]"

# The look-behind lets a run of backslashes be scanned once, from its start.
_QUOTE = regex(r"(?<!\\)(\\*)([\"'`])|\n")
# JSON does not escape these quotes but doubles the backslash before one: `'it\\'s'` is `'it\'s'` there.
_DOUBTFUL = "'`"
_ENDS_A_VALUE = regex(r"\s{0,3}(?:[,;)}\]\"\\\n]|\Z)")


def closing_quote(text: str, start: int, opened: str) -> tuple[int, int]:
    """Where the value ends, and where the text goes on: at a quote escaped as often as the opening one, or less."""
    if opened[0] in "%&":
        return _closing_entity(text, start, opened)
    depth, quote = len(opened) - 1, opened[-1]
    for match in _QUOTE.finditer(text, start):
        if match[2] is None:
            return match.start(), match.start()  # no quoted string runs over a line's end
        slashes = len(match[1])
        if slashes and not depth and quote in _DOUBTFUL and not _ENDS_A_VALUE.match(text, match.end()):
            continue
        if match[2] == quote and (slashes <= depth if depth else slashes % 2 == 0):
            return (match.start() if depth else match.start(2)), match.end()
    return len(text), len(text)


def _closing_entity(text: str, start: int, opened: str) -> tuple[int, int]:
    line = text.find("\n", start)
    line = len(text) if line < 0 else line
    end = text.find(opened, start, line)
    while end >= 0 and opened[:2] == "%2" and text.startswith(("%5C", "%5c"), max(end - 3, 0)):
        end = text.find(opened, end + 3, line)
    return (line, line) if end < 0 else (end, end + len(opened))
