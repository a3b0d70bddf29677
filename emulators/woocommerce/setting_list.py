"""The settings that the REST API of a fresh store shows: names, kinds, defaults and choices.

Source: WooCommerce 10.5.0, recorded 2026-11-21. The store's explaining texts are left out, and so are the lists of
all countries and of the site's pages.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..kernel import dataclass


@dataclass(frozen=True)
class Known:
    """A setting. `options`: the values it can have; empty where any value goes."""

    id: str
    label: str
    type: str
    default: Any = ""
    options: tuple[str, ...] = ()
    value: Any = None  # where a fresh store has another value than the default
    tip: bool = True  # whether the answer has a `tip`
    told: bool = True  # whether the answer has a `default`
    group: str = ""
    with_feature: str = ""  # the feature without which there is no such setting

    @property
    def option(self) -> str:
        """The name it is kept under: ids of e-mails' settings are the same for each of them."""
        return f"woocommerce_{self.group[6:]}_settings.{self.id}" if self.group.startswith("email_") else self.id

    @property
    def fresh(self) -> Any:
        """What a fresh store has."""
        return self.default if self.value is None else self.value

    def within(self, group: str) -> Known:
        return replace(self, group=group)


# Id, label and parent of each group, in the order in which they are listed.
GROUPS = (
    ("wc_admin", "WooCommerce Admin", ""),
    ("general", "General", ""),
    ("products", "Products", ""),
    ("tax", "Tax", ""),
    ("shipping", "Shipping", ""),
    ("checkout", "Payments", ""),
    ("account", "Accounts &amp; Privacy", ""),
    ("email", "Emails", ""),
    ("integration", "Integration", ""),
    ("site-visibility", "Site visibility", ""),
    ("point-of-sale", "Point of Sale", ""),
    ("advanced", "Advanced", ""),
    ("email_new_order", "New order", "email"),
    ("email_cancelled_order", "Cancelled order", "email"),
    ("email_customer_cancelled_order", "Cancelled order", "email"),
    ("email_failed_order", "Failed order", "email"),
    ("email_customer_failed_order", "Failed order", "email"),
    ("email_customer_on_hold_order", "Order on-hold", "email"),
    ("email_customer_processing_order", "Processing order", "email"),
    ("email_customer_completed_order", "Completed order", "email"),
    ("email_customer_refunded_order", "Refunded order", "email"),
    ("email_customer_invoice", "Order details", "email"),
    ("email_customer_note", "Customer note", "email"),
    ("email_customer_reset_password", "Reset password", "email"),
    ("email_customer_new_account", "New account", "email"),
    ("email_customer_pos_completed_order", "POS completed order", "email"),
    ("email_customer_pos_refunded_order", "POS refunded order", "email"),
)

_STATUSES = ("pending", "processing", "on-hold", "completed", "cancelled", "refunded", "failed", "checkout-draft")

