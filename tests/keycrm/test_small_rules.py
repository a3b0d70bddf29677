"""Times, limits, refusals and the rows of webhooks, as plain rules."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from storelab.emulators.kernel import Problem
from storelab.emulators.keycrm import dates
from storelab.emulators.keycrm.errors import Invalid, NotFound, refusal
from storelab.emulators.keycrm.limits import Window, counted, current, wait
from storelab.emulators.keycrm.paging import included
from storelab.emulators.keycrm.references import aliased
from storelab.emulators.keycrm.webhooks import flattened

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-21 08:00:01", datetime(2026, 11, 21, 8, 0, 1, tzinfo=UTC)),
        ("2026-11-21", datetime(2026, 11, 21, tzinfo=UTC)),
        ("2026-02-31", datetime(2026, 3, 3, tzinfo=UTC)),
        ("2026-13-01", None),
        ("9999-12-32", None),
        ("yesterday", None),
    ],
)
def test_a_time_is_read_as_php_reads_it(text: str, moment: datetime | None) -> None:
    assert dates.parsed(text) == moment


@given(st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2100, 1, 1)))
def test_a_time_survives_the_way_out_and_in(moment: datetime) -> None:
    whole = moment.replace(microsecond=0, tzinfo=UTC)

    assert dates.parsed(dates.stamp(whole)) == whole


def test_a_range_may_be_quoted_spaced_or_of_dates_alone() -> None:
    whole_days = (datetime(2026, 8, 24, tzinfo=UTC), datetime(2026, 9, 23, tzinfo=UTC) - timedelta(microseconds=1))

    assert dates.between('"2026-08-24 00:00:00, 2026-09-22 23:59:59"') == (
        datetime(2026, 8, 24, tzinfo=UTC),
        datetime(2026, 9, 22, 23, 59, 59, tzinfo=UTC),
    )
    assert dates.between("2026-08-24,2026-09-22") == whole_days
    assert dates.between("2026-08-24") is None


def test_sixty_requests_fit_into_a_minute_and_the_next_one_waits_for_its_end() -> None:
    window = current(None, "key:1", NOON)
    for _ in range(60):
        assert wait(window, NOON, 60) == 0
        window = counted(window)

    assert wait(window, NOON + timedelta(seconds=12.3), 60) == 48
    assert wait(current(window, "key:1", NOON + timedelta(seconds=60)), NOON + timedelta(seconds=60), 60) == 0


@given(st.integers(1, 100), st.floats(0, 59.9))
def test_waiting_as_long_as_told_is_always_enough(limit: int, seconds: float) -> None:
    window = Window("key:1", NOON, limit)
    later = NOON + timedelta(seconds=seconds)

    after = wait(window, later, limit)
    again = later + timedelta(seconds=after)

    assert after >= 1
    assert wait(current(window, "key:1", again), again, limit) == 0


def test_a_refusal_maps_every_field_to_what_is_wrong_with_it() -> None:
    refused = refusal(
        [
            Problem("body", ("stocks", 0), "required", '"quantity" is a required property'),
            Problem("body", ("warehouse_id",), "type", '"x" is not of type "integer"', "x"),
            Problem("query", ("limit",), "maximum", "51 is greater than 50", 51, 50),
        ]
    )

    assert isinstance(refused, Invalid)
    assert refused.detail["errors"] == {
        "stocks.0.quantity": ["The stocks.0.quantity field is required."],
        "warehouse_id": ["The warehouse id field must be an integer."],
        "limit": ["The limit field must not be greater than 50."],
    }


def test_an_id_in_the_path_that_cannot_be_one_is_not_found() -> None:
    assert isinstance(refusal([Problem("path", ("order_id",), "maximum", "too large")]), NotFound)


def test_an_unreadable_body_is_a_bad_request_whatever_else_is_wrong() -> None:
    assert refusal([Problem("query", ("limit",), "type", ""), Problem("body", (), "json", "")]).status == 400


def test_asking_for_the_offers_of_products_asks_for_the_products() -> None:
    assert included(" products.offer,buyer,") == {"products", "products.offer", "buyer"}


def test_a_trigger_sent_by_get_writes_its_context_as_php_would() -> None:
    event = {"event": "e", "context": {"id": 5, "gift": True, "none": None, "list": ["a"]}}

    assert flattened(event) == [
        ("event", "e"),
        ("context[id]", "5"),
        ("context[gift]", "1"),
        ("context[list][0]", "a"),
    ]


def test_an_alias_is_made_of_the_name() -> None:
    assert [aliased(x) for x in ("Apple Pay", "  Оплата! ", "??")] == ["apple_pay", "оплата", "unnamed"]
