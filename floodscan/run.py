"""A run of `scan` or `check`: find the inputs, read them, judge the report, write it in each format asked for."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TextIO

from floodscan import errors, output, pipeline
from floodscan.engines.machine import collect_garbage_rarely
from floodscan.errors import FloodscanError, NoInput, OutputNotWritten, UnreadableInput, UsageError
from floodscan.interrupt import first_interrupt_ends_reading
from floodscan.model import OUTSIDE, Report, Unreadable
from floodscan.options import engine, scan_options
from floodscan.pipeline import Scan, ScanOptions
from floodscan.progress import Progress
from floodscan.read.sources import Source, find_sources, is_document, is_report
from floodscan.read.tee import PassingFailed, Tee
from floodscan.redact import redact
from floodscan.reports import LOCATED, RENDERERS, TERMINAL
from floodscan.safe import safe
from floodscan.value import frozen

REPORT = "a report of floodscan and no log"
DOCUMENT = "a JSON document and no log"


@frozen
class Asked:
    """What the options say, as they were typed."""

    paths: Sequence[str] = ()
    format: str = TERMINAL
    output: str = "-"
    reports: Sequence[str] = ()
    """Further ones, `FORMAT=FILE`."""
    since: str | None = None
    until: str | None = None
    tz: str = "UTC"
    rules: tuple[str, ...] = ()
    code: str | None = None
    show_ids: bool = False
    no_color: bool = False
    width: int | None = None
    allow_empty: bool = False
    quiet: bool = False
    jobs: int | None = None
    engine: str = "processes"
    scheduler: str | None = None
    mistyped: str | None = None
    """The hint where the first path, which is no file, may have been meant as a command."""


@frozen
class Target:
    """A report to write: its format, and where (`-` is stdout)."""

    format: str
    path: str


def run(
    asked: Asked,
    codes: list[int],
    *,
    judge: Callable[[Report], Report] | None = None,
    keep: Sequence[str] = (),
    through: Callable[[bytes], object] | None = None,
) -> Report:
    """Read, judge and write; the report. What went wrong is said and its exit code added to `codes`.

    judge: what the gate makes of a report, if there is one. keep: files that no report may replace, beside the inputs. through: gets
    the bytes of stdin as they are read; the report that would go to stdout then goes to stderr. Raises UsageError,
    OutputNotWritten before anything is read, NoInput where there is nothing to read, and what `through` raises.
    """
    wanted = targets(asked)
    settings = scan_options(
        asked.tz, asked.since, asked.until, asked.rules, asked.code,
        show_ids=asked.show_ids, engine=engine(asked.engine, asked.jobs, asked.scheduler),
    )  # fmt: skip
    sources, unreadable = find(asked.paths, quiet=asked.quiet)
    for error in unreadable:
        if asked.mistyped and error.name == asked.paths[0]:
            error.hint = asked.mistyped
    if not sources:
        raise errors.nothing_usable(unreadable)
    codes += [errors.complain(error) for error in unreadable]
    if through is not None:
        pass_through(sources, through)
    inputs = [*(str(source.path or "-") for source in sources if source.remote is None), *keep]
    for target in wanted:
        output.check_writable(target.path, inputs)
    try:
        result = read(sources, settings, codes, quiet=asked.quiet)
    except PassingFailed as failed:
        raise failed.error from None
    unread: list[FloodscanError] = [*unreadable, *result.unreadable, *_without_lines(result, asked.allow_empty)]
    codes += [errors.complain(error) for error in unread[len(unreadable) + len(result.unreadable) :]]
    report = _with_unreadable(result.report, unread)
    if judge is not None:
        report = judge(report)
    for target in wanted:
        stream = None if target.path != "-" else sys.stdout if through is None else sys.stderr
        data = render(report, target.format, stream=stream, no_color=asked.no_color, width=asked.width, code=asked.code)
        try:
            if target.path == "-" and through is not None:
                output.write_stderr(data)
            else:
                output.write(target.path, data, inputs)
        except OutputNotWritten as error:
            codes.append(errors.complain(error))
    if report.input.degraded:
        codes.append(errors.DEGRADED)
        errors.say("over half of the lines could not be read: do not rely on this report")
    if report.gate is not None and not report.gate.passed:
        codes.append(errors.FOUND)
    return report


def targets(asked: Asked) -> list[Target]:
    """The reports to write, `--format` first. Raises UsageError for an unknown format or two reports in one place."""
    wanted = [Target(asked.format, asked.output)]
    _known(asked.format, f"--format {asked.format}")
    for value in asked.reports:
        format, equals, path = value.partition("=")
        if not equals or not path or path == "-":
            raise UsageError(f"--report {value}: not FORMAT=FILE", hint="such as --report sarif=out.sarif")
        _known(format, f"--report {value}")
        wanted.append(Target(format, path))
    if any(target.path != "-" or target.format in LOCATED for target in wanted):
        working_folder()
    places = [str(Path(target.path).resolve()) for target in wanted if target.path != "-"]
    if len(set(places)) < len(places):
        raise UsageError("two reports would go to the same file", hint="give each one of its own")
    if asked.show_ids and (asked.format != TERMINAL or asked.output != "-" or asked.reports):
        raise UsageError("--show-ids is for the terminal alone", hint="leave out --format, --report and -o")
    if asked.show_ids and output.in_ci():
        raise UsageError("--show-ids is refused in CI, where output is kept", hint="run it on your own machine")
    return wanted


def working_folder() -> Path:
    """The folder that the command was started in. Raises UsageError where it has been deleted since."""
    try:
        return Path.cwd()
    except OSError as error:
        raise UsageError(f"the working directory: {output.why(error)}", hint="cd to one that exists") from None


def _known(format: str, given: str) -> None:
    if format not in RENDERERS:
        raise UsageError(f"{given}: no such format", hint=f"one of {', '.join(RENDERERS)}")


def find(paths: Sequence[str], *, quiet: bool = False) -> tuple[list[Source], list[UnreadableInput]]:
    """The sources that `paths` name (stdin where there are none), and what is wrong with those that can't be read.

    What floodscan wrote itself is no log, nor are JSON documents of a folder: they are left out, and that is said.
    Raises UsageError where the log would have to be typed, NoInput where stdin is closed.
    """
    if not paths:
        if sys.stdin is None:
            raise NoInput("nothing to read: stdin is closed")
        if sys.stdin.isatty():
            raise UsageError("nothing to read", hint="floodscan PATH, or pipe a log into floodscan; see floodscan -h")
    found, unreadable = find_sources(paths or ["-"])
    reports, logs = _parted(found, is_report)
    if reports and not logs:
        name = reports[0].name
        hint = f"name the log; for what the report says: floodscan explain F1 --report {name}"
        return [], [*unreadable, UnreadableInput(name, REPORT, hint=hint)]
    documents, logs = _parted(logs, is_document)
    if documents and not logs:
        return [], [*unreadable, UnreadableInput(documents[0].name, DOCUMENT, hint="name the log itself")]
    for kind, left_out in ((REPORT, reports), (DOCUMENT, documents)):
        for source in () if quiet else left_out:
            errors.say(f"{source.name}: left out, {kind}")
    return logs, unreadable


def _parted(sources: Sequence[Source], asked: Callable[[Source], bool]) -> tuple[list[Source], list[Source]]:
    """Those of which it is true, and the others: each is asked about once, for a folder may hold thousands."""
    found: tuple[list[Source], list[Source]] = [], []
    for source in sources:
        found[not asked(source)].append(source)
    return found


def pass_through(sources: Sequence[Source], write: Callable[[bytes], object]) -> None:
    """Let the bytes of stdin pass to `write` as they are read. Raises UsageError for any other source."""
    for source in sources:
        if source.stream is None:
            raise UsageError(
                f"--tee {source.name}: only stdin is passed through", hint="command | floodscan check --tee"
            )
        source.stream = Tee(source.stream, write)  # type: ignore[assignment]  # of a stream only reading is used


def read(sources: list[Source], options: ScanOptions, codes: list[int], *, quiet: bool) -> Scan:
    """Scan the sources, with progress and notes on stderr; an interrupt adds its exit code to `codes`."""
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


def _without_lines(result: Scan, allowed: bool) -> list[FloodscanError]:
    """What is wrong where there was nothing to read: a job must not pass because of it."""
    if allowed or len(result.unreadable) == len(result.report.input.sources):  # of those it was said why
        return []
    if result.empty:
        what = "no log lines in the input"
        if OUTSIDE in result.report.input.skipped:
            what = result.report.headline.removesuffix(".")
        return [NoInput(what, hint="--allow-empty accepts that")]
    return [UnreadableInput(name, "no log lines in it") for name in result.empty_sources]


def _with_unreadable(report: Report, unread: Sequence[FloodscanError]) -> Report:
    if not unread:
        return report
    items = tuple(
        Unreadable(safe(redact(error.name)), safe(error.reason))
        if isinstance(error, UnreadableInput)
        else Unreadable(safe(", ".join(report.input.sources)), safe(error.message))
        for error in unread
    )
    return replace(report, input=replace(report.input, unreadable=items))


def render(
    report: Report,
    format: str,
    *,
    stream: TextIO | None,
    no_color: bool = False,
    width: int | None = None,
    code: str | None = None,
) -> bytes:
    """The report in `format`, for `stream` (None: a file). code: the folder that call sites are named from."""
    if format == TERMINAL:
        return RENDERERS[format](
            report,
            width=width or output.columns(stream),
            colour=output.wants_colour(stream, no_color=no_color),
            ascii_only=not output.speaks_unicode(stream),
        )
    if format in LOCATED:
        from floodscan import repository

        here = working_folder()
        return RENDERERS[format](report, files=repository.files_of(report, repository.root(here), here, code))
    return RENDERERS[format](report)
