"""Roles: which failure is the root cause, which a symptom, which only a hypothesis.

The hard rule: what an opaque failure is not tied to by an attempt's id, a stack or an error text is at most a possible
cause of it. A user, a process or a host in common ties nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from floodscan.detectors.case import Case, Draft, Failure, Said, Seen, Step, deepest
from floodscan.detectors.expected_failure import outlived, passed
from floodscan.diagnose.aftermath import as_aftermath
from floodscan.diagnose.failures import QUOTED, TEXT, clusters, explains, overlap, tied
from floodscan.diagnose.folding import folded
from floodscan.diagnose.remedies import facts_for, remedy_for
from floodscan.diagnose.wording import short
from floodscan.loops.loop import FoundLoop
from floodscan.model import Confidence, Role
from floodscan.redact import clip
from floodscan.rules.dependency import looks_like_dependency
from floodscan.rules.rule import fill

SAID = 160
"""Characters of an error's text in a sentence."""
BY_TEXT = (TEXT, QUOTED)
"""Ties that no id makes."""
AROUND_MS = 10_000
"""A failure this close to a loop's time may have to do with it."""
NEAR = 0.5
"""Share of a failure's lines that must fall into a loop's time for it to be a hypothesis."""


def draft_causes(case: Case) -> Iterator[Draft]:
    """Root causes, hypotheses, and observations of ordinary client errors."""
    told: set[str] = set(case.expected)
    for loop in case.loops:
        if any(m.profile.signature.id in told and m.profile is loop.anchor for m in loop.members):
            continue
        yield from _of_loop(case, loop, told)
    rest = [f for f in case.failures.values() if f.id not in told]
    drafts = [draft for cluster in clusters(case, rest) for draft in _of_cluster(case, cluster)]
    yield from folded(case, drafts)


def _of_loop(case: Case, loop: FoundLoop, told: set[str]) -> Iterator[Draft]:
    order = [m.profile.signature.id for m in loop.members]
    members = [case.failures[i] for i in order if i in case.failures and i not in case.expected]
    anchor = case.failures.get(loop.anchor.signature.id)
    if anchor is None:
        return
    early = [f for f in members if f.known and outlived(case, f, loop)]
    members = [f for f in members if f not in early]
    explaining = [f for f in members if explains(case, f, anchor)]
    group = explaining + [f for f in members if f not in explaining and _repeats(case, anchor, f)]
    shown = [f for f in explaining if not f.opaque and not (f.only_status and _comes_after(loop, f, group))]
    if shown and not all(f.only_status and not f.known for f in shown):
        root = deepest(shown, order)
        others = early + [f for f in members if f.known and not f.only_status and not _one_failure(case, root, f)]
        group = [f for f in group if f not in others]
        loose = [f for f in members if f not in group and f not in others and not _one_failure(case, root, f)]
        told |= {f.id for f in group}
        draft = _root(case, root, group, loop)
        _corroborate(case, draft, root, loop, told)
        yield draft
        yield from _earlier_steps(case, others, loop, told)
        if root.hit is not None:
            told |= {f.id for f in loose if not f.known}
            return
    else:
        loose = [f for f in members if f not in group]
        told |= {f.id for f in group}
        if anchor.profile.signature.opacity == "half-empty":
            first = min((f for f in group if _same_cause(anchor, f)), key=lambda f: order.index(f.id))
            draft = _root(case, first, group, loop)
            _corroborate(case, draft, first, loop, told)
            yield draft
        elif anchor.only_status:
            yield _bare_status(case, anchor, loop)
        yield from _earlier_steps(case, early, loop, told)
    if anchor.opaque or anchor.only_status:
        yield from _hypotheses(case, anchor, loop, loose, told)


def _repeats(case: Case, anchor: Failure, failure: Failure) -> bool:
    """Whether a line only repeats the anchor's failure: tied to it, and of no other cause that a rule knows."""
    return bool(explains(case, anchor, failure)) and (
        not failure.known or failure.only_status or _same_cause(anchor, failure)
    )


def _one_failure(case: Case, a: Failure, b: Failure) -> bool:
    """Whether two lines log one failure: the same cause, or the text of one in the other."""
    return a is b or _same_cause(a, b) or tied(case, a, b) in BY_TEXT


