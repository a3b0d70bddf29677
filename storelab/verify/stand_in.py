"""The part of a verification that plays stories with a provider anywhere.

It stands in its emulator's place in a sandbox: what the connector asks of it is passed on to its address, and states,
moves and facts are those of its adapter. The store and the connector of the stories are the laboratory's.
"""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import Any

import requests

from storelab.client import LabClient
from storelab.contracts.adapter import Adapter
from storelab.contracts.kit import BROKEN, KEPT, SKIPPED, Difference
from storelab.contracts.tap import HOP
from storelab.emulators.kernel.emulator import Emulation, Emulator
from storelab.emulators.kernel.errors import LabError
from storelab.emulators.kernel.http import Reply, Request
from storelab.emulators.kernel.lab import found_emulators
from storelab.emulators.kernel.service import Service
from storelab.sandbox import Sandbox, Settings
from storelab.scenarios import player
from storelab.scenarios.events import Result
from storelab.scenarios.source import BadStory
from storelab.scenarios.story import Step, Story, found, read, stories
from storelab.scenarios.wire import shown

from .report import STORY, Check

TIMEOUT = 60.0  # seconds
ANSWERED = (*HOP, "content-length", "content-encoding")
MOST_SHOWN = 600  # characters of an exchange


def checks(
    provider: str, url: str, adapter: Adapter, *, names: Sequence[str] = (), settle: float = 0.0, ca: str = ""
) -> Iterator[Check]:
    """One for each story of this backend, or of these (keycrm/echo). `settle`: seconds that its webhooks take to
    arrive after a move."""
    if not adapter.offers.moves or not adapter.offers.facts:
        why = "needs an adapter with moves and facts: see docs/verify.md"
        yield Check(STORY, provider, "sync", "all stories", SKIPPED, why=why)
        return
    emulators = found_emulators()
    emulators[provider] = _spoken_for(emulators[provider], adapter, settle)
    with Sandbox(Settings(port=0, sync_port=0), emulators) as sandbox:
        sandbox.lab.services[provider] = _StandIn(emulators[provider], url, ca)
        lab = sandbox.client
        for path in [path for name in names for path in found(name)] or stories(provider):
            yield _played(path, lab, adapter, provider)


def _played(path: Path, lab: LabClient, adapter: Adapter, provider: str) -> Check:
    story = read(path)
    check = Check(STORY, provider, "sync", story.title, SKIPPED, test=f"scenarios/{story.name}.yaml")
    why = _unplayable(story)
    if why:
        return replace(check, why=why)
    try:
        adapter.teardown()
        result = player.result(_fitted(story), lab)
    except BadStory as unknown:
        return replace(check, why=f"needs what the adapter does not offer: {unknown.message.splitlines()[0]}")
    except LabError as bad:
        return replace(check, verdict=BROKEN, differences=(Difference("provider", bad.message),))
    return _judged(check, result)


def _judged(check: Check, result: Result) -> Check:
    milliseconds = round(1000 * result.seconds)
    if result.failure is None:
        return replace(check, verdict=KEPT, milliseconds=milliseconds)
    failure = result.failure
    return replace(
        check,
        verdict=BROKEN,
        milliseconds=milliseconds,
        differences=tuple(Difference(f"line {failure.line}", said) for said in failure.said),
        expected=failure.text,
        actual="\n".join(shown(exchange, most=MOST_SHOWN) for exchange in failure.exchanges),
    )


def _unplayable(story: Story) -> str:
    """Why it cannot be played with a provider whose clock and deliveries are its own; nothing when it can."""
    if story.needs:
        return f"is told on a sandbox with {story.needs}"
    for step in story.steps:
        if step.word == "fault" and isinstance(step.value, dict) and step.value.get("service") != "store":
            return "is about faults of the provider, which only an emulator can have on order"
    return ""


def _fitted(story: Story) -> Story:
    """Without what is expected of the provider's deliveries: they go past the sandbox."""
    steps = [_without_deliveries(step, story.backend) for step in story.steps]
    return replace(story, steps=tuple(step for step in steps if step is not None))


def _without_deliveries(step: Step, backend: str) -> Step | None:
    if step.word != "expect" or "deliveries" not in step.value:
        return step
    kept = {service: wanted for service, wanted in step.value["deliveries"].items() if service != backend}
    value = {name: wanted for name, wanted in step.value.items() if name != "deliveries"}
    value |= {"deliveries": kept} if kept else {}
    return replace(step, value=value) if value else None


# -- in the emulator's place


def _spoken_for(emulator: Emulator, adapter: Adapter, settle: float) -> Emulator:
    """With the words that the adapter offers, and nothing else of it."""
    offers = adapter.offers

    def settled(name: str, params: Mapping[str, Any]) -> Any:
        result = adapter.move(name, params)
        time.sleep(settle)  # a provider's webhooks come in real time
        return result

    def known(words: Mapping[str, Callable[..., Any]], offered: frozenset[str] | None, tell: Any) -> dict[str, Any]:
        return {name: _remote(name, own, tell) for name, own in words.items() if offered is None or name in offered}

    return replace(
        emulator,
        states=known(emulator.states, offers.states, adapter.setup),
        moves=known(emulator.moves, offers.moves, settled),
        facts=known(emulator.facts, offers.facts, adapter.fact),
        credentials=lambda here: _credentials(emulator.credentials(here), adapter),
    )


def _credentials(own: Mapping[str, Any], adapter: Adapter) -> dict[str, Any]:
    """Named as the emulator's are; asked each time, for a move may have changed them."""
    values = Adapter(adapter.url).offers.values
    return {name: values.get(name, value) for name, value in own.items()}


def _remote(name: str, own: Callable[..., Any], tell: Callable[[str, Mapping[str, Any]], Any]) -> Callable[..., Any]:
    """A word that is said to the adapter, with the arguments that the emulator's own takes."""
    signature = inspect.signature(own)

    @wraps(own)
    async def said(here: Emulation, *args: Any, **named: Any) -> Any:
        bound = signature.bind(here, *args, **named)
        first, *_ = signature.parameters
        params = {parameter: value for parameter, value in bound.arguments.items() if parameter != first}
        here.store.commit()  # nothing is locked while somebody else is asked
        return await asyncio.to_thread(tell, name, params)

    return said


class _StandIn(Service):
    """Answers as the provider does at its own address."""

    def __init__(self, emulator: Emulator, url: str, ca: str) -> None:
        super().__init__(emulator, check=False)
        self._url, self._session = url, requests.Session()
        self._session.trust_env = False
        self._session.verify = ca or True

    async def _handled(self, world: Any, request: Request, match: Any, trail: Any) -> Reply:
        return await asyncio.to_thread(self._passed_on, request)

    def _passed_on(self, request: Request) -> Reply:
        query = f"?{request.query_string}" if request.query_string else ""
        headers = {n: v for n, v in request.headers.items() if n not in (*HOP, "host", "content-length")}
        try:
            answer = self._session.request(
                request.method,
                f"{self._url}{request.path}{query}",
                data=request.body or None,
                headers=headers,
                timeout=TIMEOUT,
                allow_redirects=False,
            )
        except (requests.RequestException, ValueError) as bad:
            said = f"the provider did not answer: {type(bad).__name__}"
            return Reply(502, said.encode(), (("Content-Type", "text/plain"), ("X-Storelab", "error")))
        kept = tuple((name, value) for name, value in answer.headers.items() if name.lower() not in ANSWERED)
        return Reply(answer.status_code, answer.content, kept)
