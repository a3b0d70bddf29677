"""The laws of deciding, over all views that hypothesis thinks of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given, settings, strategies as st

from storelab.sync.decide import changed, decide, matching, to_look_at, too_many, written
from storelab.sync.model import Action, Apply, Halt, Heard, Ignore, Item, Level, Policy, Push, Remember, View

SKUS = st.sampled_from([f"SKU-{n}" for n in range(8)])
QUANTITIES = st.integers(-3, 30)
POLICIES = st.builds(
    Policy,
    pull=st.booleans(),
    push=st.booleans(),
    truth=st.sampled_from([None, "store", "backend"]),
    add=st.booleans(),
    manage=st.booleans(),
    vanish_limit=st.just(1.0),
)


@st.composite
def views(draw: st.DrawFn) -> View:
    items = draw(st.dictionaries(SKUS, QUANTITIES))
    levels = draw(st.dictionaries(SKUS, st.one_of(st.none(), st.integers(0, 30))))
    return View(
        items={sku: (Item(sku, n, 0, quantity),) for n, (sku, quantity) in enumerate(items.items())},
        levels={sku: (Level(sku, str(n), quantity),) for n, (sku, quantity) in enumerate(levels.items())},
        base=draw(st.dictionaries(SKUS, st.integers(0, 30))),
        policy=draw(POLICIES),
        pushing=draw(st.booleans()),
    )


def done(view: View, actions: list[Action]) -> View:
    """The view after doing what was decided."""
    items = {sku: some[0] for sku, some in view.items.items()}
    levels = {sku: some[0] for sku, some in view.levels.items()}
    base = dict(view.base)
    for action in actions:
        match action:
            case Apply():
                item = items[action.sku]
                quantity = written(item.quantity, action.known, action.change)
                items[action.sku] = replace(item, quantity=quantity)
                base[action.sku] = action.known
            case Push():
                levels[action.sku] = replace(levels[action.sku], quantity=action.quantity)
                base[action.sku] = action.quantity
            case Remember():
                base[action.sku] = action.known
    return replace(
        view,
        items={sku: (item,) for sku, item in items.items()},
        levels={sku: (level,) for sku, level in levels.items()},
        base=base,
    )


def real(actions: list[Action]) -> list[Action]:
    return [a for a in actions if not isinstance(a, Ignore)]


@given(views())
def test_doing_what_was_decided_leaves_nothing_to_do(view: View) -> None:
    after = done(view, decide(view))

    assert real(decide(after)) == []


@given(views())
def test_nothing_is_written_against_the_chosen_directions(view: View) -> None:
    actions = decide(view)

    assert view.policy.pull or not any(isinstance(a, Apply) for a in actions)
    assert (view.policy.push and view.pushing) or not any(isinstance(a, Push) for a in actions)


@given(views())
def test_what_a_side_does_not_have_is_never_written(view: View) -> None:
    for action in real(decide(view)):
        assert not isinstance(action, Halt)
        assert action.sku in view.items
        assert action.sku in view.levels


@given(views())
def test_nothing_below_zero_is_ever_published(view: View) -> None:
    after = done(view, decide(view))

    pushed = {a.sku for a in decide(view) if isinstance(a, Push)}
    applied = {a.sku for a in decide(view) if isinstance(a, Apply)}
    assert all((after.levels[sku][0].quantity or 0) >= 0 for sku in pushed)
    assert all((after.items[sku][0].quantity or 0) >= 0 for sku in applied)


@given(views())
def test_pushing_makes_both_sides_alike_where_it_is_allowed(view: View) -> None:
    allowed = replace(view, pushing=True, policy=Policy(truth="store", vanish_limit=1.0))

    after = done(allowed, decide(allowed))

    for sku in after.items.keys() & after.levels.keys():
        there = after.levels[sku][0].quantity
        assert max(0, after.items[sku][0].quantity or 0) == (after.base[sku] if there is None else there)


def test_absent_is_not_zero() -> None:
    view = View(items={"MUG": (Item("MUG", 1, 0, 5),)}, levels={}, base={"MUG": 5}, pushing=True)

    assert decide(view) == [Ignore("MUG", "out", "the backend knows no such SKU")]


def test_a_place_without_stock_of_it_is_not_zero_either() -> None:
    view = View(
        items={"MUG": (Item("MUG", 1, 0, 5),)},
        levels={"MUG": (Level("MUG", "1", None),)},
        base={"MUG": 5},
        policy=Policy(truth="backend"),
    )

    assert decide(view) == []


def test_a_variation_goes_before_a_product_of_the_same_sku() -> None:
    product, variation = Item("MUG", 1), Item("MUG", 2, parent=9)

    assert matching([product, variation, variation]) == (variation,)


@pytest.mark.parametrize(
    ("items", "levels", "reason"),
    [
        ((Item("MUG", 1, 0, 5), Item("MUG", 2, 0, 5)), (Level("MUG", "7", 3),), "several products"),
        ((Item("MUG", 1, 0, 5),), (Level("MUG", "7", 3), Level("MUG", "8", 3)), "several entries"),
        ((), (Level("MUG", "7", 3),), "no product"),
        ((Item("MUG", 1, 4, 5, "parent"),), (Level("MUG", "7", 3),), "kept by its product"),
        ((Item("MUG", 1, 0, None, "no"),), (Level("MUG", "7", 3),), "does not manage"),
    ],
)
def test_what_is_not_certain_is_left_alone(items: tuple[Item, ...], levels: tuple[Level, ...], reason: str) -> None:
    view = View({"MUG": items}, {"MUG": levels}, policy=Policy(truth="backend"))

    (action,) = decide(view)

    assert isinstance(action, Ignore)
    assert reason in action.reason


def test_half_vanishing_stops_everything() -> None:
    base = {f"SKU-{n}": 5 for n in range(5)}
    items = {sku: (Item(sku, 1, 0, 5),) for sku in base}
    levels = {sku: (Level(sku, "1", 9),) for sku in list(base)[:2]}

    assert isinstance(decide(View(items, levels, base, whole_backend=True))[0], Halt)
    assert not isinstance(decide(View(items, levels, base))[0], Halt)


@pytest.mark.parametrize("side", ["backend", "store"])
def test_everything_selling_out_at_once_is_not_believed(side: str) -> None:
    base = {f"SKU-{n:02}": 5 for n in range(20)}
    zero = {sku: 0 if n < 11 else 5 for n, sku in enumerate(base)}
    view = View(
        items={sku: (Item(sku, 1, 0, zero[sku] if side == "store" else 5),) for sku in base},
        levels={sku: (Level(sku, "1", zero[sku] if side == "backend" else 5),) for sku in base},
        base=base,
        pushing=True,
    )

    (action,) = decide(view)

    assert isinstance(action, Halt)
    assert f"in the {side}" in action.reason


def test_a_small_shop_may_sell_out() -> None:
    assert too_many({"MUG"}, ["MUG"], 10, 0.5) == 0


HINTS = st.lists(st.builds(Heard, SKUS, st.sampled_from("12"), st.integers(0, 5)))


@given(HINTS, st.dictionaries(SKUS, st.integers(0, 5)), st.randoms())
def test_neither_order_nor_repetition_of_webhooks_matters(
    hints: list[Heard], base: dict[str, int], dice: object
) -> None:
    shuffled = [*hints, *hints[: len(hints) // 2]]
    dice.shuffle(shuffled)  # type: ignore[attr-defined]

    refs = dict.fromkeys(base, "1")
    assert to_look_at(shuffled, base, refs) == to_look_at(hints, base, refs)


def test_an_echo_of_our_own_write_is_no_news() -> None:
    hints = [Heard("MUG", "1", 12), Heard("CAP", "2", 3)]

    assert to_look_at(hints, {"MUG": 12, "CAP": 4}, {"MUG": "1", "CAP": "2"}) == {"CAP": "2"}


def test_a_hint_from_an_unknown_offer_is_about_all_offers_of_that_sku() -> None:
    assert to_look_at([Heard("CAP", "9", 3)], {"CAP": 4}, {"CAP": "2"}) == {"CAP": ""}
    assert to_look_at([Heard("CAP", "9", 3), Heard("CAP", "2", 3)], {"CAP": 4}, {"CAP": "2"}) == {"CAP": ""}
    assert to_look_at([Heard("NEW", "9", 3)], {}, {}) == {"NEW": ""}


@dataclass
class Life:
    """Both sides and the wire between them, for one SKU."""

    ours: int = 1000
    theirs: int = 1000
    base: int = 1000
    net: int = 0  # what sales and deliveries changed in all
    wire: list[int] = field(default_factory=list)  # webhooks under way
    heard: list[int] = field(default_factory=list)

    def see(self, *, pushing: bool) -> None:
        view = View(
            {"S": (Item("S", 1, 0, self.ours),)},
            {"S": (Level("S", "1", self.theirs),)},
            {"S": self.base},
            pushing=pushing,
        )
        after = done(view, decide(view))
        if after.levels["S"][0].quantity != self.theirs:
            self.wire.append(after.levels["S"][0].quantity or 0)  # a write over the API echoes
        self.ours, self.theirs = after.items["S"][0].quantity or 0, after.levels["S"][0].quantity or 0
        self.base = after.base["S"]

    def listen(self) -> None:
        if to_look_at([Heard("S", "1", n) for n in self.heard], {"S": self.base}, {"S": "1"}):
            self.see(pushing=False)
        self.heard.clear()


EVENTS = st.one_of(
    st.tuples(st.just("sell"), st.integers(1, 5)),
    st.tuples(st.just("receive"), st.integers(-5, 5)),
    st.tuples(st.sampled_from(["deliver", "lose", "duplicate"]), st.integers(0, 9)),
    st.tuples(st.sampled_from(["listen", "push", "look"]), st.just(0)),
)


@settings(max_examples=300)
@given(st.lists(EVENTS, max_size=40))
def test_whatever_happens_nothing_is_lost_and_both_sides_meet(events: list[tuple[str, int]]) -> None:
    life = Life()

    for event, n in events:
        match event:
            case "sell":
                life.ours, life.net = life.ours - n, life.net - n
            case "receive":
                life.theirs, life.net = life.theirs + n, life.net + n
                life.wire.append(life.theirs)
            case "deliver" | "duplicate" if life.wire:
                at = n % len(life.wire)  # any order
                life.heard.append(life.wire[at] if event == "duplicate" else life.wire.pop(at))
            case "lose" if life.wire:
                life.wire.pop(n % len(life.wire))
            case "listen":
                life.listen()
            case "push" | "look":
                life.see(pushing=event == "push")

    life.see(pushing=False)
    life.see(pushing=True)
    assert life.ours == life.theirs == life.base == 1000 + life.net
    life.heard += life.wire
    life.listen()
    assert life.ours == life.theirs == 1000 + life.net


@given(st.dictionaries(SKUS, QUANTITIES), st.dictionaries(SKUS, st.integers(0, 30)))
def test_only_what_changed_is_looked_at_before_a_push(stock: Mapping[str, int], base: Mapping[str, int]) -> None:
    items = {sku: (Item(sku, 1, 0, quantity),) for sku, quantity in stock.items()}

    assert changed(items, base) == sorted(s for s, n in stock.items() if max(0, n) != base.get(s))
