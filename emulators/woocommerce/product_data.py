"""The record of a product as the store's own code holds it: what duplicating answers with."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from .product import Product


def written_out(product: Product, modified: datetime) -> dict[str, Any]:
    """Every field of the record. `modified` is the original's date of change, which the copy still shows."""
    return {
        "id": product.id,
        "name": product.name,
        "slug": product.slug,
        "date_created": _moment(product.created),
        "date_modified": _moment(modified),
        "status": product.status,
        "featured": product.featured,
        "catalog_visibility": product.visibility,
        "description": product.description,
        "short_description": product.short_description,
        "sku": product.sku,
        "global_unique_id": product.global_unique_id,
        "price": product.price,
        "regular_price": product.regular_price,
        "sale_price": product.sale_price,
        "date_on_sale_from": _moment(product.sale_starts),
        "date_on_sale_to": _moment(product.sale_ends),
        "total_sales": product.total_sales,
        "tax_status": product.tax_status,
        "tax_class": product.tax_class,
        "manage_stock": product.manage_stock,
        "stock_quantity": product.stock_quantity,
        "stock_status": product.stock_status,
        "backorders": product.backorders,
        "low_stock_amount": "" if product.low_stock_amount is None else product.low_stock_amount,
        "sold_individually": product.sold_individually,
        "weight": product.weight,
        "length": product.length,
        "width": product.width,
        "height": product.height,
        "upsell_ids": product.upsell_ids,
        "cross_sell_ids": product.cross_sell_ids,
        "parent_id": product.parent_id,
        "reviews_allowed": product.reviews_allowed,
        "purchase_note": product.purchase_note,
        "attributes": {_key(a): {} for a in product.attributes} or [],
        "default_attributes": product.default_attributes or [],
        "menu_order": product.menu_order,
        "post_password": product.post_password,
        "virtual": product.virtual,
        "downloadable": product.downloadable,
        "category_ids": product.category_ids,
        "tag_ids": product.tag_ids,
        "brand_ids": product.brand_ids,
        "shipping_class_id": product.shipping_class_id,
        "downloads": {d["id"]: {} for d in product.downloads} or [],
        "image_id": str(product.image_ids[0]) if product.image_ids else "",
        "gallery_image_ids": product.image_ids[1:],
        "download_limit": product.download_limit,
        "download_expiry": product.download_expiry,
        "rating_counts": product.rating_counts or [],
        "average_rating": "0" if not product.rating else f"{product.rating:.2f}",
        "review_count": sum(product.rating_counts.values()),
        "cogs_value": None,
        "meta_data": [{"id": m["id"], "key": m["key"], "value": m["value"]} for m in product.meta_data],
    }


def of_nothing() -> dict[str, Any]:
    """What the store shows where it could copy nothing: a record that was never kept.
    Source: WC_Admin_Duplicate_Product::product_duplicate, WooCommerce 10.5."""
    never = datetime.min
    return {
        **written_out(Product(0, never, never), never),
        "date_created": None,
        "date_modified": None,
        "status": False,
    }


def _key(attribute: dict[str, Any]) -> str:
    name: str = attribute["name"]
    return f"pa_{name.lower()}" if attribute["id"] else name.lower()


def _moment(moment: datetime | None) -> dict[str, Any] | None:
    """As PHP writes a date object."""
    if moment is None:
        return None
    return {"date": f"{moment:%Y-%m-%d %H:%M:%S}.000000", "timezone_type": 1, "timezone": "+00:00"}
