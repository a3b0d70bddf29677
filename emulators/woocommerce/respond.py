"""Answers: bodies, pages, links and the headers that WordPress puts on all of them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import orjson

from ..kernel import Emulation, Operation, Reply, Request, Written, emulation
from . import embedding, php
from .errors import HTML, critical, rendered
from .params import Params, sent
from .rewrite import Rewritten

API = "/wp-json/wc/v3"
ITEM = ("GET", "POST", "PUT", "PATCH", "DELETE")
_ALLOW = "Allow"

# ---------------------------------------------------------------------------------------------- bodies


def json_bytes(value: Any) -> bytes:
    """JSON as PHP writes it: compact, "/" and everything beyond ASCII escaped."""
    out = orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS, default=str).replace(b"/", b"\\/")
    if out.isascii():
        return out
    return _BEYOND.sub(_escaped, out.decode()).encode()


_BEYOND = re.compile("[^\x00-\x7f]")


@lru_cache(maxsize=4096)
def _escape(character: str) -> str:
    units = character.encode("utf-16-be")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))


def _escaped(found: re.Match[str]) -> str:
    return _escape(found[0])


def url(here: Emulation, path: str) -> str:
    """The address of "products/36" in the REST API, as the caller would write it."""
    return f"{here.root}{API}/{path}"


@lru_cache(maxsize=64)
def _target(allow: tuple[str, ...]) -> dict[str, list[str]]:
    return {"allow": list(allow)}


def links(
    here: Emulation,
    collection: str,
    id: int | str,
    up: str | None = None,
    *,
    allow: tuple[str, ...] = ITEM,
    **more: Any,
) -> dict[str, Any]:
    """The `_links` of an item of a collection ("products/36/variations"); `up` and `more` as paths or lists."""
    base = f"{here.root}{API}/{collection}"
    out: dict[str, Any] = {
        "self": [{"href": f"{base}/{id}", "targetHints": _target(allow)}],
        "collection": [{"href": base}],
    }
    if up is not None:
        out["up"] = [{"href": url(here, up)}]
    for relation, target in more.items():
        out[relation] = [{"href": url(here, target)}] if isinstance(target, str) else target
    return out


def self_url(body: dict[str, Any]) -> str:
    """Where a rendered item is."""
    return str(body["_links"]["self"][0]["href"])


def one(body: Any, status: int = 200, location: str = "", *, allow: Sequence[str] | None = None) -> Reply:
    """One thing. `location`: where it was made, an address or a path ("products/36"). `allow`: what can still be
    done with it, where that is not what the route can do (nothing, when it is gone)."""
    headers: list[tuple[str, str]] = []
    if location:
        headers.append(("Location", location if "://" in location else url(emulation(), location)))
    if allow is not None:
        headers.append((_ALLOW, ", ".join(allow)))
    return Reply(status, body, tuple(headers))


# ---------------------------------------------------------------------------------------------- pages


def offset(params: Params) -> int:
    """How many items come before the page; `offset` outranks `page`."""
    given = params.get("offset")
    if given is not None and "offset" in params.sent:
        return min(abs(int(given)), php.INT_MAX)
    return min((int(params["page"]) - 1) * int(params["per_page"]), php.INT_MAX)


def start(params: Params) -> int:
    """The offset of a list of what are no posts: there 0 is none, and the page counts.

    But for reviews, the links to other pages count from it too (`page`, `begins`).
    Source: get_items() of the controllers of customers, terms, tax rates, reviews and webhooks, WooCommerce 10.
    """
    return offset(params) or (int(params["page"]) - 1) * int(params["per_page"])


def page(
    items: list[Any] | Written,
    total: int,
    params: Params,
    collection: str = "products",
    *,
    address: str = "",
    begins: int | None = None,
) -> Reply:
    """One page of a list, with its totals and the links to its neighbours. `address`: of a list outside the API.
    `begins`: where the page does, for lists that count pages from there and not from the one that was asked for."""
    per_page, number = int(params["per_page"]), int(params["page"])
    if begins is not None:
        number = -(-begins // per_page) + 1
    pages = -(-total // per_page)
    headers = [("X-WP-Total", str(total)), ("X-WP-TotalPages", str(pages))]
    others = [] if number <= 1 else [(min(number - 1, pages), "prev")]
    if number < pages:
        others.append((number + 1, "next"))
    if others:
        address = address or url(emulation(), collection)
        query = php.query({**params.query, "page": _PAGE})
        headers.append(("Link", ", ".join(f'<{address}?{query.replace(_PAGE, str(n))}>; rel="{r}"' for n, r in others)))
    return Reply(200, items, tuple(headers))


_PAGE = "page.number.goes.here"  # nothing in it is encoded


# ---------------------------------------------------------------------------------------------- headers

_ROBOTS = ("X-Robots-Tag", "noindex")
_SNIFF = ("X-Content-Type-Options", "nosniff")
_EXPOSE = ("Access-Control-Expose-Headers", "X-WP-Total, X-WP-TotalPages, Link")
_ACCEPT = ("Access-Control-Allow-Headers", "Authorization, X-WP-Nonce, Content-Disposition, Content-MD5, Content-Type")
_NO_CACHE = (
    ("Expires", "Wed, 11 Jan 1984 05:00:00 GMT"),
    ("Cache-Control", "no-cache, must-revalidate, max-age=0, no-store, private"),
)
_JSON = ("Content-Type", "application/json; charset=UTF-8")


def outgoing(here: Emulation, request: Request, operation: Operation | None, reply: Reply) -> Reply:
    """The reply with WordPress's headers, and in the form that `_fields`, `_envelope` or `_jsonp` ask for."""
    if not request.path.startswith("/wp-json") or ("Content-Type", HTML) in reply.headers:
        return reply
    if request.body and reply.status < 300 and _crashes(request, operation):
        reply = rendered(critical("Uncaught TypeError: Cannot access offset of type string on string"))
    body, status, own = reply.body, reply.status, dict(reply.headers)
    content_type = _JSON
    in_body = b"_fields" in request.body or b"_pretty" in request.body
    if in_body or isinstance(request, Rewritten) or any(not name[:1].isalnum() for name, _ in request.query):
        query = php.nested(request.query)
        asked = {**query, **sent(request)} if in_body else query
        if isinstance(body, Written) and not _FORMS.isdisjoint(asked):
            body = body.value
        if status < 400 and "_embed" in query and operation is not None:
            body = embedding.embedded(here, operation, body, query["_embed"])
        if status < 400 and (fields := [f for f in php.words(asked.get("_fields")) if isinstance(f, str)]):
            body = filtered(body, fields)
        if "_envelope" in query:
            allow = own.pop(_ALLOW, ", ".join(here.allow) if status < 400 else "")
            body = enveloped(body, status, own, allow)
            status, own = 200, {_ALLOW: ""}
        if asked.get("_pretty") is not None and not isinstance(body, bytes):
            body = pretty(body)
        if "_jsonp" in query:
            content_type = ("Content-Type", "application/javascript; charset=UTF-8")
            body = body if isinstance(body, bytes) else json_bytes(body)
            if is_callback(query["_jsonp"]) and query["_jsonp"]:
                body = b"/**/" + query["_jsonp"].encode() + b"(" + body + b")"
        other_form = isinstance(request, Rewritten) and (request.options or request.older)
        if (body is not reply.body or other_form) and not isinstance(body, bytes):
            body = json_bytes(body)  # no longer what the document promises of this operation
    return Reply(status, body, (content_type, *_headers(here, request, own)))


