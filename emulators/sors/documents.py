"""Outbound documents: invoice, invoice-delivery note, reservation, return, delivery note.

A reservation sets stock aside, a return gives it back, the others take it. The three with a price to be paid or paid
back stand on the customer's account.
Source: SORS API for WooCommerce plugin page (the five types; number, dates, items with quantity, unit price and
discount, customer note). Assumed: the paths and field names, the numbers, one external number per type, all errors.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from ..kernel import Emulation, Table, dataclass, emulation
from ..quantities import Thousandths, money, number, rendered, thousandths
from .account import account
from .catalogue import ARTICLES, Article, stamp, unit_of
from .customers import Customer, charge, day, today
from .databases import Database, next_id
from .envelope import answered, page_of
from .errors import Duplicate, InsufficientStock, Invalid, NotFound
from .prices import decimals, with_vat, without_vat
from .stock import Change, level, move

TYPES = ("invoice", "invoiceDeliveryNote", "reservation", "return", "deliveryNote")
PREFIXES = dict(zip(TYPES, ("R", "RO", "REZ", "POV", "O"), strict=True))
OWED = {"invoice": 1, "invoiceDeliveryNote": 1, "return": -1}  # sign on the customer's account
PRICE_DECIMALS = 4


@dataclass(frozen=True)
class Item:
    """Units: `quantity` thousandths; prices and `total` dinars, with or without VAT as the document says."""

    article_id: int
    code: str
    name: str
    quantity: Thousandths
    unit_price: Decimal
    discount_percent: Decimal
    vat_rate: Decimal
    total: Decimal


@dataclass(frozen=True)
class Document:
    """`status`: open, or cancelled by somebody in SORS."""

    database: str
    id: int
    number: str
    type: str
    unit_id: int
    customer_id: int
    external_number: str | None
    date: str
    due_date: str
    created_at: datetime
    note: str = ""
    with_vat: bool = False
    status: str = "open"
    items: Annotated[list[dict[str, Any]], list[Item]] = field(default_factory=list)


DOCUMENTS = Table(
    Document,
    "sors_documents",
    key=("database", "id"),
    columns=("type", "external_number", "status"),
    indexes=[("database", "external_number")],
)


# -- rules


def effect(type_: str, unit_id: int, article_id: int, quantity: Thousandths) -> Change:
    """What a line of a document does to stock."""
    match type_:
        case "reservation":
            return Change(unit_id, article_id, reserved=quantity)
        case "return":
            return Change(unit_id, article_id, on_hand=quantity)
        case _:
            return Change(unit_id, article_id, on_hand=-quantity)


def line_total(quantity: Thousandths, unit_price: Decimal, discount_percent: Decimal) -> Decimal:
    return money(Decimal(quantity) / 1000 * unit_price * (1 - discount_percent / 100))


def sums(items: Iterable[Item], *, gross: bool) -> tuple[Decimal, Decimal]:
    """Without and with VAT: added up by line, as a cash register does."""
    net = total = Decimal(0)
    for item in items:
        net += without_vat(item.total, item.vat_rate) if gross else item.total
        total += item.total if gross else with_vat(item.total, item.vat_rate)
    return net, total


def items_of(document: Document) -> list[Item]:
    money_ = ("unit_price", "discount_percent", "vat_rate", "total")
    return [Item(**{**kept, **{name: Decimal(kept[name]) for name in money_}}) for kept in document.items]


def shown(document: Document) -> dict[str, Any]:
    items = items_of(document)
    net, total = sums(items, gross=document.with_vat)
    return {
        "id": document.id,
        "number": document.number,
        "type": document.type,
        "status": document.status,
        "businessUnitId": document.unit_id,
        "customerId": document.customer_id,
        "externalNumber": document.external_number,
        "date": document.date,
        "dueDate": document.due_date,
        "note": document.note or None,
        "currency": "RSD",
        "pricesWithVat": document.with_vat,
        "total": number(net),
        "vat": number(total - net),
        "totalWithVat": number(total),
        "items": [
            {
                "articleId": item.article_id,
                "code": item.code,
                "name": item.name,
                "quantity": rendered(item.quantity),
                "unitPrice": number(item.unit_price),
                "discountPercent": number(item.discount_percent),
                "vatRate": number(item.vat_rate),
                "total": number(item.total),
            }
            for item in items
        ],
        "createdAt": stamp(document.created_at),
    }


# -- requests


def list_all(
    database: str, page: int, pageSize: int, type: str | None = None, externalNumber: str | None = None
) -> dict[str, Any]:
    """Documents by id."""
    where: list[Any] = [DOCUMENTS.c.database == database]
    if type is not None:
        where.append(DOCUMENTS.c.type == type)
    if externalNumber is not None:
        where.append(DOCUMENTS.c.external_number == externalNumber)
    return page_of(
        emulation(),
        DOCUMENTS,
        *where,
        page=page,
        size=pageSize,
        order=DOCUMENTS.c.id,
        render=lambda rows: [shown(document) for document in rows],
    )


def read(database: str, document: int) -> dict[str, Any]:
    """One document. Errors: 404."""
    found = emulation().store[Document].get((database, document))
    if found is None:
        raise NotFound(f"{database} has no document {document}.")
    return answered(shown(found))


def create(database: str, body: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """Enter a document; stock and the customer's account follow it.

    Units: quantities with up to three decimals, prices with up to four, in dinars.
    Errors: VALIDATION for an unknown unit, customer or article and for numbers that are too fine, DUPLICATE for an
    external number that a document of this type has, INSUFFICIENT_STOCK unless the database allows negative stock.
    """
    here = emulation()
    home = here.store[Database].get(database)
    assert home is not None
    return answered(shown(entered(here, home, body))), 201


def entered(here: Emulation, home: Database, sent: Mapping[str, Any]) -> Document:
    unit = unit_of(here, home.id, sent["businessUnitId"])
    customer = here.store[Customer].get((home.id, sent["customerId"]))
    if customer is None:
        raise Invalid({"customerId": f"{home.id} has no customer {sent['customerId']}."})
    on = day(sent.get("date"), "date") or today(here)
    due = day(sent.get("dueDate"), "dueDate") or on
    if due < on:
        raise Invalid({"dueDate": "This is before the date of the document."})
    items, articles = _items(here, home.id, sent["items"])
    external = sent.get("externalNumber")
    _not_repeated(here, home.id, sent["type"], external)
    changes = [
        effect(sent["type"], unit.id, item.article_id, item.quantity) for item in items if articles[item.code].kept
    ]
    if not home.negative_stock:
        _there(here, home.id, sent["type"], items, changes)
    number_ = next_id(here, home.id, "document")
    serial = here.ids.next(f"sors.{home.id}.{sent['type']}")
    document = Document(
        home.id,
        number_,
        f"{PREFIXES[sent['type']]}-{serial:05}/{home.year or home.id}",
        sent["type"],
        unit.id,
        customer.id,
        external,
        on,
        due,
        here.clock.now,
        note=sent.get("note") or "",
        with_vat=bool(sent.get("pricesWithVat")),
        items=[dict(vars(item)) for item in items],
    )
    here.store[Document].add(document)
    move(here, home.id, changes, sent["type"], document_id=number_)
    if sign := OWED.get(document.type):
        total = sums(items, gross=document.with_vat)[1]
        charge(here, customer, sign * total, due=due, document_id=number_)
    return document


def _items(here: Emulation, database: str, sent: list[Mapping[str, Any]]) -> tuple[list[Item], dict[str, Article]]:
    """The lines, and the articles that they name by code. Errors: VALIDATION with every line that is wrong."""
    problems: dict[str, str] = {}
    items: list[Item] = []
    articles: dict[str, Article] = {}
    for at, row in enumerate(sent):
        where = [ARTICLES.c.id == row["articleId"]] if row.get("articleId") is not None else []
        where += [ARTICLES.c.code == row["code"]] if row.get("code") is not None else []
        article = here.store[Article].first(ARTICLES.c.database == database, *where) if where else None
        field_ = "articleId" if row.get("articleId") is not None else "code"
        if article is None:
            problems[f"items[{at}].{field_}"] = "There is no such article."
        elif not article.is_active:
            problems[f"items[{at}].{field_}"] = "This article is not in use any more."
        if decimals(row["quantity"]) > 3:
            problems[f"items[{at}].quantity"] = "A quantity has up to three decimals."
        if decimals(row["unitPrice"]) > PRICE_DECIMALS:
            problems[f"items[{at}].unitPrice"] = f"A price has up to {PRICE_DECIMALS} decimals."
        if article is None or problems:
            continue
        articles[article.code] = article
        quantity, price = thousandths(row["quantity"]), Decimal(str(row["unitPrice"]))
        discount = Decimal(str(row.get("discountPercent") or 0))
        total = line_total(quantity, price, discount)
        items.append(Item(article.id, article.code, article.name, quantity, price, discount, article.vat_rate, total))
    if problems:
        raise Invalid(problems)
    return items, articles


def _not_repeated(here: Emulation, database: str, type_: str, external: str | None) -> None:
    if external is None or account(here).repeated_numbers:
        return
    if found := with_number(here, database, type_, external):
        raise Duplicate(f"Document {found[0].number} has this external number already.", field="externalNumber")


def with_number(here: Emulation, database: str, type_: str, external: str) -> list[Document]:
    c = DOCUMENTS.c
    where = (c.database == database, c.type == type_, c.external_number == external)
    return here.store[Document].all(*where, order=[c.id])


def _there(here: Emulation, database: str, type_: str, items: list[Item], changes: list[Change]) -> None:
    """Whether so much is available. Errors: INSUFFICIENT_STOCK, naming the first line that asks for too much."""
    if type_ == "return":
        return
    wanted: dict[int, Thousandths] = {}
    unit_id = changes[0].unit_id if changes else 0
    kept = {change.article_id for change in changes}
    for at, item in enumerate(items):
        if item.article_id not in kept:
            continue
        wanted[item.article_id] = wanted.get(item.article_id, 0) + item.quantity
        left = level(here, database, unit_id, item.article_id).available
        if wanted[item.article_id] > left:
            raise InsufficientStock(
                f"Of {item.code} only {rendered(max(0, left))} are available, not {rendered(wanted[item.article_id])}.",
                field=f"items[{at}].quantity",
            )
