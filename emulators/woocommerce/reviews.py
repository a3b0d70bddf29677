"""Reviews of products.

Source: WooCommerce 10.5.0, recorded 2026-11-21.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from ..kernel import Emulation, Reply, Table, dataclass, emulation, replace
from . import auth, dates, php, product_view, respond, term, texts, titles, webhooks
from .errors import WooError
from .params import Params
from .product import Product, found, kept

APPROVED = "approved"
STATUSES = {"approved": "approved", "approve": "approved", "unspam": "approved", "untrash": "approved", "hold": "hold",
            "spam": "spam", "trash": "trash"}  # fmt: skip
AVATARS = (24, 48, 96)


@dataclass(frozen=True)
class Review:
    """One review. `rating` is 0 (none) or what was sent, which the store does not check beyond its being a number."""

    id: int
    product_id: int
    created: datetime
    status: str = APPROVED
    reviewer: str = ""
    email: str = ""
    email_key: str = ""
    review: str = ""
    rating: int = 0
    verified: bool = False
    was: str = ""  # the status before the trash


REVIEWS = Table(
    Review,
    "woo_reviews",
    columns=("product_id", "created", "status", "email_key"),
    indexes=[("product_id", "status"), ("status", "created", "id")],
)
TABLES = (REVIEWS,)
C = REVIEWS.c


def unknown() -> WooError:
    return WooError("woocommerce_rest_review_invalid_id", "Invalid review ID.", 404)


def rendered(here: Emulation, review: Review, context: str = "view") -> dict[str, Any]:
    product = here.store[Product].get(review.product_id)
    parent = here.store[Product].get(product.parent_id) if product is not None and product.is_variation else None
    return {
        "id": review.id,
        "date_created": dates.local(here, review.created),
        "date_created_gmt": dates.gmt(review.created),
        "product_id": review.product_id,
        "product_name": titles.shown(product.name, product.status, product.post_password) if product else "",
        "product_permalink": product_view.permalink(here, product, parent) if product else "",
        "status": review.status,
        "reviewer": review.reviewer,
        "reviewer_email": review.email,
        "review": texts.paragraphs(review.review) if context == "view" else review.review,
        "rating": review.rating,
        "verified": review.verified,
        "reviewer_avatar_urls": avatars(review.email),
        "_links": respond.links(here, "products/reviews", review.id, up=f"products/{review.product_id}"),
    }


def avatars(email: str) -> dict[str, str]:
    digest = hashlib.sha256(email.strip().lower().encode()).hexdigest() if email else ""
    return {str(s): f"https://secure.gravatar.com/avatar/{digest}?s={s}&d=mm&r=g" for s in AVATARS}


def rated(product: Product, reviews: list[Review]) -> Product:
    """A product with what its approved reviews say of it."""
    ratings = [r.rating for r in reviews if r.status == APPROVED and r.rating > 0]
    counts = {str(n): ratings.count(n) for n in sorted(set(ratings))}
    return replace(product, rating=round(sum(ratings) / len(ratings), 2) if ratings else 0.0, rating_counts=counts)


def _counted(here: Emulation, product_id: int, *, stars: dict[int, int] | None = None) -> None:
    """A product counts its reviews. `stars`: what is not kept yet of the rating of a review by then: WooCommerce 10.5
    counts before it keeps the stars that come by its API, so they show with the next review.
    Source: the recorded review of a product that had none; WC_Comments::clear_transients() is called by WordPress
    whenever it counts comments."""
    product = here.store[Product].get(product_id)
    if product is not None:
        reviews = here.store[Review].all(C.product_id == product_id)
        known = [replace(r, rating=(stars or {}).get(r.id, r.rating)) for r in reviews]
        kept(here, rated(product, known), product)
        webhooks.happened(here, "product.updated", product_id)


def _written(here: Emulation, review: Review, sent: Mapping[str, Any]) -> Review:
    """The review after a request. A new one keeps its text as it comes; a text that is changed is cleaned, and its
    quotes get backslashes. Source: https://github.com/woocommerce/woocommerce/issues/34193, open in 10.5."""
    changes: dict[str, Any] = {}
    if sent.get("reviewer") is not None:
        changes["reviewer"] = texts.escaped(texts.plain(sent["reviewer"]))
    if sent.get("reviewer_email") is not None:
        email = texts.plain(sent["reviewer_email"])
        email = email if "@" in email and "." in email.rpartition("@")[2] else ""
        changes |= {"email": email, "email_key": email.casefold()}
    if sent.get("review") is not None:
        text = php.text(sent["review"])
        changes["review"] = texts.slashed(texts.allowed_html(text)) if review.id else text
    if sent.get("rating"):
        changes["rating"] = php.integer(sent["rating"])
    if sent.get("verified"):
        changes["verified"] = True
    for name, gmt in (("date_created", False), ("date_created_gmt", True)):  # said to be for reading only
        if sent.get(name) and (moment := dates.parsed(here, sent[name], gmt)):
            changes["created"] = moment
            break
    if sent.get("status") is not None:
        wanted = php.text(sent["status"])
        status = review.was or APPROVED if wanted == "untrash" else STATUSES.get(wanted, review.status)
        changes |= {"status": status, "was": review.status if status == "trash" else ""}
    return replace(review, **changes)


def _refuse_content(text: str) -> None:
    if text in ("", "0"):  # what PHP calls empty
        raise WooError("woocommerce_rest_review_content_invalid", "Invalid review content.")


