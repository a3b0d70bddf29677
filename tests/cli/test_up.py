"""`storelab up` as a process: what it prints, what survives it, and what it says when it cannot start."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from storelab.client import LabClient
from storelab.emulators.kernel import LabError
from storelab.sandbox import Sandbox, Settings

HTTPS = {"X-Forwarded-Proto": "https"}


@contextmanager
def running(*options: str) -> Iterator[tuple[dict[str, Any], subprocess.Popen[str]]]:
    """A sandbox of its own, and what it printed when it was ready."""
    command = [sys.executable, "-m", "storelab.cli", "up", "--port", "0", "--json", *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert line, process.stderr.read() if process.stderr else ""
        yield json.loads(line), process
    finally:
        process.terminate()
        process.communicate(timeout=20)


def refused(*options: str) -> str:
    """What `up` says when it does not start."""
    command = [sys.executable, "-m", "storelab.cli", "up", *options]
    run = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert run.returncode == 2, run.stdout + run.stderr
    assert "Traceback" not in run.stderr
    return run.stderr


def test_workers_are_refused_with_what_is_possible_instead() -> None:
    told = refused("--port", "0", "--workers", "2")

    assert "a sandbox is one process" in told
    assert "--database" in told


def products(info: dict[str, Any], method: str = "GET", **more: Any) -> requests.Response:
    store = info["store"]
    keys = (store["consumer_key"], store["consumer_secret"])
    url = f"{store['url']}/wp-json/wc/v3/products"
    return requests.request(method, url, auth=keys, headers=HTTPS, timeout=20, **more)


def test_one_object_tells_where_everything_is_and_all_of_it_answers() -> None:
    with running() as (info, _):
        assert {"url", "control", "store", "backends", "sync"} <= info.keys()
        assert info["control"]["url"] == info["url"] + "/_lab"
        assert info["control"]["token"]
        assert {"user", "password"} == info["store"]["admin"].keys()
        for kind in ("read_only", "write_only"):
            assert {"consumer_key", "consumer_secret"} == info["store"][kind].keys()
        assert {"url", "api_key"} <= info["backends"]["keycrm"].keys()
        assert products(info).status_code == 200
        users = requests.get(
            info["backends"]["keycrm"]["url"] + "/v1/users",
            headers={"Authorization": f"Bearer {info['backends']['keycrm']['api_key']}"},
            timeout=20,
        )
        assert users.status_code == 200
        assert requests.get(info["sync"]["url"] + "/connections", timeout=20).json() == []
        assert requests.get(info["url"] + "/", timeout=20).status_code == 200
        assert requests.get(info["control"]["url"] + "/info", timeout=20).json() == info


def test_beyond_loopback_it_wants_the_token_that_it_was_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STORELAB_TOKEN", "one of ours")
    with running("--host", "127.0.0.2") as (info, _):
        commands = [sys.executable, "-m", "storelab.cli"]
        there = {**os.environ, "STORELAB_URL": info["url"]}
        links = subprocess.run([*commands, "connections"], env=there, capture_output=True, text=True, timeout=60)
        monkeypatch.delenv("STORELAB_TOKEN")
        with pytest.raises(LabError, match="wants its token"):
            LabClient(info["url"]).info()

    assert info["control"]["token"] == "one of ours"
    assert links.stdout == "Nothing is connected.\n", links.stderr


@pytest.mark.parametrize("tls", [False, True], ids=["http", "https"])
def test_others_are_told_the_name_by_which_they_reach_it(tmp_path: Path, tls: bool) -> None:
    with Sandbox(Settings("127.0.0.2", "lab", port=0, sync_port=0, data=tmp_path, tls=tls)) as sandbox:
        info = sandbox.info(sandbox.lab.world())

    told = [
        info["url"],
        info["store"]["url"],
        info["sync"]["url"],
        *(each["url"] for each in info["backends"].values()),
    ]
    assert {urlsplit(url).hostname for url in told} == {"lab"}
    assert urlsplit(info["url"]).scheme == ("https" if tls else "http")


def test_a_name_that_is_none_is_refused() -> None:
    assert "such as storelab or 192.0.2.7: 'http://lab' is none" in refused("--public-host", "http://lab")


def test_the_sync_can_be_left_out() -> None:
    with running("--no-sync") as (info, _):
        assert "sync" not in info


def test_the_journal_keeps_as_many_exchanges_as_it_is_told() -> None:
    with running("--no-sync", "--journal-rows", "2") as (info, _):
        for _ in range(3):
            products(info)
        kept = requests.get(f"{info['control']['url']}/journal", timeout=10).json()["exchanges"]

    assert [exchange["number"] for exchange in kept] == [2, 3]


def test_what_was_acknowledged_is_there_after_a_kill(tmp_path: Path) -> None:
    with running("--data", str(tmp_path), "--no-sync") as (info, process):
        made = [products(info, "POST", json={"name": f"P{n}"}).json()["id"] for n in range(5)]
        requests.put(info["control"]["url"] + "/snapshots/kept", timeout=20)
        process.send_signal(signal.SIGKILL)
        process.wait(10)

    with running("--data", str(tmp_path), "--no-sync") as (info, _):
        found = [row["id"] for row in products(info, params={"orderby": "id", "order": "asc"}).json()]
        listed = requests.get(info["control"]["url"] + "/snapshots", timeout=20).json()

    assert found == made
    assert listed == {"snapshots": ["kept"]}


def test_a_world_file_is_where_it_starts_from(tmp_path: Path) -> None:
    file = tmp_path / "world"
    with running("--no-sync") as (info, _):
        products(info, "POST", json={"name": "Kept"})
        requests.put(info["control"]["url"] + "/snapshots/s", timeout=20)
        file.write_bytes(requests.get(info["control"]["url"] + "/snapshots/s", timeout=20).content)

    with running("--no-sync", "--world-file", str(file)) as (info, _):
        assert [row["name"] for row in products(info).json()] == ["Kept"]


def test_the_same_seed_gives_the_same_keys() -> None:
    keys = []
    for seed in ("a", "a", "b"):
        with running("--no-sync", "--seed", seed) as (info, _):
            keys.append(info["store"]["consumer_secret"])

    assert keys[0] == keys[1] != keys[2]


def test_https_with_an_authority_of_its_own(tmp_path: Path) -> None:
    with running("--tls", "--data", str(tmp_path), "--no-sync") as (info, _):
        store, authority = info["store"], info["tls"]["authority"]

        answer = requests.get(
            store["url"] + "/wp-json/wc/v3/products",
            auth=(store["consumer_key"], store["consumer_secret"]),
            verify=authority,
            timeout=20,
        )

        with pytest.raises(LabError, match="STORELAB_CA"):
            LabClient(info["url"]).info()

    assert store["url"].startswith("https://")
    assert answer.status_code == 200
    assert (tmp_path / "tls" / "server.key").stat().st_mode & 0o077 == 0


def test_a_port_in_use_is_told_with_what_to_do() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])

        assert f"port {port} on 127.0.0.1 is in use" in refused("--port", port)


def test_a_folder_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    file = tmp_path / "not-a-folder"
    file.write_text("mine")

    assert "cannot keep state in" in refused("--port", "0", "--data", str(file))
    assert file.read_text() == "mine"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)

    assert "cannot keep state in" in refused("--port", "0", "--data", str(tmp_path / "x"))


def test_a_folder_belongs_to_one_sandbox_at_a_time(tmp_path: Path) -> None:
    with running("--data", str(tmp_path), "--no-sync"):
        assert "another sandbox keeps its state in" in refused("--port", "0", "--no-sync", "--data", str(tmp_path))


def test_a_database_that_is_down_is_told() -> None:
    said = refused("--port", "0", "--database", "postgresql://me:hunter2@127.0.0.1:9/nothing")

    assert "does not answer" in said
    assert "hunter2" not in said


def test_a_world_file_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "rubbish").write_bytes(b"rubbish")

    assert "is no snapshot" in refused("--port", "0", "--world-file", str(tmp_path / "rubbish"))
    assert "cannot read" in refused("--port", "0", "--world-file", str(tmp_path / "missing"))


def test_sigterm_stops_it_cleanly() -> None:
    with running() as (_, process):
        process.send_signal(signal.SIGTERM)

        assert process.wait(15) == 0


STORY = """title: A mug is on sale
backend: keycrm
given:
  - shelf: {{MUG: {pieces}}}
