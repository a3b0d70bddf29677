"""WordPress's own list of accounts, /wp-json/wp/v2/users, as far as tests of shops need it.

A key of WooCommerce opens none of it (recorded). People get in by Basic with their names and passwords, in the place
of application passwords; all but administrators see as much as strangers, and themselves.
Source: public documentation of the WordPress REST API; texts of refusals are its own.
Left out: capabilities, locale, what plugins add.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from ..kernel import Emulation, Reply, emulation, replace
from . import auth, customers, dates, people, php, respond, texts, webhooks
from .customers import CUSTOMERS, Customer
from .errors import WooError
from .params import Params

C = CUSTOMERS.c
USERS = "wp/v2/users"
_SIZES = (24, 48, 96)
_WRITTEN_BY = auth.ADMIN_ID  # whose posts a fresh site has; only authors are shown to strangers


def list_all(params: Params) -> Reply:
    here = emulation()
    admin = _is_admin(here)
    if params["context"] == "edit" and not admin:
        raise WooError("rest_forbidden_context", "Sorry, you are not allowed to edit users.", 401)
    if params.get("roles") and not admin:
        raise WooError("rest_user_cannot_view", "Sorry, you are not allowed to filter users by role.", 401)
    where = [] if admin else [C.id == _WRITTEN_BY]
    if params.get("roles"):
        where.append(C.role.in_(params["roles"]))
    if params.get("search"):
        words = params["search"].strip("*")
        where.append(C.username.icontains(words, autoescape=True) | C.email_key.icontains(words, autoescape=True))
    if params.get("slug"):
        where.append(C.username.in_(params["slug"]))
    if params.get("include"):
        where.append(C.id.in_(params["include"]))
    if params.get("exclude"):
        where.append(C.id.not_in(params["exclude"]))
    column = {"id": C.id, "registered_date": C.created_at, "email": C.email_key}.get(params["orderby"], C.username)
    order = [column.desc(), C.id.desc()] if params["order"] == "desc" else [column.asc(), C.id.asc()]
    accounts = here.store[Customer]
    start = respond.start(params)
    page = accounts.all(*where, order=order, limit=params["per_page"], offset=start)
    items = [rendered(here, account, params["context"]) for account in page]
    return respond.page(items, accounts.count(*where), params, address=_address(here), begins=start)


def read(params: Params) -> dict[str, Any]:
    here = emulation()
    account = _found(here, params["id"])
    if not _is_admin(here) and (account.id != _WRITTEN_BY or params["context"] == "edit"):
        raise WooError("rest_user_cannot_view", "Sorry, you are not allowed to list users.", 401)
    return rendered(here, account, params["context"])


def read_me(params: Params) -> dict[str, Any]:
    """Whose password was sent: never the owner of a key."""
    here = emulation()
    person = _caller(here)
    if person is None:
        raise WooError("rest_not_logged_in", "You are not currently logged in.", 401)
    return rendered(here, _found(here, person.user_id), params["context"])


def create(params: Params) -> Reply:
    here = emulation()
    _require(here, "rest_cannot_create_user", "Sorry, you are not allowed to create new users.")
    accounts = here.store[Customer]
    username, email = texts.plain(params["username"]), texts.plain(params["email"])
    if not username:
        raise WooError("empty_user_login", "Cannot create a user with an empty login name.", 500)
    if accounts.first(C.username == username):
        raise WooError("existing_user_login", "Sorry, that username already exists!", 500)
    if accounts.first(C.email_key == email.casefold()):
        raise WooError("existing_user_email", "Sorry, that email address is already used!", 500)
    now = dates.second(here)
    new = Customer(
        id=here.ids.next("user"),
        username=username,
        email_key=email.casefold(),
        email=email,
        name_key=username.casefold(),
        role="subscriber",
        created_at=now,
        modified_at=now,
    )
    new = accounts.add(_with_sent(new, params))
    if params.get("password"):
        people.kept_password(here, new.id, php.text(params["password"]))
    if new.role == "customer":
        webhooks.happened(here, "customer.created", new.id)
    return respond.one(rendered(here, new, "edit"), 201, location=f"{_address(here)}/{new.id}")


def update(params: Params) -> dict[str, Any]:
    here = emulation()
    old = _found(here, params["id"])
    _require(here, "rest_cannot_edit", "Sorry, you are not allowed to edit this user.")
    if params.get("username") and params["username"] != old.username:
        raise WooError("rest_user_invalid_argument", "Username isn't editable.")
    new = _with_sent(old, params)
    if params.get("email"):
        email = texts.plain(params["email"])
        twin = here.store[Customer].first(C.email_key == email.casefold())
        if twin is not None and twin.id != old.id:
            raise WooError("rest_user_invalid_email", "Invalid email address.")
        new = replace(new, email=email, email_key=email.casefold())
    here.store[Customer].put(replace(new, modified_at=dates.second(here)))
    if params.get("password"):
        people.kept_password(here, new.id, php.text(params["password"]))
    if new.role == "customer":
        webhooks.happened(here, "customer.updated", new.id)
    return rendered(here, new, "edit")


def delete(params: Params) -> dict[str, Any]:
    """Remove an account for good. Errors: 501 without force, 400 for a bad `reassign`."""
    here = emulation()
    account = _found(here, params["id"])
    _require(here, "rest_user_cannot_delete", "Sorry, you are not allowed to delete this user.")
    if not params.get("force"):
        raise WooError("rest_trash_not_supported", "Users do not support trashing. Set 'force=true' to delete.", 501)
    heir = php.integer(params.get("reassign"))
    if heir and (heir == account.id or here.store[Customer].get(heir) is None):
        raise WooError("rest_user_invalid_reassign", "Invalid user ID for reassignment.")
    here.store[Customer].delete(account.id)
    for untie in customers.WHEN_DELETED:
        untie(here, account.id)
    if account.role == "customer":
        webhooks.happened(here, "customer.deleted", account.id)
    return {"deleted": True, "previous": rendered(here, account, "edit", links=False)}


def _caller(here: Emulation) -> auth.Person | None:
    header = here.request.headers.get("authorization", "") if here.request else ""
    return people.logged_in(here, header) if header else None


def _is_admin(here: Emulation) -> bool:
    person = _caller(here)
    return person is not None and person.role == "administrator"


def _require(here: Emulation, code: str, message: str) -> None:
    person = _caller(here)
    if person is None or person.role != "administrator":
        raise WooError(code, message, 401 if person is None else 403)


def _found(here: Emulation, number: Any) -> Customer:
    account = here.store[Customer].get(php.integer(number))
    if account is None:
        raise WooError("rest_user_invalid_id", "Invalid user ID.", 404)
    return account


def _with_sent(account: Customer, params: Params) -> Customer:
    names: dict[str, Any] = {
        f: texts.plain(params[f]) for f in ("first_name", "last_name") if params.get(f) is not None
    }
    roles: Sequence[str] = params.get("roles") or ()
    return replace(account, **names, role=roles[0] if roles else account.role)


def _address(here: Emulation) -> str:
    return f"{here.root}/wp-json/{USERS}"


def rendered(here: Emulation, account: Customer, context: str = "view", *, links: bool = True) -> dict[str, Any]:
    """An account as everybody may see it, or as it can be edited."""
    digest = hashlib.sha256(account.email.strip().lower().encode()).hexdigest()
    name = f"{account.first_name} {account.last_name}".strip() or account.username
    shown: dict[str, Any] = {
        "id": account.id,
        "name": name,
        "url": "",
        "description": "",
        "link": f"{here.root}/author/{account.username}/",
        "slug": texts.slug(account.username),
        "avatar_urls": {str(size): f"https://secure.gravatar.com/avatar/{digest}?s={size}&d=mm&r=g" for size in _SIZES},
        "meta": [],
    }
    if context == "edit":
        registered = dates.gmt(account.created_at)
        shown = {
            "id": account.id,
            "username": account.username,
            "name": name,
            "first_name": account.first_name,
            "last_name": account.last_name,
            "email": account.email,
            **{key: shown[key] for key in ("url", "description", "link")},
            "nickname": account.username,
            "slug": shown["slug"],
            "roles": [account.role],
            "registered_date": f"{registered}+00:00" if registered else "",
            "avatar_urls": shown["avatar_urls"],
            "meta": [],
        }
    if links:
        shown["_links"] = {
            "self": [{"href": f"{_address(here)}/{account.id}"}],
            "collection": [{"href": _address(here)}],
        }
    return shown
