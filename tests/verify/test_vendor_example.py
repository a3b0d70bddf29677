"""The example of a vendor: an API with its state adapter is verified as the documentation says."""

from __future__ import annotations

import importlib.util
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from typer.testing import CliRunner
from werkzeug.serving import make_server

from storelab.cli import app
from storelab.contracts.kit import BROKEN, KEPT, SKIPPED
from storelab.verify import run
from storelab.verify.pacts import Target
from storelab.verify.report import CONTRACT, WEBHOOK, Check

FILE = Path(__file__).resolve().parents[2] / "examples" / "vendor" / "api.py"


@pytest.fixture(scope="module")
def vendor() -> ModuleType:
    spec = importlib.util.spec_from_file_location("vendor_example", FILE)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["vendor_example"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def url(vendor: ModuleType) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, vendor.app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def verified(url: str, **parts: Any) -> list[Check]:
    target = Target("keycrm", url, f"{url}/states")
    return list(run.of_target(target, run.Parts(**{"fuzz": "off", **parts}), tell=lambda check: None).checks)


def test_what_the_vendor_has_is_kept_and_the_rest_is_skipped_with_the_reason(url: str) -> None:
    checks = verified(url)

    assert [(check.name, check.summary) for check in checks if check.verdict == BROKEN] == []
    kept = [check.part for check in checks if check.verdict == KEPT]
    assert kept.count(CONTRACT) >= 18
    assert kept.count(WEBHOOK) >= 5
    reasons = {check.why for check in checks if check.verdict == SKIPPED}
    assert "needs what the adapter does not offer: 'two warehouses'" in reasons
    assert "needs what the adapter does not offer: 'reserve'" in reasons


def test_a_change_of_the_vendor_is_named_with_what_was_expected(
    url: str, vendor: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = vendor.warehouse
    monkeypatch.setattr(vendor, "warehouse", lambda offer: {**right(offer), "reserve": str(offer.reserve)})

    broken = [check for check in verified(url) if check.verdict == BROKEN]

    assert broken
    assert {d.where.rpartition(".")[2] for check in broken for d in check.differences} == {"reserve"}
    assert all(check.part == CONTRACT for check in broken)


def test_a_pipeline_of_this_vendor_fails_until_its_adapter_offers_all(url: str) -> None:
    asked = ("keycrm", "--url", url, "--state-url", f"{url}/states", "--fuzz", "off")
    loose, strict = (CliRunner().invoke(app, ["verify", *asked, *more]) for more in ((), ("--strict",)))

    assert (loose.exit_code, strict.exit_code) == (0, 1), strict.output
    assert "interactions of contracts were not proven: " in " ".join(loose.output.split())
