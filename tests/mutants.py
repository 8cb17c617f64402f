"""The pytest plugin of mutation.py: collects once, then runs the tests against each mutant in a process of its own.

A process is forked before any test has run, so nothing that the unchanged code has worked out hides a mutant. Each gets
the tests that reach the changed function, those first that noticed mutants of the same module, and ends at the first
that fails. Profiles are folded once where the mutated code has no part in them.
"""

from __future__ import annotations

import functools
import gc
import inspect
import io
import json
import os
import pickle
import signal
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from mutmut.mutation import trampoline

from floodscan import pipeline
from floodscan.engines import Engine
from floodscan.read.sources import Source, find_sources

SLOWER, LEAST_S = 5, 2.0
"""A test may take this many times its usual time under a mutant, and this many seconds of CPU in any case."""
KILLED, SURVIVED, TIMEOUT, UNTESTED = "killed", "survived", "timeout", "untested"

Key = tuple[tuple[str, bytes | None], ...]
"""What a scan read: the names of its inputs, with the bytes of a pipe."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--mutants", type=Path, help="a JSON file: names of mutants; what became of them goes beside it")
    parser.addoption("--profiles", action="store_true", help="fold each log once")


def pytest_runtestloop(session: pytest.Session) -> bool:
    path: Path = session.config.getoption("--mutants")
    profiles = Profiles() if session.config.getoption("--profiles") else None
    wanted: list[str] = json.loads(path.read_text())
    found = _in_child(lambda: _survey(session.items, profiles))
    if not isinstance(found, tuple):
        sys.exit(f"the tests do not pass unchanged: {found}")
    seconds, reached, read = found
    if profiles is not None:
        profiles.warm(read)
    gc.collect()
    gc.freeze()  # or each process would copy what it collects
    places = _unwrap()
    noticed: dict[str, Counter[int]] = defaultdict(Counter)
    results: dict[str, list[str]] = {}
    for n, name in enumerate(wanted, 1):
        module, function = name.rpartition(".")[0], name.rpartition("__mutmut_")[0]
        order = sorted((i for i in range(len(session.items)) if function in reached[i]), key=lambda i: seconds[i])
        order.sort(key=lambda i: _worth(i, noticed[function], noticed[module], noticed[""]) / (0.05 + seconds[i]), reverse=True)  # noqa: B023
        began = time.monotonic()
        told: Any = _in_child(lambda: _first_failure(session.items, order, seconds, places[function], name)) if order else UNTESTED  # noqa: B023
        by = session.items[told].nodeid if isinstance(told, int) else ""
        if isinstance(told, int):
            for known in (noticed[function], noticed[module], noticed[""]):
                known[told] += 1
        what = KILLED if isinstance(told, int) else told
        results[name] = [what, by]
        print(f"{n}/{len(wanted)} {time.monotonic() - began:.1f} s {what} {name} {by}", file=sys.stderr, flush=True)
        path.with_suffix(".out.json").write_text(json.dumps(results))
    return True


def _worth(test: int, function: Counter[int], module: Counter[int], every: Counter[int]) -> int:
    """How many mutants the test has noticed, those nearest to this one counted most."""
    return 8 * function[test] + 2 * module[test] + every[test]


class Profiles:
    """What `evaluate` gave for the logs that tests scan as they are, without options."""

    def __init__(self) -> None:
        self.known: dict[Key, tuple[Any, list[list[str]]]] = {}
        self.evaluate = pipeline.evaluate
        pipeline.evaluate = self

    def __call__(self, engine: Engine, sources: Sequence[Source], **options: Any) -> Any:
        if engine != Engine() or any(s.remote or s.interrupted for s in sources) or _special(options):
            return self.evaluate(engine, sources, **options)
        key = tuple((str(s.path), None) if s.path else (s.name, _whole(s)) for s in sources)
        if key not in self.known:
            result = self.evaluate(engine, sources, **options)
            self.known[key] = result, [list(s.notes) for s in sources]
        result, notes = self.known[key]
        for source, own in zip(sources, notes, strict=True):
            source.notes[:] = own
        return result

    def warm(self, keys: Sequence[Key]) -> None:
        for key in keys:
            sources = [
                Source(name, stream=io.BytesIO(data)) if data is not None else _path(name) for name, data in key
            ]
            if all(sources):  # rules and patterns are made, too: neither loops nor diagnosis remembers anything
                pipeline.scan([s for s in sources if s], pipeline.ScanOptions())
        lab: Any = sys.modules.get("lab")
        for key in keys:
            for name, data in key:
                if lab is not None and data is None and Path(name).parent == lab.SAMPLES:
                    lab.tags(Path(name))  # nor have these anything to do with the mutated code


def _special(options: dict[str, Any]) -> bool:
    window = options.get("window", pipeline.ALWAYS)
    return bool(options.get("utc_offset_ms") or options.get("stop") or window is not pipeline.ALWAYS)


def _whole(source: Source) -> bytes:
    data = source.stream.read() if source.stream else b""
    source.stream = io.BytesIO(data)
    return data


def _path(name: str) -> Source | None:
    return next(iter(find_sources([name])[0]), None) if Path(name).is_file() else None


def _survey(items: list[pytest.Item], profiles: Profiles | None) -> Any:
    """(seconds of each test, mutated functions it reaches, logs that are read), or the name of a test that fails."""
    reach = Reach()
    os.environ["MUTANT_UNDER_TEST"] = "stats"
    trampoline.record_trampoline_hit = lambda name, caller=None: reach.now.add(name)  # type: ignore[assignment]
    here = str(Path(__file__).parent)
    reach.watch([m for m in sys.modules.values() if (getattr(m, "__file__", None) or "").startswith(here)])
    reached: list[set[str]] = []
    seconds: list[float] = []
    for i, item in enumerate(items):
        reach.now, reach.spared = set(), 0.0
        began = time.process_time()
        if not _passes(item, items[i + 1] if i + 1 < len(items) else None):
            return item.nodeid
        seconds.append(time.process_time() - began + reach.spared)
        reached.append(reach.now)
    return seconds, reached, list(profiles.known) if profiles else []


class Reach:
    """The mutated functions that a test rests on, also where another test had it worked out before."""

    def __init__(self) -> None:
        self.now: set[str] = set()
        self.spared = 0.0
        """Seconds that the test would have taken more by itself."""

    def watch(self, modules: Sequence[Any]) -> None:
        """Puts a watch before each function of these modules that keeps what it gave."""
        watched: dict[Any, Any] = {}
        for module in modules:
            for name, value in list(vars(module).items()):
                if isinstance(value, functools._lru_cache_wrapper):
                    setattr(module, name, watched[value] if value in watched else watched.setdefault(value, self._watched(value)))

    def _watched(self, cache: Any) -> Any:
        known: dict[Any, tuple[Any, set[str], float]] = {}

        def call(*args: Any) -> Any:
            if args in known:
                self.spared += known[args][2]
            else:
                before, self.now, began = self.now, set(), time.process_time()
                known[args] = cache(*args), self.now, time.process_time() - began
                self.now = before
            given, reached, _ = known[args]
            self.now |= reached
            return given

        return call


Place = tuple[Any, str, str]
"""(module or class, attribute, module that defines it) of a function that is mutated."""


def _unwrap() -> dict[str, list[Place]]:
    """Puts the unchanged functions where mutmut's switches stand, which cost more than many of them; where, by name."""
    places: dict[str, list[Place]] = defaultdict(list)
    for module in list(sys.modules.values()):
        classes = [v for v in vars(module).values() if isinstance(v, type) and v.__module__ == module.__name__]
        for owner in (module, *classes):
            for attribute, value in list(vars(owner).items()):
                if inspect.isfunction(value) and value.__code__.co_name == "_trampoline_wrapper":
                    name = f"x_{value.__name__}" if owner is module else f"xǁ{owner.__name__}ǁ{value.__name__}"
                    places[f"{value.__module__}.{name}"].append((owner, attribute, value.__module__))
                    setattr(owner, attribute, inspect.unwrap(value))
    return places


