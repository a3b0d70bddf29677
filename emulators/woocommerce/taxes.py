"""Tax rates and tax classes, and which rates count for an address."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ..kernel import Emulation, Reply, Table, dataclass, emulation, replace
from . import auth, php, respond, stars, texts
from .arguments import Arg, refused
from .errors import WooError
from .params import Params


@dataclass(frozen=True)
class TaxRate:
    """A rate in percent, as text with four decimals ("8.2500"), "" for none. `tax_class` "" is the standard one.

    Empty fields of the place match every place; `postcodes` may hold wildcards ("90*") and ranges ("1000...2000").
    """

    id: int
    tax_class: str = ""
    order: int = 0
    priority: int = 1
    country: str = ""
    state: str = ""
    postcodes: tuple[str, ...] = ()
    cities: tuple[str, ...] = ()
    rate: str = ""
    name: str = ""
    compound: bool = False
    shipping: bool = True


@dataclass(frozen=True)
class TaxClass:
    slug: str
    name: str
    number: int = 0


RATES = Table(TaxRate, "woo_tax_rates", columns=("tax_class", "order", "priority"))
CLASSES = Table(TaxClass, "woo_tax_classes", key="slug", columns=("number",))
TABLES = (RATES, CLASSES)

_NOT_IN_KEY = re.compile(r"[^a-z0-9_\-]")
STANDARD = {"slug": "standard", "name": "Standard rate"}


def fresh(here: Emulation) -> None:
    for number, (slug, name) in enumerate((("reduced-rate", "Reduced rate"), ("zero-rate", "Zero rate"))):
        here.store[TaxClass].put(TaxClass(slug, name, number))


# ---------------------------------------------------------------------------------------------- rates for a place


def rates_for(
    here: Emulation, tax_class: str, country: str, state: str = "", postcode: str = "", city: str = ""
) -> list[TaxRate]:
    """The rates that count for this class in this place: of each priority the first that matches."""
    listed = here.store[TaxRate].all(
        RATES.c.tax_class == ("" if tax_class == "standard" else tax_class),
        order=[RATES.c.priority, RATES.c.order, RATES.c.id],
    )
    return chosen(listed, country, state, postcode, city)


def chosen(rates: Sequence[TaxRate], country: str, state: str, postcode: str, city: str) -> list[TaxRate]:
    """Of rates sorted by priority, those that match the place, one of each priority; the closest match wins."""
    found: dict[int, TaxRate] = {}
    for rate in sorted(rates, key=lambda r: (r.priority, *_closeness(r), r.id)):
        if rate.priority not in found and matches(rate, country, state, postcode, city):
            found[rate.priority] = rate
    return list(found.values())


def _closeness(rate: TaxRate) -> tuple[bool, bool, int, int]:
    """A country and a state before none; of those alike, the one that names more postcodes, then more cities."""
    return (not rate.country, not rate.state, -len(rate.postcodes), -len(rate.cities))


def matches(rate: TaxRate, country: str, state: str, postcode: str, city: str) -> bool:
    return (
        rate.country in ("", country.upper())
        and rate.state in ("", state.upper())
        and (not rate.postcodes or any(in_postcode(p, postcode) for p in rate.postcodes))
        and (not rate.cities or city.strip().upper() in rate.cities)
    )


def in_postcode(pattern: str, postcode: str) -> bool:
    """Whether a postcode fits "94103", "94*" or "90000...96000"; spaces and case do not count."""
    given = postcode.upper().replace(" ", "")
    wanted = pattern.upper().replace(" ", "")
    if "..." in wanted:
        low, _, high = wanted.partition("...")
        if all(text.isdecimal() and len(text) < 20 for text in (low, high, given)):
            return int(low) <= int(given) <= int(high)
        return low <= given <= high
    return stars.fits(given, wanted)


# ---------------------------------------------------------------------------------------------- routes: rates

_SORTS = {"id": RATES.c.id, "order": RATES.c.order, "priority": RATES.c.priority}


def list_all(params: Params) -> Reply:
    here = emulation()
    auth.require("view", here)
    _refuse_unknown_class(here, params)
    where = [] if not params.get("class") else [RATES.c.tax_class == _kept_class(params["class"])]
    sort = _SORTS[params["orderby"]]
    order = [sort.desc() if params["order"] == "desc" else sort.asc(), RATES.c.id]
    rates = here.store[TaxRate]
    start = respond.start(params)
    found = rates.all(*where, order=order, limit=params["per_page"], offset=start)
    return respond.page([rendered(here, rate) for rate in found], rates.count(*where), params, "taxes", begins=start)


def create(params: Params) -> Reply:
    here = emulation()
    auth.require("create", here)
    if params.get("id"):
        raise WooError("woocommerce_rest_tax_exists", "Cannot create existing resource.")
    _refuse_unknown_class(here, params)
    rate = with_sent(TaxRate(here.ids.next("tax")), params)
    here.store[TaxRate].add(rate)
    body = rendered(here, rate)
    return respond.one(body, 201, location=respond.self_url(body))


def read(params: Params) -> Reply:
    here = emulation()
    rate = found(here, params["id"], 404)
    auth.require("view", here, single=True)
    return respond.one(rendered(here, rate))


def update(params: Params) -> Reply:
    here = emulation()
    rate = found(here, params["id"], 404)
    auth.require("edit", here)
    _refuse_unknown_class(here, params)
    return respond.one(rendered(here, here.store[TaxRate].put(with_sent(rate, params))))


def delete(params: Params) -> Reply:
    here = emulation()
    auth.require("delete", here)
    if not php.boolean(params.get("force")):
        raise WooError("woocommerce_rest_trash_not_supported", "Taxes do not support trashing.", 501)
    rate = found(here, params["id"], 400)
    here.store[TaxRate].delete(rate.id)
    return respond.one(rendered(here, rate))


def found(here: Emulation, rate_id: Any, status: int) -> TaxRate:
    rate = here.store[TaxRate].get(php.integer(rate_id))
    if rate is None:
        raise WooError("woocommerce_rest_invalid_id", "Invalid resource ID.", status)
    return rate


def _refuse_unknown_class(here: Emulation, params: Params) -> None:
    """The list that a class must be in grows with the classes, so no document can hold it."""
    if not params.checked or "class" not in params.sent or params.get("class") is None:
        return
    listed = Arg("class", types=("string",), listed=("standard", *(c.slug for c in all_classes(here))))
    issue = refused(params["class"], listed, "class")
    if issue is not None:
        raise WooError(
            "rest_invalid_param",
            "Invalid parameter(s): class",
            params={"class": issue.message},
            details={"class": issue.details},
        )


def with_sent(rate: TaxRate, params: Mapping[str, Any]) -> TaxRate:
    """The rate with what was sent; places in capitals, "*" for any of them, the rate with four decimals."""
    changes: dict[str, Any] = {}
    if params.get("country") is not None:
        changes["country"] = _anywhere(php.text(params["country"]).strip().upper())
    if params.get("state") is not None:
        changes["state"] = _NOT_IN_KEY.sub("", php.text(params["state"]).lower()).upper()
    if params.get("rate") is not None:
        changes["rate"] = f"{php.number(php.text(params['rate']).strip()):.4f}"
    if params.get("name") is not None:
        changes["name"] = texts.plain(php.text(params["name"])) or "Tax"
    for name in ("priority", "order"):
        if params.get(name) is not None:
            changes[name] = abs(php.integer(params[name]))
    for name in ("compound", "shipping"):
        if params.get(name) is not None:
            changes[name] = php.boolean(params[name])
    if params.get("class") is not None:
        changes["tax_class"] = _kept_class(params["class"])
    for plural, single in (("postcodes", "postcode"), ("cities", "city")):
        sent = params.get(plural) if params.get(plural) is not None else params.get(single)
        if sent:  # none at all says nothing: places that were named once cannot be taken back over REST
            changes[plural] = _places(sent)
    return replace(rate, **changes)


def _kept_class(sent: Any) -> str:
    slug = texts.slug(php.text(sent))
    return "" if slug == "standard" else slug


def _places(sent: Any) -> tuple[str, ...]:
    listed = sent if isinstance(sent, list) else php.text(sent).split(";")
    named = (_anywhere(php.text(place).replace("…", "...").strip().upper()) for place in listed)
    return tuple(place for place in named if place)


def _anywhere(place: str) -> str:
    """A star alone is a place left open."""
    return "" if place == "*" else place


def rendered(here: Emulation, rate: TaxRate) -> dict[str, Any]:
    return {
        "id": rate.id,
        "country": rate.country,
        "state": rate.state,
        "postcode": rate.postcodes[-1] if rate.postcodes else "",
        "city": rate.cities[-1] if rate.cities else "",
        "rate": rate.rate,
        "name": rate.name,
        "priority": rate.priority,
        "compound": rate.compound,
        "shipping": rate.shipping,
        "order": rate.order,
        "class": rate.tax_class or "standard",
        "postcodes": list(rate.postcodes),
        "cities": list(rate.cities),
        "_links": respond.links(here, "taxes", rate.id),
    }


# ---------------------------------------------------------------------------------------------- routes: classes


def all_classes(here: Emulation) -> list[TaxClass]:
    """By name."""
    return sorted(here.store[TaxClass].all(), key=lambda kept: (kept.name.casefold(), kept.number))


def list_classes(params: Params) -> Reply:
    here = emulation()
    auth.require("view", here)
    bodies = [{**STANDARD, **_class_links(here)}]
    bodies += [{"slug": c.slug, "name": c.name, **_class_links(here)} for c in all_classes(here)]
    return Reply(200, bodies, (("X-WP-Total", str(len(bodies))), ("X-WP-TotalPages", "1")))


def create_class(params: Params) -> Reply:
    here = emulation()
    auth.require("create", here)
    name = texts.plain(php.text(params.get("name")))
    slug = texts.slug(name)
    kept = all_classes(here)
    if not name:
        raise WooError("woocommerce_rest_tax_class_invalid_name", "Tax class requires a valid name")
    if any(name == c.name for c in kept):
        raise WooError("woocommerce_rest_tax_class_exists", "Tax class already exists")
    if not slug:
        raise WooError("woocommerce_rest_tax_class_slug_invalid", "Tax class slug is invalid")
    if any(slug == c.slug for c in kept):
        raise WooError("woocommerce_rest_tax_class_slug_exists", "Tax class slug already exists")
    here.store[TaxClass].add(TaxClass(slug, name, max((c.number for c in kept), default=0) + 1))
    return respond.one(_class(here, slug, name), 201, location=f"taxes/classes/{slug}")


def read_class(params: Params) -> Any:
    here = emulation()
    auth.require("view", here)
    if params["slug"] == "standard":
        return [{**STANDARD, **_class_links(here)}]
    kept = _class_found(here, params["slug"])
    return [{"slug": kept.slug, "name": kept.name, **_class_links(here)}]


def delete_class(params: Params) -> Reply:
    here = emulation()
    auth.require("delete", here)
    if not php.boolean(params.get("force")):
        raise WooError("woocommerce_rest_trash_not_supported", "Taxes do not support trashing.", 501)
    kept = here.store[TaxClass].get(texts.slug(params["slug"]))
    if kept is None:
        raise WooError("woocommerce_rest_invalid_tax_class", "Invalid tax class")
    here.store[TaxClass].delete(kept.slug)
    here.store[TaxRate].delete_where(RATES.c.tax_class == kept.slug)
    return respond.one(_class(here, kept.slug, kept.name))


def _class_found(here: Emulation, slug: str) -> TaxClass:
    kept = here.store[TaxClass].get(texts.slug(slug))
    if kept is None:
        raise WooError("woocommerce_rest_tax_class_invalid_slug", "Invalid slug.", 404)
    return kept


def _class(here: Emulation, slug: str, name: str) -> dict[str, Any]:
    return {"name": name, "slug": slug, **_class_links(here)}


def _class_links(here: Emulation) -> dict[str, Any]:
    return {"_links": {"collection": [{"href": respond.url(here, "taxes/classes")}]}}
