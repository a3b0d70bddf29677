"""The plugin in the reference sync: the way back of the browser, and which addresses it calls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests

from storelab.client import LabClient
from storelab.sandbox import Sandbox
from storelab.scenarios import player, story
from storelab.scenarios.events import Crossed, Result
from storelab.scenarios.story import HOME

ADDRESSES = {"connect.show", "credentials.take", "status.read", "disconnect.take"}
WHOLE_WAYS = ("connect_to_sync", "four_addresses", "secret_rotated", "currency_changed", "rejected", "reconnect")


class Linking:
    """A store whose administrator has clicked connect."""

    def __init__(self, world: LabClient) -> None:
        info = world.info()
        store, self.sync = info["store"], info["sync"]["url"]
        token = info["control"].get("token")
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}
        body = {
            "backend": "golisto",
            "store": {
                "url": store["url"],
                "admin": {"username": store["admin"]["user"], "password": store["admin"]["password"]},
            },
            "credentials": {"url": info["backends"]["golisto"]["url"]},
            "settings": {},
        }
        self.made = self.call("POST", "/connections", body)
        self.state = parse_qs(urlsplit(self.made["open"]).query)["state"][0]

    def call(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        answer = requests.request(method, f"{self.sync}{path}", json=body, headers=self.headers, timeout=60)
        found: dict[str, Any] = answer.json()
        return {**found, "http": answer.status_code}

    def returns(self, **query: str) -> requests.Response:
        """The browser comes back."""
        url = f"{self.made['hooks']['return']}?{urlencode(query)}"
        return requests.get(url, timeout=30, allow_redirects=False)

    def stage(self) -> tuple[str, str]:
        shown = self.call("GET", f"/connections/{self.made['id']}")
        return shown["status"], shown["stage"]

    def confirm(self) -> dict[str, Any]:
        return self.call("POST", f"/connections/{self.made['id']}/confirm", {})


@pytest.fixture
def linking(world: LabClient) -> Iterator[Linking]:
    made = Linking(world)
    yield made
    made.call("DELETE", f"/connections/{made.made['id']}")


def test_the_question_is_a_new_one_each_time(linking: Linking, world: LabClient) -> None:
    again = Linking(world)

    assert again.state != linking.state
    assert len(again.state) == 32


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"state": "not-our-question"}, 403),
        ({"state": ""}, 403),
        ({"result": "denied", "state": "not-our-question"}, 403),
        ({"connect_token": ""}, 400),
        ({"result": "approved"}, 400),
        ({"result": ""}, 400),
    ],
    ids=["wrong-state", "no-state", "denied-by-a-stranger", "no-token", "other-result", "no-result"],
)
def test_what_does_not_answer_our_question_changes_nothing(
    linking: Linking, changed: dict[str, str], status: int
) -> None:
    answer = {"state": linking.state, "result": "linked", "connect_token": "t", **changed}

    came = linking.returns(**answer)

    assert came.status_code == status
    assert came.headers["Content-Type"].startswith("text/html")
    assert linking.stage() == ("pending", "linking")
    assert linking.confirm()["code"] == "not_linked"


def test_the_question_of_an_earlier_click_is_not_ours_any_more(linking: Linking, world: LabClient) -> None:
    again = Linking(world)

    old = linking.returns(state=linking.state, result="linked", connect_token="t")
    new = again.returns(state=again.state, result="linked", connect_token="t")

    assert (old.status_code, new.status_code) == (403, 200)


def test_coming_back_twice_is_coming_back_once(linking: Linking) -> None:
    answer = {"state": linking.state, "result": "linked", "connect_token": "t"}

    assert [linking.returns(**answer).status_code for _ in range(2)] == [200, 200]
    assert linking.stage() == ("pending", "linked")


def test_a_made_up_token_leaves_no_key_behind(linking: Linking, world: LabClient) -> None:
    before = world.fact("woocommerce", "API keys")
    linking.returns(state=linking.state, result="linked", connect_token="made-up")

    confirmed = linking.confirm()

    assert (confirmed["http"], confirmed["code"]) == (422, "backend_refused")
    assert "token_invalid" in confirmed["message"]
    assert world.fact("woocommerce", "API keys") == before
    assert linking.stage() == ("pending", "linked")


def test_after_a_denial_nothing_can_be_linked_by_the_same_question(linking: Linking) -> None:
    linking.returns(state=linking.state, result="denied")

    came = linking.returns(state=linking.state, result="linked", connect_token="t")

    assert came.status_code == 403
    assert linking.stage() == ("disconnected", "disconnected")


def test_what_comes_back_is_not_shown(linking: Linking) -> None:
    script = "<script>alert(1)</script>"

    for answer in (
        linking.returns(state=script, result=script, connect_token=script),
        linking.returns(state=linking.state, result=script, connect_token=script),
    ):
        assert script not in answer.text


def test_secrets_of_the_plugin_are_not_shown(linking: Linking, world: LabClient) -> None:
    world.do("golisto", "open connect page", url=linking.made["open"])
    world.do("golisto", "link store")
    linking.confirm()
    token = next(k for k in world.fact("woocommerce", "API keys") if k["description"].startswith("Golisto"))

    shown = str(linking.call("GET", f"/connections/{linking.made['id']}"))

    assert token["permissions"] == "read_write"
    assert linking.state not in shown
    assert "cs_" not in shown


@pytest.mark.parametrize("name", WHOLE_WAYS)
def test_the_plugin_calls_four_addresses_and_no_other(sandbox: Sandbox, name: str) -> None:
    events = list(player.play(story.read(Path(HOME) / "golisto" / f"{name}.yaml"), sandbox.client))

    asked: Counter[str] = Counter()
    for event in events:
        if isinstance(event, Crossed):
            for e in event.exchanges:
                if e["service"] == "golisto" and e["direction"] == "in" and not e["sender"].startswith("WooCommerce"):
                    asked[e["operation"] or e["url"]] += 1
    result = events[-1]
    assert isinstance(result, Result)
    assert result.held, result.failure
    assert asked["connect.show"] >= 1
    assert set(asked) <= ADDRESSES