def _first_failure(items: list[pytest.Item], order: list[int], seconds: list[float], places: list[Place], name: str) -> int | str:
    os.environ["MUTANT_UNDER_TEST"] = name
    trampoline.get_mutant_under_test = lambda: name
    for owner, attribute, home in places:
        source = owner if isinstance(owner, type) else sys.modules[home]
        setattr(owner, attribute, vars(source)[name.rpartition(".")[2]])
    for here, then in zip(order, [*order[1:], None], strict=True):
        signal.setitimer(signal.ITIMER_VIRTUAL, max(LEAST_S, SLOWER * seconds[here]))
        if not _passes(items[here], None if then is None else items[then]):
            return here
    return SURVIVED


def _passes(item: pytest.Item, following: pytest.Item | None) -> bool:
    before = item.session.testsfailed
    item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
    return item.session.testsfailed == before


def _in_child(work: Callable[[], Any]) -> Any:
    """What `work` returns in a process of its own; TIMEOUT where a test took too long, KILLED where the process fell."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        silent = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silent, 1)
        os.dup2(silent, 2)
        with os.fdopen(writing, "wb") as pipe:
            pickle.dump(work(), pipe)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        data = pipe.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return TIMEOUT if os.WTERMSIG(status) == signal.SIGVTALRM else KILLED
    return pickle.loads(data) if data else KILLED
