"""A whole verification: which parts are played, in which order, against what."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import requests

from storelab.client import LabClient
from storelab.contracts.provider import Listener
from storelab.emulators.kernel.errors import LabError
from storelab.emulators.kernel.lab import found_emulators
from storelab.scenarios.source import unknown

from . import pacts
from .pacts import Target
from .report import Check, Report

STORE = "woocommerce"
FUZZ = ("off", "quick", "thorough")


@dataclass(frozen=True)
class Parts:
    """What is looked at beside the contracts. `listen` ("HOST:PORT") is where webhooks are waited for, `listen_url` how
    the provider reaches that."""

    fuzz: str = "quick"
    stories: bool = False
    webhooks: bool = True
    listen: str = "127.0.0.1:0"
    listen_url: str = ""
    patience: float = 10.0


Tell = Callable[[Check], None]


def providers(names: list[str]) -> list[str]:
    """These, or all that are emulated."""
    known = found_emulators()
    for name in names:
        if name not in known:
            raise LabError(unknown("there is no backend", name, known))
    return names or list(known)


def of_sandbox(lab: LabClient, names: list[str], parts: Parts, *, consumer: str = "", tell: Tell) -> Report:
    """The emulators of a sandbox."""
    began, at, checks = time.perf_counter(), datetime.now(UTC), []
    for name in names:
        for check in pacts.of_sandbox(lab, name, consumer=consumer):
            tell(check)
            checks.append(check)
    targets = dict.fromkeys(names, "the emulator")
    return Report(tuple(checks), targets, at, time.perf_counter() - began)


def of_target(target: Target, parts: Parts, *, tell: Tell) -> Report:
    """One provider at its address."""
    began, at, checks = time.perf_counter(), datetime.now(UTC), []
    reached(target)
    with ExitStack() as stack:
        listener = _listener(parts, stack)
        for check in _looked_at(target, parts, listener):
            tell(check)
            checks.append(check)
    return Report(tuple(checks), {target.provider: target.url}, at, time.perf_counter() - began)


def _looked_at(target: Target, parts: Parts, listener: Listener | None) -> Iterator[Check]:
    yield from pacts.of_target(target, listener)


def _listener(parts: Parts, stack: ExitStack) -> Listener | None:
    if not parts.webhooks:
        return None
    host, _, port = parts.listen.rpartition(":")
    if not host or not port.isdigit():
        raise LabError(f"--listen takes HOST:PORT, like 127.0.0.1:9000, not {parts.listen!r}")
    try:
        listener = Listener(host, int(port), parts.listen_url, parts.patience)
    except OSError as bad:
        raise LabError(f"cannot listen at {parts.listen}: {bad.strerror or bad}") from None
    stack.callback(listener.close)
    return listener


def reached(target: Target) -> None:
    """`LabError` where nobody answers at the address at all."""
    try:
        requests.get(target.url, timeout=30, allow_redirects=False, verify=target.ca or True, stream=True).close()
    except requests.exceptions.SSLError:
        raise LabError(
            f"the certificate of {target.origin} is not trusted: name its authority's file with --ca"
        ) from None
    except requests.RequestException as bad:
        raise LabError(
            f"nothing answers at {target.url}: {type(bad).__name__}. Is it running, is --url right?"
        ) from None


def known_values(provider: str, environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """What the environment says of a provider, as `storelab env` prints it: KEYCRM_API_KEY is api_key."""
    prefix = f"{provider.upper()}_"
    names = {name.removeprefix(prefix).lower(): value for name, value in environment.items() if name.startswith(prefix)}
    return {name: value for name, value in names.items() if name != "url" and value}


def given_values(pairs: list[str]) -> dict[str, Any]:
    found = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise LabError(f"--given takes NAME=VALUE, like api_key=$KEYCRM_API_KEY, not {name!r}")
        found[name] = value
    return found
