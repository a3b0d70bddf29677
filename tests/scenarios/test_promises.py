"""The table of promises: whole, proved by checks that can fail, and honest about what nobody has proved."""

from __future__ import annotations

from collections import Counter

import pytest

from storelab import promises
from storelab.client import LabClient
from storelab.promises import BROKEN, HELD, UNPROVEN, Proof, Verdict
from storelab.scenarios import player
from storelab.scenarios.story import HOME

from . import tiny

KEYCRM = {
    "K1": "stock_change_reaches_store",
    "K2": "store_stock_reaches_keycrm",
    "K3": "nothing_leaves_the_store_on_the_way_in",
    "K4": "only_sku_and_quantity_leave",
    "K5": "key_check_sends_only_the_key",
}
FLAWS = {
    "K1": ("deaf", "on the store's shelf MUG is 10, wanted 7"),
    "K2": ("mute", "in keycrm MUG is 10, wanted 6"),
    "K3": ("telltale", "'header x-shelf' was sent to keycrm"),
    "K4": ("chatty", "'stocks.buyer' was sent to stocks.set_levels of keycrm"),
    "K5": ("nosy", "'?shop' was sent to keycrm"),
}


def test_there_are_sixty_eight_promises() -> None:
    counted = Counter(p.id[0] for p in promises.promises())

    assert counted == {"B": 15, "S": 24, "R": 12, "K": 5, "G": 12}
    assert len({p.id for p in promises.promises()}) == 68


def test_every_row_says_what_is_promised_and_how_it_shows() -> None:
    assert [p.id for p in promises.promises() if len(p.promise) < 20 or len(p.how) < 10] == []


@pytest.mark.parametrize("id_", KEYCRM)
def test_keycrms_promises_are_held_by_the_reference_sync(id_: str, lab: LabClient) -> None:
    (row,) = promises.table(lab, only=[id_])

    assert (row.verdict, row.proof) == (HELD, f"story keycrm/{KEYCRM[id_]}"), row.why


@pytest.mark.parametrize("id_", KEYCRM)
def test_keycrms_promises_can_be_kept_by_another_connector(id_: str, lab: LabClient) -> None:
    with tiny.running() as connector:
        result = player.result(HOME / "keycrm" / f"{KEYCRM[id_]}.yaml", lab, connector.url)

    assert result.held, "\n".join(result.lines())


@pytest.mark.parametrize("id_", FLAWS)
def test_a_connector_that_breaks_a_promise_is_found_out(id_: str, lab: LabClient) -> None:
    flaw, says = FLAWS[id_]

    with tiny.running(flaw) as connector:
        (row,) = promises.table(lab, connector.url, only=[id_])

    assert row.verdict == BROKEN
    assert says in row.why


def test_a_promise_without_a_proof_is_unproven(lab: LabClient) -> None:
    without = [p.id for p in promises.promises() if not p.proofs]

    rows = list(promises.table(lab, only=without)) if without else []

    assert {row.verdict for row in rows} <= {UNPROVEN}


def test_one_broken_proof_breaks_the_promise() -> None:
    good, bad = Verdict(Proof("story", "a"), True), Verdict(Proof("story", "b"), False)

    assert promises.judged([]) == UNPROVEN
    assert promises.judged([good]) == HELD
    assert promises.judged([good, bad]) == BROKEN


def test_tests_and_stories_are_proofs_side_by_side(lab: LabClient, monkeypatch: pytest.MonkeyPatch) -> None:
    passing = "test tests/scenarios/test_writing.py::test_a_file_that_is_not_there_says_so"
    rows = [
        {"id": "K1", "promise": "p", "how": "h", "proof": [passing]},
        {"id": "K2", "promise": "p", "how": "h", "proof": [passing, "test tests/nowhere.py::test_it"]},
        {"id": "K9", "promise": "p", "how": "h"},
    ]
    shown = {id_: stories for id_, stories in promises._shown().items() if id_ in ("K1", "K2")}
    monkeypatch.setattr(promises, "_data", lambda: {"keycrm": rows})
    monkeypatch.setattr(promises, "_shown", lambda: dict(shown))
    told: list[str] = []

    found = {row.id: row for row in promises.table(lab, tell=told.append)}

    assert {id_: row.verdict for id_, row in found.items()} == {"K1": HELD, "K2": BROKEN, "K9": UNPROVEN}
    assert "tests/nowhere.py::test_it is not there" in found["K2"].why
    assert f"story keycrm/{KEYCRM['K1']} HELD" in told
    assert any(line.startswith(passing.removeprefix("test ")) and "PASSED" in line for line in told)
    assert found["K1"].as_json().keys() >= {"id", "promise", "proof", "verdict"}
