"""The part of a verification that holds answers against the OpenAPI document: requests made by schemathesis.

Without leave to write only GET and HEAD are sent, whatever the document describes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from storelab.contracts.kit import BROKEN, KEPT, SKIPPED, Difference
from storelab.contracts.pactfiles import PACTS, pact_files, read
from storelab.contracts.tap import READS, Exchange
from storelab.emulators.kernel.documents import load_document
from storelab.emulators.kernel.errors import LabError
from storelab.fuzzing import PHASES, Target, configured, credentials

from .report import DOCUMENT, Check
from .veil import Veil
from .wanted import of_operation

OFF, QUICK, THOROUGH = "off", "quick", "thorough"
INTENSITIES = (OFF, QUICK, THOROUGH)
MANY = 10  # requests for each operation and phase, when it is to be thorough
KEYS = ("consumer_key", "api_key", "token", "site_token")  # what opens a door, in the order in which it is looked for


@dataclass(frozen=True)
class Asked:
    """How an API is asked. `account`: what opens it. `rate` ("60/m") is what it takes; `seconds` end it early."""

    provider: str
    url: str
    account: Mapping[str, str]
    intensity: str = QUICK
    write: bool = False
    seed: int = 42
    rate: str = ""
    seconds: int | None = None
    ca: str = ""

    @property
    def phases(self) -> tuple[str, ...]:
        return PHASES if self.intensity == THOROUGH else PHASES[:1]


def opens(account: Mapping[str, str]) -> bool:
    return any(account.get(name) for name in KEYS)


def opening_states(provider: str, folder: Path = PACTS) -> Sequence[Mapping[str, Any]]:
    """The states in which a key opens the door, as the first interaction of its contracts has them that says so."""
    for path in pact_files(folder, provider=provider):
        for interaction in read(path)["interactions"]:
            headers = interaction.get("request", {}).get("generators", {}).get("header", {})
            expression = str(headers.get("Authorization", {}).get("expression", ""))
            status = interaction.get("response", {}).get("status", 0)
            if any(f"${{{name}}}" in expression for name in KEYS) and 200 <= status < 300:
                return list(interaction.get("providerStates", ()))
    return ()


def checks(asked: Asked, veil: Veil) -> Iterator[Check]:
    """One for each operation of the document that may be asked."""
    document = load_document(asked.provider)
    run = _Run(asked, veil, document)
    yield from run.checks()


class _Run:
    def __init__(self, asked: Asked, veil: Veil, document: Mapping[str, Any]) -> None:
        self.asked, self.veil = asked, veil
        self.shut = _has_keys(document) and not opens(asked.account)
        headers = (
            {} if self.shut else credentials(document, {"token": asked.account.get("site_token"), **asked.account})
        )
        self.target = Target(asked.url, document, headers)
        self.found: dict[str, list[tuple[Difference, Exchange | None]]] = {}
        self.requests: dict[str, int] = {}
        self.stopped = ""

    def checks(self) -> Iterator[Check]:
        schema, raw = self._schema(), {}
        for operation in schema.get_all_operations():
            found = operation.ok()
            if found is not None:
                raw[found.label] = found.definition.raw
        if not raw:
            why = "has nothing that only reads: allow changes with --write"
            yield Check(DOCUMENT, self.asked.provider, "", "the document", SKIPPED, why=why)
            return
        if self.shut:
            why = "nothing opens it: name a key with --given, or an adapter with --state-url"
            yield Check(DOCUMENT, self.asked.provider, "", "the document", SKIPPED, why=why)
            return
        self._play(schema)
        for label, operation in raw.items():
            yield self._check(label, operation)
        for label in self.found.keys() - raw.keys():  # in a sequence, or in no operation
            yield self._check(label, {})

    def _check(self, label: str, raw: Mapping[str, Any]) -> Check:
        provider, found = self.asked.provider, self.found.get(label, [])
        basis = of_operation(str(raw.get("operationId", label)), raw) if raw else None
        if not found:
            verdict = KEPT if self.requests.get(label) else SKIPPED
            why = "" if verdict == KEPT else f"was not asked{f': {self.stopped}' if self.stopped else ''}"
            return Check(DOCUMENT, provider, "", label, verdict, basis=basis, why=why)
        differences = tuple(dict.fromkeys(difference for difference, _ in found))
        expected = "\n".join(f"{difference.where}: {difference.expected}" for difference in differences)
        check = Check(
            DOCUMENT, provider, "", label, BROKEN, differences, basis=basis, expected=self.veil.text(expected)
        )
        exchange = next((exchange for _, exchange in found if exchange), None)
        if exchange is None:
            return check
        origin = f"{urlsplit(self.asked.url).scheme}://{urlsplit(self.asked.url).netloc}"
        return replace(
            check,
            request=self.veil.request(exchange),
            actual=self.veil.answer(exchange),
            curl=self.veil.curl(exchange, origin, {"generators": {"header": self._expressions()}}),
        )

    def _expressions(self) -> dict[str, dict[str, str]]:
        """How the headers that open the door are written, with names for what is secret in them."""
        key = next((name for name in KEYS if self.asked.account.get(name)), "key")
        found = {}
        for name, value in self.target.headers.items():
            scheme, _, rest = value.rpartition(" ")
            if value.startswith("Basic "):
                found[name] = {"expression": "Basic ${basic}"}
            elif rest in self.asked.account.values():
                found[name] = {"expression": f"{scheme} ${{{key}}}".strip()}
        return found

    def _schema(self) -> Any:
        import schemathesis
        from schemathesis.config import SchemathesisConfig

        asked = self.asked
        settings = configured(self.target, seed=asked.seed, examples=MANY, phases=asked.phases, seconds=asked.seconds)
        settings["phases"]["coverage"]["unexpected-methods"] = []  # the document's own methods, or those that read
        settings["phases"]["examples"]["fill-missing"] = True
        if asked.rate:
            settings["rate-limit"] = asked.rate
        if asked.ca:
            settings["tls-verify"] = asked.ca
        try:
            config = SchemathesisConfig.from_dict(settings)
        except Exception as bad:  # its own errors have no common class
            raise LabError(f"schemathesis does not take these settings: {' '.join(str(bad).split())}") from None
        return schemathesis.openapi.from_dict(dict(self.target.document), config=config).exclude(self._left_out)

    def _left_out(self, context: Any) -> bool:
        operation = context.operation
        raw = operation.definition.raw
        if raw.get("x-not-emulated") or raw.get("x-storelab") or raw.get("x-handler"):
            return True
        return not self.asked.write and operation.method.upper() not in READS

    def _play(self, schema: Any) -> None:
        from schemathesis.engine import events, from_schema

        for event in self._events(from_schema(schema).execute()):
            if isinstance(event, events.ScenarioFinished):
                self._scenario(event.recorder)
            elif isinstance(event, events.NonFatalError):
                self._add(event.label, Difference(str(event.info.title), str(event.value)), None)
            elif isinstance(event, events.FatalError):
                raise LabError(f"the document of {self.asked.provider} could not be tried: {event.exception}")
            elif isinstance(event, events.EngineFinished) and event.stop_reason != "completed":
                self.stopped = str(event.stop_reason.value)

    def _events(self, events: Iterator[Any]) -> Iterator[Any]:
        """Until an answer that schemathesis itself falls over: nested too deep, or leading to what is no address."""
        try:
            yield from events
        except (RecursionError, ValueError) as bad:
            said = f"an answer that cannot be read: {type(bad).__name__}: {bad}"
            self._add("answers", Difference("unreadable", self.veil.text(said), "answers that can be read"), None)
            self.stopped = "an answer before it could not be read"

    def _scenario(self, recorder: Any) -> None:
        for case, checks in recorder.checks.items():
            for check in checks:
                operation = recorder.cases[case].value.operation.label
                self.requests[operation] = self.requests.get(operation, 0) + 1
                if check.failure_info is not None:
                    failure = check.failure_info.failure
                    said = " ".join(self.veil.text(f"{failure.title}. {failure.message}").split())
                    response = recorder.find_response(case_id=case)
                    difference = Difference(check.name, said[:600], failure.title)
                    self._add(failure.operation, difference, _exchange(response) if response else None)

    def _add(self, label: str, difference: Difference, exchange: Exchange | None) -> None:
        known = self.found.setdefault(label, [])
        if all(other.where != difference.where for other, _ in known):
            known.append((difference, exchange))


def _has_keys(document: Mapping[str, Any]) -> bool:
    return bool(document.get("components", {}).get("securitySchemes"))


def _exchange(response: Any) -> Exchange:
    request = response.request
    parts = urlsplit(request.url)
    body = request.body or b""
    return Exchange(
        request.method,
        parts.path + (f"?{parts.query}" if parts.query else ""),
        tuple((name, str(value)) for name, value in request.headers.items()),
        body.encode() if isinstance(body, str) else bytes(body) if isinstance(body, bytes | bytearray) else b"",
        response.status_code,
        tuple((name, ", ".join(values)) for name, values in response.headers.items()),
        response.content or b"",
        response.elapsed,
    )
