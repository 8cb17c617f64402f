"""Where the cause of a hidden error must lie: what runs between the last line that was printed and the catch, in JS and TS.

The statements are given by place alone, in the order in which they run, those of called functions at the call.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

from floodscan.code.calls import logs
from floodscan.code.reads import FUNCTIONS, can_throw
from floodscan.code.tree import Tree
from floodscan.regex import regex

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

MAX_STATEMENTS: Final = 40
"""Lines of a window that are named. The lab's, a handler with a model below it, has 26."""
_MAX_CALLS: Final = 6
"""Calls within calls that are followed."""
_MAX_DEPTH: Final = 400
"""Levels of a syntax tree: code that people write has a tenth of them."""
_MAX_DEFINITIONS: Final = 200_000
_DIALECTS: Final = {
    **dict.fromkeys(("js", "jsx", "mjs", "cjs", "tsx"), "language_tsx"),
    **dict.fromkeys(("ts", "mts", "cts"), "language_typescript"),
}
_THROWS: Final = frozenset(("new_expression", "throw_statement", "await_expression", "yield_expression"))
_AT_ONCE: Final = frozenset(
    "map filter forEach reduce reduceRight some every find findIndex findLast flatMap sort then".split()
)
"""Methods that run the function they are given now, or as part of the same chain."""
_BUILT_IN: Final = _AT_ONCE | frozenset(
    "on once off emit get set has add delete push pop shift send end close write catch finally toString valueOf join slice "
    "keys values entries apply call bind log info warn error debug trace fatal constructor super require".split()
)
_PRINTED: Final = (".info", ".warn", ".error", ".fatal", "console.log")
_DEFINED: Final = regex(
    r"(?<![\w$.])(#?[A-Za-z_$][\w$]*+)\s*(?:=\s*(?:async\b\s*)?(?:function\b|\(|[\w$]+\s*=>)|:\s*(?:async\b\s*)?(?:function\b|\()|"
    r"(?:<[^<>()]{0,60}>)?\([^()]{0,300}\)\s*(?::[^{};=]{1,120})?\{)"
)
_KEYWORDS: Final = frozenset("if for while switch catch function return with".split())


class Statement(NamedTuple):
    """A line of the code on which something may throw."""

    path: str
    line: int


class Sources:
    """The JS and TS files of a tree, parsed when they are asked for."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._parsed: dict[str, Node | None] = {}
        self._defined: dict[str, list[str]] | None = None

    def root(self, path: str) -> Node | None:
        """The syntax tree of a file; None where it is neither JS nor TS or can't be read."""
        if path not in self._parsed:
            dialect = _DIALECTS.get(path.rpartition(".")[2].lower())
            text = self._tree.read(path) if dialect else None
            self._parsed[path] = (
                _parser(dialect).parse(text.encode()).root_node if dialect and text is not None else None
            )
        return self._parsed[path]

    def function(self, name: str, near: str) -> tuple[str, Node] | None:
        """The function of that name in the file `near`, else the only one of the tree."""
        if name in _BUILT_IN:
            return None
        own = _function_in(self.root(near), name)
        if own is not None:
            return near, own
        paths = self._definitions().get(name, [])
        if len(paths) != 1:
            return None
        found = _function_in(self.root(paths[0]), name)
        return (paths[0], found) if found is not None else None

    def _definitions(self) -> dict[str, list[str]]:
        """Names that look like functions', with their files: a first look, which the syntax tree confirms."""
        if self._defined is None:
            self._defined, count = {}, 0
            for path in self._tree.files:
                if path.rpartition(".")[2].lower() not in _DIALECTS or count > _MAX_DEFINITIONS:
                    continue
                for name in sorted(set(_DEFINED.findall(self._tree.read(path) or "")) - _KEYWORDS):
                    self._defined.setdefault(name, []).append(path)
                    count += 1
        return self._defined


def statements_between(sources: Sources, after: Statement | None, caught: Statement) -> tuple[Statement, ...]:
    """The lines that may throw into the catch that logs at `caught`, after the log call at `after` where it is met.

    Empty where `caught` is in no catch.
    """
    root = sources.root(caught.path)
    region = _guarded(root, caught.line) if root is not None else None
    if region is None:
        return ()
    walk = _Walk(sources, after)
    steps = region.named_children if region.type == "statement_block" else [region]
    for step in steps:
        walk.visit(step, caught.path, False, 0, 0)
        if _always_prints(step) and not (
            caught.path == (after and after.path) and _covers(step, after.line if after else 0)
        ):
            break  # it would have been printed, had the failure come later
    return tuple(walk.found)


def is_script(path: str) -> bool:
    """Whether a file is JS or TS."""
    return path.rpartition(".")[2].lower() in _DIALECTS


def is_installed() -> bool:
    """Whether the parser is there: it is an extra."""
    from importlib.util import find_spec

    return find_spec("tree_sitter") is not None and find_spec("tree_sitter_typescript") is not None