def _refuse_long(sent: Mapping[str, Any]) -> None:
    """Errors: the first field that has more bytes than its column of the database holds."""
    for name, code, most in _COLUMNS:
        if len(php.text(sent.get(name)).encode(errors="replace")) > most:
            message = "Product review field exceeds maximum length allowed."
            raise WooError(f"woocommerce_rest_{code}_column_length", message)


_COLUMNS = (
    ("reviewer", "reviewer", 245),
    ("reviewer_email", "reviewer_email", 100),
    ("review", "review_content", 65525),
)


def _product(here: Emulation, product_id: Any) -> Product:
    product = found(here, php.integer(product_id))
    if product is None or product.is_variation:
        raise WooError("woocommerce_rest_product_invalid_id", "Invalid product ID.", 404)
    return product


def _existing(here: Emulation, params: Params) -> Review:
    review = here.store[Review].get(php.integer(params.get("id")))
    if review is None:
        raise term.without_allow(unknown())
    return review


# -- handlers


def list_all(params: Params) -> Reply:
    here = emulation()
    auth.require("view", here)
    status = params.get("status") or APPROVED
    where: list[Any] = [C.status.in_((APPROVED, "hold"))] if status == "all" else [C.status == status]
    if ids := params.get("product"):
        where.append(C.product_id.in_(ids))
    if ids := params.get("include"):
        where.append(C.id.in_(ids))
    elif ids := params.get("exclude"):
        where.append(C.id.not_in(ids))
    if email := params.get("reviewer_email"):
        where.append(C.email_key == php.text(email).casefold())
    for name, wanted in (("reviewer", True), ("reviewer_exclude", False)):
        if ids := params.get(name):
            where.append(sa.true() if (0 in ids) is wanted else sa.false())  # nobody's account wrote any
    if text := php.text(params.get("search")):
        reviews_with = here.store[Review].all(*where)
        where.append(C.id.in_([r.id for r in reviews_with if text.casefold() in _searched(r)]))
    if params.get("after") and (moment := dates.parsed(here, params["after"])):
        where.append(C.created > moment)
    if params.get("before") and (moment := dates.parsed(here, params["before"])):
        where.append(C.created < moment)
    keys = {"id": C.id, "product": C.product_id}
    columns: list[Any] = [keys.get(params["orderby"], C.created), C.id]
    down = params["order"] == "desc"
    if params["orderby"] == "include" and params.get("include"):
        columns = [sa.case({number: at for at, number in enumerate(params["include"])}, value=C.id)]
        down = False
    reviews = here.store[Review]
    page = reviews.all(
        *where,
        order=[c.desc() if down else c for c in columns],
        limit=params["per_page"],
        offset=respond.start(params),
    )
    total = reviews.count(*where)
    return respond.page([rendered(here, r, params["context"]) for r in page], total, params, "products/reviews")


def _searched(review: Review) -> str:
    return "\n".join((review.reviewer, review.email, review.review)).casefold()


def create(params: Params) -> Reply:
    here = emulation()
    auth.require("create", here)
    if params.get("id"):
        raise WooError("woocommerce_rest_review_exists", "Cannot create existing product review.")
    product = _product(here, params.get("product_id"))
    review = _written(here, Review(0, product.id, dates.second(here)), params)
    _refuse_content(review.review)
    _refuse_long(params)
    same = here.store[Review].all(C.product_id == product.id, C.email_key == review.email_key, C.status != "trash")
    if any(r.review == review.review and r.reviewer == review.reviewer for r in same):
        message = "Duplicate comment detected; it looks as though you&#8217;ve already said that!"
        raise WooError("woocommerce_rest_comment_duplicate", message, 409)
    review = here.store[Review].put(replace(review, id=here.ids.next("comment")))
    _counted(here, product.id, stars={review.id: 0})
    return respond.one(rendered(here, review, "edit"), 201, location=f"products/reviews/{review.id}")


def read(params: Params) -> Reply:
    here = emulation()
    review = _existing(here, params)
    auth.require("view", here, single=True)
    return respond.one(rendered(here, review, params.get("context") or "view"))


def update(params: Params) -> Reply:
    here = emulation()
    old = _existing(here, params)
    auth.require("edit", here, single=True, of="reviews")
    if params.get("review") is not None:
        _refuse_content(php.text(params["review"]))
    _refuse_long(params)
    new = _written(here, old, params)
    if params.get("product_id") is not None:
        new = replace(new, product_id=_product(here, params["product_id"]).id)
    here.store[Review].put(new)
    _counted(here, new.product_id, stars={new.id: old.rating})  # the product that it was of does not count again
    return respond.one(rendered(here, new, "edit"))


def delete(params: Params) -> Reply:
    here = emulation()
    review = _existing(here, params)
    auth.require("delete", here, single=True, of="reviews")
    previous = rendered(here, review, "edit")
    if params.get("force"):
        here.store[Review].delete(review.id)
        if review.status == APPROVED:
            _counted(here, review.product_id)
        del previous["_links"]
        return respond.one({"deleted": True, "previous": previous}, allow=())
    if review.status == "trash":
        message = "The object has already been trashed."
        raise WooError("woocommerce_rest_already_trashed", message, 410)
    trashed = replace(review, status="trash", was=review.status)
    here.store[Review].put(trashed)
    _counted(here, review.product_id)
    return respond.one(rendered(here, trashed, "edit"))
