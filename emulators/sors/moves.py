"""What a person does in SORS, and what Softkom does. Units: quantities with up to three decimals, prices in dinars.

`database` and `business_unit` (its code) are this year's and the first one unless they are named.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from ..kernel import ApiError, Emulation, LabError
from ..kernel.emulator import Move
from ..quantities import money, number, rendered
from . import images, year
from .account import account, change as change_account, issue_key, revoke_keys
from .catalogue import ARTICLES, Article, the_article
from .customers import CUSTOMERS, ENTRIES, Customer, Entry, charge, entered, entries_of, owed, today
from .databases import DEMO, Database, named, unit_named
from .desk import an_article, change, dinars, pieces
from .documents import DOCUMENTS, OWED, Document, effect, items_of, sums
from .fresh import add_demo_article
from .images import Image
from .stock import LEVELS, MOVEMENTS, Change, Level, Movement, bring_to, level, move

# -- articles and stock


def adjust_stock(
    here: Emulation, code: str, quantity: float, business_unit: str = "", database: str = ""
) -> dict[str, Any]:
    """Count an article: from now on there is exactly this much of it."""
    home = named(here, database)
    article, unit = the_article(here, home.id, code), unit_named(here, home.id, business_unit)
    if not article.kept:
        raise LabError(f"{code} is a service: there is no stock of it")
    bring_to(here, article, unit.id, pieces(quantity))
    return _stock(here, article, unit.id)


def reserve(here: Emulation, code: str, quantity: float, business_unit: str = "", database: str = "") -> dict[str, Any]:
    """Set goods aside by hand, for a proforma; a negative quantity lets them go."""
    home = named(here, database)
    article, unit = the_article(here, home.id, code), unit_named(here, home.id, business_unit)
    aside = pieces(quantity)
    if level(here, home.id, unit.id, article.id).reserved + aside < 0:
        raise LabError(f"not so much of {code} is reserved")
    move(here, home.id, [Change(unit.id, article.id, reserved=aside)], "reservation")
    return _stock(here, article, unit.id)


def change_price(
    here: Emulation, code: str, wholesale: float | None = None, retail: float | None = None, database: str = ""
) -> dict[str, Any]:
    """Set the wholesale price (without VAT), the retail price (with VAT), or both."""
    article = the_article(here, named(here, database).id, code)
    if wholesale is None and retail is None:
        raise LabError("name a wholesale or a retail price")
    prices = {name: dinars(p) for name, p in (("wholesale", wholesale), ("retail", retail)) if p is not None}
    article = change(here, article, **prices)
    return {"code": code, "wholesale": number(article.wholesale), "retail": number(article.retail)}


def add_article(
    here: Emulation,
    code: str,
    quantity: float = 0,
    name: str = "",
    price: float = 1000,
    kind: str = "goods",
    group: str = "",
    second_group: str = "",
    business_unit: str = "",
    database: str = "",
) -> dict[str, Any]:
    """Enter a new article, with its stock."""
    home = named(here, database)
    if here.store[Article].count(ARTICLES.c.database == home.id, ARTICLES.c.code == code):
        raise LabError(f"{home.id} has an article with the code {code!r} already")
    article = an_article(
        here, home, code, name=name, price=price, kind=kind, group=group, second_group=second_group
    )  # fmt: skip
    if article.kept:
        bring_to(here, article, unit_named(here, home.id, business_unit).id, pieces(quantity), kind="opening")
    return {"article_id": article.id}


def retire_article(here: Emulation, code: str, database: str = "") -> None:
    """Take an article out of use; it stays in the list, not active."""
    change(here, the_article(here, named(here, database).id, code), is_active=False)


def revive_article(here: Emulation, code: str, database: str = "") -> None:
    """Take an article into use again."""
    change(here, the_article(here, named(here, database).id, code), is_active=True)


def rename_article(here: Emulation, code: str, name: str, database: str = "") -> None:
    """Give an article another name; its code and id stay."""
    if not name.strip():
        raise LabError("a name must not be empty")
    change(here, the_article(here, named(here, database).id, code), name=name)


def add_picture(here: Emulation, code: str, database: str = "") -> dict[str, Any]:
    """Add a picture to an article, behind those it has."""
    article = the_article(here, named(here, database).id, code)
    image = images.add(here, article)
    change(here, article)
    return {"image_id": image.id, "url": f"{here.root}/pictures/{image.name}"}


def remove_pictures(here: Emulation, code: str, database: str = "") -> dict[str, Any]:
    """Take every picture of an article away."""
    article = the_article(here, named(here, database).id, code)
    c = images.IMAGES.c
    removed = here.store[Image].delete_where(c.database == article.database, c.article_id == article.id)
    change(here, article)
    return {"removed": removed}


# -- customers and documents


def add_customer(
    here: Emulation, name: str, pib: str = "", email: str = "", phone: str = "", database: str = ""
) -> dict[str, Any]:
    """Enter a customer at the desk."""
    sent = {"name": name, "taxId": pib, "email": email, "phone": phone}
    try:
        return {"customer_id": entered(here, named(here, database).id, sent).id}
    except ApiError as refused:
        raise LabError(f"SORS does not take this customer: {refused.message}", status=409) from None


def set_debt(here: Emulation, customer: str, balance: float, overdue: float = 0, database: str = "") -> dict[str, Any]:
    """What a customer (by PIB or by name) owes from now on, and how much of it should have been paid already."""
    home = named(here, database)
    found = _customer(here, home.id, customer)
    if not 0 <= overdue <= max(0, balance):
        raise LabError("what is overdue is a part of the balance")
    now = today(here)
    c = ENTRIES.c
    here.store[Entry].delete_where(c.database == home.id, c.customer_id == found.id)
    yesterday = (here.clock.now - timedelta(days=1)).date().isoformat()
    tomorrow = (here.clock.now + timedelta(days=30)).date().isoformat()
    if overdue:
        charge(here, found, money(overdue), due=yesterday)
    if balance - overdue:
        charge(here, found, money(balance - overdue), due=tomorrow)
    balance_, overdue_ = owed(entries_of(here, home.id, found.id), now)
    return {"balance": number(balance_), "overdue": number(overdue_)}


def cancel_document(here: Emulation, number: str = "", database: str = "") -> dict[str, Any]:
    """Cancel a document (by its number or external number; the newest unless named): what it did is undone."""
    home = named(here, database)
    found = [
        d
        for d in here.store[Document].all(DOCUMENTS.c.database == home.id, order=[DOCUMENTS.c.id.desc()])
        if number in ("", d.number, d.external_number)
    ]
    if not found:
        raise LabError(f"{home.id} has no document {number!r}")
    document = found[0]
    if document.status == "cancelled":
        raise LabError(f"document {document.number} is cancelled already")
    here.store[Document].put(replace(document, status="cancelled"))
    undone = []
    for item in items_of(document):
        article = here.store[Article].get((home.id, item.article_id))
        if article is not None and article.kept:
            undone.append(effect(document.type, document.unit_id, item.article_id, -item.quantity))
    move(here, home.id, undone, "cancellation", document_id=document.id)
    if sign := OWED.get(document.type):
        customer = here.store[Customer].get((home.id, document.customer_id))
        assert customer is not None
        charge(here, customer, -sign * sums(items_of(document), gross=document.with_vat)[1], document_id=document.id)
    return {"number": document.number}


# -- databases


def close_year(here: Emulation) -> dict[str, Any]:
    """Close this fiscal year: a new database with new ids and the old stock, and the old one only to be read."""
    return {"database": year.close(here, named(here, "")).id}


def demo_churn(here: Emulation, times: int = 1) -> dict[str, Any]:
    """Other people work in the shared Demo2: one article goes, one comes, stock of another one changes."""
    if not 1 <= times <= 100:
        raise LabError(f"churn between 1 and 100 times, not {times}")
    c = ARTICLES.c
    for _ in range(times):
        articles = here.store[Article].all(c.database == DEMO, order=[c.id])
        if articles:
            _forget(here, articles[0])
        if articles[1:]:
            bring_to(here, articles[1], 1, pieces(here.ids.number(0, 50)))
        serial = here.ids.next("sors.churn")
        add_demo_article(here, f"TUDJ-{serial:03}", f"Tudji artikal {serial}", 10 * here.ids.number(1, 99))
    return {"articles": here.store[Article].count(c.database == DEMO)}


def _forget(here: Emulation, article: Article) -> None:
    """An article and all that is known of it, as if it had never been."""
    here.store[Article].delete((article.database, article.id))
    for record, table in ((Level, LEVELS), (Movement, MOVEMENTS), (Image, images.IMAGES)):
        where = (table.c.database == article.database, table.c.article_id == article.id)
        here.store[record].delete_where(*where)


def withdraw_database(here: Emulation, database: str = "") -> dict[str, Any]:
    """From now on the account's keys do not open this database."""
    return {"database": here.store[Database].put(replace(named(here, database), granted=False)).id}