def _earlier_steps(case: Case, failures: Sequence[Failure], loop: FoundLoop, told: set[str]) -> Iterator[Draft]:
    """Other known failures of the same attempt, which it outlives or which follow from its own: symptoms, once for each cause."""
    order = [member.profile.signature.id for member in loop.members]
    for failure in failures:
        if failure.id in told:
            continue
        same = [f for f in failures if f is failure or _same_cause(failure, f)]
        told |= {f.id for f in same}
        draft = _draft(case, failure, "symptom", "possible")
        draft.signatures, draft.loops = [f.id for f in same], [loop]
        draft.speaks_for = [case.quote(f.profile, _quoted(f)) for f in same]
        anchor = loop.anchor.signature
        if order.index(failure.id) > order.index(anchor.id):
            draft.against = [Said(f"it comes after `{anchor.text}` in the attempt: the same failure once more, or what follows")]
        else:
            draft.against = [Said(f"the attempt goes on after it and fails later, in `{anchor.text}`")]
        draft.remedy = remedy_for(case, failure, "noise")
        yield draft


def _bare_status(case: Case, anchor: Failure, loop: FoundLoop) -> Draft:
    """A loop of which only the answers' status is logged: what is behind it the log does not say."""
    status = anchor.view.status
    return Draft(
        rule="bare-status", cause="unclassified", role="blind-spot", confidence="hidden",
        title=f"`{anchor.name}` answers {status} and no other line of the attempt says why",
        summary="The answer and the words of this line are all that the log has of the failure.",
        signatures=[anchor.id], loops=[loop], speaks_for=[case.quote(anchor.profile, _quoted(anchor))],
        probe=f"Log the reason beside the {status}: the error itself, or the check that refused.",
        remedy=[Step("log-reason", "fix", f"Log why {status} is answered, once for each change of state and not for each request.")],
    )  # fmt: skip


def _comes_after(loop: FoundLoop, failure: Failure, group: Sequence[Failure]) -> bool:
    """Whether a bare status (an answer, a close code) stands behind an error of the same attempt: its consequence."""
    own = loop.member(failure.id)
    return any(
        (m := loop.member(f.id)) is not None and own is not None and m.lag <= own.lag
        for f in group
        if f is not failure and not f.only_status
    )


STARTUP = "startup-crash"
"""The cause that says a process never served."""
SHARED = ("dependency", "network", "infrastructure", "capacity", "auth")
"""Layers in which the same cause means the same fault: one service behind many lines. Two defects are two."""


def _same_cause(a: Failure, b: Failure) -> bool:
    code = a.profile.signature.code
    if a.address and b.address and a.address != b.address:
        return False
    if a.dependency and b.dependency and a.dependency != b.dependency:
        return False
    if code is not None and code == b.profile.signature.code:
        return True
    return a.cause == b.cause and a.layer in SHARED and a.cause != "unclassified"


def _root(case: Case, root: Failure, group: Sequence[Failure], loop: FoundLoop | None) -> Draft:
    """The finding for a failure that names its cause itself, or in a line tied to it."""
    others = [f for f in group if f is not root]
    ties = [t for f in others if (t := tied(case, root, f))]
    named = root.known or root.profile.signature.code is not None
    confidence: Confidence = "proven" if root.hit and any(tie != QUOTED for tie in ties) else "likely" if named else "possible"
    draft = _draft(case, root, "root-cause", confidence)
    draft.signatures = [root.id, *(f.id for f in others)]
    draft.loops = [loop] if loop else []
    draft.speaks_for.append(case.quote(root.profile, _quoted(root)))
    for other in others[:4]:
        tie = tied(case, root, other)
        text = f"`{other.name}` goes with it"
        if tie == QUOTED:
            text = f"also logged as `{other.name}`, which holds the text of the error"
        elif tie == TEXT:
            text = f"`{other.name}` has the same error: they share {tie}"
        elif tie:
            text = f"`{other.name}` is the same failure: they share {tie}"
        draft.speaks_for.append(case.quote(other.profile, text))
    by_id = 1 + sum(tie not in BY_TEXT for tie in ties)
    if by_id > 1 and root.cause == STARTUP:
        draft.confidence = "possible"
        draft.against.append(Said("an attempt's id ties it to other lines: the process had started and was at work"))
    if by_id > 1:
        draft.summary += f" One failure is logged in {by_id} lines."
    elif ties:
        draft.summary += (
            f" {1 + len(ties)} kinds of lines log the same error, and no id ties them: one failure logged again, or several "
            "clients that fail alike."
        )
    return draft


