"""Webhooks: made, pinged, told of what happens, and disabled when nobody listens."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any

import pytest

from storelab.client import LabClient
from storelab.emulators.kernel import Answer
from storelab.emulators.woocommerce.deliveries import accepted, signature

from .receiver import Receiver, hooked
from .shop import Shop

HEADERS = [
    "Host",
    "User-Agent",
    "Accept",
    "Accept-Encoding",
    "Content-Type",
    "X-WC-Webhook-Source",
    "X-WC-Webhook-Topic",
    "X-WC-Webhook-Resource",
    "X-WC-Webhook-Event",
    "X-WC-Webhook-Signature",
    "X-WC-Webhook-ID",
    "X-WC-Webhook-Delivery-ID",
    "Connection",
    "Content-Length",
]


ALL = [f"{r}.{e}" for r in ("product", "order", "customer", "coupon") for e in ("created", "updated", "deleted")]


# ---------------------------------------------------------------------------------------------- the subscriptions


def test_a_webhook_never_shows_its_secret(shop: Shop, receiver: Receiver) -> None:
    made = shop.post("webhooks", {"topic": "order.created", "delivery_url": receiver.url, "secret": "hush"})

    assert "secret" not in made
    assert (made["status"], made["resource"], made["event"], made["hooks"]) == (
        "active",
        "order",
        "created",
        ["woocommerce_new_order"],
    )
    assert made["date_modified"] is None
    assert "hush" not in str(shop.world.journal()) + str(shop.world.fact("woocommerce", "webhooks"))


def test_a_name_is_made_of_the_time(shop: Shop, world: LabClient) -> None:
    world.clock(freeze="2026-11-21T18:03:01Z")

    made = shop.post("webhooks", {"topic": "order.created", "delivery_url": "http://127.0.0.1:9/x", "status": "paused"})

    assert made["name"] == "Webhook created on Nov 21, 2026 @ 06:03 PM"
    assert made["status"] == "active"  # what was sent is checked and forgotten


def test_a_topic_in_other_letters_is_taken_and_lost(shop: Shop, receiver: Receiver) -> None:
    made = shop.post("webhooks", {"topic": "Order.Created", "delivery_url": receiver.url})
    shop.post("orders", {})
    shop.world.settle()

    assert (made["topic"], made["resource"], made["event"], made["hooks"]) == ("", "", "", [])
    assert receiver.deliveries == []


def test_what_is_empty_changes_nothing_of_a_webhook(shop: Shop, receiver: Receiver) -> None:
    (webhook,) = hooked(shop, receiver, "order.created", secret="s3cret")

    told = shop.put(f"webhooks/{webhook}", {"topic": "", "delivery_url": "", "secret": "", "name": ""})
    shop.post("orders", {})
    shop.world.settle()

    assert (told["topic"], told["delivery_url"], bool(told["name"])) == ("order.created", f"{receiver.url}/hook", True)
    (heard,) = receiver.deliveries
    assert heard.header("X-WC-Webhook-Signature") == signature(heard.body, "s3cret")


def test_a_secret_with_entities_signs_as_what_they_stand_for() -> None:
    assert signature(b"{}", "a&lt;b&#039;&quot;&amp;c") == signature(b"{}", "a<b'\"&c")
    assert signature(b"{}", "&amp;lt;") != signature(b"{}", "<")


@pytest.mark.parametrize(
    "topic",
    ["order.exploded", "zzz", "cart.created", "action.", "action.delete_user", "action.woocommerce_login_credentials"],
)
def test_an_unknown_topic_is_refused(shop: Shop, topic: str) -> None:
    refusal = shop.refusal("POST", "webhooks", {"topic": topic, "delivery_url": "http://127.0.0.1:9/x"})

    assert refusal[:2] == (400, "woocommerce_rest_shop_webhook_invalid_topic")


@pytest.mark.parametrize("url", ["notaurl", "ftp://x.example/", "", "http://", "https:// x"])
def test_only_web_addresses_can_be_delivered_to(shop: Shop, url: str) -> None:
    refusal = shop.refusal("POST", "webhooks", {"topic": "order.created", "delivery_url": url})

    assert refusal[:2] == (400, "woocommerce_rest_shop_webhook_invalid_delivery_url")


def test_webhooks_are_listed_newest_first_and_found_by_name_and_status(shop: Shop, world: LabClient) -> None:
    world.clock(freeze="2026-11-21T08:00:00Z")
    for name in ("one", "two", "three"):
        shop.post("webhooks", {"name": name, "topic": "order.created", "delivery_url": "http://127.0.0.1:9/x"})
        if name == "one":
            world.clock(advance=1)

    def names(**query: Any) -> list[str]:
        return [w["name"] for w in shop.get("webhooks", **query)]

    shop.put("webhooks/2", {"status": "paused"})
    assert names() == ["two", "three", "one"]  # made in the same second: by id
    assert names(orderby="id", order="asc", per_page=2) == ["one", "two"]
    assert names(search="thr") == ["three"]
    assert names(status="paused") == ["two"]


def test_webhooks_cannot_be_trashed(shop: Shop) -> None:
    webhook = shop.world.state("woocommerce", "a webhook")["id"]

    assert shop.refusal("DELETE", f"webhooks/{webhook}")[0] == 501
    shop.delete(f"webhooks/{webhook}", force=True)
    assert shop.refusal("GET", f"webhooks/{webhook}")[::2] == (404, "ID is invalid.")
    assert shop.refusal("PUT", f"webhooks/{webhook}", {})[::2] == (400, "ID is invalid.")
    assert shop.refusal("DELETE", f"webhooks/{webhook}", force=True)[::2] == (404, "Invalid ID.")


# ---------------------------------------------------------------------------------------------- pings


def test_a_new_address_is_pinged_and_a_new_status_is_not(shop: Shop, receiver: Receiver) -> None:
    webhook = shop.post("webhooks", {"topic": "order.created", "delivery_url": receiver.url + "/a"})["id"]
    for body in ({"status": "paused"}, {"status": "active"}, {"name": "x"}, {"delivery_url": receiver.url + "/b"}):
        shop.put(f"webhooks/{webhook}", body)

    assert [(p.method, p.path, p.body) for p in receiver.got] == [
        ("POST", "/a", b"webhook_id=1"),
        ("POST", "/b", b"webhook_id=1"),
    ]
    assert receiver.got[0].header("Content-Type") == "application/x-www-form-urlencoded"
    assert not [name for name, _ in receiver.got[0].headers if name.startswith("X-WC")]


def test_a_ping_follows_where_it_is_sent(shop: Shop, receiver: Receiver) -> None:
    shop.post("webhooks", {"topic": "order.created", "delivery_url": receiver.url + "/to/here"})

    assert [(p.method, p.path) for p in receiver.got] == [("POST", "/to/here"), ("GET", "/here")]


@pytest.mark.parametrize("path", ["/status/404", "/status/500", ""])
def test_a_ping_that_fails_hinders_nothing(shop: Shop, receiver: Receiver, path: str) -> None:
    url = receiver.url + path if path else "http://127.0.0.1:9/refused"

    made = shop.post("webhooks", {"topic": "order.created", "delivery_url": url})

    kept = shop.get(f"webhooks/{made['id']}")
    assert (kept["status"], kept["date_modified"]) == ("active", None)


def test_a_ping_that_is_answered_is_remembered(shop: Shop, receiver: Receiver) -> None:
    made = shop.post("webhooks", {"topic": "order.created", "delivery_url": receiver.url})

    assert shop.get(f"webhooks/{made['id']}")["date_modified"] is not None


# ---------------------------------------------------------------------------------------------- deliveries


def test_a_delivery_is_signed_over_its_bytes_and_says_what_it_is(shop: Shop, receiver: Receiver) -> None:
    [webhook] = hooked(shop, receiver, "product.created", secret="Ключ")
    product = shop.product("MUG", name="Кухоль/ß")

    shop.world.settle()

    [sent] = receiver.got
    assert (sent.method, sent.version) == ("POST", "HTTP/1.0")
    assert [name for name, _ in sent.headers] == HEADERS
    assert sent.header("User-Agent") == "WooCommerce/10.5.0 Hookshot (WordPress/6.9.7)"
    assert sent.header("X-WC-Webhook-Source") == f"{shop.url}/"
    assert sent.header("X-WC-Webhook-ID") == str(webhook)
    signature = base64.b64encode(hmac.digest("Ключ".encode(), sent.body, hashlib.sha256)).decode()
    assert sent.header("X-WC-Webhook-Signature") == signature
    assert sent.body.isascii()
    assert (sent.json["id"], sent.json["name"]) == (product["id"], "Кухоль/ß")


def test_what_is_delivered_is_what_a_get_would_answer(shop: Shop, receiver: Receiver) -> None:
    hooked(shop, receiver, "product.updated", "order.updated", "customer.updated", "coupon.updated")
    product = shop.product("MUG", stock=5)
    jane = shop.post("customers", {"email": "jane@example.com"})
    coupon = shop.post("coupons", {"code": "ten", "amount": "1"})
    order = shop.post("orders", {"customer_id": jane["id"], "line_items": [{"sku": "MUG", "quantity": 1}]})
    shop.world.settle()
    receiver.got.clear()

    for path in (
        f"products/{product['id']}",
        f"customers/{jane['id']}",
        f"coupons/{coupon['id']}",
        f"orders/{order['id']}",
    ):
        shop.put(path)
        shop.world.settle()

        answer = shop.call("GET", path).content.replace(b"https:\\/\\/127", b"http:\\/\\/127")
        assert receiver.got[-1].body == answer


def test_the_body_is_made_when_it_is_sent_and_updates_meanwhile_are_one(shop: Shop, receiver: Receiver) -> None:
    product = shop.product("MUG")
    hooked(shop, receiver, "product.updated")
    shop.world.call("POST", "/deliveries/hold")

    for name in ("A", "B", "C"):
        shop.put(f"products/{product['id']}", {"name": name})
    shop.world.call("POST", "/deliveries/release")
    shop.world.settle()

    assert [sent.json["name"] for sent in receiver.got] == ["C"]


def test_what_is_gone_is_delivered_as_the_error_that_reading_it_gives(shop: Shop, receiver: Receiver) -> None:
    product = shop.product("MUG")
    hooked(shop, receiver, "product.updated")
    shop.world.call("POST", "/deliveries/hold")

    shop.put(f"products/{product['id']}", {"name": "late"})
    shop.delete(f"products/{product['id']}", force=True)
    shop.world.call("POST", "/deliveries/release")
    shop.world.settle()

    assert [sent.json for sent in receiver.got] == [
        {"code": "woocommerce_rest_product_invalid_id", "message": "Invalid ID.", "data": {"status": 404}}
    ]


def test_a_paused_webhook_sends_what_was_queued_and_a_deleted_one_does_not(shop: Shop, receiver: Receiver) -> None:
    product = shop.product("MUG")
    paused, deleted = hooked(shop, receiver, "product.updated", "product.updated")
    shop.world.call("POST", "/deliveries/hold")
    shop.put(f"products/{product['id']}", {"name": "x"})

    shop.put(f"webhooks/{paused}", {"status": "paused"})
    shop.delete(f"webhooks/{deleted}", force=True)
    shop.put(f"products/{product['id']}", {"name": "y"})
    shop.world.call("POST", "/deliveries/release")
    shop.world.settle()

    assert [(sent.header("X-WC-Webhook-ID"), sent.json["name"]) for sent in receiver.got] == [(str(paused), "y")]


def test_two_deliveries_of_one_webhook_in_one_second_have_the_same_id(shop: Shop, receiver: Receiver) -> None:
    hooked(shop, receiver, "product.created")
    shop.world.clock(freeze="2026-11-21T08:00:00Z")
    shop.post("products/batch", {"create": [{"name": "a"}, {"name": "b"}]})
    shop.world.settle()
    shop.world.clock(advance=1)
    shop.post("products", {"name": "c"})
    shop.world.settle()

    first, second, third = (sent.header("X-WC-Webhook-Delivery-ID") for sent in receiver.got)
    assert first == second != third
    assert len(first) == 32


def test_a_redirect_is_not_followed_and_counts_as_delivered(shop: Shop, receiver: Receiver) -> None:
    hooked(shop, receiver, "product.created", path="/to/elsewhere")

    shop.product("MUG")
    shop.world.settle()

    assert [sent.path for sent in receiver.got] == ["/to/elsewhere"]
    assert [d["status"] for d in shop.world.deliveries()] == ["delivered"]


@pytest.mark.parametrize(
    ("answer", "good"),
    [
        (Answer(200), True),
        (Answer(204), True),
        (Answer(301), True),
        (Answer(302), True),
        (Answer(300), True),
        (Answer(303), False),
        (Answer(304), False),
        (Answer(404), False),
        (Answer(500), False),
        (Answer(None, error="nobody there"), False),
    ],
    ids=lambda value: str(value.status) if isinstance(value, Answer) else None,
)
def test_which_answers_count_as_delivered(answer: Answer, good: bool) -> None:
    assert accepted(answer) is good


# ---------------------------------------------------------------------------------------------- what is told


def story(shop: Shop, receiver: Receiver, *steps: tuple[str, str, Any]) -> list[list[str]]:
    """What each step tells, once the queue is empty."""
    told = []
    for method, path, body in steps:
        receiver.got.clear()
        shop._body(method, path, body)
        shop.world.settle()
        told.append(receiver.topics())
    return told


def test_what_happens_to_products_is_told(shop: Shop, receiver: Receiver) -> None:
    hooked(shop, receiver, *ALL)
    product = shop.product("CUP")
    shop.world.settle()
    path = f"products/{product['id']}"

    told = story(
        shop,
        receiver,
        ("POST", "products", {"name": "x", "status": "draft"}),
        ("PUT", path, {}),
        ("DELETE", path, None),
        ("PUT", path, {"status": "publish"}),
        ("DELETE", f"{path}?force=true", None),
        ("POST", "products/categories", {"name": "c"}),
    )

    assert told == [
        ["product.created"],
        ["product.updated"],
        ["coupon.deleted", "product.deleted"],  # the store does not look what was trashed
        ["product.updated"],
        [],
        [],
    ]


def test_what_happens_to_orders_is_told(shop: Shop, receiver: Receiver) -> None:
    shop.product("MUG", stock=9)
    hooked(shop, receiver, *ALL, "action.woocommerce_order_status_completed")
    lines = {"line_items": [{"sku": "MUG", "quantity": 1}]}
    made = shop.post("orders", lines)
    shop.world.settle()
    path = f"orders/{made['id']}"

    told = story(
        shop,
        receiver,
        ("POST", "orders", lines),
        ("POST", "orders", {**lines, "set_paid": True}),
        ("PUT", path, {"status": "processing"}),
        ("PUT", path, {"status": "completed"}),
        ("POST", f"{path}/notes", {"note": "n"}),
        ("POST", f"{path}/refunds", {"amount": "1", "api_refund": False}),
        ("DELETE", path, None),
        ("PUT", path, {"status": "completed"}),
        ("DELETE", f"{path}?force=true", None),
    )

    action = "action.woocommerce_order_status_completed"
    assert told == [
        ["order.created", "order.updated"],
        ["order.created", "order.updated", "product.updated"],
        ["order.updated", "product.updated"],
        [action, "order.updated"],
        [],
        ["order.updated"],
        ["order.deleted"],
        [action],  # out of the trash: neither updated nor restored
        [],
    ]


def test_an_order_that_is_restored_by_hand_is_told(shop: Shop, receiver: Receiver) -> None:
    order = shop.post("orders", {"status": "processing"})["id"]
    hooked(shop, receiver, *ALL, "order.restored")

    shop.world.do("woocommerce", "trash order", order=order)
    shop.world.do("woocommerce", "restore order", order=order)
    shop.world.settle()

    assert receiver.topics() == ["order.deleted", "order.restored"]
    assert receiver.got[-1].json["status"] == "processing"


def test_a_draft_of_the_checkout_is_made_twice(shop: Shop, receiver: Receiver) -> None:
    hooked(shop, receiver, *ALL)
    draft = shop.post("orders", {"status": "checkout-draft"})
    shop.world.settle()

    assert receiver.topics() == ["order.created", "order.updated"]
    assert story(shop, receiver, ("PUT", f"orders/{draft['id']}", {"status": "pending"})) == [["order.created"]]


def test_what_happens_to_customers_and_coupons_is_told(shop: Shop, receiver: Receiver) -> None:
    hooked(shop, receiver, *ALL)

    told = story(
        shop,
        receiver,
        ("POST", "customers", {"email": "jane@example.com"}),
        ("PUT", "customers/2", {"first_name": "J"}),
        ("POST", "orders", {"customer_id": 2, "status": "completed"}),
        ("DELETE", "customers/2?force=true", None),
        ("POST", "coupons", {"code": "ten"}),
        ("PUT", "coupons/12", {"amount": "2"}),
        ("DELETE", "coupons/12", None),
    )

    assert told == [
        ["customer.created", "customer.updated"],
        ["customer.updated"],
        ["customer.updated", "order.created", "order.updated"],
        ["customer.deleted"],
        ["coupon.created"],
        ["coupon.updated"],
        ["coupon.deleted", "product.deleted"],
    ]


def test_what_is_refused_is_not_told(shop: Shop, receiver: Receiver) -> None:
    hooked(shop, receiver, *ALL)

    shop.refusal("POST", "orders", {"line_items": [{"quantity": 1}]})
    shop.refusal("POST", "customers", {"email": "nope"})
    shop.world.settle()

    assert receiver.got == []


def test_an_action_is_told_with_its_argument(shop: Shop, receiver: Receiver) -> None:
    shop.product("MUG", stock=5, low_stock_amount=3)
    hooked(shop, receiver, "action.woocommerce_order_status_processing", "action.woocommerce_low_stock")

    order = shop.post("orders", {"status": "processing", "line_items": [{"sku": "MUG", "quantity": 3}]})
    shop.world.settle()

    assert sorted((sent.json["action"], str(sent.json["arg"])) for sent in receiver.got) == [
        ("woocommerce_low_stock", "[]"),  # a product does not fit into JSON there
        ("woocommerce_order_status_processing", str(order["id"])),
    ]


def test_a_checkout_tells_of_the_order_and_of_the_stock(shop: Shop, receiver: Receiver) -> None:
    shop.product("MUG", stock=5)
    hooked(shop, receiver, *ALL)

    placed = shop.world.do("woocommerce", "place order", lines={"MUG": 2})
    shop.world.settle()

    assert placed["status"] == "processing"
    assert receiver.topics() == ["order.created", "order.updated", "product.updated"]
    told = {sent.topic: sent.json for sent in receiver.got}
    assert told["product.updated"]["stock_quantity"] == 3
    assert told["order.created"]["status"] == "processing"


def test_whatever_happens_to_a_review_is_an_update_of_its_product(shop: Shop, receiver: Receiver) -> None:
    mug = shop.product()
    hooked(shop, receiver, "product.updated")
    said = {"product_id": mug["id"], "review": "Nice", "reviewer": "J", "reviewer_email": "j@example.com", "rating": 4}

    def told() -> int:
        shop.world.settle()
        return len(receiver.deliveries)

    review = f"products/reviews/{shop.post('products/reviews', said)['id']}"
    written = told()
    shop.put(review, {"review": "Very nice"})
    changed = told()
    shop.delete(review)
    trashed = told()
    shop.delete(review, force="true")

    assert (written, changed, trashed, told()) == (1, 2, 3, 3)
