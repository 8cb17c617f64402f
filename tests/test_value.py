"""What the decorators of `floodscan.value` make: dataclasses, but for who sees that no field is assigned to (mypy)."""

from __future__ import annotations

import copy
import dataclasses
import pickle

import pytest

from floodscan.model import Clock, Record, Signature
from floodscan.read.remote import Remote
from floodscan.value import frozen, mutable

REFUSED = Signature("0a1b2c3d4e5f", "connect <addr> refused", ("connect", "refused"), code="ECONNREFUSED")


def test_values_with_the_same_fields_are_equal_and_found_by_each_other() -> None:
    same = dataclasses.replace(REFUSED)
    assert same is not REFUSED and same == REFUSED and {REFUSED: 1}[same] == 1
    assert dataclasses.replace(REFUSED, code="ETIMEDOUT") != REFUSED


def test_values_of_two_classes_are_never_equal() -> None:
    @frozen
    class Other:
        resolution_ms: int
        dated: bool

    assert Clock(1, True) != Other(1, True)
    assert Clock(1, True) != (1, True)


def test_what_may_change_is_equal_by_its_fields_and_no_key() -> None:
    assert Record("pino", "{}", "m") == Record("pino", "{}", "m") != Record("pino", "{}", "n")
    with pytest.raises(TypeError, match="unhashable"):
        hash(Record("pino", "{}", "m"))


def test_a_value_is_printed_with_its_fields_but_for_those_kept_from_it() -> None:
    assert repr(Clock(1000, True)) == "Clock(resolution_ms=1000, dated=True)"
    (url,) = (field for field in dataclasses.fields(Remote) if field.name == "url")
    assert not url.repr, "an address may hold a password"

    @mutable
    class Login:
        name: str
        password: str = dataclasses.field(repr=False)

    assert "hunter2" not in repr(Login("eve", "hunter2"))


@pytest.mark.parametrize("value", [REFUSED, Clock(1000, False), Record("pino", "{}", "m", ids=(("userId", "7"),))])
def test_a_value_comes_back_from_a_copy_and_from_another_process(value: object) -> None:
    assert copy.copy(value) == copy.deepcopy(value) == pickle.loads(pickle.dumps(value)) == value


def test_a_value_has_room_for_its_fields_alone() -> None:
    assert not hasattr(REFUSED, "__dict__")
    with pytest.raises(AttributeError):
        REFUSED.colour = "red"  # type: ignore[attr-defined]
