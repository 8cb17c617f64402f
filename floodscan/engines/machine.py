"""What this machine allows: how many cores, and how rarely its memory need be swept."""

from __future__ import annotations

import gc
import math
import os
from pathlib import Path
from typing import Final

GARBAGE: Final = 1_000_000
"""Objects that may pile up before the collector looks for cycles among them: the profile of half a gigabyte is a quarter of
that, comes at once from another process, has no cycles, and took 0.07 s to be looked at."""

ROUNDS: Final = (20, 100)
"""Rounds among the young after which the older are looked at, and then all."""

CGROUPS: Final = Path("/sys/fs/cgroup")


def cores() -> int:
    """How many processes can run at once: the cores, less what affinity or a container's quota forbids."""
    affinity = getattr(os, "sched_getaffinity", None)
    allowed = len(affinity(0)) if affinity is not None else os.cpu_count() or 1
    quota = cgroup_cores()
    return max(1, min(allowed, math.ceil(quota)) if quota else allowed)


def cgroup_cores(root: Path = CGROUPS, own: Path = Path("/proc/self/cgroup")) -> float | None:
    """The cores that a control group (version 2, else 1) grants this process, or None where it sets no bound."""
    groups = [root, root / "cpu"]
    for line in _read(own).splitlines():
        _, controllers, path = (line.split(":", 2) + ["", ""])[:3]
        base = root if not controllers else root / "cpu" if "cpu" in controllers.split(",") else None
        if base is not None:
            inside = base / path.lstrip("/")
            groups += [inside, *(up for up in inside.parents if up.is_relative_to(base))]
    return min((found for group in groups if (found := _quota(group)) is not None), default=None)


def _quota(group: Path) -> float | None:
    numbers = _read(group / "cpu.max").split() or [
        *_read(group / "cpu.cfs_quota_us").split(),
        *_read(group / "cpu.cfs_period_us").split(),
    ]
    if len(numbers) != 2 or not all(number.isdigit() and int(number) for number in numbers):
        return None  # "max 100000" and "-1": no bound
    return int(numbers[0]) / int(numbers[1])


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


def collect_garbage_rarely() -> None:
    """Spares the collector what is imported, which stays, and most of its rounds: records hold no cycles."""
    gc.freeze()
    gc.set_threshold(GARBAGE, *ROUNDS)
