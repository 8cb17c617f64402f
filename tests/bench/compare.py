"""floodscan beside the tools one has: makes logs, measures in pairs, prints a table: python tests/bench/compare.py

    python tests/bench/compare.py --mb 100                            everything, some minutes
    python tests/bench/compare.py --only peers --mb 1000 --pairs 5    one part
    python tests/bench/compare.py --json docs/benchmark.json --readme keep it, and write the README's table
    python tests/bench/compare.py --from docs/benchmark.json --only linear --linear 100,1000,10000 --json docs/benchmark.json
                                                                      measure a part again, keep the others

Parts: `peers` (one processor for each), `cores` (all of them), `forms` (floodscan on other logs), `start`, `linear`.
The two of a pair run one after the other, in turns who is first, on the same processors and the same bytes, from the
page cache; a ratio is the median of the pairs' ratios, of seconds of the CPU on one processor and of the clock on all of
them (the JSON has both). `--linear 10000` wants 10 GB of disk in --dir. A tool that is not installed is named and left out:
apt-get install jq mawk lnav zstd; pip install duckdb drain3 orjson.
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import table
from logs import FORMS, truth_of
from measure import ROOT, Failed, Spent, environment, middle, processors, run
from peers import FLOODSCAN, PEERS, Tool
from truth import Truth

PARTS = ("peers", "cores", "forms", "start", "linear")
MB = 1_000_000
README = ROOT / "README.md"
Result = dict[str, Any]


class Bench:
    """A folder of logs and answers, and how to run a tool in it."""

    def __init__(self, folder: Path, pairs: int) -> None:
        self.folder, self.pairs = folder, pairs
        (folder / "home").mkdir(exist_ok=True)
        self.env = environment(folder / "home")

    def log(self, form: str, mb: float) -> Path:
        """A log of `mb` million bytes before packing, made once, and brought into the page cache."""
        path = self.folder / f"{form}-{mb:g}.log"
        if not truth_of(path).exists():
            tell(f"making {path.name}")
            subprocess.run(
                [sys.executable, str(Path(__file__).with_name("logs.py")), form, f"{mb}", str(path)], check=True
            )
        with path.open("rb") as file:
            while file.read(1 << 20):
                pass
        return path

    def once(self, tool: Tool, log: Path, cpus: int) -> Spent:
        return run(tool.stages(log, cpus), self.answer(tool), self.env, cpus)

    def answer(self, tool: Tool) -> Path:
        return self.folder / f"{tool.name.split()[0]}.out"

    def in_pairs(self, tool: Tool, log: Path, cpus: int, our_cpus: int | None = None) -> Result:
        """floodscan and `tool` in turns: what each took, and the ratios."""
        ours, theirs, truth = list[Spent](), list[Spent](), Truth.of(log)
        calls: list[Callable[[], None]] = [
            lambda: ours.append(self.once(FLOODSCAN, log, our_cpus or cpus)),
            lambda: theirs.append(self.once(tool, log, cpus)),
        ]
        for pair in range(self.pairs):
            tell(f"{tool.name} on {log.name}, {cpus} processors, pair {pair + 1}")
            for call in calls[:: -1 if pair % 2 else 1]:
                call()
        return {
            "ratio": median(a.wall_s / b.wall_s for a, b in zip(ours, theirs, strict=True)),
            "cpu_ratio": median(a.cpu_s / b.cpu_s for a, b in zip(ours, theirs, strict=True)),
            "cpus": cpus,
            "ours": middle(ours)._asdict(),
            "our_counts": FLOODSCAN.judge(self.answer(FLOODSCAN), truth),
            "counts": tool.judge(self.answer(tool), truth),
            **middle(theirs)._asdict(),
        }


def tell(text: str) -> None:
    print(f"... {text}", file=sys.stderr, flush=True)


def now() -> str:
    return f"{datetime.now(UTC):%Y-%m-%d}"


def described(tool: Tool) -> Result:
    return {"name": tool.name, "version": tool.found(), "did": tool.did, "did_not": tool.did_not}


def peers(bench: Bench, mb: float, wanted: list[str]) -> Result:
    """floodscan with each peer, one processor for each of them."""
    log, small = bench.log("flood", mb), bench.log("flood", min(mb, 1))
    truth = Truth.of(log)
    rows, missing = list[Result](), list[str]()
    bench.once(FLOODSCAN, small, 1)
    for tool in PEERS:
        if wanted and tool.name.split()[0].rstrip(",") not in wanted:
            continue
        if tool.found() is None:
            missing.append(tool.name)
            continue
        try:
            bench.once(tool, small, 1)
            rows.append({**described(tool), **bench.in_pairs(tool, log, 1)})
        except Failed as error:
            rows.append({**described(tool), "failed": str(error)})
    runs = [row for row in rows if "failed" not in row]
    ours = [Spent(**row["ours"]) for row in runs] or [bench.once(FLOODSCAN, log, 1)]
    counts = {row["our_counts"] for row in runs} or {FLOODSCAN.judge(bench.answer(FLOODSCAN), truth)}
    return {
        "date": now(),
        "bytes": truth.bytes,
        "lines": truth.lines,
        "pairs": bench.pairs,
        "floodscan": {**described(FLOODSCAN), **middle(ours)._asdict(), "counts": "; ".join(sorted(counts))},
        "tools": rows,
        "missing": missing,
    }


def cores(bench: Bench, mb: float) -> Result:
    """floodscan on all processors, beside itself on one and DuckDB on all."""
    log, cpus = bench.log("flood", mb), processors()
    itself = bench.in_pairs(FLOODSCAN, log, 1, our_cpus=cpus)
    duckdb = next(tool for tool in PEERS if tool.name == "DuckDB")
    beside = bench.in_pairs(duckdb, log, cpus) if duckdb.found() else None
    return {"date": now(), "bytes": Truth.of(log).bytes, "cpus": cpus, "itself": itself, "duckdb": beside}


def forms(bench: Bench, mb: float) -> Result:
    """floodscan alone, on one processor, on each form of the log."""
    rows = []
    for form in FORMS:
        try:
            log = bench.log(form, mb)
        except subprocess.CalledProcessError:  # nothing here packs zstd
            rows.append({"form": form, "failed": "can't be made here"})
            continue
        tell(f"floodscan on {log.name}")
        truth = Truth.of(log)
        try:
            spent = middle([bench.once(FLOODSCAN, log, 1) for _ in range(bench.pairs)])
        except Failed as error:
            rows.append({"form": form, "failed": str(error)})
            continue
        counts = FLOODSCAN.judge(bench.answer(FLOODSCAN), truth)
        sizes = {"bytes": truth.bytes, "on_disk": truth.on_disk, "lines": truth.lines}
        rows.append({"form": form, **sizes, **spent._asdict(), "counts": counts})
    return {"date": now(), "rows": rows}


def start(bench: Bench) -> Result:
    """What it takes to begin: `--version` beyond a bare Python, and a log of 1 MB from start to end."""
    log = bench.log("flood", 1)
    bare = [[sys.executable, "-c", "pass"]]
    version = [[sys.executable, "-m", "floodscan", "--version"]]
    timed = partial(run, out=bench.folder / "start.out", env=bench.env, cpus=1)
    timed(version), bench.once(FLOODSCAN, log, 1)
    beyond, small = list[float](), list[Spent]()
    for _ in range(3 * bench.pairs):
        beyond.append(timed(version).cpu_s - timed(bare).cpu_s)
        small.append(bench.once(FLOODSCAN, log, 1))
    return {"date": now(), "version_cpu_s": median(beyond), "one_mb": middle(small)._asdict()}


def linear(bench: Bench, sizes: list[float]) -> Result:
    """Cost and memory by size, start-up (a log of one line) subtracted."""
    nothing = bench.folder / "line.log"
    nothing.write_bytes(b'{"level":30,"time":1795414252000,"pid":17,"msg":"order read"}\n')
    begun = middle([bench.once(FLOODSCAN, nothing, 1) for _ in range(bench.pairs)]).cpu_s
    rows = []
    for mb in sizes:
        log = bench.log("flood", mb)
        tell(f"floodscan on {log.name}")
        spent, truth = bench.once(FLOODSCAN, log, 1), Truth.of(log)
        counts = FLOODSCAN.judge(bench.answer(FLOODSCAN), truth)
        cost = (spent.cpu_s - begun) / truth.bytes * 1e9
        rows.append({"bytes": truth.bytes, **spent._asdict(), "ns_per_byte": cost, "counts": counts})
    return {"date": now(), "start_cpu_s": begun, "rows": rows}


def machine() -> Result:
    """Its kind, and nothing that tells which one it is."""
    model = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    system, python = f"{platform.system()} {platform.machine()}", platform.python_version()
    return {"cpu": model, "cores": processors(), "system": system, "python": python}


def measured(asked: argparse.Namespace, kept: Result, folder: Path) -> Result:
    """What was kept, with the parts that are asked for measured again."""
    bench = Bench(folder, asked.pairs)
    parts: dict[str, Callable[[], Result]] = {
        "peers": lambda: peers(bench, asked.mb, asked.tools),
        "cores": lambda: cores(bench, asked.mb),
        "forms": lambda: forms(bench, asked.forms_mb or asked.mb),
        "start": lambda: start(bench),
        "linear": lambda: linear(bench, asked.linear),
    }
    here = machine()
    if asked.only and kept.get("machine", here) != here:
        raise SystemExit(
            f"{asked.start_from} was measured on another machine: measure everything again, without --from"
        )
    return {**kept, **({"machine": here} if asked.only else {}), **{name: parts[name]() for name in asked.only}}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--mb", type=float, default=100, help="size of the log that all tools read")
    options.add_argument("--forms-mb", type=float, help="size of each form of the log, if another")
    options.add_argument("--linear", type=_numbers, default=[10, 100], help="sizes in MB: 100,1000,10000")
    options.add_argument("--pairs", type=int, default=3)
    options.add_argument("--only", type=_names, default=list(PARTS), help=f"of {','.join(PARTS)}, or none")
    options.add_argument("--tools", type=_names, default=[], help="of the peers: mawk,DuckDB")
    options.add_argument("--dir", type=Path, help="keep the logs there, and use those that are there")
    options.add_argument(
        "--from", dest="start_from", type=Path, metavar="FILE", help="keep its parts that are not measured"
    )
    options.add_argument("--json", type=Path, metavar="FILE", help="write what was measured")
    options.add_argument("--readme", action="store_true", help="put the table into README.md")
    asked = options.parse_args()
    if unknown := set(asked.only) - set(PARTS):
        options.error(f"--only: {', '.join(sorted(unknown))}: not one of {', '.join(PARTS)}")
    if unknown := set(asked.tools) - {tool.name.split()[0].rstrip(",") for tool in PEERS}:
        options.error(f"--tools: {', '.join(sorted(unknown))}: not among {', '.join(tool.name for tool in PEERS)}")
    kept = json.loads(asked.start_from.read_text()) if asked.start_from else {}
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.dir or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        result = measured(asked, kept, folder.resolve())
    if asked.json:
        asked.json.write_text(json.dumps(result, indent=1) + "\n")
    text = table.markdown(result)
    if asked.readme:
        README.write_text(table.put_into(README.read_text(), text))
    else:
        print(text, end="")


def _names(text: str) -> list[str]:
    return [name for name in text.split(",") if name and name != "none"]


def _numbers(text: str) -> list[float]:
    return [float(number) for number in text.split(",")]


if __name__ == "__main__":
    main()
