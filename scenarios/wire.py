"""What crossed the wire: counting exchanges of the journal, and naming what they carried."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlsplit

Exchange = Mapping[str, Any]
"""One exchange as the journal shows it: number, direction, service, operation, method, url, status, request ..."""

# What HTTP itself needs, and says nothing about anybody.
PLAIN_HEADERS = frozenset(
    {"host", "user-agent", "connection", "content-length", "content-type", "transfer-encoding"}
    | {"accept", "accept-encoding", "accept-language"}
)
NOT_JSON = "(a body that is not JSON)"
MOST_PATH = 90  # characters of an address that are shown


def asked_of(exchanges: Iterable[Exchange], service: str) -> list[Exchange]:
    """What this service was asked."""
    return [e for e in exchanges if e["direction"] == "in" and e["service"] == service]


def sent_by(exchanges: Iterable[Exchange], service: str) -> list[Exchange]:
    """Webhook deliveries of this service, every attempt."""
    return [e for e in exchanges if e["direction"] == "out" and e["service"] == service and e["operation"] == "webhook"]


def accepted(exchange: Exchange) -> bool:
    return exchange["status"] is not None and 200 <= exchange["status"] < 300


def counted(exchanges: Iterable[Exchange]) -> Counter[str]:
    """How often, by operation and by method."""
    counts: Counter[str] = Counter()
    for e in exchanges:
        counts[e["operation"] or e["method"]] += 1
        if e["operation"]:
            counts[e["method"]] += 1
    return counts


def within(count: int, wanted: Any) -> bool:
    """`wanted` is a number, or {"at least": n, "at most": n}."""
    if isinstance(wanted, Mapping):
        return bool(wanted.get("at least", 0) <= count <= wanted.get("at most", count))
    return bool(count == wanted)


def carried(exchange: Exchange) -> set[str]:
    """The names of everything in a request that says something."""
    return {name for name, _ in told(exchange)}


def told(exchange: Exchange) -> Iterator[tuple[str, str]]:
    """Everything in a request that says something, by name: fields of the body (`stocks.sku`), parameters of the query
    (`?filter[sku]`), headers beyond those that HTTP needs (`header authorization`)."""
    for name, value in parse_qsl(urlsplit(exchange["url"]).query, keep_blank_values=True):
        yield f"?{name}", value
    request = exchange.get("request") or {"headers": [], "body": ""}
    for name, value in request["headers"]:
        if name.lower() not in PLAIN_HEADERS:
            yield f"header {name.lower()}", value
    yield from body_told(request["body"])


def body_fields(body: str) -> set[str]:
    """The names in a body."""
    return {name for name, _ in body_told(body)}


def body_told(body: str) -> Iterator[tuple[str, str]]:
    """What a body says, by name: ways to the leaves of JSON without the places in lists, or the names of a form."""
    if not body.strip():
        return
    try:
        leaves = list(_leaves(json.loads(body), ""))
    except (ValueError, RecursionError):
        if re.fullmatch(r"[^\s=&]+=[^\s&]*(&[^\s=&]+=[^\s&]*)*", body.strip()):
            leaves = parse_qsl(body, keep_blank_values=True)
        else:
            leaves = [(NOT_JSON, body)]
    yield from leaves


def _leaves(value: Any, name: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, f"{name}.{key}" if name else key)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner, name)
    else:
        yield name or "(a bare value)", value if isinstance(value, str) else json.dumps(value)


def holds(exchange: Exchange, text: str) -> bool:
    """Whether the request says this text anywhere: address, headers or body."""
    request = exchange.get("request") or {"headers": [], "body": ""}
    told = [exchange["url"], request["body"], *(value for _, value in request["headers"])]
    folded = text.casefold()
    return any(folded in part.casefold() for part in told)


def mentions(exchange: Exchange, words: Sequence[str]) -> bool:
    """Whether one of the words occurs in the address or in either body, as a whole word."""
    told = f"{exchange['url']} {_body(exchange, 'request')} {_body(exchange, 'response')}"
    return any(re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", told) for word in words)


def _body(exchange: Exchange, side: str) -> str:
    return str((exchange.get(side) or {}).get("body", ""))


def writes(exchange: Exchange) -> bool:
    return exchange["method"] in ("POST", "PUT", "PATCH", "DELETE")


def _path(url: str) -> str:
    """The address without its host, its world, and what signs it."""
    parts = urlsplit(url)
    query = [(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if not k.startswith("oauth_")]
    path = re.sub(r"^/~[^/]+", "", parts.path)
    return path + ("?" + "&".join(f"{k}={v}" for k, v in query) if query else "")


def shown(exchange: Exchange, *, most: int = 160) -> str:
    """One exchange on one line, as a person would note it."""
    arrow = f"-> {exchange['service']}" if exchange["direction"] == "in" else f"{exchange['service']} ->"
    path = _path(exchange["url"])
    path = path if len(path) <= MOST_PATH else path[: MOST_PATH - 1] + "…"
    answer = exchange["status"] if exchange["status"] is not None else "no answer"
    line = f"#{exchange['number']} {arrow} {exchange['method']} {path} {answer}"
    if body := _body(exchange, "request").strip():
        line += f" {body}"
    if exchange.get("fault"):
        line += f" (fault: {exchange['fault']})"
    elif exchange.get("reason"):
        line += f" ({exchange['reason']})"
    return line if len(line) <= most else line[: most - 1] + "…"
