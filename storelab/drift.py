"""Where a real store and the emulator differ: the same questions to both, and a pure comparison of the answers.

Questions only read, unless a round of writing is asked for: it makes things whose names begin with `storelab-drift-`,
and removes what it made, also when it is interrupted. It never changes or removes anything else.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import urlencode

import requests

from storelab.emulators.kernel.errors import LabError
from storelab.emulators.woocommerce.auth import signature

LEVELS = ("status", "error", "shape", "value")
API = "/wp-json/wc/v3"
Json = Any


class CannotRun(LabError):
    """The comparison could not be made."""


@dataclass(frozen=True)
class Answer:
    """`body` is None where it is no JSON."""

    status: int
    body: Json = None


@dataclass(frozen=True)
class Difference:
    probe: str
    level: str  # one of LEVELS
    where: str
    store: Json
    emulator: Json


@dataclass
class Report:
    """`skipped` says what could not be compared, and why."""

    compared: int = 0
    differences: list[Difference] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)
    left_behind: list[str] = field(default_factory=list)

    def add(self, probe: str, found: Iterable[Difference]) -> None:
        self.compared += 1
        self.differences += found

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


# ---------------------------------------------------------------------------------------------- requests


class Store:
    """One store over REST: Basic over https, OAuth 1.0a over http. Redirects are not followed: a key goes to the
    address that was named, and nowhere else. What is raised never holds a key."""

    def __init__(self, url: str, key: str, secret: str, *, timeout: float = 60.0) -> None:
        self.url = url.rstrip("/").removesuffix(API).removesuffix("/wp-json")
        if not re.fullmatch(r"https?://[^/@\s]+(/[^@\s?#]*)?", self.url):
            raise CannotRun("--store wants the address of a store, like https://shop.example.com, without credentials")
        self._key, self._secret, self._timeout = key, secret, timeout
        self._session = requests.Session()
        self._session.trust_env = False

    def ask(
        self, method: str, path: str, query: Mapping[str, Any] | None = None, body: Json = None, *, signed: bool = True
    ) -> Answer:
        """Any answer. Errors: CannotRun when there is none, or it sends us elsewhere."""
        address = f"{self.url}{API}/{path}".rstrip("/")
        asked = {name: str(value) for name, value in (query or {}).items()}
        credentials = None
        if signed and self.url.startswith("https://"):
            credentials = (self._key, self._secret)
        elif signed:
            asked |= self._signature(method, address, asked)
        try:
            answer = self._session.request(
                method,
                f"{address}?{urlencode(asked)}" if asked else address,
                json=body,
                auth=credentials,
                timeout=self._timeout,
                allow_redirects=False,
            )
        except (requests.RequestException, ValueError) as bad:
            raise CannotRun(f"{self.url} did not answer {method} {path}: {type(bad).__name__}") from None
        if 300 <= answer.status_code < 400:
            to = answer.headers.get("Location", "").split("?")[0]
            raise CannotRun(f"{self.url} sends {path} on to {to}: name that address with --store")
        try:
            return Answer(answer.status_code, answer.json())
        except (ValueError, RecursionError):
            return Answer(answer.status_code)

    def _signature(self, method: str, address: str, query: Mapping[str, str]) -> dict[str, str]:
        parameters = {
            "oauth_consumer_key": self._key,
            "oauth_nonce": secrets.token_hex(12),
            "oauth_signature_method": "HMAC-SHA256",
            "oauth_timestamp": str(int(time.time())),
        }
        signed = signature(method, address, {**query, **parameters}, self._secret, "HMAC-SHA256")
        return {**parameters, "oauth_signature": signed}


# ---------------------------------------------------------------------------------------------- comparison

FREE = frozenset({"_links", "meta_data[].value", "meta_data[].display_value"})
"""Paths below which anything may be."""


def _free(path: str) -> bool:
    return any(path == free or path.endswith(f".{free}") for free in FREE)


def kind(value: Json) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, list):
        return "array" if value else "empty"
    return {type(None): "null", str: "string", dict: "object"}[type(value)]


def shape(value: Json, path: str = "", out: dict[str, set[str]] | None = None) -> dict[str, set[str]]:
    """Which kinds of values stand where: "billing.city" -> {"string"}, "line_items[].sku" -> {"string", "null"}."""
    found: dict[str, set[str]] = {} if out is None else out
    if _free(path):
        found.setdefault(path, {"null"})
        return found
    found.setdefault(path, set()).add(kind(value))
    if isinstance(value, dict):
        for name, inner in value.items():
            shape(inner, f"{path}.{name}" if path else name, found)
    elif isinstance(value, list):
        for inner in value:
            shape(inner, f"{path}[]", found)
    return found


def shapes_compared(probe: str, theirs: Json, ours: Json) -> list[Difference]:
    """Fields that only one side has, and kinds of values that have nothing in common. Where one side shows nothing
    (null, an empty list), nothing is known."""
    store, emulator = shape(theirs), shape(ours)
    found = []
    for path in sorted(store.keys() | emulator.keys()):
        parent = path[:-2] if path.endswith("[]") else path.rpartition(".")[0]
        if path in store and path in emulator:
            here, there = _told(store[path]), _told(emulator[path])
            if here and there and not here & there:
                found.append(Difference(probe, "shape", path, " or ".join(sorted(here)), " or ".join(sorted(there))))
        elif path.endswith("[]") or not ("object" in store.get(parent, ()) and "object" in emulator.get(parent, ())):
            continue
        else:
            sides = [" or ".join(sorted(side[path])) if path in side else "absent" for side in (store, emulator)]
            found.append(Difference(probe, "shape", path, *sides))
    return found


def _told(kinds: set[str]) -> set[str]:
    """What is known of a place: PHP writes an object that holds nothing as an empty list."""
    return {*(kinds - {"null", "empty"})}


def values_compared(probe: str, theirs: Json, ours: Json, path: str = "") -> list[Difference]:
    """Values of the same kind in the same place that are not the same."""
    name = path.rpartition(".")[2]
    if name in OWN or name.startswith("date_") or _free(path):
        return []
    if isinstance(theirs, dict) and isinstance(ours, dict):
        both = [key for key in theirs if key in ours]
        return [
            d for key in both for d in values_compared(probe, theirs[key], ours[key], f"{path}.{key}" if path else key)
        ]
    if isinstance(theirs, list) and isinstance(ours, list):
        if len(theirs) != len(ours):
            return [Difference(probe, "value", f"{path}[]", f"{len(theirs)} of them", f"{len(ours)} of them")]
        pairs = zip(theirs, ours, strict=True)
        return [d for a, b in pairs for d in values_compared(probe, a, b, f"{path}[]")]
    if kind(theirs) != kind(ours) and "null" not in (kind(theirs), kind(ours)):
        return []  # a matter of shape
    return [] if theirs == ours else [Difference(probe, "value", path, theirs, ours)]


OWN = frozenset(
    (
        "id", "permalink", "permalink_template", "generated_slug", "order_key", "number", "version", "payment_url",
        "avatar_url", "price_html", "related_ids", "customer_ip_address", "customer_user_agent", "categories",
        "currency_symbol", "hooks", "refunded_by", "author", "parent", "parent_id", "product_id", "variation_id",
        "customer_id", "variations", "default_attributes", "instance_id", "cart_hash", "email_templates", "menu_order",
    )
)  # fmt: skip
"""Fields in which every store has values of its own."""


def compared(probe: str, theirs: Answer, ours: Answer, *, values: bool = False) -> list[Difference]:
    """From the coarse to the fine: where the status differs, nothing else is looked at."""
    if theirs.status != ours.status:
        return [Difference(probe, "status", "", theirs.status, ours.status)]
    if theirs.body is None or ours.body is None:
        sides = ["JSON" if a.body is not None else "no JSON" for a in (theirs, ours)]
        return [Difference(probe, "shape", "", *sides)] if sides[0] != sides[1] else []
    if theirs.status >= 400:
        return _errors_compared(probe, theirs.body, ours.body)
    found = shapes_compared(probe, theirs.body, ours.body)
    return found + values_compared(probe, theirs.body, ours.body) if values else found


def _errors_compared(probe: str, theirs: Json, ours: Json) -> list[Difference]:
    """The code is what programs read; the message may be in another language."""
    if not isinstance(theirs, dict) or not isinstance(ours, dict):
        return shapes_compared(probe, theirs, ours)
    if theirs.get("code") != ours.get("code"):
        return [Difference(probe, "error", "code", theirs.get("code"), ours.get("code"))]
    found = shapes_compared(probe, theirs, ours)
    if theirs.get("message") != ours.get("message"):
        found.append(Difference(probe, "value", "message", theirs.get("message"), ours.get("message")))
    return found


def routes_compared(theirs: Json, ours: Json) -> list[Difference]:
    """The index of routes: which there are, their methods, and the arguments of each."""
    probe, found = "index of routes", []
    store, emulator = (body.get("routes", {}) if isinstance(body, dict) else {} for body in (theirs, ours))
    for route in sorted(store.keys() | emulator.keys()):
        if route not in store or route not in emulator:
            sides = ["there" if route in side else "absent" for side in (store, emulator)]
            found.append(Difference(probe, "shape", route, *sides))
            continue
        a, b = _by_method(store[route]), _by_method(emulator[route])
        if a.keys() != b.keys():
            found.append(Difference(probe, "shape", route, " ".join(sorted(a)), " ".join(sorted(b))))
        for method in sorted(a.keys() & b.keys()):
            found += _arguments_compared(f"{method} {route}", a[method], b[method])
    return found


def _by_method(route: Json) -> dict[str, dict[str, Any]]:
    return {m: dict(e.get("args") or {}) for e in route.get("endpoints", ()) for m in e.get("methods", ())}


def _arguments_compared(where: str, theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> Iterator[Difference]:
    probe = "index of routes"
    for name in sorted(theirs.keys() | ours.keys()):
        if name not in theirs or name not in ours:
            sides = ["there" if name in side else "absent" for side in (theirs, ours)]
            yield Difference(probe, "shape", f"{where} {name}", *sides)
            continue
        for level, fact in (("shape", "type"), ("shape", "required"), ("value", "enum"), ("value", "default")):
            a, b = theirs[name].get(fact), ours[name].get(fact)
            if a != b:
                yield Difference(probe, level, f"{where} {name}: {fact}", a, b)


def settings_compared(group: str, theirs: Json, ours: Json) -> list[Difference]:
    """Which settings a group has, and of which type; their values are the shopkeeper's."""
    probe = f"settings of {group}"
    store, emulator = ({s["id"]: s for s in body if isinstance(s, dict) and "id" in s} for body in (theirs, ours))
    found = []
    for name in sorted(store.keys() | emulator.keys()):
        sides = [side[name].get("type") if name in side else "absent" for side in (store, emulator)]
        if sides[0] != sides[1]:
            found.append(Difference(probe, "shape", name, *sides))
    shared = [name for name in store if name in emulator]
    bare = [[{k: v for k, v in side[n].items() if k in _SETTING} for n in shared] for side in (store, emulator)]
    return found + shapes_compared(probe, bare[0], bare[1])


_SETTING = frozenset({"id", "label", "description", "type", "tip", "_links", "group_id"})
