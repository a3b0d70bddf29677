"""What a real store, its plugins or its host put in the way of connectors. It only reads.

Each trait is looked at by a function of its own, which yields what is wrong, what was seen, and what to do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from storelab.contracts.kit import BROKEN, KEPT, SKIPPED, Difference
from storelab.contracts.tap import Exchange
from storelab.emulators.woocommerce.order_records import STATUS_NAMES

from . import relying
from .report import STORE, Check
from .shop import API, ONE, CannotTell, Shop, header, json_of
from .veil import Veil

AHEAD = 15 * 60  # seconds that OAuth's timestamps may be off
CORE = frozenset({*STATUS_NAMES, "trash", "auto-draft"})
GUARDS = re.compile(r"security|firewall|wordfence|sucuri|disable.*(rest|json)|(rest|json).*(block|guard|disable)", re.I)
CACHES = re.compile(r"cache|litespeed|rocket|varnish|speed|swift", re.I)
NAMED_CACHES = ("x-cache", "cf-cache-status", "x-litespeed-cache", "x-varnish-cache", "x-proxy-cache", "x-cache-status")


@dataclass(frozen=True)
class Found:
    """One thing that is wrong: `slug` names it for machines."""

    slug: str
    seen: str
    todo: str
    affects: tuple[str, ...]
    exchange: Exchange | None = None


def reached(shop: Shop) -> Iterator[Found]:
    """The REST API answers where connectors look for it."""
    index = shop.index
    if index.status is None:
        yield Found(
            "no-answer", f"there is no answer: {index.error}", "See that the store is up.", relying.everyone(), index
        )
        return
    if 300 <= index.status < 400:
        to = header(index, "location").split("?")[0]
        seen = f"{shop.url} sends on to {to}; a key is not sent along, and what is written is lost on the way"
        todo = f"Enter {to.removesuffix('/').removesuffix('/wp-json')} as the store's address in every connector."
        yield Found("redirect", seen, todo, relying.everyone(), index)
        return
    if index.status == 200 and isinstance(json_of(index), dict):
        if not shop.speaks:
            seen = "the site answers, and knows no wc/v3: WooCommerce is not active"
            yield Found("no-woocommerce", seen, "Activate WooCommerce.", relying.everyone(), index)
        return
    if index.status == 503:
        seen = "everything is a 503: the site is in maintenance mode, or overloaded"
        yield Found(
            "maintenance", seen, "End the maintenance; connectors come back by themselves.", relying.everyone(), index
        )
        return
    plain = shop.plain_index
    if plain.status == 200 and isinstance(json_of(plain), dict):
        seen = f"/wp-json answers {index.status}, and ?rest_route=/ answers: permalinks are plain"
        todo = "Choose any permalinks but Plain in Settings, Permalinks; nothing else has to be changed."
        yield Found("plain-permalinks", seen, todo, relying.reliers(relying.pretty), index)
        return
    guards = [name for name in shop.plugins if GUARDS.search(name)]
    by = f" Active here: {', '.join(guards)}." if guards else ""
    seen = f"/wp-json answers {index.status} to everybody{_words(index)}: a security plugin or a firewall blocks it"
    todo = (
        f"Let /wp-json/wc/ through in the security plugin, or for the addresses of the connectors in the firewall.{by}"
    )
    yield Found("blocked-rest", seen, todo, relying.reliers(relying.asks), index)


def _words(exchange: Exchange) -> str:
    told = json_of(exchange)
    said = (
        told.get("message")
        if isinstance(told, dict)
        else re.sub(r"<[^>]*>", " ", exchange.body.decode("utf-8", "replace"))
    )
    words = " ".join(str(said or "").split())[:120]
    return f' ("{words}")' if words else ""


def secure(shop: Shop) -> Iterator[Found]:
    """The address is on https."""
    if not shop.secure:
        seen = (
            "the address is plain http: keys and customers' data travel open, and the store refuses Basic credentials"
        )
        todo = "Get a certificate, and set both addresses in Settings, General to https."
        yield Found("http-only", seen, todo, relying.reliers(relying.asks_with_header))


def opened(shop: Shop) -> Iterator[Found]:
    """The keys open the store."""
    if not shop.speaks:
        raise CannotTell("the API does not answer")
    ways = [shop.by_query, *([shop.by_header] if shop.secure else [])]
    if not any(way.status == 200 for way in ways):
        seen = f"neither in the header nor in the query do the keys open it: {ways[0].status}{_words(ways[0])}"
        todo = "Make a key with read and write in WooCommerce, Settings, Advanced, REST API, for an administrator."
        yield Found("keys-refused", seen, todo, relying.reliers(relying.asks_with_header), ways[0])


def header_arrives(shop: Shop) -> Iterator[Found]:
    """The Authorization header arrives."""
    if not shop.secure:
        raise CannotTell("over plain http WooCommerce takes no key from the header anyway")
    if shop.by_header.status != 200 and shop.by_query.status == 200:
        seen = f"the keys open the store in the query; in the header they are not seen: {shop.by_header.status}"
        todo = (
            'Let the web server hand the header to PHP: `SetEnvIf Authorization "(.*)" HTTP_AUTHORIZATION=$1` in '
            ".htaccess, or `fastcgi_param HTTP_AUTHORIZATION $http_authorization;` in nginx."
        )
        yield Found("stripped-authorization", seen, todo, relying.reliers(relying.asks_with_header), shop.by_header)


def fresh(shop: Shop) -> Iterator[Found]:
    """Answers are fresh, and nobody gets another's."""
    shop._keys_needed()
    by = "header" if shop.secure and shop.by_header.status == 200 else "query"
    first = shop.ask(f"{API}/products", {**ONE, "orderby": "id"}, by=by)
    again = shop.ask(f"{API}/products", {**ONE, "orderby": "id"}, by=by)
    if first.status != 200:
        raise CannotTell(f"/products answered {first.status or first.error}")
    stranger = shop.ask(f"{API}/products", {**ONE, "orderby": "id"}) if by == "header" else None
    caches = [name for name in shop.plugins if CACHES.search(name)]
    from_ = f" Active here: {', '.join(caches)}." if caches else ""
    todo = f"Leave /wp-json/ (and ?rest_route=) out of the cache: of the plugin, the host, and the CDN.{from_}"
    if stranger is not None and stranger.status == 200:
        seen = "what was answered with a key is answered without one as well: a cache gives it to everybody"
        yield Found("cached-gets", seen, todo, relying.reliers(relying.reads), stranger)
    elif said := _from_cache(again):
        seen = f"the second time the answer comes from a cache ({said}): stock and orders will be old"
        yield Found("cached-gets", seen, todo, relying.reliers(relying.reads), again)


