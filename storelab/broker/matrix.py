"""What a provider must verify, and whether a version may be deployed: pure functions of the records.

Source: docs.pact.io on consumer version selectors, pending pacts, work in progress pacts and can-i-deploy, read
2026-11-30. One difference: where one result failed and another is missing, we answer no, the Pact Broker "unknown";
nobody has to wait for the missing one then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .records import Pact, Records, Verification, Version

DEPLOYED, RELEASED = "deployed", "released"


class Unknown(LookupError):
    """Something that was named is not there: the message says what."""


# -- what to verify


@dataclass(frozen=True)
class Due:
    """A pact that a provider should verify, and why."""

    pact: Pact
    reasons: tuple[str, ...]
    pending: bool = False  # a failure does not break the provider's build
    wip: bool = False


def due(
    records: Records,
    provider: str,
    selectors: Sequence[Mapping[str, Any]],
    *,
    branch: str = "",
    tags: Sequence[str] = (),
    pending: bool = False,
    wip_since: str = "",
) -> list[Due]:
    """Every content once, however many selectors chose it. `branch` and `tags` are those of the provider's version."""
    chosen: dict[tuple[str, str], tuple[Pact, list[str]]] = {}
    for selector in selectors or [{"latest": True}]:
        for consumer in consumers_of(records, provider):
            if selector.get("consumer", consumer) != consumer:
                continue
            for pact, reason in _chosen(records, consumer, provider, selector, branch):
                known = chosen.setdefault((consumer, pact.sha), (pact, []))
                known[1].append(reason)
    mine = _labels(branch, tags)
    found = [
        Due(pact, tuple(dict.fromkeys(why)), pending=pending and is_pending(records, pact, mine))
        for pact, why in chosen.values()
    ]
    if wip_since and mine:
        found += [
            d for d in _in_progress(records, provider, wip_since, mine) if (d.pact.consumer, d.pact.sha) not in chosen
        ]
    return sorted(found, key=lambda each: (each.pact.consumer, each.pact.order))


def consumers_of(records: Records, provider: str) -> list[str]:
    return sorted({consumer for consumer, _, of in records.pacts if of == provider})


def latest(records: Records, consumer: str, provider: str, versions: Iterable[Version]) -> Pact | None:
    """The pact of the last of these versions (in their order) that has one."""
    pacts = [records.pacts.get((consumer, version.number, provider)) for version in versions]
    return next((pact for pact in reversed(pacts) if pact), None)


def is_pending(records: Records, pact: Pact, labels: Sequence[tuple[str, bool]]) -> bool:
    """Nobody on the provider's branch (anybody, when it has none) has kept it yet."""
    return not any(
        v.success and (not labels or _has(records.versions[v.provider, v.version], labels))
        for v in records.verifications.get(pact.sha, ())
    )


def _chosen(
    records: Records, consumer: str, provider: str, selector: Mapping[str, Any], branch: str
) -> list[tuple[Pact, str]]:
    """The pacts of one consumer that a selector means."""

    def last(label: str, kind: str) -> list[tuple[Pact, str]]:
        pact = latest(records, consumer, provider, records.labelled(consumer, label, branch=kind != "tag"))
        return [(pact, f"the latest of {kind} {label!r}")] if pact else []

    main = records.pacticipants.get(consumer, {}).get("main_branch", "")
    if selector.get("mainBranch"):
        return last(main, "main branch") if main else []
    if selector.get("matchingBranch"):
        return last(branch, "the branch with the same name,") if branch else []
    if "branch" in selector:
        fallback = selector.get("fallbackBranch") or (main if selector.get("fallbackToMainBranch") else "")
        return last(selector["branch"], "branch") or (last(fallback, "branch") if fallback else [])
    kinds = [kind for kind in (DEPLOYED, RELEASED) if selector.get(kind) or selector.get("deployedOrReleased")]
    if kinds or "environment" in selector:
        where = environment(records, selector["environment"]) if "environment" in selector else ""
        present = records.present(consumer, kinds or (DEPLOYED, RELEASED), where)
        pacts = [records.pacts.get((consumer, number, provider)) for number in present]
        return [(pact, f"version {pact.version} is {' or '.join(kinds) or 'there'}") for pact in pacts if pact]
    if "tag" in selector and not selector.get("latest"):
        tagged = records.labelled(consumer, selector["tag"], branch=False)
        pacts = [records.pacts.get((consumer, version.number, provider)) for version in tagged]
        return [(pact, f"tag {selector['tag']!r}") for pact in pacts if pact]
    if "tag" in selector:
        fallback = selector.get("fallbackTag", "")
        return last(selector["tag"], "tag") or (last(fallback, "tag") if fallback else [])
    pact = latest(records, consumer, provider, records.versions_of(consumer))
    return [(pact, "the latest of all")] if pact else []


