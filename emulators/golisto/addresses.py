"""Addresses of stores: written in one way, safe enough, and whether one belongs to another. Plain rules."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from .pages import origin


def normal(url: str) -> str:
    """The address of a store as it is kept: scheme and host in lower case, no slash at the end. Empty when it is no
    address of a store: one with a password, a query or a fragment in it, or none at all."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return ""
    root = origin(url.strip())
    if not root or parts.query or parts.fragment or parts.username is not None or not _plain(url.strip()):
        return ""
    return f"{root}{parts.path.rstrip('/')}"


def secure(url: str) -> bool:
    """https, or this machine."""
    return urlsplit(url).scheme == "https" or loopback(url)


def loopback(url: str) -> bool:
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def returns_to(return_url: str, store_url: str) -> bool:
    """Whether the way back leads into the store.

    An address on this machine will do as well: a laboratory's plugin runs beside its store, and whoever can listen
    there sees the store's pages anyway.
    """
    try:
        with_password = urlsplit(return_url).username is not None
    except ValueError:
        return False
    if with_password or not _plain(return_url) or not origin(return_url):
        return False
    return origin(return_url) == origin(store_url) or loopback(return_url)


def _plain(url: str) -> bool:
    """No blanks, control characters or backslashes, which browsers and libraries read differently."""
    return url.isascii() and url.isprintable() and " " not in url and "\\" not in url
