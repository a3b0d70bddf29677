"""Rules of one line each: matching, notes, opt-ins, statuses."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from storelab.emulators.spotler.connector import LIFE, State
from storelab.emulators.spotler.contacts import differing, opt_in
from storelab.emulators.spotler.matching import Match, Names, Verdict, matched
from storelab.emulators.spotler.onboarding import new_enough
from storelab.emulators.spotler.presets import Preset, flows, topics
from storelab.emulators.spotler.shipments import Shipment, noted
from storelab.emulators.spotler.statuses import FROM_SHOP, KNOWN, from_shop

MUG, CAP = (1, Names("111", "MUG")), (2, Names("222", "CAP"))


@pytest.mark.parametrize(
    ("product", "verdict", "masters"),
    [
        (Names("111", "OTHER"), Verdict.LINK, (1,)),
        (Names("", "CAP"), Verdict.LINK, (2,)),
        (Names("999", "BAG"), Verdict.CREATE, ()),
        (Names("111", "CAP"), Verdict.AMBIGUOUS, (1, 2)),
        (Names("", ""), Verdict.NAMELESS, ()),
    ],
    ids=["barcode", "sku", "new", "two", "none"],
)
def test_a_product_is_matched_by_barcode_then_sku_and_never_by_guessing(
    product: Names, verdict: Verdict, masters: tuple[int, ...]
) -> None:
    assert matched(product, [MUG, CAP]) == Match(verdict, masters)


names = st.builds(Names, st.sampled_from(["", "1", "2"]), st.sampled_from(["", "A", "B"]))


@given(names, st.lists(names, max_size=6))
def test_a_link_is_only_made_where_exactly_one_master_has_a_name_in_common(product: Names, known: list[Names]) -> None:
    match = matched(product, list(enumerate(known, 1)))

    common = {
        n
        for n, one in enumerate(known, 1)
        if (product.barcode and one.barcode == product.barcode) or (product.sku and one.sku == product.sku)
    }
    assert (match.verdict is Verdict.LINK) == (len(common) == 1)
    assert set(match.masters) == common


@given(st.text(), st.from_regex(r"[0-9A-Z]{6,20}", fullmatch=True))
def test_a_code_is_noted_once_and_what_the_customer_wrote_stays(note: str, code: str) -> None:
    shipment = Shipment(1, 4, 12, "12", code, "PostNL")

    once = noted(note, shipment)

    assert code in once
    assert noted(once, shipment) == once
    assert once.startswith(note.rstrip())


@pytest.mark.parametrize(
    ("strategy", "subscribed", "written"),
    [
        ("both", True, "yes"),
        ("both", False, "no"),
        ("both", None, None),
        ("only_subscriptions", True, "yes"),
        ("only_subscriptions", False, None),
        ("none", True, None),
        ("none", False, None),
    ],
)
def test_the_strategy_decides_what_is_written_of_an_opt_in(
    strategy: str, subscribed: bool | None, written: str | None
) -> None:
    assert opt_in(strategy, subscribed) == written


def test_only_what_differs_is_written_to_a_customer() -> None:
    row = {"first_name": "Ann", "last_name": "Lee", "billing": {"phone": "1"}, "meta_data": []}
    same = {"first_name": "Ann", "last_name": "Lee", "phone": "1", "subscribed": None}

    assert differing(row, same, "both") == {}
    assert differing(row, {**same, "phone": "2"}, "both") == {"billing": {"phone": "2"}}
    assert list(differing(row, {**same, "subscribed": True}, "both")) == ["meta_data"]


def test_the_seven_statuses_map_one_to_one_and_no_other_does() -> None:
    assert len(set(FROM_SHOP.values())) == 7
    assert from_shop("awaiting-pickup") not in KNOWN


@pytest.mark.parametrize(
    ("version", "enough"),
    [("3.4.8", False), ("3.5.0", True), ("10.5.0", True), ("2.6", False), ("", False), ("x", False)],
)
def test_woocommerce_has_to_be_new_enough(version: str, enough: bool) -> None:
    assert new_enough(version) is enough


@pytest.mark.parametrize("preset", Preset)
def test_a_preset_makes_no_webhook_for_what_it_does_not_move(preset: Preset) -> None:
    assert any(t.startswith("customer.") for t in topics(preset)) == flows(preset, "contacts", "in")
    assert any(t.startswith("order.") for t in topics(preset))
    assert not flows(preset, "orders", "out")
    assert not flows(preset, "products", "out")


def test_nothing_leads_out_of_removed() -> None:
    assert LIFE.events(State.REMOVED) == set()
    assert all("remove" in LIFE.events(state) for state in State if state is not State.REMOVED)