class _Walk:
    """Goes through code as it runs. State: the lines found since the last printed line."""

    def __init__(self, sources: Sources, after: Statement | None) -> None:
        self._sources = sources
        self._after = after
        self._inside: list[tuple[str, int]] = []
        """Functions that are being followed (file, first byte): none calls itself."""
        self.found: dict[Statement, None] = {}

    def visit(self, node: Node, path: str, muted: bool, calls: int, depth: int) -> None:
        """`muted`: what it throws is caught before it reaches the catch in question."""
        if node.type in FUNCTIONS or depth > _MAX_DEPTH:
            return
        if node.type == "try_statement":
            self._try(node, path, muted, calls, depth)
            return
        if node.type == "call_expression":
            self._call(node, path, muted, calls, depth)
            return
        if node.type == "for_in_statement":
            self._loop(node, path, muted, calls, depth)
            return
        for child in node.named_children:
            self.visit(child, path, muted, calls, depth + 1)
        awaits_call = (
            node.type == "await_expression"
            and node.named_children[:1]
            and node.named_children[0].type == "call_expression"
        )
        if (node.type in _THROWS and not awaits_call) or can_throw(node):
            self._note(node, path, muted)

    def _loop(self, node: Node, path: str, muted: bool, calls: int, depth: int) -> None:
        """What is looped over comes before the body."""
        over, body = node.child_by_field_name("right"), node.child_by_field_name("body")
        if over is not None:
            self.visit(over, path, muted, calls, depth + 1)
        if can_throw(node):
            self._note(node, path, muted)
        if body is not None:
            self.visit(body, path, muted, calls, depth + 1)

    def _try(self, node: Node, path: str, muted: bool, calls: int, depth: int) -> None:
        handler = node.child_by_field_name("handler")
        kept = handler is not None and not _holds(handler, "throw_statement")
        for child in node.named_children:
            if child.type == "catch_clause":
                body = child.child_by_field_name("body")
                if body is not None:
                    self.visit(body, path, muted, calls, depth + 1)
            else:
                self.visit(child, path, muted or (kept and child.type == "statement_block"), calls, depth + 1)

    def _call(self, node: Node, path: str, muted: bool, calls: int, depth: int) -> None:
        callee, arguments = node.child_by_field_name("function"), node.child_by_field_name("arguments")
        if callee is None or arguments is None:
            return
        name = (callee.child_by_field_name("property") or callee) if callee.type == "member_expression" else callee
        said = _text(name)
        target = callee.child_by_field_name("object") if callee.type == "member_expression" else callee
        if target is not None:
            self.visit(target, path, muted, calls, depth + 1)
        for argument in arguments.named_children:
            self.visit(argument, path, muted, calls, depth + 1)
        if logs(_text(callee)[-200:]):
            first, last = node.start_point[0] + 1, node.end_point[0] + 1
            if self._after is not None and path == self._after.path and first <= self._after.line <= last:
                self.found.clear()
            return
        self._note(name, path, muted)
        for argument in arguments.named_children if said in _AT_ONCE else ():
            body = argument.child_by_field_name("body") if argument.type in FUNCTIONS else None
            if body is not None:
                self.visit(body, path, muted, calls, depth + 1)
        known = self._sources.function(said, path) if calls < _MAX_CALLS else None
        if known is None or (known[0], known[1].start_byte) in self._inside:
            return
        self._inside.append((known[0], known[1].start_byte))
        body = known[1].child_by_field_name("body")
        if body is not None:
            self.visit(body, known[0], muted, calls + 1, depth + 1)
        self._inside.pop()

    def _note(self, node: Node, path: str, muted: bool) -> None:
        if not muted:
            self.found.setdefault(Statement(path, node.start_point[0] + 1))


def _always_prints(step: Node) -> bool:
    """Whether a statement is nothing but a log call at a level that is printed by default."""
    call = step.named_children[0] if step.type == "expression_statement" and step.named_children else None
    callee = call.child_by_field_name("function") if call is not None and call.type == "call_expression" else None
    return callee is not None and logs(_text(callee)[-200:]) and _text(callee).endswith(_PRINTED)


def _guarded(root: Node, line: int) -> Node | None:
    """What the innermost catch around a line guards: the body of its try, or what `.catch(...)` is called on."""
    best = None
    for node in _around(root, line):
        if node.type == "catch_clause" and node.parent is not None:
            best = node.parent.child_by_field_name("body")
        elif node.type == "call_expression":
            callee, arguments = node.child_by_field_name("function"), node.child_by_field_name("arguments")
            if callee is None or arguments is None or callee.type != "member_expression":
                continue
            name = callee.child_by_field_name("property")
            if name is not None and _text(name) == "catch" and _covers(arguments, line):
                best = callee.child_by_field_name("object")
    return best


def _around(root: Node, line: int) -> Iterator[Node]:
    """The nodes that a line lies in, the outer ones first."""
    level = [root]
    while level:
        yield from level
        level = [child for node in level for child in node.named_children if _covers(child, line)]


def _covers(node: Node, line: int) -> bool:
    return bool(node.start_point[0] < line <= node.end_point[0] + 1)


def _function_in(root: Node | None, name: str) -> Node | None:
    """The function of that name in a file; None where there is none, or more than one."""
    return _functions(root).get(name) if root is not None else None


@cache
def _functions(root: Node) -> dict[str, Node | None]:
    found: dict[str, Node | None] = {}
    nodes = [root]
    while nodes:
        node = nodes.pop()
        nodes += node.named_children
        named = (
            node.child_by_field_name("name") or node.child_by_field_name("property") or node.child_by_field_name("key")
        )
        value = node if node.child_by_field_name("body") else node.child_by_field_name("value")
        if named is not None and value is not None and value.type in FUNCTIONS and not value.type.startswith("class"):
            name = _text(named)
            found[name] = None if name in found else value
    return found


def _holds(node: Node, kind: str) -> bool:
    """Whether a node of the kind is in it, functions within it left aside."""
    nodes = [node]
    while nodes:
        one = nodes.pop()
        if one.type == kind:
            return True
        nodes += [child for child in one.named_children if child.type not in FUNCTIONS]
    return False


def _text(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")


@cache
def _parser(dialect: str) -> Parser:
    import tree_sitter_typescript
    from tree_sitter import Language, Parser

    return Parser(Language(getattr(tree_sitter_typescript, dialect)()))
