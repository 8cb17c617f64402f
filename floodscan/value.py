"""Classes of values that a start can afford: there are over a hundred, and what dataclass generates for each is compiled."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, TypeVar, dataclass_transform

Class = TypeVar("Class")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(cls: type[Class]) -> type[Class]:
    """A dataclass with slots, hashed by its fields; that none is assigned to is held by mypy alone."""
    made = mutable(cls)
    made.__hash__ = _hash  # type: ignore[method-assign]
    return made


@dataclass_transform(field_specifiers=(field,))
def mutable(cls: type[Class]) -> type[Class]:
    """A dataclass with slots, equal by its fields and printed with them: how is written here once, for all classes."""
    cls.__doc__ = cls.__doc__ or cls.__qualname__  # else dataclass makes one of the signature, at twice its own price
    made: Any = dataclass(slots=True, eq=False, repr=False)(cls)
    made.__eq__, made.__hash__, made.__repr__ = _equal, None, _shown
    return made  # type: ignore[no-any-return]


def _values(value: Any) -> tuple[object, ...]:
    return tuple([getattr(value, name) for name in value.__match_args__])


def _equal(self: object, other: object) -> bool:
    return _values(self) == _values(other) if other.__class__ is self.__class__ else NotImplemented


def _hash(self: object) -> int:
    return hash(_values(self))


def _shown(self: Any) -> str:
    shown = ", ".join(f"{one.name}={getattr(self, one.name)!r}" for one in fields(self) if one.repr)
    return f"{type(self).__qualname__}({shown})"
