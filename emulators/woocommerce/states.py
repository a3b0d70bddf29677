"""The store's vocabulary: a fresh store, named situations, what the shopkeeper does, and what the store believes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..kernel import Emulation, LabError
from . import auth, customers, dates, people, settings, site, taxes, term
from .auth import KEYS, ApiKey
from .errors import WooError
from .setting_list import BY_ID

_FRESH_KEYS = (("read_write", "storelab"), ("read", "storelab, read only"), ("write", "storelab, write only"))
_FIRST_POST = 11  # a fresh WordPress has its pages and first post below


def fresh(here: Emulation) -> None:
    """A WooCommerce that was just set up: the admin, the default category, three API keys, USD, no taxes."""
    settings.change(here, "nonce_salt", here.ids.hex(64))
    settings.change(here, "store_id", _uuid(here))
    here.ids.start("post", _FIRST_POST)
    customers.add_admin(here)
    term.fresh(here)
    taxes.fresh(here)
    for permissions, description in _FRESH_KEYS:
        auth.created(here, permissions, description)


def _uuid(here: Emulation) -> str:
    digits = here.ids.hex(32)
    return "-".join((digits[:8], digits[8:12], f"4{digits[13:16]}", f"a{digits[17:20]}", digits[20:]))


def credentials(here: Emulation) -> dict[str, Any]:
    """What a connector or a person needs to get in: the three keys of a fresh store, and the admin."""
    keys = {key.permissions: key for key in here.store[ApiKey].all(order=[KEYS.c.id.desc()])}

    def pair(permissions: str) -> dict[str, str]:
        key = keys.get(permissions)
        return {
            "consumer_key": key.consumer_key if key else "",
            "consumer_secret": key.consumer_secret if key else "",
        }

    return {
        **pair("read_write"),
        "read_only": pair("read"),
        "write_only": pair("write"),
        "admin": {"user": auth.ADMIN, "password": auth.PASSWORD},
        **({"url": site.address(here)} if site.address(here) != here.root else {}),
    }


# ---------------------------------------------------------------------------------------------- states


def a_fresh_store(here: Emulation) -> dict[str, Any]:
    """The store as it was set up: nothing to do. Answers its keys."""
    return credentials(here)


def an_api_key(here: Emulation, permissions: str = "read_write", description: str = "connector") -> dict[str, Any]:
    """A key with this description and these permissions (read, write or read_write). Answers it."""
    for key in here.store[ApiKey].all(order=[KEYS.c.id]):
        if key.description == description and key.permissions == permissions:
            return auth.shown(key)
    return auth.shown(auth.created(here, permissions, description))


def a_currency(here: Emulation, code: str = "UAH") -> dict[str, str]:
    """The store sells in this currency."""
    return change_setting(here, "woocommerce_currency", code)


STATES: dict[str, Callable[..., Any]] = {
    "a fresh store": a_fresh_store,
    "an API key": an_api_key,
    "a store in another currency": a_currency,
}

# ---------------------------------------------------------------------------------------------- moves


def create_api_key(
    here: Emulation, permissions: str = "read_write", description: str = "API key", user: str = auth.ADMIN
) -> dict[str, Any]:
    """What the shopkeeper does under Settings > Advanced > REST API, for the account `user`. Answers the key: it is
    shown only now."""
    owner = people.named(here, user)
    if owner is None:
        raise LabError(f"there is no user {user!r}", status=404, code="unknown_user")
    return auth.shown(auth.created(here, permissions, description, owner.id))


def revoke_api_key(here: Emulation, consumer_key: str) -> dict[str, Any]:
    """The key opens nothing from now on. Its last seven characters are enough, as the store's list shows them."""
    found = [k for k in here.store[ApiKey].all() if consumer_key and k.consumer_key.endswith(consumer_key)]
    if len(found) != 1:
        how_many = "no API key" if not found else "more than one API key"
        raise LabError(f"{how_many} ends in {consumer_key[-7:]!r}", status=404, code="unknown_key")
    here.store[ApiKey].delete(found[0].id)
    return {"key_id": found[0].id, "description": found[0].description}


def change_setting(here: Emulation, name: str, value: str) -> dict[str, str]:
    """A setting of the store, by its id ("woocommerce_currency"), or its time zone ("timezone_string")."""
    known = BY_ID.get(name)
    if known is None and name not in ("timezone_string", "blogname"):
        raise LabError(f"there is no setting {name!r}", status=404, code="unknown_setting")
    try:
        settings.change(here, name, settings.accepted(known, value) if known else value)
    except WooError as refused:
        raise LabError(f"{name} cannot be {value!r}: {refused.message}") from None
    return {name: settings.value(here, name)}


MOVES: dict[str, Callable[..., Any]] = {
    "create API key": create_api_key,
    "revoke API key": revoke_api_key,
    "change setting": change_setting,
}

# ---------------------------------------------------------------------------------------------- facts


def api_keys(here: Emulation) -> list[dict[str, Any]]:
    """All API keys as the store lists them: the end of each, what it may do, and since when it is there."""
    return [
        {
            "key_id": key.id,
            "description": key.description,
            "permissions": key.permissions,
            "ends_in": key.consumer_key[-7:],
            "created": dates.gmt(key.created_at),
        }
        for key in here.store[ApiKey].all(order=[KEYS.c.id])
    ]


FACTS: dict[str, Callable[..., Any]] = {"API keys": api_keys}


def merged(*vocabularies: Mapping[str, Callable[..., Any]]) -> dict[str, Callable[..., Any]]:
    """Vocabularies as one; the same words twice are a mistake."""
    words: dict[str, Callable[..., Any]] = {}
    for vocabulary in vocabularies:
        if twice := words.keys() & vocabulary.keys():
            raise ValueError(f"said twice: {', '.join(sorted(twice))}")
        words.update(vocabulary)
    return words
