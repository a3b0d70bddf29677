"""`storelab contracts diff`: what changed between two contracts or two OpenAPI documents.

Exit code 0: nothing that breaks anybody. 1: something that does. 2: it could not be found out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Annotated, Any

import typer

from storelab.emulators.kernel.errors import LabError

from . import show
from .reach import Json

if TYPE_CHECKING:
    from storelab.contracts.changes.change import Change
    from storelab.contracts.changes.sources import Document

EXAMPLES = (
    "Examples: storelab contracts diff main:contracts/pacts contracts/pacts; "
    "storelab contracts diff old.yaml new.yaml --pacts contracts/pacts --provider keycrm"
)


def add_to(group: typer.Typer) -> None:
    group.command("diff", epilog=EXAMPLES)(diff)


def diff(
    old: Annotated[str, typer.Argument(help="A file, a folder, or REVISION:PATH of git.")],
    new: Annotated[str, typer.Argument(help="The same, as it is now.")],
    pacts: Annotated[
        Path | None, typer.Option(help="For OpenAPI: only what concerns a contract in this folder breaks anybody.")
    ] = None,
    provider: Annotated[
        str, typer.Option(help="For OpenAPI: who that is in the contracts; else the file's name.")
    ] = "",
    json_: Json = False,
) -> None:
    """What changed for whom, and does it break them?

    Between contracts, breaking is what a provider that kept the old one may not keep of the new one. Between OpenAPI
    documents, it is what a client of the old one may stumble over.
    """
    from storelab.contracts.changes import sources
    from storelab.contracts.changes.change import breaking

    before, after = sources.read(old), sources.read(new)
    if {d.kind for d in before.values()} != {d.kind for d in after.values()}:
        raise LabError("one is a contract and the other an OpenAPI document: these cannot be compared")
    found = [
        change
        for name in sorted(before.keys() | after.keys())
        for change in _changes(before.get(name), after.get(name), pacts, provider)
    ]
    broken = breaking(found)
    if json_:
        show.as_json({"breaking": len(broken), "changes": [change.as_json() for change in found]})
    else:
        _show(found)
    raise SystemExit(1 if broken else 0)


def _changes(old: Document | None, new: Document | None, folder: Path | None, provider: str) -> list[Change]:
    from storelab.contracts.changes import openapi, pacts as contracts, sources

    some = new or old
    if some is None:
        return []
    before, after = old.content if old else None, new.content if new else None
    if some.kind == sources.PACT:
        return contracts.changes(before, after)
    consumers = _consumers(folder, provider or PurePosixPath(some.name).stem) if folder else None
    return openapi.changes(before or {}, after or {}, consumers)


def _consumers(folder: Path, provider: str) -> Sequence[Mapping[str, Any]]:
    from storelab.contracts.pactfiles import pact_files, read

    found = [read(file) for file in pact_files(folder, provider=provider)] if folder.is_dir() else []
    if not found:
        raise LabError(f"there is no contract with {provider} in {folder}; name the provider with --provider")
    return found


def _show(found: Sequence[Change]) -> None:
    if not found:
        show.say("nothing has changed")
        return
    rows = [(c.where, c.what, "breaking" if c.breaking else "", ", ".join(c.whom)) for c in found]
    show.table("Changes", ("where", "what", "", "for whom"), rows)
    counted = Counter(change.breaking for change in found)
    show.say(f"{len(found)} changes, {counted[True]} of them breaking")
