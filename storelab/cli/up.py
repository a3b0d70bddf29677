"""`storelab up` and `storelab env`: start the sandbox, and tell others where it is."""

from __future__ import annotations

import gc
import json
import os
import re
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any

import typer

from storelab.client import LabClient
from storelab.emulators.kernel.errors import LabError
from storelab.emulators.kernel.journal import MOST

from . import show
from .reach import Url, World, client

if TYPE_CHECKING:
    from storelab.broker.server import Broker
    from storelab.sandbox import Sandbox


SEED = "storelab"
TOKEN = "STORELAB_TOKEN"  # noqa: S105


def add_to(app: typer.Typer) -> None:
    app.command(epilog="Example: storelab up --data ./lab --json")(up)
    app.command(epilog='Example: eval "$(storelab env)"')(env)


def up(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of store, backends and console; 0: any.")] = 8700,
    sync_port: Annotated[int, typer.Option(min=0, max=65535, help="Port of the reference sync; 0: any.")] = 8701,
    no_sync: Annotated[bool, typer.Option("--no-sync", help="Leave the reference sync out.")] = False,
    host: Annotated[
        str, typer.Option(help="Address to listen on. Beyond loopback, /_lab wants the token.")
    ] = "127.0.0.1",
    public_host: Annotated[
        str, typer.Option(help="Name or address by which others reach it, if not by --host: of a container.")
    ] = "",
    data: Annotated[Path | None, typer.Option(help="Keep the state in this folder (SQLite files).")] = None,
    database: Annotated[
        str,
        typer.Option(envvar="STORELAB_DATABASE", help="Keep the state in PostgreSQL: postgresql://user@host/name."),
    ] = "",
    seed: Annotated[str, typer.Option(help="Ids and secrets follow from it.")] = SEED,
    world_file: Annotated[Path | None, typer.Option(help="Start from an exported snapshot.")] = None,
    given: Annotated[str, typer.Option(help="Start where this story starts: its name, or a file of yours.")] = "",
    watch: Annotated[bool, typer.Option("--watch", help="Begin anew whenever that file changes.")] = False,
    tls: Annotated[
        bool, typer.Option("--tls", help="Serve https with an authority of your own (made at first use).")
    ] = False,
    journal_rows: Annotated[
        int, typer.Option(min=1, max=1_000_000, help="Exchanges that the journal of each world keeps, the newest.")
    ] = MOST,
    otlp: Annotated[
        str, typer.Option(help="Send traces to this collector of OpenTelemetry, by HTTP: http://127.0.0.1:4318.")
    ] = "",
    workers: Annotated[int, typer.Option(min=1, hidden=True)] = 1,
    json_: Annotated[bool, typer.Option("--json", help="Print one JSON object when ready.")] = False,
) -> None:
    """Start the store, the backends, the control API and the reference sync.

    The token of the control API is the one in STORELAB_TOKEN; one is made when there is none.
    """
    if workers > 1:
        raise LabError(
            "a sandbox is one process: its journal, its faults and its clock are one, and a request costs less than it "
            "would to hand it on. For more at once, start several, each with a --port of its own; with the same "
            "--database they share worlds, but each has its own journal and faults."
        )
    if port and port == sync_port and not no_sync:
        raise LabError(f"the sandbox and the sync cannot both listen on port {port}: choose another --sync-port, or 0")
    story = _story(given, kept=bool(data or database or world_file), watch=watch)
    with nothing_collected():
        from storelab.emulators.kernel.control import LOOPBACK
        from storelab.sandbox import Sandbox, Settings

        sandbox = Sandbox(
            Settings(
                host=host,
                public_host=_host(public_host),
                port=port,
                sync_port=None if no_sync else _sync_port(port, sync_port),
                data=data,
                database=database,
                seed=seed,
                world_file=world_file,
                tls=tls,
                journal=journal_rows,
                token=os.environ.get(TOKEN, ""),
                otlp=otlp,
            )
        )
    if host not in LOOPBACK and seed == SEED:
        print("storelab: everybody knows the keys of the default seed; choose another with --seed", file=sys.stderr)
    with running(sandbox):
        here = sandbox.client
        if story:
            begin(story, here)
        info = here.info()
        if json_:
            print(json.dumps(info), flush=True)
        else:
            announce(info)
        if story and watch:
            for _ in changes(story):
                _again(story, here)


