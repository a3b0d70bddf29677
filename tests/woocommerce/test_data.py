"""What a store knows of the world."""

from __future__ import annotations

from storelab.emulators.woocommerce import places
from storelab.emulators.woocommerce.currencies import SYMBOLS

from .shop import Shop


def test_every_country_is_on_one_continent() -> None:
    listed = [code for _, members in places.continents().values() for code in members]

    assert sorted(listed) == sorted(places.countries())
    assert len(listed) == 250


def test_countries_use_currencies_that_a_shop_can_have() -> None:
    assert {locale.currency_code for locale in places.locales().values()} <= set(SYMBOLS)


def test_a_country_is_found_in_capitals_or_not_and_has_its_states(shop: Shop) -> None:
    country = shop.get("data/countries/ua")

    assert country == shop.get("data/countries/UA")
    assert (country["code"], country["name"]) == ("UA", "Ukraine")
    assert {"code": "UA30", "name": "Kyiv"} in country["states"]


def test_a_state_whose_code_is_a_number_has_a_number_for_its_code(shop: Shop) -> None:
    codes = [state["code"] for state in shop.get("data/countries/UM")["states"]]

    assert codes[0] == 81


def test_a_country_of_a_continent_is_called_like_its_money(shop: Shop) -> None:
    continent = shop.get("data/continents/eu")

    ukraine = next(country for country in continent["countries"] if country["code"] == "UA")
    assert ukraine["name"] == "Ukrainian hryvnia"
    assert (ukraine["currency_code"], ukraine["currency_pos"], ukraine["weight_unit"]) == ("UAH", "right_space", "kg")


def test_what_is_nowhere_is_not_found(shop: Shop) -> None:
    missing = (404, "woocommerce_rest_data_invalid_location", "There are no locations matching these parameters.")

    assert shop.refusal("GET", "data/countries/ZZ") == missing
    assert shop.refusal("GET", "data/continents/ZZ") == missing


def test_the_list_of_lists_leads_to_each_of_them(shop: Shop) -> None:
    lists = shop.get("data")

    assert [entry["slug"] for entry in lists] == ["continents", "countries", "currencies"]
    for entry in lists:
        assert shop.session.get(entry["_links"]["self"][0]["href"].replace("https:", "http:")).status_code == 200
