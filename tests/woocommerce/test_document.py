"""openapi/woocommerce.yaml says what the real store does."""

from __future__ import annotations

import re
import time
from collections import Counter
from functools import cache
from typing import Any
from urllib.parse import parse_qs

import pytest
import yaml

from storelab.emulators.kernel.documents import load_document
from storelab.emulators.kernel.operations import Document

from .replay import RUNS, Call, load

SECTIONS = ["product_lists", *(section for run in RUNS for section in run.sections if section != "product_lists")]


@cache
def document() -> Document:
    return Document(load_document("woocommerce"), None)


def method_of(call: Call) -> str:
    headers, query = call.send.get("headers", {}), parse_qs(call.query)
    return str(headers.get("X-HTTP-Method-Override") or query.get("_method", [call.send["method"]])[0])


def path_of(call: Call) -> str:
    """The path, also where it came as `?rest_route=`."""
    route = parse_qs(call.query).get("rest_route")
    return f"/wp-json{route[0]}" if route and call.path in ("/", "/index.php") else call.path


def in_another_form(call: Call) -> bool:
    """Whether the call asked for less, for a wrapping, or what can be done."""
    query = parse_qs(call.query, keep_blank_values=True)
    narrowed = bool(query.get("_fields", [""])[0])
    return narrowed or "_envelope" in query or "_jsonp" in query or call.send["method"] in ("OPTIONS", "HEAD")


@pytest.mark.parametrize("section", SECTIONS)
def test_every_recorded_answer_keeps_to_the_document(section: str) -> None:
    problems: dict[str, list[str]] = {}

    for call in load(section):
        operation = document().match(method_of(call), path_of(call)).operation
        if operation and "body" in call.answer and not in_another_form(call):
            found = operation.answer_problems(call.answer["status"], call.answer["body"])
            if found:
                problems[call.name] = found

    assert not problems


@pytest.mark.parametrize("section", SECTIONS)
def test_every_recorded_call_that_succeeded_is_an_operation(section: str) -> None:
    unknown = [
        f"{call.send['method']} {call.path}"
        for call in load(section)
        if call.answer["status"] < 300
        and call.path.startswith("/wp-json")
        and call.send["method"] != "OPTIONS"
        and document().match(method_of(call), path_of(call)).operation is None
    ]

    assert not unknown


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")
def test_it_is_an_openapi_document() -> None:
    from connexion.spec import Specification

    Specification.from_dict(load_document("woocommerce"))


def operations() -> list[Any]:
    return list(document().operations.values())


def test_every_operation_says_where_it_is_known_from() -> None:
    silent = [o.id for o in operations() if "x-source" not in o.raw and "x-assumed" not in o.raw]

    assert not silent


def test_it_has_every_route_that_the_store_lists() -> None:
    call = next(call for call in load("errors") if call.name == "wc_v3_index")
    listed = call.answer["body"]["routes"]
    ours = [o.path for o in operations()]

    assert [_route(path) for path in load_document("woocommerce")["x-routes"]] == [_plain(route) for route in listed]
    assert document().listed <= set(ours)


def _route(path: str) -> str:
    return path.removeprefix("/wp-json")


def _plain(route: str) -> str:
    """`/wc/v3/products/(?P<id>[\\d]+)` as a path of the document."""
    return re.sub(r"\(\?P<(\w+)>[^)]*\)", r"{\1}", route)


def test_every_count_of_recorded_calls_is_at_least_what_is_kept_here() -> None:
    kept = Counter(
        operation.id
        for section in SECTIONS
        for call in load(section)
        if (operation := document().match(method_of(call).replace("OPTIONS", "GET"), path_of(call)).operation)
    )

    short = {
        o.id: (o.raw.get("x-recorded", 0), kept[o.id]) for o in operations() if o.raw.get("x-recorded", 0) < kept[o.id]
    }

    assert not short


def test_a_path_with_letters_for_an_id_is_no_path() -> None:
    assert document().match("GET", "/wp-json/wc/v3/products/abc").operation is None
    assert document().match("GET", "/wp-json/wc/v3/products/-1").operation is None
    assert document().match("GET", "/wp-json/wc/v3/products/12").operation is not None


def test_the_document_is_read_quickly() -> None:
    started = time.process_time()

    load_document("woocommerce")

    if hasattr(yaml, "CSafeLoader"):
        assert time.process_time() - started < 0.5  # 0.07 s on a quiet machine
