"""Worlds in PostgreSQL: a schema for each, snapshots as rows beside them. Several servers may share it."""

from __future__ import annotations

from typing import Any

import orjson
import sqlalchemy as sa

from .databases import Database, Image, _no_snapshot, create_tables
from .errors import LabError
from .tables import METADATA

_LONGEST = 63  # characters of a name in PostgreSQL

_SNAPSHOTS = sa.Table(
    "lab_snapshots",
    sa.MetaData(),
    sa.Column("world", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("image", sa.LargeBinary, nullable=False),
)


def _raw_types(table: sa.Table) -> list[sa.ColumnClause[Any]]:
    """The table's columns as the database keeps them, without turning them into Python values."""
    return [
        sa.column(c.name, c.type.impl_instance if isinstance(c.type, sa.types.TypeDecorator) else c.type)
        for c in table.columns
    ]


class PostgresDatabase:
    shared = lasting = True

    def __init__(self, url: sa.URL, schema: str) -> None:
        self._schema = schema
        self._engine = sa.create_engine(
            url,
            pool_size=1,
            max_overflow=0,
            pool_pre_ping=True,
            hide_parameters=True,
            connect_args={"options": f'-csearch_path="{schema}"'},
        )
        self.connection = self._engine.connect()

    def reset(self, image: Image | None) -> None:
        self.connection.rollback()
        create_tables(self.connection)
        names = ", ".join(f'"{t.name}"' for t in METADATA.sorted_tables)
        self.connection.execute(sa.text(f"truncate {names}"))
        for name, rows in orjson.loads(image or b"{}").items():
            if rows:
                columns = _raw_types(METADATA.tables[name])
                keys = [c.name for c in columns]
                raw = sa.table(name, *columns)
                self.connection.execute(sa.insert(raw), [dict(zip(keys, row, strict=True)) for row in rows])
        self.connection.commit()

    def image(self) -> Image:
        self.connection.rollback()
        tables = {}
        for table in METADATA.sorted_tables:
            columns = _raw_types(table)
            statement = sa.select(*columns).select_from(sa.table(table.name, *columns))
            tables[str(table.name)] = [list(row) for row in self.connection.execute(statement)]
        self.connection.rollback()
        return orjson.dumps(tables)

    def close(self) -> None:
        self.connection.close()
        self._engine.dispose()


def _address(url: str) -> sa.URL:
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError:
        parsed = None
    if parsed is None or parsed.get_backend_name() != "postgresql":
        raise LabError("--database takes an address of PostgreSQL: postgresql://user@host/name") from None
    return parsed.set(drivername="postgresql+psycopg") if parsed.drivername == "postgresql" else parsed


class PostgresDatabases:
    """`url` as SQLAlchemy takes it; postgresql:// means psycopg 3."""

    def __init__(self, url: str) -> None:
        self._url = _address(url)
        try:
            self._engine = sa.create_engine(self._url, pool_pre_ping=True, hide_parameters=True)
            with self._engine.begin() as connection:
                _SNAPSHOTS.create(connection, checkfirst=True)
        except ModuleNotFoundError:
            raise LabError(
                "PostgreSQL needs its driver: pip install 'storelab[postgresql]'",
                status=500,
                code="no_driver",
            ) from None
        except sa.exc.SQLAlchemyError as bad:
            raise LabError(
                f"the database at {self._url.render_as_string(hide_password=True)} does not answer: "
                f"{str(getattr(bad, 'orig', bad)).strip().splitlines()[0]}. Is it running, and is the address right?",
                status=500,
                code="database_down",
            ) from None

    @staticmethod
    def _schema(world: str) -> str:
        schema = f"storelab_{world}"
        if len(schema) > _LONGEST:
            most = _LONGEST - len("storelab_")
            raise LabError(f"in PostgreSQL the name of a world has at most {most} characters, not {len(world)}")
        return schema

    def open(self, world: str) -> tuple[Database, bool]:
        schema = self._schema(world)
        with self._engine.begin() as connection:
            existed = sa.inspect(connection).has_schema(schema)
            if not existed:
                connection.execute(sa.schema.CreateSchema(schema, if_not_exists=True))
        database = PostgresDatabase(self._url, schema)
        if existed:
            create_tables(database.connection)
        return database, existed

    def drop(self, world: str) -> None:
        with self._engine.begin() as connection:
            connection.execute(sa.schema.DropSchema(self._schema(world), cascade=True, if_exists=True))
            connection.execute(sa.delete(_SNAPSHOTS).where(_SNAPSHOTS.c.world == world))

    def names(self) -> list[str]:
        with self._engine.connect() as connection:
            schemas = sa.inspect(connection).get_schema_names()
        return sorted(s.removeprefix("storelab_") for s in schemas if s.startswith("storelab_"))

    def save(self, world: str, snapshot: str, image: Image) -> None:
        with self._engine.begin() as connection:
            connection.execute(sa.delete(_SNAPSHOTS).where(_SNAPSHOTS.c.world == world, _SNAPSHOTS.c.name == snapshot))
            connection.execute(sa.insert(_SNAPSHOTS).values(world=world, name=snapshot, image=image))

    def load(self, world: str, snapshot: str) -> Image:
        statement = sa.select(_SNAPSHOTS.c.image).where(_SNAPSHOTS.c.world == world, _SNAPSHOTS.c.name == snapshot)
        with self._engine.connect() as connection:
            image = connection.execute(statement).scalar()
        if image is None:
            raise _no_snapshot(world, snapshot, self.snapshots(world))
        return bytes(image)

    def snapshots(self, world: str) -> list[str]:
        statement = sa.select(_SNAPSHOTS.c.name).where(_SNAPSHOTS.c.world == world).order_by(_SNAPSHOTS.c.name)
        with self._engine.connect() as connection:
            return list(connection.execute(statement).scalars())
