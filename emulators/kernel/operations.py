"""Operations of an API, read from its OpenAPI document and compiled once.

A document becomes a router, readers of parameters and validators (jsonschema-rs, made at first use). Connexion is the
yardstick, not the engine: the tests hold what is found here against what connexion finds in the same documents,
but its request path would cost more than everything else an emulator does.
"""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import unquote

import jsonschema_rs

from .errors import Problem
from .http import BadJson, Request

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
                _alternatives(error.kind) if error.kind.name == "anyOf" else getattr(error.kind, "limit", None),
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


def _alternatives(kind: Any) -> tuple[str, ...] | None:
    """The members of which one is needed, where that is what the alternatives ask for."""
    ways = [way[0].kind for way in kind.context if len(way) == 1 and way[0].kind.name == "required"]
    return tuple(str(way.property) for way in ways) if len(ways) == len(kind.context) else None


@dataclass
class _Node:
    literal: dict[str, _Node] = field(default_factory=dict)
    variable: list[tuple[re.Pattern[str], _Node]] = field(default_factory=list)
    names: dict[str, tuple[str, ...]] = field(default_factory=dict)  # method -> names of the path's variables
    operations: dict[str, Operation] = field(default_factory=dict)


@dataclass(frozen=True)
class Match:
    operation: Operation | None
    path_params: dict[str, str]
    allow: tuple[str, ...]  # methods the path has; empty: the path is unknown


class Document:
    """An OpenAPI 3.0 document, compiled."""

    def __init__(self, raw: Mapping[str, Any], handlers: str | None) -> None:
        self.raw = raw
        self._root = _Node()
        self._literal: dict[tuple[str, str], Operation] = {}  # those whose path has no variables: found without a walk
        caseless = raw.get("x-caseless")  # the path below which routes are found in any case
        self._caseless: list[str] = caseless.strip("/").split("/") if caseless else []
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
        node, names = self._root, []
        patterns = {p["name"]: _pattern(p.get("schema", {})) for p in parameters if p["in"] == "path"}
        segments = path.strip("/").split("/")
        flags = re.IGNORECASE if self._is_caseless(segments) else 0
        for segment, literal in zip(segments, self._literals(segments), strict=True):
            variables = re.findall(r"\{(\w+)\}", segment)
            if not variables:
                node = node.literal.setdefault(literal, _Node())
                continue
            names += variables
            text = re.sub(r"\{(\w+)\}", lambda m: f"({patterns.get(m[1], '[^/]+')})", segment)
            for pattern, child in node.variable:
                if pattern.pattern == text:
                    node = child
                    break
            else:
                child = _Node()
                node.variable.append((re.compile(text, flags), child))
                node = child
        if not names:
            self._literal[operation.method, path] = operation
        node.operations[operation.method] = operation
        node.names[operation.method] = tuple(names)

    def _is_caseless(self, segments: list[str]) -> bool:
        return bool(self._caseless) and segments[: len(self._caseless)] == self._caseless

    def _literals(self, segments: list[str]) -> list[str]:
        """The segments as the router spells what is no variable: in lower case where case says nothing."""
        if not self._is_caseless(segments):
            return segments
        return [*self._caseless, *(s.lower() for s in segments[len(self._caseless) :])]

    def match(self, method: str, path: str) -> Match:
        """The operation of a path. HEAD finds GET where the document has no HEAD of its own."""
        if found := self._literal.get((method, path)):
            return Match(found, {}, found.allow)
        segments = path.strip("/").split("/")
        if "%" in path:
            segments = [unquote(s, errors="replace") for s in segments]
        literals = self._literals(segments) if self._caseless and not path.islower() else segments
        allow: tuple[str, ...] = ()
        for node, values in _walk(self._root, segments, literals, 0, []):
            found = node.operations.get(method) or (node.operations.get("GET") if method == "HEAD" else None)
            if found:
                names = node.names[found.method]
                return Match(found, dict(zip(names, values, strict=True)), found.allow)
            allow = allow or next(iter(node.operations.values())).allow
        return Match(None, {}, allow)

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


def _walk(
    node: _Node, segments: list[str], literals: list[str], at: int, values: list[str]
) -> Iterator[tuple[_Node, list[str]]]:
    if at == len(segments):
        if node.operations:
            yield node, values
        return
    segment = segments[at]
    if child := node.literal.get(literals[at]):
        yield from _walk(child, segments, literals, at + 1, values)
    for pattern, child in node.variable:
        if found := pattern.fullmatch(segment):
            yield from _walk(child, segments, literals, at + 1, [*values, *found.groups()])


def _pattern(schema: Mapping[str, Any]) -> str:
    """What a path variable may look like: the document's pattern, digits for an integer, else anything."""
    if "pattern" in schema:
        return str(schema["pattern"]).removeprefix("^").removesuffix("$").replace("(", "(?:")
    return r"-?\d+" if schema.get("type") == "integer" else "[^/]+"


def _handler(package: str, operation_id: str) -> Callable[..., Any]:
    module, _, name = operation_id.rpartition(".")
    handler: Callable[..., Any] = getattr(importlib.import_module(f"{package}.{module}"), name)
    return handler


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
