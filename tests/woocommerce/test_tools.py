"""The tools of the system status."""

from __future__ import annotations

from .shop import Shop


def test_every_tool_that_is_listed_can_be_read_and_run(shop: Shop) -> None:
    tools = shop.get("system_status/tools")

    ran = [shop.put(f"system_status/tools/{tool['id']}", {"confirm": True}) for tool in tools]

    assert len(tools) == 24
    assert [r["id"] for r in ran if not r["success"]] == ["delete_custom_orders_table"]
    assert all(r["message"] for r in ran)


def test_tax_rates_are_deleted_all_at_once(shop: Shop) -> None:
    shop.post("taxes", {"country": "UA", "rate": "20"})

    shop.put("system_status/tools/delete_taxes")

    assert shop.get("taxes") == []


def test_missing_pages_are_made_again(shop: Shop) -> None:
    shop.world.do("woocommerce", "change setting", name="woocommerce_terms_page_id", value="2")

    shop.put("system_status/tools/install_pages")

    assert shop.get("settings/advanced/woocommerce_terms_page_id")["value"] == "2"
    assert shop.get("settings/advanced/woocommerce_cart_page_id")["value"] == "7"
