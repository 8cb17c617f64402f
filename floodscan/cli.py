"""The command: options in, exit code out. What it does is in `pipeline`; every error leaves through `errors.door`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

from floodscan import __version__, errors
from floodscan.arguments import Argument, Command
from floodscan.errors import UsageError
from floodscan.reports import RENDERERS, TERMINAL

if TYPE_CHECKING:  # the commands import what they need when they run: --help and --version stay fast
    from floodscan.model import Report
    from floodscan.read.sources import Source
    from floodscan.rules.view import FailureView


class Group(click.Group):
    """Commands in the order in which they are written."""

    command_class = Command

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


@click.group(
    cls=Group,
    help="Read a backend's log; report its retry loops, root causes, noise and blind spots.\n\n"
    "With a PATH or a pipe and no command, it is `floodscan scan`.",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, message="%(prog)s %(version)s")
def app() -> None:
    pass


paths = click.argument(
    "paths", cls=Argument, metavar="PATH", nargs=-1, explained="Files, folders, globs, URLs, `-` for stdin (the default)."
)
rule_dirs = click.option("--rules", metavar="DIR", multiple=True, help="Add the rules (TOML) in DIR.")
config_file = click.option("--config", metavar="FILE", help="In place of the one found upward; none.")
code_dir = click.option("--code", metavar="DIR", help="Source of what wrote the log: file:line of its messages.")
report_format = click.option(
    "--format", "-f", metavar="FORMAT", default=TERMINAL, show_default=True, help=", ".join(RENDERERS)
)
output_file = click.option("--output", "-o", metavar="FILE", default="-", show_default=True, help="- is stdout.")
further_reports = click.option(
    "--report", "reports", metavar="FORMAT=FILE", multiple=True, help="A further report. Repeatable."
)
since = click.option("--since", metavar="TIME", help="Leave out what is earlier.")
until = click.option("--until", metavar="TIME", help="Leave out what is later.")
fail_on = click.option(
    "--fail-on", metavar="WHAT", multiple=True,
    help="Exit with 1 on storm, flood, faults, severity:high, status:loop, cause:ID. Repeatable.",
)  # fmt: skip
no_color = click.option("--no-color", is_flag=True, help="No colour (also NO_COLOR=1, TERM=dumb).")
width = click.option("--width", type=click.IntRange(40, 400), metavar="N", help="Columns of the terminal report.")
allow_empty = click.option("--allow-empty", is_flag=True, help="An input without a line is fine.")
quiet = click.option("--quiet", "-q", is_flag=True, help="No notes and no progress on stderr; errors stay.")
debug = click.option(  # `__main__` looks for it: it has to hold before the command line is understood
    "--debug", is_flag=True, expose_value=False, help="Show the traceback of a bug; it may quote the log."
)


@app.command(
    epilog="\b\nExamples:\n"
    "  floodscan api.log\n"
    "  docker compose logs api | floodscan\n"
    "  floodscan 'logs/*.log.gz' --since 14:05 --until 14:20 --report html=incident.html"
)
@paths
@report_format
@output_file
@further_reports
@since
@until
@click.option("--tz", metavar="OFFSET", default="UTC", show_default=True, help="Of times without a zone: UTC, +02:00.")
@rule_dirs
@config_file
@code_dir
@fail_on
@click.option("--show-ids", is_flag=True, help="Real user ids and addresses; terminal only.")
@no_color
@width
@allow_empty
@click.option("--jobs", type=click.IntRange(1), metavar="N", help="Processes for a large log; else what is free.")
@click.option("--engine", metavar="NAME", default="processes", show_default=True, help="Who reads: processes, dask.")
@click.option("--scheduler", metavar="ADDRESS", help="Of a Dask cluster: tcp://...")
@quiet
@debug
def scan(rules: tuple[str, ...], config: str | None, fail_on: tuple[str, ...], **asked_for: Any) -> int:
    """Report what repeats, in which loop, why, and what to do.

    `floodscan PATH` and `... | floodscan` are short for it.
    """
    from floodscan.run import Asked, run

    asked = Asked(rules=_rules_in_force(config, rules), **asked_for)
    codes: list[int] = []
    run(asked, codes, judge=_judge(fail_on, asked.rules) if fail_on else None)
    return errors.worst(codes)


@app.command(
    epilog="\b\nExamples:\n"
    "  npm test 2>&1 | floodscan check --tee\n"
    "  floodscan check e2e.log --report junit=floodscan.xml\n"
    "  floodscan check e2e.log --update-baseline --reason 'known until the move'"
)
@paths
@report_format
@output_file
@further_reports
@since
@until
@click.option("--tz", metavar="OFFSET", help="Of times without a zone: UTC, +02:00.")
@rule_dirs
@code_dir
@fail_on
@config_file
@click.option("--show-config", is_flag=True, help="Print what is in force, and exit.")
@click.option("--baseline", metavar="FILE", help="What was accepted.")
@click.option("--update-baseline", "update", is_flag=True, help="Accept what fails now.")
@click.option("--reason", metavar="TEXT", help="Why it is accepted.")
@click.option("--expires", metavar="DATE", help="Until when, or for how many days: 90.")
@click.option("--headroom", type=click.IntRange(0, 1000), metavar="PERCENT", help="Growth that is accepted too: 50.")
@click.option("--prune", is_flag=True, help="Drop accepted entries that match nothing.")
@click.option("--ratchet", is_flag=True, help="The baseline may not grow.")
@click.option("--today", metavar="DATE", help="The day to judge the baseline on.")
@click.option("--tee", is_flag=True, help="Pass stdin on to stdout; the report goes to stderr.")
@no_color
@width
@allow_empty
@quiet
@debug
def check(**asked_for: Any) -> int:
    """Fail on a retry storm, or as the policy says: for CI.

    Settings come from the options, else from floodscan.toml or [tool.floodscan] in pyproject.toml, found upward.
    """
    from dataclasses import fields

    from floodscan.check import Options, check
    from floodscan.run import Asked

    options = Options(**{field.name: asked_for.pop(field.name) for field in fields(Options)})
    return check(Asked(**asked_for), options)


@app.command(epilog="\b\nExamples:\n  floodscan tag api.log | cut -f2 | sort | uniq -c | sort -rn")
@paths
@debug
def tag(paths: tuple[str, ...]) -> int:
    """Print each line's number, a tab, and its signature's id."""
    from floodscan import output, pipeline

    sources, codes = usable(paths)
    with output.Lines() as lines:
        pipeline.tag(sources, pipeline.ScanOptions(), lambda number, signature: lines.write(f"{number}\t{signature}"))
    if any(source.interrupted for source in sources):
        codes.append(errors.INTERRUPTED)
    return errors.worst(codes)


@app.command(epilog="\b\nExamples:\n  floodscan explain schema-drift\n  floodscan explain L1 api.log")
@click.argument("id", cls=Argument, metavar="ID", explained="Of a rule, a cause, a signature, a finding or a loop.")
@paths
@click.option("--report", metavar="FILE", help="A JSON report that has the id.")
@rule_dirs
@config_file
@debug
def explain(
    id: str, paths: tuple[str, ...], report: str | None, rules: tuple[str, ...], config: str | None
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
@click.argument("shell", cls=Argument, metavar="SHELL", explained="bash, zsh or fish.")
def completion(shell: str) -> int:
    """Print the script that completes this command line in a shell.

    To keep it, write it where the shell looks: ~/.local/share/bash-completion/completions/floodscan, a folder of zsh's
    $fpath as _floodscan, ~/.config/fish/completions/floodscan.fish.
    """
    from floodscan.completion import SHELLS, script

    if shell not in SHELLS:
        raise UsageError(f"{shell}: no completion for this shell", hint=f"one of {', '.join(SHELLS)}")
    write_text(script(shell, app))
    return errors.OK


@app.group("rules", cls=Group, help="The rules that name causes: list, show, test.")
def rules_app() -> None:
    pass


@rules_app.command("list")
@rule_dirs
@config_file
def rules_list(rules: tuple[str, ...], config: str | None) -> int:
    """Print every rule: id, cause, layer, and whether a retry can heal it."""
    from floodscan import explanation
    from floodscan.rules.load import load_rules

    write_text(explanation.of_rules(load_rules(_rules_in_force(config, rules)).rules))
    return errors.OK


@rules_app.command("show")
@click.argument("id", cls=Argument, metavar="ID", explained="")
@rule_dirs
@config_file
@click.pass_context
def rules_show(context: click.Context, id: str, rules: tuple[str, ...], config: str | None) -> int:
    """Print a rule's documentation: the same as `floodscan explain ID`."""
    code: int = context.invoke(explain, id=id, paths=(), report=None, rules=rules, config=config)
    return code


