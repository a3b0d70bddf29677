"""What is shown of an exchange holds no secret, and can be repeated."""

from __future__ import annotations

import shlex

from storelab.contracts.tap import Exchange
from storelab.verify.veil import Veil

KEY = "k_1234567890"
VEIL = Veil("keycrm", values={"api_key": KEY})


def asked(method: str = "GET", target: str = "/v1/offers", body: bytes = b"", **headers: str) -> Exchange:
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Exchange(method, target, named, body, 200, (("X-Echo", f"you are {KEY}"),), b'{"token": "t0ken-of-theirs"}')


def test_a_credential_becomes_a_variable_that_a_shell_fills_in() -> None:
    pact = {"generators": {"header": {"Authorization": {"expression": "Bearer ${api_key}"}}}}

    curl = VEIL.curl(asked(Authorization=f"Bearer {KEY}"), "https://crm.example", pact)

    assert curl == """curl -i -H "Authorization: Bearer $KEYCRM_API_KEY" 'https://crm.example/v1/offers'"""


def test_basic_credentials_of_a_store_become_a_user() -> None:
    pact = {"generators": {"header": {"Authorization": {"expression": "Basic ${basic}"}}}}

    curl = Veil("woocommerce").curl(asked(Authorization="Basic c2VjcmV0"), "https://shop.example", pact)

    assert '-u "$WOOCOMMERCE_CONSUMER_KEY:$WOOCOMMERCE_CONSUMER_SECRET"' in curl


def test_an_example_of_the_contract_is_no_secret() -> None:
    pact = {"headers": {"Authorization": ["Bearer wrong"]}}

    assert "'Authorization: Bearer wrong'" in VEIL.curl(asked(Authorization="Bearer wrong"), "https://x.example", pact)


def test_secrets_in_bodies_addresses_and_elsewhere_become_variables() -> None:
    exchange = asked("POST", f"/v1/x?consumer_secret=cs_1&page=2&note={KEY}", b'{"password": "hush", "sku": "A$B`c"}')

    curl = VEIL.curl(exchange, "https://crm.example")

    assert "hush" not in curl
    assert KEY not in curl
    assert "consumer_secret=$WOOCOMMERCE_CONSUMER_SECRET&page=2&note=$KEYCRM_API_KEY" in curl
    assert r"A\$B\`c" in curl  # a shell leaves that alone
    assert shlex.split(curl)[:4] == ["curl", "-i", "-X", "POST"]


def test_texts_show_no_secret() -> None:
    exchange = asked(Authorization=f"Bearer {KEY}", X_Other=KEY)

    shown = VEIL.request(exchange) + VEIL.answer(exchange)

    assert KEY not in shown
    assert "t0ken" not in shown
    assert "authorization: ***" in shown.lower()


def test_who_did_not_answer_is_said() -> None:
    assert VEIL.answer(Exchange("GET", "/", (), b"", error="ReadTimeout", seconds=30)) == (
        "no answer: ReadTimeout after 30.0 s"
    )
