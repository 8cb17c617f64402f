"""Secrets of a command line, known by the flag before them: `--password x`, `curl -u user:x`, `["--token","x"]`; of SQL, too."""

from __future__ import annotations

import re

from floodscan.redact.keyed import BARE, is_placeholder
from floodscan.redact.quotes import OPEN_QUOTE, closing_quote
from floodscan.redact.tag import tag
from floodscan.redact.whole import MASK
from floodscan.regex import regex
from floodscan.safe import CLOSE, OPEN, TAG

NEEDLES = ("--", "curl", "sshpass", "mysql", "mariadb", "redis-cli", "login", "identified", "with password")
"""One of these stands in the lower case of every text that holds such a flag."""

_BLANKS = r"(?:[ \t]|%20|\+){1,8}"
_NEXT = rf"(?:{OPEN_QUOTE})?(?:[ \t,]|%20|%2[cC]|\+){{1,8}}(?:{OPEN_QUOTE})?"
_START = r"(?:(?<![\w-])|(?<=%2[0-9A-Fa-f])|(?<=\\[nrt]))"
# What tells of a secret, in the order of the text. A command's own short flags count up to the command's end.
_PART = regex(
    r"(?P<end>\n|\\[nr]|[;|]|&&)"
    r"|(?<![\w-])(?P<command>curl|sshpass|mysql(?:dump|admin)?|mariadb(?:-dump|-admin)?|redis-cli"
    rf"|(?:docker|podman|nerdctl|helm{_NEXT}registry){_NEXT}login)(?![\w-])"
    rf"|{_START}(?:--(?!max|min|num)(?i:(?:[a-z0-9]{{1,20}}[-_]){{0,3}}"
    r"(?P<long>password|passwd|passphrase|token|secret|(?:api|access|secret)[-_]?key))(?![\w-])"
    r"|(?P<user>-[a-zA-Z]{0,5}u|--user)(?![a-z-])|(?P<short>--?pass(?![\w-])|-[pa]|<id>(?=\S)))"
    rf"|(?i:\bidentified(?:\s|%20){{1,4}}(?:with(?:\s|%20){{1,4}}[\w'\"`%]{{1,64}}(?:\s|%20){{1,4}})?(?:by|as)"
    rf"(?:(?:\s|%20){{1,4}}password)?|\bwith(?:\s|%20){{1,4}}(?:encrypted(?:\s|%20){{1,4}})?password)"
    rf"(?P<sql>(?:\s|%20){{1,4}})(?={OPEN_QUOTE})"
)
_SHORT = {"sshpass": ("-p",), "redis-cli": ("-a", "--pass"), "curl": ("--pass",), "login": ("-p",)}
"""The flags of a command that a password follows; MySQL's `-p` has it without a blank, so that `-px9` is an id to a mask."""
_ONE = ("sshpass", "login")
"""Commands of which the next `-p` is another one's, such as the port of ssh."""

_ASSIGNED = regex(r"=|%3[dD]")
_LISTED = regex(
    rf"(?:{OPEN_QUOTE})(?:\s|%20|\+){{0,8}}(?:,|%2[cC])(?:\s|%20|\+){{0,8}}(?P<open>{OPEN_QUOTE})"
)
_BLANK = regex(rf"(?P<blanks>{_BLANKS})(?P<open>{OPEN_QUOTE})?")
_QUOTED = regex(rf"(?P<open>{OPEN_QUOTE})")
_TAG = f"{OPEN}[a-z:0-9-]{{1,60}}{CLOSE}"
_VALUE = regex(rf"(?:{_TAG}|{BARE})+")
_NAME = regex(rf"(?:{_TAG}|{MASK}|(?!%3[aA])[^\s:\"'`,&<>\\{OPEN}{CLOSE}]){{1,64}}(?::|%3[aA])")
_NUMBERS = regex(r"\d+(?::|%3[aA])\d+")
# After a flag stands in a sentence, or in a usage text, a word of it: none of these is taken for a secret.
_PROSE = frozenset(
    "a an and are argument arguments as at be before but by can cannot command deprecated does empty env environment "
    "expects expected file flag flags for from given has have here if ignored in instead into invalid is it may "
    "missing must needs not of on option optional options or parameter prompt provided required requires secret set "
    "should so specified stdin string strings such takes text than that the then this to together token unknown unset "
    "used value values via was were when which will with without you your password key api-key apikey name".split()
)
_METAVAR = regex(r"[A-Z]*(?:PASS|PASSWORD|PASSWD|TOKEN|SECRET|KEY|STRING|VALUE|TEXT|PW)|id=.*|type=.*", re.DOTALL)
_SHORTEST = 3


