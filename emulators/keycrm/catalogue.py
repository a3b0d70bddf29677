"""The catalogue: products and their offers.

An offer is a variant with a SKU, a price and stock. A product without variants has one offer of its own, which
carries the product's SKU. Source: KeyCRM API document v1.2.0; `in_reserve`, `is_default` (only as
false) and `is_archived` were seen live by public clients.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from ..kernel import Emulation, Table, dataclass
from ..quantities import money, number, rendered, thousandths
from .account import observed
from .dates import rendered as time_text
from .stock import Total, chunks, totals_of

ZERO = Decimal(0)
SIZES = ("weight", "length", "width", "height")


@dataclass(frozen=True)
class Offer:
    """One variant. `sku` should be unique, but KeyCRM only advises it. Units: kilograms and centimetres."""

    id: int
    product_id: int
    sku: str | None = None
    is_archived: bool = False
    barcode: str | None = None
    thumbnail_url: str | None = None
    price: Decimal = ZERO
    purchased_price: Decimal = ZERO
    weight: Decimal | None = None
    length: Decimal | None = None
    width: Decimal | None = None
    height: Decimal | None = None
    properties: list[dict[str, str]] = field(default_factory=list)
    of_product: bool = False  # the one offer of a product without variants


OFFERS = Table(
    Offer,
    "keycrm_offers",
    columns=("product_id", "sku", "is_archived"),
    indexes=[("product_id",), ("sku",)],
)


@dataclass(frozen=True)
class Product:
    """What offers have in common. `has_offers`: it has variants, not only an offer of its own."""

    id: int
    name: str
    category_id: int | None = None
    is_archived: bool = False
    description: str = ""
    pictures: list[str] = field(default_factory=list)
    unit_type: str | None = None
    currency_code: str = "UAH"
    has_offers: bool = False
    weight: Decimal | None = None
    length: Decimal | None = None
    width: Decimal | None = None
    height: Decimal | None = None
    custom_fields: dict[str, Any] = field(default_factory=dict)  # uuid -> value
    created_at: datetime | None = None
    updated_at: datetime | None = None


PRODUCTS = Table(Product, "keycrm_products", columns=("category_id", "is_archived"), indexes=[("category_id",)])


# -- rules


def measured(row: Mapping[str, Any]) -> dict[str, Any]:
    """The weight and sizes that a row brings, rounded half up to three places."""
    return {k: Decimal(thousandths(row[k])).scaleb(-3) for k in SIZES if row.get(k) is not None}


def altered(offer: Offer, row: Mapping[str, Any]) -> Offer:
    """The offer with what the row brings; the id and SKU of a row only say which offer is meant."""
    prices: dict[str, Any] = {k: money(row[k]) for k in ("price", "purchased_price") if row.get(k) is not None}
    picture: dict[str, Any] = {"thumbnail_url": row["image_url"]} if row.get("image_url") else {}
    return replace(offer, **prices, **measured(row), **picture)


def made(offer_id: int, product_id: int, row: Mapping[str, Any], *, of_product: bool = False) -> Offer:
    """A new offer from a row of POST /products/{id}/offers. A property without name or value is dropped."""
    offer = Offer(
        offer_id,
        product_id,
        sku=row.get("sku") or None,
        barcode=row.get("barcode") or None,
        properties=complete(row.get("properties") or []),
        of_product=of_product,
    )
    return altered(offer, row)


def complete(properties: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """The properties that have both a name and a value."""
    return [{"name": p["name"], "value": p["value"]} for p in properties if p.get("name") and p.get("value")]


# -- in the store


def matched(here: Emulation, rows: Sequence[Mapping[str, Any]]) -> list[Offer | None]:
    """The offer each row means: by `id` where it has one, else by `sku` (the oldest that is not archived)."""
    ids = list({row["id"] for row in rows if row.get("id") is not None})
    skus = list({row["sku"] for row in rows if row.get("id") is None and row.get("sku")})
    by_id = {offer.id: offer for some in chunks(ids) for offer in here.store[Offer].all(OFFERS.c.id.in_(some))}
    named = by_sku(here, skus)
    return [by_id.get(row["id"]) if row.get("id") is not None else named.get(row.get("sku") or "") for row in rows]


def by_sku(here: Emulation, skus: Sequence[str]) -> dict[str, Offer]:
    """Offers by exact SKU; of several with the same one, the oldest that is not archived."""
    found: dict[str, Offer] = {}
    for some in chunks(skus):
        order = [OFFERS.c.is_archived, OFFERS.c.id]
        for offer in here.store[Offer].all(OFFERS.c.sku.in_(some), order=order):
            found.setdefault(offer.sku or "", offer)
    return found


def of_products(here: Emulation, product_ids: Sequence[int]) -> dict[int, list[Offer]]:
    """The offers of these products that are not archived, oldest first."""
    found: dict[int, list[Offer]] = {product_id: [] for product_id in product_ids}
    for some in chunks(product_ids):
        where = (OFFERS.c.product_id.in_(some), OFFERS.c.is_archived.is_(False))
        for offer in here.store[Offer].all(*where, order=[OFFERS.c.id]):
            found[offer.product_id].append(offer)
    return found


# -- as the API shows them


def shown(here: Emulation, found: Sequence[Offer], names: frozenset[str] = frozenset()) -> list[dict[str, Any]]:
    """Offers with their stock over all warehouses, and with their products if `names` has "product"."""
    totals = totals_of(here, [offer.id for offer in found])
    seen = observed(here)
    products = _products_of(here, found) if "product" in names else {}
    answer = []
    for offer in found:
        one = render_offer(offer, totals.get(offer.id, Total()), seen=seen)
        if "product" in names:
            one["product"] = products.get(offer.product_id)
        answer.append(one)
    return answer


def _products_of(here: Emulation, found: Sequence[Offer]) -> dict[int, dict[str, Any]]:
    """The products of these offers in the form in which an offer shows its product."""
    ids = list({offer.product_id for offer in found})
    products = [p for some in chunks(ids) for p in here.store[Product].all(PRODUCTS.c.id.in_(some))]
    answer = {}
    for product, one in zip(products, shown_products(here, products), strict=True):
        own = {k: v for k, v in one.items() if k not in ("barcode", "price", "purchased_price")}
        answer[product.id] = own
    return answer


def shown_products(here: Emulation, found: Sequence[Product]) -> list[dict[str, Any]]:
    offers = of_products(here, [product.id for product in found])
    totals = totals_of(here, [offer.id for own in offers.values() for offer in own])
    seen = observed(here)
    return [render_product(product, offers[product.id], totals, seen=seen) for product in found]


def render_offer(offer: Offer, total: Total, *, seen: bool) -> dict[str, Any]:
    """An offer as the API shows it; `seen` adds what only live answers have."""
    one: dict[str, Any] = {
        "id": offer.id,
        "product_id": offer.product_id,
        "sku": offer.sku,
        "barcode": offer.barcode,
        "thumbnail_url": _picture(offer.thumbnail_url, seen=seen),
        "price": number(offer.price),
        "purchased_price": number(offer.purchased_price),
        "quantity": rendered(total.quantity),
        **{size: number(getattr(offer, size)) for size in SIZES},
        "properties": offer.properties,
    }
    if seen:
        one |= {"in_reserve": rendered(total.reserve), "is_default": False, "is_archived": offer.is_archived}
    return one


def render_product(
    product: Product, offers: Sequence[Offer], totals: Mapping[int, Total], *, seen: bool
) -> dict[str, Any]:
    """A product as the API shows it: prices and quantity come from its offers."""
    own = next((offer for offer in offers if offer.of_product), None)
    prices = [offer.price for offer in offers]
    one = {
        "id": product.id,
        "name": product.name,
        "sku": own.sku if own else None,
        "barcode": own.barcode if own else None,
        "price": number(own.price if own else min(prices, default=ZERO)),
        "purchased_price": number(own.purchased_price if own else ZERO),
        "description": product.description,
        "thumbnail_url": _picture(next(iter(product.pictures), None), seen=seen),
        "attachments_data": product.pictures,
        "quantity": rendered(sum(totals.get(offer.id, Total()).quantity for offer in offers)),
        "unit_type": product.unit_type,
        "currency_code": product.currency_code,
        "min_price": number(min(prices, default=ZERO)),
        "max_price": number(max(prices, default=ZERO)),
        **{size: number(getattr(product, size)) for size in SIZES},
        "has_offers": product.has_offers,
        "is_archived": product.is_archived,
        "properties_agg": gathered(offers),
        "category_id": product.category_id,
        "created_at": time_text(product.created_at),
        "updated_at": time_text(product.updated_at),
    }
    if seen:
        one["in_reserve"] = rendered(sum(totals.get(offer.id, Total()).reserve for offer in offers))
    return one


def gathered(offers: Iterable[Offer]) -> dict[str, list[str]]:
    """Every value that the offers have for a property, by its name."""
    values: dict[str, list[str]] = {}
    for offer in offers:
        for prop in offer.properties:
            known = values.setdefault(prop["name"], [])
            if prop["value"] not in known:
                known.append(prop["value"])
    return values


def _picture(url: str | None, *, seen: bool) -> str | None:
    """The document says a string; live answers are often null."""
    return url if seen else url or ""
