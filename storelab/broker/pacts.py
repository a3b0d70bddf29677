"""Routes: contracts, which of them to verify, and what came of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask import Flask

from . import matrix, sent
from .desk import Answer, Desk
from .door import Refused
from .hal import Json
from .ledger import Happening
from .records import Pact, Records, digest


def add(app: Flask, desk: Desk) -> None:
    @app.post("/contracts/publish")
    def publish() -> Answer:
        said = desk.body()
        name, number = sent.text(said, "pacticipantName"), sent.text(said, "pacticipantVersionNumber")
        given = sent.version(said)
        contracts = said.get("contracts") or []
        if not isinstance(contracts, list) or not all(isinstance(each, dict) for each in contracts):
            raise Refused(400, "contracts must be a list of objects")
        pacts = [(sent.contract(each), sent.merges(each)) for each in contracts]
        return _published(name, number, given, pacts)

    @app.put("/pacts/provider/<name:provider>/consumer/<name:consumer>/version/<name:number>")
    def put_pact(provider: str, consumer: str, number: str) -> Answer:
        pact = sent.pact(desk.body(), consumer, provider)
        _published(consumer, number, {}, [(pact, False)])
        return desk.pact(desk.records.pacts[consumer, number, provider]), 201

    def _published(name: str, number: str, given: Mapping[str, Any], pacts: list[tuple[Json, bool]]) -> Answer:
        for pact, _ in pacts:
            if pact["consumer"]["name"] != name:
                raise Refused(400, f"the pact is of {pact['consumer']['name']}, but was published for {name}")

        def decision(records: Records) -> list[Happening]:
            happened: list[Happening] = [("version", {"pacticipant": name, "number": number, **given})]
            for pact, merges in pacts:
                provider = pact["provider"]["name"]
                old = records.pacts.get((name, number, provider))
                content = sent.merged(desk.ledger.content(old.sha), pact) if old and merges else pact
                sha = digest(content)
                if old and old.sha != sha and not merges:
                    raise Refused(
                        409,
                        f"version {number} of {name} has published another contract with {provider} already; "
                        "give each version a number of its own (the commit), or publish with --merge",
                    )
                if old is None or old.sha != sha:
                    named = {"consumer": name, "version": number, "provider": provider, "sha": sha}
                    happened.append(("pact", {**named, "content": content}))
            return happened

        answered = desk.decided(decision)
        kept = [desk.records.pacts[name, number, pact["provider"]["name"]] for pact, _ in pacts]
        said = [f"{name} {number} has published its contract with {pact.provider}." for pact in kept]
        notices = [{"type": "success", "text": text} for text in said]
        return answered.published(desk.records.versions[name, number], kept, notices), 200

    @app.get("/pacts/provider/<name:provider>/consumer/<name:consumer>/version/<name:number>")
    def pact_of_version(provider: str, consumer: str, number: str) -> Json:
        return desk.pact(desk.records.published(consumer, provider, number=number))

    @app.get("/pacts/provider/<name:provider>/consumer/<name:consumer>/latest")
    def latest_pact(provider: str, consumer: str) -> Json:
        return desk.pact(desk.records.published(consumer, provider))

    @app.get("/pacts/provider/<name:provider>/consumer/<name:consumer>/pact-version/<name:sha>")
    def pact_of_content(provider: str, consumer: str, sha: str) -> Json:
        return desk.pact(desk.records.published(consumer, provider, sha=sha))

    @app.get("/pacts/latest")
    def latest_pacts() -> Json:
        pairs = sorted({(pact.consumer, pact.provider) for pact in desk.records.pacts.values()})
        return desk.hal().listed([desk.records.published(*pair) for pair in pairs])

    @app.get("/pacts/provider/<name:provider>/latest")
    def latest_provider_pacts(provider: str) -> Json:
        consumers = matrix.consumers_of(desk.records, provider)
        return desk.hal().listed([desk.records.published(consumer, provider) for consumer in consumers])

    @app.get("/pacts/provider/<name:provider>")
    def provider_pacts(provider: str) -> Json:
        return desk.hal().listed(pact for pact in desk.records.pacts.values() if pact.provider == provider)

    one, all_ = (
        "/pacts/provider/<name:provider>/consumer/<name:consumer>/branch",
        "/pacts/provider/<name:provider>/branch",
    )

    @app.get(f"{one}/<name:branch>", defaults={"latest": False})
    @app.get(f"{one}/<name:branch>/latest", defaults={"latest": True})
    @app.get(one, defaults={"branch": "", "latest": False})
    @app.get(f"{one}/latest", defaults={"branch": "", "latest": True})
    @app.get(f"{all_}/<name:branch>", defaults={"consumer": "", "latest": False})
    @app.get(f"{all_}/<name:branch>/latest", defaults={"consumer": "", "latest": True})
    @app.get(all_, defaults={"consumer": "", "branch": "", "latest": False})
    @app.get(f"{all_}/latest", defaults={"consumer": "", "branch": "", "latest": True})
    def pacts_of_branch(provider: str, consumer: str, branch: str, latest: bool) -> Json:
        return desk.hal().listed(on_branch(provider, consumer, branch, latest=latest))

    def on_branch(provider: str, consumer: str = "", branch: str = "", *, latest: bool) -> list[Pact]:
        """Of one consumer or all, on one branch or each one's main branch."""
        found = []
        for name in [consumer] if consumer else matrix.consumers_of(desk.records, provider):
            label = branch or desk.records.pacticipants.get(name, {}).get("main_branch", "")
            versions = desk.records.labelled(name, label, branch=True)
            pacts = [p for v in versions if (p := desk.records.pacts.get((name, v.number, provider)))]
            found += pacts[-1:] if latest else pacts
        return found

    @app.get("/pacts/provider/<name:provider>/provider-states", defaults={"branch": "", "environment": ""})
    @app.get("/pacts/provider/<name:provider>/provider-states/branch/<name:branch>", defaults={"environment": ""})
    @app.get("/pacts/provider/<name:provider>/provider-states/environment/<name:environment>", defaults={"branch": ""})
    def provider_states(provider: str, branch: str, environment: str) -> Json:
        """Each state that a contract names, once for each set of its parameters, and who needs it."""
        chosen = on_branch(provider, branch=branch, latest=True)
        if environment:
            chosen = [due.pact for due in matrix.due(desk.records, provider, [{"environment": environment}])]
        found: dict[str, Json] = {}
        for pact in chosen:
            for interaction in desk.ledger.content(pact.sha).get("interactions", ()):
                for state in interaction.get("providerStates", ()):
                    known = {"name": state["name"], **({"params": state["params"]} if state.get("params") else {})}
                    told = found.setdefault(json.dumps(known, sort_keys=True), {**known, "consumers": []})
                    told["consumers"] = sorted({*told["consumers"], pact.consumer})
        return {"providerStates": sorted(found.values(), key=lambda each: str(each["name"]))}

    @app.route(
        "/pacts/provider/<name:provider>/for-verification", methods=["GET", "POST"]
    )  # clients look before they ask
    def for_verification(provider: str) -> Json:
        said = desk.body(empty=True)
        asked = bool(said.get("includePendingStatus"))
        found = matrix.due(
            desk.records,
            provider,
            sent.selectors(said),
            branch=sent.maybe(said, "providerVersionBranch"),
            tags=sent.tags(said, "providerVersionTags"),
            pending=asked,
            wip_since=sent.maybe(said, "includeWipPactsSince"),
        )
        return desk.hal().due(provider, found, pending_asked=asked)

    # -- results

    results = "/pacts/provider/<name:provider>/consumer/<name:consumer>/pact-version/<name:sha>/verification-results"

    @app.post(results)
    def verified(provider: str, consumer: str, sha: str) -> Answer:
        said = desk.body()
        desk.records.published(consumer, provider, sha=sha)
        number = sent.text(said, "providerApplicationVersion")
        if not isinstance(said.get("success"), bool):
            raise Refused(400, "success must be true or false")
        data = {
            "consumer": consumer,
            "provider": provider,
            "sha": sha,
            "version": number,
            "success": said["success"],
            "build_url": sent.maybe(said, "buildUrl"),
            "results": said.get("testResults"),
        }
        happened: list[Happening] = [("version", {"pacticipant": provider, "number": number}), ("verification", data)]
        return desk.decided(lambda records: happened).verification(desk.records.verifications[sha][-1]), 201

    @app.get(f"{results}/<int:number>")
    def verification(provider: str, consumer: str, sha: str, number: int) -> Json:
        found = [v for v in desk.records.verifications.get(sha, ()) if v.number == number]
        if not found:
            raise Refused(404, f"there is no result {number} of this contract")
        return desk.hal().verification(found[0])
