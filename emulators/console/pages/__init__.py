"""The pages, a blueprint for each subject."""

from . import door, journal, map, time, words

BLUEPRINTS = (door.PAGES, map.PAGES, words.PAGES, journal.PAGES, time.PAGES)

__all__ = ["BLUEPRINTS"]