_FORMS = frozenset({"_embed", "_fields", "_envelope", "_jsonp", "_pretty"})


def is_callback(name: Any) -> bool:
    """Whether a function may be called so. Source: wp_check_jsonp_callback() of WordPress."""
    return isinstance(name, str) and re.fullmatch(r"[A-Za-z0-9_.]*", name) is not None


def pretty(body: Any) -> bytes:
    """JSON for people, as PHP indents it."""
    return json.dumps(json.loads(json_bytes(body)), indent=4).replace("/", "\\/").encode()


def _crashes(request: Request, operation: Operation | None) -> bool:
    """Whether PHP dies of the body: JSON that is a text, a number or true, where something is made or changed. What
    was asked is done, with nothing, before it does."""
    if request.method not in ("POST", "PUT", "PATCH") or request.body.lstrip()[:1] in (b"{", b"["):
        return False
    if not php.is_json(request.content_type) or operation is None or operation.raw.get("x-unchecked"):
        return False
    return request.body != b"0" and request.json not in (None, False)


def _headers(here: Emulation, request: Request, own: dict[str, str]) -> list[tuple[str, str]]:
    original = request.original if isinstance(request, Rewritten) else request
    allow = own.pop(_ALLOW, None)
    headers = [_ROBOTS]
    if "Link" not in own:
        headers.append(("Link", f'<{here.root}/wp-json/>; rel="https://api.w.org/"'))
    headers += (_SNIFF, _EXPOSE, _ACCEPT)
    headers += own.items()
    if allow is None and here.allow:
        allow = ", ".join(here.allow)
    if allow:
        headers.append((_ALLOW, allow))
    if here.caller is not None:
        headers += _NO_CACHE
    if origin := original.headers.get("origin"):
        headers += (
            ("Access-Control-Allow-Origin", origin),
            ("Access-Control-Allow-Methods", "OPTIONS, GET, POST, PUT, PATCH, DELETE"),
            ("Access-Control-Allow-Credentials", "true"),
            ("Vary", "Origin"),
        )
    elif original.method == "GET" and here.caller is None:
        headers.append(("Vary", "Origin"))
    return headers


# ---------------------------------------------------------------------------------------------- other forms


def filtered(body: Any, fields: list[str]) -> Any:
    """Only these fields ("id", "billing.email") of an object, or of every object of a list. Lists are not gone into."""
    tree: dict[str, Any] = {}
    for name in fields:
        node = tree
        parts = name.split(".")
        for part in parts[:-1]:
            inner = node.get(part)
            if inner is True:
                break
            node = node.setdefault(part, {})
        else:
            node[parts[-1]] = True
    if isinstance(body, list):
        return [_kept(item, tree) if isinstance(item, dict) else [] for item in body]
    return _kept(body, tree) if isinstance(body, dict) else body


def _kept(item: dict[str, Any], tree: dict[str, Any]) -> Any:
    out: dict[str, Any] = {}
    for name, inner in tree.items():
        if name not in item:
            continue
        if inner is True:
            out[name] = item[name]
        elif isinstance(item[name], dict) and (kept := _kept(item[name], inner)):
            out[name] = kept
    return {name: out[name] for name in item if name in out} or []  # PHP: an empty array


_NUMBERS: dict[str, Callable[[str], Any]] = {"X-WP-Total": int, "X-WP-TotalPages": int}


def enveloped(body: Any, status: int, headers: dict[str, str], allow: str) -> dict[str, Any]:
    shown: dict[str, Any] = {name: _NUMBERS.get(name, str)(value) for name, value in headers.items()}
    if allow:
        shown["Allow"] = allow
    return {"body": body, "status": status, "headers": shown}
