"""Every document is valid, says where it knows things from, and reads the same to others as to us."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from connexion.spec import Specification

from storelab.client import LabClient
from storelab.emulators.kernel.documents import load_document
from storelab.emulators.kernel.lab import found_emulators
from storelab.emulators.kernel.operations import Document

NAMES = [*found_emulators(), "control", "connector"]
VENDORS = [*found_emulators()]


@pytest.fixture(scope="module", params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def raw(name: str) -> dict[str, Any]:
    return load_document(name)


def test_connexion_reads_it(raw: dict[str, Any]) -> None:
    read = Specification.from_dict(raw)

    assert read["paths"].keys() == raw["paths"].keys()


def test_connexion_and_we_find_the_same_operations(raw: dict[str, Any]) -> None:
    theirs = {
        (method.upper(), path): read["operationId"]
        for path, item in Specification.from_dict(raw)["paths"].items()
        for method, read in item.items()
        if isinstance(read, dict) and "operationId" in read
    }

    ours = {(o.method, o.path): o.id for o in Document(raw, None).operations.values()}

    assert ours == theirs


def test_every_path_leads_to_its_own_operation(raw: dict[str, Any]) -> None:
    document = Document(raw, None)
    for operation in document.operations.values():
        patterns = {p["name"]: p.get("schema", {}) for p in operation.parameters_in("path")}
        path = re.sub(r"\{(\w+)\}", lambda m, known=patterns: _example(known.get(m[1], {})), operation.path)

        match = document.match(operation.method, path)

        assert match.operation is operation, path
        assert operation.method in match.allow


def test_every_list_says_what_it_holds(raw: dict[str, Any]) -> None:
    """OpenAPI 3.0.3 asks for `items` of every array; generators leave a schema without them out."""
    assert [where for where, schema in _schemas(raw) if schema.get("type") == "array" and "items" not in schema] == []


def _schemas(value: Any, where: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(value, dict):
        yield where, value
    for name, part in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from _schemas(part, f"{where}/{name}")


def _example(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return str(schema["enum"][0])
    pattern = schema.get("pattern", r"\d+" if schema.get("type") == "integer" else ".*")
    return next(text for text in ("7", "abc", "11", "2026", "USD") if re.search(pattern, text))


@pytest.mark.parametrize("vendor", VENDORS)
def test_every_operation_says_where_we_know_it_from_or_why_we_guess(vendor: str) -> None:
    silent = [
        o.id
        for o in Document(load_document(vendor), None).operations.values()
        if not o.raw.get("x-source") and not o.raw.get("x-assumed") and o.emulated
    ]

    assert silent == []


def test_a_sandbox_serves_it_with_its_own_addresses(world: LabClient) -> None:
    for name in VENDORS:
        served = world.call("GET", f"/services/{name}/openapi.json")

        info = world.info()
        account = info["store"] if name == "woocommerce" else info["backends"][name]
        assert served["servers"] == [{"url": account["url"]}]
        assert served["paths"].keys() == load_document(name)["paths"].keys()
    own = world.call("GET", "/openapi.json")
    assert requests.get(f"{own['servers'][0]['url']}/clock", timeout=20).json().keys() >= {"now", "frozen"}