@rules_app.command("test")
@click.argument("folders", cls=Argument, metavar="DIR", nargs=-1, explained="Rules of your own (TOML).")
@rule_dirs
@config_file
def rules_test(folders: tuple[str, ...], rules: tuple[str, ...], config: str | None) -> int:
    """Run every rule on its own samples; exit with 1 on a miss.

    With DIR also the rules in it, which are held against ours.
    """
    from floodscan import explanation
    from floodscan.rules.check import check_samples
    from floodscan.rules.load import load_rules

    catalogue = load_rules(_rules_in_force(config, [*rules, *folders]))
    problems = check_samples(catalogue, _failure_in)
    write_text(explanation.of_problems(problems, len(catalogue.rules)))
    return errors.FOUND if problems else errors.OK


def _judge(fail_on: tuple[str, ...], rules_dirs: tuple[str, ...]) -> Callable[[Report], Report]:
    """The gate of `scan`. Raises UsageError for a condition that there is none of."""
    from floodscan.gate import conditions, judge
    from floodscan.rules.load import known_causes

    wanted = conditions.parse(fail_on, known_causes(rules_dirs), where="--fail-on")
    return lambda report: judge(report, wanted)


def _rules_in_force(option: str | None, given: Sequence[str]) -> tuple[str, ...]:
    """The folders of rules: those of the configuration, then those that `--rules` names."""
    from floodscan.config import rules_in_force
    from floodscan.run import working_folder

    return rules_in_force(option, working_folder(), given)


