"""What a real WooCommerce was asked and answered, asked of the emulator again, and how alike the answers are.

Nothing is translated. The emulator runs in this process under the address, the keys and the clock of the recorded
store, and is told before each call which id to give next; so its answers can be compared as they are. What it sends
itself (pings, call-backs, downloads of images) goes to a far end made up here.

Each answer reaches one of five levels, every level including those before it:
0 nothing, 1 the status, 2 what it tells (an error's code, message and data; else the headers of paging, place and
methods), 3 the shape (keys in their order, types, lengths), 4 the values.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import re
import struct
import zlib
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

from storelab.emulators.kernel import Answer, Outgoing, Reply, Request
from storelab.emulators.kernel.databases import SqliteDatabases
from storelab.emulators.kernel.lab import Lab
from storelab.emulators.woocommerce import EMULATOR
from storelab.emulators.woocommerce.auth import KEYS, ApiKey
from storelab.recording.compare import Difference, Rules, headers_compared, level, values

RECORDINGS = Path(__file__).parent / "recordings"
HOST = "127.0.0.1:8901"
SECRETS = {
    "rw": ("read_write", "0123456789abcdef0123456789abcdef01234567"),
    "ro": ("read", "1" * 40),
    "wo": ("write", "2" * 40),
}
ALIKE = 2  # seconds by which times may differ: a recorded call took that long at most


@dataclass(frozen=True)
class Call:
    """One recorded call. `at`: when the store did it. `send`: method, url, key, https, logged_in, headers, body (or
    hex); `answer`: status, headers, body, or of a page its form fields and (of an error) its text."""

    name: str
    at: datetime
    send: dict[str, Any]
    answer: dict[str, Any]

    @property
    def path(self) -> str:
        return str(urlsplit(self.send["url"]).path)

    @property
    def query(self) -> str:
        return str(self.send["url"]).partition("?")[2]


def load(section: str) -> list[Call]:
    lines = gzip.decompress((RECORDINGS / f"{section}.jsonl.gz").read_bytes()).decode().split("\n")
    rows = [json.loads(line) for line in lines if line]
    return [
        Call(row["name"], datetime.fromisoformat(row["at"]).replace(tzinfo=UTC), row["send"], row["answer"])
        for row in rows
    ]


@dataclass
class Outcome:
    section: str
    call: Call
    differences: list[Difference]

    @property
    def level(self) -> int:
        return level(self.differences)


# ---------------------------------------------------------------------------------------------- the store

_KINDS = {
    "products": "post", "variations": "post", "orders": "post", "refunds": "post", "coupons": "post",
    "categories": "term", "tags": "term", "brands": "term", "terms": "term", "shipping_classes": "term",
    "attributes": "attribute", "customers": "user", "reviews": "comment", "notes": "comment", "webhooks": "webhook",
    "taxes": "tax", "line_items": "item", "shipping_lines": "item", "fee_lines": "item", "coupon_lines": "item",
    "tax_lines": "item", "images": "post", "image": "post",
}  # fmt: skip


def kind_of(path: str) -> str:
    """What kind of id the objects of this path have."""
    words = [word for word in path.split("/") if word in _KINDS]
    return _KINDS[words[-1]] if words else ""


def ids_in(body: Any, kind: str) -> Iterator[tuple[str, int]]:
    """The ids in an answer with their kinds; not those of custom fields, which every store numbers as it likes."""
    if isinstance(body, list):
        for item in body:
            yield from ids_in(item, kind)
    elif isinstance(body, dict):
        if kind and type(body.get("id")) is int and "error" not in body:
            yield kind, body["id"]
        for key, value in body.items():
            if isinstance(value, dict | list) and key not in ("meta_data", "taxes", "attributes", "_links"):
                yield from ids_in(value, kind if key in ("create", "update", "delete") else _KINDS.get(key, ""))


@dataclass
class Store:
    """The emulated store in the recorded one's place."""

    runner: asyncio.Runner
    patch: pytest.MonkeyPatch
    now: datetime = datetime(2026, 11, 21, 5, 39, 31, tzinfo=UTC)  # when the recorded store was set up
    highest: dict[str, int] = field(default_factory=dict)
    learnt: dict[str, str] = field(default_factory=dict)
    meta_ids: dict[int, int] = field(default_factory=dict)
    cookie: str = ""

    def __post_init__(self) -> None:
        self.patch.setattr("storelab.emulators.kernel.world.send", self.far_end)
        emulators, databases = {"woocommerce": EMULATOR}, SqliteDatabases(None)
        self.lab = Lab(emulators, databases, base_url=f"http://{HOST}", check=True, now=lambda: self.now)
        self.world = self.lab.world()
        self.service = self.lab.services["woocommerce"]

    def reset(self, at: datetime) -> None:
        """A fresh store at this time, with the keys of the recorded one."""
        self.now = at
        self.world.reset()
        self.highest.clear()
        self.meta_ids.clear()
        with self.world.visit(EMULATOR) as here:
            here.store[ApiKey].delete_where(KEYS.c.id > 0)
            for number, (permissions, digits) in enumerate(SECRETS.values(), 1):
                here.store[ApiKey].put(ApiKey(number, f"ck_{digits}", f"cs_{digits}", permissions))

    async def far_end(self, outgoing: Outgoing, *, own: str = "") -> Answer:
        """Whoever the store calls: /status/N answers N, /redirect/N leads on, pictures are pictures."""
        parts = urlsplit(outgoing.url)
        if parts.port == 8999:
            return Answer(None, error="ConnectionRefusedError: nobody there")
        if b"consumer_key" in outgoing.body:
            key = json.loads(outgoing.body)
            self.learnt["key"] = f"{key['consumer_key']}:{key['consumer_secret']}"
        word, _, number = parts.path.strip("/").partition("/")
        if word == "status":
            return Answer(int(number))
        if parts.path.endswith(".png") and parts.path != "/nope.png":
            return Answer(200, (("Content-Type", "image/png"),), _picture(48, 64))
        return Answer(404 if parts.path == "/nope.png" else 200, (("Content-Type", "text/plain"),), b"ok")

    def answer(self, call: Call) -> Reply:
        self.now = call.at
        if call.send["method"] in ("POST", "PUT", "PATCH") and call.answer["status"] < 300:
            self._mint(call)
        reply = self.runner.run(self._carried_out(call))
        for name, value in reply.headers:
            if name == "Set-Cookie":
                self.cookie = value.split(";")[0]
        if found := re.search(rb"wc_auth_nonce=(\w+)", reply.body or b""):
            self.learnt["nonce"] = found[1].decode()
        for kind, number in ids_in(call.answer.get("body"), kind_of(call.path)):
            self.highest[kind] = max(number, self.highest.get(kind, 0))
        return reply

    async def _carried_out(self, call: Call) -> Reply:
        reply = (await self.service.answer(self.world, self.request(call))).reply
        await self.world.postman.settle()
        return reply

    def _mint(self, call: Call) -> None:
        """See to it that what is made now gets the ids it got in the recorded store."""
        new: dict[str, int] = {}
        for kind, number in ids_in(call.answer.get("body"), kind_of(call.path)):
            if number > self.highest.get(kind, 0):
                new[kind] = min(number, new.get(kind, number))
        with self.world.visit(EMULATOR) as here:
            for kind, number in new.items():
                here.ids.start(kind, number)

    def request(self, call: Call) -> Request:
        send = call.send
        headers = {"host": HOST, "accept": "*/*", "user-agent": "recorder/1"}
        headers |= {name.lower(): value for name, value in send.get("headers", {}).items()}
        if "key" in send:
            digits = SECRETS[send["key"]][1]
            headers["authorization"] = _basic(f"ck_{digits}:cs_{digits}")
        elif call.name == "use_new_key":
            headers["authorization"] = _basic(self.learnt["key"])
        if send.get("logged_in"):
            headers["cookie"] = self.cookie
        body = bytes.fromhex(send["hex"]) if "hex" in send else send.get("body", "").encode()
        if self.meta_ids and b'"meta_data"' in body:
            body = json.dumps(self._with_our_meta_ids(json.loads(body))).encode()
        query = re.sub(r"(?<=wc_auth_nonce=)[0-9a-f]{10}", self.learnt.get("nonce", "nonce"), call.query)
        scheme = "https" if send.get("https") else "http"
        return Request(send["method"], quote(call.path, safe="/%:"), f"{scheme}://{HOST}", query, headers, body)

    def _with_our_meta_ids(self, value: Any, *, meta: bool = False) -> Any:
        if isinstance(value, list):
            return [self._with_our_meta_ids(item, meta=meta) for item in value]
        if not isinstance(value, dict):
            return value
        out = {k: self._with_our_meta_ids(v, meta=k == "meta_data") for k, v in value.items()}
        if meta and type(out.get("id")) is int:
            out["id"] = self.meta_ids.get(out["id"], out["id"])
        return out


