"""OAuth 1.0a with one leg, as WooCommerce asks for over plain http. Source: RFC 5849, sections 3.4 and 3.6."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence
from urllib.parse import quote, urlsplit


def signed(
    method: str,
    url: str,
    params: Sequence[tuple[str, str]],
    *,
    key: str,
    secret: str,
    nonce: str,
    timestamp: int,
) -> list[tuple[str, str]]:
    """The query parameters with the signature among them. `url` has no query of its own."""
    every = [
        *params,
        ("oauth_consumer_key", key),
        ("oauth_nonce", nonce),
        ("oauth_signature_method", "HMAC-SHA256"),
        ("oauth_timestamp", str(timestamp)),
    ]
    normal = "&".join(f"{name}={value}" for name, value in sorted((_enc(n), _enc(v)) for n, v in every))
    base = "&".join(_enc(part) for part in (method.upper(), bare(url), normal))
    digest = hmac.new(f"{_enc(secret)}&".encode(), base.encode(), hashlib.sha256).digest()
    return [*every, ("oauth_signature", base64.b64encode(digest).decode())]


def bare(url: str) -> str:
    """Scheme and host in lower case, no default port, no query."""
    parts = urlsplit(url)
    default = {"http": 80, "https": 443}.get(parts.scheme)
    port = f":{parts.port}" if parts.port and parts.port != default else ""
    return f"{parts.scheme}://{(parts.hostname or '').lower()}{port}{parts.path or '/'}"


def _enc(text: str) -> str:
    return quote(text, safe="~")
