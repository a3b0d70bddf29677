"""The verification kit: does a provider keep what the contracts say?

Each interaction of a pact is played against the provider, and gets a verdict of its own with whatever differed.
Against a sandbox every provider has its own world, its states are the emulator's own, and messages are those that
the emulator really sends. Any other provider is verified by its URL, with states through an address of its own
(POST {state, action, params}, answered with the values that the contract refers to).
"""

from __future__ import annotations

import io
import json
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, redirect_stderr, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from storelab.client import LabClient
from storelab.emulators.kernel.errors import LabError

from .pactfiles import PACTS, pact_files, read
from .provider import Answering, Emulated, Provider, Remote

KEPT, BROKEN, SKIPPED = "kept", "broken", "skipped"
PROVIDER = "provider"
MESSAGE = "Asynchronous/Messages"
NOT_DONE = 400  # to a status of 500 and above the verifier would come back for minutes


@dataclass(frozen=True)
class Difference:
    """Where an answer departed: "$.data[0].sku", "status", a header's name, or "provider" when nothing could be
    compared at all."""

    where: str
    message: str
    expected: str = ""
    actual: str = ""


@dataclass(frozen=True)
class Verdict:
    """One interaction: kept, broken, or skipped because it needs a state that the provider cannot bring about."""

    consumer: str
    provider: str
    description: str
    kind: str  # "request" or "message"
    states: tuple[str, ...]
    verdict: str
    differences: tuple[Difference, ...] = ()
    milliseconds: int = 0

    @property
    def held(self) -> bool:
        return self.verdict != BROKEN

    def as_json(self) -> dict[str, Any]:
        return {
            "consumer": self.consumer,
            "provider": self.provider,
            "description": self.description,
            "kind": self.kind,
            "states": list(self.states),
            "verdict": self.verdict,
            "differences": [vars(difference) for difference in self.differences],
            "milliseconds": self.milliseconds,
        }


@dataclass(frozen=True)
class Report:
    verdicts: tuple[Verdict, ...]

    @property
    def held(self) -> bool:
        """Something was verified, and nothing was broken."""
        return any(v.verdict == KEPT for v in self.verdicts) and all(v.held for v in self.verdicts)

    @property
    def broken(self) -> tuple[Verdict, ...]:
        return tuple(v for v in self.verdicts if v.verdict == BROKEN)

    def pairs(self) -> dict[tuple[str, str], dict[str, int]]:
        """How many of each verdict, by consumer and provider."""
        counted: dict[tuple[str, str], dict[str, int]] = {}
        for verdict in self.verdicts:
            pair = counted.setdefault((verdict.consumer, verdict.provider), {KEPT: 0, BROKEN: 0, SKIPPED: 0})
            pair[verdict.verdict] += 1
        return counted

    def as_json(self) -> dict[str, Any]:
        return {"held": self.held, "interactions": [verdict.as_json() for verdict in self.verdicts]}


Progress = Callable[[Verdict], None]


def verify(
    lab: LabClient,
    *,
    provider: str = "",
    consumer: str = "",
    folder: Path = PACTS,
    progress: Progress | None = None,
) -> Report:
    """Every pact whose provider this sandbox emulates, each in a world of its own."""
    verdicts: list[Verdict] = []
    for path in _chosen(folder, provider, consumer):
        found = verified_file(lab, path)
        _tell(progress, found)
        verdicts += found
    return Report(tuple(verdicts))


def verify_url(
    url: str,
    *,
    provider: str,
    states: str = "",
    given: Mapping[str, Any] | None = None,
    present: Sequence[str] = (),
    consumer: str = "",
    folder: Path = PACTS,
    progress: Progress | None = None,
) -> Report:
    """The pacts of a provider at any address.

    `states` is the address that brings states about. Without it, what needs a state other than those `present` is
    skipped; messages always are. `given` are values for the contracts, such as {"api_key": "..."}.
    """
    verdicts: list[Verdict] = []
    for path in _chosen(folder, provider, consumer):
        pact, remote = read(path), Remote(url, states, given)
        try:
            possible = None if states else frozenset(present)
            found = _verified(pact, remote, possible=possible, messages=None)
        finally:
            remote.close()
        _tell(progress, found)
        verdicts += found
    return Report(tuple(verdicts))


def verified_file(lab: LabClient, path: Path) -> list[Verdict]:
    """The verdicts on one pact file against the sandbox."""
    pact = read(path)
    emulated = Emulated(lab, pact["provider"]["name"])
    try:
        return _verified(pact, emulated, possible=None, messages=_caught_by(pact, emulated))
    finally:
        emulated.close()


def _chosen(folder: Path, provider: str, consumer: str) -> list[Path]:
    found = pact_files(folder, provider=provider, consumer=consumer)
    if not found:
        wanted = " ".join(filter(None, (consumer and f"of {consumer}", provider and f"with {provider}")))
        raise LabError(f"there is no contract {wanted} in {folder}".replace("  ", " "), code="no_contract")
    return found


def _tell(progress: Progress | None, verdicts: Iterable[Verdict]) -> None:
    for verdict in verdicts:
        if progress is not None:
            progress(verdict)


# -- one pact


def _caught_by(pact: Mapping[str, Any], emulated: Emulated) -> dict[str, Callable[[], Any]]:
    """For each message of the pact, what the emulator sends when its cause comes about."""

    def producer(cause: Mapping[str, Any]) -> Callable[[], Any]:
        def produced() -> dict[str, Any]:
            caught = emulated.message(cause)
            content_type = caught.headers.get("content-type", "")
            return {
                "contents": caught.body,
                "content_type": content_type,
                "metadata": {**caught.headers, "contentType": content_type, "method": caught.method},
            }

        return produced

    return {i["description"]: producer(i["comments"]["cause"]) for i in pact["interactions"] if i["type"] == MESSAGE}


