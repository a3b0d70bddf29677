"""A snapshot that comes from elsewhere is looked at before it becomes a world."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

import pytest
import requests

from storelab.client import LabClient
from storelab.emulators.kernel import LabError
from storelab.emulators.kernel.databases import checked_image


@pytest.fixture
def image(world: LabClient) -> bytes:
    world.call("PUT", "/snapshots/own")
    return requests.get(f"{world.url}/_lab/snapshots/own", timeout=20).content


def changed(image: bytes, *statements: str) -> bytes:
    with sqlite3.connect(":memory:") as database:
        database.deserialize(image)
        for statement in statements:
            database.execute(statement)
        database.commit()
        return database.serialize()


def test_what_was_exported_is_taken(image: bytes) -> None:
    checked_image(image, shared=False)


@pytest.mark.parametrize(
    "statement",
    [
        "create trigger t after insert on records begin select 1; end",
        "create view v as select 1",
        "create table more (a)",
        "drop table {first}",
        "alter table {first} add column more",
        "create virtual table f using fts5(a)",
        "create index evil on {first} (hex(zeroblob(1000000000)))",
        "create index evil on {first} (1) where hex(zeroblob(1000000000)) > 1",
        "alter table {first} add column more generated always as (hex(zeroblob(1000000000)))",
    ],
)
def test_what_does_more_or_less_than_a_world_is_refused(image: bytes, statement: str) -> None:
    with sqlite3.connect(":memory:") as database:
        database.deserialize(image)
        tables = [r[0] for r in database.execute("select name from sqlite_master where type = 'table' order by name")]
    made = changed(image, statement.format(first=tables[0]).replace("on records", f"on {tables[0]}"))

    with pytest.raises(LabError, match="of another version of storelab, or of something else"):
        checked_image(made, shared=False)


def test_a_table_that_does_something_is_not_even_read(image: bytes) -> None:
    """The same names and columns, and a check that takes a gigabyte."""
    made = changed(
        image,
        "pragma writable_schema = on",
        "update sqlite_master set sql = rtrim(sql, ')') || ', check (length(hex(randomblob(1000000000))) > 0))'"
        " where type = 'table' and rootpage = 2",
    )
    with sqlite3.connect(":memory:") as database:
        database.deserialize(made)
        assert "randomblob" in str(database.execute("select sql from sqlite_master").fetchall())

    with pytest.raises(LabError, match="of another version of storelab, or of something else"):
        checked_image(made, shared=False)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda image: b"\x80\x04\x95cos\nsystem\n",
        lambda image: image[:5000],
        lambda image: image[:100] + b"\xff" * (len(image) - 100),
        lambda image: b"",
    ],
    ids=["pickled", "short", "damaged", "empty"],
)
def test_what_is_no_database_is_refused(image: bytes, spoil: Callable[[bytes], bytes]) -> None:
    with pytest.raises(LabError, match="snapshot"):
        checked_image(spoil(image), shared=False)


def test_a_world_that_came_with_its_tables_in_other_places_is_read_and_written_rightly(world: LabClient) -> None:
    """An earlier process may have made them in another order, and no count of changes tells it."""
    world.state("woocommerce", "a product in stock", sku="MUG", quantity=3)
    world.call("PUT", "/snapshots/own")
    image = world.call("GET", "/snapshots/own")
    with sqlite3.connect(":memory:") as database:
        database.deserialize(image)
        (version,) = database.execute("pragma schema_version").fetchone()
    world.call(
        "PUT",
        "/snapshots/moved",
        changed(image, "vacuum", *laid_out_backwards(image), f"pragma schema_version = {version}"),
    )

    world.call("POST", "/snapshots/moved/restore")
    world.do("woocommerce", "adjust stock", sku="MUG", quantity=5)
    world.state("woocommerce", "a product in stock", sku="CAP", quantity=7)
    world.call("PUT", "/snapshots/after")

    assert world.fact("woocommerce", "stock") == {"MUG": 5, "CAP": 7}
    with sqlite3.connect(":memory:") as database:
        database.deserialize(world.call("GET", "/snapshots/after"))
        assert database.execute("pragma integrity_check").fetchall() == [("ok",)]


def laid_out_backwards(image: bytes) -> list[str]:
    """Statements that make all indexes anew, in another order."""
    with sqlite3.connect(":memory:") as database:
        database.deserialize(image)
        made = database.execute(
            "select name, sql from sqlite_master where type = 'index' and sql is not null"
        ).fetchall()
    return [*(f'drop index "{name}"' for name, _ in made), *(sql for _, sql in reversed(made))]


@pytest.mark.parametrize(
    "statement",
    [
        "update lab_sequences set value = 'many'",
        "update lab_sequences set value = -5",
        "update lab_sequences set value = 9223372036854775807",
        "update lab_sequences set value = 1.5",
        "update lab_sequences set value = null",
        "update lab_sequences set rest = '{'",
        "update woo_settings set rest = '['",
        "update golisto_merchants set rest = x'ff'",
    ],
)
def test_a_snapshot_with_values_that_no_world_holds_is_refused(image: bytes, statement: str) -> None:
    """SQLite keeps anything in any column; the world would answer every request with a defect afterwards."""
    made = changed(image, statement)
    assert made != image

    with pytest.raises(LabError, match="damaged"):
        checked_image(made, shared=False)
