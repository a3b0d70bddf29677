"""Finding things the way a person in the cabinet names them, and making what is missing."""

from __future__ import annotations

from ..kernel import Emulation, LabError
from ..quantities import Thousandths, money, thousandths
from .account import account
from .catalogue import Offer, Product, by_sku
from .fresh import MAIN
from .movements import move
from .order import ORDERS, Order
from .references import Status, status_by
from .stock import WAREHOUSES, Change, Kind, Warehouse, brought_to, level

MOST_PIECES = 1_000_000_000  # as many as the API takes


def the_offer(here: Emulation, sku: str) -> Offer:
    offer = by_sku(here, [sku]).get(sku)
    if offer is None:
        raise LabError(f"KeyCRM has no offer with SKU {sku!r}; make one with the move 'add offer'")
    return offer


def the_warehouse(here: Emulation, name: str) -> Warehouse:
    """By name; without one the account's main warehouse."""
    if not name:
        found = here.store[Warehouse].get(account(here).warehouse_id)
    else:
        found = here.store[Warehouse].first(WAREHOUSES.c.name == name, order=[WAREHOUSES.c.id])
    if found is None:
        known = ", ".join(w.name for w in here.store[Warehouse].all(order=[WAREHOUSES.c.id]))
        raise LabError(f"KeyCRM has no warehouse {name!r}; it has: {known}")
    return found


def a_warehouse(here: Emulation, name: str) -> Warehouse:
    """The warehouse with this name, made when there is none."""
    found = here.store[Warehouse].first(WAREHOUSES.c.name == (name or MAIN), order=[WAREHOUSES.c.id])
    return found or here.store[Warehouse].add(Warehouse(here.ids.next("keycrm.warehouse"), name))


def the_order(here: Emulation, order: int | str) -> Order:
    """By the shop's number of it, else by its id in KeyCRM; without either the newest."""
    orders = here.store[Order]
    newest = [ORDERS.c.id.desc()]
    if order == "":
        found = orders.first(order=newest)
    else:
        found = orders.first(ORDERS.c.source_uuid == str(order), order=newest)
        if found is None and _is_id(order):
            found = orders.get(int(order))
    if found is None:
        raise LabError(f"KeyCRM has no order {order!r}" if order else "KeyCRM has no order yet")
    return found


def _is_id(word: int | str) -> bool:
    return str(word).isascii() and str(word).isdigit() and len(str(word)) <= 18


def the_status(here: Emulation, word: int | str) -> Status:
    """By alias ("confirmed"), name ("Confirmed") or id."""
    number = int(word) if _is_id(word) else str(word).lower().replace(" ", "_")
    found = status_by(here, number)
    if found is None:
        known = ", ".join(status.alias for status in here.store[Status].all())
        raise LabError(f"KeyCRM has no order status {word!r}; it has: {known}")
    return found


def an_offer(here: Emulation, sku: str, *, name: str = "", price: float = 0) -> Offer:
    """The offer with this SKU, made with a product of its own when there is none."""
    found = by_sku(here, [sku]).get(sku)
    return found or new_offer(here, sku, name=name, price=price)


def new_offer(here: Emulation, sku: str, *, name: str = "", price: float = 0, purchased_price: float = 0) -> Offer:
    """A product without variants, and its one offer."""
    now = here.clock.now
    product = here.store[Product].add(
        Product(
            here.ids.next("keycrm.product"),
            name or sku,
            currency_code=account(here).currency,
            created_at=now,
            updated_at=now,
        )
    )
    offer = Offer(
        here.ids.next("keycrm.offer"),
        product.id,
        sku,
        price=money(price),
        purchased_price=money(purchased_price),
        of_product=True,
    )
    return here.store[Offer].add(offer)


def bring_to(here: Emulation, offer: Offer, warehouse: Warehouse, quantity: Thousandths, kind: Kind) -> None:
    """Exactly this quantity in this warehouse; the reserve stays."""
    move(here, [brought_to(level(here, offer.id, warehouse.id), quantity)], kind)


def shift(
    here: Emulation,
    offer: Offer,
    warehouse: Warehouse,
    kind: Kind,
    *,
    quantity: Thousandths = 0,
    reserve: Thousandths = 0,
) -> None:
    move(here, [Change(offer.id, warehouse.id, quantity, reserve)], kind)


def pieces(quantity: float) -> Thousandths:
    """A quantity that somebody types in, in thousandths."""
    if not -MOST_PIECES <= quantity <= MOST_PIECES:
        raise LabError(f"a quantity is between {-MOST_PIECES} and {MOST_PIECES}, not {quantity}")
    return thousandths(quantity)


def positive(quantity: float) -> Thousandths:
    """A quantity that a document of the cabinet may carry."""
    if not quantity > 0:
        raise LabError(f"the quantity has to be more than 0, not {quantity}")
    return pieces(quantity)
