"""storelab itself as a contestant: a sandbox with so many products, its answers checked against the documents."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import time
from typing import Any

import requests

from .asking import Bodies, order, request, rest
from .contestants import Contestant, Unmeasured, free_port

API = "/woocommerce/wp-json/wc/v3"
NEW = "a page that is new each time"


class Storelab(Contestant):
    """Started with all six services. It is asked over https as far as it can tell, with Basic authentication."""

    control: str = ""
    headers: dict[str, str]

    def begin(self, products: int) -> None:
        """In the place of `start`: its addresses and keys are what it prints when everything answers."""
        started = time.perf_counter()
        self.process = subprocess.Popen(
            self.command, stdout=subprocess.PIPE, env={**os.environ, **self.environment}, start_new_session=True
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise Unmeasured("the sandbox did not start")
        self.cold_seconds = time.perf_counter() - started
        self.cold_cpu = self.cpu_seconds()
        info = json.loads(line)
        self.control = info["control"]["url"]
        keys = f"{info['store']['consumer_key']}:{info['store']['consumer_secret']}"
        self.headers = {
            "Authorization": "Basic " + base64.b64encode(keys.encode()).decode(),
            "X-Forwarded-Proto": "https",
        }
        time.sleep(1)
        self.idle_megabytes = self.megabytes()
        catalogue = {"name": "a catalogue", "arguments": {"size": products}}
        made = requests.post(f"{self.control}/services/woocommerce/states", json=catalogue, timeout=900)
        made.raise_for_status()
        bodies = self.bodies()
        asked = rest(API, bodies, self.headers)
        asked[NEW] = request("GET", f"{API}/products?per_page=10&exclude_meta=k@n", headers=self.headers)
        self.requests = asked

    def bodies(self) -> Bodies:
        """What the store answers now."""
        store = f"http://127.0.0.1:{self.port}{API}"
        page = requests.get(f"{store}/products?per_page=10", headers=self.headers, timeout=60).json()
        lines = order(page[0]["id"], page[1]["id"])
        made: dict[str, Any] = requests.post(f"{store}/orders", json=lines, headers=self.headers, timeout=60).json()
        return Bodies(page, made)


def storelab(*more: str, name: str = "storelab") -> Storelab:
    port = free_port()
    command = [sys.executable, "-m", "storelab.cli", "up", "--port", str(port), "--no-sync", "--json", *more]
    checked = {"STORELAB_CHECK": "1", "PYTHONDONTWRITEBYTECODE": ""}
    return Storelab(name, command, port, {}, environment=checked, works="keeps records; validates both ways")
