"""The command line."""

from __future__ import annotations

import json

import typer

from .sandbox import Sandbox, Settings

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.callback()
def root() -> None:
    """storelab: a laboratory for WooCommerce connectors."""


@app.command()
def up(port: int = 8700, json_: bool = typer.Option(False, "--json")) -> None:
    """Start the sandbox."""
    sandbox = Sandbox(Settings(port=port))
    sandbox.start()
    typer.echo(json.dumps(sandbox.info(sandbox.lab.world())))
    sandbox.join()


def main() -> None:
    app()


if __name__ == "__main__":
    main()
