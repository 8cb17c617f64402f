"""What a CI system is told beside the report, as the environment asks for it: annotations, a summary, outputs."""

from __future__ import annotations

import os
import secrets
import stat
import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from floodscan import errors, output
from floodscan.errors import OutputNotWritten
from floodscan.model import Report
from floodscan.reports.github import command
from floodscan.run import render
from floodscan.safe import safe

SUMMARY = 900 * 1024
"""Bytes of a step's summary: GitHub drops one of more than 1024 KiB as a whole."""
CODE_QUALITY = "gl-code-quality-report.json"
CUT = "\n\nThe rest is left out here: a summary may not be longer. The report has it.\n"
FAILING = 10
"""Breaches that are said on stderr; the report has all."""


def in_actions(env: Mapping[str, str] = os.environ) -> bool:
    return env.get("GITHUB_ACTIONS", "").lower() == "true"


def in_gitlab(env: Mapping[str, str] = os.environ) -> bool:
    return env.get("GITLAB_CI", "").lower() == "true"


def tell(
    report: Report,
    code: int,
    formats: Collection[str],
    env: Mapping[str, str] = os.environ,
    *,
    stopped: bool = False,
) -> None:
    """Tell the CI system that runs this job what `check` found; elsewhere nothing.

    code: the exit code to come. formats: those that are written anyway. Annotations go to stderr, which the runner
    reads too, so that stdout has the report alone. stopped: whether the runner was told to obey nothing for a while;
    then they follow the word that ended it, on stdout, for the runner may read stderr first, and drops what it must
    not obey. What can't be written is said, and is no reason to fail.
    """
    if in_actions(env):
        if "github" not in formats:
            (output.write_stdout if stopped else output.write_stderr)(render(report, "github", stream=None))
        _append(env.get("GITHUB_STEP_SUMMARY"), lambda size: summary(report, SUMMARY - size - 1))
        _append(env.get("GITHUB_OUTPUT"), lambda _: outputs(report, code))
    if in_gitlab(env) and "gitlab" not in formats:
        try:
            output.write_file(CODE_QUALITY, render(report, "gitlab", stream=None), report.input.sources)
        except OutputNotWritten as error:
            errors.say(error.message)


def tell_failure(message: str, code: int, env: Mapping[str, str] = os.environ) -> None:
    """Tell GitHub why there is no report. code: the exit code to come."""
    if in_actions(env):
        output.write_stderr(f"{command('error', safe(message), title='floodscan')}\n".encode())
        _append(env.get("GITHUB_OUTPUT"), lambda _: f"exit-code={code}\n".encode())


def summary(report: Report, room: int) -> bytes:
    """The Markdown report, cut before the first section that does not fit into `room` bytes."""
    page = render(report, "markdown", stream=None)
    if len(page) <= room:
        return page
    head = page[: max(0, room - len(CUT.encode()))]
    end = max(head.rfind(b"\n## "), head.rfind(b"\n### "))
    return head[:end] + CUT.encode() if end > 0 else b""


def outputs(report: Report, code: int) -> bytes:
    """Lines for $GITHUB_OUTPUT. None holds a word of the log: other steps paste them into shells."""
    gate = report.gate
    values = {
        "exit-code": code,
        "verdict": report.verdict,
        "passed": str(code == errors.OK).lower(),
        "storms": sum(loop.status == "storm" for loop in report.loops),
        "findings": len(report.findings),
        "breaches": len(gate.breaches) if gate is not None else 0,
        "accepted": len(gate.accepted) if gate is not None else 0,
    }
    return "".join(f"{name}={value}\n" for name, value in values.items()).encode()


def say_breaches(report: Report) -> None:
    """What fails the gate, a line each, for those who don't see the report."""
    breaches = report.gate.breaches if report.gate is not None else ()
    for breach in breaches[:FAILING]:
        errors.say(f"fails on {breach.condition}: {breach.text}")
    if len(breaches) > FAILING:
        errors.say(f"fails on +{len(breaches) - FAILING} more: the report has them")


@contextmanager
def log_on_stdout(env: Mapping[str, str] = os.environ) -> Iterator[bool]:
    """Within, what goes to stdout is a log: GitHub's runner is told to obey nothing in it. Gives whether it was told.

    The word that ends this is drawn at random. A stdout that is a file is left as it is: no runner reads it.
    """
    if not in_actions(env) or sys.stdout is None or stat.S_ISREG(os.fstat(sys.stdout.fileno()).st_mode):
        yield False
        return
    word = secrets.token_hex(16)
    output.write_stdout(f"::stop-commands::{word}\n".encode())
    try:
        yield True
    finally:
        output.write_stdout(f"\n::{word}::\n".encode())


def _append(path: str | None, text: Callable[[int], bytes]) -> None:
    """Append to a file of the runner what `text` makes of the number of bytes that are in it."""
    if not path:
        return
    try:
        with Path(path).open("ab") as file:
            file.write((b"\n" if file.tell() else b"") + text(file.tell()))
    except OSError as error:
        errors.say(f"cannot write {path}: {output.why(error)}")