def _host(name: str) -> str:
    if name and not re.fullmatch(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*", name):
        raise LabError(f"--public-host is a name or an address alone, such as storelab or 192.0.2.7: {name!r} is none")
    return name


@contextmanager
def nothing_collected() -> Iterator[None]:
    """What is imported stays: looking for garbage in it takes a twentieth of the start, and time again and again
    later."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.set_threshold(10_000, 20, 20)  # what a request leaves behind is few things that stay: the journal
        gc.enable()


def _story(name: str, *, kept: bool, watch: bool) -> Path | None:
    """The file of the story to begin with."""
    if not name:
        if watch:
            raise LabError("--watch watches the file of --given: say which one")
        return None
    if kept:
        raise LabError(
            "--given begins with a new world each time; with --data, --database or --world-file there is one"
        )
    from storelab.scenarios.story import found

    first, *others = found(name)
    if others:
        raise LabError(f"--given is one story; {name} means {1 + len(others)}")
    return first


def begin(story: Path, here: LabClient) -> None:
    from storelab.scenarios import player

    player.begin(story, here)


def changes(file: Path, every: float = 0.5) -> Iterator[None]:
    """Yields whenever the file has changed. While an editor has put it away it is as it was."""

    def version() -> tuple[int, int] | None:
        try:
            found = file.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size

    last = version()
    while True:
        time.sleep(every)
        now = version()
        if now is not None and now != last:
            last = now
            yield


def _again(story: Path, here: LabClient) -> None:
    """As the file now says; while it is not written right, the world stays as it was."""
    try:
        begin(story, here)
    except LabError as bad:
        print(f"storelab: {bad.message}", file=sys.stderr, flush=True)
    else:
        print(f"storelab: begun anew, as {story} says", file=sys.stderr, flush=True)


def _sync_port(port: int, sync_port: int) -> int:
    """The sync goes where the sandbox goes: beside it, unless its port was chosen too."""
    if sync_port != 8701 or port == 8700:
        return sync_port
    return 0 if port == 0 else port + 1


@contextmanager
def running(sandbox: Sandbox | Broker) -> Iterator[None]:
    """It runs while the block does its work, and then until somebody stops it (Ctrl+C or SIGTERM)."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    try:
        sandbox.start()
        yield
        sandbox.join()
    except KeyboardInterrupt:
        print("stopping", file=sys.stderr)
    finally:
        sandbox.stop()


def announce(info: Mapping[str, Any]) -> None:
    """Addresses and keys for people."""
    store = info["store"]
    show.say(f"storelab is running at {info['url']}; open that in a browser to look at it and to click")
    show.say(f"  store      {store['url']}  key {store['consumer_key']}  secret {store['consumer_secret']}")
    show.say(f"             admin {store['admin']['user']} / {store['admin']['password']}")
    for name, backend in info["backends"].items():
        keys = "  ".join(f"{k} {v}" for k, v in backend.items() if k != "url" and v)
        show.say(f"  {name:<10} {backend['url']}  {keys}".rstrip())
    if "sync" in info:
        show.say(f"  sync       {info['sync']['url']}")
    token = f"the token in {TOKEN}" if os.environ.get(TOKEN) else f"token {info['control']['token']}"
    show.say(f"  control    {info['control']['url']}  {token}")
    if "tls" in info:
        show.say(f"  trust      {info['tls']['authority']}")
    show.say("Stop it with Ctrl+C.")


def env(
    url: Url = "",
    world: World = "",
    json_: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Print addresses and keys of a running sandbox as export lines."""
    info = client(url, world).info()
    if json_:
        show.as_json(info)
        return
    for name, value in variables(info).items():
        show.say(f"export {name}='{value}'")


def variables(info: Mapping[str, Any]) -> dict[str, str]:
    """The sandbox as environment variables."""
    out = {"STORELAB_URL": info["url"], "STORELAB_TOKEN": info["control"]["token"]}
    out |= _named("WOOCOMMERCE", info["store"])
    for name, backend in info["backends"].items():
        out |= _named(name.upper(), backend)
    if "sync" in info:
        out["STORELAB_SYNC_URL"] = info["sync"]["url"]
    if "tls" in info:
        out["STORELAB_CA"] = info["tls"]["authority"]
    return out


def _named(prefix: str, values: Mapping[str, Any]) -> dict[str, str]:
    out: dict[str, str] = {}
    for name, value in values.items():
        if isinstance(value, Mapping):
            out |= _named(f"{prefix}_{name.upper()}", value)
        else:
            out[f"{prefix}_{name.upper()}"] = str(value)
    return out