def grant_database(here: Emulation, database: str = "") -> dict[str, Any]:
    """From now on the account's keys open this database (again)."""
    return {"database": here.store[Database].put(replace(named(here, database), granted=True)).id}


def allow_negative_stock(here: Emulation, database: str = "") -> None:
    """Documents may take more than there is."""
    here.store[Database].put(replace(named(here, database), negative_stock=True))


def forbid_negative_stock(here: Emulation, database: str = "") -> None:
    """Documents may not take more than is available."""
    here.store[Database].put(replace(named(here, database), negative_stock=False))


# -- the API


def give_key(here: Emulation) -> dict[str, Any]:
    """Softkom issues one more API key; the others go on working."""
    return {"api_key": issue_key(here).key}


def revoke_key(here: Emulation, key: str = "") -> dict[str, Any]:
    """Softkom revokes one API key, or all of them."""
    revoked = revoke_keys(here, key)
    if key and not revoked:
        raise LabError("this key is not open: it was never issued, or is revoked already")
    return {"revoked": revoked}


def envelope_200_always(here: Emulation, on: bool = True) -> dict[str, Any]:
    """Errors come with HTTP 200 and `success: false`, or with their own status again."""
    return {"always_200": change_account(here, always_200=on).always_200}


def accept_repeated_numbers(here: Emulation, on: bool = True) -> dict[str, Any]:
    """A second document with the same external number is taken, or refused again."""
    return {"repeated_numbers": change_account(here, repeated_numbers=on).repeated_numbers}


