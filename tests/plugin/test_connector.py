"""The reference sync, or somebody's connector, as a fixture; stories as tests."""

from __future__ import annotations

import pytest

from storelab.emulators.kernel.errors import LabError
from storelab.testing import Clock, Journal, Laboratory, Service
from storelab.testing.connector import Connector
from storelab.testing.playable import Playable


def test_stock_travels_from_backend_to_store(sync: Connector, keycrm: Service, woo: Service, journal: Journal) -> None:
    woo.a_product_in_stock(sku="MUG", quantity=10)
    keycrm.an_offer_in_stock(sku="MUG", quantity=10)

    assert sync.connect("keycrm", warehouse_id=1)["backend"] == "keycrm"
    assert sync.run()["status"] == "active"
    keycrm.adjust_stock(sku="MUG", quantity=7)
    sync.run()

    assert woo.stock() == {"MUG": 7}
    journal.assert_called(service="woocommerce", json={"update": [{"stock_quantity": 7}]})


def test_an_approval_is_waited_for(sync: Connector, golisto: Service, woo: Service, clock: Clock) -> None:
    woo.a_product_in_stock(sku="MUG", quantity=12)
    sync.connect("golisto")
    golisto.link_store()
    assert sync.confirm()["stage"] == "awaiting approval"

    golisto.approve()
    clock.advance(minutes=15)

    assert sync.run()["status"] == "active"
    assert golisto.stock() == {"MUG": 12}


def test_what_it_refuses_is_told(sync: Connector) -> None:
    with pytest.raises(LabError, match="connect keycrm was refused") as told:
        sync.connect("keycrm", api_key="wrong", warehouse_id=1)

    assert "wrong" not in str(told.value).partition("refused: ")[0]


def test_nothing_runs_before_it_is_connected(sync: Connector) -> None:
    assert sync.status == {}
    with pytest.raises(LabError, match="nothing is connected yet"):
        sync.run()


def test_one_world_one_backend(sync: Connector) -> None:
    sync.connect("keycrm", warehouse_id=1)

    with pytest.raises(LabError, match="another backend, another world"):
        sync.connect("golisto")
    with pytest.raises(LabError, match="there is no service 'acme'"):
        Connector(sync._world, sync._driver).connect("acme")


@pytest.mark.storelab_story("keycrm/echo", "keycrm/wrong_key")
def test_stories_are_tests(story: Playable) -> None:
    story.play()


def test_a_story_that_does_not_hold_says_why(pytester: pytest.Pytester, storelab_laboratory: Laboratory) -> None:
    pytester.makefile(
        ".yaml",
        mine="{title: Nothing happens, backend: keycrm, steps: [{move: {add offer: {sku: MUG}}},"
        " {expect: {received: {MUG: 1}}}]}",
    )
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.storelab_story("mine.yaml")
        def test_mine(story):
            assert story.title == "Nothing happens"
            story.play()

        def test_none(story): pass
        """
    )
    run = pytester.runpytest_inprocess(f"--storelab-url={storelab_laboratory.client.url}", "-p", "no:cacheprovider")

    run.assert_outcomes(failed=1, errors=1)
    run.stdout.fnmatch_lines(["*BROKEN  Nothing happens", "*mine.yaml:1: expect*", "*MUG is 0, wanted 1*"])
    run.stdout.fnmatch_lines(["*the fixture story wants @pytest.mark.storelab_story(NAME) on its test"])


def test_a_story_that_is_nowhere_is_named(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("import pytest\n@pytest.mark.storelab_story('keycrm/ecko')\ndef test_it(story): story.play()\n")

    run = pytester.runpytest_inprocess("-p", "no:cacheprovider")

    assert "there is no story 'keycrm/ecko'. Did you mean 'keycrm/echo'?" in run.stdout.str() + run.stderr.str()
