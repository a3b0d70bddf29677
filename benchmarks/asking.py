"""What is asked of every contestant: five operations, as raw requests over connections that are kept alive."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

OPERATIONS = {
    "list": "GET ten products",
    "one": "GET a product",
    "create": "POST a product",
    "stock": "PUT its stock",
    "order": "POST an order with two lines",
}


@dataclass(frozen=True)
class Bodies:
    """Real answers of a store, and what is sent to it."""

    page: list[dict[str, Any]]
    order: dict[str, Any]

    @property
    def one(self) -> dict[str, Any]:
        return self.page[0]


def product(number: str = "@n") -> dict[str, Any]:
    """`@n` becomes another number each time it is sent."""
    return {
        "name": f"Mug {number}",
        "sku": f"MUG-{number}",
        "type": "simple",
        "regular_price": "9.90",
        "description": "A mug that holds a third of a litre.",
        "manage_stock": True,
        "stock_quantity": 12,
    }


STOCK = {"stock_quantity": 1_000_000}


def order(first: int, second: int) -> dict[str, Any]:
    return {
        "payment_method": "cod",
        "payment_method_title": "Cash on delivery",
        "billing": {"first_name": "Ana", "last_name": "Petrovic", "email": "ana@example.com", "country": "RS"},
        "line_items": [{"product_id": first, "quantity": 1}, {"product_id": second, "quantity": 2}],
    }


def request(method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> bytes:
    """HTTP/1.1, as bytes. A body that is bytes already goes as it is."""
    sent = (
        body if isinstance(body, bytes) else b"" if body is None else json.dumps(body, separators=(",", ":")).encode()
    )
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *(f"{n}: {v}" for n, v in (headers or {}).items())]
    if body is not None:
        if "Content-Type" not in (headers or {}):
            lines.append("Content-Type: application/json")
        lines.append("Content-Length: @length")
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + sent


def rest(
    api: str, bodies: Bodies, headers: dict[str, str] | None = None, page: str = "per_page=10"
) -> dict[str, bytes]:
    """The five of a REST API with products and orders below `api`."""
    number = bodies.one["id"]
    other = bodies.page[1]["id"]
    return {
        "list": request("GET", f"{api}/products?{page}", headers=headers),
        "one": request("GET", f"{api}/products/{number}", headers=headers),
        "create": request("POST", f"{api}/products", product(), headers),
        "stock": request("PUT", f"{api}/products/{number}", STOCK, headers),
        "order": request("POST", f"{api}/orders", order(number, other), headers),
    }