def _from_cache(exchange: Exchange) -> str:
    for name in NAMED_CACHES:
        if "hit" in header(exchange, name).lower():
            return f"{name}: {header(exchange, name)}"
    age = header(exchange, "age")
    return f"age: {age}" if age.isdecimal() and int(age) > 0 else ""


def _host(url: str) -> str:
    """Without a password."""
    try:
        return urlsplit(url).netloc.rpartition("@")[2]
    except ValueError:
        return "what is no address"


def webhooks_on(shop: Shop) -> Iterator[Found]:
    """No webhook is disabled."""
    off = [hook for hook in shop.rows("/webhooks", {"per_page": "100"}) if hook.get("status") == "disabled"]
    if off:
        told = [f"#{h.get('id')} {h.get('topic')} to {_host(str(h.get('delivery_url')))}" for h in off[:5]]
        more = f" and {len(off) - 5} more" if len(off) > 5 else ""
        topics = {str(hook.get("topic")) for hook in off}
        affects = tuple(sorted({name for topic in topics for name in relying.reliers(relying.hears(topic))}))
        seen = f"{len(off)} disabled, as the store does after failed deliveries: {', '.join(told)}{more}"
        todo = (
            "See that the receivers answer with 200 again, set the webhooks to Active in Settings, Advanced, "
            "Webhooks, and start a full sync: what happened meanwhile was not told."
        )
        yield Found("disabled-webhooks", seen, todo, affects, shop.asked[-1])


