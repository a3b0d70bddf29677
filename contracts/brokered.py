"""Contracts that live in a broker: what a provider should verify, and what came of it.

Source: the Pact Broker's HAL API (docs.pact.io/pact_broker), read 2026-11-30; every address is found by its relation.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import requests

from storelab.emulators.kernel.errors import LabError

from .client import PASSWORD, TOKEN, USER, Account
from .kit import KEPT, Verdict

PATIENCE = 30  # seconds for an answer
RECOMMENDED: tuple[Mapping[str, Any], ...] = (
    {"mainBranch": True},
    {"deployedOrReleased": True},
    {"matchingBranch": True},
)
"""What the Pact project recommends to verify: of each consumer the main branch, what is in an environment, and the
branch that is called as ours."""


@dataclass(frozen=True)
class Due:
    """A contract to verify. Where it is pending, a failure is told but breaks nothing."""

    pact: Mapping[str, Any]
    notices: tuple[str, ...]
    pending: bool
    wip: bool

    @property
    def consumer(self) -> str:
        return str(self.pact["consumer"]["name"])


@dataclass(frozen=True)
class Version:
    """Of the provider that is verified."""

    number: str
    branch: str = ""
    build_url: str = ""


class Broker:
    def __init__(self, account: Account) -> None:
        self._account = account
        self._session = requests.Session()
        self._session.headers["Accept"] = "application/hal+json, application/json"
        if account.token:
            self._session.headers["Authorization"] = f"Bearer {account.token}"
        elif account.user:
            self._session.auth = (account.user, account.password)

    def close(self) -> None:
        self._session.close()

    def due(
        self,
        provider: str,
        *,
        branch: str = "",
        selectors: Sequence[Mapping[str, Any]] = RECOMMENDED,
        pending: bool = False,
        wip_since: str = "",
    ) -> list[Due]:
        """What this provider should verify. `wip_since` is a date: work in progress that began later is added."""
        asked: dict[str, Any] = {"consumerVersionSelectors": list(selectors), "includePendingStatus": pending}
        if branch:
            asked["providerVersionBranch"] = branch
        if wip_since:
            asked["includeWipPactsSince"] = wip_since
        address = self._at(
            self._asked("GET", f"{self._account.url}/"), "pb:provider-pacts-for-verification", provider=provider
        )
        listed = self._asked("POST", address, asked)["_embedded"]["pacts"]
        return [self._due(each) for each in listed]

    def _due(self, listed: Mapping[str, Any]) -> Due:
        properties = listed.get("verificationProperties", {})
        notices = [n["text"] for n in properties.get("notices", ()) if n.get("when", "before").startswith("before")]
        pact = self._asked("GET", listed["_links"]["self"]["href"])
        return Due(pact, tuple(notices), bool(properties.get("pending")), bool(properties.get("wip")))

    def tell(self, due: Due, version: Version, verdicts: Sequence[Verdict]) -> bool:
        """Publish what came of it, under the provider's version; whether it was kept."""
        if version.branch:
            provider = self._asked("GET", due.pact["_links"]["pb:provider"]["href"])
            branch = self._at(provider, "pb:branch-version", branch=version.branch, version=version.number)
            self._asked("PUT", branch, {})
        kept = all(verdict.verdict == KEPT for verdict in verdicts)
        told: dict[str, Any] = {
            "providerApplicationVersion": version.number,
            "success": kept,
            "verifiedBy": {"implementation": "storelab"},
            "testResults": [_result(verdict) for verdict in verdicts],
        }
        if version.build_url:
            told["buildUrl"] = version.build_url
        self._asked("POST", due.pact["_links"]["pb:publish-verification-results"]["href"], told)
        return kept

    def _at(self, resource: Mapping[str, Any], relation: str, **names: str) -> str:
        """The address of a relation, its template filled."""
        link = resource.get("_links", {}).get(relation)
        if link is None:
            raise LabError(f"{self._account.url} has no {relation}: it is no Pact broker, or too old a one")
        return re.sub(r"\{(\w+)\}", lambda found: quote(names[found[1]], safe=""), link["href"])

    def _asked(self, method: str, address: str, body: Any = None) -> dict[str, Any]:
        url = urljoin(f"{self._account.url}/", address)
        if urlsplit(url)[:2] != urlsplit(self._account.url)[:2]:  # nobody else is given the credentials
            raise LabError(
                f"the broker refers to {urlsplit(url).hostname}, which is another; set its public address there"
            )
        try:
            answer = self._session.request(method, url, json=body, timeout=PATIENCE, allow_redirects=False)
        except (requests.RequestException, ValueError) as bad:
            raise LabError(f"the broker at {self._account.url} does not answer ({type(bad).__name__})") from None
        if answer.status_code in (401, 403):
            raise LabError(f"the broker at {self._account.url} wants {TOKEN}, or {USER} and {PASSWORD}")
        try:
            told = answer.json() if answer.content else {}
        except (ValueError, RecursionError):
            told = None
        if not answer.ok or not isinstance(told, dict):
            raise LabError(
                f"the broker answered {answer.status_code} to {method} {urlsplit(url).path}: {_errors(told)}"
            )
        return told


def _errors(told: Any) -> str:
    errors = told.get("errors") or told.get("error") if isinstance(told, dict) else None
    return (
        "; ".join(map(str, errors)) if isinstance(errors, list) else json.dumps(errors) if errors else "no reason given"
    )


def _result(verdict: Verdict) -> dict[str, Any]:
    told: dict[str, Any] = {"testDescription": verdict.description, "status": verdict.verdict}
    if verdict.differences:
        told["mismatches"] = [{"attribute": d.where, "description": d.message} for d in verdict.differences]
    return told
