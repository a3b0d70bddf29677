"""The tables of every emulator fit into every database."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from storelab.emulators.kernel.lab import found_emulators

TABLES = [table.sql for emulator in found_emulators().values() for table in emulator.tables]


@pytest.mark.parametrize("dialect", [sqlite.dialect(), postgresql.dialect()], ids=lambda d: d.name)  # type: ignore[no-untyped-call]
@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_table_and_its_indexes_can_be_made(table: sa.Table, dialect: sa.Dialect) -> None:
    for statement in (CreateTable(table), *map(CreateIndex, table.indexes)):
        assert str(statement.compile(dialect=dialect)).strip().startswith("CREATE")


def test_indexes_have_names_of_their_own() -> None:
    names = [index.name for table in TABLES for index in table.indexes]

    assert len(names) == len(set(names))
