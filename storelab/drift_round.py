"""What `storelab drift` asks: questions that change nothing, and a round of writing that removes what it made."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .drift import (
    Answer,
    CannotRun,
    Report,
    Store,
    compared,
    routes_compared,
    settings_compared,
)

PREFIX = "storelab-drift-"
EMAIL = f"{PREFIX}customer@example.invalid"
NOWHERE = "https://storelab-drift.invalid/hook"  # a new webhook is pinged: this name leads nowhere
LISTS = (
    "products", "products/categories", "products/tags", "products/attributes", "products/reviews", "variations",
    "orders", "refunds", "customers", "coupons", "webhooks", "taxes", "taxes/classes", "shipping/zones",
    "payment_gateways",
)  # fmt: skip
UNKNOWN = 999_999_999
ALIGNED = (
    "woocommerce_currency", "woocommerce_currency_pos", "woocommerce_price_num_decimals",
    "woocommerce_prices_include_tax", "woocommerce_weight_unit", "woocommerce_dimension_unit",
    "woocommerce_manage_stock", "woocommerce_notify_no_stock_amount", "woocommerce_calc_taxes",
)  # fmt: skip
"""Settings that the emulator takes over from the store, so that the same values can be expected."""

_REFUSALS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    *((f"unknown id: {what}", f"{what}/{UNKNOWN}", {}) for what in ("products", "orders", "customers", "coupons")),
    ("unknown id: webhooks", f"webhooks/{UNKNOWN}", {}),
    ("unknown id: categories", f"products/categories/{UNKNOWN}", {}),
    ("unknown id: attributes", f"products/attributes/{UNKNOWN}", {}),
    ("unknown id: notes", f"orders/{UNKNOWN}/notes", {}),
    ("unknown id: refunds", f"orders/{UNKNOWN}/refunds", {}),
    ("unknown route", "storelab-drift", {}),
    *((f"per_page=0: {what}", what, {"per_page": 0}) for what in ("products", "orders", "customers", "coupons")),
    *((f"per_page=101: {what}", what, {"per_page": 101}) for what in ("products", "orders")),
    *((f"page=x: {what}", what, {"page": "x"}) for what in ("products", "orders")),
    *((f"orderby=zzz: {what}", what, {"orderby": "zzz"}) for what in ("products", "orders", "customers", "webhooks")),
    *((f"status=zzz: {what}", what, {"status": "zzz"}) for what in ("products", "orders", "webhooks")),
    *((f"after=zzz: {what}", what, {"after": "zzz"}) for what in ("products", "orders")),
    ("role=zzz: customers", "customers", {"role": "zzz"}),
    ("unknown group of settings", "settings/zzz", {}),
)


def refuse_closed(store: Store) -> None:
    """Errors: CannotRun unless the store answers to this key."""
    answer = store.ask("GET", "products", {"per_page": 1})
    if answer.status in (401, 403):
        raise CannotRun(f"{store.url} does not accept the key: {answer.status} {_code(answer)}")
    if answer.status != 200 or not isinstance(answer.body, list):
        raise CannotRun(f"{store.url} answers {answer.status} where a WooCommerce store was expected")


def _code(answer: Answer) -> str:
    return str(answer.body.get("code", "")) if isinstance(answer.body, dict) else ""


# ---------------------------------------------------------------------------------------------- reading


def read(store: Store, emulator: Store, report: Report, told: Callable[[str], None]) -> None:
    """Ask both what changes nothing."""
    told("index of routes")
    ours, theirs = emulator.ask("GET", ""), store.ask("GET", "")
    report.add("index of routes", routes_compared(theirs.body, ours.body))
    for group in _groups(store, emulator, report):
        told(f"settings of {group}")
        a, b = (side.ask("GET", f"settings/{group}") for side in (store, emulator))
        if a.status != b.status or a.status != 200:
            report.add(f"settings of {group}", compared(f"settings of {group}", a, b))
        else:
            report.add(f"settings of {group}", settings_compared(group, a.body, b.body))
    for what in LISTS:
        told(what)
        a, b = (side.ask("GET", what, {"per_page": 50}) for side in (store, emulator))
        _add(report, what, a, b)
    for name, path, query in _REFUSALS:
        told(name)
        _add(report, name, store.ask("GET", path, query), emulator.ask("GET", path, query))
    nobody = [side.ask("GET", "products", signed=False) for side in (store, emulator)]
    _add(report, "without a key", nobody[0], nobody[1])


def _groups(store: Store, emulator: Store, report: Report) -> list[str]:
    a, b = (side.ask("GET", "settings") for side in (store, emulator))
    report.add("settings", compared("settings", a, b))
    lists = [
        [g["id"] for g in side.body if isinstance(g, dict)] if isinstance(side.body, list) else [] for side in (a, b)
    ]
    return [group for group in lists[0] if group in lists[1]]


def _add(report: Report, name: str, theirs: Answer, ours: Answer, *, values: bool = False) -> None:
    if ours.status == 501 and isinstance(ours.body, dict) and ours.body.get("error") == "not emulated":
        report.skipped[name] = "not emulated"
    elif theirs.status == ours.status == 200 and not values and [] in (theirs.body, ours.body):
        report.skipped[name] = "nothing there to compare"
    else:
        report.add(name, compared(name, theirs, ours, values=values))


# ---------------------------------------------------------------------------------------------- writing


@dataclass(frozen=True)
class Step:
    """One request of the round. "{product}" in path and body is the id that the step `makes` "product" got."""

    name: str
    method: str
    path: str
    body: Any = None
    makes: str = ""
    query: Mapping[str, Any] = field(default_factory=dict)


_PRODUCT = {
    "name": f"{PREFIX}product", "sku": f"{PREFIX}product", "slug": f"{PREFIX}product", "type": "simple",
    "status": "private", "catalog_visibility": "hidden", "regular_price": "10.00", "tax_status": "none",
    "manage_stock": True, "stock_quantity": 5,
}  # fmt: skip
_VARIABLE = {
    "name": f"{PREFIX}variable", "sku": f"{PREFIX}variable", "slug": f"{PREFIX}variable", "type": "variable",
    "status": "private", "catalog_visibility": "hidden", "tax_status": "none",
    "attributes": [{"name": "Size", "visible": True, "variation": True, "options": ["S", "M"]}],
}  # fmt: skip
_VARIATION = {
    "sku": f"{PREFIX}variation", "regular_price": "12.50", "attributes": [{"name": "Size", "option": "S"}],
}  # fmt: skip
_ORDER = {
    "status": "pending", "payment_method": "cod",
    "billing": {"first_name": "Storelab", "last_name": f"{PREFIX}order"},
    "line_items": [{"product_id": "{product}", "quantity": 2}],
    "fee_lines": [{"name": "Fee", "total": "1.50", "tax_status": "none"}],
}  # fmt: skip
STEPS = (
    Step("make a product", "POST", "products", _PRODUCT, makes="product"),
    Step("read the product", "GET", "products/{product}"),
    Step("make it again", "POST", "products", _PRODUCT),
    Step("change the product", "PUT", "products/{product}", {"regular_price": "12.00", "sale_price": "11"}),
    Step("set its stock", "PUT", "products/{product}", {"stock_quantity": 7}),
    Step("change nothing", "PUT", "products/{product}", {}),
    Step("a stock that is none", "PUT", "products/{product}", {"stock_quantity": "many"}),
    Step("find it by SKU", "GET", "products", query={"sku": f"{PREFIX}product"}),
    Step("change it in a batch", "POST", "products/batch", {"update": [{"id": "{product}", "stock_quantity": 5}]}),
    Step("make a variable product", "POST", "products", _VARIABLE, makes="variable"),
    Step("make a variation", "POST", "products/{variable}/variations", _VARIATION, makes="variation"),
    Step("read the variation", "GET", "products/{variable}/variations/{variation}"),
    Step("read its parent", "GET", "products/{variable}"),
    Step("make a customer", "POST", "customers", {"email": EMAIL, "username": f"{PREFIX}customer",
         "first_name": "Storelab"}, makes="customer"),
    Step("make the customer again", "POST", "customers", {"email": EMAIL}),
    Step("change the customer", "PUT", "customers/{customer}", {"billing": {"city": "Kyiv"}}),
    Step("make a coupon", "POST", "coupons", {"code": f"{PREFIX}coupon", "discount_type": "percent", "amount": "10",
         "usage_limit": 1, "email_restrictions": [EMAIL]}, makes="coupon"),
    Step("make the coupon again", "POST", "coupons", {"code": f"{PREFIX}coupon"}),
    Step("make a webhook", "POST", "webhooks", {"name": f"{PREFIX}webhook", "topic": "coupon.restored",
         "delivery_url": NOWHERE}, makes="webhook"),
    Step("pause the webhook", "PUT", "webhooks/{webhook}", {"status": "paused"}),
    Step("make an order", "POST", "orders", _ORDER, makes="order"),
    Step("read the order", "GET", "orders/{order}"),
    Step("write a note", "POST", "orders/{order}/notes", {"note": f"{PREFIX}note"}),
    Step("read the notes", "GET", "orders/{order}/notes"),
    Step("give money back", "POST", "orders/{order}/refunds", {"amount": "1.00", "api_refund": False},
         makes="refund"),
    Step("read the refund", "GET", "orders/{order}/refunds/{refund}"),
    Step("a status that is none", "PUT", "orders/{order}", {"status": "zzz"}),
    Step("throw the order away without force", "DELETE", "orders/{order}"),
    Step("delete the webhook without force", "DELETE", "webhooks/{webhook}"),
)  # fmt: skip
_WHERE = {
    "product": "products/{product}", "variable": "products/{variable}", "customer": "customers/{customer}",
    "coupon": "coupons/{coupon}", "webhook": "webhooks/{webhook}", "order": "orders/{order}",
}  # fmt: skip
"""Where what was made is deleted; a variation goes with its parent, a refund with its order."""
_NAMED: dict[str, tuple[str, dict[str, Any], str, str]] = {
    "product": ("products", {"sku": f"{PREFIX}product"}, "sku", f"{PREFIX}product"),
    "variable": ("products", {"sku": f"{PREFIX}variable"}, "sku", f"{PREFIX}variable"),
    "customer": ("customers", {"email": EMAIL}, "email", EMAIL),
    "coupon": ("coupons", {"code": f"{PREFIX}coupon"}, "code", f"{PREFIX}coupon"),
    "webhook": ("webhooks", {"search": PREFIX, "per_page": 100}, "name", f"{PREFIX}webhook"),
    "order": ("orders", {"search": f"{PREFIX}order", "per_page": 100, "status": "any"}, "billing.last_name",
              f"{PREFIX}order"),
}  # fmt: skip


class Round:
    """The steps in one store, and what they made there."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.ids: dict[str, int] = {}
        self.unanswered = ""  # what was asked to be made when the answer was lost
        self._began = False

    def begin(self) -> None:
        """Errors: CannotRun when something with one of our names is there already: it is not ours."""
        there = {what: ids for what in _NAMED if (ids := self._found(what))}
        if there:
            told = ", ".join(f"{what} {', '.join(map(str, ids))}" for what, ids in there.items())
            raise CannotRun(f"{self.store.url} already has what a round would make: {told}. Remove it first.")
        self._began = True

    def _found(self, what: str) -> list[int]:
        path, query, field_, name = _NAMED[what]
        answer = self.store.ask("GET", path, query)
        if answer.status != 200 or not isinstance(answer.body, list):
            raise CannotRun(f"{self.store.url} answers {answer.status} to GET {path}: is this a key that may read?")
        return [item["id"] for item in answer.body if _value(item, field_) == name]

    def play(self, step: Step) -> Answer | None:
        """The answer; None when something that the step is about could not be made."""
        if any(f"{{{what}}}" in f"{step.path}{step.body}" and what not in self.ids for what in (*_NAMED, *_PARTS)):
            return None
        if step.makes:
            self.unanswered = step.makes
        answer = self.store.ask(step.method, step.path.format(**self.ids), step.query, _filled(step.body, self.ids))
        if step.makes:
            self.unanswered = ""
            if answer.status == 201 and isinstance(answer.body, dict) and isinstance(answer.body.get("id"), int):
                self.ids[step.makes] = answer.body["id"]
        return answer

    def undo(self) -> list[str]:
        """Delete what was made, the last first; what could not be deleted is answered. Nothing that was not made."""
        left: list[str] = []
        if not self._began:
            return left
        if self.unanswered in _NAMED and self.unanswered not in self.ids:
            try:
                if found := self._found(self.unanswered):  # there was none when we began
                    self.ids[self.unanswered] = found[0]
            except CannotRun:
                left.append(f"{self.unanswered} named {_NAMED[self.unanswered][3]}, if it was made")
        for what in [w for w in reversed(_WHERE) if w in self.ids]:
            path = _WHERE[what].format(**self.ids)
            try:
                answer = self.store.ask("DELETE", path, {"force": "true"})
                gone = answer.status in (200, 404, 410)
            except CannotRun:
                gone = False
            if not gone:
                left.append(path)
        return left

    def plain(self, value: Any) -> Any:
        """An answer without the store's own address."""
        if isinstance(value, dict):
            return {name: self.plain(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self.plain(inner) for inner in value]
        if isinstance(value, str):
            return value.replace(self.store.url, "<store>")
        return value


_PARTS = ("variation", "refund")


def _value(item: Any, name: str) -> Any:
    for part in name.split("."):
        item = item.get(part) if isinstance(item, dict) else None
    return item


def _filled(body: Any, ids: Mapping[str, int]) -> Any:
    if isinstance(body, dict):
        return {name: _filled(inner, ids) for name, inner in body.items()}
    if isinstance(body, list):
        return [_filled(inner, ids) for inner in body]
    if isinstance(body, str) and body.startswith("{"):
        return ids[body[1:-1]]
    return body


def steps(store: Round, emulator: Round, report: Report) -> Iterator[str]:
    """Play every step in both, and compare; yields the name of each before it is played."""
    for step in STEPS:
        yield step.name
        theirs, ours = store.play(step), emulator.play(step)
        if theirs is None or ours is None:
            report.skipped[step.name] = "what it is about could not be made"
            continue
        plain = [Answer(a.status, side.plain(a.body)) for side, a in ((store, theirs), (emulator, ours))]
        _add(report, step.name, plain[0], plain[1], values=True)


def write(
    store: Store, emulator: Store, report: Report, told: Callable[[str], None], stopped: Callable[[], bool]
) -> None:
    """The round in both stores. What it made is removed, whatever happens; `report.left_behind` says what was not.

    `stopped` is asked between steps, so that no answer is lost. Errors: KeyboardInterrupt when it was stopped.
    """
    real, own = Round(store), Round(emulator)
    real.begin()
    own.begin()
    try:
        for name in steps(real, own, report):
            told(name)
            if stopped():
                raise KeyboardInterrupt
    finally:
        report.left_behind += real.undo()
