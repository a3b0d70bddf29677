"""Whatever is thrown at an emulator, the answer is the vendor's, and nothing is half written."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from storelab.client import LabClient
from storelab.emulators.kernel.errors import LabError
from storelab.emulators.kernel.operations import Operation

from .conftest import DOCUMENTS, EMULATORS, Caller

WRITES = [
    (name, operation)
    for name, document in DOCUMENTS.items()
    for operation in document.operations.values()
    if operation.emulated and operation.method in ("POST", "PUT") and "application/json" in operation.body_schemas
]
BODIES: dict[str, bytes] = {
    "malformed": b'{"a": ',
    "not UTF-8": b'{"name": "\xff\xfe"}',
    "half a surrogate pair": b'{"name": "\\ud800"}',
    "nested 10,000 deep": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "a list": b"[1, 2]",
    "a text": b'"text"',
    "a number": b"17",
    "null": b"null",
    "nothing": b"",
    "unknown fields": b'{"there_is_no_such_field": [1, {"x": null}]}',
    "huge number": b'{"id": 123456789012345678901234567890, "quantity": 1e308}',
    "null byte": b'{"name": "a\\u0000b", "sku": "a\\u0000b"}',
}


def path_of(operation: Operation) -> str:
    return re.sub(r"\{\w+\}", "999999", operation.path)


def vendors_own(answer: Any) -> bool:
    """Not an error of the laboratory's."""
    return answer.headers.get("X-Storelab") != "error"


@pytest.mark.parametrize("kind", BODIES)
@pytest.mark.parametrize(("service", "operation"), WRITES, ids=[f"{s} {o.id}" for s, o in WRITES])
def test_a_bad_body_gets_the_vendors_answer(call: Caller, operation: Operation, kind: str) -> None:
    answer = call(operation.method, path_of(operation), data=BODIES[kind], headers={"Content-Type": "application/json"})

    assert vendors_own(answer), answer.text
    assert answer.status_code != 501


def test_a_body_over_ten_megabytes_is_refused(call: Caller, service: str) -> None:
    operation = next(o for s, o in WRITES if s == service)

    answer = call(operation.method, path_of(operation), data=b"x" * (10 * 1024 * 1024 + 1))

    assert answer.status_code == 413
    assert vendors_own(answer)


@pytest.mark.parametrize("query", ["page=-1", "page=x", "limit=0&per_page=0", "%ff=%fe", "a[]=1&a[b][c]=2", "x" * 5000])
def test_a_strange_query_gets_the_vendors_answer(call: Caller, service: str, query: str) -> None:
    for operation in DOCUMENTS[service].operations.values():
        if operation.method == "GET" and operation.emulated:
            answer = call("GET", f"{path_of(operation)}?{query}")

            assert vendors_own(answer), (operation.id, answer.text)


def test_without_credentials_nothing_is_changed(call: Caller, world: LabClient, service: str) -> None:
    before = world.call("GET", f"/services/{service}/facts")

    for _, operation in (w for w in WRITES if w[0] == service):
        security = operation.raw.get("security", DOCUMENTS[service].raw.get("security", []))
        if not security or {} in security:
            continue
        answer = call(operation.method, path_of(operation), known=False, json={})
        assert answer.status_code in (400, 401, 403, 404), (operation.id, answer.status_code)

    assert world.call("GET", f"/services/{service}/facts") == before


def test_what_is_not_emulated_says_so_loudly(call: Caller, world: LabClient, service: str) -> None:
    for operation in DOCUMENTS[service].operations.values():
        if not operation.emulated:
            answer = call(operation.method, path_of(operation))
            assert (answer.status_code, answer.headers.get("X-Storelab")) == (501, "not-emulated"), operation.id


def test_an_unknown_address_gets_the_vendors_404(call: Caller, service: str) -> None:
    answer = call("GET", DOCUMENTS[service].raw["paths"].__iter__().__next__() + "/there/is/no/such/thing")

    assert answer.status_code == 404
    assert "X-Storelab" not in answer.headers


def test_no_key_is_in_the_journal(call: Caller, world: LabClient, service: str) -> None:
    """Asked with a GET, where the service has one; with the keys of a fresh account, or of the first state that has
    any."""
    operations = [o for o in DOCUMENTS[service].operations.values() if o.emulated]
    operation = next((o for o in operations if o.method == "GET"), operations[0])
    secrets = keys(world, service)
    for state in EMULATORS[service].states:
        if not secrets:
            world.state(service, state)
            secrets = keys(world, service)

    query = "&".join(f"consumer_secret={s}&api_key={s}" for s in secrets)
    for asked in (path_of(operation), f"{path_of(operation)}?{query}"):
        call(operation.method, asked)
        call(operation.method, asked, headers={"Authorization": f"Bearer {secrets[0]}"})

    shown = json.dumps(world.journal()) + json.dumps(world.call("GET", "/journal/har"))
    assert secrets
    assert [s for s in secrets if s in shown] == []


def keys(world: LabClient, service: str) -> list[str]:
    info = world.info()
    account = info["store"] if service == "woocommerce" else info["backends"][service]
    return [v for k, v in account.items() if k in ("consumer_secret", "api_key", "token", "site_token")]


@pytest.mark.parametrize("given", ["  ", "9" * 5_000, 1e308], ids=["spaces", "digits", "huge number"])
def test_whatever_a_state_or_a_move_is_given_is_no_defect(world: LabClient, service: str, given: Any) -> None:
    said, defects = world.call("GET", "/vocabulary")[service], []
    for kind in ("states", "moves"):
        for name, words in said[kind].items():
            body = {"name": name, "arguments": dict.fromkeys(words["arguments"], given)}
            try:
                world.call("POST", f"/services/{service}/{kind}", body)
            except LabError as refused:
                if refused.code == "storelab_defect":
                    defects.append((name, refused.message[:200]))

    assert not defects
