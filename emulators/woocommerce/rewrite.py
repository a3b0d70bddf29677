"""What WordPress makes of a request before it looks for a route: method overrides and routes in the query."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlencode

from ..kernel import Request

_ONLY_POST = ("/batch", "/duplicate", "/generate", "/send_email", "/send_order_details")  # routes that cannot be read

_BY_SCRIPT = "/index.php"  # for a web server that rewrites no addresses


@dataclass(frozen=True)
class Rewritten(Request):
    """A request that is answered as another one. Signatures are those of the `original`.

    `options`: it asks what the route can do (OPTIONS), and is routed like a method that the route has.
    `older`: the path that was asked for, where that is of an older version of the API.
    """

    original: Request = field(default_factory=lambda: Request("GET", "/", ""))
    options: bool = False
    older: str = ""


def incoming(request: Request) -> Request:
    """The request as it is routed: `_method`, X-HTTP-Method-Override, `?rest_route=`, OPTIONS, slashes too many before
    the way and the way by /index.php/wp-json are looked at. Source: rest_api_register_rewrites() and
    WP::parse_request() of WordPress 6.9."""
    method, path, query = request.method, single(request.path), request.query_string
    if "_method=" in query:
        method = dict(request.query).get("_method", method).upper()
    elif "x-http-method-override" in request.headers:
        method = request.headers["x-http-method-override"].strip().upper()
    if "rest_route=" in query and path in ("/", "", "/index.php"):
        path = "/wp-json" + dict(request.query)["rest_route"]
        query = urlencode([(k, v) for k, v in request.query if k != "rest_route"])
    elif path.startswith(f"{_BY_SCRIPT}/wp-json"):
        path = path.removeprefix(_BY_SCRIPT)
    options = method == "OPTIONS" and path.startswith("/wp-json")
    if options:
        method = "POST" if path.rstrip("/").lower().endswith(_ONLY_POST) else "GET"
    if (method, path, query) == (request.method, request.path, request.query_string):
        return request
    bare = {f: getattr(request, f) for f in ("root", "headers", "body")}
    return Rewritten(method, path, query_string=query, original=request, options=options, **bare)


def single(path: str) -> str:
    """A path as WordPress reads it where the address of a store was given with a slash at its end ("//wp-json/...")."""
    return "/" + path.lstrip("/") if path.startswith("//") else path
