"""What was measured, as the README shows it: Markdown, ratios first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

BEGIN, END = "<!-- benchmark -->\n", "<!-- /benchmark -->\n"
PLACE = re.compile(f"{BEGIN}.*?{END}", re.DOTALL)
FORMS = {
    "flood": "Pino, the log above",
    "stacks": "the same with long stacks, nine of them",
    "new-stacks": "the same with long stacks, no two alike",
    "distinct": "no two messages alike",
    "prefixed": "behind docker compose's prefix",
    "pretty": "pino-pretty",
    "gzip": "packed by gzip",
    "zstd": "packed by zstd",
}
IDLE = 0.9
"""Of a processor, what one process that only computes gets of it where nobody else wants any."""
Result = dict[str, Any]


def markdown(result: Result) -> str:
    """All parts that `result` has. It names dates, sizes and the machine's kind."""
    parts = [name for name in WRITERS if name in result]
    dates = sorted({result[name]["date"] for name in parts})
    one = result.get("machine", {})
    said = [
        f"Measured {' to '.join(dict.fromkeys((dates[0], dates[-1])))} on {one['cores']} cores of {one['cpu']}, "
        f"{one['system']}, Python {one['python']}, from the page cache."
        if parts
        else "Nothing was measured."
    ]
    return "\n\n".join([*said, *("\n".join(WRITERS[name](result[name])) for name in parts)]) + "\n"


def put_into(page: str, text: str) -> str:
    """`page` with `text` between its marks."""
    if not PLACE.search(page):
        raise ValueError(f"no {BEGIN.strip()} to replace")
    return PLACE.sub(lambda _: f"{BEGIN}{text}{END}", page)


def _peers(part: Result) -> Iterator[str]:
    ours = part["floodscan"]
    yield (
        f"A flood of {part['lines']:,} lines ({_mb(part['bytes'])}), on one processor, {part['pairs']} runs each in pairs. Seconds "
        "are of the CPU, so that neighbours matter little; a ratio below 1 means that floodscan took less. Counts are compared "
        "with those of the log's maker."
    )
    yield ""
    yield "| floodscan's time ÷ its | tool | seconds | MB/s | peak MB | counts | what it did | what it did not |"
    yield "|---:|---|---:|---:|---:|---|---|---|"
    yield _peer_row("1", {**ours, "name": f"**{ours['name']}**"}, part["bytes"])
    for tool in sorted((tool for tool in part["tools"] if "failed" not in tool), key=lambda tool: tool["cpu_ratio"]):
        yield _peer_row(_ratio(tool["cpu_ratio"]), tool, part["bytes"])
    yield from (f"\n{tool['name']} failed: {tool['failed']}" for tool in part["tools"] if "failed" in tool)
    if part["missing"]:
        yield f"\nNot installed, and not measured: {', '.join(part['missing'])}."


def _peer_row(ratio: str, tool: Result, size: int) -> str:
    speed = size / 1e6 / tool["cpu_s"]
    version = f" {tool['version']}" if tool["version"] else ""
    cells = (
        ratio, f"{tool['name']}{version}", f"{tool['cpu_s']:.2f}", _round(speed), _peak(tool["peak_mb"]), tool["counts"],
        tool["did"], tool["did_not"] or "–",
    )  # fmt: skip
    return f"| {' | '.join(cells)} |"


def _cores(part: Result) -> Iterator[str]:
    itself, duckdb, cpus = part["itself"], part["duckdb"], part["cpus"]
    text = (
        f"By the clock, on {cpus} processors ({_mb(part['bytes'])}), floodscan takes {_ratio(itself['ratio'])} of its time on "
        f"one: {itself['ours']['wall_s']:.2f} s, {_peak(itself['ours']['peak_mb'])} MB in all its processes"
    )
    text += f"; {_ratio(duckdb['ratio'])} of DuckDB's time on as many." if duckdb else "."
    if (share := itself["cpu_s"] / itself["wall_s"]) < IDLE:
        text += f" The machine was busy: on one, floodscan got {share:.0%} of it, so that this says little."
    yield text


def _forms(part: Result) -> Iterator[str]:
    yield "| time per byte ÷ that of the flood | log | MB | seconds | MB/s | peak MB | counts |"
    yield "|---:|---|---:|---:|---:|---:|---|"
    base = next(
        (row["cpu_s"] / row["bytes"] for row in part["rows"] if row["form"] == "flood" and "bytes" in row), None
    )
    for row in part["rows"]:
        if "failed" in row:
            yield f"| | {FORMS[row['form']]} | | | | | {row['failed']} |"
            continue
        ratio = _ratio(row["cpu_s"] / row["bytes"] / base) if base else ""
        packed = f" ({_round(row['on_disk'] / 1e6)} packed)" if row["on_disk"] < row["bytes"] / 2 else ""
        size, speed = _round(row["bytes"] / 1e6), _round(row["bytes"] / 1e6 / row["cpu_s"])
        cells = (
            ratio,
            FORMS[row["form"]],
            size + packed,
            f"{row['cpu_s']:.2f}",
            speed,
            _peak(row["peak_mb"]),
            row["counts"],
        )
        yield f"| {' | '.join(cells)} |"


def _start(part: Result) -> Iterator[str]:
    small = part["one_mb"]
    yield (
        f"To start: `floodscan --version` takes {part['version_cpu_s'] * 1000:.0f} ms of CPU beyond a bare Python, a log of "
        f"1 MB {small['cpu_s'] * 1000:.0f} ms from start to end."
    )


def _linear(part: Result) -> Iterator[str]:
    costs = [row["ns_per_byte"] for row in part["rows"]]
    told = "; ".join(
        f"{_mb(row['bytes'])}: {row['ns_per_byte']:.1f} ns of CPU a byte, peak {_peak(row['peak_mb'])} MB"
        + ("" if row["counts"] == "right" else f", counts: {row['counts']}")
        for row in part["rows"]
    )
    yield f"By size, start-up subtracted: {told}. The dearest byte costs {max(costs) / min(costs) - 1:.0%} more than the cheapest."


WRITERS = {"peers": _peers, "cores": _cores, "forms": _forms, "start": _start, "linear": _linear}


def _mb(size: int) -> str:
    return f"{size / 1e9:.4g} GB" if size >= 1e9 else f"{size / 1e6:.4g} MB"


def _ratio(value: float) -> str:
    return f"{value:.2f}" if value < 10 else f"{value:.0f}"


def _round(value: float) -> str:
    return f"{value:,.1f}" if value < 10 else f"{value:,.0f}"


def _peak(value: float) -> str:
    return f"{value:.0f}" if value else "–"  # it was gone before anyone looked
