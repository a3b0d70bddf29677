"""Files that come with a product that can be downloaded, as a request gives them.

Source: WC_Product_Download, WooCommerce 10.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from ..kernel import Emulation
from . import php, texts
from .errors import WooError


def downloads_of(here: Emulation, sent: list[Any]) -> list[dict[str, Any]]:
    out = []
    for item in sent:
        if not isinstance(item, Mapping) or not item.get("file"):
            continue
        file, h = _file(php.text(item["file"])), here.ids.hex(32)
        download_id = php.text(item.get("id")) or f"{h[:8]}-{h[8:12]}-4{h[13:16]}-a{h[17:20]}-{h[20:]}"
        name = texts.plain(item.get("name")) or urlsplit(file).path.rpartition("/")[2]
        out.append({"id": download_id, "name": name, "file": file})
    return out


def _file(given: str) -> str:
    """Where it lies. Errors: product_invalid_download for one that would have to be on the server."""
    try:
        parts = urlsplit(given)
    except ValueError:
        parts = urlsplit("")
    if parts.netloc and parts.scheme in ("", "http", "https"):
        return texts.address(given)
    file = texts.plain(given)
    if file[:1] == "[" and file[-1:] == "]":
        return file
    raise WooError(
        "product_invalid_download",
        f"The downloadable file <code>{file}</code> cannot be used as it does not exist on the server, or is not "
        "located within an approved directory. Please contact a site administrator for help. "
        '<a href="https://woocommerce.com/document/approved-download-directories">Learn more.</a>',
    )
