"""A process that starts, fails, and is started again: start-up banner, fatal, start-up banner."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from floodscan.averages import median
from floodscan.detectors.case import Case, Crash, Draft, Failure, Said, Step, deepest
from floodscan.durations import duration
from floodscan.profile.scene import SceneEvent
from floodscan.profile.signature_profile import SignatureProfile
from floodscan.rules.starts import start_in

LIVES = 3
"""Starts that must end in the failure: two are a crash and a fluke (recorded crash loops have 6 and 8)."""
SHARE = 0.9
"""Share of the runs that must end so: developers' restarts, of which one in many fails, are none."""
TAIL = 3
"""Lines that may follow the last failure of a run. A service that goes on without what it misses wrote ten more in a
recorded log of eight rollouts; one that ends writes none, or its supervisor's word."""
LONGEST = 100
"""Lines from start to failure: a process that has served so much is restarted, but not while it starts."""
WAITS = ("dependency", "network", "infrastructure", "capacity")
"""Layers whose failures may pass, so that waiting for them beats ending."""


def find_crashes(case: Case) -> list[Crash]:
    """What is started again and again, at most one finding for each failure that ends the runs."""
    found: dict[str, Crash] = {}
    for banner in case.signatures.values():
        start = start_in(banner.opening.message) if banner.opening and banner.count >= LIVES else None
        crash = _judge(case, banner, begins=start.begins) if start is not None else None
        if crash is not None:
            known = found.get(crash.failure.id)
            if known is None or (crash.begins, crash.starts, crash.banner.signature.id) > (
                known.begins, known.starts, known.banner.signature.id,
            ):  # fmt: skip
                found[crash.failure.id] = crash
    return [found[name] for name in sorted(found)]


def _judge(case: Case, banner: SignatureProfile, *, begins: bool) -> Crash | None:
    runs = _runs(case, banner.signature.id)
    ended = [failures for run in runs if (failures := _ending(case, run)) is not None]
    if len(ended) < LIVES or len(ended) < SHARE * len(runs):
        return None
    often = Counter(name for failures in ended for name in set(failures))
    ranked = sorted(often.items(), key=lambda one: (-one[1], one[0]))
    always = [case.failures[name] for name, n in ranked if n >= SHARE * len(runs)]
    if not always:
        return None
    order = sorted((f.id for f in always), key=lambda name: ended[0].index(name) if name in ended[0] else len(always))
    return Crash(banner, deepest(always, order), always, len(runs), len(ended), begins)


def _runs(case: Case, banner: str) -> list[list[tuple[str, SceneEvent]]]:
    """What stands between one start and the next, in the order of the lines, where that is known without a gap."""
    runs: list[list[tuple[str, SceneEvent]]] = []
    open_in: int | None = None
    for name, event, stretch in sorted(case.scenes.events, key=lambda one: one[1].position):
        if name == banner:
            if open_in != stretch or runs[-1]:  # several banners in a row are one start that listens in several places
                runs.append([])
            open_in = stretch
        elif open_in == stretch:
            runs[-1].append((name, event))
        else:
            open_in = None
    return runs


def _ending(case: Case, run: Sequence[tuple[str, SceneEvent]]) -> list[str] | None:
    """The failures that the run ends with, by more than a level of warn; None where it goes on after them."""
    at = [i for i, (name, event) in enumerate(run) if event.failure and _hard(case.failures.get(name))]
    if not at or len(run) - 1 - at[-1] > TAIL or at[0] > LONGEST:
        return None
    return [run[i][0] for i in at]


def _hard(failure: Failure | None) -> bool:
    """Whether it may end a process: no warning, and no answer to a request."""
    return failure is not None and failure.profile.hard > 0 and not failure.only_status


def detect(case: Case) -> Iterator[Draft]:
    for crash in case.crashes:
        yield _draft(case, crash)


def _draft(case: Case, crash: Crash) -> Draft:
    failure, banner = crash.failure, crash.banner
    times = sorted(event.time for name, event, _ in case.scenes.events if name == banner.signature.id and event.time)
    gaps = [later - earlier for earlier, later in pairwise(times) if later > earlier]
    apart = f", {duration(round(median(gaps)))} apart in the median" if len(gaps) >= LIVES - 1 else ""
    may_pass = failure.layer in WAITS
    steps = [
        Step("slow-restarts", "stop", "Hold the rollout, or give the supervisor a growing delay between starts (pm2: "
             "exp_backoff_restart_delay; systemd: RestartSec with RestartSteps; docker and Kubernetes grow theirs)."),
        Step("mend-what-ends-it", "fix", f"Mend what ends each run: `{failure.name}`. What a run logs after it is fall-out."),
    ]  # fmt: skip
    if may_pass:
        steps.append(Step("wait-inside", "fix", "Let the process wait for what it needs, with a backoff and a readiness probe "
                          "that fails meanwhile, in place of ending: a start costs more than an attempt."))  # fmt: skip
    steps.append(Step("alert-on-restarts", "watch", "Count restarts, and alert from the third within ten minutes."))
    return Draft(
        rule="restart-loop", cause="startup-crash", role="sustaining", confidence="likely",
        title=f"The process is started again and again: {crash.ended} of {crash.starts} runs end in `{failure.name}`",
        summary=f"`{banner.signature.text}` tells of a start{apart}; each run fails before it has served much, and something "
        "starts it again.",
        signatures=[failure.id, *(f.id for f in crash.failures if f is not failure), banner.signature.id],
        loops=[loop for loop in case.loops if loop.anchor.signature.id in {f.id for f in crash.failures}],
        speaks_for=[
            case.quote(banner, f"`{banner.signature.text}` is printed by a process that starts", crash.starts),
            *(case.quote(f.profile, f"`{f.name}` stands at the end of {crash.ended} runs") for f in crash.failures[:3]),
            Said(f"at most {TAIL} lines follow it before the next start"),
        ],
        probe="Read one run from its first line to its last, and what the supervisor says of its exit (`kubectl describe pod`, "
        "`systemctl status`, `docker inspect`).",
        remedy=steps,
        references=(
            "https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#container-restarts",
            "https://pm2.keymetrics.io/docs/usage/restart-strategies/",
        ),
    )  # fmt: skip
