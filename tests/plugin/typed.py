"""What a type checker makes of tests that name their services: `mypy tests/plugin/typed.py` finds nothing, and what is
marked here as wrong has to be found (an ignore that is not needed is an error too). Nobody runs it.
"""

from __future__ import annotations

from storelab.testing.services import Golisto, KeyCRM, WooCommerce


def words_are_checked(golisto: Golisto, keycrm: KeyCRM, woo: WooCommerce) -> None:
    golisto.approve()
    keycrm.an_offer_in_stock(sku="MUG", quantity=3)
    keycrm.adjust_stock("MUG", 7)
    woo.place_order({"MUG": 2}, paid=False)
    key: str = keycrm.api_key
    pieces: dict[str, int] = woo.stock()
    print(key, pieces)


def mistakes_are_found(keycrm: KeyCRM, woo: WooCommerce) -> None:
    keycrm.adjust_stock(sku="MUG")  # type: ignore[call-arg]
    keycrm.adjust_stock(sku="MUG", quantity="seven")  # type: ignore[arg-type]
    woo.place_order(lines=["MUG"])  # type: ignore[arg-type]
