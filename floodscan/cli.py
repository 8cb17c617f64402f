"""The command: options in, exit code out. What it does is in `pipeline`; every error leaves through `errors.door`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from floodscan import __version__, errors
from floodscan.errors import UsageError
from floodscan.reports import RENDERERS

if TYPE_CHECKING:  # the commands import what they need when they run: --help and --version stay fast
    from floodscan.model import Report
    from floodscan.pipeline import Scan, ScanOptions
    from floodscan.read.sources import Source
    from floodscan.rules.view import FailureView

TERMINAL = "terminal"

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
    list[str] | None, typer.Argument(metavar="PATH", help="Files, folders, globs, URLs, `-` for stdin (the default).")
]
RuleDirs = Annotated[list[str] | None, typer.Option("--rules", metavar="DIR", help="Add the rules (TOML) in DIR.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No notes and no progress on stderr; errors stay.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of a bug; it may quote the log.")]


@app.callback(invoke_without_command=True)
def root(version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False) -> None:
    if version:
        print(f"floodscan {__version__}")
        raise typer.Exit


@app.command()
def scan(
    paths: Paths = None,
    format: Annotated[str, typer.Option("--format", "-f", metavar="FORMAT", help=", ".join(RENDERERS))] = TERMINAL,
    output: Annotated[str, typer.Option("--output", "-o", metavar="FILE", help="- is stdout.")] = "-",
    since: Annotated[str | None, typer.Option(metavar="TIME", help="Leave out what is earlier.")] = None,
    until: Annotated[str | None, typer.Option(metavar="TIME", help="Leave out what is later.")] = None,
    tz: Annotated[str, typer.Option(metavar="OFFSET", help="Of times without a zone: UTC, +02:00.")] = "UTC",
    rules: RuleDirs = None,
    fail_on: Annotated[
        list[str] | None,
        typer.Option(metavar="WHAT", help="Exit with 1 on storm, flood, faults, severity:high, cause:ID. Repeatable."),
    ] = None,
    show_ids: Annotated[bool, typer.Option("--show-ids", help="Real user ids and addresses; terminal only.")] = False,
    no_color: Annotated[bool, typer.Option("--no-color", help="No colour (also NO_COLOR=1, TERM=dumb).")] = False,
    width: Annotated[int | None, typer.Option(min=40, max=400, help="Columns of the terminal report.")] = None,
    allow_empty: Annotated[bool, typer.Option("--allow-empty", help="An input without a line is fine.")] = False,
    jobs: Annotated[int | None, typer.Option(min=1, metavar="N", help="Processes for a large log; else what is free.")] = None,
    engine: Annotated[str, typer.Option(metavar="NAME", help="Who reads: processes, dask.")] = "processes",
    scheduler: Annotated[str | None, typer.Option(metavar="ADDRESS", help="Of a Dask cluster: tcp://...")] = None,
    quiet: Quiet = False,
    debug: Debug = False,
) -> int:
    """Report what repeats, in which loop, why, and what to do.

    `floodscan PATH` and `... | floodscan` are short for it.
    """
    from floodscan import options
    from floodscan import output as out

    rules_dirs = tuple(rules or ())
    if format not in RENDERERS:
        raise UsageError(f"--format {format}: no such format", hint=f"one of {', '.join(RENDERERS)}")
    if show_ids and (format != TERMINAL or output != "-"):
        raise UsageError("--show-ids is for the terminal alone", hint="leave out --format and -o")
    if show_ids and out.in_ci():
        raise UsageError("--show-ids is refused in CI, where output is kept", hint="run it on your own machine")
    gate = options.fail_on(fail_on or (), options.known_causes(rules_dirs) if fail_on else frozenset())
    chosen = options.engine(engine, jobs, scheduler)
    scan_options = options.scan_options(tz, since, until, rules_dirs, show_ids=show_ids, engine=chosen)
    sources, codes = find(paths)
    inputs = [str(source.path or "-") for source in sources if source.remote is None]
    out.check_writable(output, inputs)
    result = read(sources, scan_options, codes, quiet=quiet)
    data = render(result.report, format, to_file=output != "-", no_color=no_color, width=width)
    try:
        out.write(output, data, inputs)
    except errors.OutputNotWritten as error:
        codes.append(errors.complain(error))
    if result.empty and not allow_empty:
        what = "no log lines in the time asked for" if result.report.input.skipped else "no log lines in the input"
        codes.append(errors.complain(errors.NoInput(what, hint="--allow-empty accepts that")))
    elif result.empty_sources and not allow_empty:
        codes += [errors.complain(errors.NoInput(f"{name}: no log lines in it")) for name in result.empty_sources]
    if result.degraded:
        codes.append(errors.DEGRADED)
        errors.say("over half of the lines could not be read: do not rely on this report")
    if gate.matches(result.report):
        codes.append(errors.FOUND)
    return errors.worst(codes)


@app.command()
def tag(paths: Paths = None, debug: Debug = False) -> int:
    """Print each line's number, a tab, and its signature's id."""
    from floodscan import output, pipeline

    sources, codes = find(paths)
    with output.Lines() as lines:
        pipeline.tag(sources, pipeline.ScanOptions(), lambda number, signature: lines.write(f"{number}\t{signature}"))
    if any(source.interrupted for source in sources):
        codes.append(errors.INTERRUPTED)
    return errors.worst(codes)


@app.command()
def explain(
    id: Annotated[str, typer.Argument(metavar="ID", help="Of a rule, a cause, a signature, a finding or a loop.")],
    paths: Paths = None,
    report: Annotated[str | None, typer.Option(metavar="FILE", help="A JSON report that has the id.")] = None,
    rules: RuleDirs = None,
    debug: Debug = False,
) -> int:
    """Print what a rule knows, or why lines were joined.

    ID is a rule or a cause, or with --report or the log a signature, a finding (F1) or a loop (L1).
    """
    from floodscan import explanation
    from floodscan.options import scan_options
    from floodscan.rules.load import causes, load_rules

    known = load_rules(rules or ()).rules
    rule = next((rule for rule in known if rule.id == id), None)
    codes: list[int] = []
    if rule is not None:
        text = explanation.of_rule(rule)
    elif id in causes():
        text = explanation.of_cause(id, causes()[id], known)
    elif report is not None:
        text = explanation.of_entry(id, explanation.load_report(report))
    elif paths:
        sources, codes = find(paths)
        scanned = read(sources, scan_options(rules_dirs=tuple(rules or ())), codes, quiet=True)
        text = explanation.of_entry(id, scanned.report)
    else:
        raise UsageError(f"{id}: neither a rule nor a cause", hint="for an id of a report add --report FILE or the log")
    write_text(text)
    return errors.worst(codes)


@rules_app.command("list")
def rules_list(rules: RuleDirs = None) -> int:
    """Print every rule: id, cause, layer, and whether a retry can heal it."""
    from floodscan import explanation
    from floodscan.rules.load import load_rules

    write_text(explanation.of_rules(load_rules(rules or ()).rules))
    return errors.OK


@rules_app.command("show")
def rules_show(id: Annotated[str, typer.Argument(metavar="ID")], rules: RuleDirs = None) -> int:
    """Print a rule's documentation: the same as `floodscan explain ID`."""
    return explain(id, rules=rules)


