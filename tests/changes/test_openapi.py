"""Between two OpenAPI documents, and the schemas in them."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml
from hypothesis import given, strategies as st

from storelab.contracts import pactfiles
from storelab.contracts.changes import openapi, schemas
from storelab.contracts.changes.change import breaking
from storelab.contracts.changes.schemas import LESS, MORE, OTHER

FOLDER = Path(__file__).parents[2] / "openapi"
KEYCRM = yaml.load((FOLDER / "keycrm.yaml").read_text(), getattr(yaml, "CSafeLoader", yaml.SafeLoader))
PACTS = [pactfiles.read(file) for file in pactfiles.pact_files(provider="keycrm")]


def document(**operation: Any) -> dict[str, Any]:
    answer = {
        "type": "object",
        "required": ["sku"],
        "properties": {"sku": {"type": "string"}, "q": {"type": "integer"}},
    }
    body = {"type": "object", "required": ["sku"], "properties": {"sku": {"type": "string", "maxLength": 20}}}
    base = {
        "parameters": [{"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 50}}],
        "requestBody": {"content": {"application/json": {"schema": operation.pop("sent", body)}}},
        "responses": {"200": {"content": {"application/json": {"schema": operation.pop("answer", answer)}}}, "404": {}},
    }
    path = operation.pop("path", "/stock/{sku}")
    return {"openapi": "3.0.3", "paths": {path: {"put": {**base, **operation}}}}


def sent(**properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["sku"],
        "properties": {"sku": {"type": "string", "maxLength": 20}, **properties},
    }


def answer(**properties: Any) -> dict[str, Any]:
    known = {"sku": {"type": "string"}, "q": {"type": "integer"}, **properties}
    return {"type": "object", "required": ["sku"], "properties": {n: s for n, s in known.items() if s}}


def limit(**more: Any) -> list[dict[str, Any]]:
    return [
        {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 50, **more.pop("schema", {})}, **more}
    ]


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.yaml")), ids=lambda file: file.stem)
def test_a_document_has_no_difference_with_itself(file: Path) -> None:
    one = yaml.load(file.read_text(), getattr(yaml, "CSafeLoader", yaml.SafeLoader))

    assert openapi.changes(one, copy.deepcopy(one)) == []


@pytest.mark.parametrize(
    ("new", "where", "what", "breaks"),
    [
        (document(path="/stock/{code}"), "", "", False),
        (document(path="/stocks"), "PUT /stock/{sku}", "is gone", True),
        (document(answer=answer(q=None)), "answer 200, $.q", "is gone", True),
        (document(answer=answer(r={"type": "string"})), "answer 200, $.r", "is new", False),
        (document(answer=answer(q={"type": "integer", "nullable": True})), "$.q", "integer or null", True),
        (document(answer=answer(q={"type": "integer", "enum": [1, 2]})), "$.q", "one of few values", False),
        (document(answer={**answer(), "required": []}), "$.sku", "is not required any more", True),
        (document(answer={**answer(), "required": ["sku", "q"]}), "$.q", "is required now", False),
        (document(sent=sent(q={"type": "integer"})), "request, $.q", "is new", False),
        (document(sent={**sent(q={}), "required": ["sku", "q"]}), "request, $.q", "is new and required", True),
        (document(sent=sent(sku={"type": "string", "maxLength": 30})), "$.sku", "maxLength is 30, and was 20", False),
        (document(sent=sent(sku={"type": "string", "maxLength": 10})), "$.sku", "maxLength is 10, and was 20", True),
        (document(sent={"allOf": [sent()]}), "", "", False),
        (document(parameters=[]), "request", "query parameter limit is gone", True),
        (document(parameters=limit(required=True)), "request", "limit is required now", True),
        (document(parameters=limit(schema={"maximum": 100})), "request", "maximum is 100, and was 50", False),
        (document(parameters=[*limit(), {"name": "x", "in": "query"}]), "request", "x is new", False),
        (document(security=[{"key": []}]), "PUT", "no key at all does not open it any more", True),
        (document(deprecated=True), "PUT", "is deprecated now", False),
        (document(responses={"404": {}}), "answer 200", "is gone", True),
    ],
)
def test_what_changed_is_told(new: dict[str, Any], where: str, what: str, breaks: bool) -> None:
    found = openapi.changes(document(), new)

    matching = [c for c in found if where in c.where and what in c.what]
    assert [c.breaking for c in matching] == ([breaks] if what else []), found
    assert what or not found
    assert any(c.breaking for c in found) is breaks


def test_a_field_that_is_gone_breaks_only_those_who_read_it() -> None:
    def without(field: str) -> dict[str, Any]:
        new = copy.deepcopy(KEYCRM)
        text = json.dumps(new["components"]["schemas"])
        assert f'"{field}"' in text
        new["components"]["schemas"] = _without(new["components"]["schemas"], field)
        return new

    read = openapi.changes(KEYCRM, without("reserve"), PACTS)
    unread = openapi.changes(KEYCRM, without("thumbnail_url"), PACTS)

    assert [c.whom for c in breaking(read)] == [("sync",)] * len(breaking(read)) != []
    assert unread
    assert breaking(unread) == []
    assert breaking(openapi.changes(KEYCRM, without("thumbnail_url")))


def _without(value: Any, field: str) -> Any:
    if isinstance(value, dict):
        return {n: _without(v, field) for n, v in value.items() if n != field or not isinstance(v, dict)}
    if isinstance(value, list):
        return [_without(each, field) for each in value if each != field]
    return value


def test_a_schema_that_refers_to_itself_is_compared() -> None:
    def tree(kind: str) -> dict[str, Any]:
        node = {"type": "object", "properties": {"name": {"type": kind}, "under": {"$ref": "#/s"}}}
        return {"s": node}

    old, new = tree("string"), tree("integer")
    reference = {"$ref": "#/s"}

    found = schemas.moved(reference, reference, openapi.resolver(old), openapi.resolver(new))

    assert [(m.path, m.direction) for m in found] == [("$.name", OTHER)]


FEW = st.integers(0, 3)
LEAVES = st.one_of(
    st.builds(lambda a, b: {"type": "integer", "minimum": a, "maximum": a + b}, st.integers(-3, 3), st.integers(0, 4)),
    st.builds(lambda a, b: {"type": "string", "minLength": a, "maxLength": a + b}, FEW, FEW),
    st.builds(lambda values: {"enum": sorted(values)}, st.sets(st.sampled_from(["a", "bb", "ccc"]), min_size=1)),
    st.sampled_from([{}, {"type": "boolean"}, {"type": "number"}, {"type": "string", "nullable": True}]),
)  # fmt: skip
SCHEMAS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(lambda items, most: {"type": "array", "items": items, "maxItems": most}, inner, st.integers(0, 3)),
        st.builds(
            lambda fields, needed, more: {
                "type": "object",
                "properties": fields,
                "required": sorted(needed & fields.keys()),
                "additionalProperties": more,
            },
            st.dictionaries(st.sampled_from(["x", "y", "z"]), inner, max_size=3),
            st.sets(st.sampled_from(["x", "y", "z"])),
            st.just(False),
        ),
        st.builds(lambda one, other: {"anyOf": [one, other]}, inner, inner),
    ),
    max_leaves=6,
)
VALUES = st.recursive(
    st.one_of(
        st.integers(-4, 8), st.sampled_from(["", "a", "bb", "ccc", "dddd"]), st.booleans(), st.none(), st.just(1.5)
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(["x", "y", "z"]), inner, max_size=3)
    ),
    max_leaves=6,
)


def validator(schema: Any) -> Any:
    def plain(value: Any) -> Any:
        """OpenAPI's nullable said in JSON Schema."""
        if isinstance(value, list):
            return [plain(each) for each in value]
        if not isinstance(value, dict):
            return value
        out = {name: plain(each) for name, each in value.items() if name != "nullable"}
        if value.get("nullable"):
            out["type"] = [out["type"], "null"]
        return out

    return jsonschema_rs.Draft202012Validator(plain(schema))


