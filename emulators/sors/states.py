"""Named situations of a SORS account. Units: quantities with up to three decimals, prices in dinars.

`database` and `business_unit` (its code) are this year's and the first one unless they are named.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..kernel import Emulation, LabError
from ..kernel.emulator import State
from . import images
from .account import KEYS, Account, ApiKey, account, change, issue_key, open_key, revoke_keys
from .catalogue import ARTICLES, Article
from .customers import CUSTOMERS, Customer, by_tax_id, entered
from .databases import Database, named, next_id, unit_named
from .desk import PRICE, a_group, an_article, dinars, pieces
from .documents import TYPES, entered as entered_document, with_number
from .fresh import LAST_YEAR, emptied
from .limits import Window
from .moves import set_debt
from .prices import with_vat
from .stock import Change, Level, bring_to, level, move

COMPANY = "100000016"  # a PIB


def an_empty_account(here: Emulation) -> dict[str, Any]:
    """Nothing in it but an open key, the databases of two years and Demo2."""
    emptied(here)
    home = named(here, "")
    unit = unit_named(here, home.id, "")
    return {"api_key": (open_key(here) or issue_key(here)).key, "database": home.id, "unit_id": unit.id}


def an_article_in_stock(
    here: Emulation,
    code: str = "MUG",
    quantity: float = 10,
    reserved: float = 0,
    price: float | None = None,
    retail: float | None = None,
    name: str = "",
    kind: str = "goods",
    vat: float | None = None,
    unit: str = "",
    gtin: str = "",
    group: str = "",
    second_group: str = "",
    business_unit: str = "",
    database: str = "",
) -> dict[str, Any]:
    """One article with exactly this quantity in this unit, and so much of it reserved. `price` is the wholesale price
    without VAT, `retail` the retail price with VAT."""
    home = named(here, database)
    article = an_article(
        here, home, code, name=name, price=price, retail=retail, vat=vat, kind=kind, unit=unit, gtin=gtin,
        group=group, second_group=second_group,
    )  # fmt: skip
    place = unit_named(here, home.id, business_unit)
    if article.kept:
        bring_to(here, article, place.id, pieces(quantity), reserved=pieces(reserved), kind="opening")
    return {"article_id": article.id, "unit_id": place.id, "database": home.id}


def a_service(here: Emulation, code: str = "DOSTAVA", price: float = 400, name: str = "") -> dict[str, Any]:
    """An article of which there is no stock: a delivery, an hour of work."""
    return an_article_in_stock(here, code, price=price, name=name or code, kind="service")


def an_article_with_pictures(here: Emulation, code: str = "MUG", pictures: int = 1) -> dict[str, Any]:
    """One article that has at least so many pictures."""
    home = named(here, "")
    article = an_article(here, home, code)
    if not 0 <= pictures <= 50:
        raise LabError(f"an article has up to 50 pictures, not {pictures}")
    for _ in range(pictures - len(images.images_of(here, home.id, article.id))):
        images.add(here, article)
    names = [image.name for image in images.images_of(here, home.id, article.id)]
    return {"article_id": article.id, "picture": names[0] if names else ""}


def two_levels_of_groups(here: Emulation, first: str = "Kuhinja", second: str = "Posude") -> dict[str, Any]:
    """A group, and another one under it."""
    home = named(here, "")
    above = a_group(here, home.id, first)
    return {"group_id": above.id, "second_group_id": a_group(here, home.id, second, above.id).id}


def a_catalogue(
    here: Emulation, size: int = 100, quantity: float = 10, prefix: str = "ART-", price: float = PRICE
) -> dict[str, Any]:
    """Articles from ART-000001 on with this quantity in the first unit. Those that are there already stay."""
    home = named(here, "")
    place = unit_named(here, home.id, "")
    c = ARTICLES.c
    known = {a.code for a in here.store[Article].all(c.database == home.id, c.code.like(f"{prefix}%"))}
    codes = [code for number in range(1, size + 1) if (code := f"{prefix}{number:06}") not in known]
    if not codes:
        return {"made": 0}
    first, now, net = next_id(here, home.id, "article", len(codes)), here.clock.now, dinars(price)
    made = [
        Article(home.id, first + n, code, code, now, wholesale=net, retail=with_vat(net, Article.vat_rate))
        for n, code in enumerate(codes)
    ]
    here.store[Article].put_all(made)
    here.store[Level].put_all([Level(home.id, place.id, article.id, changed_at=now) for article in made])
    move(here, home.id, [Change(place.id, article.id, pieces(quantity)) for article in made], "opening")
    return {"made": len(codes)}


def a_customer(
    here: Emulation,
    name: str = "Kupac d.o.o.",
    pib: str = COMPANY,
    email: str = "nabavka@kupac.example",
    phone: str = "+381 11 2345678",
    city: str = "",
) -> dict[str, Any]:
    """A customer with this PIB; without one, with this e-mail."""
    home = named(here, "")
    return {"customer_id": _customer(here, home.id, name, pib, email, phone, city).id}


def _customer(here: Emulation, database: str, name: str, pib_: str, email: str, phone: str, city: str = "") -> Customer:
    sent = {"name": name, "taxId": pib_, "email": email, "phone": phone, "city": city}
    c = CUSTOMERS.c
    known = (
        by_tax_id(here, database, pib_)
        if pib_
        else here.store[Customer].first(c.database == database, c.mail == email.casefold())
    )
    return known or entered(here, database, sent)


def a_document(
    here: Emulation,
    external_number: str = "WC-1001",
    type: str = "reservation",
    code: str = "MUG",
    quantity: float = 1,
    price: float = 1000,
) -> dict[str, Any]:
    """A document of this type with this external number, for one article and one customer."""
    home = named(here, "")
    if type not in TYPES:
        raise LabError(f"a document is {', '.join(TYPES)}, not {type!r}")
    if found := with_number(here, home.id, type, external_number):
        return {"document_id": found[0].id, "number": found[0].number}
    place = unit_named(here, home.id, "")
    article = an_article(here, home, code)
    if level(here, home.id, place.id, article.id).available < pieces(quantity):
        bring_to(here, article, place.id, pieces(quantity + 10), kind="opening")
    customer = _customer(here, home.id, "Kupac d.o.o.", COMPANY, "nabavka@kupac.example", "+381 11 2345678")
    sent = {
        "type": type,
        "businessUnitId": place.id,
        "customerId": customer.id,
        "externalNumber": external_number,
        "items": [{"code": code, "quantity": quantity, "unitPrice": price}],
    }
    made = entered_document(here, home, sent)
    return {"document_id": made.id, "number": made.number, "customer_id": customer.id}


def a_debt(here: Emulation, balance: float = 1500, overdue: float = 500) -> dict[str, Any]:
    """A customer who owes this much."""
    made = a_customer(here)
    if here.store[Customer].get((named(here, "").id, made["customer_id"])):
        set_debt(here, COMPANY, balance, overdue)
    return made


def a_closed_database(here: Emulation, code: str = "MUG", quantity: float = 10) -> dict[str, Any]:
    """Last year's database, closed, with an article in it."""
    return an_article_in_stock(here, code, quantity, database=f"MyDatabase{LAST_YEAR}")


