"""The page at the root of a sandbox: what is here, how to reach it, and what happened last."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from storelab.emulators.kernel.http import Reply
from storelab.emulators.kernel.world import World

HEADERS = (
    ("Content-Type", "text/html; charset=utf-8"),
    ("Cache-Control", "no-store"),
    ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
)


@cache
def _template() -> Any:
    from jinja2 import Environment, PackageLoader

    return Environment(loader=PackageLoader("storelab"), autoescape=True).get_template("page.html")


def page(info: Mapping[str, Any], world: World) -> Reply:
    """The page of one world. `info` is what `storelab up --json` prints."""
    services = [{"name": "store", **_described(info["store"])}]
    services += [{"name": name, **_described(backend)} for name, backend in info["backends"].items()]
    if "sync" in info:
        services.append({"name": "sync", **_described(info["sync"])})
    html = _template().render(
        world=world.name,
        now=world.now.strftime("%Y-%m-%d %H:%M:%S UTC"),
        frozen=world.clock.frozen_at is not None,
        services=services,
        exchanges=[e.as_json(bodies=False) for e in reversed(world.journal.find(limit=30))],
        control=info["control"]["url"],
    )
    return Reply(200, html.encode(), HEADERS)


def _described(service: Mapping[str, Any]) -> dict[str, Any]:
    return {"url": service.get("url", ""), "secrets": list(_flat(service))}


def _flat(values: Mapping[str, Any], prefix: str = "") -> Any:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name} ")
        elif name != "url":
            yield f"{prefix}{name}", value
