"""Commands that drive a running sandbox: moves, states, facts, clock, faults, snapshots, journal, deliveries, jobs."""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from storelab.emulators.kernel.errors import LabError
from storelab.emulators.kernel.spelling import unknown

from . import files, show
from .reach import Json, Url, World, arguments, client

Words = Annotated[list[str] | None, typer.Argument(help="Arguments: sku=MUG quantity=5", metavar="[NAME=VALUE]...")]
Whose = Annotated[str, typer.Argument(help="The store (woocommerce) or a backend: keycrm.")]
Word = Annotated[
    str, typer.Argument(help="One of its words, which `storelab words keycrm` lists with their arguments.")
]
Service = Annotated[str, typer.Option(help="Only this service's: keycrm.")]


class TakesNumbers(TyperCommand):
    """A number below zero is a value, and no option that nobody knows."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if "--" not in args and (numbers := [arg for arg in args if _BELOW_ZERO.fullmatch(arg)]):
            args = [*(arg for arg in args if arg not in numbers), "--", *numbers]
        return super().parse_args(ctx, args)


_BELOW_ZERO = re.compile(r"-[\d.]+")


def add_to(app: typer.Typer) -> None:
    app.command("do", epilog='Example: storelab do keycrm "adjust stock" sku=MUG quantity=5')(do)
    app.command("state", epilog='Example: storelab state woocommerce "a product in stock" sku=MUG quantity=3')(state)
    app.command("fact", epilog="Example: storelab fact keycrm stock")(fact)
    app.command("words", epilog="Example: storelab words keycrm")(words)
    app.command("reset", epilog="Examples: storelab reset; storelab reset --world qa-1")(reset)
    app.command(
        "snapshot",
        epilog="Examples: storelab snapshot save before-sale; storelab snapshot restore before-sale; "
        "storelab snapshot export before-sale --file sale.world",
    )(snapshot)
    app.command(
        "clock",
        cls=TakesNumbers,
        epilog="Examples: storelab clock advance 3600; storelab clock freeze 2026-11-27T08:00:00Z; storelab clock live",
    )(clock)
    app.command(
        "fault",
        epilog="Examples: storelab fault list; "
        "storelab fault add status service=keycrm status=429 retry_after=30 times=2; storelab fault clear",
    )(fault)
    app.command("journal", epilog="Example: storelab journal --service keycrm --follow")(journal)
    app.command(
        "deliveries",
        epilog="Examples: storelab deliveries --status failed; storelab deliveries --redeliver 3; "
        "storelab deliveries --redeliver-missed",
    )(deliveries)
    app.command("jobs", epilog="Example: storelab jobs --service spotler --status pending")(jobs)
    app.command("world", epilog="Examples: storelab world make qa-1; storelab world drop qa-1")(world_)


def do(backend: Whose, move: Word, words_: Words = None, url: Url = "", world: World = "", json_: Json = False) -> None:
    """Do what a person or the vendor does behind the API."""
    _result(client(url, world).do(backend, move, **arguments(words_ or [])), json_)


def state(
    backend: Whose, name: Word, words_: Words = None, url: Url = "", world: World = "", json_: Json = False
) -> None:
    """Bring a named situation about."""
    _result(client(url, world).state(backend, name, **arguments(words_ or [])), json_)


def fact(
    backend: Whose, name: Word, words_: Words = None, url: Url = "", world: World = "", json_: Json = False
) -> None:
    """Ask what a service now believes."""
    found = client(url, world).fact(backend, name, **arguments(words_ or []))
    if json_ or not isinstance(found, dict):
        show.as_json(found)
    else:
        show.mapping(f"{backend}: {name}", found)


def words(
    service: Annotated[str, typer.Argument(help="One of them; all when left out.")] = "",
    url: Url = "",
    world: World = "",
    json_: Json = False,
) -> None:
    """List the states, moves and facts of every service."""
    vocabulary = client(url, world).vocabulary
    if service and service not in vocabulary:
        raise LabError(unknown("there is no service", service, vocabulary), status=404, code="unknown_service")
    vocabulary = {service: vocabulary[service]} if service else vocabulary
    if json_:
        show.as_json(vocabulary)
        return
    rows = [
        (service, kind[:-1], name, " ".join(f"{a}={v}" for a, v in word["arguments"].items()), word["about"])
        for service, kinds in vocabulary.items()
        for kind in ("states", "moves", "facts")
        for name, word in kinds[kind].items()
    ]
    show.table("Vocabulary", ("service", "kind", "words", "arguments", "about"), rows)


def reset(url: Url = "", world: World = "", json_: Json = False) -> None:
    """Make the world as a new one is."""
    info = client(url, world).call("POST", "/reset")
    show.as_json(info) if json_ else show.say("reset")


def snapshot(
    action: Annotated[str, typer.Argument(help="save, restore, list, export or import")],
    name: Annotated[str, typer.Argument(help="name of the snapshot")] = "",
    file: Annotated[Path | None, typer.Option(help="for export and import")] = None,
    url: Url = "",
    world: World = "",
    json_: Json = False,
) -> None:
    """Save the world under a name, or make it as it was."""
    lab, path = client(url, world), f"/snapshots/{name}"
    if action == "list":
        done = lab.call("GET", "/snapshots")
    elif action not in ("save", "restore", "export", "import"):
        raise LabError(f"a snapshot cannot be {action!r}; use save, restore, list, export or import")
    elif not name:
        raise LabError(f"snapshot {action} needs a name, like storelab snapshot {action} before-sale")
    elif action == "save":
        done = lab.call("PUT", path)
    elif action == "restore":
        done = lab.call("POST", f"{path}/restore")
    elif file is None:
        raise LabError(f"snapshot {action} needs --file")
    elif action == "export":
        files.write(file, lab.call("GET", path))
        done = lab.call("GET", "/snapshots")
    else:
        done = lab.call("PUT", path, files.read(file))
    show.as_json(done) if json_ else show.say(", ".join(done["snapshots"]) or "no snapshots")


def clock(
    action: Annotated[str, typer.Argument(help="freeze, advance, live, idle or show")] = "show",
    value: Annotated[str, typer.Argument(help="a time for freeze, seconds for advance")] = "",
    url: Url = "",
    world: World = "",
    json_: Json = False,
) -> None:
    """Freeze, move or free the world's time; everything that waits on time follows."""
    lab = client(url, world)
    if action == "freeze":
        read = lab.clock(freeze=value or True)
    elif action == "advance":
        read = lab.clock(advance=_seconds(value))
    elif action == "live":
        read = lab.clock(live=True)
    elif action == "idle":
        read = lab.clock(until_idle=True)
    elif action == "show":
        read = lab.clock()
    else:
        raise LabError(f"the clock cannot {action!r}; it can freeze, advance, live, idle and show")
    if json_:
        show.as_json(read)
    else:
        due = f", next due {read['next_due']}" if read["next_due"] else ""
        show.say(f"{read['now']} ({'frozen' if read['frozen'] else 'live'}{due})")


