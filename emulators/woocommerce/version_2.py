"""What of version 2 of the API is so little different from version 3 that it is asked as that is, and told otherwise.

Not here, and so not emulated, is what differs in what it does: orders take coupons as plain lines there, and lines that
are removed leave the stock alone; refunds are made with other arguments; what a webhook of version 2 sends is version 2
as well. Products are in `older`. Source: the controllers in Version1 and Version2 of WooCommerce 10, read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from ..kernel import BadJson, Emulation, Operation, Reply, Request, Written
from . import php, respond, rewrite, totals
from .order_records import ORDERS, Order
from .rewrite import Rewritten

OLDER = re.compile(r"/wp-json/wc/v2/(.+?)/?", re.IGNORECASE)
_ANY = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"))
_READ = frozenset(("GET", "HEAD"))
_TERMS = r"products/(categories|tags|brands|shipping_classes|attributes(/\d+/terms)?)(/\d+|/batch)?"
_SERVED: tuple[tuple[re.Pattern[str], frozenset[str]], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), methods)
    for pattern, methods in (
        (r"coupons(/\d+|/batch)?", _ANY),
        (r"customers(/\d+)?", _ANY - {"DELETE"}),
        (r"customers/\d+/downloads", _READ),
        (r"orders(/\d+)?", _ANY),
        (r"orders/\d+/notes(/\d+)?", _ANY),
        (r"orders/\d+/refunds(/\d+)?", _READ | {"DELETE"}),
        (_TERMS, _ANY),
        (r"reports/(sales|top_sellers)", _READ),
        (r"shipping/zones(/\d+(/locations|/methods(/\d+)?)?)?", _ANY),
        (r"shipping_methods(/[\w-]+)?", _READ),
        (r"payment_gateways(/[\w-]+)?", _ANY),
        (r"taxes(/\d+|/batch)?", _ANY),
        (r"webhooks", _READ),
        (r"webhooks/\d+", _ANY),
    )
)


def incoming(request: Request) -> Request:
    """As `rewrite.incoming`, and on to version 3 what can be answered there."""
    asked = rewrite.incoming(request)
    found = OLDER.fullmatch(asked.path)
    if found is None or not _is_served(asked, found[1]):
        return asked
    bare = {f: getattr(asked, f) for f in ("root", "headers", "body", "query_string")}
    query = bare["query_string"]
    if found[1].lower() == "coupons" and "status" in query:
        bare["query_string"] = "&".join(part for part in query.split("&") if not part.startswith("status"))
    return Rewritten(asked.method, f"{respond.API}/{found[1]}", **bare, original=request, older=asked.path)


def _is_served(request: Request, path: str) -> bool:
    if isinstance(request, Rewritten) and request.options:
        return False
    if not any(pattern.fullmatch(path) and request.method in methods for pattern, methods in _SERVED):
        return False
    if re.fullmatch(r"orders(/\d+)?", path, re.IGNORECASE) is None:
        return True
    if request.method in _READ:
        wanted = [(name, php.words(value)) for name, value in request.query if name.startswith("status")]
        return all(name == "status" and len(words) < 2 for name, words in wanted)
    return request.method == "DELETE" or _is_plain(request)


_OTHERWISE = ("coupon_lines", "created_via", "manual_update")


def _is_plain(request: Request) -> bool:
    """Whether what is sent of an order means the same in both versions: no coupons, no line that is taken away."""
    try:
        order = request.json if request.body else {}
    except BadJson:
        return not any(name.encode() in request.body for name in (*_OTHERWISE, "_lines", "line_items"))
    if not isinstance(order, Mapping):
        return False
    lines = [line for name in ("line_items", "shipping_lines", "fee_lines") for line in order.get(name) or ()]
    removed = any(
        isinstance(line, Mapping) and line.get("id") and (None in line.values() or line.get("quantity") == 0)
        for line in lines
    )
    return not removed and not any(order.get(name) for name in _OTHERWISE)


# ---------------------------------------------------------------------------------------------- answers


def outgoing(here: Emulation, request: Request, operation: Operation | None, reply: Reply) -> Reply:
    """As `respond.outgoing`, in the words of version 2 where it was asked."""
    if isinstance(request, Rewritten) and request.older:
        body = reply.body.value if isinstance(reply.body, Written) else reply.body
        if operation is not None and reply.status < 400:
            body = _told(here, operation.path.removeprefix(f"{respond.API}/"), body)
        headers = tuple((name, _header(request, name, value)) for name, value in reply.headers)
        reply = Reply(reply.status, body, headers)
    return respond.outgoing(here, request, operation, reply)


def _header(request: Request, name: str, value: str) -> str:
    """Links to other pages repeat the one status that was asked for, where version 3 tells a list of them."""
    if name == "Link":
        asked = "status=" in request.query_string
        value = value.replace("status%5B0%5D=", "status=") if asked else value.replace("status%5B0%5D=any&", "")
    return str(_moved(value))


def _told(here: Emulation, path: str, body: Any) -> Any:
    change = next((change for pattern, change in _CHANGES if re.fullmatch(pattern, path)), None)
    if change is not None:
        body = _each(here, body, change)
    return _moved(body)


Change = Callable[[Emulation, dict[str, Any]], dict[str, Any]]


def _each(here: Emulation, body: Any, change: Change) -> Any:
    """All things of a list, of a batch, or the one that there is; not what was refused."""
    if isinstance(body, list):
        return [_each(here, item, change) for item in body]
    if not isinstance(body, dict) or "error" in body:
        return body
    if body.keys() <= {"create", "update", "delete"}:
        return {name: _each(here, items, change) for name, items in body.items()}
    return change(here, body)


def _moved(value: Any) -> Any:
    """Links into version 2, but for those that the store itself writes into version 3."""
    if isinstance(value, dict):
        return {key: _moved(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_moved(inner) for inner in value]
    if not isinstance(value, str) or value.endswith("/actions/email_templates"):
        return value
    return value.replace("/wp-json/wc/v3/", "/wp-json/wc/v2/")


def _customer(here: Emulation, body: dict[str, Any]) -> dict[str, Any]:
    """With how much they bought: the orders that are not in the trash, and what was paid of them."""
    theirs = ORDERS.c.customer_id == body["id"]
    count = here.store[Order].count(theirs, ORDERS.c.status.not_in(("trash", "auto-draft")))
    paid = here.store[Order].all(theirs, ORDERS.c.status.in_(("processing", "completed")))
    bought = {"orders_count": count, "total_spent": totals.text(sum((o.total for o in paid), totals.ZERO), 2)}
    out: dict[str, Any] = {}
    for name, value in body.items():
        out[name] = value
        if name == "is_paying_customer":
            out |= bought
    return out


def _without(*names: str) -> Change:
    return lambda here, body: {name: value for name, value in body.items() if name not in names}


def _shelf(here: Emulation, body: dict[str, Any]) -> dict[str, Any]:
    """A category or brand: its picture has a title, where it has a name later on."""
    if not body.get("image"):
        return body
    return {**body, "image": {("title" if key == "name" else key): value for key, value in body["image"].items()}}


_CHANGES: tuple[tuple[str, Change], ...] = (
    (r"customers(/\{id\})?", _customer),
    (r"orders/\{order_id\}/notes(/\{id\})?", _without("author")),
    (r"products/(categories|brands)(/.+)?", _shelf),
    (r"taxes(/\{id\}|/batch)?", _without("postcodes", "cities")),
    (
        r"payment_gateways(/\{id\})?",
        _without(
            "needs_setup", "post_install_scripts", "settings_url", "connection_url", "setup_help_text",
            "required_settings_keys",
        ),
    ),
)  # fmt: skip
