"""Rules of the connector as pure functions: articles to products, orders to documents, people to customers."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any
from urllib.parse import unquote, urlsplit

NOT_YET = frozenset({"auto-draft", "checkout-draft"})  # no orders yet: the shopper is still filling in
OVER = frozenset({"cancelled", "failed", "refunded", "trash"})
CURRENCY = "RSD"
_NOT_DIGITS = re.compile(r"\D+")


# -- products


def sellable(quantity: float, fractions: str) -> int:
    """Whole pieces, never below zero. Units: the article's own; 2.7 m are 2, or 3 where nearest was chosen."""
    whole = round(quantity, 3)
    return max(0, math.floor(whole + 0.5) if fractions == "nearest" else math.floor(whole))


def money(value: Any) -> Decimal | None:
    """A price with two decimals, from a number or a text, which in Serbia may be written 1.200,50; None for what is
    none."""
    text = str(value)
    if "," in text:
        text = text.replace(".", "").replace(",", ".")
    try:
        return Decimal(text).quantize(Decimal("0.01"), ROUND_HALF_UP)
    except InvalidOperation:
        return None


def price_of(row: Mapping[str, Any], vat: str) -> str | None:
    """The price for the store, or None where SORS has none: nothing is given away for nothing."""
    found = money(row.get("priceWithVat" if vat == "included" else "price"))
    return None if found is None or found <= 0 else f"{found:.2f}"


def gtin_of(article: Mapping[str, Any]) -> str:
    return _NOT_DIGITS.sub("", str(article.get("gtin") or ""))


def wanted_product(article: Mapping[str, Any], settings: Mapping[str, Any], category: int | None) -> dict[str, Any]:
    """The fields of a product that are SORS's: nothing else of it is ever written."""
    wanted: dict[str, Any] = {"name": str(article.get("name") or article["code"])}
    if settings["prices"] and (price := price_of(article, settings["vat"])):
        wanted["regular_price"] = price
    if gtin := gtin_of(article):
        wanted["global_unique_id"] = gtin
    if category is not None:
        wanted["category"] = category
    return wanted


