"""Records: frozen dataclasses, as every kind of thing that a world keeps is."""

from __future__ import annotations

import dataclasses
from typing import Any, TypeVar

R = TypeVar("R")


def replace(record: R, /, **changes: Any) -> R:
    """`dataclasses.replace`, which sets one field after another, by the slow way round that a frozen record has. Here
    they are copied together, in a tenth of the time: a product changes eight times before it is kept."""
    kept, known = record.__dict__, record.__dataclass_fields__  # type: ignore[attr-defined]
    if len(kept) != len(known) or not changes.keys() <= known.keys() or hasattr(record, "__post_init__"):
        return dataclasses.replace(record, **changes)  # type: ignore[type-var]
    made = object.__new__(type(record))
    made.__dict__.update(kept)
    made.__dict__.update(changes)
    return made
