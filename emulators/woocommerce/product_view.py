"""A product or variation as the API shows it.

"view" is what a GET shows; "edit" is what creating, changing and deleting answer with: texts as they were written
and two fields more. Whatever a page needs of other records is read once for all its products.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import quote_plus, unquote

from ..kernel import Emulation
from . import dates, images, price_tags, prices, related, respond, settings, shared_attributes, term, texts
from .product import Product
from .product_input import counting
from .product_taken import free_slug

Json = dict[str, Any]


class View:
    """What a page of products needs to know of other records."""

    def __init__(self, here: Emulation, products: Sequence[Product], context: str = "view") -> None:
        self.here, self.products, self.context = here, products, context
        self.viewing = context == "view"
        self.terms: Mapping[int, term.Term] = term.all_by_id(here)
        self.money, self.counting = prices.money(here), counting(here)
        self.in_utc = not settings.value(here, "timezone_string")

    @cached_property
    def tags(self) -> price_tags.PriceTags:
        return price_tags.PriceTags(self.here)

    @cached_property
    def others(self) -> dict[int, Product]:
        """Parents of the variations and members of the groups on this page."""
        wanted = {p.parent_id for p in self.products if p.is_variation}
        for product in self.products:
            wanted.update(product.grouped_products)
        known = {p.id: p for p in self.products}
        if missing := wanted - known.keys():
            known |= self.here.store[Product].by_key(missing)
        return known

    @cached_property
    def images(self) -> dict[int, images.Image]:
        wanted = {i for p in self.products for i in p.image_ids}
        wanted |= {i for p in self.products if p.is_variation and (up := self.parent(p)) for i in up.image_ids}
        return images.found(self.here, wanted)

    def parent(self, variation: Product) -> Product | None:
        return self.others.get(variation.parent_id)

    def times(self, moment: datetime | None) -> tuple[str | None, str | None]:
        """As the site's clock shows it, and in UTC."""
        if moment is None:
            return None, None
        gmt = dates.gmt(moment)
        return (gmt if self.in_utc else dates.local(self.here, moment)), gmt


def rendered(here: Emulation, product: Product, context: str = "view") -> Json:
    """As `/products/{id}` shows it, variations too."""
    return page(here, [product], context)[0]


def page(here: Emulation, products: Sequence[Product], context: str = "view") -> list[Json]:
    if not products:
        return []
    view = View(here, products, context)
    return [_product(view, product) for product in products]


def variation_page(
    here: Emulation, products: Sequence[Product], context: str = "view", *, everywhere: bool = False
) -> list[Json]:
    """As `/products/{product_id}/variations` shows them, or `/variations`, whose links lead nowhere."""
    view = View(here, products, context)
    bodies = [_variation(view, product) for product in products]
    for body in bodies if everywhere else ():
        body["_links"] = respond.links(here, "variations", body["id"], up="products/0")
        del body["_links"]["self"][0]["targetHints"]
    return bodies


def permalink(here: Emulation, product: Product, parent: Product | None = None) -> str:
    if product.is_variation:
        link = permalink(here, parent) if parent else f"{here.root}/"
        chosen = values_of(here, product, parent).items()
        query = "&".join(f"attribute_{quote_plus(k)}={quote_plus(v)}" for k, v in chosen)
        return f"{link}{'&' if '?' in link else '?'}{query}" if query else link
    if product.slug and product.status in ("publish", "private"):
        return f"{here.root}/product/{product.slug}/"
    return f"{here.root}/?post_type=product&p={product.id}"


def purchasable(product: Product, parent: Product | None = None) -> bool:
    """The holder of a key may buy what is not published; nobody may buy what has no price of its own."""
    if product.type in ("external", "grouped") or product.price == "":
        return False
    return not product.is_variation or (product.status == "publish" and parent is not None)


def summary(here: Emulation, product: Product, parent: Product | None) -> str:
    """What tells a variation from its siblings: "Red, S"."""
    return ", ".join(a["option"] for a in chosen_options(here, product, parent))


