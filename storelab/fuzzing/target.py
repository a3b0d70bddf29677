"""Where the requests go, what opens the door there, and how schemathesis treats its document."""

from __future__ import annotations

import base64
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from storelab.client import LabClient
from storelab.emulators.kernel.documents import load_document

from .plan import PHASES

SETTINGS = Path(__file__).parent.with_name("schemathesis.toml")
KEY_MOVES = (("issue key", "revoke key", "key"), ("create API key", "revoke API key", "consumer_key"))


@dataclass(frozen=True)
class Target:
    """Where the requests go, and what opens the door there."""

    url: str
    document: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)


def target(world: LabClient, service: str) -> Target:
    """Address, document and credentials of a service in this world."""
    info = world.info()
    document = load_document(service)
    if service == "control":
        return Target(f"{world.url}/_lab", document)
    if service == "connector":
        return Target(info["sync"]["url"], document)
    account = info["store"] if service == "woocommerce" else info["backends"][service]
    return Target(account["url"], document, credentials(document, account))


def credentials(document: Mapping[str, Any], account: Mapping[str, Any]) -> dict[str, str]:
    """Headers that open the door, by the first security scheme of the document that is one of HTTP's own.

    Basic credentials are taken only over https: the headers say that a proxy ended the encryption.
    """
    for scheme in document.get("components", {}).get("securitySchemes", {}).values():
        if scheme["type"] == "http" and scheme["scheme"] == "bearer":
            return {"Authorization": f"Bearer {account.get('api_key') or account.get('token')}"}
        if scheme["type"] == "http" and scheme["scheme"] == "basic":
            pair = f"{account['consumer_key']}:{account['consumer_secret']}".encode()
            return {"Authorization": f"Basic {base64.b64encode(pair).decode()}", "X-Forwarded-Proto": "https"}
        if scheme["type"] == "apiKey" and scheme["in"] == "header":
            return {scheme["name"]: f"{scheme.get('x-prefix', '')}{account['api_key']}"}
    return {}


def configured(
    target: Target, *, seed: int, examples: int, phases: Sequence[str], seconds: int | None = None
) -> dict[str, Any]:
    """What schemathesis is told, as `schemathesis.toml` has it for this document. `seconds` end it early."""
    settings = tomllib.loads(SETTINGS.read_text())
    settings |= {"seed": seed, "base-url": target.url, "headers": dict(target.headers)}
    if seconds:
        settings["max-time"] = seconds
    settings["generation"] = {**settings.get("generation", {}), "max-examples": examples}
    configured_phases = settings.setdefault("phases", {})
    for phase in PHASES:
        configured_phases[phase] = {**configured_phases.get(phase, {}), "enabled": phase in phases}
    return settings


def revoked(world: LabClient, service: str, document: Mapping[str, Any]) -> dict[str, str]:
    """Headers with a key that was issued and then revoked; none where the service's cabinet has no such moves."""
    moves = world.vocabulary[service]["moves"]
    for issue, revoke, name in KEY_MOVES:
        if issue in moves and revoke in moves:
            key = world.do(service, issue)
            world.do(service, revoke, **{name: key.get(name) or key["api_key"]})
            return credentials(document, key)
    return {}
