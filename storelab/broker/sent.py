"""What clients send, as plain values; `Refused` says what is wrong with it."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from . import matrix
from .door import Refused
from .records import Records

Json = dict[str, Any]
LONGEST = 500  # letters of a name


def body(sent: bytes, *, empty: bool = False) -> Json:
    """The JSON object that was sent; with `empty` it may be left out."""
    if empty and not sent:
        return {}
    try:
        read = json.loads(sent)
    except (ValueError, RecursionError):
        raise Refused(400, "the body is no JSON") from None
    if not isinstance(read, dict):
        raise Refused(400, "the body must be a JSON object")
    return read


def text(body: Mapping[str, Any], name: str) -> str:
    """A name, which must be there."""
    found = maybe(body, name)
    if not found.strip():
        raise Refused(400, f"{name} is missing")
    return found


def maybe(body: Mapping[str, Any], name: str) -> str:
    """A name, or "" where it was left out."""
    value = body.get(name)
    return "" if value is None else _name(value, name)


def _name(value: Any, name: str) -> str:
    if not isinstance(value, str) or len(value) > LONGEST:
        raise Refused(400, f"{name} must be a text of at most {LONGEST} characters")
    if any("\ud800" <= letter <= "\udfff" for letter in value):
        raise Refused(400, f"{name} holds half a character")
    return value


def tags(body: Mapping[str, Any], name: str = "tags") -> list[str]:
    """["prod"], or [{"name": "prod"}]."""
    given = body.get(name) or []
    listed = given if isinstance(given, list) else [given]
    return [_name(each.get("name") if isinstance(each, dict) else each, name) for each in listed]


def selectors(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Consumer version selectors: of names and yes or no."""
    found = body.get("consumerVersionSelectors") or []
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise Refused(400, "consumerVersionSelectors must be a list of objects")
    said = [{key: value for key, value in each.items() if value is not None} for each in found]
    return [{k: v if isinstance(v, bool) else _name(v, k) for k, v in each.items()} for each in said]


def version(body: Mapping[str, Any]) -> Json:
    """What is said of a version besides its number."""
    return {"branch": maybe(body, "branch"), "tags": tags(body), "build_url": maybe(body, "buildUrl")}


def properties(body: Mapping[str, Any]) -> Json:
    known = {"displayName": "display_name", "mainBranch": "main_branch", "repositoryUrl": "repository_url"}
    return {known[name]: maybe(body, name) for name in known if body.get(name) is not None}


def environment(body: Mapping[str, Any], identity: str) -> Json:
    contacts = body.get("contacts") or []
    return {
        "uuid": identity,
        "name": text(body, "name"),
        "display_name": maybe(body, "displayName"),
        "production": body.get("production") is True,
        "contacts": contacts if isinstance(contacts, list) else [],
    }


def contract(contract: Mapping[str, Any]) -> Json:
    try:
        content = json.loads(base64.b64decode(contract["content"]))
    except (KeyError, TypeError, ValueError, RecursionError):
        raise Refused(400, "the content of a contract must be JSON in base64") from None
    return pact(content, contract.get("consumerName"), contract.get("providerName"))


def pact(content: Any, consumer: Any, provider: Any) -> Json:
    try:
        named = tuple(_name(content[role]["name"], f"{role}.name") for role in ("consumer", "provider"))
    except (TypeError, KeyError):
        raise Refused(400, "this is no pact: it has no consumer and provider with a name") from None
    if named != (consumer, provider):
        raise Refused(400, f"the pact is between {' and '.join(named)}, but was published as another")
    for key in ("interactions", "messages"):
        if not isinstance(content.get(key, []), list):
            raise Refused(400, f"{key} of a pact must be a list")
    kept: Json = {name: value for name, value in content.items() if not name.startswith("_")}
    return kept


def merges(contract: Mapping[str, Any]) -> bool:
    return "merge" in (contract.get("onConflict"), contract.get("writeMode"))


def merged(old: Json, new: Json) -> Json:
    """Both, where an interaction of the same name and states is the new one."""

    def identity(interaction: Mapping[str, Any]) -> str:
        states = interaction.get("providerStates", interaction.get("providerState"))
        return json.dumps([interaction.get("description"), states], sort_keys=True)

    out = {**old, **new}
    for key in ("interactions", "messages"):
        both = {identity(i): i for i in (*old.get(key, ()), *new.get(key, ()))}
        if both:
            out[key] = list(both.values())
    return out


def verdict_on(records: Records, query: str) -> matrix.Verdict:
    """The matrix for a query such as q[][pacticipant]=shop&q[][version]=1&environment=production."""
    selectors: list[dict[str, str]] = []
    ignored: list[dict[str, str]] = []
    options: dict[str, str] = {}
    for key, value in parse_qsl(query, keep_blank_values=True):
        name, _, rest = key.partition("[]")
        listed = {"q": selectors, "ignore": ignored}.get(name)
        if listed is None:
            options[key] = value
            continue
        part = rest.strip("[]")
        if not listed or part in listed[-1]:
            listed.append({})
        listed[-1][part] = value
    if not selectors:
        raise Refused(400, "name at least one application: q[][pacticipant]=NAME")
    others = matrix.Others(
        environment=options.get("environment", ""),
        tag=options.get("tag", ""),
        main_branch=options.get("mainBranch") == "true",
        latest=options.get("latest") == "true" and "tag" not in options,
    )
    return matrix.verdict(
        records,
        [_selector(each) for each in selectors],
        others,
        ignore=[_selector(each) for each in ignored],
        each_version=options.get("latestby") != "cvp",
    )


def _selector(given: Mapping[str, str]) -> matrix.Selector:
    if not given.get("pacticipant"):
        raise Refused(400, "a selector needs the name of an application")
    return matrix.Selector(
        given["pacticipant"],
        version=given.get("version", ""),
        latest=given.get("latest") == "true",
        tag=given.get("tag", ""),
        branch=given.get("branch", ""),
        main_branch=given.get("mainBranch") == "true",
    )
