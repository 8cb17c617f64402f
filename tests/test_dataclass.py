"""Our dataclasses are the standard library's in all that is used of them."""

from __future__ import annotations

import copy
import dataclasses
from dataclasses import FrozenInstanceError
from typing import Any

import pytest

from floodscan import dataclass as ours


def classes(made: Any, field: Any) -> tuple[Any, Any]:
    """A frozen class and one that is not, as `made` decorates them."""

    @made(frozen=True, slots=True)
    class Value:
        """What it is."""

        name: str
        hidden: str = field(repr=False)
        count: int = 0
        told: tuple[int, ...] = field(default=(1,))

        @property
        def twice(self) -> int:
            return self.count * 2

    @made(slots=True)
    class State:
        name: str
        seen: list[int] = field(default_factory=list)

    return Value, State


OURS = classes(ours.dataclass, ours.field)
THEIRS = classes(dataclasses.dataclass, dataclasses.field)


@pytest.mark.parametrize(("value", "state"), [OURS, THEIRS], ids=["ours", "the standard library's"])
def test_a_dataclass_of_ours_is_one_of_the_standard_library(value: Any, state: Any) -> None:
    one = value("a", "b", told=(3,))
    assert (one.name, one.hidden, one.count, one.told, one.twice) == ("a", "b", 0, (3,), 0)
    assert one == value("a", "b", 0, (3,)) != value("a", "b") and hash(one) == hash(value("a", "b", 0, (3,)))
    assert repr(one).endswith("Value(name='a', count=0, told=(3,))") and value.__doc__ == "What it is."
    assert [(f.name, f.default) for f in dataclasses.fields(one)][2:] == [("count", 0), ("told", (1,))]
    assert dataclasses.replace(one, count=2) == ours.replace(one, count=2) == value("a", "b", 2, (3,))
    assert dataclasses.astuple(one) == ("a", "b", 0, (3,)) and dataclasses.is_dataclass(value)
    with pytest.raises(FrozenInstanceError):
        one.count = 3
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'hidden'"):
        value("a")

    first, second = state("x"), state("x")
    first.seen.append(1)
    assert second.seen == [] and first != second and first == state("x", [1]) and copy.copy(first) == first
    with pytest.raises(TypeError, match="unhashable"):
        hash(first)
    with pytest.raises(AttributeError):
        first.other = 1
    assert one != first and one != ("a", "b", 0, (3,))
