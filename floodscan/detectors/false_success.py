"""A handshake that succeeds, and fails moments later: the retry counter resets and the loop never slows down."""

from __future__ import annotations

from collections.abc import Iterator

from floodscan.averages import mean
from floodscan.detectors.case import Case, Draft, Said, Step
from floodscan.loops.loop import FoundLoop
from floodscan.profile.signature_profile import SignatureProfile


def detect(case: Case) -> Iterator[Draft]:
    for loop in case.loops:
        mark = loop.ending.success
        if loop.ending.outcome != "false-success" or mark is None:
            continue
        after = _uptime(loop, mark)
        name, failure = mark.signature.text, loop.anchor.signature.text
        yield Draft(
            rule="false-success", cause="false-success", role="sustaining", confidence="likely",
            title=f"Every attempt reports success before it fails: `{name}`",
            summary=f"`{name}` is logged in each of the {loop.iterations} iterations, {after} before `{failure}`. "
            "A client that resets its backoff on the handshake starts again at its shortest delay for ever.",
            signatures=[mark.signature.id, loop.anchor.signature.id], loops=[loop],
            speaks_for=[
                case.quote(mark, f"`{name}` stands in {mark.count} attempts, of which none lasted"),
                Said(f"`{failure}` follows {after} later", loop.anchor.signature.id, loop.anchor.opening, loop.iterations),
            ],
            probe="Compare the client's delay before its second and its tenth attempt: equal delays mean that it resets.",
            remedy=[
                Step("prove-session", "fix", "Reset the backoff only once the session has proved itself: after a minimum "
                     f"uptime, or the first data that depends on what fails now, not on `{name}`."),
                Step("late-success", "fix", f"Do not report `{name}` before what the session needs has worked once."),
            ],
            weight=loop.lines,
            references=("https://github.com/pipecat-ai/pipecat/issues/3824",),
        )  # fmt: skip


def _uptime(loop: FoundLoop, mark: SignatureProfile) -> str:
    """How long the success lasts; on a clock of whole seconds the mean over the attempts."""
    member, link = loop.member(mark.signature.id), loop.links.to.get(mark.signature.id)
    if loop.by_time and member is not None:
        return f"{-member.lag:.0f} ms"
    return f"about {-mean(link.lags) / 1000:.1f} s" if link is not None and link.lags else "moments"
