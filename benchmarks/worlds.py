"""What worlds cost: made, reset, saved and restored, with a few rows and with 100,000 products.

    python -m benchmarks.worlds [--rounds 20] [--many 100000] [--json]

Milliseconds of the processor, of the laboratory itself without HTTP; medians.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import time
from collections.abc import Callable
from typing import Any

from storelab.emulators.kernel.databases import SqliteDatabases
from storelab.emulators.kernel.lab import Lab, found_emulators


def timed(work: Callable[[int], Any], rounds: int) -> float:
    """Median milliseconds of one call."""
    took = []
    for number in range(rounds):
        started = time.process_time()
        work(number)
        took.append(time.process_time() - started)
    return statistics.median(took) * 1000


def measured(products: int, rounds: int) -> dict[str, float]:
    lab = Lab(found_emulators(), SqliteDatabases(None))
    world = lab.world()
    asyncio.run(world.set_state("woocommerce", "a catalogue", {"size": products}))
    figures = {
        "save": timed(lambda number: world.save("s"), rounds),
        "restore": timed(lambda number: world.restore("s"), rounds),
        "reset": timed(lambda number: world.reset(), rounds),
        "make": timed(lambda number: lab.make(f"w{number}"), rounds),
    }
    lab.close()
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--many", type=int, default=100_000)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    figures = {size: measured(size, given.rounds) for size in (200, given.many)}
    if given.json:
        print(json.dumps(figures))
        return
    print(f"{'ms':<10}" + "".join(f"{f'{size:,} products':>20}" for size in figures))
    for what in ("make", "reset", "save", "restore"):
        print(f"{what:<10}" + "".join(f"{figure[what]:>20.2f}" for figure in figures.values()))


if __name__ == "__main__":
    main()
