"""The files of the media library, as far as there are any: a picture's bytes are not kept, so it is shown as a plain
PNG of its size, in the colour that its name tells of."""

from __future__ import annotations

import re
import struct
import zlib
from functools import lru_cache

from ..kernel import Reply, emulation
from . import image_sizes
from .images import IMAGES, Image
from .params import Params
from .seed_words import COLOURS

_SMALLER = re.compile(r"-(\d{1,4})x(\d{1,4})(\.\w+)$", re.ASCII)
_SMALLEST, _LARGEST = 1, 2_000  # pixels
_MISSING = b"<!DOCTYPE html><html><head><title>404 Not Found</title></head><body><h1>Not Found</h1></body></html>\n"


def read(params: Params) -> Reply:
    """A picture, or a smaller form of it."""
    here = emulation()
    file = f"{params['year']}/{params['month']}/{params['file']}"
    image = here.store[Image].first(IMAGES.c.file == file)
    size = (image.width, image.height) if image else (0, 0)
    if image is None and (form := _SMALLER.search(file)):
        image = here.store[Image].first(IMAGES.c.file == _SMALLER.sub(r"\3", file))
        size = int(form[1]), int(form[2])
        if image is not None and size not in image_sizes.made((image.width, image.height)):
            image = None
    if image is None:
        return Reply(404, _MISSING, (("Content-Type", "text/html; charset=UTF-8"),))
    return Reply(200, painted(file, *size), (("Content-Type", "image/png"), ("Cache-Control", "max-age=31536000")))


def colour_of(name: str) -> bytes:
    """Red, green and blue: of the first colour that the name holds, else a grey of its own."""
    words = re.split(r"\W+", name.lower())
    for colour, value in COLOURS.items():
        if colour.lower() in words:
            return bytes.fromhex(value)
    return bytes([120 + zlib.crc32(name.encode()) % 100]) * 3


@lru_cache(maxsize=512)
def painted(name: str, width: int, height: int) -> bytes:
    """A PNG of one colour with a lighter frame: some hundred bytes, whatever its size."""
    width, height = (min(max(side, _SMALLEST), _LARGEST) for side in (width, height))
    frame = min(width, height) // 16
    row = bytearray(-(-width // 8))
    for x in range(frame, width - frame):
        row[x // 8] |= 0x80 >> x % 8
    blank = b"\0" * (len(row) + 1)
    rows = blank * frame + (b"\0" + bytes(row)) * (height - 2 * frame) + blank * frame
    paper = bytes((c + 510) // 3 for c in colour_of(name))
    header = struct.pack(">IIBBBBB", width, height, 1, 3, 0, 0, 0)
    parts = ((b"IHDR", header), (b"PLTE", paper + colour_of(name)), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in parts)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
