"""What the merchant chooses, and what of it does not go together."""

from __future__ import annotations

from typing import Any

from ...connector import BadSettings

DOCUMENT_TYPES = ("invoice", "invoiceDeliveryNote", "reservation", "return", "deliveryNote")
_SWITCH = {"type": "boolean", "default": True}

SHAPE: dict[str, Any] = {
    "database": {
        "type": "string", "maxLength": 80, "default": "", "description": "one that the key opens, and not closed",
    },
    "business_unit": {
        "type": "string", "maxLength": 80, "default": "", "description": "code of the unit whose stock is sold",
    },
    "catalogue": {**_SWITCH, "description": "make and update products and categories"},
    "stock": {**_SWITCH, "description": "update stock"},
    "prices": {**_SWITCH, "description": "update prices"},
    "images": {**_SWITCH, "description": "update pictures"},
    "export_orders": {**_SWITCH, "description": "an order becomes a document as soon as it exists"},
    "document_type": {"enum": [*DOCUMENT_TYPES], "default": "reservation"},
    "price_type": {"enum": ["retail", "wholesale"], "default": "retail"},
    "vat": {
        "enum": ["included", "excluded"], "default": "included",
        "description": "whether prices have VAT in them, those of the store and those on documents",
    },
    "stock_mode": {
        "enum": ["available", "onHand"], "default": "available",
        "description": "available leaves out what is reserved",
    },
    "fractions": {
        "enum": ["down", "nearest"], "default": "down", "description": "how 2.7 m become the store's whole pieces",
    },
    "manage_stock": {**_SWITCH, "description": "switch stock management on where it is off"},
    "new_products": {"enum": ["publish", "draft"], "default": "publish"},
    "number_prefix": {
        "type": "string", "maxLength": 20, "default": "WC-", "pattern": r"^[\w./-]*$",
        "description": "what stands before the order's number; each store of an account needs its own",
    },
    "pib_field": {
        "type": "string", "minLength": 1, "maxLength": 80, "default": "_billing_pib",
        "description": "the order's custom field with the buyer's PIB",
    },
    "shipping_code": {
        "type": "string", "maxLength": 50, "default": "", "description": "code of the service that stands for shipping",
    },
    "sync_every": {"type": "integer", "minimum": 300, "maximum": 86_400, "default": 3600, "description": "seconds"},
}  # fmt: skip


def settings(chosen: dict[str, Any]) -> dict[str, Any]:
    """Holds them against each other."""
    takes_later = chosen["document_type"] == "reservation"
    if chosen["export_orders"] and chosen["stock"] and takes_later and chosen["stock_mode"] == "onHand":
        raise BadSettings(
            "orders become reservations, which leave the stock on hand as it is: with stock_mode onHand every sync "
            "would put what was just sold back on the shelf; choose available, or another document_type"
        )
    return chosen
