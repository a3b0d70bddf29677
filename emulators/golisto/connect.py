"""/woocommerce/connect: a merchant signs in, sees what store asks, and links it or denies.

The page keeps nothing of what the store asks but in its own address, so two tabs do not get in each other's way.
What was opened last is remembered as well: moves play the same person without a browser.
"""

from __future__ import annotations

import hmac
from urllib.parse import parse_qs, urlencode, urlsplit

from ..kernel import Emulation, Reply, Table, dataclass, emulation
from . import addresses, merchants, pages, sites
from .errors import BadLink, Denied, OthersStore
from .merchants import Merchant, Session
from .sites import CONNECTED


@dataclass(frozen=True)
class Asked:
    """What a store asks for, in the address of the page."""

    store_url: str
    currency: str
    return_url: str
    state: str

    def back(self, result: str, connect_token: str = "") -> str:
        """The way back; a query that the return address has is kept."""
        values = {"state": self.state, "result": result, **({"connect_token": connect_token} if connect_token else {})}
        url, _, fragment = self.return_url.partition("#")
        return f"{url}{'&' if urlsplit(url).query else '?'}{urlencode(values)}" + (f"#{fragment}" if fragment else "")


@dataclass(frozen=True)
class Visit:
    """The page that was opened last, until the merchant has answered or has closed it."""

    id: int
    store_url: str
    currency: str
    return_url: str
    state: str

    @property
    def asked(self) -> Asked:
        return Asked(self.store_url, self.currency, self.return_url, self.state)


VISITS = Table(Visit, "golisto_visits")
LAST = 1  # there is one


# -- routes


def show(store_url: str, currency: str, return_url: str, state: str) -> Reply:
    """Errors: 400 with a page for a link that no store's plugin makes."""
    here = emulation()
    asked = checked(store_url, currency, return_url, state)
    here.store[Visit].put(Visit(LAST, asked.store_url, currency, return_url, state))
    session = merchants.session(here)
    if session is None or not session.email:
        return _sign_in(here, asked, session)
    return pages.page(
        "link.html",
        leads_to=return_url,
        store_url=asked.store_url,
        currency=currency,
        email=session.email,
        back_to=pages.origin(return_url),
        form_token=session.form_token,
    )


def answer(store_url: str, currency: str, return_url: str, state: str, body: bytes) -> Reply:
    """Errors: 400 for a form that is none, 403 for one from elsewhere or a wrong password, 409 when another account
    has the store, 429 after five wrong passwords."""
    here = emulation()
    asked = checked(store_url, currency, return_url, state)
    form = {name: values[-1] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}
    action = form.get("action", "")
    if action not in _ACTIONS:
        raise BadLink("This form does not say what to do.")
    session = merchants.session(here)
    given = form.get("form_token", "").encode("utf-8", "replace")
    if session is None or not hmac.compare_digest(session.form_token.encode(), given):
        here.explain("the form token is not the one of this browser's session")
        raise Denied("This page is too old, or it was not opened here. Begin again in your store.")
    return _ACTIONS[action](here, asked, session, form)


def _signed_in(here: Emulation, asked: Asked, session: Session, form: dict[str, str]) -> Reply:
    email, now = form.get("email", "").strip().lower().replace("\0", ""), here.clock.now
    known, right = here.store[Merchant].get(email), False
    if known:
        tried, right = merchants.tried(known, form.get("password", ""), now)
        here.store[Merchant].put(tried)
    if not right:
        return _sign_in(here, asked, session, "E-mail address and password do not belong together.", email, status=403)
    merchants.ended(here, session)
    _, cookie = merchants.begun(here, email)
    return pages.moved(303, _self(here), cookie)


def _signed_out(here: Emulation, asked: Asked, session: Session, form: dict[str, str]) -> Reply:
    merchants.ended(here, session)
    return pages.moved(303, _self(here))


def _linked(here: Emulation, asked: Asked, session: Session, form: dict[str, str]) -> Reply:
    if not session.email:
        raise Denied("Sign in first.")
    return pages.moved(302, link(here, asked, session.email))


def _denied(here: Emulation, asked: Asked, session: Session, form: dict[str, str]) -> Reply:
    if not session.email:
        raise Denied("Sign in first.")
    return pages.moved(302, deny(here, asked))


_ACTIONS = {"sign_in": _signed_in, "sign_out": _signed_out, "link": _linked, "deny": _denied}


# -- what the person decides, in a browser or by a move


def link(here: Emulation, asked: Asked, email: str) -> str:
    """The store is linked with this account; the way back, with a token to confirm it.

    Errors: 409 when the store is connected by another account.
    """
    old = sites.of_address(here, asked.store_url)
    if old and old.merchant != email and old.status in CONNECTED:
        here.explain(f"{old.id} belongs to another account")
        raise OthersStore("This store is connected with another Golisto account. Disconnect it there first.")
    site = sites.linked(here, asked.store_url, email, asked.currency)
    token = sites.give_connect_token(here, site, email)
    closed(here, asked)
    return asked.back("linked", token)


def deny(here: Emulation, asked: Asked) -> str:
    """Nothing is kept; the way back."""
    closed(here, asked)
    return asked.back("denied")


def closed(here: Emulation, asked: Asked) -> None:
    """The page of this question is not open any more."""
    visit = here.store[Visit].get(LAST)
    if visit and visit.asked == asked:
        here.store[Visit].delete(LAST)


def last_visit(here: Emulation) -> Asked | None:
    """What the page that was opened last, and is still open, was asked for."""
    visit = here.store[Visit].get(LAST)
    return visit.asked if visit else None


# -- rules


def checked(store_url: str, currency: str, return_url: str, state: str) -> Asked:
    """What the store asks for, or `BadLink` with what is wrong with it."""
    store = addresses.normal(store_url)
    if not store:
        raise BadLink("store_url is not the address of a store.")
    if not addresses.secure(store):
        raise BadLink("Your store has to be at an https address before it can be linked.")
    if not addresses.returns_to(return_url, store):
        raise BadLink("return_url does not lead back into your store.")
    return Asked(store, currency, return_url, state)


# -- how


def _sign_in(
    here: Emulation, asked: Asked, session: Session | None, trouble: str = "", email: str = "", *, status: int = 200
) -> Reply:
    made, cookie = (session, ()) if session else merchants.begun(here)
    return pages.page(
        "sign_in.html",
        status,
        headers=cookie,
        store_url=asked.store_url,
        trouble=trouble,
        email=email,
        form_token=made.form_token,
    )


def _self(here: Emulation) -> str:
    assert here.request is not None
    return f"{here.root}{here.request.path}?{here.request.query_string}"
