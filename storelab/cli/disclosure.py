"""`storelab disclosure`: what leaves the store, held against what the plugin's public readme promises."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import files, show
from .proofs import At, laboratory
from .reach import Json

if TYPE_CHECKING:
    from storelab.disclosure.play import Played


def add_to(app: typer.Typer) -> None:
    app.command(
        "disclosure",
        epilog="Examples: storelab disclosure golisto; storelab disclosure golisto --readme; "
        "storelab disclosure keycrm --connector http://127.0.0.1:9000 --html disclosure.html",
    )(disclosure)


def disclosure(
    backends: Annotated[list[str] | None, typer.Argument(help="Only these; all when left out.")] = None,
    connector: Annotated[str, typer.Option(help="Driver API of a connector of your own.")] = "",
    own: Annotated[
        list[str] | None, typer.Option(help="host:port that belongs to the connector too: what arrives there stays.")
    ] = None,
    table: Annotated[Path | None, typer.Option(help="A table of your own in place of the backend's.")] = None,
    story: Annotated[Path | None, typer.Option(help="Another life than the backend's own (a story in YAML).")] = None,
    html: Annotated[Path | None, typer.Option(help="Write the evidence to this file, as one page.")] = None,
    readme: Annotated[bool, typer.Option("--readme", help='Only the "External services" section of a readme.')] = False,
    url: At = "",
    json_: Json = False,
) -> None:
    """Play a whole life (connect, approval, sync, orders, disconnect) and hold all that leaves the store against the
    table in contracts/disclosure: which field may go where, and in which phase.

    Exit codes: 0 nothing beyond the promise, 1 a field or a call beyond it, 2 it could not be run.
    """
    from storelab.disclosure.play import played
    from storelab.disclosure.report import page
    from storelab.disclosure.table import read, tables

    wanted = [read(table)] if table else tables(backends or ())
    lives: list[Played] = []
    with laboratory(url, sync=not connector) as lab:
        for one in wanted:
            print(f"{one.backend} ...", end="", flush=True, file=sys.stderr)
            lives.append(played(one, lab, connector or None, story=story, own=own or ()))
            print(" held" if lives[-1].held else " broken", file=sys.stderr)
    if html is not None:
        files.write(html, page(lives, connector or "the reference sync", datetime.now(UTC)))
    if json_:
        show.as_json([life.as_json() for life in lives])
    elif readme:
        _readme(lives)
    else:
        for life in lives:
            _tell(life)
    raise SystemExit(0 if all(life.held for life in lives) else 1)


def _readme(lives: list[Played]) -> None:
    """What is beyond the promise does not belong into a readme: it is said instead."""
    from storelab.disclosure.report import readme

    for life in lives:
        if life.held:
            show.say(readme(life) + "\n")
        for sentence in life.why:
            print(f"{life.evidence.table.backend}: {sentence}", file=sys.stderr)


def _tell(life: Played) -> None:
    from storelab.disclosure.report import rows

    table = life.evidence.table
    show.table(
        f"What leaves the store with {table.plugin}",
        ("phase", "how", "call", "what", "times", "first", "allowed by"),
        [(r.phase, r.how, r.call, r.fields, r.times, f"#{r.number}", r.allowed) for r in rows(life)],
    )
    for line in life.evidence.unseen:
        show.say(f"not seen: {table.path.name}:{line.line}: {line.kind} {', '.join(line.calls)}")
    for sentence in life.why:
        show.say(f"BROKEN  {sentence}")
    for exchange in life.proof():
        show.say(f"  {exchange}")
    show.say(f"{table.backend}: {'held' if life.held else 'broken'}, {life.evidence.flows} exchanges left the store\n")
