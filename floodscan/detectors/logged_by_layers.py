"""One failure logged by several layers: where it is thrown, where it is caught, where it is answered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import pairwise

from floodscan.detectors.case import Case, Draft, Failure, Said, Step

LEAST = 20
"""Records too many from which it is worth a finding."""
COST = 0.05
"""Share of the log's records that they must be (recorded: 8 to 19 % in the storms, 1 % where traffic flows beside one)."""
TOGETHER = 0.9
"""Share of either line's events that must stand right beside the other."""
TIED = 0.8
"""Share of either line's events that an attempt's id must join to the other."""
NEAR_MS = 100
"""The time that one failure takes through the layers: as `loops` has it for a burst."""

Beside = Mapping[tuple[str, str], int]


def detect(case: Case) -> Iterator[Draft]:
    """A finding for each failure that several signatures log, if it costs the log enough."""
    beside, seen = _neighbours(case)
    groups: list[list[Failure]] = []
    for (one, other), times in sorted(beside.items()):
        if times < TOGETHER * max(seen[one], seen[other]) or not _one(case.failures[one], case.failures[other]):
            continue
        group = next((g for g in groups if g[-1].id == one), None)
        if group is None:
            groups.append([case.failures[one], case.failures[other]])
        elif other not in {f.id for f in group}:
            group.append(case.failures[other])
    for group in groups:
        extra = sum(f.profile.lines for f in group) - max(f.profile.lines for f in group)
        records = sum(f.profile.count for f in group) - max(f.profile.count for f in group)
        if min(f.profile.count for f in group) >= LEAST and records >= max(LEAST, COST * case.profile.records):
            yield _draft(case, group, extra)


def _neighbours(case: Case) -> tuple[Beside, Mapping[str, int]]:
    """How often one failure's line stands right before another's, and how often each is seen at all."""
    near = max(NEAR_MS, case.profile.resolution_ms or 0)
    beside: Counter[tuple[str, str]] = Counter()
    seen = Counter(name for name, _, _ in case.scenes.events)
    worth = {name for name in seen if _worth(case, name)}
    lines = sorted(case.scenes.events, key=lambda event: event[1].position)
    for (one, a, stretch), (other, b, same) in pairwise(lines):
        if one != other and stretch == same and one in worth and other in worth:
            beside[one, other] += abs(b.time - a.time) <= near if a.time and b.time else True
    return beside, seen


def _worth(case: Case, name: str) -> bool:
    """Whether it is a failure with an error: no expected branch, whose own finding counts its lines, and no bare answer."""
    failure = case.failures.get(name)
    return (
        failure is not None and name not in case.expected and not failure.only_status and failure.profile.count >= LEAST
    )


def _one(a: Failure, b: Failure) -> bool:
    """Whether two lines that stand together say the same: a code, a cause, a text, or both nothing."""
    if a.profile.signature.code is not None and a.profile.signature.code == b.profile.signature.code:
        return True
    if a.known and b.known:
        return a.cause == b.cause
    if a.opaque and b.opaque:
        return a.profile.signature.opacity == b.profile.signature.opacity
    return not set(a.view.error_messages).isdisjoint(b.view.error_messages)


def _one_attempt(case: Case, group: list[Failure]) -> bool:
    """Whether an attempt's id joins each line to the next: else several clients that fail alike look the same."""
    return all(max(case.links_of(a.id).tied(b.id), case.links_of(b.id).tied(a.id)) >= TIED for a, b in pairwise(group))


def _draft(case: Case, group: list[Failure], extra: int) -> Draft:
    names, layers = ", ".join(f"`{f.name}`" for f in group), len(group)
    kept = group[-1]
    beside = f"at least {100 * TOGETHER:.0f} % of them stand right beside each other, at most {NEAR_MS} ms apart"
    draft = Draft(
        rule="logged-by-layers", cause="duplicate-logging", role="observation", confidence="likely",
        title=f"One failure is logged by {layers} layers: {extra} lines that say nothing new",
        summary=f"{names} stand together each time. Counts of failures hold each of them {layers} times.",
        signatures=[f.id for f in group], loops=case.loops_of(group[0].id),
        speaks_for=[*(case.quote(f.profile) for f in group[:4]), Said(beside)],
        probe="Follow one of them through the code: the layer that throws logs it, and the one that catches logs it again.",
        remedy=[
            Step("log-once", "fix", f"Log it once, where it is dealt with (`{kept.name}`), with the whole error; where it is only "
                 "passed on, throw it on with `cause` and log nothing.", extra),
        ],
        weight=extra,
    )  # fmt: skip
    return draft if _one_attempt(case, group) else _unsure(draft, names, layers)


def _unsure(draft: Draft, names: str, layers: int) -> Draft:
    """The same where nothing but their place joins the lines: no count of what is too much, and nothing to delete yet."""
    return replace(
        draft, confidence="possible", weight=None,
        title=f"{layers} lines stand together each time: one failure logged by {layers} layers, or several clients that fail alike",
        summary=f"If one failure writes {names}, counts of failures hold it {layers} times. If "
        "several clients fail alike, each line is a failure of its own.",
        against=[Said("no attempt's id ties them to each other")],
        probe="Count the clients (connections, pools) that the process makes: with one, the lines are one failure.",
        remedy=[
            Step("name-client", "fix", "Name the client on each line (a connection's name, a request's id), so that one failure "
                 "logged again and two that fail alike can be told apart; log once what is one failure."),
        ],
    )  # fmt: skip
