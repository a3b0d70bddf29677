"""Bodies of the driver API's requests, held against its document."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

from flask import request
from jsonschema_rs import validator_for
from werkzeug.exceptions import HTTPException

from .problems import Problem


@cache
def document() -> dict[str, Any]:
    import yaml

    text = files("storelab.openapi").joinpath("connector.yaml").read_bytes()
    found: dict[str, Any] = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
    return found


@cache
def validator(name: str) -> Any:
    """Compiled once, from the document."""
    schemas = document()["components"]
    return validator_for({"$ref": f"#/components/schemas/{name}", "components": nullable(schemas)})


def nullable(schema: Any) -> Any:
    """OpenAPI 3.0's `nullable` as JSON Schema has it."""
    if isinstance(schema, list):
        return [nullable(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: nullable(value) for name, value in schema.items() if name != "nullable"}
    if schema.get("nullable") is True and isinstance(found.get("type"), str):
        found["type"] = [found["type"], "null"]
    return found


def body_of(name: str) -> dict[str, Any]:
    """The request's body, as the document wants it."""
    raw = request.get_data()
    if not raw.strip():
        body: Any = {}
    else:
        try:
            body = request.get_json(force=True)
        except (HTTPException, RecursionError, ValueError):
            raise Problem(400, "not_json", "the body is not JSON") from None
    errors = list(validator(name).iter_errors(body))
    if errors:
        where = ".".join(str(part) for part in errors[0].instance_path) or "the body"
        raise Problem(400, "not_as_described", f"{where}: {str(errors[0].message).splitlines()[0][:200]}")
    return dict(body)
