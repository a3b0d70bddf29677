"""What may be shown of an exchange: texts without secrets, and a curl line with $VARIABLES in their place.

The variables are called as `storelab env` calls them: KEYCRM_API_KEY, WOOCOMMERCE_CONSUMER_SECRET.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from storelab.contracts.tap import Exchange
from storelab.emulators.kernel.journal import MASK, is_secret, masked_body, masked_headers, masked_url

MOST_SHOWN = 6_000  # characters of a body
AUTHORIZATION = "authorization"
LEFT_OUT = frozenset({"user-agent", "accept", "date", "server", "content-length", "x-powered-by", "via", "age"})
SHORTEST = 6  # characters of a value that is looked for in texts
_REFERS = re.compile(r"\$\{(\w+)\}")


@dataclass(frozen=True)
class Veil:
    """For one provider. `secrets` are names that it masks beyond the usual ones, `values` what must not be shown
    wherever it stands ({"api_key": "..."})."""

    provider: str
    secrets: frozenset[str] = frozenset()
    values: Mapping[str, str] = field(default_factory=dict)

    def variable(self, name: str) -> str:
        """How a value is called in a shell; what opens a store keeps the store's name."""
        own = "WOOCOMMERCE" if name.startswith("consumer_") else self.provider.upper()
        return f"{own}_{re.sub(r'[^A-Za-z0-9]', '_', name).upper()}"

    def text(self, text: str, put: str = MASK) -> str:
        """Without the values; `put` "$" puts their variables there."""
        for name, value in self.values.items():
            if len(value) >= SHORTEST and value in text:
                text = text.replace(value, f"${self.variable(name)}" if put == "$" else put)
        return text

    # -- texts

    def request(self, exchange: Exchange) -> str:
        headers = self._headers(exchange.request_headers)
        return self._message(
            f"{exchange.method} {masked_url(exchange.target, self.secrets)}", headers, exchange.request_body
        )

    def answer(self, exchange: Exchange) -> str:
        if exchange.status is None:
            return f"no answer: {exchange.error} after {exchange.seconds:.1f} s"
        return self._message(str(exchange.status), self._headers(exchange.headers), exchange.body)

    def delivery(self, method: str, headers: Mapping[str, str], body: bytes) -> str:
        return self._message(method, self._headers(headers.items()), body)

    def _headers(self, headers: Iterable[tuple[str, str]]) -> list[list[str]]:
        shown = [pair for pair in headers if pair[0].lower() not in LEFT_OUT]
        return masked_headers(shown, self.secrets)

    def _message(self, first: str, headers: Iterable[Iterable[str]], body: bytes) -> str:
        lines = [first, *(": ".join(pair) for pair in headers)]
        if body:
            lines += ["", pretty(masked_body(body, self.secrets))]
        return self.text("\n".join(lines))

    # -- a line to repeat it

    def curl(self, exchange: Exchange, origin: str, request: Mapping[str, Any] | None = None) -> str:
        """`origin` is where the provider lives, without its path; `request` is how the pact writes it, which tells what
        is a credential of the provider and what a plain example."""
        words = ["curl -i"]
        if exchange.method not in ("GET", "HEAD"):
            words.append(f"-X {exchange.method}")
        if exchange.method == "HEAD":
            words.append("--head")
        expressions = (request or {}).get("generators", {}).get("header", {})
        examples = {n.lower(): v for n, v in (request or {}).get("headers", {}).items()}
        for name, value in exchange.request_headers:
            lower = name.lower()
            if lower in LEFT_OUT:
                continue
            expression = next((e["expression"] for n, e in expressions.items() if n.lower() == lower), "")
            words.append(self._header(name, value, expression, ", ".join(examples.get(lower, ()))))
        if exchange.request_body:
            words.append(f"--data-binary {self._quoted(self._body(exchange.request_body))}")
        words.append(self._quoted(origin + self._target(exchange.target)))
        return " ".join(words)

    def _header(self, name: str, value: str, expression: str, example: str) -> str:
        if expression == "Basic ${basic}":
            return f'-u "${self.variable("consumer_key")}:${self.variable("consumer_secret")}"'
        if expression:
            shown = _REFERS.sub(lambda m: f"${self.variable(m[1])}", expression)
        elif name.lower() == AUTHORIZATION or is_secret(name, self.secrets) or name.lower() in self.secrets:
            shown = value if value == example else f"${self.variable(name)}"
        else:
            shown = self.text(value, "$")
        return f"-H {self._quoted(f'{name}: {shown}')}"

    def _body(self, body: bytes) -> str:
        text = body.decode("utf-8", "replace")
        try:
            return self.text(json.dumps(self._with_variables(json.loads(text)), ensure_ascii=False), "$")
        except (ValueError, RecursionError):
            return self.text(masked_body(body, self.secrets), "$")

    def _with_variables(self, value: Any, name: str = "") -> Any:
        if isinstance(value, dict):
            return {key: self._with_variables(inner, key) for key, inner in value.items()}
        if isinstance(value, list):
            return [self._with_variables(inner, name) for inner in value]
        secret = name and is_secret(name, self.secrets) and isinstance(value, str) and value
        return f"${self.variable(name)}" if secret else value

    def _target(self, target: str) -> str:
        def hidden(match: re.Match[str]) -> str:
            return f"{match[1]}${self.variable(match[2])}" if is_secret(match[2], self.secrets) else match[0]

        return self.text(re.sub(r"([?&]([^=&#\s]+)=)[^&#\s]*", hidden, target), "$")

    def _quoted(self, text: str) -> str:
        """For a shell: single quotes, unless one of our variables is in it."""
        if not re.search(r"\$[A-Z][A-Z0-9_]+", text):
            return "'" + text.replace("'", "'\\''") + "'"
        escaped = re.sub(r'([\\"`])', r"\\\1", text)
        return '"' + re.sub(r"\$(?![A-Z][A-Z0-9_]+)", r"\\$", escaped) + '"'


def pretty(text: str) -> str:
    """JSON on many lines, anything else as it is; cut where it is too long."""
    with suppress(ValueError, RecursionError):
        text = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}\n... ({len(text) - MOST_SHOWN} more characters)"
