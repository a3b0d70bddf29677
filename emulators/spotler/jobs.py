"""What Connect does by itself."""

from __future__ import annotations

from . import checkouts, contacts, looking, orders, shipments, stock, work

work.DOERS.update(
    {
        ("import", work.FIRST): looking.first_import,
        ("import", "order"): orders.bring_in,
        ("import", "contact"): contacts.bring_in,
        ("import", "shipment"): shipments.reach_source,
        ("export", "contact"): contacts.export,
        ("export", "shipment"): shipments.export,
        ("export", "stock"): stock.export,
    }
)

JOBS = {"abandon checkout": checkouts.abandon, "poll": looking.poll, "work": work.run}
