"""What sync reasons about, as plain values. Quantities are sellable whole pieces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Truth = Literal["store", "backend"]
Managed = Literal["yes", "no", "parent", "unknown"]
Direction = Literal["in", "out"]  # in: backend to store; out: store to backend


@dataclass(frozen=True)
class Item:
    """One product or variation of the store. `parent` is 0 for a product.

    `quantity` is None when the store gives none, or when it was not read.
    """

    sku: str
    id: int
    parent: int = 0
    quantity: int | None = None
    managed: Managed = "yes"


@dataclass(frozen=True)
class Level:
    """What the backend says of one SKU. `ref` is its own id of the thing.

    `quantity` is what may be sold (None: it keeps no stock of it here), never below zero; `reserve` is what
    it holds besides for its own orders and adds to every number that is sent to it.
    """

    sku: str
    ref: str = ""
    quantity: int | None = None
    reserve: int = 0
    note: str = ""


@dataclass(frozen=True)
class Policy:
    """What the merchant chose.

    pull, push      which directions there are at all
    truth           whose number wins where the two sides have never agreed; None: neither is touched
    add             where both sides changed, both changes count (else the backend's number is taken as it is)
    manage          stock management may be switched on for a product that has it off
    vanish_limit    the share of known SKUs that may disappear, or sell out, at one look
    """

    pull: bool = True
    push: bool = True
    truth: Truth | None = None
    add: bool = True
    manage: bool = False
    vanish_limit: float = 0.5


@dataclass(frozen=True)
class View:
    """All that is known at one moment.

    `base` is what the backend was last known to have, SKU by SKU: the number it was sent, or the number that
    was taken from it. `whole_shelf` and `whole_backend` say that a side was read to its end, so that what is
    missing there is truly missing. `pushing`: this run may write to the backend.
    """

    items: Mapping[str, tuple[Item, ...]] = field(default_factory=dict)
    levels: Mapping[str, tuple[Level, ...]] = field(default_factory=dict)
    base: Mapping[str, int] = field(default_factory=dict)
    policy: Policy = Policy()
    pushing: bool = False
    whole_shelf: bool = False
    whole_backend: bool = False


@dataclass(frozen=True)
class Apply:
    """Write to the store. `known` is the backend's number; `change` is what to add to the stock that the store
    has when it is written, None to write `known` itself."""

    sku: str
    item: int
    parent: int
    ref: str
    known: int
    reserve: int = 0
    change: int | None = None


@dataclass(frozen=True)
class Push:
    """Write to the backend: `quantity` may be sold."""

    sku: str
    item: int
    parent: int
    ref: str
    quantity: int
    reserve: int = 0


@dataclass(frozen=True)
class Remember:
    """Nothing to write; the backend has `known`."""

    sku: str
    item: int
    parent: int
    ref: str
    known: int
    reserve: int = 0


@dataclass(frozen=True)
class Ignore:
    """This SKU cannot be synced in this direction, for this reason."""

    sku: str
    direction: Direction
    reason: str


@dataclass(frozen=True)
class Halt:
    """What was seen cannot be true: do nothing at all."""

    reason: str


Action = Apply | Push | Remember | Ignore | Halt


@dataclass(frozen=True)
class Heard:
    """One row of a webhook: a hint that this SKU may have changed."""

    sku: str
    ref: str
    quantity: int
    reserve: int = 0
