"""Patterns that are compiled late are those that `re.compile` gives, and none of ours is a bad one."""

from __future__ import annotations

import gc
import pkgutil
import re
from importlib import import_module

import pytest

import floodscan
from floodscan.regex import Late, regex


def test_a_pattern_is_compiled_when_it_is_first_used() -> None:
    late = regex(r"(?P<user>\w+) failed", re.IGNORECASE)
    assert type(late) is Late
    found = late.search("login: Ada FAILED twice")
    assert found and found["user"] == "Ada"
    assert type(late) is not Late and late.sub("-", "Ada failed") == "-" and late.groups == 1
    assert regex(rb"\d+").findall(b"7 of 9") == [b"7", b"9"]


def test_a_bad_pattern_is_told_of_when_it_is_used() -> None:
    bad = regex("(")
    with pytest.raises(re.error):
        bad.search("x")


def test_every_pattern_of_the_package_can_be_compiled() -> None:
    for module in pkgutil.walk_packages(floodscan.__path__, "floodscan."):
        if not module.name.endswith(("__main__", "_kernel", "dask")):
            import_module(module.name)
    bad = {}
    for pattern in [found for found in gc.get_objects() if type(found) is Late]:
        try:
            re.compile(pattern.source, pattern.options)
        except re.error as error:
            bad[pattern.source] = str(error)
    assert bad == {}
