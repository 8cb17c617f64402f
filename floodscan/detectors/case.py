"""What a detector is given, and what it gives: `detect(case) -> Iterator[Draft]`.

A detector knows what codes can't tell. It reads the profile and the loops, and drafts findings; texts in a draft may
hold the private tags of `redact`, which diagnosis numbers and makes safe when it builds the report.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import TYPE_CHECKING, Literal

from floodscan.loops.links import Links, Scenes
from floodscan.loops.loop import FoundLoop
from floodscan.model import Confidence, Role
from floodscan.profile.profile import Profile
from floodscan.profile.signature_profile import ExampleLine, SignatureProfile
from floodscan.rules.match import Catalogue, Hit
from floodscan.rules.schedules import schedule_of
from floodscan.rules.view import FailureView
from floodscan.value import frozen, mutable

if TYPE_CHECKING:
    from floodscan.code.sites import Code

NAMED_GAPS = 4
"""Gaps of one driver that must fit a client's schedule to name it (three of 1, 2 and 4 s fit any doubling)."""
NAMED_DRIVERS = 12
"""Drivers, the busiest first, of which most must fit."""
Kind = Literal["stop", "fix", "watch"]


@mutable
class Failure:
    """A failure signature with what the rules say of it."""

    profile: SignatureProfile
    view: FailureView
    hit: Hit | None
    dependency: str | None
    address: str | None
    family: str
    """The decoder that read it."""

    @property
    def id(self) -> str:
        return self.profile.signature.id

    @property
    def cause(self) -> str:
        return self.hit.rule.cause if self.hit else "unclassified"

    @property
    def layer(self) -> str:
        return self.hit.rule.layer if self.hit else "-"

    @property
    def known(self) -> bool:
        """Whether a rule knows it by more than a fallback."""
        return self.hit is not None and not self.hit.fallback

    @property
    def opaque(self) -> bool:
        """Whether it says nothing that names a cause: `{}`, or a code that only the application knows."""
        opacity = self.profile.signature.opacity
        return opacity in ("empty", "placeholder") or (opacity == "half-empty" and not self.known)

    @property
    def only_status(self) -> bool:
        """Whether it has a failing status and no error: an answer, or the close of a socket."""
        signature = self.profile.signature
        return signature.status is not None and not (signature.type or signature.code or signature.opacity)

    @property
    def name(self) -> str:
        return self.profile.signature.text


LAYERS = (
    "deploy", "config", "code", "dependency", "network", "infrastructure", "capacity", "data", "auth", "client",
    "logging", "noise", "-",
)  # fmt: skip
"""Of two failures of one attempt, the one whose layer stands first is nearer the root."""


def deepest(failures: Sequence[Failure], order: Sequence[str] = ()) -> Failure:
    """Of failures tied to each other: the one that a rule knows best, of the lowest layer, the earliest in `order`."""
    return min(
        failures,
        key=lambda f: (
            not f.known,
            f.hit is None,
            LAYERS.index(f.layer),
            f.dependency is None,
            order.index(f.id) if f.id in order else len(order),
            -f.profile.count,
            f.id,
        ),
    )


@frozen
class Expected:
    """A failure that its own attempt gets over: how often, of how many, and what shows it."""

    failure: Failure
    success: SignatureProfile
    """The line that shows the attempt went on."""
    followed: int
    cases: int
    contrast: int
    """Attempts with this failure that succeeded in the end."""


@frozen
class Crash:
    """A process that is started again and again."""

    banner: SignatureProfile
    """The line by which a start is known."""
    failure: Failure
    """Of `failures` the one nearest to the root."""
    failures: Sequence[Failure]
    """What nearly every run ends with."""
    starts: int
    ended: int
    """Runs that end so, of `starts`."""
    begins: bool
    """Whether the banner stands before the application's own lines."""


@mutable
class Said:
    """A sentence of evidence, with the signature it is about and an example line."""

    text: str
    signature: str | None = None
    at: ExampleLine | None = None
    count: int | None = None


@mutable
class Step:
    """A step of a remedy. `saves`: lines of this log it would have saved, where that can be counted."""

    id: str
    kind: Kind
    text: str
    saves: int | None = None


@mutable
class Seen:
    """An independent observer: a signature, the component that logged it, and what it says."""

    signature: str
    component: str | None
    text: str


@mutable
class Draft:
    """A finding before it is ranked, numbered and made safe."""

    rule: str
    cause: str
    role: Role
    confidence: Confidence
    title: str
    summary: str
    signatures: list[str]
    loops: list[FoundLoop] = field(default_factory=list)
    speaks_for: list[Said] = field(default_factory=list)
    against: list[Said] = field(default_factory=list)
    probe: str = ""
    components: list[str] = field(default_factory=list)
    remedy: list[Step] = field(default_factory=list)
    observers: list[Seen] = field(default_factory=list)
    references: tuple[str, ...] = ()
    weight: int | None = None
    """Lines it is about, where that is not all lines of its signatures."""
    mild: bool = False
    """For client errors in ordinary traffic and the like: never above `info`."""


@mutable
class Case:
    """All that is known of a log when findings are drafted."""

    profile: Profile
    signatures: Mapping[str, SignatureProfile]
    """By the ids that the roll-up gives."""
    scenes: Scenes
    loops: Sequence[FoundLoop]
    failures: Mapping[str, Failure]
    catalogue: Catalogue
    expected: dict[str, Expected] = field(default_factory=dict)
    """By signature id: the failures that are expected branches."""
    crashes: Sequence[Crash] = ()
    code: Code | None = None
    """The source that the messages come from, where it is at hand."""

    @property
    def family(self) -> str:
        """The decoder that read most of the log."""
        formats = self.profile.formats
        return max(formats, key=lambda name: (formats[name], name), default="")

    def links_of(self, signature: str) -> Links:
        """What hangs on the signature's events by an attempt's id."""
        return self.scenes.links(signature)

    def loops_of(self, signature: str) -> list[FoundLoop]:
        return [loop for loop in self.loops if loop.member(signature) is not None]

    def schedule_of(self, loop: FoundLoop) -> str | None:
        """The name of the known client whose pauses most drivers of the loop make.

        Pauses that grow without chance are none that a client draws at random.
        """
        if not loop.pace.exact or not loop.pace.runs:
            return None
        resolution = self.profile.resolution_ms or 1
        runs = loop.pace.runs[:NAMED_DRIVERS]
        found = Counter(schedule_of(run, resolution) if len(run) >= NAMED_GAPS else None for run in runs)
        schedule, drivers = found.most_common(1)[0]
        if schedule is None or drivers * 2 <= len(runs) or (schedule.drawn and loop.cadence == "exponential"):
            return None
        return schedule.name

    def issuers(self) -> list[tuple[str, str | None]]:
        """(issuer, algorithm) of the tokens in the log, each once."""
        facts = [t for s in self.signatures.values() for t in s.tokens.values() if t.issuer]
        return sorted({(t.issuer, t.alg) for t in facts if t.issuer is not None}, key=str)

    def quote(self, profile: SignatureProfile, text: str | None = None, count: int | None = None) -> Said:
        """Evidence that is a line of the log; its own message where `text` is left out."""
        said = text if text is not None else f"`{profile.signature.text}`"
        return Said(said, profile.signature.id, profile.opening, profile.count if count is None else count)
