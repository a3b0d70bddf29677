"""Golisto: the store is linked in a browser, confirmed in its administration, reviewed by people, and then read and
written by Golisto itself.

What the Golisto Connector plugin does, as far as its page tells, done carefully. Source: Golisto Connector plugin page
(the four addresses, the order of the steps, what is sent on connect, the four states that are shown).
Assumed: the bodies; that product webhooks are made when the store is approved, since until then nothing of its
products is Golisto's business; that a confirmed change of currency and a new secret go to the address that took the
first ones.
"""

from __future__ import annotations

from ..connector import ADMIN, Connector, Hook, Kind, Phase, due_by_schedule
from ..golisto.clicks import PENDING_POLL, confirm, join, leave, returned
from ..golisto.runs import ask, draw, give_up_waiting, look, renew, settle, sign

CONNECTOR = Connector(
    name="golisto",
    title="Golisto",
    gap=0.0,
    credentials=("url",),
    defaults={"url": "https://api.golisto.com"},
    needs=ADMIN,
    settings=dict,
    join=join,
    confirm=confirm,
    leave=leave,
    phases={
        "look": Phase("store", look),
        "ask": Phase("backend", ask),
        "settle": Phase("store", settle),
        "expire": Phase("", give_up_waiting),
        "draw": Phase("", draw),
        "renew": Phase("backend", renew),
        "sign": Phase("store", sign),
    },
    kinds={
        "status": Kind("look", 1, every=lambda settings: PENDING_POLL),
        "rotate": Kind("draw", 0),
        "timeout": Kind("expire", 2),
    },
    due=due_by_schedule({}),
    buttons=("rotate",),
    hooks=(Hook("return", "GET", "golisto/v1/return", take=returned, guard="none"),),
)
