"""The command: options in, exit code out. What it does is in `pipeline`; every error leaves through `errors.door`."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from os.path import lexists
from typing import TYPE_CHECKING, Annotated

import typer

from floodscan import __version__, errors
from floodscan.errors import UsageError
from floodscan.reports import RENDERERS, TERMINAL

if TYPE_CHECKING:  # the commands import what they need when they run: --help and --version stay fast
    from floodscan.model import Report
    from floodscan.read.sources import Source
    from floodscan.rules.view import FailureView

app = typer.Typer(
    help="Read a backend's log; report its retry loops, root causes, noise and blind spots.\n\n"
    "With a PATH or a pipe and no command, it is `floodscan scan`.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
rules_app = typer.Typer(help="The rules that name causes: list, show, test.")
app.add_typer(rules_app, name="rules")


Paths = Annotated[
    list[str] | None, typer.Argument(metavar="[PATH]...", help="Files, folders, globs, URLs, `-` for stdin (the default).")
]
RuleDirs = Annotated[list[str] | None, typer.Option("--rules", metavar="DIR", help="Add the rules (TOML) in DIR.")]
ConfigFile = Annotated[
    str | None, typer.Option("--config", metavar="FILE", help="In place of the one found upward; none.")
]
CodeDir = Annotated[
    str | None, typer.Option("--code", metavar="DIR", help="Source of what wrote the log: file:line of its messages.")
]
Format = Annotated[str, typer.Option("--format", "-f", metavar="FORMAT", help=", ".join(RENDERERS))]
Output = Annotated[str, typer.Option("--output", "-o", metavar="FILE", help="- is stdout.")]
Reports = Annotated[
    list[str] | None, typer.Option("--report", metavar="FORMAT=FILE", help="A further report. Repeatable.")
]
Since = Annotated[str | None, typer.Option(metavar="TIME", help="Leave out what is earlier.")]
Until = Annotated[str | None, typer.Option(metavar="TIME", help="Leave out what is later.")]
FailOn = Annotated[
    list[str] | None,
    typer.Option(
        metavar="WHAT", help="Exit with 1 on storm, flood, faults, severity:high, status:loop, cause:ID. Repeatable."
    ),
]
NoColor = Annotated[bool, typer.Option("--no-color", help="No colour (also NO_COLOR=1, TERM=dumb).")]
Width = Annotated[int | None, typer.Option(min=40, max=400, help="Columns of the terminal report.")]
AllowEmpty = Annotated[bool, typer.Option("--allow-empty", help="An input without a line is fine.")]
Jobs = Annotated[int | None, typer.Option(min=1, metavar="N", help="Processes for a large log; else what is free.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No notes and no progress on stderr; errors stay.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of a bug; it may quote the log.")]


@app.callback(invoke_without_command=True)
def root(version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False) -> None:
    if version:
        print(f"floodscan {__version__}")
        raise typer.Exit


@app.command(
    epilog="\b\nExamples:\n"
    "  floodscan api.log\n"
    "  docker compose logs api | floodscan\n"
    "  floodscan 'logs/*.log.gz' --since 14:05 --until 14:20 --report html=incident.html"
)
def scan(
    context: typer.Context,
    paths: Paths = None,
    format: Format = TERMINAL,
    output: Output = "-",
    report: Reports = None,
    since: Since = None,
    until: Until = None,
    tz: Annotated[str, typer.Option(metavar="OFFSET", help="Of times without a zone: UTC, +02:00.")] = "UTC",
    rules: RuleDirs = None,
    config: ConfigFile = None,
    code: CodeDir = None,
    fail_on: FailOn = None,
    show_ids: Annotated[bool, typer.Option("--show-ids", help="Real user ids and addresses; terminal only.")] = False,
    no_color: NoColor = False,
    width: Width = None,
    allow_empty: AllowEmpty = False,
    jobs: Jobs = None,
    engine: Annotated[str, typer.Option(metavar="NAME", help="Who reads: processes, dask.")] = "processes",
    scheduler: Annotated[str | None, typer.Option(metavar="ADDRESS", help="Of a Dask cluster: tcp://...")] = None,
    quiet: Quiet = False,
    debug: Debug = False,
) -> int:
    """Report what repeats, in which loop, why, and what to do.

    `floodscan PATH` and `... | floodscan` are short for it.
    """
    from floodscan.run import Asked, run

    asked = Asked(
        paths=paths or (), format=format, output=output, reports=report or (), since=since, until=until, tz=tz,
        rules=_rules_in_force(config, rules), code=code, show_ids=show_ids, no_color=no_color, width=width,
        allow_empty=allow_empty, quiet=quiet, jobs=jobs, engine=engine, scheduler=scheduler, mistyped=context.obj,
    )  # fmt: skip
    codes: list[int] = []
    run(asked, codes, judge=_judge(fail_on, asked.rules) if fail_on else None)
    return errors.worst(codes)


@app.command(
    epilog="\b\nExamples:\n"
    "  npm test 2>&1 | floodscan check --tee\n"
    "  floodscan check e2e.log --report junit=floodscan.xml\n"
    "  floodscan check e2e.log --update-baseline --reason 'known until the move'"
)
def check(
    paths: Paths = None,
    format: Format = TERMINAL,
    output: Output = "-",
    report: Reports = None,
    since: Since = None,
    until: Until = None,
    tz: Annotated[str | None, typer.Option(metavar="OFFSET", help="Of times without a zone: UTC, +02:00.")] = None,
    rules: RuleDirs = None,
    code: CodeDir = None,
    fail_on: FailOn = None,
    config: ConfigFile = None,
    show_config: Annotated[bool, typer.Option("--show-config", help="Print what is in force, and exit.")] = False,
    baseline: Annotated[str | None, typer.Option(metavar="FILE", help="What was accepted.")] = None,
    update_baseline: Annotated[bool, typer.Option("--update-baseline", help="Accept what fails now.")] = False,
    reason: Annotated[str | None, typer.Option(metavar="TEXT", help="Why it is accepted.")] = None,
    expires: Annotated[str | None, typer.Option(metavar="DATE", help="Until when, or for how many days: 90.")] = None,
    headroom: Annotated[
        int | None, typer.Option(min=0, max=1000, metavar="PERCENT", help="Growth that is accepted too: 50.")
    ] = None,
    prune: Annotated[bool, typer.Option("--prune", help="Drop accepted entries that match nothing.")] = False,
    ratchet: Annotated[bool, typer.Option("--ratchet", help="The baseline may not grow.")] = False,
    today: Annotated[str | None, typer.Option(metavar="DATE", help="The day to judge the baseline on.")] = None,
    tee: Annotated[bool, typer.Option("--tee", help="Pass stdin on to stdout; the report goes to stderr.")] = False,
    no_color: NoColor = False,
    width: Width = None,
    allow_empty: AllowEmpty = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> int:
    """Fail on a retry storm, or as the policy says: for CI.

    Settings come from the options, else from floodscan.toml or [tool.floodscan] in pyproject.toml, found upward.
    """
    from floodscan.check import Options, check
    from floodscan.run import Asked

    asked = Asked(
        paths=paths or (), format=format, output=output, reports=report or (), since=since, until=until,
        rules=tuple(rules or ()), code=code, no_color=no_color, width=width, allow_empty=allow_empty, quiet=quiet,
    )  # fmt: skip
    options = Options(
        config=config, show_config=show_config, fail_on=fail_on, tz=tz, baseline=baseline, update=update_baseline,
        reason=reason, expires=expires, headroom=headroom, prune=prune, ratchet=ratchet, today=today, tee=tee,
    )  # fmt: skip
    return check(asked, options)


@app.command(epilog="\b\nExamples:\n  floodscan tag api.log | cut -f2 | sort | uniq -c | sort -rn")
def tag(paths: Paths = None, debug: Debug = False) -> int:
    """Print each line's number, a tab, and its signature's id."""
    from floodscan import output, pipeline

    sources, codes = usable(paths)
    with output.Lines() as lines:
        pipeline.tag(sources, pipeline.ScanOptions(), lambda number, signature: lines.write(f"{number}\t{signature}"))
    if any(source.interrupted for source in sources):
        codes.append(errors.INTERRUPTED)
    return errors.worst(codes)


@app.command(epilog="\b\nExamples:\n  floodscan explain schema-drift\n  floodscan explain L1 api.log")
def explain(
    id: Annotated[str, typer.Argument(metavar="ID", help="Of a rule, a cause, a signature, a finding or a loop.")],
    paths: Paths = None,
    report: Annotated[str | None, typer.Option(metavar="FILE", help="A JSON report that has the id.")] = None,
    rules: RuleDirs = None,
    config: ConfigFile = None,
    debug: Debug = False,
) -> int:
    """Print what a rule knows, or why lines were joined.

    ID is a rule or a cause, or with --report or the log a signature, a finding (F1) or a loop (L1).
    """
    from floodscan import explanation
    from floodscan.options import scan_options
    from floodscan.rules.load import causes, load_rules
    from floodscan.run import read

    folders = _rules_in_force(config, rules)
    known = load_rules(folders).rules
    rule = next((rule for rule in known if rule.id == id), None)
    codes: list[int] = []
    if rule is not None:
        text = explanation.of_rule(rule)
    elif id in causes() or any(rule.cause == id for rule in known):
        text = explanation.of_cause(id, causes().get(id, "a cause of your own rules"), known)
    elif report is not None:
        text = explanation.of_entry(id, explanation.load_report(report))
    elif paths:
        sources, codes = usable(paths)
        scanned = read(sources, scan_options(rules_dirs=folders), codes, quiet=True)
        text = explanation.of_entry(id, scanned.report)
    else:
        names = [*(rule.id for rule in known), *(rule.cause for rule in known), *causes()]
        hint = explanation.near(id, names, "floodscan rules list; for an id of a report add --report FILE or the log")
        raise UsageError(f"{id}: neither a rule nor a cause", hint=hint)
    write_text(text)
    return errors.worst(codes)


@app.command(epilog="\b\nExamples:\n  source <(floodscan completion bash)\n  floodscan completion fish | source")
def completion(shell: Annotated[str, typer.Argument(metavar="SHELL", help="bash, zsh or fish.")]) -> int:
    """Print the script that completes this command line in a shell.

    To keep it, write it where the shell looks: ~/.local/share/bash-completion/completions/floodscan, a folder of zsh's
    $fpath as _floodscan, ~/.config/fish/completions/floodscan.fish.
    """
    from floodscan.completion import SHELLS, script

    if shell not in SHELLS:
        raise UsageError(f"{shell}: no completion for this shell", hint=f"one of {', '.join(SHELLS)}")
    write_text(script(shell, app))
    return errors.OK


@rules_app.command("list")
def rules_list(rules: RuleDirs = None, config: ConfigFile = None) -> int:
    """Print every rule: id, cause, layer, and whether a retry can heal it."""
    from floodscan import explanation
    from floodscan.rules.load import load_rules

    write_text(explanation.of_rules(load_rules(_rules_in_force(config, rules)).rules))
    return errors.OK


@rules_app.command("show")
def rules_show(
    id: Annotated[str, typer.Argument(metavar="ID")], rules: RuleDirs = None, config: ConfigFile = None
) -> int:
    """Print a rule's documentation: the same as `floodscan explain ID`."""
    return explain(id, rules=rules, config=config)