def _hypotheses(
    case: Case, anchor: Failure, loop: FoundLoop, loose: Sequence[Failure], told: set[str]
) -> Iterator[Draft]:
    """What happened in the loop's time and would explain it, but is not tied to the opaque failure."""
    first, last = loop.anchor.first, loop.anchor.last
    near = [f for f in loose if not f.opaque or f.profile.signature.code is not None]
    for failure in case.failures.values():
        if failure in near or failure.id in told or _is_clients(failure) or failure.profile is loop.anchor:
            continue
        if failure.opaque and failure.profile.signature.code is None:
            continue
        if first is None or last is None or overlap(failure.profile, first - AROUND_MS, last + AROUND_MS) < NEAR:
            continue
        near.append(failure)
    causes: dict[str, list[Failure]] = {}
    for failure in sorted(near, key=lambda f: (not f.known, -f.profile.count, f.id)):
        causes.setdefault(_cause_key(failure), []).append(failure)
    known = [key for key in causes if causes[key][0].known]
    beneath = [key for key in causes if key not in known and all(f.opaque for f in causes[key])]
    for key in known or causes:
        group = causes[key]
        seen = group + [f for k in beneath for f in causes[k] if k != key] if len(known) == 1 else group
        draft = _hypothesis(case, anchor, loop, group[0], seen)
        told |= {f.id for f in seen if not _explains_others(case, f, seen, told)}
        yield draft


def _explains_others(case: Case, failure: Failure, group: Sequence[Failure], told: set[str]) -> bool:
    """Whether lines outside the group are tied to the failure: then it is a root cause of those, too."""
    return any(
        other not in group and other.id not in told and not other.opaque and tied(case, failure, other)
        for other in case.failures.values()
    )


def _cause_key(failure: Failure) -> str:
    return failure.cause if failure.known else f"{failure.profile.signature.code or failure.name}"


def _is_clients(failure: Failure) -> bool:
    """A 4xx answer, or what a rule knows to be the client's affair: no hypothesis for a fault of the service."""
    status = failure.view.status
    return failure.layer in ("client", "noise") or (status is not None and 400 <= status < 500 and not failure.known)


def _hypothesis(case: Case, anchor: Failure, loop: FoundLoop, root: Failure, seen: Sequence[Failure]) -> Draft:
    draft = _draft(case, root, "hypothesis", "possible")
    what = root.profile.signature.code or root.name
    draft.title = (
        f"{draft.title}: it may be what `{short(anchor.name)}` hides"
        if root.known
        else (f"{what} may be what `{short(anchor.name)}` hides")
    )
    draft.signatures = [f.id for f in seen]
    draft.loops = [loop]
    first, last = loop.anchor.first, loop.anchor.last
    if first is not None and last is not None and loop.by_time:
        first, last = first + min(0, round(loop.members[0].lag)), last + max(0, round(loop.members[-1].lag))
    for failure in seen:
        share = overlap(failure.profile, first, last) if first is not None and last is not None else 0
        within = round(share * failure.profile.count)
        text = f"{_quoted(failure)}; {within} of {failure.profile.count} in the loop's time"
        draft.speaks_for.append(case.quote(failure.profile, text))
        if loop.member(failure.id) is None or any(
            lp.driver == "timer" and lp.anchor is failure.profile for lp in case.loops
        ):
            component = failure.profile.components.values()
            name = component[0][0] if component else failure.profile.signature.logger
            own = (
                "on a clock of its own" if any(lp.anchor is failure.profile for lp in case.loops) else "beside the loop"
            )
            draft.observers.append(Seen(failure.id, name, f"`{failure.name}` reports it {own}"))
    shared = sum(link.tied for f in seen if (link := case.links_of(anchor.id).to.get(f.id)) is not None)
    if shared:
        of = case.links_of(anchor.id).anchors
        text = f"only {shared} of {of} lines of `{anchor.name}` share an attempt, request or trace id with it"
    else:
        text = f"no line of it shares an attempt, request or trace id, a stack or an error text with `{anchor.name}`"
    draft.against.append(Said(text))
    coded = next((f for f in seen if f.profile.signature.opacity == "half-empty"), None)
    if anchor.profile.signature.opacity == "empty" and coded is not None:
        code = coded.profile.signature.code
        draft.against.append(
            case.quote(
                coded.profile,
                f"an error with a code of its own keeps it under any key, as `{coded.name}` shows ({code}); "
                f"`{anchor.name}` prints {{}}, so what it caught had none",
            )
        )
    draft.probe = (
        f"Print the error of `{anchor.name}` once (see the blind spot): if it names {what}, this is the cause; "
        "if not, it is another fault at the same time."
    )
    return draft


