"""The steps that decide and write. A write is in the ledger before it is made, and looked at before it is repeated.

`alone` in a cursor: values are about to be written, or nobody knows whether they were; until that is settled no other
run of the connection goes on, since it would take our own write for a change of the other side.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from .book import Book, Link
from .decide import decided, doubted, matching, written
from .desk import Desk
from .errors import Retry, Skip
from .model import Action, Apply, Direction, Heard, Ignore, Item, Level, Policy, Push, Remember, View
from .tasks import Task
from .woocommerce import BATCH, Write

SLICE = 250  # SKUs that are noted in one transaction
UNKNOWN = -1  # a quantity that no backend has: a hint that always says something new


def policy_of(settings: dict[str, Any]) -> Policy:
    truth = {"store": "store", None: None}.get(settings.get("first_sync"), "backend")
    return Policy(
        pull=settings["pull"],
        push=settings["push"],
        truth=truth,  # type: ignore[arg-type]
        add=settings["both_changed"] == "add",
        manage=settings["manage_stock"],
        vanish_limit=settings["vanish_limit"],
    )


def plan(desk: Desk) -> str:
    """Decide on all that was seen. No call. It is noted slice by slice, so that nobody who brings news waits for all
    of it; `after` in the cursor is the SKU up to which it is noted."""
    with desk.begin() as book:
        links = book.links(desk.connection.id)
    with desk.begin() as book:
        items = book.sight.items(desk.run.id)
    with desk.begin() as book:
        levels = book.sight.levels(desk.run.id)
    view, after = _view(desk, links, items, levels), desk.cursor.get("after", "")
    if not after and (halt := doubted(view)):
        with desk.begin() as book:
            _looked(desk, book, halt.reason)
            desk.done(book, f"halted: {halt.reason}")
        return halt.reason
    skus = [sku for sku in sorted(view.items.keys() | view.levels.keys()) if sku > after]
    pushes, applies, ignored = desk.cursor.get("so_far", (0, 0, 0))
    for at in range(0, len(skus), SLICE):
        some = skus[at : at + SLICE]
        actions = [action for sku in some for action in decided(sku, view)]
        writes = [a for a in actions if isinstance(a, Apply | Push)]
        with desk.begin() as book:
            _decided(desk, book, view, links, some, actions)
            book.tasks.plan(desk.run.id, writes, desk.seq, start=pushes + applies)
            pushes += sum(isinstance(a, Push) for a in writes)
            applies += sum(isinstance(a, Apply) for a in writes)
            ignored += sum(isinstance(a, Ignore) for a in actions)
            desk.go(book, "plan", after=some[-1], so_far=(pushes, applies, ignored))
    with desk.begin() as book:
        desk.go(book, "apply")
    return f"decided: {pushes} to push, {applies} to apply, {ignored} left alone"


def _decided(
    desk: Desk, book: Book, view: View, links: dict[str, Link], skus: Sequence[str], actions: Sequence[Action]
) -> None:
    """What came of these SKUs, besides the writes."""
    book.unskip(desk.connection.id, skus)
    notes = [(level.sku, level.note) for sku in skus if sku in view.items for level in view.levels.get(sku, ())]
    noted = [Ignore(sku, "in", note) for sku, note in notes if note]
    ignored = [a for a in actions if isinstance(a, Ignore)]
    book.skip(desk.connection.id, [(a.direction, a.sku, a.reason) for a in (*noted, *ignored)], desk.now)
    book.link(desk.connection.id, list(_mapped(desk, view, links, skus)))
    _learned(desk, book, [a for a in actions if isinstance(a, Remember)], "in")


def _view(
    desk: Desk, links: dict[str, Link], found: Sequence[tuple[Item, int]], seen: Sequence[tuple[Level, int]]
) -> View:
    """All that this run saw, without what was overtaken by another run since."""
    items: dict[str, tuple[Item, ...]] = {}
    levels: dict[str, tuple[Level, ...]] = {}
    overtaken = set()
    sku_of = {item.id: item.sku for item, _ in found if not item.parent}
    for item, seq in found:
        if not item.sku or (item.parent and sku_of.get(item.parent) == item.sku):
            continue  # a variation without a SKU of its own shows its product's
        items[item.sku] = (*items.get(item.sku, ()), item)
        if item.sku in links and links[item.sku].seq > seq:
            overtaken.add(item.sku)
    for level, seq in seen:
        levels[level.sku] = (*levels.get(level.sku, ()), level)
        if level.sku in links and links[level.sku].seq > seq:
            overtaken.add(level.sku)
    policy, kind = policy_of(desk.settings), desk.run.kind
    first = desk.connection.looked_at is None
    if kind == "listen":
        policy = replace(policy, truth="backend")  # a change over there was told to us
        for sku in levels.keys() - items.keys():
            if (link := links.get(sku)) and link.item:
                items[sku] = (Item(sku, link.item, link.parent, None, "unknown"),)
    elif kind == "push":
        policy = replace(policy, truth=policy.truth or "store")  # somebody asked for it
        items = {sku: some for sku, some in items.items() if sku in levels or sku not in links}
    for sku in overtaken:
        items.pop(sku, None)
        levels.pop(sku, None)
    base = {sku: link.base for sku, link in links.items() if link.base is not None and sku not in overtaken}
    return View(
        items=items,
        levels=levels,
        base=base,
        policy=policy,
        pushing=kind == "push" or (kind == "look" and first and policy.truth == "store"),
        whole_shelf=kind == "look",
        whole_backend=kind == "look",
    )


def _mapped(desk: Desk, view: View, links: dict[str, Link], skus: Iterable[str]) -> Iterable[dict[str, Any]]:
    """Those SKUs that have become known on both sides, or now belong to another product."""
    for sku in skus:
        items, levels = matching(view.items.get(sku, ())), view.levels.get(sku, ())
        if len(items) != 1 or len(levels) != 1:
            continue
        item, level, old = items[0], levels[0], links.get(sku)
        if old is None or (old.item, old.parent, old.ref) != (item.id, item.parent, level.ref):
            yield {
                "sku": sku, "item": item.id, "parent": item.parent, "ref": level.ref, "at": desk.now,
                "base": old.base if old else None, "direction": "", "seq": old.seq if old else 0,
            }  # fmt: skip


def _learned(desk: Desk, book: Book, what: Iterable[Remember | Task], direction: Direction) -> None:
    """From now on the backend is known to have these numbers."""
    rows = [
        {"sku": w.sku, "item": w.item, "parent": w.parent, "ref": w.ref, "base": w.known,
         "direction": direction, "seq": desk.seq, "at": desk.now}
        for w in what
    ]  # fmt: skip
    book.link(desk.connection.id, rows)
    book.tasks.refresh(desk.run.id, [str(row["sku"]) for row in rows], desk.seq)


def _current(desk: Desk, book: Book, tasks: Sequence[Task]) -> list[Task]:
    """Those that no other run has overtaken; the others are dropped."""
    links = book.links(desk.connection.id, [t.sku for t in tasks])
    old = [t for t in tasks if t.sku in links and links[t.sku].seq > t.seq]
    book.tasks.set(desk.run.id, [{"n": t.n, "state": "dropped"} for t in old])
    return [t for t in tasks if t not in old]


def _refused(desk: Desk, book: Book, tasks: Sequence[Task], why: dict[str, str], side: Direction) -> None:
    book.tasks.set(desk.run.id, [{"n": t.n, "state": "dropped"} for t in tasks])
    book.skip(desk.connection.id, [(side, t.sku, why[t.sku]) for t in tasks], desk.now)


def apply(desk: Desk) -> str:
    """Read again what is going to be written to the store: sales since then count, and a write whose answer was
    lost shows by its mark."""
    with desk.begin() as book:
        some = book.tasks.some(desk.run.id, "apply", ("about", "planned"), limit=BATCH)
        some = _current(desk, book, [t for t in some if bool(t.parent) == bool(some[0].parent)])
        if not some:
            if book.tasks.some(desk.run.id, "apply", ("about", "planned"), limit=1):
                desk.go(book, "apply")
                return "overtaken by later changes"
            if not book.tasks.some(desk.run.id, "push", ("about", "planned"), limit=1):
                return _over(desk, book)
            desk.go(book, "push")
            return "nothing more for the store"
    found = desk.store.again([t.item for t in some], variations=bool(some[0].parent))
    manage = desk.settings["manage_stock"]
    done, about, lost, why = [], [], [], {}
    for task in some:
        one = found.get(task.item)
        if one is None or one.item.sku != task.sku:
            lost.append(task)
            why[task.sku] = "the product is gone, or has another SKU now"
        elif one.item.managed == "parent":
            why[task.sku] = "the stock of this variation is kept by its product"
        elif one.item.managed == "no" and not manage:
            why[task.sku] = "the store does not manage the stock of this product"
        elif one.mark == _mark(desk, task):
            done.append(task)
        else:
            value = written(one.item.quantity, task.known, task.change)
            value = task.known if value is None else value
            if value == one.item.quantity:
                done.append(task)
            else:
                about.append({"n": task.n, "state": "about", "value": value})
    with desk.begin() as book:
        _learned(desk, book, done, "in")
        book.tasks.set(desk.run.id, [{"n": t.n, "state": "done"} for t in done])
        book.tasks.set(desk.run.id, about)
        _refused(desk, book, [t for t in some if t.sku in why], why, "in")
        book.unlink(desk.connection.id, [t.sku for t in lost])
        book.hear(desk.connection.id, [Heard(t.sku, t.ref, UNKNOWN) for t in lost], desk.now)  # to find it anew
        if about:
            desk.go(book, "write", alone=True)
        else:
            desk.go(book, "apply")
    return f"read {len(found)} products again, {len(about)} to write"


def _mark(desk: Desk, task: Task) -> str:
    return f"{desk.connection.id}-{desk.run.id}-{task.n}"


def write(desk: Desk) -> str:
    """Write to the store, as many of one product's variations, or of products, as it takes."""
    if desk.cursor.get("sent"):
        with desk.begin() as book:
            desk.go(book, "apply", alone=True)
        return "nobody knows whether that was written: looks again"
    with desk.begin() as book:
        about = book.tasks.some(desk.run.id, "apply", ("about",), limit=BATCH)
        about = [t for t in about if t.parent == about[0].parent]
        if not about:
            desk.go(book, "apply")
            return "nothing more to write"
        desk.go(book, "write", alone=True, sent=True)
    manage = desk.settings["manage_stock"]
    writes = [Write(t.item, t.value or 0, _mark(desk, t), manage) for t in about]
    try:
        errors = desk.store.write(about[0].parent, writes)
    except Retry as retry:
        if not retry.sent:
            with desk.begin() as book:
                desk.go(book, "apply", alone=True)
        raise
    except Skip as refused:
        errors = dict.fromkeys((t.item for t in about), str(refused))
    good = [t for t in about if t.item not in errors]
    bad = {t.sku: errors[t.item] for t in about if t.item in errors}
    with desk.begin() as book:
        _learned(desk, book, good, "in")
        book.tasks.set(desk.run.id, [{"n": t.n, "state": "done", "value": t.value} for t in good])
        _refused(desk, book, [t for t in about if t.sku in bad], bad, "in")
        if book.tasks.some(desk.run.id, "apply", ("about",), limit=1):
            desk.go(book, "write", alone=True)
        else:
            desk.go(book, "apply")
    return f"wrote {len(good)} to the store" + (f", {len(bad)} refused" if bad else "")


