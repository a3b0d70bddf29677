"""What leaves the store in a whole life is what the public readmes say, and all that they say is seen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import yaml

from storelab.disclosure.play import Played
from storelab.disclosure.report import UNKNOWN, page, readme, rows
from storelab.disclosure.table import HOME, PHASES, tables
from storelab.emulators.golisto.sites import LIFECYCLE as GOLISTO
from storelab.emulators.kernel.documents import load_document
from storelab.emulators.spotler.connector import LIFE as SPOTLER
from storelab.emulators.stockburst.integrations import LIFE as STOCKBURST

Life = Callable[[str], Played]
TABLES = {table.backend: table for table in tables()}


@pytest.mark.parametrize("backend", TABLES)
def test_nothing_leaves_the_store_but_what_is_promised(backend: str, life: Life) -> None:
    lived = life(backend)

    assert lived.why == []
    assert lived.held


@pytest.mark.parametrize("backend", TABLES)
def test_every_line_of_the_table_is_seen_in_that_life(backend: str, life: Life) -> None:
    assert [(one.line, one.kind, one.calls) for one in life(backend).evidence.unseen] == []


@pytest.mark.parametrize("backend", TABLES)
def test_nothing_at_all_leaves_before_consent(backend: str, life: Life) -> None:
    assert [seen for seen in life(backend).evidence.seen if seen.phase == "before consent"] == []


@pytest.mark.parametrize(
    ("backend", "states"), [("golisto", GOLISTO), ("spotler", SPOTLER), ("stockburst", STOCKBURST)]
)
def test_the_phases_speak_of_every_state_that_the_backend_has(backend: str, states: object) -> None:
    known = {state.value for (state, _), _ in states.table.items()} | {to.value for to in states.table.values()}  # type: ignore[attr-defined]

    assert set(TABLES[backend].phases.says) == known


def test_a_whole_record_is_all_that_the_document_says() -> None:
    """They are written by hand, so that they can be read: a field that they have not would be missed."""
    written = yaml.safe_load((HOME / "records.yaml").read_text(encoding="utf-8"))
    schemas = load_document("woocommerce")["components"]["schemas"]

    for name in ("product", "order", "customer"):
        named = {field.removesuffix(".*") for kind in written[name].values() for field in kind}
        assert set(schemas[name.title()]["properties"]) <= named, name


def test_what_the_document_of_stockburst_marks_as_personal_is_marked_in_the_table() -> None:
    schemas = load_document("stockburst")["components"]["schemas"]
    written = yaml.safe_load((HOME / "records.yaml").read_text(encoding="utf-8"))

    for name in ("order", "customer"):
        marked = {field.removesuffix(".*") for field in written[name]["personal"]}
        for field, schema in schemas[name.title()]["properties"].items():
            shown = schemas[schema["$ref"].rsplit("/", 1)[1]] if "$ref" in schema else schema
            personal = "x-personal" in shown or "x-personal" in shown.get("items", {}) or "first_name" in str(shown)
            assert (field in marked) == personal, field


@pytest.mark.parametrize("backend", TABLES)
def test_the_section_for_the_readme_names_what_was_seen_and_nothing_else(backend: str, life: Life) -> None:
    lived = life(backend)

    told = readme(lived)

    assert told.startswith("== External services ==\n")
    assert TABLES[backend].home in told
    for seen in lived.evidence.seen:
        if seen.kind == "request" and seen.field[0] not in "(h":
            assert f"`{seen.field.removeprefix('?')}`" in told
    assert told.count(UNKNOWN) == 2  # terms and privacy are the vendor's to tell


def test_personal_data_is_named_as_such_in_the_readme(life: Life) -> None:
    told = readme(life("sors"))

    assert "Personal data: `address`, `city`, `country`, `email`, `name`" in told
    assert "Personal data" not in readme(life("keycrm"))


def test_the_page_shows_every_call_with_its_phase(life: Life) -> None:
    lived = [life(backend) for backend in TABLES]

    told = page(lived, "the <reference> sync", datetime(2026, 1, 5, tzinfo=UTC))

    assert "the &lt;reference&gt; sync" in told
    assert all(row.call in told for one in lived for row in rows(one))
    assert "http" not in told.split("<body>")[0]
    assert len(told) < 1_000_000


def test_phases_come_in_the_order_of_a_life(life: Life) -> None:
    shown = [row.phase for row in rows(life("golisto"))]

    assert shown == sorted(shown, key=PHASES.index)
    assert set(shown) == {"at connect", "awaiting approval", "connected", "at disconnect"}
