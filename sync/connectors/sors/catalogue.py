"""The run for the catalogue: groups become categories, articles products, page by page.

A step reads or writes once. What is read of the store is read right before it is written, and after a write whose
answer was lost it is read again: nothing is made twice.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from typing import Any

from ...book import Book
from ...desk import Desk
from ...errors import GiveUp, Retry, Skip
from ...model import Direction
from ...twins import Twin
from ...woocommerce import error_in
from .joining import trouble
from .rules import changes, new_product, wanted_product

CATEGORY, PRODUCT = "category", "product"
FIELDS = "id,type,parent_id,sku,name,status,regular_price,categories,global_unique_id,manage_stock,stock_quantity"
ARTICLE = ("id", "code", "name", "gtin", "kind", "groupId", "secondGroupId", "price", "priceWithVat", "isActive")
FIRST = {"catalogue": "groups", "stock": "inventory", "images": "pictured"}
RESTARTS = 3  # how often a list that changes while it is read is begun anew


def year(desk: Desk) -> str:
    """Whether the database is still the one to work with: each run begins with this question."""
    problem = trouble(desk.connection.learned["database"], desk.backend.databases())
    if problem:
        raise GiveUp(problem)
    with desk.begin() as book:
        desk.go(book, FIRST[desk.run.kind])
    return f"{desk.connection.learned['database']} is open"


# -- groups


def groups(desk: Desk) -> str:
    found = [{"id": g["id"], "name": g["name"], "parent": g.get("parentId")} for g in desk.backend.groups()]
    found.sort(key=lambda g: (g["parent"] is not None, g["id"]))  # those above come first
    with desk.begin() as book:
        desk.go(book, "categories", groups=found, there=[], page=1)
    return f"read {len(found)} groups"


def categories(desk: Desk) -> str:
    """The store's categories, as they are now."""
    page = desk.store.rows("/products/categories", desk.cursor["page"], [("_fields", "id,name,parent")])
    there = [*desk.cursor["there"], *({name: row[name] for name in ("id", "name", "parent")} for row in page.rows)]
    with desk.begin() as book:
        if page.last:
            desk.go(book, "category", groups=desk.cursor["groups"], there=there)
        else:
            desk.go(book, "categories", groups=desk.cursor["groups"], there=there, page=desk.cursor["page"] + 1)
    return f"read {len(page.rows)} categories"


def category(desk: Desk) -> str:
    """See to the next group that the store does not show as it should, by one call."""
    all_groups, there = desk.cursor["groups"], desk.cursor["there"]
    if desk.cursor.get("sent"):
        with desk.begin() as book:
            desk.go(book, "categories", groups=all_groups, there=[], page=1)
        return "nobody knows whether that category was made: looks again"
    with desk.begin() as book:
        known = _adopted(desk, book, all_groups, there)
        wanted = next(((g, known.get(g["id"], 0)) for g in all_groups if _wrong(g, known, there)), None)
        if wanted is None:
            desk.go(book, "articles", page=1, counts={})
            return f"{len(all_groups)} groups are categories"
        desk.go(book, "category", groups=all_groups, there=there, sent=True)
    group, number = wanted
    fields = {"name": group["name"], "parent": known.get(group["parent"], 0)}
    try:
        path = f"/products/categories/{number}" if number else "/products/categories"
        row = desk.store.call("PUT" if number else "POST", path, [], fields).json()
    except Skip as refused:
        with desk.begin() as book:
            book.skip(desk.connection.id, [("in", f"group {group['name']}"[:255], str(refused))], desk.now)
            rest = [g for g in all_groups if g is not group and g["parent"] != group["id"]]
            desk.go(book, "category", groups=rest, there=there)
        return f"the store refused the category {group['name']}"
    there = [*(c for c in there if c["id"] != row["id"]), {n: row[n] for n in ("id", "name", "parent")}]
    with desk.begin() as book:
        _note_category(desk, book, group, int(row["id"]), all_groups)
        desk.go(book, "category", groups=all_groups, there=there)
    return f"{'renamed' if number else 'made'} the category {group['name']}"


def _path(group: Mapping[str, Any], all_groups: Iterable[Mapping[str, Any]]) -> str:
    above = next((g for g in all_groups if g["id"] == group["parent"]), None)
    return f"{above['name']}/{group['name']}" if above else str(group["name"])


def _ref(desk: Desk, group: Any) -> str:
    return f"{desk.connection.learned['database']}:{group}"


def _note_category(desk: Desk, book: Book, group: Mapping[str, Any], number: int, all_groups: Any) -> None:
    twin = Twin(CATEGORY, str(number), _ref(desk, group["id"]), data={"path": _path(group, all_groups)})
    book.twins.put(desk.connection.id, [twin], desk.now)


