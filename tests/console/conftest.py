"""Somebody who looks at the console of a world of their own, without a browser."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests

from storelab.client import LabClient
from storelab.sandbox import Sandbox

HX = {"HX-Request": "true"}


def plain(page: str) -> str:
    """What a page says, without its tags."""
    return " ".join(html.unescape(re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", page, flags=re.DOTALL)).split())


@dataclass
class Looking:
    """One person. `url` is the console's address; a form is sent with the token of the page it stands on."""

    url: str
    session: requests.Session = field(default_factory=requests.Session)
    _csrf: str = ""

    def get(self, path: str, **more: Any) -> requests.Response:
        return self.session.get(self.url + path, timeout=30, **more)

    def page(self, path: str, **query: Any) -> str:
        answer = self.get(path, params=query)
        assert answer.status_code == 200, plain(answer.text)
        return answer.text

    def csrf(self) -> str:
        if not self._csrf:
            found = re.search(r'"X-CSRF": "([0-9a-f]+)"', self.page("/clock"))
            assert found is not None
            self._csrf = found[1]
        return self._csrf

    def post(self, path: str, fields: dict[str, str] | None = None, **more: Any) -> requests.Response:
        given = {"csrf": self.csrf(), **(fields or {})}
        return self.session.post(self.url + path, data=given, timeout=60, **more)

    def press(self, path: str, **fields: str) -> str:
        """The page that a form leads to."""
        answer = self.post(path, fields)
        assert answer.status_code == 200, plain(answer.text)
        return answer.text

    def do(self, service: str, words: str, kind: str = "moves", /, **arguments: str) -> str:
        """A state or a move, as the page sends it without being loaded anew."""
        fields = {f"arg.{key}": value for key, value in arguments.items()}
        answer = self.post(f"/services/{service}/{kind}/{words}", fields, headers=HX)
        assert answer.status_code == 200, plain(answer.text)
        return answer.text


@pytest.fixture
def looking(world: LabClient) -> Looking:
    return Looking(world.url)


@pytest.fixture(scope="session")
def console(sandbox: Sandbox) -> Looking:
    """At the default world, for what changes nothing."""
    return Looking(sandbox.url)
