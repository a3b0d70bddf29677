"""Whether Golisto may work with a store now, and how it reaches it. Asked anew before every request and every write,
so that whatever is under way ends when an approval does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..kernel import Emulation
from ..shop import Shop, ShopRefused, ShopSilent
from . import sites
from .sites import Site

AGENT = "Golisto/1.0"
TRIES = 6  # in all, until a silent store is left alone till the next day
FIRST_PAUSE = 60.0  # seconds; each further one is twice as long


class Stopped(Exception):
    """Golisto may not work with this store any more."""


def the(here: Emulation, id_: str) -> Site:
    """The store as it is at this step; `Stopped` when Golisto may not go on with it."""
    site = sites.approved(here, id_)
    if site is None:
        raise Stopped
    return site


def shop(here: Emulation, site: Site) -> Shop:
    return Shop.of(here, site.store_url, site.consumer_key, site.consumer_secret, agent=AGENT)


def an_object(found: Any, *names: str) -> Mapping[str, Any]:
    """What the store answered, if it is an object with these members; else it has said nothing."""
    if not isinstance(found, Mapping) or any(found.get(name) is None for name in names):
        raise ShopSilent(f"the store answered something without {' and '.join(names)}")
    return found


def pause(failed: ShopRefused | ShopSilent, tries: int) -> float | None:
    """Seconds until the same is tried again; None when it is not. A refusal is not asked again: the day's comparison
    will see whether it still holds."""
    if isinstance(failed, ShopRefused) or tries >= TRIES:
        return None
    return max(FIRST_PAUSE * 2.0 ** (tries - 1), failed.retry_after or 0.0)
