"""The verifier's engine, and what it needs around it: an address for states, a tap, quiet, one certificate."""

from __future__ import annotations

import io
import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, redirect_stderr, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests

from storelab.emulators.kernel.errors import LabError

from .provider import Answering, Caught, Provider
from .tap import Exchange, Tap

PATIENCE = 30  # seconds for an answer
STUCK = 90.0  # seconds until the verifier has to ask for something, be it a state or a message, or to be done
TOO_LONG = (
    "{!r} could not be compared: a pattern of it takes too long for what was answered. "
    "Write it without a repetition in a repetition."
)
NOT_DONE = 400  # to a status of 500 and above the verifier would come back for minutes

Caughts = dict[str, Caught]
Messages = Mapping[str, Callable[[Caughts], Any]]


class Crossed:
    """What crossed during which interaction, by its number; `now` is that of the last that was begun."""

    def __init__(self, tap: Tap | None) -> None:
        self.tap, self.now = tap, ""
        self._found: dict[str, list[Exchange]] = {}

    def begin(self, number: str) -> None:
        self.end()
        self.now = number

    def end(self) -> None:
        if self.tap and (taken := self.tap.taken()):
            self._found.setdefault(self.now, []).extend(taken)

    def of(self, number: int | None) -> Exchange | None:
        """The first: a verifier that comes back for a status of 500 gets the same again."""
        found = self._found.get(str(number))
        return found[0] if found else None


def played(
    pact: Mapping[str, Any], provider: Provider, messages: Messages | None, crossed: Crossed, caught: Caughts
) -> tuple[dict[str, Any], dict[str, str]]:
    """The verifier's own results, and of each message that was not sent why not. It is given one state for each
    interaction, which stands for all of its states: every question it asks costs time. Errors: a pattern of the
    contract that takes too long."""
    os.environ["PACT_DO_NOT_TRACK"] = "true"
    from pact import Verifier

    name = pact["provider"]["name"]
    states = {str(number): i.get("providerStates", []) for number, i in enumerate(pact["interactions"])}
    bundled = [{**i, "providerStates": [{"name": n}]} for n, i in zip(states, pact["interactions"], strict=True)]
    missing: dict[str, str] = {}
    url = crossed.tap.url if crossed.tap else provider.url
    asking = _Asking()
    secure = urlsplit(url).scheme == "https"
    with (
        tempfile.TemporaryDirectory(prefix="storelab-pact-") as folder,
        _quiet(),
        _relay(provider, states, crossed, asking) as address,
        nullcontext() if secure else _one_certificate(Path(folder)),
    ):
        file = Path(folder) / "pact.json"
        file.write_text(json.dumps({**pact, "interactions": bundled}))
        verifier = Verifier(name, host=urlsplit(url).hostname).add_transport(url=url)
        verifier.add_source(file).set_coloured_output(enabled=False).set_request_timeout(PATIENCE * 1000)
        verifier.state_handler(address, teardown=provider.tears_down, body=True)
        if messages:
            verifier.message_handler(
                {description: _message(make, caught, missing, asking) for description, make in messages.items()}
            )
        done = asking.until_done(verifier.verify)
        crossed.end()
        results: dict[str, Any] = verifier.results if done else {}
        if crossed.now and not results.get("interactionResults") and not results.get("errors"):
            last = pact["interactions"][int(crossed.now)]
            if not done or '"match": "regex"' in json.dumps(last):
                raise LabError(TOO_LONG.format(last["description"]))
        return results, missing


class _Asking:
    """Watches the verifier from outside. What it asks of us takes as long as it takes; but it gives up a pattern after
    ten million steps, and everything else with it, and may try one anew at each letter of an answer."""

    def __init__(self) -> None:
        self._asked, self._since = 0, time.monotonic()

    @contextmanager
    def something(self) -> Iterator[None]:
        self._asked += 1
        try:
            yield
        finally:
            self._asked -= 1
            self._since = time.monotonic()

    def until_done(self, verify: Callable[[], Any]) -> bool:
        """Whether it came to an end. What did not is left to itself, and ends with the process."""

        def run() -> None:
            with suppress(RuntimeError):  # a difference: the results say which
                verify()

        thread = threading.Thread(target=run, name="storelab-verifier", daemon=True)
        thread.start()
        while thread.is_alive():
            thread.join(STUCK / 100)
            if not self._asked and time.monotonic() - self._since > STUCK:
                return False
        return True


@contextmanager
def _relay(
    provider: Provider, states: Mapping[str, Sequence[Mapping[str, Any]]], crossed: Crossed, asking: _Asking
) -> Iterator[str]:
    """The address at which the verifier asks for states, by the number of the interaction."""

    def answered(body: bytes) -> tuple[int, Any]:
        with asking.something():
            return told(json.loads(body))

    def told(asked: Mapping[str, Any]) -> tuple[int, Any]:
        wanted = states[asked["state"]]
        if asked["action"] == "teardown":
            provider.end(wanted)
            return 200, {}
        crossed.begin(asked["state"])
        made = provider.begin(wanted)
        return (NOT_DONE, {"error": "a state failed"}) if made is None else (200, made)

    relay = Answering(answered)
    try:
        yield relay.url
    finally:
        relay.close()


@contextmanager
def _one_certificate(folder: Path) -> Iterator[None]:
    """Before each interaction the verifier's engine reads all certificates that the machine trusts, which takes as
    long as the rest. Over plain http it needs none, but insists on one."""
    import trustme

    file = folder / "authority.pem"
    trustme.CA().cert_pem.write_to_path(str(file))
    meant = {"SSL_CERT_FILE": str(file), "SSL_CERT_DIR": str(folder / "none")}
    before = {name: os.environ.get(name) for name in meant}
    os.environ.update(meant)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


@contextmanager
def _quiet() -> Iterator[None]:
    """The verifier's engine writes to the process's own output, past Python; what it found is in its results."""
    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        with redirect_stderr(io.StringIO()):
            yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


def _message(
    make: Callable[[Caughts], Any], caught: Caughts, missing: dict[str, str], asking: _Asking
) -> Callable[..., Any]:
    """What the verifier asks for a message; `missing` says of those that were not sent why not."""

    def produced(name: str, metadata: dict[str, Any] | None) -> Any:
        from pact.types import Message

        try:
            with asking.something():
                made = make(caught)
        except (LookupError, LabError, requests.RequestException, ValueError) as bad:
            missing[name] = str(bad)
            return Message(contents=b"", metadata={}, content_type="application/json")
        return Message(contents=made["contents"], metadata=made["metadata"], content_type=made["content_type"])

    return produced
