"""The dialect of regular expressions in which rules are written: its cost is known before it runs.

Literals, `.`, `[classes]`, the escapes d D w W s S b B n t and escaped punctuation, groups, `|`, `^`, `$`, the
quantifiers `? * + {m} {m,n}` (lazy or not), and `(?i)` in front. `*` and `+` stand for at most `REACH` times, so that
each start costs a bounded number of steps and a search is linear in its text. No lookaround, no back-reference.
"""

from __future__ import annotations

import re
from functools import lru_cache

from floodscan.value import frozen

REACH = 80
"""How often `*` and `+` repeat at most: a hole in a library's message is a name, a path or an address."""

BUDGET = 2_048
"""Ways in which one start may be tried. A hole of 60 and one of 30 fit; a repeated group with a hole in it does not."""

GROUPS = 16
"""How often a group may repeat at most."""

LITERAL = 3
"""A shorter piece of constant text is no use to look for first."""

ESCAPES = frozenset("dDwWsSbBnt")

PLAIN = re.compile(r"[A-Za-z0-9 _'\":;,/@#%&=<>~!`-]{1,200}(?![?*+{])")
"""A run of characters that mean themselves and that no quantifier follows."""


class BadPattern(ValueError):
    """A pattern outside the dialect, or one that could take long; the text says what and at which character."""


@frozen
class Pattern:
    """A checked pattern."""

    source: str
    bounded: str
    """The same with `*` and `+` bounded, in the syntax of `re`."""
    needles: tuple[str, ...]
    """Constant texts of which one occurs wherever the pattern does (case folded under `(?i)`); () where unknown."""
    ignore_case: bool = False

    def find(self, text: str, folded: str) -> str | None:
        """What the pattern matches in `text`, or None. `folded` is `text.lower()`, made once for many patterns."""
        hay = folded if self.ignore_case else text
        if self.needles:
            for needle in self.needles:
                if needle in hay:
                    break
            else:
                return None
        found = _compiled(self.bounded, self.ignore_case).search(text)
        return found[0] if found else None


@lru_cache(maxsize=4096)
def _compiled(bounded: str, ignore_case: bool) -> re.Pattern[str]:
    return re.compile(bounded, re.IGNORECASE if ignore_case else 0)


def pattern(source: str) -> Pattern:
    """Checks `source`. Raises BadPattern."""
    ignore_case = source.startswith("(?i)")
    body = source.removeprefix("(?i)")
    reader = _Reader(body)
    part = reader.alternatives()
    if not reader.done:
        raise BadPattern(f"unbalanced ) at character {reader.at + 1}")
    if part.cost > BUDGET:
        raise BadPattern(f"could take very long on a line that nearly fits: {_advice(reader.repeated)}")
    if not part.least:
        raise BadPattern("could match the empty text, so it says nothing")
    needles = tuple(needle.lower() for needle in part.needles) if ignore_case else part.needles
    return Pattern(source, part.text, needles, ignore_case)


def _advice(repeated: str | None) -> str:
    """What to change in a pattern over the budget; `repeated`: its group that is repeated too often, if it has one."""
    if repeated is not None:
        return (
            f"it repeats the group {repeated} too freely. Repeat one character or class in place of a group (a+ for "
            f"(a+)+), or bound both, such as (a{{1,5}}){{1,3}}; a group may repeat at most {GROUPS} times"
        )
    return (
        f"it has too many parts of free length, each of which multiplies the ways to try. Bound them, such as .{{0,20}} "
        f"for .* (which means .{{0,{REACH}}}), or leave out the last of them"
    )


@frozen
class _Part:
    text: str
    cost: int = 1
    """Ways of matching it from a given character."""
    least: int = 1
    """Characters it takes at least."""
    literal: str | None = None
    """The text that it is, where it is constant."""
    needles: tuple[str, ...] = ()


