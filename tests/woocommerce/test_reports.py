"""Reports of a store."""

from __future__ import annotations

from datetime import datetime

import pytest

from .shop import Shop


@pytest.fixture
def old_fashioned(shop: Shop) -> Shop:
    """A store that keeps its orders among its posts, where the reports of sales look for them."""
    shop.world.do("woocommerce", "change setting", name="woocommerce_custom_orders_table_enabled", value="no")
    return shop


def test_a_store_with_tables_for_orders_reports_no_sales_and_yet_counts_orders(shop: Shop) -> None:
    mug = shop.product(stock=5)
    shop.post("orders", {"set_paid": True, "line_items": [{"product_id": mug["id"], "quantity": 2}]})

    assert shop.get("reports/sales")[0]["total_orders"] == 0
    assert shop.get("reports/top_sellers") == []
    assert {"slug": "processing", "name": "Processing", "total": 1} in shop.get("reports/orders/totals")


def test_sales_are_those_of_orders_that_are_paid_or_waited_for(old_fashioned: Shop) -> None:
    mug = old_fashioned.product(price="4.00")
    line = {"product_id": mug["id"], "quantity": 2}
    for status in ("processing", "completed", "on-hold", "pending", "cancelled", "failed"):
        old_fashioned.post("orders", {"status": status, "line_items": [line]})

    report = old_fashioned.get("reports/sales")[0]

    assert (report["total_orders"], report["total_items"], report["total_sales"]) == (3, 6, "24.00")
    assert list(report["totals"].values()) == [
        {"sales": "24.00", "orders": 3, "items": 6, "tax": "0.00", "shipping": "0.00", "discount": "0.00",
         "customers": 0},
    ]  # fmt: skip


def test_refunds_lessen_the_sales_of_the_day_they_are_given(old_fashioned: Shop) -> None:
    mug = old_fashioned.product(price="4.00")
    order = old_fashioned.post("orders", {"set_paid": True, "line_items": [{"product_id": mug["id"], "quantity": 2}]})
    old_fashioned.post(f"orders/{order['id']}/refunds", {"amount": "1.50", "api_refund": False})

    report = old_fashioned.get("reports/sales")[0]

    assert (report["total_sales"], report["total_refunds"], report["total_orders"]) == ("6.50", 1.5, 1)


def test_a_day_begins_at_the_midnight_of_the_store(old_fashioned: Shop) -> None:
    old_fashioned.world.do("woocommerce", "change setting", name="timezone_string", value="Pacific/Auckland")
    mug = old_fashioned.product()
    order = old_fashioned.post("orders", {"set_paid": True, "line_items": [{"product_id": mug["id"], "quantity": 1}]})

    report = old_fashioned.get("reports/sales", period="week")[0]

    day = datetime.fromisoformat(order["date_created"]).date().isoformat()
    assert report["totals"][day]["orders"] == 1
    assert list(report["totals"])[-1] == day


def test_what_sells_best_comes_first(old_fashioned: Shop) -> None:
    mug, cap = old_fashioned.product("MUG"), old_fashioned.product("CAP")
    lines = [{"product_id": mug["id"], "quantity": 1}, {"product_id": cap["id"], "quantity": 3}]
    old_fashioned.post("orders", {"set_paid": True, "line_items": lines})

    best = old_fashioned.get("reports/top_sellers")

    assert [(entry["name"], entry["quantity"]) for entry in best] == [("Cap", 3), ("Mug", 1)]
    assert best[0]["_links"]["product"][0]["href"].endswith(f"/products/{cap['id']}")


def test_everything_is_counted_by_its_kind(shop: Shop) -> None:
    mug = shop.product()
    shop.product("CAP", status="draft")
    shop.post("coupons", {"code": "ten", "amount": "10", "discount_type": "percent"})
    shop.post("customers", {"email": "ann@example.com"})
    shop.post("products/reviews", {"product_id": mug["id"], "reviewer": "Ann", "reviewer_email": "ann@example.com",
                                   "review": "Good", "rating": 4})  # fmt: skip

    def counted(what: str) -> dict[str, int]:
        return {entry["slug"]: entry["total"] for entry in shop.get(f"reports/{what}/totals") if entry["total"]}

    assert counted("products") == {"simple": 1}
    assert counted("coupons") == {"percent": 1}
    assert counted("customers") == {"non_paying": 1}
    assert counted("reviews") == {"rated_4_out_of_5": 1}


def test_a_date_is_a_day(shop: Shop) -> None:
    for wrong in ("zzz", "2026-1-1", "20261121"):
        assert shop.refusal("GET", "reports/sales", date_min=wrong)[2] == "Invalid parameter(s): date_min"

    assert shop.get("reports/sales", date_min="2026-13-01", date_max="2026-13-02")[0]["total_orders"] == 0
