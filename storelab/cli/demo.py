"""`storelab demo`: the whole way, played before your eyes."""

from __future__ import annotations

import time
from typing import Annotated, Any

import typer

from storelab.client import LabClient
from storelab.emulators.kernel.errors import LabError

from . import show
from .proofs import tell
from .up import announce, wait

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
    with sandbox:
        lab = LabClient(sandbox.url, sandbox.token)
        info = lab.info()
        if not json_:
            show.say(
                f"A sandbox runs at {info['url']}: the store, {', '.join(info['backends'])}, and the reference sync."
            )
        summary = [row for backend in info["backends"] for row in _played(lab, backend, quiet=json_)]
        held = bool(summary) and all(row["held"] for row in summary)
        if json_:
            show.as_json({"held": held, "summary": summary, "sandbox": info})
        else:
            show.say()
            show.table(
                "Summary",
                ("backend", "what", "held", "seconds"),
                [(r["backend"], r["what"], "held" if r["held"] else "broken", f"{r['seconds']:.2f}") for r in summary],
            )
        if exit_:
            raise SystemExit(0 if held else 1)
        if not json_:
            announce(info)
        wait(sandbox)
    raise SystemExit(0 if held else 1)


def _played(lab: LabClient, backend: str, *, quiet: bool) -> list[dict[str, Any]]:
    """The story and the contracts of one backend: a row each."""
    from storelab.contracts import kit
    from storelab.scenarios import player, story

    path = next((p for p in story.stories() if p.stem == STORY and p.parent.name == backend), None)
    if path is None:
        raise LabError(f"scenarios/{backend}/{STORY}.yaml is missing: there is nothing to play")
    last: Any = None
    for last in player.play(path, lab):
        if not quiet:
            tell(last)
    if not quiet:
        for line in last.lines():
            show.say(line)
    started = time.perf_counter()
    verdicts = kit.verify_all(lab, backend)
    kept = sum(v.held for v in verdicts)
    if not quiet:
        show.say(f"contracts with {backend}: {kept} of {len(verdicts)} interactions kept")
        for verdict in verdicts:
            if not verdict.held:
                show.say(f"  broken: {verdict.description}: {verdict.difference}")
    return [
        {"backend": backend, "what": last.title, "held": last.held, "seconds": last.seconds},
        {
            "backend": backend,
            "what": f"{kept} of {len(verdicts)} interactions of the contracts",
            "held": bool(verdicts) and kept == len(verdicts),
            "seconds": time.perf_counter() - started,
        },
    ]
