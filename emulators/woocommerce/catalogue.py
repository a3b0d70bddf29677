"""What people do to the catalogue behind the API, the situations it can be in, and what the store then believes.

Units: pieces, and prices as decimal strings in the store's currency.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from ..kernel import Emulation, LabError, replace
from . import dates, products, stock, term, texts, variations, webhooks
from .errors import WooError
from .product import PRODUCTS, Product, ProductTerm, by_sku, catch_up, derived
from .product_input import stock_of, threshold, with_stock
from .stock_rules import Stock, settled

C = PRODUCTS.c
BULK = 5_000


def wanted(here: Emulation, sku: str) -> Product:
    product = by_sku(here, sku)
    if product is None:
        raise LabError(f"the store has no product with the SKU {sku!r}", status=404, code="unknown_sku")
    return product


def saved(here: Emulation, old: Product, fields: dict[str, Any]) -> Product:
    """As saving the product in the back office would change it."""
    try:
        if not old.is_variation:
            return products.updated(here, old, fields, {})
        parent = here.store[Product].get(old.parent_id)
        assert parent is not None
        return variations.updated(here, old, parent, fields, {})
    except WooError as refused:
        raise LabError(refused.message, code=refused.code) from None


def _created(here: Emulation, fields: dict[str, Any]) -> Product:
    try:
        return products.created(here, fields, {})
    except WooError as refused:
        raise LabError(refused.message, code=refused.code) from None


def _told(product: Product) -> dict[str, Any]:
    return {"id": product.id, "sku": product.sku, "name": product.name}


# -- moves


def add_product(here: Emulation, sku: str, name: str = "", price: str = "10.00", stock: int | None = None) -> Any:
    """A new product in the back office. Without `stock` its pieces are not counted."""
    fields: dict[str, Any] = {"sku": sku, "name": name or sku, "regular_price": str(price)}
    if stock is not None:
        fields |= {"manage_stock": True, "stock_quantity": int(stock)}
    return _told(_created(here, fields))


def edit_product(
    here: Emulation,
    sku: str,
    name: str | None = None,
    price: str | None = None,
    sale_price: str | None = None,
    description: str | None = None,
    status: str | None = None,
    new_sku: str | None = None,
    barcode: str | None = None,
    counted: bool | None = None,
) -> Any:
    """Save the product in the back office with other words, prices, status, SKU or barcode (GTIN), or with its pieces
    `counted` or not."""
    sent = {
        "name": name,
        "regular_price": None if price is None else str(price),
        "sale_price": None if sale_price is None else str(sale_price),
        "description": description,
        "status": status,
        "sku": new_sku,
        "global_unique_id": barcode,
        "manage_stock": counted,
    }
    return _told(saved(here, wanted(here, sku), {k: v for k, v in sent.items() if v is not None}))


def adjust_stock(here: Emulation, sku: str, quantity: int) -> Any:
    """Somebody counts, and writes this quantity; from then on the pieces are counted."""
    product = wanted(here, sku)
    if product.type in ("external", "grouped"):
        raise LabError(f"the store never counts the pieces of a product of the type {product.type}")
    if stock.keeper(here, product) is None:
        counted = settled(replace(stock_of(product), managed=True, quantity=int(quantity)), threshold(here))
        stock.put(here, product, with_stock(product, counted))
        return {"sku": sku, "before": None, "now": int(quantity)}
    moved = stock.set_to(here, product.id, int(quantity))
    assert moved is not None
    return {"sku": sku, "before": moved[1], "now": moved[2]}


def trash_product(here: Emulation, sku: str) -> Any:
    """Put a product into the trash, as the merchant does in the list of products."""
    product = wanted(here, sku)
    if product.is_variation:
        raise LabError("a variation is deleted, not put into the trash: use `delete product`")
    return _told(products.put_to_trash(here, product))


def restore_product(here: Emulation, sku: str) -> Any:
    """Out of the trash, as the back office does it. A coupon of this id is told of as well, though there is none."""
    trashed = here.store[Product].first(C.sku_key == texts.folded(sku), C.trashed.is_(True), order=[C.id.desc()])
    if trashed is None:
        raise LabError(f"no product with the SKU {sku!r} is in the trash", status=404, code="unknown_sku")
    product = products.restored(here, trashed)
    webhooks.happened(here, "product.restored", product.id)
    webhooks.happened(here, "coupon.restored", product.id)
    return _told(product)


def delete_product(here: Emulation, sku: str) -> Any:
    """Deleted for good, as the API's `force` does it: nobody is told."""
    product = wanted(here, sku)
    variations.dropped(here, product) if product.is_variation else products.removed(here, product)
    return _told(product)