def _seconds(value: str) -> float:
    example = "for example: storelab clock advance 3600"
    try:
        seconds = float(value)
    except ValueError:
        raise LabError(f"advance needs seconds, not {value!r}; {example}") from None
    if seconds < 0:
        raise LabError(f"the clock never goes back, and so not by {value!r}; {example}. A snapshot brings back a state")
    return seconds


def fault(
    action: Annotated[str, typer.Argument(help="add, list or clear; list also tells all kinds")],
    kind: Annotated[str, typer.Argument(help="the kind for add; the number for clear, all when left out")] = "",
    words_: Annotated[
        list[str] | None,
        typer.Argument(
            help="What it befalls: service=keycrm operation=offers.stocks times=2", metavar="[NAME=VALUE]..."
        ),
    ] = None,
    url: Url = "",
    world: World = "",
    json_: Json = False,
) -> None:
    """Make something go wrong on purpose."""
    lab = client(url, world)
    if action == "add":
        added = lab.fault(kind=kind, **arguments(words_ or []))
        show.as_json(added) if json_ else show.say(f"fault {added['id']}: {added['kind']} on {added['service']}")
    elif action == "clear":
        if kind and not kind.isdecimal():
            raise LabError(f"a fault is cleared by its number, not by {kind!r}: storelab fault list shows them")
        lab.call("DELETE", f"/faults/{kind}" if kind else "/faults")
        show.as_json({"cleared": kind or "all"}) if json_ else show.say("cleared")
    elif action == "list":
        listed = lab.call("GET", "/faults")
        if json_:
            show.as_json(listed)
            return
        show.table(
            "Active faults",
            ("number", "kind", "service", "operation", "times", "hits"),
            [
                (
                    f["id"],
                    f["kind"],
                    f["service"],
                    f.get("operation", "all"),
                    f.get("times", "until cleared"),
                    f["hits"],
                )
                for f in listed["faults"]
            ],
        )
        show.table("Kinds", ("kind", "what it does"), listed["kinds"].items())
    else:
        raise LabError(f"a fault cannot be {action!r}; use add, list or clear")