def values_of(here: Emulation, product: Product, parent: Product | None) -> dict[str, str]:
    """What a variation stands for, by the keys of those attributes of its product that are for variations (still)."""
    keys = [shared_attributes.key_of(here, a) for a in (parent.attributes if parent else ()) if a["variation"]]
    return {key: value for key in keys if (value := product.options.get(key, "")) != ""}


def chosen_options(here: Emulation, product: Product, parent: Product | None) -> list[Json]:
    own = {shared_attributes.key_of(here, a): a for a in (parent.attributes if parent else ())}
    out = []
    for key, value in values_of(here, product, parent).items():
        shared = shared_attributes.by_key(here, key)
        if shared is not None:
            chosen = term.by_slug(here, key, value)
            option = unquote(chosen.name if chosen else value)
            out.append({"id": shared.id, "name": shared.name, "slug": unquote(key), "option": option})
        elif own[key]["id"]:  # it was shared, and is gone
            out.append({"id": 0, "name": key.removeprefix("pa_"), "slug": key, "option": value})
        else:
            out.append({"id": 0, "name": own[key]["name"], "slug": key, "option": value})
    return out


def stock_shown(product: Product, parent: Product | None) -> tuple[bool | str, int | None, str]:
    """manage_stock, stock_quantity and backorders: a variation that does not count shows its parent's count."""
    if product.manage_stock or parent is None or not parent.manage_stock:
        return product.manage_stock, product.stock_quantity, product.backorders
    return "parent", parent.stock_quantity, parent.backorders


def _lowered(view: View, product: Product) -> bool:
    """A group says so when one of its members does."""
    if product.type != "grouped":
        return product.on_sale
    members = (view.others[i] for i in product.grouped_products if i in view.others)
    return any(m.on_sale and purchasable(m) and not m.children for m in members)


def price_html(view: View, product: Product) -> str:
    html = _price_html(view, product)
    return html + view.tags.suffix(product) if html else ""


def _price_html(view: View, product: Product) -> str:
    money = view.money
    if product.variable:
        if not product.price_range:
            return ""
        lowest, highest, lowest_regular, highest_regular = (view.tags.shown(product, p) for p in product.price_range)
        if prices.number(lowest) != prices.number(highest):
            return money.range_html(lowest, highest)
        if product.on_sale and prices.number(lowest_regular) == prices.number(highest_regular):
            return money.sale_html(highest_regular, lowest)
        return money.html(lowest)
    if product.type == "grouped":
        members = [view.others[i] for i in product.grouped_products if i in view.others]
        sold = [m for m in members if m.price]  # a key may see what is not published
        found = sorted((view.tags.shown(m, m.price) for m in sold), key=prices.number)
        if not found:
            return ""
        if prices.number(found[0]) != prices.number(found[-1]):
            return money.range_html(found[0], found[-1])
        return money.html(found[0])
    if product.price == "":
        return ""
    price = view.tags.shown(product, product.price)
    return (
        money.sale_html(view.tags.shown(product, product.regular_price), price)
        if product.on_sale
        else money.html(price)
    )


def _short_description(product: Product, viewing: bool) -> str:
    text = "" if product.is_variation else product.short_description
    return texts.paragraphs(text) if viewing else text


def _by_name(one: term.Term) -> tuple[str, int]:
    return one.name_key, one.id


def _terms(view: View, ids: Sequence[int], order: Callable[[term.Term], Any] = _by_name) -> list[Json]:
    if not ids:
        return []
    known = view.terms
    found = [known[i] for i in ids if i in known]
    if len(found) > 1:
        found.sort(key=order)
    return [{"id": t.id, "name": t.name, "slug": t.slug} for t in found]


def _attributes(view: View, product: Product) -> list[Json]:
    out = []
    for a in product.attributes:
        shared = shared_attributes.all_by_id(view.here).get(a["id"]) if a["id"] else None
        if a["id"] and shared is None:
            continue
        options = a["options"]
        if shared:
            values = term.in_order((view.terms[i] for i in options if i in view.terms), shared.order_by)
            options = [t.name for t in values]
        out.append(
            {
                "id": a["id"],
                "name": shared.name if shared else a["name"],
                "slug": shared.taxonomy if shared else a["name"],
                "position": a["position"],
                "visible": a["visible"],
                "variation": a["variation"],
                "options": options if shared else options or [""],  # parted from a text, which is never none
            }
        )
    return out


