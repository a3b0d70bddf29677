"""What sync needs from KeyCRM's stock webhook: an array of rows, with what is in stock and what is set aside.

Each message names its cause, so that whoever verifies it can bring it about.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from pact import Pact, match

from storelab.contracts.examples import API_KEY, NOW
from storelab.contracts.interactions import Given, move, told
from storelab.contracts.provider import RECEIVER
from storelab.sync.book import Book
from storelab.sync.connector import HookCall
from storelab.sync.connectors.keycrm import CONNECTOR, hear_stock
from storelab.sync.model import Heard

PROVIDER = "keycrm"
CONNECTION = {"backend": CONNECTOR.name, "settings": CONNECTOR.chosen({"warehouse_id": 1})}
HOOK = ("a stock webhook", {"url": f"{RECEIVER}/stock"})
MUG = ("an offer in stock", {"sku": "MUG", "quantity": 10})

Tells = Callable[..., list[Heard]]


@pytest.fixture
def tells(pact: Pact, test_name: str, book: Book) -> Tells:
    """`tells("a receipt", cause, [row(...)])`: agree on the message, hand it to the plugin's route, and see what was
    heard."""

    def agreed(what: str, cause: dict[str, Any], rows: Any, given: Given) -> list[Heard]:
        def hand_over(raw: bytes) -> None:
            connection = book.connection("con")
            assert connection is not None
            news, answer, status = hear_stock(HookCall(connection, raw, NOW))
            book.learn(connection.id, news, NOW)
            assert (status, answer["skipped"]) == (200, []), answer
            assert answer["updated"] == len(json.loads(raw))

        told(pact, test_name, what, rows, hand_over, cause=cause, given=given)
        return book.hints("con")[1]

    return agreed


def row(sku: Any = "MUG", in_stock: float = 0, in_reserve: float = 0) -> dict[str, Any]:
    """Numbers are exact: sync writes them into the store."""
    return {"offer_id": match.integer(41), "sku": sku, "in_stock": in_stock, "in_reserve": in_reserve}


def heard(rows: list[Heard]) -> dict[str, int]:
    return {one.sku: one.quantity for one in rows}


@pytest.mark.parametrize(
    ("what", "cause", "given", "left", "reserve"),
    [
        ("stock after an inventory", move("adjust stock", sku="MUG", quantity=7), (MUG, HOOK), 7, 0),
        ("stock after a receipt", move("receive", sku="MUG", quantity=5), (MUG, HOOK), 15, 0),
        ("stock after a write-off", move("write off", sku="MUG", quantity=4), (MUG, HOOK), 6, 0),
        ("stock after the last piece has gone", move("adjust stock", sku="MUG", quantity=0), (MUG, HOOK), 0, 0),
        ("stock after pieces were set aside", move("reserve", sku="MUG", quantity=3), (MUG, HOOK), 10, 3),
        (
            "stock after pieces were let go",
            move("release", sku="MUG", quantity=2),
            (("an offer in stock", {"sku": "MUG", "quantity": 10, "reserve": 3}), HOOK),
            10,
            1,
        ),
        (
            "stock after an order was confirmed",
            move("change order status", order="1001", status="confirmed"),
            (MUG, ("an order", {"sku": "MUG", "quantity": 2}), HOOK),
            10,
            2,
        ),
        (
            "stock of two warehouses after one of them received",
            move("receive", sku="MUG", quantity=1),
            (("two warehouses", {"sku": "MUG", "main": 10, "other": 5}), HOOK),
            16,
            0,
        ),
        (
            "stock of the one warehouse that is listened to",
            move("receive", sku="MUG", quantity=1, warehouse="Second"),
            (
                ("two warehouses", {"sku": "MUG", "main": 10, "other": 5}),
                ("a stock webhook", {"url": f"{RECEIVER}/stock", "warehouses": ["Second"]}),
            ),
            6,
            0,
        ),
    ],
    ids=["inventory", "receipt", "write-off", "gone", "reserved", "released", "order", "summed", "one-warehouse"],
)
def test_a_change_of_stock_is_heard(
    tells: Tells, what: str, cause: dict[str, Any], given: Any, left: int, reserve: int
) -> None:
    rows = tells(what, cause, [row("MUG", left, reserve)], given)

    assert heard(rows) == {"MUG": left - reserve}


def test_part_of_a_piece_is_heard_rounded_down(tells: Tells) -> None:
    rows = tells(
        "stock after a piece was cut off",
        move("adjust stock", sku="CLOTH", quantity=2.7),
        [row("CLOTH", 2.7)],
        (("an offer in stock", {"sku": "CLOTH"}), HOOK),
    )

    assert heard(rows) == {"CLOTH": 2}


def test_an_import_is_heard_as_one_message(tells: Tells) -> None:
    rows = tells(
        "stock after an import of two SKUs",
        move("import stock", stock={"MUG": 3, "CAP": 4}),
        [row("MUG", 3), row("CAP", 4)],
        (MUG, ("an offer in stock", {"sku": "CAP", "quantity": 10}), HOOK),
    )

    assert heard(rows) == {"MUG": 3, "CAP": 4}


def test_what_sync_wrote_comes_back_as_an_echo(tells: Tells) -> None:
    wrote = {
        "request": {
            "method": "PUT",
            "path": "/v1/offers/stocks",
            "headers": {"Authorization": "Bearer ${api_key}"},
            "body": {"warehouse_id": 1, "stocks": [{"sku": "MUG", "quantity": 8}]},
        }
    }

    rows = tells("stock after a write over the API", wrote, [row("MUG", 8)], (MUG, HOOK))

    assert heard(rows) == {"MUG": 8}
    assert API_KEY not in json.dumps(wrote)
