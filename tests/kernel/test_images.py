"""A snapshot that comes from elsewhere is looked at before it becomes a world."""

from __future__ import annotations

import json
import sqlite3
import typing
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, TypedDict

import pytest
import requests
import sqlalchemy as sa

from storelab.client import LabClient
from storelab.emulators.kernel import LabError
from storelab.emulators.kernel.images import checked_image, fitting
from storelab.emulators.kernel.tables import METADATA


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


def rows_of(image: bytes) -> bytes:
    """The same world as PostgreSQL exports it."""
    with sqlite3.connect(":memory:") as database:
        database.deserialize(image)
        tables = {}
        for table in METADATA.sorted_tables:
            names = ", ".join(f'"{column.name}"' for column in table.columns)
            truths = [isinstance(column.type, sa.Boolean) for column in table.columns]
            rows = database.execute(f'select {names} from "{table.name}"')
            tables[table.name] = [[bool(v) if t else v for v, t in zip(row, truths, strict=True)] for row in rows]
    return json.dumps(tables).encode()


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("update lab_sequences set value = 'many'", "a text as value, and a number from 0 to 4503599627370496"),
        ("update lab_sequences set value = -5", "a whole number as value"),
        ("update lab_sequences set value = 9223372036854775807", "a whole number as value"),
        ("update lab_sequences set value = 1.5", "a number as value"),
        ("update lab_sequences set value = null", "nothing as value"),
        ("update lab_sequences set rest = '{'", "has something as rest that is not JSON"),
        ("update woo_settings set rest = '['", "has something as rest that is not JSON"),
        ("update woo_settings set rest = '[]'", "has a list as rest, and an object is wanted"),
        ("update woo_products set rest = json_set(rest, '$.more', 1)", "has 'more', which no Product has"),
        ("update woo_products set rest = json_set(rest, '$.upsell_ids', 1)", "has a whole number as upsell_ids"),
        ("update woo_products set rest = json_set(rest, '$.sale_starts', 'soon')", "has a text as sale_starts"),
        ("update keycrm_offers set rest = json_set(rest, '$.price', 'NaN')", "has a text as price"),
        ("update keycrm_products set rest = json_remove(rest, '$.name')", "lacks 'name'"),
        (
            "update golisto_merchants set rest = json_set(rest, '$.shut_until', '2026-01-01')",
            "has a text as shut_until",
        ),
        ("update keycrm_accounts set rest = json_set(rest, '$.profile', 'other')", "has a text as profile"),
        (
            "update woo_products set rest = json_set(rest, '$.attributes', json('[{\"id\": 1}]'))",
            "has a list as attributes",
        ),
        ("update woo_products set rest = json_set(rest, '$.meta_data', json('[{}]'))", "has a list as meta_data"),
        ("update woo_settings set rest = json_set(rest, '$.value', json('{\"a\": 1}'))", "has an object as value"),
        (
            f"update woo_products set rest = json_set(rest, '$.meta_data', json('{'[' * 300 + ']' * 300}'))",
            "is nested deeper than 248 levels",
        ),
    ],
)
@pytest.mark.parametrize("shared", [False, True], ids=["sqlite", "postgresql"])
def test_a_row_that_no_world_writes_is_refused_with_what_was_wanted(
    world: LabClient, statement: str, said: str, shared: bool
) -> None:
    """SQLite keeps anything in any column; the world would answer requests with a defect afterwards."""
    world.state("woocommerce", "a product in stock")
    world.state("keycrm", "an offer in stock")
    world.call("PUT", "/snapshots/own")
    image = world.call("GET", "/snapshots/own")
    made = changed(image, statement)
    assert made != image
    if shared:
        checked_image(rows_of(image), shared=True)
        made = rows_of(made)

    with pytest.raises(LabError, match="this snapshot is damaged: row 1 of ") as refused:
        checked_image(made, shared=shared)

    assert said in refused.value.message


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda tables: [], "no snapshot of a PostgreSQL world: such a one is a JSON object of tables"),
        (lambda tables: {}, "of another version of storelab, or of something else: it lacks"),
        (lambda tables: {**tables, "pg_authid": []}, "it has 'pg_authid'"),
        (lambda tables: {**tables, "woo_settings": {}}, "table woo_settings is no list of rows"),
        (lambda tables: {**tables, "woo_settings": [1]}, "table woo_settings is no list of rows"),
        (lambda tables: {**tables, "woo_settings": [[]]}, "row 1 of woo_settings has 0 values, and"),
        (lambda tables: {**tables, "lab_sequences": tables["lab_sequences"][:1] * 2}, "has the same"),
        (lambda tables: {**tables, "lab_sequences": [["a\0", 1, "{}"]]}, "has a text as"),
        (lambda tables: {**tables, "lab_sequences": [["a", 2**64, "{}"]]}, "has a"),
        (lambda tables: {**tables, "lab_sequences": [["a", True, "{}"]]}, "has a truth value as value"),
        (lambda tables: {**tables, "lab_sequences": [["a", [], "{}"]]}, "has a list as value"),
    ],
)
def test_an_image_of_postgresql_is_looked_at_as_closely(
    image: bytes, spoil: Callable[[dict[str, Any]], Any], said: str
) -> None:
    made = json.dumps(spoil(json.loads(rows_of(image)))).encode()

    with pytest.raises(LabError, match=said):
        checked_image(made, shared=True)


