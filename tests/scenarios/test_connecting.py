"""What the words `connect` and `sync` say to a connector, and what becomes of its answers."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from storelab.client import LabClient
from storelab.scenarios import player
from storelab.scenarios.events import Believes
from storelab.scenarios.scene import wanted_connection
from storelab.scenarios.story import read

from .conftest import Write

NOW = "2026-11-02T09:00:00Z"
PAGE = "/page"


class Recorder:
    """A connector that keeps what it was told, and answers `answers` where something else than yes is wanted."""

    def __init__(self, answers: dict[str, tuple[int, Any]]) -> None:
        self.answers, self.told, self.url = answers, [], ""

    def answer(self, method: str, path: str, body: Any, agent: str) -> tuple[int, Any]:
        self.told.append((method, path, body, agent))
        usual = {
            "GET /backends": (
                200,
                [{"backend": "keycrm", "credentials": ["setup_code"], "buttons": ["push", "images"]}],
            ),
            "POST /connections": (201, {"id": "c1", "status": "pending"}),
            "GET /connections/c1": (200, {"id": "c1", "status": "pending", "stage": "awaiting approval", "reason": ""}),
            "POST /connections/c1/tick": (200, {"did": [], "next_at": None, "idle": True}),
        }
        return {**usual, **self.answers}.get(f"{method} {path}", (200, {}))

    def of(self, path: str) -> list[Any]:
        return [body for _, told, body, _ in self.told if told == path]


@contextmanager
def recording(**answers: tuple[int, Any]) -> Iterator[Recorder]:
    recorder = Recorder({name.replace("_", " ", 1).replace("__", "/"): answer for name, answer in answers.items()})

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            agent = self.headers.get("User-Agent", "")
            status, said = recorder.answer(self.command, self.path, json.loads(raw) if raw else None, agent)
            body = json.dumps(said).replace("HERE", recorder.url).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_DELETE = _answer

        def log_message(self, *args: Any) -> None:
            """Nothing is logged."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    recorder.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield recorder
    finally:
        server.shutdown()
        server.server_close()


def played(lab: LabClient, write: Write, steps: str, **answers: tuple[int, Any]) -> tuple[Any, Recorder]:
    with recording(**answers) as recorder:
        result = player.result(write(f"title: A\nbackend: keycrm\nsteps:\n{steps}"), lab, recorder.url)
        return result, recorder


CONNECT = "  - connect: {warehouse_id: 1}\n"
OPENS = {"POST___connections": (201, {"id": "c1", "status": "pending", "open": f"HERE{PAGE}?state=7"})}


def test_the_keys_of_the_world_and_its_admin_are_always_sent(lab: LabClient, write: Write) -> None:
    _, recorder = played(lab, write, CONNECT)

    (wanted,) = recorder.of("/connections")
    store = wanted["store"]
    assert [store[name][:3] for name in ("consumer_key", "consumer_secret")] == ["ck_", "cs_"]
    assert store["admin"] == {"username": "admin", "password": "password"}
    assert (wanted["settings"], wanted["now"]) == ({"warehouse_id": 1}, NOW)


def test_what_the_connector_calls_a_credential_is_one(lab: LabClient, write: Write) -> None:
    _, recorder = played(lab, write, "  - connect: {setup_code: SB-1, api_key: wrong, consent: true}\n")

    (wanted,) = recorder.of("/connections")
    assert (wanted["credentials"]["setup_code"], wanted["credentials"]["api_key"]) == ("SB-1", "wrong")
    assert wanted["settings"] == {"consent": True}


@pytest.mark.parametrize(
    ("entered", "admin"),
    [
        ({"admin": "mia"}, {"username": "mia", "password": "password"}),
        ({"admin": {"username": "mia", "password": "other"}}, {"username": "mia", "password": "other"}),
        ({}, {"username": "admin", "password": "password"}),
    ],
)
def test_another_person_can_click(entered: dict[str, Any], admin: dict[str, str], lab: LabClient) -> None:
    assert wanted_connection(lab.info(), "keycrm", entered, {})["store"]["admin"] == admin


