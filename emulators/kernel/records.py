"""Records: frozen dataclasses, as every kind of thing that a world keeps is."""

from __future__ import annotations

import dataclasses
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar

R = TypeVar("R")


def replace(record: R, /, **changes: Any) -> R:
    """`dataclasses.replace`, which sets one field after another, by the slow way round that a frozen record has. Here
    they are copied together, in a tenth of the time: a product changes eight times before it is kept."""
    kept, known = record.__dict__, record.__dataclass_fields__  # type: ignore[attr-defined]
    made = object.__new__(type(record))
    fields = made.__dict__
    fields |= kept
    fields |= changes
    if len(fields) != len(known) or len(kept) != len(known) or hasattr(record, "__post_init__"):
        return dataclasses.replace(record, **changes)  # type: ignore[type-var]
    return made


if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:

    def dataclass(cls: type | None = None, /, *, frozen: bool = False) -> Any:
        """Python's own, made in a third of the time: it writes six functions for a class and compiles them one by one,
        which for two hundred classes was a fifth of what a sandbox needs to start. Here classes share all of them but
        `__init__`. For what is made at each request Python's own is better: its `__init__` is the faster one."""

        def made(cls: type) -> type:
            cls.__doc__ = cls.__doc__ or cls.__name__  # else Python would write one, from the signature
            dataclasses.dataclass(repr=False, eq=False)(cls)
            compared = [f.name for f in dataclasses.fields(cls) if f.compare]
            cls._compared = attrgetter(*compared or ("__class__",))
            shared = {"__repr__": _shown, "__eq__": _equal, "__hash__": None}
            if frozen:
                shared |= {"__hash__": _hash, "__setattr__": _set_once, "__delattr__": _refuse}
            for name, function in shared.items():
                if name not in cls.__dict__:
                    setattr(cls, name, function)
            return cls

        return made if cls is None else made(cls)


def _shown(record: Any) -> str:
    fields = (f"{f.name}={getattr(record, f.name)!r}" for f in dataclasses.fields(record) if f.repr)
    return f"{type(record).__qualname__}({', '.join(fields)})"


def _equal(record: Any, other: Any) -> Any:
    if other.__class__ is not record.__class__:
        return NotImplemented
    return record._compared(record) == record._compared(other)


def _hash(record: Any) -> int:
    return hash(record._compared(record))


def _set_once(record: Any, name: str, value: Any) -> None:
    """By `__init__`."""
    kept = record.__dict__
    if name in kept or name not in record.__dataclass_fields__:
        raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")
    kept[name] = value


def _refuse(record: Any, name: str) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")