@rules_app.command("test")
def rules_test(
    folders: Annotated[list[str] | None, typer.Argument(metavar="[DIR]...", help="Rules of your own (TOML).")] = None,
    rules: RuleDirs = None,
    config: ConfigFile = None,
) -> int:
    """Run every rule on its own samples; exit with 1 on a miss.

    With DIR also the rules in it, which are held against ours.
    """
    from floodscan import explanation
    from floodscan.rules.check import check_samples
    from floodscan.rules.load import load_rules

    catalogue = load_rules(_rules_in_force(config, [*(rules or ()), *(folders or ())]))
    problems = check_samples(catalogue, _failure_in)
    write_text(explanation.of_problems(problems, len(catalogue.rules)))
    return errors.FOUND if problems else errors.OK


def _judge(fail_on: list[str], rules_dirs: tuple[str, ...]) -> Callable[[Report], Report]:
    """The gate of `scan`. Raises UsageError for a condition that there is none of."""
    from floodscan.gate import conditions, judge
    from floodscan.rules.load import known_causes

    wanted = conditions.parse(fail_on, known_causes(rules_dirs), where="--fail-on")
    return lambda report: judge(report, wanted)


def _rules_in_force(option: str | None, given: list[str] | None) -> tuple[str, ...]:
    """The folders of rules: those of the configuration, then those that `--rules` names."""
    from floodscan.config import rules_in_force
    from floodscan.run import working_folder

    return rules_in_force(option, working_folder(), given or ())


