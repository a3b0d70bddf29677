"""`storelab contracts`: verify them here, or by a broker in a pipeline.

Exit code 0: they held, or it may be deployed. 1: not. 2: it could not be found out.
"""

from __future__ import annotations

from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from storelab.emulators.kernel.errors import LabError

from . import differences, pipeline, show
from .proofs import At, laboratory
from .reach import Json

CHECK = "check"


class _Checking(TyperGroup):
    """Without a command of its own name it is `check`: `storelab contracts keycrm --json`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        first = args[0] if args else ""
        if first not in self.commands and first not in ("-h", "--help"):
            args = [CHECK, *args]
        return super().parse_args(ctx, args)


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(cls=_Checking, rich_markup_mode=None, add_completion=False)
    group.command(CHECK, epilog="Examples: storelab contracts keycrm --json; storelab contracts --coverage")(check)
    pipeline.add_to(group)
    differences.add_to(group)
    app.add_typer(
        group,
        name="contracts",
        help="Verify the contracts against the emulators; publish them, and ask a broker what may be deployed.",
        epilog="Examples: storelab contracts; storelab contracts keycrm --json; storelab contracts publish --help",
    )


def check(
    providers: Annotated[
        list[str] | None, typer.Argument(help="Only pacts with these; all when left out.", metavar="[PROVIDER]...")
    ] = None,
    coverage: Annotated[
        bool, typer.Option("--coverage", help="Instead: which calls of stories no contract speaks of.")
    ] = False,
    story: Annotated[
        list[str] | None, typer.Option(help="For --coverage; where left out, from connect to sync with each backend.")
    ] = None,
    url: At = "",
    json_: Json = False,
) -> None:
    """Verify the contracts against the emulators: what `storelab contracts` does without a word."""
    from storelab.contracts import kit

    wanted = providers or [""]
    if coverage and len(wanted) > 1:
        raise LabError("--coverage is for one provider, or for all")
    if coverage:
        show_uses(wanted[0], story or [], url, json_)
    with laboratory(url, sync=False) as lab:
        reports = [kit.verify(lab, provider=provider) for provider in wanted]
    report = kit.Report(tuple(verdict for one in reports for verdict in one.verdicts))
    if json_:
        show.as_json(report.as_json())
    else:
        show_verdicts(report.verdicts)
    raise SystemExit(0 if report.held else 1)


def show_uses(provider: str, names: list[str], url: str, as_json: bool) -> NoReturn:
    from storelab.contracts import uses
    from storelab.scenarios import story

    wanted = [path for name in names for path in story.found(name)]
    with laboratory(url) as lab:
        found = uses.coverage(lab, wanted, provider=provider)
    if as_json:
        show.as_json(found.as_json())
    else:
        show.table(
            "What crossed the wire",
            ("consumer", "provider", "call", "times", "interactions"),
            [
                (row.use.consumer, row.use.provider, row.use.call, row.times, row.interactions or "none")
                for row in found.rows
            ],
        )
        for row in found.gaps:
            show.say(f"no contract: {row.use.consumer} with {row.use.provider}: {row.use.call}, first in {row.story}")
        show.say(f"{len(found.rows) - len(found.gaps)} of {len(found.rows)} kinds of calls have a contract")
    raise SystemExit(0 if found.whole else 1)


def show_verdicts(verdicts: Any) -> None:
    rows = [
        (v.consumer, v.provider, v.description, v.verdict, "; ".join(f"{d.where}: {d.message}" for d in v.differences))
        for v in verdicts
    ]
    show.table("Contracts", ("consumer", "provider", "interaction", "verdict", "what differed"), rows)
