"""Secrets and personal data out of a recording, with a placeholder in the place of each value, always the same one.

A placeholder looks like what it stands for (an e-mail address, digits, a date), so that a masked call can be made
again, and what was equal stays equal. Ids are left as they are.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, quote, quote_plus, unquote, urlencode

from storelab.emulators.kernel.journal import is_secret

Json = Any
SECRET_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie", "x-storelab-token"})
SECRETS = frozenset(
    (
        "apikey", "x_api_key", "api_token", "auth_token", "client_secret", "refresh_token", "id_token", "session_id",
        "sessionid", "signature", "private_key", "setup_code", "connect_token", "consumer_key", "oauth_consumer_key",
        "oauth_token", "passwd", "pin", "order_key", "site_token",
    )
)  # fmt: skip
PERSONAL = frozenset(
    (
        "email", "e_mail", "mail", "emails", "phone", "phones", "telephone", "mobile", "fax", "first_name",
        "last_name", "middle_name", "full_name", "display_name", "username", "user_name", "user_login", "login",
        "nickname", "company", "company_name", "address", "address_1", "address_2", "address_line", "street", "city",
        "town", "postcode", "postal_code", "zip", "zip_code", "birthday", "birth_date", "date_of_birth", "tax_id",
        "vat_number", "pib", "iban", "ip_address", "ip", "customer_ip_address", "customer_user_agent", "avatar_url",
        "note", "customer_note", "buyer_comment", "client_comment", "manager_comment", "gift_message",
        "transaction_id", "payment_url",
    )
)  # fmt: skip
PERSONAL_BEGINNINGS = ("shipping_address_", "recipient_", "billing_", "contact_")
PEOPLE = frozenset(
    (
        "buyer", "client", "customer", "contact", "person", "user", "billing", "shipping", "recipient", "owner",
        "manager", "employee", "author", "member", "lead", "assigned",
    )
)  # fmt: skip
"""What a collection or an object is called in which a `name` is somebody's."""
SHORTEST = 4  # characters: shorter values are masked in their field, but not looked for in other texts
MOST_VALUES = 20_000
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]++@[\w-]+(?:\.[\w-]+)+")
_EMAIL_IN_ADDRESS = re.compile(r"(?<![\w.+-])(?:[\w.+-]|%2B)++%40[\w-]+(?:\.[\w-]+)+", re.IGNORECASE)
_SCHEME = re.compile(r"(?i)(bearer|basic|token|apikey|digest)\s+(.+)", re.S)
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
FIRST_DAY = date(1930, 1, 1)
# a value as it may stand in texts and addresses; half of a letter, as JSON may have it, has a form in them too
_WAYS: tuple[Callable[[str], str], ...] = (
    str,
    partial(quote, errors="surrogatepass"),
    partial(quote_plus, errors="surrogatepass"),
    partial(quote, safe="", errors="surrogatepass"),
    html.escape,
)


class TooMuch(ValueError):
    """There are more different values than can be kept apart."""


