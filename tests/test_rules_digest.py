"""The digest of the rules says what their files say, and is never taken for other files than those it was made of."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from floodscan.rules import build, digest
from floodscan.rules.load import load_rules, own_rules


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the package's rules, digested."""
    copy = tmp_path / "rules"
    shutil.copytree(digest.FOLDER, copy, ignore=shutil.ignore_patterns("__pycache__", digest.NAME))
    build.write(copy)
    return copy


def test_the_rules_and_tables_are_those_of_the_files(folder: Path) -> None:
    found = digest.read(folder)
    assert found is not None
    assert [digest.unpacked(raw) for raw in found["rules"]] == own_rules(folder) == list(load_rules().rules)
    assert set(found["data"]) == {file.name for file in (folder / "data").glob("*.toml")}
    for name, table in found["data"].items():
        assert table == digest.read_table(folder, name)


@pytest.mark.parametrize("name", ["db-unreachable.toml", "data/starts.toml", "patterns.py"])
def test_a_file_that_was_changed_since_makes_it_worthless(folder: Path, name: str) -> None:
    path = folder / name
    path.write_bytes(path.read_bytes() + b"\n")
    assert digest.read(folder) is None


def test_so_does_a_file_that_came_or_went(folder: Path) -> None:
    shutil.copy(folder / "db-unreachable.toml", folder / "another.toml")
    assert digest.read(folder) is None
    (folder / "another.toml").unlink()
    assert digest.read(folder) is not None
    (folder / "db-unreachable.toml").unlink()
    assert digest.read(folder) is None


@pytest.mark.parametrize("text", ["", "{", "[]", json.dumps({"of": "x", "rules": [], "data": {}})])
def test_a_digest_that_is_none_is_not_used(folder: Path, text: str) -> None:
    (folder / digest.NAME).write_text(text)
    assert digest.read(folder) is None
    (folder / digest.NAME).unlink()
    assert digest.read(folder) is None


def test_it_is_built_again_where_nothing_but_the_standard_library_is(tmp_path: Path) -> None:
    package = tmp_path / "floodscan"
    shutil.copytree(digest.FOLDER.parent, package, ignore=shutil.ignore_patterns("__pycache__", digest.NAME, "*.so"))
    blocked = "import sys; sys.modules.update(dict.fromkeys(('orjson', 'typer', 'rich', 'dateutil')))"
    code = f"{blocked}; from floodscan.rules import build; print(build.write())"
    for _ in range(2):
        ran = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
        assert ran.returncode == 0, ran.stderr
    assert digest.read(package / "rules") is not None
