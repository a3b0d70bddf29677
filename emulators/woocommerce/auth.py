"""Who asks: API keys by Basic, in the query and by OAuth 1.0a, and what each kind of key may do.

Facts: over https a wrong key looks like no key, a wrong secret does not; over plain http only OAuth counts; a key
of the query outranks the Basic header; what a key may do depends on the method, overrides included. Keys open
/wp-json/wc/ only.
Source: WooCommerce 10.5.0, recorded 2026-11-21.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, quote, unquote

from ..kernel import Emulation, LabError, Operation, Request, Table, dataclass
from . import php
from .errors import WooError
from .rewrite import Rewritten, single

ADMIN = "admin"
PASSWORD = "password"  # noqa: S105 (a laboratory's admin, told to everybody)
ADMIN_ID = 1
MANAGERS = ("administrator", "shop_manager")  # the roles that may manage WooCommerce
WINDOW = timedelta(minutes=15)


@dataclass(frozen=True)
class ApiKey:
    """A key. `permissions`: read, write or read_write. The real store keeps only a hash of `consumer_key`."""

    id: int
    consumer_key: str = field(repr=False)
    consumer_secret: str = field(repr=False)
    permissions: str = "read_write"
    description: str = ""
    user_id: int = ADMIN_ID
    created_at: datetime | None = None


@dataclass(frozen=True)
class Person:
    """Somebody who is logged in, but by no key; also the owner of a key whose role allows nothing of WooCommerce."""

    user_id: int
    login: str
    role: str

    @property
    def manages(self) -> bool:
        """The right manage_woocommerce, as WordPress calls it."""
        return self.role in MANAGERS


KEYS = Table(ApiKey, "woo_keys", columns=("consumer_key",), unique=[("consumer_key",)])


@dataclass(frozen=True)
class Nonce:
    """An OAuth nonce that was used. Of one key and second only the last is known, as in the real store."""

    key_id: int
    second: int
    nonce: str


NONCES = Table(Nonce, "woo_nonces", key=("key_id", "second"), columns=("nonce",))


# ---------------------------------------------------------------------------------------------- who it is


def authenticate(here: Emulation, request: Request, operation: Operation | None) -> None:
    """Keep the key as the caller, leave it None for a stranger, or refuse a key that is not used as it should be."""
    original = request.original if isinstance(request, Rewritten) else request
    if not single(original.path).startswith(("/wp-json/wc/", "/index.php/wp-json/wc/")):
        return
    key = _by_secret(here, original) if original.scheme == "https" else None
    if key is None:
        key = _by_signature(here, original)
    if key is None:
        if "authorization" in original.headers and original.scheme == "http":
            here.explain("plain http: WooCommerce accepts Basic only over https, and OAuth 1.0a over both")
        return
    here.caller = key
    method = "OPTIONS" if isinstance(request, Rewritten) and request.options else request.method
    _permitted(key, method)


def _permitted(key: ApiKey, method: str) -> None:
    if method in ("GET", "HEAD"):
        if key.permissions not in ("read", "read_write"):
            raise _error("The API key provided does not have read permissions.")
    elif method in ("POST", "PUT", "PATCH", "DELETE"):
        if key.permissions not in ("write", "read_write"):
            raise _error("The API key provided does not have write permissions.")
    elif method != "OPTIONS":
        raise _error("Unknown request method.")


def _error(message: str) -> WooError:
    return WooError("woocommerce_rest_authentication_error", message, 401)


def _by_secret(here: Emulation, request: Request) -> ApiKey | None:
    """The key of the query or of the Basic header, by its secret."""
    name, secret = "", ""
    if "consumer_" in request.query_string:
        query = php.nested(request.query)
        if query.get("consumer_key") and query.get("consumer_secret"):
            name, secret = php.text(query["consumer_key"]), php.text(query["consumer_secret"])
    if not name:
        name, secret = basic(request.headers.get("authorization", ""))
    if not name or not secret:
        return None
    key = found(here, name)
    if key is None:
        here.explain("no API key with this consumer key")
        return None
    if not hmac.compare_digest(key.consumer_secret.encode(), secret.encode()):
        raise _error("Consumer secret is invalid.")
    return key


@lru_cache(maxsize=64)
def basic(header: str) -> tuple[str, str]:
    """Name and secret of an Authorization header; nothing twice when it is not Basic."""
    scheme, _, rest = header.partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        name, _, secret = base64.b64decode(rest.strip(), validate=True).decode("utf-8", "replace").partition(":")
    except (binascii.Error, ValueError):
        return "", ""
    return name, secret


def found(here: Emulation, consumer_key: str) -> ApiKey | None:
    """The key of this name. Case counts."""
    memos, version = here.store.memos, here.store.versions.get(KEYS.name, 0)
    slot = ("woo_key", consumer_key)
    if memos is not None and (kept := memos.get(slot)) is not None and kept[0] == version:
        key: ApiKey | None = kept[1]
        return key
    key = here.store[ApiKey].first(KEYS.c.consumer_key == consumer_key)
    if memos is not None and key is not None:
        memos[slot] = (version, key)
    return key


# ---------------------------------------------------------------------------------------------- OAuth 1.0a

_NEEDED = ("oauth_consumer_key", "oauth_timestamp", "oauth_nonce", "oauth_signature", "oauth_signature_method")
_DIGESTS = {"HMAC-SHA1": hashlib.sha1, "HMAC-SHA256": hashlib.sha256}


def _by_signature(here: Emulation, request: Request) -> ApiKey | None:
    """The key that signed the request; None when nothing speaks of OAuth."""
    header = request.headers.get("authorization", "")
    signed = header.startswith("OAuth ")
    if not signed and "oauth_" not in request.query_string and b"oauth_" not in request.body[:100_000]:
        return None
    parameters = _signed_parameters(request, header if signed else "")
    missing = [name for name in _NEEDED if not parameters.get(name)]
    if len(missing) == len(_NEEDED):
        return None
    if missing:
        word = "parameter" if len(missing) == 1 else "parameters"
        raise WooError(
            "woocommerce_rest_authentication_missing_parameter", f"Missing OAuth {word} {', '.join(missing)}", 401
        )
    key = found(here, php.text(parameters["oauth_consumer_key"]))
    if key is None:
        raise _error("Consumer key is invalid.")
    method = php.text(parameters["oauth_signature_method"])
    if method not in _DIGESTS:
        raise _error("Invalid signature - signature method is invalid.")
    given = unquote(php.text(parameters.pop("oauth_signature")).replace(" ", "+"))
    address = request.root + single(request.path)  # the store's own: get_home_url() of the path
    expected = signature(request.method, address, parameters, key.consumer_secret, method)
    if not hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace")):
        here.explain(f"the signature is not that of {request.method} {address}")
        raise _error("Invalid signature - provided signature does not match.")
    _use_once(here, key, php.integer(parameters["oauth_timestamp"]), php.text(parameters["oauth_nonce"]))
    return key


def _signed_parameters(request: Request, header: str) -> dict[str, Any]:
    pairs = list(request.query)
    if request.method == "POST" and request.content_type == "application/x-www-form-urlencoded":
        pairs += parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True, errors="replace")
    parameters = php.nested(pairs)
    for part in header[6:].split(","):
        name, equals, value = part.strip().partition("=")
        if equals and name.startswith("oauth_"):
            parameters[name.strip()] = unquote(value.strip().strip('"'))
    return parameters


def signature(method: str, url: str, parameters: Mapping[str, Any], secret: str, algorithm: str) -> str:
    """The signature that the store computes. It names nested parameters by their index: `include[]` as `include[0]`,
    and encodes what stands in brackets once where it encodes all else twice."""
    pairs: list[str] = []
    for name in sorted(parameters, key=str.encode):
        _join(pairs, quote(name, safe="~"), parameters[name])
    text = "&".join((method.upper(), quote(url, safe="~"), quote("&".join(pairs), safe="~")))
    digest = hmac.new(f"{secret}&".encode(), text.encode(), _DIGESTS[algorithm]).digest()
    return base64.b64encode(digest).decode()


def _join(pairs: list[str], name: str, value: Any) -> None:
    if isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            _join(pairs, f"{name}%5B{key}%5D", item)
    else:
        pairs.append(f"{name}={quote(php.text(value), safe='~')}")


def _use_once(here: Emulation, key: ApiKey, second: int, nonce: str) -> None:
    now = here.clock.now
    try:
        at = datetime.fromtimestamp(second, UTC)
    except (OverflowError, ValueError, OSError):
        raise _error("Invalid timestamp.") from None
    if abs(at - now) > WINDOW:
        here.explain(f"oauth_timestamp is {at:%Y-%m-%d %H:%M:%S} UTC, the store's clock says {now:%Y-%m-%d %H:%M:%S}")
        raise _error("Invalid timestamp.")
    nonces = here.store[Nonce]
    if nonces.first(NONCES.c.key_id == key.id, NONCES.c.nonce == nonce):
        raise _error("Invalid nonce - nonce has already been used.")
    nonces.delete_where(NONCES.c.key_id == key.id, NONCES.c.second < int((now - WINDOW).timestamp()))
    nonces.put(Nonce(key.id, second, nonce))


# ---------------------------------------------------------------------------------------------- what one may

_REFUSED = {
    "view": ("woocommerce_rest_cannot_view", "Sorry, you cannot list resources."),
    "create": ("woocommerce_rest_cannot_create", "Sorry, you are not allowed to create resources."),
    "edit": ("woocommerce_rest_cannot_edit", "Sorry, you are not allowed to edit this resource."),
    "delete": ("woocommerce_rest_cannot_delete", "Sorry, you are not allowed to delete this resource."),
    "batch": (
        "woocommerce_rest_cannot_batch",
        "Sorry, you are not allowed to batch manipulate this resource.",
    ),
}


_REFUSED_OF_ATTRIBUTES = {
    "create": ("woocommerce_rest_cannot_create", "Sorry, you cannot create new resource."),
    "edit": ("woocommerce_rest_cannot_update", "Sorry, you cannot update resource."),
}
_REFUSED_OF_REVIEWS = {
    "edit": ("woocommerce_rest_cannot_edit", "Sorry, you cannot edit this resource."),
    "delete": ("woocommerce_rest_cannot_delete", "Sorry, you cannot delete this resource."),
}
OWN_WORDS = {"attributes": _REFUSED_OF_ATTRIBUTES, "reviews": _REFUSED_OF_REVIEWS}
"""Controllers that say it in other words. Source: their permission checks, WooCommerce 10."""


def require(action: str, here: Emulation, single: bool = False, *, of: str = "") -> None:
    """Refuse a stranger, and who may not. `action`: view, create, edit, delete or batch; `single`: one thing is
    viewed, not a list; `of`: one of `OWN_WORDS`."""
    if not isinstance(here.caller, ApiKey):
        raise refused(action, here.caller, single, of=of)


def refused(action: str, caller: Person | None, single: bool = False, *, of: str = "") -> WooError:
    """What a stranger (None) hears, or somebody who may not."""
    code, message = OWN_WORDS.get(of, {}).get(action) or _REFUSED[action]
    if single and action == "view":
        message = "Sorry, you cannot view this resource."
    return WooError(code, message, 401 if caller is None else 403)


def user_id(here: Emulation) -> int:
    """Who is logged in, or whose key it is; 0 for a stranger and for what the store does by itself."""
    return here.caller.user_id if isinstance(here.caller, ApiKey | Person) else 0


# ---------------------------------------------------------------------------------------------- keys


def created(
    here: Emulation, permissions: str = "read_write", description: str = "API key", user_id: int = ADMIN_ID
) -> ApiKey:
    """A new key with seeded secrets, of this user."""
    if permissions not in ("read", "write", "read_write"):
        raise LabError(f"a key is read, write or read_write, not {permissions!r}")
    key = ApiKey(
        here.ids.next("key"),
        f"ck_{here.ids.hex(40)}",
        f"cs_{here.ids.hex(40)}",
        permissions,
        description,
        user_id,
        created_at=here.clock.now.replace(microsecond=0),
    )
    return here.store[ApiKey].add(key)


def shown(key: ApiKey) -> dict[str, Any]:
    return {
        "key_id": key.id,
        "consumer_key": key.consumer_key,
        "consumer_secret": key.consumer_secret,
        "key_permissions": key.permissions,
    }
