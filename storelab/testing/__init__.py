"""What tests of a connector need: a world of their own, its services by name, and its journal to ask.

The fixtures of the pytest plugin hand these out; they work without pytest too:

    with Laboratory() as laboratory, laboratory.world() as world:
        world.keycrm.an_offer_in_stock(sku="MUG", quantity=3)
"""

from .journal import Call, Journal
from .laboratory import Laboratory
from .service import Service, Word
from .world import Clock, Deliveries, Faults, World

__all__ = ["Call", "Clock", "Deliveries", "Faults", "Journal", "Laboratory", "Service", "Word", "World"]
