"""What Golisto has sold: each sale becomes one order in the store, and is shipped, cancelled and paid out there.

Source: Golisto Connector plugin page (orders are created and updated; shipment, tracking and payout are attached).
Assumed: the names of the order's metadata, the statuses, and that a sale is found again by `_golisto_order_id`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any

from ..kernel import Emulation, LabError, Lifecycle, Table, dataclass
from .sites import number

ORDER_ID = "_golisto_order_id"
BUYER_REF = "_golisto_buyer_ref"


class SaleStatus(Enum):
    SOLD = "sold"
    SHIPPED = "shipped"
    CANCELLED = "cancelled"


SALE = Lifecycle(
    {
        (SaleStatus.SOLD, "ship"): SaleStatus.SHIPPED,
        (SaleStatus.SOLD, "cancel"): SaleStatus.CANCELLED,
        (SaleStatus.SHIPPED, "ship"): SaleStatus.SHIPPED,  # another parcel number
    }
)
IN_STORE = {SaleStatus.SOLD: "processing", SaleStatus.SHIPPED: "completed", SaleStatus.CANCELLED: "cancelled"}


@dataclass(frozen=True)
class Line:
    """Units: `price` of one piece, in the store's currency."""

    product: int
    variation: int
    sku: str
    quantity: int
    price: str


@dataclass(frozen=True)
class Sale:
    """One sale. `order` is the number of the store's order, 0 before there is one; `told` is false while the store has
    yet to hear of something; `trouble` is why it could not be told."""

    id: str
    site: str
    at: datetime
    lines: Annotated[list[dict[str, Any]], list[Line]]
    buyer_ref: str
    buyer: dict[str, str]
    currency: str
    status: SaleStatus = SaleStatus.SOLD
    order: int = 0
    told: bool = False
    shipment: dict[str, str] = field(default_factory=dict)
    payout: dict[str, str] = field(default_factory=dict)
    trouble: str = ""

    def all_lines(self) -> list[Line]:
        return [Line(**line) for line in self.lines]

    @property
    def total(self) -> Decimal:
        return sum((Decimal(line.price or "0") * line.quantity for line in self.all_lines()), Decimal(0))


SALES = Table(Sale, "golisto_sales", columns=("site",))


# -- rules: what the store is told


def metadata(sale: Sale) -> list[dict[str, str]]:
    """All that the order is to carry, under the names that the plugin shows."""
    named = {
        ORDER_ID: sale.id,
        BUYER_REF: sale.buyer_ref,
        "_golisto_shipment_id": sale.shipment.get("id", ""),
        "_golisto_carrier": sale.shipment.get("carrier", ""),
        "_golisto_tracking_number": sale.shipment.get("tracking_number", ""),
        "_golisto_tracking_url": sale.shipment.get("tracking_url", ""),
        "_golisto_payout_id": sale.payout.get("id", ""),
        "_golisto_payout_status": sale.payout.get("status", ""),
        "_golisto_payout_amount": sale.payout.get("amount", ""),
    }
    return [{"key": key, "value": value} for key, value in named.items() if value]


def new_order(sale: Sale) -> dict[str, Any]:
    """The body that creates the order: paid, so that the store takes the pieces from its stock, once."""
    return {
        "set_paid": True,
        "payment_method": "golisto",
        "payment_method_title": "Golisto",
        "currency": sale.currency,
        "billing": sale.buyer,
        "shipping": {name: value for name, value in sale.buyer.items() if name != "email"},
        "line_items": [_line(line) for line in sale.all_lines()],
        "meta_data": metadata(sale),
    }


def _line(line: Line) -> dict[str, Any]:
    amount = f"{Decimal(line.price or '0') * line.quantity:.2f}"
    where = {"product_id": line.product, **({"variation_id": line.variation} if line.variation else {})}
    return {**where, "quantity": line.quantity, "subtotal": amount, "total": amount}


def changed_order(sale: Sale, status_now: str) -> dict[str, Any]:
    """The body that brings the order to how the sale stands. A status that the order has already is not set again, and
    one that the merchant has gone beyond is left alone."""
    wanted = IN_STORE[sale.status]
    moved = sale.status is not SaleStatus.SOLD and status_now not in (wanted, "cancelled", "refunded")
    return {**({"status": wanted} if moved else {}), "meta_data": metadata(sale)}


def is_of(row: Mapping[str, Any], sale: Sale) -> bool:
    """Whether an order of the store is this sale's."""
    found = [m.get("value") for m in row.get("meta_data") or () if isinstance(m, Mapping) and m.get("key") == ORDER_ID]
    return sale.id in found


# -- in the store


def the(here: Emulation, sale: str = "") -> Sale:
    """This sale, or the newest."""
    found = here.store[Sale].all()
    wanted = [one for one in found if one.id == sale] if sale else sorted(found, key=lambda one: number(one.id))
    if not wanted:
        there = f"no sale {sale!r}; it has: {', '.join(one.id for one in found)}" if found else "sold nothing yet"
        raise LabError(f"Golisto has {there}", status=404, code="unknown_sale")
    return wanted[-1]


def of_site(here: Emulation, site: str) -> list[Sale]:
    return sorted(here.store[Sale].all(SALES.c.site == site), key=lambda sale: number(sale.id))


def untold(here: Emulation, site: str) -> Sequence[Sale]:
    """What the store has yet to hear of, oldest first."""
    return [sale for sale in of_site(here, site) if not sale.told]


def under_way(here: Emulation, site: str) -> dict[tuple[int, int], int]:
    """Pieces that are sold and that the store has not yet taken from its stock, by product and variation."""
    pieces: dict[tuple[int, int], int] = {}
    for sale in of_site(here, site):
        if sale.order or sale.status is SaleStatus.CANCELLED:
            continue
        for line in sale.all_lines():
            thing = (line.product, line.variation)
            pieces[thing] = pieces.get(thing, 0) + line.quantity
    return pieces
