"""The rules of the account: kept, listed, tried, and asked about every object on its way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, field
from typing import Annotated, Any

from ..kernel import Emulation, Table, dataclass, emulation
from . import account, rules, work
from .errors import Invalid, NotFound
from .fields import FIELDS
from .moments import is_zone
from .rules import ACCOUNT, Action, Condition, Outcome, Rule


@dataclass(frozen=True)
class Kept:
    """A rule as it is stored."""

    id: int
    scope: int
    object: str
    on: str
    name: str = ""
    conditions: Annotated[list[dict[str, Any]], list[Condition]] = field(default_factory=list)
    join: str = "and"
    actions: Annotated[list[dict[str, Any]], list[Action]] = field(default_factory=list)
    active: bool = True

    def rule(self) -> Rule:
        conditions = tuple(Condition(**one) for one in self.conditions)
        actions = tuple(Action(**one) for one in self.actions)
        return Rule(self.id, self.name, self.scope, self.object, self.on, conditions, self.join, actions, self.active)


RULES = Table(Kept, "spotler_rules", columns=("scope", "object"))
MOST_RULES = 200


def judged(
    here: Emulation, object: str, on: str, connector: int, values: Mapping[str, Any], *, zone: str, about: str
) -> Outcome:
    """What the rules make of an object on its way; notices are mailed, once for each rule and object."""
    outcome = rules.evaluated(_all(here), object, on, connector, values, zone)
    for number, action in outcome.notices:
        subject, tag = f"Rule {number}: {about}", f"rule {number}: {about}"
        if not here.store[account.Mail].count(account.MAILS.c.about == tag):
            to = action.to or account.account(here).alert_email
            account.sent(here, to, subject, action.message or f"A rule fits {about}.", tag)
    return outcome


def _all(here: Emulation) -> list[Rule]:
    return [kept.rule() for kept in here.store[Kept].all(order=[RULES.c.id])]


# ---------------------------------------------------------------------------------------------- over the API


def list_all() -> dict[str, Any]:
    here = emulation()
    return {"data": [rendered(kept) for kept in here.store[Kept].all(order=[RULES.c.id])]}


def read(rule_id: int) -> dict[str, Any]:
    return rendered(_found(emulation(), rule_id))


def create(body: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """Keep a rule; what failed before is tried again under it. Errors: 422 for what is no rule."""
    here = emulation()
    return rendered(added(here, body)), 201


def added(here: Emulation, body: Mapping[str, Any]) -> Kept:
    if here.store[Kept].count() >= MOST_RULES:
        raise Invalid({"name": f"an account has at most {MOST_RULES} rules"}, code="too_many_rules")
    kept = here.store[Kept].add(_checked(here, here.ids.next("spotler.rule"), body))
    _try_again(here, kept)
    return kept


def replace_one(rule_id: int, body: dict[str, Any]) -> dict[str, Any]:
    """Errors: 404, 422."""
    here = emulation()
    _found(here, rule_id)
    kept = here.store[Kept].put(_checked(here, rule_id, body))
    _try_again(here, kept)
    return rendered(kept)


def delete(rule_id: int) -> tuple[None, int]:
    here = emulation()
    kept = _found(here, rule_id)
    here.store[Kept].delete(rule_id)
    _try_again(here, kept)
    return None, 204


def dry_run(body: dict[str, Any]) -> dict[str, Any]:
    """What rules would make of an object: of one rule that need not be kept, or of all that are. Nothing is changed,
    and nobody is mailed. Errors: 422."""
    here = emulation()
    object, values = body["object"], body["values"]
    if unknown := sorted(values.keys() - FIELDS[object].keys()):
        raise Invalid({f"values.{unknown[0]}": f"{object} has no such field"})
    if wrong := rules.wrong_values(object, values):
        raise Invalid(wrong)
    zone = body.get("timezone", "UTC")
    if not is_zone(zone):
        raise Invalid({"timezone": f"there is no time zone {zone!r}"})
    connector = body.get("connector_id", ACCOUNT)
    tried = _all(here)
    if (given := body.get("rule")) is not None:
        rule = _checked(here, 0, {**given, "object": object}).rule()
        tried, connector = [rule], rule.scope or connector
    on = body.get("on") or (tried[0].on if given is not None else "import")
    outcome = rules.evaluated(tried, object, on, connector, values, zone)
    return {
        "on": on,
        "values": dict(outcome.values),
        "blocked_by": outcome.blocked_by,
        "notices": [{"rule": n, "to": a.to or None, "message": a.message or None} for n, a in outcome.notices],
        "steps": [{**asdict(step), "held": list(step.held), "did": list(step.did)} for step in outcome.steps],
    }


def _checked(here: Emulation, number: int, body: Mapping[str, Any]) -> Kept:
    scope = body.get("scope", "account")
    conditions = [Condition(c["field"], c["op"], c.get("value")) for c in body.get("conditions", ())]
    actions = [Action(**{k: v for k, v in a.items() if v is not None}) for a in body.get("actions", ())]
    kept = Kept(
        number,
        ACCOUNT if scope == "account" else scope,
        body["object"],
        body.get("on") or "import",
        body.get("name", ""),
        [asdict(one) for one in conditions],
        body.get("join", "and"),
        [asdict(one) for one in actions],
        body.get("active", True),
    )
    if mistakes := rules.mistakes(kept.rule()):
        raise Invalid(dict(mistakes))
    if kept.scope != ACCOUNT and kept.scope > here.ids.taken("spotler.connector"):
        raise Invalid({"scope": f"there is no connector {scope}"})
    return kept


def _found(here: Emulation, number: int) -> Kept:
    kept = here.store[Kept].get(number)
    if kept is None:
        raise NotFound(f"There is no rule {number}.")
    return kept


def _try_again(here: Emulation, kept: Kept) -> None:
    """What has failed may fit now."""
    where = [work.C.state == "failed", work.C.kind == kept.object]
    if kept.scope != ACCOUNT:
        where.append(work.C.connector == kept.scope)
    work.ask_again(here, *where)


def rendered(kept: Kept) -> dict[str, Any]:
    actions = [{k: v for k, v in action.items() if v not in ("", None)} for action in kept.actions]
    return {
        "id": kept.id,
        "name": kept.name,
        "scope": "account" if kept.scope == ACCOUNT else kept.scope,
        "object": kept.object,
        "on": kept.on,
        "conditions": kept.conditions,
        "join": kept.join,
        "actions": actions,
        "active": kept.active,
    }
