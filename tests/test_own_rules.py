"""Rules of one's own: in force in every command, by option and by configuration; what is wrong with one is told with its line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command import floodscan, storm

from floodscan.rules.load import load_rules

OWN_RULE = """
id = "agents-gone"
cause = "x-agents-gone"
layer = "data"
retry = "never"
title = "The agents are gone"
summary = "S."
looks_like = "L."
probe = "P."

[[match]]
codes = ["ECONNREFUSED"]
message = ["ECONNREFUSED 127\\\\.0\\\\.0\\\\.1:54321"]

[[remediation]]
id = "do"
kind = "fix"
step = "Bring them back."

[samples]
match = ['{"level":50,"time":1,"err":{"type":"Error","code":"ECONNREFUSED","message":"connect ECONNREFUSED 127.0.0.1:54321"},"msg":"x"}']
miss = ['{"level":50,"time":1,"err":{"type":"Error","code":"ECONNREFUSED","message":"connect ECONNREFUSED 127.0.0.1:5"},"msg":"x"}']
"""


@pytest.fixture
def stormy(tmp_path: Path) -> Path:
    path = tmp_path / "storm.jsonl"
    path.write_text(storm())
    return path


@pytest.mark.parametrize("by", ["configuration", "--rules", "DIR"])
def test_rules_of_ones_own_are_in_force_in_every_command(stormy: Path, tmp_path: Path, by: str) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "agents-gone.toml").write_text(OWN_RULE)
    if by == "configuration":
        (tmp_path / "floodscan.toml").write_text('rules = ["own"]\n')
    option = ["--rules", "own"] if by != "configuration" else []
    report = json.loads(floodscan("scan", str(stormy), "-f", "json", *option, cwd=tmp_path).stdout)
    assert report["findings"][0]["rule"] == "agents-gone"
    assert b"\nagents-gone " in floodscan("rules", "list", *option, cwd=tmp_path).stdout
    assert b"The agents are gone" in floodscan("rules", "show", "agents-gone", *option, cwd=tmp_path).stdout
    assert b"The agents are gone" in floodscan("explain", "x-agents-gone", *option, cwd=tmp_path).stdout
    assert b"The agents are gone" in floodscan("explain", "F1", str(stormy), *option, cwd=tmp_path).stdout
    ran = floodscan("rules", "test", *(["own"] if by == "DIR" else option), cwd=tmp_path)
    assert ran.returncode == 0 and f"{len(load_rules().rules) + 1} rules, 0 problems".encode() in ran.stdout
    if by == "configuration":
        assert b"agents-gone" not in floodscan("rules", "list", "--config", "none", cwd=tmp_path).stdout


def test_a_bad_rule_of_ones_own_is_told_with_file_and_line(stormy: Path, tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "agents-gone.toml").write_text(OWN_RULE.replace('retry = "never"', 'retry = "often"'))
    for command in (
        ["rules", "test", "own"],
        ["scan", str(stormy), "--rules", "own"],
        ["explain", "F1", "--rules", "own"],
    ):
        done = floodscan(*command, cwd=tmp_path)
        assert done.returncode == 2 and b"own/agents-gone.toml:5: retry: 'often' is none of" in done.stderr
