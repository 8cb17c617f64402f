"""Where in the code a request is handled: the place that registers a route for its path, in any language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from floodscan.code.languages import LANGUAGES
from floodscan.code.tree import Tree, is_test
from floodscan.regex import regex

MAX_LOOKED_AT: Final = 100_000
"""Literals with a slash of a tree whose calls are looked at: seconds, where a tree was made to take long."""
_LONGEST: Final = 200
"""Characters of a route, and of a path that is looked for."""
_BEFORE: Final = 120
"""Characters before a literal in which its call stands."""

_QUOTES: Final = "\"'`"
_LITERAL: Final = regex(r"(?:(?P<method>[A-Z]{3,7})\s+)?(?P<path>/\S*)")
_METHODS: Final = "get|post|put|patch|delete|del|head|options"
_ANY: Final = (
    rf"all|any|use|route|routes|ws|websocket|handle|handlefunc|api_route|add_url_rule|add_route|match|request|"
    rf"map(?:{_METHODS})?|(?:(?:{_METHODS})|request)mapping|add_(?:{_METHODS})"
)
# `fastify.get('/x'`, `@app.route("/x"`, `@GetMapping("/x"`, `Route::get('/x'`, `mux.HandleFunc("/x"`, `get "/x" do`.
_CALLEE: Final = regex(rf"(?P<at>@)?(?:(?P<on>[^@]*?)(?:\.|->|::))?(?P<verb>{_METHODS}|{_ANY})", re.IGNORECASE)
_IN_CALLEE: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$@.:->)]")
_NAMED: Final = regex(r"\b(?:value|path)\s?=\s?\Z")
_KEYED: Final = regex(r"(?<![\w$.])(?:url|path|pattern)['\"]?\s{0,4}:\s{0,4}\Z")
# What routes hang on, and what fetches from elsewhere or only looks something up under a name with a slash.
_SERVES: Final = regex(
    r"(?:app|router?|routes?|server|fastify|mux|blueprint|bp|instance|engine|group|controller|hono|koa|elysia|http)\Z",
    re.IGNORECASE,
)
_FETCHES: Final = regex(
    r"(?:axios|https?|client|api|request|requests|got|ky|agent|fetch\w*|session|httpx|\$http|supertest|nock|cache|map|headers|"
    r"params|config|storage|\w*(?:client|api|cache|map|mock))\Z",
    re.IGNORECASE,
)
_TELLING: Final = frozenset(
    "handlefunc api_route add_url_rule getmapping postmapping putmapping patchmapping deletemapping".split()
)
_VARIABLE: Final = regex(r"[:*<\[]|.*[{(]")
_REST: Final = regex(r"\*|\{\*|\[\.\.\.|.*path:|.*\*\}?\Z")


class Route(NamedTuple):
    """A place that registers a route. `method` in capitals, None for any; `sure`: 0 what it hangs on serves, else 1."""

    path: str
    line: int
    method: str | None
    segments: tuple[str, ...]
    sure: int


class Routes:
    """The routes of a tree, read when the first is asked for."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._known: list[Route] | None = None
        self.cut = False
        """Whether some were not looked at."""

    def find(self, method: str | None, url: str) -> list[tuple[str, int]]:
        """(file, line) of the places that fit the path of a URL best; empty where none does."""
        if self._known is None:
            self._known = []
            for looked_at, route in enumerate(self._read(), 1):
                self.cut = looked_at >= MAX_LOOKED_AT
                if route is not None:
                    self._known.append(route)
                if self.cut:
                    break
        path = _path_of(url)
        if path is None:
            return []
        asked = tuple(part for part in path.split("/") if part)
        ranked = [(rank, route) for route in self._known if (rank := _rank(route, method, asked)) is not None]
        best = min((rank for rank, _ in ranked), default=None)
        return list(dict.fromkeys((route.path, route.line) for rank, route in ranked if rank == best))

    def _read(self) -> Iterator[Route | None]:
        for path in self._tree.files:
            text = self._tree.read(path)
            if text is not None:
                yield from routes_in(path, text)