def _adopted(desk: Desk, book: Book, all_groups: list[Any], there: list[Any]) -> dict[int, int]:
    """Group id -> category id, of all that have one: by what was noted in this database, by the path in an earlier
    one, or because the store has such a category already."""
    ids = {c["id"] for c in there}
    twins = [t for t in book.twins.of(desk.connection.id, CATEGORY) if int(t.key) in ids]
    by_ref = {t.ref: int(t.key) for t in twins}
    mine = _ref(desk, "")
    by_path = {t.data.get("path"): int(t.key) for t in twins if not t.ref.startswith(mine)}
    known: dict[int, int] = {}
    for group in all_groups:
        number = by_ref.get(_ref(desk, group["id"])) or by_path.get(_path(group, all_groups)) or 0
        parent = known.get(group["parent"], 0) if group["parent"] else 0
        if not number and (parent or not group["parent"]):
            taken = set(known.values())
            same = (c["id"] for c in there if html.unescape(c["name"]) == group["name"] and c["parent"] == parent)
            number = next((n for n in same if n not in taken), 0)
        if number:
            known[group["id"]] = number
            _note_category(desk, book, group, number, all_groups)
    return known


def _wrong(group: Mapping[str, Any], known: Mapping[int, int], there: list[Any]) -> bool:
    number = known.get(group["id"])
    row = next((c for c in there if c["id"] == number), None)
    if row is None:
        return True
    parent = known.get(group["parent"], 0) if group["parent"] else 0
    return bool(html.unescape(row["name"]) != group["name"] or row["parent"] != parent)


# -- articles


def articles(desk: Desk) -> str:
    """One page. When the list changes its length while it is read, rows have moved: it is begun anew."""
    cursor = desk.cursor
    page = desk.backend.articles(cursor["page"])
    rows = [{name: row.get(name) for name in ARTICLE} for row in page.rows]
    moved = cursor["page"] > 1 and page.total != cursor["total"] and cursor.get("restarts", 0) < RESTARTS
    with desk.begin() as book:
        if moved:
            desk.go(book, "articles", page=1, counts={}, restarts=cursor.get("restarts", 0) + 1)
            return "the list changed while it was read: begins anew"
        kept = {"page": cursor["page"], "total": page.total, "last": page.last, "counts": cursor["counts"]}
        desk.go(book, "match", rows=rows, restarts=cursor.get("restarts", 0), **kept)
    return f"read {len(rows)} of {page.total} articles"


def products_by_code(desk: Desk, codes: Iterable[str]) -> dict[str, list[Mapping[str, Any]]]:
    """Products and variations by SKU. A comma parts SKUs in WooCommerce's question, so none with one can be asked."""
    wanted = [code for code in codes if "," not in code and code]
    if not wanted:
        return {}
    found = desk.store.rows("/products", 1, [("sku", ",".join(wanted)), ("_fields", FIELDS)])
    by_code: dict[str, list[Mapping[str, Any]]] = {}
    for row in found.rows:
        if row.get("sku") in wanted:  # WooCommerce ignores the case of letters here
            by_code.setdefault(str(row["sku"]), []).append(row)
    return by_code


def match(desk: Desk) -> str:
    """Compare a page of articles with the store's products, and plan what to write."""
    rows = desk.cursor["rows"]
    found = products_by_code(desk, [row["code"] for row in rows])
    with desk.begin() as book:
        codes = [row["code"] for row in rows]
        retired = {t.ref for t in book.twins.of(desk.connection.id, PRODUCT, state="retired", refs=codes)}
        twins = book.twins.of(desk.connection.id, CATEGORY)
        groups_ = {t.ref: int(t.key) for t in twins}
        plan = Plan(desk.settings, frozenset(int(t.key) for t in twins), retired)
        for row in rows:
            number = groups_.get(_ref(desk, row["secondGroupId"])) or groups_.get(_ref(desk, row["groupId"]))
            plan.article(row, found.get(row["code"], []), number)
        book.unskip(desk.connection.id, codes)
        book.skip(desk.connection.id, [("in", code[:255], why) for code, why in plan.problems.items()], desk.now)
        book.twins.put(desk.connection.id, plan.twins, desk.now)
        kept = {n: desk.cursor[n] for n in ("page", "total", "last", "counts", "rows", "restarts")}
        desk.go(book, "enter", writes=plan.writes(), **kept)
    return f"{len(plan.create)} to make, {sum(map(len, plan.update.values()))} to update"


