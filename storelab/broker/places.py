"""Routes: environments, what is in them, and what may be put there."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Flask, request

from . import matrix, sent
from .desk import Answer, Desk
from .door import Refused
from .hal import Json
from .ledger import Happening
from .records import Records


def add(app: Flask, desk: Desk) -> None:
    @app.get("/environments")
    def environments() -> Json:
        known = sorted(desk.records.environments.values(), key=lambda each: each.name)
        return {"_embedded": {"environments": [desk.hal().environment(each) for each in known]}, "_links": {}}

    @app.post("/environments")
    def make_environment() -> Answer:
        data = sent.environment(desk.body(), str(uuid.uuid4()))
        return _kept_environment(data), 201

    @app.get("/environments/<name:identity>")
    def environment(identity: str) -> Json:
        return desk.hal().environment(desk.records.place(identity))

    @app.put("/environments/<name:identity>")
    def change_environment(identity: str) -> Json:
        desk.records.place(identity)
        return _kept_environment(sent.environment(desk.body(), identity))

    def _kept_environment(data: Json) -> Json:
        def decision(records: Records) -> list[Happening]:
            same = records.environment(data["name"])
            if same and same.uuid != data["uuid"]:
                raise Refused(400, f"there is an environment {data['name']!r} already")
            return [("environment", data)]

        return desk.decided(decision).environment(desk.records.environments[data["uuid"]])

    @app.delete("/environments/<name:identity>")
    def delete_environment(identity: str) -> Any:
        def decision(records: Records) -> list[Happening]:
            records.place(identity)
            return [("environment gone", {"uuid": identity})]

        desk.decided(decision)
        return "", 204

    @app.post(
        "/pacticipants/<name:name>/versions/<name:number>/<any(deployed,released):kind>-versions/environment/<name:identity>"
    )
    def record(name: str, number: str, kind: str, identity: str) -> Answer:
        said = desk.body(empty=True)
        data = {
            "uuid": str(uuid.uuid4()),
            "kind": kind,
            "pacticipant": name,
            "version": number,
            "environment": identity,
            "instance": sent.maybe(said, "applicationInstance") if kind == matrix.DEPLOYED else "",
        }

        def decision(records: Records) -> list[Happening]:
            records.version(name, number)
            records.place(identity)
            return [("live", data)]

        return desk.decided(decision).live(desk.records.live[data["uuid"]]), 201

    @app.get("/environments/<name:identity>/deployed-versions/currently-deployed", defaults={"kind": matrix.DEPLOYED})
    @app.get("/environments/<name:identity>/released-versions/currently-supported", defaults={"kind": matrix.RELEASED})
    def present(identity: str, kind: str) -> Json:
        desk.records.place(identity)
        name = request.args.get("pacticipant", "")
        found = [
            desk.hal().live(here)
            for here in desk.records.live.values()
            if here.environment == identity and here.kind == kind and not here.ended and name in ("", here.pacticipant)
        ]
        return {"_embedded": {f"{kind}Versions": found}, "_links": {}}

    @app.get("/<any(deployed,released):kind>-versions/<name:identity>")
    def live(kind: str, identity: str) -> Json:
        return desk.hal().live(desk.records.here(kind, identity))

    @app.patch("/<any(deployed,released):kind>-versions/<name:identity>")
    def end(kind: str, identity: str) -> Json:
        flag = "currentlyDeployed" if kind == matrix.DEPLOYED else "currentlySupported"
        if desk.body().get(flag) is not False:
            raise Refused(400, f"only {flag}: false can be said of it")

        def decision(records: Records) -> list[Happening]:
            records.here(kind, identity)
            return [("ended", {"uuid": identity})]

        return desk.decided(decision).live(desk.records.live[identity])

    @app.get("/matrix")
    def whole_matrix() -> Json:
        return desk.hal().verdict(sent.verdict_on(desk.records, request.query_string.decode()))

    @app.get("/can-i-deploy")
    def can_i_deploy() -> Json:
        name, number = request.args.get("pacticipant", ""), request.args.get("version", "")
        others = matrix.Others(environment=request.args.get("environment", ""), tag=request.args.get("to", ""))
        if not name or not number or not others:
            raise Refused(400, "can-i-deploy needs pacticipant, version, and environment or to")
        return desk.hal().verdict(matrix.verdict(desk.records, [matrix.Selector(name, version=number)], others))