def _in_progress(records: Records, provider: str, since: str, labels: Sequence[tuple[str, bool]]) -> list[Due]:
    """The latest of each branch of each consumer that is new, and that this branch of the provider has not kept; nor
    any other before this one was there."""
    mine = [v for v in records.versions_of(provider) if _has(v, labels)]
    born = min((v.order for v in mine), default=records.order + 1)
    kind = labels[0][1]
    found = []
    for consumer in consumers_of(records, provider):
        versions = records.versions_of(consumer)
        names = dict.fromkeys(label for v in versions for label in (v.branches if kind else v.tags))
        for name in names:
            pact = latest(records, consumer, provider, records.labelled(consumer, name, branch=kind))
            if pact is None or pact.at < since or not is_pending(records, pact, labels):
                continue
            before = any(v.success and v.order < born for v in records.verifications.get(pact.sha, ()))
            if not before:
                what = "branch" if kind else "tag"
                found.append(Due(pact, (f"work in progress on {what} {name!r}",), pending=True, wip=True))
    return list({(each.pact.consumer, each.pact.sha): each for each in found}.values())


def _labels(branch: str, tags: Sequence[str]) -> list[tuple[str, bool]]:
    """(name, whether it is a branch)."""
    return [(branch, True)] if branch else [(tag, False) for tag in tags]


def _has(version: Version, labels: Sequence[tuple[str, bool]]) -> bool:
    return any(name in (version.branches if is_branch else version.tags) for name, is_branch in labels)


# -- what may be deployed


@dataclass(frozen=True)
class Selector:
    """Which versions of an application are meant: all, when nothing but the name is given."""

    pacticipant: str
    version: str = ""
    latest: bool = False
    tag: str = ""
    branch: str = ""
    main_branch: bool = False


@dataclass(frozen=True)
class Others:
    """Which versions of everything that it works with."""

    environment: str = ""
    tag: str = ""
    main_branch: bool = False
    latest: bool = False

    def __bool__(self) -> bool:
        return bool(self.environment or self.tag or self.main_branch or self.latest)


@dataclass(frozen=True)
class Row:
    """A consumer's version beside a provider's (None: there is none), and what came of verifying it."""

    pact: Pact
    provider_version: str | None
    verification: Verification | None
    ignored: bool = False


@dataclass(frozen=True)
class Verdict:
    rows: tuple[Row, ...]
    deployable: bool | None  # None: something has not been verified yet
    reasons: tuple[str, ...]

    @property
    def counts(self) -> dict[str, int]:
        counted = [row.verification.success if row.verification else None for row in self.rows if not row.ignored]
        return {"success": counted.count(True), "failed": counted.count(False), "unknown": counted.count(None)}


def environment(records: Records, name: str) -> str:
    found = records.environment(name)
    if found is None:
        known = ", ".join(sorted(e.name for e in records.environments.values())) or "none"
        raise Unknown(f"there is no environment {name!r}; known: {known}")
    return found.uuid


