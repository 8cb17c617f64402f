"""The plainest evaluator of the sum: one process, one source after the other. What it gives, every other must give."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from floodscan.engines.pieces import Evaluation, Outcome, Piece, evaluation, fold_piece
from floodscan.profile.fold import ALWAYS, Window
from floodscan.read.sources import Source


def evaluate(
    sources: Sequence[Source],
    *,
    utc_offset_ms: int = 0,
    window: Window = ALWAYS,
    on_progress: Callable[[int], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> Evaluation:
    """The profile of all sources. `on_progress` is told the bytes read so far; `stop` ends the reading when true."""
    out = Outcome()
    pieces = (Piece(number, source) for number, source in enumerate(sources))
    fold_all(pieces, out, utc_offset_ms=utc_offset_ms, window=window, on_progress=on_progress, stop=stop)
    return evaluation(out, sources)


def fold_all(
    pieces: Iterable[Piece],
    out: Outcome,
    *,
    utc_offset_ms: int,
    window: Window,
    on_progress: Callable[[int], None] | None,
    stop: Callable[[], bool] | None,
    read: int = 0,
) -> None:
    """Adds pieces to `out`, one after the other in this process, until one is ended. `read`: bytes read before."""

    def tell(count: int) -> bool:
        nonlocal read
        read += count
        if on_progress is not None:
            on_progress(read)
        return stop is not None and stop()

    for piece in pieces:
        if out.ended:
            return
        fold_piece(piece, out, utc_offset_ms=utc_offset_ms, window=window, tell=tell)