@rules_app.command("test")
def rules_test(rules: RuleDirs = None) -> int:
    """Run every rule on its own sample lines; exit with 1 where one matches what it must not, or misses."""
    from floodscan import explanation
    from floodscan.rules.check import check_samples
    from floodscan.rules.load import load_rules

    catalogue = load_rules(rules or ())
    problems = check_samples(catalogue, _failure_in)
    write_text(explanation.of_problems(problems, len(catalogue.rules)))
    return errors.FOUND if problems else errors.OK


def _failure_in(sample: str) -> FailureView | None:
    """What the rules see of a sample: its first failure, read as a log of its own."""
    from floodscan.decode import facts_of, read_records
    from floodscan.model import Record
    from floodscan.rules.view import view_of
    from floodscan.signature import is_failure

    data = f"{sample}\n".encode()
    records = (item for item in read_records([data], facts_of(data)) if isinstance(item, Record))
    return next((view_of(record) for record in records if is_failure(record)), None)


def read(sources: list[Source], options: ScanOptions, codes: list[int], *, quiet: bool) -> Scan:
    """Scan the sources, with progress and notes on stderr; an interrupt adds its exit code to `codes`."""
    from floodscan import pipeline
    from floodscan.engines.machine import collect_garbage_rarely
    from floodscan.interrupt import first_interrupt_ends_reading
    from floodscan.progress import Progress

    collect_garbage_rarely()
    label = f"{len(sources)} files" if len(sources) > 1 else sources[0].name
    total = pipeline.bytes_to_read(sources, options)
    with first_interrupt_ends_reading() as interrupt, Progress(label, total, quiet=quiet) as progress:
        result = pipeline.scan(sources, options, on_progress=progress, stop=lambda: interrupt.seen)
    if interrupt.seen or any(source.interrupted for source in sources):
        codes.append(errors.INTERRUPTED)
    codes += [errors.complain(error) for error in result.unreadable]
    for note in () if quiet else result.notes:
        errors.say(note)
    return result