def _basic(pair: str) -> str:
    return "Basic " + b64encode(pair.encode()).decode()


def _picture(width: int, height: int) -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    pixels = zlib.compress(bytes((width + 1) * height))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


# ---------------------------------------------------------------------------------------------- comparing

_HEADERS = ("X-WP-Total", "X-WP-TotalPages", "Link", "Location", "Allow")
# Not compared, by "path of the call, then of the value": what is random, and texts of the store's own pages.
_FREE = re.compile(
    r"\brelated_ids$|\bdownloads\[\]\.id$|\bdata\.error$|^/wp-json/?(wc/v3/?)? routes\.|^/wp-json/? (name|routes)|"
    r"/(settings|shipping\w*|payment_gateways|tools|data|reports)\b\S* "
    r".*(label|tip|description|instructions\.(value|default)|options|action|placeholder)$|"
    r"/system_status (?!settings)|/reports/sales \[\]\.totals$"
)
_TEXTS = ((re.compile(r"\bwc_order_[A-Za-z0-9]{8,}\b"), "wc_order_*"),)
# Lists by time alone: of two things made in one second either may come first, so they are compared by id.
_BY_CHANCE = re.compile(r"/(webhooks|notes|refunds) $|\brefunds$")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")


def compared(call: Call, reply: Reply, meta_ids: dict[int, int]) -> list[Difference]:
    """How our answer differs from the recorded one."""
    recorded = call.answer
    if reply.status != recorded["status"]:
        return [Difference(1, "status", recorded["status"], f"{reply.status} {reply.body[:200]!r}")]
    failed = reply.status >= 400
    rules = _rules(call.path, meta_ids)
    differences = [] if failed else list(headers_compared(recorded.get("headers", {}), dict(reply.headers), rules))
    if "fields" in recorded:
        return differences + list(_page(recorded, reply.body.decode()))
    body = _parsed(reply.body)
    for difference in values(recorded.get("body"), body, "", rules):
        told = failed and re.match(r"code|message|data|$", difference.where)
        differences.append(difference._replace(level=2) if told else difference)
    return differences