def _failure_in(sample: str) -> FailureView | None:
    """What the rules see of a sample: its first failure, read as a log of its own."""
    from floodscan.decode import facts_of, read_records
    from floodscan.model import Record
    from floodscan.rules.view import view_of
    from floodscan.signature import is_failure

    data = f"{sample}\n".encode()
    records = (item for item in read_records([data], facts_of(data)) if isinstance(item, Record))
    return next((view_of(record) for record in records if is_failure(record)), None)


def usable(paths: list[str] | None) -> tuple[list[Source], list[int]]:
    """The sources that `paths` name, and an exit code for each that can't be read. Raises NoInput for none."""
    from floodscan.run import find

    sources, unreadable = find(paths or ())
    if not sources:
        raise errors.nothing_usable(unreadable)
    return sources, [errors.complain(error) for error in unreadable]


def write_text(text: str) -> None:
    """A page of our own to stdout, none of its lines a command to a CI system."""
    from floodscan.output import write_stdout
    from floodscan.safe import without_commands

    write_stdout(without_commands(text).encode())


def route(argv: list[str]) -> list[str]:
    """Bare `floodscan PATH` and `... | floodscan` are scan."""
    return argv if argv and argv[0] in {*_commands(), "-h", "--help", "--version"} else ["scan", *argv]


