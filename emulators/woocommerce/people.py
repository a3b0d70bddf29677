"""Who logs in by name and password, and what that opens; and whether the owner of a key may still do anything.

An account is a row of `customers`; its password is kept as a hash, apart. The right to manage WooCommerce is that of
administrators and shop managers. A key acts as its owner: that of somebody who is gone opens nothing, that of
somebody who lost the right is refused with 403.
Source: public documentation of WordPress's and WooCommerce's roles; refusals in WordPress's own words.
Left out: capabilities one by one, several roles at once, application passwords.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from typing import Any

from ..kernel import Emulation, LabError, Operation, Request, Table, dataclass, replace
from . import auth, customers, dates, settings, webhooks
from .auth import ADMIN_ID, PASSWORD, ApiKey, Person
from .customers import Customer
from .errors import WooError

ROLES = ("administrator", "shop_manager", "editor", "author", "contributor", "customer", "subscriber")
OPEN_TO_ALL = frozenset({"store_side.me"})  # what needs a login and nothing else


@dataclass(frozen=True)
class Password:
    """`id` is the account's. Without one nobody can log in as it, but as the admin of a fresh store."""

    id: int
    hash: str


PASSWORDS = Table(Password, "woo_passwords")


def kept_password(here: Emulation, user_id: int, password: str) -> None:
    here.store[Password].put(Password(user_id, _hash(here, user_id, password)))


def _hash(here: Emulation, user_id: int, password: str) -> str:
    salt = settings.value(here, "nonce_salt")
    return hashlib.sha256(f"{salt}|{user_id}|{password}".encode("utf-8", "surrogatepass")).hexdigest()


def named(here: Emulation, login: str) -> Customer | None:
    """The account of this user name or mail address."""
    c = customers.C
    return here.store[Customer].first((c.username == login) | (c.email_key == login.casefold())) if login else None


def fits(here: Emulation, account: Customer, password: str) -> bool:
    kept = here.store[Password].get(account.id)
    if kept is None:
        return account.id == ADMIN_ID and hmac.compare_digest(password.encode("utf-8", "replace"), PASSWORD.encode())
    return hmac.compare_digest(kept.hash, _hash(here, account.id, password))


def logged_in(here: Emulation, header: str) -> Person | None:
    """Who an Authorization header is of; nobody for a wrong password and for a key."""
    login, password = auth.basic(header)
    account = named(here, login)
    if account is None or not fits(here, account, password):
        return None
    return Person(account.id, account.username, account.role)


def admitted(here: Emulation, request: Request, operation: Operation | None) -> None:
    """Keep who calls the store-side API, or refuse: it is for those who manage WooCommerce, by Basic."""
    person = logged_in(here, request.headers.get("authorization", ""))
    if person is None:
        here.explain("the store-side API is for people of the site, by Basic; keys of WooCommerce do not open it")
        raise WooError("rest_forbidden", "Sorry, you are not allowed to do that.", 401)
    here.caller = person
    if not person.manages and (operation is None or operation.id not in OPEN_TO_ALL):
        here.explain(f"{person.login} is {person.role}, who may not manage WooCommerce")
        raise WooError("rest_forbidden", "Sorry, you are not allowed to do that.", 403)


def judged(here: Emulation) -> None:
    """A key counts for what its owner may do now."""
    key = here.caller
    if not isinstance(key, ApiKey) or key.user_id == ADMIN_ID:
        return
    owner = here.store[Customer].get(key.user_id)
    if owner is None:
        here.explain(f"user {key.user_id}, whose key this is, is gone")
        here.caller = None
    elif owner.role not in auth.MANAGERS:
        here.explain(f"{owner.username}, whose key this is, is {owner.role}, who may not manage WooCommerce")
        here.caller = Person(owner.id, owner.username, owner.role)


def blind(here: Emulation, user_id: int) -> WooError | None:
    """Why this user may not read what a webhook of theirs is about; None when nothing is in the way."""
    if user_id in (0, ADMIN_ID):
        return None
    owner = here.store[Customer].get(user_id)
    if owner is not None and owner.role in auth.MANAGERS:
        return None
    person = Person(owner.id, owner.username, owner.role) if owner is not None else None
    return auth.refused("view", person, single=True)


def forgotten(here: Emulation, user_id: int) -> None:
    here.store[Password].delete(user_id)


customers.WHEN_DELETED.append(forgotten)


# ---------------------------------------------------------------------------------------------- vocabulary


def a_wordpress_user(
    here: Emulation,
    login: str = "manager",
    password: str = "password",  # noqa: S107 (a laboratory's people, told to everybody)
    role: str = "shop_manager",
) -> dict[str, Any]:
    """Somebody who can log in: administrator or shop_manager (both manage WooCommerce), editor, author, contributor,
    customer or subscriber. Answers {"id", "login", "role"}."""
    if role not in ROLES:
        raise LabError(f"{role!r} is no role of WordPress; there are {', '.join(ROLES)}")
    if not customers.is_username(login):
        raise LabError(f"{login!r} is no name to log in with")
    account = named(here, login)
    if account is None:
        account = here.store[Customer].add(_new(here, login, role))
    elif account.id == ADMIN_ID and role != account.role:
        raise LabError("the admin of a fresh store stays its administrator")
    else:
        account = here.store[Customer].put(replace(account, role=role))
    kept_password(here, account.id, password)
    return {"id": account.id, "login": account.username, "role": account.role}


def _new(here: Emulation, login: str, role: str) -> Customer:
    now, number = dates.second(here), here.ids.next("user")
    email = login if "@" in login else f"{login.replace(' ', '.')}@example.com"
    if named(here, email) is not None:
        email = f"user{number}@example.com"
    return Customer(number, login, email.casefold(), role, now, now, email, login.casefold())


def delete_user(here: Emulation, login: str) -> dict[str, Any]:
    """An administrator deletes an account under Users. Its keys stay and open nothing any more."""
    account = named(here, login)
    if account is None:
        raise LabError(f"there is no user {login!r}", status=404, code="unknown_user")
    if account.id == ADMIN_ID:
        raise LabError("the admin of a fresh store cannot be deleted")
    here.store[Customer].delete(account.id)
    for untie in customers.WHEN_DELETED:
        untie(here, account.id)
    if account.role == "customer":
        webhooks.happened(here, "customer.deleted", account.id)
    return {"id": account.id, "login": account.username}


STATES: dict[str, Callable[..., Any]] = {"a WordPress user": a_wordpress_user}
MOVES: dict[str, Callable[..., Any]] = {"delete user": delete_user}
