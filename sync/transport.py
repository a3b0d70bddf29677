"""HTTP as sync wants it: one try, no redirects, no surprises, and no credential in any error."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import requests
import urllib3

from .errors import GiveUp, Retry, Skip
from .in_time import CONNECT, SILENCE, Adapter

Params = Sequence[tuple[str, str]]
LARGEST = 64 * 1024 * 1024  # bytes of an answer
AT_ONCE = 64 * 1024  # bytes
_SECONDS = re.compile(r"[0-9]{1,9}")

try:
    VERSION = version("storelab")
except PackageNotFoundError:  # run from a folder that was never installed
    VERSION = "0"


@dataclass(frozen=True)
class Answer:
    """`what` names the request in messages: method and path, never the query."""

    what: str
    status: int
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)  # names in lower case
    body: bytes = field(default=b"", repr=False)

    def json(self) -> Any:
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            start = self.body[:80].decode("utf-8", "replace")
            raise Retry(f"{self.what} answered {self.status} with something that is not JSON: {start!r}") from None

    @property
    def date(self) -> datetime | None:
        """The far end's clock."""
        return _moment(self.headers.get("date", ""))


class Http:
    """`ca` is a file of certificate authorities, trusted in place of the usual ones; `point` is told before each
    request and after each answer, which is where tests crash; `adapter` carries what is sent."""

    def __init__(
        self,
        *,
        ca: str | None = None,
        point: Callable[[str], None] | None = None,
        adapter: Adapter | None = None,
    ) -> None:
        self.point = point
        self.session = requests.Session()
        self.session.trust_env = False  # a .netrc would put credentials of its own into our requests
        self.session.verify = ca or True
        self.adapter = adapter or Adapter()
        for scheme in ("http://", "https://"):
            self.session.mount(scheme, self.adapter)
        self.session.headers.update(
            {"User-Agent": f"storelab-sync/{VERSION}", "Accept": "application/json", "Accept-Encoding": "gzip"}
        )

    def send(
        self,
        method: str,
        url: str,
        *,
        params: Params = (),
        json_body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        what = f"{method} {urlsplit(url).path or '/'}"
        sent = dict(headers or {})
        body = None
        if json_body is not None:
            sent["Content-Type"] = "application/json"
            body = json.dumps(json_body, separators=(",", ":")).encode()
        if params:
            url = f"{url}?{urlencode(params, quote_via=quote, safe=',')}"
        if self.point:
            self.point(f"before {what}")
        try:
            with self.session.request(
                method, url, data=body, headers=sent, timeout=(CONNECT, SILENCE), allow_redirects=False, stream=True
            ) as found:
                content = _whole(found, what)
        except requests.exceptions.SSLError:
            raise Retry(f"{what}: the certificate of {_host(url)} is not trusted", sent=False) from None
        except requests.exceptions.ConnectTimeout:
            raise Retry(f"{what}: {_host(url)} does not answer", sent=False) from None
        except (requests.exceptions.Timeout, urllib3.exceptions.ReadTimeoutError):
            raise Retry(f"{what}: no answer from {_host(url)} in time") from None
        except requests.exceptions.ConnectionError as broken:
            refused = "NewConnectionError" in repr(broken)
            why = "nobody listens there" if refused else "the connection broke"
            raise Retry(f"{what}: {why} ({_host(url)})", sent=not refused) from None
        except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError) as broken:
            raise Retry(f"{what}: {type(broken).__name__} ({_host(url)})") from None
        except ValueError:  # requests looks where a redirect leads, followed or not
            raise Retry(f"{what}: an answer that leads to what is no address ({_host(url)})") from None
        if self.point:
            self.point(f"after {what}")
        lower = {name.lower(): value for name, value in found.headers.items()}
        return Answer(what, found.status_code, lower, content)

    def close(self) -> None:
        self.session.close()


def _whole(found: requests.Response, what: str) -> bytes:
    """The body. A far end that does not stop fills no memory."""
    content = bytearray()
    while part := found.raw.read1(AT_ONCE, decode_content=True):
        content += part
        if len(content) > LARGEST:
            raise Retry(f"{what}: an answer of more than {LARGEST} bytes")
    return bytes(content)


def checked(answer: Answer) -> Answer:
    """The answer, if it is a success; else what to do next, as an error."""
    status, what = answer.status, answer.what
    if 200 <= status < 300:
        return answer
    if status == 429:
        raise Retry(f"{what}: too many requests", after=retry_after(answer), sent=False)
    if status >= 500 or status == 408:
        raise Retry(f"{what} answered {status}{_said(answer)}", after=retry_after(answer))
    if status in (401, 403):
        raise GiveUp(f"{what} answered {status}{_said(answer)}")
    if 300 <= status < 400:
        raise GiveUp(f"{what} answered {status}: the address has moved{_where(answer)}; connect with that one")
    raise Skip(f"{what} answered {status}{_said(answer)}", status=status, detail=_body(answer))


def _where(answer: Answer) -> str:
    """Where to, without a password or a query."""
    try:
        to = urlsplit(answer.headers.get("location", ""))
    except ValueError:
        return ""
    host = to.netloc.rpartition("@")[2]
    place = f"{to.scheme}://{host}{to.path}" if host else to.path
    return f" to {place}" if place else ""


def retry_after(answer: Answer) -> float | None:
    """Seconds, from either form of the header."""
    value = answer.headers.get("retry-after", "").strip()
    if _SECONDS.fullmatch(value):
        return float(value)
    when = _moment(value)
    return None if when is None else max(0.0, (when - (answer.date or datetime.now(UTC))).total_seconds())


def _moment(text: str) -> datetime | None:
    """Of a header; None when it tells none."""
    try:
        found = parsedate_to_datetime(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _body(answer: Answer) -> Any:
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError):
        return None


def _said(answer: Answer) -> str:
    """The far end's own words, if it has any."""
    body = _body(answer)
    words = [str(body[name]) for name in ("code", "message") if isinstance(body, dict) and body.get(name)]
    return f" ({': '.join(words)[:200]})" if words else ""


def _host(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}"