def _verified(
    pact: Mapping[str, Any],
    provider: Provider,
    *,
    possible: frozenset[str] | None,
    messages: Mapping[str, Callable[[], Any]] | None,
) -> list[Verdict]:
    """`possible` are the states that hold or can be brought about; None: all."""

    def playable(interaction: Mapping[str, Any]) -> bool:
        if interaction["type"] == MESSAGE and messages is None:
            return False
        return possible is None or all(s["name"] in possible for s in interaction.get("providerStates", ()))

    played = [i for i in pact["interactions"] if playable(i)]
    played.sort(key=lambda i: json.dumps(i.get("providerStates", []), sort_keys=True))  # one situation after the other
    results = _played({**pact, "interactions": played}, provider, messages) if played else {}
    return [_verdict(pact, i, results if i in played else None, provider.failed) for i in pact["interactions"]]


def _played(
    pact: Mapping[str, Any], provider: Provider, messages: Mapping[str, Callable[[], Any]] | None
) -> dict[str, Any]:
    """The verifier's own results. It is given one state for each interaction, which stands for all of its states:
    every question it asks costs time."""
    os.environ["PACT_DO_NOT_TRACK"] = "true"
    from pact import Verifier

    name = pact["provider"]["name"]
    states = {str(number): i.get("providerStates", []) for number, i in enumerate(pact["interactions"])}
    bundled = [{**i, "providerStates": [{"name": n}]} for n, i in zip(states, pact["interactions"], strict=True)]
    secure = urlsplit(provider.url).scheme == "https"
    with (
        tempfile.TemporaryDirectory(prefix="storelab-pact-") as folder,
        _quiet(),
        _relay(provider, states) as address,
        nullcontext() if secure else _one_certificate(Path(folder)),
    ):
        file = Path(folder) / "pact.json"
        file.write_text(json.dumps({**pact, "interactions": bundled}))
        verifier = Verifier(name, host=urlsplit(provider.url).hostname).add_transport(url=provider.url)
        verifier.add_source(file).set_coloured_output(enabled=False).set_request_timeout(30_000)
        verifier.state_handler(address, teardown=provider.tears_down, body=True)
        if messages:
            verifier.message_handler({description: _message(make) for description, make in messages.items()})
        with suppress(RuntimeError):  # a difference: the results say which
            verifier.verify()
        found: dict[str, Any] = verifier.results
        return found


@contextmanager
def _relay(provider: Provider, states: Mapping[str, Sequence[Mapping[str, Any]]]) -> Iterator[str]:
    """The address at which the verifier asks for states, by the number of the interaction."""

    def answered(body: bytes) -> tuple[int, Any]:
        asked = json.loads(body)
        wanted = states[asked["state"]]
        if asked["action"] == "teardown":
            provider.end(wanted)
            return 200, {}
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


def _message(make: Callable[[], Any]) -> Callable[..., Any]:
    def produced(name: str, metadata: dict[str, Any] | None) -> Any:
        from pact.types import Message

        made = make()
        return Message(contents=made["contents"], metadata=made["metadata"], content_type=made["content_type"])

    return produced


def _verdict(
    pact: Mapping[str, Any],
    interaction: Mapping[str, Any],
    results: Mapping[str, Any] | None,
    failed: Sequence[tuple[str, str]],
) -> Verdict:
    states = tuple(state["name"] for state in interaction.get("providerStates", ()))
    described = Verdict(
        pact["consumer"]["name"],
        pact["provider"]["name"],
        interaction["description"],
        "message" if interaction["type"] == MESSAGE else "request",
        states,
        SKIPPED,
    )
    if results is None:
        return described
    found = [d for e in results.get("errors", ()) if _about(e, interaction) for d in _differences(e)]
    if any(d.where == PROVIDER for d in found):
        found += [Difference(PROVIDER, f"{state!r}: {why}") for state, why in dict.fromkeys(failed) if state in states]
    result = next(
        (r for r in results.get("interactionResults", ()) if r["description"] == interaction["description"]), None
    )
    held = result is not None and result["result"] == "OK" and not found
    if not held and not found:
        found = [Difference(PROVIDER, "this interaction was not played")]
    milliseconds = _milliseconds(result["duration"]) if result else 0
    return replace(described, verdict=KEPT if held else BROKEN, differences=tuple(found), milliseconds=milliseconds)


def _about(error: Mapping[str, Any], interaction: Mapping[str, Any]) -> bool:
    return bool(error["interaction"].endswith(f" - {interaction['description']}"))


def _differences(error: Mapping[str, Any]) -> Iterable[Difference]:
    mismatch = error["mismatch"]
    if mismatch.get("type") != "mismatches":
        yield Difference(PROVIDER, str(mismatch.get("message", mismatch)))
        return
    for one in mismatch["mismatches"]:
        kind = str(one.get("type", "")).removesuffix("Mismatch").lower()
        where = one.get("path") or one.get("key") or one.get("parameter") or kind
        yield Difference(where, one.get("mismatch", kind), _text(one.get("expected")), _text(one.get("actual")))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else json.dumps(value)


def _milliseconds(duration: str) -> int:
    """Of "61ms", "1.2s" or "1s 204ms"."""
    seconds = {"ms": 0.001, "s": 1.0, "m": 60.0}
    parts = re.findall(r"([\d.]+)\s*(ms|s|m)", duration)
    return round(1000 * sum(float(number) * seconds[unit] for number, unit in parts))
