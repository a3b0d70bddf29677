"""Pictures of articles: a list by article, and the bytes at an address of their own.

Source: SORS API for WooCommerce plugin page (product images are a resource). Assumed: the list, its fields, and that
a picture is fetched by an address that opens without the key, since a store has to fetch it.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from typing import Any

from ..kernel import Emulation, Reply, Table, dataclass, emulation
from .catalogue import Article
from .databases import next_id
from .envelope import answered
from .errors import NotFound

SIDE = 16  # pixels


@dataclass(frozen=True)
class Image:
    """`name` is its file: nobody can guess it, and it stays the same when a year is closed."""

    database: str
    id: int
    article_id: int
    position: int
    name: str
    mime: str = "image/png"


IMAGES = Table(Image, "sors_images", key=("database", "id"), columns=("article_id", "position", "name"))


# -- rules


def drawn(name: str) -> bytes:
    """A picture in one colour, which its name decides: two names make two pictures."""
    colour = hashlib.sha256(name.encode()).digest()[:3]
    rows = (b"\0" + colour * SIDE) * SIDE
    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", struct.pack(">IIBBBBB", SIDE, SIDE, 8, 2, 0, 0, 0)),
            _chunk(b"IDAT", zlib.compress(rows)),
            _chunk(b"IEND", b""),
        ]
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


# -- requests


def list_of(database: str, article: int) -> dict[str, Any]:
    """The pictures of one article, in their order. Errors: 404."""
    here = emulation()
    if here.store[Article].get((database, article)) is None:
        raise NotFound(f"{database} has no article {article}.")
    return answered(
        [
            {"id": i.id, "position": i.position, "mime": i.mime, "url": f"{here.root}/pictures/{i.name}"}
            for i in images_of(here, database, article)
        ]
    )


def picture(name: str) -> Reply:
    """The bytes of a picture. Errors: 404."""
    found = emulation().store[Image].first(IMAGES.c.name == name.replace("\0", ""))
    if found is None:
        raise NotFound("There is no such picture.")
    return Reply(200, drawn(found.name), (("Content-Type", found.mime),))


# -- in the store


def images_of(here: Emulation, database: str, article_id: int) -> list[Image]:
    c = IMAGES.c
    return here.store[Image].all(c.database == database, c.article_id == article_id, order=[c.position, c.id])


def add(here: Emulation, article: Article) -> Image:
    """One more picture of an article."""
    position = len(images_of(here, article.database, article.id)) + 1
    number = next_id(here, article.database, "image")
    return here.store[Image].add(Image(article.database, number, article.id, position, f"{here.ids.hex(24)}.png"))
