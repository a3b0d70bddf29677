"""How the broker's records are told: HAL documents, as the clients of the Pact Broker read them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from .matrix import Due, Row, Verdict
from .records import Environment, Live, Pact, Records, Verification, Version

Json = dict[str, Any]


class Hal:
    """Documents with addresses under `base`."""

    def __init__(self, base: str, records: Records) -> None:
        self._base, self._records = base.rstrip("/"), records

    def to(self, path: str, **names: str) -> str:
        """An address: `to("/pacticipants/{name}", name="a/b")`."""
        return self._base + path.format(**{name: quote(value, safe="") for name, value in names.items()})

    def _link(self, path: str, title: str, called: str = "", **names: str) -> dict[str, str]:
        named = {"name": called} if called else {}
        return {"href": self.to(path, **names), "title": title, **named}

    def index(self) -> Json:
        links = {
            relation: {"href": self._base + path, "title": title, "templated": "{" in path}
            for relation, path, title in RELATIONS
        }
        return {"_links": {"self": {"href": f"{self._base}/", "title": "Index"}, **links}}

    def pacticipant(self, name: str) -> Json:
        known, mine = self._records.pacticipants[name], self.to("/pacticipants/{name}", name=name)
        last = [self.version(version) for version in self._records.versions_of(name)[-1:]]
        return {
            "name": name,
            "displayName": known.get("display_name", name),
            "mainBranch": known.get("main_branch"),
            "repositoryUrl": known.get("repository_url"),
            "createdAt": known["created_at"],
            "_embedded": {"labels": [], **({"latestVersion": last[0]} if last else {})},
            "_links": {
                "self": self._link("/pacticipants/{name}", "Application", name, name=name),
                "pb:versions": self._link("/pacticipants/{name}/versions", "Versions", name=name),
                "pb:version": {"href": f"{mine}/versions/{{version}}", "templated": True},
                "pb:version-tag": {"href": f"{mine}/versions/{{version}}/tags/{{tag}}", "templated": True},
                "pb:branch-version": {"href": f"{mine}/branches/{{branch}}/versions/{{version}}", "templated": True},
            },
        }

    def version(self, version: Version) -> Json:
        at = {"pacticipant": version.pacticipant, "number": version.number}
        path = "/pacticipants/{pacticipant}/versions/{number}"
        environments = sorted(self._records.environments.values(), key=lambda each: each.name)
        branches = [self.branch(version, branch) for branch in version.branches]
        tags = [
            {"name": tag, "_links": {"self": self._link(f"{path}/tags/{{tag}}", "Tag", tag, tag=tag, **at)}}
            for tag in version.tags
        ]
        return {
            "number": version.number,
            "createdAt": version.at,
            **({"buildUrl": version.build_url} if version.build_url else {}),
            "_embedded": {"branchVersions": branches, "tags": tags},
            "_links": {
                "self": self._link(path, "Version", version.number, **at),
                "pb:pacticipant": self._link("/pacticipants/{pacticipant}", "Application", version.pacticipant, **at),
                "pb:tag": {"href": f"{self.to(path, **at)}/tags/{{tag}}", "templated": True},
                "pb:record-deployment": [
                    self._link(
                        f"{path}/deployed-versions/environment/{{uuid}}", "Record deployment", e.name, uuid=e.uuid, **at
                    )
                    for e in environments
                ],
                "pb:record-release": [
                    self._link(
                        f"{path}/released-versions/environment/{{uuid}}", "Record release", e.name, uuid=e.uuid, **at
                    )
                    for e in environments
                ],
            },
        }

    def branch(self, version: Version, branch: str) -> Json:
        link = self._link(
            "/pacticipants/{name}/branches/{branch}/versions/{number}", "Branch version",
            name=version.pacticipant, branch=branch, number=version.number,
        )  # fmt: skip
        newest = self._records.labelled(version.pacticipant, branch, branch=True)[-1:]
        return {"name": branch, "latest": newest == [version], "_links": {"self": link}}

    def pact(self, pact: Pact, content: Mapping[str, Any]) -> Json:
        at = {"provider": pact.provider, "consumer": pact.consumer, "sha": pact.sha}
        results = "/pacts/provider/{provider}/consumer/{consumer}/pact-version/{sha}"
        version = self._records.versions[pact.consumer, pact.version]
        return {
            **content,
            "createdAt": pact.at,
            "_embedded": {"consumerVersion": self.version(version)},
            "_links": {
                "self": self._link("/pacts/provider/{provider}/consumer/{consumer}/version/{version}", "Pact",
                                   title_of(pact), version=pact.version, **at),
                "pb:consumer": self._link("/pacticipants/{consumer}", "Consumer", pact.consumer, **at),
                "pb:provider": self._link("/pacticipants/{provider}", "Provider", pact.provider, **at),
                "pb:consumer-version": self._link("/pacticipants/{consumer}/versions/{version}", "Consumer version",
                                                  pact.version, version=pact.version, **at),
                "pb:pact-version": self._link(results, "Pact content", pact.sha, **at),
                "pb:publish-verification-results": self._link(f"{results}/verification-results", "Results", **at),
            },
        }  # fmt: skip

    def listed(self, pacts: Iterable[Pact]) -> dict[str, Any]:
        """Pacts without their content."""
        path = "/pacts/provider/{provider}/consumer/{consumer}/version/{version}"
        told, links = [], []
        for pact in pacts:
            link = self._link(
                path, "Pact", title_of(pact), provider=pact.provider, consumer=pact.consumer, version=pact.version
            )
            version = self.version(self._records.versions[pact.consumer, pact.version])
            consumer = {"name": pact.consumer, "_embedded": {"version": version}}
            links.append(link)
            told.append({
                "createdAt": pact.at,
                "_embedded": {"consumer": consumer, "provider": {"name": pact.provider}},
                "_links": {"self": [link]},
            })  # fmt: skip
        return {"pacts": told, "_links": {"pb:pacts": links, "pacts": links}}

    def published(self, version: Version, pacts: Iterable[Pact], notices: list[Json]) -> Json:
        told = self.version(version)
        pacticipant = told["_links"]["pb:pacticipant"]
        embedded = {"pacticipant": self.pacticipant(version.pacticipant), "version": told}
        return {
            "notices": notices,
            "logs": [{"level": "info", "message": n["text"], "deprecationWarning": ""} for n in notices],
            "_embedded": embedded,
            "_links": {
                "pb:pacticipant": pacticipant,
                "pb:pacticipant-version": told["_links"]["self"],
                "pb:pacticipant-version-tags": [tag["_links"]["self"] for tag in told["_embedded"]["tags"]],
                "pb:contracts": self.listed(pacts)["_links"]["pacts"],
            },
        }

    def due(self, provider: str, found: Iterable[Due], *, pending_asked: bool) -> Json:
        told = []
        for one in found:
            href = self._link(
                "/pacts/provider/{provider}/consumer/{consumer}/pact-version/{sha}", "Pact", title_of(one.pact),
                provider=one.pact.provider, consumer=one.pact.consumer, sha=one.pact.sha,
            )  # fmt: skip
            notices = [f"{title_of(one.pact)} is verified because it is {' and '.join(one.reasons)}."]
            if one.pending:
                notices.append("It is pending: nobody on this branch has kept it yet, and a failure breaks nothing.")
            properties: Json = {"notices": [{"when": "before_verification", "text": text} for text in notices]}
            if pending_asked or one.wip:
                properties["pending"] = one.pending
            if one.wip:
                properties["wip"] = True
            told.append({"shortDescription": ", ".join(one.reasons), "verificationProperties": properties,
                         "_links": {"self": href}})  # fmt: skip
        here = self._link("/pacts/provider/{provider}/for-verification", "Pacts to be verified", provider=provider)
        return {"_embedded": {"pacts": told}, "_links": {"self": here}}

    def verification(self, verification: Verification) -> Json:
        return {
            "success": verification.success,
            "providerApplicationVersion": verification.version,
            "verifiedAt": verification.at,
            "verificationDate": verification.at,
            "buildUrl": verification.build_url or None,
            "testResults": verification.results,
            "_links": {"self": self._result(verification)},
        }

    def _result(self, verification: Verification) -> Json:
        return self._link(
            "/pacts/provider/{provider}/consumer/{consumer}/pact-version/{sha}/verification-results/{number}", "Result",
            provider=verification.provider, consumer=verification.consumer, sha=verification.sha,
            number=str(verification.number),
        )  # fmt: skip

    def environment(self, environment: Environment) -> Json:
        path = "/environments/{uuid}"
        return {
            "uuid": environment.uuid,
            "name": environment.name,
            "displayName": environment.display_name or environment.name,
            "production": environment.production,
            "contacts": list(environment.contacts),
            "createdAt": environment.at,
            "_links": {
                "self": self._link(path, "Environment", environment.name, uuid=environment.uuid),
                "pb:currently-deployed-deployed-versions": self._link(
                    f"{path}/deployed-versions/currently-deployed", "What is deployed", uuid=environment.uuid
                ),
                "pb:currently-supported-released-versions": self._link(
                    f"{path}/released-versions/currently-supported", "What is released", uuid=environment.uuid
                ),
            },
        }

    def live(self, here: Live) -> Json:
        flag = "currentlyDeployed" if here.kind == "deployed" else "currentlySupported"
        version = self._records.versions[here.pacticipant, here.version]
        return {
            "uuid": here.uuid,
            flag: not here.ended,
            "target": here.instance or None,
            "applicationInstance": here.instance or None,
            "createdAt": here.at,
            "_embedded": {
                "pacticipant": {"name": here.pacticipant},
                "version": self.version(version),
                "environment": self.environment(self._records.environments[here.environment]),
            },
            "_links": {"self": self._link(f"/{here.kind}-versions/{{uuid}}", "In the environment", uuid=here.uuid)},
        }

    def verdict(self, verdict: Verdict) -> Json:
        kind = {True: "success", False: "error", None: "warning"}[verdict.deployable]
        return {
            "summary": {"deployable": verdict.deployable, "reason": "\n".join(verdict.reasons), **verdict.counts},
            "notices": [{"type": kind, "text": reason} for reason in verdict.reasons],
            "matrix": [self._row(row) for row in verdict.rows],
        }

    def _row(self, row: Row) -> Json:
        provider: Json = {"name": row.pact.provider, "version": None}
        if row.provider_version is not None:
            provider["version"] = self._version_of(row.pact.provider, row.provider_version)
        result = row.verification and {
            "success": row.verification.success,
            "verifiedAt": row.verification.at,
            "_links": {"self": self._result(row.verification)},
        }
        return {
            "consumer": {"name": row.pact.consumer, "version": self._version_of(row.pact.consumer, row.pact.version)},
            "provider": provider,
            "pact": {
                "createdAt": row.pact.at,
                "_links": {"self": self.listed([row.pact])["_links"]["pacts"][0]},
            },
            "verificationResult": result,
            **({"ignored": True} if row.ignored else {}),
        }

    def _version_of(self, name: str, number: str) -> Json:
        told = self.version(self._records.versions[name, number])
        return {
            "number": number,
            "branches": told["_embedded"]["branchVersions"],
            "tags": told["_embedded"]["tags"],
            "_links": {"self": told["_links"]["self"]},
        }


def title_of(pact: Pact) -> str:
    return f"Pact between {pact.consumer} ({pact.version}) and {pact.provider}"


RELATIONS = (
    ("pb:publish-contracts", "/contracts/publish", "Publish contracts"),
    ("pb:publish-pact", "/pacts/provider/{provider}/consumer/{consumer}/version/{consumerApplicationVersion}",
     "Publish a pact"),
    ("pb:latest-pact-versions", "/pacts/latest", "The latest pact of each integration"),
    ("pb:latest-provider-pacts", "/pacts/provider/{provider}/latest", "The latest pacts of a provider"),
    ("pb:provider-pacts", "/pacts/provider/{provider}", "All pacts of a provider"),
    ("pb:provider-pacts-for-verification", "/pacts/provider/{provider}/for-verification", "Pacts to be verified"),
    ("pb:pacticipants", "/pacticipants", "Applications"),
    ("pb:pacticipant", "/pacticipants/{pacticipant}", "An application"),
    ("pb:pacticipant-version", "/pacticipants/{pacticipant}/versions/{version}", "A version"),
    ("pb:pacticipant-version-tag", "/pacticipants/{pacticipant}/versions/{version}/tags/{tag}", "A tag of a version"),
    ("pb:pacticipant-branch", "/pacticipants/{pacticipant}/branches/{branch}", "A branch"),
    ("pb:pacticipant-branch-version", "/pacticipants/{pacticipant}/branches/{branch}/versions/{version}",
     "A version on a branch"),
    ("pb:latest-version", "/pacticipants/{pacticipant}/latest-version", "The latest version"),
    ("pb:latest-tagged-version", "/pacticipants/{pacticipant}/latest-version/{tag}", "The latest version with a tag"),
    ("pb:environments", "/environments", "Environments"),
    ("pb:environment", "/environments/{uuid}", "An environment"),
)  # fmt: skip
