"""A reverse proxy before a real API: passes everything on, and writes down what crossed, masked."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from storelab.contracts.tap import Exchange, Tap, readdressed
from storelab.emulators.kernel.errors import LabError

from .file import ORIGIN, Answer, Body, Call, Recording, Writer, read
from .masking import Masker

MOST_BODY = 10 * 1024 * 1024  # bytes of a request or an answer
MOST_CALLS = 100_000
FORM = "application/x-www-form-urlencoded"
KEPT = frozenset(
    (
        "content-type", "location", "link", "allow", "retry-after", "www-authenticate", "etag", "content-range",
        "authorization", "accept", "accept-language", "if-match", "if-none-match", "prefer", "idempotency-key",
        "cookie", "set-cookie",
    )
)  # fmt: skip
"""Headers that are written down, beside those that begin with X-; the rest is the transport's."""
LEFT_OUT = ("x-forwarded-", "x-request-id", "x-amzn-", "x-cache", "x-served-by", "x-timer", "x-runtime", "x-storelab")


class Recorder:
    """Listens on loopback at `url` until it is closed. `told` hears of every call once it is written."""

    def __init__(
        self,
        upstream: str,
        to: Path,
        masker: Masker | None,
        *,
        port: int = 0,
        told: Callable[[Call], None] = lambda call: None,
    ) -> None:
        parts = urlsplit(upstream)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query:
            raise LabError("--upstream wants an address like https://api.example.com/v1, without credentials")
        self.upstream = upstream.rstrip("/")
        self.calls = 0
        self._prefix = parts.path.rstrip("/")
        self._masker, self._told, self._lock = masker, told, threading.Lock()
        self._writer = Writer(to, self.upstream, masker is not None)
        try:
            self._tap = Tap(self.upstream, port=port, most=MOST_BODY, heard=self._write, rewrite=True)
        except OSError as bad:
            self._writer.close()
            to.unlink()
            raise LabError(f"cannot listen on 127.0.0.1:{port}: {bad.strerror or bad}") from None
        self.url = self._tap.url

    def close(self) -> None:
        """The file is swept once more: what was known only later is masked from the first line on."""
        self._tap.close()
        self._writer.close()
        if self._masker is not None:
            swept(self._writer.path, self._masker)

    def __enter__(self) -> Recorder:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _write(self, exchange: Exchange) -> None:
        with self._lock:
            if self.calls >= MOST_CALLS:
                return
            self.calls += 1
            call = called(exchange, self.calls, self.upstream, self._prefix)
            if self._masker is not None:
                masked(call, self._masker)  # what the answer tells must be known before the request is looked through
                call = masked(call, self._masker)
            self._writer.add(call, self._masker.placeholders if self._masker else ())
        self._told(call)


def called(exchange: Exchange, number: int, upstream: str, prefix: str) -> Call:
    """The exchange as it is written, unmasked: without the transport's headers, and with the upstream's own address
    replaced by one that stands for it."""
    target = exchange.target.removeprefix(prefix) or "/"
    request, answer = (_headers(h) for h in (exchange.request_headers, exchange.headers))
    return Call(
        number=number,
        at=datetime.now(UTC).isoformat(timespec="milliseconds"),
        method=exchange.method,
        target=target,
        headers=_named(request, upstream),
        body=_body(exchange.request_body, request, upstream),
        answer=Answer(
            exchange.status, _named(answer, upstream), _body(exchange.body, answer, upstream), exchange.error
        ),
        seconds=round(exchange.seconds, 4),
    )


def _headers(headers: tuple[tuple[str, str], ...]) -> list[tuple[str, str]]:
    return [(n, v) for n, v in headers if _is_kept(n.lower())]


def _is_kept(name: str) -> bool:
    return name in KEPT or (name.startswith("x-") and not name.startswith(LEFT_OUT))


def _named(headers: list[tuple[str, str]], upstream: str) -> tuple[tuple[str, str], ...]:
    return tuple((n, v.replace(upstream, ORIGIN)) for n, v in headers)


def _body(content: bytes, headers: list[tuple[str, str]], upstream: str) -> Body:
    kind = next((v for n, v in headers if n.lower() == "content-type"), "")
    return Body.of(readdressed(content, upstream, ORIGIN), kind)


def masked(call: Call, masker: Masker) -> Call:
    """The call without secrets and personal data."""
    within = [word for word in call.path.split("/") if word and not any(c.isdigit() for c in word)]
    request, answer = call.body, call.answer
    form = FORM in {n.lower(): v for n, v in call.headers}.get("content-type", "")
    return replace(
        call,
        target=masker.target(call.target),
        headers=_pairs(masker.headers(call.headers)),
        body=_masked_body(request, masker, within, form=form),
        answer=replace(
            answer,
            headers=_pairs(masker.headers(answer.headers)),
            body=_masked_body(answer.body, masker, within, form=False),
        ),
    )


def _masked_body(body: Body, masker: Masker, within: list[str], *, form: bool) -> Body:
    if body.kind == "json":
        return Body("json", masker.json(body.value, within))
    if body.kind == "text" and body.value:
        return Body("text", masker.form(body.value) if form else masker.text(body.value))
    return body


def _pairs(headers: list[list[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in headers)


def swept(path: Path, masker: Masker) -> None:
    """The whole file once more, with all that is known at the end."""
    recording: Recording = read(path)
    beside = path.with_name(f".{path.name}.swept")
    beside.unlink(missing_ok=True)
    writer = Writer(beside, recording.upstream, True)
    for call in recording.calls:
        writer.add(masked(call, masker), masker.placeholders)
    writer.close()
    beside.replace(path)
