"""The sum by several processes of this machine: this one and others fold tasks, and this one adds up what they give."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import field
from multiprocessing.connection import wait as wait_for_end
from types import TracebackType
from typing import Any, Final

from floodscan.engines import worker
from floodscan.engines.machine import collect_garbage_rarely
from floodscan.engines.pieces import Evaluation, Outcome, Piece, count_newlines, evaluation, fold_piece
from floodscan.engines.plan import chunk_size, plan, split
from floodscan.engines.serial import fold_all
from floodscan.errors import EngineFailed
from floodscan.profile.fold import ALWAYS, Window
from floodscan.read.sources import Source
from floodscan.value import mutable

POLL_S: Final = 0.1
"""How often progress is shown and Ctrl-C looked for while this process has nothing to read itself."""
LIVES: Final = 3
"""How often the pool is begun again after a process was killed, before we give up."""
LARGEST: Final = 1 << 30
"""Bytes of a task at most: each begins its samples anew, which takes as long as thirty megabytes do."""
PER_SLOT: Final = 1
"""Tasks for each process, for the same reason: the cores of one machine are as fast as each other."""
AHEAD: Final = 32 << 20
"""Bytes that this process folds more than the others do, at most: their parts take 0.2 s to come. On a gigabyte two halves
took half a second longer than the later one did."""
EVEN: Final = 16
"""Of smaller inputs this process folds a sixteenth of a share more: their parts come sooner, too (300 MB: 2.1 s as with even
shares, 2.2 with 32 MiB more)."""
COUNTED: Final = 32 << 20
"""Bytes whose lines are counted at a stretch: few enough that all processes end together, and within milliseconds."""
GAPS: Final = "several processes read parts of it at once, each until then: what lies between was not read, and is no lull"
"""Said of an interrupted file, after which its report has holes."""
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
    """The profile of all sources by `jobs` processes, this one among them, in tasks of `chunk` bytes (None: what suits
    the input).

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
            parts = [(number, part) for number, piece in enumerate(ranges) for part in split(piece, COUNTED)]
            lines: list[int | None] = [0] * len(ranges)

            def add(at: int, found: int | None) -> None:
                number, known = parts[at][0], lines[parts[at][0]]
                lines[number] = None if known is None or found is None else known + found

            def count_here(at: int) -> None:
                add(at, count_newlines(parts[at][1]))
                pool.tell(0)

            for at, found in pool.run(worker.count, [worker.order([part]) for _, part in parts], count_here):
                add(at, found)
            return lines

        def fold_here(number: int) -> None:
            for piece in tasks[number].pieces:
                if not out.ended:
                    fold_piece(piece, out, utc_offset_ms=utc_offset_ms, window=window, tell=pool.tell)
            if out.ended:  # Ctrl-C may have broken off a read of this process, which `stop` does not tell
                pool.stop()

        ahead = 0 if chunk else min(AHEAD, total // (EVEN * jobs))
        chunk = chunk or chunk_size(sources, jobs, LARGEST, PER_SLOT, ahead)
        tasks, here = plan(sources, chunk, count, utc_offset_ms=utc_offset_ms, ahead=ahead)
        if len(tasks) == 1:  # one packed file, say: nobody to share it with
            here, total = [*tasks.pop().pieces, *here], 0
        orders = [worker.order(task.pieces, utc_offset_ms=utc_offset_ms, window=window) for task in tasks]
        for _, part in pool.run(_fold, orders, fold_here):
            out.merge(worker.of_state(part))
        if out.ended:
            out.notes.update((piece.number, GAPS) for task in tasks for piece in task.pieces if not piece.whole)
    fold_all(here, out, utc_offset_ms=utc_offset_ms, window=window, on_progress=on_progress, stop=stop, read=total)
    return evaluation(out, sources)


class Pool:
    """This process and `jobs - 1` others, which outlive neither it nor the `with` block.

    `tick` is called ten times a second at least: by `run`, and by `tell`, which work done here is to call.
    """

    def __init__(self, jobs: int, tick: Callable[[], None]) -> None:
        # Without a lock: one that a killed process holds would never be let go. A lost addition only shows in progress.
        self._shared = multiprocessing.RawArray("q", 2)
        self._others, self._tick = jobs - 1, tick
        self._lives = LIVES
        self._executor: ProcessPoolExecutor | None = None
        self._round = _Round()

    @property
    def read(self) -> int:
        """Bytes read so far by all processes."""
        return int(self._shared[READ])

    def stop(self) -> None:
        """Ends the reading: what runs gives what it has, what waits is not begun."""
        self._shared[STOP] = 1

    def tell(self, count: int) -> bool:
        """Takes the bytes that this process has just read, and sees to the others; true ends the reading."""
        self._shared[READ] += count
        self._tick()
        self._see_to_others()
        return bool(self._shared[STOP])

    def run(
        self, work: Callable[[bytes], Any], orders: Sequence[bytes], here: Callable[[int], None]
    ) -> Iterator[tuple[int, Any]]:
        """What `work` gives for each order that another process took, with the order's number, as it comes; `here` is
        called with the numbers of those that this one takes itself: the first, which is the largest, among them.

        Work of a killed process is done again; raises EngineFailed where that does not help. After `stop` some may be
        missing.
        """
        now = self._round = _Round(work, orders, deque(range(len(orders))))
        while now.todo or now.running or now.done:
            first = now.todo.popleft() if now.todo else None
            self._see_to_others()
            if first is not None:
                here(first)
            elif now.running and not now.done:
                wait(now.running, timeout=POLL_S, return_when=FIRST_COMPLETED)
            self._tick()
            self._see_to_others()
            yield from now.done
            now.done.clear()

    def _see_to_others(self) -> None:
        """Takes what the other processes have done, and gives them more to do."""
        now = self._round
        now.collect()
        if self._shared[STOP]:
            now.todo.clear()
        while now.todo and len(now.running) < self._others:
            executor = self._executor = self._executor or self._begin()
            with _interrupts_held():
                try:
                    future = executor.submit(now.work, now.orders[now.todo[0]])
                except BrokenProcessPool:
                    self._end_broken()
                    now.collect()
                    continue
            now.running[future] = now.todo.popleft()

    def _begin(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(self._others, _context(), _start, (self._shared,))

    def _end_broken(self) -> None:
        """Raises EngineFailed where it was once too often."""
        if self._executor is not None:
            self._executor.shutdown()
            self._executor = None
        self._lives -= 1
        if not self._lives:
            raise EngineFailed(
                "the processes that read the log were killed again and again: there is no report",
                hint="if memory ran out, use fewer with --jobs; --jobs 1 reads in one process",
            )

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        if error is not None:
            self.stop()
        if self._executor is not None:
            self._executor.shutdown(cancel_futures=True)


@mutable
class _Round:
    """Orders on their way: the numbers of those that wait, those that another process has, and what came of others."""

    work: Callable[[bytes], Any] = bytes
    orders: Sequence[bytes] = ()
    todo: deque[int] = field(default_factory=deque)
    running: dict[Future[Any], int] = field(default_factory=dict)
    done: list[tuple[int, Any]] = field(default_factory=list)

    def collect(self) -> None:
        """Takes what has come; what a killed process had waits again."""
        for future in [future for future in self.running if future.done()]:
            number = self.running.pop(future)
            try:
                self.done.append((number, future.result()))
            except BrokenProcessPool:
                self.todo.append(number)


def _context() -> Any:
    """How processes are begun. As copies of this one where that is safe: they are there at once, with all imports.

    A copy of a process with threads may hang (fsspec has one), and so may any copy on a Mac.
    """
    if sys.platform == "linux" and threading.active_count() == 1:
        return multiprocessing.get_context("fork")
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    return context


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


def _fold(order: bytes) -> list[Any]:
    def tell(count: int) -> bool:
        _shared[READ] += count
        return bool(_shared[STOP])

    return worker.state(worker.outcome(order, tell))
