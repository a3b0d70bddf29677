"""The connect page as HTML: self-contained, without scripts, everything that came from outside escaped."""

from __future__ import annotations

from functools import cache
from typing import Any
from urllib.parse import urlsplit

from ..kernel import Reply
from ..kernel.http import Headers


@cache
def _templates() -> Any:
    from jinja2 import Environment, PackageLoader

    return Environment(loader=PackageLoader("storelab.emulators.golisto"), autoescape=True)


def page(template: str, status: int = 200, *, leads_to: str = "", headers: Headers = (), **values: Any) -> Reply:
    """`leads_to` is the only other place that a form on this page may lead to."""
    html = _templates().get_template(template).render(**values)
    return Reply(status, html.encode(), (*_headers(leads_to), *headers))


def refusal(status: int, message: str) -> Reply:
    return page("refusal.html", status, message=message)


def moved(status: int, url: str, headers: Headers = ()) -> Reply:
    return Reply(status, b"", (*_headers(""), ("Location", url), *headers))


def _headers(leads_to: str) -> Headers:
    """A browser holds a form's redirect against `form-action` too, so the way back has to be in it."""
    return (
        ("Content-Type", "text/html; charset=utf-8"),
        ("Cache-Control", "no-store"),
        (
            "Content-Security-Policy",
            "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'; "
            f"form-action 'self' {origin(leads_to)}".rstrip(),
        ),
        ("Referrer-Policy", "no-referrer"),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "DENY"),
    )


def origin(url: str) -> str:
    """Scheme, host and port, in lower case and without a port that goes without saying; empty for no address."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    default = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{host}" + (f":{port}" if port and port != default else "")
