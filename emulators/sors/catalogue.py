"""Articles and their groups. The code of an article persists over the years; its id belongs to one database.

Source: SORS help, article card (kinds of articles, first and second group, unit of measure, GTIN) and FAQ (prices
with and without VAT). Assumed: the paths, the field names, and the two price types.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from ..kernel import Emulation, LabError, Table, dataclass, emulation
from ..quantities import number
from .databases import Unit
from .envelope import answered, page_of
from .errors import Invalid
from .prices import with_vat, without_vat

KINDS = ("goods", "service", "commission", "material", "product")
PRICE_TYPES = ("wholesale", "retail")


@dataclass(frozen=True)
class Group:
    """`level` 1 or 2; a group of the second level stands under one of the first."""

    database: str
    id: int
    name: str
    level: int = 1
    parent_id: int | None = None


GROUPS = Table(Group, "sors_groups", key=("database", "id"), columns=("name", "level", "parent_id"))


@dataclass(frozen=True)
class Article:
    """`wholesale` is kept without VAT and `retail` with it, as the two trades name their prices. Units: dinars;
    `vat_rate` in percent. A service has no stock."""

    database: str
    id: int
    code: str
    name: str
    changed_at: datetime
    kind: str = "goods"
    unit: str = "kom"
    gtin: str = ""
    group_id: int | None = None
    second_group_id: int | None = None
    vat_rate: Decimal = Decimal(20)
    wholesale: Decimal = Decimal(0)
    retail: Decimal = Decimal(0)
    is_active: bool = True

    @property
    def kept(self) -> bool:
        """Whether there is stock of it."""
        return self.kind != "service"


ARTICLES = Table(
    Article,
    "sors_articles",
    key=("database", "id"),
    columns=("code", "group_id", "second_group_id", "changed_at"),
    unique=[("database", "code")],
)


# -- rules


def prices(article: Article, price_type: str) -> tuple[Decimal, Decimal]:
    """Without and with VAT."""
    if price_type == "retail":
        return without_vat(article.retail, article.vat_rate), article.retail
    return article.wholesale, with_vat(article.wholesale, article.vat_rate)


def shown(article: Article, price_type: str) -> dict[str, Any]:
    net, gross = prices(article, price_type)
    return {
        "id": article.id,
        "code": article.code,
        "name": article.name,
        "gtin": article.gtin or None,
        "kind": article.kind,
        "unit": article.unit,
        "groupId": article.group_id,
        "secondGroupId": article.second_group_id,
        "vatRate": number(article.vat_rate),
        "price": number(net),
        "priceWithVat": number(gross),
        "isActive": article.is_active,
        "changedAt": stamp(article.changed_at),
    }


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment_of(text: str, field: str) -> datetime:
    """A time of a request, in UTC unless it says otherwise. Errors: VALIDATION."""
    try:
        found = datetime.fromisoformat(text.replace(" ", "+"))  # a plus sign that nobody escaped
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Invalid({field: "This is not a time like 2026-11-02T09:00:00Z."}) from None


# -- requests


def price_type_of(here: Emulation, database: str, unit_id: int | None, price_type: str | None) -> str:
    """The price type that was asked for, or else the one of the unit's trade. Errors: VALIDATION for an unknown
    unit."""
    if unit_id is None:
        return price_type or "wholesale"
    return price_type or unit_of(here, database, unit_id).type


def unit_of(here: Emulation, database: str, unit_id: int) -> Unit:
    """The unit that a request names. Errors: VALIDATION."""
    found = here.store[Unit].get((database, unit_id))
    if found is None:
        raise Invalid({"businessUnitId": f"{database} has no business unit {unit_id}."})
    return found


def list_all(
    database: str,
    page: int,
    pageSize: int,
    businessUnitId: int | None = None,
    priceType: str | None = None,
    groupId: int | None = None,
    changedSince: str | None = None,
) -> dict[str, Any]:
    """Articles by id, those that are not active too."""
    here = emulation()
    kind = price_type_of(here, database, businessUnitId, priceType)
    where: list[Any] = [ARTICLES.c.database == database]
    if groupId is not None:
        where.append(sa.or_(ARTICLES.c.group_id == groupId, ARTICLES.c.second_group_id == groupId))
    if changedSince is not None:
        where.append(ARTICLES.c.changed_at >= moment_of(changedSince, "changedSince"))
    return page_of(
        here,
        ARTICLES,
        *where,
        page=page,
        size=pageSize,
        order=ARTICLES.c.id,
        render=lambda rows: [shown(article, kind) for article in rows],
    )


def list_groups(database: str) -> dict[str, Any]:
    """Groups of both levels."""
    groups = emulation().store[Group].all(GROUPS.c.database == database, order=[GROUPS.c.id])
    return answered([{"id": g.id, "name": g.name, "level": g.level, "parentId": g.parent_id} for g in groups])


# -- what people name


def by_code(here: Emulation, database: str, code: str) -> Article | None:
    return here.store[Article].first(ARTICLES.c.database == database, ARTICLES.c.code == code)


def the_article(here: Emulation, database: str, code: str) -> Article:
    found = by_code(here, database, code)
    if found is None:
        raise LabError(f"{database} has no article with the code {code!r}", status=404, code="unknown_article")
    return found
