"""The table of contents: sources -> records -> profile -> loops -> causes -> report.

report = diagnose(sum(profile(chunk) for chunk in log))
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import field

from floodscan.diagnose import diagnose
from floodscan.engines import Engine, evaluate, records
from floodscan.engines.pieces import CLOCK_NOTES
from floodscan.errors import UnreadableInput
from floodscan.model import OUTSIDE, Report
from floodscan.profile.fold import ALWAYS, Window
from floodscan.read.sources import BROKE_OFF, Source
from floodscan.rules.load import load_rules
from floodscan.value import frozen


@frozen
class ScanOptions:
    """What a scan may be told. Times in milliseconds."""

    utc_offset_ms: int = 0
    since_ms: int | None = None
    until_ms: int | None = None
    rules_dirs: tuple[str, ...] = ()
    show_ids: bool = False
    code: str | None = None
    """The folder of the source, for call sites."""
    engine: Engine = field(default_factory=Engine)


@frozen
class Scan:
    """A report, what was noted while reading, and whether there was anything to read."""

    report: Report
    notes: list[str]
    empty: bool
    empty_sources: tuple[str, ...] = ()
    """Names of inputs without a line."""
    unreadable: tuple[UnreadableInput, ...] = ()
    """What could not be read, or not to its end."""


def scan(
    sources: Sequence[Source],
    options: ScanOptions,
    *,
    on_progress: Callable[[int], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> Scan:
    """The report on what the sources hold. An interrupt while reading gives the report of what was read."""
    catalogue = load_rules(options.rules_dirs)
    window = ALWAYS
    if options.since_ms is not None or options.until_ms is not None:
        window = Window(options.since_ms, options.until_ms, options.utc_offset_ms)
    result = evaluate(
        options.engine,
        sources,
        utc_offset_ms=options.utc_offset_ms,
        window=window,
        on_progress=on_progress,
        stop=stop,
    )
    profile = result.profile
    names = [source.name for source in sources]
    whole = not result.ended and not result.unreadable and not any({*source.notes} - CLOCK_NOTES for source in sources)
    code = None
    if options.code is not None:
        from floodscan.code.sites import read_code  # most runs need neither it nor what it imports

        code = read_code(options.code, profile)
    report = diagnose(profile, names, catalogue, code, complete=whole, show_ids=options.show_ids)
    outside = profile.skipped.get(OUTSIDE, 0)
    broken = [UnreadableInput(s.name, note) for s in sources for note in s.notes if note.startswith(BROKE_OFF)]
    notes = [f"{s.name}: {note}" for s in sources for note in s.notes if not note.startswith(BROKE_OFF)]
    notes += code.notes if code is not None else []
    if window is not ALWAYS and not profile.timed and not outside:
        notes.append("--since and --until leave everything in: the log shows no times")
    return Scan(
        report,
        notes=notes,
        empty=report.input.nothing and report.input.unread_lines == 0,
        empty_sources=tuple(result.empty),
        unreadable=(*result.unreadable, *broken),
    )


def bytes_to_read(sources: Sequence[Source], options: ScanOptions) -> int | None:
    """What `on_progress` will count up to; None where that is not known before the end, as of packed files."""
    on_disk = options.engine.name == "dask"
    if on_disk or all(source.remote is None and source.plain() for source in sources):
        return sum(source.size or 0 for source in sources)
    return None


def tag(sources: Sequence[Source], options: ScanOptions, write: Callable[[int, str], None]) -> None:
    """Calls `write` with the number and the signature's id of every line of every source."""
    from floodscan.tag import write_tags

    write_tags([records(source, utc_offset_ms=options.utc_offset_ms) for source in sources], write)
