"""`storelab demo`: the whole way, played before your eyes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from storelab.client import LabClient
from storelab.emulators.kernel.errors import LabError

from . import show
from .proofs import tell
from .up import announce, running

STORY = "connect_to_sync"
STORE = "woocommerce"


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
    with _verifying() as verification, running(sandbox):
        lab = sandbox.client
        info = lab.info()
        if not json_:
            show.say(
                f"A sandbox runs at {info['url']}: the store, {', '.join(info['backends'])}, and the reference sync."
            )
        summary = [_played(lab, backend, quiet=json_) for backend in info["backends"]]
        summary += _verified(verification, quiet=json_)
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


@contextmanager
def _verifying() -> Iterator[list[subprocess.Popen[str]]]:
    """The contracts are verified meanwhile, by processes with sandboxes of their own: those with the store, which are
    more than half, by one, and all others by another."""
    from storelab.contracts.pactfiles import pact_files, read

    alone = {name: value for name, value in os.environ.items() if name != "STORELAB_URL"}
    pipes: Any = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    providers = {read(path)["provider"]["name"] for path in pact_files()}
    shares = [[STORE], sorted(providers - {STORE})]
    command = [sys.executable, "-m", "storelab.cli", "contracts", "--json"]
    children = [subprocess.Popen([*command, *share], env=alone, **pipes) for share in shares]  # noqa: S603 (our own)
    try:
        yield children
    finally:
        for child in children:
            child.kill()
            child.communicate()


def _verified(verification: Sequence[subprocess.Popen[str]], *, quiet: bool) -> Iterator[dict[str, Any]]:
    """The contracts: a row of the summary for each provider."""
    if any(child.poll() is None for child in verification) and not quiet:
        show.say("The contracts are still being verified ...")
    verdicts = [verdict for child in verification for verdict in _verdicts(child)]
    for provider in dict.fromkeys(v["provider"] for v in verdicts):
        of_it = [v for v in verdicts if v["provider"] == provider]
        broken = [v for v in of_it if v["verdict"] == "broken"]
        kept = sum(v["verdict"] == "kept" for v in of_it)
        what = f"{kept} of {len(of_it)} interactions of its contracts"
        if not quiet:
            show.say(f"{provider} keeps {what}")
            for v in broken:
                show.say(f"  broken: {v['description']}: {'; '.join(d['message'] for d in v['differences'])}")
        seconds = sum(v["milliseconds"] for v in of_it) / 1000
        yield {"with": provider, "what": what, "held": bool(kept) and not broken, "seconds": round(seconds, 3)}


def _verdicts(child: subprocess.Popen[str]) -> list[dict[str, Any]]:
    out, trouble = child.communicate()
    try:
        found: list[dict[str, Any]] = json.loads(out)["interactions"]
    except ValueError:
        raise LabError(
            f"the contracts could not be verified: {trouble.strip()[-500:] or 'no reason was given'}"
        ) from None
    return found
