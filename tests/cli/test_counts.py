"""What is counted: operations with what proves them, and data with the stories that show it."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from storelab import coverage, matrix
from storelab.cli import app
from storelab.emulators.kernel.errors import LabError

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "what-travels.md"
README = ROOT / "README.md"
BEGIN = f"<!-- made by `{matrix.COMMAND}` -->"


def operation(name: str, path: str, method: str = "GET", **more: Any) -> dict[str, Any]:
    usual = {"emulated": True, "recorded": 0, "assumed": "", "listed": False, "source": ""}
    return {"operation": name, "method": method, "path": path, **usual, **more}


SERVED = [
    operation("orders.read", "/orders/{id}", recorded=3),
    operation("orders.find", "/orders/newest"),
    operation("orders.list_all", "/orders", assumed="nobody knows"),
    operation("orders.create", "/orders", "POST", emulated=False),
]


# ---------------------------------------------------------------------------------------------- coverage


def test_a_request_of_a_contract_proves_the_operation_that_answers_it() -> None:
    found = coverage.proven(SERVED, [("GET", "/orders/7"), ("GET", "/orders/newest"), ("GET", "/orders/newest")])

    assert {o["operation"]: o["contracts"] for o in found} == {
        "orders.read": 1,
        "orders.find": 2,
        "orders.list_all": 0,
        "orders.create": 0,
    }
    assert {o["operation"]: o["proven"] for o in found if o["proven"]} == {
        "orders.read": ["recording", "contract"],
        "orders.find": ["contract"],
    }


def test_what_is_not_emulated_is_not_proven() -> None:
    found = coverage.proven(SERVED, [("POST", "/orders")])

    assert [o["proven"] for o in found if o["operation"] == "orders.create"] == [[]]


def test_totals_are_the_sum_of_all() -> None:
    one = coverage.counted("shop", coverage.proven(SERVED, [("GET", "/orders/7")]))
    both = coverage.total([one, one])

    assert one == coverage.Counted("shop", 4, 3, 1, 1, 1, 3, 1)
    assert (both.service, both.documented, both.proven, both.recorded_calls) == ("all", 8, 2, 6)


def test_every_request_of_a_contract_is_an_operation_of_its_provider() -> None:
    shown = json.loads(CliRunner().invoke(app, ["coverage", "--json"]).stdout)

    for service, operations in shown.items():
        requests = [path for _, path in coverage.asked(service) if "/storelab/v1/" not in path]
        assert sum(o["contracts"] for o in operations) == len(requests), service


# ---------------------------------------------------------------------------------------------- data


@pytest.fixture
def home(tmp_path: Path) -> Path:
    for name, carries in (("all", "stock in, orders out"), ("one", "stock in"), ("none", "")):
        (tmp_path / "acme").mkdir(exist_ok=True)
        (tmp_path / "acme" / f"{name}.yaml").write_text(
            textwrap.dedent(f"""
                title: {name}
                backend: acme
                carries: [{carries}]
                steps: [{{sync: once}}]
            """)
        )
    return tmp_path


def test_a_cell_names_the_stories_that_carry_its_data(home: Path) -> None:
    found = {(c.data, c.way, c.backend): [s.title for s in c.stories] for c in matrix.cells(["acme", "zeta"], home)}

    assert len(found) == 9 * 2 * 2
    assert found["stock", "in", "acme"] == ["one", "all"]
    assert found["orders", "out", "acme"] == ["all"]
    assert {cell for cell, titles in found.items() if titles} == {("stock", "in", "acme"), ("orders", "out", "acme")}


def test_an_empty_cell_is_a_dash_and_many_stories_are_counted(home: Path) -> None:
    for extra in ("two", "three"):
        (home / "acme" / f"{extra}.yaml").write_text((home / "acme" / "one.yaml").read_text())

    lines = matrix.markdown(matrix.cells(["acme"], home), {"acme": "Acme"}).splitlines()

    assert lines[:3] == ["| | Acme |", "|---|---|", "| orders in | - |"]
    (stock,) = [line for line in lines if line.startswith("| stock in |")]
    assert stock.count("](") == 3
    assert stock.endswith("and 1 more |")


def test_only_what_stands_between_the_marks_is_replaced() -> None:
    text = f"Before\n\n{BEGIN}\nold\n{matrix.END}\n\nAfter\n"

    once = matrix.replaced(text, "| new |")

    assert once == f"Before\n\n{BEGIN}\n\n| new |\n\n{matrix.END}\n\nAfter\n"
    assert matrix.replaced(once, "| new |") == once
    assert matrix.block(once) == "| new |"
    with pytest.raises(LabError, match="there is no place for the matrix"):
        matrix.block("nothing")


def test_the_documentation_shows_the_matrix_as_it_is_now() -> None:
    titles = matrix.backends()
    made = matrix.markdown(matrix.cells(list(titles)), titles)

    assert matrix.block(PAGE.read_text()) == made, f"the page is behind: run `{matrix.COMMAND}`"


def test_the_readme_sums_the_matrix_up() -> None:
    titles = matrix.backends()
    made = matrix.summary(matrix.cells(list(titles)), titles)
    text = README.read_text()

    assert matrix.block(text, matrix.SUMMARY) == made, f"the README is behind: run `{matrix.SUMMARY}`"
    links = [part.partition(")")[0] for part in made.split("](")[1:]]
    assert len(links) > 20
    assert [link for link in links if not (ROOT / link).is_file()] == []


def test_every_story_of_the_matrix_is_there() -> None:
    text = matrix.block(PAGE.read_text())
    links = [part.partition(")")[0] for part in text.split("](")[1:]]

    assert links
    assert [link for link in links if not (PAGE.parent / link).is_file()] == []


def test_the_matrix_is_for_people_and_machines(tmp_path: Path) -> None:
    target = tmp_path / "README.md"
    target.write_text(f"{BEGIN}\n{matrix.END}\n")
    run = CliRunner()

    told = json.loads(run.invoke(app, ["matrix", "--json"]).stdout)
    run.invoke(app, ["matrix", "--write", str(target)])

    (stock,) = [c for c in told if (c["data"], c["direction"], c["backend"]) == ("stock", "in", "keycrm")]
    assert "keycrm/stock_change_reaches_store" in stock["stories"]
    assert "stock_change_reaches_store" in run.invoke(app, ["matrix"], env={"COLUMNS": "300"}).stdout
    assert f"{matrix.block(target.read_text())}\n" == run.invoke(app, ["matrix", "--markdown"]).stdout