def replace_flags(text: str) -> str:
    """A tag in place of what follows each flag that asks for a secret. Never raises."""
    out: list[str] = []
    done, command = 0, ""
    for match in _PART.finditer(text):
        if match.start() < done:
            continue
        if match["end"]:
            command = ""
        elif match["command"]:
            command = "login" if match["command"].endswith("login") else match["command"]
        else:
            found = _secret(text, match, command)
            if found is None:
                continue
            start, end = found
            if end - start >= _SHORTEST and not TAG.fullmatch(text, start, end):
                out += (text[done:start], tag(_kind(match), text[start:end]))
                done = end
            if match["short"] and command in _ONE:
                command = ""
    return "".join(out) + text[done:] if out else text


def _kind(match: re.Match[str]) -> str:
    long = (match["long"] or "").lower()
    return "api-key" if long.endswith("key") else long if long in ("token", "secret") else "password"


def _secret(text: str, match: re.Match[str], command: str) -> tuple[int, int] | None:
    """(start, end) of the secret after the flag, None where there is none."""
    at = match.end()
    if match["sql"]:
        return _quoted(text, at)
    if match["short"]:
        if command.startswith(("mysql", "mariadb")):
            return _attached(text, at) if match["short"] in ("-p", "<id>") else None
        if match["short"] not in _SHORT.get(command, ()):
            return None
    elif match["user"] and command != "curl":
        return None
    follows = _LISTED.match(text, at) or _BLANK.match(text, at)
    if follows is None:
        if match["user"]:
            assigned = _ASSIGNED.match(text, at)
            at = assigned.end() if assigned else at
            return _after_name(text, _quoted(text, at) or _attached(text, at))
        return _attached(text, at) if match["short"] in ("-p", "-a") else None  # `=` is read as of any key
    if follows["open"]:
        found = (follows.end(), closing_quote(text, follows.end(), follows["open"])[0])
    else:
        bare = _attached(text, follows.end())
        if bare is None:
            return None
        found = bare
    if match["user"]:
        return _after_name(text, found)
    value = text[slice(*found)]
    described = not follows["open"] and len(follows[0]) > 1 and follows[0].isspace()
    return None if _is_said(value) or (described and not any(map(str.isdigit, value))) else found


def _quoted(text: str, at: int) -> tuple[int, int] | None:
    opened = _QUOTED.match(text, at)
    return None if opened is None else (opened.end(), closing_quote(text, opened.end(), opened["open"])[0])


def _attached(text: str, at: int) -> tuple[int, int] | None:
    """The bare word at a place; another flag is none."""
    value = None if text.startswith("-", at) else _VALUE.match(text, at)
    return None if value is None else (at, value.end())


def _after_name(text: str, found: tuple[int, int] | None) -> tuple[int, int] | None:
    """The password of `user:password`; two numbers are a user and a group."""
    name = None if found is None else _NAME.match(text, *found)
    if found is None or name is None or _NUMBERS.fullmatch(text, *found):
        return None
    return None if is_placeholder(text[name.end() : found[1]]) else (name.end(), found[1])


def _is_said(value: str) -> bool:
    """Whether it is a word of a sentence or of a usage text."""
    bare = value.strip().rstrip(".,:;)")
    return bare.startswith("-") or bare.lower() in _PROSE or bool(_METAVAR.fullmatch(bare)) or is_placeholder(bare)
