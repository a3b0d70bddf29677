"""Pages that were shown before and are still true: who polls a list again and again pays for it once.

A page is kept until any record it could show changes, and only a few are kept.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Container
from typing import Any

from ..kernel import Emulation
from .params import Params

Page = tuple[list[dict[str, Any]], int]
MOST_ITEMS = 2_000
TABLES = (
    "woo_products",
    "woo_product_terms",
    "woo_terms",
    "woo_attributes",
    "woo_images",
    "woo_settings",
)
_SLOT = "woocommerce pages"


def asked(params: Params, without: Container[str] = ()) -> tuple[tuple[str, str], ...]:
    """What a request asks for, as a key. Credentials in the query, new with every request, ask for nothing."""
    return tuple(
        (name, repr(value))
        for name, value in sorted(params.items())
        if name not in without and not name.startswith(("oauth_", "consumer_"))
    )


def remembered(here: Emulation, about: str, params: Params, made: Callable[[], Page]) -> Page:
    """A page of rendered items and the total. The items are shared: nobody may change them."""
    memos, versions = here.store.memos, here.store.versions
    if memos is None or params.get("orderby") == "random":
        return made()
    version = tuple(versions.get(name, 0) for name in TABLES)
    kept: OrderedDict[Any, Page]
    known_version, kept = memos.get(_SLOT, (None, OrderedDict()))
    if known_version != version:
        kept = OrderedDict()
        memos[_SLOT] = (version, kept)
    question = (about, here.root, asked(params))
    page = kept.get(question)
    if page is None:
        page = kept[question] = made()
        while len(kept) > 1 and sum(len(items) for items, _ in kept.values()) > MOST_ITEMS:
            kept.popitem(last=False)
    return page
