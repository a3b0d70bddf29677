"""`storelab stub`: a contract's answers at an address, without anything behind them."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from storelab.emulators.kernel.errors import LabError

from . import files, show
from .reach import Json

MOST = 10 * 1024 * 1024  # bytes of a request


def add_to(app: typer.Typer) -> None:
    app.command(
        epilog='Examples: storelab stub keycrm --list; storelab stub keycrm --state "a used up minute"; '
        "storelab stub my-pact.json"
    )(stub)


def stub(
    backend: Annotated[str, typer.Argument(help="A provider of storelab's contracts, or a pact file of your own.")],
    consumer: Annotated[str, typer.Option(help="Only what this one expects.")] = "",
    state: Annotated[list[str] | None, typer.Option(help="Only interactions with this state; may be repeated.")] = None,
    interaction: Annotated[
        list[str] | None, typer.Option(help="Only interactions with this in their name; may be repeated.")
    ] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: any free one.")] = 8710,
    list_: Annotated[bool, typer.Option("--list", help="Show the interactions instead.")] = False,
    json_: Json = False,
) -> None:
    """Serve a contract as a stub, on loopback.

    A request that several interactions expect is answered by the one with the fewest states. One that none expects is
    a 501, with what was expected.
    """
    from storelab.contracts import stub as stubs

    found = stubs.chosen(_files(backend, consumer), states=state or (), names=interaction or ())
    if list_:
        _list(found, json_)
        return
    try:
        _serve(found, port, json_)
    except KeyboardInterrupt:
        print("stopping", file=sys.stderr)


def _files(backend: str, consumer: str) -> list[Path]:
    from storelab.contracts.pactfiles import PACTS, pact_files, read

    if backend.endswith(".json"):
        return [_pact(Path(backend))]
    found = pact_files(provider=backend, consumer=consumer)
    if not found:
        known = sorted({read(path)["provider"]["name"] for path in PACTS.glob("*.json")})
        raise LabError(
            f"no contract {f'of {consumer} ' if consumer else ''}with {backend!r}; providers: {', '.join(known)}"
        )
    return found


def _pact(file: Path) -> Path:
    """The file, if a stub can be made of it."""
    from storelab.contracts.stub import HTTP

    try:
        interactions = json.loads(files.read(file))["interactions"]
        if all({"description", "request", "response"} <= i.keys() for i in interactions if i.get("type", HTTP) == HTTP):
            return file
    except (ValueError, LookupError, TypeError, AttributeError):
        pass
    raise LabError(f"{file} is no pact: a JSON object with `interactions` of request and response is wanted")


def _list(interactions: Sequence[dict[str, Any]], as_json: bool) -> None:
    rows = [
        {
            "interaction": i["description"],
            "request": f"{i['request']['method']} {i['request']['path']}",
            "status": i["response"]["status"],
            "states": [s["name"] for s in i.get("providerStates", ())],
        }
        for i in interactions
    ]
    if as_json:
        show.as_json(rows)
        return
    told = [(row["interaction"], row["request"], row["status"], ", ".join(row["states"])) for row in rows]
    show.table("Interactions", ("interaction", "request", "status", "states"), told)


def _serve(interactions: Sequence[dict[str, Any]], port: int, as_json: bool) -> None:
    from storelab.server import listening
    from storelab.sync.patience import HttpServer

    socket = listening("127.0.0.1", port)
    server = HttpServer(
        application(interactions, quiet=as_json), sockets=[socket], ident=None, max_request_body_size=MOST, threads=4
    )
    url = f"http://127.0.0.1:{socket.getsockname()[1]}"
    if as_json:
        show.as_json({"url": url, "interactions": len(interactions)})
    else:
        show.say(f"{len(interactions)} interactions are answered at {url}")
        for name, value in sorted({*_credentials(interactions)}):
            show.say(f"  {name}: {value}")
        show.say("Stop it with Ctrl+C.")
    server.serve()


def _credentials(interactions: Sequence[dict[str, Any]]) -> list[tuple[str, str]]:
    """What stands for a key in the contract; requests must bring it."""
    headers = [i["request"].get("headers") or {} for i in interactions]
    return [
        (n, ", ".join(v) if isinstance(v, list) else v) for h in headers for n, v in h.items() if n == "Authorization"
    ]


def application(interactions: Sequence[dict[str, Any]], *, quiet: bool) -> Any:
    """As WSGI. Without `quiet` each request is told on standard error, and which interaction answered it."""
    from storelab.contracts import stub as stubs
    from storelab.server import request_target

    def called(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        headers = {n[5:].replace("_", "-").lower(): v for n, v in environ.items() if n.startswith("HTTP_")}
        headers |= {"content-type": environ["CONTENT_TYPE"]} if environ.get("CONTENT_TYPE") else {}
        target = request_target(environ["REQUEST_URI"])
        asked = stubs.Asked(environ["REQUEST_METHOD"], target, headers, environ["wsgi.input"].read())
        answer = stubs.answered(interactions, asked)
        if not quiet:
            line = f"{asked.method} {target.partition('?')[0]}: {answer.interaction or 'nothing'} ({answer.status})"
            print(show.plain(line), file=sys.stderr)
        hop = {"connection", "transfer-encoding", "content-length", "date"}
        start_response(f"{answer.status} -", [(n, v) for n, v in answer.headers if n.lower() not in hop])
        return [b"" if asked.method == "HEAD" else answer.body]

    return called
