"""What deliveries tell is safe before the ledger has it, gets there once, and never waits for who writes there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from storelab.sync.inbox import News, Notice, together
from storelab.sync.ledger import Ledger
from storelab.sync.model import Heard
from storelab.sync.service import create_app

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
MUG, CAP = Heard("MUG", "1", 5, 1), Heard("CAP", "2", 0)


def opened(folder: Path) -> Ledger:
    return Ledger(f"sqlite:///{folder}/sync.db")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    found = opened(tmp_path)
    with found.begin() as book:
        for name in ("con_1", "con_2"):
            book.add_connection(
                id=name, backend="keycrm", store_url=f"https://{name}.example", backend_url="", status="active",
                settings={"pull": True, "subtract_reserve": True}, learned={}, created_at=NOW,
                secrets=found.vault.sealed({"token": "t"}),
            )  # fmt: skip
    yield found
    found.close()


def hints(ledger: Ledger, connection: str = "con_1") -> list[Heard]:
    with ledger.begin() as book:
        return sorted(book.hints(connection)[1], key=lambda hint: hint.sku)


def test_a_delivery_is_answered_while_another_writes_into_the_ledger(ledger: Ledger, tmp_path: Path) -> None:
    """Held up, it would wait here for as long as a store's patience lasts, and longer."""
    app = create_app(ledger_url=f"sqlite:///{tmp_path}/sync.db")
    row = {"sku": "MUG", "offer_id": 1, "in_stock": 6, "in_reserve": 1}
    with ledger.begin() as book:
        book.set_connection("con_2", reason="in the middle of a plan")

        answer = app.test_client().post("/hooks/con_1/stiv-keycrm/v1/stock?token=t", json=[row])

    assert answer.get_json() == {"updated": 1, "skipped": []}
    ledger.collect()
    assert hints(ledger) == [MUG]
    app.extensions["sync"].ledger.close()


def test_what_was_told_outlives_who_was_told(ledger: Ledger, tmp_path: Path) -> None:
    ledger.tell("con_1", News(heard=(MUG,), notices=(Notice("order", "7", "order.updated"),), unusable={"x": "y"}), NOW)
    ledger.close()

    after = opened(tmp_path)
    after.collect()

    assert hints(after) == [MUG]
    with after.begin() as book:
        assert [entry.key for entry in book.inbox.waiting("con_1", "order")] == ["7"]
        assert [row["reason"] for row in book.skipped("con_1")] == ["y"]
        assert book.due_connections(NOW) == ["con_1"]
    after.close()


def test_who_dies_between_the_two_files_doubles_nothing(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(upto: int) -> None:
        raise KeyboardInterrupt

    ledger.tell("con_1", News(heard=(MUG,)), NOW)
    assert ledger.spool is not None
    with monkeypatch.context() as patched:
        patched.setattr(ledger.spool, "drop", die)
        with pytest.raises(KeyboardInterrupt):
            ledger.collect()
    with ledger.begin() as book:
        book.unhear("con_1", book.hints("con_1")[0])  # it was seen to

    ledger.tell("con_1", News(heard=(CAP,)), NOW)
    ledger.collect()

    assert hints(ledger) == [CAP]
    assert not ledger.spool.waiting()


def test_numbers_of_a_spool_that_is_gone_hide_nothing(ledger: Ledger, tmp_path: Path) -> None:
    for _ in range(3):
        ledger.tell("con_1", News(heard=(CAP,)), NOW)
    ledger.collect()
    ledger.close()
    for file in tmp_path.glob("sync.db.spool*"):
        file.unlink()
    anew = opened(tmp_path)

    anew.tell("con_1", News(heard=(MUG,)), NOW)
    anew.collect()

    assert MUG in hints(anew)
    anew.close()


def test_a_flood_is_taken_over_in_few_transactions(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(2500):
        ledger.tell(f"con_{number % 2 + 1}", News(heard=(MUG if number % 3 else CAP,)), NOW)
    begin, begun = ledger.begin, []
    monkeypatch.setattr(ledger, "begin", lambda: begun.append(1) or begin())

    ledger.collect()

    assert len(begun) == 3
    assert hints(ledger) == hints(ledger, "con_2") == [CAP, MUG]


def test_of_a_store_that_has_left_nothing_is_kept(ledger: Ledger) -> None:
    ledger.tell("con_1", News(heard=(MUG,)), NOW)
    with ledger.begin() as book:
        book.set_connection("con_1", status="disconnected", secrets=None)

    ledger.collect()

    assert hints(ledger) == []


def test_what_is_told_twice_is_there_once_where_it_was_told_last() -> None:
    orders = [News(notices=(Notice("order", key, "order.updated"),)) for key in ("17", "18", "17")]
    quarantined = News(notices=(Notice("order", "17", state="quarantined"),), unusable={"a": "1"})
    found = together([*orders, News(heard=(MUG, CAP)), quarantined, News(heard=(MUG,), unusable={"a": "2"})])

    assert [(one.key, one.state) for one in found.notices] == [("18", "new"), ("17", "new"), ("17", "quarantined")]
    assert found.heard == (CAP, MUG)
    assert found.unusable == {"a": "2"}