def _failure_in(sample: str) -> FailureView | None:
    """What the rules see of a sample: its first failure, read as a log of its own."""
    from floodscan.decode import facts_of, read_records
    from floodscan.model import Record
    from floodscan.rules.view import view_of
    from floodscan.signature import is_failure

    data = f"{sample}\n".encode()
    records = (item for item in read_records([data], facts_of(data)) if isinstance(item, Record))
    return next((view_of(record) for record in records if is_failure(record)), None)


def usable(paths: Sequence[str]) -> tuple[list[Source], list[int]]:
    """The sources that `paths` name, and an exit code for each that can't be read. Raises NoInput for none."""
    from floodscan.run import find

    sources, unreadable = find(paths)
    codes = [errors.complain(error) for error in unreadable]
    if not sources:
        raise errors.nothing_usable(unreadable)
    return sources, codes


def write_text(text: str) -> None:
    """A page of our own to stdout, none of its lines a command to a CI system."""
    from floodscan.output import write_stdout
    from floodscan.safe import without_commands

    write_stdout(without_commands(text).encode())


def route(argv: list[str]) -> list[str]:
    """Bare `floodscan PATH` and `... | floodscan` are scan."""
    if argv and argv[0] in app.commands.keys() | {"-h", "--help", "--version"}:
        return argv
    return ["scan", *argv]


def run(argv: list[str]) -> int:
    """Run the command line (without the program's name); its exit code.

    Not by `app()`: that would turn a closed pipe into code 1 and print errors in a way of its own.
    """
    try:
        with app.make_context("floodscan", route(argv)) as context:
            return app.invoke(context) or errors.OK
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.ClickException as error:
        used = getattr(error, "ctx", None)
        raise UsageError(error.format_message(), hint=f"{used.command_path if used else 'floodscan'} -h") from None
