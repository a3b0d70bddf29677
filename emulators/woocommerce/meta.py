"""Custom fields (`meta_data`) of products, orders, customers and the rest: one rule for all of them.

Kept as a list of {"id", "key", "value"}. Source: WooCommerce 10.5.0, recorded 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, TypedDict

from ..kernel import Emulation
from . import php

Meta = list[dict[str, Any]]


class Entry(TypedDict):
    id: int
    key: str
    value: Any


Kept = Annotated[Meta, list[Entry]]


def stored(value: Any) -> Any:
    """A value as it comes back: numbers and booleans become text (true "1", false ""), lists and objects stay."""
    return php.text(value) if isinstance(value, bool | int | float) else value


def merged(here: Emulation, old: Iterable[Mapping[str, Any]], sent: Any) -> Meta:
    """The fields after a request sent some: found by id, else by key; null deletes; what is not found is new, and
    takes the place of whatever is under its key.

    What is not a list of objects with a key is ignored, as the store does where no schema stopped it (batch).
    """
    out = [dict(entry) for entry in old]
    for entry in sent if isinstance(sent, list) else ():
        if not isinstance(entry, Mapping):
            continue
        key, value = str(entry.get("key") or ""), entry.get("value")
        found = _found(out, entry.get("id"), key)
        if not entry.get("id") or not found:  # of several under one key the first is changed, the others go
            out = [e for e in out if e["key"] != key or e in found[:1]]
        if found and value is None:
            out.remove(found[0])
        elif found:
            found[0].update(key=key or found[0]["key"], value=stored(value))
        elif key and value is not None:
            out.append({"id": here.ids.next("meta"), "key": key, "value": stored(value)})
    return out


def added(here: Emulation, old: Iterable[Mapping[str, Any]], key: str, value: Any) -> Meta:
    """With one more field, or with its new value if the key is there."""
    return merged(here, old, [{"key": key, "value": value}])


def unprotected(sent: Any) -> Any:
    """What a request may write into an account: no field whose key begins with an underscore.

    Source: is_protected_meta() of WordPress, asked by the customers controller of WooCommerce 10.
    """
    if not isinstance(sent, list):
        return sent
    return [e for e in sent if not (isinstance(e, Mapping) and str(e.get("key") or "").startswith("_"))]


def without(old: Iterable[Mapping[str, Any]], key: str) -> Meta:
    return [dict(entry) for entry in old if entry["key"] != key]


def value(entries: Iterable[Mapping[str, Any]], key: str, default: Any = None) -> Any:
    return next((entry["value"] for entry in entries if entry["key"] == key), default)


def limited(bodies: Sequence[dict[str, Any]], params: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Orders or products with the custom fields that `include_meta` names alone, else without those of `exclude_meta`.

    Where one thing is read, no list is made of the names: "a,b" is the name of one field.
    Source: get_meta_data_for_response() of WC_REST_Controller, WooCommerce 10.
    """
    only, never = (_names(params.get(name)) for name in ("include_meta", "exclude_meta"))
    if not only and not never:
        return list(bodies)
    return [
        {**body, "meta_data": [e for e in body["meta_data"] if (e["key"] in only if only else e["key"] not in never)]}
        for body in bodies
    ]


def _names(sent: Any) -> list[Any]:
    return sent if isinstance(sent, list) else [] if sent is None else [sent]


def by_key(entries: Iterable[Mapping[str, Any]]) -> Meta:
    """In the order in which orders give their fields back: by key, whatever the order of writing was."""
    return sorted((dict(e) for e in entries), key=lambda e: (e["key"].casefold(), str(e["value"]), e["id"]))


def _found(entries: Meta, meta_id: Any, key: str) -> Meta:
    """Those with this id, else those under this key."""
    if meta_id:
        return [e for e in entries if str(e["id"]) == str(meta_id)]
    return [e for e in entries if e["key"] == key]
