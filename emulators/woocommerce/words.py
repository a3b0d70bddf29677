"""What arguments and properties mean, in our own few words: OPTIONS and the index of the API tell them."""

from __future__ import annotations

from functools import lru_cache

_SAID = {
    "id": "The number by which it is known.",
    "context": "What the answer is for: reading, or editing.",
    "page": "Which page of the list.",
    "per_page": "How many make a page.",
    "offset": "How many to leave out before the first one; outranks the page.",
    "search": "Only what has these words in it.",
    "after": "Only what was made after this time.",
    "before": "Only what was made before this time.",
    "modified_after": "Only what was changed after this time.",
    "modified_before": "Only what was changed before this time.",
    "dates_are_gmt": "Whether the times asked for are in UTC.",
    "include": "Only these ids.",
    "exclude": "All but these ids.",
    "order": "Up or down.",
    "orderby": "What the list is sorted by.",
    "parent": "The one it belongs under.",
    "parent_exclude": "All but what belongs under these.",
    "force": "Remove it for good, past the trash.",
    "reassign": "Who gets what belonged to it.",
    "status": "The state it is in.",
    "sku": "The shop's own code of the article.",
    "global_unique_id": "GTIN, UPC, EAN or ISBN.",
    "slug": "Its name in addresses.",
    "name": "What it is called.",
    "meta_data": "Custom fields.",
    "include_meta": "Only custom fields with these names.",
    "exclude_meta": "Custom fields but those with these names.",
    "hide_empty": "Leave out what no product has.",
    "min_price": "Only what costs this much or more.",
    "max_price": "Only what costs this much or less.",
    "on_sale": "Whether its price is lowered now.",
    "regular_price": "The price, unless it is lowered.",
    "sale_price": "The lowered price.",
    "price": "The price now.",
    "price_html": "The price as a page shows it.",
    "manage_stock": "Whether pieces are counted.",
    "stock_quantity": "How many pieces there are.",
    "stock_status": "Whether there is any.",
    "backorders": "Whether more may be ordered than there is.",
    "low_stock_amount": "From how few pieces on the merchant is told.",
    "sold_individually": "Whether an order may have one only.",
    "downloads": "Files that a buyer may download.",
    "download_limit": "How often a buyer may download; -1 for ever.",
    "download_expiry": "For how many days a buyer may download; -1 for ever.",
    "set_paid": "Whether it is paid at once.",
    "line_items": "What was ordered.",
    "shipping_lines": "How it is sent.",
    "fee_lines": "What else is charged.",
    "coupon_lines": "Coupons that count.",
    "tax_lines": "Taxes, by rate.",
    "customer_id": "Whose order it is; 0 for a guest.",
    "billing": "Who pays.",
    "shipping": "Who gets it.",
    "topic": "What it is told about.",
    "delivery_url": "Where it is sent.",
    "secret": "What deliveries are signed with.",
    "code": "The code.",
    "dp": "Digits after the point of amounts.",
    "period": "A period by its name.",
    "date_min": "The first day.",
    "date_max": "The last day.",
    "menu_order": "Its place among the others.",
    "enabled": "Whether it is switched on.",
    "value": "What it is set to.",
    "api_refund": "Whether the payment gateway gives the money back.",
    "api_restock": "Whether the pieces go back on the shelf.",
    "namespace": "Which part of the API.",
}


@lru_cache(maxsize=2048)
def said(name: str) -> str:
    """What this name means; what has no words of its own is read out."""
    if name in _SAID:
        return _SAID[name]
    words = name.removesuffix("_gmt").removesuffix("_id").removesuffix("_ids").replace("_", " ").strip() or name
    text = words[0].upper() + words[1:]
    if name.endswith("_gmt"):
        return f"{text}, in UTC."
    if name.startswith("date_"):
        return f"{text}, in the time zone of the store."
    if name.endswith(("_id", "_ids")):
        return f"{text}, by its id." if name.endswith("_id") else f"{text}s, by their ids."
    return f"{text}."
