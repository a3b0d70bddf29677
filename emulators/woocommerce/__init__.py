"""WooCommerce: the store that every connector connects to, as its REST API (wc/v3) and wc-auth show it.

Source: WooCommerce 10.5.0 on WordPress 6.9.7, recorded 2026-11-21.
Left out on purpose: the shop's own pages, wp-admin, and the routes that openapi/woocommerce.yaml marks.
"""

from ..kernel import Emulator
from . import (
    attributes,
    auth,
    catalogue,
    coupons,
    customers,
    deliveries,
    downloads,
    errors,
    gateways,
    images,
    index,
    order_moves,
    order_records,
    product,
    receipts,
    respond,
    reviews,
    rewrite,
    seed,
    sessions,
    settings,
    shipping_zones,
    states,
    taxes,
    term,
    webhooks,
)

EMULATOR = Emulator(
    name="woocommerce",
    package=__name__,
    title="WooCommerce",
    tables=[
        auth.KEYS,
        auth.NONCES,
        sessions.SESSIONS,
        settings.SETTINGS,
        *taxes.TABLES,
        *shipping_zones.TABLES,
        gateways.GATEWAYS,
        *term.TABLES,
        *attributes.TABLES,
        *product.TABLES,
        *images.TABLES,
        *reviews.TABLES,
        *customers.TABLES,
        *coupons.TABLES,
        *order_records.TABLES,
        downloads.PERMISSIONS,
        receipts.RECEIPTS,
        *webhooks.TABLES,
    ],
    render_error=errors.rendered,
    not_found=errors.not_found,
    refusal=errors.refusal,
    server_error=errors.server_error,
    states=states.merged(
        states.STATES,
        catalogue.STATES,
        customers.STATES,
        coupons.STATES,
        order_moves.STATES,
        webhooks.STATES,
        seed.STATES,
    ),
    moves=states.merged(states.MOVES, catalogue.MOVES, order_moves.MOVES, webhooks.MOVES, seed.MOVES),
    facts=states.merged(states.FACTS, catalogue.FACTS, order_moves.FACTS, webhooks.FACTS),
    fresh=states.fresh,
    credentials=states.credentials,
    authenticate=auth.authenticate,
    incoming=rewrite.incoming,
    outgoing=respond.outgoing,
    read=index.read,
    encode=respond.json_bytes,
    webhooks=deliveries.WEBHOOKS,
    secrets=frozenset(
        {"consumer_key", "consumer_secret", "oauth_consumer_key", "oauth_signature", "password", "secret"}
    ),
)

__all__ = ["EMULATOR"]