MOVES: dict[str, Callable[..., Any]] = {
    "add product": add_product,
    "edit product": edit_product,
    "adjust stock": adjust_stock,
    "trash product": trash_product,
    "restore product": restore_product,
    "delete product": delete_product,
}


# -- states


def a_product_in_stock(
    here: Emulation, sku: str = "MUG", quantity: int = 12, name: str = "Mug", price: str = "10.00"
) -> Any:
    """A simple product whose pieces are counted."""
    product = by_sku(here, sku)
    if product is None:
        product = _created(
            here,
            {"sku": sku, "name": name, "regular_price": str(price), "manage_stock": True, "stock_quantity": quantity},
        )
    elif stock_of(product) != (wanted := _counted(here, product, int(quantity))):
        product = stock.put(here, product, with_stock(product, wanted))
    return {"id": product.id, "sku": product.sku, "quantity": product.stock_quantity}


def _counted(here: Emulation, product: Product, quantity: int) -> Stock:
    return settled(replace(stock_of(product), managed=True, quantity=quantity), threshold(here))


def a_variable_product(
    here: Emulation, sku: str = "SHIRT", quantity: int = 5, name: str = "Shirt", price: str = "20.00"
) -> Any:
    """A product in the sizes S and M; each counts its own pieces and has its own SKU (SHIRT-S, SHIRT-M)."""
    sizes = ("S", "M")
    parent = by_sku(here, sku)
    if parent is None:
        size = {"name": "Size", "visible": True, "variation": True, "options": list(sizes)}
        parent = _created(here, {"sku": sku, "name": name, "type": "variable", "attributes": [size]})
    ids: dict[str, int] = {}
    for option in sizes:
        own = f"{sku}-{option}"
        variation = by_sku(here, own)
        if variation is None:
            fields = {
                "sku": own,
                "regular_price": str(price),
                "manage_stock": True,
                "stock_quantity": quantity,
                "attributes": [{"name": "Size", "option": option}],
            }
            variation = variations.created(here, parent, fields, {})
        elif stock_of(variation) != (wanted := _counted(here, variation, int(quantity))):
            variation = stock.put(here, variation, with_stock(variation, wanted))
        ids[own] = variation.id
    return {"id": parent.id, "sku": sku, "variations": ids}


def a_catalogue(
    here: Emulation, size: int = 100, categories: int = 10, counted: bool = True, at_once: bool = False
) -> Any:
    """This many products with seeded names, prices and stock, SKUs P-000001 and up: one a second, or `at_once` all in
    one, as imports make them. Nobody is told of them."""
    have = here.store[Product].count(C.is_variation.is_(False), C.sku_key.like("p-______"))
    missing = int(size) - have
    if missing > 0:
        shelves = _shelves(here, max(1, int(categories)))
        batch: list[Product] = []
        for product in _made(here, have, missing, shelves, counted, 0 if at_once else 1):
            batch.append(product)
            if len(batch) == BULK:
                _stored(here, batch)
                batch = []
        _stored(here, batch)
    return {"products": max(int(size), have), "first_sku": "P-000001", "last_sku": f"P-{max(int(size), have):06d}"}


def _shelves(here: Emulation, number: int) -> list[int]:
    names = [f"Shelf {n}" for n in range(1, number + 1)]
    found = [term.by_name(here, term.CATEGORIES.taxonomy, name) for name in names]
    return [
        (shelf or term.added(here, term.CATEGORIES, {"name": name})).id
        for shelf, name in zip(found, names, strict=True)
    ]


