"""What becomes of an exchange, as a function of plain values."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanKind, StatusCode

from storelab.emulators.kernel.clock import parsed
from storelab.emulators.kernel.journal import Exchange
from storelab.tracing import places
from storelab.tracing.spans import Lasted, of_exchange

ASKED = Exchange(
    number=7,
    at=parsed("2026-03-02T08:00:00Z"),
    direction="in",
    service="woocommerce",
    operation="products.read",
    method="GET",
    url="https://127.0.0.1:8700/woocommerce/wp-json/wc/v3/products/5?consumer_secret=cs_1&context=edit",
    request_headers=(("User-Agent", "shop/1"), ("Authorization", "Bearer k")),
    request_body=b"",
    status=200,
    response_headers=(),
    response_body=b"{}",
    seconds=0.002,
)
SENT = replace(ASKED, direction="out", operation="webhook", method="POST", url="http://me:pw@127.0.0.1:9/hook?token=t")
ROUTE = "/woocommerce/wp-json/wc/v3/products/{id}"

ANYTHING = st.text(st.characters(), max_size=40) | st.sampled_from(
    ["x" * 3_000, "\ud800", "http://[::1", "http://h:99999/"]
)


def made(exchange: Exchange, route: str = ROUTE) -> ReadableSpan:
    return of_exchange(exchange, places.within(None), Lasted(1_000, 2_000), world="default", route=route)


def attributes(exchange: Exchange, route: str = ROUTE) -> dict[str, Any]:
    return dict(made(exchange, route).attributes or {})


def test_what_a_service_was_asked_is_a_span_of_a_server_as_the_conventions_have_it() -> None:
    span = made(ASKED)

    assert span.name == f"GET {ROUTE}"
    assert span.kind is SpanKind.SERVER
    assert span.resource.attributes["service.name"] == "woocommerce"
    assert (span.start_time, span.end_time) == (1_000, 2_000)
    assert attributes(ASKED) == {
        "http.request.method": "GET",
        "http.response.status_code": 200,
        "http.route": ROUTE,
        "server.address": "127.0.0.1",
        "server.port": 8700,
        "url.scheme": "https",
        "url.path": "/woocommerce/wp-json/wc/v3/products/5",
        "url.query": "consumer_secret=***&context=edit",
        "user_agent.original": "shop/1",
        "storelab.world": "default",
        "storelab.service": "woocommerce",
        "storelab.operation": "products.read",
        "storelab.journal.entry": 7,
        "storelab.time": "2026-03-02T08:00:00+00:00",
    }


def test_what_it_sent_is_a_span_of_a_client_without_a_credential_in_its_address() -> None:
    span = made(SENT, "")

    assert span.kind is SpanKind.CLIENT
    assert span.name == "POST webhook"
    assert attributes(SENT, "")["url.full"] == "http://me:***@127.0.0.1:9/hook?token=***"


@pytest.mark.parametrize(
    ("exchange", "error"),
    [
        (ASKED, ""),
        (replace(ASKED, status=404), ""),  # the caller's mistake, not the server's
        (replace(ASKED, status=503), "503"),
        (replace(ASKED, status=None), "no_answer"),
        (SENT, ""),
        (replace(SENT, status=404), "404"),
        (replace(SENT, status=None), "no_answer"),
    ],
    ids=lambda value: f"{value.direction} {value.status}" if isinstance(value, Exchange) else value or "fine",
)
def test_what_counts_as_an_error(exchange: Exchange, error: str) -> None:
    span = made(exchange)

    assert attributes(exchange).get("error.type", "") == error
    assert (span.status.status_code is StatusCode.ERROR) is bool(error)


def test_what_storelab_knows_beyond_http_is_told() -> None:
    refused = replace(ASKED, status=401, reason="signed with another key", fault="delay #1", emulated=False)

    found = attributes(refused)

    assert found["storelab.fault"] == "delay #1"
    assert found["storelab.emulated"] is False
    ((event,)) = made(refused).events
    assert event.name == "storelab.refused"
    assert dict(event.attributes or {}) == {"storelab.reason": "signed with another key"}


def test_a_method_that_nobody_knows_makes_no_name_of_its_own() -> None:
    strange = replace(ASKED, method="BREW")

    assert made(strange, "").name == "HTTP"
    assert attributes(strange)["http.request.method"] == "_OTHER"
    assert attributes(strange)["http.request.method_original"] == "BREW"


@settings(max_examples=50)
@given(ANYTHING, ANYTHING, ANYTHING, st.sampled_from(["in", "out"]))
def test_whatever_stands_in_an_exchange_can_be_sent(url: str, method: str, reason: str, direction: str) -> None:
    exchange = replace(ASKED, direction=direction, method=method, url=url, reason=reason)

    assert encode_spans([made(exchange)]).SerializeToString()


def test_a_header_that_is_none_begins_a_trace_of_its_own() -> None:
    for header in ("", "00-zz-1-01", "00-" + "0" * 32 + "-" + "1" * 16 + "-01", "x" * 60_000):
        assert places.received({"traceparent": header}) is None


def test_what_others_keep_in_a_trace_is_passed_on_but_not_any_length_of_it() -> None:
    parent = f"00-{'a' * 32}-{'b' * 16}-01"
    kept = places.received({"traceparent": parent, "tracestate": "vendor=1"})
    cut = places.received({"traceparent": parent, "tracestate": "vendor=" + "1" * 60_000})

    assert kept is not None
    assert cut is not None
    assert places.headers(places.within(kept).own)["tracestate"] == "vendor=1"
    assert "tracestate" not in places.headers(places.within(cut).own)


def test_who_does_not_want_to_be_traced_is_not() -> None:
    parent = places.received({"traceparent": f"00-{'a' * 32}-{'b' * 16}-00"})

    place = places.within(parent)

    assert not place.own.trace_flags.sampled
    assert places.headers(place.own)["traceparent"].endswith("-00")
