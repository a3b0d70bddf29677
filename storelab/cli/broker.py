"""`storelab broker`: a Pact broker in one file, for teams that have none."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from storelab.emulators.kernel.errors import LabError

from . import show
from .reach import Json
from .up import running

TOKEN = "STORELAB_BROKER_TOKEN"  # noqa: S105


def add_to(app: typer.Typer) -> None:
    app.command(epilog="Example: storelab broker --data ./contracts.sqlite")(broker)


def broker(
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: any free one.")] = 9292,
    host: Annotated[str, typer.Option(help="Address to listen on. Beyond loopback, a token is wanted.")] = "127.0.0.1",
    data: Annotated[Path, typer.Option(help="The file that keeps everything.")] = Path("storelab-broker.sqlite"),
    public_url: Annotated[str, typer.Option(help="Where clients find it, when something stands in front of it.")] = "",
    json_: Json = False,
) -> None:
    """Start a Pact broker: contracts, results, environments, and what may be deployed.

    The token is the one in STORELAB_BROKER_TOKEN; beyond loopback one is made and printed when there is none. Clients
    send it as PACT_BROKER_TOKEN.
    """
    from storelab.broker.server import Broker

    if public_url and not public_url.startswith(("http://", "https://")):
        raise LabError("--public-url must begin with http:// or https://")
    given = os.environ.get(TOKEN, "")
    made = Broker(data, host=host, port=port, token=given, public_url=public_url)
    with running(made):
        fresh = "" if given else made.token
        if json_:
            show.as_json({"url": made.url, "data": str(data.resolve()), **({"token": fresh} if fresh else {})})
            return
        show.say(f"the broker is running at {made.url}, and keeps everything in {data}")
        show.say(f"  export PACT_BROKER_BASE_URL={made.url}" + (f" PACT_BROKER_TOKEN={fresh}" if fresh else ""))
        show.say("Stop it with Ctrl+C.")
