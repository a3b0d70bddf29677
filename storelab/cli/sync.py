"""`storelab sync`: the reference sync without a sandbox, in as many processes as it takes."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from contextlib import nullcontext
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

from storelab.emulators.kernel.errors import LabError

from . import show
from .up import nothing_collected

if TYPE_CHECKING:
    from storelab.tracing.reference import Tracing

LEDGER = "sqlite:///storelab-sync/ledger.sqlite"
JOBS = "sqlite:///storelab-sync/jobs.sqlite"
HAND_OVER = 0.001  # seconds until a thread that plans lets one that takes a webhook in have its turn

LedgerUrl = Annotated[
    str,
    typer.Option(
        envvar="STORELAB_SYNC_LEDGER", help="Where it keeps what it must not forget: sqlite:///FILE, postgresql://..."
    ),
]
JobsUrl = Annotated[
    str,
    typer.Option(
        envvar="STORELAB_SYNC_JOBS", help="The queue: sqlite:///FILE, redis://..., postgresql://..., or memory:."
    ),
]
KeyFile = Annotated[
    Path | None,
    typer.Option(help="Key of the stored secrets; else STORELAB_SYNC_KEY, else a file beside a ledger in SQLite."),
]
Ca = Annotated[
    Path | None, typer.Option(help="Trust only the certificate authorities in this file; the usual ones when left out.")
]
Otlp = Annotated[
    str, typer.Option(help="Send traces to this collector of OpenTelemetry, by HTTP: http://127.0.0.1:4318.")
]
Workers = Annotated[int, typer.Option(min=0, max=64, help="Connections that are worked on at once, in threads.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object when ready.")]

app = typer.Typer(
    name="sync",
    no_args_is_help=True,
    rich_markup_mode=None,
    help="The reference sync without a sandbox: serve takes webhooks and commands, worker does the work with it.\n\n"
    "One machine: `storelab sync serve`. More: one `serve --workers 0` and any number of `worker`, all with the same"
    " --ledger and --jobs. A worker that dies is not missed: its connections come again after a minute.",
    epilog="Example: storelab sync serve --ledger postgresql://db/sync --jobs redis://queue --workers 0",
)


def add_to(parent: typer.Typer) -> None:
    app.command(epilog="Example: storelab sync serve --port 8701 --public-url https://sync.example")(serve)
    app.command(
        epilog="Example: storelab sync worker --ledger postgresql://db/sync --jobs redis://queue --workers 8",
    )(worker)
    parent.add_typer(app)


def serve(
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: any.")] = 8701,
    host: Annotated[
        str, typer.Option(help="Address to listen on. Beyond loopback, drivers need --token.")
    ] = "127.0.0.1",
    public_url: Annotated[str, typer.Option(help="Where stores and backends reach it, if not at host and port.")] = "",
    ledger: LedgerUrl = LEDGER,
    jobs: JobsUrl = JOBS,
    workers: Workers = 4,
    token: Annotated[
        str, typer.Option(envvar="STORELAB_SYNC_TOKEN", help="What drivers must show as a bearer token.")
    ] = "",
    key_file: KeyFile = None,
    ca: Ca = None,
    otlp: Otlp = "",
    json_: Json = False,
) -> None:
    """Take webhooks and the driver API's commands, put what is due into the queue, and have it worked by a process
    beside this one (by threads of this one when ledger or jobs are in memory)."""
    from storelab.sync.errors import SyncError

    with nothing_collected():  # nor later: to look all of it through took a webhook's time, 80 ms each
        from storelab.beside import Beside
        from storelab.server import listening
        from storelab.sync.service import LOOPBACK, Server
        from storelab.sync.worker import alone

        if host not in LOOPBACK and not token:
            raise LabError("beyond loopback the driver API needs a token: --token or STORELAB_SYNC_TOKEN")
        beside = workers > 0 and not alone(ledger, jobs)
        tracing = _tracing(otlp)
        try:
            server = Server(
                host,
                sock=listening(host, port),
                public_url=public_url,
                ledger_url=ledger,
                jobs=jobs,
                workers=0 if beside else workers,
                key_file=key_file,
                ca=ca,
                token=token or None,
                live=True,
                carrier=tracing.carrier if tracing else None,
            )
        except (SyncError, OSError) as bad:
            raise LabError(str(bad)) from None
    if tracing:
        tracing.stand_before(server.app)
    sys.setswitchinterval(HAND_OVER)
    places = {"STORELAB_SYNC_LEDGER": ledger, "STORELAB_SYNC_JOBS": jobs}  # with passwords in them, it may be
    options = ["--workers", str(workers), "--public-url", public_url or server.url]
    options += [*(["--key-file", str(key_file)] if key_file else []), *(["--ca", str(ca)] if ca else [])]
    options += ["--otlp", otlp] if otlp else []
    background = server.service.background
    helper = Beside(options, background.jobs, places) if beside and background else nullcontext()
    with tracing or nullcontext(), server, helper:
        show.say(json.dumps({"url": server.url})) if json_ else show.say(f"The sync answers at {server.url}.")
        _until_stopped(threading.Event())


def worker(
    ledger: LedgerUrl = LEDGER,
    jobs: JobsUrl = JOBS,
    workers: Annotated[
        int, typer.Option(min=1, max=64, help="Connections that are worked on at once, in threads.")
    ] = 4,
    public_url: Annotated[str, typer.Option(help="Where stores and backends reach `serve`.")] = "http://127.0.0.1:8701",
    key_file: KeyFile = None,
    ca: Ca = None,
    otlp: Otlp = "",
    leash: Annotated[bool, typer.Option("--leash", hidden=True)] = False,
    json_: Json = False,
) -> None:
    """Work the queue of a `serve`, with its ledger."""
    from storelab.sync.errors import SyncError
    from storelab.sync.worker import Worker, alone

    for why in alone(ledger, jobs):
        raise LabError(why)
    tracing = _tracing(otlp)
    try:
        running = Worker(
            ledger_url=ledger,
            jobs=jobs,
            workers=workers,
            public_url=public_url,
            key_file=key_file,
            ca=ca,
            carrier=tracing.carrier if tracing else None,
        )
    except (SyncError, OSError) as bad:
        raise LabError(str(bad)) from None
    stopped = threading.Event()
    with tracing or nullcontext(), running:
        show.say(json.dumps({"working": True})) if json_ else show.say(f"Working, {workers} at once. Ctrl+C stops it.")
        if leash:
            led = threading.Thread(target=_led, args=(running.background.jobs.queued, stopped), daemon=True)
            led.start()
        _until_stopped(stopped)


def _tracing(otlp: str) -> Tracing | None:
    if not otlp:
        return None
    from storelab.tracing import of_sync

    return of_sync(otlp)


def _led(queued: threading.Event, stopped: threading.Event) -> None:
    """As `storelab.beside.Beside` tells by our standard input."""
    while os.read(0, 1000):
        queued.set()
    stopped.set()


def _until_stopped(stopped: threading.Event) -> None:
    def stop(number: int, frame: FrameType | None) -> None:
        stopped.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    while not stopped.wait(3600):
        pass