def _commands() -> list[str]:
    return [*filter(None, map(_name, app.registered_commands)), "rules"]


def _mistyped(argv: list[str]) -> str | None:
    """The hint for a first word that is spelt nearly as a command, or is one behind an option, and would be read as a file
    that there is none of."""
    if argv and argv[0].startswith("-"):
        late = next((word for word in argv if word in _commands() and not lexists(word)), None)
        return f"options go behind the command: floodscan {late} ..." if late else None
    if not argv or not argv[0].isalpha() or argv[0] in _commands() or lexists(argv[0]):
        return None
    from difflib import get_close_matches

    near = get_close_matches(argv[0].lower(), _commands(), n=1)
    return f"did you mean floodscan {near[0]}?" if near else None


def _name(command: typer.models.CommandInfo) -> str | None:
    return command.name or (command.callback.__name__ if command.callback else None)


def _only(name: str) -> typer.Typer:
    """The app with that one command, if it has it: Typer reads the signatures of all it has, at a millisecond each."""
    named = [command for command in app.registered_commands if _name(command) == name]
    if not named:
        return app
    only = copy(app)
    only.registered_commands, only.registered_groups = named, []
    return only


def run(argv: list[str]) -> int:
    """Run the command line (without the program's name); its exit code.

    Not by `app()`: that would turn a closed pipe into code 1 and print errors in a way of its own.
    """
    mistyped = _mistyped(argv)
    argv = route(argv)
    command = typer.main.get_command(_only(argv[0]))
    try:
        with command.make_context("floodscan", argv, obj=mistyped) as context:
            return command.invoke(context) or errors.OK
    except typer.Exit as done:
        return done.exit_code
    except Exception as error:
        describe = getattr(error, "format_message", None)  # of Typer's usage errors, whose class moved between releases
        if describe is None:
            raise
        used = getattr(error, "ctx", None)
        raise UsageError(describe(), hint=f"{used.command_path if used else 'floodscan'} -h") from None
