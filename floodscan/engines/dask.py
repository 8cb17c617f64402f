"""The sum by a Dask cluster: its workers read, fold and add, in a tree; one part comes back.

Work is given by `Client.submit` and `Client.map` alone, so any cluster that has this version of floodscan will do, on
its scheduler too. A part that a lost worker held is made again: the result is the same.
"""

from __future__ import annotations

import pkgutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from floodscan import __version__
from floodscan.engines import worker
from floodscan.engines.machine import cores
from floodscan.engines.pieces import Evaluation, Outcome, Piece, evaluation
from floodscan.engines.plan import Task, chunk_size, plan
from floodscan.engines.serial import fold_all
from floodscan.errors import EngineFailed, FloodscanError, UsageError, extra
from floodscan.profile.fold import ALWAYS, Window
from floodscan.read.sources import Source

POLL_S: Final = 0.1
FAN_IN: Final = 8
"""Parts that one addition takes: few enough to move while others are still folded, enough to keep the tree flat."""
PATIENCE_S: Final = 30
"""How long to wait for a scheduler to answer, for its first worker, and for another one when all are gone."""
LOOPBACK: Final = "127.0.0.1:0"
LOOK_S: Final = 5
"""How often to look whether there still are workers."""


class Interrupted(FloodscanError):
    """Ctrl-C: what the cluster had read is not fetched."""

    exit_code = 130


def evaluate(
    sources: Sequence[Source],
    scheduler: str | None = None,
    jobs: int | None = None,
    chunk: int | None = None,
    *,
    utc_offset_ms: int = 0,
    window: Window = ALWAYS,
    on_progress: Callable[[int], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> Evaluation:
    """The profile of all sources by the cluster at `scheduler`, or by one of `jobs` workers on this machine.

    Files must be readable by the workers under the same paths. Raises UsageError without Dask, or where no scheduler
    answers; EngineFailed where workers die again and again, or the scheduler is lost; Interrupted at Ctrl-C.
    """
    with _cluster(scheduler, jobs) as client:
        _check_versions(client)
        run = _Run(client, on_progress, stop)

        def count(ranges: list[Piece]) -> list[int | None]:
            return run.results(client.map(worker.count, [worker.order([piece]) for piece in ranges], pure=False))

        slots = sum(client.nthreads().values())
        tasks, here = plan(sources, chunk or chunk_size(sources, slots), count, utc_offset_ms=utc_offset_ms)
        orders = [worker.order(task.pieces, utc_offset_ms=utc_offset_ms, window=window) for task in tasks]
        out = run.total(orders, tasks) if tasks else Outcome()
    fold_all(here, out, utc_offset_ms=utc_offset_ms, window=window, on_progress=on_progress, stop=stop, read=run.read)
    return evaluation(out, sources)


class _Run:
    """Work under way on a cluster, watched."""

    def __init__(self, client: Any, on_progress: Callable[[int], None] | None, stop: Callable[[], bool] | None) -> None:
        self._client, self._on_progress, self._stop = client, on_progress, stop
        self.read = 0
        self._looked = self._seen = time.monotonic()
        """When the cluster was last looked at, and when it last had a worker."""

    def results(self, futures: list[Any]) -> list[Any]:
        for future in futures:
            self._wait(future, {})
        return [future.result() for future in futures]

    def total(self, orders: list[bytes], tasks: Sequence[Task]) -> Outcome:
        """The sum of what the orders give."""
        parts = self._client.map(worker.fold, orders, pure=False)
        sizes = {part: task.size for part, task in zip(parts, tasks, strict=True)}
        while len(parts) > 1:
            groups = [parts[at : at + FAN_IN] for at in range(0, len(parts), FAN_IN)]
            # Before further folding: parts that wait for it fill the workers' memory.
            parts = [self._client.submit(worker.add, *group, pure=False, priority=1) for group in groups]
            del groups
        (root,) = parts
        self._wait(root, sizes)
        return worker.unpack(root.result())

    def _wait(self, root: Any, sizes: dict[Any, int]) -> None:
        """Until `root` is there. Of the parts in `sizes` each is let go once it is done: the cluster keeps a part only
        until it has been added."""
        while not root.done():
            for part in [part for part in sizes if part.done()]:
                self.read += sizes.pop(part)
            if self._on_progress is not None:
                self._on_progress(self.read)
            if self._stop is not None and self._stop():
                raise Interrupted("interrupted: the cluster's work was dropped, and there is no report")
            self._look_for_workers()
            time.sleep(POLL_S)
        if root.status in ("cancelled", "lost"):
            raise EngineFailed("the Dask scheduler was lost: there is no report", hint="look at the scheduler's log")
        if root.status == "error":
            raise _failure(root.exception())
        self.read += sum(sizes.values())

    def _look_for_workers(self) -> None:
        now = time.monotonic()
        if now - self._looked < LOOK_S:
            return
        self._looked = now
        try:
            workers = self._client.nthreads()
        except OSError:
            return  # a scheduler that does not answer: the futures will tell
        if workers:
            self._seen = now
        elif now - self._seen > PATIENCE_S:
            raise EngineFailed("all workers of the cluster are gone: there is no report", hint="look at their logs")


def _check_versions(client: Any) -> None:
    """Asks every worker, by a function that needs nothing of ours. Raises IncompatibleWorker, UsageError."""
    asked = [
        (address, client.submit(pkgutil.resolve_name, "floodscan:__version__", workers=[address], pure=False))
        for address in client.nthreads()
    ]
    for address, answer in asked:
        try:
            theirs = answer.result(timeout=PATIENCE_S)
        except ImportError:
            raise UsageError(
                f"the worker at {address} has no floodscan", hint="install it there, in the version of this command"
            ) from None
        except (OSError, TimeoutError):
            continue  # it is gone or busy: an order names its version too
        if theirs != __version__:
            raise worker.incompatible(str(theirs), __version__)


def _failure(error: BaseException) -> BaseException:
    """What to raise for an exception that a worker gave."""
    if type(error).__name__ == "KilledWorker":
        return EngineFailed(
            "the workers that took one part of the log died, one after the other: there is no report",
            hint="look at their logs; most often it is memory",
        )
    return error


@contextmanager
def _cluster(scheduler: str | None, jobs: int | None) -> Iterator[Any]:
    """A client of the cluster at an address, or of one on this machine that ends with the block."""
    try:
        from distributed import Client, LocalCluster
    except ImportError:
        raise UsageError("--engine dask: Dask is not installed", hint=extra("dask")) from None
    if scheduler is None:
        with (
            LocalCluster(
                n_workers=jobs or cores(),
                threads_per_worker=1,
                host="127.0.0.1",
                dashboard_address=LOOPBACK,  # without one it would listen on a fixed port of every address
                worker_dashboard_address=LOOPBACK,
                silence_logs=50,
            ) as local,
            Client(local) as client,
        ):
            yield client
        return
    try:
        client = Client(scheduler, timeout=PATIENCE_S, name="floodscan")
    except (OSError, ValueError, TimeoutError) as error:
        raise UsageError(
            f"--scheduler {scheduler}: no Dask scheduler answers there ({type(error).__name__})",
            hint="its address, as `dask scheduler` prints it: tcp://HOST:8786",
        ) from None
    with client:
        try:
            client.wait_for_workers(1, timeout=PATIENCE_S)
        except TimeoutError:
            raise EngineFailed(
                f"the scheduler at {scheduler} has no workers", hint=f"begin some: dask worker {scheduler}"
            ) from None
        yield client
