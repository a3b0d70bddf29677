"""Settings: what they are now, and the REST routes that read and change them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, wraps
from typing import Annotated, Any, TypeVar

from ..kernel import Emulation, Table, dataclass, emulation
from . import auth, currencies, email_settings, option_names, places, respond, setting_fields, texts
from .currency_names import NAMES
from .errors import WooError
from .params import Params
from .setting_list import ALL as OWN, GROUPS, Known

T = TypeVar("T")

ALL = (*OWN, *email_settings.ALL)
_BY_NAME = {(known.group, known.id): known for known in ALL}


@dataclass(frozen=True)
class Setting:
    """A value that differs from a fresh store's."""

    id: str
    value: Annotated[Any, str | bool | list[str]] = ""


SETTINGS = Table(Setting, "woo_settings")

_FRESH = {known.option: known.fresh for known in ALL}


def value(here: Emulation, name: str) -> str:
    """The value of a setting, as text; "" when nobody ever set it."""
    return str(changed(here).get(name, _FRESH.get(name, "")))


def changed(here: Emulation) -> dict[str, Any]:
    """All values that differ from a fresh store's, read once for as long as none changes."""
    memos, version = here.store.memos, here.store.versions.get(SETTINGS.name, 0)
    if memos is None:
        return {s.id: s.value for s in here.store[Setting].all()}
    kept = memos.get("woo_settings")
    if kept is None or kept[0] != version:
        kept = memos["woo_settings"] = (version, {s.id: s.value for s in here.store[Setting].all()})
    values: dict[str, Any] = kept[1]
    return values


def derived(function: Callable[[Emulation], T]) -> Callable[[Emulation], T]:
    """A function of the settings alone, asked again only when one of them changed."""

    @wraps(function)
    def answered(here: Emulation) -> T:
        memos, version = here.store.memos, here.store.versions.get(SETTINGS.name, 0)
        if memos is None:
            return function(here)
        kept = memos.get(function)
        if kept is None or kept[0] != version:
            kept = memos[function] = (version, function(here))
        return kept[1]

    return answered


def change(here: Emulation, name: str, to: Any) -> None:
    here.store[Setting].put(Setting(name, to))


# ---------------------------------------------------------------------------------------------- routes

# The pages that a fresh store has, and the settings that choose one of them.
_PAGES = (("2", "Sample Page"), ("6", "Shop"), ("7", "Cart"), ("8", "Checkout"), ("9", "My account"))
_PAGE_SETTINGS = frozenset(f"woocommerce_{page}_page_id" for page in ("shop", "cart", "checkout", "myaccount", "terms"))
_COUNTRY_SETTINGS = frozenset(
    f"woocommerce_{which}_countries" for which in ("all_except", "specific_allowed", "specific_ship_to")
)
# Where the choices are put in after all else.
_CHOSEN_LATE = _PAGE_SETTINGS | _COUNTRY_SETTINGS | {"woocommerce_default_country"}
_LISTED = frozenset(known.group for known in ALL) | {"checkout"}


def list_groups(params: Params) -> Any:
    here = emulation()
    auth.require("view", here)
    children = {parent: [id for id, _, p in GROUPS if p == parent] for _, _, parent in GROUPS if parent}
    return [
        {
            "id": id,
            "label": label,
            "description": "",
            "parent_id": parent,
            "sub_groups": children.get(id, []),
            "_links": {"options": [{"href": respond.url(here, f"settings/{id}")}]},
        }
        for id, label, parent in GROUPS
    ]


def list_all(params: Params) -> Any:
    here = emulation()
    auth.require("view", here)
    group = params["group_id"]
    if group not in _LISTED:
        raise _no_group()
    return [rendered(here, known) for known in ALL if known.group == group and _there(here, known)]


def _there(here: Emulation, known: Known) -> bool:
    feature = known.with_feature
    return not feature or value(here, f"woocommerce_feature_{feature}_enabled") == "yes"


def read(params: Params) -> Any:
    here = emulation()
    auth.require("view", here)
    known = found(here, params)
    return {**_without_links(here, known), "group_id": params["group_id"], **_links(here, known)}


