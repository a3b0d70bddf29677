"""Contacts: customers of shops, and people whom other systems know; a change goes to all the others.

Source: Spotler Connect help: connector overview (both ways in real time; no contact lists, organisations, activities),
connector settings (opt-in strategy: only subscriptions, both, none). Assumed: which fields Connect writes, where the
opt-in is kept, and that nobody gets an account in a shop who has none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from ..kernel import Emulation, Table, dataclass, emulation
from ..shop import ShopRefused
from . import platforms
from .connector import Connector, carrying, shop_of
from .errors import NotFound
from .moments import iso
from .presets import OUT
from .rule_book import judged
from .work import ask

OPT_IN = "spotler_opt_in"  # the customer's custom field: "yes" or "no"
OWNED = ("first_name", "last_name", "phone", "subscribed")


@dataclass(frozen=True)
class Contact:
    """`email` is how a contact is known, in small letters. `subscribed` is None when nobody has said. `source`: who
    changed it last, a connector's or a platform's number."""

    id: int
    email: str
    first_name: str = ""
    last_name: str = ""
    phone: str = ""
    subscribed: bool | None = None
    source: int = 0
    created_at: datetime | None = None
    updated_at: datetime | None = None

    def values(self) -> dict[str, Any]:
        return {"email": self.email, "created_at": iso(self.created_at), **{n: getattr(self, n) for n in OWNED}}


@dataclass(frozen=True)
class Account:
    """A contact's account in one shop."""

    key: str  # "connector/customer"
    connector: int
    customer: int
    contact: int


CONTACTS = Table(Contact, "spotler_contacts", columns=("email",), unique=[("email",)])
ACCOUNTS = Table(Account, "spotler_customers", key="key", columns=("connector", "contact"))
TABLES = (CONTACTS, ACCOUNTS)
C = CONTACTS.c


# ---------------------------------------------------------------------------------------------- in from a shop


def normalised(row: Mapping[str, Any]) -> dict[str, Any]:
    billing = row.get("billing") or {}
    said = next((m.get("value") for m in row.get("meta_data") or () if m.get("key") == OPT_IN), None)
    return {
        "email": str(row.get("email") or "").strip().casefold(),
        "first_name": str(row.get("first_name") or billing.get("first_name") or ""),
        "last_name": str(row.get("last_name") or billing.get("last_name") or ""),
        "phone": str(billing.get("phone") or ""),
        "subscribed": {"yes": True, "no": False}.get(str(said)),
        "created_at": row.get("date_created_gmt"),
    }


async def bring_in(here: Emulation, connector: Connector, ref: str) -> None:
    """Read one customer and take it in. One that is gone is nothing to do."""
    try:
        row = await shop_of(here, connector).get(f"/customers/{ref}")
    except ShopRefused as refused:
        if refused.status not in (400, 404):
            raise
        return
    take(here, connector, row)


def take(here: Emulation, connector: Connector, row: Mapping[str, Any]) -> Contact | None:
    """Take in a customer. What says nothing new changes nothing, and so goes nowhere: also our own write, heard of."""
    values = normalised(row)
    if not values["email"]:
        return None
    about = f"contact {values['email']} of {connector.name}"
    outcome = judged(here, "contact", "import", connector.id, values, zone=connector.timezone, about=about)
    if outcome.blocked_by is not None:
        return None
    values = dict(outcome.values)
    contact = known(here, values["email"])
    if contact is None:
        contact = _new(here, values["email"], connector.id)
    if values["subscribed"] is None:
        values["subscribed"] = contact.subscribed
    here.store[Account].put(Account(f"{connector.id}/{row['id']}", connector.id, int(row["id"]), contact.id))
    return changed(here, contact, {name: values[name] for name in OWNED}, connector.id)


def known(here: Emulation, email: str) -> Contact | None:
    return here.store[Contact].first(C.email == email.strip().casefold())


def _new(here: Emulation, email: str, source: int) -> Contact:
    now = here.clock.now
    contact = Contact(here.ids.next("spotler.contact"), email, source=source, created_at=now)
    return here.store[Contact].add(contact)


def added(here: Emulation, email: str, values: Mapping[str, Any], source: int) -> Contact:
    """A contact that another system has made."""
    return changed(here, _new(here, email.strip().casefold(), source), values, source)


