"""/wc-auth/v1: how an app gets a key from the person who runs the store.

The app sends the person to `authorize`; logged in, they approve or deny; approving makes a key, posts it to the
app's `callback_url`, and leads back to its `return_url` with success=1. When the call-back does not answer exactly
200, the key is deleted again.
Source: WooCommerce 10.5.0, recorded 2026-11-21.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, quote, quote_plus, unquote_plus, urlencode, urlsplit

from ..kernel import Answer, Emulation, Outgoing, Reply, dataclass, emulation
from . import auth, curl, customers, people, php, respond, sessions, texts
from .params import Params
from .versions import WORDPRESS

_ASKED = ("app_name", "user_id", "return_url", "callback_url", "scope")
_SCOPES = {"read": "Read", "write": "Write", "read_write": "Read/Write"}
_CAN = {
    "read": ("see coupons", "see customers", "see orders and sales reports", "see products"),
    "write": ("create webhooks", "create coupons", "create customers", "create orders", "create products"),
    "read_write": (
        "create webhooks",
        "see and change coupons",
        "see and change customers",
        "see and change orders, and see sales reports",
        "see and change products",
    ),
}
_HTML = ("Content-Type", "text/html; charset=UTF-8")
_NO_CACHE = (
    ("Expires", "Wed, 11 Jan 1984 05:00:00 GMT"),
    ("Cache-Control", "no-cache, must-revalidate, max-age=0, no-store, private"),
)


class Denied(Exception):
    """Why the person cannot go on, as the page says it."""


@dataclass(frozen=True)
class Asked:
    """What the app asks for. `user_id` is the app's own, given back as it came."""

    app_name: str
    user_id: str
    return_url: str
    callback_url: str
    scope: str

    def query(self) -> str:
        """What leads from step to step. Only the addresses in it are encoded: a "+" in `user_id` or `app_name` is a
        space at the next step, and what follows "&" or "#" is lost. Source: WC_Auth::build_url(), WooCommerce 10."""
        return (
            f"app_name={_as_written(texts.plain(self.app_name))}&user_id={_as_written(texts.plain(self.user_id))}"
            f"&return_url={quote(self.return_url, safe='')}&callback_url={quote(self.callback_url, safe='')}"
            f"&scope={self.scope}"
        )

    def back(self, success: int) -> str:
        """The app's return address, with the outcome; a query and a fragment that it has are kept."""
        address, hash_, fragment = self.return_url.partition("#")
        base, _, query = address.partition("?")
        had = dict(parse_qsl(query, keep_blank_values=True))
        pairs = {quote_plus(name): quote_plus(value) for name, value in had.items()}
        pairs |= {"success": str(success), "user_id": _as_written(texts.plain(self.user_id))}
        return f"{base}?{'&'.join(f'{k}={v}' if v else k for k, v in pairs.items())}{hash_}{fragment}"


def _as_written(text: str) -> str:
    """A text in an address that nobody encodes: characters that no address has are left out."""
    return _NOT_IN_ADDRESSES.sub("", text.replace(" ", "%20"))


# What esc_url() of WordPress takes out.
_NOT_IN_ADDRESSES = re.compile(r"[^A-Za-z0-9\-~+_.?#=!&;,/:%@$|*'()\[\]\x80-\U0010ffff]")


# ---------------------------------------------------------------------------------------------- routes


def authorize(params: Params) -> Reply:
    here = emulation()
    try:
        asked = checked(params)
    except Denied as denied:
        return _denied(denied)
    user = sessions.user(here)
    if user is None:
        return _moved(f"{here.root}/wc-auth/v1/login/?{asked.query()}")
    try:
        _manager(here)
    except Denied as denied:
        return _denied(denied)
    nonce = sessions.nonce(here, "wc_auth")
    return _page(
        "grant.html",
        app=asked.app_name,
        access=_SCOPES[asked.scope],
        permissions=_CAN[asked.scope],
        receiver=urlsplit(asked.callback_url).hostname or "",
        user=user,
        approve=recoded(f"{here.root}/wc-auth/v1/access_granted/?{asked.query()}") + f"&wc_auth_nonce={nonce}",
        denied=asked.back(0),
    )


def show_login(params: Params) -> Reply:
    here = emulation()
    try:
        asked = checked(params)
    except Denied as denied:
        return _denied(denied)
    onward = f"{here.root}/wc-auth/v1/authorize/?{asked.query()}"
    return _moved(onward) if sessions.user(here) else _login(here, asked, onward)


def log_in(params: Params) -> Reply:
    here = emulation()
    try:
        asked = checked(params)
    except Denied as denied:
        return _denied(denied)
    onward = f"{here.root}/wc-auth/v1/authorize/?{asked.query()}"
    username, password = php.text(params.get("username")).strip(), php.text(params.get("password"))
    account = people.named(here, username)
    if account is None:
        return _login(here, asked, onward, "There is no such user.", username)
    if not people.fits(here, account, password):
        return _login(
            here, asked, onward, f"The password you entered for the username {username} is incorrect.", username
        )
    to = php.text(params.get("redirect"))
    reply = _moved(recoded(to if to.startswith(here.root + "/") else onward))
    return reply.with_headers(sessions.started(here, account.username))


