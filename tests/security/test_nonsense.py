"""Whatever is sent to the control API and to the console's forms: it never fails, never hangs, and what is refused has
changed nothing."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
import requests
from hypothesis import HealthCheck, given, settings, strategies as st

from storelab.client import LabClient
from storelab.emulators.kernel.documents import load_document
from storelab.sandbox import Sandbox

PATIENCE = 20.0  # seconds; what takes longer hangs
DOCUMENT = load_document("control")
METHODS = {"get", "post", "put", "delete"}
OPERATIONS = sorted(
    (path, method) for path, known in DOCUMENT["paths"].items() for method in known if method in METHODS
)
QUERIES = ("service", "operation", "method", "status", "direction", "sender", "text", "after", "limit", "bodies")
WORDS = ("", "kept", "default", "keycrm", "woocommerce", "..", "%2e%2e", "a/b", "~", "é", "\x00", "x" * 300, "1e999")
TEXTS = st.one_of(st.sampled_from(WORDS), st.text(max_size=20))
NUMBERS = st.one_of(st.integers(-(2**70), 2**70), st.floats(), st.sampled_from([0, 1, -1, 10**9, 3_153_600_000]))
ANY: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=5,
)
RAW = st.one_of(st.binary(max_size=30), st.sampled_from([b"", b"[" * 50_000, b"nan", b'{"a":1,"a":2}', b"\xff"]))
TRIED = settings(
    max_examples=2000 if os.environ.get("STORELAB_LONG") else 80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def fields(path: str, method: str) -> list[str]:
    """What a body may hold, as the document says."""
    body = DOCUMENT["paths"][path][method].get("requestBody", {})
    schema = body.get("content", {}).get("application/json", {}).get("schema", {})
    return [*schema.get("properties", ())]


@st.composite
def asked(draw: st.DrawFn, vocabulary: dict[str, Any]) -> tuple[str, str, bytes]:
    """Method, address and body: mostly of the words that there are, with values of any kind."""
    path, method = draw(st.sampled_from(OPERATIONS))
    service = draw(st.sampled_from(sorted(vocabulary)))
    known = {"service": [service], "name": ["kept", "x"], "number": ["1", "0", "-1", "9" * 20, "x"]}
    odd = TEXTS.map(lambda text: quote(text, safe="") or "x")
    address = re.sub(r"\{(\w+)\}", lambda part: draw(st.one_of(st.sampled_from(known[part[1]]), odd)), path)
    if method not in ("post", "put") or draw(st.integers(0, 9)) == 0:
        return method, address, draw(RAW)
    body = draw(st.dictionaries(st.one_of(st.sampled_from([*fields(path, method), "name"]), TEXTS), ANY, max_size=4))
    words = vocabulary[service].get(path.rpartition("/")[2])
    if words and draw(st.integers(0, 9)):
        body = {"name": draw(st.sampled_from(sorted(words)))}
        if arguments := words[body["name"]]["arguments"]:
            body["arguments"] = draw(st.dictionaries(st.sampled_from(sorted(arguments)), ANY, max_size=4))
    return method, address, json.dumps(body).encode()


def kept(world: LabClient) -> Any:
    """What nobody may lose by being refused."""
    return [world.call("GET", path) for path in ("/worlds", "/snapshots", "/faults", "/services/woocommerce/facts")]


@pytest.fixture(scope="module")
def tried(sandbox: Sandbox) -> Iterator[LabClient]:
    made = LabClient(sandbox.url).make_world("nonsense")
    made.clock(freeze="2026-11-30T09:00:00+00:00")
    made.call("PUT", "/snapshots/kept")
    yield made
    made.drop()


@TRIED
@given(data=st.data())
def test_nonsense_to_the_control_api_is_refused_and_breaks_nothing(tried: LabClient, data: st.DataObject) -> None:
    method, address, body = data.draw(asked(tried.call("GET", "/vocabulary")))
    query = data.draw(st.dictionaries(st.sampled_from(QUERIES), TEXTS, max_size=3))
    if method == "delete" and address.startswith("/worlds/"):
        address = "/worlds/there-is-none"
    before = kept(tried)

    answer = requests.request(
        method, f"{tried.url}/_lab{address}", params=query, data=body, timeout=PATIENCE, allow_redirects=False
    )

    assert answer.status_code < 500, (method, address, query, body, answer.text)
    if answer.status_code >= 400:
        assert kept(tried) == before, (method, address, body)
    tried.call("DELETE", "/faults")


@pytest.mark.parametrize(
    ("service", "kind", "name", "arguments"),
    [
        ("keycrm", "moves", "adjust stock", {"sku": "MUG", "quantity": 2**63}),
        ("keycrm", "moves", "adjust stock", {"sku": "MUG", "quantity": -(10**400)}),
        ("keycrm", "moves", "delete trigger", {"trigger": 10**400}),
        ("woocommerce", "states", "a webhook", {"status": "0"}),
        ("sors", "states", "a customer", {"pib": "kept"}),
    ],
)
def test_what_no_database_and_no_store_keeps_is_refused(
    tried: LabClient, service: str, kind: str, name: str, arguments: dict[str, Any]
) -> None:
    answer = requests.post(
        f"{tried.url}/_lab/services/{service}/{kind}", json={"name": name, "arguments": arguments}, timeout=PATIENCE
    )

    assert answer.status_code == 400, answer.text
    assert "too large" in answer.text or "no status" in answer.text or "not valid" in answer.text


# -- the console's forms


@pytest.fixture(scope="module")
def forms(tried: LabClient, sandbox: Sandbox) -> list[tuple[str, set[str]]]:
    """Where forms of the console lead, and the names of their fields: found on its pages, and whatever else takes a
    form, which a page may show only now and then."""
    found: dict[str, set[str]] = {}
    pages, seen = ["/", "/words", "/worlds", "/journal", "/time", "/stories", "/store", "/reports"], set()
    while pages and len(seen) < 40:
        page = pages.pop(0)
        seen.add(page)
        answer = requests.get(tried.url + page, timeout=PATIENCE)
        assert answer.status_code < 500, page
        for form in re.findall(r"<form[^>]*method=\"post\".*?</form>", answer.text, re.S):
            action = re.findall(r'action="([^"]*)"', form)
            address = (action[0] if action else page).split("?")[0].removeprefix("/~nonsense")
            found.setdefault(address, set()).update(re.findall(r'name="([^"]+)"', form))
        links = re.findall(r'href="/~nonsense(/[^"?#]*)', answer.text)
        pages += [link for link in dict.fromkeys(links) if link not in seen and link not in pages]
    assert len(found) > 10, found
    assert sandbox._pages._made is not None
    for rule in sandbox._pages._made.flask.url_map.iter_rules():
        if "POST" in (rule.methods or ()):
            found.setdefault(re.sub("<.*?>", "1", rule.rule), set().union(*found.values()))
    return sorted(found.items())


ENTERED = st.one_of(
    TEXTS,
    NUMBERS.map(str),
    ANY.map(lambda value: json.dumps(value)),
    st.sampled_from(
        [
            "yes",
            "status",
            "429",
            "MUG: 2",
            "MUG",
            "a: b: c\n:",
            "{",
            "9" * 400,
            "\r\n",
            "<b>",
            "2026-13-45",
            "[" * 50_000,
        ]
    ),
)


@TRIED
@given(data=st.data())
def test_nonsense_in_the_consoles_forms_is_refused_and_breaks_nothing(
    tried: LabClient, forms: list[tuple[str, set[str]]], data: st.DataObject
) -> None:
    address, fields = data.draw(st.sampled_from(forms))
    page = requests.get(f"{tried.url}/worlds", timeout=PATIENCE).text
    mark = re.findall(r'name="csrf" value="(\w+)"', page)[0]
    entered = data.draw(st.dictionaries(st.one_of(st.sampled_from(sorted(fields)), TEXTS), ENTERED, max_size=5))
    if address in ("/worlds/drop", "/worlds"):
        entered["name"] = "There is none"

    files = {"file": data.draw(RAW)} if "import" in address else None

    answer = requests.post(
        tried.url + address, {**entered, "csrf": mark}, files=files, timeout=PATIENCE, allow_redirects=False
    )

    assert answer.status_code < 500, (address, entered, answer.text[:2000])
    assert "kept" in tried.call("GET", "/snapshots")["snapshots"]
    tried.call("DELETE", "/faults")


def test_json_that_is_nested_too_deep_is_shown_and_refused_in_words(tried: LabClient) -> None:
    page = requests.get(f"{tried.url}/worlds", timeout=PATIENCE).text
    mark = re.findall(r'name="csrf" value="(\w+)"', page)[0]
    deep = "[" * 50_000
    requests.post(f"{tried.url}/keycrm/v1/orders", data=deep, timeout=PATIENCE)
    number = tried.journal()[-1]["number"]

    shown = requests.get(f"{tried.url}/journal/{number}", timeout=PATIENCE)
    refused = requests.post(
        f"{tried.url}/services/spotler/moves/change connector",
        {"csrf": mark, "arg.settings": deep},
        timeout=PATIENCE,
        allow_redirects=False,
    )

    assert (shown.status_code, "[[[[" in shown.text) == (200, True)
    assert refused.status_code == 400


def test_a_form_leads_on_to_an_address_that_clients_can_read(tried: LabClient) -> None:
    page = requests.get(f"{tried.url}/worlds", timeout=PATIENCE).text
    mark = re.findall(r'name="csrf" value="(\w+)"', page)[0]

    answer = requests.post(
        f"{tried.url}/deliveries/missed",
        {"csrf": mark, "like": "on", "service": "x" * 100_000},
        timeout=PATIENCE,
        allow_redirects=False,
    )

    assert answer.status_code < 500
    assert len(answer.headers.get("Location", "")) < 5_000