@pytest.mark.parametrize("made", [b"", b"{", b"\xff", b"[" * 100_000, b"SQLite format 3\0"])
def test_what_is_no_json_is_no_image_of_postgresql(made: bytes) -> None:
    with pytest.raises(LabError, match="no snapshot of a PostgreSQL world"):
        checked_image(made, shared=True)


def test_a_refusal_shows_nothing_of_what_a_row_holds(image: bytes) -> None:
    made = changed(image, "update golisto_accounts set rest = json_set(rest, '$.site_token', json('[\"secret\"]'))")

    with pytest.raises(LabError) as refused:
        checked_image(made, shared=False)

    assert "secret" not in refused.value.message


def test_an_index_that_does_not_know_its_rows_is_found(world: LabClient) -> None:
    """What is kept would not be found, and be made a second time."""
    world.state("woocommerce", "a product in stock")
    world.call("PUT", "/snapshots/own")
    index = "ix_woo_products_global_unique_id"
    made = changed(
        world.call("GET", "/snapshots/own"),
        "create table away (sql)",
        f"insert into away select sql from sqlite_master where name = '{index}'",
        "pragma writable_schema = on",
        f"update sqlite_master set sql = sql || ' where 0' where name = '{index}'",
        "pragma writable_schema = reset",
        f"reindex {index}",
        "pragma writable_schema = on",
        f"update sqlite_master set sql = (select sql from away) where name = '{index}'",
        "drop table away",
    )

    with pytest.raises(LabError, match="its pages or its indexes are not in order"):
        checked_image(made, shared=False)


@dataclass
class Line:
    sku: str
    price: Decimal
    quantity: int = 1


class Needed(TypedDict):
    name: str


class Named(Needed, total=False):
    more: int


@pytest.mark.parametrize(
    ("hint", "good", "bad"),
    [
        (Line, [{"sku": "A", "price": "1.5"}], [{"sku": "A"}, {"sku": "A", "price": "x"}, {"sku": "A", "price": 1}]),
        (Line, [{"sku": "A", "price": "1", "quantity": 2}], [{"sku": "A", "price": "1", "colour": "red"}, [], None]),
        (Named, [{"name": "a"}, {"name": "a", "more": 1, "else": []}], [{}, {"name": 1}, {"name": "a", "more": "1"}]),
        (Annotated[list[dict[str, Any]], list[Named]], [[], [{"name": "a"}]], [{}, [{"name": None}], [1]]),
    ],
)
def test_what_stands_in_a_free_object_is_looked_at_where_a_type_says_what(
    hint: Any, good: list[Any], bad: list[Any]
) -> None:
    assert list(map(fitting(hint), good)) == [True] * len(good)
    assert list(map(fitting(hint), bad)) == [False] * len(bad)


def test_there_is_a_test_for_every_type_of_a_field() -> None:
    for table in METADATA.sorted_tables:
        hints = typing.get_type_hints(table.info["records"].record, include_extras=True)
        assert all(map(fitting, hints.values()))
