"""Pictures: fetched from the address a client gives, measured, and shown as the media library shows them.

The bytes themselves are not kept: only what the API tells of a picture.
Source: WooCommerce 10.5.0, recorded 2026-11-21.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from ..kernel import Emulation, Outgoing, Table, dataclass, replace
from . import curl, dates, image_sizes, php, texts, titles
from .errors import WooError, critical

EXTENSIONS = frozenset({"jpg", "jpeg", "jpe", "gif", "png", "bmp", "tiff", "tif", "webp", "avif", "ico", "heic"})
_REASONS = {
    400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 410: "Gone",
    429: "Too Many Requests", 500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable",
}  # fmt: skip
TIMEOUT = 30.0  # seconds
NOT_VALID = "A valid URL was not provided."
MOST = 1000  # addresses in one request. Guess: by then PHP has been at it for longer than a host lets it
MOST_SEGMENTS = 1000  # of a JPEG file before its size; some dozens are usual


@dataclass(frozen=True)
class Image:
    """A picture in the media library. `file` is its path below the uploads; sizes in pixels, 0 when unknown."""

    id: int
    file: str
    created: datetime
    modified: datetime
    name: str = ""
    alt: str = ""
    width: int = 0
    height: int = 0


IMAGES = Table(Image, "woo_images", columns=("file",), unique=[("file",)])
TABLES = (IMAGES,)


@dataclass(frozen=True)
class Picture:
    """A picture that was fetched and not yet kept."""

    filename: str
    width: int
    height: int


Fetched = Mapping[str, Picture | WooError]
"""What came of each address."""


def found(here: Emulation, ids: Iterable[int]) -> dict[int, Image]:
    return here.store[Image].by_key(ids)


async def fetched(here: Emulation, *sent: Any) -> Fetched:
    """Fetch every address among what clients sent as pictures, before anything is written."""
    given = (item for item in _flat(sent) if not php.integer(item.get("id")) and item.get("src") is not None)
    addresses = list(dict.fromkeys(texts.address(item["src"]) for item in given))
    if len(addresses) > MOST:
        raise critical("Maximum execution time exceeded")
    return {address: await _fetched(here, address) for address in addresses}


def _flat(sent: Iterable[Any]) -> Iterable[Mapping[str, Any]]:
    for item in sent:
        if isinstance(item, Mapping):
            yield item
        elif isinstance(item, list):
            yield from _flat(item)


async def _fetched(here: Emulation, address: str) -> Picture | WooError:
    if not address:
        return _refused("remote_image_url", "Error getting remote image . Error: No URL Provided.")
    try:
        parts = urlsplit(address)
    except ValueError:
        return _refused("image_url", f"Invalid URL {address}.")
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return _refused("remote_image_url", f"Error getting remote image {address}. Error: {NOT_VALID}")
    answer = await here.fetch(Outgoing("GET", address, timeout=TIMEOUT, redirects=5))
    if answer.error.startswith("ValueError") or "gaierror" in answer.error:
        here.explain(answer.error)  # WordPress as well fetches nothing from an address it holds for unsafe or unknown
        return _refused("remote_image_url", f"Error getting remote image {address}. Error: {NOT_VALID}")
    if answer.status is None:
        here.explain(answer.error)
        message = f"Error getting remote image {address}. Error: {curl.why(address, answer, TIMEOUT)}"
        return _refused("remote_image_url", message)
    if answer.status != 200:
        reason = _REASONS.get(answer.status, f"HTTP {answer.status}")
        return _refused("remote_image_url", f"Error getting remote image {address}. Error: {reason}")
    filename = re.sub(r"[^\w.\-]+", "-", PurePosixPath(unquote(parts.path)).name)
    if filename.rpartition(".")[2].lower() not in EXTENSIONS or "." not in filename:
        return _refused("image", "Invalid image: Sorry, you are not allowed to upload this file type.")
    return Picture(filename, *measured(answer.body))


def _refused(what: str, message: str) -> WooError:
    """As a category passes it on; products and variations put a code of their own before it."""
    return WooError(f"woocommerce_rest_invalid_{what}", message)


def measured(data: bytes) -> tuple[int, int]:
    """Width and height from the head of a PNG, GIF, JPEG or WebP file; zeros for anything else."""
    if data[:8] == b"\x89PNG\r\n\x1a\n" and len(data) >= 24:
        width, height = struct.unpack(">II", data[16:24])
        return width, height
    if data[:6] in (b"GIF87a", b"GIF89a") and len(data) >= 10:
        width, height = struct.unpack("<HH", data[6:10])
        return width, height
    if data[:4] == b"RIFF" and data[8:16] == b"WEBPVP8X" and len(data) >= 30:
        return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
    if data[:2] == b"\xff\xd8":
        return _jpeg_size(data)
    return 0, 0


def _jpeg_size(data: bytes) -> tuple[int, int]:
    at = 2
    for _ in range(MOST_SEGMENTS):
        if at + 9 > len(data) or data[at] != 0xFF:
            break
        marker = data[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return width, height
        at += 2 + int(struct.unpack(">H", data[at + 2 : at + 4])[0])
    return 0, 0


def assigned(here: Emulation, sent: Any, pictures: Fetched) -> list[int]:
    """Ids of the pictures that a product was given, new ones kept on the way. Errors: upload error, unknown id, also
    for one that has neither an id nor an address."""
    given = [item for item in sent if item and isinstance(item, Mapping)] if isinstance(sent, list) else []
    return [_assigned(here, item, pictures, "woocommerce_product") for item in given]


def assigned_one(here: Emulation, sent: Any, pictures: Fetched) -> list[int]:
    """The same for a variation, which has one picture; neither an id nor an address takes it away."""
    if not isinstance(sent, Mapping) or not (php.integer(sent.get("id")) or sent.get("src") is not None):
        return []
    return [_assigned(here, sent, pictures, "woocommerce_variation")]


def assigned_to_term(here: Emulation, sent: Mapping[str, Any], pictures: Fetched) -> int:
    """The same for a category or brand: an id that is no picture takes it away, and is no error."""
    if not php.integer(sent.get("id")) and sent.get("src"):
        return _fetched_one(here, sent, pictures)
    image = here.store[Image].get(php.integer(sent.get("id")))
    return _told(here, image, sent) if image else 0


def _assigned(here: Emulation, item: Mapping[str, Any], pictures: Fetched, code: str) -> int:
    image_id = php.integer(item.get("id"))
    if not image_id and item.get("src") is not None:
        try:
            return _fetched_one(here, item, pictures)
        except WooError as refused:
            raise WooError(f"{code}_image_upload_error", refused.message) from None
    image = here.store[Image].get(image_id)
    if image is None:
        raise WooError(f"{code}_invalid_image_id", f"#{image_id} is an invalid image ID.")
    return _told(here, image, item)


def _fetched_one(here: Emulation, item: Mapping[str, Any], pictures: Fetched) -> int:
    address = texts.address(item["src"])
    picture = pictures.get(address) or _refused("image_url", f"Invalid URL {address}.")
    if isinstance(picture, WooError):
        raise picture
    return _kept(here, picture, item).id


def _told(here: Emulation, image: Image, item: Mapping[str, Any]) -> int:
    return here.store[Image].put(replace(image, modified=dates.second(here), **_words(item))).id


def _kept(here: Emulation, picture: Picture, item: Mapping[str, Any]) -> Image:
    at = dates.second(here)
    stem, _, extension = picture.filename.rpartition(".")
    folder, number = dates.local_moment(here, at).strftime("%Y/%m"), 0
    file = f"{folder}/{picture.filename}"
    while here.store[Image].first(IMAGES.c.file == file) is not None:
        number += 1
        file = f"{folder}/{stem}-{number}.{extension}"
    image_id = here.ids.next("post")
    image = Image(image_id, file, at, at, PurePosixPath(file).name, width=picture.width, height=picture.height)
    return here.store[Image].put(replace(image, **_words(item)))


def _words(item: Mapping[str, Any]) -> dict[str, Any]:
    return {k: texts.plain(item[k]) for k in ("name", "alt") if item.get(k)}


def rendered_small(here: Emulation, image: Image) -> dict[str, Any]:
    """A picture as a category shows it."""
    return {
        "id": image.id,
        "date_created": dates.local(here, image.created),
        "date_created_gmt": dates.gmt(image.created),
        "date_modified": dates.local(here, image.modified),
        "date_modified_gmt": dates.gmt(image.modified),
        "src": f"{here.root}/wp-content/uploads/{image.file}",
        "name": titles.texturized(image.name),
        "alt": image.alt,
    }


def rendered(here: Emulation, image: Image) -> dict[str, Any]:
    body = rendered_small(here, image)
    url, size = body["src"], (image.width, image.height)
    cut = image_sizes.square(size, image_sizes.SHOP_SQUARE) if all(size) else None
    sizes = f"(max-width: {image.width}px) 100vw, {image.width}px" if image.width else ""
    return {
        **body,
        "srcset": image_sizes.offered(url, size),
        "sizes": sizes,
        "thumbnail": image_sizes.address(url, cut),
    }
