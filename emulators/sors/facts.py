"""What SORS believes. `database` is this year's unless it is named; quantities are of all units unless one is named."""

from __future__ import annotations

from typing import Any

from ..kernel import Emulation
from ..kernel.emulator import Fact
from ..quantities import number, rendered
from .account import KEYS, ApiKey, account
from .catalogue import ARTICLES, GROUPS, PRICE_TYPES, Article, Group, prices, shown as shown_article
from .customers import CUSTOMERS, Customer, entries_of, owed, today
from .databases import Database, named, unit_named
from .documents import DOCUMENTS, Document, shown as shown_document
from .images import images_of
from .stock import MOVEMENTS, Movement, totals


def stock(here: Emulation, database: str = "", business_unit: str = "") -> dict[str, dict[str, int | float]]:
    """On hand and reserved by code, of every article that is kept anywhere."""
    home = named(here, database)
    codes = _codes(here, home.id)
    found = totals(here, home.id, unit_named(here, home.id, business_unit).id if business_unit else None)
    return {
        codes[article]: {"in_stock": rendered(on_hand), "in_reserve": rendered(reserved)}
        for article, (on_hand, reserved) in sorted(found.items(), key=lambda pair: codes[pair[0]])
    }


def available(here: Emulation, database: str = "", business_unit: str = "") -> dict[str, int | float]:
    """What is there and not reserved, by code."""
    return {
        code: round(level["in_stock"] - level["in_reserve"], 3)
        for code, level in stock(here, database, business_unit).items()
    }


def movements(here: Emulation, database: str = "") -> list[dict[str, Any]]:
    """Every movement, oldest first; those of one level add up to it."""
    home = named(here, database)
    codes = _codes(here, home.id)
    return [
        {
            "sku": codes[one.article_id],
            "unit_id": one.unit_id,
            "kind": one.kind,
            "quantity": rendered(one.on_hand),
            "reserve": rendered(one.reserved),
            "document_id": one.document_id,
        }
        for one in here.store[Movement].all(MOVEMENTS.c.database == home.id, order=[MOVEMENTS.c.id])
    ]


def catalogue(here: Emulation, database: str = "") -> dict[str, dict[str, Any]]:
    """Articles by code, with the names of their groups and the number of their pictures."""
    home = named(here, database)
    groups = {g.id: g.name for g in here.store[Group].all(GROUPS.c.database == home.id)}
    return {
        article.code: {
            "id": article.id,
            "name": article.name,
            "kind": article.kind,
            "unit": article.unit,
            "gtin": article.gtin,
            "group": groups.get(article.group_id or 0, ""),
            "second_group": groups.get(article.second_group_id or 0, ""),
            "active": article.is_active,
            "pictures": len(images_of(here, home.id, article.id)),
        }
        for article in here.store[Article].all(ARTICLES.c.database == home.id, order=[ARTICLES.c.code])
    }


def price_list(here: Emulation, database: str = "") -> dict[str, dict[str, int | float]]:
    """Prices by code: wholesale and retail, without and with VAT."""
    home = named(here, database)
    found: dict[str, dict[str, int | float]] = {}
    for article in here.store[Article].all(ARTICLES.c.database == home.id, order=[ARTICLES.c.code]):
        found[article.code] = {"vat": shown_article(article, "retail")["vatRate"]}
        for kind in PRICE_TYPES:
            net, gross = prices(article, kind)
            found[article.code] |= {kind: number(net), f"{kind}_with_vat": number(gross)}
    return found


def customers(here: Emulation, database: str = "") -> dict[str, dict[str, Any]]:
    """Customers by name; several of one name by name and id."""
    home = named(here, database)
    found: dict[str, dict[str, Any]] = {}
    for one in here.store[Customer].all(CUSTOMERS.c.database == home.id, order=[CUSTOMERS.c.id]):
        balance, overdue = owed(entries_of(here, home.id, one.id), today(here))
        found[one.name if one.name not in found else f"{one.name} #{one.id}"] = {
            "id": one.id,
            "pib": one.tax_id,
            "email": one.email,
            "phone": one.phone,
            "address": one.address,
            "city": one.city,
            "postal_code": one.postal_code,
            "country": one.country,
            "company": one.is_company,
            "balance": number(balance),
            "overdue": number(overdue),
        }
    return found


def documents(here: Emulation, database: str = "") -> dict[str, dict[str, Any]]:
    """Documents by external number, or by their own; of several with one number each under its own."""
    home = named(here, database)
    names = {c.id: c.name for c in here.store[Customer].all(CUSTOMERS.c.database == home.id)}
    found: dict[str, dict[str, Any]] = {}
    for one in here.store[Document].all(DOCUMENTS.c.database == home.id, order=[DOCUMENTS.c.id]):
        whole = shown_document(one)
        key = one.external_number if one.external_number and one.external_number not in found else one.number
        found[key] = {
            "number": one.number,
            "type": one.type,
            "status": one.status,
            "customer": names[one.customer_id],
            "unit_id": one.unit_id,
            "date": one.date,
            "note": one.note,
            "prices_with_vat": one.with_vat,
            "total": whole["total"],
            "total_with_vat": whole["totalWithVat"],
            "items": {
                item["code"]: {
                    "quantity": item["quantity"],
                    "price": item["unitPrice"],
                    "discount": item["discountPercent"],
                }
                for item in whole["items"]
            },
        }
    return found


def numbers(here: Emulation, database: str = "") -> dict[str, int]:
    """How many documents have each external number, cancelled ones left out."""
    home = named(here, database)
    where = (DOCUMENTS.c.database == home.id, DOCUMENTS.c.status == "open")
    found: dict[str, int] = {}
    for one in here.store[Document].all(*where, order=[DOCUMENTS.c.id]):
        if one.external_number is not None:
            found[one.external_number] = found.get(one.external_number, 0) + 1
    return found


def databases(here: Emulation) -> dict[str, dict[str, Any]]:
    """Databases by id."""
    return {
        one.id: {
            "year": one.year,
            "demo": one.is_demo,
            "closed": one.is_closed,
            "granted": one.granted,
            "negative_stock": one.negative_stock,
        }
        for one in sorted(here.store[Database].all(), key=lambda d: d.id)
    }


def keys(here: Emulation) -> list[dict[str, Any]]:
    """The API keys, without what opens the API."""
    return [{"id": one.id, "open": one.opens} for one in here.store[ApiKey].all(order=[KEYS.c.id])]


def settings(here: Emulation) -> dict[str, Any]:
    """What moves can change about the API."""
    now = account(here)
    return {
        "requests_a_minute": now.requests_a_minute,
        "always_200": now.always_200,
        "repeated_numbers": now.repeated_numbers,
    }


def _codes(here: Emulation, database: str) -> dict[int, str]:
    return {article.id: article.code for article in here.store[Article].all(ARTICLES.c.database == database)}


FACTS: dict[str, Fact] = {
    "available": available,
    "catalogue": catalogue,
    "customers": customers,
    "databases": databases,
    "documents": documents,
    "keys": keys,
    "movements": movements,
    "numbers": numbers,
    "prices": price_list,
    "settings": settings,
    "stock": stock,
}
