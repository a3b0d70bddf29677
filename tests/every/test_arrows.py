"""Which folder may import which. Vendors are found, not listed: a new one is watched from its first day."""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NO_VENDORS = ("kernel", "console")
VENDORS = sorted(
    p.name for p in (ROOT / "emulators").iterdir() if (p / "__init__.py").exists() and p.name not in NO_VENDORS
)


def imported(file: Path, home: str) -> Iterator[str]:
    """Absolute names of what a file imports; `home` is the dotted name of its package."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parts = home.split(".")[: len(home.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*parts, *([node.module] if node.module else [])])
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def imports_of(folder: str) -> list[tuple[str, str]]:
    """(file, imported name) of all files below a folder."""
    return [(file, name) for file, name in _imports_of(folder.split("/")[0]) if file.startswith(f"{folder}/")]


@cache
def _imports_of(folder: str) -> list[tuple[str, str]]:
    found = []
    for file in sorted((ROOT / folder).rglob("*.py")):
        home = ".".join(["storelab", *file.relative_to(ROOT).parent.parts])
        found += [(file.relative_to(ROOT).as_posix(), name) for name in imported(file, home)]
    return found


def within(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_vendor_imports_the_kernel_the_shop_quantities_and_itself_and_nothing_else_of_ours(vendor: str) -> None:
    allowed = [f"storelab.emulators.{name}" for name in ("kernel", "shop", "quantities", vendor)]

    wrong = [
        (file, name)
        for file, name in imports_of(f"emulators/{vendor}")
        if within(name, "storelab")
        and name not in ("storelab", "storelab.emulators")
        and not any(within(name, package) for package in allowed)
    ]

    assert wrong == []


def test_the_kernel_knows_no_vendor() -> None:
    wrong = [
        (file, name)
        for file, name in imports_of("emulators/kernel")
        for vendor in VENDORS
        if within(name, f"storelab.emulators.{vendor}")
    ]

    assert wrong == []


def test_the_console_finds_vendors_and_knows_none() -> None:
    names = [name for _, name in imports_of("emulators/console") if within(name, "storelab.emulators")]

    assert names
    assert {name.split(".")[2] for name in names if name.count(".") > 1} == {"kernel", "console"}


def test_the_shop_knows_the_kernel_only() -> None:
    """What backends ask a store with knows nothing of how our store answers."""
    names = [name for file, name in imports_of("emulators") if file == "emulators/shop.py" and within(name, "storelab")]

    known = ("storelab.emulators.kernel", "storelab.emulators.shop_answers")
    assert names
    assert [name for name in names if not any(within(name, one) for one in known)] == []


@pytest.mark.parametrize("module", ["quantities", "shop_answers"])
def test_quantities_and_what_a_store_answers_know_nothing_of_ours(module: str) -> None:
    names = [name for file, name in imports_of("emulators") if file == f"emulators/{module}.py"]

    assert names
    assert [name for name in names if within(name, "storelab")] == []


def test_the_sync_and_the_emulators_never_meet() -> None:
    wrong = [
        (f, n) for f, n in imports_of("sync") if within(n, "storelab.emulators") or within(n, "storelab.scenarios")
    ]
    wrong += [(f, n) for f, n in imports_of("emulators") if within(n, "storelab.sync")]

    assert wrong == []


@pytest.mark.parametrize("vendor", VENDORS)
def test_every_vendor_has_its_document(vendor: str) -> None:
    assert (ROOT / "openapi" / f"{vendor}.yaml").exists()


@pytest.mark.parametrize("backend", [v for v in VENDORS if v != "woocommerce"])
def test_every_backend_has_its_connector_contract_and_stories(backend: str) -> None:
    assert importlib.util.find_spec(f"storelab.sync.connectors.{backend}") is not None
    assert (ROOT / "contracts" / f"test_{backend}.py").exists()
    assert (ROOT / "scenarios" / backend / "connect_to_sync.yaml").exists()