def set_rate_limit(here: Emulation, per_minute: int) -> dict[str, Any]:
    """Requests a minute with one key; 0 lifts the limit."""
    if per_minute < 0:
        raise LabError(f"requests a minute cannot be {per_minute}")
    change_account(here, requests_a_minute=per_minute)
    return {"per_minute": account(here).requests_a_minute}


def _customer(here: Emulation, database: str, who: str) -> Customer:
    found = here.store[Customer].all(CUSTOMERS.c.database == database, order=[CUSTOMERS.c.id])
    one = next((c for c in found if who in (c.tax_id, c.name)), None)
    if one is None:
        raise LabError(f"{database} has no customer {who!r}")
    return one


def _stock(here: Emulation, article: Article, unit_id: int) -> dict[str, Any]:
    now = level(here, article.database, unit_id, article.id)
    return {"code": article.code, "on_hand": rendered(now.on_hand), "reserved": rendered(now.reserved)}


MOVES: dict[str, Move] = {
    "accept repeated numbers": accept_repeated_numbers,
    "add article": add_article,
    "add customer": add_customer,
    "add picture": add_picture,
    "adjust stock": adjust_stock,
    "allow negative stock": allow_negative_stock,
    "cancel document": cancel_document,
    "change price": change_price,
    "close year": close_year,
    "demo churn": demo_churn,
    "envelope 200 always": envelope_200_always,
    "forbid negative stock": forbid_negative_stock,
    "grant database": grant_database,
    "issue key": give_key,
    "remove pictures": remove_pictures,
    "rename article": rename_article,
    "reserve": reserve,
    "retire article": retire_article,
    "revive article": revive_article,
    "revoke key": revoke_key,
    "set debt": set_debt,
    "set rate limit": set_rate_limit,
    "withdraw database": withdraw_database,
}
