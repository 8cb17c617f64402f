"""Where in the code a message is logged: the literal it was made of, found in one pass over a folder of source.

The words of the log's messages are known before the folder is read, so that only literals of these words are kept.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import field
from typing import Final, NamedTuple

from floodscan.code.calls import Use, use_of
from floodscan.code.literals import WORD, literals
from floodscan.code.made import calls_of
from floodscan.code.paths import Files, Place
from floodscan.code.routes import MAX_LOOKED_AT, Routes
from floodscan.code.source_maps import MAX_DECODED, SourceMaps
from floodscan.code.tree import Tree, is_test
from floodscan.code.window import MAX_STATEMENTS, Sources, Statement, is_installed, is_script, statements_between
from floodscan.decode.stack_frames import StackFrame
from floodscan.errors import extra
from floodscan.model import Limit
from floodscan.profile.profile import Profile
from floodscan.profile.signature_profile import SignatureProfile
from floodscan.shape import head, shape, words
from floodscan.value import mutable

MAX_LITERALS: Final = 100_000
MAX_ALIKE: Final = 500
MAX_PLACES: Final = 64
"""Different literals that are kept, those of them with one longest word, and places of each that are kept."""
FEW: Final = 3
"""Places that fit equally well and are all named; of more, the first one and their number."""

MINIFIED: Final = 2
"""A function's name of at most this length in mapped code is the minifier's."""
WHOLE: Final = 0.8
"""Share of a message's constant letters from which a literal makes all of it (the rest may be a value's words)."""
HALF: Final = 0.5
LETTERS: Final = 8
"""Letters of a logged literal that begins a message of which it makes less than half (`"Query failed: " + error`)."""
SURE_LETTERS: Final = 10
"""Letters of a literal that neither a logging call nor a throw uses: a table of messages, a key."""
_ORDER: Final[dict[Use, int]] = {"log": 0, "throw": 1, "other": 2}


class Site(NamedTuple):
    """A line of the code, its path from the folder, and how many lines fit as well (1: this one alone)."""

    path: str
    line: int
    candidates: int


class _Seen(NamedTuple):
    path: str
    line: int
    use: Use


@mutable
class _Places:
    """The places of one literal."""

    seen: list[_Seen] = field(default_factory=list)
    count: int = 0


Rank = tuple[int, int, bool, int]


class Code:
    """The source beside a log: call sites of messages, and the files that stacks name."""

    def __init__(self, root: str, messages: Iterable[str]) -> None:
        """Reads the folder `root`; what can't be read in it is counted."""
        self._tree = Tree(root)
        self._places: dict[tuple[str, ...], _Places] = {}
        self._by_word: dict[str, list[tuple[str, ...]]] = {}
        self._full = False
        vocabulary = frozenset(word for message in messages for word in WORD.findall(head(message)))
        for path, text in self._tree.texts():
            self._read(path, text, vocabulary)
        self._scripts = Sources(self._tree)
        self._routes = Routes(self._tree)
        self._maps = SourceMaps(root)
        self._made: dict[tuple[tuple[str, ...], tuple[str, ...]], list[Site]] = {}
        self._parser_missing = False
        self._cut = 0
        """Lines of windows that were not named."""
        self._files = Files(self._tree.files, os.path.basename(os.path.abspath(root)))

    def _read(self, path: str, text: str, vocabulary: frozenset[str]) -> None:
        extension = path.rpartition(".")[2].lower()
        line, counted = 1, 0
        for literal in literals(text, extension, vocabulary):
            known = self._places.get(literal.parts)
            if known is None:
                longest = max((word for part in literal.parts for word in WORD.findall(part)), key=len)
                alike = self._by_word.setdefault(longest, [])
                if len(self._places) >= MAX_LITERALS or len(alike) >= MAX_ALIKE:
                    self._full = True
                    continue
                known = self._places[literal.parts] = _Places()
                alike.append(literal.parts)
            known.count += 1
            if len(known.seen) < MAX_PLACES:
                line += text.count("\n", counted, literal.at)
                counted = literal.at
                known.seen.append(_Seen(path, line + literal.below, use_of(text, literal.at)))

    @property
    def limits(self) -> list[Limit]:
        """The bounds that were reached: what lies beyond them was not looked at."""
        out = []
        if self._tree.cap is not None:
            out.append(Limit(*self._tree.cap, "call sites in the rest of the code folder are not known"))
        if self._full:
            out.append(Limit("string literals", MAX_LITERALS, "some call sites are not known"))
        if self._routes.cut:
            out.append(Limit("literals with a slash", MAX_LOOKED_AT, "some handlers of requests are not known"))
        if self._maps.cut:
            out.append(Limit("characters of source maps", MAX_DECODED, "some lines of built code are not mapped"))
        if self._cut:
            out.append(
                Limit("lines of a blind window", MAX_STATEMENTS, f"{self._cut} more may have thrown what is hidden")
            )
        return out

    @property
    def notes(self) -> list[str]:
        """What of the folder was left out, in words."""
        if not self._tree.files:
            return [f"--code {self._tree.root}: no source files in it"]
        left_out = ", ".join(f"{count} {why}" for why, count in sorted(self._tree.left_out.items()))
        out = [f"--code: left out {left_out}"] if left_out else []
        if self._parser_missing:
            out.append(
                f"--code: no parser, so lines that may hide a swallowed error's cause are not named: {extra('code')}"
            )
        return out

    def window(self, after: SignatureProfile | None, hidden: SignatureProfile) -> tuple[Statement, ...]:
        """The lines, in JS and TS, on which a hidden error may have been thrown: after the last line that was printed.

        Empty where its call site is not known for sure, or is in no catch, or the parser is not installed.
        """
        caught = [site for site in self.sites(hidden) if site.candidates == 1]
        if not caught or not is_script(caught[0].path):
            return ()
        if not is_installed():
            self._parser_missing = True
            return ()
        before = [site for site in self.sites(after) if site.candidates == 1] if after is not None else []
        last = Statement(before[0].path, before[0].line) if before else None
        found = statements_between(self._scripts, last, Statement(caught[0].path, caught[0].line))
        self._cut += max(0, len(found) - MAX_STATEMENTS)
        return found[:MAX_STATEMENTS]

    def sites(self, profile: SignatureProfile) -> list[Site]:
        """Where the signature's message is logged, the same for all its examples; empty where no literal fits."""
        said, bare = texts_of(profile), _is_bare_error(profile)
        hints = (profile.signature.logger, self._files_on_stacks(profile), bare)
        return self.find(said, *hints) or (self.find(said[:1], *hints) if len(said) > 1 else [])

    def routes(self, method: str | None, target: str) -> list[Site]:
        """Where the handler of a request is registered; empty where no route fits."""
        return _few(self._routes.find(method, target))

    def made(self, calls: tuple[str, ...], modules: tuple[str, ...] = ()) -> list[Site]:
        """Where one of the calls stands, with `modules` only in files that import one of them."""
        if (calls, modules) not in self._made:
            self._made[calls, modules] = _few(calls_of(self._tree, calls, modules))
        return self._made[calls, modules]

    def place(self, frame: StackFrame) -> tuple[Place, int | None, str | None] | None:
        """The file that a frame names, the line, and the function; of built code the source's, by its source map."""
        written = self._maps.find(frame.file, frame.line, frame.column) if frame.own else None
        source = self._files.find(written.path, own=True) if written is not None else None
        if written is not None and source is not None and source.exact:
            return source, written.line, None if len(frame.function or "") <= MINIFIED else frame.function
        found = self._files.find(frame.file, own=frame.own)
        return (found, frame.line if found.exact else None, frame.function) if found is not None else None

    def _files_on_stacks(self, profile: SignatureProfile) -> frozenset[str]:
        frames = {frame for example in profile.example_lines for frame in example.frames}
        places = [self.place(frame) for frame in frames]
        return frozenset(found[0].path for found in places if found is not None and found[0].candidates == 1)

    def find(
        self, said: Sequence[str], logger: str | None = None, near: frozenset[str] = frozenset(), bare: bool = False
    ) -> list[Site]:
        """The places of the literals that fit every text, ranked by the first.

        The logger's name and the files `near` settle between places that fit equally well. `bare`: the texts are an
        error's own, which only a call that logs or throws can have made.
        """
        if not said:
            return []
        constant = Counter(WORD.findall(" ".join(words(shape(said[0])))))
        total = sum(len(word) * count for word, count in constant.items())
        best: Rank | None = None
        found: list[_Seen] = []
        count = 0
        for parts in self._fitting(said):
            made = Counter(word for part in parts for word in WORD.findall(part)) & constant
            letters = sum(len(word) * count for word, count in made.items())
            begins = said[0].startswith(parts[0]) or made.total() > 1 and letters >= HALF * total
            places = self._places[parts]
            for seen in places.seen:
                rank = _rank(seen, letters, letters / max(total, letters), begins)
                if rank is None or (bare and seen.use == "other") or (best is not None and rank > best):
                    continue
                if best is None or rank < best:
                    best, found, count = rank, [], places.count - len(places.seen)
                found.append(seen)
                count += 1
        found, others = _named_by(logger, list(dict.fromkeys(found))), max(0, count - MAX_PLACES)
        found = [seen for seen in found if seen.path in near] or found
        kept = found if len(found) + others <= FEW else found[:1]
        return [Site(seen.path, seen.line, len(found) + others) for seen in kept]

    def _fitting(self, said: Sequence[str]) -> Iterable[tuple[str, ...]]:
        for word in dict.fromkeys(WORD.findall(said[0])):
            for parts in self._by_word.get(word, ()):
                if all(_fits(parts, text) for text in said):
                    yield parts


