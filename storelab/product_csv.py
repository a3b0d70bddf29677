"""A product export of WooCommerce (its own CSV, English headings) as what the store can be asked to make.

Pure: reads text, knows no sandbox. Nothing is lost silently: what cannot be read is a `Problem` with its line, what
is not used is named. Source: WooCommerce documentation, "Product CSV Importer and Exporter".
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

TYPES = ("simple", "variable", "variation", "grouped", "external")
_REQUIRED = ("Type", "Name")
_TEXTS = {
    "Name": "name", "SKU": "sku", "GTIN, UPC, EAN, or ISBN": "global_unique_id",
    "Short description": "short_description", "Description": "description", "Purchase note": "purchase_note",
    "External URL": "external_url", "Button text": "button_text",
}  # fmt: skip
_PRICES = {"Regular price": "regular_price", "Sale price": "sale_price"}
_FLAGS = {
    "Is featured?": "featured", "Sold individually?": "sold_individually", "Allow customer reviews?": "reviews_allowed",
}  # fmt: skip
_WHOLE = {
    "Low stock amount": "low_stock_amount", "Position": "menu_order", "Download limit": "download_limit",
    "Download expiry days": "download_expiry",
}  # fmt: skip
_DATES = {"Date sale price starts": "date_on_sale_from", "Date sale price ends": "date_on_sale_to"}
_RELATIONS = {"Grouped products": "grouped_products", "Upsells": "upsell_ids", "Cross-sells": "cross_sell_ids"}
_CHOICES: dict[str, tuple[str, Mapping[str, Any]]] = {
    "Published": ("status", {"1": "publish", "0": "private", "-1": "draft"}),
    "Visibility in catalog": (
        "catalog_visibility",
        {name: name for name in ("visible", "catalog", "search", "hidden")},
    ),
    "Tax status": ("tax_status", {name: name for name in ("taxable", "shipping", "none")}),
    "In stock?": ("stock_status", {"1": "instock", "0": "outofstock", "backorder": "onbackorder"}),
    "Backorders allowed?": ("backorders", {"1": "yes", "0": "no", "notify": "notify"}),
}
_OTHERS = frozenset(
    ("ID", "Type", "Stock", "Tax class", "Categories", "Tags", "Brands", "Shipping class", "Images", "Parent")
)
_SIZES = re.compile(r"(Weight|Length|Width|Height) \([^)]*\)")
_ATTRIBUTE = re.compile(r"Attribute (\d+) (name|value\(s\)|visible|global|default)")
_DOWNLOAD = re.compile(r"Download (\d+) (ID|name|URL)")
_NUMBER = re.compile(r"-?\d+(\.\d+)?|-?\.\d+")


@dataclass(frozen=True)
class Problem:
    """A line that was not read, or not wholly."""

    line: int
    reason: str


@dataclass(frozen=True)
class Row:
    """One product. `fields` are the API's; categories and brands are paths, from the top; `parent` and `relations`
    name products of the file ("id:12") or by SKU."""

    line: int
    kind: str
    fields: dict[str, Any]
    names: tuple[str, ...]
    parent: str = ""
    relations: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Export:
    rows: list[Row]
    problems: list[Problem]
    unused: list[str]  # headings that mean nothing here


class Unreadable(ValueError):
    """This is no product export at all."""


def read(text: str) -> Export:
    """Errors: Unreadable when the headings are not those of a product export."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    rows: list[Row] = []
    problems: list[Problem] = []
    try:
        headings = [heading.strip() for heading in next(reader, [])]
    except csv.Error as bad:
        raise Unreadable(f"line 1: {bad}") from None
    if missing := [name for name in _REQUIRED if name not in headings]:
        raise Unreadable(f"no column {' or '.join(map(repr, missing))}: is it a product export with English headings?")
    if doubled := sorted(name for name, times in Counter(headings).items() if times > 1):
        raise Unreadable(f"the column {doubled[0]!r} is there twice")
    seen: dict[str, int] = {}
    line = reader.line_num + 1
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as bad:
            problems.append(Problem(line, f"not readable from here on: {bad}"))
            break
        if cells is None:
            break
        try:
            if row := _row(line, headings, cells):
                _refuse_twice(row, seen)
                rows.append(row)
        except ValueError as bad:
            problems.append(Problem(line, str(bad)))
        line = reader.line_num + 1
    return Export(rows, problems, [name for name in headings if not _known(name)])


def _known(heading: str) -> bool:
    named = {*_TEXTS, *_PRICES, *_FLAGS, *_WHOLE, *_DATES, *_RELATIONS, *_CHOICES, *_OTHERS}
    patterns = (_SIZES, _ATTRIBUTE, _DOWNLOAD)
    return heading in named or heading.startswith("Meta: ") or any(p.fullmatch(heading) for p in patterns)


def _refuse_twice(row: Row, seen: dict[str, int]) -> None:
    for name in row.names:
        if name in seen:
            raise ValueError(f"{name} is on line {seen[name]} already")
    seen.update(dict.fromkeys(row.names, row.line))


