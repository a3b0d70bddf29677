"""Puts a request of the laboratory to a WSGI application, and brings its answer back."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

from ..kernel.http import Headers, Reply, Request


def environ(request: Request, mounted: str) -> dict[str, Any]:
    """`mounted` is where the application is: "" or "/~NAME"."""
    root = urlsplit(request.root)
    made: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": mounted,
        "PATH_INFO": unquote_to_bytes(request.path).decode("latin-1"),
        "QUERY_STRING": request.query_string,
        "SERVER_PROTOCOL": "HTTP/1.1",
        "SERVER_NAME": root.hostname or "localhost",
        "SERVER_PORT": str(root.port or (443 if root.scheme == "https" else 80)),
        "CONTENT_TYPE": request.headers.get("content-type", ""),
        "CONTENT_LENGTH": str(len(request.body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": root.scheme,
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in request.headers.items():
        if name not in ("content-type", "content-length"):
            made["HTTP_" + name.upper().replace("-", "_")] = value
    return made


def answered(application: Callable[..., Any], request: Request, mounted: str) -> Reply:
    status = 500
    headers: Headers = ()

    def start_response(line: str, pairs: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], None]:
        nonlocal status, headers
        status, headers = int(line.split(" ", 1)[0]), tuple(pairs)
        return lambda data: None

    parts = application(environ(request, mounted), start_response)
    try:
        body = b"".join(parts)
    finally:
        if hasattr(parts, "close"):
            parts.close()
    return Reply(status, body, headers)
