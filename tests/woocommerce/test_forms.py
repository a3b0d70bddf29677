"""The forms in which any answer can be had: fields, envelope, JSONP, embedded; and ways of asking."""

from __future__ import annotations

from .shop import Shop


def test_fields_are_named_also_inside_objects(shop: Shop) -> None:
    mug = shop.product()

    told = shop.get(f"products/{mug['id']}", _fields="id,dimensions.width,_links.self,nothing")

    assert told["id"] == mug["id"]
    assert told["dimensions"] == {"width": ""}
    assert list(told["_links"]) == ["self"]
    assert list(told) == ["id", "dimensions", "_links"]


def test_an_envelope_holds_status_and_headers(shop: Shop) -> None:
    shop.product()

    told = shop.get("products", _envelope=1, _fields="sku")

    assert (told["status"], told["body"], told["headers"]["X-WP-Total"]) == (200, [{"sku": "MUG"}], 1)
    missing = shop.get("products/999", _envelope=1)
    assert (missing["status"], missing["body"]["code"]) == (404, "woocommerce_rest_product_invalid_id")


def test_jsonp_calls_the_function(shop: Shop) -> None:
    answer = shop.call("GET", "products", _jsonp="show")

    assert answer.text == "/**/show([])"
    assert answer.headers["Content-Type"].startswith("application/javascript")


def test_a_function_that_is_none_is_refused_before_anything_is_done(shop: Shop) -> None:
    answer = shop.call("POST", "products", {"name": "Mug"}, _jsonp="alert(1)")

    assert (answer.status_code, answer.json()) == (
        400,
        {"code": "rest_callback_invalid", "message": "Invalid JSONP callback function."},
    )
    assert answer.headers["Content-Type"].startswith("application/javascript")
    assert shop.get("products") == []


def test_no_function_is_no_call_but_a_script_all_the_same(shop: Shop) -> None:
    answer = shop.call("GET", "products", _jsonp="")

    assert answer.text == "[]"
    assert answer.headers["Content-Type"].startswith("application/javascript")


def test_fields_may_be_named_in_the_body(shop: Shop) -> None:
    mug = shop.product()

    assert shop.put(f"products/{mug['id']}", {"name": "Cup", "_fields": "id,name"}) == {"id": mug["id"], "name": "Cup"}
    assert shop.post("orders", {"_fields": ["status"]}) == {"status": "pending"}


def test_answers_for_people_are_indented_as_php_does(shop: Shop) -> None:
    mug = shop.product()

    told = shop.call("GET", "products", _pretty="", _fields="id,name,tags,_links.collection").text

    assert told.startswith(f'[\n    {{\n        "id": {mug["id"]},\n        "name": "Mug",\n        "tags": [],\n')
    assert "http:\\/\\/" in told or "https:\\/\\/" in told


def test_the_method_may_be_named_elsewhere(shop: Shop) -> None:
    mug = shop.product()

    changed = shop.call("POST", f"products/{mug['id']}", {"name": "Cup"}, _method="PUT").json()
    gone = shop.session.post(
        f"{shop.url}/wp-json/wc/v3/products/{mug['id']}?force=true", headers={"X-HTTP-Method-Override": "DELETE"}
    ).json()

    assert changed["name"] == gone["name"] == "Cup"
    assert shop.get("products") == []


def test_the_script_may_be_named_before_the_api(shop: Shop) -> None:
    shop.product()

    by_script = shop.session.get(f"{shop.url}/index.php/wp-json/wc/v3/products", timeout=30)
    index = shop.session.get(f"{shop.url}/index.php/wp-json", timeout=30)

    assert by_script.json() == shop.get("products")
    assert index.json()["namespaces"]


def test_a_slash_too_many_before_the_api_is_none(shop: Shop) -> None:
    shop.product()

    told = shop.session.get(f"{shop.url}//wp-json/wc/v3/products?_fields=sku", timeout=30)
    inside = shop.session.get(f"{shop.url}/wp-json/wc/v3//products", timeout=30)

    assert told.json() == [{"sku": "MUG"}]
    assert (inside.status_code, inside.json()["code"]) == (404, "rest_no_route")


def test_routes_are_found_in_any_case_and_the_way_to_the_api_in_its_own(shop: Shop) -> None:
    mug = shop.product()
    api, number = f"{shop.url}/wp-json", mug["id"]

    def asked(path: str) -> int:
        return shop.session.get(f"{api}/{path}", timeout=30).status_code

    assert shop.get(f"Products/{number}") == shop.get(f"products/{number}")
    assert shop.get("SETTINGS/general/woocommerce_currency")["id"] == "woocommerce_currency"
    assert shop.post("products/BATCH", {"delete": [number]})["delete"][0]["id"] == number
    assert shop.call("OPTIONS", "products/Batch").json()["endpoints"]
    assert shop.refusal("GET", "settings/GENERAL")[1] == "rest_setting_setting_group_invalid"  # what varies is as sent
    assert asked("WC/v3/products") == 401  # found, and no key is looked at: that is for wc/
    assert asked("WC/Store/products") == 501
    assert shop.session.get(f"{shop.url}/WP-JSON/wc/v3/products", timeout=30).text.startswith("<!DOCTYPE html>")


def test_an_address_longer_than_a_web_server_reads_is_refused_by_it(shop: Shop) -> None:
    line = len("GET /wp-json/wc/v3/products?include= HTTP/1.1")
    longest = "1" * (8190 - line)

    assert shop.call("GET", "products", include=longest).status_code == 200
    refused = shop.call("GET", "products", include=longest + "1")

    assert (refused.status_code, refused.headers["Content-Type"]) == (414, "text/html; charset=UTF-8")


def test_a_head_is_a_get_without_its_body(shop: Shop) -> None:
    shop.product()

    answer = shop.call("HEAD", "products")

    assert (answer.status_code, answer.content, answer.headers["X-WP-Total"]) == (200, b"", "1")


def test_the_context_decides_how_much_is_told(shop: Shop) -> None:
    mug = shop.product(description="One <b>mug</b>")

    viewed, edited = (shop.get(f"products/{mug['id']}", context=context) for context in ("view", "edit"))

    assert viewed["description"] == "<p>One <b>mug</b></p>\n"
    assert edited["description"] == "One <b>mug</b>"
    assert edited["generated_slug"] == "mug"
    assert shop.refusal("GET", "products", context="embed")[1] == "rest_invalid_param"


def test_what_may_be_embedded_is_embedded_when_asked_for(shop: Shop) -> None:
    order = shop.post("orders", {"billing": {"email": "jane@example.com"}})
    templates = shop.get(f"orders/{order['id']}/actions/email_templates")

    told = shop.get(f"orders/{order['id']}", _embed="")
    (listed,) = shop.get("orders", _embed="email_templates")

    assert "_embedded" not in shop.get(f"orders/{order['id']}")
    assert told["_embedded"] == listed["_embedded"] == {"email_templates": [templates]}
    assert "_embedded" not in shop.get(f"orders/{order['id']}", _embed="customer")


def test_a_tool_leads_to_itself(shop: Shop) -> None:
    tool = shop.get("system_status/tools/clear_transients", _embed="item")

    assert tool["_embedded"]["item"][0]["id"] == "clear_transients"


def test_nothing_is_embedded_where_no_link_says_so(shop: Shop) -> None:
    mug = shop.product()

    assert "_embedded" not in shop.get(f"products/{mug['id']}", _embed="")
