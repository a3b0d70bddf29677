"""Customers: companies with a PIB, and people; looked up before they are made; and what they owe.

Source: SORS API for WooCommerce plugin page (customer list, creation and debt; the fields that the plugin sends).
Assumed: the paths and field names, how lookups compare, the 409 for a PIB that is there already.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from ..kernel import Emulation, Table, dataclass, emulation
from ..quantities import number
from .databases import next_id
from .envelope import answered, page_from
from .errors import Duplicate, Invalid, NotFound

TEXTS = ("email", "phone", "address", "city", "postalCode")
_NOT_DIGITS = re.compile(r"\D+")
_PIB = re.compile(r"[0-9]{9}")  # the last one is a check of the others; nothing says that SORS looks at it


@dataclass(frozen=True)
class Customer:
    """`digits` is the phone as it is compared; `mail` likewise."""

    database: str
    id: int
    name: str
    tax_id: str | None = None
    email: str = ""
    phone: str = ""
    address: str = ""
    city: str = ""
    postal_code: str = ""
    country: str = "RS"
    is_company: bool = False
    mail: str = ""
    digits: str = ""


CUSTOMERS = Table(
    Customer,
    "sors_customers",
    key=("database", "id"),
    columns=("tax_id", "mail", "digits"),
    unique=[("database", "tax_id")],
)


@dataclass(frozen=True)
class Entry:
    """One amount on a customer's account: more debt above zero, less below. Units: dinars."""

    database: str
    id: int
    customer_id: int
    amount: Decimal
    on: str  # day, as 2026-11-02
    due: str
    document_id: int | None = None


ENTRIES = Table(Entry, "sors_entries", key=("database", "id"), columns=("customer_id", "document_id"))


# -- rules


def digits_of(phone: str) -> str:
    """The same number for +381 64 123 456, 00381 64/123-456 and 064123456."""
    digits = _NOT_DIGITS.sub("", phone)
    for prefix in ("00381", "381", "0"):
        if digits.startswith(prefix):
            return digits[len(prefix) :]
    return digits


def problems_of(sent: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with a new customer, by field."""
    tax_id, country = sent.get("taxId") or "", sent.get("country") or "RS"
    problems = {}
    if not sent["name"].strip():
        problems["name"] = "This must not be empty."
    if country == "RS" and tax_id and not _PIB.fullmatch(tax_id):
        problems["taxId"] = "A PIB has nine digits."
    return problems


def made(sent: Mapping[str, Any], database: str, number_: int) -> Customer:
    """A customer from the fields of a request."""
    texts = {name: sent.get(name) or "" for name in TEXTS}
    return Customer(
        database,
        number_,
        sent["name"].strip(),
        sent.get("taxId") or None,
        email=texts["email"],
        phone=texts["phone"],
        address=texts["address"],
        city=texts["city"],
        postal_code=texts["postalCode"],
        country=sent.get("country") or "RS",
        is_company=bool(sent["isCompany"] if sent.get("isCompany") is not None else sent.get("taxId")),
        mail=texts["email"].strip().casefold(),
        digits=digits_of(texts["phone"]),
    )


def shown(customer: Customer) -> dict[str, Any]:
    return {
        "id": customer.id,
        "name": customer.name,
        "taxId": customer.tax_id,
        "email": customer.email or None,
        "phone": customer.phone or None,
        "address": customer.address or None,
        "city": customer.city or None,
        "postalCode": customer.postal_code or None,
        "country": customer.country,
        "isCompany": customer.is_company,
    }


def owed(entries: list[Entry], on: str) -> tuple[Decimal, Decimal]:
    """Balance and overdue on this day. What was paid settles what fell due first."""
    told = [entry for entry in entries if entry.on <= on]
    balance = sum((entry.amount for entry in told), Decimal(0))
    due = sum((entry.amount for entry in told if entry.amount < 0 or entry.due < on), Decimal(0))
    return balance, max(Decimal(0), due)


# -- requests


def list_all(
    database: str,
    page: int,
    pageSize: int,
    taxId: str | None = None,
    email: str | None = None,
    phone: str | None = None,
    q: str | None = None,
) -> dict[str, Any]:
    """Customers by id. Several conditions must all hold; e-mail and `q` ignore case, phones are compared by digits."""
    here = emulation()
    where: list[Any] = [CUSTOMERS.c.database == database]
    if taxId is not None:
        where.append(CUSTOMERS.c.tax_id == taxId.strip())
    if email is not None:
        where.append(CUSTOMERS.c.mail == email.strip().casefold())
    if phone is not None:
        where.append(CUSTOMERS.c.digits == digits_of(phone))
    found = here.store[Customer].all(*where, order=[CUSTOMERS.c.id])
    if q is not None:
        found = [c for c in found if q.strip().casefold() in c.name.casefold()]
    if phone is not None and not digits_of(phone):
        found = []  # everybody without a phone is not one person
    return page_from([shown(c) for c in found], page=page, size=pageSize)


def create(database: str, body: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """Enter a customer.

    Errors: VALIDATION without a name or with a PIB that is none, DUPLICATE when another has this PIB.
    """
    return answered(shown(entered(emulation(), database, body))), 201


def entered(here: Emulation, database: str, sent: Mapping[str, Any]) -> Customer:
    if problems := problems_of(sent):
        raise Invalid(problems)
    if sent.get("taxId") and (other := by_tax_id(here, database, sent["taxId"])):
        raise Duplicate(f"Customer {other.id} has this PIB already.", field="taxId")
    return here.store[Customer].add(made(sent, database, next_id(here, database, "customer")))


def read_debt(database: str, customer: int, asOf: str | None = None) -> dict[str, Any]:
    """What a customer owes on a day, today unless one is named. Errors: 404."""
    here = emulation()
    the_customer(here, database, customer)
    balance, overdue = owed(entries_of(here, database, customer), day(asOf, "asOf") or today(here))
    return answered({"customerId": customer, "currency": "RSD", "balance": number(balance), "overdue": number(overdue)})


def day(text: str | None, field: str) -> str:
    """A day as it came, checked; nothing when there is none. Errors: VALIDATION."""
    if text is None:
        return ""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise Invalid({field: "This is not a day like 2026-11-02."}) from None


def today(here: Emulation) -> str:
    return here.clock.now.date().isoformat()


# -- in the store


def the_customer(here: Emulation, database: str, number_: int) -> Customer:
    """Errors: 404."""
    found = here.store[Customer].get((database, number_))
    if found is None:
        raise NotFound(f"{database} has no customer {number_}.")
    return found


def by_tax_id(here: Emulation, database: str, tax_id: str) -> Customer | None:
    return here.store[Customer].first(CUSTOMERS.c.database == database, CUSTOMERS.c.tax_id == tax_id)


def entries_of(here: Emulation, database: str, customer_id: int) -> list[Entry]:
    c = ENTRIES.c
    return here.store[Entry].all(c.database == database, c.customer_id == customer_id, order=[c.id])


def charge(
    here: Emulation, customer: Customer, amount: Decimal, *, due: str = "", document_id: int | None = None
) -> None:
    """Put an amount on a customer's account."""
    now = today(here)
    number_ = next_id(here, customer.database, "entry")
    here.store[Entry].add(Entry(customer.database, number_, customer.id, amount, now, due or now, document_id))
