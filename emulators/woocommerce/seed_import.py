"""Products of an export, made as the back office makes them: categories, tags and attributes by name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from ..kernel import Emulation
from . import attributes, images, products, shared_attributes, taxes, term, texts, variations
from .errors import WooError
from .product import Product, by_sku
from .seed_shelves import PIXELS
from .shared_attributes import Attribute

_TREES = {"categories": term.CATEGORIES, "brands": term.BRANDS}


def imported(here: Emulation, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Make products: each row is {"line", "fields", "parent_id" for variations}. Pictures are not fetched: their names
    are kept, and their address shows a stand-in. Answers {"made": {line: id}, "refused": [{"line", "reason"}]}.
    """
    made: dict[str, int] = {}
    refused: list[dict[str, Any]] = []
    for row in rows:
        try:
            made[str(row["line"])] = _made(here, row["fields"], row.get("parent_id")).id
        except WooError as bad:
            refused.append({"line": row["line"], "reason": bad.message})
        except _Refused as bad:
            refused.append({"line": row["line"], "reason": str(bad)})
    return {"made": made, "refused": refused}


def related(here: Emulation, rows: list[dict[str, Any]]) -> dict[str, int]:
    """Tell products of others: each row is {"id", and lists of ids as the API names them}."""
    told = 0
    for row in rows:
        product = here.store[Product].get(int(row["id"]))
        if product is not None:
            products.updated(here, product, {name: ids for name, ids in row.items() if name != "id"}, {})
            told += 1
    return {"related": told}


class _Refused(Exception):
    pass


def _made(here: Emulation, sent: Mapping[str, Any], parent_id: int | None) -> Product:
    fields = dict(sent)
    owner = by_sku(here, str(fields.get("sku", "")))
    if owner is not None:
        raise _Refused(f"the SKU {owner.sku} belongs to product {owner.id} already")
    if fields.get("tax_class") and not _known_tax_class(here, str(fields["tax_class"]), parent_id):
        raise _Refused(f"the store has no tax class {fields['tax_class']!r}")
    addresses = [str(address) for address in fields.pop("images", ())]
    pictures: dict[str, images.Picture | WooError] = {a: _picture(a) for a in addresses}
    if "attributes" in fields:
        fields["attributes"] = [_shared(here, attribute) for attribute in fields["attributes"]]
    for attribute in fields.get("default_attributes", ()):
        same = [a for a in fields["attributes"] if a["name"] == attribute["name"] and a.get("id")]
        attribute |= {"name": shared_attributes.all_by_id(here)[same[0]["id"]].taxonomy} if same else {}
    if parent_id is not None:
        parent = here.store[Product].get(parent_id)
        if parent is None or not parent.variable:
            raise _Refused(f"the parent {parent_id} is no variable product")
        if addresses:
            fields["image"] = {"src": addresses[0]}
        for name in ("categories", "brands", "tags"):
            fields.pop(name, None)
        return variations.created(here, parent, fields, pictures)
    fields["images"] = [{"src": address} for address in addresses]
    for name, family in _TREES.items():
        if name in fields:
            fields[name] = [{"id": _leaf(here, family, path)} for path in fields[name]]
    if "tags" in fields:
        fields["tags"] = [{"id": _leaf(here, term.TAGS, [name])} for name in fields["tags"]]
    if "shipping_class" in fields:
        leaf = _leaf(here, term.SHIPPING_CLASSES, [fields["shipping_class"]])
        fields["shipping_class"] = term.all_by_id(here)[leaf].slug
    return products.created(here, fields, pictures)


def _known_tax_class(here: Emulation, name: str, parent_id: int | None) -> bool:
    own = {"standard", "parent"} if parent_id is not None else {"standard"}
    return name in own or texts.slug(name) in {known.slug for known in taxes.all_classes(here)}


def _picture(address: str) -> images.Picture:
    name = texts.slug(PurePosixPath(urlsplit(address).path).stem) or "picture"
    return images.Picture(f"{name}.png", PIXELS, PIXELS)


def _leaf(here: Emulation, family: term.Family, path: list[str]) -> int:
    """The term at the end of a path, made with all above it when it is not there."""
    parent = 0
    for name in path:
        key = term.kept_name(name).casefold()
        there = [t for t in term.of(here, family.taxonomy) if t.name_key == key and t.parent == parent]
        parent = (there[0] if there else term.added(here, family, {"name": name, "parent": parent or None})).id
    return parent


def _shared(here: Emulation, sent: Mapping[str, Any]) -> dict[str, Any]:
    """An attribute of the file; a global one is found among the shared ones, or becomes one."""
    attribute = dict(sent)
    attribute.pop("default", None)
    if attribute.pop("global", False):
        name = str(attribute["name"])
        known = [a for a in shared_attributes.all_by_id(here).values() if a.name.casefold() == name.casefold()]
        shared = known[0] if known else _added(here, name)
        attribute |= {"name": shared.taxonomy} if "option" in attribute else {"id": shared.id}
        if "option" in attribute and not term.by_name(here, shared.taxonomy, attribute["option"]):
            raise _Refused(f"{attribute['option']!r} is no value of {name}")
    return attribute


def _added(here: Emulation, name: str) -> Attribute:
    blank = attributes.written({"name": name}, Attribute(0, "", ""), taken=shared_attributes.slugs(here))
    return here.store[Attribute].put(
        Attribute(here.ids.next("attribute"), blank.name, blank.slug, blank.type, blank.order_by)
    )
