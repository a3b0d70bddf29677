"""The part of a verification that plays contracts."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from storelab.client import LabClient
from storelab.contracts import kit
from storelab.contracts.adapter import Adapter
from storelab.contracts.kit import BROKEN, SKIPPED, Difference, Verdict
from storelab.contracts.pactfiles import PACTS, test_of
from storelab.contracts.provider import Caught, Listener
from storelab.contracts.store import signature
from storelab.contracts.tap import READS

from . import wanted
from .report import CONTRACT, WEBHOOK, Check
from .veil import Veil

SIGNATURE = "x-wc-webhook-signature"
SLOW = 10.0  # seconds after which a connector in a shop has given up
OURS = ("/wp-json/storelab/", "/api/storelab/")  # APIs of ours that stand for what plugins do in PHP
NO_STATES = "needs the state {}: name an adapter with --state-url, or the state with --present"
NOT_KNOWN = "needs what the adapter does not offer: {}"
NO_WRITES = "changes something: allow it with --write"
NO_MESSAGES = "is sent by the provider: name an adapter that can make it do so with --state-url, or do it by --ask"
ANY_STORE = "a fresh store"  # holds in a store that has things in it, too, where no list of them is wanted
NOT_EMPTY = "wants to see an empty store, or what is in a store of the laboratory"
NOT_OUTSIDE = "speaks to the store from inside, as a plugin does in PHP: only the emulator has an address for that"


@dataclass(frozen=True)
class Target:
    """A provider at an address. `states`: its adapter's address; `given`: values for the contracts; `present`: states
    that hold there already; `write`: whether things may be changed there; `patience`: seconds that an answer, and a
    webhook, may take; `ca`: a certificate authority's file."""

    provider: str
    url: str
    states: str = ""
    given: Mapping[str, str] = field(default_factory=dict)
    present: tuple[str, ...] = ()
    consumer: str = ""
    write: bool = False
    slow: float = SLOW
    ca: str = ""
    folder: Path = PACTS

    @property
    def origin(self) -> str:
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def veil(self) -> Veil:
        return veil(self.provider, self.given)


def veil(provider: str, given: Mapping[str, str]) -> Veil:
    from storelab.emulators.kernel.lab import found_emulators

    emulator = found_emulators().get(provider)
    return Veil(provider, emulator.secrets if emulator else frozenset(), given)


Tell = Callable[[Check], None]


def of_sandbox(lab: LabClient, provider: str, *, consumer: str = "", slow: float = SLOW) -> Iterator[Check]:
    """Against the emulator in a sandbox, with its own states and moves."""
    url = _address(lab, provider)
    for verdict in kit.verify(lab, provider=provider, consumer=consumer, watched=True).verdicts:
        yield checked(verdict, veil(provider, {}), url, slow)


def _address(lab: LabClient, provider: str) -> str:
    info = lab.info()
    account = info["store"] if provider == "woocommerce" else info["backends"][provider]
    return str(account["url"])


def of_target(target: Target, listener: Listener | None, person: Adapter | None = None) -> Iterator[Check]:
    """Against a provider anywhere; what could not be played is skipped, with the reason. A `person` does what the
    provider is to send messages after, where no adapter does."""
    found = _verdicts(target, listener, target.states, lambda interaction: not _unwanted(target, interaction))
    if person and listener:
        heard = _verdicts(target, listener, person, lambda interaction: interaction["type"] == kit.MESSAGE)
        found = [there if there.kind == "message" else here for here, there in zip(found, heard, strict=True)]
    for verdict in found:
        check = checked(verdict, target.veil, target.url, target.slow)
        yield replace(check, why=_reason(target, verdict)) if check.verdict == SKIPPED else check


def _verdicts(
    target: Target, listener: Listener | None, states: str | Adapter, wanted: Callable[[Mapping[str, Any]], bool]
) -> Sequence[Verdict]:
    return kit.verify_url(
        target.url,
        provider=target.provider,
        states=states,
        given=target.given,
        present=target.present,
        consumer=target.consumer,
        folder=target.folder,
        watched=True,
        listener=listener,
        wanted=wanted,
        ca=target.ca,
    ).verdicts


def _unwanted(target: Target, interaction: Mapping[str, Any]) -> str:
    """Why it may not be played there; nothing when it may."""
    asked = interaction.get("request")
    if asked is None or target.states:
        return ""
    if str(asked["path"]).startswith(OURS):
        return NOT_OUTSIDE
    answer = interaction["response"]
    listed = isinstance(answer.get("body", {}).get("content"), list)
    if ANY_STORE in target.present and target.provider == "woocommerce" and answer["status"] < 300 and listed:
        return NOT_EMPTY
    return "" if target.write or asked["method"] in READS else NO_WRITES


