"""Rules: if this, then that. Plain values in, a verdict out.

A rule looks at one kind of object on its way in or out. Rules of the account come before those of the connector, each
group in its order; what one has set, the next one sees; the first block ends it all.

Source: Spotler Connect help: data rules (conditions by the type of a field, AND or OR; change data, block import or
export, or add an action such as an e-mail; a boolean is YES or NO, a date knows no "not between"; rules can be tried).
Assumed: the names of fields and operators, the order of rules, what a test shows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field, replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from ..kernel import dataclass
from .fields import FIELDS, Kind, day_of, is_day, is_moment

ACCOUNT = 0  # the scope of a rule that is no connector's

OPERATORS: Mapping[Kind, Mapping[str, int]] = {  # how many values each wants
    Kind.BOOLEAN: {"is": 1},
    Kind.DATE: {"equals": 1, "between": 2, "before": 1, "after": 1},
    Kind.TEXT: {
        "equals": 1,
        "not_equals": 1,
        "contains": 1,
        "not_contains": 1,
        "starts_with": 1,
        "ends_with": 1,
        "is_empty": 0,
        "is_not_empty": 0,
    },
    Kind.NUMBER: {"equals": 1, "not_equals": 1, "greater_than": 1, "less_than": 1, "between": 2, "not_between": 2},
}
ACTIONS = ("set", "block_import", "block_export", "notify")
_BLOCKS = {"block_import": "import", "block_export": "export"}


@dataclass(frozen=True)
class Condition:
    field: str
    op: str
    value: Any = None


@dataclass(frozen=True)
class Action:
    """`set` puts `value` into `field`; `notify` sends `message` to the address `to`, or to the account's."""

    type: str
    field: str = ""
    value: Any = None
    to: str = ""
    message: str = ""


@dataclass(frozen=True)
class Rule:
    """`scope` is a connector's number, or 0 for the account. `on`: "import" or "export", as Connect sees it."""

    id: int
    name: str
    scope: int
    object: str
    on: str = "import"
    conditions: tuple[Condition, ...] = ()
    join: str = "and"
    actions: tuple[Action, ...] = ()
    active: bool = True


@dataclass(frozen=True)
class Step:
    """One rule that was looked at: which of its conditions held, whether all in all it fits, and what it did."""

    rule: int
    name: str
    held: tuple[bool, ...]
    fits: bool
    did: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """`blocked_by` is the number of the rule that stopped the object; None: it goes on, with these values."""

    values: Mapping[str, Any]
    blocked_by: int | None = None
    notices: tuple[tuple[int, Action], ...] = ()
    steps: tuple[Step, ...] = field(default_factory=tuple)


def evaluated(
    rules: Iterable[Rule], object: str, on: str, connector: int, values: Mapping[str, Any], zone: str = "UTC"
) -> Outcome:
    """What the rules make of an object with these values. Days are those of the connector's time zone."""
    mine = [r for r in rules if r.active and r.object == object and r.on == on and r.scope in (ACCOUNT, connector)]
    outcome = Outcome(dict(values))
    for rule in sorted(mine, key=lambda r: (r.scope != ACCOUNT, r.id)):
        outcome = _applied(rule, outcome, zone)
        if outcome.blocked_by is not None:
            break
    return outcome


def _applied(rule: Rule, outcome: Outcome, zone: str) -> Outcome:
    held = tuple(holds(condition, rule.object, outcome.values, zone) for condition in rule.conditions)
    fits = any(held) if rule.join == "or" and held else all(held)
    if not fits:
        return replace(outcome, steps=(*outcome.steps, Step(rule.id, rule.name, held, fits=False)))
    values, notices, did, blocked = dict(outcome.values), list(outcome.notices), [], None
    for action in rule.actions:
        did.append(_told(action))
        if action.type == "set":
            boolean = FIELDS[rule.object][action.field] is Kind.BOOLEAN
            values[action.field] = action.value == "YES" if boolean else action.value
        elif action.type == "notify":
            notices.append((rule.id, action))
        else:
            blocked = rule.id
            break
    step = Step(rule.id, rule.name, held, fits=True, did=tuple(did))
    return Outcome(values, blocked, tuple(notices), (*outcome.steps, step))


def _told(action: Action) -> str:
    if action.type == "set":
        return f"set {action.field} to {action.value!r}"
    return f"notify {action.to or 'the alert address'}" if action.type == "notify" else action.type.replace("_", " ")


# ---------------------------------------------------------------------------------------------- conditions


def holds(condition: Condition, object: str, values: Mapping[str, Any], zone: str = "UTC") -> bool:
    """Whether it holds. What an object does not have is NO, no text, and neither a date nor a number: no comparison
    with it holds but one that says "not"."""
    found, kind = values.get(condition.field), FIELDS[object][condition.field]
    if kind is Kind.BOOLEAN:
        return bool(found) is (condition.value == "YES")
    if kind is Kind.TEXT:
        return _text_holds(condition.op, "" if found is None else str(found), condition.value)
    if found is None:
        return condition.op.startswith("not_")
    if kind is Kind.DATE:
        return _ordered_holds(condition.op, day_of(found, ZoneInfo(zone)), _days(condition.value))
    return _ordered_holds(condition.op, float(found), condition.value)


