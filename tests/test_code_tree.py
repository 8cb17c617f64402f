"""What of a folder of source is read, what is left out and said, and that no folder can harm."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from floodscan.code import tree
from floodscan.code.sites import Code

LOGGED = "log.error('the gate was closed');\n"
SAID = "the gate was closed"


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def found(folder: Path) -> list[str]:
    """The files that log the message, those of them that are read."""
    walk = tree.Tree(str(folder))
    return [path for path, text in walk.texts() if SAID in text]


def test_what_git_ignores_is_left_out_as_git_does_it(tmp_path: Path) -> None:
    names = [
        "a.js",
        "logs/b.js",
        "gen/c.js",
        "gen/keep.js",
        "sub/d.js",
        "sub/gen/e.js",
        "sub/made.js",
        "x/deep/made.js",
    ]
    write(tmp_path, dict.fromkeys(names, LOGGED))
    write(
        tmp_path, {".gitignore": "/logs/\ngen/*\n!gen/keep.js\n**/deep\n# a.js\n", "sub/.gitignore": "made.js\n!gen/\n"}
    )
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    listed = subprocess.run(
        ["git", "ls-files", "--others", "--exclude-standard", "*.js"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
    )
    assert sorted(found(tmp_path)) == sorted(listed.stdout.split())


@pytest.mark.parametrize("folder", ["node_modules", ".git", "dist", "build", "vendor", ".venv", "__pycache__"])
def test_libraries_and_builds_are_left_out_unless_they_are_what_was_asked_for(tmp_path: Path, folder: str) -> None:
    write(tmp_path, {f"{folder}/pkg/a.js": LOGGED, "b.js": LOGGED})
    assert found(tmp_path) == ["b.js"]
    assert found(tmp_path / folder) == ["pkg/a.js"]


def test_minified_binary_and_huge_files_are_counted_not_read(tmp_path: Path) -> None:
    write(tmp_path, {"a.js": LOGGED, "b.min.js": LOGGED, "c.js": "var a=1;" * 400 + LOGGED, "d.js": "\0" + LOGGED})
    write(tmp_path, {"e.js": LOGGED * 40_000, "f.txt": LOGGED})
    code = Code(str(tmp_path), [SAID])
    assert [site.path for site in code.find([SAID])] == ["a.js"]
    assert code.notes == ["--code: left out 2 minified or binary, 1 over 1 MiB"]


def test_links_pipes_and_what_cannot_be_read_end_in_a_count(tmp_path: Path) -> None:
    write(tmp_path, {"src/a.js": LOGGED, "shut.js": LOGGED})
    (tmp_path / "src" / "round").symlink_to(tmp_path)
    (tmp_path / "src" / "link.js").symlink_to(tmp_path / "src" / "a.js")
    (tmp_path / "gone.js").symlink_to("/nowhere/at/all.js")
    os.mkfifo(tmp_path / "pipe.js")
    code = Code(str(tmp_path), [SAID])
    assert [(site.path, site.candidates) for site in code.find([SAID])] == [("shut.js", 2), ("src/a.js", 2)]
    assert code.notes == ["--code: left out 3 unreadable"]


def test_names_with_escapes_and_bytes_that_are_no_text_are_shown_harmless(tmp_path: Path) -> None:
    folder = tmp_path / "source"
    folder.mkdir()
    name = b"a\x1b]0;owned\x07\xff\n::error::b.js"
    with open(os.path.join(os.fsencode(folder), name), "w") as file:
        file.write(LOGGED)
    log = tmp_path / "log.jsonl"
    log.write_text(f'{{"level":50,"time":1764000000000,"msg":"{SAID}"}}\n' * 30)
    for format in ("terminal", "markdown", "json"):
        done = subprocess.run(
            [sys.executable, "-m", "floodscan", str(log), "--code", str(folder), "--format", format],
            capture_output=True,
            check=True,
        )
        assert b"error" in done.stdout and b"b.js" in done.stdout
        assert not {0x1B, 0x07, 0xFF} & set(done.stdout)
        assert not [line for line in done.stdout.splitlines() if line.lstrip().startswith(b"::")]


@pytest.mark.parametrize("pattern", ["*" * 5_000, "*a" * 300 + "b", "[", "\\", "!", "**/" * 900, "\0", "a" * 100_000])
def test_no_ignore_file_stops_or_slows_the_walk(tmp_path: Path, pattern: str) -> None:
    write(tmp_path, {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/a.js": LOGGED})
    (tmp_path / ".gitignore").write_text(pattern)
    assert len(found(tmp_path)) == 1


@pytest.mark.parametrize(
    ("cap", "limit", "what"),
    [
        ("MAX_FILES", 2, "source files"),
        ("MAX_BYTES", 40, "bytes of source"),
        ("MAX_ENTRIES", 2, "names in the code folder"),
    ],
)
def test_a_cap_that_is_reached_is_a_limit_of_the_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cap: str, limit: int, what: str
) -> None:
    write(tmp_path, {f"{i}.js": LOGGED for i in range(4)})
    monkeypatch.setattr(tree, cap, limit)
    limits = Code(str(tmp_path), [SAID]).limits
    assert [(one.what, one.cap) for one in limits] == [(what, limit)]


def test_the_walk_is_the_same_on_every_run(tmp_path: Path) -> None:
    names = [f"{folder}/{i}.js" for folder in ("b", "a", "a.b") for i in (10, 9)]
    write(tmp_path, dict.fromkeys(names, LOGGED))
    assert found(tmp_path) == ["a/10.js", "a/9.js", "a.b/10.js", "a.b/9.js", "b/10.js", "b/9.js"]


@pytest.mark.parametrize(("name", "reason"), [("nowhere", "no such folder"), ("log.jsonl", "no such folder")])
def test_a_folder_that_is_none_is_wrong_usage_before_anything_is_read(tmp_path: Path, name: str, reason: str) -> None:
    (tmp_path / "log.jsonl").write_text('{"level":30,"msg":"x"}\n')
    done = subprocess.run(
        [sys.executable, "-m", "floodscan", str(tmp_path / "log.jsonl"), "--code", str(tmp_path / name)],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2 and done.stdout == ""
    assert reason in done.stderr and "hint:" in done.stderr and len(done.stderr.splitlines()) == 2


def test_a_folder_without_source_is_said(tmp_path: Path) -> None:
    assert Code(str(tmp_path), [SAID]).notes == [f"--code {tmp_path}: no source files in it"]