class Masker:
    """`more` are further names of fields, parameters and headers to mask, `keep` names not to; `personal` False masks
    secrets only. Names are compared in lower case with underscores: `postalCode` is `postal_code`."""

    def __init__(self, *, more: Iterable[str] = (), keep: Iterable[str] = (), personal: bool = True) -> None:
        self._more = frozenset(plain(name) for name in more)
        self._keep = frozenset(plain(name) for name in keep)
        self._personal = personal
        self._known: dict[str, str] = {}
        self._counts: dict[str, int] = {}
        self._written: dict[str, str] = {}  # what is looked for in texts, in lower case
        self._texts: re.Pattern[str] | None = None
        self.placeholders: dict[str, None] = {}  # in the order in which they were made

    # -- what is masked

    def is_masked(self, name: str, within: Sequence[str] = ()) -> bool:
        """`within`: what is around it, from the outside (words of the path, names of objects)."""
        known = plain(name)
        if known in self._keep:
            return False
        if known in self._more or known in SECRETS or is_secret(known):
            return True
        if not self._personal:
            return False
        if known in PERSONAL or known.startswith(PERSONAL_BEGINNINGS):
            return True
        return known == "name" and bool(within) and singular(plain(within[-1])) in PEOPLE

    def headers(self, headers: Iterable[tuple[str, str]]) -> list[list[str]]:
        # What is masked anywhere has to be known before the rest is looked through.
        return [[name, self._header(name, value)] for name, value in headers]

    def _header(self, name: str, value: str) -> str:
        if name.lower() in ("cookie", "set-cookie"):
            return re.sub(r"((?:^|;\s*)[\w.-]+=)([^;]*)", lambda m: m[1] + self._cookie(m[1], m[2]), value, count=1)
        if name.lower() in SECRET_HEADERS or self.is_masked(name):
            scheme = _SCHEME.fullmatch(value)
            if scheme is None:
                return str(self.one(name, value))
            if scheme[1].lower() == "basic":
                self._remember_pair(scheme[2])
            return f"{scheme[1]} {self.one(name, scheme[2])}"
        return self.text(self._query_in(value))

    def _cookie(self, name: str, value: str) -> str:
        return str(self.one("cookie", value)) if value else value

    def _remember_pair(self, encoded: str) -> None:
        try:
            user, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return
        for name, value in (("consumer_key", user), ("consumer_secret", password)):
            if value:
                self.one(name, value)

    def target(self, target: str) -> str:
        """A path with its query: parameters by their names, known values in the path."""
        path, mark, query = target.partition("?")
        plainly = unquote(path)
        hidden = self.text(plainly)
        shown = path if hidden == plainly else quote(hidden, safe="/:@,;=+$!*'()~")
        return shown + (mark + self._query(query) if mark else "")

    def _query(self, query: str) -> str:
        pairs = parse_qsl(query, keep_blank_values=True)
        shown = [(n, str(self.one(last(n), v)) if v and self.is_masked(last(n)) else self.text(v)) for n, v in pairs]
        return query if shown == pairs else urlencode(shown)  # as it was written, where there is nothing to mask

    def _query_in(self, text: str) -> str:
        """Secret parameters of addresses within a text."""

        def hidden(match: re.Match[str]) -> str:
            return match[1] + str(self.one(last(match[2]), match[3])) if self.is_masked(last(match[2])) else match[0]

        return re.sub(r"([?&]([^=&#?\s]+)=)([^&#\s\"'<>]+)", hidden, text) if "=" in text else text

    def json(self, value: Json, within: Sequence[str] = ()) -> Json:
        """A JSON value: first everything that is masked by its name, then what is known of that in all other texts."""
        return self._everywhere(self._named(value, within))

    def form(self, text: str) -> str:
        """A body as forms send it."""
        return self._query(text)

    def _named(self, value: Json, within: Sequence[str]) -> Json:
        if isinstance(value, dict):
            return {k: self._member(k, v, within) for k, v in value.items()}
        if isinstance(value, list):
            return [self._named(v, within) for v in value]
        return self._query_in(value) if isinstance(value, str) else value

    def _member(self, name: str, value: Json, within: Sequence[str]) -> Json:
        if self.is_masked(name, within):
            if isinstance(value, list):
                return [self._member(name, one, within) for one in value]
            if isinstance(value, (str, int, float)) and not isinstance(value, bool) and value not in ("", 0):
                return self.one(name, value)
        return self._named(value, [*within, name])

    def _everywhere(self, value: Json) -> Json:
        if isinstance(value, dict):
            return {k: self._everywhere(v) for k, v in value.items()}
        if isinstance(value, list):
            return [self._everywhere(v) for v in value]
        return self.text(value) if isinstance(value, str) else value

    def text(self, text: str) -> str:
        """A text without the values that are known by now, however they are written in it, and without e-mail
        addresses."""
        if self._personal and not self.is_kept("email"):
            if "@" in text:
                text = _EMAIL.sub(lambda m: str(self.one("email", m[0])), text)
            if "%40" in text:
                text = _EMAIL_IN_ADDRESS.sub(lambda m: quote(str(self.one("email", unquote(m[0]))), safe=""), text)
        if self._texts is None and self._written:
            longest = sorted(self._written, key=len, reverse=True)
            self._texts = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest))})(?!\w)", re.IGNORECASE)
        return self._texts.sub(lambda m: self._written[m[0].lower()], text) if self._texts else text

    def _remember(self, value: str, placeholder: str) -> None:
        """The ways in which a value may be written in a text: plain, in an address, in HTML."""
        if len(value) >= SHORTEST:
            for write in _WAYS:
                self._written.setdefault(write(value).lower(), write(placeholder))

    def is_kept(self, name: str) -> bool:
        return plain(name) in self._keep

    # -- placeholders

    def one(self, name: str, value: str | int | float) -> str | int | float:
        """The placeholder of this value; the same one each time, whatever the field is called."""
        key = str(value)
        if key in self.placeholders:
            return value
        if key not in self._known:
            if len(self._known) >= MOST_VALUES:
                raise TooMuch(f"more than {MOST_VALUES} different values to mask")
            made = self._made(plain(name), key)
            self._known[key] = made
            self.placeholders[made] = None
            self._remember(key, made)
            self._texts = None
        made = self._known[key]
        return made if isinstance(value, str) or not made.isdigit() else int(made)

    def _made(self, name: str, value: str) -> str:
        kind = _kind(value)
        counted = name if kind == "text" else kind
        number = self._counts[counted] = self._counts.get(counted, 0) + 1
        if kind == "email":
            return f"person-{number}@masked.example"
        if kind == "day":
            return (FIRST_DAY + timedelta(days=number)).isoformat()
        if kind == "digits":
            return f"{number:0{max(len(value) - 1, 1)}d}".rjust(len(value), "9")
        if kind == "phone":
            return f"+1-555-{number:04d}"
        if kind == "url":
            return f"https://masked.example/{name}-{number}"
        return f"masked-{name.strip('_')}-{number}"


def _kind(value: str) -> str:
    if _EMAIL.fullmatch(value):
        return "email"
    if _DAY.fullmatch(value):
        return "day"
    if value.isdigit():
        return "digits"
    if re.fullmatch(r"\+?[\d\s().-]{6,}", value):
        return "phone"
    return "url" if re.match(r"https?://", value) else "text"


def plain(name: str) -> str:
    """`postalCode`, `Postal-Code` and `postal code` are `postal_code`."""
    return re.sub(r"[\s.-]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)).lower()


def last(parameter: str) -> str:
    """`filter[email]` is about an email."""
    return parameter.rstrip("]").rpartition("[")[2] or parameter.partition("[")[0]


def singular(word: str) -> str:
    return f"{word[:-3]}y" if word.endswith("ies") else word.removesuffix("s")
