"""A profile as bytes and back, to travel between workers: equal profiles give equal bytes, however they were made.

A line of ASCII (magic, layout, version of floodscan), then JSON, deflated. JSON, since it holds integers of any size and
lone surrogates, which logs do hold, and can run nothing.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import astuple
from typing import Any

from floodscan import __version__
from floodscan.errors import FloodscanError
from floodscan.model import Signature
from floodscan.profile.caps import Caps
from floodscan.profile.profile import SUMS, Profile
from floodscan.profile.sample import Bottom
from floodscan.profile.scene import Choice, Scene, SceneEvent
from floodscan.profile.signature_profile import SignatureProfile
from floodscan.profile.timeline import Timeline

MAGIC = b"floodscan-profile"
LAYOUT = 7
"""Counts the layouts of what follows the first line."""
_FASTEST = 1
"""Level of compression: the higher ones gain a tenth and cost three times as much."""


class IncompatibleProfile(FloodscanError):
    """Bytes that are no profile of this version: counts of two versions may mean two things and are never added."""


def to_bytes(profile: Profile) -> bytes:
    """The whole profile, caps included. Scenes that nothing chooses any more are swept first."""
    text = json.dumps(state_of(profile), separators=(",", ":"), check_circular=False)
    return _header() + zlib.compress(text.encode("ascii"), _FASTEST)


def state_of(profile: Profile) -> list[Any]:
    """What `to_bytes` packs: lists of numbers, texts, truths and None."""
    profile.sweep()
    table, place = _signatures(profile)
    return [
        astuple(profile.caps),
        [getattr(profile, name) for name in SUMS],
        [profile.first, profile.last, profile.outside, profile.step],
        sorted(profile.skipped.items()),
        sorted(profile.formats.items()),
        profile.times.state(),
        profile.failure_times.state(),
        [astuple(signature) for signature in table],
        [found.state(place[id(found.signature)]) for _, found in sorted(profile.signatures.items())],
        profile.choices.state(Choice.state),
        [[key, _scene_state(profile.scenes[key], place)] for key in sorted(profile.scenes)],
    ]


def from_bytes(data: bytes) -> Profile:
    """The profile that `to_bytes` packed. Raises IncompatibleProfile where another version did, or it is damaged."""
    header, _, body = data.partition(b"\n")
    if header + b"\n" != _header():
        raise _refused(header)
    try:
        return profile_of(json.loads(zlib.decompress(body)))
    except (zlib.error, ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise IncompatibleProfile("a profile is damaged", hint="make it again from its log") from error


def _header() -> bytes:
    return b"%s %d %s\n" % (MAGIC, LAYOUT, __version__.encode())


def _refused(header: bytes) -> IncompatibleProfile:
    magic, *version = header[:100].split(b" ")
    if magic != MAGIC or len(version) != 2:
        return IncompatibleProfile("this is not a profile of floodscan")
    layout, theirs = (part.decode("ascii", "replace") for part in version)
    return IncompatibleProfile(
        f"a profile of floodscan {theirs} (layout {layout}) cannot be read by floodscan {__version__} (layout {LAYOUT})",
        hint="run one version of floodscan on every worker",
    )


def profile_of(state: list[Any]) -> Profile:
    """The profile whose `state_of` this is."""
    caps, sums, plain, skipped, formats, times, failure_times, signatures, found, choices, scenes = state
    out = Profile(Caps(*caps))
    for name, value in zip(SUMS, sums, strict=True):
        setattr(out, name, value)
    out.first, out.last, outside, step = plain
    out.outside = None if outside is None else (outside[0], outside[1])
    out.move(step)
    out.skipped, out.formats = dict(skipped), dict(formats)
    out.times = Timeline.of(times, out.caps.buckets)
    out.failure_times = Timeline.of(failure_times, out.caps.buckets)
    table = [Signature(id_, text, tuple(words), *rest) for id_, text, words, *rest in signatures]
    for one in found:
        profile = SignatureProfile.of(one, table, out.kept)
        out.signatures[profile.signature.id] = profile
    out.choices = Bottom.of(choices, out.caps.scene_classes, Choice.of)
    out.scenes = {(source, block): _scene_of(scene, table) for (source, block), scene in scenes}
    return out


def _signatures(profile: Profile) -> tuple[list[Signature], dict[int, int]]:
    """Every signature that the profile names, each once: those of a scene may be finer, or have another text. And where
    each stands, by `id`: thousands of events share one, and to hash it for each took half as long as all the rest."""
    named = {id(found.signature): found.signature for found in profile.signatures.values()}
    for scene in profile.scenes.values():
        named.update([(id(event.signature), event.signature) for event in scene])
    table = sorted(set(named.values()), key=lambda s: (s.id, s.text, s.structured))
    place = {signature: at for at, signature in enumerate(table)}
    return table, {key: place[signature] for key, signature in named.items()}


def _scene_state(scene: Scene, place: dict[int, int]) -> list[Any]:
    """A scene by columns, which deflate to half of what its rows do."""
    return [
        [event.time for event in scene],
        [event.position for event in scene],
        [place[id(event.signature)] for event in scene],
        [int(event.failure) for event in scene],
        [event.ids for event in scene],
        [event.text for event in scene],
    ]


def _scene_of(state: list[Any], signatures: list[Signature]) -> Scene:
    return tuple(
        SceneEvent(time, position, signatures[signature], bool(failure), tuple(ids), text)
        for time, position, signature, failure, ids, text in zip(*state, strict=True)
    )
