"""The shape of the package: imports point one way, no cycle, files that can be read at a sitting."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "floodscan"

STAGES = (
    # What stands in one row may import the rows above it, and within its own row anything, as long as no cycle is made.
    {"model", "averages", "value", "memo", "durations", "regex", "__init__"},
    {"safe", "redact"},
    {"errors"},
    {"read"},
    {"decode"},
    {"digit_words", "quoted_words", "masks", "plain_words", "shape", "signature", "rollup"},
    {"profile"},
    {"fast"},
    {"loops"},
    {"rules", "detectors", "code"},
    {"diagnose"},
    {"reports", "tag", "gate"},
    {"pipeline", "engines"},
    {"options", "output", "progress", "interrupt", "explanation", "config", "repository", "manual"},
    {"run", "completion"},
    {"ci"},
    {"check"},
    {"cli"},
    {"__main__"},
)
"""DESIGN, "Layout": the stages of a record's way, then the shell. A part is a module or a folder of the package."""

ROW = {part: row for row, parts in enumerate(STAGES) for part in parts}

MAX_LINES = 400


@cache
def modules() -> dict[str, Path]:
    """Every module of the package by its dotted name; a folder's `__init__` by the folder's name."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@cache
def imports(module: str) -> frozenset[str]:
    """The modules of ours that `module` names in an import anywhere in it, late and type-only ones too."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(modules()[module].read_text())):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: imports of ours are written out in full"
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                names.add(full if full in modules() else str(node.module))
    return frozenset(name for name in names if name in modules() and name != module)


def part(module: str) -> str:
    """The module or folder of the package that `module` belongs to."""
    return (module.split(".") + ["__init__"])[1]


def test_every_part_of_the_package_has_its_row() -> None:
    assert {part(module) for module in modules()} <= set(ROW)


@pytest.mark.parametrize("module", modules())
def test_imports_point_one_way(module: str) -> None:
    upwards = {name for name in imports(module) if ROW[part(name)] > ROW[part(module)]}
    assert not upwards


def test_no_import_makes_a_cycle() -> None:
    done: set[str] = set()

    def visit(module: str, trail: tuple[str, ...]) -> None:
        assert module not in trail, " -> ".join((*trail, module))
        if module not in done:
            for name in sorted(imports(module)):
                visit(name, (*trail, module))
            done.add(module)

    for module in modules():
        visit(module, ())


@pytest.mark.parametrize("module", modules())
def test_a_file_can_be_read_at_a_sitting(module: str) -> None:
    assert len(modules()[module].read_text().splitlines()) <= MAX_LINES


@pytest.mark.parametrize("module", modules())
def test_a_file_says_in_its_first_line_what_it_is(module: str) -> None:
    assert ast.get_docstring(ast.parse(modules()[module].read_text()))


def test_dataclasses_are_made_by_value_alone_since_a_start_pays_for_each_generated_method() -> None:
    found = []
    for name, path in modules().items():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module == "dataclasses" and name != "floodscan.value":
                found += [name for alias in node.names if alias.name == "dataclass"]
    assert not found
