"""A request's way through a service."""

from __future__ import annotations

import pytest

from .conftest import Acme


def test_what_is_posted_is_there_afterwards(backend: Acme) -> None:
    created = backend.call("POST", "/items", {"sku": "MUG", "level": 2})

    assert created == (201, {"id": 1, "sku": "MUG", "level": 2})
    assert backend.call("GET", "/items/1") == (200, created[1])


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/items/99", None, 404),
        ("GET", "/nowhere", None, 404),
        ("GET", "/items/x", None, 404),
        ("POST", "/items", {"level": 2}, 422),
        ("POST", "/items", b"{", 422),
        ("POST", "/items", b"\xff", 422),
        ("POST", "/items", b"[" * 10_000, 422),
        ("POST", "/items", None, 422),
        ("GET", "/items/99999999999999999999999999", None, 404),
    ],
)
def test_bad_requests_get_the_vendors_refusal(backend: Acme, method: str, path: str, body: object, status: int) -> None:
    assert backend.call(method, path, body)[0] == status


def test_a_refusal_is_explained_in_the_journal(backend: Acme) -> None:
    status, _ = backend.call("GET", "/items", key="wrong")

    last = list(backend.lab.world().journal)[-1]
    assert (status, last.status, last.reason) == (401, 401, "no key, or a wrong one")


def test_what_the_vendor_has_and_we_have_not_says_so(backend: Acme) -> None:
    status, body = backend.call("GET", "/pictures")

    assert status == 501
    assert body["error"] == "not emulated"
    assert not list(backend.lab.world().journal)[-1].emulated


def test_query_parameters_are_converted_and_defaulted(backend: Acme) -> None:
    for level in (1, 5, 9):
        backend.call("POST", "/items", {"sku": f"S{level}", "level": level})

    assert [row["level"] for row in backend.call("GET", "/items", query="below=6")[1]] == [1, 5]
    assert backend.call("GET", "/items", query="below=six")[0] == 422
    assert backend.call("GET", "/items", query="limit=51")[0] == 422
