"""Commands that prove something: stories, fuzzing, promises.

Exit code 0: it held. 1: it did not. 2: it could not be run.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Annotated, Any

import typer

from storelab.client import LabClient
from storelab.emulators.kernel.errors import LabError

from . import show
from .reach import Json, client

At = Annotated[str, typer.Option("--url", help="A running sandbox (or STORELAB_URL); one of its own when left out.")]


Observe = Annotated[
    bool, typer.Option("--observe", help="A connector without the driver API: it is told what to do, and watched.")
]
Tell = Annotated[str, typer.Option("--tell", help="With --observe: a command that is told, as JSON on its input.")]


def driven_by(connector: str, observe: bool, tell_: str) -> Any:
    """Whom stories are played with: an address, somebody who is only watched, or (None) the reference sync."""
    from storelab.scenarios.driver import Driver
    from storelab.scenarios.onlooker import Onlooker, teller

    if not observe:
        if connector:
            with closing(Driver(connector)) as driver:
                driver.backends()  # whether it answers: else every story would be told to be broken
        return connector or None
    if connector:
        raise LabError("--observe is for connectors without a driver API: leave --connector out")
    return Onlooker(teller(tell_))


def add_to(app: typer.Typer) -> None:
    app.command("run", epilog="Example: storelab run keycrm/echo my_story.yaml")(run)
    app.command("fuzz", epilog='Example: storelab fuzz keycrm --state "an offer in stock" --seed 1')(fuzz)
    app.command(
        "promises", epilog="Examples: storelab promises keycrm; storelab promises K1; storelab promises --list"
    )(promises)


@contextmanager
def laboratory(url: str, *, sync: bool = True) -> Iterator[LabClient]:
    """The named sandbox, or one of our own for as long as it is needed; without `sync` it starts faster."""
    if url or os.environ.get("STORELAB_URL"):
        yield client(url, "")
        return
    from storelab.sandbox import Sandbox, Settings

    with Sandbox(Settings(port=0, sync_port=0 if sync else None)) as sandbox:
        yield sandbox.client


def run(
    stories: Annotated[
        list[str] | None, typer.Argument(help="Files, folders, or names like keycrm/echo; all when left out.")
    ] = None,
    connector: Annotated[str, typer.Option(help="Driver API of a connector of your own.")] = "",
    observe: Observe = False,
    tell_: Tell = "",
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Tell every step as it is played.")] = False,
    url: At = "",
    json_: Json = False,
) -> None:
    """Play stories and say whether they hold."""
    from storelab.scenarios import player, story

    wanted = [path for name in stories for path in story.found(name)] if stories else story.stories()
    driver = driven_by(connector, observe, tell_)
    results = []
    with laboratory(url, sync=not (connector or observe)) as lab:
        for path in wanted:
            last: Any = None
            for event in player.play(path, lab, driver):
                last = event
                if verbose and not json_:
                    tell(event)
            results.append(last)
            if not json_:
                for line in last.lines():
                    show.say(line)
    if json_:
        show.as_json([r.as_json() for r in results])
    broken = sum(not r.held for r in results)
    if not json_:
        show.say(f"{len(results) - broken} held, {broken} broken")
    raise SystemExit(1 if broken else 0)


def tell(event: Any) -> None:
    """One event of a story, for people."""
    from storelab.scenarios.events import Believes, Crossed, Doing, Started

    if isinstance(event, Started):
        show.say(f"\n{event.title}")
    elif isinstance(event, Doing):
        show.say(f"  {event.number or 'given':>5}  {event.text}")
    elif isinstance(event, Crossed):
        for line in event.lines():
            show.say(f"           {line}")
    elif isinstance(event, Believes):
        show.say(
            f"         = store {_stock(event.shelf)}, backend {_stock(event.received)}"
            + (f", connection {event.status}" if event.status else "")
        )


def _stock(pieces: Any) -> str:
    shown = [f"{sku} {number}" for sku, number in list(pieces.items())[:8]]
    return ", ".join(shown) + (" ..." if len(pieces) > 8 else "") if shown else "nothing"


def fuzz(
    service: Annotated[str, typer.Argument(help="A store, a backend, control or connector; all when left out.")] = "",
    state: Annotated[str | None, typer.Option(help="Only from this state; '' is a fresh account.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed sends the same requests.")] = 42,
    max_examples: Annotated[int, typer.Option(min=1, help="Requests tried per operation and phase.")] = 10,
    max_time: Annotated[int | None, typer.Option(min=1, help="Seconds for each state.")] = None,
    phases: Annotated[str, typer.Option(help="Only some of examples,coverage,fuzzing,stateful.")] = "",
    operation: Annotated[str, typer.Option(help='Only this one: "GET /v1/offers".')] = "",
    quick: Annotated[
        bool,
        typer.Option("--quick", help="Without aliases and most bad data."),
    ] = False,
    url: At = "",
    json_: Json = False,
) -> None:
    """Throw generated requests at an API from every named state, with all checks and laws on."""
    from storelab import fuzzing

    settings: dict[str, Any] = {"seed": seed, "examples": max_examples, "seconds": max_time, "operation": operation}
    settings["quick"] = quick
    if phases:
        settings["phases"] = tuple(phase.strip() for phase in phases.split(","))
    outcomes = []
    with laboratory(url) as lab:
        for plan in fuzzing.plans(lab, service, state=state, **settings):
            if not json_:
                print(f"{plan.title} ...", end="", flush=True, file=sys.stderr)
            outcome = fuzzing.fuzz(lab, plan)
            outcomes.append(outcome)
            if not json_:
                print(f" {outcome.requests} requests, {len(outcome.findings)} findings", file=sys.stderr)
    if json_:
        show.as_json([o.as_json() for o in outcomes])
    else:
        show.table(
            "Fuzzing",
            ("service", "from", "operations", "requests", "seconds", "held"),
            [
                (
                    o.plan.service,
                    o.plan.state or "a fresh account",
                    o.operations,
                    o.requests,
                    f"{o.seconds:.1f}",
                    "held" if o.held else "broken",
                )
                for o in outcomes
            ],
        )
        for finding in (f for o in outcomes for f in o.findings):
            show.say(
                f"\n{finding.operation}: {finding.title}\n{finding.message}\n{finding.curl}\nagain: {finding.replay}"
            )
    raise SystemExit(0 if all(o.held for o in outcomes) else 1)


def promises(
    names: Annotated[list[str] | None, typer.Argument(help="Promises (K1) or backends; all when left out.")] = None,
    list_: Annotated[bool, typer.Option("--list", help="Show promises and proofs, and run none.")] = False,
    url: At = "",
    json_: Json = False,
) -> None:
    """What the connectors promise their users, with the proof and its verdict."""
    from storelab.promises import chosen, table

    wanted = chosen(names or ())
    if list_:
        if json_:
            show.as_json([promise.as_json() for promise in wanted])
        else:
            rows = [(p.id, p.promise, "\n".join(map(str, p.proofs))) for p in wanted]
            show.table("Promises", ("id", "promise", "proofs"), rows)
        return

    def tell(line: str) -> None:
        if not json_:
            print(line, file=sys.stderr)

    with laboratory(url) as lab:
        verdicts = list(table(lab, only=names or (), tell=tell))
    if json_:
        show.as_json([row.as_json() for row in verdicts])
    else:
        show.table(
            "Promises",
            ("id", "promise", "proof", "verdict"),
            [(row.id, row.promise, row.proof, row.verdict) for row in verdicts],
        )
        counted = Counter(row.verdict for row in verdicts)
        for row in verdicts:
            if row.verdict == "broken":
                show.say(f"{row.id} is broken: {row.why}")
        show.say(", ".join(f"{counted[verdict]} {verdict}" for verdict in ("held", "broken", "unproven")))
    raise SystemExit(1 if any(row.verdict == "broken" for row in verdicts) else 0)
