"""The pages, a blueprint for each subject."""

from . import door, journal, link, map, reports, shop, store, stories, time, words, worlds

BLUEPRINTS = (
    door.PAGES,
    map.PAGES,
    words.PAGES,
    journal.PAGES,
    time.PAGES,
    link.PAGES,
    store.PAGES,
    shop.PAGES,
    worlds.PAGES,
    stories.PAGES,
    reports.PAGES,
)

__all__ = ["BLUEPRINTS"]
