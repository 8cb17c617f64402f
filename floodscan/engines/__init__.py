"""Who evaluates the sum `profile(chunk) + profile(chunk) + ...`: nothing else differs between engines."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from floodscan.engines import serial
from floodscan.engines.pieces import Evaluation, records
from floodscan.engines.plan import wanted
from floodscan.profile.fold import ALWAYS, Window
from floodscan.read.sources import Source
from floodscan.value import frozen

__all__ = ["NAMES", "Engine", "Evaluation", "evaluate", "records"]

NAMES = ("processes", "dask")


@frozen
class Engine:
    """What an engine may be told. The report does not depend on any of it."""

    name: str = "processes"
    """`processes` of this machine, or `dask`: a cluster."""
    jobs: int | None = 1
    """Processes; None is as many as the machine allows, and one for small input."""
    scheduler: str | None = None
    """The address of a Dask scheduler; None is a cluster of this machine."""
    chunk: int | None = None
    """Bytes of a task, a multiple of BLOCK; None is what suits the input."""


def evaluate(
    engine: Engine,
    sources: Sequence[Source],
    *,
    utc_offset_ms: int = 0,
    window: Window = ALWAYS,
    on_progress: Callable[[int], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> Evaluation:
    """The profile of all sources, by the engine. `on_progress` is told the bytes read so far (of a cluster: as they lie
    on disk, task by task); `stop` ends the reading when true.

    Raises UsageError where the engine can't be had, EngineFailed where it was lost.
    """
    if engine.name == "dask":
        from floodscan.engines import dask

        return dask.evaluate(
            sources,
            engine.scheduler,
            engine.jobs,
            engine.chunk,
            utc_offset_ms=utc_offset_ms,
            window=window,
            on_progress=on_progress,
            stop=stop,
        )
    if engine.jobs != 1 and (jobs := wanted(sources, engine.jobs)) > 1:
        from floodscan.engines import processes

        return processes.evaluate(
            sources,
            jobs,
            engine.chunk,
            utc_offset_ms=utc_offset_ms,
            window=window,
            on_progress=on_progress,
            stop=stop,
        )
    return serial.evaluate(sources, utc_offset_ms=utc_offset_ms, window=window, on_progress=on_progress, stop=stop)