def _few(places: Sequence[tuple[str, int]]) -> list[Site]:
    """A few places each, of many the first one and their number."""
    kept = places if len(places) <= FEW else places[:1]
    return [Site(path, line, len(places)) for path, line in kept]


def read_code(root: str, profile: Profile) -> Code:
    """The code in `root`, read for the messages of a profile."""
    return Code(root, (text for one in profile.signatures.values() for text in texts_of(one)))


def texts_of(profile: SignatureProfile) -> list[str]:
    """The different messages of a signature's examples, the first line of each: the first one's first."""
    return list(dict.fromkeys(text for example in profile.example_lines if (text := head(example.message))))


def _is_bare_error(profile: SignatureProfile) -> bool:
    """Whether the message is that of the error it prints, which may be a library's or the system's."""
    opening = profile.opening
    error = opening.error if opening is not None else None
    return bool(opening and error and error.message and head(error.message) in head(opening.message))


def _rank(seen: _Seen, letters: int, share: float, begins: bool) -> Rank | None:
    """How well a place fits, the smaller the better; None where it may be chance.

    A literal that makes all of the message comes before one that makes a part, a logged one before a thrown one before
    any other, the application before its tests, the longer before the shorter.
    """
    if share < WHOLE and not (begins and (share >= HALF or letters >= LETTERS)):
        return None
    if seen.use == "throw" and letters < LETTERS:
        return None
    if seen.use == "other" and (share < WHOLE or letters < SURE_LETTERS):
        return None
    part = 0 if share >= WHOLE else 1 if share >= HALF else 2
    return part, _ORDER[seen.use], is_test(seen.path), -letters


