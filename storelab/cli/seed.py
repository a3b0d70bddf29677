"""`storelab seed`: fill the store with a believable catalogue, customers and orders, or with a product export."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from storelab.client import LabClient
from storelab.emulators.kernel.errors import LabError

from . import files, show
from .reach import Json, Url, World, client

SERVICE = "woocommerce"
ROWS = 50  # of an export, imported in one go


def add_to(app: typer.Typer) -> None:
    app.command("seed", epilog="Example: storelab seed --products 500 --orders 2000 --months 12")(seed)


def seed(
    products: Annotated[int | None, typer.Option(min=0, max=1_000_000, help="Variations come on top. [20]")] = None,
    customers: Annotated[int | None, typer.Option(min=0, max=1_000_000, help="[a quarter of the orders]")] = None,
    orders: Annotated[
        int | None, typer.Option(min=0, max=2_000_000, help="[three for each product, up to 3000]")
    ] = None,
    months: Annotated[int, typer.Option(min=1, max=240, help="How far back orders go.")] = 6,
    csv: Annotated[Path | None, typer.Option(help="Import this product export of WooCommerce instead.")] = None,
    data: Annotated[Path | None, typer.Option(help="Fill the state in this folder; no sandbox runs on it.")] = None,
    url: Url = "",
    world: World = "",
    json_: Json = False,
) -> None:
    """Fill the store: the same seed of a world gives the same catalogue. What is there already is counted in."""
    if csv is not None:
        export = _exported(csv)
        with _reached(url, world, data) as lab:
            told = _imported(lab, export, quiet=json_)
        _tell_import(told, json_)
        if told["refused"]:
            raise typer.Exit(1)
        return
    products = 20 if products is None else products
    orders = min(3 * products, 3_000) if orders is None else orders
    customers = (orders + 3) // 4 if customers is None else customers
    with _reached(url, world, data) as lab:
        counts = _seeded(lab, {"products": products, "customers": customers, "orders": orders}, months, quiet=json_)
    show.as_json(counts) if json_ else show.say(", ".join(f"{n} {what}" for what, n in counts.items()))


@contextmanager
def _reached(url: str, world: str, data: Path | None) -> Iterator[LabClient]:
    """The running sandbox; or one of our own on the folder, for as long as it takes."""
    if data is None:
        yield client(url, world)
        return
    if url:
        raise LabError("--data fills a folder and --url a running sandbox: name one of them")
    from storelab.sandbox import Sandbox, Settings

    with Sandbox(Settings(port=0, sync_port=None, data=data)) as own:
        yield client(own.url, world)


def _seeded(lab: LabClient, wanted: dict[str, int], months: int, *, quiet: bool) -> dict[str, int]:
    counts: dict[str, int] = {}
    with _progress(quiet) as track:
        for what, of in wanted.items():
            more: dict[str, Any] = {"months": months} if what == "orders" else {}
            step = track(what, of)
            while True:
                told = lab.do(SERVICE, f"seed {what}", of=of, **more)
                counts[what] = told["have"]
                step(min(told["have"], of))
                if not told["left"]:
                    break
    return counts


Track = Callable[[str, int], Callable[[int], None]]


@contextmanager
def _progress(quiet: bool) -> Iterator[Track]:
    """Bars on standard error; `track(what, total)` gives a function that takes how many are done."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description:<10}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), disable=quiet or not sys.stderr.isatty()) as bars:

        def track(what: str, total: int) -> Callable[[int], None]:
            task = bars.add_task(what, total=total)
            return lambda done: bars.update(task, completed=done)

        yield track


# -- a product export


def _exported(file: Path) -> Any:
    from storelab.product_csv import Unreadable, read

    try:
        return read(files.read(file).decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise LabError(f"{file} is not UTF-8, as WooCommerce writes its exports") from None
    except Unreadable as bad:
        raise LabError(f"{file}: {bad}") from None


def _imported(lab: LabClient, export: Any, *, quiet: bool) -> dict[str, Any]:
    """Products first, then variations (their parent may come later in the file), then what names other products."""
    refused = [{"line": p.line, "reason": p.reason} for p in export.problems]
    ids: dict[str, int] = {}
    with _progress(quiet) as track:
        step = track("products", len(export.rows))
        done = 0
        for rows in (
            [row for row in export.rows if row.kind != "variation"],
            [row for row in export.rows if row.kind == "variation"],
        ):
            for at in range(0, len(rows), ROWS):
                chunk = {row.line: row for row in rows[at : at + ROWS]}
                sent = [body for row in chunk.values() if (body := _sent(row, ids, refused))]
                told = lab.do(SERVICE, "import products", rows=sent) if sent else {"made": {}, "refused": []}
                refused += told["refused"]
                for line, number in told["made"].items():
                    ids |= dict.fromkeys(chunk[int(line)].names, number)
                    ids[f"line {line}"] = number
                done += len(chunk)
                step(done)
    _related(lab, export, ids, refused)
    made = sum(f"line {row.line}" in ids for row in export.rows)
    return {"made": made, "refused": sorted(refused, key=lambda r: int(r["line"])), "unused_columns": export.unused}


def _sent(row: Any, ids: dict[str, int], refused: list[dict[str, Any]]) -> dict[str, Any] | None:
    body = {"line": row.line, "fields": row.fields}
    if row.kind != "variation":
        return body
    parent = _number(row.parent, ids)
    if parent is None:
        refused.append({"line": row.line, "reason": f"its parent {row.parent} is not among what was imported"})
        return None
    return {**body, "parent_id": parent}


def _number(name: str, ids: dict[str, int]) -> int | None:
    """The product that a file calls "id:12" or by its SKU."""
    return ids.get(name.replace(" ", "")) if name.startswith("id:") else ids.get(f"SKU {name}")


def _related(lab: LabClient, export: Any, ids: dict[str, int], refused: list[dict[str, Any]]) -> None:
    rows: list[dict[str, Any]] = []
    for row in export.rows:
        own = ids.get(f"line {row.line}")
        if own is None or not row.relations:
            continue
        for words in row.relations.values():
            for word in (w for w in words if _number(w, ids) is None):
                refused.append({"line": row.line, "reason": f"made, but {word} is not among what was imported"})
        known = {api: [n for w in words if (n := _number(w, ids))] for api, words in row.relations.items()}
        rows.append({"id": own, **known})
    for at in range(0, len(rows), ROWS):
        lab.do(SERVICE, "relate products", rows=rows[at : at + ROWS])


def _tell_import(told: dict[str, Any], as_json: bool) -> None:
    if as_json:
        show.as_json(told)
        return
    show.say(f"{told['made']} products")
    if told["refused"]:
        show.table("Not imported", ("line", "reason"), [(r["line"], r["reason"]) for r in told["refused"]])
    if told["unused_columns"]:
        show.say(f"columns that mean nothing here: {', '.join(told['unused_columns'])}")
