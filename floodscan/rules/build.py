"""Writes the digest of this folder's files, when floodscan is built. Needs the standard library alone."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from floodscan.rules import digest
from floodscan.rules.load import own_rules


def write(folder: Path = digest.FOLDER) -> Path:
    """Reads the rules and tables of a folder, and puts the digest beside them; its path. Raises BadRule."""
    path = folder / digest.NAME
    path.unlink(missing_ok=True)  # of an earlier build: reading it takes more than a build has
    digest.digest.cache_clear()
    rules = own_rules(folder)
    content = {
        "of": digest.fingerprint(folder),
        "rules": [_packed(rule) for rule in rules],
        "data": {file.name: digest.read_table(folder, file.name) for file in sorted((folder / "data").glob("*.toml"))},
    }
    text = json.dumps(content, default=sorted, ensure_ascii=False)  # what JSON has no word for are sets
    assert [digest.unpacked(raw) for raw in json.loads(text)["rules"]] == rules, "a rule is not what was packed"
    path.write_text(text, "utf-8")
    return path


def _packed(value: Any) -> Any:
    """A rule, or what it is made of, without the fields that are as they are by default: of a match most are."""
    if is_dataclass(value):
        default = {field.name: field.default for field in fields(value)}
        told = {name: getattr(value, name) for name in default}
        return {name: _packed(part) for name, part in told.items() if part != default[name]}
    return [_packed(part) for part in value] if isinstance(value, tuple) else value
