"""/data: what the store knows of the world: continents, countries with their states, currencies."""

from __future__ import annotations

from typing import Any

from ..kernel import Emulation, emulation
from . import auth, currencies, places, respond, settings
from .currency_names import NAMES
from .errors import WooError
from .params import Params

_LISTS = (
    ("continents", "List of supported continents, countries, and states."),
    ("countries", "List of supported states in a given country."),
    ("currencies", "List of supported currencies."),
)


def list_all(params: Params) -> list[dict[str, Any]]:
    """What there is to know."""
    here = emulation()
    auth.require("view", here)
    return [
        {"slug": slug, "description": about, "_links": respond.links(here, "data", slug, allow=("GET",))}
        for slug, about in _LISTS
    ]


def list_continents(params: Params) -> list[dict[str, Any]]:
    here = emulation()
    auth.require("view", here)
    return [continent(here, code) for code in places.continents()]


def read_continent(params: Params) -> dict[str, Any]:
    """One continent by its code, in capitals or not."""
    here = emulation()
    auth.require("view", here)
    code = params["location"].upper()
    if code not in places.continents():
        raise _nowhere()
    return continent(here, code)


def list_countries(params: Params) -> list[dict[str, Any]]:
    here = emulation()
    auth.require("view", here)
    return [country(here, code) for code in places.countries()]


def read_country(params: Params) -> dict[str, Any]:
    """One country by its code, in capitals or not."""
    here = emulation()
    auth.require("view", here)
    code = params["location"].upper()
    if code not in places.countries():
        raise _nowhere()
    return country(here, code)


def list_currencies(params: Params) -> list[dict[str, Any]]:
    here = emulation()
    auth.require("view", here)
    return [rendered(here, code) for code in currencies.SYMBOLS]


def read_currency(params: Params) -> dict[str, Any]:
    """One currency by its code, in capitals or not."""
    here = emulation()
    auth.require("view", here)
    code = params["currency"].upper()
    if code not in currencies.SYMBOLS:
        raise WooError(
            "woocommerce_rest_data_invalid_currency", "There are no currencies matching these parameters.", 404
        )
    return rendered(here, code)


def read_current_currency(params: Params) -> dict[str, Any]:
    """The one the shop sells in."""
    here = emulation()
    auth.require("view", here)
    return rendered(here, settings.value(here, "woocommerce_currency"))


def _nowhere() -> WooError:
    return WooError("woocommerce_rest_data_invalid_location", "There are no locations matching these parameters.", 404)


def rendered(here: Emulation, code: str) -> dict[str, Any]:
    """A currency."""
    return {
        "code": code,
        "name": NAMES[code],
        "symbol": currencies.SYMBOLS[code],
        "_links": respond.links(here, "data/currencies", code, allow=("GET",)),
    }


def country(here: Emulation, code: str) -> dict[str, Any]:
    return {
        "code": code,
        "name": places.countries()[code].name,
        "states": places.states(code),
        "_links": respond.links(here, "data/countries", code.lower(), allow=("GET",)),
    }


def continent(here: Emulation, code: str) -> dict[str, Any]:
    name, members = places.continents()[code]
    return {
        "code": code,
        "name": name,
        "countries": [_member(member) for member in members],
        "_links": respond.links(here, "data/continents", code.lower(), allow=("GET",)),
    }


def _member(code: str) -> dict[str, Any]:
    """A country of a continent; its name is that of its currency where the store knows one (so it is recorded)."""
    locale = places.locales().get(code)
    if locale is None:
        return {"code": code, "name": places.countries()[code].name, "states": places.states(code)}
    return {
        "code": code,
        "name": places.currency_name(locale.currency_code),
        **locale._asdict(),
        "states": places.states(code),
    }
