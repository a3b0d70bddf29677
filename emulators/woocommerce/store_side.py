"""/wp-json/storelab/v1: ours, not WooCommerce's. What the PHP of a connector's plugin does inside the store.

A plugin calls functions of WordPress where these routes are: it makes keys, keeps options, runs WP-Cron, and puts
words on the screen of an order. They are for people who may manage WooCommerce, by Basic with their name and password
(admin:password), over http too; `me` is for whoever can log in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from ..kernel import Emulation, Reply, emulation, replace
from . import auth, cron, dates, notes, order_records, order_screen, php, plugins, site, states, webhooks
from .auth import ApiKey, Person
from .errors import WooError
from .order_screen import Panel
from .params import Params
from .plugins import Option
from .webhooks import Webhook


def me(params: Params) -> Any:
    here = emulation()
    person: Person = here.caller
    return {
        "id": person.user_id,
        "login": person.login,
        "roles": [person.role],
        "manage_woocommerce": person.manages,
    }


def read_site(params: Params) -> Any:
    return site.told(emulation())


def list_keys(params: Params) -> Any:
    here = emulation()
    return states.api_keys(here)


def create_key(params: Params) -> Reply:
    """A key with its secret, which is shown only now."""
    here = emulation()
    made = auth.created(here, params["permissions"], params["description"], auth.user_id(here))
    return Reply(201, {"description": made.description, **auth.shown(made)})


def revoke_key(params: Params) -> Any:
    here = emulation()
    key = here.store[ApiKey].get(params["id"])
    if key is None:
        raise WooError("storelab_unknown_key", "There is no API key with this number.", 404)
    here.store[ApiKey].delete(key.id)
    return {"key_id": key.id, "description": key.description}


def list_options(params: Params) -> Any:
    return plugins.kept_options(emulation())


def read_option(params: Params) -> Any:
    here = emulation()
    option = here.store[Option].get(params["name"])
    if option is None:
        raise _no_option()
    return {"name": option.name, "value": option.value}


def keep_option(params: Params) -> Any:
    here = emulation()
    option = here.store[Option].put(Option(params["name"], php.decoded(params["value"])))
    return {"name": option.name, "value": option.value}


def delete_option(params: Params) -> Any:
    here = emulation()
    option = here.store[Option].get(params["name"])
    if option is None:
        raise _no_option()
    here.store[Option].delete(option.name)
    return {"name": option.name, "value": option.value}


def run_cron(params: Params) -> Any:
    return cron.run(emulation())


def list_plugins(params: Params) -> Any:
    return plugins.listed(emulation())


def list_webhooks(params: Params) -> Any:
    """All of them, also those that others made; never a secret."""
    here = emulation()
    return [_told(w) for w in here.store[Webhook].all(order=[webhooks.C.id])]


def create_webhooks(params: Params) -> Reply:
    """A webhook for each topic, none of them pinged. The secrets are shown only now."""
    here = emulation()
    made = [
        webhooks.made_inside(
            here,
            topic,
            params["delivery_url"],
            secret=params.get("secret") or "",
            name=params.get("name") or "",
            status=params["status"],
            user_id=auth.user_id(here),
        )
        for topic in params["topics"]
    ]
    return Reply(201, [{"id": w.id, "topic": w.topic, "status": w.status, "secret": w.secret} for w in made])


def update_webhook(params: Params) -> Any:
    """Change what was sent. No ping, and the count of failures stays."""
    here = emulation()
    webhook = _webhook(here, params["id"])
    changes = {name: params[name] for name in ("status", "secret") if params.get(name) is not None}
    if changes.get("status") == "":  # what null was made into
        del changes["status"]
    if params.get("delivery_url") is not None:
        changes["delivery_url"] = webhooks.checked_url(params["delivery_url"])
    return _told(here.store[Webhook].put(replace(webhook, modified_at=dates.second(here), **changes)))


def delete_webhook(params: Params) -> Any:
    here = emulation()
    webhook = _webhook(here, params["id"])
    here.store[Webhook].delete(webhook.id)
    return _told(webhook)


def _webhook(here: Emulation, number: int) -> Webhook:
    webhook = here.store[Webhook].get(number)
    if webhook is None:
        raise WooError("storelab_unknown_webhook", "There is no webhook with this number.", 404)
    return webhook


def _told(webhook: Webhook) -> dict[str, Any]:
    return {
        "id": webhook.id,
        "name": webhook.name,
        "topic": webhook.topic,
        "status": webhook.status,
        "delivery_url": webhook.delivery_url,
        "failures": webhook.failures,
    }


def list_panels(params: Params) -> Any:
    return [asdict(panel) for panel in order_screen.panels(emulation())]


def keep_panel(params: Params) -> Any:
    """Show these custom fields of orders from now on, in place of what this panel showed before. A field without a
    key is none."""
    here = emulation()
    named = [f for f in params.get("fields") or [] if isinstance(f, Mapping) and f.get("key")]
    fields = [{"key": f["key"], "label": f.get("label") or f["key"]} for f in named]
    return asdict(here.store[Panel].put(Panel(params["name"], params["title"], fields, params.get("shipments") or "")))


def delete_panel(params: Params) -> Any:
    here = emulation()
    panel = here.store[Panel].get(params["name"])
    if panel is None:
        raise order_screen.no_panel()
    here.store[Panel].delete(panel.name)
    return asdict(panel)


def show_order(params: Params) -> Any:
    """What the merchant sees of an order beside its lines."""
    here = emulation()
    return order_screen.shown(here, order_records.found(here, params["id"]))


def add_note(params: Params) -> Reply:
    here = emulation()
    order = order_records.found(here, params["id"])
    made = notes.added(here, order.id, params["note"], for_customer=params["for_customer"], author=params["by"])
    return Reply(201, {"id": made.id, "order": order.id})


def _no_option() -> WooError:
    return WooError("storelab_unknown_option", "There is no option with this name.", 404)
