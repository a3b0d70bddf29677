"""Nothing secret and nothing of anybody is in a recording; what was equal stays equal."""

from __future__ import annotations

import json
import re
import time
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
import requests
from hypothesis import given, settings, strategies as st

from storelab.contracts.tap import Exchange
from storelab.recording.file import Writer, read
from storelab.recording.masking import Masker
from storelab.recording.recorder import Recorder, called, masked, swept
from storelab.sandbox import Sandbox
from storelab.scenarios.driver import Driver
from storelab.scenarios.events import Crossed
from storelab.scenarios.player import play
from storelab.scenarios.story import HOME

from ..sockets import Answers

UPSTREAM = "https://api.example.com/v1"


def crossed(target: str, request: Any = None, answer: Any = None, **headers: str) -> Exchange:
    def sent(value: Any) -> bytes:
        return b"" if value is None else json.dumps(value).encode()

    named = tuple((n.replace("_", "-"), v) for n, v in headers.items())
    return Exchange("POST", f"/v1{target}", named, sent(request), 200, (), sent(answer))


def written(tmp_path: Path, *exchanges: Exchange, masker: Masker | None = None) -> str:
    """The file that these exchanges make."""
    file, known = tmp_path / "calls.jsonl", masker or Masker()
    file.unlink(missing_ok=True)
    writer = Writer(file, UPSTREAM, True)
    for number, exchange in enumerate(exchanges, 1):
        call = called(exchange, number, UPSTREAM, "/v1")
        masked(call, known)
        writer.add(masked(call, known), known.placeholders)
    writer.close()
    swept(file, known)
    return file.read_text(encoding="utf-8")


words = st.text("abcdefghijklmnopqrstuvwxyzäöüšж", min_size=5, max_size=12).map(lambda w: w.title() + "x")
tokens = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=16, max_size=40)
emails = st.builds(
    lambda a, b: f"{a}@{b}.example",
    st.from_regex(r"[a-z]{3,8}\.[a-z]{3,8}", fullmatch=True),
    st.from_regex(r"[a-z]{4,9}", fullmatch=True),
)
phones = st.from_regex(r"\+[1-9][0-9]{2} [0-9]{3} [0-9]{4}", fullmatch=True)


@given(first=words, last=words, email=emails, phone=phones, street=words, token=tokens, secret=tokens)
@settings(max_examples=60, deadline=None)
def test_whatever_is_secret_or_personal_is_nowhere_in_the_file(
    first: str, last: str, email: str, phone: str, street: str, token: str, secret: str, tmp_path_factory: Any
) -> None:
    address = f"{street} 12"
    before = crossed("/notes", {"text": f"call {first} {last}, {email}"})  # before anybody knows who that is
    made = crossed(
        f"/customers?{urlencode({'email': email, 'access_token': token})}",
        {"name": f"{first} {last}", "firstName": first, "last_name": last, "email": email, "phone": phone},
        {"id": 7, "billing": {"address_1": address, "name": f"{first} {last}"}, "client_secret": secret,
         "self": f"{UPSTREAM}/customers?email={quote(email)}", "html": f"<b>{first}</b> lives at {address}"},
        Authorization=f"Bearer {token}",
        X_Api_Key=secret,
        Cookie=f"session={secret}",
    )  # fmt: skip

    text = written(tmp_path_factory.mktemp("masking"), before, made)

    for hidden in (first, last, email, quote(email, safe=""), phone, street, token, secret):
        assert hidden.lower() not in text.lower()
        assert json.dumps(hidden)[1:-1].lower() not in text.lower()
    assert '"id": 7' in text


@given(one=tokens, other=tokens, email=emails)
@settings(max_examples=40, deadline=None)
def test_what_was_equal_stays_equal_and_nothing_else_becomes_so(one: str, other: str, email: str) -> None:
    masker = Masker()

    told = masker.json({"token": one, "again": {"access_token": one}, "secret": other, "email": email, "mail": [email]})

    assert told["token"] == told["again"]["access_token"]
    assert (told["token"] == told["secret"]) == (one == other)
    assert told["email"] == told["mail"][0]
    assert masker.json(told) == told  # what is masked stays as it is


def test_a_placeholder_looks_like_what_it_stands_for() -> None:
    told = Masker().json(
        {"email": "a@b.example", "birthday": "1985-04-12", "postcode": "94103", "phone": "+1 555 019 9000",
         "first_name": "Ada", "avatar_url": "https://a.example/x.png", "tax_id": 100002887, "vat_number": ""}
    )  # fmt: skip

    assert re.fullmatch(r"person-\d+@masked\.example", told["email"])
    assert re.fullmatch(r"19\d\d-\d\d-\d\d", told["birthday"])
    assert re.fullmatch(r"\d{5}", told["postcode"])
    assert told["phone"] == "+1-555-0001"
    assert told["first_name"] == "masked-first_name-1"
    assert told["avatar_url"].startswith("https://masked.example/")
    assert isinstance(told["tax_id"], int)
    assert len(str(told["tax_id"])) == 9
    assert told["vat_number"] == ""


def test_a_product_keeps_its_name_and_a_person_does_not() -> None:
    told = Masker().json({"products": [{"id": 1, "name": "Mug", "sku": "MUG"}], "buyer": {"id": 2, "name": "Ada"}})

    assert told["products"] == [{"id": 1, "name": "Mug", "sku": "MUG"}]
    assert told["buyer"]["name"] != "Ada"
    assert told["buyer"]["id"] == 2


