"""Plugins of connectors, as far as the API feels them: keys, webhooks and options that come and go with them.

What a plugin makes in PHP is not what it makes over REST: a webhook made there is not pinged.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from datetime import datetime
from functools import partial
from typing import Any

from ..kernel import Emulation, LabError, Table, dataclass, replace
from . import auth, dates, texts, topics, webhooks
from .auth import ApiKey
from .errors import WooError
from .product import by_sku, remembered
from .webhooks import Webhook


@dataclass(frozen=True)
class Plugin:
    """One that is installed, and what it made: it takes that away when it is uninstalled, if it is well written."""

    id: str  # its folder's name
    name: str
    active: bool = True
    key_id: int = 0
    webhook_ids: list[int] = field(default_factory=list)
    options: list[str] = field(default_factory=list)
    installed_at: datetime | None = None


@dataclass(frozen=True)
class Option:
    """A row of the site's options: what a plugin keeps. Any JSON value."""

    name: str
    value: Any = None


LOCKED = "product_lock_skus"  # the option of the plugin that locks products

PLUGINS = Table(Plugin, "woo_plugins")
OPTIONS = Table(Option, "woo_options", key="name")
TABLES = (PLUGINS, OPTIONS)


def install(
    here: Emulation,
    name: str = "Connector",
    permissions: str = "read_write",
    topics: Sequence[str] = (),
    delivery_url: str = "",
    options: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The merchant installs and activates a plugin, which makes an API key (none for empty `permissions`), a webhook to
    `delivery_url` for each topic, and keeps its options. Answers what it made; the key is shown only now.

    Installing what is installed already makes everything a second time, as careless plugins do.
    """
    if topics and not delivery_url:
        raise LabError("webhooks need somebody to deliver to: say delivery_url")
    key = auth.created(here, permissions, _described(here, name)) if permissions else None
    made = [_subscribed(here, topic, delivery_url) for topic in topics]
    for option, value in (options or {}).items():
        here.store[Option].put(Option(option, value))
    slug = texts.slug(name) or "plugin"
    here.store[Plugin].put(
        Plugin(
            slug,
            name,
            key_id=key.id if key else 0,
            webhook_ids=[w.id for w in made],
            options=sorted(options or {}),
            installed_at=dates.second(here),
        )
    )
    return {"plugin": slug, "key": auth.shown(key) if key else None, "webhooks": [_told(w) for w in made]}


def _described(here: Emulation, name: str) -> str:
    return f"{name} - API ({dates.local_moment(here, dates.second(here)):%Y-%m-%d %H:%M:%S})"


def _subscribed(here: Emulation, topic: str, delivery_url: str) -> Webhook:
    if not topics.is_valid(topic):
        raise LabError(f"{topic!r} is not a topic of a webhook")
    try:
        return webhooks.made_inside(here, topic, delivery_url)
    except WooError as refused:
        raise LabError(refused.message) from None


def _told(webhook: Webhook) -> dict[str, Any]:
    return {"id": webhook.id, "topic": webhook.topic, "secret": webhook.secret}


def deactivate(here: Emulation, name: str = "Connector") -> dict[str, Any]:
    """The merchant switches the plugin off: its webhooks pause, its key still opens the store."""
    return _switched(here, name, active=False)


def activate(here: Emulation, name: str = "Connector") -> dict[str, Any]:
    """The merchant switches it on again, and its webhooks with it."""
    return _switched(here, name, active=True)


def _switched(here: Emulation, name: str, *, active: bool) -> dict[str, Any]:
    plugin = here.store[Plugin].put(replace(found(here, name), active=active))
    for number in plugin.webhook_ids:
        if (webhook := here.store[Webhook].get(number)) is not None:
            here.store[Webhook].put(replace(webhook, status="active" if active else "paused"))
    return {"plugin": plugin.id, "active": active}


def uninstall(here: Emulation, name: str = "Connector", cleans_up: bool = True) -> dict[str, Any]:
    """The merchant deletes the plugin. It takes its key, webhooks and options away; with `cleans_up` false all of them
    stay, and go on as before."""
    plugin = found(here, name)
    here.store[Plugin].delete(plugin.id)
    if cleans_up:
        here.store[ApiKey].delete(plugin.key_id)
        for number in plugin.webhook_ids:
            here.store[Webhook].delete(number)
        for option in plugin.options:
            here.store[Option].delete(option)
    return {"plugin": plugin.id, "cleaned_up": cleans_up}


def lock_product(here: Emulation, sku: str, locked: bool = True) -> dict[str, Any]:
    """A plugin of the site lets nobody save this product over REST (400); `locked` false lets them again. Stock that
    orders take moves on, and everything can be read.

    Guess: the words; plugins differ in them.
    """
    if by_sku(here, sku) is None:
        raise LabError(f"there is no product {sku!r}", status=404, code="unknown_product")
    kept = here.store[Option].get(LOCKED)
    skus = {*(kept.value if kept else ()), sku} if locked else {*(kept.value if kept else ())} - {sku}
    here.store[Option].put(Option(LOCKED, sorted(skus)))
    return {"locked": sorted(skus)}


def let_save(here: Emulation, sku: str) -> None:
    """Refuse what a plugin of the site refuses."""
    locked = remembered(here, (OPTIONS.name,), "locked SKUs", partial(here.store[Option].get, LOCKED))
    if locked is not None and sku in locked.value:
        here.explain(f"a plugin of the site has locked {sku}")
        raise WooError("product_locked", "This product is locked and cannot be saved.", 400)


def found(here: Emulation, name: str) -> Plugin:
    plugin = here.store[Plugin].get(texts.slug(name))
    if plugin is None:
        there = ", ".join(p.name for p in here.store[Plugin].all(order=[PLUGINS.c.id])) or "none"
        raise LabError(f"there is no plugin {name!r}; there are: {there}", status=404, code="unknown_plugin")
    return plugin


MOVES: dict[str, Callable[..., Any]] = {
    "install plugin": install,
    "deactivate plugin": deactivate,
    "lock product": lock_product,
    "activate plugin": activate,
    "uninstall plugin": uninstall,
}


def listed(here: Emulation) -> dict[str, Any]:
    """The plugins by name: whether they are active, and the numbers of their key and webhooks."""
    return {
        p.name: {"active": p.active, "key_id": p.key_id or None, "webhooks": p.webhook_ids}
        for p in here.store[Plugin].all(order=[PLUGINS.c.id])
    }


def kept_options(here: Emulation) -> dict[str, Any]:
    """What plugins keep in the site's options, by name."""
    return {o.name: o.value for o in here.store[Option].all(order=[OPTIONS.c.name])}


FACTS: dict[str, Callable[..., Any]] = {"plugins": listed, "options": kept_options}
