"""Operations of an API, read from its OpenAPI document and compiled once.

A document becomes a router (`router`), readers of parameters (`arguments`) and validators (jsonschema-rs, made at first
use). Connexion is the yardstick, not the engine: the tests hold what is found here against what connexion finds in the
same documents, but its request path would cost more than everything else an emulator does.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import jsonschema_rs

from .errors import Problem
from .router import Router, pattern_of

METHODS = ("get", "post", "put", "patch", "delete", "options", "head")


def json_schema(schema: Any) -> Any:
    """An OpenAPI 3.0 schema as JSON Schema: `nullable` becomes a type, annotations fall away."""
    if isinstance(schema, list):
        return [json_schema(item) for item in schema]
    if not isinstance(schema, Mapping):
        return schema
    out = {k: json_schema(v) for k, v in schema.items() if k not in ("nullable", "example", "discriminator", "xml")}
    if schema.get("nullable"):
        if "type" in out:
            kinds = out["type"] if isinstance(out["type"], list) else [out["type"]]
            out["type"] = [*kinds, "null"]
            if "enum" in out and None not in out["enum"]:
                out["enum"] = [*out["enum"], None]
        else:
            out = {"anyOf": [out, {"type": "null"}]}
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if out.get(exclusive) is True:
            out[exclusive] = out.pop(bound)
        elif out.get(exclusive) is False:
            del out[exclusive]
    return out


@dataclass
class Operation:
    """One method of one path. `raw` is the operation as the document has it, references resolved on demand."""

    id: str
    method: str
    path: str
    raw: Mapping[str, Any]
    parameters: list[dict[str, Any]]
    document: Document
    handler: Callable[..., Any] | None = None
    allow: tuple[str, ...] = ()  # all methods of this path, in the document's order

    @cached_property
    def name(self) -> str:
        """What the journal and faults call it: its handler, so that several methods of a path may share a name."""
        return str(self.raw.get("x-handler", self.id))

    @property
    def emulated(self) -> bool:
        return not self.raw.get("x-not-emulated", False)

    @property
    def assumed(self) -> str:
        """Why we had to guess this operation, or nothing."""
        return str(self.raw.get("x-assumed", ""))

    @cached_property
    def accepts(self) -> frozenset[str] | None:
        """Names of the arguments that the handler takes; None: any."""
        if self.handler is None:
            return None
        parameters = inspect.signature(self.handler).parameters.values()
        return None if any(p.kind is p.VAR_KEYWORD for p in parameters) else frozenset(p.name for p in parameters)

    @cached_property
    def _located(self) -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = {"path": [], "query": [], "header": []}
        for parameter in self.parameters:
            found.setdefault(parameter["in"], []).append(parameter)
        return found

    def parameters_in(self, where: str) -> list[dict[str, Any]]:
        return self._located.get(where, [])

    @cached_property
    def body_schemas(self) -> Mapping[str, Any]:
        """Media type -> schema of the request body."""
        content = self.document.resolved(self.raw.get("requestBody", {})).get("content", {})
        return {media: described.get("schema", {}) for media, described in content.items()}

    @property
    def body_required(self) -> bool:
        return bool(self.document.resolved(self.raw.get("requestBody", {})).get("required"))

    @cached_property
    def _parameter_validators(self) -> dict[str, Any]:
        validators = {}
        for where in ("path", "query", "header"):
            listed = self.parameters_in(where)
            if listed:
                validators[where] = self.document.validator(
                    {
                        "type": "object",
                        "properties": {p["name"]: p.get("schema", {}) for p in listed},
                        "required": [p["name"] for p in listed if p.get("required")],
                    }
                )
        return validators

    @cached_property
    def _body_validator(self) -> Any:
        schema = self.body_schemas.get("application/json")
        return None if schema is None else self.document.validator(schema)

    @cached_property
    def _answers(self) -> dict[str, Any]:
        validators: dict[str, Any] = {}
        for status, answer in self.raw.get("responses", {}).items():
            content = self.document.resolved(answer).get("content", {})
            media = content.get("application/json")
            validators[str(status)] = self.document.validator(media["schema"]) if media and "schema" in media else None
        return validators

    def problems_in(self, where: str, value: Any) -> Iterator[Problem]:
        """What the document has against these parameters or this body."""
        validator = self._body_validator if where == "body" else self._parameter_validators.get(where)
        if validator is None or validator.is_valid(value):
            return
        for error in validator.iter_errors(value):
            yield Problem(
                where,
                tuple(error.instance_path),
                str(error.schema_path[-1]) if error.schema_path else "",
                error.message,
                error.instance,
                _limit(error.kind),
            )

    def answer_problems(self, status: int, value: Any) -> list[str]:
        """How this answer departs from the document: empty when it keeps to it."""
        answers = self._answers
        key = str(status) if str(status) in answers else "default"
        if key not in answers:
            return [f"{self.id} answered {status}, which the document does not list"]
        validator = answers[key]
        if validator is None or validator.is_valid(value):
            return []
        return [
            f"{self.id} {status} at /{'/'.join(str(p) for p in e.instance_path)}: {e.message[:300]}"
            for e in validator.iter_errors(value)
        ][:10]


def _limit(kind: Any) -> Any:
    match kind.name:
        case "anyOf":
            return _alternatives(kind)
        case "enum":
            return kind.options
        case "pattern":
            return kind.pattern
        case _:
            return getattr(kind, "limit", None)


def _alternatives(kind: Any) -> tuple[str, ...] | None:
    """The members of which one is needed, where that is what the alternatives ask for."""
    ways = [way[0].kind for way in kind.context if len(way) == 1 and way[0].kind.name == "required"]
    return tuple(str(way.property) for way in ways) if len(ways) == len(kind.context) else None


class Document:
    """An OpenAPI 3.0 document, compiled."""

    def __init__(self, raw: Mapping[str, Any], handlers: str | None) -> None:
        self.raw = raw
        self._router = Router(raw.get("x-caseless", ""))
        self.match = self._router.match
        self.listed = frozenset(raw.get("x-routes", ()))  # paths that the vendor's own index lists, where it has one
        self.operations: dict[str, Operation] = {}
        for path, item in raw["paths"].items():
            shared = [self.resolved(p) for p in item.get("parameters", [])]
            allow = tuple(m.upper() for m in item if m in METHODS)
            for method in METHODS:
                if method in item:
                    self._add(path, method, item[method], shared, allow, handlers)

    def _add(
        self,
        path: str,
        method: str,
        raw: Mapping[str, Any],
        shared: list[Any],
        allow: tuple[str, ...],
        handlers: str | None,
    ) -> None:
        own = [self.resolved(p) for p in raw.get("parameters", [])]
        named = {(p["in"], p["name"]) for p in own}
        parameters = own + [p for p in shared if (p["in"], p["name"]) not in named]
        operation = Operation(raw["operationId"], method.upper(), path, raw, parameters, self, allow=allow)
        if operation.id in self.operations:
            raise ValueError(f"two operations are called {operation.id}")
        if handlers is not None and operation.emulated:
            operation.handler = _handler(handlers, operation.name)
        self.operations[operation.id] = operation
        patterns = {p["name"]: pattern_of(p.get("schema", {})) for p in parameters if p["in"] == "path"}
        self._router.add(operation, patterns)

    def resolved(self, node: Any) -> Any:
        """The node, or what its `$ref` points to."""
        while isinstance(node, Mapping) and "$ref" in node:
            target: Any = self.raw
            for part in node["$ref"].removeprefix("#/").split("/"):
                target = target[part.replace("~1", "/").replace("~0", "~")]
            node = target
        return node

    def validator(self, schema: Any) -> Any:
        """Compiled, with those of the document's schemas that it refers to and no others: with all of them each of
        a thousand validators held a copy of the whole document."""
        body = json_schema(schema)
        schemas: dict[str, Any] = {}
        self._collect(body, schemas)
        whole = {"allOf": [body]} if "$ref" in body else body
        return jsonschema_rs.Draft202012Validator({**whole, "components": {"schemas": schemas}})

    def _collect(self, node: Any, found: dict[str, Any]) -> None:
        """Add to `found` what the node refers to, and what that refers to."""
        if isinstance(node, list):
            for item in node:
                self._collect(item, found)
        elif isinstance(node, dict):
            name = str(node.get("$ref", "")).removeprefix("#/components/schemas/")
            if name in self._schemas and name not in found:
                found[name] = self._schemas[name]
                self._collect(found[name], found)
            for value in node.values():
                self._collect(value, found)

    @cached_property
    def _schemas(self) -> dict[str, Any]:
        return dict(json_schema(self.raw.get("components", {}).get("schemas", {})))


def _handler(package: str, operation_id: str) -> Callable[..., Any]:
    module, _, name = operation_id.rpartition(".")
    handler: Callable[..., Any] = getattr(importlib.import_module(f"{package}.{module}"), name)
    return handler
