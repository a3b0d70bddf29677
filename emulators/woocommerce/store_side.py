"""/wp-json/storelab/v1: ours, not WooCommerce's. What the PHP of a connector's plugin does inside the store.

A plugin calls functions of WordPress where these routes are: it makes keys, keeps options, runs WP-Cron, and puts
words on the screen of an order. They are for the admin alone, by Basic (admin:password), over http too.
"""

from __future__ import annotations

from typing import Any

from ..kernel import Reply, emulation
from . import auth, cron, dates, notes, order_records, plugins, states
from .auth import ApiKey
from .errors import WooError
from .order_records import NOTES, Note
from .params import Params
from .plugins import Option


def list_keys(params: Params) -> Any:
    here = emulation()
    return states.api_keys(here)


def create_key(params: Params) -> Reply:
    """A key with its secret, which is shown only now."""
    here = emulation()
    made = auth.created(here, params["permissions"], params["description"])
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
    option = here.store[Option].put(Option(params["name"], params["value"]))
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


def show_order(params: Params) -> Any:
    """What the merchant sees of an order beside its lines: custom fields, and notes, newest first. Fields whose name
    begins with an underscore are hidden from the screen, and listed apart."""
    here = emulation()
    order = order_records.found(here, params["id"])
    written = here.store[Note].all(NOTES.c.order_id == order.id, order=[NOTES.c.created_at.desc(), NOTES.c.id.desc()])
    fields = [{"key": m["key"], "value": m["value"]} for m in order.meta_data]
    return {
        "id": order.id,
        "title": f"Order #{order.id} details",
        "status": order.status,
        "payment": order.payment_method_title or order.payment_method,
        "customer_note": order.customer_note,
        "custom_fields": [f for f in fields if not f["key"].startswith("_")],
        "hidden_fields": [f for f in fields if f["key"].startswith("_")],
        "notes": [
            {
                "note": n.note,
                "by": n.author,
                "for_customer": n.customer_note,
                "at": dates.local(here, n.created_at),
            }
            for n in written
        ],
    }


def add_note(params: Params) -> Reply:
    here = emulation()
    order = order_records.found(here, params["id"])
    made = notes.added(here, order.id, params["note"], for_customer=params["for_customer"], author=params["by"])
    return Reply(201, {"id": made.id, "order": order.id})


def _no_option() -> WooError:
    return WooError("storelab_unknown_option", "There is no option with this name.", 404)
