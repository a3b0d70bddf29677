"""Whatever is sent to the broker: it never fails, and what was published stays readable."""

from __future__ import annotations

import base64
import json
import socket
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings, strategies as st

from storelab.broker.app import made
from storelab.broker.ledger import Ledger
from storelab.broker.server import Broker

from .conftest import PACT

ODD = ["shop", "acme", "1", "main", "feat/x", "production", "E", "..", "%2F", "é", "\ud800"]
NAMES = st.one_of(st.sampled_from(ODD), st.text())
ENCODED = base64.b64encode(json.dumps(PACT).encode()).decode()
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), NAMES, st.just(ENCODED)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=3)),
    max_leaves=5,
)
KEYS = st.sampled_from(
    [
        "name", "pacticipantName", "pacticipantVersionNumber", "branch", "tags", "buildUrl", "contracts", "content",
        "consumerName", "providerName", "consumerVersionSelectors", "providerVersionBranch", "providerVersionTags",
        "includePendingStatus", "includeWipPactsSince", "providerApplicationVersion", "success", "testResults",
        "applicationInstance", "currentlyDeployed", "currentlySupported", "mainBranch", "displayName", "contacts",
        "consumer", "provider", "interactions", "messages", "metadata", "environment", "deployed", "tag", "latest",
    ]
)  # fmt: skip
BODIES = st.recursive(
    st.dictionaries(KEYS, VALUES, max_size=5),
    lambda inner: st.dictionaries(KEYS, st.one_of(VALUES, inner, st.lists(inner, max_size=2)), max_size=5),
    max_leaves=4,
)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    file: Path = tmp_path_factory.mktemp("nonsense") / "b.sqlite"
    ledger = Ledger(file)
    ledger.decide(lambda records: [("environment", {"uuid": "E", "name": "production"})])
    app = made(ledger)
    asked = app.test_client()
    contract = {"consumerName": "shop", "providerName": "acme", "content": ENCODED}
    body = {"pacticipantName": "shop", "pacticipantVersionNumber": "1", "branch": "main", "contracts": [contract]}
    assert asked.post("/contracts/publish", json=body).status_code == 200
    return asked


def addresses(client: FlaskClient) -> list[tuple[str, str]]:
    return [
        (method, rule.rule)
        for rule in client.application.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
@given(data=st.data())
def test_nonsense_is_refused_and_breaks_nothing(client: FlaskClient, data: st.DataObject) -> None:
    method, rule = data.draw(st.sampled_from(addresses(client)))
    path = ""
    for part in rule.replace("<any(deployed,released):kind>", "deployed").split("<"):
        kept, end, rest = part.partition(">")
        if end:
            name = data.draw(NAMES)
            path += quote(name.encode("utf-8", "surrogatepass"), safe="") or "x"
            path += rest
        else:
            path += kept
    query = data.draw(
        st.dictionaries(
            st.sampled_from(["q[][pacticipant]", "q[][version]", "q[][tag]", "environment", "latestby"]), NAMES
        )
    )
    text = "&".join(f"{quote(k)}={quote(v.encode('utf-8', 'surrogatepass'))}" for k, v in query.items())

    answer = client.open(
        f"{path}?{text}", method=method, data=json.dumps(data.draw(BODIES)), headers={"Host": "localhost"}
    )

    assert answer.status_code < 500, (method, path, answer.text)
    assert client.get("/pacts/provider/acme/consumer/shop/version/1").status_code == 200
    assert client.get("/", headers={"Accept": "text/html"}).status_code == 200
    assert client.get("/pacticipants").status_code == 200
    assert client.get("/matrix?q[][pacticipant]=shop").status_code == 200


@pytest.mark.parametrize("target", ["//[x", "/[x", "//[x/pacticipants", "http://a/pacticipants"])
def test_a_request_line_may_look_like_an_address_that_is_none(broker: Broker, target: str) -> None:
    port = int(broker.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), 10) as client:
        client.sendall(f"GET {target} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n".encode())
        answer = client.makefile("rb").read()

    assert answer.split()[1] == (b"200" if "://" in target else b"404"), answer
