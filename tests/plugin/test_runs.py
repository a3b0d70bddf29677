"""Whole runs of pytest with the plugin: what is reported, what is refused, what several workers share."""

from __future__ import annotations

import os
import textwrap

import pytest

from storelab.testing import Laboratory

FRESH = """
    import pytest

    @pytest.mark.parametrize("n", range({many}))
    def test_a_world_is_fresh(n, storelab, keycrm, journal):
        assert keycrm.stock() == {{}}
        assert len(journal) == 0
        keycrm.an_offer_in_stock(sku=f"SKU-{{n}}", quantity=n)
        assert keycrm.available() == {{f"SKU-{{n}}": n}}
        assert all(f"SKU-{{n}}" in str(call) for call in journal)
"""


@pytest.fixture
def shared(storelab_laboratory: Laboratory, monkeypatch: pytest.MonkeyPatch) -> Laboratory:
    """The runs that a test starts use the sandbox that is there already, which is what --storelab-url is for."""
    monkeypatch.setenv("PYTEST_ADDOPTS", f"--storelab-url={storelab_laboratory.client.url}")
    return storelab_laboratory


def test_a_failure_is_told_with_what_crossed_the_wire(pytester: pytest.Pytester, shared: Laboratory) -> None:
    pytester.makepyfile(
        """
        import requests

        def test_it(storelab, keycrm, woo):
            keycrm.fault("status", status=503, times=2)
            url = f"{keycrm.url}/v1/offers/stocks?api_key={keycrm.api_key}"
            requests.get(url, headers={"Authorization": f"Bearer {keycrm.api_key}"})
            with open("key", "w") as file:
                file.write(keycrm.api_key)
            assert False
        """
    )

    run = pytester.runpytest_inprocess("-p", "no:cacheprovider")

    told = run.stdout.str()
    section = told[told.index("- storelab -") :]
    assert "what crossed the wire:\n  #1 -> keycrm GET /keycrm/v1/offers/stocks?api_key=*** 503" in section
    assert "fault status at keycrm struck 1 times" in section
    assert (pytester.path / "key").read_text() not in section


def test_a_long_journal_is_told_in_part(pytester: pytest.Pytester, shared: Laboratory) -> None:
    pytester.makepyfile(
        """
        import requests

        def test_it(storelab, keycrm):
            for n in range(40):
                requests.get(f"{keycrm.url}/v1/offers?include={'x' * 2000}", headers={"Authorization": "Bearer no"})
            assert False
        """
    )

    run = pytester.runpytest_inprocess("-p", "no:cacheprovider")

    section = run.stdout.str().partition("- storelab -")[2].partition("short test summary")[0]
    assert "(10 exchanges before these)" in section
    assert len(section) < 13_000


def test_a_test_that_passes_says_nothing(pytester: pytest.Pytester, shared: Laboratory) -> None:
    pytester.makepyfile("def test_it(keycrm): keycrm.an_offer_in_stock()")

    assert "storelab" not in pytester.runpytest_inprocess("-q", "-p", "no:cacheprovider").stdout.str()


def test_worlds_are_dropped_when_their_test_is_over(pytester: pytest.Pytester, shared: Laboratory) -> None:
    before = shared.client.call("GET", "/worlds")
    pytester.makepyfile(
        """
        import pytest

        def prepared(world): world.keycrm.an_offer_in_stock()

        def test_good(storelab): pass

        @pytest.mark.storelab(snapshot=prepared)
        def test_bad(storelab): assert 0
        """
    )

    pytester.runpytest_inprocess("-p", "no:cacheprovider").assert_outcomes(passed=1, failed=1)

    assert shared.client.call("GET", "/worlds") == before


@pytest.mark.parametrize("marker", ['"stocked"', "snapshots=None"])
def test_what_the_marker_does_not_take_is_named(pytester: pytest.Pytester, shared: Laboratory, marker: str) -> None:
    pytester.makepyfile(f"import pytest\n@pytest.mark.storelab({marker})\ndef test_it(storelab): pass")

    run = pytester.runpytest_inprocess("--strict-markers", "-p", "no:cacheprovider")

    assert f"takes seed and snapshot by name, not {marker.partition('=')[0]}".replace('"', "'") in run.stdout.str()


def test_the_nearest_marker_has_the_last_word(pytester: pytest.Pytester, shared: Laboratory) -> None:
    shared.client.call("PUT", "/snapshots/of-the-run")
    pytester.makepyfile(
        """
        import pytest

        pytestmark = pytest.mark.storelab(seed="of the module", snapshot="of-the-run")

        def test_module(storelab): assert storelab.seed == "of the module"

        @pytest.mark.storelab(seed="of the test")
        def test_own(storelab): assert storelab.seed == "of the test"
        """
    )

    pytester.runpytest_inprocess("-p", "no:cacheprovider").assert_outcomes(passed=2)


@pytest.fixture
def bare(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """Runs in processes of their own, without the plugins of everything else that is installed here."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.plugins = ["storelab.pytest_plugin"]
    pytester.makeini("[pytest]")  # the settings of a project around it are not its own
    return pytester


def test_workers_that_share_a_sandbox_do_not_share_worlds(bare: pytest.Pytester, shared: Laboratory) -> None:
    bare.makepyfile(textwrap.dedent(FRESH).format(many=40))

    run = bare.runpytest_subprocess("-p", "xdist", "-n", "2", "--dist", "load", "-p", "no:cacheprovider", "-v")

    run.assert_outcomes(passed=40)
    assert {"[gw0]", "[gw1]"} <= {word for line in run.outlines for word in line.split() if word.startswith("[gw")}


@pytest.mark.skipif("STORELAB_LONG" not in os.environ, reason="two more sandboxes; STORELAB_LONG=1 starts them")
def test_each_worker_has_a_sandbox_of_its_own_without_one(bare: pytest.Pytester) -> None:
    bare.makepyfile(textwrap.dedent(FRESH).format(many=10))

    bare.runpytest_subprocess("-p", "xdist", "-n", "2", "-p", "no:cacheprovider").assert_outcomes(passed=10)


def test_a_run_without_its_fixtures_imports_nothing_of_storelab(bare: pytest.Pytester) -> None:
    bare.makepyfile(
        """
        import sys

        def test_it():
            loaded = {name for name in sys.modules if name.partition(".")[0] == "storelab"}
            assert loaded == {"storelab", "storelab.pytest_plugin"}
            assert not {"requests", "flask", "sqlalchemy", "httpx", "yaml"} & sys.modules.keys()
        """
    )

    bare.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=1)
