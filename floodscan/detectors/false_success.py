"""A handshake that succeeds, and fails moments later: the retry counter resets and the loop never slows down."""

from __future__ import annotations

from collections.abc import Iterator

from floodscan.detectors.case import Case, Draft, Said, Step


def detect(case: Case) -> Iterator[Draft]:
    for loop in case.loops:
        mark = loop.ending.success
        if loop.ending.outcome != "false-success" or mark is None:
            continue
        member = loop.member(mark.signature.id)
        after = -member.lag if member else 0
        name, failure = mark.signature.text, loop.anchor.signature.text
        yield Draft(
            rule="false-success", cause="false-success", role="sustaining", confidence="likely",
            title=f"Every attempt reports success before it fails: `{name}`",
            summary=f"`{name}` is logged in each of the {loop.iterations} iterations, {after:.0f} ms before `{failure}`. "
            "A client that resets its backoff on the handshake starts again at its shortest delay for ever.",
            signatures=[mark.signature.id, loop.anchor.signature.id], loops=[loop],
            speaks_for=[
                case.quote(mark, f"`{name}` stands in {mark.count} attempts, of which none lasted"),
                Said(f"`{failure}` follows {after:.0f} ms later", loop.anchor.signature.id, loop.anchor.opening, loop.iterations),
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