def _reason(target: Target, verdict: Verdict) -> str:
    if target.states:
        offers = Adapter(target.states).offers
        known = {*(offers.states or verdict.states), *offers.moves, *target.present}
        move = verdict.interaction.get("comments", {}).get("cause", {}).get("move")
        wanted_words = [*verdict.states, *([move] if move else [])]
        return NOT_KNOWN.format(" and ".join(repr(word) for word in dict.fromkeys(wanted_words) if word not in known))
    missing = [state for state in verdict.states if state not in target.present]
    if verdict.kind == "message":
        return NO_MESSAGES
    if unwanted := _unwanted(target, verdict.interaction):
        return unwanted
    return NO_STATES.format(" and ".join(map(repr, dict.fromkeys(missing))))


def checked(verdict: Verdict, veil: Veil, url: str, slow: float = SLOW) -> Check:
    """A verdict with what crossed beside what was wanted, and with what only the exchange can tell."""
    interaction, exchange, message = verdict.interaction, verdict.exchange, verdict.message
    origin = f"{urlsplit(url).scheme}://{urlsplit(url).netloc}"
    check = Check(
        WEBHOOK if verdict.kind == "message" else CONTRACT,
        verdict.provider,
        verdict.consumer,
        verdict.description,
        verdict.verdict,
        tuple(replace(d, message=veil.text(d.message), actual=veil.text(d.actual)) for d in verdict.differences),
        basis=wanted.basis(verdict.provider, interaction) if interaction else None,
        test=test_of(interaction),
        milliseconds=verdict.milliseconds,
    )
    if verdict.verdict == SKIPPED:
        return check
    expected, request, actual, curl = wanted.text(interaction), wanted.request(interaction), "", ""
    if exchange is not None:
        request, actual = veil.request(exchange), veil.answer(exchange)
        curl = veil.curl(exchange, origin, interaction.get("request"))
    elif message is not None:
        actual = veil.delivery(message.method, message.headers, message.body)
    beyond = _beyond(verdict, slow)
    return replace(
        check,
        expected=expected,
        request=request,
        actual=actual,
        curl=curl,
        verdict=BROKEN if beyond else check.verdict,
        differences=(*beyond, *check.differences),
    )


def _beyond(verdict: Verdict, slow: float) -> Sequence[Difference]:
    """What no pact says and every consumer relies on: there is an answer, in time, a question changes nothing, and
    what is sent is signed with the secret that was agreed on."""
    if verdict.message is not None:
        return unsigned(verdict.message, agreed_secret(verdict.interaction))
    exchange = verdict.exchange
    if exchange is None:
        return ()
    if exchange.status is None:
        return (Difference("answer", f"there was none: {exchange.error}"),)
    found = []
    if 300 <= exchange.status < 400 and exchange.status != verdict.interaction["response"]["status"]:
        to = next((value for name, value in exchange.headers if name.lower() == "location"), "nowhere")
        wanted_status = str(verdict.interaction["response"]["status"])
        said = f"expected {wanted_status} but was {exchange.status}, which leads to {to.split('?')[0]}"
        found.append(Difference("status", said, wanted_status, str(exchange.status)))
    if exchange.seconds > slow:
        said = f"the answer took {exchange.seconds:.1f} s, and consumers wait {slow:g} s"
        found.append(Difference("time", said, f"at most {slow:g} s", f"{exchange.seconds:.1f} s"))
    if exchange.changed:
        found.append(
            Difference("state", f"a {exchange.method} changed something: {exchange.changed}", "no change", "a change")
        )
    return found


def agreed_secret(interaction: Mapping[str, Any]) -> str:
    """What a webhook is signed with, by the state that makes it; nothing where none is agreed on."""
    given = (state.get("params") or {} for state in interaction.get("providerStates", ()))
    return str(next((params["secret"] for params in given if params.get("secret")), ""))


def unsigned(message: Caught, secret: str) -> Sequence[Difference]:
    """How the signature of a message does not fit, as WooCommerce signs: Base64 of HMAC-SHA256 over the body."""
    if not secret:
        return ()
    wanted = signature(message.body, secret)
    found = message.headers.get(SIGNATURE, "")
    if hmac.compare_digest(wanted.encode(), found.encode()):
        return ()
    said = "there is none" if not found else "it is not Base64 of HMAC-SHA256 over the body with the webhook's secret"
    return (Difference("signature", f"{SIGNATURE}: {said}", "one that fits", "none" if not found else "another"),)
