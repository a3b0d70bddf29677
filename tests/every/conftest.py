"""Suites that every emulator passes by being found: nothing here names a vendor."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from storelab.client import LabClient
from storelab.emulators.kernel.documents import load_document
from storelab.emulators.kernel.lab import found_emulators
from storelab.emulators.kernel.operations import Document
from storelab.fuzzing import credentials

EMULATORS = found_emulators()
DOCUMENTS = {name: Document(load_document(name), None) for name in EMULATORS}


@pytest.fixture(params=sorted(EMULATORS))
def service(request: pytest.FixtureRequest) -> str:
    return str(request.param)


class Caller:
    """Calls one service in one world with the credentials that its document asks for."""

    def __init__(self, world: LabClient, service: str) -> None:
        info = world.info()
        account = info["store"] if service == "woocommerce" else info["backends"][service]
        self.url, self.headers = account["url"], credentials(DOCUMENTS[service].raw, account)
        self.session = requests.Session()
        self.session.trust_env = False

    def __call__(self, method: str, path: str, *, known: bool = True, **more: Any) -> requests.Response:
        headers = {**(self.headers if known else {}), **more.pop("headers", {})}
        return self.session.request(method, self.url + path, headers=headers, timeout=30, allow_redirects=False, **more)


@pytest.fixture
def call(world: LabClient, service: str) -> Caller:
    return Caller(world, service)
