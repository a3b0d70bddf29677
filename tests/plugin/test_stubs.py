"""What editors complete and type checkers check is the vocabulary."""

from __future__ import annotations

from pathlib import Path

import pytest

import storelab
from storelab.testing import Service, services, stubs


def test_the_stubs_are_what_the_vocabulary_says() -> None:
    assert stubs.STUBS.read_text("utf-8") == stubs.text(), "run: python -m storelab.testing.stubs"


def test_every_service_has_a_class_that_is_a_service_when_tests_run() -> None:
    from storelab.testing.services import KeyCRM, SpotlerConnect

    assert KeyCRM is Service
    assert SpotlerConnect is Service
    assert services.__all__ == ["WooCommerce", "Golisto", "KeyCRM", "SORS", "SpotlerConnect", "StockBurst"]
    with pytest.raises(AttributeError, match="there are: WooCommerce"):
        _ = services.Shopify  # type: ignore[attr-defined]


def test_type_checkers_are_told_that_there_are_types() -> None:
    assert (Path(storelab.__file__).parent / "py.typed").is_file()
