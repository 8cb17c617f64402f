"""`floodscan check`: the policy in force, the run, what is accepted, and what the CI system is told."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from floodscan import ci, config, errors, output
from floodscan.errors import OutputNotWritten, UsageError
from floodscan.gate import baseline as baselines
from floodscan.gate import conditions, judge, policy
from floodscan.gate.baseline import Baseline
from floodscan.gate.budget import Budget
from floodscan.gate.update import Update, updated
from floodscan.model import Report, Safe
from floodscan.reports import TERMINAL
from floodscan.rules.load import known_causes, load_rules
from floodscan.run import Asked, run, targets, working_folder
from floodscan.safe import safe, without_commands
from floodscan.value import frozen

LARGEST = 16 * 1_048_576
"""Bytes of a baseline: more is a mistake, such as a log."""

SHOWN = 20
"""Digits of a number that are quoted in an error."""


@frozen
class Options:
    """What only `check` takes, as it was typed; None where it was not."""

    config: str | None = None
    show_config: bool = False
    fail_on: Sequence[str] | None = None
    tz: str | None = None
    baseline: str | None = None
    update: bool = False
    reason: str | None = None
    expires: str | None = None
    headroom: int | None = None
    prune: bool = False
    ratchet: bool = False
    today: str | None = None
    tee: bool = False


@frozen
class Checking:
    """What a check holds a report against."""

    settings: policy.Settings
    conditions: tuple[str, ...]
    budgets: tuple[Budget, ...]
    path: str
    """Of the baseline, whether it exists or not."""
    baseline: Baseline
    today: date
    expires: date
    reason: Safe | None
    """Of what is accepted in this run; None where nothing is to be."""


def check(asked: Asked, options: Options) -> int:
    """Run the gate; its exit code."""
    checking = prepare(asked, options)
    values = checking.settings
    if options.show_config:
        output.write_stdout(without_commands(safe(policy.show(values), multiline=True)).encode())
        return errors.OK
    asked = replace(asked, tz=values["tz"].value, rules=values["rules"].value, allow_empty=values["allow_empty"].value)
    wanted = targets(asked)
    codes: list[int] = []

    def judged(report: Report) -> Report:
        baseline = checking.baseline
        if checking.reason is not None:
            baseline = _accept(report, checking, options, codes)
        return judge(report, checking.conditions, checking.budgets, baseline, today=checking.today)

    keep = [checking.path]
    stopped = False
    if options.tee:
        with ci.log_on_stdout() as stopped:
            report = run(asked, codes, judge=judged, keep=keep, through=output.write_stdout)
    else:
        report = run(asked, codes, judge=judged, keep=keep)
    code = errors.worst(codes)
    unseen = asked.output != "-" or (asked.format != TERMINAL and not options.tee)
    if unseen and not ci.in_actions():
        ci.say_breaches(report)
    # What went to stderr while the runner obeyed nothing was lost on it.
    written = {target.format for target in wanted if not (stopped and target.path == "-")}
    ci.tell(report, code, written, stopped=stopped)
    return code


def prepare(asked: Asked, options: Options) -> Checking:
    """The policy in force, checked before anything is read. Raises UsageError, OutputNotWritten."""
    file, table = config.find(options.config, working_folder())
    given: dict[str, tuple[str, Any]] = {}
    for key, option, value in (
        ("fail_on", "--fail-on", tuple(options.fail_on or ()) or None),
        ("baseline", "--baseline", options.baseline),
        ("ratchet", "--ratchet", options.ratchet or None),
        ("headroom", "--headroom", options.headroom),
        ("allow_empty", "--allow-empty", asked.allow_empty or None),
        ("tz", "--tz", options.tz),
    ):
        if value is not None:
            given[key] = (option, value)
    values = dict(policy.settings(table, file, given))
    if asked.rules:
        values["rules"] = policy.Setting((*values["rules"].value, *asked.rules), "--rules")
    catalogue = load_rules(values["rules"].value)
    known = known_causes(values["rules"].value)
    fail_on = values["fail_on"]
    where = fail_on.origin if fail_on.origin.startswith("--") else f"{fail_on.origin}: fail_on:"
    budgets = values["budget"].value
    policy.refuse_unknown_names(budgets, known, (rule.id for rule in catalogue.rules), values["budget"].origin)
    if not fail_on.value and not budgets:
        raise UsageError(
            f"{where} nothing: the gate could not fail", hint='fail_on = ["storm"], or a [[budget]] to be kept'
        )
    path = values["baseline"].value
    today = baselines.day(options.today, "--today") if options.today is not None else datetime.now(UTC).date()
    return Checking(
        settings=values,
        conditions=conditions.parse(fail_on.value, known, where=where),
        budgets=budgets,
        path=path,
        baseline=_read_baseline(path, chosen=_chosen(table, options), update=options.update),
        today=today,
        expires=_expires(options.expires, today, values["expires_days"].value),
        reason=_reason(options),
    )


def _chosen(table: Any, options: Options) -> bool:
    """Whether somebody named the baseline, so that a missing one is a mistake."""
    return options.baseline is not None or "baseline" in table


def _reason(options: Options) -> Safe | None:
    if options.update:
        return baselines.reason_of(options.reason or "")
    for name, value in (("--reason", options.reason), ("--expires", options.expires), ("--prune", options.prune)):
        if value:
            raise UsageError(f"{name} is for --update-baseline", hint="add --update-baseline, or leave it out")
    return None


def _expires(value: str | None, today: date, days: int) -> date:
    """`2027-02-21`, `30` (days), or the policy's days. Raises UsageError for what is over already."""
    try:
        if value is None or (value.isascii() and value.isdigit()):
            return today + timedelta(days=int(value) if value is not None else days)
    except (OverflowError, ValueError):  # of more digits than Python reads
        raise UsageError(f"{_short(value or str(days))} days: too far away to be a date", hint="such as 90") from None
    end = baselines.day(value, f"--expires {value}")
    if end < today:
        raise UsageError(f"--expires {value}: that is past", hint="a date to come, or a number of days")
    return end


