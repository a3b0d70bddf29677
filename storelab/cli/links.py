"""`storelab connections`: how the links of a running sync stand."""

from __future__ import annotations

import os
from typing import Annotated, Any

import typer

from storelab.emulators.kernel.errors import LabError

from . import show
from .reach import Json, Url, client


def add_to(app: typer.Typer) -> None:
    app.command("connections", epilog="Example: storelab connections con_3f9a1c2b4d5e6f70")(connections)


def connections(
    connection: Annotated[str, typer.Argument(help="Its id, or a part of it: then it is shown in detail.")] = "",
    sync: Annotated[str, typer.Option(help="Address of the sync, where it is not the sandbox's own.")] = "",
    url: Url = "",
    json_: Json = False,
) -> None:
    """List the connections of the sync, or show what waits, what is synced and what failed in one."""
    address, token = (sync, os.environ.get("STORELAB_SYNC_TOKEN", "")) if sync else _sync_of(url)
    rows = _asked(f"{address}/connections", token)
    if not connection:
        if json_:
            show.as_json(rows)
        elif not rows:
            show.say("Nothing is connected.")
        else:
            columns = ("id", "backend", "store", "status", "stage", "why")
            cells = [[*(str(r[n]) for n in ("id", "backend")), r["store"]["url"], *_standing(r)] for r in rows]
            show.table("Connections", columns, cells)
        return
    found = [row for row in rows if connection in row["id"]]
    if len(found) != 1:
        said = (
            f"{len(found)} connections have {connection!r} in their id" if found else f"no connection is {connection!r}"
        )
        raise LabError(f"{said}; `storelab connections` lists the {len(rows)} that there are")
    page = _asked(f"{address}/connections/{found[0]['id']}", token)
    page.pop("hooks", None)  # their addresses carry tokens
    show.as_json(page) if json_ else _tell(page)


def _standing(row: dict[str, Any]) -> list[str]:
    return [row["status"].replace("_", " "), row["stage"], row["reason"]]


def _tell(page: dict[str, Any]) -> None:
    pending = page["pending"]
    show.table(
        f"{page['backend']} and {page['store']['url']}",
        ("what", "value"),
        [
            ("status", ": ".join(filter(None, _standing(page)))),
            ("waiting", f"{pending['hints']} rows of stock, {pending['inbox']} told by webhooks"),
            ("synced", ", ".join([f"{page['synced']} SKUs", *(f"{n} {what}" for what, n in page["twins"].items())])),
            ("failed", page["failed"]),
            ("from a copy of the store", page["quarantined"]),
            *((f"run {run['kind']}", f"at {run['step']} {run['outcome']}".strip()) for run in pending["runs"]),
            *((f"last {run['kind']}", f"{run['finished_at']} {run['outcome']}") for run in page["history"][:3]),
        ],
    )
    if page["failures"]:
        columns = ("what", "way", "why", "at")
        show.table(
            "Failed", columns, [[f[name] for name in ("sku", "direction", "reason", "at")] for f in page["failures"]]
        )


def _sync_of(url: str) -> tuple[str, str]:
    """Where a sandbox's own sync is, and the token that it wants to see beyond loopback."""
    info = client(url, "").info()
    if "sync" not in info:
        raise LabError("this sandbox runs without a sync: name one with --sync")
    return str(info["sync"]["url"]), str(info["control"]["token"])


def _asked(address: str, token: str) -> Any:
    import requests

    known = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        answer = requests.get(address, timeout=30, headers={"Accept": "application/json", **known})
        if answer.status_code == 401:
            raise LabError(f"the sync at {address} wants its token: set STORELAB_SYNC_TOKEN")
        answer.raise_for_status()
        return answer.json()
    except (requests.RequestException, ValueError, RecursionError) as bad:
        raise LabError(f"the sync does not answer at {address}: {type(bad).__name__}") from None
