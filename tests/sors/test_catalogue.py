"""Articles, groups, pictures, stock and prices."""

from __future__ import annotations

import pytest

from storelab.emulators.sors.images import drawn

from .conftest import HOME, UNIT, Sors


def test_an_article_shows_its_groups_gtin_and_prices(sors: Sors) -> None:
    sors.state(
        "an article in stock", code="MUG", name="Šolja", price=1000, vat=20, gtin="8600000000015",
        group="Kuhinja", second_group="Posude",
    )  # fmt: skip

    (article,) = sors.get("/articles")
    groups = {g["id"]: (g["name"], g["level"], g["parentId"]) for g in sors.get("/article-groups")}

    assert (article["code"], article["name"], article["gtin"]) == ("MUG", "Šolja", "8600000000015")
    assert (article["price"], article["priceWithVat"], article["vatRate"]) == (1000, 1200, 20)
    assert groups[article["groupId"]] == ("Kuhinja", 1, None)
    assert groups[article["secondGroupId"]] == ("Posude", 2, article["groupId"])


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("priceType=wholesale", (100, 120)),
        ("priceType=retail", (124.99, 149.99)),
        ("businessUnitId=2", (100, 120)),
        ("businessUnitId=3", (124.99, 149.99)),
        ("businessUnitId=3&priceType=wholesale", (100, 120)),
    ],
)
def test_a_price_is_that_of_its_type_or_else_of_the_units_trade(
    sors: Sors, query: str, wanted: tuple[float, float]
) -> None:
    sors.state("an article in stock", price=100, retail=149.99)

    (article,) = sors.get("/articles", query)

    assert (article["price"], article["priceWithVat"]) == wanted


def test_pages_go_on_until_the_total(sors: Sors) -> None:
    sors.state("a catalogue", size=25)

    pages = [sors.ask("GET", f"{HOME}/articles", query=f"page={n}&pageSize=10") for n in (1, 2, 3, 4)]

    assert [len(page.data) for page in pages] == [10, 10, 5, 0]
    assert [page.body["meta"]["total"] for page in pages] == [25] * 4
    assert len({a["code"] for page in pages for a in page.data}) == 25


@pytest.mark.parametrize("query", ["pageSize=501", "pageSize=0", "page=0", "page=x", "priceType=gold"])
def test_a_page_that_cannot_be_is_refused(sors: Sors, query: str) -> None:
    got = sors.ask("GET", f"{HOME}/articles", query=query)

    assert (got.status, got.codes) == (422, ["VALIDATION"])


def test_only_what_changed_since_is_listed(sors: Sors) -> None:
    sors.state("a catalogue", size=3)
    sors.advance(60)
    now = sors.world.now.strftime("%Y-%m-%dT%H:%M:%SZ")

    sors.advance(60)
    sors.do("rename article", code="ART-000002", name="Novi naziv")
    sors.do("adjust stock", code="ART-000003", quantity=4)

    assert [a["code"] for a in sors.get("/articles", f"changedSince={now}")] == ["ART-000002"]
    assert [r["code"] for r in sors.get("/inventory", f"businessUnitId={UNIT}&changedSince={now}")] == ["ART-000003"]


def test_an_article_that_is_set_anew_changed_and_one_that_stays_as_it_is_did_not(sors: Sors) -> None:
    for code in ("MUG", "CAP"):
        sors.state("an article in stock", code=code, name=code, price=100)
    sors.advance(60)
    now = sors.world.now.strftime("%Y-%m-%dT%H:%M:%SZ")

    sors.state("an article in stock", code="MUG", name="MUG", price=100)
    sors.state("an article in stock", code="CAP", name="CAP", price=101)

    assert [a["code"] for a in sors.get("/articles", f"changedSince={now}")] == ["CAP"]


def test_the_articles_of_a_group_of_either_level_are_listed(sors: Sors) -> None:
    sors.state("an article in stock", code="MUG", group="Kuhinja", second_group="Posude")
    sors.state("an article in stock", code="KNIFE", group="Kuhinja", second_group="Noževi")
    sors.state("an article in stock", code="CAP", group="Odeća")
    groups = {g["name"]: g["id"] for g in sors.get("/article-groups")}

    listed = {name: {a["code"] for a in sors.get("/articles", f"groupId={id_}")} for name, id_ in groups.items()}

    assert listed["Kuhinja"] == {"MUG", "KNIFE"}
    assert listed["Posude"] == {"MUG"}
    assert listed["Odeća"] == {"CAP"}


def test_a_retired_article_is_listed_as_not_active(sors: Sors) -> None:
    sors.state("an article in stock")

    sors.do("retire article", code="MUG")

    assert [a["isActive"] for a in sors.get("/articles")] == [False]


@pytest.mark.parametrize(("mode", "wanted"), [("onHand", 10.125), ("available", 7.625), ("", 10.125)])
def test_the_stock_mode_decides_the_quantity(sors: Sors, mode: str, wanted: float) -> None:
    sors.state("an article in stock", quantity=10.125, reserved=2.5)

    (row,) = sors.get("/inventory", f"businessUnitId={UNIT}" + (f"&stockMode={mode}" if mode else ""))

    assert row["quantity"] == wanted
    assert (row["onHand"], row["reserved"], row["available"]) == (10.125, 2.5, 7.625)


def test_what_a_unit_never_had_is_not_listed_and_zero_is(sors: Sors) -> None:
    sors.state("an article in stock", code="MUG", quantity=0)
    sors.state("an article in stock", code="CAP", quantity=5, business_unit="02")
    sors.state("a service")

    assert [(r["code"], r["quantity"]) for r in sors.get("/inventory", "businessUnitId=2")] == [("MUG", 0)]
    assert [(r["code"], r["quantity"]) for r in sors.get("/inventory", "businessUnitId=3")] == [("CAP", 5)]


def test_an_unknown_unit_is_refused(sors: Sors) -> None:
    got = sors.ask("GET", f"{HOME}/inventory", query="businessUnitId=99")

    assert (got.status, got.fields) == (422, ["businessUnitId"])


def test_a_picture_has_an_address_that_opens_without_the_key(sors: Sors) -> None:
    made = sors.state("an article with pictures", pictures=2)

    first, second = sors.get(f"/articles/{made['article_id']}/images")
    path = first["url"].removeprefix("http://lab/sors")
    got = sors.ask("GET", path, authorization="")

    assert (got.status, got.headers["Content-Type"]) == (200, "image/png")
    assert got.body.startswith(b"\x89PNG\r\n\x1a\n")
    assert [first["position"], second["position"]] == [1, 2]
    assert drawn(first["url"].rpartition("/")[2]) != drawn(second["url"].rpartition("/")[2])
    assert sors.ask("GET", "/pictures/0000.png", authorization="").status == 404


def test_others_come_and_go_in_the_shared_database(sors: Sors) -> None:
    before = set(sors.fact("catalogue", database="Demo2"))
    ids = {a["id"] for a in sors.ask("GET", "/databases/Demo2/articles").data}

    sors.do("demo churn", times=2)

    after = sors.ask("GET", "/databases/Demo2/articles").data
    assert len(after) == len(before)
    assert len({a["code"] for a in after} & before) == 1
    assert len({a["id"] for a in after} - ids) == 2
    assert sors.fact("catalogue") == {}
