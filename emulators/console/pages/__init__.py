"""The pages, a blueprint for each subject."""

from . import door, journal, link, map, shop, store, time, words

BLUEPRINTS = (door.PAGES, map.PAGES, words.PAGES, journal.PAGES, time.PAGES, link.PAGES, store.PAGES, shop.PAGES)

__all__ = ["BLUEPRINTS"]
