"""What a handler is called with: a request's path, query and body, as the document has them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from .errors import Problem
from .http import BadJson, Request
from .operations import Document, Operation


class Refused(Exception):
    """The request does not keep to the document."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(p.message for p in problems[:5]))
        self.problems = problems


def read(request: Request, operation: Operation, path_params: Mapping[str, str]) -> dict[str, Any]:
    """The keyword arguments for a handler, checked, and without the characters that a database cannot keep; `Refused`
    with everything that is wrong."""
    problems: list[Problem] = []
    values: dict[str, Any] = {}
    path = {p["name"]: _converted(path_params[p["name"]], p.get("schema", {})) for p in operation.parameters_in("path")}
    problems += operation.problems_in("path", path)
    values.update(path)
    if listed := operation.parameters_in("query"):
        query = read_query(request.query, listed, operation.document)
        problems += operation.problems_in("query", query)
        for parameter in listed:
            schema = operation.document.resolved(parameter.get("schema", {}))
            values[parameter["name"]] = query.get(parameter["name"], schema.get("default"))
    if operation.body_schemas:
        values["body"] = None
        problems += _read_body(request, operation, values)
    if problems:
        raise Refused(problems)
    accepts = operation.accepts
    return {name: storable(value) for name, value in values.items() if accepts is None or name in accepts}


def storable(value: Any) -> Any:
    """The value without null characters and with unpaired surrogates replaced, in every text of it."""
    if isinstance(value, str):
        if value.isprintable():
            return value
        return value.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, list):
        return [storable(item) for item in value]
    if isinstance(value, dict):
        return {storable(key): storable(item) for key, item in value.items()}
    return value


def _read_body(request: Request, operation: Operation, values: dict[str, Any]) -> Iterator[Problem]:
    if not request.body:
        if operation.body_required:
            yield Problem("body", (), "required", "a body is required")
        return
    if "application/json" not in operation.body_schemas:
        values["body"] = request.body
        return
    try:
        values["body"] = request.json
    except BadJson as bad:
        yield Problem("body", (), "json" if bad.utf8 else "utf8", str(bad), bad.kind)
        return
    yield from operation.problems_in("body", values["body"])


def read_query(pairs: list[tuple[str, str]], parameters: list[dict[str, Any]], document: Document) -> dict[str, Any]:
    """Query parameters by name: repeated, `name[]`, `name[0]`, comma lists and `name[key]` (deepObject)."""
    out: dict[str, Any] = {}
    for parameter in parameters:
        name, schema = parameter["name"], document.resolved(parameter.get("schema", {}))
        kind = schema.get("type")
        if kind == "object":
            prefix = f"{name}["
            properties = schema.get("properties", {})
            found = {
                k[len(prefix) : -1]: _converted(v, document.resolved(properties.get(k[len(prefix) : -1], {})))
                for k, v in pairs
                if k.startswith(prefix) and k.endswith("]")
            }
            if found:
                out[name] = found
        elif kind == "array":
            given = [v for k, v in pairs if k == name or (k.startswith(f"{name}[") and k.endswith("]"))]
            if given and not parameter.get("explode", True):
                given = given[-1].split(",")
            if given:
                items = document.resolved(schema.get("items", {}))
                out[name] = [_converted(v, items) for v in given]
        else:
            given = [v for k, v in pairs if k == name]
            if given:
                out[name] = _converted(given[-1], schema)
    return out


def _converted(text: str, schema: Mapping[str, Any]) -> Any:
    """The text as the type of the schema, or the text itself for the validator to refuse."""
    kind = schema.get("type")
    try:
        if kind == "integer":
            return int(text) if re.fullmatch(r"[+-]?\d{1,4000}", text) else text
        if kind == "number":
            return float(text)
    except ValueError:
        return text
    if kind == "boolean":
        return {"true": True, "1": True, "false": False, "0": False}.get(text.lower(), text)
    return text
