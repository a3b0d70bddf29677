"""The journal: what crossed the wire, as it happens, and one exchange after the other in full."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, abort, flash, make_response, redirect, render_template, request, url_for

import storelab

from ...kernel.errors import LabError
from ...kernel.http import Outgoing, Request
from ...kernel.journal import Exchange, as_har, masked_body
from ...kernel.world import World
from ..bridge import ask, bridge
from ..curl import curl
from ..streams import NEXT

PAGES = Blueprint("journal", __name__)
ON_A_PAGE = 100
MOST_FOLLOWED = 300
MOST_EXPORTED = 100_000
MOST_BODY = 200_000  # characters of a body that are shown
_NAMED = re.compile(r'"(sku|code|number|external_number|order_id|source_uuid)"\s*:\s*"?([^",}\]\s]{1,60})')


@dataclass(frozen=True)
class Asked:
    """What the filter says."""

    service: str = ""
    operation: str = ""
    method: str = ""
    status: str = ""
    sender: str = ""
    text: str = ""

    @property
    def found_by(self) -> dict[str, Any]:
        """For `Journal.find`."""
        known = {name: value for name, value in vars(self).items() if value and name != "status"}
        if self.status == "refused":
            known["refused"] = True
        elif self.status:
            if not (self.status.isdecimal() and len(self.status) < 10):
                raise LabError(f"status is {self.status!r}; it takes a number, or refused")
            known["status"] = int(self.status)
        return known

    @property
    def said(self) -> dict[str, str]:
        return {name: value for name, value in vars(self).items() if value}


def _asked() -> Asked:
    return Asked(**{name: request.args.get(name, "").strip() for name in Asked.__dataclass_fields__})


@PAGES.get("/journal")
def page() -> str:
    asked, before = _asked(), request.args.get("before", 0, type=int)

    def look(world: World) -> tuple[list[Exchange], int, int]:
        return (
            world.journal.find(**asked.found_by, before=before, limit=ON_A_PAGE + 1),
            world.journal.last,
            len(world.journal),
        )

    found, last, kept = ask(look)
    more = len(found) > ON_A_PAGE
    rows = found[-ON_A_PAGE:][::-1]
    return render_template("journal.html", asked=asked, rows=rows, more=more, last=last, kept=kept, before=before)


@PAGES.get("/journal/rows")
def rows() -> Response:
    """The newest since `after`: what is put on top of a page that is open. Where that is later than anything, the
    sandbox was started anew under the page."""
    asked, after = _asked(), request.args.get("after", 0, type=int)

    def look(world: World) -> tuple[list[Exchange], int]:
        last = world.journal.last
        since = after if after <= last else 0
        return world.journal.find(**asked.found_by, after=since, limit=ON_A_PAGE + 1), last

    found, last = ask(look)
    more, shown = len(found) > ON_A_PAGE, found[-ON_A_PAGE:][::-1]
    html = render_template("journal_rows.html", rows=shown, live=True, more=more, asked=asked) if found else ""
    answer = make_response(html)
    answer.headers[NEXT] = str(last)
    return answer


@PAGES.get("/journal/<int:number>")
def one(number: int) -> str:
    exchange = _found(number)
    shown = exchange.as_json()
    for side in ("request", "response"):
        shown[side]["pretty"] = _pretty(shown[side]["body"])
    last = ask(lambda world: world.journal.last)
    return render_template("exchange.html", e=exchange, shown=shown, curl=curl(shown), named=_names(shown), last=last)


@PAGES.post("/journal/<int:number>/replay")
def replay(number: int) -> Any:
    """Ask again as it was asked, or send again as it was sent; a new exchange comes of it."""
    exchange = _found(number)

    async def again(world: World) -> int:
        if exchange.direction == "out":
            await world.sent(
                exchange.service,
                Outgoing(exchange.method, exchange.url, exchange.request_headers, exchange.request_body),
                operation=exchange.operation,
            )
        else:
            await bridge().lab.services[exchange.service].answer(world, _as_asked(exchange))
        return world.journal.last

    new = ask(again)
    flash(f"Replayed: this is what came of it. The first time it was exchange {number}.", "good")
    return redirect(url_for("journal.one", number=new))


@PAGES.post("/journal/clear")
def clear() -> Any:
    ask(lambda world: world.journal.clear())
    return redirect(url_for("journal.page"))


@PAGES.get("/journal.har")
def har() -> Response:
    asked = _asked()
    found = ask(lambda world: world.journal.find(**asked.found_by, limit=MOST_EXPORTED))
    body = json.dumps(as_har(found, storelab.__version__))
    named = {"Content-Disposition": 'attachment; filename="storelab.har"'}
    return Response(body, mimetype="application/json", headers=named)


@PAGES.get("/journal/follow")
def follow() -> str:
    """Everything that speaks of one SKU or one order, whoever said it to whom, oldest first."""
    text = request.args.get("text", "").strip()
    found: Sequence[Exchange] = []
    if text:
        found = ask(lambda world: world.journal.find(text=text, limit=MOST_FOLLOWED))
    told = [(e, _around(e, text)) for e in found]
    titles = {name: e.title for name, e in bridge().lab.vocabulary.emulators.items()}
    return render_template("follow.html", text=text, told=told, titles=titles, most=MOST_FOLLOWED)


def _found(number: int) -> Exchange:
    exchange = ask(lambda world: world.journal.get(number))
    if exchange is None:
        abort(404, f"The journal has no exchange {number}, or not any more: it keeps the newest.")
    return exchange


def _as_asked(exchange: Exchange) -> Request:
    address, _, query = exchange.url.partition("?")
    begin = address.find("/", address.find("://") + 3)
    end = address.index(f"/{exchange.service}", begin) + len(exchange.service) + 1
    return Request(
        exchange.method,
        address[end:] or "/",
        address[:end],
        query,
        dict(exchange.request_headers),
        exchange.request_body,
    )


def _pretty(body: str) -> str:
    with contextlib.suppress(ValueError, RecursionError):
        body = json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    return body if len(body) <= MOST_BODY else body[:MOST_BODY] + f"\n... and {len(body) - MOST_BODY:,} characters more"


def _names(shown: dict[str, Any]) -> list[str]:
    """SKUs and numbers in it that can be followed."""
    text = shown["request"]["body"][:MOST_BODY] + shown["response"]["body"][:MOST_BODY]
    return list(dict.fromkeys(value for _, value in _NAMED.findall(text) if value not in ("null", "0")))[:8]


def _around(exchange: Exchange, text: str, *, most: int = 60) -> str:
    """Where the text stands in it."""
    for body in (exchange.request_body, exchange.response_body):
        at = body.find(text.encode())
        if at >= 0 and len(body) <= MOST_BODY:
            said = masked_body(body, exchange.secret_names)
            at = max(0, said.find(text))
            return ("…" if at > most else "") + said[max(0, at - most) : at + len(text) + most] + "…"
    return ""
