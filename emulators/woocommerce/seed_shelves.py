"""Where seeded products stand: categories, tags, shared attributes and pictures, made when they are first needed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import lru_cache

from ..kernel import Emulation, dataclass, replace
from . import shared_attributes, term, texts
from .images import IMAGES, Image
from .seed_words import COLOURS, GOODS, TAGS, THINGS
from .shared_attributes import Attribute

PIXELS = 640
_SHARED = ("Colour", "Size")


@dataclass(frozen=True)
class Shared:
    """A shared attribute: its values as (term id, slug), by name."""

    attribute: Attribute
    values: Mapping[str, tuple[int, str]]


@dataclass(frozen=True)
class Shelves:
    """Ids of categories (of a shelf and its department), of tags, and the shared attributes, all by name."""

    categories: Mapping[str, tuple[int, int]]
    tags: Mapping[str, int]
    shared: Mapping[str, Shared]


def put_up(here: Emulation) -> Shelves:
    """The shelves, those included that are there already."""
    categories = {}
    for goods in GOODS:
        department = _term(here, term.CATEGORIES, goods.department)
        categories[goods.shelf] = (_term(here, term.CATEGORIES, goods.shelf, department).id, department)
    ids = {shelf: (own, department.id) for shelf, (own, department) in categories.items()}
    sizes = dict.fromkeys(size for goods in GOODS for size in goods.varies.get("Size", ()))
    shared = {name: _shared(here, name, COLOURS if name == "Colour" else sizes) for name in _SHARED}
    return Shelves(ids, {tag: _term(here, term.TAGS, tag).id for tag in TAGS}, shared)


def _term(here: Emulation, family: term.Family, name: str, parent: term.Term | None = None) -> term.Term:
    parent_id = parent.id if parent else 0
    for known in term.of(here, family.taxonomy):
        if known.name_key == term.kept_name(name).casefold() and known.parent == parent_id:
            return known
    return term.added(here, family, {"name": name, "parent": parent_id or None})


def _shared(here: Emulation, name: str, values: Iterable[str]) -> Shared:
    slug = texts.taxonomy(name)
    attribute = shared_attributes.by_key(here, f"pa_{slug}")
    if attribute is None:
        attribute = here.store[Attribute].put(Attribute(here.ids.next("attribute"), name, slug))
    family = shared_attributes.family(attribute)
    terms = {}
    for order, value in enumerate(values):
        known = term.by_name(here, family.taxonomy, value)
        known = known or term.added(here, family, {"name": value, "menu_order": order})
        terms[value] = (known.id, known.slug)
    return Shared(attribute, terms)


@lru_cache(maxsize=4096)
def picture_name(thing: str, colour: str) -> str:
    return f"{texts.slug(thing)}-{texts.slug(colour)}"


def pictures(here: Emulation, wanted: Iterable[str], opened: datetime) -> dict[str, int]:
    """Ids of pictures by name, in the folder of the month in which the shop opened; missing ones are made."""
    folder = opened.strftime("%Y/%m")
    files = {f"{folder}/{name}.png": name for name in sorted(set(wanted))}
    there = {files[i.file]: i.id for i in here.store[Image].all(IMAGES.c.file.in_(list(files)))}
    missing = [(file, name) for file, name in files.items() if name not in there]
    if missing:
        first = here.ids.next("post", len(missing))
        made = [
            Image(first + n, file, opened, opened, name, _alt(name), PIXELS, PIXELS)
            for n, (file, name) in enumerate(missing)
        ]
        here.store[Image].put_all(made)
        there |= {image.name: image.id for image in made}
    return there


def _alt(name: str) -> str:
    return name.replace("-", " ").capitalize()


def pictured(here: Emulation, opened: datetime) -> None:
    """Every category shows a picture, unless it has one."""
    first = {goods.shelf: picture_name(goods.things[0], "sand") for goods, _ in THINGS}
    first |= {goods.department: first[goods.shelf] for goods in GOODS}
    bare = [t for t in term.of(here, term.CATEGORIES.taxonomy) if t.name in first and not t.image_id]
    if bare:
        known = pictures(here, (first[t.name] for t in bare), opened)
        here.store[term.Term].put_all([replace(t, image_id=known[first[t.name]]) for t in bare])


def opening(here: Emulation) -> datetime:
    """The midnight, two years ago, at which the shop opened."""
    return here.clock.now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=730)
