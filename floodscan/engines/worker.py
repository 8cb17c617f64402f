"""What a worker does, wherever it runs: bytes in, bytes out. An engine carries them and needs to know nothing else.

    fold(order) -> part      add(part, part, ...) -> part      count(order) -> lines

Both kinds of bytes name the version of floodscan that made them, and another version refuses them: counts of two
versions may mean two things. Between processes of one run a `state` goes instead of a part.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable
from dataclasses import astuple
from pathlib import Path
from typing import Any

from floodscan import __version__
from floodscan.decode import Facts
from floodscan.engines.pieces import Outcome, Piece, Tell, count_newlines, fold_piece
from floodscan.errors import FloodscanError, UnreadableInput
from floodscan.profile.codec import LAYOUT, from_bytes, profile_of, state_of, to_bytes
from floodscan.profile.fold import ALWAYS, Window
from floodscan.profile.profile import Profile
from floodscan.read.remote import Remote
from floodscan.read.sources import Source

HEADER = b"floodscan-order %d %s\n" % (LAYOUT, __version__.encode())


class IncompatibleWorker(FloodscanError):
    """An order of another version of floodscan."""


def incompatible(worker: str, command: str) -> IncompatibleWorker:
    """The error for two versions that may not share the work."""
    return IncompatibleWorker(
        f"a worker runs floodscan {worker}, the command is floodscan {command}",
        hint="run one version of floodscan on every worker",
    )


def order(pieces: Iterable[Piece], *, utc_offset_ms: int = 0, window: Window = ALWAYS) -> bytes:
    """The order to fold (or count) some pieces. Deflated: a log of calls must not show the secrets of a URL."""
    bounds = None if window is ALWAYS else astuple(window)
    state = [utc_offset_ms, bounds, [_piece_state(piece) for piece in pieces]]
    return HEADER + zlib.compress(json.dumps(state, separators=(",", ":")).encode("ascii"), 1)


def fold(order: bytes) -> bytes:
    """The part that an order asks for. Raises IncompatibleWorker."""
    return pack(outcome(order))


def outcome(order: bytes, tell: Tell | None = None) -> Outcome:
    """What an order asks for, before it is packed. Raises IncompatibleWorker."""
    utc_offset_ms, window, pieces = _read(order)
    out = Outcome()
    for piece in pieces:
        if out.ended:
            break
        fold_piece(piece, out, utc_offset_ms=utc_offset_ms, window=window, tell=tell)
    return out


def count(order: bytes) -> int | None:
    """The newlines of the one range that an order names, None where it can't be read. Raises IncompatibleWorker."""
    _, _, (piece,) = _read(order)
    return count_newlines(piece)


def add(*parts: bytes) -> bytes:
    """The sum of parts, whatever their order. Raises IncompatibleProfile."""
    out = unpack(parts[0])
    for part in parts[1:]:
        out.merge(unpack(part))
    return pack(out)


def pack(out: Outcome) -> bytes:
    """A line of JSON, then the bytes of the two profiles. Equal outcomes give equal bytes."""
    profile = to_bytes(out.profile)
    befell = json.dumps([_befell(out), len(profile)], separators=(",", ":"))
    return befell.encode("ascii") + b"\n" + profile + to_bytes(out.dateless)


def unpack(part: bytes) -> Outcome:
    """The outcome that `pack` packed. Raises IncompatibleProfile where another version did."""
    head, _, profiles = part.partition(b"\n")
    befell, size = json.loads(head)
    return _outcome(from_bytes(profiles[:size]), from_bytes(profiles[size:]), befell)


def state(out: Outcome) -> list[Any]:
    """An outcome as plain values, for a process of this run alone: in half the time of `pack`, and naming no version."""
    return [state_of(out.profile), state_of(out.dateless), _befell(out)]


def of_state(state: list[Any]) -> Outcome:
    """The outcome whose state it is."""
    profile, dateless, befell = state
    return _outcome(profile_of(profile), profile_of(dateless), befell)


def _befell(out: Outcome) -> list[Any]:
    unreadable = [[number, e.name, e.reason, e.hint] for number, e in sorted(out.unreadable.items())]
    return [sorted(out.notes), unreadable, sorted(out.empty), out.ended, sorted(out.clocks.items())]


def _outcome(profile: Profile, dateless: Profile, befell: list[Any]) -> Outcome:
    notes, unreadable, empty, ended, clocks = befell
    out = Outcome(profile, dateless, dict(clocks), ended=ended)
    out.notes = {(number, note) for number, note in notes}
    out.unreadable = {number: UnreadableInput(name, why, hint=hint) for number, name, why, hint in unreadable}
    out.empty = set(empty)
    return out


def _read(order: bytes) -> tuple[int, Window, list[Piece]]:
    header, _, body = order.partition(b"\n")
    if header + b"\n" != HEADER:
        theirs = header.rpartition(b" ")[2].decode("ascii", "replace")
        raise incompatible(__version__, theirs)
    utc_offset_ms, bounds, pieces = json.loads(zlib.decompress(body))
    return utc_offset_ms, ALWAYS if bounds is None else Window(*bounds), [_piece_of(piece) for piece in pieces]


def _piece_state(piece: Piece) -> list[Any]:
    source, remote = piece.source, piece.source.remote
    path = None if source.path is None else str(source.path.absolute())
    where = [source.name, source.size, path, None if remote is None else [remote.url, remote.ranges]]
    facts = None if piece.facts is None else astuple(piece.facts)
    return [piece.number, where, piece.start, piece.end, piece.first_line, facts]


def _piece_of(state: list[Any]) -> Piece:
    number, (name, size, path, remote), start, end, first_line, facts = state
    source = Source(
        name,
        size,
        path=None if path is None else Path(path),
        remote=None if remote is None else Remote(*remote),
    )
    known = None if facts is None else Facts(tuple(facts[0]), *facts[1:])
    return Piece(number, source, start, end, first_line, known)