def nothing(reference: str) -> Any:
    raise AssertionError(reference)


@given(SCHEMAS, SCHEMAS, st.lists(VALUES, min_size=1, max_size=20))
def test_nothing_that_was_admitted_is_refused_unless_it_is_told_and_the_other_way_round(
    old: Any, new: Any, values: list[Any]
) -> None:
    found = schemas.moved(old, new, nothing, nothing)
    was, now = validator(old), validator(new)

    for value in values:
        if was.is_valid(value) and not now.is_valid(value):
            assert any(m.direction in (LESS, OTHER) for m in found), (value, found)
        if now.is_valid(value) and not was.is_valid(value):
            assert any(m.direction in (MORE, OTHER) for m in found), (value, found)


@given(SCHEMAS)
def test_a_schema_has_no_difference_with_itself(schema: Any) -> None:
    assert schemas.moved(schema, copy.deepcopy(schema), nothing, nothing) == []


@given(SCHEMAS, SCHEMAS)
def test_what_admits_less_one_way_admits_more_the_other(old: Any, new: Any) -> None:
    there = {m.direction for m in schemas.moved(old, new, nothing, nothing) if not m.field}
    back = {m.direction for m in schemas.moved(new, old, nothing, nothing) if not m.field}

    assert {{LESS: MORE, MORE: LESS}.get(each, each) for each in there} == back
