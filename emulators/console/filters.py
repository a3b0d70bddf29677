"""What templates say in a shorter way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from flask import request
from markupsafe import Markup, escape

from storelab.scenarios.writing import written

from ..kernel.journal import Exchange, masked_url
from .streams import PATH
from .traffic import within

MOST_CHARACTERS = 90


def live(address: str) -> str:
    """The address of a fragment's stream: /map/parts is at /events/map/parts, within the same world."""
    root = request.script_root
    return root + PATH + address.removeprefix(root)


def shortly(exchange: Exchange) -> str:
    """Path and query of what was asked, without the world and without a credential."""
    parts = urlsplit(masked_url(exchange.url, exchange.secret_names))
    whole = within(parts.path) + (f"?{parts.query}" if parts.query else "")
    return whole if len(whole) <= MOST_CHARACTERS else whole[: MOST_CHARACTERS - 1] + "…"


def why(exchange: Exchange) -> str:
    """Why it was refused, without a credential."""
    return masked_url(exchange.reason, exchange.secret_names)


def capfirst(text: str) -> str:
    """The first letter large, the others as they are: SKU stays SKU."""
    return text[:1].upper() + text[1:]


def yaml(step: Mapping[str, Any]) -> str:
    """A step of a story on one line."""
    return written("", "", [step]).split("  - ")[1].strip()


def ticked(text: str) -> Markup:
    """What stands between backticks as code."""
    parts = text.split("`")
    return Markup("").join(Markup("<code>{}</code>").format(p) if n % 2 else escape(p) for n, p in enumerate(parts))


def lines(text: str) -> Markup:
    """Each line on a line of its own."""
    return Markup("<br>").join(text.splitlines())


def addresses(info: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The services of a world as `storelab up --json` tells them, each with its address and its credentials."""
    services = [("store", info["store"]), *info["backends"].items()]
    services += [(name, info[name]) for name in ("sync", "control") if name in info]
    return [(name, {"url": s.get("url", ""), "secrets": flat(s)}) for name, s in services if s]


def flat(values: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Credentials by their names, those within others too; the address is none."""
    return list(_flat(values))


def _flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name} ")
        elif name != "url":
            yield f"{prefix}{name}", value
