"""What was recorded of an emulator is answered alike by the next one; what is planted is found at its level."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from storelab.client import LabClient
from storelab.emulators.kernel.errors import LabError
from storelab.recording.alike import Learnt
from storelab.recording.compare import level
from storelab.recording.file import ORIGIN, Answer, Body, Call, Recording
from storelab.recording.moved import ALIKE, APART, EMULATOR, VENDOR, moves, recorded_again
from storelab.recording.replay import How, Outcome, judged, replayed, scores

from .conftest import Record, Replay
from .sessions import SESSIONS


@pytest.mark.parametrize("masked", [True, False], ids=["masked", "as it was"])
@pytest.mark.parametrize("backend", SESSIONS)
def test_a_fresh_world_answers_all_that_was_recorded_alike(
    backend: str, masked: bool, record: Record, replay: Replay
) -> None:
    recording = record(backend, masked=masked)

    outcomes = replay(recording, backend)

    assert len(recording.calls) == len(SESSIONS[backend].calls)
    assert [
        (o.call.method, o.call.target, o.differences or o.skipped) for o in outcomes if o.level < 4 or o.skipped
    ] == []
    assert {o.call.answer.status for o in outcomes} >= {200, 401}
    assert scores(outcomes)[-1].alike == (len(outcomes),) * 4


def test_ids_are_learnt_from_answers_and_put_into_later_calls(record: Record, replay: Replay) -> None:
    def others(world: LabClient) -> None:
        world.state("keycrm", "a buyer", email="first@here.example", full_name="First Here")
        world.state("keycrm", "an order", source_uuid="77")

    outcomes = replay(record("keycrm"), "keycrm", others)

    made = [o for o in outcomes if o.call.method == "POST"]
    read_again = [
        o for o in outcomes if o.call.method == "GET" and o.call.path.startswith(("/v1/buyer/", "/v1/order/"))
    ]
    assert [(o.level, o.differences) for o in (*made, *read_again) if o.level < 4] == []
    assert {o.call.answer.status for o in read_again} == {200, 404}


# -- planted


def answer(body: Any, status: int = 200, **headers: str) -> Answer:
    return Answer(status, tuple((n.replace("_", "-"), v) for n, v in headers.items()), Body("json", body))


GOOD = {"id": 5, "name": "Mug", "price": "10.00", "tags": ["a", "b"], "made_at": "2026-01-05T09:00:00Z", "n": 1}
RECORDED = answer(GOOD, X_WP_Total="12")


@pytest.mark.parametrize(
    ("recorded", "ours", "reached", "where"),
    [
        (RECORDED, replace(RECORDED, status=201), 0, "status"),
        (RECORDED, answer(GOOD, X_WP_Total="11"), 1, "header X-WP-Total"),
        (RECORDED, answer(GOOD), 1, "header X-WP-Total"),
        (answer({"code": "gone", "message": "No"}, 404), answer({"code": "lost", "message": "No"}, 404), 1, "code"),
        (answer({"code": "gone", "message": "No"}, 404), answer({"code": "gone", "message": "So"}, 404), 1, "message"),
        (answer({"error": {"code": 1}}, 422), answer({"error": {"code": 2}}, 422), 1, "error.code"),
        (RECORDED, answer(dict(reversed(GOOD.items())), X_WP_Total="12"), 2, ""),
        (RECORDED, answer({k: v for k, v in GOOD.items() if k != "n"}, X_WP_Total="12"), 2, ""),
        (RECORDED, answer({**GOOD, "more": 1}, X_WP_Total="12"), 2, ""),
        (RECORDED, answer({**GOOD, "n": "1"}, X_WP_Total="12"), 2, "n"),
        (RECORDED, answer({**GOOD, "n": 1.0}, X_WP_Total="12"), 2, "n"),
        (RECORDED, answer({**GOOD, "tags": ["a"]}, X_WP_Total="12"), 2, "tags"),
        (RECORDED, Answer(200, (("X-WP-Total", "12"),), Body("text", "<p>")), 2, "body"),
        (RECORDED, answer({**GOOD, "name": "Cup"}, X_WP_Total="12"), 3, "name"),
        (RECORDED, answer({**GOOD, "made_at": "yesterday"}, X_WP_Total="12"), 3, "made_at"),
        (RECORDED, answer({**GOOD, "made_at": "2026-02-01T10:00:00Z", "id": 9}, X_WP_Total="12"), 4, None),
    ],
)
def test_what_is_planted_is_found_at_its_level(recorded: Answer, ours: Answer, reached: int, where: str | None) -> None:
    call = called("/products/5", recorded)

    found = judged(call, ours, Learnt())

    assert level(found) == reached
    assert {d.where for d in found} == (set() if where is None else {where})


def called(target: str, answered: Answer, number: int = 1) -> Call:
    return Call(number, "2026-01-05T09:00:00+00:00", "GET", target, (), Body(), answered)


def test_an_id_that_is_another_one_than_before_is_found() -> None:
    learnt = Learnt()

    first = judged(
        called("/orders/5", answer({"id": 5, "buyer": {"id": 1}})), answer({"id": 7, "buyer": {"id": 3}}), learnt
    )
    second = judged(called("/orders/5", answer({"id": 5, "buyer_id": 1})), answer({"id": 7, "buyer_id": 4}), learnt)

    assert (first, [d.where for d in second]) == ([], ["buyer_id"])
    assert learnt.target("/orders/5?limit=5&buyer_id=1") == "/orders/7?limit=5&buyer_id=3"
    assert learnt.body({"buyer": {"id": 1}, "lines": [{"product_id": 5}]}, "/orders") == {
        "buyer": {"id": 3},
        "lines": [{"product_id": 5}],
    }


def test_what_was_masked_stands_for_one_value_everywhere() -> None:
    learnt = Learnt(("masked-name-1", "person-1@masked.example"))
    recorded = answer({"name": "masked-name-1", "text": "Dear masked-name-1 of person-1@masked.example!"})

    same = judged(called("/a", recorded), answer({"name": "Ada", "text": "Dear Ada of a@b.example!"}), learnt)
    other = judged(called("/a", recorded), answer({"name": "Eva", "text": "Dear Ada of a@b.example!"}), learnt)

    assert (same, [d.where for d in other]) == ([], ["name"])
    assert learnt.text("for masked-name-1") == "for Ada"


def test_addresses_are_the_servers_own_with_its_own_ids() -> None:
    learnt = Learnt(address="http://here")
    recorded = answer({"id": 5, "self": f"{ORIGIN}/orders/5"})

    assert judged(called("/orders", recorded), answer({"id": 8, "self": f"{ORIGIN}/orders/8"}), learnt) == []
    assert [
        d.where for d in judged(called("/orders", recorded), answer({"id": 8, "self": f"{ORIGIN}/orders/9"}), learnt)
    ] == ["self"]


def test_what_changes_something_is_not_asked_of_a_server_elsewhere() -> None:
    call = replace(called("/orders", answer({})), method="POST", answer=Answer(201))

    (outcome,) = replayed(Recording("https://x.example", (call,)), "https://api.invalid")

    assert outcome.skipped == "it changes something, and --write was not given"


def test_an_unknown_placeholder_and_a_server_that_is_not_there_cannot_be_run() -> None:
    recording = Recording("https://x.example", (called("/", answer({})),), ("masked-token-1",))

    with pytest.raises(LabError, match="no placeholder 'tokn-1'; it has masked-token-1"):
        list(replayed(recording, "http://127.0.0.1:9", How(put={"tokn-1": "x"})))
    with pytest.raises(LabError, match=r"nobody answers at http://127\.0\.0\.1:9"):
        list(replayed(recording, "http://127.0.0.1:9", How(put={"token-1": "x"})))


# -- who has moved


def outcome(now: Any, number: int = 1) -> Outcome:
    call = called("/products/5", answer(GOOD), number)
    ours = answer(now)
    return Outcome(call, ours, tuple(judged(call, ours, Learnt())))


@pytest.mark.parametrize(
    ("vendor", "emulator", "who"),
    [
        ({**GOOD, "name": "Cup"}, GOOD, [VENDOR]),
        (GOOD, {**GOOD, "name": "Cup"}, [EMULATOR]),
        ({**GOOD, "name": "Cup"}, {**GOOD, "name": "Cup"}, [ALIKE]),
        ({**GOOD, "name": "Cup"}, {**GOOD, "name": "Jug"}, [APART]),
        ({**GOOD, "name": "Cup"}, {**GOOD, "price": "9.00"}, [VENDOR, EMULATOR]),
        (GOOD, GOOD, []),
    ],
)
def test_who_of_the_two_has_moved_is_told(vendor: Any, emulator: Any, who: list[str]) -> None:
    assert [move.who for move in moves([outcome(vendor)], [outcome(emulator)])] == who


def test_two_servers_are_asked_and_the_one_that_answers_otherwise_is_named(record: Record, replay: Replay) -> None:
    recording = record("keycrm")

    vendor = replay(recording, "keycrm")
    emulator = replay(recording, "keycrm", lambda world: world.state("keycrm", "an offer in stock", sku="LAMP"))

    found = moves(vendor, emulator)
    assert {move.who for move in found} == {EMULATOR}
    assert ("total", 2, 3) in {(move.where, move.recorded, move.emulator) for move in found}


def test_a_later_recording_shows_what_the_vendor_has_changed(record: Record, replay: Replay) -> None:
    old = record("keycrm")
    first, *others = record("keycrm").calls
    changed = {**first.answer.body.value, "total": 99}
    new = Recording(old.upstream, (replace(first, answer=replace(first.answer, body=Body("json", changed))), *others))

    found = moves(recorded_again(old, new), replay(old, "keycrm"))

    assert [(m.who, m.where, m.vendor) for m in found] == [(VENDOR, "total", 99)]


def test_a_later_recording_without_changes_shows_none(record: Record, replay: Callable[..., Any]) -> None:
    old, new = record("sors"), record("sors")

    assert moves(recorded_again(old, new), replay(old, "sors")) == []
