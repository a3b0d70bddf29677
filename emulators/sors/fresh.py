"""What a new account holds: a key, last year's database (closed), this year's, and the shared Demo2.

The years are fixed, whatever the clock says, so that a story told today is the same story next year.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ..kernel import Emulation
from ..quantities import money, thousandths
from .account import Account, issue_key
from .catalogue import Article, Group
from .customers import Customer, Entry
from .databases import DEMO, Database, Unit, next_id
from .documents import Document
from .images import Image
from .limits import Window
from .stock import Level, Movement, bring_to

LAST_YEAR, THIS_YEAR = 2025, 2026
UNIT_NAMES = (("01", "Veleprodaja", "wholesale"), ("02", "Maloprodaja", "retail"))
RECORDS: tuple[type[Any], ...] = (
    Article,
    Customer,
    Database,
    Document,
    Entry,
    Group,
    Image,
    Level,
    Movement,
    Unit,
    Window,
)
_DEMO_ARTICLES = (("DEMO-1", "Probni artikal 1", 100), ("DEMO-2", "Probni artikal 2", 250), ("DEMO-3", "Proba 3", 90))


def fresh(here: Emulation) -> None:
    here.store[Account].put(Account())
    issue_key(here)
    furnished(here)


def emptied(here: Emulation) -> None:
    """As new again, but for the keys; ids go on from where they were."""
    for record in RECORDS:
        here.store[record].delete_where()
    here.store[Account].put(Account())
    furnished(here)


def furnished(here: Emulation) -> None:
    for year in (LAST_YEAR, THIS_YEAR):
        name = f"MyDatabase{year}"
        here.store[Database].put(Database(name, f"Moja firma {year}", year, is_closed=year == LAST_YEAR))
        _units(here, name, first=1 + year - LAST_YEAR)
    here.store[Database].put(Database(DEMO, "Demo", is_demo=True))
    _units(here, DEMO, first=1)
    for code, name, price in _DEMO_ARTICLES:
        add_demo_article(here, code, name, price)


def add_demo_article(here: Emulation, code: str, name: str, price: float) -> Article:
    """What somebody enters into the shared database, with ten pieces of it."""
    net = money(price)
    number = next_id(here, DEMO, "article")
    article = Article(DEMO, number, code, name, here.clock.now, wholesale=net, retail=money(net * Decimal("1.2")))
    here.store[Article].add(article)
    bring_to(here, article, 1, thousandths(10), kind="opening")
    return article


def _units(here: Emulation, database: str, first: int) -> None:
    for number, (code, name, trade) in enumerate(UNIT_NAMES, first):
        here.store[Unit].put(Unit(database, number, code, name, trade))
    here.ids.start(f"sors.{database}.unit", first + len(UNIT_NAMES))
