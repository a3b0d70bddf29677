"""Who may look, and what may be posted: the token away from this machine, and no form from elsewhere."""

from __future__ import annotations

import hmac
import secrets
from urllib.parse import urlsplit

from flask import Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from ..kernel.control import LOOPBACK

MOST_SESSIONS = 1_000
OPEN = ("gate.login", "static")  # for strangers too
SAFE = ("GET", "HEAD", "OPTIONS")


class Gate:
    """Sessions live as long as the sandbox. On loopback nobody has to log in, as with the control API; the address
    must be one of this machine's, so that no name that somebody else points here opens anything."""

    def __init__(self, token: str, *, required: bool) -> None:
        self._token, self._required = token, required
        self._key = secrets.token_bytes(32)
        self._sessions: dict[str, None] = {}

    @property
    def cookie(self) -> str:
        """Cookies do not keep ports apart."""
        return f"storelab-{urlsplit(request.host_url).port or 0}"

    @property
    def needed(self) -> bool:
        return self._required or urlsplit(request.host_url).hostname not in LOOPBACK

    @property
    def logged_in(self) -> bool:
        return request.cookies.get(self.cookie, "") in self._sessions

    def csrf(self) -> str:
        """What every form of a page carries, made for whoever sees that page."""
        session = request.cookies.get(self.cookie, "") if self.logged_in else ""
        return hmac.digest(self._key, b"csrf " + session.encode(), "sha256").hex()

    def check(self) -> AnyResponse | None:
        """Before each request: None when it may go on."""
        if request.endpoint not in OPEN and not self._admitted():
            if request.method != "GET" or "hx-request" in request.headers or not request.accept_mimetypes.accept_html:
                abort(401, "Log in first: the console wants the token that `storelab up` has printed.")
            return redirect(url_for("gate.login", to=request.full_path.rstrip("?")))
        if request.method not in SAFE:
            self._check_origin()
        return None

    def admits(self) -> bool:
        """Whether whoever asks may, and from here, as far as headers tell: a form still has to bring its mark."""
        return self._admitted() and (request.method in SAFE or self._from_here())

    def _admitted(self) -> bool:
        return not self.needed or self.logged_in or self._is_token(self._bearer())

    def _bearer(self) -> str:
        return request.headers.get("Authorization", "").removeprefix("Bearer ")

    def _is_token(self, given: str) -> bool:
        return bool(given) and hmac.compare_digest(given.encode(), self._token.encode())

    @staticmethod
    def _from_here() -> bool:
        origin, site = request.headers.get("Origin", ""), request.headers.get("Sec-Fetch-Site", "none")
        return origin in ("", request.host_url.rstrip("/")) and site in ("same-origin", "none")

    def _check_origin(self) -> None:
        if not self._from_here():
            abort(403, "This form was sent from another site. Open the console itself and send it from there.")
        given = request.headers.get("X-CSRF") or request.form.get("csrf", "")
        if not hmac.compare_digest(given.encode(), self.csrf().encode()):
            abort(
                403, "This form is out of date (the sandbox was started anew, or you logged in). Load the page again."
            )

    def log_in(self, given: str, answer: AnyResponse) -> bool:
        if not self._is_token(given.strip()):
            return False
        while len(self._sessions) >= MOST_SESSIONS:
            del self._sessions[next(iter(self._sessions))]
        session = secrets.token_urlsafe(24)
        self._sessions[session] = None
        answer.set_cookie(self.cookie, session, httponly=True, samesite="Strict", secure=request.is_secure, path="/")
        return True

    def log_out(self, answer: AnyResponse) -> None:
        self._sessions.pop(request.cookies.get(self.cookie, ""), None)
        answer.delete_cookie(self.cookie, path="/")


def inside(address: str) -> str:
    """A path of the console itself; nothing for an address that leads elsewhere. A browser leaves out tabs and ends of
    lines, and goes where the rest leads."""
    if not address.startswith("/") or address.startswith(("//", "/\\")) or not address.isprintable():
        return ""
    return request.script_root + address


HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # with none, a browser would not say where a form comes from
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


MOST_OF_A_WAY = 4_000  # characters of an address that a form leads on to


def guarded(answer: Response) -> Response:
    answer.headers.extend(HEADERS)
    if answer.location and len(answer.location) > MOST_OF_A_WAY:  # no client reads a header of any length
        answer.location = answer.location.partition("?")[0]
    answer.headers.setdefault("Cache-Control", "no-store")
    return answer