def _short(digits: str) -> str:
    return digits if len(digits) <= SHOWN else f"{digits[:SHOWN]}..."


def _read_baseline(path: str, *, chosen: bool, update: bool) -> Baseline:
    """The entries at `path`; none where there is no file, unless one was named and none is being written."""
    if update:
        output.check_writable(path, ())
        if not os.path.isfile(path) and os.path.exists(path):
            raise UsageError(
                f"{path}: not a file, and what is accepted must be kept",
                hint="name a file; without --update-baseline the run lists what it would accept",
            )
    try:
        with open(path, "rb") as file:
            data = file.read(LARGEST + 1)
    except FileNotFoundError:
        if chosen and not update:
            raise UsageError(f"{path}: no such baseline", hint="--update-baseline --reason TEXT writes it") from None
        return ()
    except OSError as error:
        raise UsageError(f"{path}: {output.why(error)}") from None
    if not data and (update or not os.path.isfile(path)):
        return ()  # nothing is lost by writing it, and /dev/null is how to say that nothing is accepted
    if len(data) > LARGEST:
        raise UsageError(f"{path}: too large for a baseline")
    return baselines.parse(data, path)


def _accept(report: Report, checking: Checking, options: Options, codes: list[int]) -> Baseline:
    """The baseline with what fails today accepted, written; the old one where that must not or could not be done."""
    assert checking.reason is not None
    change = updated(
        checking.baseline, report, checking.conditions, reason=checking.reason, today=checking.today,
        expires=checking.expires, headroom=checking.settings["headroom"].value, prune=options.prune,
    )  # fmt: skip
    try:
        if checking.settings["ratchet"].value and change.grows:
            more = len(change.added) + len(change.raised)
            raise UsageError(
                f"{checking.path}: ratchet: it may not grow, and would accept {more} more",
                hint="mend what is new, or edit the file and say why in its review",
            )
        if not report.whole:
            raise UsageError(f"{checking.path}: not updated: the log was not read as a whole")
        # No input is lost: what is there already was read as a baseline.
        output.write_file(checking.path, baselines.render(change.baseline), ())
    except (UsageError, OutputNotWritten) as error:
        codes.append(errors.complain(error))
        return checking.baseline
    errors.say(f"{checking.path}: {_summary(change)}")
    return change.baseline


def _summary(change: Update) -> str:
    counts = {"added": change.added, "raised": change.raised, "renewed": change.renewed, "dropped": change.dropped}
    changed = [f"{len(entries)} {what}" for what, entries in counts.items() if entries]
    return ", ".join([f"{len(change.baseline)} accepted", *(changed or ["nothing changed"])])