def find(paths: list[str] | None) -> tuple[list[Source], list[int]]:
    """The sources that `paths` name (stdin where there are none), and an exit code for each that can't be read.

    Raises UsageError where the log would have to be typed, NoInput where no source is left.
    """
    from floodscan.read.sources import find_sources

    if not paths:
        if sys.stdin is None:
            raise errors.NoInput("nothing to read: stdin is closed")
        if sys.stdin.isatty():
            raise UsageError("nothing to read", hint="floodscan PATH, or pipe a log into floodscan; see floodscan -h")
    sources, unreadable = find_sources(paths or ["-"])
    codes = [errors.complain(error) for error in unreadable]
    if not sources:
        raise errors.NoInput("no usable input")
    return sources, codes


def render(report: Report, format: str, *, to_file: bool, no_color: bool, width: int | None) -> bytes:
    """The report in `format`; only the terminal format asks where it goes."""
    from floodscan.output import columns, speaks_unicode, wants_colour

    if format != TERMINAL:
        return RENDERERS[format](report)
    stream = None if to_file else sys.stdout
    return RENDERERS[format](
        report,
        width=width or columns(stream),
        colour=wants_colour(stream, no_color=no_color),
        ascii_only=not speaks_unicode(stream),
    )


def write_text(text: str) -> None:
    """A page of our own to stdout, none of its lines a command to a CI system."""
    from floodscan.output import write_stdout
    from floodscan.safe import without_commands

    write_stdout(without_commands(text).encode())


def route(argv: list[str]) -> list[str]:
    """Bare `floodscan PATH` and `... | floodscan` are scan."""
    named = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}
    if argv and argv[0] in named | {"rules", "-h", "--help", "--version"}:
        return argv
    return ["scan", *argv]


def run(argv: list[str]) -> int:
    """Run the command line (without the program's name); its exit code.

    Not by `app()`: that would turn a closed pipe into code 1 and print errors in a way of its own.
    """
    command = typer.main.get_command(app)
    try:
        with command.make_context("floodscan", route(argv)) as context:
            return command.invoke(context) or errors.OK
    except typer.Exit as done:
        return done.exit_code
    except Exception as error:
        describe = getattr(error, "format_message", None)  # of Typer's usage errors, whose class moved between releases
        if describe is None:
            raise
        used = getattr(error, "ctx", None)
        raise UsageError(describe(), hint=f"{used.command_path if used else 'floodscan'} -h") from None