def _parsed(body: bytes) -> Any:
    """The JSON of an answer, out of its JSONP."""
    if not body:
        return None
    wrapped = re.fullmatch(rb"/\*\*/\w+\((.*)\)", body, re.S)
    return json.loads(wrapped[1] if wrapped else body)


def _page(recorded: dict[str, Any], page: str) -> Iterator[Difference]:
    fields = re.findall(r'<(?:input|button|select)[^>]*\bname="([^"]+)"', page)
    if fields != recorded["fields"]:
        yield Difference(3, "form fields", recorded["fields"], fields)
    if "text" in recorded:
        text = " ".join(re.sub(r"(?s)<(style|title)\b.*?</\1>|<[^>]+>", " ", page).split())
        wanted = re.sub(r"after \d+ ms", "after 0 ms", recorded["text"].removeprefix("Access denied "))
        if re.sub(r"after \d+ ms", "after 0 ms", text).replace("&#39;", "'") != wanted:
            yield Difference(2, "page", wanted, text)


def _rules(path: str, meta_ids: dict[int, int]) -> Rules:
    def same(where: str, old: Any, new: Any) -> bool:
        if where.endswith(".id") and "meta_data[" in where:  # every store numbers them as it likes
            meta_ids[old] = new
            return True
        return _same(old, new)

    return Rules(
        same=same,
        is_free=lambda where: bool(_FREE.search(f"{path} {re.sub('[0-9]+(?=])', '', where)}")),
        is_set=lambda where: bool(_BY_CHANCE.search(f"{path} {where}")),
        headers=_HEADERS,
    )


def _same(old: Any, new: Any) -> bool:
    if not isinstance(old, str):
        return bool(old == new)
    if _TIME.fullmatch(old) and _TIME.fullmatch(new):
        return abs((datetime.fromisoformat(old) - datetime.fromisoformat(new)).total_seconds()) <= ALIKE
    for pattern, shown in _TEXTS:
        old, new = pattern.sub(shown, old), pattern.sub(shown, new)
    return bool(old == new)


# ---------------------------------------------------------------------------------------------- replaying


@dataclass(frozen=True)
class Run:
    """Sections that were recorded one after the other on one fresh store.

    `before`: a section that only prepared it, up to the call `until`, this much `later` than when it was recorded.
    """

    sections: tuple[str, ...]
    before: str = ""
    until: str = ""
    later: timedelta = timedelta()


RUNS = (
    Run(("auth", "errors")),
    Run(("product_lists", "products")),
    Run(("variations_terms",), before="product_lists"),
    Run(
        ("paging", "batch", "stock", "orders", "customers_coupons"),
        before="product_lists",
        until="create_24",
        later=timedelta(minutes=2, seconds=9),
    ),
    Run(("webhooks", "settings", "handoff")),
)


def replay(run: Run, store: Store) -> list[Outcome]:
    prepared = load(run.before) if run.before else []
    store.reset((prepared or load(run.sections[0]))[0].at)
    for call in prepared:
        store.answer(replace(call, at=call.at + run.later))
        if call.name == run.until:
            break
    outcomes: list[Outcome] = []
    for section in run.sections:
        for call in load(section):
            outcomes.append(Outcome(section, call, compared(call, store.answer(call), store.meta_ids)))
    return outcomes
