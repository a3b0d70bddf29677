"""Takes the README's picture of the console: `python -m docs.picture`, with the extra `browser` and a Chromium.

A sandbox with four backends linked, an order that travels, and one that is refused.
"""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path
from typing import Any

import requests

from storelab.client import LabClient
from storelab.emulators.console import traffic
from storelab.sandbox import Sandbox, Settings

PICTURE = Path(__file__).parent / "images" / "console.png"
SIZE = {"width": 1060, "height": 798}
PATIENCE = 10.0  # seconds until everybody has said what there is to say


def connect(url: str, backend: str, **said: str) -> None:
    token = re.search(r'"X-CSRF": "([0-9a-f]+)"', requests.get(f"{url}/clock", timeout=PATIENCE).text)
    assert token is not None
    fields = {f"arg.{name}": value for name, value in said.items()}
    answer = requests.post(f"{url}/links/{backend}/connect", data={"csrf": token[1], **fields}, timeout=PATIENCE)
    answer.raise_for_status()


def furnish(lab: LabClient) -> None:
    for sku, quantity in (("MUG", 12), ("CAP", 5), ("TEE", 40)):
        lab.state("woocommerce", "a product in stock", sku=sku, quantity=quantity)
        lab.state("keycrm", "an offer in stock", sku=sku, quantity=quantity)
    code = lab.do("stockburst", "issue setup code")
    connect(lab.url, "keycrm", warehouse_id="1")
    connect(lab.url, "golisto")
    connect(lab.url, "spotler")
    connect(lab.url, "stockburst", **{"credential.setup_code": _code(code), "consent": "yes"})


def _code(answered: Any) -> str:
    return answered if isinstance(answered, str) else str(answered.get("setup_code") or answered["code"])


def trouble(lab: LabClient) -> None:
    """What the picture catches: an order in the shop, told to all who asked for it, and a KeyCRM that refuses."""
    lab.do("woocommerce", "place order", sku="MUG", quantity=2)
    key = {"Authorization": f"Bearer {lab.info()['backends']['keycrm']['api_key']}"}
    lab.fault(kind="status", service="keycrm", status=429, retry_after=30)
    requests.get(f"{lab.url}/keycrm/v1/offers/stocks", headers=key, timeout=PATIENCE)


def take(to: Path) -> None:
    from playwright.sync_api import sync_playwright

    traffic.RECENT = 60.0  # what passed a minute ago still passes, however slow this machine is
    with Sandbox(Settings(port=8700, sync_port=8701)) as sandbox, sync_playwright() as driver:
        lab = LabClient(sandbox.url, sandbox.token)
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport=SIZE, color_scheme="light", device_scale_factor=1.25)
        furnish(lab)
        page.goto(sandbox.url)
        trouble(lab)
        page.wait_for_selector("svg.wide .way.bad")
        page.wait_for_selector("#recent tr.bad")
        page.screenshot(path=to, animations="disabled")
        browser.close()


if __name__ == "__main__":
    take(Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURE)
