"""A whole life with every backend, played once; and lives in which something leaks."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from storelab.disclosure.play import Played, played
from storelab.disclosure.table import tables
from storelab.sandbox import Sandbox
from storelab.sync.transport import Http

Change = Callable[[str, str, dict[str, Any]], Any]


@pytest.fixture(scope="session")
def life(sandbox: Sandbox) -> Callable[[str], Played]:
    """The whole life of the reference sync with a backend, and what left the store in it."""

    @cache
    def lived(backend: str) -> Played:
        (table,) = tables([backend])
        return played(table, sandbox.client)

    return lived


@pytest.fixture
def leaking(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Played]:
    """A life in which the plugin's requests are changed before they leave: `change(method, url, request)` may alter
    `params`, `json_body` and `headers`, and may answer another address."""

    def lived(backend: str, change: Change | None = None, **how: Any) -> Played:
        real = Http.send

        def send(self: Http, method: str, url: str, **request: Any) -> Any:
            if change is not None:
                url = change(method, url, request) or url
            return real(self, method, url, **request)

        monkeypatch.setattr(Http, "send", send)
        (table,) = tables([backend])
        return played(table, sandbox.client, **how)

    return lived