def a_withdrawn_database(here: Emulation, database: str = "Demo2") -> dict[str, Any]:
    """A database that exists and that the key does not open."""
    return {"database": here.store[Database].put(replace(named(here, database), granted=False)).id}


def negative_stock_allowed(here: Emulation) -> None:
    """This year's documents may take more than there is."""
    here.store[Database].put(replace(named(here, ""), negative_stock=True))


def repeated_numbers_accepted(here: Emulation) -> None:
    """A second document with the same external number is taken."""
    change(here, repeated_numbers=True)


def a_way_of_answering(here: Emulation, always_200: bool = False) -> None:
    """Errors come with their own status, or all with HTTP 200 and `success: false`."""
    change(here, always_200=always_200)


def a_revoked_key(here: Emulation) -> dict[str, Any]:
    """A key that was issued once and opens nothing any more; the others are as they were."""
    for one in here.store[ApiKey].all(order=[KEYS.c.id]):
        if not one.opens:
            return {"api_key": one.key}
    revoked = issue_key(here)
    revoke_keys(here, revoked.key)
    return {"api_key": revoked.key}


def no_open_key(here: Emulation) -> None:
    """Every key is revoked."""
    revoke_keys(here)


def a_used_up_minute(here: Emulation) -> None:
    """The open key has no request left in this minute."""
    limit, key = account(here).requests_a_minute or Account().requests_a_minute, open_key(here)
    if key is not None:
        here.store[Window].put(Window(key.id, here.clock.now, limit))


STATES: dict[str, State] = {
    "a catalogue": a_catalogue,
    "a closed database": a_closed_database,
    "a customer": a_customer,
    "a debt": a_debt,
    "a document": a_document,
    "a revoked key": a_revoked_key,
    "a service": a_service,
    "a used up minute": a_used_up_minute,
    "a way of answering": a_way_of_answering,
    "a withdrawn database": a_withdrawn_database,
    "an article in stock": an_article_in_stock,
    "an article with pictures": an_article_with_pictures,
    "an empty account": an_empty_account,
    "negative stock allowed": negative_stock_allowed,
    "no open key": no_open_key,
    "repeated numbers accepted": repeated_numbers_accepted,
    "two levels of groups": two_levels_of_groups,
}
