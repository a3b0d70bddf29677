"""Files: uploaded once, attached to orders and cards.

Source: KeyCRM API document v1.2.0 (multipart field `file`; 200 in place of 201 when the same file is already there; 413
over 10 MB); thumbnail, hash, disk and directory were seen live. Only what describes a file is kept, not its bytes.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from io import BytesIO
from typing import Any

from ..kernel import Emulation, Table, dataclass, emulation
from .account import observed
from .dates import stamp
from .errors import Invalid, NotFound, TooLarge
from .order import Order
from .paging import envelope, ordered

MOST_BYTES = 10 * 1000 * 1000
MOST_PARTS = 100


@dataclass(frozen=True)
class File:
    id: int
    hash: str
    size: int
    file_name: str
    original_file_name: str
    extension: str
    mime_type: str
    created_at: datetime


FILES = Table(File, "keycrm_files", columns=("hash", "size"), unique=[("hash",)])


@dataclass(frozen=True)
class Upload:
    """The part called `file` of a multipart body."""

    name: str
    mime_type: str
    content: bytes


def list_all(limit: int, page: int, sort: str | None = None) -> dict[str, Any]:
    here = emulation()
    files = here.store[File]
    total = files.count()
    start = (page - 1) * limit
    order = ordered(FILES, sort, ("size",))
    found = files.all(order=order, limit=limit, offset=start) if start < total else []
    return envelope(here, [render(here, one) for one in found], total, limit=limit, page=page)


def list_attached(entity_type: str, entity_id: int) -> list[dict[str, Any]]:
    """The files of one order. Guess: an entity of another kind has none here; the answer is a plain array."""
    here = emulation()
    attached: tuple[int, ...] = ()
    if entity_type == "order":
        order = here.store[Order].get(entity_id)
        if order is None:
            raise NotFound
        attached = order.files
    found = here.store[File].all(FILES.c.id.in_(attached), order=[FILES.c.id])
    return [render(here, one) for one in found]


def upload() -> tuple[dict[str, Any], int]:
    """Store a file. Errors: 413 over 10 MB, 422 without a part called `file`."""
    here = emulation()
    assert here.request is not None
    sent = uploaded(here.request.headers.get("content-type", ""), here.request.body)
    if sent is None:
        raise Invalid({"file": ["The file field is required."]})
    if len(sent.content) > MOST_BYTES:
        raise TooLarge
    digest = hashlib.sha256(sent.content).hexdigest()
    known = here.store[File].first(FILES.c.hash == digest)
    if known is not None:
        return render(here, known), 200
    extension = extension_of(sent.name)
    made = File(
        id=here.ids.next("keycrm.file"),
        hash=digest,
        size=len(sent.content),
        file_name=here.ids.token(32) + (f".{extension}" if extension else ""),
        original_file_name=sent.name,
        extension=extension,
        mime_type=sent.mime_type,
        created_at=here.clock.now,
    )
    return render(here, here.store[File].add(made)), 201


def uploaded(content_type: str, body: bytes) -> Upload | None:
    """The part called `file`; None when the body is not multipart, has no such part, or more parts than anybody
    sends."""
    from werkzeug.exceptions import RequestEntityTooLarge
    from werkzeug.formparser import MultiPartParser
    from werkzeug.http import parse_options_header

    kind, options = parse_options_header(content_type)
    if kind.lower() != "multipart/form-data" or not options.get("boundary", "").isascii():
        return None
    parser = MultiPartParser(lambda *_, **__: BytesIO(), max_form_memory_size=None, max_form_parts=MOST_PARTS)
    try:
        fields, files = parser.parse(BytesIO(body), options.get("boundary", "").encode(), len(body))
    except (RequestEntityTooLarge, ValueError):
        return None
    if file := files.get("file"):
        name = (file.filename or "file").encode(errors="replace").decode().replace("\0", "")
        return Upload(name, file.mimetype or "text/plain", file.read())
    return Upload("file", "text/plain", fields["file"].encode()) if "file" in fields else None


def extension_of(name: str) -> str:
    stem, dot, extension = name.rpartition(".")
    return extension.lower() if dot and stem and extension.isalnum() else ""


def render(here: Emulation, one: File) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "id": one.id,
        "file_name": one.file_name,
        "url": f"{here.root}/storage/{one.file_name}",
        "size": one.size,
        "extension": one.extension,
        "original_file_name": one.original_file_name,
        "mime_type": one.mime_type,
        "created_at": stamp(one.created_at),
        "updated_at": stamp(one.created_at),
    }
    if observed(here):
        answer |= {"thumbnail": None, "hash": one.hash, "disk": "s3", "directory": "storage"}
    return answer
