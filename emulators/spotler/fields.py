"""What a rule can look at: the fields of each kind of object, and their types."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, tzinfo
from enum import Enum
from typing import Any


class Kind(Enum):
    BOOLEAN = "boolean"
    DATE = "date"
    TEXT = "text"
    NUMBER = "number"


FIELDS: Mapping[str, Mapping[str, Kind]] = {
    "order": {
        "number": Kind.TEXT,
        "status": Kind.TEXT,
        "paid": Kind.BOOLEAN,
        "created_at": Kind.DATE,
        "total": Kind.NUMBER,
        "currency": Kind.TEXT,
        "email": Kind.TEXT,
        "country": Kind.TEXT,
        "payment_method": Kind.TEXT,
        "customer_note": Kind.TEXT,
    },
    "product": {
        "sku": Kind.TEXT,
        "barcode": Kind.TEXT,
        "name": Kind.TEXT,
        "status": Kind.TEXT,
        "price": Kind.NUMBER,
        "created_at": Kind.DATE,
        "variation": Kind.BOOLEAN,
    },
    "contact": {
        "email": Kind.TEXT,
        "first_name": Kind.TEXT,
        "last_name": Kind.TEXT,
        "phone": Kind.TEXT,
        "subscribed": Kind.BOOLEAN,
        "created_at": Kind.DATE,
    },
    "checkout": {
        "id": Kind.TEXT,
        "email": Kind.TEXT,
        "total": Kind.NUMBER,
        "currency": Kind.TEXT,
        "created_at": Kind.DATE,
    },
    "stock": {"sku": Kind.TEXT, "quantity": Kind.NUMBER},
    "shipment": {
        "number": Kind.TEXT,
        "carrier": Kind.TEXT,
        "tracking_code": Kind.TEXT,
        "shipped_at": Kind.DATE,
    },
}


def is_day(value: Any) -> bool:
    if not isinstance(value, str) or len(value) != 10:
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def day_of(value: Any, zone: tzinfo) -> date:
    """The calendar day in this zone, of a day or of a moment (UTC unless it says otherwise)."""
    if is_day(value):
        return date.fromisoformat(value)
    moment = datetime.fromisoformat(str(value))
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(zone).date()
    except OverflowError:  # the first or the last day there is
        return moment.date()


def is_moment(value: Any) -> bool:
    if not isinstance(value, str) or "T" not in value:
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True
