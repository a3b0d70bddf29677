"""/data: what the store knows of the world. Of that, the currencies."""

from __future__ import annotations

from typing import Any

from ..kernel import Emulation, emulation
from . import auth, currencies, respond, settings
from .currency_names import NAMES
from .errors import WooError
from .params import Params


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


def rendered(here: Emulation, code: str) -> dict[str, Any]:
    return {
        "code": code,
        "name": NAMES[code],
        "symbol": currencies.SYMBOLS[code],
        "_links": respond.links(here, "data/currencies", code, allow=("GET",)),
    }
