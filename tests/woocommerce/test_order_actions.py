"""What can be done about an order: e-mails, receipts, downloads."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from .shop import Shop


def _order(shop: Shop, status: str = "completed", email: str = "ann@example.com") -> dict[str, Any]:
    mug = shop.product()
    return shop.post(
        "orders",
        {
            "status": status,
            "billing": {"email": email} if email else {},
            "line_items": [{"product_id": mug["id"], "quantity": 2}],
        },
    )


@pytest.mark.parametrize(
    ("status", "ids"),
    [
        ("pending", ["customer_invoice"]),
        ("processing", ["customer_invoice", "customer_processing_order"]),
        ("on-hold", ["customer_invoice", "customer_on_hold_order"]),
        ("completed", ["customer_completed_order", "customer_invoice"]),
        ("failed", ["customer_failed_order", "customer_invoice"]),
        ("refunded", ["customer_invoice", "customer_refunded_order"]),
    ],
)
def test_only_emails_that_say_something_true_fit_an_order(shop: Shop, status: str, ids: list[str]) -> None:
    order = _order(shop, status)

    templates = shop.get(f"orders/{order['id']}/actions/email_templates")

    assert [t["id"] for t in templates] == ids


def test_a_partly_refunded_order_can_be_told_of_its_refund(shop: Shop) -> None:
    order = _order(shop)
    shop.post(f"orders/{order['id']}/refunds", {"amount": "5.00", "api_refund": False})

    sent = shop.post(f"orders/{order['id']}/actions/send_email", {"template_id": "customer_refunded_order"})

    assert sent == {"message": "Email template &quot;Refunded order&quot; sent to ann@example.com."}
    assert shop.get(f"orders/{order['id']}/notes")[0]["note"] == sent["message"]


def test_an_email_that_does_not_fit_is_refused(shop: Shop) -> None:
    order = _order(shop)

    refused = shop.refusal("POST", f"orders/{order['id']}/actions/send_email", {"template_id": "customer_failed_order"})

    assert refused[:2] == (400, "woocommerce_rest_invalid_email_template")


def test_the_order_takes_another_address_only_when_forced(shop: Shop) -> None:
    order = _order(shop)
    path = f"orders/{order['id']}/actions/send_order_details"

    refused = shop.refusal("POST", path, {"email": "bob@example.com"})
    sent = shop.post(path, {"email": "bob@example.com", "force_email_update": True})

    assert refused[1] == "woocommerce_rest_order_billing_email_exists"
    assert sent["message"] == "Billing email updated to bob@example.com. Order details sent to bob@example.com."
    assert shop.get(f"orders/{order['id']}")["billing"]["email"] == "bob@example.com"


def test_nothing_is_sent_to_nobody(shop: Shop) -> None:
    order = _order(shop, email="")

    assert (
        shop.refusal("POST", f"orders/{order['id']}/actions/send_order_details")[1] == "woocommerce_rest_missing_email"
    )
    assert shop.get(f"orders/{order['id']}/actions/email_templates") == []


def test_a_receipt_stays_the_same_until_it_runs_out(shop: Shop) -> None:
    order = _order(shop)
    path = f"orders/{order['id']}/receipt"

    first = shop.post(path)
    again = shop.post(path, {"expiration_days": 5})
    page = requests.get(first["receipt_url"].replace("https:", "http:"), timeout=10)
    shop.world.clock(advance=3 * 86400)

    assert again == first
    assert page.status_code == 200
    assert "$20.00" in page.text
    assert shop.refusal("GET", path) == (404, "woocommerce_rest_not_found", "Receipt not found")
    assert requests.get(first["receipt_url"].replace("https:", "http:"), timeout=10).status_code == 404
    assert shop.post(path)["receipt_url"] != first["receipt_url"]


@pytest.mark.parametrize(
    "wrong", [{"expiration_days": -1}, {"expiration_date": "2020-01-01"}, {"expiration_date": "x"}]
)
def test_a_receipt_ends_on_a_day_to_come(shop: Shop, wrong: dict[str, Any]) -> None:
    order = _order(shop)

    assert shop.refusal("POST", f"orders/{order['id']}/receipt", wrong)[:2] == (400, "woocommerce_invalid_argument")


def _book(shop: Shop, **more: Any) -> dict[str, Any]:
    return shop.product(
        "BOOK", downloadable=True, virtual=True, downloads=[{"name": "Book", "file": f"{shop.url}/book.pdf"}], **more
    )


def test_files_can_be_downloaded_once_they_are_paid(shop: Shop) -> None:
    jane = shop.post("customers", {"email": "jane@example.com"})
    book = _book(shop, download_limit=3, download_expiry=10)
    order = shop.post("orders", {"customer_id": jane["id"], "line_items": [{"product_id": book["id"], "quantity": 2}]})

    before = shop.get(f"customers/{jane['id']}/downloads")
    shop.put(f"orders/{order['id']}", {"set_paid": True})
    after = shop.get(f"customers/{jane['id']}/downloads")
    shop.world.clock(advance=11 * 86400)

    assert before == []
    assert [(d["product_id"], d["order_id"], d["downloads_remaining"]) for d in after] == [
        (book["id"], order["id"], "6")
    ]
    assert shop.get(f"customers/{jane['id']}/downloads") == []
    assert shop.put("system_status/tools/clear_expired_download_permissions")["message"] == "1 permissions deleted"


def test_a_cancelled_order_takes_its_downloads_away(shop: Shop) -> None:
    jane = shop.post("customers", {"email": "jane@example.com"})
    book = _book(shop)
    order = shop.post(
        "orders", {"customer_id": jane["id"], "set_paid": True, "line_items": [{"product_id": book["id"]}]}
    )

    listed = shop.get(f"customers/{jane['id']}/downloads")
    shop.put(f"orders/{order['id']}", {"status": "cancelled"})

    assert [(d["downloads_remaining"], d["access_expires"]) for d in listed] == [("unlimited", "never")]
    assert shop.get(f"customers/{jane['id']}/downloads") == []
