"""Rules: plain values in, a verdict out."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from storelab.emulators.spotler.rules import Action, Condition, Rule, evaluated, holds, mistakes

ORDER: dict[str, Any] = {
    "number": "12",
    "status": "processing",
    "paid": True,
    "created_at": "2026-11-02T23:30:00",
    "total": 20.0,
    "country": "NL",
    "customer_note": "",
}
BLOCK = Action("block_import")


def a_rule(number: int = 1, *conditions: Condition, scope: int = 0, **more: Any) -> Rule:
    return Rule(number, f"rule {number}", scope, "order", conditions=conditions, **{"actions": (BLOCK,), **more})


def sets(field: str, value: Any) -> tuple[Action, ...]:
    return (Action("set", field, value),)


@pytest.mark.parametrize(
    ("field", "op", "value", "held"),
    [
        ("paid", "is", "YES", True),
        ("paid", "is", "NO", False),
        ("country", "equals", "NL", True),
        ("country", "equals", "nl", False),
        ("country", "not_equals", "NL", False),
        ("country", "contains", "L", True),
        ("country", "not_contains", "L", False),
        ("country", "starts_with", "N", True),
        ("country", "ends_with", "N", False),
        ("customer_note", "is_empty", None, True),
        ("customer_note", "is_not_empty", None, False),
        ("total", "equals", 20, True),
        ("total", "not_equals", 20, False),
        ("total", "greater_than", 20, False),
        ("total", "less_than", 20.5, True),
        ("total", "between", [20, 30], True),
        ("total", "not_between", [20, 30], False),
        ("created_at", "equals", "2026-11-02", True),
        ("created_at", "before", "2026-11-03", True),
        ("created_at", "after", "2026-11-02", False),
        ("created_at", "between", ["2026-11-01", "2026-11-02"], True),
        ("payment_method", "is_empty", None, True),
        ("email", "not_equals", "x", True),
    ],
)
def test_a_condition_holds_by_the_type_of_its_field(field: str, op: str, value: Any, held: bool) -> None:
    assert holds(Condition(field, op, value), "order", ORDER) is held


def test_a_day_is_one_of_the_connectors_time_zone() -> None:
    late = Condition("created_at", "equals", "2026-11-03")

    assert holds(late, "order", ORDER, "Europe/Amsterdam")
    assert not holds(late, "order", ORDER, "UTC")


def test_and_wants_all_conditions_and_or_wants_one() -> None:
    conditions = (Condition("country", "equals", "NL"), Condition("total", "greater_than", 100))

    assert evaluated([a_rule(1, *conditions)], "order", "import", 4, ORDER).blocked_by is None
    assert evaluated([a_rule(1, *conditions, join="or")], "order", "import", 4, ORDER).blocked_by == 1


def test_rules_of_the_account_come_first_and_a_block_ends_it() -> None:
    own = a_rule(1, scope=4, actions=sets("country", "BE"))
    account = a_rule(2, Condition("country", "equals", "NL"))

    outcome = evaluated([own, account], "order", "import", 4, ORDER)

    assert (outcome.blocked_by, outcome.values["country"]) == (2, "NL")
    assert [step.rule for step in outcome.steps] == [2]


def test_what_one_rule_has_set_the_next_one_sees() -> None:
    first = a_rule(1, actions=sets("country", "BE"))
    second = a_rule(2, Condition("country", "equals", "BE"), actions=sets("paid", "NO"))

    assert evaluated([first, second], "order", "import", 4, ORDER).values["paid"] is False


@pytest.mark.parametrize(
    "rule", [a_rule(1, scope=5), a_rule(1, on="export"), a_rule(1, active=False)], ids=["other", "export", "off"]
)
def test_a_rule_that_is_not_meant_is_not_looked_at(rule: Rule) -> None:
    outcome = evaluated([rule], "order", "import", 4, ORDER)

    assert (outcome.blocked_by, outcome.steps) == (None, ())


@pytest.mark.parametrize(
    ("rule", "where"),
    [
        (a_rule(1, Condition("colour", "equals", "red")), "conditions.0.field"),
        (a_rule(1, Condition("created_at", "not_between", ["2026-01-01", "2026-01-02"])), "conditions.0.op"),
        (a_rule(1, Condition("paid", "is", "maybe")), "conditions.0.value"),
        (a_rule(1, Condition("created_at", "before", "tomorrow")), "conditions.0.value"),
        (a_rule(1, Condition("total", "between", 5)), "conditions.0.value"),
        (a_rule(1, Condition("total", "between", [9, 5])), "conditions.0.value"),
        (a_rule(1, Condition("customer_note", "is_empty", "x")), "conditions.0.value"),
        (a_rule(1, actions=()), "actions"),
        (a_rule(1, on="export"), "actions.0.type"),
        (a_rule(1, actions=sets("total", "much")), "actions.0.value"),
        (a_rule(1, actions=sets("number", "13")), "actions.0.field"),
    ],
)
def test_what_is_no_rule_is_told_by_its_place(rule: Rule, where: str) -> None:
    assert where in dict(mistakes(rule))


patiently = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
values = st.fixed_dictionaries(
    {"country": st.sampled_from(["NL", "BE", ""]), "total": st.floats(-10, 10), "paid": st.booleans()}
)
conditions = st.one_of(
    st.builds(Condition, st.just("country"), st.sampled_from(["equals", "contains"]), st.sampled_from(["NL", "B"])),
    st.builds(Condition, st.just("total"), st.sampled_from(["less_than", "greater_than"]), st.integers(-9, 9)),
    st.builds(Condition, st.just("paid"), st.just("is"), st.sampled_from(["YES", "NO"])),
)
rules = st.lists(
    st.builds(
        Rule,
        id=st.integers(1, 9),
        name=st.just(""),
        scope=st.sampled_from([0, 4, 5]),
        object=st.just("order"),
        conditions=st.lists(conditions, max_size=3).map(tuple),
        join=st.sampled_from(["and", "or"]),
        actions=st.sampled_from([(BLOCK,), sets("country", "BE"), (Action("notify"),)]),
    ),
    max_size=5,
    unique_by=lambda rule: rule.id,
)


@patiently
@given(values, rules)
def test_the_order_in_which_rules_are_kept_does_not_matter(found: Any, some: list[Rule]) -> None:
    assert evaluated(some[::-1], "order", "import", 4, found) == evaluated(some, "order", "import", 4, found)


@patiently
@given(values, rules)
def test_nothing_is_looked_at_after_a_block(found: Any, some: list[Rule]) -> None:
    outcome = evaluated(some, "order", "import", 4, found)

    blocking = [step for step in outcome.steps if "block import" in step.did]
    assert (outcome.blocked_by is not None) == bool(blocking)
    assert blocking == ([outcome.steps[-1]] if blocking else [])


@given(values, conditions)
def test_not_holding_is_the_opposite_of_holding(found: Any, condition: Condition) -> None:
    if condition.op in ("equals", "contains"):
        opposite = Condition(condition.field, f"not_{condition.op}", condition.value)
        assert holds(opposite, "order", found) is not holds(condition, "order", found)
