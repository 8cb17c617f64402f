"""Patterns that are compiled late are those that `re.compile` gives, and none of ours is a bad one."""

from __future__ import annotations

import gc
import pkgutil
import re
from importlib import import_module

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import floodscan
from floodscan.regex import Late, Sought, Used, regex

for module in pkgutil.walk_packages(floodscan.__path__, "floodscan."):
    if not module.name.endswith(("__main__", "_kernel", "dask")):
        import_module(module.name)
NEEDY = sorted(
    (found for found in gc.get_objects() if isinstance(found, Sought | Used) and "needs" in vars(found)),
    key=lambda found: vars(found)["source"],
)


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
    bad = {}
    for pattern in [found for found in gc.get_objects() if type(found) in (Late, Sought)]:
        try:
            re.compile(pattern.source, pattern.options)
        except re.error as error:
            bad[pattern.source] = str(error)
    assert bad == {}


def test_a_pattern_that_needs_a_literal_is_not_compiled_before_one_stands_in_a_text() -> None:
    needy = regex(r"\b(?:dial|lookup) (\S+)", needs=("dial ", "lookup "))
    assert needy.search("connect to db") is None and needy.match("") is None and list(needy.finditer("dialled")) == []
    assert type(needy) is Sought
    found = needy.search("could not dial db:5432")
    assert found and found[1] == "db:5432" and type(needy) is Used
    assert needy.match("lookup db") and needy.fullmatch("nothing") is None


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_what_a_pattern_matches_has_a_literal_that_it_needs(data: st.DataObject) -> None:
    needy = data.draw(st.sampled_from(NEEDY))
    text = data.draw(st.from_regex(re.compile(needy.source, needy.options)))
    found = re.search(needy.source, text, needy.options)
    assert found is not None
    assert any(literal in text[found.start() : found.end() + 20] for literal in needy.needs)
