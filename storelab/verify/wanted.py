"""What an interaction of a pact wants, as a text for people; and what is known of the operation it speaks of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any
from urllib.parse import urlencode

from storelab.emulators.kernel import Emulator, Request
from storelab.emulators.kernel.documents import load_document
from storelab.emulators.kernel.lab import found_emulators
from storelab.emulators.kernel.operations import Document

from .report import Basis
from .veil import pretty

Interaction = Mapping[str, Any]
TOPIC = "x-wc-webhook-topic"
STORE_WEBHOOKS = Basis("webhook", "WooCommerce 10.5.0, recorded deliveries")


def text(interaction: Interaction) -> str:
    """The answer (or the message) as the consumer's example has it, and what may be otherwise in it."""
    answer = interaction.get("response") or interaction
    lines = [str(answer["status"])] if "status" in answer else []
    headers = answer.get("headers") or answer.get("metadata") or {}
    lines += [f"{name}: {', '.join(v) if isinstance(v, list) else v}" for name, v in headers.items()]
    body = answer.get("body") or answer.get("contents") or {}
    if body.get("content") is not None:
        lines += ["", _shown(body["content"])]
    rules = list(_rules(answer.get("matchingRules", {})))
    return "\n".join([*lines, *(["", "where", *rules] if rules else [])])


def request(interaction: Interaction) -> str:
    """The question as the example has it."""
    asked = interaction.get("request")
    if not asked:
        return ""
    pairs = [(name, value) for name, values in asked.get("query", {}).items() for value in values]
    return f"{asked['method']} {asked['path']}" + (f"?{urlencode(pairs)}" if pairs else "")


def _shown(content: Any) -> str:
    import json

    return pretty(content if isinstance(content, str) else json.dumps(content, ensure_ascii=False))


_WORDS = {
    "type": "any value of this type",
    "integer": "any integer",
    "decimal": "any decimal number",
    "number": "any number",
    "boolean": "true or false",
    "equality": "exactly this",
    "arrayContains": "a list that holds this",
}


def _rules(rules: Mapping[str, Any]) -> Iterator[str]:
    for category, paths in rules.items():
        for path, rule in paths.items() if category in ("body", "header") else ():
            said = [_said(matcher) for matcher in rule.get("matchers", ())]
            if said and said != [_WORDS["equality"]]:
                yield f"  {path} is {' and '.join(said)}"


def _said(matcher: Mapping[str, Any]) -> str:
    if matcher["match"] == "regex":
        return f"like {matcher['regex']}"
    bounds = [f"{word} {matcher[key]}" for key, word in (("min", "at least"), ("max", "at most")) if key in matcher]
    if matcher["match"] == "type" and bounds:
        return f"a list of {' and '.join(bounds)}, all like this"
    return _WORDS.get(str(matcher["match"]), str(matcher["match"]))


@cache
def _known(provider: str) -> tuple[Emulator, Document] | None:
    emulator = found_emulators().get(provider)
    return (emulator, Document(load_document(provider), None)) if emulator else None


def basis(provider: str, interaction: Interaction) -> Basis | None:
    """Where we know from that the provider is to answer so; None for what no document of ours speaks of."""
    known = _known(provider)
    if known is None:
        return None
    emulator, document = known
    asked = interaction.get("request")
    if asked is None:
        return _of_message(document, interaction)
    pairs = [(name, value) for name, values in asked.get("query", {}).items() for value in values]
    headers = {name.lower(): ",".join(values) for name, values in asked.get("headers", {}).items()}
    root = f"https://{provider}.example/{provider}"
    came = emulator.incoming(Request(asked["method"], asked["path"], root, urlencode(pairs), headers))
    found = document.match(came.method, came.path).operation
    return of_operation(found.id, found.raw) if found else None


def of_operation(name: str, raw: Mapping[str, Any]) -> Basis:
    return Basis(name, str(raw.get("x-source") or ""), str(raw.get("x-assumed") or ""))


def _of_message(document: Document, interaction: Interaction) -> Basis:
    if TOPIC in interaction.get("metadata", {}):
        return STORE_WEBHOOKS
    move = str(interaction.get("comments", {}).get("cause", {}))
    hooks = document.raw.get("x-webhooks", {})
    name = next((n for n in hooks if n in str(interaction["description"])), next(iter(hooks), ""))
    return of_operation(f"webhook {name}".strip(), hooks.get(name, {"x-assumed": f"sent after {move}"}))