def routes_in(path: str, text: str) -> Iterator[Route | None]:
    """The routes that a file registers, in their order; None for what looked like one."""
    line = counted = 0
    for match in LANGUAGES[path.rpartition(".")[2].lower()].finditer(text):
        start, end = match.span()
        if text[start] not in _QUOTES or end - start > _LONGEST or "/" not in match[0]:
            continue
        said = _LITERAL.fullmatch(text, start + 1, end - 1)
        found = _registered(text, start, end) if said is not None else None
        if said is None or found is None:
            yield None
            continue
        line += text.count("\n", counted, start)
        counted = start
        method, sure = found
        segments = tuple(part for part in said["path"].split("/") if part)
        yield Route(path, line + 1, said["method"] or method, segments, sure)


def _registered(text: str, start: int, end: int) -> tuple[str | None, int] | None:
    """(method, how sure) where the literal is what a call registers a route with."""
    before = text[max(0, start - _BEFORE) : start]
    if _KEYED.search(before):
        return None, 1
    call = _CALLEE.fullmatch(_callee(before))
    if call is None:
        return None
    verb, on = call["verb"].lower(), call["on"] or ""
    method = _method_of(verb)
    if call["at"] or verb in _TELLING or (on and _SERVES.search(on)):
        return method, 0
    handler = text[end : end + 8].lstrip()[:1] in (",", ")") or " do" in text[end : end + 8]
    return (method, 1) if handler and not _FETCHES.search(on) else None


def _callee(before: str) -> str:
    """What is called with the literal behind `before` as its first argument; empty where nothing is."""
    text = before.rstrip()
    if text.endswith("="):
        text = text[: match.start()].rstrip() if (match := _NAMED.search(before)) else ""
    opened = text.rstrip("[{ ")
    if opened.endswith("("):
        text = opened[:-1].rstrip()
    elif text == before:
        return ""
    if text.endswith(">"):
        text = text.rpartition("<")[0]
    start = len(text)
    while start and text[start - 1] in _IN_CALLEE:
        start -= 1
    return text[start:]


def _method_of(verb: str) -> str | None:
    """`get`, `MapGet`, `add_get`, `GetMapping` -> `GET`; None for what takes any."""
    plain = verb.removeprefix("map").removeprefix("add_").removesuffix("mapping")
    return "DELETE" if plain == "del" else plain.upper() if plain in _METHODS.split("|") else None


def _path_of(url: str) -> str | None:
    """The path of a URL or of a request's target, without query."""
    if "://" in url[:12]:
        _, _, rest = url.partition("://")
        url = "/" + rest.partition("/")[2]
    path = re.split(r"[?#\s]", url, maxsplit=1)[0]
    return path[:_LONGEST] if path.startswith("/") else None


def _rank(route: Route, method: str | None, asked: tuple[str, ...]) -> tuple[int, int, bool, int] | None:
    """How well a route fits, the smaller the better: the whole path before its end, what serves before what may.

    A route of variables alone fits everything and so nothing. A router may be mounted below a prefix.
    """
    if (
        route.method is not None
        and method is not None
        and route.method != method
        and (route.method, method) != ("GET", "HEAD")
    ):
        return None
    given = route.segments
    rest = bool(given) and _REST.match(given[-1]) is not None
    fixed = given[:-1] if rest else given
    names = [part for part in fixed if not _VARIABLE.match(part)]
    letters = sum(map(len, names))
    if given and not names:
        return None
    if (len(asked) >= len(fixed) if rest else len(asked) == len(fixed)) and _same(fixed, asked):
        return 0, route.sure, is_test(route.path), -letters
    if not rest and fixed and len(asked) > len(fixed) and _same(fixed, asked[-len(fixed) :]):
        return 1, route.sure, is_test(route.path), -letters
    return None


def _same(given: tuple[str, ...], asked: tuple[str, ...]) -> bool:
    return all(_VARIABLE.match(one) or one == other for one, other in zip(given, asked, strict=False))
