"""The words that tell of copies of the store, hand-offs, and whose key it is."""

from __future__ import annotations

import pytest

from storelab.client import LabClient
from storelab.emulators.kernel.errors import LabError
from storelab.scenarios import player

from .conftest import Write
from .test_player import GIVEN, failed


def steps(*lines: str) -> str:
    return GIVEN + "".join(f"  - {line}\n" for line in lines)


def test_a_copy_of_the_store_has_stock_of_its_own_and_is_counted_apart(lab: LabClient, write: Write) -> None:
    told = steps(
        "move: {store: clone to staging}",
        "move: {staging: {adjust stock: {sku: MUG, quantity: 1}}}",
        "connect: {store_url: staging, warehouse_id: 1}",
        "expect: {staging: {stock: {MUG: 1}}, shelf: {MUG: 10}, calls: {staging: {GET: 1, POST: 1}, store: 0}}",
    )

    result = player.result(write(told), lab)

    assert result.held, "\n".join(result.lines())


def test_what_the_copy_has_is_told_when_it_is_not_as_wanted(lab: LabClient, write: Write) -> None:
    told = steps("move: {store: clone to staging}", "expect: {staging: {stock: {MUG: 1}}, calls: {staging: 1}}")

    line, said = failed(lab, write(told))

    assert line == 10
    assert "the copy's stock MUG is 10, wanted 1" in said
    assert "calls to staging: 0 since the last look, wanted 1" in said


def test_there_is_no_copy_before_it_is_made(lab: LabClient, write: Write) -> None:
    _, said = failed(lab, write(steps("move: {staging: {adjust stock: {sku: MUG, quantity: 1}}}")))

    assert "the move `clone to staging` makes it" in said


def test_the_connection_that_was_made_before_counts_again_when_the_last_one_is_ended(
    lab: LabClient, write: Write
) -> None:
    told = steps(
        "move: {store: clone to staging}",
        "connect: {store_url: staging, warehouse_id: 1}",
        "connect: end",
        "expect: {status: active}",
        "connect: end",
        "expect: {status: disconnected}",
    )

    result = player.result(write(told), lab)

    assert result.held, "\n".join(result.lines())


def test_a_refusal_may_be_in_any_words(lab: LabClient, write: Write) -> None:
    told = steps(
        "connect: {api_key: wrong, warehouse_id: 1}",
        "expect: {refused: in any words}",
        "sync: once",
        "expect: {refused: in any words}",
    )
    _, said = failed(lab, write(told))

    assert "nothing was refused, wanted a refusal" in said


def test_a_key_may_be_of_somebody_who_makes_it_now(lab: LabClient, write: Write) -> None:
    told = steps(
        "state: {store: {a WordPress user: {login: mia}}}",
        "connect: {store_key: mia, warehouse_id: 1}",
        "move: {store: {delete user: {login: mia}}}",
        "sync: push",
        "sync: until idle",
        "expect: {status: reconnect_required}",
    )

    result = player.result(write(told), lab)

    assert result.held, "\n".join(result.lines())


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("connect: {store_key: nobody, warehouse_id: 1}", "there is no user 'nobody'"),
        ("connect: approve", "the connector sent the merchant nowhere"),
        ("connect: {store_url: staging}", "there is no staging store"),
        ("connect: {handoff: true, warehouse_id: 1}", "https"),
    ],
)
def test_what_cannot_be_done_is_told(line: str, says: str, lab: LabClient, write: Write) -> None:
    _, said = failed(lab, write(steps(line)))

    assert says in said


def test_moves_of_the_copy_are_held_against_the_words_of_the_store(lab: LabClient, write: Write) -> None:
    with pytest.raises(LabError, match="woocommerce has no fact 'stok'"):
        list(player.play(write(steps("expect: {staging: {stok: {}}}")), lab))
