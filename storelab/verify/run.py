"""A whole verification: which parts are played, in which order, against what."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import requests

from storelab.client import LabClient
from storelab.contracts.adapter import Adapter, NotDone
from storelab.contracts.kit import SKIPPED
from storelab.contracts.provider import Listener, addressed
from storelab.emulators.kernel.errors import LabError
from storelab.emulators.kernel.lab import found_emulators
from storelab.emulators.kernel.spelling import unknown

from . import document, pacts, receiver, retries, shop, stand_in, traits
from .pacts import Target
from .person import Ask, Person
from .report import STORY, Check, Report

STORE = "woocommerce"
REACHABLE = 10.0  # seconds


@dataclass(frozen=True)
class Parts:
    """What is looked at beside the contracts. `listen` ("HOST:PORT") is where webhooks are waited for, `listen_url` how
    the provider reaches that; `rate` ("60/m") is what its API takes; `seconds` end the requests of the fuzzer early;
    `settle` are the seconds that its webhooks take to arrive after a move."""

    fuzz: str = document.QUICK
    stories: bool = False
    webhooks: bool = True
    listen: str = "127.0.0.1:0"
    listen_url: str = ""
    patience: float = 10.0
    rate: str = ""
    seconds: int | None = None
    settle: float = 0.0
    only: tuple[str, ...] = ()  # the stories that are played, when it is not all
    ask: Ask | None = None  # a person, where there is no adapter


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
        for check in _emulator(lab, name, parts, consumer):
            tell(check)
            checks.append(check)
    targets = dict.fromkeys(names, "the emulator")
    return Report(tuple(checks), targets, at, time.perf_counter() - began)


def _emulator(lab: LabClient, name: str, parts: Parts, consumer: str) -> Iterator[Check]:
    yield from pacts.of_sandbox(lab, name, consumer=consumer)
    if consumer:
        return
    world = lab.make_world()
    try:
        info = world.info()
        url = (info["store"] if name == STORE else info["backends"][name])["url"]
        target = Target(name, url, f"{world.url}/_lab/services/{name}/pact-states", write=True)
        with ExitStack() as stack:
            if listener := _listener(parts, stack):
                yield from _webhooks(target, listener, advance=lambda seconds: world.clock(advance=seconds))
        if parts.fuzz != document.OFF:
            yield from _document(target, parts)
    finally:
        world.drop()


def _account(target: Target) -> dict[str, Any]:
    """What was given or offered; where nothing of it opens the door, a state that does."""
    account: dict[str, Any] = dict(target.given)
    if target.states:
        adapter = Adapter(target.states)
        adapter.teardown()
        account = {**adapter.offers.values, **account}
        if target.provider != STORE:
            with suppress(NotDone):  # it has no such state: then nothing but what was given opens the door
                for state in document.opening_states(target.provider, target.folder):
                    params = addressed(state.get("params") or {}, target.origin, account)
                    account |= adapter.setup(state["name"], params)
    return account


def _webhooks(target: Target, listener: Listener, *, advance: retries.Advance | None = None) -> Iterator[Check]:
    """What the provider does when its webhooks are refused, and with those that a store sends to it."""
    veil = target.veil
    if target.states:
        yield from retries.checks(target.provider, Adapter(target.states), listener, veil, advance=advance)
    if target.states or target.write:
        hears = receiver.known_from(target.provider, _account(target), slow=target.slow, ca=target.ca)
        if hears:
            yield from receiver.checks(hears, veil)


def _document(target: Target, parts: Parts) -> Iterator[Check]:
    """The OpenAPI document."""
    account = {name: str(value) for name, value in _account(target).items() if isinstance(value, str | int)}
    asked = document.Asked(
        target.provider,
        target.url,
        account,
        parts.fuzz,
        write=target.write,
        rate=parts.rate,
        seconds=parts.seconds,
        ca=target.ca,
    )
    yield from document.checks(asked, pacts.veil(target.provider, account))


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
    if target.provider == STORE and not target.states:
        real = shop.Shop(
            target.url,
            target.given.get("consumer_key", ""),
            target.given.get("consumer_secret", ""),
            target.ca,
            target.slow,
        )
        yield from traits.checks(real, target.veil)
        if real.key and real.secret and real.by_header.status == 200:
            target = replace(target, present=(*target.present, pacts.ANY_STORE))
    person = Person(target.provider, parts.ask) if parts.ask and not target.states else None
    yield from pacts.of_target(target, listener, person)
    if listener and not target.consumer:
        yield from _webhooks(target, listener)
    if parts.fuzz != document.OFF and not target.consumer:
        yield from _document(target, parts)
    if parts.stories and target.provider != STORE:
        yield from _stories(target, parts)


def _stories(target: Target, parts: Parts) -> Iterator[Check]:
    if not target.states:
        why = "needs an adapter with moves and facts: name it with --state-url"
        yield Check(STORY, target.provider, "sync", "all stories", SKIPPED, why=why)
        return
    adapter = Adapter(target.states)
    yield from stand_in.checks(
        target.provider, target.url, adapter, names=parts.only, settle=parts.settle, ca=target.ca
    )


def _listener(parts: Parts, stack: ExitStack) -> Listener | None:
    if not parts.webhooks:
        return None
    host, _, port = parts.listen.rpartition(":")
    if not host or not (port.isdecimal() and len(port) < 6):
        raise LabError(f"--listen takes HOST:PORT, like 127.0.0.1:9000, not {parts.listen!r}")
    try:
        listener = Listener(host, int(port), parts.listen_url, parts.patience)
    except OSError as bad:
        raise LabError(f"cannot listen at {parts.listen}: {bad.strerror or bad}") from None
    stack.callback(listener.close)
    return listener


def reached(target: Target) -> None:
    """`LabError` where nobody listens at the address at all, or with a certificate that is not trusted."""
    parts = urlsplit(target.url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise LabError(f"--url takes an address like https://api.example.com, not {target.url!r}")
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
        socket.create_connection((parts.hostname, port), timeout=REACHABLE).close()
    except (OSError, ValueError) as bad:
        raise LabError(f"nothing listens at {target.origin}: {bad}. Does it run? Is --url right?") from None
    if parts.scheme == "https":
        try:
            requests.head(target.url, timeout=REACHABLE, allow_redirects=False, verify=target.ca or True)
        except requests.exceptions.SSLError:
            raise LabError(
                f"the certificate of {target.origin} is not trusted: name its authority's file with --ca"
            ) from None
        except (requests.RequestException, ValueError):
            return  # what it answers is for the checks to say


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
