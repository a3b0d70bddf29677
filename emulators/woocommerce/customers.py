"""Customers: everybody who has an account, the shop's administrator among them.

Source: WooCommerce 10.5.0, recorded 2026-11-21.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from ..kernel import Emulation, Reply, Table, dataclass, emulation, replace
from . import auth, dates, meta, php, respond, settings, texts, webhooks
from .arguments import is_email
from .errors import WooError
from .params import Params

BILLING = (
    "first_name", "last_name", "company", "address_1", "address_2", "city", "postcode", "country", "state", "email",
    "phone",
)  # fmt: skip
SHIPPING = tuple(f for f in BILLING if f != "email")
DELETABLE = ("customer", "subscriber")
_USERNAME = re.compile(r"[A-Za-z0-9 _.\-@]+")
_IMPERSONAL = ("sales", "hello", "mail", "contact", "info")


@dataclass(frozen=True)
class Customer:
    """One account. `email_key` and `username` are unique without regard to case. `name_key`: what it is called by in
    lists and searches, in small letters; it stays when the names change. Passwords are in `people`."""

    id: int
    username: str
    email_key: str
    role: str = "customer"
    created_at: datetime | None = None
    modified_at: datetime | None = None
    email: str = ""
    name_key: str = ""
    first_name: str = ""
    last_name: str = ""
    is_paying: bool = False
    billing: dict[str, str] = field(default_factory=dict)
    shipping: dict[str, str] = field(default_factory=dict)
    meta_data: meta.Kept = field(default_factory=list)


CUSTOMERS = Table(
    Customer,
    "woo_customers",
    columns=("username", "email_key", "role", "created_at", "name_key"),
    unique=[["username"], ["email_key"]],
    indexes=[("role", "name_key", "id")],
)
TABLES = (CUSTOMERS,)
C = CUSTOMERS.c


class UnknownCustomer(WooError):
    def __init__(self) -> None:
        super().__init__("wc_user_invalid_id", "Invalid user ID.", 404)


def list_all(params: Params) -> Reply:
    here = emulation()
    auth.require("view", here)
    where = _filters(params)
    accounts = here.store[Customer]
    order = _order(params)
    start = respond.start(params)
    page = accounts.all(*where, order=order, limit=params["per_page"], offset=start)
    return respond.page([rendered(here, c) for c in page], accounts.count(*where), params, "customers", begins=start)


def _order(params: Params) -> list[Any]:
    if params["orderby"] == "include" and params.get("include"):
        return [sa.case({number: at for at, number in enumerate(params["include"])}, value=C.id)]
    column = {"id": C.id, "registered_date": C.created_at}.get(params["orderby"], C.name_key)
    return [column.desc(), C.id.desc()] if params["order"] == "desc" else [column.asc(), C.id.asc()]


def _filters(params: Params) -> list[Any]:
    where: list[Any] = []
    if params.get("role", "customer") != "all":
        where.append(C.role == params.get("role", "customer"))
    if params.get("email"):
        where.append(C.email_key == params["email"].casefold())
    if params.get("search"):
        where.append(_found_by(php.text(params["search"])))
    if params.get("include"):
        where.append(C.id.in_(params["include"]))
    if params.get("exclude"):
        where.append(C.id.not_in(params["exclude"]))
    return where


def _found_by(text: str) -> Any:
    """What looks like an address is looked for in addresses only, a number in names and as an id.

    Source: WP_User_Query of WordPress 6.
    """
    login, mailed, named = (c.icontains(text, autoescape=True) for c in (C.username, C.email_key, C.name_key))
    if "@" in text:
        return mailed
    return login | (C.id == php.integer(text)) if php.is_numeric(text) else login | mailed | named


def name_key(first_name: str, last_name: str, username: str) -> str:
    """What an account is called by when it is made: its names, else what it logs in by."""
    return (" ".join(filter(None, (first_name, last_name))) or username).casefold()


def create(params: Params) -> Reply:
    here = emulation()
    auth.require("create", here)
    if params.get("id"):
        raise WooError("woocommerce_rest_customer_exists", "Cannot create existing resource.")
    email = texts.plain(params.get("email"))
    _refuse_malformed(email)
    username = _free_username(here, email, params.get("username"))
    _refuse_without_password(here, params)
    now = dates.second(here)
    new = Customer(
        id=here.ids.next("user"),
        username=username,
        email_key=email.casefold(),
        created_at=now,
        modified_at=now,
        email=email,
        meta_data=[] if params.get("password") else meta.added(here, [], "default_password_nag", "1"),
    )
    new = with_sent(here, new, params)
    new = replace(new, name_key=name_key(new.first_name, new.last_name, username))
    new = here.store[Customer].add(new)
    webhooks.happened(here, "customer.created", new.id)
    webhooks.happened(here, "customer.updated", new.id)
    body = rendered(here, new)
    return respond.one(body, 201, location=respond.self_url(body))


def read(params: Params) -> Reply:
    here = emulation()
    customer = found(here, params["id"])
    auth.require("view", here, single=True)
    return _reply(here, customer)


def _refuse_without_password(here: Emulation, params: Params) -> None:
    """Where the shop makes none by itself."""
    if settings.value(here, "woocommerce_registration_generate_password") != "no" or params.get("password"):
        return
    if params.checked and params.get("password") is None:
        raise WooError("rest_missing_callback_param", "Missing parameter(s): password", params=["password"])
    raise WooError("registration-error-missing-password", "Please create a password for your account.")


def update(params: Params) -> Reply:
    here = emulation()
    customer = found(here, params["id"])
    auth.require("edit", here)
    _refuse_staff(customer, params)
    email = texts.plain(params.get("email"))
    if email and email != customer.email:  # in other letters it is somebody's too: the customer's own
        _refuse_malformed(email)
        if here.store[Customer].first(C.email_key == email.casefold()):
            raise WooError("woocommerce_rest_customer_invalid_email", "Email address is invalid.")
        customer = replace(customer, email=email, email_key=email.casefold())
    if params.get("username") and params["username"] != customer.username:
        raise WooError("woocommerce_rest_customer_invalid_argument", "Username isn't editable.")
    customer = here.store[Customer].put(replace(with_sent(here, customer, params), modified_at=dates.second(here)))
    webhooks.happened(here, "customer.updated", customer.id)
    return _reply(here, customer)


def _refuse_staff(customer: Customer, params: Params) -> None:
    """Who is no customer keeps address and password.

    Source: WC_REST_Customers_V1_Controller::update_item_permissions_check, WooCommerce 10.
    """
    if customer.role in DELETABLE:
        return
    for name, old in (("email", customer.email), ("password", None)):
        if params.get(name) is not None and params[name] != old:
            message = f"Sorry, {name} cannot be updated via this endpoint for a user with role {customer.role}."
            raise WooError("woocommerce_rest_cannot_edit", message, 403)


def delete(params: Params) -> Reply:
    """Remove an account for good; its orders stay, as those of a guest.

    Errors: 501 without force, 400 for a bad `reassign`, 403 for anybody but customers and subscribers.
    """
    here = emulation()
    customer = found(here, params["id"])
    auth.require("delete", here)
    if not params.get("force"):
        raise WooError("woocommerce_rest_trash_not_supported", "Customers do not support trashing.", 501)
    heir = php.integer(params.get("reassign"))
    if heir and (heir == customer.id or here.store[Customer].get(heir) is None):
        raise WooError("woocommerce_rest_customer_invalid_reassign", "Invalid resource id for reassignment.")
    if customer.role not in DELETABLE:
        raise WooError(
            "woocommerce_rest_cannot_delete",
            f"Sorry, users with {customer.role} role cannot be deleted via this endpoint. "
            f"Allowed roles: {', '.join(DELETABLE)}",
            403,
        )
    here.store[Customer].delete(customer.id)
    for untie in WHEN_DELETED:
        untie(here, customer.id)
    webhooks.happened(here, "customer.deleted", customer.id)
    body = rendered(here, customer)
    body["_links"]["self"] = [{"href": respond.self_url(body)}]  # nothing is allowed on what is gone
    return respond.one(body, allow=())


WHEN_DELETED: list[Callable[[Emulation, int], None]] = []  # orders put their function here


def _reply(here: Emulation, customer: Customer) -> Reply:
    return respond.one(rendered(here, customer), allow=_allowed(customer))


def _allowed(customer: Customer) -> tuple[str, ...]:
    return respond.ITEM if customer.role in DELETABLE else respond.ITEM[:-1]


def found(here: Emulation, customer_id: Any) -> Customer:
    customer = here.store[Customer].get(php.integer(customer_id))
    if customer is None:
        raise UnknownCustomer
    return customer


def payload(here: Emulation, customer_id: int) -> dict[str, Any]:
    return rendered(here, found(here, customer_id))


def _refuse_malformed(email: str) -> None:
    if email and not is_email(email):
        raise WooError("customer_invalid_email", "Invalid email address")


def with_sent(here: Emulation, customer: Customer, params: Mapping[str, Any]) -> Customer:
    """Names, addresses and custom fields as sent; what was not sent stays."""
    changes: dict[str, Any] = {}
    for name in ("first_name", "last_name"):
        if params.get(name) is not None:
            changes[name] = texts.unslashed(texts.plain(params[name]))
    changes["billing"] = merged_address(customer.billing, _unslashed(params.get("billing")), BILLING)
    changes["shipping"] = merged_address(customer.shipping, _unslashed(params.get("shipping")), SHIPPING)
    changes["meta_data"] = meta.merged(here, customer.meta_data, meta.unprotected(params.get("meta_data")))
    return replace(customer, **changes)


def _unslashed(sent: Any) -> Any:
    """An address as fields of a person are kept. Source: update_user_meta() of WordPress."""
    if not isinstance(sent, Mapping):
        return sent
    return {k: v if v is None else texts.unslashed(texts.php_text(v)) for k, v in sent.items()}


def merged_address(old: Mapping[str, str], sent: Any, fields: tuple[str, ...]) -> dict[str, str]:
    if not isinstance(sent, Mapping):
        return dict(old)
    return {**old, **{f: texts.php_text(sent[f]) for f in fields if sent.get(f) is not None}}


def _free_username(here: Emulation, email: str, wanted: Any) -> str:
    if not email:
        raise WooError("registration-error-invalid-email", "Please provide a valid email address.")
    accounts = here.store[Customer]
    if accounts.first(C.email_key == email.casefold()):
        raise WooError(
            "registration-error-email-exists",
            f"An account is already registered with {email}. Please log in or use a different email address.",
        )
    if not wanted:
        username = derived_username(email)
        while accounts.first(C.username == username):
            username = f"{derived_username(email)}-{here.ids.number(0, 9999):04d}"
        return username
    username = texts.plain(wanted)
    if not is_username(username):
        raise WooError("registration-error-invalid-username", "Please provide a valid account username.")
    if accounts.first(sa.func.lower(C.username) == username.lower()):
        raise WooError(
            "registration-error-username-exists",
            "An account is already registered with that username. Please choose another.",
        )
    return username


def is_username(text: str) -> bool:
    return bool(_USERNAME.fullmatch(text))


def derived_username(email: str) -> str:
    """What stands before the @; of "info@" and its like, the domain."""
    local, _, domain = email.lower().partition("@")
    name = domain.split(".")[0] if local in _IMPERSONAL else local
    return re.sub(r"[^a-z0-9 _.\-@]", "", name)


def rendered(here: Emulation, customer: Customer) -> dict[str, Any]:
    links = respond.links(here, "customers", customer.id, allow=_allowed(customer))
    digest = hashlib.sha256(customer.email.strip().lower().encode()).hexdigest()
    return {
        "id": customer.id,
        "date_created": dates.local(here, customer.created_at),
        "date_created_gmt": dates.gmt(customer.created_at),
        "date_modified": dates.local(here, customer.modified_at),
        "date_modified_gmt": dates.gmt(customer.modified_at),
        "email": customer.email,
        "first_name": customer.first_name,
        "last_name": customer.last_name,
        "role": customer.role,
        "username": customer.username,
        "billing": {f: customer.billing.get(f, "") for f in BILLING},
        "shipping": {f: customer.shipping.get(f, "") for f in SHIPPING},
        "is_paying_customer": customer.is_paying,
        "avatar_url": f"https://secure.gravatar.com/avatar/{digest}?s=96&d=mm&r=g",
        "meta_data": customer.meta_data,
        "_links": links,
    }


def has_paid(here: Emulation, customer_id: int) -> None:
    """An order of this account was paid or completed: it is a paying customer from now on."""
    customer = here.store[Customer].get(customer_id)
    if customer is not None and not customer.is_paying:
        here.store[Customer].put(replace(customer, is_paying=True, modified_at=dates.second(here)))
        webhooks.happened(here, "customer.updated", customer_id)


def add_admin(here: Emulation) -> Customer:
    """The account every fresh shop has. Nobody ever edited it: `date_modified` is null."""
    return here.store[Customer].put(
        Customer(
            id=here.ids.next("user"),
            username="admin",
            email_key="admin@example.com",
            email="admin@example.com",
            name_key="admin",
            role="administrator",
            created_at=dates.second(here),
        )
    )


def a_customer(here: Emulation, email: str = "jane@example.com", first_name: str = "Jane") -> dict[str, int]:
    """An account with this address. Answers {"id"}."""
    old = here.store[Customer].first(C.email_key == email.casefold())
    if old is not None:
        return {"id": old.id}
    now = dates.second(here)
    username = _free_username(here, email, None)
    new = Customer(
        id=here.ids.next("user"),
        username=username,
        email_key=email.casefold(),
        email=email,
        name_key=name_key(first_name, "", username),
        first_name=first_name,
        created_at=now,
        modified_at=now,
    )
    here.store[Customer].add(new)
    return {"id": new.id}


STATES: dict[str, Callable[..., Any]] = {"a customer": a_customer}


def facts(here: Emulation) -> dict[str, dict[str, Any]]:
    """Customers by e-mail address: names, telephone, and custom fields."""
    return {
        c.email: {
            "id": c.id,
            "first_name": c.first_name,
            "last_name": c.last_name,
            "phone": c.billing.get("phone", ""),
            "fields": {m["key"]: m["value"] for m in c.meta_data},
        }
        for c in here.store[Customer].all(C.role == "customer", order=[C.id])
    }


FACTS: dict[str, Callable[..., Any]] = {"customers": facts}