def journal(
    service: Service = "",
    operation: Annotated[str, typer.Option(help="Only this operation: orders.create.")] = "",
    status: Annotated[int | None, typer.Option(help="Only answers with this status.")] = None,
    text: Annotated[str, typer.Option(help="Look for this in addresses and bodies.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="Only the newest.")] = 50,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as exchanges happen.")] = False,
    har: Annotated[Path | None, typer.Option(help="Write the journal to this file as an HTTP Archive.")] = None,
    url: Url = "",
    world: World = "",
    json_: Json = False,
) -> None:
    """Show what crossed the wire, secrets masked."""
    lab = client(url, world)
    if har is not None:
        import json

        files.write(har, json.dumps(lab.call("GET", "/journal/har")))
        show.say(f"written to {har}")
        return
    asked: dict[str, Any] = {"service": service, "operation": operation, "status": status, "text": text}
    asked = {k: v for k, v in asked.items() if v}
    found = lab.journal(**asked, limit=limit)
    if json_ and not follow:
        show.as_json(found)
        return
    last = 0
    if not found and not json_:
        print("nothing matches" if asked else "nothing has crossed the wire yet", file=sys.stderr, flush=True)
    while True:
        for exchange in found:
            last = max(last, exchange["number"])
            show.as_json(exchange) if json_ else show.say(_line(exchange))
        if not follow:
            return
        time.sleep(0.3)
        found = lab.journal(**asked, limit=1000, after=last)


def _line(exchange: dict[str, Any]) -> str:
    arrow = "->" if exchange["direction"] == "in" else "<-"
    notes = "; ".join(filter(None, (exchange["reason"], exchange["fault"])))
    status = exchange["status"] if exchange["status"] is not None else "---"
    return (
        f"{exchange['number']:>5} {exchange['at'][11:19]} {arrow} {exchange['service']:<12} {status} "
        f"{exchange['method']:<6} {exchange['url']}" + (f"  ({notes})" if notes else "")
    )


def deliveries(
    redeliver: Annotated[int | None, typer.Option(help="Send this one again.")] = None,
    redeliver_missed: Annotated[
        bool, typer.Option("--redeliver-missed", help="Send again what failed or was dropped.")
    ] = False,
    since: Annotated[str, typer.Option(help="Of what was missed, only what was made since this time.")] = "",
    service: Service = "",
    status: Annotated[str, typer.Option(help="Only those that are pending, delivered, failed or dropped.")] = "",
    url: Url = "",
    world: World = "",
    json_: Json = False,
) -> None:
    """Show webhook deliveries with their outcome, or send one again."""
    lab = client(url, world)
    if redeliver is not None:
        sent = lab.call("POST", f"/deliveries/{redeliver}/redeliver")
        show.as_json(sent) if json_ else show.say(f"delivery {redeliver}: {sent['status']}")
        return
    if redeliver_missed:
        again = lab.redeliver_missed(service, since)
        missed = len(again["deliveries"])
        show.as_json(again) if json_ else show.say(f"{again['delivered']} of {missed} delivered")
        return
    found = lab.deliveries(service=service or None, status=status or None)
    if json_:
        show.as_json(found)
        return
    rows = [
        (d["number"], d["service"], d["subscription"], d["status"], len(d["attempts"]), d["due_at"][:19]) for d in found
    ]
    show.table("Deliveries", ("number", "service", "webhook", "status", "attempts", "due"), rows)


def jobs(
    service: Service = "",
    status: Annotated[str, typer.Option(help="Only those that are pending, running, done or failed.")] = "",
    url: Url = "",
    world: World = "",
    json_: Json = False,
) -> None:
    """Show what the backends do by themselves: polls, retries, nightly work."""
    found = client(url, world).jobs(service=service or None, status=status or None)
    if json_:
        show.as_json(found)
        return
    rows = [
        (j["number"], j["service"], j["name"], j["status"], j["runs"], j["due_at"][:19], j["every"] or "", j["error"])
        for j in found
    ]
    show.table("Jobs", ("number", "service", "job", "status", "runs", "due", "every (s)", "error"), rows)


def world_(
    action: Annotated[str, typer.Argument(help="make, list or drop")],
    name: Annotated[str, typer.Argument(help="name of the world; chosen for you when left out")] = "",
    seed: Annotated[str, typer.Option(help="Its ids and secrets follow from it.")] = "",
    copy_of: Annotated[str, typer.Option(help="Make it like this world (the first one is called default).")] = "",
    url: Url = "",
    json_: Json = False,
) -> None:
    """Make, list or drop isolated worlds."""
    lab = client(url, "")
    if action == "make":
        body = {k: v for k, v in (("name", name), ("seed", seed), ("copy_of", copy_of)) if v}
        info = lab.call("POST", "/worlds", body)
        show.as_json(info) if json_ else show.say(info["url"])
    elif action == "drop":
        lab.call("DELETE", f"/worlds/{name}")
        show.as_json({"dropped": name}) if json_ else show.say("dropped")
    elif action == "list":
        listed = lab.call("GET", "/worlds")
        show.as_json(listed) if json_ else show.say("\n".join(listed["worlds"]))
    else:
        raise LabError(f"a world cannot be {action!r}; use make, list or drop")


def _result(result: Any, as_json: bool) -> None:
    if as_json:
        show.as_json(result)
    elif result is None:
        show.say("done")
    else:
        import json

        show.say(json.dumps(result, indent=2, ensure_ascii=False))