def update(params: Params) -> Any:
    """What is answered is what was accepted; what is kept may be less of it (see `_kept`)."""
    here = emulation()
    auth.require("edit", here)
    known = found(here, params)
    taken = accepted(known, params.get("value"), here)
    if taken is True:
        here.explain(f"true is accepted and kept as no: {known.id} is switched on by yes")
    change(here, known.option, _kept(known, taken))
    return {**read(params), "value": taken}


_CHOSEN_OR_LONG = frozenset({"select", "radio", "multiselect", "textarea"})


def _kept(known: Known, taken: Any) -> Any:
    """Of a text one line without markup; `true` ticks no box.

    Source: WC_Admin_Settings::save_fields, WooCommerce 10.
    """
    if known.type == "checkbox":
        return "no" if taken is True else taken
    return taken if known.type in _CHOSEN_OR_LONG or known.group.startswith("email_") else texts.plain(taken)


def found(here: Emulation, params: Params) -> Known:
    if params["group_id"] not in _LISTED:
        raise _no_group()
    known = _BY_NAME.get((params["group_id"], str(params["id"])))
    if known is None or not _there(here, known):
        raise WooError("rest_setting_setting_invalid", "Invalid setting.", 404)
    return known


def accepted(known: Known, sent: Any, here: Emulation | None = None) -> Any:
    """The value to keep, or a refusal: what is chosen from a list must be in it, and nothing is no choice."""
    return setting_fields.accepted(known.type, sent, list(options(known, here)), known.default)


def options(known: Known, here: Emulation | None = None) -> dict[str, str]:
    """Choices and their names; tax classes as the store has them now."""
    if known.id == "woocommerce_currency":
        return {code: f"{NAMES[code]} ({symbol}) — {code}" for code, symbol in currencies.SYMBOLS.items()}
    if known.id in _PAGE_SETTINGS:
        return dict(_PAGES)
    if known.id == "woocommerce_default_country":
        return _countries_and_states()
    if known.id in _COUNTRY_SETTINGS:
        return {code: country.name for code, country in places.countries().items()}
    names = {choice: option_names.named(known.id, choice) for choice in known.options}
    if here is not None and known.id == "woocommerce_shipping_tax_class":
        from .taxes import all_classes

        names = {k: v for k, v in names.items() if k in ("", "inherit")} | {c.slug: c.name for c in all_classes(here)}
    return names


@cache
def _countries_and_states() -> dict[str, str]:
    """Every place a shop can be in: "UA05" of "UA" is "UA:UA05"."""
    found: dict[str, str] = {}
    for code, country in places.countries().items():
        if country.states:
            found |= {f"{code}:{state}": f"{country.name} - {name}" for state, name in country.states.items()}
        else:
            found[code] = country.name
    return found


def _no_group() -> WooError:
    return WooError("rest_setting_setting_group_invalid", "Invalid setting group.", 404)


def rendered(here: Emulation, known: Known) -> dict[str, Any]:
    return {**_without_links(here, known), **_links(here, known)}


def _without_links(here: Emulation, known: Known) -> dict[str, Any]:
    body: dict[str, Any] = {
        "id": known.id,
        "label": known.label,
        "description": "",
        "type": known.type,
    }
    if known.told:
        body["default"] = known.default
    if known.group == "wc_admin" and known.type in ("multiselect", "text"):
        body["type"] = body.pop("type")  # the reports' settings name their default first
    choices = options(known, here)
    chosen_late = known.id in _CHOSEN_LATE
    if choices and not chosen_late:
        body["options"] = choices
    if known.tip:
        body["tip"] = ""
    body["value"] = changed(here).get(known.option, known.fresh)
    if chosen_late:
        body["options"] = choices
    return body


def _links(here: Emulation, known: Known) -> dict[str, Any]:
    links = respond.links(here, f"settings/{known.group}", known.id, allow=("GET", "POST", "PUT", "PATCH"))
    return {"_links": links}
