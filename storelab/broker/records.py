"""What a broker knows: a fold over what happened. Everything here is a plain value; times are ISO 8601 in UTC."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass, field, fields, replace
from typing import Any

MAIN_BRANCHES = ("main", "master", "develop")  # the first of them that is published is the main branch, until told


class Absent(LookupError):
    """What was named is not there; the message says what."""


@dataclass(frozen=True)
class Event:
    """`order` grows without a doubt; two things never have the same."""

    order: int
    at: str
    kind: str
    data: Mapping[str, Any]


@dataclass(frozen=True)
class Version:
    """Of one application. `branches` and `tags` say when each was given, as an order."""

    pacticipant: str
    number: str
    order: int
    at: str
    branches: Mapping[str, int] = field(default_factory=dict)
    tags: Mapping[str, int] = field(default_factory=dict)
    build_url: str = ""


@dataclass(frozen=True)
class Pact:
    """What one version of a consumer needs of a provider; `sha` names the content."""

    consumer: str
    version: str
    provider: str
    sha: str
    order: int
    at: str


@dataclass(frozen=True)
class Verification:
    """`number` counts the results of one content."""

    consumer: str
    provider: str
    sha: str
    version: str  # of the provider
    success: bool
    number: int
    order: int
    at: str
    build_url: str = ""
    results: Any = None


@dataclass(frozen=True)
class Environment:
    uuid: str
    name: str
    at: str
    display_name: str = ""
    production: bool = False
    contacts: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class Live:
    """A version in an environment: "deployed" replaces what was there before, "released" stays beside it."""

    uuid: str
    kind: str
    pacticipant: str
    version: str
    environment: str  # its uuid
    instance: str
    order: int
    at: str
    ended: str = ""


@dataclass
class Records:
    """What they hold is frozen; so a copy of the containers is a snapshot that nobody changes any more."""

    order: int = 0
    pacticipants: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    versions: dict[tuple[str, str], Version] = field(default_factory=dict)
    pacts: dict[tuple[str, str, str], Pact] = field(default_factory=dict)  # by consumer, its version, provider
    verifications: dict[str, tuple[Verification, ...]] = field(default_factory=dict)  # by the content's digest
    environments: dict[str, Environment] = field(default_factory=dict)
    live: dict[str, Live] = field(default_factory=dict)

    def versions_of(self, pacticipant: str) -> list[Version]:
        """The oldest first."""
        return [v for (name, _), v in self.versions.items() if name == pacticipant]

    def labelled(self, pacticipant: str, label: str, *, branch: bool) -> list[Version]:
        """The versions on a branch, or with a tag; the oldest first."""
        given = [(v.branches if branch else v.tags, v) for v in self.versions_of(pacticipant)]
        return [v for labels, v in sorted(given, key=lambda each: each[0].get(label, 0)) if label in labels]

    def present(self, pacticipant: str, kinds: Iterable[str], environment: str = "") -> list[str]:
        """The versions that are in an environment (its uuid; any when left out) now."""
        found = [
            here.version
            for here in self.live.values()
            if here.pacticipant == pacticipant
            and not here.ended
            and here.kind in kinds
            and environment in ("", here.environment)
        ]
        return list(dict.fromkeys(found))

    def known(self, pacticipant: str) -> None:
        if pacticipant not in self.pacticipants:
            raise Absent(f"there is no application {pacticipant!r}")

    def version(self, pacticipant: str, number: str) -> Version:
        if (pacticipant, number) not in self.versions:
            raise Absent(f"there is no version {number} of {pacticipant}")
        return self.versions[pacticipant, number]

    def published(self, consumer: str, provider: str, *, number: str = "", sha: str = "") -> Pact:
        """The last one; with a version's number or a content's digest the last that has it."""
        named = [p for p in self.pacts.values() if (p.consumer, p.provider) == (consumer, provider)]
        found = [p for p in named if number in ("", p.version) and sha in ("", p.sha)]
        if not found:
            raise Absent(f"there is no such contract of {consumer} with {provider}")
        return max(found, key=lambda pact: pact.order)

    def place(self, uuid: str) -> Environment:
        if uuid not in self.environments:
            raise Absent("there is no such environment")
        return self.environments[uuid]

    def here(self, kind: str, uuid: str) -> Live:
        found = self.live.get(uuid)
        if found is None or found.kind != kind:
            raise Absent(f"there is no such {kind} version")
        return found

    def environment(self, name: str) -> Environment | None:
        return next((e for e in self.environments.values() if e.name == name), None)


def after(records: Records, events: Iterable[Event]) -> Records:
    """The records when this has happened too. What refers to something that is gone has no effect: two may have taken
    it away at once, and a file that cannot be read is worse."""
    new = Records(records.order, *(copy(getattr(records, f.name)) for f in fields(records)[1:]))
    for event in events:
        _HAPPENED[event.kind](new, event)
        new.order = event.order
    return new


def digest(pact: Mapping[str, Any]) -> str:
    """The name of a pact's content: what it says, not who wrote it down, when, or in which order."""
    said = {
        "consumer": pact["consumer"]["name"],
        "provider": pact["provider"]["name"],
        "interactions": sorted(
            (json.dumps(i, sort_keys=True) for key in ("interactions", "messages") for i in pact.get(key, ())),
        ),
        "specification": pact.get("metadata", {}).get("pactSpecification"),
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


# -- what can happen


def _pacticipant(records: Records, event: Event) -> None:
    name = event.data["name"]
    known = records.pacticipants.get(name, {"created_at": event.at})
    records.pacticipants[name] = {**known, **{key: value for key, value in event.data.items() if key != "name"}}


def _version(records: Records, event: Event) -> None:
    name, number, branch = event.data["pacticipant"], event.data["number"], event.data.get("branch")
    known = records.versions.get((name, number), Version(name, number, event.order, event.at))
    records.versions[name, number] = replace(
        known,
        branches={**known.branches, branch: event.order} if branch else known.branches,
        tags={**known.tags, **dict.fromkeys(event.data.get("tags") or (), event.order)},
        build_url=event.data.get("build_url") or known.build_url,
    )
    records.pacticipants.setdefault(name, {"created_at": event.at})
    if branch in MAIN_BRANCHES and "main_branch" not in records.pacticipants[name]:
        records.pacticipants[name] = {**records.pacticipants[name], "main_branch": branch}


def _untagged(records: Records, event: Event) -> None:
    if version := records.versions.get((event.data["pacticipant"], event.data["number"])):
        left = _without(version.tags, event.data["tag"])
        records.versions[version.pacticipant, version.number] = replace(version, tags=left)


def _branch_gone(records: Records, event: Event) -> None:
    for version in records.versions_of(event.data["pacticipant"]):
        left = _without(version.branches, event.data["branch"])
        records.versions[version.pacticipant, version.number] = replace(version, branches=left)


def _without(labels: Mapping[str, int], label: str) -> dict[str, int]:
    return {name: order for name, order in labels.items() if name != label}


def _pact(records: Records, event: Event) -> None:
    made = Pact(**event.data, order=event.order, at=event.at)
    records.pacticipants.setdefault(made.provider, {"created_at": event.at})
    records.pacts[made.consumer, made.version, made.provider] = made


def _verification(records: Records, event: Event) -> None:
    before = records.verifications.get(event.data["sha"], ())
    made = Verification(**event.data, number=len(before) + 1, order=event.order, at=event.at)
    records.verifications[made.sha] = (*before, made)


def _environment(records: Records, event: Event) -> None:
    data = {**event.data, "contacts": tuple(event.data.get("contacts") or ())}
    old = records.environments.get(data["uuid"])
    records.environments[data["uuid"]] = replace(old, **data) if old else Environment(**data, at=event.at)


def _environment_gone(records: Records, event: Event) -> None:
    records.environments.pop(event.data["uuid"], None)
    records.live = {u: here for u, here in records.live.items() if here.environment != event.data["uuid"]}


def _live(records: Records, event: Event) -> None:
    made = Live(**event.data, order=event.order, at=event.at)
    if made.environment not in records.environments:
        return
    for uuid, here in records.live.items():
        same = (here.kind, here.pacticipant, here.environment) == (made.kind, made.pacticipant, made.environment)
        replaced = here.instance == made.instance if made.kind == "deployed" else here.version == made.version
        if same and replaced and not here.ended:
            records.live[uuid] = replace(here, ended=event.at)
    records.live[made.uuid] = made


def _ended(records: Records, event: Event) -> None:
    if here := records.live.get(event.data["uuid"]):
        records.live[here.uuid] = replace(here, ended=event.at)


_HAPPENED = {
    "pacticipant": _pacticipant,
    "version": _version,
    "untagged": _untagged,
    "branch gone": _branch_gone,
    "pact": _pact,
    "verification": _verification,
    "environment": _environment,
    "environment gone": _environment_gone,
    "live": _live,
    "ended": _ended,
}
