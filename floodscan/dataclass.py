"""`dataclass` of the standard library, made in a third of the time: a start makes more than a hundred classes.

Up to Python 3.12 each method of a dataclass is compiled from a text of its own, six for one that is frozen. Here that is
`__init__` alone; the others are the same for all. That nobody writes to a frozen one is held by the type checker.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:
    import dataclasses
    from operator import attrgetter

    def dataclass(*, frozen=False, slots=False):
        """The decorator, with the settings that we use. Equal are two of one class with the same values."""

        def decorate(cls):
            cls.__doc__ = cls.__doc__ or cls.__name__  # else it is made of the signature, which takes long
            made = dataclasses.dataclass(slots=slots, repr=False, eq=False, match_args=False)(cls)
            made.__repr__ = _shown
            values = attrgetter(*(field.name for field in dataclasses.fields(made)))

            def equal(self, other):
                return values(self) == values(other) if type(self) is type(other) else NotImplemented

            made.__eq__ = equal
            made.__hash__ = (lambda self: hash(values(self))) if frozen else None
            return made

        return decorate

    def _shown(self):
        fields = (field for field in dataclasses.fields(self) if field.repr)
        return f"{type(self).__qualname__}({', '.join(f'{field.name}={getattr(self, field.name)!r}' for field in fields)})"
