"""What Golisto knows of a store's products: titles, descriptions, prices, stock and images of what is for sale.

Source: Golisto Connector plugin page (what is read after approval).
Assumed: what can be bought is listed, which is simple products and the variations of variable ones; drafts, private
and trashed products are not.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from datetime import datetime
from typing import Any

from ..kernel import Emulation, Table, dataclass

PRODUCT_FIELDS = (
    "id,parent_id,type,status,sku,name,description,short_description,price,"
    "manage_stock,stock_quantity,stock_status,images"
)
VARIATION_FIELDS = "id,sku,name,status,description,price,manage_stock,stock_quantity,stock_status,attributes,image"
_PRICE = re.compile(r"\d{1,15}(\.\d{1,10})?")
_TAG = re.compile(r"<[^<>]*>")


@dataclass(frozen=True)
class Listing:
    """One thing for sale. `product` is the store's number, `variation` 0 for a simple product.

    Units: `price` in the store's currency as the store writes it; `stock` in pieces, never below zero, None where the
    store does not count. `seen_at`: when it was last read.
    """

    site: str
    product: int
    variation: int
    sku: str = ""
    title: str = ""
    description: str = ""
    price: str = ""
    stock: int | None = None
    in_stock: bool = True
    images: list[str] = field(default_factory=list)
    seen_at: datetime | None = None

    @property
    def name(self) -> str:
        """What people call it: the SKU, or its number."""
        return self.sku or f"product {self.variation or self.product}"


LISTINGS = Table(Listing, "golisto_listings", key=("site", "product", "variation"), columns=("sku", "seen_at"))
C = LISTINGS.c


# -- rules


def is_variable(row: Mapping[str, Any]) -> bool:
    return row.get("type") in ("variable", "variable-subscription")


def is_for_sale(row: Mapping[str, Any]) -> bool:
    """Whether a product is listed, itself or by its variations."""
    return row.get("status") == "publish" and row.get("type") in ("simple", "variable", "subscription")


def listing_from(site: str, row: Mapping[str, Any], at: datetime) -> Listing:
    """A simple product."""
    return Listing(
        site,
        int(row["id"]),
        0,
        sku=str(row.get("sku") or ""),
        title=text(row.get("name")),
        description=text(row.get("description") or row.get("short_description")),
        price=price_of(row.get("price")),
        stock=pieces(row),
        in_stock=row.get("stock_status") != "outofstock",
        images=images(row.get("images") or ()),
        seen_at=at,
    )


def variation_from(site: str, parent: Mapping[str, Any], row: Mapping[str, Any], at: datetime) -> Listing:
    """One variation; what it has not of its own is its parent's."""
    options = [str(a.get("option") or "") for a in row.get("attributes") or () if isinstance(a, Mapping)]
    chosen = ", ".join(option for option in options if option)
    own_image = images([row["image"]]) if row.get("image") else []
    return Listing(
        site,
        int(parent["id"]),
        int(row["id"]),
        sku=str(row.get("sku") or ""),
        title=f"{text(parent.get('name'))} – {chosen}" if chosen else text(parent.get("name")),
        description=text(row.get("description") or parent.get("description") or parent.get("short_description")),
        price=price_of(row.get("price")),
        stock=pieces(parent) if row.get("manage_stock") == "parent" else pieces(row),
        in_stock=row.get("stock_status") != "outofstock",
        images=own_image or images(parent.get("images") or ()),
        seen_at=at,
    )


def pieces(row: Mapping[str, Any]) -> int | None:
    """What may be sold: never below zero, whatever was sold twice; None where nobody counts."""
    quantity = row.get("stock_quantity")
    if row.get("manage_stock") is not True or isinstance(quantity, bool) or not isinstance(quantity, int | float):
        return None
    return max(0, int(quantity))


def price_of(value: Any) -> str:
    """As the store writes it; empty where there is none."""
    text = str(value or "")
    return text if _PRICE.fullmatch(text) else ""


def images(rows: Iterable[Any]) -> list[str]:
    return [str(row["src"]) for row in rows if isinstance(row, Mapping) and row.get("src")]


def text(value: Any) -> str:
    """Without markup."""
    return " ".join(html.unescape(_TAG.sub(" ", str(value or ""))).split())


# -- in the store


def of_site(here: Emulation, site: str) -> list[Listing]:
    return here.store[Listing].all(C.site == site, order=[C.product, C.variation])


def by_sku(here: Emulation, site: str, sku: str) -> Listing | None:
    """What has this SKU, or is called so; the oldest, where the store gave it twice."""
    return next((one for one in of_site(here, site) if one.name == sku), None)


def count(here: Emulation, site: str) -> int:
    return here.store[Listing].count(C.site == site)


def keep(here: Emulation, site: str, product: int, listings: Sequence[Listing]) -> None:
    """All that is known of this product now."""
    here.store[Listing].delete_where(C.site == site, C.product == product)
    here.store[Listing].put_all(listings)


def drop_all_but(here: Emulation, site: str, products: Iterable[int]) -> int:
    """What the store does not have any more; how many listings were dropped."""
    kept = set(products)
    gone = {one.product for one in of_site(here, site)} - kept
    return sum(here.store[Listing].delete_where(C.site == site, C.product == product) for product in gone)


def forget(here: Emulation, site: str) -> None:
    here.store[Listing].delete_where(C.site == site)
