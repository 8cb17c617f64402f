"""Mutation testing, by hand: changes floodscan a little, again and again, and looks whether the tests notice.

    python tests/mutation.py safe shapes                 every mutant of these parts
    python tests/mutation.py loops --sample 300          300 of the part's mutants, drawn by a fixed seed

Needs mutmut beside the tests' own libraries. It works in a copy under --work, where what it found is kept: a second run
goes on where the first one stopped. Prints killed / run and the names of those that survived; `mutmut show NAME`, in that
folder, prints what a name changed. Tables and patterns of a module are not mutated, functions are.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COPIED = ("floodscan", "tests", "samples", "docs", "pyproject.toml", "README.md", "CONTRIBUTING.md")

PARTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    # part: the files that are mutated, the quick tests that should notice
    "safe": (("safe.py",), ("test_safe.py",)),
    "shapes": (
        ("shape.py", "masks.py", "digit_words.py", "signature.py"),
        ("test_shape.py", "test_signature.py"),
    ),
    "loops": (
        ("loops/*.py",),
        (
            "test_loops.py",
            "test_loop_verdicts.py",
            "test_charts.py",
            "test_overclaims.py",
            "test_lab.py",
            "test_detectors.py",
        ),
    ),
    "diagnose": (
        ("diagnose/*.py",),
        ("test_diagnose.py", "test_charts.py", "test_overclaims.py", "test_detectors.py", "test_report_json.py"),
    ),
}
SLOW = "not linear and not cost and not length_alone and not megabyte"
"""Tests of time say nothing under mutmut, whose mutants run slower than the code they are made of."""

SEED = 6
SURVIVED, UNTESTED = {0}, {5, 33}
"""mutmut's exit codes of a mutant that no test noticed, and of one that no test ran. Timeouts and crashes are noticed."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="+", choices=PARTS)
    parser.add_argument("--sample", type=int, help="mutants of each part (all)")
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "floodscan-mutants")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    for part in options.parts:
        _mutate(part, options.work / part, options.sample, options.jobs)


def _mutate(part: str, folder: Path, sample: int | None, jobs: int) -> None:
    _prepare(part, folder)
    mutmut = [sys.executable, "-m", "mutmut", "run", "--max-children", str(jobs)]
    subprocess.run([*mutmut, "none"], cwd=folder, stdout=subprocess.DEVNULL, check=False)  # makes them, runs none
    names = sorted(_results(folder))
    if not names:
        sys.exit(f"{part}: mutmut made no mutants; run it in {folder} to see why")
    chosen = names if sample is None else sorted(random.Random(SEED).sample(names, min(sample, len(names))))
    subprocess.run([*mutmut, *chosen], cwd=folder, check=False)
    _print(part, {name: _results(folder)[name] for name in chosen}, len(names))


def _prepare(part: str, folder: Path) -> None:
    """A copy of the sources, with mutmut's settings in the file where it looks for them next."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in COPIED:
        source, target = ROOT / name, folder / name
        if source.is_dir():
            shutil.copytree(
                source, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__", "node_modules")
            )
        else:
            shutil.copy2(source, target)
    files, tests = PARTS[part]
    settings = {
        "source_paths": ["floodscan"],
        "only_mutate": [f"floodscan/{name}" for name in files],
        "also_copy": [name for name in COPIED if name not in ("floodscan", "tests", "pyproject.toml")],
        "pytest_add_cli_args_test_selection": [f"tests/{name}" for name in tests],
        "pytest_add_cli_args": ["-p", "no:cacheprovider", "-k", SLOW],
        "process_isolation": ["forkserver"],  # a memo that the unchanged code has filled would hide a mutant
    }
    lines = [f"{key} =\n" + "\n".join(f"    {value}" for value in values) for key, values in settings.items()]
    (folder / "setup.cfg").write_text(
        "[mutmut]\n" + "\n".join(lines).replace("=\n    forkserver", "= forkserver") + "\n"
    )


def _results(folder: Path) -> dict[str, int | None]:
    """Exit code by the mutant's name; None where it was not run."""
    out: dict[str, int | None] = {}
    for meta in (folder / "mutants").rglob("*.meta"):
        out.update(json.loads(meta.read_text())["exit_code_by_key"])
    return out


def _print(part: str, results: dict[str, int | None], total: int) -> None:
    by_file: dict[str, Counter[str]] = {}
    for name, code in results.items():
        told = (
            "survived" if code in SURVIVED else "untested" if code in UNTESTED else "left" if code is None else "killed"
        )
        by_file.setdefault(name.rsplit(".", 1)[0], Counter())[told] += 1
        if told != "killed":
            print(f"{told}: {name}")
    for module, counts in sorted(by_file.items()):
        print(f"{module}: {dict(counts)}")
    killed = sum(counts["killed"] for counts in by_file.values())
    ran = sum(counts.total() - counts["left"] for counts in by_file.values())
    print(f"{part}: {killed} of {ran} killed; {total} mutants in all")


if __name__ == "__main__":
    main()
