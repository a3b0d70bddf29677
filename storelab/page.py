"""The page at the root of a sandbox: what is here and how to reach it."""

from __future__ import annotations

from typing import Any

from storelab.emulators.kernel.http import Reply, Request


def page(info: dict[str, Any], request: Request) -> Reply:
    return Reply(404, b"not here", (("Content-Type", "text/plain"),))