def _default_attributes(view: View, product: Product) -> list[Json]:
    out = []
    for key, option in product.default_attributes.items():
        shared = shared_attributes.by_key(view.here, key)
        own = next((a for a in product.attributes if shared_attributes.key_of(view.here, a) == key), None)
        name = shared.name if shared else own["name"] if own else key
        out.append({"id": shared.id if shared else 0, "name": name, "option": option})
    return out


def _product(view: View, p: Product) -> Json:
    here, viewing = view.here, view.viewing
    parent = view.parent(p) if p.is_variation else None
    managed, quantity, backorders = stock_shown(p, parent)
    shipped = not p.virtual
    shipping_class = _shipping_class(view, p, parent)
    created, created_gmt = view.times(p.created)
    modified, modified_gmt = view.times(p.modified)
    starts, starts_gmt = view.times(p.sale_starts)
    ends, ends_gmt = view.times(p.sale_ends)
    body = {
        "id": p.id,
        "name": p.name,
        "slug": p.slug,
        "permalink": permalink(here, p, parent),
        "date_created": created,
        "date_created_gmt": created_gmt,
        "date_modified": modified,
        "date_modified_gmt": modified_gmt,
        "type": p.type,
        "status": p.status,
        "featured": p.featured,
        "catalog_visibility": p.visibility,
        "description": texts.paragraphs(p.description) if viewing else p.description,
        "short_description": _short_description(p, viewing),
        "sku": p.sku or (parent.sku if parent else ""),
        "price": p.price,
        "regular_price": p.regular_price,
        "sale_price": "" if p.sale_price == "0" else p.sale_price,  # PHP takes this text for none
        "date_on_sale_from": starts,
        "date_on_sale_from_gmt": starts_gmt,
        "date_on_sale_to": ends,
        "date_on_sale_to_gmt": ends_gmt,
        "on_sale": _lowered(view, p),
        "purchasable": purchasable(p, parent),
        "total_sales": str(p.total_sales) if p.is_variation else p.total_sales,
        "virtual": p.virtual,
        "downloadable": p.downloadable,
        "downloads": p.downloads if p.downloadable or not viewing else [],
        "download_limit": p.download_limit,
        "download_expiry": p.download_expiry,
        "external_url": p.external_url,
        "button_text": p.button_text,
        "tax_status": p.tax_status,
        "tax_class": _tax_class(view, p, parent),
        "manage_stock": managed if view.counting else False,
        "stock_quantity": quantity,
        "backorders": backorders,
        "backorders_allowed": backorders != "no",
        "backordered": p.stock_status == "onbackorder",
        "low_stock_amount": p.low_stock_amount,
        "sold_individually": p.sold_individually,
        "weight": p.weight or (parent.weight if parent else ""),
        "dimensions": _dimensions(p, parent),
        "shipping_required": shipped,
        "shipping_taxable": shipped and p.tax_status in ("taxable", "shipping"),
        "shipping_class": shipping_class.slug if shipping_class else "",
        "shipping_class_id": shipping_class.id if shipping_class else 0,
        "reviews_allowed": p.reviews_allowed and not p.is_variation,
        "average_rating": f"{p.rating:.2f}" if viewing or p.rating else "0",
        "rating_count": sum(p.rating_counts.values()),
        "upsell_ids": p.upsell_ids,
        "cross_sell_ids": p.cross_sell_ids,
        "parent_id": p.parent_id,
        "purchase_note": texts.paragraphs(p.purchase_note) if viewing else p.purchase_note,
        "categories": _terms(view, p.category_ids, term.shop_order),
        "brands": _terms(view, p.brand_ids),
        "tags": _terms(view, p.tag_ids),
        "images": [images.rendered(here, view.images[i]) for i in p.image_ids if i in view.images],
        "attributes": chosen_options(here, p, parent) if p.is_variation else _attributes(view, p),
        "default_attributes": _default_attributes(view, p) if p.variable else [],
        "variations": p.children if p.variable else [],
        "grouped_products": p.grouped_products if p.type == "grouped" else [],
        "menu_order": p.menu_order,
        "price_html": price_html(view, p),
        "related_ids": related.picked(here, p),
        "meta_data": p.meta_data,
        "stock_status": p.stock_status,
        "has_options": p.variable,
        "post_password": p.post_password,
        "global_unique_id": p.global_unique_id,
    }
    if not viewing:
        body["permalink_template"] = f"{here.root}/product/%pagename%/"
        slug = texts.slug(p.name)
        body["generated_slug"] = unquote(slug if slug == p.slug else free_slug(here, slug, p.id))
    up = f"products/{p.parent_id}" if p.parent_id else None
    body["_links"] = respond.links(here, "products", p.id, up=up)
    return body