def push(desk: Desk) -> str:
    """Write one batch to the backend: absolute numbers, so that a repetition does no harm."""
    if desk.cursor.get("sent"):
        with desk.begin() as book:
            desk.go(book, "check", alone=True)
        return "nobody knows whether that was taken: looks again"
    with desk.begin() as book:
        planned = book.tasks.some(desk.run.id, "push", ("planned",), limit=desk.backend.batch)
        some = _current(desk, book, planned)
        if not some:
            if planned:
                desk.go(book, "push")
                return "overtaken by later changes"
            return _over(desk, book)
        book.tasks.set(desk.run.id, [{"n": t.n, "state": "about", "value": t.known} for t in some])
        desk.go(book, "push", alone=True, sent=True)
    try:
        why = desk.backend.push([(t.sku, t.ref, t.known + t.reserve) for t in some])
        retry_rest = bool(why)
    except Retry as retry:
        if not retry.sent:
            _unsent(desk, some)
        raise
    except Skip as refused:
        why, retry_rest = dict.fromkeys((t.sku for t in some), str(refused)), False
    bad = [t for t in some if t.sku in why]
    good = [t for t in some if t.sku not in why]
    with desk.begin() as book:
        _refused(desk, book, bad, why, "out")
        if retry_rest:  # one bad row, and nothing of the batch was taken
            book.tasks.set(desk.run.id, [{"n": t.n, "state": "planned"} for t in good])
        else:
            _learned(desk, book, good, "out")
            book.tasks.set(desk.run.id, [{"n": t.n, "state": "done", "value": t.known} for t in good])
            desk.sent = len(good)
        desk.go(book, "push")
        if not book.tasks.some(desk.run.id, "push", ("planned", "about"), limit=1):
            _over(desk, book)
    return f"pushed {desk.sent} to the backend" + (f", {len(bad)} refused" if bad else "")


