"""A loop as found, and its members: the nouns that the stages of this folder hand on."""

from __future__ import annotations

from typing import Literal

from floodscan.loops.actors import Actors
from floodscan.loops.links import Links
from floodscan.loops.pace import Pace
from floodscan.model import Cadence, Gap, LoopStatus, Outcome
from floodscan.profile.signature_profile import SignatureProfile
from floodscan.value import frozen, mutable

Driver = Literal["actor", "timer", "unknown"]


@mutable
class Member:
    """One signature's part in the iteration."""

    profile: SignatureProfile
    per_iteration: float
    lag: float
    """Milliseconds (lines on a coarse clock) from the anchor; negative before it."""
    lines: int
    bytes: int
    """Of its lines in the loop's time; the same line may be ordinary traffic before and after it."""


@frozen
class Ending:
    """What came after the last failure."""

    outcome: Outcome
    success: SignatureProfile | None = None
    actors_recovered: int = 0
    until_success: int | None = None
    """Failed iterations of the median actor that recovered."""
    tied: bool = False
    """Whether an id of the actors stands on the line of success: else it only took the failure's place."""
    ended_by: SignatureProfile | None = None
    """The line that says the process or its retries ended, where no success did."""


@mutable
class FoundLoop:
    """A loop with the profiles it was found from; the report's `Loop` is made of it."""

    anchor: SignatureProfile
    members: list[Member]
    """In the order of the iteration."""
    links: Links
    """What hangs on the anchor by an attempt's id."""
    iterations: int
    lines: int
    """Of all members, in the loop's time."""
    actors: Actors | None
    driver: Driver
    pace: Pace
    ending: Ending
    lockstep: bool
    status: LoopStatus
    by_time: bool
    """Whether lags are milliseconds; else they are lines."""
    at_once: float = 1.0
    """Failures of the anchor at one moment, told as one attempt."""

    def member(self, signature: str) -> Member | None:
        return next((m for m in self.members if m.profile.signature.id == signature), None)

    @property
    def failing(self) -> list[Member]:
        return [m for m in self.members if m.profile.failure]

    @property
    def cadence(self) -> Cadence:
        return self.pace.cadence

    @property
    def gap(self) -> Gap | None:
        """Of single attempts, where the clock shows them."""
        return self.pace.gap if self.pace.exact else None

    @property
    def several(self) -> int | None:
        """Failures that most attempts have at one moment, if more than one."""
        return round(self.at_once) if round(self.at_once) > 1 else None