def statuses_known(shop: Shop) -> Iterator[Found]:
    """Orders have statuses that connectors know."""
    try:
        registered = {str(row.get("slug")) for row in shop.rows("/reports/orders/totals")}
    except CannotTell:
        registered = set()
    asked = shop.rows("/orders", {"per_page": "100", "status": "any", "_fields": "id,status"})
    used = {str(row.get("status")) for row in asked}
    own = sorted((registered | used) - CORE)
    if own:
        seen = f"{', '.join(own)}: added by a plugin or the shop ({len(used - CORE)} of them in recent orders)"
        todo = "Map them in each connector that can, or move orders on to a status of WooCommerce's own."
        yield Found("custom-statuses", seen, todo, relying.carriers("orders"), shop.asked[-1])


def clock_right(shop: Shop) -> Iterator[Found]:
    """The server's clock is right."""
    told = header(shop.index, "date")
    if not told:
        raise CannotTell("the answers have no Date")
    try:
        at = parsedate_to_datetime(told)
    except ValueError:
        raise CannotTell("the Date of the answers is none") from None
    off = (at.replace(tzinfo=at.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
    if abs(off) > AHEAD:
        way = "ahead" if off > 0 else "behind"
        seen = f"the server's clock is {abs(off) / 60:.0f} minutes {way}: signed requests are refused"
        todo = "Let the host set its clock (NTP)."
        yield Found("wrong-clock", seen, todo, relying.reliers(relying.asks), shop.index)


def in_time(shop: Shop) -> Iterator[Found]:
    """Answers come in time."""
    answered = [exchange for exchange in shop.asked if exchange.status is not None]
    slowest = max(answered, key=lambda exchange: exchange.seconds, default=None)
    if slowest is not None and slowest.seconds > shop.slow:
        seen = f"an answer took {slowest.seconds:.1f} s; connectors give up after {shop.slow:g} s"
        todo = "Look for slow plugins (Query Monitor), or give PHP more workers."
        yield Found("slow-host", seen, todo, relying.reliers(relying.asks), slowest)


def stock_managed(shop: Shop) -> Iterator[Found]:
    """Stock is managed."""
    if shop.record("/settings/products/woocommerce_manage_stock").get("value") == "no":
        seen = "stock management is off: no product has a quantity to read or to set"
        todo = "Enable stock management in WooCommerce, Settings, Products, Inventory."
        yield Found("stock-off", seen, todo, relying.carriers("stock"), shop.asked[-1])


def cron_runs(shop: Shop) -> Iterator[Found]:
    """WP-Cron runs."""
    environment = shop.record("/system_status", {"_fields": "environment"}).get("environment")
    if isinstance(environment, dict) and environment.get("wp_cron") is False:
        seen = "WP-Cron is off (DISABLE_WP_CRON): without a cron job of the host no webhook is sent"
        todo = "Let the host call wp-cron.php every minute, or take DISABLE_WP_CRON out of wp-config.php."
        webhooks = relying.reliers(lambda interaction: not relying.asks(interaction))
        yield Found("no-cron", seen, todo, webhooks, shop.asked[-1])


TRAITS: tuple[Callable[[Shop], Iterator[Found]], ...] = (
    reached,
    secure,
    opened,
    header_arrives,
    fresh,
    webhooks_on,
    statuses_known,
    clock_right,
    stock_managed,
    cron_runs,
    in_time,
)


def checks(shop: Shop, veil: Veil) -> Iterator[Check]:
    """One for each trait. What a trait could not be told of, for another is in the way, is skipped."""
    for trait in TRAITS:
        name = (trait.__doc__ or "").rstrip(".").removeprefix("The ")
        name = name[0].lower() + name[1:] if not name.startswith(("REST", "WP", "Auth")) else name
        try:
            found = list(trait(shop))
        except CannotTell as why:
            yield Check(STORE, "woocommerce", "", name, SKIPPED, why=str(why))
            continue
        if not found:
            yield Check(STORE, "woocommerce", "", name, KEPT)
        for one in found:
            yield _check(name, one, shop, veil)


def _check(name: str, found: Found, shop: Shop, veil: Veil) -> Check:
    check = Check(
        STORE,
        "woocommerce",
        "",
        name,
        BROKEN,
        (Difference(found.slug, veil.text(found.seen)),),
        advice=found.todo,
        affects=found.affects,
    )
    if found.exchange is None:
        return check
    basic = {"generators": {"header": {"Authorization": {"expression": "Basic ${basic}"}}}}
    return replace(
        check,
        request=veil.request(found.exchange),
        actual=veil.answer(found.exchange),
        curl=veil.curl(found.exchange, shop.origin, basic),
    )
