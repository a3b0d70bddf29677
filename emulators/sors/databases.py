"""Databases and business units: one database for each fiscal year, and the shared Demo2.

Source: Sors API Postman documentation: one key opens all databases of a user, closing a year makes a new one, and
`Demo2` is shared for tests, where other people's records come and go. Assumed: the paths, the fields, and that the
database is named in the path.
"""

from __future__ import annotations

from typing import Any

from ..kernel import Emulation, LabError, Table, dataclass, emulation
from .envelope import answered
from .errors import DatabaseClosed, DatabaseForbidden

DEMO = "Demo2"


@dataclass(frozen=True)
class Database:
    """`negative_stock`: documents may take more than there is."""

    id: str
    name: str
    year: int | None = None
    is_demo: bool = False
    is_closed: bool = False
    granted: bool = True
    negative_stock: bool = False


DATABASES = Table(Database, "sors_databases")


@dataclass(frozen=True)
class Unit:
    """A business unit: a place that keeps stock. `type`: wholesale or retail."""

    database: str
    id: int
    code: str
    name: str
    type: str


UNITS = Table(Unit, "sors_units", key=("database", "id"), columns=("code",), unique=[("database", "code")])


def next_id(here: Emulation, database: str, kind: str, count: int = 1) -> int:
    """Every database counts for itself, so that one number means different things in two of them."""
    return here.ids.next(f"sors.{database}.{kind}", count)


# -- what requests ask for


def opened(here: Emulation, name: str) -> Database:
    """The database of a request. Errors: DATABASE_FORBIDDEN."""
    found = here.store[Database].get(name.replace("\0", ""))
    if found is None or not found.granted:
        raise DatabaseForbidden(name)
    return found


def written(here: Emulation, name: str) -> Database:
    """The database of a request that enters something. Errors: DATABASE_FORBIDDEN, DATABASE_CLOSED."""
    found = opened(here, name)
    if found.is_closed:
        raise DatabaseClosed(name)
    return found


def list_all() -> dict[str, Any]:
    """The databases that the key opens."""
    here = emulation()
    found = sorted(here.store[Database].all(), key=lambda d: (d.is_demo, d.year or 0, d.id))
    return answered(
        [
            {"id": d.id, "name": d.name, "year": d.year, "isDemo": d.is_demo, "isClosed": d.is_closed}
            for d in found
            if d.granted
        ]
    )


def list_units(database: str) -> dict[str, Any]:
    """The business units of a database."""
    units = emulation().store[Unit].all(UNITS.c.database == database, order=[UNITS.c.code])
    return answered([{"id": u.id, "code": u.code, "name": u.name, "type": u.type} for u in units])


# -- what people name


def this_year(here: Emulation) -> Database:
    """The account's own database that is not closed, the newest; where all are closed, the newest of those."""
    own = [d for d in here.store[Database].all() if not d.is_demo]
    if not own:
        raise LabError("this account has no database")
    return max(own, key=lambda d: (not d.is_closed, d.year or 0))


def named(here: Emulation, database: str) -> Database:
    """The database that somebody names; this year's unless they do."""
    if not database:
        return this_year(here)
    found = here.store[Database].get(database)
    if found is None:
        known = ", ".join(d.id for d in here.store[Database].all())
        raise LabError(f"SORS has no database {database!r}; it has: {known}", status=404, code="unknown_database")
    return found


def unit_named(here: Emulation, database: str, code: str) -> Unit:
    """The unit with this code, or else the first of the database."""
    units = here.store[Unit].all(UNITS.c.database == database, order=[UNITS.c.code])
    found = next((u for u in units if code in ("", u.code)), None)
    if found is None:
        known = ", ".join(f"{u.code} {u.name}" for u in units) or "none"
        raise LabError(f"{database} has no business unit {code!r}; it has: {known}")
    return found
