"""Products: the master products of the account, and what each shop lists of them.

Source: Spotler Connect help: products (a master product by barcode or SKU; an existing one is linked, an absent one is
created in Connect and never in WooCommerce; only the source of its updates changes it; active, draft, removed).
Left out on purpose: bundles, and more than one image or price.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from ..kernel import Emulation, Table, dataclass, emulation
from . import alerts, platforms
from .connector import Connector
from .errors import NotFound
from .matching import Match, Names, Verdict, matched
from .moments import iso
from .rule_book import judged
from .statuses import of_product

REMOVED = "removed"
FIELDS = (
    "id,type,parent_id,sku,global_unique_id,name,status,price,manage_stock,stock_quantity,attributes,date_created_gmt"
)
_NO_GOODS = ("variable", "grouped")  # they stand for others, which are imported for themselves


@dataclass(frozen=True)
class Master:
    """One product of the account. `source`: the connector or platform whose changes it follows. Prices are texts, as
    shops have them."""

    id: int
    sku: str = ""
    barcode: str = ""
    name: str = ""
    status: str = "active"
    price: str = ""
    source: int = 0
    created_at: datetime | None = None

    @property
    def label(self) -> str:
        return self.sku or self.barcode


@dataclass(frozen=True)
class Listing:
    """A product or variation as one shop has it. `expected`: the pieces that the shop should show by what Connect has
    written and heard since; None before the first number was written. `present`: the shop had it at the last look."""

    key: str  # "connector/item"
    connector: int
    item: int
    label: str  # what alerts call it: its SKU, or "#" and its number
    parent: int = 0
    master: int = 0  # 0: none
    values: dict[str, Any] = field(default_factory=dict)
    quantity: int | None = None
    managed: bool = False
    expected: int | None = None
    present: bool = True


MASTERS = Table(Master, "spotler_masters", columns=("sku", "barcode", "source"), indexes=[("sku",), ("barcode",)])
LISTINGS = Table(
    Listing,
    "spotler_listings",
    key="key",
    columns=("connector", "item", "label", "master", "present"),
    indexes=[("connector", "label"), ("master",)],
)
TABLES = (MASTERS, LISTINGS)
M, L = MASTERS.c, LISTINGS.c


# ---------------------------------------------------------------------------------------------- in from a shop


def stands_for_others(row: Mapping[str, Any]) -> bool:
    return row.get("type") in _NO_GOODS


def normalised(row: Mapping[str, Any], parent: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A product or variation of a shop in Connect's form; a variation is named after its product and its options."""
    name = str(row.get("name") or "")
    if parent is not None:
        options = ", ".join(str(a.get("option", "")) for a in row.get("attributes") or ())
        name = f"{parent.get('name', '')} - {options}" if options else str(parent.get("name", ""))
    price = str(row.get("price") or "")
    seen = row.get("status") == "publish" and (parent is None or parent.get("status") == "publish")
    return {
        "sku": str(row.get("sku") or "").strip(),
        "barcode": str(row.get("global_unique_id") or "").strip(),
        "name": name,
        "status": of_product("publish" if seen else "draft"),
        "price": float(price) if price else None,
        "created_at": row.get("date_created_gmt"),
        "variation": parent is not None,
    }


def take(
    here: Emulation, connector: Connector, row: Mapping[str, Any], parent: Mapping[str, Any] | None = None
) -> Listing | None:
    """Take in what a shop has of one product; None when a rule blocks it or nobody knows which product it is: then
    there is an alert, and no link."""
    item = int(row["id"])
    values = normalised(row, parent)
    label = values["sku"] or f"#{item}"
    about = f"product {label} of {connector.name}"
    outcome = judged(here, "product", "import", connector.id, values, zone=connector.timezone, about=about)
    if outcome.blocked_by is not None:
        alerts.settled(here, connector.id, "import", "product", label)
        return None
    values = dict(outcome.values)
    old = here.store[Listing].get(f"{connector.id}/{item}")
    listing = replace(
        old or Listing(f"{connector.id}/{item}", connector.id, item, label),
        label=label,
        parent=int(parent["id"]) if parent is not None else 0,
        values=values,
        quantity=row.get("stock_quantity"),
        managed=row.get("manage_stock") is True,
        present=True,
    )
    here.store[Listing].put(listing)
    return _linked(here, connector, listing)