def changed(here: Emulation, contact: Contact, values: Mapping[str, Any], by: int) -> Contact:
    """The contact with these values, told to everybody but to whom they come from; untold when nothing is new."""
    after = replace(contact, **values)
    if after == contact and contact.updated_at is not None:
        return contact
    after = here.store[Contact].put(replace(after, source=by, updated_at=here.clock.now))
    for connector in carrying(here, "contacts", OUT):
        platforms.pass_on(here, connector, "contact", after.email, after.values())
        if connector.id != by:
            ask(here, connector.id, "export", "contact", after.id)
    return after


# ---------------------------------------------------------------------------------------------- out to a shop


def opt_in(strategy: str, subscribed: bool | None) -> str | None:
    """What is written of the opt-in; None: the field is left out."""
    if strategy == "none" or subscribed is None or (strategy == "only_subscriptions" and not subscribed):
        return None
    return "yes" if subscribed else "no"


def differing(row: Mapping[str, Any], values: Mapping[str, Any], strategy: str) -> dict[str, Any]:
    """What has to be written so that the customer says what the contact does: owned fields only, and only those that
    differ. Empty: nothing."""
    body: dict[str, Any] = {
        name: values[name] for name in ("first_name", "last_name") if values[name] != (row.get(name) or "")
    }
    if values["phone"] != ((row.get("billing") or {}).get("phone") or ""):
        body["billing"] = {"phone": values["phone"]}
    said = opt_in(strategy, values["subscribed"])
    if said is not None and normalised(row)["subscribed"] != (said == "yes"):
        body["meta_data"] = [{"key": OPT_IN, "value": said}]
    return body


async def export(here: Emulation, connector: Connector, ref: str) -> None:
    """Write a contact to the customer of the shop that it is. Who has no account there gets none."""
    contact = here.store[Contact].get(int(ref))
    if contact is None or not connector.carries("contacts", OUT):
        return
    about = f"contact {contact.email} to {connector.name}"
    outcome = judged(here, "contact", "export", connector.id, contact.values(), zone=connector.timezone, about=about)
    if outcome.blocked_by is not None:
        return
    shop = shop_of(here, connector)
    account = here.store[Account].first(ACCOUNTS.c.connector == connector.id, ACCOUNTS.c.contact == contact.id)
    if account is not None:
        row = await shop.get(f"/customers/{account.customer}")
    else:
        rows = await shop.rows("/customers", email=contact.email)
        if not rows:
            return
        row = rows[0]
        key = f"{connector.id}/{row['id']}"
        here.store[Account].put(Account(key, connector.id, int(row["id"]), contact.id))
    body = differing(row, outcome.values, connector.opt_in_strategy)
    if body:
        await shop.put(f"/customers/{row['id']}", body)


def forget(here: Emulation, connector: int) -> None:
    """Who has which account in a shop that is gone. Contacts stay: other systems know them too."""
    here.store[Account].delete_where(ACCOUNTS.c.connector == connector)


# ---------------------------------------------------------------------------------------------- over the API


def list_all(email: str | None = None) -> dict[str, Any]:
    here = emulation()
    where = [] if email is None else [C.email == email.strip().casefold()]
    return {"data": [rendered(here, one) for one in here.store[Contact].all(*where, order=[C.id])]}


def read(contact_id: int) -> dict[str, Any]:
    here = emulation()
    return rendered(here, _found(here, contact_id))


def update(contact_id: int, body: dict[str, Any]) -> dict[str, Any]:
    """Change a contact in Connect itself: all systems are told. Errors: 404, 422."""
    here = emulation()
    return rendered(here, changed(here, _found(here, contact_id), body, by=0))


def _found(here: Emulation, number: int) -> Contact:
    contact = here.store[Contact].get(number)
    if contact is None:
        raise NotFound(f"There is no contact {number}.")
    return contact


def rendered(here: Emulation, contact: Contact) -> dict[str, Any]:
    accounts = here.store[Account].all(ACCOUNTS.c.contact == contact.id, order=[ACCOUNTS.c.key])
    return {
        "id": contact.id,
        **contact.values(),
        "updated_at": iso(contact.updated_at),
        "customers": [{"connector_id": one.connector, "customer_id": one.customer} for one in accounts],
    }
