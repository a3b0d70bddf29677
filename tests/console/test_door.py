"""Where a sandbox can be reached from other machines, the console wants its token."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from storelab.sandbox import Sandbox, Settings

from .conftest import HX, Looking, plain


@pytest.fixture(scope="module")
def public() -> Iterator[Sandbox]:
    with Sandbox(Settings(host="0.0.0.0", port=0, sync_port=None)) as running:
        yield running


@pytest.fixture
def stranger(public: Sandbox) -> Looking:
    return Looking(public.url)


def logged_in(public: Sandbox) -> Looking:
    someone = Looking(public.url)
    form = someone.page("/login")
    someone.session.post(
        f"{public.url}/login",
        data={"csrf": form.split('name="csrf" value="')[1].split('"')[0], "token": public.token, "to": "/clock"},
        timeout=10,
    )
    return someone


@pytest.mark.parametrize("path", ["/", "/journal", "/services/keycrm", "/~x/", "/journal.har"])
def test_a_stranger_is_led_to_the_door(stranger: Looking, path: str) -> None:
    answer = stranger.get(path, headers={"Accept": "text/html"}, allow_redirects=False)

    assert answer.status_code == 302
    assert "/login?to=" in answer.headers["Location"]


@pytest.mark.parametrize("path", ["/events/map/parts", "/map/parts"])
def test_a_stranger_hears_nothing(stranger: Looking, path: str) -> None:
    answer = stranger.get(path, headers={**HX, "Accept": "text/event-stream"})

    assert answer.status_code == 401
    assert public_words(answer)


def public_words(answer: requests.Response) -> bool:
    return "token" in plain(answer.text)


def test_the_token_opens_and_the_cookie_is_a_careful_one(public: Sandbox) -> None:
    someone = logged_in(public)

    page = someone.page("/")
    (cookie,) = someone.session.cookies
    assert "Log out" in page
    assert public.token not in (cookie.value or "")
    assert cookie.has_nonstandard_attr("HttpOnly")
    assert cookie.get_nonstandard_attr("SameSite") == "Strict"


def test_after_logging_out_the_cookie_opens_nothing(public: Sandbox) -> None:
    someone = logged_in(public)
    (cookie,) = someone.session.cookies
    someone.post("/logout")

    again = requests.get(
        public.url, headers={"Cookie": f"{cookie.name}={cookie.value}", "Accept": "text/html"}, timeout=10
    )
    assert "Log in" in plain(again.text)


def test_a_wrong_token_is_refused(public: Sandbox) -> None:
    someone = Looking(public.url)
    form = someone.page("/login")
    csrf = form.split('name="csrf" value="')[1].split('"')[0]
    answer = someone.session.post(f"{public.url}/login", data={"csrf": csrf, "token": "wrong"}, timeout=10)

    assert answer.status_code == 403
    assert "not the token" in plain(answer.text)


def test_the_token_of_a_page_is_of_no_use_to_others(public: Sandbox) -> None:
    mine, theirs = logged_in(public), logged_in(public)

    answer = theirs.post("/clock/freeze", {"csrf": mine.csrf()})

    assert answer.status_code == 403


def test_nobody_is_led_away_after_logging_in(public: Sandbox) -> None:
    for to in ("https://evil.example/", "//evil.example/", "/\\evil.example", "/\t/evil.example/"):
        someone = Looking(public.url)
        form = someone.page("/login")
        csrf = form.split('name="csrf" value="')[1].split('"')[0]
        answer = someone.session.post(
            f"{public.url}/login",
            data={"csrf": csrf, "token": public.token, "to": to},
            timeout=10,
            allow_redirects=False,
        )
        assert answer.headers["Location"] == "/"


def test_a_program_may_show_the_token_itself(public: Sandbox) -> None:
    answer = requests.get(public.url, headers={"Authorization": f"Bearer {public.token}"}, timeout=10)

    assert answer.status_code == 200
    assert "not running" in answer.text
