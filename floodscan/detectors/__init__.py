"""What codes can't tell: one detector a file. Each yields findings from the profile and the loops.

Every module here with a function `detect` is one; there is no list to add it to. `case` holds the contract.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterator
from importlib import import_module

from floodscan.detectors.case import Case, Draft


def detectors() -> list[Callable[[Case], Iterator[Draft]]]:
    """The detectors, by their names."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    modules = [import_module(f"{__name__}.{name}") for name in names]
    return [module.detect for module in modules if hasattr(module, "detect")]
