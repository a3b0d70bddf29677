"""StockBurst: the plugin's part. It connects the store on a click, and then tells StockBurst every hour how it is.

StockBurst itself does the rest, through the key and the webhooks that the click makes. The plugin makes them inside
the store; before a setup code, consent and the click of somebody who may manage WooCommerce not one request leaves it.
Sources: StockBurst Connector plugin page (what is sent, when, and after which consent; that disconnecting only ends
the health signals, while webhooks, key and account data stay to be managed by hand). Assumed: paths, bodies and codes.

A click ends in one of two ways. Either key and webhooks are made, StockBurst has accepted the key, and the webhooks
deliver; or none of them is left in the store. When StockBurst's answer to a good code is lost, the code is burnt all
the same: StockBurst then has a key that opens nothing any more, and a new code connects the store again.
"""

from __future__ import annotations

from ...connector import Connector, Kind, Phase, due_by_schedule
from .client import client
from .health import count, look, mend, register, report
from .joining import join

HOST = "https://app.stockburst.co.za"  # what the settings screen proposes

SHAPE = {
    "consent": {
        "type": "boolean",
        "default": False,
        "description": "Confirmed: StockBurst may get the store's address, versions, a key and its webhooks.",
    },
    "pressed": {
        "type": "boolean",
        "default": True,
        "description": "Connect was pressed. Without it, the form was only filled in.",
    },
}

CONNECTOR = Connector(
    name="stockburst",
    title="StockBurst",
    gap=0.0,
    needs=("admin",),
    credentials=("url", "setup_code"),
    defaults={"url": HOST},
    shape=SHAPE,
    client=client,
    join=join,
    phases={
        "look": Phase("store", look),
        "webhooks": Phase("store", count),
        "report": Phase("backend", report),
        "mend": Phase("store", mend),
        "register": Phase("backend", register),
    },
    kinds={"health": Kind("look", 0)},
    due=due_by_schedule({}),
    buttons=("health",),
)
