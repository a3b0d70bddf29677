"""`storelab verify`: does an API keep what its consumers rely on?"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from storelab.emulators.kernel.errors import LabError

from . import files, show
from .proofs import laboratory
from .reach import Json

if TYPE_CHECKING:
    from storelab.verify.report import Check, Report

EXAMPLES = (
    "Examples: storelab verify; "
    "storelab verify keycrm --url http://127.0.0.1:9000 --state-url http://127.0.0.1:9000/states --html report.html; "
    "storelab verify woocommerce --url https://shop.example.com"
)


def add_to(app: typer.Typer) -> None:
    app.command("verify", epilog=EXAMPLES)(verify)


def verify(
    names: Annotated[list[str] | None, typer.Argument(metavar="[BACKEND]...", help="All when left out.")] = None,
    all_: Annotated[bool, typer.Option("--all", help="All emulators, as without a name.")] = False,
    url: Annotated[str, typer.Option(help="Address of the API; a sandbox of our own when left out.")] = "",
    state_url: Annotated[str, typer.Option(help="Its state adapter (docs/verify.md).")] = "",
    given: Annotated[
        list[str] | None,
        typer.Option(help="NAME=VALUE for the contracts, like api_key=...; KEYCRM_API_KEY in the environment is one."),
    ] = None,
    present: Annotated[list[str] | None, typer.Option(help="A state that holds there already.")] = None,
    consumer: Annotated[str, typer.Option(help="Only the contracts of this one.")] = "",
    write: Annotated[bool, typer.Option("--write", help="Things may be changed there.")] = False,
    fuzz: Annotated[str, typer.Option(help="How hard the document is tried: off, quick, thorough.")] = "quick",
    rate: Annotated[str, typer.Option(help="Requests that the API takes: 60/m. For --fuzz.")] = "",
    fuzz_time: Annotated[int | None, typer.Option(min=1, help="Seconds for --fuzz.")] = None,
    slow: Annotated[float, typer.Option(min=0.001, help="Seconds that an answer may take.")] = 10.0,
    stories: Annotated[
        bool, typer.Option("--stories", "--scenarios", help="Also play stories with it: connect, sync, disconnect.")
    ] = False,
    story: Annotated[list[str] | None, typer.Option(help="Only this story: keycrm/connect_to_sync.")] = None,
    settle: Annotated[float, typer.Option(min=0, help="Seconds that its webhooks take, for --stories.")] = 0.0,
    webhooks: Annotated[bool, typer.Option(help="Also let it send webhooks, and send some to it.")] = True,
    ask: Annotated[
        bool, typer.Option("--ask", help="Where there is no adapter, ask a person to make it send webhooks.")
    ] = False,
    listen: Annotated[str, typer.Option(help="HOST:PORT where webhooks are waited for.")] = "127.0.0.1:0",
    listen_url: Annotated[str, typer.Option(help="How the API reaches that, like a tunnel's address.")] = "",
    patience: Annotated[float, typer.Option(min=0.1, help="Seconds to wait for a webhook.")] = 10.0,
    ca: Annotated[str, typer.Option(help="File of a certificate authority to trust.")] = "",
    strict: Annotated[
        bool, typer.Option("--strict", help="What was not proven, like what needs a state of no adapter, fails too.")
    ] = False,
    baseline: Annotated[
        Path | None, typer.Option(help="Known failures, accepted until a day (docs/verify.md).")
    ] = None,
    write_baseline: Annotated[Path | None, typer.Option(help="Write what is broken now as such a file.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write the report as one page.")] = None,
    junit: Annotated[Path | None, typer.Option(help="Write it as JUnit XML.")] = None,
    sarif: Annotated[Path | None, typer.Option(help="Write it as SARIF 2.1.0.")] = None,
    json_: Json = False,
) -> None:
    """Say whether an API keeps what its consumers rely on, and where it does not.

    Exit codes: 0 kept, 1 broken (with --strict also: not proven), 2 it could not be run.
    """
    from dataclasses import replace

    from storelab.verify import baseline as baselines, document, page, run
    from storelab.verify.junit import xml as junit_xml
    from storelab.verify.pacts import Target
    from storelab.verify.sarif import text as sarif_text

    wanted = run.providers([] if all_ else names or [])
    files.writable(write_baseline, html, junit, sarif)
    known = baselines.read(baseline) if baseline else []
    if fuzz not in document.INTENSITIES:
        raise LabError(f"--fuzz takes {', '.join(document.INTENSITIES)}, not {fuzz!r}")
    person = _asked if ask else None
    only = tuple(story or ())
    if not url:
        _of_an_address(
            state_url=state_url,
            given=given,
            present=present,
            write=write,
            rate=rate,
            stories=stories,
            story=story,
            settle=settle,
            ask=ask,
            listen_url=listen_url,
            ca=ca,
        )
    parts = run.Parts(
        fuzz, stories or bool(only), webhooks, listen, listen_url, patience, rate, fuzz_time, settle, only, person
    )
    with _progress(json_ or ask) as tell:
        if url:
            name = _one(wanted)
            values = {**run.known_values(name), **run.given_values(given or [])}
            target = Target(
                name, url.rstrip("/"), state_url, values, tuple(present or ()), consumer, write, slow=slow, ca=ca
            )
            report = run.of_target(target, parts, tell=tell)
        else:
            with laboratory("", sync=False) as lab:
                report = run.of_sandbox(lab, wanted, parts, consumer=consumer, tell=tell)
    today = datetime.now(UTC).date()
    if write_baseline:
        files.write(write_baseline, baselines.written(report, today))
    report = replace(baselines.applied(report, known, today), strict=strict)
    for file, writer in ((html, page.html), (junit, junit_xml), (sarif, sarif_text)):
        if file:
            files.write(file, writer(report))
    _show(report, json_)
    raise SystemExit(report.exit_code)


def _of_an_address(**given: object) -> None:
    """Refuses what is said of an API elsewhere: it would be left aside, and everything would seem to be kept."""
    for name, value in given.items():
        if value:
            option = f"--{name.replace('_', '-')}"
            instead = "; `storelab run` plays stories with the emulators" if name in ("stories", "story") else ""
            raise LabError(f"{option} is for an API at an address: give --url as well, or leave {option} out{instead}")


def _one(wanted: list[str]) -> str:
    if len(wanted) != 1:
        raise LabError("--url is the address of one API: say whose, like `storelab verify keycrm --url ...`")
    return wanted[0]


def _asked(text: str) -> str:
    try:
        return input(f"{text}Enter when it is done, with NAME=VALUE for what the contract refers to: ")
    except EOFError:
        raise LabError("--ask needs somebody at a terminal") from None


@contextmanager
def _progress(quiet: bool) -> Iterator[Callable[[Check], None]]:
    """On a terminal, a line that says how far it is; else nothing."""
    from rich.console import Console

    console = Console(stderr=True)
    if quiet or not sys.stderr.isatty():
        yield lambda check: None
        return
    done = 0
    with console.status("beginning") as status:

        def tell(check: Check) -> None:
            nonlocal done
            done += 1
            status.update(f"{done} looked at: {check.provider}, {check.name}")

        yield tell


def _show(report: Report, as_json: bool) -> None:
    if as_json:
        show.as_json(report.as_json())
        return
    from rich.console import Console

    from storelab.verify import terminal

    terminal.show(report, Console())