async def grant(params: Params) -> Reply:
    here = emulation()
    try:
        asked = checked(params)
        owner = _manager(here)
        if not sessions.is_nonce(here, "wc_auth", php.text(params.get("wc_auth_nonce"))):
            raise Denied("Invalid nonce verification")
        now = here.clock.now
        key = auth.created(here, asked.scope, f"{asked.app_name} - API ({now:%Y-%m-%d %H:%M:%S})", owner.id)
        answer = await here.fetch(_call_back(here, asked, key))
        if answer.status != 200:
            here.store[auth.ApiKey].delete(key.id)
            here.explain(f"the call-back answered {answer.status or answer.error}, and only 200 will do")
            raise Denied(_why(asked, answer))
    except Denied as denied:
        return _denied(denied)
    return _moved(asked.back(1))


def _manager(here: Emulation) -> customers.Customer:
    """Who is logged in to this browser; refused without the right to manage WooCommerce."""
    account = people.named(here, sessions.user(here) or "")
    if account is None or account.role not in auth.MANAGERS:
        raise Denied("You do not have permission to access this page")
    return account


def refuse(params: Params) -> Reply:
    """Any other step of the way."""
    try:
        checked(params)
    except Denied as denied:
        return _denied(denied)
    return _denied(Denied("You do not have permission to access this page"))


# ---------------------------------------------------------------------------------------------- rules


def checked(params: Mapping[str, Any]) -> Asked:
    """What the app asks for, or what is wrong with it."""
    values = {name: php.text(params.get(name)) for name in _ASKED}
    for name in _ASKED:
        if values[name] in ("", "0"):  # "0" is empty to PHP
            raise Denied(f"Missing parameter {name}")
    if values["scope"] not in _SCOPES:
        raise Denied(f"Invalid scope {values['scope']}")
    for name in ("return_url", "callback_url"):
        values[name] = completed(values[name])
        if not is_url(values[name]):
            raise Denied(f"The {values[name]} is not a valid URL")
    if not values["callback_url"].lower().startswith("https://"):
        raise Denied("The callback_url needs to be over SSL")
    return Asked(**values)


def completed(url: str) -> str:
    """The address as the store reads it: decoded once more, and with https before it where it names no scheme. So a
    "+" in it is a space, which no address has. Source: WC_Auth::get_formatted_url(), WooCommerce 10."""
    url = unquote_plus(url)
    return url if "://" in url else f"https://{url}"


def recoded(url: str) -> str:
    """The address with its query written as PHP writes queries: a space is "+"."""
    base, _, query = url.partition("?")
    return f"{base}?{urlencode(parse_qsl(query, keep_blank_values=True))}" if query else base


def is_url(url: str) -> bool:
    """FILTER_VALIDATE_URL of PHP: of http and https the host has to be a name of the internet, without "_"."""
    if not url.isascii() or any(character.isspace() for character in url):
        return False
    try:
        parts = urlsplit(url)
        _ = parts.port  # ValueError beyond 65535
    except ValueError:
        return False
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or ":" in host:
        return bool(host)
    return len(host) < 254 and all(_LABEL.fullmatch(label) for label in host.removesuffix(".").split("."))


_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


def _call_back(here: Emulation, asked: Asked, key: auth.ApiKey) -> Outgoing:
    body = {
        "key_id": key.id,
        "user_id": asked.user_id,
        "consumer_key": key.consumer_key,
        "consumer_secret": key.consumer_secret,
        "key_permissions": key.permissions,
    }
    headers = (
        ("User-Agent", f"WordPress/{WORDPRESS}; {here.root}"),
        ("Accept", "*/*"),
        ("Accept-Encoding", "deflate, gzip, br, zstd"),
        ("Content-Type", "application/json;charset=UTF-8"),
    )
    return Outgoing("POST", asked.callback_url, headers, respond.json_bytes(body), timeout=60.0, redirects=5)


def _why(asked: Asked, answer: Answer) -> str:
    if answer.status is not None:
        return "An error occurred in the request and at the time were unable to send the consumer data"
    return curl.why(asked.callback_url, answer)


# ---------------------------------------------------------------------------------------------- pages


@lru_cache(maxsize=1)
def templates() -> Any:
    from jinja2 import Environment, PackageLoader

    return Environment(loader=PackageLoader("storelab.emulators.woocommerce"), autoescape=True)


def _page(template: str, status: int = 200, headers: tuple[tuple[str, str], ...] = (), **values: Any) -> Reply:
    body = templates().get_template(template).render(**values)
    return Reply(status, body.encode(), (_HTML, *headers))


def _login(here: Emulation, asked: Asked, onward: str, trouble: str = "", username: str = "") -> Reply:
    return _page(
        "login.html",
        app=asked.app_name,
        trouble=trouble,
        username=username,
        nonce=sessions.nonce(here, "woocommerce-login"),
        referer=f"/wc-auth/v1/login/?{asked.query()}",
        onward=onward,
        denied=asked.back(0),
    )


def _denied(denied: Denied) -> Reply:
    return _page("denied.html", 401, _NO_CACHE, message=str(denied))


def _moved(url: str) -> Reply:
    return Reply(302, b"", (("X-Redirect-By", "WordPress"), ("Location", url), _HTML))