def test_another_address_and_key_of_the_store_can_be_entered(lab: LabClient) -> None:
    info = lab.info()

    entered = {"store_url": "http://elsewhere", "store_key": "read_only"}
    store = wanted_connection(info, "keycrm", entered, {})["store"]

    assert store["url"] == "http://elsewhere"
    assert store["consumer_key"] == info["store"]["read_only"]["consumer_key"]


def test_connect_is_confirmed_and_buttons_are_pressed_at_the_worlds_time(lab: LabClient, write: Write) -> None:
    steps = CONNECT + "  - connect: confirm\n  - sync: images\n  - sync: push\n"

    result, recorder = played(lab, write, steps)

    assert result.held, "\n".join(result.lines())
    assert recorder.of("/connections/c1/confirm") == [{"now": NOW}]
    assert recorder.of("/connections/c1/runs/images") == [{"now": NOW}]
    assert recorder.of("/connections/c1/push") == [{"now": NOW}]


@pytest.mark.parametrize(
    ("step", "call"),
    [
        ("connect: confirm", "POST___connections__c1__confirm"),
        ("sync: images", "POST___connections__c1__runs__images"),
    ],
)
def test_a_refused_click_is_expected_by_its_words(step: str, call: str, lab: LabClient, write: Write) -> None:
    refusal = {call: (409, {"code": "no", "message": "the token is too old"})}

    expected, _ = played(lab, write, f"{CONNECT}  - {step}\n  - expect: {{refused: too old}}\n", **refusal)
    unexpected, _ = played(lab, write, f"{CONNECT}  - {step}\n  - expect: {{shelf: {{}}}}\n", **refusal)

    assert expected.held
    assert "was refused: the token is too old" in "\n".join(unexpected.lines())


def test_nothing_can_be_confirmed_before_it_was_begun(lab: LabClient, write: Write) -> None:
    result, _ = played(lab, write, "  - connect: confirm\n")

    assert "there is no connection yet" in "\n".join(result.lines())


def test_the_page_that_the_merchant_is_sent_to_is_opened_once_by_a_browser(lab: LabClient, write: Write) -> None:
    result, recorder = played(lab, write, CONNECT + "  - sync: once\n", **OPENS)

    assert result.held
    assert [agent[:8] for _, path, _, agent in recorder.told if path.startswith(PAGE)] == ["Mozilla/"]


def test_a_page_that_cannot_be_opened_is_a_refusal(lab: LabClient, write: Write) -> None:
    page = {"GET___page?state=7": (404, {"message": "there is no such shop"})}

    result, _ = played(lab, write, CONNECT + "  - expect: {refused: no such shop}\n", **OPENS, **page)

    assert result.held, "\n".join(result.lines())


@pytest.mark.parametrize(("stage", "held"), [("awaiting approval", True), ("approved", False)])
def test_the_vendors_own_word_for_where_it_stands_can_be_expected(
    stage: str, held: bool, lab: LabClient, write: Write
) -> None:
    result, _ = played(lab, write, f"{CONNECT}  - expect: {{status: {{status: pending, stage: {stage}}}}}\n")

    assert result.held is held


def test_a_connector_that_says_nothing_of_its_buttons_may_have_any(lab: LabClient, write: Write) -> None:
    silent = {"GET___backends": (404, {"message": "unknown"})}

    result, recorder = played(lab, write, CONNECT + "  - sync: catalogue\n", **silent)

    assert result.held, "\n".join(result.lines())
    assert recorder.of("/connections/c1/runs/catalogue") == [{"now": NOW}]


def test_what_a_story_carries_is_kept(write: Write) -> None:
    story = read(write("title: A\nbackend: keycrm\ncarries: [stock in, orders out]\nsteps: [{sync: once}]\n"))

    assert story.carries == (("stock", "in"), ("orders", "out"))


def test_where_the_connection_stands_is_told_while_it_plays(lab: LabClient, write: Write) -> None:
    with recording() as recorder:
        events = list(player.play(write(f"title: A\nbackend: keycrm\nsteps:\n{CONNECT}"), lab, recorder.url))

    assert [e.status for e in events if isinstance(e, Believes)] == ["pending (awaiting approval)"]