def verdict(
    records: Records,
    selectors: Sequence[Selector],
    others: Others = Others(),
    *,
    ignore: Sequence[Selector] = (),
    each_version: bool = True,
) -> Verdict:
    """May these versions be together? Without `each_version` only the provider's last word on each pact counts."""
    for selector in selectors:
        if selector.pacticipant not in records.pacticipants:
            raise Unknown(f"there is no application {selector.pacticipant!r}")
    absent = [s for s in selectors if s.version and (s.pacticipant, s.version) not in records.versions]
    if absent:
        return Verdict((), False, tuple(f"there is no version {s.version} of {s.pacticipant}" for s in absent))
    asked: dict[str, list[str] | None] = {}
    for selector in selectors:
        meant, before = _meant(records, selector), asked.get(selector.pacticipant, [])
        asked[selector.pacticipant] = None if meant is None or before is None else [*before, *meant]
    everybody = dict(asked)
    if others or len(asked) == 1:
        for name in _partners(records, asked):
            everybody.setdefault(name, _present(records, name, others))
    rows = [
        row
        for consumer, provider in sorted({(pact.consumer, pact.provider) for pact in records.pacts.values()})
        if consumer in everybody and provider in everybody and (consumer in asked or provider in asked)
        for row in _rows(records, consumer, provider, everybody, needed=consumer in asked)
    ]
    if not each_version:
        rows = list(
            {(row.pact.consumer, row.pact.version, row.pact.provider): row for row in sorted(rows, key=_age)}.values()
        )
    rows = [Row(r.pact, r.provider_version, r.verification, ignored=any(_about(r, i) for i in ignore)) for r in rows]
    return _judged(tuple(rows))


def _meant(records: Records, selector: Selector) -> list[str] | None:
    name = selector.pacticipant
    if selector.version:
        return [selector.version]
    branch = records.pacticipants[name].get("main_branch", "") if selector.main_branch else selector.branch
    if branch or selector.main_branch:
        return [v.number for v in records.labelled(name, branch, branch=True)][-1:]
    if selector.tag:
        tagged = [v.number for v in records.labelled(name, selector.tag, branch=False)]
        return tagged[-1:] if selector.latest else tagged
    return [v.number for v in records.versions_of(name)][-1:] if selector.latest else None


def _present(records: Records, name: str, others: Others) -> list[str] | None:
    """The versions of a partner that count; None: all."""
    if others.environment:
        return records.present(name, (DEPLOYED, RELEASED), environment(records, others.environment))
    meant = Selector(name, latest=others.latest or bool(others.tag), tag=others.tag, main_branch=others.main_branch)
    return _meant(records, meant)


def _partners(records: Records, asked: Mapping[str, Sequence[str] | None]) -> list[str]:
    found: dict[str, None] = {}
    for pact in records.pacts.values():
        wanted = asked.get(pact.consumer, ())
        if pact.consumer in asked and (wanted is None or pact.version in wanted):
            found[pact.provider] = None
        if pact.provider in asked:
            found[pact.consumer] = None
    return list(found)


def _rows(
    records: Records,
    consumer: str,
    provider: str,
    versions: Mapping[str, Sequence[str] | None],
    *,
    needed: bool,
) -> list[Row]:
    """`needed`: the consumer is what we ask about, so a provider that is not there is missing."""
    mine, theirs = versions[consumer], versions[provider]
    found = []
    for pact in records.pacts.values():
        if (pact.consumer, pact.provider) != (consumer, provider) or (mine is not None and pact.version not in mine):
            continue
        last = {v.version: v for v in records.verifications.get(pact.sha, ())}
        counted = list(last) if theirs is None else theirs
        found += [Row(pact, number, last.get(number)) for number in counted]
        if not counted and needed:
            found.append(Row(pact, None, None))
    return found


def _age(row: Row) -> int:
    return row.verification.order if row.verification else 0


def _about(row: Row, ignored: Selector) -> bool:
    pairs = ((row.pact.consumer, row.pact.version), (row.pact.provider, row.provider_version))
    return any(name == ignored.pacticipant and ignored.version in ("", number) for name, number in pairs)


def _judged(rows: tuple[Row, ...]) -> Verdict:
    counted = [row for row in rows if not row.ignored]
    failed = [row for row in counted if row.verification and not row.verification.success]
    missing = [row for row in counted if row.verification is None]
    reasons = [f"{_named(row)} failed" for row in failed] + [_lacking(row) for row in missing]
    if failed or missing:
        return Verdict(rows, False if failed else None, tuple(dict.fromkeys(reasons)))
    good = "all that must be verified is verified" if counted else "nothing has to be verified for it"
    return Verdict(rows, True, (good,))


def _named(row: Row) -> str:
    theirs = f" {row.provider_version}" if row.provider_version else ""
    return f"the contract of {row.pact.consumer} {row.pact.version} with {row.pact.provider}{theirs}"


def _lacking(row: Row) -> str:
    if row.provider_version is None:
        return f"{_named(row)} is not verified by a version that is there: {row.pact.provider} is not"
    return f"{_named(row)} has not been verified"
