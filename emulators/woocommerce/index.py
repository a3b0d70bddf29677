"""The indexes of the site and of the API, and what OPTIONS says of a route: all made from the OpenAPI document."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..kernel import Emulation, Operation, Reply, Request, emulation
from . import params as parameters, respond, schemas, settings, versions
from .errors import WooError
from .params import Params
from .rewrite import Rewritten

NAMESPACE = "wc/v3"
_NAMESPACES = (
    "oembed/1.0", "wc/v3", "wc/v1", "wc/pos/v1/catalog", "jetpack/v4", "wc-admin", "wc-analytics", "wc/store",
    "wc/store/v1", "wc/private", "wc/v2", "wc-admin-email", "wc-telemetry", "wccom-site/v3", "wp-abilities/v1", "wp/v2",
    "wp-site-health/v1", "wp-block-editor/v1",
)  # fmt: skip


class Described(WooError):
    """Not a refusal: the answer to OPTIONS, which no handler gives."""

    def __init__(self, body: dict[str, Any]) -> None:
        super().__init__("", "", 200)
        self._body = body

    @property
    def body(self) -> dict[str, Any]:
        return self._body


def site(params: Params) -> dict[str, Any]:
    """The index of the site: open to everybody, and how a connector finds out that this is a WooCommerce."""
    here = emulation()
    assert params.operation is not None
    return {
        "name": settings.value(here, "blogname") or "Storelab",
        "description": "",
        "url": here.root,
        "home": here.root,
        "gmt_offset": "0",
        "timezone_string": settings.value(here, "timezone_string"),
        "page_for_posts": 0,
        "page_on_front": 0,
        "show_on_front": "posts",
        "namespaces": [n for n in _NAMESPACES if not versions.lacks(here, f"/wp-json/{n}")],
        "authentication": {
            "application-passwords": {"endpoints": {"authorization": f"{here.root}/wp-admin/authorize-application.php"}}
        },
        "routes": {} if versions.lacks(here, f"/wp-json/{NAMESPACE}") else routes(here, params.operation),
        "site_logo": 0,
        "site_icon": 0,
        "site_icon_url": "",
        "_links": {"help": [{"href": "https://developer.wordpress.org/rest-api/"}]},
    }


def namespace(params: Params) -> dict[str, Any]:
    here = emulation()
    assert params.operation is not None
    return {
        "namespace": NAMESPACE,
        "routes": routes(here, params.operation),
        "_links": {"up": [{"href": f"{here.root}/wp-json/"}]},
    }


def forbidden(params: Params) -> Reply:
    """One of WordPress's own routes: a WooCommerce key opens none of them."""
    raise WooError("rest_forbidden", "Sorry, you are not allowed to do that.", 401)


def routes(here: Emulation, operation: Operation) -> dict[str, Any]:
    """Every route of the API with its methods and arguments."""
    paths: dict[str, list[Operation]] = {}
    for other in operation.document.operations.values():
        if other.path.startswith(respond.API):
            paths.setdefault(other.path, []).append(other)
    return {route: described(here, route, found) for path, found in paths.items() for route in [_route(path, found[0])]}


def described(here: Emulation, route: str, operations: list[Operation]) -> dict[str, Any]:
    endpoints: dict[str, dict[str, Any]] = {}
    for operation in operations:
        handler = str(operation.raw.get("x-handler", operation.id))
        endpoint = endpoints.setdefault(handler, {"methods": [], "args": {}})
        endpoint["methods"].append(operation.method)
        endpoint["args"] = schemas.arguments(operation)
    for endpoint in endpoints.values():
        endpoint["methods"].sort(key=respond.ITEM.index)
    body: dict[str, Any] = {
        "namespace": NAMESPACE,
        "methods": sorted({m for e in endpoints.values() for m in e["methods"]}, key=respond.ITEM.index),
        "endpoints": list(endpoints.values()),
    }
    if "(" not in route:
        body["_links"] = {"self": [{"href": f"{here.root}/wp-json{route}"}]}
    return body


def _route(path: str, operation: Operation) -> str:
    """`/wp-json/wc/v3/products/{id}` as WordPress names it: `/wc/v3/products/(?P<id>[\\d]+)`."""
    patterns = {p["name"]: p["schema"] for p in operation.parameters_in("path")}

    def named(found: re.Match[str]) -> str:
        schema = patterns[found[1]]
        pattern = r"[\d]+" if schema.get("type") == "integer" else schema["pattern"].strip("^$")
        return f"(?P<{found[1]}>{pattern})"

    return re.sub(r"\{(\w+)\}", named, path.removeprefix("/wp-json"))


# ---------------------------------------------------------------------------------------------- OPTIONS


def read(request: Request, operation: Operation, path_params: Mapping[str, str]) -> dict[str, Any]:
    """What a handler gets; OPTIONS needs no handler and is answered from here."""
    if isinstance(request, Rewritten) and request.options:
        raise options(emulation(), operation)
    return parameters.read(request, operation, path_params)


def options(here: Emulation, operation: Operation) -> Described:
    """What a route can do, as OPTIONS answers it."""
    operations = [o for o in operation.document.operations.values() if o.path == operation.path]
    body = described(here, _route(operation.path, operation), operations)
    links = body.pop("_links", None)
    if schema := schemas.answer(operation):
        body["schema"] = schema
    if links:
        body["_links"] = links
    return Described(body)