steps:
  - expect: {{shelf: {{MUG: {pieces}}}}}
"""


def test_it_starts_where_a_story_starts_and_begins_anew_when_the_file_changes(tmp_path: Path) -> None:
    file = tmp_path / "mug.yaml"
    file.write_text(STORY.format(pieces=12))

    with running("--given", str(file), "--watch") as (info, process):
        lab = LabClient(info["url"], info["control"]["token"])
        assert process.stderr is not None
        assert lab.fact("woocommerce", "stock") == {"MUG": 12}

        file.write_text(STORY.format(pieces=7).replace("shelf", "shlef", 1))
        assert "no word 'shlef'" in process.stderr.readline()
        assert lab.fact("woocommerce", "stock") == {"MUG": 12}

        file.write_text(STORY.format(pieces=7))
        assert "begun anew" in process.stderr.readline()
        assert lab.fact("woocommerce", "stock") == {"MUG": 7}


def test_a_story_of_ours_is_a_beginning_too() -> None:
    with running("--given", "keycrm/echo") as (info, _):
        links = requests.get(info["sync"]["url"] + "/connections", timeout=20).json()

        assert [link["backend"] for link in links] == ["keycrm"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--given", "keycrm/eco"), "Did you mean"),
        (("--given", "keycrm"), "--given is one story"),
        (("--given", "keycrm/echo", "--data", "lab"), "begins with a new world"),
        (("--watch",), "say which one"),
    ],
    ids=["unknown", "several", "kept state", "nothing to watch"],
)
def test_a_beginning_that_cannot_be_is_refused(options: tuple[str, ...], said: str) -> None:
    assert said in refused("--port", "0", *options)
