"""The rules of stock, prices and codes, whatever happens in whatever order."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given, strategies as st

from storelab.emulators.stockburst.account import (
    ALPHABET,
    LOCKED_FOR,
    Guesser,
    SetupCode,
    Verdict,
    digest,
    guessed,
    judged,
    plain,
    seconds_locked,
)
from storelab.emulators.stockburst.incoming import told
from storelab.emulators.stockburst.inventory import Article, Listing, Wanted, moved_in_store, priced, wanted
from storelab.emulators.stockburst.listings import mark_in, seen_in
from storelab.emulators.stockburst.orders import Order, order_from, touched
from storelab.emulators.stockburst.pushing import after, error_in, row

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)

# -- stock


class Both:
    """A store and StockBurst that both sell the same article; the line between them is not to be relied on."""

    def __init__(self, pieces: int) -> None:
        self.store, self.store_mark = pieces, ""
        self.article = Article("MUG", pieces)
        self.listing = Listing("int_1", 11, sku="MUG", stock=pieces)
        self.writes = 0

    def store_sells(self, pieces: int) -> None:
        self.store -= pieces

    def stockburst_moves(self, pieces: int) -> None:
        self.article = replace(self.article, quantity=(self.article.quantity or 0) + pieces)

    def read(self) -> None:
        seen = Listing("int_1", 11, sku="MUG", stock=self.store, mark=self.store_mark)
        self.stockburst_moves(moved_in_store(self.listing, seen))
        self.listing = replace(seen, mark=seen.mark or self.listing.mark)

    def sync(self, line: str) -> None:
        """Read, and write what is wanted. The line is good, or `lost` the answer, or `cut` before the store heard."""
        self.read()
        want = wanted(self.listing, self.article)
        if want.stock is None:
            return
        self.writes += 1
        mark = f"1.{self.writes}"
        self.listing = replace(self.listing, mark=mark, writing=want.stock)
        if line != "cut":
            self.store, self.store_mark = want.stock, mark
        if line == "good":
            self.listing = after(self.listing, want, "")


SOLD = st.tuples(st.just("store"), st.integers(-5, 5))
MOVED = st.tuples(st.just("stockburst"), st.integers(-5, 5))
SYNCED = st.tuples(st.just("sync"), st.sampled_from(["good", "lost", "cut"]))


@given(st.lists(SOLD | MOVED | SYNCED, max_size=30))
def test_no_sale_of_either_side_is_lost_or_counted_twice(events: list[tuple[str, int | str]]) -> None:
    both, due = Both(1000), 1000
    for who, what in events:
        if who == "sync":
            both.sync(str(what))
            continue
        pieces = int(what)
        due += pieces
        if who == "store":
            both.store_sells(-pieces)
        else:
            both.stockburst_moves(pieces)

    both.sync("good")

    assert (both.article.quantity, both.store) == (due, due)
    writes = both.writes
    both.sync("good")
    assert both.writes == writes, "a second pass writes nothing"


@given(st.integers(-20, 20), st.integers(-20, 20))
def test_nothing_below_zero_is_ever_written(ours: int, theirs: int) -> None:
    want = wanted(Listing("i", 1, sku="A", stock=theirs), Article("A", ours))

    assert want.stock is None or want.stock >= 0
    assert (want.stock is None) == (ours == theirs or max(0, ours) == theirs)


@pytest.mark.parametrize(
    ("listing", "article"),
    [
        (Listing("i", 1, sku="A", stock=None), Article("A", 5)),
        (Listing("i", 1, sku="A", stock=3), Article("A", None)),
        (Listing("i", 1, sku="A", stock=3, gone=True), Article("A", 5)),
        (Listing("i", 1, sku="A", stock=3, problem="twin: of 7"), Article("A", 5)),
        (Listing("i", 1, sku="A", stock=3), None),
        (Listing("i", 1, sku="A", kind="variable", price=""), Article("A", None, "9.00")),
        (Listing("i", 1, sku="A", kind="external", price="5"), Article("A", None, "9.00")),
    ],
    ids=["not counted there", "not counted here", "gone", "twin", "unknown", "variable", "external"],
)
def test_some_things_are_never_written(listing: Listing, article: Article | None) -> None:
    assert wanted(listing, article).nothing


def test_only_what_stockburst_owns_is_sent() -> None:
    assert set(row(Wanted(3, "9.00"), "1.1")) == {"stock_quantity", "regular_price", "meta_data"}
    assert set(row(Wanted(None, "9.00"), "1.1")) == {"regular_price", "meta_data"}


def test_a_row_of_the_stores_api_is_read_as_it_is_meant() -> None:
    found = {
        "id": 21,
        "parent_id": 20,
        "type": "variation",
        "name": "S",
        "status": "publish",
        "sku": " SHIRT-S ",
        "manage_stock": "parent",
        "stock_quantity": 5,
        "regular_price": "20.00",
        "meta_data": [{"key": "_stockburst_write", "value": "1.7"}],
    }

    seen = seen_in(found, "int_1")

    assert (seen.parent, seen.sku, seen.stock, seen.price, seen.mark) == (20, "SHIRT-S", None, "20.00", "1.7")
    assert seen_in({**found, "manage_stock": True}, "int_1").stock == 5
    assert mark_in({"meta_data": [{"key": "other", "value": "x"}]}) == ""


@pytest.mark.parametrize(
    ("said", "error"),
    [({"id": 1}, ""), ({"id": 1, "error": {"code": "c", "message": "m"}}, "c: m"), ({"id": 1, "error": {}}, "error: ")],
)
def test_what_is_wrong_with_a_row(said: dict[str, object], error: str) -> None:
    assert error_in(said) == error


# -- prices


@pytest.mark.parametrize(
    ("ours", "known", "theirs", "price"),
    [
        ("", None, "9.00", "9.00"),
        ("9.00", "9.00", "9.50", "9.50"),
        ("12.00", "9.00", "9.00", "12.00"),
        ("12.00", "9.00", "9.50", "12.00"),
        ("9.00", "9.00", "", "9.00"),
        ("7.00", None, "9.00", "9.00"),
    ],
    ids=["first seen", "changed there", "changed here", "changed on both sides", "taken away", "new listing"],
)
def test_whose_price_it_is(ours: str, known: str | None, theirs: str, price: str) -> None:
    old = None if known is None else Listing("i", 1, sku="A", price=known)

    assert priced(Article("A", 1, ours), old, Listing("i", 1, sku="A", price=theirs)) == price


# -- webhooks


@pytest.mark.parametrize(
    ("resource", "body", "event"),
    [
        ("order", {"id": 7, "parent_id": 3}, {"order": 7}),
        ("product", {"id": 7, "type": "simple", "parent_id": 0}, {"product": 7}),
        ("product", {"id": 21, "type": "variation", "parent_id": 20}, {"product": 20, "variation": 21}),
        ("product", {"id": 21, "type": "variation"}, {"product": 21}),
        ("product", {"id": 7}, {"product": 7}),
    ],
    ids=["order", "product", "variation", "variation without a product", "deleted"],
)
def test_what_a_webhook_tells_of(resource: str, body: dict[str, object], event: dict[str, int]) -> None:
    assert told(resource, body) == event


# -- orders


def test_an_order_names_what_was_sold_and_who_bought_it() -> None:
    order = order_from(
        "int_1",
        {
            "id": 31,
            "number": "1031",
            "status": "processing",
            "currency": "ZAR",
            "total": "30.00",
            "billing": {"first_name": "Ada", "last_name": "", "email": "ada@shopper.example", "phone": None},
            "line_items": [
                {"sku": "MUG", "quantity": 2, "product_id": 11, "variation_id": 0},
                {"sku": "MUG", "quantity": 1, "product_id": 11, "variation_id": 0},
                {"sku": "", "quantity": 1, "product_id": 12, "variation_id": 13},
                {"sku": None, "quantity": 1, "product_id": 0, "variation_id": 0},
            ],
        },
    )

    assert (order.number, order.name, order.phone) == ("1031", "Ada", "")
    assert order.lines == {"MUG": 3, "#13": 1, "#0": 1}
    assert touched(None, order) == [[11, 0], [12, 13]]
    assert touched(order, order) == []
    assert touched(order, replace(order, status="cancelled")) == [[11, 0], [12, 13]]
    assert touched(Order("int_1", 31, "1031", "processing", items=[[9, 0]]), order)[0] == [9, 0]


# -- codes


@given(st.text(alphabet=ALPHABET, min_size=4, max_size=8), st.sampled_from(["", " ", "\n"]))
def test_a_code_is_the_same_however_it_is_typed(code: str, blank: str) -> None:
    assert digest(plain(f"{blank}{code.lower()}{blank}")) == digest(plain(code))


@given(st.integers(0, 2000), st.booleans(), st.booleans())
@example(899, False, False)
@example(900, False, False)
def test_a_code_is_good_for_fifteen_minutes_unless_it_was_used_or_replaced(
    age: int, used: bool, replaced: bool
) -> None:
    code = SetupCode(
        1, "d", NOW, NOW + timedelta(minutes=15), used_at=NOW if used else None, replaced_at=NOW if replaced else None
    )

    verdict = judged(code, NOW + timedelta(seconds=age))

    assert (verdict is Verdict.GOOD) == (age < 900 and not used and not replaced)
    assert (verdict is Verdict.USED) == used


@given(st.lists(st.integers(0, 1200), max_size=40))
def test_nobody_tries_more_than_five_codes_in_a_quarter_of_an_hour(pauses: list[int]) -> None:
    """Units: seconds between two tries."""
    guesser, now, tried = Guesser("192.0.2.1"), NOW, list[datetime]()
    for pause in pauses:
        now += timedelta(seconds=pause)
        if not seconds_locked(guesser, now):
            tried.append(now)
            guesser = guessed(guesser, now)

    assert all(b - a >= LOCKED_FOR for a, b in zip(tried, tried[5:], strict=False))
