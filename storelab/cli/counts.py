"""Commands that count what there is: operations, and data that travels."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from storelab.emulators.kernel.errors import LabError
from storelab.emulators.kernel.spelling import unknown

from . import files, show
from .proofs import At, laboratory
from .reach import Json


def add_to(app: typer.Typer) -> None:
    app.command("coverage", epilog="Example: storelab coverage woocommerce")(coverage)
    app.command("matrix", epilog="Example: storelab matrix --markdown")(matrix)


def coverage(
    service: Annotated[str, typer.Argument(help="Every operation of this one: woocommerce, keycrm.")] = "",
    url: At = "",
    json_: Json = False,
) -> None:
    """Which operations are emulated, which of them are proven by recorded calls or contracts, and which are guesses:
    counted from the documents and the contracts."""
    from storelab import coverage as counting

    with laboratory(url, sync=False) as lab:
        found = lab.call("GET", "/coverage")
    if service and service not in found:
        raise LabError(unknown("there is no service", service, found))
    found = {
        name: counting.proven(operations, counting.asked(name))
        for name, operations in found.items()
        if service in ("", name)
    }
    if json_:
        show.as_json(found)
        return
    if service:
        show.table(
            f"Operations of {service}",
            ("operation", "request", "emulated", "proven", "assumed"),
            [_row(operation) for operation in found[service]],
        )
    else:
        rows = [counting.counted(name, operations) for name, operations in found.items()]
        show.table(
            "Operations",
            ("service", "all", "emulated", "proven", "pacts", "recorded", "calls", "assumed"),
            [tuple(vars(row).values()) for row in (*rows, counting.total(rows))],
        )
    for name, operations in found.items():
        if listed := counting.routes(operations):
            emulated = sum(listed.values())
            show.say(f"{name}: {emulated} of the {len(listed)} routes that its own index lists are emulated")
        missing = sorted({f"{o['method']} {o['path']}" for o in operations if not o["emulated"]})
        if missing and not service:
            show.say(f"{name}: not emulated\n  " + "\n  ".join(missing))


def _row(operation: Any) -> tuple[Any, ...]:
    return (
        operation["operation"],
        f"{operation['method']} {operation['path']}",
        "yes" if operation["emulated"] else "no",
        ", ".join(f"{operation[n]} {n}" for n in ("recorded", "contracts") if operation[n]),
        operation["assumed"],
    )


def matrix(
    markdown: Annotated[bool, typer.Option("--markdown", help="As docs/what-travels.md shows it.")] = False,
    summary: Annotated[bool, typer.Option("--summary", help="In two rows, as the README shows it.")] = False,
    write: Annotated[Path | None, typer.Option(help="Put it between the marks of this file.")] = None,
    json_: Json = False,
) -> None:
    """Which data travels between the store and which backend, and the stories that show it."""
    from storelab import matrix as made

    titles = made.backends()
    found = made.cells(list(titles))
    written = (made.summary if summary else made.markdown)(found, titles)
    if json_:
        show.as_json([cell.as_json() for cell in found])
    elif write is not None:
        command = made.SUMMARY if summary else made.COMMAND
        files.write(write, made.replaced(files.read(write).decode(), written, command))
        show.say(f"written to {write}")
    elif markdown or summary:
        show.say(written)
    else:
        show.table(
            "Data that travels (in: to the store, out of it)",
            ("data", *titles.values()),
            [
                (
                    data,
                    *("\n".join(story.name.partition("/")[2] for story in cell.stories) or made.EMPTY for cell in row),
                )
                for data, row in made.rows(found, list(titles))
            ],
        )
