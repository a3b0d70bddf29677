"""Made by `python -m storelab.testing.stubs` from the vocabulary; do not edit."""

from collections.abc import Mapping, Sequence
from typing import Any

from .service import Service


class WooCommerce(Service):
    consumer_key: str
    consumer_secret: str
    read_only: Mapping[str, Any]
    write_only: Mapping[str, Any]
    admin: Mapping[str, Any]
    def create_api_key(
        self,
        permissions: str = 'read_write',
        description: str = 'API key',
        user: str = 'admin',
    ) -> dict[str, Any]:
        """What the shopkeeper does under Settings > Advanced > REST API, for the account `user`. Answers the key: it
        is shown only now."""
    def revoke_api_key(self, consumer_key: str) -> dict[str, Any]:
        """The key opens nothing from now on. Its last seven characters are enough, as the store's list shows them."""
    def change_setting(self, name: str, value: str) -> dict[str, str]:
        """A setting of the store, by its id ("woocommerce_currency"), or its time zone ("timezone_string")."""
    def add_product(self, sku: str, name: str = '', price: str = '10.00', stock: int | None = None) -> Any:
        """A new product in the back office. Without `stock` its pieces are not counted."""
    def edit_product(
        self,
        sku: str,
        name: str | None = None,
        price: str | None = None,
        sale_price: str | None = None,
        description: str | None = None,
        status: str | None = None,
        new_sku: str | None = None,
        barcode: str | None = None,
        counted: bool | None = None,
    ) -> Any:
        """Save the product in the back office with other words, prices, status, SKU or barcode (GTIN), or with its
        pieces `counted` or not."""
    def adjust_stock(self, sku: str, quantity: int) -> Any:
        """Somebody counts, and writes this quantity; from then on the pieces are counted."""
    def trash_product(self, sku: str) -> Any:
        """Put a product into the trash, as the merchant does in the list of products."""
    def restore_product(self, sku: str) -> Any:
        """Out of the trash, as the back office does it. A coupon of this id is told of as well, though there is
        none."""
    def delete_product(self, sku: str) -> Any:
        """Deleted for good, as the API's `force` does it: nobody is told."""
    def place_order(
        self,
        lines: Mapping[str, int] | None = None,
        paid: bool = True,
        email: str = 'ann@example.com',
        payment_method: str = 'cod',
        billing: Mapping[str, str] | None = None,
        fields: Mapping[str, Any] | None = None,
        note: str = '',
        sku: str = '',
        quantity: int = 1,
    ) -> dict[str, Any]:
        """A shopper checks out: `lines` are pieces by SKU (or `sku` and `quantity`, for one line), `billing` is what
        of the address is not as everybody's, `fields` are custom fields of the order, `note` is what the shopper
        wrote."""
    def pay_order(self, order: int) -> dict[str, Any]:
        """The money came: processing, or completed when all of it can be downloaded."""
    def cancel_order(self, order: int) -> dict[str, Any]:
        """Cancelled by the merchant: what stock it held goes back to the shelf."""
    def change_order_status(self, order: int, status: str) -> dict[str, Any]:
        """Any status after any other, as the merchant may choose it."""
    def give_order_a_custom_status(self, order: int, status: str = 'awaiting-pickup') -> dict[str, Any]:
        """A plugin moves the order to a status of its own, of which WooCommerce knows nothing: stock stays where it
        is."""
    def trash_order(self, order: int) -> dict[str, Any]:
        """Thrown away by the merchant; stock stays where it is."""
    def restore_order(self, order: int) -> dict[str, Any]:
        """Taken out of the trash by the merchant, in the status it had."""
    def refund_order(
        self,
        order: int,
        lines: Mapping[str, int] | None = None,
        amount: str = '',
        restock: bool = True,
    ) -> dict[str, Any]:
        """Money given back by hand: for `lines` (pieces by SKU, at what they cost), an `amount`, or all that is
        left."""
    def check_out(
        self,
        lines: Mapping[str, int],
        customer: str = '',
        email: str = 'ann@example.com',
        create_account: bool = False,
        coupon: str = '',
        shipping: str = '',
        payment_method: str = 'cod',
        payment: str = 'succeeds',
        note: str = '',
    ) -> dict[str, Any]:
        """A shopper buys a cart (`lines`: pieces by SKU) and pays."""
    def abandon_checkout(
        self,
        lines: Mapping[str, int],
        at: str = 'checkout',
        customer: str = '',
        email: str = 'ann@example.com',
    ) -> dict[str, Any]:
        """A shopper goes away: `at` "checkout" leaves a checkout-draft behind, "payment" an order that is pending.
        WP-Cron deletes the one after a day, and cancels the other when it held its stock long enough."""
    def finish_checkout(self, order: int, payment_method: str = 'cod', payment: str = 'succeeds') -> dict[str, Any]:
        """The shopper comes back to a draft and sends it: the second order.created of the same order."""
    def fail_payment(self, order: int) -> dict[str, Any]:
        """The bank refuses: failed. What stock the order took stays taken; the shopper may try again ("pay order")."""
    def create_order(self, lines: Mapping[str, int], status: str = 'pending', email: str = '') -> dict[str, Any]:
        """The merchant writes an order by hand (`lines`: pieces by SKU), as one does for who calls by telephone."""
    def edit_order(
        self,
        order: int,
        status: str | None = None,
        add: Mapping[str, int] | None = None,
        remove: Sequence[str] = ...,
        billing: Mapping[str, str] | None = None,
        shipping: Mapping[str, str] | None = None,
        note: str | None = None,
        fields: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """The merchant saves the order's screen: order.updated once. `add` (pieces by SKU) and `remove` (SKUs)
        change its lines, which only an order that is pending or on-hold allows, and its stock with them; `note`
        is what the customer wrote; `fields` are custom fields (null takes one away)."""
    def add_order_note(self, order: int, note: str, for_customer: bool = False) -> dict[str, Any]:
        """The merchant writes a note beside the order, for colleagues or, by mail, for the customer. No webhook
        hears."""
    def bulk_change_order_status(self, order_ids: Sequence[int], status: str) -> list[dict[str, Any]]:
        """The merchant marks orders in the list and changes their status, each as if it were alone."""
    def bulk_edit_products(
        self,
        skus: Sequence[str],
        price: str | None = None,
        sale_price: str | None = None,
        stock: int | None = None,
        status: str | None = None,
    ) -> list[dict[str, Any]]:
        """The merchant marks products in the list and edits them at once: each is saved, so product.updated for
        each."""
    def trash_coupon(self, code: str) -> dict[str, Any]:
        """The merchant throws a coupon away: coupon.deleted, and product.deleted with its id."""
    def restore_coupon(self, code: str) -> dict[str, Any]:
        """The merchant takes it out of the trash: coupon.restored, and product.restored with an error in its body."""
    def empty_trash(self) -> dict[str, list[int]]:
        """The merchant empties the trash of products, orders and coupons. No webhook hears of it."""
    def create_shipment(
        self,
        order: int,
        provider: str = 'PostNL',
        url: str = '',
        number: str = '3STEST123',
        plugin: str = '',
    ) -> dict[str, Any]:
        """The merchant enters a shipment in the Shipments column (provider, link, number): order.updated carries it
        in the custom field of the plugin whose column it is (`plugin`, when there are several)."""
    def delete_user(self, login: str) -> dict[str, Any]:
        """An administrator deletes an account under Users. Its keys stay and open nothing any more."""
    def change_webhook_secret(self, webhook: int, secret: str) -> dict[str, Any]:
        """Somebody saves the webhook's screen with another secret, kept with its entities decoded."""
    def copy_webhook(self, webhook: int, status: str = 'active') -> dict[str, Any]:
        """A plugin that moves or restores sites doubles a webhook: the same topic, address, secret and owner under a
        new number."""
    def disable_webhook(self, webhook: int = 0, topic: str = '', to: str = '') -> dict[str, Any]:
        """What the merchant does under Advanced > Webhooks. Without its number, the webhook of this topic whose
        address has `to` in it."""
    def enable_webhook(self, webhook: int = 0, topic: str = '', to: str = '') -> dict[str, Any]:
        """The count of failures stays: one more failure disables a webhook that was disabled for failing. Without
        its number, the webhook of this topic whose address has `to` in it."""
    def install_plugin(
        self,
        name: str = 'Connector',
        permissions: str = 'read_write',
        topics: Sequence[str] = ...,
        delivery_url: str = '',
        options: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """The merchant installs and activates a plugin, which makes an API key (none for empty `permissions`), a
        webhook to `delivery_url` for each topic, and keeps its options. Answers what it made; the key is shown
        only now."""
    def deactivate_plugin(self, name: str = 'Connector') -> dict[str, Any]:
        """The merchant switches the plugin off: its webhooks pause, its key still opens the store."""
    def lock_product(self, sku: str, locked: bool = True) -> dict[str, Any]:
        """A plugin of the site lets nobody save this product over REST (400); `locked` false lets them again. Stock
        that orders take moves on, and everything can be read."""
    def activate_plugin(self, name: str = 'Connector') -> dict[str, Any]:
        """The merchant switches it on again, and its webhooks with it."""
    def uninstall_plugin(self, name: str = 'Connector', cleans_up: bool = True) -> dict[str, Any]:
        """The merchant deletes the plugin. It takes its key, webhooks and options away; with `cleans_up` false all
        of them stay, and go on as before."""
    def run_wp_cron(self) -> dict[str, Any]:
        """Do what is due by the world's clock: cancel orders of the checkout that were not paid in time (their
        minutes are the setting woocommerce_hold_stock_minutes; order.updated for each), delete drafts of the
        checkout after a day and the trash after thirty, without a word to webhooks. Answers what was done."""
    def activate_woocommerce(self) -> None:
        """The merchant switches WooCommerce on again, with all that was there."""
    def deactivate_woocommerce(self) -> None:
        """The merchant switches WooCommerce off under Plugins: WordPress and its API stay, those of WooCommerce are
        no routes. Nothing of it is deleted."""
    def change_store_url(self, url: str = '') -> dict[str, str]:
        """The merchant changes the site's address. Links, X-WC-Webhook-Source and redirects (301, from every other
        address) follow; keys and webhooks stay."""
    def permalinks_off(self) -> dict[str, Any]:
        """The merchant chooses plain permalinks: /wp-json/ and /wc-auth/ are the theme's 404, and ?rest_route= is
        left."""
    def permalinks_on(self) -> dict[str, Any]:
        """The merchant chooses pretty permalinks, as a connector needs them."""
    def shuffle_equal_dates(self, on: bool = True) -> dict[str, Any]:
        """The database gives products of the same second in another order for each page, as MySQL may: lists by date
        then repeat some and skip others. Here every second page has them the other way round."""
    def clone_to_staging(self, name: str = '') -> dict[str, str]:
        """The host copies the site, its database and all, to a world of its own ("NAME-staging" without `name`)."""
    def strip_authorization_header(self) -> dict[str, Any]:
        """The host's web server keeps the Authorization header from PHP, as with CGI: Basic and OAuth in the header
        look like no key at all; keys in the query still work."""
    def block_rest_by_a_security_plugin(self, answer: str = 'json') -> dict[str, Any]:
        """A security plugin closes the REST API, keys or not: `answer` is "json" (401 in WordPress's form) or "html"
        (a 403 page of a firewall). The rest of the site is open."""
    def maintenance_mode(self, retry_after: int = 600) -> dict[str, Any]:
        """The site updates itself: everything is a 503 page with Retry-After (seconds)."""
    def cache_gets(self, seconds: float = 60.0, path: str = '/wp-json') -> dict[str, Any]:
        """A cache before the site answers a GET below `path` again as it did up to `seconds` of the world's time
        ago, whatever was written since and whoever asks, with Age and X-Cache (HIT or MISS). Only answers of 200
        are kept."""
    def slow_host(self, seconds: float = 5.0) -> dict[str, Any]:
        """Every answer takes this long, in real time, as the caller's timeout is."""
    def clock_is_off(self, minutes: float = 20.0) -> dict[str, Any]:
        """The server's clock runs so many minutes ahead (behind, below zero): its Date header says so, and OAuth's
        timestamps are held against it. Webhooks and dates of things stay with the world's time."""
    def end_host_trouble(self, what: str = '') -> dict[str, Any]:
        """The host puts it right: `what` is the move that began it; without it everything is put right."""
    def seed_products(self, of: int, most: int = 500) -> dict[str, int]:
        """Some more believable products, until there are `of`: `most` of them now. Say it again until {"left"} is 0."""
    def seed_customers(self, of: int, most: int = 1000) -> dict[str, int]:
        """Some more believable customers, until there are `of`."""
    def seed_orders(self, of: int, months: int = 6, most: int = 250) -> dict[str, int]:
        """Some more believable orders of the last `months`, until there are `of`. Stock stays as it is."""
    def import_products(self, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Make products: each row is {"line", "fields", "parent_id" for variations}. Pictures are not fetched: their
        names are kept, and their address shows a stand-in. Answers {"made": {line: id}, "refused": [{"line",
        "reason"}]}."""
    def relate_products(self, rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
        """Tell products of others: each row is {"id", and lists of ids as the API names them}."""
    def a_fresh_store(self) -> dict[str, Any]:
        """The store as it was set up: nothing to do. Answers its keys."""
    def an_api_key(self, permissions: str = 'read_write', description: str = 'connector') -> dict[str, Any]:
        """A key with this description and these permissions (read, write or read_write). Answers it."""
    def a_store_in_another_currency(self, code: str = 'UAH') -> dict[str, str]:
        """The store sells in this currency."""
    def a_product_in_stock(self, sku: str = 'MUG', quantity: int = 12, name: str = 'Mug', price: str = '10.00') -> Any:
        """A simple product whose pieces are counted."""
    def a_variable_product(
        self,
        sku: str = 'SHIRT',
        quantity: int = 5,
        name: str = 'Shirt',
        price: str = '20.00',
    ) -> Any:
        """A product in the sizes S and M; each counts its own pieces and has its own SKU (SHIRT-S, SHIRT-M)."""
    def a_catalogue(self, size: int = 100, categories: int = 10, counted: bool = True, at_once: bool = False) -> Any:
        """This many products with seeded names, prices and stock, SKUs P-000001 and up: one a second, or `at_once`
        all in one, as imports make them. Nobody is told of them."""
    def a_customer(self, email: str = 'jane@example.com', first_name: str = 'Jane') -> dict[str, int]:
        """An account with this address. Answers {"id"}."""
    def a_wordpress_user(
        self,
        login: str = 'manager',
        password: str = 'password',
        role: str = 'shop_manager',
    ) -> dict[str, Any]:
        """Somebody who can log in: administrator or shop_manager (both manage WooCommerce), editor, author,
        contributor, customer or subscriber. Answers {"id", "login", "role"}."""
    def an_older_store(self, version: str = '3.4.8') -> dict[str, str]:
        """The store says that it is this WooCommerce. One before 3.5 has no version 3 of the API; else only what it
        says of itself changes."""
    def a_coupon(self, code: str = 'ten', discount_type: str = 'percent', amount: str = '10') -> dict[str, int]:
        """A coupon with this code. Answers {"id"}."""
    def an_order(self, sku: str = 'MUG', quantity: int = 1, status: str = 'processing') -> dict[str, Any]:
        """An order of one product, which is made if there is none with this SKU. Answers like "place order"."""
    def an_order_panel(self, name: str = 'shipments', shipments: str = '_shipments') -> dict[str, Any]:
        """A plugin shows something in the screens of orders: a Shipments column that is kept in this custom field."""
    def a_webhook(
        self,
        topic: str = 'order.created',
        delivery_url: str = 'http://127.0.0.1:9/webhook',
        secret: str = 'secret',
        status: str = 'active',
    ) -> dict[str, int]:
        """A webhook of this topic and address, not pinged. Answers {"id"}."""
    def a_believable_store(
        self,
        products: int = 20,
        customers: int = 10,
        orders: int = 30,
        months: int = 6,
    ) -> dict[str, int]:
        """So many products with variations, categories and pictures, customers, and orders of the last months."""
    def api_keys(self) -> list[dict[str, Any]]:
        """All API keys as the store lists them: the end of each, what it may do, and since when it is there."""
    def stock(self) -> dict[str, int]:
        """Pieces by SKU, of all products and variations whose stock is managed."""
    def products(self) -> dict[str, dict[str, Any]]:
        """Everything for sale and its variations; by id ("#36") where there is no SKU of its own."""
    def product_cards(self) -> dict[str, dict[str, Any]]:
        """What stands on a product's page: name, texts, prices, code, categories with those above them, number of
        pictures; by SKU, products without one left out."""
    def categories(self) -> dict[str, int]:
        """Categories by the names that lead to them, and their ids."""
    def customers(self) -> dict[str, dict[str, Any]]:
        """Customers by e-mail address: names, telephone, and custom fields."""
    def orders(self) -> dict[str, dict[str, Any]]:
        """Orders by number: status, total, and pieces by SKU (by name where there is none). No trash, and no drafts:
        those are no orders yet."""
    def order_screens(self) -> dict[str, dict[str, Any]]:
        """Orders by number, as far as plugins show something of them: the panels by name ({"label": value}), and the
        shipments."""
    def mails(self) -> list[dict[str, Any]]:
        """What customers were mailed about orders, oldest first: the mail, whom to, and the texts in it."""
    def webhooks(self) -> list[dict[str, Any]]:
        """All webhooks as the store sees them, without their secrets."""
    def webhooks_by_topic(self) -> dict[str, dict[str, int]]:
        """How many webhooks of each topic have which status, whoever made them in which order."""
    def shipping_rates(
        self,
        lines: Mapping[str, int],
        country: str = '',
        state: str = '',
        postcode: str = '',
        coupon: str = '',
    ) -> list[dict[str, Any]]:
        """What the checkout offers for these pieces (by SKU) at this address: zone, method, title, cost and tax
        status."""
    def plugins(self) -> dict[str, Any]:
        """The plugins by name: whether they are active, and the numbers of their key and webhooks."""
    def options(self) -> dict[str, Any]:
        """What plugins keep in the site's options, by name."""
    def address(self) -> dict[str, Any]:
        """Where the store says it is, and whether it has permalinks."""
    def host_trouble(self) -> list[str]:
        """What stands between the store and its callers now, by the moves that began it."""

class Golisto(Service):
    email: str
    password: str
    site_token: str
    def approve(self, store: str = '') -> dict[str, Any]:
        """The review ends well: Golisto begins to read the store."""
    def cancel_sale(self, sale: str = '') -> dict[str, Any]:
        """The buyer has changed their mind; the pieces go back on the store's shelf."""
    def close_the_tab(self) -> None:
        """The merchant leaves the connect page without an answer, or leaves the store after linking: nothing more
        comes from this browser."""
    def deny_store(self) -> dict[str, Any]:
        """The merchant denies; the browser goes back to the store."""
    def end_connection(self, reason: str = 'disconnected at Golisto', store: str = '') -> dict[str, Any]:
        """The connection is ended at Golisto, by the merchant or by us: the store's token opens nothing any more."""
    def link_store(self, email: str = '', returns: bool = True) -> dict[str, Any]:
        """The merchant signs in on the connect page that was opened last and links the store; the browser goes back
        to the store. With `returns` false the tab is closed on the way, and the store never hears of it."""
    def open_connect_page(self, url: str) -> dict[str, Any]:
        """The browser opens the connect page, at the address that the plugin has led it to."""
    def pay_out(self, amount: str = '', status: str = 'paid', sale: str = '') -> dict[str, Any]:
        """Golisto pays the merchant for a sale: its total, or this amount. `status` is "pending" until the money is
        out."""
    def reconcile(self, store: str = '') -> None:
        """The day's comparison of everything, now."""
    def reject(self, reason: str = 'Your products do not fit our marketplace.', store: str = '') -> dict[str, Any]:
        """The review ends badly. What opened the store is forgotten."""
    def remove_store(self, store: str = '') -> None:
        """Golisto deletes everything it knows of a store; what was sold stays on the books."""
    def resume(self, store: str = '') -> dict[str, Any]:
        """A suspended store is synchronised again."""
    def sell(self, lines: Mapping[str, int], buyer: str = 'Mia Keller', store: str = '') -> dict[str, Any]:
        """Somebody buys at Golisto: pieces by SKU, at the price and from the stock that Golisto believes."""
    def ship(
        self,
        carrier: str = 'DHL',
        tracking_number: str = '',
        tracking_url: str = '',
        sale: str = '',
    ) -> dict[str, Any]:
        """A sale is on its way, or has got another parcel number."""
    def suspend(self, reason: str = 'We have a question about your products.', store: str = '') -> dict[str, Any]:
        """Nothing is synchronised until further notice."""
    def withdraw_approval(self, reason: str = 'We look at your store again.', store: str = '') -> dict[str, Any]:
        """The store has to wait for another review."""
    def a_disconnected_store(self, store_url: str = '') -> dict[str, Any]:
        """It was connected, and is not any more: its token is revoked."""
    def a_linked_store(
        self,
        store_url: str = '',
        currency: str = 'USD',
        token: str = 'example-connect-token-of-a-linked-store',
    ) -> dict[str, Any]:
        """Linked on the connect page a moment ago, and not confirmed yet."""
    def a_listing(
        self,
        sku: str = 'MUG',
        product: int = 11,
        stock: int = 10,
        price: str = '9.50',
        title: str = '',
    ) -> dict[str, Any]:
        """An approved store, with one simple product that Golisto has read."""
    def a_merchant(self, email: str = 'other@golisto.example') -> dict[str, Any]:
        """An account with this address."""
    def a_rejected_store(self, store_url: str = '', reason: str = 'Not for us.') -> dict[str, Any]:
        """Reviewed and rejected; what opened it is forgotten, and its token still tells so."""
    def a_rotated_secret(self, store_url: str = '') -> dict[str, Any]:
        """Approved; its webhook secret was renewed a moment ago, and the old one is still believed."""
    def a_sale(self, sale: str = 'GOL_1', sku: str = 'MUG', quantity: int = 2, order: int = 0) -> dict[str, Any]:
        """A sale that the store has heard of already when `order` is its number, and not yet without."""
    def a_store_of_another_merchant(
        self,
        store_url: str = '',
        currency: str = 'USD',
        token: str = 'example-connect-token-of-a-linked-store',
    ) -> dict[str, Any]:
        """Linked by two accounts and confirmed by the other one."""
    def a_suspended_store(self, store_url: str = '', reason: str = 'A question is open.') -> dict[str, Any]:
        """Approved once, and suspended."""
    def a_used_token(
        self,
        store_url: str = '',
        currency: str = 'USD',
        token: str = 'example-connect-token-of-a-linked-store',
    ) -> dict[str, Any]:
        """Linked and confirmed; the connect token has been used."""
    def an_approved_store(
        self,
        store_url: str = '',
        currency: str = 'USD',
        consumer_key: str = '',
        consumer_secret: str = '',
    ) -> dict[str, Any]:
        """Approved. What it has for sale was not read yet; with a key, it is read from tomorrow on."""
    def an_awaiting_store(self, store_url: str = '', currency: str = 'USD') -> dict[str, Any]:
        """Confirmed, and waiting for its review."""
    def an_expired_token(
        self,
        store_url: str = '',
        currency: str = 'USD',
        token: str = 'example-connect-token-of-a-linked-store',
    ) -> dict[str, Any]:
        """Linked eleven minutes ago, and never confirmed."""
    def an_open_page(
        self,
        store_url: str = '',
        return_url: str = '',
        currency: str = 'USD',
        state: str = 'example-state',
    ) -> dict[str, Any]:
        """A merchant has the connect page before them."""
    def no_store(self) -> None:
        """Golisto knows no store at all."""
    def catalogue(self, store: str = '') -> dict[str, dict[str, Any]]:
        """What is for sale of a store, by SKU: titles, descriptions, prices, stock and images."""
    def connection(self, store: str = '') -> dict[str, Any]:
        """How a store stands; the newest one, unless its address or shop number is named. Nothing while there is
        none."""
    def connections(self) -> dict[str, str]:
        """The status of each store, by its address."""
    def images(self, store: str = '') -> dict[str, list[str]]:
        """The pictures of what is for sale, by SKU: the names of their files."""
    def merchants(self) -> list[str]:
        """Accounts, by e-mail address."""
    def orders(self) -> dict[str, dict[str, Any]]:
        """What was sold, and the store's order of it."""
    def payouts(self) -> dict[str, dict[str, str]]:
        """What is paid for each sale that has a payout."""
    def stock(self, store: str = '') -> dict[str, Any]:
        """Pieces by SKU that Golisto would sell; null where the store does not count."""

class KeyCRM(Service):
    api_key: str
    def add_custom_field(
        self,
        name: str,
        model: str = 'order',
        type: str = 'text',
        options: Sequence[str] = ...,
    ) -> dict[str, Any]:
        """Define a field of leads, orders, clients or products."""
    def add_offer(
        self,
        sku: str,
        quantity: float = 0,
        price: float = 0,
        name: str = '',
        warehouse: str = '',
    ) -> dict[str, Any]:
        """A new product with this SKU. A second one with the same SKU is possible: KeyCRM only advises against it."""
    def add_status(self, name: str, group: int = 2, reserves: bool = False, closes: bool = False) -> dict[str, Any]:
        """A new status of orders. Groups: 1 new, 2 agreement, 3 production, 4 delivery, 5 completed, 6 cancelled."""
    def add_to_list(self, kind: str, name: str) -> dict[str, Any]:
        """A new tag, source, payment_method, expense_type, delivery_service or product_status."""
    def add_trigger(
        self,
        url: str,
        event: str = 'order.change_order_status',
        method: str = 'POST',
        name: str = '',
    ) -> dict[str, Any]:
        """An automation that sends a webhook."""
    def add_variants(self, name: str, skus: Sequence[str], price: float = 0) -> dict[str, Any]:
        """A new product with one variant for each SKU."""
    def add_warehouse(self, name: str) -> dict[str, Any]:
        """Open a warehouse; one that is there already is only named."""
    def add_webhook(self, url: str, name: str = '', warehouses: Sequence[str] = ...) -> dict[str, Any]:
        """Settings, Products, Stocks. Nothing is sent for stock that is there already."""
    def adjust_stock(self, sku: str, quantity: float, warehouse: str = '') -> dict[str, Any]:
        """Set the quantity by hand: after an inventory, or in the product's card."""
    def archive_offer(self, sku: str) -> None:
        """Take an offer out of use; its stock stays on the books."""
    def change_line_quantity(self, sku: str, quantity: float, order: str | int = '') -> dict[str, Any]:
        """Change how many of an SKU an order holds; stock follows its status."""
    def change_order_status(self, status: str | int, order: str | int = '') -> dict[str, Any]:
        """Drag an order (the newest unless named) to another status."""
    def delete_trigger(self, trigger: int = 0) -> dict[str, Any]:
        """One trigger by its id, or all of them."""
    def delete_webhook(self, webhook: int = 0) -> dict[str, Any]:
        """One stock webhook by its id, or all of them."""
    def import_stock(self, stock: Mapping[str, float], warehouse: str = '') -> dict[str, Any]:
        """Load a file of SKUs and absolute quantities; unknown SKUs are skipped."""
    def issue_key(self, name: str = '') -> dict[str, Any]:
        """Make a new API key; the others go on working."""
    def log_call(self, phone: str, type: str = 'incoming', duration: int = 60) -> dict[str, Any]:
        """Telephony reports a call. Units: `duration` in seconds."""
    def pay_order(self, order: str | int = '', amount: float | None = None) -> dict[str, Any]:
        """Money comes in for an order: what is still owed, unless an amount is named."""
    def place_order(
        self,
        sku: str,
        quantity: float = 1,
        status: str = 'new',
        source_uuid: str = '',
        source: str = 'Instagram',
        phone: str = '+380000000001',
    ) -> dict[str, Any]:
        """An order comes in from another shop, or is taken by phone."""
    def receive(self, sku: str, quantity: float, warehouse: str = '') -> dict[str, Any]:
        """Goods arrive."""
    def release(self, sku: str, quantity: float, warehouse: str = '') -> dict[str, Any]:
        """Let go of goods set aside."""
    def rename_sku(self, sku: str, to: str) -> None:
        """Give an offer another SKU; its id and stock stay."""
    def report_transaction(self, amount: float, description: str = '') -> dict[str, Any]:
        """A payment service reports money that belongs to no payment yet."""
    def reserve(self, sku: str, quantity: float, warehouse: str = '') -> dict[str, Any]:
        """Set goods aside by hand."""
    def revoke_key(self, key: str = '') -> dict[str, Any]:
        """Revoke one API key, or all of them."""
    def set_rate_limit(self, per_minute: int) -> dict[str, Any]:
        """Requests a minute, per key and per address; 0 lifts the limit. KeyCRM's own is 60."""
    def set_stock_webhook_attempts(self, attempts: int) -> dict[str, Any]:
        """How often a stock webhook is tried in all. Nobody outside knows KeyCRM's own number; it is 1 here."""
    def switch_profile(self, profile: str) -> dict[str, Any]:
        """Answer as the API document says ("documented"), or as it was seen live ("observed")."""
    def transfer(self, sku: str, quantity: float, to: str, warehouse: str = '') -> dict[str, Any]:
        """Move goods from one warehouse (the main one unless named) to another."""
    def write_off(self, sku: str, quantity: float, warehouse: str = '') -> dict[str, Any]:
        """Goods are broken, lost or given away."""
    def a_buyer(
        self,
        full_name: str = 'Olena Buyer',
        email: str = 'olena@shop.example',
        phone: str = '+380000000002',
    ) -> dict[str, Any]:
        """A buyer with these contacts."""
    def a_catalogue(
        self,
        size: int = 100,
        quantity: float = 10,
        prefix: str = 'SKU-',
        price: float = 10,
    ) -> dict[str, Any]:
        """Offers from SKU-000001 on, each with a product of its own and this quantity in the main warehouse."""
    def a_custom_field(self, name: str = 'Gift note', model: str = 'order') -> dict[str, Any]:
        """A custom field with this name: of orders, unless another model is named."""
    def a_product_with_variants(
        self,
        name: str = 'Shirt',
        skus: Sequence[str] = ...,
        quantity: float = 10,
    ) -> dict[str, Any]:
        """One product whose variants have these SKUs and this quantity each."""
    def a_revoked_key(self) -> dict[str, Any]:
        """A key that was issued once and opens nothing any more; the others are as they were."""
    def a_stock_webhook(
        self,
        url: str = 'http://127.0.0.1:9/hook',
        name: str = 'Shop',
        warehouses: Sequence[str] = ...,
    ) -> dict[str, Any]:
        """One stock webhook to this address, for these warehouses or for all."""
    def a_trigger(
        self,
        url: str = 'http://127.0.0.1:9/trigger',
        event: str = 'order.change_order_status',
        method: str = 'POST',
    ) -> dict[str, Any]:
        """One automation that sends a webhook."""
    def a_used_up_minute(self) -> None:
        """The open key has no request left in this minute."""
    def an_empty_account(self) -> dict[str, Any]:
        """Nothing in it but an open key, one person, the main warehouse and the reference lists."""
    def an_observed_account(self) -> None:
        """The account answers as KeyCRM was seen to, not as its document says."""
    def an_offer_in_stock(
        self,
        sku: str = 'MUG',
        quantity: float = 10,
        reserve: float = 0,
        warehouse: str = 'Main',
        price: float = 9.5,
        name: str = '',
    ) -> dict[str, Any]:
        """One offer with exactly this quantity and reserve in this warehouse."""
    def an_order(
        self,
        sku: str = 'MUG',
        quantity: float = 1,
        status: str = 'new',
        source_uuid: str = '1001',
        price: float = 9.5,
    ) -> dict[str, Any]:
        """One order of this SKU from the shop, in this status; stock is reserved or written off accordingly."""
    def no_open_key(self) -> None:
        """Every key is revoked."""
    def two_warehouses(
        self,
        sku: str = 'MUG',
        main: float = 10,
        other: float = 5,
        name: str = 'Second',
    ) -> dict[str, Any]:
        """One offer that lies in two warehouses."""
    def available(self) -> dict[str, Any]:
        """What could be sold by SKU: the quantity less the reserve. May be below zero."""
    def keys(self) -> list[dict[str, Any]]:
        """The API keys, without what opens the API."""
    def movements(self, sku: str = '') -> list[dict[str, Any]]:
        """Every movement, oldest first; those of one level add up to it."""
    def offers(self) -> dict[str, dict[str, Any]]:
        """Offers by SKU."""
    def orders(self) -> dict[str, dict[str, Any]]:
        """Orders by the shop's number of them, or by "#" and their id. Of several with one number the newest."""
    def settings(self) -> dict[str, Any]:
        """Profile, currency, and the numbers that moves can change."""
    def stock(self, warehouse: str = '') -> dict[str, dict[str, Any]]:
        """Quantity and reserve by SKU, over all warehouses or in one. Offers that share a SKU are added up."""
    def triggers(self) -> list[dict[str, Any]]:
        """The automations that send webhooks."""
    def webhooks(self) -> list[dict[str, Any]]:
        """The stock webhooks."""

class SORS(Service):
    api_key: str
    def accept_repeated_numbers(self, on: bool = True) -> dict[str, Any]:
        """A second document with the same external number is taken, or refused again."""
    def add_article(
        self,
        code: str,
        quantity: float = 0,
        name: str = '',
        price: float = 1000,
        kind: str = 'goods',
        group: str = '',
        second_group: str = '',
        business_unit: str = '',
        database: str = '',
    ) -> dict[str, Any]:
        """Enter a new article, with its stock."""
    def add_customer(
        self,
        name: str,
        pib: str = '',
        email: str = '',
        phone: str = '',
        database: str = '',
    ) -> dict[str, Any]:
        """Enter a customer at the desk."""
    def add_picture(self, code: str, database: str = '') -> dict[str, Any]:
        """Add a picture to an article, behind those it has."""
    def adjust_stock(self, code: str, quantity: float, business_unit: str = '', database: str = '') -> dict[str, Any]:
        """Count an article: from now on there is exactly this much of it."""
    def allow_negative_stock(self, database: str = '') -> None:
        """Documents may take more than there is."""
    def cancel_document(self, number: str = '', database: str = '') -> dict[str, Any]:
        """Cancel a document (by its number or external number; the newest unless named): what it did is undone."""
    def change_price(
        self,
        code: str,
        wholesale: float | None = None,
        retail: float | None = None,
        database: str = '',
    ) -> dict[str, Any]:
        """Set the wholesale price (without VAT), the retail price (with VAT), or both."""
    def close_year(self) -> dict[str, Any]:
        """Close this fiscal year: a new database with new ids and the old stock, and the old one only to be read."""
    def demo_churn(self, times: int = 1) -> dict[str, Any]:
        """Other people work in the shared Demo2: one article goes, one comes, stock of another one changes."""
    def envelope_200_always(self, on: bool = True) -> dict[str, Any]:
        """Errors come with HTTP 200 and `success: false`, or with their own status again."""
    def forbid_negative_stock(self, database: str = '') -> None:
        """Documents may not take more than is available."""
    def grant_database(self, database: str = '') -> dict[str, Any]:
        """From now on the account's keys open this database (again)."""
    def issue_key(self) -> dict[str, Any]:
        """Softkom issues one more API key; the others go on working."""
    def remove_pictures(self, code: str, database: str = '') -> dict[str, Any]:
        """Take every picture of an article away."""
    def rename_article(self, code: str, name: str, database: str = '') -> None:
        """Give an article another name; its code and id stay."""
    def reserve(self, code: str, quantity: float, business_unit: str = '', database: str = '') -> dict[str, Any]:
        """Set goods aside by hand, for a proforma; a negative quantity lets them go."""
    def retire_article(self, code: str, database: str = '') -> None:
        """Take an article out of use; it stays in the list, not active."""
    def revive_article(self, code: str, database: str = '') -> None:
        """Take an article into use again."""
    def revoke_key(self, key: str = '') -> dict[str, Any]:
        """Softkom revokes one API key, or all of them."""
    def set_debt(self, customer: str, balance: float, overdue: float = 0, database: str = '') -> dict[str, Any]:
        """What a customer (by PIB or by name) owes from now on, and how much of it should have been paid already."""
    def set_rate_limit(self, per_minute: int) -> dict[str, Any]:
        """Requests a minute with one key; 0 lifts the limit."""
    def withdraw_database(self, database: str = '') -> dict[str, Any]:
        """From now on the account's keys do not open this database."""
    def a_catalogue(
        self,
        size: int = 100,
        quantity: float = 10,
        prefix: str = 'ART-',
        price: float = 1000.0,
    ) -> dict[str, Any]:
        """Articles from ART-000001 on with this quantity in the first unit. Those that are there already stay."""
    def a_closed_database(self, code: str = 'MUG', quantity: float = 10) -> dict[str, Any]:
        """Last year's database, closed, with an article in it."""
    def a_customer(
        self,
        name: str = 'Kupac d.o.o.',
        pib: str = '100000016',
        email: str = 'nabavka@kupac.example',
        phone: str = '+381 11 2345678',
        city: str = '',
    ) -> dict[str, Any]:
        """A customer with this PIB; without one, with this e-mail."""
    def a_debt(self, balance: float = 1500, overdue: float = 500) -> dict[str, Any]:
        """A customer who owes this much."""
    def a_document(
        self,
        external_number: str = 'WC-1001',
        type: str = 'reservation',
        code: str = 'MUG',
        quantity: float = 1,
        price: float = 1000,
    ) -> dict[str, Any]:
        """A document of this type with this external number, for one article and one customer."""
    def a_revoked_key(self) -> dict[str, Any]:
        """A key that was issued once and opens nothing any more; the others are as they were."""
    def a_service(self, code: str = 'DOSTAVA', price: float = 400, name: str = '') -> dict[str, Any]:
        """An article of which there is no stock: a delivery, an hour of work."""
    def a_used_up_minute(self) -> None:
        """The open key has no request left in this minute."""
    def a_way_of_answering(self, always_200: bool = False) -> None:
        """Errors come with their own status, or all with HTTP 200 and `success: false`."""
    def a_withdrawn_database(self, database: str = 'Demo2') -> dict[str, Any]:
        """A database that exists and that the key does not open."""
    def an_article_in_stock(
        self,
        code: str = 'MUG',
        quantity: float = 10,
        reserved: float = 0,
        price: float | None = None,
        retail: float | None = None,
        name: str = '',
        kind: str = 'goods',
        vat: float | None = None,
        unit: str = '',
        gtin: str = '',
        group: str = '',
        second_group: str = '',
        business_unit: str = '',
        database: str = '',
    ) -> dict[str, Any]:
        """One article with exactly this quantity in this unit, and so much of it reserved. `price` is the wholesale
        price without VAT, `retail` the retail price with VAT."""
    def an_article_with_pictures(self, code: str = 'MUG', pictures: int = 1) -> dict[str, Any]:
        """One article that has at least so many pictures."""
    def an_empty_account(self) -> dict[str, Any]:
        """Nothing in it but an open key, the databases of two years and Demo2."""
    def negative_stock_allowed(self) -> None:
        """This year's documents may take more than there is."""
    def no_open_key(self) -> None:
        """Every key is revoked."""
    def repeated_numbers_accepted(self) -> None:
        """A second document with the same external number is taken."""
    def two_levels_of_groups(self, first: str = 'Kuhinja', second: str = 'Posude') -> dict[str, Any]:
        """A group, and another one under it."""
    def available(self, database: str = '', business_unit: str = '') -> dict[str, Any]:
        """What is there and not reserved, by code."""
    def catalogue(self, database: str = '') -> dict[str, dict[str, Any]]:
        """Articles by code, with the names of their groups and the number of their pictures."""
    def customers(self, database: str = '') -> dict[str, dict[str, Any]]:
        """Customers by name; several of one name by name and id."""
    def databases(self) -> dict[str, dict[str, Any]]:
        """Databases by id."""
    def documents(self, database: str = '') -> dict[str, dict[str, Any]]:
        """Documents by external number, or by their own; of several with one number each under its own."""
    def keys(self) -> list[dict[str, Any]]:
        """The API keys, without what opens the API."""
    def movements(self, database: str = '') -> list[dict[str, Any]]:
        """Every movement, oldest first; those of one level add up to it."""
    def numbers(self, database: str = '') -> dict[str, int]:
        """How many documents have each external number, cancelled ones left out."""
    def prices(self, database: str = '') -> dict[str, dict[str, Any]]:
        """Prices by code: wholesale and retail, without and with VAT."""
    def settings(self) -> dict[str, Any]:
        """What moves can change about the API."""
    def stock(self, database: str = '', business_unit: str = '') -> dict[str, dict[str, Any]]:
        """On hand and reserved by code, of every article that is kept anywhere."""

class SpotlerConnect(Service):
    token: str
    def add_product_elsewhere(
        self,
        sku: str,
        name: str = '',
        barcode: str = '',
        platform: str = 'Warehouse',
        draft: bool = False,
    ) -> dict[str, Any]:
        """Another system makes a product: a master product, which no shop is given."""
    def add_rule(
        self,
        object: str,
        actions: Sequence[Mapping[str, Any]],
        conditions: Sequence[Mapping[str, Any]] = ...,
        on: str = 'import',
        scope: str | int = 'account',
        join: str = 'and',
        name: str = '',
    ) -> dict[str, Any]:
        """The merchant makes a rule. `scope`: "account", "connector" for the newest one, the name of a platform, or
        a number. What had failed is tried again under it."""
    def change_connector(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        """The merchant changes settings of the newest connector: name, timezone, preset, opt_in_strategy,
        checkout_abandon_minutes, api_key and api_secret."""
    def change_contact(
        self,
        email: str,
        first_name: str | None = None,
        last_name: str | None = None,
        phone: str | None = None,
        subscribed: bool | None = None,
        platform: str = 'Newsletter',
    ) -> dict[str, Any]:
        """Another system changes a contact, or makes one that nobody knew."""
    def change_product_elsewhere(
        self,
        sku: str,
        new_sku: str = '',
        barcode: str = '',
        name: str = '',
        status: str = '',
    ) -> dict[str, Any]:
        """The source of a master product changes it, as the merchant does who puts two of one SKU right."""
    def count_stock(self, sku: str, quantity: int) -> dict[str, Any]:
        """The shelves are counted: so many pieces lie there."""
    def issue_token(self) -> dict[str, Any]:
        """A further token for the control API; the others go on working."""
    def move_stock(self, sku: str, by: int) -> dict[str, Any]:
        """Pieces are found (`by` above zero) or lost (below)."""
    def pause_connector(self) -> dict[str, Any]:
        """The merchant pauses the newest connector."""
    def receive_goods(self, sku: str, quantity: int) -> dict[str, Any]:
        """Goods arrive. A product that Connect does not know yet is made by the warehouse, and offered to no shop."""
    def remove_connector(self) -> dict[str, Any]:
        """The merchant removes the newest connector in Connect, not in the shop."""
    def remove_rule(self, rule: int) -> None:
        """The merchant deletes a rule."""
    def repair_webhooks(self) -> dict[str, Any]:
        """The merchant has Connect put its webhooks in order."""
    def resume_connector(self) -> dict[str, Any]:
        """The merchant lets it go on."""
    def revoke_token(self, token: str = '') -> dict[str, Any]:
        """Revoke one token, or all of them."""
    def sale_elsewhere(
        self,
        sku: str,
        quantity: int = 1,
        number: str = '',
        platform: str = 'Marketplace',
    ) -> dict[str, Any]:
        """Somebody buys on the marketplace: the warehouse sets the pieces aside, and the shops have fewer to sell."""
    def set_alert_address(self, email: str = '', on: bool = True) -> dict[str, Any]:
        """Where alerts are mailed to, and whether."""
    def ship_order(
        self,
        order: str | int = '',
        carrier: str = 'PostNL',
        tracking_code: str = '',
        tracking_url: str = '',
    ) -> dict[str, Any]:
        """The warehouse ships an imported order (the newest unless named)."""
    def try_again(self, object: str = '') -> dict[str, Any]:
        """The merchant presses "try again" at the open alert of an object ("order 12"), or at all of them."""
    def a_checkout(self, id: str = '21', status: str = 'pending', email: str = 'ann@example.com') -> dict[str, Any]:
        """A checkout that the plugin has caught, in this status."""
    def a_connector(
        self,
        preset: str = 'ecommerce_with_e_fulfilment',
        shop_url: str = 'http://127.0.0.1:9/shop',
        state: str = 'active',
        name: str = 'Shop',
        timezone: str = 'UTC',
        opt_in_strategy: str = 'both',
        checkout_abandon_minutes: int = 30,
        api_key: str = 'ck_of_a_situation',
        api_secret: str = 'cs_of_a_situation',
        webhook_secret: str = 'a-secret-of-the-webhooks',
    ) -> dict[str, Any]:
        """A connector of this shop in this state, imported if it is at work. Connect looks at no shop of a situation
        by itself."""
    def a_connector_in_error(self) -> dict[str, Any]:
        """A connector whose key the shop refuses."""
    def a_contact(
        self,
        email: str = 'ann@example.com',
        first_name: str = 'Ann',
        subscribed: bool | None = True,
    ) -> dict[str, Any]:
        """A contact that the newsletter knows."""
    def a_linked_product(self, sku: str = 'MUG', quantity: int = 10, item: int = 11, parent: int = 0) -> dict[str, Any]:
        """A product of the newest shop (one is made if there is none) that is linked, with these pieces in the
        warehouse and in the shop."""
    def a_master_product(
        self,
        sku: str = 'MUG',
        barcode: str = '',
        name: str = '',
        status: str = 'active',
    ) -> dict[str, Any]:
        """A master product that the warehouse has made."""
    def a_paused_connector(self) -> dict[str, Any]:
        """A connector that the merchant has paused."""
    def a_removed_connector(self) -> dict[str, Any]:
        """A connector that was removed."""
    def a_revoked_token(self) -> dict[str, Any]:
        """A token that was given once and opens nothing any more; the others are as they were."""
    def a_rule(
        self,
        name: str = 'Large orders',
        object: str = 'order',
        field: str = 'total',
        op: str = 'greater_than',
        value: Any = 1000,
        action: str = 'block_import',
    ) -> dict[str, Any]:
        """A rule of the account with one condition and one action."""
    def a_shipped_order(self, number: str = '12', tracking_code: str = '3STEST123') -> dict[str, Any]:
        """An order that the warehouse has shipped; the shop knows."""
    def alerts_are_off(self) -> None:
        """Nobody is mailed about alerts."""
    def an_empty_account(self) -> dict[str, Any]:
        """No connector, product, contact or rule; the three other systems and a token."""
    def an_imported_order(
        self,
        number: str = '12',
        sku: str = 'MUG',
        quantity: int = 1,
        status: str = 'processing',
    ) -> dict[str, Any]:
        """An order of the newest shop, taken in."""
    def an_open_alert(self, ref: str = '12', code: str = 'unmapped_status') -> dict[str, Any]:
        """An order that could not be imported, and its alert."""
    def an_order_elsewhere(self, number: str = 'BOL-1', sku: str = 'MUG', quantity: int = 1) -> dict[str, Any]:
        """An order that was placed on the marketplace."""
    def goods_in_the_warehouse(self, sku: str = 'MUG', quantity: int = 10, barcode: str = '') -> dict[str, Any]:
        """So many pieces on the shelves of the warehouse, of a master product that is made if there is none."""
    def two_masters_of_one_sku(self, sku: str = 'MUG') -> dict[str, Any]:
        """Two master products that both have this SKU, and barcodes of their own: nobody can tell which is meant."""
    def alerts(self) -> dict[str, dict[str, Any]]:
        """The newest alert of each object ("order 12"): its state, why, and how many mails went out about the
        object."""
    def checkouts(self) -> dict[str, dict[str, Any]]:
        """Checkouts by the plugin's number for them."""
    def connection(self) -> dict[str, Any]:
        """The newest connector that is still there: state, preset, problem, and each webhook as it was last seen.
        Empty when there is none."""
    def connectors(self) -> dict[str, dict[str, Any]]:
        """All connectors by number, also those that were removed."""
    def contacts(self) -> dict[str, dict[str, Any]]:
        """Contacts by e-mail address."""
    def elsewhere(self) -> dict[str, dict[str, Any]]:
        """What each other system was given ({"order 12": ...}), and the orders it has of its own."""
    def mails(self) -> list[dict[str, Any]]:
        """What Connect has mailed."""
    def master_products(self) -> dict[str, dict[str, Any]]:
        """Master products by SKU (by barcode or number where there is none): how many products of shops are linked."""
    def orders(self) -> dict[str, dict[str, Any]]:
        """Imported orders by number: status, total, and pieces by SKU."""
    def rules(self) -> dict[str, str]:
        """Rules by number: their names."""
    def shipments(self) -> dict[str, dict[str, Any]]:
        """Shipments by tracking code: of which order, where it was made, whether the shop has it, who else was told."""
    def stock(self) -> dict[str, int]:
        """Pieces that may be sold, by SKU, of what the warehouse knows: on the shelves less what is set aside."""
    def warehouse(self) -> dict[str, dict[str, int]]:
        """On the shelves, set aside and available, by SKU."""

class StockBurst(Service):
    setup_code: str
    def add_article(self, sku: str, quantity: int = 0, price: str = '') -> dict[str, Any]:
        """An article that StockBurst has before any store lists it."""
    def adjust_stock(self, sku: str, quantity: int) -> dict[str, Any]:
        """Set what there is of an article, after counting it; the stores follow."""
    def change_price(self, sku: str, price: str | float) -> dict[str, Any]:
        """Set the price of an article; the stores follow."""
    def compare_now(self) -> dict[str, Any]:
        """Read every connected store as a whole, now."""
    def issue_setup_code(self) -> dict[str, Any]:
        """Generate a setup code: it is shown now and never again, works once, and those before it not any more."""
    def reactivate_account(self) -> None:
        """Active again: every connected store is read as a whole, to catch up."""
    def remove_integration(self) -> dict[str, Any]:
        """Remove the newest integration. What was learned of the store stays on StockBurst's books; the store's
        webhooks are turned away from now on."""
    def revoke_token(self) -> dict[str, Any]:
        """Revoke the site token of the newest integration: health signals are refused; the work in the store goes
        on."""
    def sell_elsewhere(self, sku: str, quantity: int = 1, marketplace: str = 'Takealot') -> dict[str, Any]:
        """An article is sold on a marketplace that StockBurst itself is linked to; the stores follow."""
    def set_up_by_hand(self, store_url: str, consumer_key: str, consumer_secret: str) -> dict[str, Any]:
        """Business Settings, Integration, WooCommerce, manual setup: the key is tried, then the store is read and
        webhooks are made in it. Entered again, it takes a new key."""
    def suspend_account(self) -> None:
        """The account is not active any more: nothing is connected, read or written."""
    def a_listed_article(
        self,
        sku: str = 'MUG',
        quantity: int = 10,
        price: str = '9.50',
        item: int = 11,
        parent: int = 0,
    ) -> dict[str, Any]:
        """The newest connected store (one is connected if there is none) lists this article, with this stock and
        price, as product `item`, or as that variation of `parent`."""
    def a_connected_store(
        self,
        store_url: str = 'http://127.0.0.1:9/shop',
        consumer_key: str = 'ck_1111111111111111111111111111111111111111',
        consumer_secret: str = 'cs_2222222222222222222222222222222222222222',
        secret: str = '',
    ) -> dict[str, Any]:
        """This store is connected by the plugin, and was not read yet. `secret` is what its webhooks are signed with
        (drawn when left out). Answers what the plugin was told."""
    def a_removed_integration(self, store_url: str = 'http://127.0.0.1:9/shop') -> dict[str, Any]:
        """A store was connected, and removed again in StockBurst."""
    def a_revoked_token(self, store_url: str = 'http://127.0.0.1:9/shop') -> dict[str, Any]:
        """A store is connected, and its site token was revoked."""
    def a_used_setup_code(self, code: str = 'SB-2345-6789') -> dict[str, Any]:
        """This setup code has connected a store already."""
    def an_article(self, sku: str = 'MUG', quantity: int = 10, price: str = '9.50') -> dict[str, Any]:
        """StockBurst has this article, listed nowhere yet."""
    def an_empty_account(self) -> None:
        """Active, with nothing in it."""
    def an_expired_setup_code(self, code: str = 'SB-2345-6789') -> dict[str, Any]:
        """This setup code was issued an hour ago and never used."""
    def an_inactive_account(self) -> None:
        """The account was suspended."""
    def an_open_setup_code(self, code: str = 'SB-2345-6789') -> dict[str, Any]:
        """This setup code may be used for the next fifteen minutes; it is the newest."""
    def too_many_wrong_codes(self, caller: str = '127.0.0.1') -> None:
        """Five setup codes in a row from here were wrong: no more is looked at for a while."""
    def account(self) -> dict[str, Any]:
        """The business account."""
    def codes(self) -> list[dict[str, Any]]:
        """The setup codes that were issued, without what they read."""
    def connection(self) -> dict[str, Any]:
        """The integration that was made last, or that there is none."""
    def customers(self) -> dict[str, Any]:
        """Customers by their e-mail address."""
    def health(self) -> dict[str, Any]:
        """The last health signal of the newest integration."""
    def heard(self) -> dict[str, int]:
        """How many webhooks were taken in, by topic."""
    def integrations(self) -> dict[str, Any]:
        """All integrations by their store's address; of several of one store the newest."""
    def listings(self) -> dict[str, Any]:
        """What the stores list, by SKU or "#" and the store's number of it; stock and price as last read or written."""
    def movements(self) -> list[dict[str, Any]]:
        """Every change of a quantity, oldest first; together they are the stock."""
    def orders(self) -> dict[str, Any]:
        """Orders by their number in the store, as the newest integration knows them."""
    def prices(self) -> dict[str, str]:
        """Prices by SKU."""
    def stock(self) -> dict[str, int]:
        """Pieces by SKU; what nobody counts is missing."""
    def webhooks(self) -> dict[str, Any]:
        """The webhooks that the plugin registered, by topic."""
