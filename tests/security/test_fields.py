"""Every field of every request that the store and the backends take: the requests of the contracts, which they admit,
with one value exchanged for one of strange make. It is refused or taken, and no answer tells of a defect."""

from __future__ import annotations

import base64
import json
import os
import re
import time
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, replace
from random import Random
from typing import Any
from urllib.parse import quote, urlencode

import pytest
import requests

from storelab.client import LabClient
from storelab.contracts.pactfiles import PACTS
from storelab.sandbox import Sandbox

TRIED = 5_000 if os.environ.get("STORELAB_LONG") else 120  # requests to each
PATIENCE = 5.0  # seconds; the longest value is of 100,000 characters
SERVICES = ["woocommerce", "golisto", "keycrm", "sors", "spotler", "stockburst"]
TEXTS = [
    *(
        "",
        " ",
        "\t\n",
        "0",
        "-1",
        "1e5",
        "nan",
        "Infinity",
        "9" * 400,
        "9" * 5000,
        "1_000",
        "\u0663\u0664",
        "\0",
        "a\0b",
    ),
    *(
        "\u202e",
        "\U0001f600" * 1000,
        "\ud800",
        "<script>",
        "' or 1=1 --",
        "%s%n",
        "{{7*7}}",
        "${x}",
        "../../etc/passwd",
    ),
    *("http://[", "http://10.0.0.1/", "http://127.0.0.1:99999/", "http://a b/", "//x", "javascript:alert(1)"),
    *("https://" + "a" * 300 + ".example", "2026-13-45", "9999-12-31", "0001-01-01", "2026-11-02T00:00:00+99:99"),
]
VALUES: list[Any] = [
    *TEXTS,
    *(None, True, 0, -1, 1.5, -0.0, 1e308, 1e-320, 2**31, 2**63, 10**30, "x" * 100_000),
    *([], {}, [[]], [None], [1, "a", {}], {"a": None}, {"": 1}, {"a": {"b": [1]}}, ["x"] * 5000),
    json.loads("[" * 200 + "]" * 200),
]


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: Any = None


def admitted(world: LabClient, service: str, interaction: dict[str, Any]) -> Asked:
    """The request of a contract, in the situation that it speaks of, with the keys that are good there."""
    info = world.info()
    values: dict[str, Any] = {**info["store"], "store_url": info["store"]["url"], **info["backends"].get(service, {})}
    for state in interaction.get("providerStates", ()):
        arguments = json.loads(filled(json.dumps(state.get("params") or {}), values))
        values |= world.state(service, state["name"], **arguments) or {}
    asked, made = interaction["request"], interaction["request"].get("generators", {})

    headers = {name: value[0] for name, value in asked.get("headers", {}).items()}
    headers |= {name: filled(found.get("expression", ""), values) for name, found in made.get("header", {}).items()}
    body = deepcopy(asked.get("body", {}).get("content"))
    for place, found in made.get("body", {}).items():
        *way, last = (int(step) if step.isdecimal() else step for step in re.findall(r"\w+", place))
        inner = body
        for step in way:
            inner = inner[step]
        text = filled(found.get("expression", ""), values)
        inner[last] = inner[last] if "${" in text else type(inner[last])(text)
    if service in ("golisto", "stockburst") and body:
        told(body, info["store"])
    if service == "woocommerce" and "/wc/v3/" in asked["path"]:
        key = f"{info['store']['consumer_key']}:{info['store']['consumer_secret']}".encode()
        headers |= {"X-Forwarded-Proto": "https", "Authorization": f"Basic {base64.b64encode(key).decode()}"}
    path = filled(made["path"]["expression"], values) if "path" in made else asked["path"]
    query = dict(asked.get("query", {}))
    for name, found in made.get("query", {}).items():
        query[re.findall(r"\w+", name)[0]] = [filled(found.get("expression", ""), values)]
    return Asked(asked["method"], path, query, headers, body)


def filled(text: str, values: dict[str, Any]) -> str:
    return re.sub(r"\$\{(\w+)\}", lambda name: str(values.get(name[1], name[0])), text)


def told(value: dict[str, Any], store: dict[str, Any]) -> None:
    """The store of this world, which has to let the service in."""
    for name, inner in value.items():
        if name in ("consumer_key", "consumer_secret"):
            value[name] = store[name]
        elif name == "store":
            inner["url"] = store["url"]
        elif isinstance(inner, dict):
            told(inner, store)


def send(world: LabClient, service: str, asked: Asked) -> requests.Response:
    query = urlencode(asked.query, doseq=True, errors="replace")
    return requests.request(
        asked.method,
        f"{world.url}/{service}{asked.path}" + (f"?{query}" if query else ""),
        data=None if asked.body is None else json.dumps(asked.body),
        headers=asked.headers,
        timeout=PATIENCE,
        allow_redirects=False,
    )


def places(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield way
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in members:
        yield from places(inner, (*way, name))


def put(value: Any, way: tuple[Any, ...], new: Any) -> Any:
    if not way:
        return new
    made = deepcopy(value)
    inner = made
    for step in way[:-1]:
        inner = inner[step]
    inner[way[-1]] = new
    return made


def attacks(asked: Asked) -> Iterator[Asked]:
    for way in places(asked.body) if asked.body is not None else ():
        for value in VALUES:
            yield replace(asked, body=put(asked.body, way, value))
    for name in (*asked.query, "page", "limit", "there_is_none[]"):
        for text in TEXTS:
            yield replace(asked, query={**asked.query, name: [text]})
    steps = asked.path.split("/")
    for at, step in enumerate(steps):
        if re.search(r"\d", step):
            for text in filter(None, TEXTS):
                changed = [*steps[:at], quote(text, safe="", errors="replace"), *steps[at + 1 :]]
                yield replace(asked, path="/".join(changed))


@pytest.mark.parametrize("service", SERVICES)
def test_a_field_of_strange_make_is_refused_or_taken(service: str, sandbox: Sandbox) -> None:
    pacts = [json.loads(path.read_text()) for path in sorted(PACTS.glob(f"*-{service}.json"))]
    good = [
        i
        for pact in pacts
        for i in pact["interactions"]
        if "request" in i and i["response"].get("status", 200) < 300 and i["request"]["method"] != "HEAD"
    ]
    kinds = {(i["request"]["method"], re.sub(r"\d+", "N", i["request"]["path"])): i for i in good}
    chance = Random(service)
    for interaction in kinds.values():
        world = LabClient(sandbox.url).make_world()
        try:
            asked = admitted(world, service, interaction)
            world.call("PUT", "/snapshots/before")
            if "${" in asked.path:
                continue  # a number that only a verification knows
            assert send(world, service, asked).ok, "what a contract says is not admitted"
            cases = list(attacks(asked))
            for case in chance.sample(cases, min(len(cases), TRIED // len(kinds) + 1)):
                world.call("POST", "/snapshots/before/restore")
                began = time.monotonic()
                answer = send(world, service, case)
                what = (case.method, case.path[:200], str(case.query)[:200], str(case.body)[:300], answer.text[:500])
                assert answer.headers.get("X-Storelab") != "error", what
                assert answer.status_code != 500 or "critical error on this website" in answer.text, what
                assert time.monotonic() - began < PATIENCE, what
        finally:
            world.drop()
