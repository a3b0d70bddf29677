"""What pages are made of: tables, command lines, the map."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from storelab.emulators.console import picture
from storelab.emulators.console.curl import curl
from storelab.emulators.console.tables import MOST_ROWS, sheet
from storelab.emulators.console.traffic import Traffic, Way
from storelab.emulators.kernel.journal import Exchange

BASE = "http://lab:8700/~qa"
TITLES = {"woocommerce": "WooCommerce", "keycrm": "KeyCRM", "golisto": "Golisto"}


def exchange(**changed: Any) -> Exchange:
    values: dict[str, Any] = {
        "number": 1,
        "at": datetime(2026, 1, 2, tzinfo=UTC),
        "direction": "in",
        "service": "woocommerce",
        "operation": "products.list_all",
        "method": "GET",
        "url": f"{BASE}/woocommerce/wp-json/wc/v3/products?page=2&consumer_secret=cs_1",
        "request_headers": (("host", "lab"), ("authorization", "Basic abc"), ("x-note", "it's")),
        "request_body": b"",
        "status": 200,
        "response_headers": (),
        "response_body": b"[]",
        "seconds": 0.1,
        "sender": "python-requests",
    }
    return Exchange(**{**values, **changed})


def test_facts_of_any_shape_become_a_table() -> None:
    assert sheet({"MUG": 3}).rows == (("MUG", "3"),)
    assert sheet({"MUG": {"a": 1}, "CAP": {"b": [1, 2], "a": None}}).rows == (("MUG", "1", ""), ("CAP", "", "1, 2"))
    assert sheet([{"id": 1, "on": True}]).rows == (("1", "yes"),)
    assert sheet(["x"]).rows == (("x",),)
    assert sheet({}).rows == sheet([]).rows == sheet(None).rows == ()
    assert sheet("well").rows == (("well",),)


def test_a_long_table_is_paged_and_searched() -> None:
    many = {f"SKU-{n}": n for n in range(250)}

    assert (sheet(many).pages, sheet(many, page=3).rows[-1]) == (3, ("SKU-249", "249"))
    assert sheet(many, text="sku-24").total == 11
    assert len(sheet(many).rows) == MOST_ROWS


def test_a_command_line_has_variables_where_secrets_were() -> None:
    line = curl(exchange().as_json())

    assert "cs_1" not in line
    assert "Basic abc" not in line
    said = subprocess.run(
        ["bash", "-c", line.replace("curl -i -X GET", "printf '%s\\n'")],
        env={"CONSUMER_SECRET": "one two", "AUTHORIZATION": "Bearer $x"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    assert said == [
        f"{BASE}/woocommerce/wp-json/wc/v3/products?page=2&consumer_secret=one two",
        "-H",
        "authorization: Bearer $x",
        "-H",
        "x-note: it's",
    ]


def test_secrets_in_bodies_become_variables_too() -> None:
    sent = replace(exchange(), method="POST", request_body=b'{"api_key": "sk_1", "sku": "O\'Neill"}')
    form = replace(exchange(), method="POST", request_body=b"token=sk_1&sku=MUG")

    assert """'{"api_key": "'"${API_KEY}"'", "sku": "O'"'"'Neill"}'""" in curl(sent.as_json())
    assert """token="${TOKEN}"'&sku=MUG'""" in curl(form.as_json()).replace("'token='", "token=")


def test_each_exchange_goes_one_way_and_is_counted_once() -> None:
    traffic = Traffic(("woocommerce", "keycrm", "golisto"), "http://127.0.0.1:8701", BASE)

    def ends(**changed: Any) -> Any:
        return traffic.ends(exchange(**changed))

    assert ends() == ("clients", "woocommerce")
    assert ends(sender="storelab-sync") == ("sync", "woocommerce")
    assert ends(direction="out", url="http://127.0.0.1:8701/hooks/con_1/x") == ("woocommerce", "sync")
    assert ends(direction="out", service="golisto", url=f"{BASE}/woocommerce/wp-json") == ("golisto", "woocommerce")
    assert ends(sender="Golisto") is None
    assert ends(direction="out", url="https://elsewhere.example/woocommerce") == ("woocommerce", "clients")


def test_a_way_is_busy_for_a_moment_and_red_when_it_failed() -> None:
    traffic = Traffic(("woocommerce",), "", BASE)
    traffic.count(exchange(), float("-inf"))
    assert not traffic.ways["clients", "woocommerce"].busy

    traffic.count(exchange(number=2, status=429), float("inf"))

    way = traffic.ways["clients", "woocommerce"]
    assert (way.calls, way.refused, way.busy, way.failing) == (2, 1, True, True)


def test_the_map_draws_everybody_and_only_ways_that_were_gone() -> None:
    quiet = picture.wide(TITLES, {}, {})
    assert {box.name for box in quiet.boxes} == {*TITLES, "sync", "clients"}
    assert len(quiet.lines) == 3  # the sync with the store and with both backends

    failing = Way(calls=1, refused=1, last=7, seen=float("inf"), hurt=float("inf"))
    links = {"keycrm": picture.Link("active", "good")}
    for draw in (picture.wide, picture.narrow):
        drawn = draw(TITLES, {("clients", "keycrm"): failing}, links)
        assert [line.tone for line in drawn.lines].count("bad") == 1
        assert {box.tone for box in drawn.boxes if box.name == "keycrm"} == {"good"}
        assert all(box.x >= 0 and box.right <= drawn.width and box.bottom <= drawn.height for box in drawn.boxes)


def test_without_a_sync_the_map_says_so() -> None:
    hub = next(box for box in picture.wide(TITLES, {}, {}, sync=False).boxes if box.name == "sync")

    assert hub.status == "not running"


def test_what_others_sent_names_no_variable_of_whoever_pastes_it() -> None:
    sent = exchange(request_body=b"a=\0{HOME}&token=abc", request_headers=(("X-Note", "\0{HOME}"),)).as_json()

    line = curl(sent)

    assert "${HOME}" not in line
    assert "\0" not in line
    assert "${TOKEN}" in line