def _text_holds(op: str, found: str, wanted: Any) -> bool:
    """Capital letters count: "Bol" is not "bol"."""
    if op in ("is_empty", "is_not_empty"):
        return (found == "") == (op == "is_empty")
    positive = {
        "equals": found == wanted,
        "contains": wanted in found,
        "starts_with": found.startswith(wanted),
        "ends_with": found.endswith(wanted),
    }
    return bool(positive[op.removeprefix("not_")]) != op.startswith("not_")


def _ordered_holds(op: str, found: Any, wanted: Any) -> bool:
    """Both ends of "between" are in it."""
    if op in ("between", "not_between"):
        low, high = wanted
        return bool(low <= found <= high) == (op == "between")
    if op in ("before", "less_than"):
        return bool(found < wanted)
    if op in ("after", "greater_than"):
        return bool(found > wanted)
    return bool(found == wanted) == (op == "equals")


def _days(value: Any) -> Any:
    return [date.fromisoformat(day) for day in value] if isinstance(value, list) else date.fromisoformat(value)


# ---------------------------------------------------------------------------------------------- what is no rule


def mistakes(rule: Rule) -> list[tuple[str, str]]:
    """What is wrong with a rule, as (field, message); empty when it can be kept."""
    found: list[tuple[str, str]] = []
    if not rule.actions:
        found.append(("actions", "a rule needs an action"))
    for n, condition in enumerate(rule.conditions):
        found += [(f"conditions.{n}.{where}", said) for where, said in _condition_mistakes(rule.object, condition)]
    for n, action in enumerate(rule.actions):
        found += [(f"actions.{n}.{where}", said) for where, said in _action_mistakes(rule, action)]
    return found


def _condition_mistakes(object: str, condition: Condition) -> Iterable[tuple[str, str]]:
    kind = FIELDS[object].get(condition.field)
    if kind is None:
        yield "field", f"{object} has no field {condition.field!r}; it has {', '.join(FIELDS[object])}"
        return
    operators = OPERATORS[kind]
    if condition.op not in operators:
        yield "op", f"{condition.field} is a {kind.value}: {', '.join(operators)}, not {condition.op!r}"
        return
    wanted = operators[condition.op]
    values = condition.value if isinstance(condition.value, list) else [condition.value]
    if wanted == 0:
        if condition.value is not None:
            yield "value", f"{condition.op} takes no value"
    elif isinstance(condition.value, list) != (wanted == 2) or len(values) != wanted:
        yield "value", f"{condition.op} takes {'two values, in a list' if wanted == 2 else 'one value'}"
    elif not all(_fits(kind, value) for value in values):
        yield "value", _WANTED[kind]
    elif wanted == 2 and values[0] > values[1]:
        yield "value", "the first of the two values is the lower one"


def _action_mistakes(rule: Rule, action: Action) -> Iterable[tuple[str, str]]:
    if action.type in _BLOCKS and _BLOCKS[action.type] != rule.on:
        yield "type", f"{action.type} belongs to a rule on {_BLOCKS[action.type]}, and this one is on {rule.on}"
    if action.type != "set":
        return
    kind = FIELDS[rule.object].get(action.field)
    if kind is None:
        yield "field", f"{rule.object} has no field {action.field!r}; it has {', '.join(FIELDS[rule.object])}"
    elif action.field in ("id", "number"):
        yield "field", f"{action.field} is how the object is known; it cannot be set"
    elif not _fits(kind, action.value):
        yield "value", _WANTED[kind]


_WANTED = {
    Kind.BOOLEAN: "a boolean is YES or NO",
    Kind.DATE: "a date is a day, like 2026-11-21",
    Kind.TEXT: "a text is wanted",
    Kind.NUMBER: "a number is wanted",
}


def _fits(kind: Kind, value: Any) -> bool:
    if kind is Kind.BOOLEAN:
        return value in ("YES", "NO")
    if kind is Kind.DATE:
        return is_day(value)
    if kind is Kind.TEXT:
        return isinstance(value, str)
    return isinstance(value, int | float) and not isinstance(value, bool)


def wrong_values(object: str, values: Mapping[str, Any]) -> dict[str, str]:
    """Which values are not of their field's type, and what is wanted. A missing value may be null everywhere."""
    wrong = {}
    for name, value in values.items():
        kind = FIELDS[object][name]
        good = isinstance(value, bool) if kind is Kind.BOOLEAN else _fits(kind, value)
        if kind is Kind.DATE and not good:
            good = is_moment(value)
        if value is not None and not good:
            wrong[f"values.{name}"] = "true or false is wanted" if kind is Kind.BOOLEAN else _WANTED[kind]
    return wrong
