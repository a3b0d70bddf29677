"""How commands reach a running sandbox."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from storelab.client import LabClient
from storelab.emulators.kernel.errors import LabError

Url = Annotated[str, typer.Option(help="Address of the sandbox (or STORELAB_URL).")]
World = Annotated[str, typer.Option(help="Name of the world; the default one when left out.")]
Json = Annotated[bool, typer.Option("--json", help="As JSON.")]


def client(url: str, world: str) -> LabClient:
    """`world` is beside the one of the address, as `storelab env --world` may have put one into STORELAB_URL."""
    reached = LabClient(url)
    return reached.beside(world) if world else reached


def arguments(pairs: list[str]) -> dict[str, Any]:
    """`sku=MUG quantity=5` as a dictionary: values are JSON where they can be, else text."""
    out: dict[str, Any] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise LabError(f"{pair!r} is no argument; write NAME=VALUE, for example sku=MUG")
        try:
            out[name] = json.loads(value)
        except ValueError:
            out[name] = value
    return out
