"""Routes: applications, their versions, branches and tags."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask

from . import sent
from .desk import Answer, Desk
from .door import Refused
from .hal import Json


def add(app: Flask, desk: Desk) -> None:
    @app.get("/pacticipants")
    def pacticipants() -> Json:
        told = [desk.hal().pacticipant(name) for name in sorted(desk.records.pacticipants)]
        return {"pacticipants": told, "_embedded": {"pacticipants": told}, "_links": {}}

    @app.post("/pacticipants")
    def make_pacticipant() -> Answer:
        said = desk.body()
        name = sent.text(said, "name")
        data = {"name": name, **sent.properties(said)}
        return desk.decided(lambda records: [("pacticipant", data)]).pacticipant(name), 201

    @app.get("/pacticipants/<name:name>")
    def pacticipant(name: str) -> Json:
        desk.records.known(name)
        return desk.hal().pacticipant(name)

    @app.route("/pacticipants/<name:name>", methods=["PUT", "PATCH"])
    def change_pacticipant(name: str) -> Json:
        properties = sent.properties(desk.body())
        return desk.decided(lambda records: [("pacticipant", {"name": name, **properties})]).pacticipant(name)

    @app.get("/pacticipants/<name:name>/versions")
    def versions(name: str) -> Json:
        told = [desk.hal().version(version) for version in reversed(desk.records.versions_of(name))]
        return {"_embedded": {"versions": told}, "_links": {}}

    @app.get("/pacticipants/<name:name>/versions/<name:number>")
    def version(name: str, number: str) -> Json:
        return desk.hal().version(desk.records.version(name, number))

    @app.get("/pacticipants/<name:name>/latest-version", defaults={"tag": ""})
    @app.get("/pacticipants/<name:name>/latest-version/<name:tag>")
    def latest_version(name: str, tag: str) -> Json:
        found = desk.records.labelled(name, tag, branch=False) if tag else desk.records.versions_of(name)
        if not found:
            raise Refused(404, f"{name} has no version" + (f" with tag {tag}" if tag else ""))
        return desk.hal().version(found[-1])

    @app.route("/pacticipants/<name:name>/versions/<name:number>", methods=["PUT", "PATCH"])
    def put_version(name: str, number: str) -> Answer:
        return _put_version(name, number, sent.version(desk.body()))

    def _put_version(name: str, number: str, told: Mapping[str, Any]) -> Answer:
        new = (name, number) not in desk.records.versions
        data = {"pacticipant": name, "number": number, **told}
        answered = desk.decided(lambda records: [("version", data)])
        return answered.version(desk.records.versions[name, number]), 201 if new else 200

    @app.get("/pacticipants/<name:name>/branches/<name:branch>")
    def branch(name: str, branch: str) -> Json:
        found = desk.records.labelled(name, branch, branch=True)
        if not found:
            raise Refused(404, f"{name} has no branch {branch}")
        return {"name": branch, "_embedded": {"latestVersion": desk.hal().version(found[-1])}, "_links": {}}

    @app.delete("/pacticipants/<name:name>/branches/<name:branch>")
    def delete_branch(name: str, branch: str) -> Any:
        if not desk.records.labelled(name, branch, branch=True):
            raise Refused(404, f"{name} has no branch {branch}")
        desk.decided(lambda records: [("branch gone", {"pacticipant": name, "branch": branch})])
        return "", 204

    @app.put("/pacticipants/<name:name>/branches/<name:branch>/versions/<name:number>")
    def put_branch_version(name: str, branch: str, number: str) -> Answer:
        _, status = _put_version(name, number, {"branch": branch})
        return desk.hal().branch(desk.records.versions[name, number], branch), status

    @app.put("/pacticipants/<name:name>/versions/<name:number>/tags/<name:tag>")
    def tag(name: str, number: str, tag: str) -> Answer:
        _put_version(name, number, {"tags": [tag]})
        return {"name": tag, "_links": {}}, 201

    @app.delete("/pacticipants/<name:name>/versions/<name:number>/tags/<name:tag>")
    def untag(name: str, number: str, tag: str) -> Any:
        if tag not in desk.records.version(name, number).tags:
            raise Refused(404, f"version {number} of {name} has no tag {tag}")
        desk.decided(lambda records: [("untagged", {"pacticipant": name, "number": number, "tag": tag})])
        return "", 204