class _Reader:
    """Recursive descent over one pattern."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.repeated: str | None = None
        """The first group whose repetition alone is over the budget, as it is written."""

    @property
    def done(self) -> bool:
        return self.at >= len(self.source)

    def peek(self, text: str) -> bool:
        return self.source.startswith(text, self.at)

    def fail(self, what: str) -> BadPattern:
        return BadPattern(f"{what} at character {self.at + 1}")

    def alternatives(self) -> _Part:
        parts = [self.sequence()]
        while self.peek("|"):
            self.at += 1
            parts.append(self.sequence())
        if len(parts) == 1:
            return parts[0]
        needles = tuple(n for part in parts for n in part.needles) if all(part.needles for part in parts) else ()
        words = [part.literal for part in parts]
        # Of constant texts only those can match in one place that are beginnings of the same one.
        cost = sum(part.cost for part in parts)
        if None not in words:
            cost = max(sum(word.startswith(other) for other in words if other) for word in words if word is not None)
        least = min(part.least for part in parts)
        return _Part("|".join(part.text for part in parts), max(cost, 1), least, needles=needles)

    def sequence(self) -> _Part:
        text, cost, least, run, found, constant = "", 1, 0, "", list[tuple[str, ...]](), True
        while not self.done and self.source[self.at] not in "|)":
            if plain := PLAIN.match(self.source, self.at):
                self.at = plain.end()
                text, run, least = text + re.escape(plain[0]), run + plain[0], least + len(plain[0])
                continue
            part = self.quantified()
            text += part.text
            cost *= part.cost
            least += part.least
            if part.literal is not None:
                run += part.literal
                continue
            constant = False
            found += [(run,)] if len(run) >= LITERAL else []
            found += [part.needles] if part.needles else []
            run = ""
        found += [(run,)] if len(run) >= LITERAL else []
        # The fewest alternatives, and of those the longest text: the cheapest question that rules the most out.
        best = min(found, key=lambda needles: (len(needles), -len(needles[0])), default=())
        return _Part(text, cost, least, run if constant else None, best)

    def quantified(self) -> _Part:
        start = self.at
        atom = self.atom()
        bounds = self.quantifier()
        if bounds is None:
            return atom
        low, high = bounds
        lazy = "?" if self.peek("?") else ""
        self.at += len(lazy)
        if not self.done and self.source[self.at] in "*+?{":
            raise self.fail("quantifier on a quantifier")
        # A run of one character class can stop in high - low + 1 places; a group may differ in each repetition.
        single = atom.cost == 1 and not atom.text.startswith("(")
        cost = (
            high - low + 1 if single else min(sum(atom.cost**n for n in range(low, min(high, GROUPS) + 1)), BUDGET + 1)
        )
        if not single and high > GROUPS:
            cost = BUDGET + 1
        if not single and cost > BUDGET and atom.cost <= BUDGET and self.repeated is None:
            self.repeated = self.source[start : self.at]
        return _Part(f"{atom.text}{{{low},{high}}}{lazy}", cost, atom.least * low, needles=atom.needles if low else ())

    def quantifier(self) -> tuple[int, int] | None:
        for sign, bounds in (("?", (0, 1)), ("*", (0, REACH)), ("+", (1, REACH))):
            if self.peek(sign):
                self.at += 1
                return bounds
        if not self.peek("{"):
            return None
        end = self.source.find("}", self.at)
        low, comma, high = self.source[self.at + 1 : end].partition(",")
        if end < 0 or not low.isdecimal() or (comma and not high.isdecimal()):
            raise self.fail("{ is not {m} or {m,n} (write \\{ for a brace)")
        bounds = int(low), int(high) if comma else int(low)
        if bounds[0] > bounds[1] or bounds[1] > 999:
            raise self.fail(f"{{{low}{comma}{high}}} is not a range up to 999")
        self.at = end + 1
        return bounds

    def atom(self) -> _Part:
        char = self.source[self.at]
        if char == "(":
            return self.group()
        if char == "[":
            return self.character_class()
        if char == "\\":
            return self.escape()
        if char in "*+?{":
            raise self.fail("nothing to repeat")
        self.at += 1
        if char in ".^$":
            return _Part(char, least=char == ".")
        return _Part(re.escape(char), literal=char)

    def group(self) -> _Part:
        if self.peek("(?") and not self.peek("(?:"):
            raise self.fail("(?...) is not part of the dialect")
        self.at += 3 if self.peek("(?:") else 1
        inner = self.alternatives()
        if not self.peek(")"):
            raise self.fail("( is not closed")
        self.at += 1
        return _Part(f"(?:{inner.text})", inner.cost, inner.least, needles=inner.needles)

    def character_class(self) -> _Part:
        start = self.at
        end = start + 1 + self.source.startswith("^", start + 1)
        end += self.source.startswith("]", end)
        while end < len(self.source) and self.source[end] != "]":
            end += 2 if self.source[end] == "\\" else 1
        if end >= len(self.source):
            raise self.fail("[ is not closed")
        text = self.source[start : end + 1]
        try:
            re.compile(text)
        except re.error as error:
            raise self.fail(f"{text}: {error.msg}") from None
        self.at = end + 1
        return _Part(text)

    def escape(self) -> _Part:
        char = self.source[self.at + 1 : self.at + 2]
        if not char or (char.isalnum() and char not in ESCAPES):
            raise self.fail(f"\\{char} is not part of the dialect")
        self.at += 2
        if char in ESCAPES:
            return _Part(f"\\{char}", least=char not in "bB")
        return _Part(re.escape(char), literal=char)
