"""The command line: `storelab --help`."""

from __future__ import annotations

import io
import os
import signal
import sys
from copy import copy
from typing import Annotated

import typer
from typer.main import get_command_name

import storelab
from storelab.emulators.kernel.errors import LabError

from . import (
    broker,
    contracts,
    counts,
    demo,
    disclosure,
    drift,
    failures,
    lab,
    links,
    proofs,
    record,
    scale,
    seed,
    show,
    stub,
    sync,
    up,
    verify,
)


def _version(asked: bool) -> None:
    if asked:
        print(storelab.__version__)
        raise typer.Exit


app = typer.Typer(
    name="storelab",
    help="A laboratory for WooCommerce connectors: a store, its backends and a reference sync to try them with.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print it, and stop.")
    ] = False,
) -> None:
    """A laboratory for WooCommerce connectors: a store, its backends and a reference sync to try them with."""


up.add_to(app)
lab.add_to(app)
links.add_to(app)
seed.add_to(app)
drift.add_to(app)
disclosure.add_to(app)
record.add_to(app)
proofs.add_to(app)
verify.add_to(app)
contracts.add_to(app)
broker.add_to(app)
stub.add_to(app)
counts.add_to(app)
failures.add_to(app)
demo.add_to(app)
sync.add_to(app)
scale.add_to(app)


def _asked(words: list[str]) -> typer.Typer:
    """With nothing but the command that the first word names: parsers for all of them take longer than most commands
    do. Whoever asks for help, or misspells, has to see all."""
    name = words[0] if words else ""
    commands = [
        c for c in app.registered_commands if c.callback and name == (c.name or get_command_name(c.callback.__name__))
    ]
    groups = [g for g in app.registered_groups if name == g.name]
    if not commands and not groups:
        return app
    one = copy(app)
    one.registered_commands, one.registered_groups = commands, groups
    return one


def main() -> None:
    """Exit codes: 0 it held, 1 it did not, 2 it could not be run."""
    if os.getpid() == 1:  # of a container: SIGTERM is lost on the first process as long as it does not ask for it
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # what others have sent is shown as far as it can be written
            stream.reconfigure(errors="backslashreplace")
    try:
        _asked(sys.argv[1:])()
    except LabError as refused:
        print(f"storelab: {show.plain(refused.message)}", file=sys.stderr)
        raise SystemExit(2) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except BrokenPipeError:
        sys.stderr.close()
        raise SystemExit(141) from None
    except Exception:  # 1 would say that something was looked at, and did not hold
        import traceback

        traceback.print_exc()
        print("storelab: that is a defect of storelab itself: it should have said what was wrong", file=sys.stderr)
        raise SystemExit(2) from None
