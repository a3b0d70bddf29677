"""What a believable shop is about: goods, colours and sizes, people and places. Names come from Faker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from functools import lru_cache
from math import gcd

from ..kernel import dataclass
from . import texts


@dataclass(frozen=True)
class Goods:
    """One shelf of the shop. `prices` in the store's currency, `grams` of one piece, both from and to."""

    department: str
    shelf: str
    code: str
    things: tuple[str, ...]
    prices: tuple[int, int]
    grams: tuple[int, int]
    materials: tuple[str, ...]
    varies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


_CLOTHES = {"Size": ("XS", "S", "M", "L", "XL", "XXL"), "Colour": ()}
_SHOES = {"Size": ("37", "38", "39", "40", "41", "42", "43", "44", "45"), "Colour": ()}
_COLOURS: dict[str, tuple[str, ...]] = {"Colour": ()}
COLOURS = {
    "Black": "1d1d1f", "White": "f2f2ee", "Grey": "8a8d91", "Navy": "1f2f56", "Blue": "2f6fb7", "Green": "3c7d4b",
    "Olive": "6b6b35", "Red": "b3262e", "Yellow": "e6b422", "Sand": "d2b98b", "Brown": "6f4a2f", "Pink": "d98aa0",
}  # fmt: skip
"""Colours that goods come in, and how pictures show them (RGB)."""

GOODS = (
    Goods("Clothing", "T-shirts", "TSH", ("T-shirt", "Polo Shirt", "Tank Top"), (12, 45), (120, 260),
          ("Organic cotton", "Cotton", "Linen"), _CLOTHES),
    Goods("Clothing", "Sweaters", "SWE", ("Hoodie", "Sweater", "Cardigan"), (35, 110), (350, 800),
          ("Merino wool", "Cotton", "Recycled polyester"), _CLOTHES),
    Goods("Clothing", "Jackets", "JAC", ("Rain Jacket", "Parka", "Vest"), (60, 240), (500, 1400),
          ("Nylon", "Waxed cotton", "Wool"), _CLOTHES),
    Goods("Clothing", "Trousers", "TRO", ("Chinos", "Jeans", "Shorts"), (30, 120), (300, 800),
          ("Denim", "Cotton", "Linen"), _CLOTHES),
    Goods("Shoes", "Sneakers", "SNE", ("Sneakers", "Running Shoes", "Slip-ons"), (45, 160), (500, 1100),
          ("Leather", "Canvas", "Mesh"), _SHOES),
    Goods("Shoes", "Boots", "BOO", ("Boots", "Chelsea Boots", "Hiking Boots"), (80, 260), (900, 1900),
          ("Leather", "Suede"), _SHOES),
    Goods("Accessories", "Bags", "BAG", ("Backpack", "Tote Bag", "Messenger Bag"), (20, 180), (200, 1200),
          ("Canvas", "Leather", "Nylon"), _COLOURS),
    Goods("Accessories", "Hats", "HAT", ("Beanie", "Cap", "Sun Hat"), (12, 55), (60, 180), ("Wool", "Cotton", "Straw"),
          _COLOURS),
    Goods("Accessories", "Wallets", "WAL", ("Wallet", "Card Holder", "Key Ring"), (9, 80), (20, 160),
          ("Leather", "Cork")),
    Goods("Kitchen", "Mugs", "MUG", ("Mug", "Espresso Cup", "Travel Mug"), (7, 32), (180, 420),
          ("Stoneware", "Porcelain", "Steel"), _COLOURS),
    Goods("Kitchen", "Cookware", "COO", ("Frying Pan", "Saucepan", "Casserole"), (25, 190), (700, 4200),
          ("Cast iron", "Steel", "Aluminium")),
    Goods("Kitchen", "Knives", "KNI", ("Chef Knife", "Bread Knife", "Paring Knife"), (12, 160), (60, 320),
          ("Steel", "Damascus steel")),
    Goods("Kitchen", "Coffee", "COF", ("Coffee Beans", "Ground Coffee", "Espresso Blend"), (8, 28), (250, 1050),
          ("Arabica", "Arabica and robusta")),
    Goods("Home", "Candles", "CAN", ("Candle", "Scented Candle", "Candle Holder"), (6, 48), (150, 700),
          ("Soy wax", "Beeswax")),
    Goods("Home", "Blankets", "BLA", ("Blanket", "Throw", "Cushion"), (18, 140), (300, 1800), ("Wool", "Cotton"),
          _COLOURS),
    Goods("Home", "Lamps", "LAM", ("Table Lamp", "Floor Lamp", "Pendant"), (29, 320), (800, 5200),
          ("Brass", "Oak", "Steel")),
    Goods("Home", "Posters", "POS", ("Poster", "Art Print", "Calendar"), (9, 60), (60, 400), ("Paper",)),
    Goods("Outdoor", "Bottles", "BOT", ("Water Bottle", "Flask", "Lunch Box"), (12, 48), (150, 500),
          ("Steel", "Glass"), _COLOURS),
    Goods("Outdoor", "Tents", "TEN", ("Tent", "Tarp", "Hammock"), (49, 480), (600, 4800), ("Nylon", "Polyester")),
    Goods("Outdoor", "Garden", "GAR", ("Pruner", "Trowel", "Watering Can"), (8, 75), (120, 1500), ("Steel", "Ash")),
    Goods("Toys", "Puzzles", "PUZ", ("Puzzle", "Board Game", "Card Game"), (9, 65), (200, 1600), ("Cardboard",)),
    Goods("Toys", "Wooden toys", "TOY", ("Train", "Building Blocks", "Rattle"), (8, 90), (80, 1900),
          ("Beech", "Maple")),
    Goods("Stationery", "Notebooks", "NOT", ("Notebook", "Planner", "Sketchbook"), (5, 38), (120, 600), ("Paper",),
          _COLOURS),
    Goods("Stationery", "Pens", "PEN", ("Fountain Pen", "Pencil Set", "Ink"), (3, 120), (15, 250),
          ("Brass", "Cedar", "Glass")),
)  # fmt: skip
THINGS = tuple((goods, thing) for goods in GOODS for thing in goods.things)
STYLES = (
    "Classic", "Everyday", "Slim", "Vintage", "Modern", "Little", "Grand", "Soft", "Sturdy", "Light", "Nordic",
    "Coastal", "Alpine", "Urban", "Rustic", "Festive", "Simple", "Original",
)  # fmt: skip
TAGS = ("New", "Bestseller", "Gift idea", "Handmade", "Eco", "Limited", "Outlet", "Back in stock", "Made locally")


