"""A day of traffic on the virtual clock."""

from __future__ import annotations

import xml.etree.ElementTree as Xml
from collections import Counter
from random import Random
from typing import Any

import pytest

from storelab import scaling
from storelab.emulators.kernel.errors import LabError
from storelab.scaling import Plan, Script, Tally
from storelab.scaling_report import lines, report, svg
from storelab.scenarios.story import HOME
from storelab.sync.connector import connectors

BACKENDS = sorted(path.parent.name for path in HOME.glob("*/traffic.yaml"))


def test_every_backend_has_told_of_its_traffic() -> None:
    assert set(connectors()) == set(BACKENDS)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_quarter_of_an_hour_of_two_shops_ends_in_agreement(backend: str) -> None:
    plan = Plan(backend, stores=2, skus=2, hours=0.25, changes=40.0, workers=1)

    found = report(plan, *scaling.simulated(plan))

    assert found["converged"] == 2
    assert found["changes"] > 5
    assert found["carried"] > 0
    assert found["lag"]["max"] < 60
    assert sum(found["plots"]["calls"]) == sum(found["calls"].values())
    assert any(call.endswith("to woocommerce") for call in found["calls"])


def test_stores_that_look_by_themselves_were_not_all_connected_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    begun = list[float]()

    class Watched(scaling.Life):
        def __init__(self, plan: Plan, sites: Any, asked: Counter[str]) -> None:
            begun.extend(site.now for site in sites)
            super().__init__(plan, sites, asked)

    monkeypatch.setattr(scaling, "Life", Watched)

    tally, _ = scaling.simulated(Plan("stockburst", stores=2, skus=1, hours=0.01))

    assert tally.converged == 2
    assert len(set(begun)) == 2
    assert all(-scaling.APART <= at <= 0 for at in begun)


def test_workers_share_one_processor_and_wait_for_answers_side_by_side() -> None:
    """Ten stores whose work is two calls and a tenth of a second of a processor, all at once."""
    plan = Plan(stores=10, hours=1, changes=0, poll=0, answer=0.5, workers=5)
    asked = Counter[str]()
    sites: list[Any] = [Still(asked) for _ in range(plan.stores)]

    tally = scaling.Life(plan, sites, asked).lived(lambda what, done: None)

    assert (tally.jobs, round(tally.cpu, 6)) == (10, 1.0)
    assert max(lag for _, lag in tally.lags) == pytest.approx(2.6)  # the fifth worker is free at 1.5
    assert min(lag for _, lag in tally.lags) == pytest.approx(1.1)


class Still:
    """A site where nothing changes."""

    script, now = Script(scaling.told("keycrm"), (), (), ""), 0.0

    def __init__(self, asked: Counter[str]) -> None:
        self.asked = asked

    def go_to(self, at: float) -> None:
        self.now = at

    def work(self) -> tuple[None, float]:
        self.asked["calls"] += 2
        return None, 0.1

    def arrived(self) -> list[float]:
        return []


def test_the_plots_show_everything_as_a_picture_and_on_a_terminal() -> None:
    tally = Tally(changes=1, jobs=1, lags=[(1800, 2.5)], ways=[(60, 30)])
    found = report(Plan(hours=1), tally, {"live": 1, "prepare": 1})

    picture = Xml.fromstring(svg(found))

    assert len(picture.findall("{http://www.w3.org/2000/svg}rect")) == 3 * scaling.BUCKETS
    assert [line.split("|")[0].strip() for line in lines(found)] == ["calls", "lag", "way"]
    assert "█" in lines(found)[1]


def test_a_backend_that_nobody_told_of_is_named_with_those_there_are() -> None:
    with pytest.raises(LabError, match=r"how acme is busy .*; there is golisto, keycrm"):
        scaling.told("acme")


def test_the_same_seed_makes_the_same_traffic() -> None:
    days = [scaling.traffic(Plan(hours=24), Random(seed)) for seed in (1, 1, 2)]

    assert days[0] == days[1] != days[2]


def test_there_is_more_by_day_than_by_night() -> None:
    at = scaling.traffic(Plan(hours=24 * 20, changes=60), Random(1))
    by_hour = [sum(1 for second in at if int(second / 3600) % 24 == hour) for hour in range(24)]

    assert by_hour[4] * 3 < by_hour[16]
    assert abs(len(at) / (24 * 20) - 60) < 3
