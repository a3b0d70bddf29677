"""What the store shows: its own REST API, asked without a trace in the journal."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import request

from ..kernel.errors import LabError
from ..kernel.http import Request
from ..kernel.world import World
from .bridge import ask, bridge
from .traffic import STORE

ROUTES = "/wp-json/wc/v3"


@dataclass(frozen=True)
class Listed:
    """One page of a list, and how many there are in all."""

    rows: list[dict[str, Any]]
    total: int
    page: int
    per_page: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.per_page))


def read(path: str, **query: Any) -> tuple[Any, dict[str, str]]:
    """What GET answers, and its headers in lower case. `LabError` with the store's own words when it refuses."""

    async def asked(world: World) -> tuple[int, bytes, dict[str, str]]:
        keys = world.credentials(STORE)
        pair = f"{keys.get('consumer_key', '')}:{keys.get('consumer_secret', '')}"
        headers = {
            "authorization": f"Basic {base64.b64encode(pair.encode()).decode()}",
            "user-agent": "storelab-console",
        }
        root = "https://" + world.url(STORE).partition("://")[2]  # where the store takes keys by Basic
        said = urlencode({name: value for name, value in query.items() if value not in ("", None)})
        reply = await bridge().lab.services[STORE].peek(world, Request("GET", ROUTES + path, root, said, headers))
        return reply.status, reply.body, {name.lower(): value for name, value in reply.headers}

    status, body, headers = ask(asked)
    if status >= 400:
        raise LabError(f"the store itself answers {status}: {_words(body)}", status=404 if status == 404 else 409)
    return json.loads(body), headers


def listed(path: str, per_page: int = 25, **query: Any) -> Listed:
    """The page that the request asks for."""
    page = max(1, request.args.get("page", 1, type=int))
    rows, headers = read(path, page=page, per_page=per_page, **query)
    return Listed(rows, int(headers.get("x-wp-total", len(rows))), page, per_page)


def _words(body: bytes) -> str:
    try:
        said = json.loads(body)
        return str(said.get("message") or said)
    except (ValueError, AttributeError):
        return body[:200].decode("utf-8", "replace")


def local(address: str) -> str:
    """The path of a picture that lies in this sandbox; nothing for one elsewhere, which the console does not load."""
    parts = urlsplit(address)
    return parts.path + (f"?{parts.query}" if parts.query else "") if parts.netloc == request.host else ""
