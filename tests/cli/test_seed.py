"""`storelab seed`: a store filled from the command line, by chance or from a product export."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from storelab.cli import app
from storelab.client import LabClient
from storelab.product_csv import Unreadable, read
from tests.woocommerce.shop import Shop

HEAD = (
    "ID,Type,SKU,Name,Published,In stock?,Stock,Regular price,Sale price,Weight (kg),Categories,Tags,Images,Parent,"
    "Upsells,Attribute 1 name,Attribute 1 value(s),Attribute 1 visible,Attribute 1 global,Attribute 1 default,Odd\n"
)
EXPORT = (
    HEAD
    + "13,variation,SHIRT-S,,1,1,4,20,,0.2,,,,SHIRT,,Size,S,,1,,\n"
    + '12,variable,SHIRT,Shirt,1,1,,,,0.2,"Clothing > Shirts, Sale","a, b",https://x.example/up/red-shirt.jpg,,,Size,'
    + '"S, M",1,1,S,\n'
    + '14,"simple, virtual",BOOK,"E-book, in\ntwo lines",-1,1,,10.5,5,,Books,,,,id:12,,,,,,\n'
)


def run(world: LabClient, *words: str) -> tuple[int, Any]:
    answer = CliRunner().invoke(app, ["seed", "--url", world.url, "--json", *words])
    assert answer.exception is None or isinstance(answer.exception, SystemExit), answer.exception
    return answer.exit_code, json.loads(answer.stdout)


def imported(world: LabClient, folder: Path, text: str) -> tuple[int, Any]:
    file = folder / "products.csv"
    file.write_text(text, encoding="utf-8-sig")
    return run(world, "--csv", str(file))


def test_a_store_is_filled(world: LabClient) -> None:
    code, told = run(world, "--products", "30", "--customers", "4", "--orders", "9", "--months", "2")

    assert (code, told) == (0, {"products": 30, "customers": 4, "orders": 9})
    assert len(Shop(world).get("products", per_page=100)) == 30


def test_a_folder_is_filled_while_no_sandbox_runs(tmp_path: Path) -> None:
    answer = CliRunner().invoke(app, ["seed", "--data", str(tmp_path), "--products", "3", "--json"])

    assert json.loads(answer.stdout) == {"products": 3, "customers": 3, "orders": 9}
    assert (tmp_path / "worlds" / "default.sqlite").exists()


def test_an_export_becomes_products(world: LabClient, tmp_path: Path) -> None:
    code, told = imported(world, tmp_path, EXPORT)

    assert (code, told) == (0, {"made": 3, "refused": [], "unused_columns": ["Odd"]})
    shop = Shop(world)
    (shirt,), (book,) = shop.get("products", sku="SHIRT"), shop.get("products", sku="BOOK")
    (variation,) = shop.get(f"products/{shirt['id']}/variations")
    assert [c["name"] for c in shirt["categories"]] == ["Sale", "Shirts"]
    assert [t["name"] for t in shirt["tags"]] == ["a", "b"]
    assert shirt["attributes"][0]["id"] > 0
    assert shirt["default_attributes"][0]["option"] == "s"
    assert shirt["images"][0]["src"].endswith("/red-shirt.png")
    assert (variation["sku"], variation["price"], variation["stock_quantity"]) == ("SHIRT-S", "20", 4)
    assert variation["attributes"][0]["option"] == "S"
    assert (book["status"], book["virtual"], book["price"], book["upsell_ids"]) == ("draft", True, "5", [shirt["id"]])


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("1,simple,A,A,1,1,,x,,,,,,,,,,,,,\n", "Regular price 'x' is no number"),
        ("1,simple,A,A,1,1,1.5,1,,,,,,,,,,,,,\n", "Stock '1.5' is no whole number"),
        ("1,rental,A,A,1,1,,1,,,,,,,,,,,,,\n", "Type 'rental' is none of"),
        ('1,"simple, odd",A,A,1,1,,1,,,,,,,,,,,,,\n', "Type 'odd'?"),
        ("1,simple,A,,1,1,,1,,,,,,,,,,,,,\n", "a product without a Name"),
        ("1,variation,A,,1,1,,1,,,,,,,,,,,,,\n", "a variation without a Parent"),
        ("1,variation,A,,1,1,,1,,,,,,NONE,,,,,,,\n", "its parent NONE is not among what was imported"),
        ("1,simple,A,A,maybe,1,,1,,,,,,,,,,,,,\n", "Published 'maybe' is none of"),
        ("1,simple,A\n", "3 cells where the heading has 21"),
        ("1,simple,MUG,A,1,1,,1,,,,,,,,,,,,,\n", "the SKU MUG belongs to product"),
        ("1,simple,A,A,1,1,,1,,,,,,,NOPE,,,,,,\n", "made, but NOPE is not among what was imported"),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else "",
)
def test_a_bad_row_is_named_with_its_line_and_the_others_are_made(
    world: LabClient, tmp_path: Path, row: str, reason: str
) -> None:
    Shop(world).product("MUG")

    code, told = imported(world, tmp_path, HEAD + '8,simple,OK,"Two\nlines",1,1,,1,,,,,,,,,,,,,\n' + row)

    assert code == 1
    assert [refused["line"] for refused in told["refused"]] == [4]
    assert reason in told["refused"][0]["reason"]
    assert Shop(world).get("products", sku="OK")


def test_the_second_row_of_a_sku_is_refused(world: LabClient, tmp_path: Path) -> None:
    row = ",simple,A,A,1,1,,1,,,,,,,,,,,,,\n"

    code, told = imported(world, tmp_path, HEAD + row + row)

    assert (code, told["made"]) == (1, 1)
    assert told["refused"] == [{"line": 3, "reason": "SKU A is on line 2 already"}]


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "Type,Name,Name\n", '"Type\n'])
def test_what_is_no_export_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        read(text)


def test_commas_within_words_are_escaped() -> None:
    export = read('Type,Name,Tags\nsimple,A,"a\\, b, c"\n')

    assert export.rows[0].fields["tags"] == ["a, b", "c"]


def test_a_number_that_no_store_holds_is_a_problem_of_its_line() -> None:
    export = read("Type,Name,Stock\nsimple,Mug,3\nsimple,Cap," + "9" * 400 + "\n")

    assert [row.line for row in export.rows] == [2]
    assert [(p.line, "too large" in p.reason) for p in export.problems] == [(3, True)]
