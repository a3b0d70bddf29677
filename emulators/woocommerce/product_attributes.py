"""Attributes of a product and the values that a variation stands for, as a request gives them.

Source: WooCommerce 10.5.0, recorded 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..kernel import Emulation
from . import php, shared_attributes, term, texts


def attributes_of(here: Emulation, sent: Any, old: Sequence[Mapping[str, Any]] = ()) -> list[dict[str, Any]]:
    """A product's attributes as kept: unknown shared ones are dropped, values of shared ones made when new. In the same
    position those come first that it had, in their order."""
    out: dict[str, Any] = {shared_attributes.key_of(here, a): None for a in old}
    for item in sent if isinstance(sent, list) else ():
        if not isinstance(item, Mapping):
            continue
        shared = shared_attributes.all_by_id(here).get(php.integer(item.get("id")))
        name = shared.name if shared else texts.plain(item.get("name"))
        if (item.get("id") and shared is None) or not name:
            continue
        values = item.get("options")
        options = values if isinstance(values, list) else php.text(values).split("|")
        if shared:
            words = list(dict.fromkeys(w for w in (texts.plain(o) for o in options) if w))
            if not words:
                continue
        elif values is None:
            continue
        else:  # they are kept in one text, parted by this character
            words = [w.strip() for option in options for w in php.text(option).split("|") if w.strip()]
        out[shared.key if shared else texts.slug(name)] = {
            "id": shared.id if shared else 0,
            "name": name,
            "position": abs(php.integer(item.get("position"))),
            "visible": php.boolean(item.get("visible")),
            "variation": php.boolean(item.get("variation")),
            "options": [_value_id(here, shared, word) for word in words] if shared else words,
        }
    return sorted(filter(None, out.values()), key=lambda a: a["position"])


def _value_id(here: Emulation, shared: shared_attributes.Attribute, word: str) -> int:
    found = term.by_name(here, shared.taxonomy, word) or term.by_slug(here, shared.taxonomy, word)
    return (found or term.added(here, shared_attributes.family(shared), {"name": word})).id


def chosen_values(here: Emulation, known: list[dict[str, Any]], sent: Any) -> dict[str, str]:
    """The values that a variation stands for, by the keys of the parent's attributes made for variations.

    A shared attribute is found by its id alone, or by its key as a name; by its id it is not found when its slug is not
    plain ASCII. Source: prepare_object_for_database() of the variations' controller, WooCommerce 10.
    """
    own = {shared_attributes.key_of(here, a): a for a in known if a["variation"]}
    out: dict[str, str] = {}
    for item in sent if isinstance(sent, list) else ():
        if not isinstance(item, Mapping):
            continue
        shared = shared_attributes.all_by_id(here).get(php.integer(item.get("id")))
        key = shared.taxonomy if shared else "" if item.get("id") else texts.slug(php.text(item.get("name")))
        if key not in own:
            continue
        value = texts.plain(texts.unslashed(php.text(item.get("option"))))
        if own[key]["id"]:
            found = term.by_name(here, key, value)
            value = found.slug if found else texts.slug(value)
        out[key] = value
    return {key: out[key] for key in own if key in out}
