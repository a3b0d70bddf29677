"""The tools of the system status: what a shopkeeper runs when something is stuck.

Most of them rebuild or empty what this store never keeps (caches, lookup tables, counts): they answer as the real
ones do and change nothing. Those that have work to do here name it in `run`.
Source: WooCommerce 10.5.0, recorded 2026-11-21 (names, and what clearing the caches answers); other messages after
the same release.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..kernel import Emulation, Reply, dataclass, emulation
from . import auth, downloads, product, respond, settings, taxes
from .errors import WooError
from .params import Params
from .product import Product
from .setting_list import BY_ID

_PAGES = tuple(f"woocommerce_{page}_page_id" for page in ("shop", "cart", "checkout", "myaccount"))


@dataclass(frozen=True)
class Tool:
    """`message`: what it says afterwards; `{}` is how many things `run` dealt with. `works`: whether it can be run."""

    id: str
    name: str
    action: str
    description: str
    message: str = "Tool ran."
    run: Callable[[Emulation], int] | None = None
    works: bool = True


def _without_orphans(here: Emulation) -> int:
    """Variations whose product is gone, for good."""
    C = product.C
    variations = here.store[Product].all(C.is_variation.is_(True))
    parents = {p.id for p in here.store[Product].all(C.id.in_({v.parent_id for v in variations}))} if variations else ()
    orphans = [v for v in variations if v.parent_id not in parents]
    for orphan in orphans:
        product.removed(here, orphan)
    return len(orphans)


def _with_pages(here: Emulation) -> int:
    """The shop's own pages are where a fresh store has them, unless the shopkeeper chose others."""
    missing = [name for name in _PAGES if not settings.value(here, name)]
    for name in missing:
        settings.change(here, name, BY_ID[name].value)
    return len(missing)


def _without_taxes(here: Emulation) -> int:
    return here.store[taxes.TaxRate].delete_where()


TOOLS = {
    tool.id: tool
    for tool in (
        Tool("clear_transients", "WooCommerce transients", "Clear transients", "Empties the caches of the shop.",
             "Product transients cleared"),
        Tool("clear_expired_transients", "Expired transients", "Clear transients", "Drops what caches no longer need.",
             "0 transients rows cleared"),
        Tool("delete_orphaned_variations", "Orphaned variations", "Delete orphaned variations",
             "Deletes variations whose product is gone.", "{} orphaned variations deleted", _without_orphans),
        Tool("clear_expired_download_permissions", "Used-up download permissions", "Clean up download permissions",
             "Drops permissions that ran out or have no downloads left.", "{} permissions deleted", downloads.dropped),
        Tool("regenerate_product_lookup_tables", "Product lookup tables", "Regenerate",
             "Builds the tables anew by which products are found.", "Lookup tables are regenerating"),
        Tool("repair_coupons_lookup_table", "Coupons lookup table", "Repair", "Fills in amounts missing in reports."),
        Tool("recount_terms", "Term counts", "Recount terms", "Counts the products of all terms anew.",
             "Terms successfully recounted"),
        Tool("reset_roles", "Capabilities", "Reset capabilities", "Gives roles the rights they came with.",
             "Roles successfully reset"),
        Tool("clear_sessions", "Clear customer sessions", "Clear", "Empties the carts of all customers.",
             "Deleted all active sessions, and 0 saved carts."),
        Tool("clear_template_cache", "Clear template cache", "Clear", "Forgets where templates are.",
             "Template cache cleared."),
        Tool("clear_system_status_theme_info_cache", "Clear system status theme info cache", "Clear",
             "Forgets what was found out about the theme.", "System status theme info cache cleared."),
        Tool("install_pages", "Create default WooCommerce pages", "Create pages", "Makes the shop's missing pages.",
             "All missing WooCommerce pages successfully installed", _with_pages),
        Tool("delete_taxes", "Delete WooCommerce tax rates", "Delete tax rates", "Deletes all tax rates, for good.",
             "Tax rates successfully deleted", _without_taxes),
        Tool("regenerate_thumbnails", "Regenerate shop thumbnails", "Regenerate", "Makes the small images anew.",
             "Thumbnail regeneration has been scheduled to run in the background."),
        Tool("db_update_routine", "Update database", "Update database", "Brings the database up to date.",
             "Database upgrade routine has been scheduled to run in the background."),
        Tool("recreate_order_address_fts_index", "Re-create Order Address FTS index", "Recreate index",
             "Builds the index anew that finds orders by address."),
        Tool("verify_db_tables", "Verify base database tables", "Verify database", "Looks whether all tables exist.",
             "Database verified successfully."),
        Tool("regenerate_product_attributes_lookup_table", "Regenerate the product attributes lookup table",
             "Regenerate", "Builds the table anew that finds products by attribute."),
        Tool("clear_woocommerce_analytics_cache", "Clear analytics cache", "Clear", "Makes reports count anew."),
        Tool("refresh_remote_inbox_notifications", "Refresh Remote Inbox Notifications", "Refresh",
             "Fetches the news of the admin's inbox."),
        Tool("delete_inbox_notification", "Delete an Inbox Notification", "Delete", "Drops one of the news."),
        Tool("hpos_legacy_cleanup", "Clean up order data from legacy tables", "No orders in need of cleanup",
             "Drops what older tables still hold of orders."),
        Tool("delete_custom_orders_table", "Delete the custom orders tables", "Delete",
             "Drops the tables of orders, if orders are kept elsewhere.",
             "Can't delete the custom orders table: they are currently in use (via Settings &gt; Advanced &gt; "
             "Features).", works=False),
        Tool("schedule_expired_transient_files_cleanup", "Schedule expired transient files cleanup", "Schedule",
             "Drops receipts that ran out, now and every day."),
    )
}  # fmt: skip


def list_all(params: Params) -> Any:
    here = emulation()
    auth.require("view", here)
    return respond.one([{**_rendered(tool), **_links(here, tool)} for tool in TOOLS.values()])


def read(params: Params) -> Reply:
    here = emulation()
    auth.require("view", here, single=True)
    tool = _found(params)
    return respond.one({**_rendered(tool), **_links(here, tool)})


def update(params: Params) -> Reply:
    """Run it; whatever was sent means nothing."""
    here = emulation()
    auth.require("edit", here)
    tool = _found(params)
    dealt_with = tool.run(here) if tool.run else 0
    if tool.run is None and tool.works:
        here.explain(f"{tool.id} has nothing to do here: this store keeps nothing that could get stuck like that")
    ran = {"success": tool.works, "message": tool.message.format(dealt_with)}
    return respond.one({**_rendered(tool), **ran, **_links(here, tool)})


def _found(params: Params) -> Tool:
    tool = TOOLS.get(params["id"])
    if tool is None:
        raise WooError("woocommerce_rest_system_status_tool_invalid_id", "Invalid tool ID.", 404)
    return tool


def _rendered(tool: Tool) -> dict[str, Any]:
    return {"id": tool.id, "name": tool.name, "action": tool.action, "description": tool.description}


def _links(here: Emulation, tool: Tool) -> Mapping[str, Any]:
    address = respond.url(here, f"system_status/tools/{tool.id}")
    return {"_links": {"item": [{"embeddable": True, "href": address}]}}