@dataclass(frozen=True)
class Words:
    """What names and addresses are made of. Places are (city, state, postcode)."""

    makers: tuple[str, ...]
    first_names: tuple[str, ...]
    last_names: tuple[str, ...]
    streets: tuple[str, ...]
    places: tuple[tuple[str, str, str], ...]
    companies: tuple[str, ...]
    sentences: tuple[str, ...]

    @property
    def names(self) -> int:
        """How many products can be called differently."""
        return len(self.makers) * len(STYLES) * len(THINGS)

    def named(self, number: int) -> tuple[Goods, str, str]:
        """Goods, thing and name of the product of this number, from 0. Neighbours have little in common."""
        round_, at = divmod(number, self.names)
        rest, thing = divmod(at * _stride(self.names) % self.names, len(THINGS))
        maker, style = divmod(rest, len(STYLES))
        goods, word = THINGS[thing]
        name = f"{self.makers[maker]} {STYLES[style]} {word}"
        return goods, word, f"{name} {round_ + 1}" if round_ else name


@lru_cache(maxsize=8)
def _stride(size: int) -> int:
    """A step that visits everything once before it comes back."""
    step = int(size * 0.618)
    while gcd(step, size) != 1:
        step += 1
    return step


@lru_cache(maxsize=8)
def words(seed: int) -> Words:
    """All words of a shop; the same seed has the same."""
    from faker import Faker

    fake = Faker("en_US")
    fake.seed_instance(seed)
    states = [fake.state_abbr(include_territories=False, include_freely_associated_states=False) for _ in range(240)]
    makers: dict[str, str] = {}
    for name in (fake.last_name() for _ in range(700)):
        makers.setdefault(texts.slug(name), name)
    return Words(
        makers=tuple(makers.values())[:280],
        first_names=tuple(dict.fromkeys(fake.first_name() for _ in range(400))),
        last_names=tuple(dict.fromkeys(fake.last_name() for _ in range(500))),
        streets=tuple(fake.street_name() for _ in range(300)),
        places=tuple((fake.city(), state, fake.postcode_in_state(state)) for state in states),
        companies=tuple(fake.company() for _ in range(80)),
        sentences=tuple(fake.sentence(nb_words=12) for _ in range(120)),
    )
