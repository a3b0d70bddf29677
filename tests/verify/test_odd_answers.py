"""Whatever an address answers, it is told as something that does not hold; storelab does not fall over it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from storelab.contracts.kit import BROKEN
from storelab.verify import run
from storelab.verify.pacts import Target

from ..sockets import Answers

KEYS = {"consumer_key": "ck_1", "consumer_secret": "cs_1"}


def json(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


NOWHERE = b"HTTP/1.1 302 Found\r\nLocation: http://[x\r\nContent-Length: 0\r\n\r\n"
HEADERS = b"HTTP/1.1 200 OK\r\nDate: soon\r\nAge: \xb2\r\nAllow: \xff\r\nContent-Length: 2\r\n\r\n[]"


@pytest.mark.parametrize(
    "said",
    [
        json(b"[]"),
        json(b"7"),
        json(b'"x"'),
        json(b"null"),
        json(b'[[], {"slug": {}, "status": []}, 7]'),
        json(b'{"namespaces": 7, "active_plugins": 7, "environment": [], "value": {}}'),
        json(b'{"namespaces": ["wc/v3"], "active_plugins": [7], "environment": {"wp_cron": 0}}'),
        json(b"[" * 50_000),
        NOWHERE,
        HEADERS,
    ],
)
def test_a_store_that_is_none_is_told_as_broken(answers: Answers, said: bytes) -> None:
    target = Target("woocommerce", answers(said), given=KEYS)

    found = run.of_target(target, run.Parts(fuzz="off", webhooks=False), tell=lambda check: None).checks

    assert any(check.verdict == BROKEN for check in found)


@pytest.mark.parametrize(
    ("said", "told"),
    [(NOWHERE, "cannot be read"), (json(b'{"\\ud800": "\\ud800"}'), "ud800")],
    ids=["leads nowhere", "half a letter"],
)
def test_a_backend_that_answers_oddly_is_told_in_words(answers: Answers, said: bytes, told: str) -> None:
    words = ["verify", "keycrm", "--url", answers(said), "--given", "api_key=k"]

    ended = subprocess.run([sys.executable, "-m", "storelab.cli", *words], capture_output=True, text=True, timeout=120)

    assert (ended.returncode, "Traceback" in ended.stderr) == (1, False), ended.stderr
    assert told in ended.stdout