def _corroborate(case: Case, draft: Draft, root: Failure, loop: FoundLoop, told: set[str]) -> None:
    """Adds the other lines that report the same, with what is tied to them; a clock of its own counts as a witness."""
    for failure in list(case.failures.values()):
        if failure.id in told or failure.id in draft.signatures or not _one_failure(case, root, failure):
            continue
        loops = [lp for lp in case.loops if lp.anchor is failure.profile and lp not in draft.loops]
        draft.loops += [] if failure.opaque else loops
        own = next((lp for lp in loops if lp.driver == "timer" and lp.pace.exact), None)
        component = failure.profile.components.values()
        name = component[0][0] if component else failure.profile.signature.logger
        draft.observers.append(Seen(failure.id, name, f"`{failure.name}` reports the same"))
        clock = " on a clock of its own" if own else ""
        draft.speaks_for.append(case.quote(failure.profile, f"`{failure.name}` reports the same{clock}"))
        if draft.confidence in ("likely", "possible") and own:
            draft.confidence = "corroborated"
        ours = [f for f in case.failures.values() if f.id not in told and tied(case, failure, f) and not f.known]
        for line in [failure, *ours]:
            told.add(line.id)
            if line.id not in draft.signatures:
                draft.signatures.append(line.id)


def _of_cluster(case: Case, cluster: Sequence[Failure]) -> Iterator[Draft]:
    """A failure outside loops: a root cause where it says what it is, an observation where it is the client's affair."""
    shown = [f for f in cluster if not f.opaque]
    shown = [f for f in shown if not f.only_status] or shown
    if len(shown) < len(cluster):
        shown = [f for f in shown if not passed(case, f)]
    if not shown:
        return
    root = _innermost(case, deepest(shown), shown)
    draft = _root(case, root, cluster, None)
    quiet = all(f.profile.level < 3 for f in cluster)
    refused = not root.known and any(_is_clients(f) for f in shown)
    if (refused or _is_clients(root)) and not case.loops_of(root.id):
        draft.role, draft.mild = "observation", quiet or root.layer == "noise"
        draft.remedy = remedy_for(case, root, "observation")
        if not root.known:
            status = root.view.status or next(f.view.status for f in shown if _is_clients(f))
            draft.title = f"Requests answered with {status}"
            draft.summary = "Answers of 4xx to ordinary traffic are the client's affair; nobody retries them here."
            draft.probe = ""
    elif len(cluster) == 1:
        as_aftermath(case, root, draft)
    yield draft


def _innermost(case: Case, root: Failure, shown: Sequence[Failure]) -> Failure:
    """The error whose text stands in the root's own, where it is known by the same rule: what wraps it tells no more."""

    def kind(f: Failure) -> tuple[str | None, str | None]:
        return (f.hit.rule.id if f.hit else None, f.dependency)

    inner = [f for f in shown if f is not root and kind(f) == kind(root) and explains(case, f, root) in BY_TEXT]
    return min([root, *inner], key=lambda f: min(map(len, f.view.error_messages), default=SAID))


def _draft(case: Case, root: Failure, role: Role, confidence: Confidence) -> Draft:
    facts = facts_for(case, root)
    signature = root.profile.signature
    if root.hit is not None:
        rule = root.hit.rule
        title, summary = fill(rule.title, facts), fill(rule.summary, facts)
        probe, rule_id, references = fill(rule.probe, facts), rule.id, rule.references
    else:
        code = signature.code
        said = short(root.name)
        name = f"{code}: `{said}`" if code else f"`{said}`"
        text = next(iter(root.view.error_messages), None)
        if root.only_status:
            name = f"Answers with {root.view.status}:"
            name = f"{name} `{said}`"
        title = f"{name} fails" if not text or text in root.name else f"`{said}` fails: {_short(text)}"
        summary = "No rule knows this failure; it is named by what the log says of it."
        if looks_like_dependency(code):
            summary = f"{code} is the application's own name for a failing dependency; what lies beneath is not shown."
        probe = f"Look for what `{root.name}` calls, and log the error beneath it with its message and stack."
        rule_id, references = "unclassified", ()
    return Draft(
        rule=rule_id, cause=root.cause, role=role, confidence=confidence, title=title, summary=summary,
        signatures=[root.id], probe=probe, references=references, remedy=remedy_for(case, root, role),
        components=sorted({name for name, _ in root.profile.components.values()}),
    )  # fmt: skip


def _quoted(failure: Failure) -> str:
    signature = failure.profile.signature
    facts = [x for x in (signature.type, signature.code, str(failure.view.status or "") or None) if x]
    text = next(iter(failure.view.error_messages), None)
    said = f": {_short(text)}" if text and text not in failure.name else ""
    return f"`{failure.name}` ({', '.join(facts)}){said}" if facts else f"`{failure.name}`{said}"


def _short(text: str) -> str:
    return clip(text.strip().split("\n", 1)[0], SAID)
