"""A day of traffic on the virtual clock."""

from __future__ import annotations

import xml.etree.ElementTree as Xml
from pathlib import Path
from random import Random

from storelab import scaling
from storelab.scaling import Plan

SMALL = Plan(stores=2, skus=10, hours=1.0, changes=12.0, workers=1)


def test_an_hour_of_two_shops_ends_in_agreement(tmp_path: Path) -> None:
    found = scaling.simulated(SMALL)

    assert found["converged"] == 2
    assert found["changes"] > 5
    assert found["carried"] > 0
    assert found["lag"]["max"] < 2 * SMALL.poll  # a sale waits for the next push, and no longer
    assert found["wait"]["max"] < 60
    assert set(found["calls"]) == {"keycrm", "woocommerce"}
    assert sum(found["plots"]["calls"]) == sum(found["calls"].values())

    picture = Xml.fromstring(scaling.svg(found))
    assert len(picture.findall("{http://www.w3.org/2000/svg}rect")) == 3 * scaling.BUCKETS
    assert [line.split("|")[0].strip() for line in scaling.lines(found)] == ["calls", "lag", "wait"]


def test_the_same_seed_makes_the_same_traffic() -> None:
    days = [scaling.traffic(Plan(hours=24), Random(seed)) for seed in (1, 1, 2)]

    assert days[0] == days[1] != days[2]


def test_there_is_more_by_day_than_by_night() -> None:
    at = scaling.traffic(Plan(hours=24 * 20, changes=60), Random(1))
    by_hour = [sum(1 for second in at if int(second / 3600) % 24 == hour) for hour in range(24)]

    assert by_hour[4] * 3 < by_hour[16]
    assert abs(len(at) / (24 * 20) - 60) < 3