def test_what_is_masked_can_be_chosen() -> None:
    body = {"city": "Xanadu", "sku": "MUG", "token": "0123456789abcdef"}

    assert Masker(keep=["city"]).json(body)["city"] == "Xanadu"
    assert Masker(more=["sku"]).json(body)["sku"] == "masked-sku-1"
    assert Masker(personal=False).json(body) == {"city": "Xanadu", "sku": "MUG", "token": "masked-token-1"}


class Behind(Driver):
    """The reference sync, whose backend stands behind the recorder."""

    def __init__(self, sandbox: Sandbox, recorder: Recorder) -> None:
        super().__init__(sandbox.sync_url, token=sandbox.token)
        self._sandbox, self._recorder = sandbox, recorder
        self.seen: set[str] = set()

    def connect(self, wanted: Any, now: datetime) -> dict[str, Any]:
        credentials = dict(wanted["credentials"])
        credentials["url"] = credentials["url"].replace(self._sandbox.url, self._recorder.url)
        self.seen |= {v for n, v in credentials.items() if n != "url" and len(v) > 6}
        self.seen |= {v for n, v in wanted["store"].items() if n in ("consumer_key", "consumer_secret")}
        return super().connect({**wanted, "credentials": credentials}, now)


@pytest.fixture(params=["golisto", "keycrm", "sors", "spotler", "stockburst"])
def lived(request: pytest.FixtureRequest, sandbox: Sandbox, tmp_path: Path) -> tuple[str, str, set[str]]:
    """A whole way from connect to sync, recorded: the story, the file, and the credentials that were used."""
    file = tmp_path / "calls.jsonl"
    with Recorder(sandbox.url, file, Masker()) as recorder:
        driver = Behind(sandbox, recorder)
        for event in play(HOME / request.param / "connect_to_sync.yaml", sandbox.client, driver):
            if isinstance(event, Crossed):
                keys = (re.findall(r'"consumer_key":\s*"(ck_\w+)"', json.dumps(e)) for e in event.exchanges)
                driver.seen |= {key for found in keys for key in found}
    return request.param, file.read_text(encoding="utf-8"), driver.seen


def test_a_life_leaves_no_credential_and_nobody_in_the_file(lived: tuple[str, str, set[str]]) -> None:
    backend, text, credentials = lived

    assert len(text.splitlines()) > 3
    assert credentials
    assert [key for key in credentials if key in text] == []
    for somebody in ("ana@kupac.example", "ada@shopper.example", "San Francisco", "94103", "Ann Lee"):
        assert somebody not in text, backend


# -- the proxy itself


def test_a_recording_is_there_call_by_call_and_can_be_read_while_it_is_made(sandbox: Sandbox, tmp_path: Path) -> None:
    world = sandbox.client.make_world()
    url, file = world.info()["backends"]["keycrm"]["url"], tmp_path / "calls.jsonl"

    with Recorder(url, file, None) as recorder:
        first = requests.get(f"{recorder.url}/v1/users", timeout=10)
        during = read(file)
        requests.get(f"{recorder.url}/v1/users", headers={"Transfer-Encoding": "chunked"}, timeout=10)

    assert first.status_code == 401
    assert [(c.method, c.target, c.answer.status) for c in during.calls] == [("GET", "/v1/users", 401)]
    assert len(read(file).calls) == 1  # a body of unknown length is not taken
    assert recorder.url.startswith("http://127.0.0.1:")


def test_addresses_in_answers_lead_back_to_the_proxy_and_stand_for_the_upstream_in_the_file(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    world = sandbox.client.make_world()
    world.state("keycrm", "an offer in stock", sku="MUG")
    known, file = world.info()["backends"]["keycrm"], tmp_path / "calls.jsonl"

    with Recorder(known["url"], file, Masker()) as recorder:
        headers = {"Authorization": f"Bearer {known['api_key']}"}
        told = requests.get(f"{recorder.url}/v1/offers/stocks?limit=1", headers=headers, timeout=10).json()

    assert told["first_page_url"].startswith(recorder.url)
    (call,) = read(file).calls
    assert call.answer.body.value["first_page_url"].startswith("http://upstream.recorded/v1/")
    assert sandbox.url not in file.read_text(encoding="utf-8").split("\n", 1)[1]


def test_an_upstream_that_is_not_there_is_a_502_and_in_the_file(tmp_path: Path) -> None:
    file = tmp_path / "calls.jsonl"

    with Recorder("http://127.0.0.1:9", file, Masker()) as recorder:
        answered = requests.get(f"{recorder.url}/users", timeout=10).status_code

    (call,) = read(file).calls
    assert (answered, call.answer.status, call.answer.error) == (502, None, "ConnectionError")


@pytest.mark.parametrize(
    ("head", "body", "error"),
    [
        (b"Content-Length: 100", b'{"a"', "ProtocolError"),
        (b"Content-Length: 4\r\nContent-Encoding: gzip", b"abcd", "DecodeError"),
        (b"Content-Length: 22", b'{"name": "cut \\ud83d"} ', ""),
    ],
    ids=["breaks off", "is packed wrongly", "half a letter"],
)
def test_an_odd_answer_is_in_the_file_as_well(
    answers: Answers, tmp_path: Path, head: bytes, body: bytes, error: str
) -> None:
    upstream = answers(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" + head + b"\r\n\r\n" + body)
    file = tmp_path / "calls.jsonl"

    with Recorder(upstream, file, Masker()) as recorder:
        answered = requests.get(f"{recorder.url}/users", timeout=10).status_code

    (call,) = read(file).calls
    assert (answered, call.answer.error) == (502 if error else 200, error)


def test_a_picture_in_a_text_takes_no_longer_than_it_is_long() -> None:
    started = time.process_time()

    text = Masker().text("a" * 200_000 + " b@example.com")

    assert "b@example.com" not in text
    assert time.process_time() - started < 5  # what grows with the square of the length takes half a minute
