"""Products over the API: list, read, create one or a hundred, change, and give them variants.

Source: KeyCRM API document v1.2.0, "products"; KeyCRM help (import of 100, no ids in the answer).
Assumed: a product made without variants has one offer with its SKU; that offer gives way to the first variants (it
is archived when stock ever moved on it).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..kernel import Emulation, emulation
from .account import account
from .catalogue import OFFERS, PRODUCTS, Offer, Product, altered, made, measured, of_products, shown_products
from .categories import Category
from .custom_fields import filled, shown as shown_fields
from .errors import NotFound, unknown
from .paging import among_ids, flagged, included, listed, newest_first
from .stock import MOVEMENTS, Movement


def list_all(limit: int, page: int, filter: dict[str, Any] | None = None, include: str | None = None) -> dict[str, Any]:
    here, asked, c = emulation(), filter or {}, PRODUCTS.c
    where = [
        *among_ids(c.id, asked, "product_id"),
        *among_ids(c.category_id, asked, "category_id"),
        *flagged(c.is_archived, asked, "is_archived"),
    ]
    names = included(include)
    return listed(
        here,
        PRODUCTS,
        *where,
        limit=limit,
        page=page,
        sort=newest_first(here, None),
        render=lambda found: shown(here, found, names),
    )


def read(product_id: int, include: str | None = None) -> dict[str, Any]:
    here = emulation()
    return shown(here, [found(here, product_id)], included(include))[0]


def create(body: dict[str, Any]) -> tuple[dict[str, Any], int]:
    here = emulation()
    product, _ = added(here, body)
    return shown(here, [product], frozenset())[0], 201


def create_many(body: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """Up to 100 products; all or none. The answer names no ids."""
    here = emulation()
    for number, row in enumerate(body["products"]):
        added(here, row, at=f"products.{number}.")
    return {"status": True}, 201


def update(product_id: int, body: dict[str, Any]) -> tuple[dict[str, Any], int]:
    here = emulation()
    product = found(here, product_id)
    product = here.store[Product].put(changed(here, product, body))
    own = next((offer for offer in of_products(here, [product_id])[product_id] if offer.of_product), None)
    if own is not None:
        texts = {k: body[k] for k in ("sku", "barcode") if body.get(k) is not None}
        here.store[Offer].put(replace(altered(own, body), **texts))
    return shown(here, [product], frozenset())[0], 202


def add_offers(product_id: int, body: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """Up to 100 variants. Errors: 404 for an unknown product."""
    here = emulation()
    product = found(here, product_id)
    rows = body.get("offers") or []
    if rows:
        _retire_own_offer(here, product)
        here.store[Product].put(replace(product, has_offers=True, updated_at=here.clock.now))
        first = here.ids.next("keycrm.offer", len(rows))
        here.store[Offer].put_all([made(first + i, product_id, row) for i, row in enumerate(rows)])
    return {"status": True}, 201


def _retire_own_offer(here: Emulation, product: Product) -> None:
    for own in of_products(here, [product.id])[product.id]:
        if not own.of_product:
            continue
        if here.store[Movement].first(MOVEMENTS.c.offer_id == own.id) is not None:
            here.store[Offer].put(replace(own, is_archived=True))
        else:
            here.store[Offer].delete_where(OFFERS.c.id == own.id)


def found(here: Emulation, product_id: int) -> Product:
    product = here.store[Product].get(product_id)
    if product is None:
        raise NotFound
    return product


def added(here: Emulation, row: Mapping[str, Any], *, at: str = "") -> tuple[Product, Offer]:
    """A new product with the offer of its own. `at` is where the row stands in the request, for refusals."""
    blank = Product(
        here.ids.next("keycrm.product"),
        row["name"],
        currency_code=account(here).currency,
        created_at=here.clock.now,
    )
    product = here.store[Product].add(changed(here, blank, row, at=at))
    own = made(here.ids.next("keycrm.offer"), product.id, row, of_product=True)
    return product, here.store[Offer].add(own)


def changed(here: Emulation, product: Product, row: Mapping[str, Any], *, at: str = "") -> Product:
    """The product with what the body brings; what it leaves out stays."""
    category_id = row.get("category_id")
    if category_id is not None and here.store[Category].get(int(category_id)) is None:
        raise unknown(f"{at}category_id")
    texts = {
        k: row[k] for k in ("name", "description", "pictures", "unit_type", "currency_code") if row.get(k) is not None
    }
    return replace(
        product,
        **texts,
        **measured(row),
        category_id=product.category_id if category_id is None else int(category_id),
        custom_fields=filled(here, "crm_product", row.get("custom_fields"), product.custom_fields),
        updated_at=here.clock.now,
    )


def shown(here: Emulation, products: list[Product], names: frozenset[str]) -> list[dict[str, Any]]:
    answer = shown_products(here, products)
    for product, one in zip(products, answer, strict=True):
        del one["properties_agg"]  # shown only where an offer shows its product
        if "custom_fields" in names:
            one["custom_fields"] = shown_fields(here, product.custom_fields)
    return answer
