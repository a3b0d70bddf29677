"""`storelab drift`: where a real store and the emulator differ."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Annotated, Any

import typer

from storelab.emulators.kernel.errors import LabError

from . import show
from .reach import Json

SERVICE = "woocommerce"


def add_to(app: typer.Typer) -> None:
    app.command("drift", epilog="Example: storelab drift --store https://shop.example.com --write")(drift)


def drift(
    store: Annotated[str, typer.Option(envvar="WOOCOMMERCE_URL", help="Address of the real store.")] = "",
    key: Annotated[
        str, typer.Option(envvar="WOOCOMMERCE_CONSUMER_KEY", show_default=False, help="Better in the environment.")
    ] = "",
    secret: Annotated[
        str, typer.Option(envvar="WOOCOMMERCE_CONSUMER_SECRET", show_default=False, help="Better in the environment.")
    ] = "",
    write: Annotated[
        bool,
        typer.Option("--write", help="Also make, change and remove things of our own, named storelab-drift-... ."),
    ] = False,
    json_: Json = False,
) -> None:
    """Compare a real store with the emulator. Without --write nothing is changed.

    With --write a product, a variable product, a customer, a coupon, a webhook and an order are made and removed
    again; the order stays pending, so nobody is written to. Webhooks that the store has hear of them.
    Exit codes: 0 the same, 1 they differ, 2 it could not be run, or something could not be removed.
    """
    from storelab import drift as drifting, drift_round

    if not (store and key and secret):
        raise LabError("drift needs --store, --key and --secret (or WOOCOMMERCE_URL, _CONSUMER_KEY, _CONSUMER_SECRET)")
    real = drifting.Store(store, key, secret)
    drift_round.refuse_closed(real)
    report = drifting.Report()
    try:
        with _emulator(real) as ours, _progress(json_) as told:
            drift_round.read(real, ours, report, told)
            if write:
                with _Stop() as stopped:
                    drift_round.write(real, ours, report, told, stopped)
    finally:
        for what in report.left_behind:
            print(f"storelab: could not remove {what} from {real.url}: please do it by hand", file=sys.stderr)
    _tell(report, json_)
    if report.left_behind:
        raise typer.Exit(2)
    if report.differences:
        raise typer.Exit(1)


@contextmanager
def _emulator(real: Any) -> Iterator[Any]:
    """A store of our own with something of everything in it, and the other one's settings."""
    from storelab import drift_round
    from storelab.drift import Store
    from storelab.sandbox import Sandbox, Settings

    with Sandbox(Settings(port=0, sync_port=None)) as sandbox:
        lab = sandbox.client
        lab.state(SERVICE, "a believable store", products=40, customers=12, orders=80)
        for setting in _settings(real):
            if setting.get("id") in drift_round.ALIGNED:
                try:
                    lab.do(SERVICE, "change setting", name=setting["id"], value=str(setting["value"]))
                except LabError:
                    continue  # a value that only the other store knows
        found = lab.info()["store"]
        ours = Store(found["url"], found["consumer_key"], found["consumer_secret"])
        ours.ask("POST", "coupons", body={"code": "sample", "amount": "5"})
        ours.ask("POST", "webhooks", body={"topic": "coupon.restored", "delivery_url": drift_round.NOWHERE})
        yield ours


def _settings(real: Any) -> Iterator[Any]:
    for group in ("general", "products", "tax"):
        answer = real.ask("GET", f"settings/{group}")
        if answer.status == 200 and isinstance(answer.body, list):
            yield from (s for s in answer.body if isinstance(s, dict) and isinstance(s.get("value"), str))


class _Stop:
    """SIGINT and SIGTERM, while something of ours is in the store: noticed between two steps, so that what was made is
    known and can be removed. Use as a context manager."""

    def __init__(self) -> None:
        self.asked = False
        self._before: dict[int, Any] = {}

    def __call__(self) -> bool:
        return self.asked

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.asked = True
        print("storelab: removing what was made, then stopping", file=sys.stderr)

    def __enter__(self) -> _Stop:
        if threading.current_thread() is threading.main_thread():
            self._before = {number: signal.signal(number, self._note) for number in (signal.SIGINT, signal.SIGTERM)}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)


@contextmanager
def _progress(quiet: bool) -> Iterator[Any]:
    from rich.console import Console

    console = Console(stderr=True)
    if quiet or not sys.stderr.isatty():
        yield lambda name: None
        return
    with console.status("") as status:
        yield lambda name: status.update(name)


def _tell(report: Any, as_json: bool) -> None:
    if as_json:
        show.as_json(report.as_json())
        return
    if report.differences:
        rows = [(d.probe, d.level, d.where, _short(d.store), _short(d.emulator)) for d in report.differences]
        show.table("Where they differ", ("asked", "level", "where", "store", "emulator"), rows)
    for name, reason in report.skipped.items():
        show.say(f"not compared: {name} ({reason})")
    show.say(f"{report.compared} answers compared, {len(report.differences)} differences")


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 120 else f"{text[:117]}..."
