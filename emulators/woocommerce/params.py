"""What a client sent, as a WordPress route hands it to its handler.

A parameter is looked for in the JSON body, then in the form fields, the query, the path and the defaults; the first
that has it wins (so an `id` in a JSON body outranks the one in the path, as it does in the real store).
Everything is kept, also what the route does not know; what it knows was checked and has its type.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from ..kernel import BadJson, Operation, Request, dataclass
from . import arguments, php
from .arguments import Arg, Issue
from .errors import WooError

_ID_LISTS = frozenset({"category", "tag", "shipping_class", "attribute_term"})


class Params(dict[str, Any]):
    """Parameters by name: path ids as numbers, values in their types, the route's defaults filled in.

    `sent`: names that the client really sent (not the path's, not defaults).
    `query`: what came in the query, cleaned, in its order; links to other pages repeat it.
    `checked`: False inside a batch, where nothing is checked, nothing cleaned and no default filled in.
    `operation`: what was asked for; None inside a batch.
    """

    __slots__ = ("checked", "operation", "query", "sent")

    def __init__(
        self,
        values: Mapping[str, Any],
        sent: frozenset[str] | None = None,
        query: Mapping[str, Any] | None = None,
        *,
        checked: bool = False,
    ) -> None:
        super().__init__(values)
        self.sent = frozenset(values) if sent is None else sent
        self.query: dict[str, Any] = dict(query or {})
        self.checked = checked
        self.operation: Operation | None = None

    @classmethod
    def unchecked(cls, values: Mapping[str, Any], **path: Any) -> Params:
        """The parameters of one item of a batch, and of the path that the batch has."""
        return cls({**path, **values}, frozenset(values))


@dataclass(frozen=True)
class Route:
    """The arguments of one operation, compiled from the OpenAPI document."""

    args: Mapping[str, Arg]
    required: tuple[str, ...]
    defaults: Mapping[str, Any]


_routes: dict[tuple[int, str], Route] = {}


def route(operation: Operation) -> Route:
    """The arguments of an operation, compiled once."""
    key = (id(operation.document), operation.id)
    found = _routes.get(key)
    if found is None:
        found = _routes[key] = _compiled(operation)
    return found


def _compiled(operation: Operation) -> Route:
    resolved = operation.document.resolved
    args: dict[str, Arg] = {}
    required: list[str] = []
    defaults: dict[str, Any] = {}
    for where in ("path", "query"):
        for parameter in operation.parameters_in(where):
            name, schema = parameter["name"], resolved(parameter.get("schema", {}))
            args[name] = arguments.made(name, schema, resolved, query=where == "query")
            if parameter.get("required") and where == "query":
                required.append(name)
            if "default" in schema:
                defaults[name] = schema["default"]
    if not operation.raw.get("x-unchecked"):
        for schema in operation.body_schemas.values():
            properties, needed = _properties(schema, resolved)
            args.update({k: arguments.made(k, v, resolved) for k, v in properties.items()})
            required += needed
            defaults.update({k: v["default"] for k, v in properties.items() if "default" in v})
            break
    return Route(args, tuple(required), defaults)


def _properties(schema: Any, resolved: Any) -> tuple[dict[str, Any], list[str]]:
    """The properties of a body, in order, and the required ones; `allOf` is laid over, part by part."""
    schema = resolved(schema)
    properties: dict[str, Any] = {}
    needed: list[str] = []
    for part in schema.get("allOf", ()):
        inner, also = _properties(part, resolved)
        needed += also
        for name, described in inner.items():
            properties[name] = {**properties.get(name, {}), **described}
    for name, described in schema.get("properties", {}).items():
        properties[name] = {**properties.get(name, {}), **resolved(described)}
    return properties, [*needed, *schema.get("required", ())]


def read(request: Request, operation: Operation, path_params: Mapping[str, str]) -> dict[str, Any]:
    """The handler's only argument, checked; a `WooError` with WordPress's message when something is wrong."""
    params = _read(request, operation, {name: unquote(value) for name, value in path_params.items()})
    params.operation = operation
    return {"params": params}


def _read(request: Request, operation: Operation, path_params: Mapping[str, str]) -> Params:
    query = php.nested(request.query) if request.query_string else {}
    body = _body(request)
    if body is None and not query:
        return _plain(operation, path_params)
    known = route(operation)
    merged = {**path_params, **query, **(body or {})}
    if missing := [name for name in known.required if merged.get(name) is None]:
        raise WooError("rest_missing_callback_param", f"Missing parameter(s): {', '.join(missing)}", params=missing)
    issues: dict[str, Issue] = {}
    args = known.args
    for name, value in merged.items():
        if value is not None and name in args and (issue := arguments.refused(value, args[name], name)):
            issues[name] = issue
    if issues:
        issues = {name: issues[name] for name in args if name in issues}  # in the document's order
        raise WooError(
            "rest_invalid_param",
            f"Invalid parameter(s): {', '.join(issues)}",
            params={name: issue.message for name, issue in issues.items()},
            details={name: issue.details for name, issue in issues.items()},
        )
    asked = _cleaned(query, args)
    values = {**known.defaults, **_cleaned(path_params, args), **asked, **_cleaned(body or {}, args)}
    links = {k: php.ids(v) if k in _ID_LISTS and k in args else v for k, v in asked.items()}
    return Params(values, frozenset(query) | frozenset(body or ()), links, checked=True)


def _cleaned(values: Mapping[str, Any], args: Mapping[str, Arg]) -> dict[str, Any]:
    return {k: arguments.cleaned(v, args[k]) if k in args else v for k, v in values.items()}


def _plain(operation: Operation, path_params: Mapping[str, str]) -> Params:
    """The parameters of a request that sent none."""
    known = route(operation)
    if known.required:
        missing = list(known.required)
        raise WooError("rest_missing_callback_param", f"Missing parameter(s): {', '.join(missing)}", params=missing)
    values = {**known.defaults, **_cleaned(path_params, known.args)}
    return Params(values, frozenset(), {}, checked=True)


def sent(request: Request) -> dict[str, Any]:
    """The fields of the body; none where it cannot be read."""
    try:
        return _body(request) or {}
    except WooError:
        return {}


def _body(request: Request) -> dict[str, Any] | None:
    """The fields of the body; None when there are none or its type says nothing to WordPress. What has no type is a
    form, but in a POST: those PHP reads by itself, and only with their type."""
    if not request.body:
        return None
    kind = request.content_type
    if php.is_json(kind):
        return _json(request)
    untyped = "/" not in kind and request.method != "POST"
    if (untyped or kind == "application/x-www-form-urlencoded") and request.method not in ("GET", "HEAD"):
        return php.form(request.body)
    if kind == "multipart/form-data" and request.method == "POST":
        return php.multipart(request.body, request.headers["content-type"])
    return None


def _json(request: Request) -> dict[str, Any] | None:
    try:
        value = request.json
    except BadJson as bad:
        code, words = _JSON_ERRORS[bad.kind]
        raise WooError(
            "rest_invalid_json", "Invalid JSON body passed.", json_error_code=code, json_error_message=words
        ) from None
    if _LONG_NUMBER.search(request.body):
        value = json.loads(request.body, parse_int=_number)
    if isinstance(value, list):
        return {str(at): item for at, item in enumerate(value)}
    return value if isinstance(value, dict) else None  # a scalar: see respond


_LONG_NUMBER = re.compile(rb"\d{19}")


def _number(digits: str) -> int | float:
    """As PHP reads it: what has no room in 64 bits is a float.  Source: PHP manual, json_decode()."""
    number = int(digits)
    if -php.INT_MAX - 1 <= number <= php.INT_MAX:
        return number
    return max(-sys.float_info.max, min(sys.float_info.max, float(digits)))


_JSON_ERRORS = {
    "depth": (1, "Maximum stack depth exceeded"),
    "control": (3, "Control character error, possibly incorrectly encoded"),
    "syntax": (4, "Syntax error"),
    "utf8": (5, "Malformed UTF-8 characters, possibly incorrectly encoded"),
    "utf16": (10, "Single unpaired high surrogate in Unicode escape"),
}
