"""The verification kit: does a provider keep what the contracts say?

Each interaction of a pact is played against the provider, and gets a verdict of its own with whatever differed.
Against a sandbox every provider has its own world, its states are the emulator's own, and messages are those that
the emulator really sends. Any other provider is verified by its URL, with states through an address of its own
(docs/verify.md).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from storelab.client import LabClient
from storelab.emulators.kernel.errors import LabError

from .adapter import Adapter
from .engine import Caughts, Crossed, Messages, played
from .pactfiles import PACTS, pact_files, read
from .provider import Caught, Emulated, Listener, Provider, Remote
from .tap import Exchange, Tap

KEPT, BROKEN, SKIPPED = "kept", "broken", "skipped"
PROVIDER = "provider"
MESSAGE = "Asynchronous/Messages"


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
    interaction: Mapping[str, Any] = field(default_factory=dict, repr=False)  # as the pact has it
    exchange: Exchange | None = field(default=None, repr=False)  # what crossed, where somebody listened
    message: Caught | None = field(default=None, repr=False)  # what was sent

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


def verify(
    lab: LabClient,
    *,
    provider: str = "",
    consumer: str = "",
    folder: Path = PACTS,
    watched: bool = False,
) -> Report:
    """Every pact whose provider this sandbox emulates, each in a world of its own. `watched`: with the exchanges."""
    verdicts: list[Verdict] = []
    for path in _chosen(folder, provider, consumer):
        verdicts += verified_file(lab, path, watched=watched)
    return Report(tuple(verdicts))


def verify_url(
    url: str,
    *,
    provider: str,
    states: str | Adapter = "",
    given: Mapping[str, Any] | None = None,
    present: Sequence[str] = (),
    consumer: str = "",
    folder: Path = PACTS,
    watched: bool = False,
    listener: Listener | None = None,
    wanted: Callable[[Mapping[str, Any]], bool] = lambda interaction: True,
    ca: str = "",
) -> Report:
    """The pacts of a provider at any address.

    `states` is the address that brings states about, or who stands in for one. Without it, what needs a state other
    than those `present` is skipped. Messages are verified with a `listener`, where the address for states also does
    moves or the cause is a request. `given` are values for the contracts, such as {"api_key": "..."}. `wanted` says of
    an interaction whether it may be played. `ca`: a certificate authority's file.
    """
    verdicts: list[Verdict] = []
    adapter = Adapter(states) if states and isinstance(states, str) else states or None
    offered = adapter.offers.states if adapter else frozenset[str]()
    possible = None if offered is None else frozenset({*offered, *present})
    for path in _chosen(folder, provider, consumer):
        pact = read(path)
        remote = Remote(url, adapter, given, listener)
        tap = Tap(url, look=adapter.facts if adapter and adapter.offers.facts else None, ca=ca) if watched else None
        messages = _caught_by(pact, remote) if listener and adapter else None
        try:
            playable = _causable(adapter, wanted) if adapter else wanted
            verdicts += _verified(pact, remote, possible=possible, messages=messages, tap=tap, wanted=playable)
        finally:
            if tap:
                tap.close()
    return Report(tuple(verdicts))


def _causable(adapter: Adapter, wanted: Callable[[Mapping[str, Any]], bool]) -> Callable[[Mapping[str, Any]], bool]:
    """What is wanted, but for messages whose cause is a move that the adapter does not know."""

    def test(interaction: Mapping[str, Any]) -> bool:
        move = interaction.get("comments", {}).get("cause", {}).get("move")
        return wanted(interaction) and (move is None or move in adapter.offers.moves)

    return test


def verified_file(lab: LabClient, path: Path, *, watched: bool = False) -> list[Verdict]:
    """The verdicts on one pact file against the sandbox."""
    pact = read(path)
    emulated = Emulated(lab, pact["provider"]["name"])
    tap = Tap(emulated.url) if watched else None
    try:
        return _verified(pact, emulated, possible=None, messages=_caught_by(pact, emulated), tap=tap)
    finally:
        if tap:
            tap.close()
        emulated.close()


def _chosen(folder: Path, provider: str, consumer: str) -> list[Path]:
    found = pact_files(folder, provider=provider, consumer=consumer)
    if not found:
        wanted = " ".join(filter(None, (consumer and f"of {consumer}", provider and f"with {provider}")))
        raise LabError(f"there is no contract {wanted} in {folder}".replace("  ", " "), code="no_contract")
    return found


# -- one pact


def _caught_by(pact: Mapping[str, Any], provider: Emulated | Remote) -> Messages:
    """For each message of the pact, what the provider sends when its cause comes about; it is kept by its
    description."""

    def producer(description: str, cause: Mapping[str, Any]) -> Callable[[Caughts], Any]:
        def produced(kept: Caughts) -> dict[str, Any]:
            caught = kept[description] = provider.message(cause)
            content_type = caught.headers.get("content-type", "")
            return {
                "contents": caught.body,
                "content_type": content_type,
                "metadata": {**caught.headers, "contentType": content_type, "method": caught.method},
            }

        return produced

    return {
        i["description"]: producer(i["description"], i["comments"]["cause"])
        for i in pact["interactions"]
        if i["type"] == MESSAGE
    }


def _verified(
    pact: Mapping[str, Any],
    provider: Provider,
    *,
    possible: frozenset[str] | None,
    messages: Messages | None,
    tap: Tap | None = None,
    wanted: Callable[[Mapping[str, Any]], bool] = lambda interaction: True,
) -> list[Verdict]:
    """`possible` are the states that hold or can be brought about; None: all."""

    def playable(interaction: Mapping[str, Any]) -> bool:
        if (interaction["type"] == MESSAGE and messages is None) or not wanted(interaction):
            return False
        return possible is None or all(s["name"] in possible for s in interaction.get("providerStates", ()))

    chosen = [i for i in pact["interactions"] if playable(i)]
    chosen.sort(key=lambda i: json.dumps(i.get("providerStates", []), sort_keys=True))  # one situation after the other
    crossed, caught = Crossed(tap), Caughts()
    whole = {**pact, "interactions": chosen}
    results, missing = played(whole, provider, messages, crossed, caught) if chosen else ({}, {})
    numbers = {i["description"]: number for number, i in enumerate(chosen)}
    return [
        replace(
            _verdict(pact, i, results if i in chosen else None, provider.failed, missing),
            exchange=crossed.of(numbers.get(i["description"])),
            message=caught.get(i["description"]),
        )
        for i in pact["interactions"]
    ]


def _verdict(
    pact: Mapping[str, Any],
    interaction: Mapping[str, Any],
    results: Mapping[str, Any] | None,
    failed: Sequence[tuple[str, str]],
    missing: Mapping[str, str],
) -> Verdict:
    states = tuple(state["name"] for state in interaction.get("providerStates", ()))
    described = Verdict(
        pact["consumer"]["name"],
        pact["provider"]["name"],
        interaction["description"],
        "message" if interaction["type"] == MESSAGE else "request",
        states,
        SKIPPED,
        interaction=interaction,
    )
    if results is None:
        return described
    if unsent := missing.get(interaction["description"]):
        return replace(described, verdict=BROKEN, differences=(Difference(PROVIDER, unsent),))
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
