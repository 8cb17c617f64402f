"""What floodscan tells of each log the tests know, as pages to read: a change of what is told shows as a change of a page.

    python tests/told.py        writes the pages again, after a change that was meant

`tests/told/loops.txt` has each loop of each log in a few lines; the other pages are whole reports in Markdown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import told_logs
from drawn_logs import drawn
from lab import SAMPLES, report_on, samples, scanned, scanned_log

from floodscan.model import Report
from floodscan.reports import markdown

PAGES = Path(__file__).parent / "told"
RECORDED = (
    "dashboard-flood.jsonl", "dashboard-flood.log", "dashboard-flood-half-empty.jsonl.gz", "after-init-throttled.jsonl",
    "backoff-exponential.jsonl.gz", "false-success.log.gz", "incident-in-traffic.jsonl.gz", "invalid-service-key.jsonl.gz",
    "pool-timeout.jsonl.gz", "rate-limited.jsonl.gz", "redis-refused.log", "rls-refused.jsonl.gz", "schema-drift.jsonl.gz",
    "slow-start.jsonl", "visible-type-error.log.gz", "healthy.log",
    "recorded/fastify-crash.jsonl", "recorded/nest-crash.log", "recorded/uvicorn-crash.log",
    "recorded/self-feeding-winston.jsonl.gz",
)  # fmt: skip
DRAWN = range(30)


def reports() -> dict[str, Callable[[], Report]]:
    """By the name of its page, each report that is told whole."""
    found: dict[str, Callable[[], Report]] = {}
    for name in RECORDED:
        found[Path(name).name.removesuffix(".gz")] = lambda name=name: scanned(SAMPLES / name)  # type: ignore[misc]
    for log in told_logs.LOGS:
        found[log.__name__.replace("_", "-")] = lambda log=log: scanned_log(log())  # type: ignore[misc]
    return found


def page(report: Report) -> str:
    """The report as Markdown has it, wherever the project lies."""
    return markdown.render(report).replace(f"{SAMPLES.parent}/", "")


def loops() -> Iterator[str]:
    """Of each log a block: its name, and its loops."""
    for path in samples():
        yield f"{path.name.removesuffix('.gz')}\n{loops_in(report_on(path))}"
    for seed in DRAWN:
        truth, report = drawn(seed)
        actors = f"{truth.actors} actor{'s' * (truth.actors > 1)}"
        yield f"drawn {seed}: {truth.iterations} times by {actors}, {truth.policy}, {truth.outcome}\n{loops_in(report)}"


def loops_in(report: dict[str, Any]) -> str:
    texts = {s["id"]: s["text"] for s in report["signatures"]}
    return "".join(f"{_loop(loop, texts)}\n" for loop in report["loops"]) or "  no loop\n"


def _loop(loop: dict[str, Any], texts: dict[str, str]) -> str:
    gap, actors, trigger = loop["gap_ms"], loop["actors"], loop["trigger"]
    steps = "; ".join(
        f"{texts[s['signature']]} {s['per_iteration']:g}" + ("" if s["lag_ms"] is None else f" at {s['lag_ms']:+d}")
        for s in loop["steps"]
    )
    pace = f"{loop['cadence']}" + (f", {gap['median']} ms ({gap['p10']} to {gap['p90']})" if gap else "")
    who = loop["driver"]
    if actors:
        about = "about " if actors["approx"] else ""
        most = " ".join(str(actor["iterations"]) for actor in actors["top"][:8])
        who = f"{actors['key']}: {about}{actors['distinct']} ({most})" + (" by address" if actors["by_address"] else "")
    success = f", told by {texts[loop['success']]}" if loop["success"] else ""
    tied = " (tied)" if loop["success_tied"] else ""
    until = f" after {loop['iterations_until_success']}" if loop["iterations_until_success"] else ""
    ended = f", ended by {texts[loop['ended_by']]}" if loop["ended_by"] else ""
    lines = [
        f"  {loop['status']}, {loop['iterations']} times {texts[loop['anchor']]}, {loop['lines']} lines, "
        f"from {loop['first_offset_ms']} to {loop['last_offset_ms']} ms",
        f"    {who}; {pace}{', in lockstep' if loop['lockstep'] else ''}" + (f", as {loop['schedule']}" if loop["schedule"] else ""),
        f"    {loop['outcome']}{until}{success}{tied}{ended}",
        f"    {trigger['kind'] + ': ' + trigger['text'] if trigger else 'no trigger'}; kept up by {loop['sustained_by']}",
        f"    {steps}",
    ]  # fmt: skip
    return "\n".join(lines)


if __name__ == "__main__":
    PAGES.mkdir(exist_ok=True)
    for old in PAGES.iterdir():
        old.unlink()
    for name, report in reports().items():
        (PAGES / f"{name}.md").write_text(page(report()))
    (PAGES / "loops.txt").write_text("\n".join(loops()))
