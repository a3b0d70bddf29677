"""Pages that were shown before and are still true: who polls a list again and again pays for it once.

A page is kept until any record it could show changes, and only a few are kept.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Container
from dataclasses import field
from typing import Any

from ..kernel import Emulation, Operation, Written, dataclass
from .params import Params, route

Page = tuple[list[dict[str, Any]] | Written, int]
MOST_PAGES = 200
TABLES = (
    "woo_products",
    "woo_product_terms",
    "woo_terms",
    "woo_attributes",
    "woo_images",
    "woo_settings",
    "woo_tax_rates",
)
READ_UNDECLARED = frozenset({"tax_class", "global_unique_id"})  # no route says that it takes them, and some do
_SLOT = "woocommerce pages"


def asked(params: Params, without: Container[str] = ()) -> tuple[tuple[str, str], ...]:
    """What a request asks for, as a key. What the route does not know, credentials among it, asks for nothing."""
    operation: Operation | None = getattr(params, "operation", None)
    known: Container[str] = params if operation is None else route(operation).args
    defaults = {} if operation is None else route(operation).defaults
    return tuple(
        (name, repr(value))
        for name, value in sorted(params.items())
        if (name in known or name in READ_UNDECLARED)
        and name not in without
        and (name not in defaults or value != defaults[name])
    )


@dataclass
class _Kept:
    """Pages of one version of the tables."""

    version: tuple[int, ...]
    pages: OrderedDict[Any, Page] = field(default_factory=OrderedDict)

    def add(self, question: Any, page: Page) -> Page:
        self.pages[question] = page
        if len(self.pages) > MOST_PAGES:
            self.pages.popitem(last=False)
        return page


def remembered(here: Emulation, about: str, params: Params, made: Callable[[], Page]) -> Page:
    """A page of rendered items and the total. The items are shared: nobody may change them."""
    memos, versions = here.store.memos, here.store.versions
    if memos is None or params.get("orderby") == "random":
        return made()
    version = tuple(versions.get(name, 0) for name in TABLES)
    kept: _Kept | None = memos.get(_SLOT)
    if kept is None or kept.version != version:
        kept = memos[_SLOT] = _Kept(version)
    question = (about, here.root, asked(params))
    page = kept.pages.get(question)
    return kept.add(question, made()) if page is None else page