def _row(line: int, headings: list[str], cells: list[str]) -> Row | None:
    if not any(cell.strip() for cell in cells):
        return None
    if len(cells) != len(headings):
        raise ValueError(f"{len(cells)} cells where the heading has {len(headings)}")
    row = {name: cell.strip() for name, cell in zip(headings, cells, strict=True)}
    kinds = [kind.strip() for kind in row["Type"].lower().split(",")]
    kind = next((k for k in kinds if k in TYPES), "")
    if not kind or (strange := [k for k in kinds if k not in (*TYPES, "virtual", "downloadable")]):
        raise ValueError(f"Type {row['Type']!r} is none of {', '.join(TYPES)}" if not kind else f"Type {strange[0]!r}?")
    if kind == "variation" and not row.get("Parent"):
        raise ValueError("a variation without a Parent")
    if kind != "variation" and not row["Name"]:
        raise ValueError("a product without a Name")
    fields = {**_plain(row), **_stock(row), **_lists(row)}
    fields |= {flag: True for flag in ("virtual", "downloadable") if flag in kinds}
    if attributes := _attributes(row, kind):
        fields["attributes"] = attributes
        defaults = [{"name": a["name"], "option": a["default"]} for a in attributes if a.get("default")]
        fields |= {"default_attributes": defaults} if defaults else {}
    if kind == "variation":
        fields.pop("name", None)
    else:
        fields["type"] = kind
    names = (f"id:{row['ID']}" if row.get("ID") else "", f"SKU {row['SKU']}" if row.get("SKU") else "")
    relations = {api: words for name, api in _RELATIONS.items() if (words := _listed(row.get(name, "")))}
    return Row(line, kind, fields, tuple(filter(None, names)), row.get("Parent", ""), relations)


def _plain(row: Mapping[str, str]) -> dict[str, Any]:
    out: dict[str, Any] = {api: row[name].replace("\\n", "\n") for name, api in _TEXTS.items() if row.get(name)}
    for name, api in _PRICES.items():
        if row.get(name):
            out[api] = _number(name, row[name])
    for name, api in _FLAGS.items():
        if row.get(name):
            out[api] = _flag(name, row[name])
    for name, api in _WHOLE.items():
        if row.get(name) and row[name].lower() != "n/a":
            out[api] = _whole(name, row[name])
    for name, (api, choices) in _CHOICES.items():
        if row.get(name):
            if row[name].lower() not in choices:
                raise ValueError(f"{name} {row[name]!r} is none of {', '.join(choices)}")
            out[api] = choices[row[name].lower()]
    for name, api in _DATES.items():
        if row.get(name):
            if not re.match(r"\d{4}-\d{1,2}-\d{1,2}", row[name]):
                raise ValueError(f"{name} {row[name]!r} is no date like 2026-11-21")
            out[api] = row[name].replace(" ", "T")
    if row.get("Tax class"):
        out["tax_class"] = row["Tax class"]
    for name, value in row.items():
        if value and (found := _SIZES.fullmatch(name)):
            side = found[1].lower()
            if side == "weight":
                out["weight"] = _number(name, value)
            else:
                out.setdefault("dimensions", {})[side] = _number(name, value)
        elif value and name.startswith("Meta: "):
            out.setdefault("meta_data", []).append({"key": name[6:], "value": value})
    return out


def _stock(row: Mapping[str, str]) -> dict[str, Any]:
    stock = row.get("Stock", "")
    if stock and stock != "parent":
        return {"manage_stock": True, "stock_quantity": _whole("Stock", stock)}
    return {}


def _lists(row: Mapping[str, str]) -> dict[str, Any]:
    """What the store knows by name and the API by id: the importer finds or makes it."""
    out: dict[str, Any] = {}
    for name, api in (("Categories", "categories"), ("Brands", "brands")):
        if words := _listed(row.get(name, "")):
            out[api] = [[part.strip() for part in path.split(">") if part.strip()] for path in words]
    if words := _listed(row.get("Tags", "")):
        out["tags"] = words
    if row.get("Shipping class"):
        out["shipping_class"] = row["Shipping class"]
    if words := _listed(row.get("Images", "")):
        out["images"] = words
    downloads: dict[str, dict[str, str]] = {}
    for name, value in row.items():
        if value and (found := _DOWNLOAD.fullmatch(name)):
            key = {"ID": "id", "name": "name", "URL": "file"}[found[2]]
            downloads.setdefault(found[1], {})[key] = value
    if downloads:
        out["downloads"] = list(downloads.values())
    return out


def _attributes(row: Mapping[str, str], kind: str) -> list[dict[str, Any]]:
    found: dict[int, dict[str, str]] = {}
    for name, value in row.items():
        if value and (match := _ATTRIBUTE.fullmatch(name)):
            found.setdefault(int(match[1]), {})[match[2]] = value
    out: list[dict[str, Any]] = []
    for number, parts in sorted(found.items()):
        if "name" not in parts:
            if parts.keys() - {"visible", "global"}:
                raise ValueError(f"Attribute {number} has values and no name")
            continue
        shared = _flag(f"Attribute {number} global", parts.get("global", "0"))
        one: dict[str, Any] = {"name": parts["name"], "position": len(out), "global": shared}
        if kind == "variation":
            one["option"] = parts.get("value(s)", "")
        else:
            one["options"] = _listed(parts.get("value(s)", ""))
            one["visible"] = _flag(f"Attribute {number} visible", parts.get("visible", "0"))
            one["variation"] = kind == "variable"
            one["default"] = parts.get("default", "")
        out.append(one)
    return out


def _listed(text: str) -> list[str]:
    """Words between commas; a comma within one is written as a backslash and a comma."""
    return [word.replace("\\,", ",").strip() for word in re.split(r"(?<!\\),", text) if word.strip()]


def _number(name: str, text: str) -> str:
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"{name} {text!r} is no number")
    return text


def _whole(name: str, text: str) -> int:
    number = _number(name, text)
    if abs(float(number)) >= 2**53:
        raise ValueError(f"{name} {text[:20]!r} is too large")
    if float(number) != int(float(number)):
        raise ValueError(f"{name} {text!r} is no whole number")
    return int(float(number))


def _flag(name: str, text: str) -> bool:
    if text.lower() not in ("1", "0", "yes", "no", "true", "false"):
        raise ValueError(f"{name} {text!r} is neither 1 nor 0")
    return text.lower() in ("1", "yes", "true")
