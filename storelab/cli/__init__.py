"""The command line: `storelab --help`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

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


def main() -> None:
    """Exit codes: 0 it held, 1 it did not, 2 it could not be run."""
    try:
        app()
    except LabError as refused:
        print(f"storelab: {refused.message}", file=sys.stderr)
        raise SystemExit(2) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except BrokenPipeError:
        sys.stderr.close()
        raise SystemExit(141) from None
