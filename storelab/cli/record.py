"""`storelab record` and `storelab replay`: a real API as the measure of whoever stands in for it."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from storelab.emulators.kernel.errors import LabError

from . import show
from .reach import Json

if TYPE_CHECKING:
    from storelab.recording.file import Call
    from storelab.recording.moved import Move
    from storelab.recording.replay import How, Outcome

MOST_SHOWN = 20  # calls whose differences are shown

Level = Annotated[float, typer.Option(min=0, max=100, help="Least percentage of calls alike at this level.")]


def add_to(app: typer.Typer) -> None:
    app.command("record", epilog="Example: storelab record --upstream https://api.example.com/v1 --to calls.jsonl")(
        record
    )
    app.command(
        "replay",
        epilog="Example: storelab replay calls.jsonl --url http://127.0.0.1:8700/keycrm/v1 "
        "--header 'Authorization: Bearer $KEYCRM_API_KEY'",
    )(replay)


def record(
    upstream: Annotated[str, typer.Option(help="Address of the API to record.")],
    to: Annotated[Path, typer.Option(help="The file; it must not be there yet.")],
    port: Annotated[int, typer.Option(min=0, max=65535, help="Where to listen; 0 takes any free one.")] = 0,
    mask: Annotated[list[str] | None, typer.Option(help="Another field, parameter or header to mask.")] = None,
    keep: Annotated[list[str] | None, typer.Option(help="One that is not to be masked.")] = None,
    personal: Annotated[bool, typer.Option(help="Mask personal data; secrets are masked anyway.")] = True,
    unmasked: Annotated[bool, typer.Option("--unmasked", help="Write everything as it is, secrets and all.")] = False,
    json_: Annotated[
        bool, typer.Option("--json", help="Print one JSON object when ready, and one at the end.")
    ] = False,
) -> None:
    """Stand before a real API and write down what it is asked and answers, one call a line, until Ctrl-C.

    Clients use the address that is printed. Secrets and personal data are masked: the same value has the same
    placeholder everywhere, so the file can be replayed.
    """
    from storelab.recording.masking import Masker
    from storelab.recording.recorder import Recorder

    masker = None if unmasked else Masker(more=mask or (), keep=keep or (), personal=personal)

    def told(call: Call) -> None:
        line = f"{call.number} {call.method} {call.target} {call.answer.status or call.answer.error}"
        print(show.plain(line), file=sys.stderr)

    with Recorder(upstream, to, masker, port=port, told=told) as recorder:
        if json_:
            show.as_json({"url": recorder.url, "upstream": recorder.upstream})
        else:
            show.say(f"{recorder.url} stands before {recorder.upstream}; Ctrl-C ends it")
        _until_asked()
    show.as_json({"calls": recorder.calls, "file": str(to)}) if json_ else show.say(f"{recorder.calls} calls in {to}")


def _until_asked() -> None:
    asked = threading.Event()
    before = {s: signal.signal(s, lambda *_: asked.set()) for s in (signal.SIGINT, signal.SIGTERM)}
    try:
        while not asked.wait(3600):
            pass
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def replay(
    file: Annotated[Path, typer.Argument(help="A recording.")],
    url: Annotated[str, typer.Option(help="The server to ask: where the recorded upstream's address ended.")],
    drift: Annotated[
        str, typer.Option(help="The vendor as it is now: an address, or a later recording. Says who has moved.")
    ] = "",
    header: Annotated[
        list[str] | None, typer.Option(help="'Name: value' in place of the recorded one; $NAME is of the environment.")
    ] = None,
    drift_header: Annotated[list[str] | None, typer.Option(help="The same for the address of --drift.")] = None,
    put: Annotated[list[str] | None, typer.Option(help="PLACEHOLDER=VALUE, for what was masked.")] = None,
    free: Annotated[list[str] | None, typer.Option(help="A place that is not compared: 'data[].updated_at'.")] = None,
    exact_times: Annotated[
        bool, typer.Option("--exact-times", help="Times have to be the same, not only alike.")
    ] = False,
    write: Annotated[bool, typer.Option("--write", help="Also calls that change something, elsewhere too.")] = False,
    ca: Annotated[Path | None, typer.Option(help="Certificate authority of the server.")] = None,
    min_l1: Level = 100,
    min_l2: Level = 100,
    min_l3: Level = 100,
    min_l4: Level = 100,
    json_: Json = False,
) -> None:
    """Ask a server what was recorded, and say how alike its answers are: L1 status, L2 codes, messages and headers of
    paging, L3 shape with the order of keys, L4 values.

    Ids, times and what was masked are the server's own, and learnt from its answers. What changes something is asked on
    this machine only, unless --write. Exit codes: 0 alike enough, 1 not, 2 it could not be run.
    """
    from storelab.recording.file import read
    from storelab.recording.replay import replayed, scores

    recording, how = read(file), _how(header, put, free, exact_times, write, ca)
    with _progress(json_, len(recording.calls)) as step:
        outcomes = [step(outcome) for outcome in replayed(recording, url, how)]
    moved = _moved(recording, outcomes, drift, drift_header, how) if drift else []
    total = scores(outcomes)[-1]
    if json_:
        told: dict[str, Any] = {"scores": [s.as_json() for s in scores(outcomes)]}
        told["calls"] = [o.as_json() for o in outcomes]
        show.as_json({**told, "moved": [m.as_json() for m in moved]} if drift else told)
    else:
        _tell(outcomes)
        if drift:
            _tell_moved(moved)
    enough = all(total.percent(n) >= least for n, least in enumerate((min_l1, min_l2, min_l3, min_l4), 1))
    raise SystemExit(0 if enough and total.calls and not moved else 1)


def _how(
    header: Sequence[str] | None,
    put: Sequence[str] | None,
    free: Sequence[str] | None,
    exact_times: bool,
    write: bool,
    ca: Path | None,
) -> How:
    import re

    from storelab.recording.replay import How

    places = [re.escape(place).replace(r"\*", ".*") for place in free or ()]
    return How(
        headers=dict(_pair(one, ":") for one in header or ()),
        put=dict(_pair(one, "=") for one in put or ()),
        write=write,
        exact_times=exact_times,
        free=places,
        ca=str(ca or ""),
    )


def _pair(text: str, mark: str) -> tuple[str, str]:
    name, found, value = text.partition(mark)
    if not found or not name.strip():
        raise LabError(f"{name.split()[0] if name.split() else 'this'!r} needs a value: NAME{mark}VALUE")
    return name.strip(), os.path.expandvars(value.strip())


def _moved(
    recording: Any, outcomes: Sequence[Outcome], drift: str, header: Sequence[str] | None, how: How
) -> list[Move]:
    from dataclasses import replace

    from storelab.recording.file import read
    from storelab.recording.moved import moves, recorded_again
    from storelab.recording.replay import replayed

    if "://" in drift:
        own = replace(how, headers=dict(_pair(one, ":") for one in header or ()) or how.headers)
        vendor = list(replayed(recording, drift, own))
    else:
        vendor = recorded_again(recording, read(Path(drift)))
    return moves(vendor, outcomes)


@contextmanager
def _progress(quiet: bool, calls: int) -> Iterator[Any]:
    from rich.progress import Progress

    if quiet or not sys.stderr.isatty():
        yield lambda outcome: outcome
        return
    from rich.console import Console

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("asking", total=calls)

        def step(outcome: Outcome) -> Outcome:
            bar.advance(task)
            return outcome

        yield step


def _tell(outcomes: Sequence[Outcome]) -> None:
    from storelab.recording.replay import scores

    different = [outcome for outcome in outcomes if outcome.differences]
    for outcome in different[:MOST_SHOWN]:
        show.say(f"{outcome.call.number}: {outcome.call.method} {outcome.call.target}")
        for d in outcome.differences[:4]:
            where = d.where or "the body"
            show.say(f"    L{d.level} {where}: recorded {_short(d.recorded)}, answered {_short(d.ours)}")
    if len(different) > MOST_SHOWN:
        show.say(f"... and {len(different) - MOST_SHOWN} more calls; --json has all of them")
    show.table(
        "How alike the answers are",
        ("calls", "number", "L1 status", "L2 told", "L3 shape", "L4 values"),
        [(s.what, s.calls, *(f"{s.percent(n):.0f} %" for n in (1, 2, 3, 4))) for s in scores(outcomes)],
    )
    skipped: dict[str, int] = {}
    for outcome in outcomes:
        if outcome.skipped:
            skipped[outcome.skipped] = skipped.get(outcome.skipped, 0) + 1
    for why, count in skipped.items():
        show.say(f"not asked: {count} ({why})")


def _tell_moved(moved: Sequence[Move]) -> None:
    if moved:
        rows = [
            (m.who, m.call, f"L{m.level}", m.where, _short(m.recorded), _short(m.vendor), _short(m.emulator))
            for m in moved
        ]
        show.table("Who has moved", ("who", "call", "level", "where", "recorded", "vendor now", "emulator"), rows)
    else:
        show.say("nobody has moved: the vendor answers as recorded, and so does this server")


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 100 else f"{text[:97]}..."
