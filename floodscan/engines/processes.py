"""The sum by several processes of this machine: each folds tasks, this one adds up what they give, in any order."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.connection import wait as wait_for_end
from types import TracebackType
from typing import Any, Final

from floodscan.engines import worker
from floodscan.engines.machine import collect_garbage_rarely
from floodscan.engines.pieces import Evaluation, Outcome, Piece, evaluation
from floodscan.engines.plan import chunk_size, plan
from floodscan.engines.serial import fold_all
from floodscan.errors import EngineFailed
from floodscan.profile.fold import ALWAYS, Window
from floodscan.read.sources import Source

POLL_S: Final = 0.1
"""How often progress is shown and Ctrl-C looked for."""
LIVES: Final = 3
"""How often the pool is begun again after a process was killed, before we give up."""
LARGEST: Final = 1 << 30
"""Bytes of a task at most: each begins its samples anew, which takes as long as thirty megabytes do."""
PER_SLOT: Final = 1
"""Tasks for each process, for the same reason: the cores of one machine are as fast as each other."""
STOP, READ = 0, 1
"""Places in the memory that all processes share: whether to end the reading, and the bytes read."""


def evaluate(
    sources: Sequence[Source],
    jobs: int,
    chunk: int | None = None,
    *,
    utc_offset_ms: int = 0,
    window: Window = ALWAYS,
    on_progress: Callable[[int], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> Evaluation:
    """The profile of all sources by `jobs` processes, in tasks of `chunk` bytes (None: what suits the input).

    Raises EngineFailed where processes die again and again.
    """
    out = Outcome()
    total = sum(source.size or 0 for source in sources)

    def tick() -> None:
        if on_progress is not None:
            on_progress(pool.read)
        if stop is not None and stop():
            out.ended = True
            pool.stop()

    with Pool(jobs, tick) as pool:

        def count(ranges: list[Piece]) -> list[int | None]:
            found: list[int | None] = [None] * len(ranges)
            for number, lines in pool.run(worker.count, [worker.order([piece]) for piece in ranges]):
                found[number] = lines
            return found

        tasks, here = plan(sources, chunk or chunk_size(sources, jobs, LARGEST, PER_SLOT), count, utc_offset_ms=utc_offset_ms)
        if len(tasks) == 1:  # one packed file, say: nobody to share it with
            here, total = [*tasks.pop().pieces, *here], 0
        orders = [worker.order(task.pieces, utc_offset_ms=utc_offset_ms, window=window) for task in tasks]
        for _, part in pool.run(_fold, orders):
            out.merge(worker.unpack(part))
    fold_all(here, out, utc_offset_ms=utc_offset_ms, window=window, on_progress=on_progress, stop=stop, read=total)
    return evaluation(out, sources)


class Pool:
    """Processes that outlive neither this one nor the `with` block. `tick` is called ten times a second."""

    def __init__(self, jobs: int, tick: Callable[[], None]) -> None:
        methods = multiprocessing.get_all_start_methods()
        # Not fork: a copy of a process with threads (fsspec has one) may hang.
        self._context: Any = multiprocessing.get_context("forkserver" if "forkserver" in methods else "spawn")
        if "forkserver" in methods:
            self._context.set_forkserver_preload([__name__])
        # Without a lock: one that a killed process holds would never be let go. A lost addition only shows in progress.
        self._shared = self._context.RawArray("q", 2)
        self._jobs, self._tick = jobs, tick
        self._lives = LIVES
        self._executor = self._begin()

    @property
    def read(self) -> int:
        """Bytes read so far by all processes."""
        return int(self._shared[READ])

    def stop(self) -> None:
        """Ends the reading: what runs gives what it has, what waits is not begun."""
        self._shared[STOP] = 1

    def run(self, work: Callable[[bytes], Any], orders: Sequence[bytes]) -> Iterator[tuple[int, Any]]:
        """What `work` gives for each order, with the order's number, as it comes. Work of a killed process is done
        again; raises EngineFailed where that does not help. After `stop` some may be missing.
        """
        todo = list(range(len(orders)))
        while todo:
            waiting, todo = self._submit(work, orders, todo)
            while waiting:
                done, _ = wait(waiting, timeout=POLL_S, return_when=FIRST_COMPLETED)
                self._tick()
                if self._shared[STOP]:
                    _cancel(waiting)
                for future in done:
                    number = waiting.pop(future)
                    if future.cancelled():
                        continue
                    try:
                        result = future.result()
                    except BrokenProcessPool:
                        todo.append(number)
                        continue
                    yield number, result
            if self._shared[STOP]:
                return
            if todo:
                self._begin_again()

    def _submit(
        self, work: Callable[[bytes], Any], orders: Sequence[bytes], todo: Sequence[int]
    ) -> tuple[dict[Future[Any], int], list[int]]:
        """The work that waits, and the numbers of the orders that a pool could not take: one that has broken already."""
        waiting: dict[Future[Any], int] = {}
        with _interrupts_held():
            for at, number in enumerate(todo):
                try:
                    waiting[self._executor.submit(work, orders[number])] = number
                except BrokenProcessPool:
                    return waiting, list(todo[at:])
        return waiting, []

    def _begin(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(self._jobs, self._context, _start, (self._shared,))

    def _begin_again(self) -> None:
        self._executor.shutdown()
        self._lives -= 1
        if not self._lives:
            raise EngineFailed(
                "the processes that read the log were killed again and again: there is no report",
                hint="if memory ran out, use fewer with --jobs; --jobs 1 reads in one process",
            )
        self._executor = self._begin()

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        if error is not None:
            self.stop()
        self._executor.shutdown(cancel_futures=True)


def _cancel(waiting: dict[Future[Any], int]) -> None:
    for future in waiting:
        future.cancel()


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Processes begun within never see Ctrl-C, which a terminal sends to all: this one ends them as it sees fit."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


# ---------------------------------------------------------------- in a worker

_shared: Any = None


def _start(shared: Any) -> None:
    """Makes a process ready for tasks."""
    global _shared
    _shared = shared
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    collect_garbage_rarely()


def _end_with_parent() -> None:
    """A parent that is killed can't end its processes: they do it themselves."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait_for_end([parent.sentinel])
        os._exit(0)


def _fold(order: bytes) -> bytes:
    def tell(count: int) -> bool:
        _shared[READ] += count
        return bool(_shared[STOP])

    return worker.fold(order, tell)