def _linked(here: Emulation, connector: Connector, listing: Listing) -> Listing | None:
    """The listing with its master product: the one it has, the one that matches, or a new one."""
    values, label = listing.values, listing.label
    names = Names(values["barcode"], values["sku"])
    match = Match(Verdict.LINK, (listing.master,)) if listing.master else matched(names, _candidates(here, names))
    if match.verdict is Verdict.NAMELESS:
        said = "has neither a barcode nor a SKU, so nobody can tell which product it is"
        _unmatched(here, connector, label, "no_identifier", f"Product {label} {said}.")
        return None
    if match.verdict is Verdict.AMBIGUOUS:
        which = ", ".join(str(number) for number in match.masters)
        said = f"matches the master products {which}: give it a barcode or SKU that only one of them has"
        _unmatched(here, connector, label, "two_candidates", f"Product {label} {said}.")
        return None
    master = _new(here, connector, values) if match.verdict is Verdict.CREATE else _the(here, match.masters[0])
    taken = here.store[Listing].first(
        L.connector == connector.id, L.master == master.id, L.present, L.key != listing.key
    )
    if taken is not None:
        said = f"matches master product {master.id}, which product {taken.label} of this shop is already"
        _unmatched(here, connector, label, "linked_already", f"Product {label} {said}.")
        return None
    alerts.settled(here, connector.id, "import", "product", label)
    if master.source == connector.id:
        master = here.store[Master].put(
            replace(
                master, **{name: values[name] for name in ("sku", "barcode", "name", "status")}, price=_text(values)
            )
        )
    listing = here.store[Listing].put(replace(listing, master=master.id))
    if master.status == "active":
        platforms.pass_on(here, connector, "product", master.label, values)
    return listing


def _candidates(here: Emulation, names: Names) -> Iterable[tuple[int, Names]]:
    by_barcode = (M.barcode == names.barcode) & (M.barcode != "")
    by_sku = (M.sku == names.sku) & (M.sku != "")
    return [(m.id, Names(m.barcode, m.sku)) for m in here.store[Master].all(sa.or_(by_barcode, by_sku))]


def _unmatched(here: Emulation, connector: Connector, label: str, code: str, message: str) -> None:
    alerts.raised(here, connector, "import", "product", label, code, message)


def _new(here: Emulation, connector: Connector, values: Mapping[str, Any]) -> Master:
    return here.store[Master].add(
        Master(here.ids.next("spotler.master"), source=connector.id, created_at=here.clock.now)
    )


def _the(here: Emulation, number: int) -> Master:
    master = here.store[Master].get(number)
    assert master is not None
    return master


def _text(values: Mapping[str, Any]) -> str:
    return "" if values["price"] is None else f"{values['price']:.2f}"


def missing(here: Emulation, connector: Connector, seen: set[int]) -> list[Listing]:
    """What the shop has no longer: its master product is removed where the shop is the source of it. Connect deletes
    nothing by itself."""
    gone = [one for one in here.store[Listing].all(L.connector == connector.id, L.present) if one.item not in seen]
    for listing in gone:
        here.store[Listing].put(replace(listing, present=False, expected=None))
        alerts.settled(here, connector.id, "import", "product", listing.label)
        master = here.store[Master].get(listing.master)
        if master is not None and master.source == connector.id:
            here.store[Master].put(replace(master, status=REMOVED))
    return gone


def match_again(here: Emulation, connector: Connector) -> None:
    """What could not be linked may be now: a master product came or changed, or a rule did."""
    for listing in here.store[Listing].all(L.connector == connector.id, L.master == 0, L.present, order=[L.item]):
        _linked(here, connector, listing)


def forget(here: Emulation, connector: int) -> None:
    """The links of a connector that is removed; master products stay."""
    here.store[Listing].delete_where(L.connector == connector)


# ---------------------------------------------------------------------------------------------- made elsewhere


def by_label(here: Emulation, label: str) -> Master | None:
    """By SKU, else by barcode; None for "": no SKU is no name."""
    if not label:
        return None
    found = here.store[Master].first(M.sku == label, order=[M.id])
    return found or here.store[Master].first(M.barcode == label, order=[M.id])


def added(here: Emulation, source: int, sku: str, barcode: str = "", name: str = "", status: str = "active") -> Master:
    """A product that another system has made. It is offered to nobody's shop."""
    number = here.ids.next("spotler.master")
    return here.store[Master].add(Master(number, sku, barcode, name or sku, status, "", source, here.clock.now))


# ---------------------------------------------------------------------------------------------- over the API


def list_all(sku: str | None = None, barcode: str | None = None, status: str | None = None) -> dict[str, Any]:
    here = emulation()
    where = [] if sku is None else [M.sku == sku]
    if barcode is not None:
        where.append(M.barcode == barcode)
    found = here.store[Master].all(*where, order=[M.id])
    return {"data": [rendered(here, one) for one in found if status in (None, one.status)]}


def read(product_id: int) -> dict[str, Any]:
    """Errors: 404."""
    here = emulation()
    master = here.store[Master].get(product_id)
    if master is None:
        raise NotFound(f"There is no master product {product_id}.")
    return rendered(here, master)


def rendered(here: Emulation, master: Master) -> dict[str, Any]:
    listings = here.store[Listing].all(L.master == master.id, order=[L.connector, L.item])
    return {
        "id": master.id,
        "sku": master.sku or None,
        "barcode": master.barcode or None,
        "name": master.name,
        "status": master.status,
        "price": master.price or None,
        "source_of_updates": master.source,
        "created_at": iso(master.created_at),
        "links": [
            {"connector_id": one.connector, "product_id": one.parent or one.item,
             "variation_id": one.item if one.parent else None, "present": one.present}
            for one in listings
        ],
    }  # fmt: skip
