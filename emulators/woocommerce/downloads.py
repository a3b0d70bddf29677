"""What customers may download: granted once an order with files is paid, listed for their account.

Source: WooCommerce 10.5.0, recorded 2026-11-21: the empty list; the rest is after the same release.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from ..kernel import Emulation, Table, dataclass, emulation, replace
from . import auth, customers, dates, product, respond, settings
from .errors import WooError
from .order_records import ORDERS, Order, items_of
from .params import Params
from .product import Product


@dataclass(frozen=True)
class Permission:
    """`remaining`: how often it may still be fetched, None without a limit."""

    id: int
    order_id: int
    product_id: int
    file_id: str
    email: str = ""
    remaining: int | None = None
    expires_at: datetime | None = None


PERMISSIONS = Table(Permission, "woo_download_permissions", columns=("order_id", "product_id", "expires_at"))
_MOST_DAYS = 36_500


def granted(here: Emulation, order: Order) -> None:
    """The files of the order's products, once: when it is completed, or paid where the shop wants it so."""
    if not _open(here, order) or here.store[Permission].first(PERMISSIONS.c.order_id == order.id):
        return
    now = dates.second(here)
    for item in items_of(here, order.id, "line_item"):
        sold = product.found(here, item.variation_id or item.product_id) if item.product_id else None
        if sold is None or not sold.downloadable:
            continue
        ends = now + timedelta(days=min(sold.download_expiry, _MOST_DAYS)) if sold.download_expiry > 0 else None
        often = sold.download_limit * item.quantity if sold.download_limit > 0 else None
        for file in sold.downloads:
            here.store[Permission].add(
                Permission(
                    here.ids.next("download"),
                    order.id,
                    sold.id,
                    str(file["id"]),
                    order.billing.get("email", ""),
                    often,
                    ends,
                )
            )


def revoked(here: Emulation, order_id: int, product_ids: Collection[int]) -> None:
    """The files of these products, of which pieces were given back: nobody may fetch them any more.

    The permissions stay, with nothing left, so that the order does not grant its files once more.
    """
    if not product_ids:
        return
    permissions = here.store[Permission]
    for given in permissions.all(PERMISSIONS.c.order_id == order_id, PERMISSIONS.c.product_id.in_(product_ids)):
        permissions.put(replace(given, remaining=0, expires_at=None))


def _open(here: Emulation, order: Order) -> bool:
    early = settings.value(here, "woocommerce_downloads_grant_access_after_payment") == "yes"
    return order.status == "completed" or (order.status == "processing" and early)


def list_all(params: Params) -> list[dict[str, Any]]:
    """What an account may download now: of orders that are still good, files that are still there, not run out."""
    here = emulation()
    if here.store[customers.Customer].get(params["customer_id"]) is None:
        raise WooError("woocommerce_rest_customer_invalid", "Resource does not exist.", 404)
    auth.require("view", here)
    orders = {
        order.id: order
        for order in here.store[Order].all(ORDERS.c.customer_id == params["customer_id"], order=[ORDERS.c.id])
        if _open(here, order)
    }
    if not orders:
        return []
    listed = here.store[Permission].all(PERMISSIONS.c.order_id.in_(orders), order=[PERMISSIONS.c.id])
    sold = here.store[Product].by_key({x.product_id for x in listed})
    now = here.clock.now
    return [
        _rendered(here, params["customer_id"], orders[x.order_id], sold[x.product_id], x, file)
        for x in listed
        if x.product_id in sold and x.remaining != 0 and (x.expires_at is None or x.expires_at > now)
        for file in sold[x.product_id].downloads
        if str(file["id"]) == x.file_id
    ]


def dropped(here: Emulation) -> int:
    """Without the permissions that ran out; how many there were."""
    return here.store[Permission].delete_where(PERMISSIONS.c.expires_at < here.clock.now)


def _rendered(
    here: Emulation, customer_id: int, order: Order, sold: Product, given: Permission, file: dict[str, Any]
) -> dict[str, Any]:
    person = sha256(given.email.encode()).hexdigest()
    address = f"{here.root}/?download_file={sold.id}&order={order.order_key}&uid={person}&key={given.file_id}"
    customer = f"customers/{customer_id}"
    return {
        "download_id": given.file_id,
        "download_url": address,
        "product_id": sold.id,
        "product_name": sold.name,
        "download_name": file["name"],
        "order_id": order.id,
        "order_key": order.order_key,
        "downloads_remaining": "unlimited" if given.remaining is None else str(given.remaining),
        "access_expires": dates.local(here, given.expires_at) or "never",
        "access_expires_gmt": dates.gmt(given.expires_at) or "never",
        "file": {"name": file["name"], "file": file["file"]},
        "_links": {
            "collection": [{"href": respond.url(here, f"{customer}/downloads")}],
            "up": [{"href": respond.url(here, customer)}],
        },
    }