# fmt: off
_SETTINGS: dict[str, tuple[Known, ...]] = {
    "general": (
        Known("store_address", "Address line 1", "text"),
        Known("store_address_2", "Address line 2", "text"),
        Known("store_city", "City", "text"),
        Known("default_country", "Country / State", "select", "US:CA"),
        Known("store_postcode", "Postcode / ZIP", "text"),
        Known("allowed_countries", "Selling location(s)", "select", "all", ("all", "all_except", "specific")),
        Known("all_except_countries", "Sell to all countries, except for&hellip;", "multiselect", tip=False),
        Known("specific_allowed_countries", "Sell to specific countries", "multiselect", tip=False),
        Known("ship_to_countries", "Shipping location(s)", "select", "", ("", "all", "specific", "disabled")),
        Known("specific_ship_to_countries", "Ship to specific countries", "multiselect", tip=False),
        Known("default_customer_address", "Default customer location", "select", "base", ("", "base",
              "geolocation", "geolocation_ajax")),
        Known("address_autocomplete_enabled", "", "checkbox", "no"),
        Known("calc_taxes", "Enable taxes", "checkbox", "no"),
        Known("enable_coupons", "Enable coupons", "checkbox", "yes"),
        Known("calc_discounts_sequentially", "", "checkbox", "no"),
        Known("currency", "Currency", "select", "USD"),
        Known("currency_pos", "Currency position", "select", "left", ("left", "right", "left_space",
              "right_space")),
        Known("price_thousand_sep", "Thousand separator", "text", ","),
        Known("price_decimal_sep", "Decimal separator", "text", "."),
        Known("price_num_decimals", "Number of decimals", "number", "2"),
    ),
    "products": (
        Known("shop_page_id", "Shop page", "select", value="6"),
        Known("cart_redirect_after_add", "Add to cart behaviour", "checkbox", "no", tip=False),
        Known("enable_ajax_add_to_cart", "", "checkbox", "yes", tip=False),
        Known("placeholder_image", "Placeholder image", "text", value="5"),
        Known("weight_unit", "Weight unit", "select", "lbs", ("kg", "g", "lbs", "oz")),
        Known("dimension_unit", "Dimensions unit", "select", "in", ("m", "cm", "mm", "in", "yd")),
        Known("enable_reviews", "Enable reviews", "checkbox", "yes", tip=False),
        Known("review_rating_verification_label", "", "checkbox", "yes", tip=False),
        Known("review_rating_verification_required", "", "checkbox", "no", tip=False),
        Known("enable_review_rating", "Product ratings", "checkbox", "yes", tip=False),
        Known("review_rating_required", "", "checkbox", "yes", tip=False),
        Known("manage_stock", "Manage stock", "checkbox", "yes", tip=False),
        Known("hold_stock_minutes", "Hold stock (minutes)", "number", "60", tip=False),
        Known("notify_low_stock", "Notifications", "checkbox", "yes", tip=False),
        Known("notify_no_stock", "", "checkbox", "yes", tip=False),
        Known("stock_email_recipient", "Notification recipient(s)", "text", "admin@example.com"),
        Known("notify_low_stock_amount", "Low stock threshold", "number", "2"),
        Known("notify_no_stock_amount", "Out of stock threshold", "number", "0"),
        Known("hide_out_of_stock_items", "Out of stock visibility", "checkbox", "no", tip=False),
        Known("stock_format", "Stock display format", "select", "", ("", "low_amount", "no_amount")),
        Known("file_download_method", "File download method", "select", "force", ("force", "xsendfile",
              "redirect")),
        Known("downloads_redirect_fallback_allowed", "", "checkbox", "no"),
        Known("downloads_require_login", "Access restriction", "checkbox", "no"),
        Known("downloads_grant_access_after_payment", "", "checkbox", "yes"),
        Known("downloads_deliver_inline", "Open in browser", "checkbox", False, value=""),
        Known("downloads_add_hash_to_filename", "Filename", "checkbox", "yes"),
        Known("downloads_count_partial", "Count partial downloads", "checkbox", "yes"),
        Known("attribute_lookup_enabled", "Enable table usage", "checkbox", "no", tip=False),
        Known("attribute_lookup_direct_updates", "Direct updates", "checkbox", "no", tip=False),
        Known("attribute_lookup_optimized_updates", "Optimized updates", "checkbox", "no"),
        Known("product_match_featured_image_by_sku", "Match images", "checkbox", "no", tip=False),
    ),
    "tax": (
        Known("prices_include_tax", "Prices entered with tax", "radio", "no", ("yes", "no")),
        Known("tax_based_on", "Calculate tax based on", "select", "shipping", ("shipping", "billing",
              "base")),
        Known("shipping_tax_class", "Shipping tax class", "select", "inherit", ("inherit", "",
              "reduced-rate", "zero-rate")),
        Known("tax_round_at_subtotal", "Rounding", "checkbox", "no", tip=False),
        Known("tax_classes", "Additional tax classes", "textarea"),
        Known("tax_display_shop", "Display prices in the shop", "select", "excl", ("incl", "excl"),
              tip=False),
        Known("tax_display_cart", "Display prices during cart and checkout", "select", "excl", ("incl",
              "excl"), tip=False),
        Known("price_display_suffix", "Price display suffix", "text"),
        Known("tax_total_display", "Display tax totals", "select", "itemized", ("single", "itemized"),
              tip=False),
    ),
    "shipping": (
        Known("enable_shipping_calc", "Calculations", "checkbox", "yes"),
        Known("shipping_cost_requires_address", "", "checkbox", "no", tip=False),
        Known("shipping_hide_rates_when_free", "", "checkbox", "no", tip=False),
        Known("ship_to_destination", "Shipping destination", "radio", "billing", ("shipping", "billing",
              "billing_only")),
        Known("shipping_debug_mode", "Debug mode", "checkbox", "no"),
    ),
    "account": (
        Known("enable_guest_checkout", "Checkout", "checkbox", "yes"),
        Known("enable_checkout_login_reminder", "Login", "checkbox", "no", tip=False),
        Known("enable_delayed_account_creation", "Account creation", "checkbox", "no"),
        Known("enable_signup_and_login_from_checkout", "Account creation", "checkbox", "no"),
        Known("enable_myaccount_registration", "Account creation", "checkbox", "no", tip=False),
        Known("registration_generate_password", "Account creation options", "checkbox", "yes"),
        Known("erasure_request_removes_order_data", "Account erasure requests", "checkbox", "no"),
        Known("erasure_request_removes_download_data", "", "checkbox", "no"),
        Known("allow_bulk_remove_personal_data", "Personal data removal", "checkbox", "no"),
        Known("registration_privacy_policy_text", "Registration privacy policy", "textarea",
              "[privacy_policy]"),
        Known("checkout_privacy_policy_text", "Checkout privacy policy", "textarea", "[privacy_policy]"),
    ),
    "email": (
        Known("email_from_name", "\"From\" name", "text", "Store"),
        Known("email_from_address", "\"From\" address", "email", "admin@example.com"),
        Known("email_header_image_width", "Logo width (px)", "number", "120", tip=False),
        Known("email_header_alignment", "Header alignment", "select", "left", ("left", "center", "right"),
              tip=False),
        Known("email_footer_text", "Footer text", "textarea", "{site_title}<br />{store_address}"),
        Known("email_base_color", "Accent", "color", "#720eec"),
        Known("email_background_color", "Email background", "color", "#f7f7f7"),
        Known("email_body_background_color", "Content background", "color", "#ffffff"),
        Known("email_text_color", "Heading & text", "color", "#3c3c3c"),
        Known("email_footer_text_color", "Secondary text", "color", "#3c3c3c"),
    ),
    "advanced": (
        Known("cart_page_id", "Cart page", "select", value="7"),
        Known("checkout_page_id", "Checkout page", "select", 8, value="8"),
        Known("myaccount_page_id", "My account page", "select", value="9"),
        Known("terms_page_id", "Terms and conditions", "select"),
        Known("force_ssl_checkout", "Secure checkout", "checkbox", "no"),
        Known("unforce_ssl_checkout", "", "checkbox", "no", tip=False),
        Known("checkout_pay_endpoint", "Pay", "text", "order-pay"),
        Known("checkout_order_received_endpoint", "Order received", "text", "order-received"),
        Known("myaccount_add_payment_method_endpoint", "Add payment method", "text", "add-payment-method"),
        Known("myaccount_delete_payment_method_endpoint", "Delete payment method", "text",
              "delete-payment-method"),
        Known("myaccount_set_default_payment_method_endpoint", "Set default payment method", "text",
              "set-default-payment-method"),
        Known("myaccount_orders_endpoint", "Orders", "text", "orders"),
        Known("myaccount_view_order_endpoint", "View order", "text", "view-order"),
        Known("myaccount_downloads_endpoint", "Downloads", "text", "downloads"),
        Known("myaccount_edit_account_endpoint", "Edit account", "text", "edit-account"),
        Known("myaccount_edit_address_endpoint", "Addresses", "text", "edit-address"),
        Known("myaccount_payment_methods_endpoint", "Payment methods", "text", "payment-methods"),
        Known("myaccount_lost_password_endpoint", "Lost password", "text", "lost-password"),
        Known("logout_endpoint", "Logout", "text", "customer-logout"),
        Known("api_enabled", "Legacy API", "checkbox", "no"),
        Known("allow_tracking", "Enable tracking", "checkbox", "no"),
        Known("show_marketplace_suggestions", "Show Suggestions", "checkbox", "yes"),
        Known("custom_orders_table_enabled", "Order data storage", "radio", "no", ("no", "yes"),
              value="yes", tip=False),
        Known("custom_orders_table_data_sync_enabled", "", "checkbox", "no", told=False),
        Known("analytics_enabled", "Analytics", "checkbox", "yes", tip=False),
        Known("feature_rate_limit_checkout_enabled", "Rate limit Checkout", "checkbox", "no", tip=False),
        Known("feature_order_attribution_enabled", "Order Attribution", "checkbox", "yes", tip=False),
        Known("feature_site_visibility_badge_enabled", "Site visibility badge", "checkbox", "yes", tip=False),
        Known("hpos_datastore_caching_enabled", "HPOS Data Caching", "checkbox", "no", tip=False),
        Known("feature_remote_logging_enabled", "Remote Logging", "checkbox", "yes"),
        Known("feature_email_improvements_enabled", "Email improvements", "checkbox", "no", tip=False),
        Known("feature_blueprint_enabled", "Blueprint (beta)", "checkbox", "yes", tip=False),
        Known("feature_cost_of_goods_sold_enabled", "Cost of Goods Sold", "checkbox", "no", tip=False),
        Known("hpos_fts_index_enabled", "HPOS Full text search indexes", "checkbox", "no", tip=False),
        Known("feature_block_email_editor_enabled", "Block Email Editor (alpha)", "checkbox", "no",
              tip=False),
        Known("feature_point_of_sale_enabled", "Point of Sale", "checkbox", "yes", tip=False),
        Known("feature_mcp_integration_enabled", "WooCommerce MCP", "checkbox", "no", tip=False),
        Known("feature_destroy-empty-sessions_enabled", "Clear Customer Sessions When Empty", "checkbox",
              "no", tip=False),
        Known("feature_rest_api_caching_enabled", "REST API Caching", "checkbox", "no", tip=False),
        Known("feature_product_instance_caching_enabled", "Cache Product Objects", "checkbox", "no",
              tip=False),
    ),
    "wc_admin": (
        Known("excluded_report_order_statuses", "Excluded report order statuses", "multiselect",
              ("pending", "cancelled", "failed"), _STATUSES, tip=False),
        Known("actionable_order_statuses", "Actionable order statuses", "multiselect", ("processing",
              "on-hold"), _STATUSES, tip=False),
        Known("default_date_range", "Default Date Range", "text", "period=month&compare=previous_year",
              tip=False),
        Known("date_type", "Date Type", "select", "", ("date_created", "date_paid", "date_completed"), tip=False,
              told=False),
        Known("analytics_scheduled_import", "Updates", "radio", None, ("yes", "no"), value="", tip=False),
    ),
}
# fmt: on

ALL = tuple(
    replace(known, id=f"woocommerce_{known.id}", group=group) for group, listed in _SETTINGS.items() for known in listed
)
BY_ID = {known.id: known for known in ALL}
