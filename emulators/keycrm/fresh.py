"""What a new account holds: one key, one person, one warehouse, and the lists that orders point into."""

from __future__ import annotations

from typing import Any

from ..kernel import Emulation
from .account import Account, issue_key
from .buyers import Buyer, Company, Contact
from .calls import Call
from .cards import Card
from .catalogue import Offer, Product
from .categories import Category
from .custom_fields import CustomField
from .limits import Window
from .order import Expense, Line, Order, Payment
from .pipelines import added as add_pipeline
from .references import Status, add, more_of
from .stock import Level, Movement, Warehouse
from .storage import File
from .transactions import Transaction
from .users import User
from .webhooks import StockWebhook, Trigger

MAIN = "Main"
BUSINESS: tuple[type[Any], ...] = (
    Buyer,
    Call,
    Card,
    Category,
    Company,
    Contact,
    CustomField,
    Expense,
    File,
    Level,
    Line,
    Movement,
    Offer,
    Order,
    Payment,
    Product,
    StockWebhook,
    Transaction,
    Trigger,
    Window,
)
_REFERENCES = (
    ("source", ("WooCommerce", "Instagram")),
    ("payment_method", ("Cash on delivery", "Apple Pay", "Bank transfer")),
    ("expense_type", ("Packaging", "Delivery")),
    ("delivery_service", ("Nova Poshta", "UPS")),
    ("product_status", ("In stock", "Ordered", "Packed")),
    ("tag", ("VIP", "Wholesale")),
)
_STATUSES = (
    # id, name, group, reserves, closes, seconds until it is overdue
    (1, "New", 1, False, False, None),
    (2, "Confirmed", 2, True, False, None),
    (3, "Awaiting payment", 2, True, False, 172_800),
    (4, "In production", 3, True, False, None),
    (5, "Packed", 4, True, False, None),
    (6, "Shipped", 4, True, False, None),
    (7, "Completed", 5, False, True, None),
    (8, "Returned", 6, False, True, None),
    (9, "Cancelled", 6, False, True, None),
)


def fresh(here: Emulation) -> None:
    now = here.clock.now
    here.store[Account].put(Account())
    here.store[Warehouse].put(Warehouse(here.ids.next("keycrm.warehouse"), MAIN, "The main warehouse"))
    here.store[User].put(User(here.ids.next("keycrm.user"), "owner@keycrm.example", "Olha Owner", created_at=now))
    for number, name, group, reserves, closes, seconds in _STATUSES:
        alias = name.lower().replace(" ", "_")
        here.store[Status].put(Status(number, name, alias, group, closes, reserves, seconds, created_at=now))
    for kind, names in _REFERENCES:
        for name in names:
            add(here, kind, name, **more_of(here, kind))
    add_pipeline(here, "Leads", ("New", "In talks", "Won", "Lost"))
    issue_key(here, "first key")


def emptied(here: Emulation) -> None:
    """As new again, but for keys, people, warehouses and reference lists; ids go on from where they were."""
    for record in BUSINESS:
        here.store[record].delete_where()
    here.store[Account].put(Account())