def new_product(article: Mapping[str, Any], wanted: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    fields = {name: value for name, value in wanted.items() if name != "category"}
    if "category" in wanted:
        fields["categories"] = [{"id": wanted["category"]}]
    stocked = article.get("kind") != "service" and settings["stock"]
    return {
        "sku": article["code"],
        "type": "simple",
        "status": settings["new_products"],
        **fields,
        "manage_stock": stocked,
    }


def changes(product: Mapping[str, Any], wanted: Mapping[str, Any], ours: frozenset[int]) -> dict[str, Any]:
    """What of SORS's fields is not as it should be. Of the categories only `ours` (those that stand for groups) are
    exchanged. A variation has neither a name nor categories of its own."""
    variation = product.get("type") == "variation"
    changed: dict[str, Any] = {}
    for name in ("name", "global_unique_id"):
        if name in wanted and product.get(name) != wanted[name] and not (variation and name == "name"):
            changed[name] = wanted[name]
    if "regular_price" in wanted and money(product.get("regular_price") or "x") != money(wanted["regular_price"]):
        changed["regular_price"] = wanted["regular_price"]
    if "category" in wanted and not variation:
        has = [int(c["id"]) for c in product.get("categories") or ()]
        right = [c for c in has if c not in ours or c == wanted["category"]]
        if wanted["category"] not in right:
            right.append(wanted["category"])
        if right != has:
            changed["categories"] = [{"id": c} for c in right]
    return changed


def stock_changes(
    product: Mapping[str, Any], quantity: int | None, price: str | None, *, manage: bool
) -> tuple[dict[str, Any], str]:
    """What is to be written of stock and price, and why not, where something is left alone. None: not asked for."""
    changed: dict[str, Any] = {}
    why = ""
    if price is not None and money(product.get("regular_price") or "x") != money(price):
        changed["regular_price"] = price
    if quantity is None:
        return changed, why
    managed = product.get("manage_stock")
    if managed is True:
        if product.get("stock_quantity") != quantity:
            changed["stock_quantity"] = quantity
    elif managed == "parent":
        why = "the stock of this variation is kept by its product"
    elif manage:
        changed |= {"manage_stock": True, "stock_quantity": quantity}
    else:
        why = "the store does not manage the stock of this product"
    return changed, why


def gallery(
    product: Mapping[str, Any], addresses: Sequence[str], known: Mapping[str, int]
) -> tuple[list[dict[str, Any]], dict[str, int]] | None:
    """The product's pictures as they should be: SORS's first, in their order, then the merchant's own. A picture that
    is there already goes by its id and is not sent again. `known`: which picture of the store is which address.

    The new list, and the pictures of it that are known already; None when nothing is to be done.
    """
    there = {int(i["id"]): _stem(str(i.get("src", ""))) for i in product.get("images") or ()}
    found: dict[str, int] = {}
    for address in addresses:
        number = known.get(address)
        if number not in there:  # perhaps it was taken, and the answer lost
            mine = _stem(address)
            number = next((i for i, stem in there.items() if mine and stem.startswith(mine)), None)
        if number is not None:
            found[address] = number
    ours = {*found.values(), *known.values()}
    wanted = [{"id": found[a]} if a in found else {"src": a} for a in addresses]
    wanted += [{"id": number} for number in there if number not in ours]
    if [image.get("id") for image in wanted] == list(there):
        return None
    return wanted, found


def _stem(url: str) -> str:
    """Of the name of the file that it leads to."""
    try:
        path = urlsplit(url).path
    except ValueError:
        return ""
    return unquote(path).rpartition("/")[2].rpartition(".")[0]


# -- orders


@dataclass(frozen=True)
class Line:
    """One line of a document. Units: `price` dinars with up to four decimals, `discount` in percent."""

    code: str
    quantity: int
    price: Decimal
    discount: Decimal = Decimal(0)

    def sent(self) -> dict[str, Any]:
        row: dict[str, Any] = {"code": self.code, "quantity": self.quantity, "unitPrice": _number(self.price)}
        if self.discount:
            row["discountPercent"] = _number(self.discount)
        return row


@dataclass(frozen=True)
class Export:
    """An order as SORS is to have it. `problem`: why it cannot be, in words for the merchant."""

    number: str
    external: str
    day: str
    note: str
    lines: tuple[Line, ...]
    customer: Mapping[str, Any] = field(default_factory=dict)
    problem: str = ""

    def document(self, type_: str, customer: int, vat: str) -> dict[str, Any]:
        fields: dict[str, Any] = {
            "type": type_,
            "customerId": customer,
            "externalNumber": self.external,
            "date": self.day,
            "pricesWithVat": vat == "included",
            "items": [line.sent() for line in self.lines],
        }
        return {**fields, "note": self.note} if self.note else fields


def export_of(order: Mapping[str, Any], settings: Mapping[str, Any]) -> Export:
    """What is sent of an order: number, day, lines, the customer's note, and who it is for."""
    number = str(order.get("number") or order["id"])
    gross = settings["vat"] == "included"
    lines: list[Line] = []
    problems: list[str] = []
    for item in order.get("line_items") or ():
        line, problem = _line(item, str(item.get("sku") or "").strip(), gross=gross)
        problems += [problem] if problem else []
        lines += [line] if line else []
    for item in order.get("shipping_lines") or ():
        if settings["shipping_code"] and Decimal(str(item.get("total") or 0)):
            line, _ = _line({**item, "quantity": 1}, settings["shipping_code"], gross=gross)
            lines += [line] if line else []
    if not lines and not problems:
        problems.append("the order has no lines")
    if (currency := order.get("currency", CURRENCY)) != CURRENCY:
        problems.append(f"the order is in {currency}, and SORS counts in {CURRENCY}")
    return Export(
        number,
        f"{settings['number_prefix']}{number}",
        str(order.get("date_created") or "")[:10],
        str(order.get("customer_note") or "")[:2000],
        tuple(lines),
        customer_of(order, settings["pib_field"]),
        "; ".join(problems),
    )


def _line(item: Mapping[str, Any], code: str, *, gross: bool) -> tuple[Line | None, str]:
    quantity = int(item.get("quantity") or 0)
    if quantity <= 0:
        return None, ""
    if not code:
        return None, f"{str(item.get('name') or 'a line')[:80]!r} has no SKU, so SORS cannot know what was sold"
    before, after = _amount(item, "subtotal", gross) or _amount(item, "total", gross), _amount(item, "total", gross)
    if before > after > 0 or (after == 0 and before > 0):
        discount = ((before - after) / before * 100).quantize(Decimal("0.01"), ROUND_HALF_UP)
    else:
        before, discount = max(before, after), Decimal(0)
    return Line(code, quantity, (before / quantity).quantize(Decimal("0.0001"), ROUND_HALF_UP), discount), ""


def _amount(item: Mapping[str, Any], name: str, gross: bool) -> Decimal:
    net = Decimal(str(item.get(name) or 0))
    return net + Decimal(str(item.get(f"{name}_tax") or 0)) if gross else net


def customer_of(order: Mapping[str, Any], pib_field: str) -> dict[str, Any]:
    """The fields of a customer that an order names; a company is known by its PIB."""
    billing = order.get("billing") or {}
    person = f"{billing.get('first_name') or ''} {billing.get('last_name') or ''}".strip()
    told = next((m.get("value") for m in order.get("meta_data") or () if m.get("key") == pib_field), "")
    pib = _NOT_DIGITS.sub("", str(told or ""))
    company = str(billing.get("company") or "").strip()
    texts = {
        "name": (company if pib or not person else person) or person or str(billing.get("email") or "") or "Kupac",
        "taxId": pib,
        "email": str(billing.get("email") or "").strip(),
        "phone": str(billing.get("phone") or "").strip(),
        "address": " ".join(filter(None, (billing.get("address_1"), billing.get("address_2")))),
        "city": str(billing.get("city") or ""),
        "postalCode": str(billing.get("postcode") or ""),
        "country": str(billing.get("country") or "").upper(),
    }
    return {name: text[: LONGEST[name]] for name, text in texts.items() if text}


LONGEST = {
    "name": 200, "taxId": 20, "email": 200, "phone": 50, "address": 200, "city": 100, "postalCode": 20, "country": 2,
}  # fmt: skip


def lookups(customer: Mapping[str, Any]) -> list[tuple[str, str]]:
    """In which ways a customer is looked for, the surest first. Whoever has a PIB is that PIB, whatever the e-mail."""
    if pib := customer.get("taxId"):
        return [("taxId", pib)]
    return [(by, customer[by]) for by in ("email", "phone") if customer.get(by)]


def same_customer(by: str, customer: Mapping[str, Any], found: Iterable[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The one that was meant: people before companies, the oldest first. A phone may be a household's, so the name has
    to fit as well."""
    fitting = sorted(found, key=lambda c: (bool(c.get("isCompany")) and by != "taxId", c["id"]))
    if by == "phone":
        fitting = [c for c in fitting if _folded(c.get("name")) == _folded(customer.get("name"))]
    return fitting[0] if fitting else None


def _folded(text: Any) -> str:
    return " ".join(str(text or "").casefold().split())


def same_document(export: Export, document: Mapping[str, Any]) -> bool:
    """Whether a document is this order, by what was sold."""
    wanted = sorted((line.code, Decimal(line.quantity), line.price) for line in export.lines)
    has = sorted(
        (
            str(i.get("code")),
            Decimal(str(i.get("quantity"))),
            Decimal(str(i.get("unitPrice"))).quantize(Decimal("0.0001")),
        )
        for i in document.get("items") or ()
    )
    return wanted == has


def pieces(export: Export) -> dict[str, int]:
    """How much of each code the order has taken from the shelf."""
    taken: dict[str, int] = {}
    for line in export.lines:
        taken[line.code] = taken.get(line.code, 0) + line.quantity
    return taken


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)
