"""The services of a world under their own names, for annotations:

    from storelab.testing.services import KeyCRM

    def test_stock_is_told(keycrm: KeyCRM) -> None:
        keycrm.adjust_stock(sku="MUG", quantity=7)

At run time each of them is `Service`. What an editor completes and a type checker checks is `services.pyi`, which is
made from the vocabulary: `python -m storelab.testing.stubs`.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from .service import Service

__all__ = re.findall(r"^class (\w+)\(", Path(__file__).with_suffix(".pyi").read_text("utf-8"), re.M)


def __getattr__(name: str) -> Any:
    if name in __all__:
        return Service
    raise AttributeError(f"storelab has no service {name!r}; there are: {', '.join(__all__)}")