def _variation(view: View, p: Product) -> Json:
    here, viewing = view.here, view.viewing
    parent = view.parent(p)
    managed, quantity, backorders = stock_shown(p, parent)
    shipping_class = _shipping_class(view, p, parent)
    options = chosen_options(here, p, parent)
    image_ids = p.image_ids or (parent.image_ids if parent and viewing else [])
    image = view.images.get(image_ids[0]) if image_ids else None
    created, created_gmt = view.times(p.created)
    modified, modified_gmt = view.times(p.modified)
    starts, starts_gmt = view.times(p.sale_starts)
    ends, ends_gmt = view.times(p.sale_ends)
    return {
        "id": p.id,
        "type": p.type,
        "date_created": created,
        "date_created_gmt": created_gmt,
        "date_modified": modified,
        "date_modified_gmt": modified_gmt,
        "description": texts.paragraphs(p.description),
        "permalink": permalink(here, p, parent),
        "sku": p.sku or (parent.sku if parent else ""),
        "global_unique_id": p.global_unique_id,
        "price": p.price,
        "regular_price": p.regular_price,
        "sale_price": p.sale_price,
        "date_on_sale_from": starts,
        "date_on_sale_from_gmt": starts_gmt,
        "date_on_sale_to": ends,
        "date_on_sale_to_gmt": ends_gmt,
        "on_sale": p.on_sale,
        "status": p.status,
        "purchasable": purchasable(p, parent),
        "virtual": p.virtual,
        "downloadable": p.downloadable,
        "downloads": p.downloads if p.downloadable or not viewing else [],
        "download_limit": p.download_limit,
        "download_expiry": p.download_expiry,
        "tax_status": p.tax_status,
        "tax_class": _tax_class(view, p, parent),
        "manage_stock": managed if view.counting else False,
        "stock_quantity": quantity,
        "stock_status": p.stock_status,
        "backorders": backorders,
        "backorders_allowed": backorders != "no",
        "backordered": p.stock_status == "onbackorder",
        "low_stock_amount": p.low_stock_amount,
        "weight": p.weight or (parent.weight if parent else ""),
        "dimensions": _dimensions(p, parent),
        "shipping_class": shipping_class.slug if shipping_class else "",
        "shipping_class_id": shipping_class.id if shipping_class else 0,
        "image": images.rendered(here, image) if image else None,
        "attributes": options,
        "menu_order": p.menu_order,
        "meta_data": p.meta_data,
        "name": ", ".join(o["option"] for o in options),
        "parent_id": p.parent_id,
        "_links": respond.links(here, f"products/{p.parent_id}/variations", p.id, up=f"products/{p.parent_id}"),
    }


def _tax_class(view: View, p: Product, parent: Product | None) -> str:
    if p.is_variation and p.tax_class == "parent" and view.viewing:
        return parent.tax_class if parent else ""
    return p.tax_class


def _dimensions(p: Product, parent: Product | None) -> Json:
    if parent is None:
        return {"length": p.length, "width": p.width, "height": p.height}
    return {
        "length": p.length or parent.length,
        "width": p.width or parent.width,
        "height": p.height or parent.height,
    }


def _shipping_class(view: View, p: Product, parent: Product | None) -> term.Term | None:
    class_id = p.shipping_class_id or (parent.shipping_class_id if parent else 0)
    return view.terms.get(class_id) if class_id else None
