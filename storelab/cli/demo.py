"""`storelab demo`: the whole way, played before your eyes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Annotated, Any

import typer

from storelab.client import LabClient
from storelab.emulators.kernel.errors import LabError

from . import show
from .proofs import tell
from .up import announce, running

STORY = "connect_to_sync"


def add_to(app: typer.Typer) -> None:
    app.command("demo", epilog="Example: storelab demo --exit")(demo)


def demo(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of the sandbox; 0: any.")] = 8700,
    exit_: Annotated[
        bool, typer.Option("--exit", help="Stop at the end instead of leaving the sandbox running.")
    ] = False,
    json_: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Play connect to sync for every backend, verify the contracts, and leave the sandbox running."""
    from storelab.sandbox import Sandbox, Settings

    sandbox = Sandbox(Settings(port=port, sync_port=port + 1 if port else 0))
    held = False
    with running(sandbox):
        lab = LabClient(sandbox.url, sandbox.token)
        info = lab.info()
        if not json_:
            show.say(
                f"A sandbox runs at {info['url']}: the store, {', '.join(info['backends'])}, and the reference sync."
            )
        summary = [_played(lab, backend, quiet=json_) for backend in info["backends"]]
        summary += _verified(lab, quiet=json_)
        held = all(row["held"] for row in summary)
        if json_:
            show.as_json({"held": held, "summary": summary, "sandbox": info})
        else:
            show.say()
            show.table(
                "Summary",
                ("with", "what", "held", "seconds"),
                [(r["with"], r["what"], "held" if r["held"] else "broken", f"{r['seconds']:.2f}") for r in summary],
            )
        if exit_:
            raise SystemExit(0 if held else 1)
        if not json_:
            announce(info)
    raise SystemExit(0 if held else 1)


def _played(lab: LabClient, backend: str, *, quiet: bool) -> dict[str, Any]:
    """The story of one backend, told as it goes: a row of the summary."""
    from storelab.scenarios import player, story

    path = next((p for p in story.stories(backend) if p.stem == STORY), None)
    if path is None:
        raise LabError(f"scenarios/{backend}/{STORY}.yaml is missing: there is nothing to play")
    last: Any = None
    for last in player.play(path, lab):
        if not quiet:
            tell(last)
    if not quiet:
        for line in last.lines():
            show.say(line)
    return {"with": backend, "what": last.title, "held": last.held, "seconds": round(last.seconds, 3)}


def _verified(lab: LabClient, *, quiet: bool) -> Iterator[dict[str, Any]]:
    """The contracts: a row of the summary for each provider."""
    from storelab.contracts import kit

    for provider in lab.call("GET", "/vocabulary"):
        started = time.perf_counter()
        report = kit.verify(lab, provider=provider)
        kept = sum(v.verdict == kit.KEPT for v in report.verdicts)
        what = f"{kept} of {len(report.verdicts)} interactions of its contracts"
        if not quiet:
            show.say(f"{provider} keeps {what}")
            for verdict in report.broken:
                show.say(f"  broken: {verdict.description}: {'; '.join(d.message for d in verdict.differences)}")
        yield {"with": provider, "what": what, "held": report.held, "seconds": round(time.perf_counter() - started, 3)}
