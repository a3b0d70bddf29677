"""`storelab failures`: what went wrong in the field, played with the reference sync or with a connector of your own."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import files, show
from .proofs import At, Observe, Tell, driven_by
from .reach import Json

if TYPE_CHECKING:
    from storelab.failures import Verdict


def add_to(app: typer.Typer) -> None:
    app.command("failures", epilog="Example: storelab failures --connector http://127.0.0.1:9000 --html report.html")(
        failures
    )


def failures(
    ids: Annotated[list[str] | None, typer.Argument(help="Only these: F01 F52; all when left out.")] = None,
    connector: Annotated[str, typer.Option(help="Driver API of a connector of your own.")] = "",
    observe: Observe = False,
    tell_: Tell = "",
    html: Annotated[Path | None, typer.Option(help="Write the report to this file, as one page.")] = None,
    at_once: Annotated[int, typer.Option(min=0, max=16, help="Sandboxes side by side; 0: by processors.")] = 0,
    url: At = "",
    json_: Json = False,
) -> None:
    """Play the 52 failures that users have reported, and say which of them the connector survives."""
    from storelab import failures as field

    wanted, url = field.catalogue(ids or ()), url or os.environ.get("STORELAB_URL", "")
    files.writable(html)
    began, verdicts = time.perf_counter(), []
    if connector or observe:
        from storelab.tls import certificates, own_folder

        authority = certificates(own_folder() / "tls").authority
        trust = f"the connector has to trust it (SSL_CERT_FILE={authority}, or NODE_EXTRA_CA_CERTS)"
        print(f"Stories on https are told with certificates of {authority}: {trust}", file=sys.stderr, flush=True)
    driver = driven_by(connector, observe, tell_)
    playing = field.observed(wanted, driver) if observe else field.played(wanted, connector, url=url, at_once=at_once)
    for verdict in playing:
        verdicts.append(verdict)
        print(f"{len(verdicts)}/{len(wanted)} {verdict.id} {verdict.word}", file=sys.stderr, flush=True)
    verdicts.sort(key=lambda verdict: verdict.id)
    seconds = time.perf_counter() - began
    if html is not None:
        from storelab.failure_page import page

        who = connector or ("a connector that was observed" if observe else "the reference sync")
        files.write(html, page(verdicts, who, datetime.now(UTC), seconds))
    if json_:
        show.as_json([verdict.as_json() for verdict in verdicts])
    else:
        _tell(verdicts, seconds)
    broken = any(verdict.held is False for verdict in verdicts)
    raise SystemExit(1 if broken or not any(verdict.held for verdict in verdicts) else 0)


def _tell(verdicts: Sequence[Verdict], seconds: float) -> None:
    for verdict in verdicts:
        if verdict.held is False:
            show.say(f"\n{verdict.id}: {verdict.title}\n  {verdict.about}\n  {verdict.report}\n  {verdict.where}")
            show.say("\n".join(f"    {sentence}" for sentence in verdict.why))
            if verdict.proof:
                show.say("  what crossed the wire:\n" + "\n".join(f"    {line}" for line in verdict.proof))
    show.say()
    show.table(
        "Failures from the field",
        ("id", "what happens", "with", "verdict", "seconds"),
        [(v.id, v.title, v.backend, v.word, f"{v.seconds:.2f}") for v in verdicts],
    )
    for why in dict.fromkeys(why for verdict in verdicts if verdict.held is None for why in verdict.why):
        show.say(f"not played {', '.join(v.id for v in verdicts if v.held is None and why in v.why)}: {why}")
    counts = {word: sum(v.word == word for v in verdicts) for word in ("held", "broken", "not played")}
    show.say(", ".join(f"{count} {word}" for word, count in counts.items() if count) + f" in {seconds:.1f} s")
