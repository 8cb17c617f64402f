"""Which parts of JS and TS throw without a call where a value is missing: reading a field of it, taking it apart."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tree_sitter import Node

FUNCTIONS: Final = frozenset(
    "arrow_function function_expression function_declaration function generator_function generator_function_declaration "
    "method_definition class_declaration class".split()
)
_CHAINS: Final = frozenset(("member_expression", "subscript_expression", "call_expression"))
_PATTERNS: Final = frozenset(("object_pattern", "array_pattern"))
_THERE: Final = frozenset(
    "object array string template_string number regex true false new_expression arrow_function function_expression "
    "class".split()
)
"""Values that are there whatever happens."""


def can_throw(node: Node) -> bool:
    """Whether a node reads a field of a call's or another field's value, of a parameter or of a local variable; takes one
    of them apart, iterates over it or spreads it."""
    if node.type in ("member_expression", "subscript_expression"):
        value = node.child_by_field_name("object")
        if value is None or any(child.type == "optional_chain" for child in node.children):
            return False
        return (node.type == "member_expression" and value.type in _CHAINS) or _may_be_missing(value)
    if node.type in ("variable_declarator", "assignment_expression"):
        target = node.child_by_field_name("name") or node.child_by_field_name("left")
        value = node.child_by_field_name("value") or node.child_by_field_name("right")
        return target is not None and target.type in _PATTERNS and value is not None and value.type not in _THERE
    if node.type == "for_in_statement":
        operator, value = node.child_by_field_name("operator"), node.child_by_field_name("right")
        return operator is not None and operator.type == "of" and value is not None and value.type not in _THERE
    if node.type == "spread_element":  # of nothing into an object is nothing
        return node.parent is not None and node.parent.type != "object" and node.named_children[0].type not in _THERE
    return False


def _may_be_missing(value: Node) -> bool:
    """Whether a value is a parameter or a local variable; what a module imports and defines is there."""
    if value.type != "identifier":
        return False
    around = value.parent
    while around is not None:
        if around.type in FUNCTIONS:
            bound = _bound(around).get(_text(value))
            if bound is not None:
                return bound
        around = around.parent
    return False


@cache
def _bound(function: Node) -> dict[str, bool]:
    """The parameters and variables of a function, those of functions within it left aside: whether each may be missing."""
    found: dict[str, bool] = {}
    for field in ("parameters", "parameter"):
        node = function.child_by_field_name(field)
        if node is not None:
            found.update(dict.fromkeys(_names(node), True))
    nodes = [child for child in (function.child_by_field_name("body"),) if child is not None]
    while nodes:
        node = nodes.pop()
        nodes += [child for child in node.named_children if child.type not in FUNCTIONS]
        if node.type == "variable_declarator":
            name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
            constant = node.parent is not None and node.parent.children[0].type == "const"
            there = constant and value is not None and value.type in _THERE
            found.update(dict.fromkeys(_names(name) if name is not None else (), not there))
        elif node.type == "for_in_statement" and (left := node.child_by_field_name("left")) is not None:
            found.update(dict.fromkeys(_names(left), True))
    return found


def _names(pattern: Node) -> list[str]:
    """The names that a pattern or a list of parameters binds."""
    found, nodes = [], [pattern]
    while nodes:
        node = nodes.pop()
        if node.type in ("identifier", "shorthand_property_identifier_pattern"):
            found.append(_text(node))
        elif node.type != "type_annotation":
            skipped = node.child_by_field_name("value" if node.type == "required_parameter" else "right")
            nodes += [child for child in node.named_children if child != skipped]
    return found


def _text(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")
