"""Coupons. What they take off an order is in `order_coupons` and `discounts`.

Units: amounts are in the store's currency, or percent for `discount_type` percent.
Source: WooCommerce 10.5.0, recorded 2026-11-21.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import field
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from ..kernel import Emulation, Reply, Table, dataclass, emulation, replace
from . import auth, dates, meta, php, prices, respond, search, texts, totals, webhooks
from .errors import WooError
from .params import Params
from .totals import ZERO

TYPES = ("percent", "fixed_cart", "fixed_product")
TRASH = "trash"
LISTED = ("publish", "private")  # others are asked for by their status or their id
UNSEARCHED = ("trash", "auto-draft")  # no "any" is ever one of them
POST_STATUSES = ("publish", "future", "draft", "pending", "private", *UNSEARCHED, "inherit")
_LONGEST_STATUS = 20
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
_COUNTS = ("usage_limit", "usage_limit_per_user", "limit_usage_to_x_items")
_SWITCHES = ("individual_use", "free_shipping", "exclude_sale_items")
_ID_LISTS = ("product_ids", "excluded_product_ids", "product_categories", "excluded_product_categories")
_AMOUNTS = ("minimum_amount", "maximum_amount")


@dataclass(frozen=True)
class Coupon:
    """`code` is lower case. Limits of 0 are none. `used_by`: addresses or user ids, one for each use."""

    id: int
    code: str
    status: str = "publish"
    created_at: datetime | None = None
    modified_at: datetime | None = None
    discount_type: str = "fixed_cart"
    amount: Decimal = ZERO
    description: str = ""
    expires_at: datetime | None = None
    usage_count: int = 0
    individual_use: bool = False
    product_ids: list[int] = field(default_factory=list)
    excluded_product_ids: list[int] = field(default_factory=list)
    usage_limit: int = 0
    usage_limit_per_user: int = 0
    limit_usage_to_x_items: int = 0
    free_shipping: bool = False
    product_categories: list[int] = field(default_factory=list)
    excluded_product_categories: list[int] = field(default_factory=list)
    exclude_sale_items: bool = False
    minimum_amount: Decimal = ZERO
    maximum_amount: Decimal = ZERO
    email_restrictions: list[str] = field(default_factory=list)
    used_by: list[str] = field(default_factory=list)
    meta_data: meta.Kept = field(default_factory=list)


COUPONS = Table(
    Coupon,
    "woo_coupons",
    columns=("code", "status", "created_at", "modified_at"),
    indexes=[("code",), ("status", "created_at", "id")],
)
TABLES = (COUPONS,)
C = COUPONS.c


class UnknownCoupon(WooError):
    def __init__(self, status: int = 404) -> None:
        super().__init__("woocommerce_rest_shop_coupon_invalid_id", "Invalid ID.", status)


def list_all(params: Params) -> Reply:
    here = emulation()
    auth.require("view", here)
    where = _filters(here, params)
    coupons = here.store[Coupon]
    page = coupons.all(*where, order=_order(params), limit=params["per_page"], offset=respond.offset(params))
    return respond.page([rendered(here, c) for c in page], coupons.count(*where), params, "coupons")


def _order(params: Params) -> list[Any]:
    if params["orderby"] == "include" and params.get("include"):
        return [sa.case({number: at for at, number in enumerate(params["include"])}, value=C.id)]
    columns = {"id": C.id, "title": C.code, "slug": C.code, "modified": C.modified_at}
    column = columns.get(params["orderby"], C.created_at)
    return [column.asc(), C.id.asc()] if params["order"] == "asc" else [column.desc(), C.id.desc()]


def _filters(here: Emulation, params: Params) -> list[Any]:
    where = _by_status(params.get("status"))
    if params.get("code"):
        where.append(C.code == cleaned_code(params["code"]))
    if text := php.text(params.get("search")).strip():
        words = search.searched_words(text)
        found = (c for c in here.store[Coupon].all(*where) if _holds(f"{c.code}\n{c.description}".casefold(), words))
        where.append(C.id.in_([c.id for c in found]))
    if params.get("include"):
        where.append(C.id.in_(params["include"]))
    if params.get("exclude"):
        where.append(C.id.not_in(params["exclude"]))
    return [*where, *dates.bounds(here, params, C.created_at, C.modified_at)]


def _holds(text: str, words: list[str]) -> bool:
    """Every word, and none after a minus."""
    return all((word[1:] not in text) if word[0] == "-" and len(word) > 1 else word in text for word in words)


def _by_status(sent: Any) -> list[Any]:
    """No argument of the route, and yet looked at: as WordPress looks for posts, in words it does not know not at all.

    Source: prepare_objects_query() of WC_REST_Coupons_Controller, WooCommerce 10; WP_Query::get_posts, WordPress 6.
    """
    wanted = [php.text(word) for word in (sent if isinstance(sent, list) else php.text(sent).split(",")) if word]
    if not wanted:
        return [C.status.in_(LISTED)]
    if "any" in wanted:
        return [C.status.not_in([status for status in UNSEARCHED if status not in wanted])]
    known = [word for word in wanted if word in POST_STATUSES or word.startswith("wc-")]
    return [C.status.in_(known)] if known else []


def create(params: Params) -> Reply:
    here = emulation()
    auth.require("create", here)
    if params.get("id"):
        raise WooError("woocommerce_rest_shop_coupon_exists", "Cannot create existing shop_coupon.")
    now = dates.second(here)
    coupon = written(here, Coupon(here.ids.next("post"), "", created_at=now, modified_at=now), params)
    if not coupon.code:
        raise WooError("woocommerce_rest_empty_coupon_code", "The coupon code cannot be empty.")
    here.store[Coupon].add(coupon)
    webhooks.happened(here, "coupon.created", coupon.id)
    body = rendered(here, coupon)
    return respond.one(body, 201, location=respond.self_url(body))


def read(params: Params) -> Reply:
    here = emulation()
    coupon = found(here, params["id"])
    auth.require("view", here, single=True)
    return respond.one(rendered(here, coupon))


def update(params: Params) -> Reply:
    """Change what was sent. The date of change moves only with the code, the description or the status."""
    here = emulation()
    coupon = found(here, params["id"], status=400)
    auth.require("edit", here)
    after = written(here, coupon, params)
    if (after.code, after.description, after.status) != (coupon.code, coupon.description, coupon.status):
        after = replace(after, modified_at=dates.second(here))
    if coupon.status == TRASH != after.status:
        after = _untrashed(here, after)
    here.store[Coupon].put(after)
    webhooks.happened(here, "coupon.updated", coupon.id)
    return respond.one(rendered(here, after))


def delete(params: Params) -> Reply:
    """Into the trash, or gone with force. Only the trash is told to webhooks, and to those of products too."""
    here = emulation()
    coupon = found(here, params["id"])
    auth.require("delete", here)
    body = rendered(here, coupon)
    if params.get("force"):
        here.store[Coupon].delete(coupon.id)
        return respond.one(body)
    if coupon.status == TRASH:
        raise WooError("woocommerce_rest_already_trashed", "The shop_coupon has already been deleted.", 410)
    trashed(here, coupon)
    return respond.one(body)


def trashed(here: Emulation, coupon: Coupon) -> Coupon:
    """In the trash; the store tells of a coupon and, oddly, of a product."""
    now = dates.second(here)
    fields = meta.merged(
        here,
        coupon.meta_data,
        [
            {"key": "_wp_trash_meta_status", "value": coupon.status},
            {"key": "_wp_trash_meta_time", "value": str(int(now.timestamp()))},
            {"key": "_wp_desired_post_slug", "value": texts.slug(coupon.code)},
        ],
    )
    after = here.store[Coupon].put(replace(coupon, status=TRASH, meta_data=fields, modified_at=now))
    webhooks.happened(here, "coupon.deleted", coupon.id)
    webhooks.happened(here, "product.deleted", coupon.id)
    return after


def restored(here: Emulation, coupon: Coupon) -> Coupon:
    """Out of the trash by the merchant's hand, in the status it had. A product of this id is told of as well.

    Guess: recorded of products only, and it is the same code for both.
    """
    status = str(meta.value(coupon.meta_data, "_wp_trash_meta_status", "publish"))
    fields = meta.without(meta.without(coupon.meta_data, "_wp_trash_meta_status"), "_wp_trash_meta_time")
    fields = meta.without(fields, "_wp_desired_post_slug")
    after = here.store[Coupon].put(replace(coupon, status=status, meta_data=fields, modified_at=dates.second(here)))
    webhooks.happened(here, "coupon.updated", coupon.id)
    webhooks.happened(here, "coupon.restored", coupon.id)
    webhooks.happened(here, "product.restored", coupon.id)
    return after


def _untrashed(here: Emulation, coupon: Coupon) -> Coupon:
    fields = meta.without(coupon.meta_data, "_wp_desired_post_slug")
    fields = meta.added(here, fields, "_wp_old_slug", f"{texts.slug(coupon.code)}__trashed")
    return replace(coupon, meta_data=fields)


def found(here: Emulation, coupon_id: Any, *, status: int = 404) -> Coupon:
    coupon = here.store[Coupon].get(php.integer(coupon_id))
    if coupon is None:
        raise UnknownCoupon(status)
    return coupon


def by_code(here: Emulation, code: str) -> Coupon | None:
    """The newest coupon with this code that is not in the trash."""
    return here.store[Coupon].first(C.code == cleaned_code(code), C.status == "publish", order=[C.id.desc()])


def payload(here: Emulation, coupon_id: int) -> dict[str, Any]:
    return rendered(here, found(here, coupon_id))


def cleaned_code(code: Any) -> str:
    return texts.one_line(code).lower()


def written(here: Emulation, coupon: Coupon, params: Params) -> Coupon:
    """The coupon with what was sent.

    Errors: 400 for an empty code, a code that another coupon has, an amount below zero or above 100 percent.
    """
    changes: dict[str, Any] = {}
    if params.get("code") is not None:
        changes["code"] = _free_code(here, cleaned_code(params["code"]), coupon.id)
    if params.get("discount_type") in TYPES:
        changes["discount_type"] = params["discount_type"]
    if params.get("amount") is not None:
        changes["amount"] = prices.number(prices.cleaned(params["amount"]))
    if params.get("description") is not None:
        changes["description"] = texts.allowed_html(params["description"])
    if status := php.text(params.get("status"))[:_LONGEST_STATUS]:  # none is looked at
        changes["status"] = "publish" if status == "future" else status  # its day has come
    if params.get("date_expires") is not None:  # null says nothing; its twin in UTC is taken, and does nothing
        changes["expires_at"] = dates.parsed(here, params["date_expires"])
    changes |= {k: abs(php.integer(params[k])) for k in _COUNTS if params.get(k) is not None}
    changes |= {k: bool(params[k]) for k in _SWITCHES if params.get(k) is not None}
    changes |= {k: _numbers(params[k]) for k in _ID_LISTS if params.get(k) is not None}
    changes |= {k: prices.number(prices.cleaned(params[k])) for k in _AMOUNTS if params.get(k) is not None}
    if isinstance(params.get("email_restrictions"), list):
        sent = (str(e).strip().lower() for e in params["email_restrictions"])
        changes["email_restrictions"] = [e for e in sent if _EMAIL.fullmatch(e.replace("*", "x"))]
    changes["meta_data"] = meta.merged(here, coupon.meta_data, params.get("meta_data"))
    after = replace(coupon, **changes)
    if after.amount < 0 or (after.discount_type == "percent" and after.amount > 100):
        raise WooError("coupon_invalid_amount", "Invalid discount amount.")
    return after


def _numbers(sent: Any) -> list[int]:
    return [n for n in php.ids(sent) if n] if isinstance(sent, list) else []


def _free_code(here: Emulation, code: str, own_id: int) -> str:
    if not code:
        raise WooError("woocommerce_rest_empty_coupon_code", "The coupon code cannot be empty.")
    if here.store[Coupon].first(C.code == code, C.status != TRASH, C.id != own_id):
        raise WooError("woocommerce_rest_coupon_code_already_exists", "The coupon code already exists")
    return code


def rendered(here: Emulation, coupon: Coupon) -> dict[str, Any]:
    return {
        "id": coupon.id,
        "code": coupon.code,
        "amount": totals.text(coupon.amount),
        "status": coupon.status,
        "date_created": dates.local(here, coupon.created_at),
        "date_created_gmt": dates.gmt(coupon.created_at),
        "date_modified": dates.local(here, coupon.modified_at),
        "date_modified_gmt": dates.gmt(coupon.modified_at),
        "discount_type": coupon.discount_type,
        "description": coupon.description,
        "date_expires": dates.local(here, coupon.expires_at),
        "date_expires_gmt": dates.gmt(coupon.expires_at),
        "usage_count": coupon.usage_count,
        "individual_use": coupon.individual_use,
        "product_ids": coupon.product_ids,
        "excluded_product_ids": coupon.excluded_product_ids,
        "usage_limit": coupon.usage_limit or None,
        "usage_limit_per_user": coupon.usage_limit_per_user or None,
        "limit_usage_to_x_items": coupon.limit_usage_to_x_items or None,
        "free_shipping": coupon.free_shipping,
        "product_categories": coupon.product_categories,
        "excluded_product_categories": coupon.excluded_product_categories,
        "exclude_sale_items": coupon.exclude_sale_items,
        "minimum_amount": totals.text(coupon.minimum_amount),
        "maximum_amount": totals.text(coupon.maximum_amount),
        "email_restrictions": coupon.email_restrictions,
        "used_by": coupon.used_by,
        "meta_data": coupon.meta_data,
        "_links": respond.links(here, "coupons", coupon.id),
    }


def a_coupon(here: Emulation, code: str = "ten", discount_type: str = "percent", amount: str = "10") -> dict[str, int]:
    """A coupon with this code. Answers {"id"}."""
    old = by_code(here, code)
    if old is None:
        now = dates.second(here)
        old = here.store[Coupon].add(Coupon(here.ids.next("post"), cleaned_code(code), created_at=now, modified_at=now))
    changed = replace(old, discount_type=discount_type, amount=totals.amount(amount))
    return {"id": here.store[Coupon].put(changed).id}


STATES: dict[str, Callable[..., Any]] = {"a coupon": a_coupon}