def _named_by(logger: str | None, found: list[_Seen]) -> list[_Seen]:
    """Those of the places whose file the logger is named after (`acme.orders`, `OrderService`), if any is."""
    if logger is None or len(found) < 2:
        return found
    name, last = logger.lower(), re.split(r"[./:\\]", logger.lower())[-1]
    fits = []
    for seen in found:
        module = seen.path.rpartition(".")[0].replace("/", ".").lower()
        inner = module == name or f".{module}.".endswith(f".{name}.") or f"{name}.".startswith(f"{module}.")
        fits.append(0 if module == name else 1 if inner else 2 if module.rpartition(".")[2] == last else 3)
    return [seen for seen, fit in zip(found, fits, strict=True) if fit == min(fits)]


def _fits(parts: tuple[str, ...], text: str) -> bool:
    """Whether the text may have been made by the literal: its parts stand in it, in order, and cut no word in two."""
    at = text.find(parts[0])
    while at > 0 and parts[0][0].isalpha() and text[at - 1].isalpha():
        at = text.find(parts[0], at + 1)
    if at < 0:
        return False
    end = at + len(parts[0])
    for part in parts[1:]:
        at = text.find(part, end)
        if at < 0:
            return False
        end = at + len(part)
    return not (parts[-1][-1:].isalpha() and text[end : end + 1].isalpha())
