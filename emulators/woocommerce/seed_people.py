"""Believable customers. The same seed and number give the same one; addresses end in example.com and its like."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

import sqlalchemy as sa

from ..kernel import Emulation
from . import customers, texts
from .customers import CUSTOMERS, Customer
from .seed_products import seeded_words
from .seed_shelves import opening
from .seed_words import Words

KIND = "seeded customer"
_DOMAINS = ("example.com", "example.org", "example.net")


def added(here: Emulation, count: int, of: int) -> int:
    """The next customers, stored; how many there are now. Nobody is told."""
    first = here.ids.next(KIND, count) - 1
    vocabulary, opened = seeded_words(here), opening(here)
    user_id = here.ids.next("user", count)
    people = [
        _customer(here, vocabulary, number, user_id + at, opened + timedelta(days=730) * (number / max(of, 1)))
        for at, number in enumerate(range(first, first + count))
    ]
    c = CUSTOMERS.c
    there = sa.select(c.username, c.email_key).where(
        c.username.in_([p.username for p in people]) | c.email_key.in_([p.email_key for p in people])
    )
    taken = {word for row in here.store.execute(there) for word in row}
    here.store[Customer].put_all([p for p in people if not {p.username, p.email_key} & taken])
    return first + count


def _customer(here: Emulation, vocabulary: Words, number: int, user_id: int, born: datetime) -> Customer:
    dice = here.ids.dice("customer", number)
    billing = person(vocabulary, dice, f"{number + 1}")
    name = f"{texts.slug(billing['first_name'])}.{texts.slug(billing['last_name'])}{number + 1}"
    at = min(born + timedelta(seconds=dice.randrange(3600)), here.clock.now).replace(microsecond=0)
    return Customer(
        id=user_id,
        username=name,
        email_key=billing["email"],
        created_at=at,
        modified_at=at,
        email=billing["email"],
        name_key=customers.name_key(billing["first_name"], billing["last_name"], name),
        first_name=billing["first_name"],
        last_name=billing["last_name"],
        billing=billing,
        shipping={} if dice.random() < 0.2 else shipped(billing),
    )


def person(vocabulary: Words, dice: Random, mark: str) -> dict[str, str]:
    """A billing address. `mark` makes the mail address unlike all others."""
    first, last = dice.choice(vocabulary.first_names), dice.choice(vocabulary.last_names)
    city, state, postcode = dice.choice(vocabulary.places)
    return {
        "first_name": first,
        "last_name": last,
        "company": dice.choice(vocabulary.companies) if dice.random() < 0.12 else "",
        "address_1": f"{dice.randrange(1, 2400)} {dice.choice(vocabulary.streets)}",
        "address_2": f"Apt. {dice.randrange(1, 90)}" if dice.random() < 0.2 else "",
        "city": city,
        "postcode": postcode,
        "country": "US",
        "state": state,
        "email": f"{texts.slug(first)}.{texts.slug(last)}{mark}@{dice.choice(_DOMAINS)}",
        "phone": f"555-{dice.randrange(100, 1000)}-{dice.randrange(10_000):04d}",
    }


def shipped(billing: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in billing.items() if name != "email"}