def _unsent(desk: Desk, tasks: Sequence[Task]) -> None:
    with desk.begin() as book:
        book.tasks.set(desk.run.id, [{"n": t.n, "state": "planned"} for t in tasks])
        desk.go(book, "push")


def check(desk: Desk) -> str:
    """Look what became of a batch whose answer was lost."""
    with desk.begin() as book:
        about = book.tasks.some(desk.run.id, "push", ("about",), limit=desk.backend.some)
        if not about:
            desk.go(book, "push")
            return "nothing more to look at"
        links = book.links(desk.connection.id, [t.sku for t in about])
    now = {level.sku: level.quantity for level in desk.backend.levels({t.sku: t.ref for t in about})}
    before = {sku: link.base for sku, link in links.items()}
    taken = [t for t in about if was_taken(t.known, before.get(t.sku), now.get(t.sku))]
    again = [t for t in about if t not in taken]
    with desk.begin() as book:
        _learned(desk, book, taken, "out")
        book.tasks.set(desk.run.id, [{"n": t.n, "state": "done", "value": t.known} for t in taken])
        book.tasks.set(desk.run.id, [{"n": t.n, "state": "planned"} for t in again])
        desk.go(book, "check", alone=True)
    return f"{len(taken)} of {len(about)} had been taken"


def was_taken(sent: int, before: int | None, now: int | None) -> bool:
    """Neither the new number nor the old one: it was taken, and changed over there since; the next look sees that."""
    return now == sent or (now is not None and before is not None and now != before)


def _over(desk: Desk, book: Book) -> str:
    counts = book.tasks.count(desk.run.id)
    pushed, applied = counts.get(("push", "done"), 0), counts.get(("apply", "done"), 0)
    outcome = f"pushed {pushed}, applied {applied}"
    _looked(desk, book, "")
    desk.done(book, outcome)
    return outcome


def _looked(desk: Desk, book: Book, reason: str) -> None:
    """A look is over: when the next one is due, and what a person should know."""
    if desk.run.kind == "look":
        every = desk.settings["reconcile_every"]
        look_at = desk.now + timedelta(seconds=every) if every else None
        book.set_connection(desk.connection.id, looked_at=desk.now, look_at=look_at, reason=reason)
    elif reason:
        book.set_connection(desk.connection.id, reason=reason)
