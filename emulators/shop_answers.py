"""Whether what a store answered has the form that WooCommerce's API gives it, as far as backends read it. A site in the
place of a store, a plugin or a proxy may answer anything; what is empty is taken as absent, as PHP writes it.

Source: WooCommerce 10.5.0, recorded (products, orders, customers, webhooks, batches, system status).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

_MOST = 2**53  # beyond it, JSON's numbers are not exact
_DECIMAL = re.compile(r"-?\d{1,20}(\.\d{1,20})?", re.ASCII)

_OBJECTS = frozenset({"billing", "shipping", "image", "environment", "error"})
_ROWS = frozenset({"line_items", "meta_data", "images", "attributes", "create", "update"})
_NUMBERS = frozenset({"id", "parent_id", "product_id", "variation_id", "customer_id", "quantity", "stock_quantity"})
_TEXTS = frozenset(
    {"type", "status", "sku", "key", "topic", "delivery_url", "role", "email", "currency", "code", "total"}
)
_AMOUNTS = frozenset({"price", "regular_price"})
_MOMENTS = frozenset({"date_created_gmt", "date_modified_gmt"})


def misshapen(answer: Any) -> str:
    """What is not as it should be, in words, if anything. Never the value itself."""
    if isinstance(answer, list):
        return next(filter(None, map(_wrong_row, answer)), "")
    return _wrong(answer) if isinstance(answer, dict) else "neither an object nor a list"


def has_id(thing: dict[str, Any]) -> bool:
    number = thing.get("id")
    return type(number) is int and 0 < number < _MOST


def _wrong_row(row: Any) -> str:
    return _wrong(row) if isinstance(row, dict) else "a row that is no object"


def _wrong(thing: dict[str, Any]) -> str:
    for name, value in thing.items():
        if value in (None, "", False) or value == []:
            continue
        if name in _OBJECTS:
            wrong = _wrong(value) if isinstance(value, dict) else f"{name} that is no object"
        elif name in _ROWS:
            wrong = misshapen(value) if isinstance(value, list) else f"{name} that are no list"
        else:
            wrong = next(
                (
                    f"{name} that is no {kind}"
                    for kind, (names, fits) in _KINDS.items()
                    if name in names and not fits(value)
                ),
                "",
            )
        if wrong:
            return wrong
    return ""


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and abs(value) < _MOST


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) < 100_000


def _is_amount(value: Any) -> bool:
    return _is_number(value) or (isinstance(value, str) and _DECIMAL.fullmatch(value) is not None)


def _is_moment(value: Any) -> bool:
    try:
        return isinstance(value, str) and datetime.fromisoformat(value).year > 1
    except ValueError:
        return False


_KINDS: dict[str, tuple[frozenset[str], Callable[[Any], bool]]] = {
    "number": (_NUMBERS, _is_number),
    "text": (_TEXTS, _is_text),
    "amount": (_AMOUNTS, _is_amount),
    "moment": (_MOMENTS, _is_moment),
}
