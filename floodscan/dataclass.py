"""The standard library's dataclasses with slots, made in a tenth of the time: a start makes more than a hundred classes.

There each method of a class is compiled from a text of its own, six for a frozen one. Here that is `__init__` alone; the
others are the same for all. To the type checker they are the standard library's, and `dataclasses.fields`, `replace` and
the like take them as such.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
    from dataclasses import field as field
    from dataclasses import replace as replace
else:
    import dataclasses
    from dataclasses import MISSING, Field
    from operator import attrgetter

    field = dataclasses.field

    def dataclass(*, slots, frozen=False):
        """The decorator, for classes without a base: equal are two of one class with the same values."""
        assert slots
        return _frozen if frozen else _open

    def replace(value, /, **changes):
        """A copy of a value with some of its fields changed."""
        for name in value.__slots__:
            if name not in changes:
                changes[name] = getattr(value, name)
        return value.__class__(**changes)

    def _frozen(cls):
        return _made(cls, frozen=True)

    def _open(cls):
        return _made(cls, frozen=False)

    def _made(cls, *, frozen):
        inside = dict(cls.__dict__)
        names = tuple(cls.__annotations__)
        given, heads, lines = {"set_": object.__setattr__, "MISSING": MISSING}, ["self"], []
        for name in names:
            head = value = name
            default = inside.pop(name, MISSING)
            if isinstance(default, Field):
                if default.default_factory is not MISSING:
                    given[f"made_{name}"] = default.default_factory
                    head, value = f"{name}=MISSING", f"made_{name}() if {name} is MISSING else {name}"
                default = default.default
            if default is not MISSING:
                given[f"given_{name}"] = default
                head = f"{name}=given_{name}"
            heads.append(head)
            lines.append(f"set_(self,{name!r},{value})" if frozen else f"self.{name}={value}")
        exec(f"def __init__({','.join(heads)}):\n {';'.join(lines)}", given)
        inside.pop("__dict__", None)
        inside.pop("__weakref__", None)
        values = attrgetter(*names)

        def equal(self, other):
            return values(self) == values(other) if self.__class__ is other.__class__ else NotImplemented

        inside.update(__slots__=names, __init__=given["__init__"], __eq__=equal, __hash__=None, __repr__=_shown)
        inside["__match_args__"] = names
        inside["__dataclass_fields__"] = _Fields(cls)
        if frozen:
            inside["__setattr__"] = inside["__delattr__"] = _refused
            inside["__hash__"] = lambda self: hash(values(self))
        made = type(cls.__name__, (), inside)
        made.__qualname__ = cls.__qualname__
        return made

    def _refused(self, name, *_):
        raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")

    def _shown(self):
        fields = (field for field in dataclasses.fields(self) if field.repr)
        return f"{type(self).__qualname__}({', '.join(f'{field.name}={getattr(self, field.name)!r}' for field in fields)})"

    class _Fields:
        """What the standard library keeps of a dataclass, once it asks for it."""

        def __init__(self, cls):
            self.cls = cls

        def __get__(self, instance, owner):
            if isinstance(self.cls, type):
                self.cls = dataclasses.dataclass(self.cls).__dataclass_fields__
            return self.cls
