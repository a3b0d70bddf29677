"""The orders and customers that StockBurst has read from its stores. The store itself takes stock off for an order:
here an order only says whose stock has moved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from typing import Any

from ..kernel import Emulation, Table, dataclass

DELETED = "deleted"


@dataclass(frozen=True)
class Order:
    """`lines` are pieces by SKU, or by "#" and the product's number; `items` are the products whose stock it moves:
    [product, variation or 0]."""

    integration: str
    id: int
    number: str
    status: str
    currency: str = ""
    total: str = ""
    lines: dict[str, int] = field(default_factory=dict)
    items: list[list[int]] = field(default_factory=list)
    name: str = ""
    email: str = ""
    phone: str = ""


ORDERS = Table(Order, "stockburst_orders", key=("integration", "id"), columns=("number", "status"))


@dataclass(frozen=True)
class Customer:
    integration: str
    id: int
    email: str
    name: str = ""
    phone: str = ""


CUSTOMERS = Table(Customer, "stockburst_customers", key=("integration", "id"), columns=("email",))


# -- rules


def order_from(integration: str, row: Mapping[str, Any]) -> Order:
    """An order as the store's API answers it."""
    billing = row.get("billing") or {}
    lines: dict[str, int] = {}
    items: list[list[int]] = []
    for line in row.get("line_items") or ():
        name = str(line.get("sku") or "") or f"#{line.get('variation_id') or line.get('product_id')}"
        lines[name] = lines.get(name, 0) + int(line.get("quantity") or 0)
        if line.get("product_id"):
            items.append([int(line["product_id"]), int(line.get("variation_id") or 0)])
    return Order(
        integration,
        int(row["id"]),
        str(row.get("number") or row["id"]),
        str(row.get("status") or ""),
        str(row.get("currency") or ""),
        str(row.get("total") or ""),
        lines,
        items,
        " ".join(filter(None, (str(billing.get("first_name") or ""), str(billing.get("last_name") or "")))),
        str(billing.get("email") or ""),
        str(billing.get("phone") or ""),
    )


def customer_from(integration: str, row: Mapping[str, Any]) -> Customer:
    billing = row.get("billing") or {}
    names = (str(row.get("first_name") or ""), str(row.get("last_name") or ""))
    return Customer(
        integration,
        int(row["id"]),
        str(row.get("email") or billing.get("email") or ""),
        " ".join(filter(None, names)),
        str(billing.get("phone") or ""),
    )


def touched(old: Order | None, new: Order) -> list[list[int]]:
    """The products whose stock may have moved between these two looks at an order, each once."""
    if old is not None and (old.status, old.lines) == (new.status, new.lines):
        return []
    both = [*(old.items if old else ()), *new.items]
    return [list(one) for one in dict.fromkeys(map(tuple, both))]


# -- in the store


def take(here: Emulation, integration: str, row: Mapping[str, Any]) -> list[list[int]]:
    """Keep an order; the products to look at because of it."""
    new = order_from(integration, row)
    old = here.store[Order].get((integration, new.id))
    here.store[Order].put(new)
    return touched(old, new)


def lost(here: Emulation, integration: str, order: int) -> list[list[int]]:
    """The store has this order no more."""
    old = here.store[Order].get((integration, order))
    if old is None or old.status == DELETED:
        return []
    here.store[Order].put(replace(old, status=DELETED))
    return old.items


def take_customer(here: Emulation, integration: str, row: Mapping[str, Any]) -> None:
    here.store[Customer].put(customer_from(integration, row))


def lose_customer(here: Emulation, integration: str, customer: int) -> None:
    """Deleted in the store: no reason to keep personal data of them."""
    here.store[Customer].delete((integration, customer))
