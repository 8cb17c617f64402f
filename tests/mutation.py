"""Mutation testing, by hand: changes floodscan a little, again and again, and looks whether the tests notice.

    python tests/mutation.py safe shapes                             every mutant of these parts
    python tests/mutation.py loops diagnose --sample 150 --seed 7    150 of each part's, drawn over all its functions
    python tests/mutation.py loops --per-file 10                     ten of each file's

Makes mutants with mutmut, which has to be installed beside the tests' own libraries, in a copy under --work; mutants.py
runs the tests on each. Prints what survived and how it differs, then killed / run for each file. Tables and patterns of a
module are not mutated, functions are.
"""

from __future__ import annotations

import argparse
import difflib
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COPIED = ("floodscan", "tests", "samples", "docs", "pyproject.toml", "README.md", "CONTRIBUTING.md")


@dataclass(frozen=True)
class Part:
    files: tuple[str, ...]
    """That are mutated."""
    tests: tuple[str, ...]
    """The quick ones that should notice."""
    profiles: bool = False
    """Whether the files have no part in a log's profile, so that it can be folded once for all mutants."""


PARTS = {
    "safe": Part(("safe.py",), ("safe",)),
    "shapes": Part(("shape.py", "masks.py", "digit_words.py", "signature.py"), ("shape", "signature")),
    "loops": Part(
        ("loops/*.py",),
        ("told", "loops", "loop_edges", "cadence", "figures", "loop_verdicts", "charts", "overclaims", "lab", "detectors"),
        profiles=True,
    ),
    "diagnose": Part(
        ("diagnose/*.py",),
        ("told", "diagnose", "causes", "figures", "report_build", "blind_window", "charts", "overclaims", "detectors", "origins", "loop_verdicts"),
        profiles=True,
    ),
}
SLOW = "not linear and not cost and not length_alone and not megabyte and not take_long and not no_output and not window_holds"
"""Tests of time say nothing of mutants, which run slower than the code they are made of; the last two read much for little."""


QUICK = ("-q", "-p", "no:cacheprovider", "-p", "no:logging", "-p", "no:warnings", "--assert=plain", "--tb=native", "--capture=no")
"""Nobody reads what a test that noticed a mutant has to say."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="+", choices=PARTS)
    parser.add_argument("--sample", type=int, help="mutants of each part (all)")
    parser.add_argument("--per-file", type=int, help="mutants of each file (all)")
    parser.add_argument("--seed", type=int, default=6)
    parser.add_argument("--only", default="", help="only mutants in whose name this stands")
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "floodscan-mutants")
    options = parser.parse_args()
    for part in options.parts:
        folder = options.work / part
        _copy(folder)
        made = _make(PARTS[part], folder)
        names = sorted(name for name in made if options.only in name)
        chosen = _drawn(names, options.sample, options.per_file, options.seed)
        results = _run(PARTS[part], folder, chosen)
        _print(part, results, made)
        print(f"{part}: seed {options.seed}; {len(made)} mutants in all")


def _copy(folder: Path) -> None:
    for name in COPIED:
        source, target = ROOT / name, folder / name
        if source.is_dir():
            skip = shutil.ignore_patterns("__pycache__", "node_modules")
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(source, target, ignore=skip)
        else:
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)


def _make(part: Part, folder: Path) -> dict[str, str]:
    """Writes the mutants into the copy; by name how each differs from the code."""
    from mutmut.mutation.file_mutation import mutate_file_contents

    (folder / "setup.cfg").write_text("[mutmut]\nsource_paths = floodscan\n")
    os.chdir(folder)  # where mutmut looks for its settings
    made: dict[str, str] = {}
    for path in sorted({p for files in part.files for p in Path("floodscan").glob(files)}):
        module = ".".join(path.with_suffix("").parts).removesuffix(".__init__")
        mutated = mutate_file_contents(str(path), path.read_text())
        path.write_text(mutated.code)
        lines = mutated.code.split("\n")
        source = {n: lines[at.start - 1 : at.end] for n, at in mutated.line_span_by_function_name.items()}
        for name in mutated.mutant_names:
            before = source[f"{name.rpartition('__mutmut_')[0]}__mutmut_orig"]
            made[f"{module}.{name}"] = _difference(before, source[name])
    return made


def _difference(before: list[str], after: list[str]) -> str:
    changed = difflib.unified_diff([*map(str.strip, before)], [*map(str.strip, after)], n=0, lineterm="")
    return "\n".join(f"    {x}" for x in list(changed)[2:] if not x.startswith("@@") and "__mutmut_" not in x)


def _drawn(names: list[str], sample: int | None, per_file: int | None, seed: int) -> list[str]:
    """A sample over all functions alike, or as many of each file; in an order drawn, too."""
    draw = random.Random(seed)
    files: dict[str, list[str]] = {}
    for name in names:
        files.setdefault(name.rpartition(".")[0] if per_file else "", []).append(name)
    size = per_file or sample or len(names)
    chosen = [name for own in files.values() for name in draw.sample(own, min(size, len(own)))]
    return draw.sample(chosen, len(chosen))


def _run(part: Part, folder: Path, names: list[str]) -> dict[str, tuple[str, str]]:
    """By mutant what became of it, and the test that noticed."""
    asked = folder / "mutants.json"
    asked.write_text(json.dumps(names))
    tests = [f"tests/test_{name}.py" for name in part.tests]
    command = [sys.executable, "-m", "pytest", *QUICK, "-p", "mutants", "-k", SLOW]
    command += ["--mutants", str(asked), *(["--profiles"] if part.profiles else []), *tests]
    paths = os.pathsep.join((str(folder), str(folder / "tests")))
    subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": paths, "PYTHONHASHSEED": "0"},
        stdout=subprocess.DEVNULL,
        check=False,
    )
    told: dict[str, tuple[str, str]] = json.loads(asked.with_suffix(".out.json").read_text())
    return told


def _print(part: str, results: dict[str, tuple[str, str]], made: dict[str, str]) -> None:
    by_file: dict[str, Counter[str]] = {}
    for name, (what, _) in sorted(results.items()):
        by_file.setdefault(name.rpartition(".")[0], Counter())[what] += 1
        if what in ("survived", "untested"):
            print(f"{what}: {name}\n{made[name]}")
    for module, counts in sorted(by_file.items()):
        print(f"{module}: {dict(counts)}")
    noticed = sum(counts["killed"] + counts["timeout"] for counts in by_file.values())
    print(f"{part}: {noticed} of {len(results)} killed", end="; ")


if __name__ == "__main__":
    main()
