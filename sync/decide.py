"""What to do about what is seen. Touches nothing: the same view always gives the same actions.

The one idea: `base` is the number the backend was last known to have. The backend changed when its number is
not the base; the store changed when its stock is not the base. What each side changed is carried to the other.
A webhook is only a hint to look, so neither its order nor its repetition can matter.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .model import Action, Apply, Direction, Halt, Heard, Ignore, Item, Level, Policy, Push, Remember, View

FEW = 10  # so many SKUs may always sell out at once


def decide(view: View) -> list[Action]:
    """Everything to do, SKU by SKU in their order."""
    halt = doubted(view)
    if halt:
        return [halt]
    actions: list[Action] = []
    for sku in sorted(view.items.keys() | view.levels.keys()):
        actions += decided(sku, view)
    return actions


def decided(sku: str, view: View) -> list[Action]:
    """What to do about one SKU."""
    items, levels = matching(view.items.get(sku, ())), view.levels.get(sku, ())
    side: Direction = "out" if view.pushing else "in"
    if not items:
        return [Ignore(sku, "in", "no product or variation of the store has this SKU")]
    if len(items) > 1:
        which = ", ".join(str(i.id) for i in items)
        return [Ignore(sku, side, f"several products of the store have this SKU: {which}")]
    if not levels:
        return [Ignore(sku, "out", "the backend knows no such SKU")]
    if len(levels) > 1:
        which = ", ".join(level.ref for level in levels)
        return [Ignore(sku, side, f"several entries of the backend have this SKU: {which}")]
    return compared(items[0], levels[0], view.base.get(sku), view.policy, pushing=view.pushing)


def compared(item: Item, level: Level, base: int | None, policy: Policy, *, pushing: bool) -> list[Action]:
    """One product and one level of the backend, and what the backend was known to have before."""
    side: Direction = "out" if pushing else "in"
    if item.managed == "parent":
        return [Ignore(item.sku, side, "the stock of this variation is kept by its product")]
    if item.managed == "no" and not policy.manage:
        return [Ignore(item.sku, side, "the store does not manage the stock of this product")]
    if base is None:
        return first_met(item, level, policy, pushing=pushing)
    where = (item.sku, item.id, item.parent, level.ref)
    ours, theirs = item.quantity, level.quantity
    actions: list[Action] = []
    if theirs is not None and theirs != base:
        if policy.pull:
            change = theirs - base if policy.add and policy.push else None
            actions.append(Apply(*where, known=theirs, reserve=level.reserve, change=change))
            ours = written(ours, theirs, change)
        else:
            actions.append(Remember(*where, known=theirs, reserve=level.reserve))
    has = base if theirs is None else theirs
    if pushing and policy.push and ours is not None and max(0, ours) != has:
        actions.append(Push(*where, quantity=max(0, ours), reserve=level.reserve))
    return actions


def first_met(item: Item, level: Level, policy: Policy, *, pushing: bool) -> list[Action]:
    """The two sides have never agreed on this SKU, so a change cannot be told from a difference."""
    where = (item.sku, item.id, item.parent, level.ref)
    ours, theirs = item.quantity, level.quantity
    if ours is not None and theirs is not None and max(0, ours) == theirs:
        return [Remember(*where, known=theirs, reserve=level.reserve)]
    if policy.truth == "backend" and policy.pull:
        if theirs is None:
            return [Ignore(item.sku, "in", "the backend keeps no stock of this SKU")]
        return [Apply(*where, known=theirs, reserve=level.reserve)]
    if policy.truth == "store" and policy.push:
        if ours is None:
            return [Ignore(item.sku, "out", "the store gives no quantity for this product")]
        return [Push(*where, quantity=max(0, ours), reserve=level.reserve)] if pushing else []
    return [Ignore(item.sku, "in", f"the store has {ours}, the backend {theirs}: nobody said which is right")]


def written(ours: int | None, known: int, change: int | None) -> int | None:
    """The stock the store has after `Apply`; None where its own stock is not known."""
    if change is None:
        return known
    return None if ours is None else max(0, ours + change)


def matching(items: Iterable[Item]) -> tuple[Item, ...]:
    """A variation goes before a product of the same SKU."""
    every = tuple(dict.fromkeys(items))
    return tuple(i for i in every if i.parent) or every


def doubted(view: View) -> Halt | None:
    """More than the permitted share of what was known is gone, or sold out, at one look: believe nothing."""
    known, limit = view.base, view.policy.vanish_limit
    if view.whole_backend and (gone := too_many(known.keys() - view.levels.keys(), known, 2, limit)):
        return Halt(f"{gone} of {len(known)} known SKUs vanished from the backend: nothing was changed")
    if view.whole_shelf and (gone := too_many(known.keys() - view.items.keys(), known, 2, limit)):
        return Halt(f"{gone} of {len(known)} known SKUs vanished from the store: nothing was changed")
    in_stock = {sku for sku, base in known.items() if base > 0}
    empty_there = {s for s in in_stock if any(level.quantity == 0 for level in view.levels.get(s, ()))}
    empty_here = {s for s in in_stock if view.pushing and any(map(_none_left, view.items.get(s, ())))}
    for empty, side in ((empty_there, "backend"), (empty_here, "store")):
        if many := too_many(empty, in_stock, FEW, limit):
            return Halt(f"{many} of {len(in_stock)} SKUs are sold out at once in the {side}: nothing was changed")
    return None


def _none_left(item: Item) -> bool:
    return item.quantity is not None and item.quantity <= 0


def too_many(some: set[str], of: Iterable[str], at_least: int, limit: float) -> int:
    total = len(list(of))
    return len(some) if total >= at_least and len(some) >= at_least and len(some) > limit * total else 0


def to_look_at(heard: Iterable[Heard], base: Mapping[str, int], refs: Mapping[str, str]) -> dict[str, str]:
    """SKU -> the backend's id, of those hints that say something new. What only repeats the known number is an
    echo of our own write, or a duplicate. No id where it is not the known one: then all that has this SKU is meant."""
    news = [h for h in heard if base.get(h.sku) != h.quantity]
    told: dict[str, set[str]] = {}
    for hint in news:
        told.setdefault(hint.sku, set()).add(hint.ref)
    return {sku: refs[sku] if ids == {refs.get(sku)} else "" for sku, ids in sorted(told.items())}


def changed(items: Mapping[str, tuple[Item, ...]], base: Mapping[str, int]) -> list[str]:
    """SKUs whose stock in the store is not what the backend was last known to have."""
    return sorted(
        sku
        for sku, found in items.items()
        if any(i.quantity is not None and max(0, i.quantity) != base.get(sku) for i in found)
    )