class Plan:
    """What a page of articles means for the store."""

    def __init__(self, settings: Mapping[str, Any], ours: frozenset[int], retired: set[str]) -> None:
        self.settings, self.ours, self.retired = settings, ours, retired
        self.create: list[dict[str, Any]] = []
        self.update: dict[int, list[dict[str, Any]]] = {}
        self.problems: dict[str, str] = {}
        self.twins: list[Twin] = []

    def article(self, row: Mapping[str, Any], products: list[Mapping[str, Any]], category_id: int | None) -> None:
        code = row["code"]
        wanted = wanted_product(row, self.settings, category_id)
        if "," in code:
            self.problems[code] = "a code with a comma cannot be a SKU that is looked up"
        elif len(products) > 1:
            self.problems[code] = f"{len(products)} products of the store have this SKU"
        elif products:
            self._existing(row, products[0], wanted)
        elif row["isActive"]:
            self.create.append(new_product(row, wanted, self.settings))

    def _existing(self, row: Mapping[str, Any], product: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
        changed = changes(product, wanted, self.ours) if row["isActive"] else {}
        variation = product.get("type") == "variation"
        state = ""
        if not row["isActive"]:
            state = "retired" if product.get("status") != "draft" or row["code"] in self.retired else ""
            if product.get("status") == "publish":
                changed = {"status": "draft"}
        elif row["code"] in self.retired and product.get("status") == "draft":
            changed["status"] = "publish"
        self.twins.append(Twin(PRODUCT, str(product["id"]), row["code"], state))
        if changed:
            parent = int(product.get("parent_id") or 0) if variation else 0
            self.update.setdefault(parent, []).append({"id": product["id"], "sku": row["code"], **changed})

    def writes(self) -> list[dict[str, Any]]:
        """One batch for the products, and one for the variations of each product."""
        first = {"parent": 0, "create": self.create, "update": self.update.get(0, [])}
        batches = [first] if first["create"] or first["update"] else []
        return batches + [
            {"parent": parent, "create": [], "update": rows} for parent, rows in self.update.items() if parent
        ]


def enter(desk: Desk) -> str:
    """Write one batch; every row has a verdict of its own."""
    cursor = desk.cursor
    kept = {n: cursor[n] for n in ("page", "total", "last", "counts", "restarts")}
    if cursor.get("sent"):
        with desk.begin() as book:
            desk.go(book, "match", rows=cursor["rows"], **kept)
        return "nobody knows whether that was written: looks again"
    if not cursor["writes"]:
        with desk.begin() as book:
            return _page_done(desk, book, kept)
    batch, rest = cursor["writes"][0], cursor["writes"][1:]
    with desk.begin() as book:
        desk.go(book, "enter", writes=cursor["writes"], rows=cursor["rows"], sent=True, **kept)
    path = f"/products/{batch['parent']}/variations/batch" if batch["parent"] else "/products/batch"
    sent = [*batch["create"], *batch["update"]]
    update = [{name: value for name, value in row.items() if name != "sku"} for row in batch["update"]]
    try:
        body = desk.store.call("POST", path, [], {"create": batch["create"], "update": update}).json()
        answers = [*(body.get("create") or ()), *(body.get("update") or ())] if isinstance(body, dict) else []
        if len(answers) != len(sent):
            raise Retry(f"POST {path} answered {len(answers)} rows for {len(sent)}")
        errors = [error_in(row) for row in answers]
    except Skip as refused:
        answers, errors = [{}] * len(sent), [str(refused)] * len(sent)
    except Retry as retry:
        if not retry.sent:
            with desk.begin() as book:
                desk.go(book, "match", rows=cursor["rows"], **kept)
        raise
    counts = dict(kept["counts"])
    made, refused_ = list[Twin](), list[tuple[Direction, str, str]]()
    for n, (row, answer, error) in enumerate(zip(sent, answers, errors, strict=True)):
        new = n < len(batch["create"])
        if error:
            refused_.append(("in", row["sku"][:255], explained(error)))
        elif new:
            made.append(Twin(PRODUCT, str(answer["id"]), row["sku"]))
        _count(counts, "refused" if error else "made" if new else "updated")
    with desk.begin() as book:
        book.skip(desk.connection.id, refused_, desk.now)
        book.twins.put(desk.connection.id, made, desk.now)
        desk.go(book, "enter", writes=rest, rows=cursor["rows"], **{**kept, "counts": counts})
    return f"wrote {len(sent) - sum(map(bool, errors))} of {len(sent)}"


def explained(error: str) -> str:
    """A refusal of the store's, with what to do where that is known."""
    if "sku" in error and ("already" in error or "lookup" in error):
        return f"{error} (look into the trash: a deleted product keeps its SKU)"
    if "global_unique_id" in error:
        return f"{error} (another product of the store has this GTIN)"
    return error


def _page_done(desk: Desk, book: Book, kept: dict[str, Any]) -> str:
    if not kept["last"]:
        again = {"counts": kept["counts"], "restarts": kept["restarts"], "total": kept["total"]}
        desk.go(book, "articles", page=kept["page"] + 1, **again)
        return "the page is done"
    told = ", ".join(
        f"{kept['counts'][word]} {word}" for word in ("made", "updated", "refused") if word in kept["counts"]
    )
    desk.done(book, f"catalogue: {told}" if told else "")
    return told or "nothing to change"


def _count(counts: dict[str, int], word: str) -> None:
    counts[word] = counts.get(word, 0) + 1
