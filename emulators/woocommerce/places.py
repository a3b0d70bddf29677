"""Continents, countries and states as a store knows them, and how each country writes money and measures.

Source: WooCommerce 10.5.0, recorded 2026-11-21; the facts are in places.json.
"""

from __future__ import annotations

import json
from functools import cache
from html import unescape
from importlib.resources import files
from typing import Any, NamedTuple

from .currency_names import NAMES


class Country(NamedTuple):
    """`name` as pages have it, with HTML entities; `states` by their code, in the order of a form."""

    name: str
    states: dict[str, str]


class Locale(NamedTuple):
    """What a new shop in this country starts with."""

    currency_code: str
    currency_pos: str
    decimal_sep: str
    dimension_unit: str
    num_decimals: int
    thousand_sep: str
    weight_unit: str


@cache
def _facts() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(files(__package__).joinpath("places.json").read_text("utf-8"))
    return found


@cache
def countries() -> dict[str, Country]:
    """All countries by their code, in the order of a form."""
    return {code: Country(*entry) for code, entry in _facts()["countries"].items()}


@cache
def continents() -> dict[str, tuple[str, tuple[str, ...]]]:
    """Name and codes of the countries of each continent."""
    return {code: (name, tuple(members)) for code, (name, members) in _facts()["continents"].items()}


@cache
def locales() -> dict[str, Locale]:
    """By country. A few have none, where nobody sells anything."""
    return {code: Locale(*entry) for code, entry in _facts()["locales"].items()}


def states(country: str) -> list[dict[str, Any]]:
    """The states as the API lists them. PHP makes a number of a code that is written like one ("81", not "00")."""
    listed = countries()[country].states.items()
    return [{"code": int(c) if c.isdigit() and c[0] != "0" else c, "name": name} for c, name in listed]


def currency_name(code: str) -> str:
    """What a country's own settings call its currency."""
    return "Bolívar" if code == "VES" else unescape(NAMES[code])