def _made(here: Emulation, have: int, missing: int, shelves: list[int], counted: bool, apart: int) -> Iterator[Product]:
    """Products in the order of their dates, so many seconds apart, the newest made now."""
    from faker import Faker

    fake = Faker()
    fake.seed_instance(have)
    colours = sorted({fake.color_name() for _ in range(60)})
    things = sorted({fake.word().capitalize() for _ in range(300)})
    prices = [f"{fake.random_int(199, 19999) / 100:.2f}" for _ in range(997)]
    pieces = [fake.random_int(0, 200) for _ in range(991)]
    first_id = here.ids.next("post", missing)
    at = dates.second(here)
    for n in range(missing):
        number, moment = have + n + 1, at - timedelta(seconds=apart * (missing - n - 1))
        name = f"{colours[n % len(colours)]} {things[n // len(colours) % len(things)]} {number}"
        quantity = pieces[n % len(pieces)] if counted else None
        blank = Product(
            id=first_id + n,
            created=moment,
            modified=moment,
            name=name,
            slug=f"p-{number:06d}",
            sku=f"P-{number:06d}",
            regular_price=prices[n % len(prices)],
            category_ids=[shelves[n % len(shelves)]],
        )
        yield derived(
            with_stock(blank, settled(Stock(managed=counted, quantity=quantity), threshold=0)), here.clock.now
        )


def _stored(here: Emulation, batch: list[Product]) -> None:
    here.store[Product].put_all(batch)
    here.store[ProductTerm].put_all([ProductTerm(p.id, t) for p in batch for t in p.category_ids])


STATES: dict[str, Callable[..., Any]] = {
    "a product in stock": a_product_in_stock,
    "a variable product": a_variable_product,
    "a catalogue": a_catalogue,
}


# -- facts


def stock_by_sku(here: Emulation) -> dict[str, int]:
    """Pieces by SKU, of all products and variations whose stock is managed."""
    return stock.by_key(here)


def products_by_sku(here: Emulation) -> dict[str, dict[str, Any]]:
    """Everything for sale and its variations; by id ("#36") where there is no SKU of its own."""
    catch_up(here)
    everything = here.store[Product].all(C.trashed.is_(False), order=[C.id])
    return {
        p.sku or f"#{p.id}": {
            "id": p.id,
            "name": p.name,
            "type": p.type,
            "status": p.status,
            "price": p.price,
            "stock": p.stock_quantity if p.manage_stock else None,
            "stock_status": p.stock_status,
            "manage_stock": p.manage_stock,
            "backorders": p.backorders,
        }
        for p in everything
    }


def cards_by_sku(here: Emulation) -> dict[str, dict[str, Any]]:
    """What stands on a product's page: name, texts, prices, code, categories with those above them, number of
    pictures; by SKU, products without one left out."""
    terms = term.all_by_id(here)

    def path(number: int) -> str:
        above = terms[number].parent
        return f"{path(above)}/{terms[number].name}" if above in terms else terms[number].name

    return {
        p.sku: {
            "name": p.name,
            "description": p.description,
            "regular_price": p.regular_price,
            "sale_price": p.sale_price,
            "gtin": p.global_unique_id,
            "categories": sorted(path(number) for number in p.category_ids if number in terms),
            "pictures": len(p.image_ids),
            "image_ids": list(p.image_ids),
        }
        for p in here.store[Product].all(C.trashed.is_(False), C.sku != "", order=[C.id])
    }


def categories_by_path(here: Emulation) -> dict[str, int]:
    """Categories by the names that lead to them, and their ids."""
    terms = term.all_by_id(here)

    def path(one: term.Term) -> str:
        above = terms.get(one.parent)
        return f"{path(above)}/{one.name}" if above else one.name

    return {path(one): one.id for one in terms.values() if one.taxonomy == term.CATEGORIES.taxonomy}


FACTS: dict[str, Callable[..., Any]] = {
    "stock": stock_by_sku,
    "products": products_by_sku,
    "product cards": cards_by_sku,
    "categories": categories_by_path,
}
