"""Commands against a running sandbox: tables for people, JSON for machines, and words for mistakes."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from storelab.cli import app, main
from storelab.client import LabClient
from storelab.emulators.kernel import LabError
from storelab.scenarios.driver import Driver
from storelab.sync.service import Server

from ..sync.drive import Drive

Run = Callable[..., Any]


@pytest.fixture
def run(world: LabClient, monkeypatch: pytest.MonkeyPatch) -> Run:
    """`run("do", "keycrm", ...)` gives the output; a refusal is raised as `LabError`."""
    monkeypatch.setenv("STORELAB_URL", world.url)

    def ran(*words: str, code: int = 0) -> str:
        done = CliRunner().invoke(app, list(words))
        if isinstance(done.exception, LabError):
            raise done.exception
        assert done.exit_code == code, done.output
        return done.output

    return ran


def test_moves_states_and_facts(run: Run) -> None:
    run("state", "keycrm", "an offer in stock", "sku=MUG", "quantity=3")
    run("do", "keycrm", "adjust stock", "sku=MUG", "quantity=7")

    assert "MUG" in run("fact", "keycrm", "stock")
    assert json.loads(run("fact", "keycrm", "stock", "--json"))["MUG"]


def test_a_number_without_an_end_is_refused(run: Run) -> None:
    with pytest.raises(LabError, match="neither NaN nor Infinity"):
        run("clock", "advance", "inf")


def test_every_word_is_listed(run: Run) -> None:
    listed = json.loads(run("words", "--json"))

    assert "adjust stock" in listed["keycrm"]["moves"]
    assert list(json.loads(run("words", "keycrm", "--json"))) == ["keycrm"]


def test_the_clock_is_frozen_moved_and_freed(run: Run) -> None:
    run("clock", "freeze", "2026-03-02T08:00:00Z")
    run("clock", "advance", "3600")

    shown = json.loads(run("clock", "--json"))
    assert (shown["now"], shown["frozen"]) == ("2026-03-02T09:00:00+00:00", True)
    assert not json.loads(run("clock", "live", "--json"))["frozen"]


def test_faults_are_added_listed_and_cleared(run: Run) -> None:
    run("fault", "add", "status", "service=keycrm", "status=503", "times=3")

    (fault,) = json.loads(run("fault", "list", "--json"))["faults"]
    assert (fault["kind"], fault["status"], fault["times"]) == ("status", 503, 3)
    run("fault", "clear", str(fault["id"]))
    assert json.loads(run("fault", "list", "--json"))["faults"] == []


def test_snapshots_are_saved_listed_restored_and_carried_in_files(run: Run, world: LabClient, tmp_path: Path) -> None:
    world.state("keycrm", "an offer in stock", sku="MUG", quantity=3)
    run("snapshot", "save", "before")
    run("snapshot", "export", "before", "--file", str(tmp_path / "w"))
    run("reset")

    run("snapshot", "import", "again", "--file", str(tmp_path / "w"))
    run("snapshot", "restore", "again")

    assert "MUG" in run("fact", "keycrm", "stock")
    assert "again" in run("snapshot", "list")


def test_the_journal_is_shown_and_written_as_har(run: Run, world: LabClient, tmp_path: Path) -> None:
    world.call("GET", "/vocabulary")
    run("journal")
    run("journal", "--har", str(tmp_path / "j.har"))

    assert json.loads((tmp_path / "j.har").read_text())["log"]["version"] == "1.2"
    assert json.loads(run("journal", "--json")) == []


def test_worlds_are_made_listed_and_dropped(run: Run, sandbox: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STORELAB_URL", sandbox.url)
    info = json.loads(run("world", "make", "cli-test", "--json"))

    assert info["url"].endswith("/~cli-test")
    assert "cli-test" in run("world", "list")
    run("world", "drop", "cli-test")
    assert "cli-test" not in run("world", "list")


def test_env_prints_export_lines(run: Run, world: LabClient) -> None:
    lines = run("env").splitlines()

    assert f"export STORELAB_URL='{world.url}'" in lines
    assert any(line.startswith("export WOOCOMMERCE_CONSUMER_KEY='ck_") for line in lines)
    assert any(line.startswith("export KEYCRM_API_KEY=") for line in lines)


def test_coverage_is_counted(run: Run) -> None:
    counted = json.loads(run("coverage", "--json"))

    assert counted.keys() >= {"woocommerce", "keycrm"}
    assert "of the 111 routes that its own index lists are emulated" in run("coverage")


def test_coverage_of_one_service_names_its_operations_and_what_proves_them(run: Run) -> None:
    (operations,) = json.loads(run("coverage", "woocommerce", "--json")).values()

    created = next(o for o in operations if o["operation"] == "orders.create")
    assert created["recorded"] > 50
    assert "orders.create" in run("coverage", "woocommerce")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("do", "keycrm", "dance"), "keycrm has no move 'dance'"),
        (("do", "nobody", "dance"), "there is no service 'nobody'"),
        (("do", "keycrm", "adjust stock"), "needs sku and quantity; it takes: sku, quantity, warehouse"),
        (("do", "keycrm", "adjust stock", "sku=MUG", "quantity=1", "colour=red"), "knows no colour; it takes: sku"),
        (
            ("do", "spotler", "add rule", "object=order", "actions=x"),
            "actions has to be a list, each a mapping, not 'x'",
        ),
        (("do", "golisto", "ship"), "Golisto has sold nothing"),
        (("words", "keycrn"), "there is no service 'keycrn'. Did you mean 'keycrm'? Possible: woocommerce"),
        (("do", "keycrm", "adjust stock", "MUG"), "'MUG' is no argument; write NAME=VALUE"),
        (("clock", "advance", "soon"), "advance needs seconds, not 'soon'"),
        (("clock", "advance", "-5"), "the clock never goes back, and so not by '-5'; for example: storelab clock adv"),
        (("clock", "advance", "-0.5", "--json"), "the clock never goes back, and so not by '-0.5'"),
        (("clock", "advance", "--", "-5"), "the clock never goes back, and so not by '-5'"),
        (("clock", "rewind"), "the clock cannot 'rewind'"),
        (("fault", "add", "statuss", "service=keycrm"), "kind: 'statuss' is none of status, delay, reset"),
        (("fault", "add", "statuss", "service=keycrm"), "Did you mean 'status'?"),
        (
            ("fault", "add", "status", "service=keycrm", "statuss=429"),
            "statuss is not known here; it takes kind, service",
        ),
        (("fault", "clear", "status"), "cleared by its number, not by 'status'"),
        (("journal", "--service", "keycrn"), "there is no service 'keycrn'"),
        (("jobs", "--service", "keycrn"), "there is no service 'keycrn'"),
        (("deliveries", "--service", "keycrn"), "there is no service 'keycrn'"),
        (("deliveries", "--status", "lost"), "status: 'lost' is none of pending, sending, delivered, failed, dropped."),
        (("journal", "--har", "/nowhere/at/all"), "cannot write /nowhere/at/all: No such file"),
        (("fault", "explode"), "a fault cannot be 'explode'"),
        (("snapshot", "restore", "never"), "has no snapshot 'never'"),
        (("snapshot", "save"), "needs a name"),
        (("snapshot", "explode"), "a snapshot cannot be 'explode'"),
        (("snapshot", "import", "x", "--file", "/nowhere/at/all"), "cannot read /nowhere/at/all"),
        (("world", "make", "My World"), "name: 'My World' is no name: use 1 to 63 of a-z, 0-9"),
        (
            ("fact", "keycrm", "stock", "--world", "nowhere"),
            "there is no world 'nowhere'. `storelab world make nowhere`",
        ),
        (("world", "explode"), "a world cannot be 'explode'"),
        (("fact", "keycrm", "stock", "--url", "http://127.0.0.1:9"), "no sandbox answers at http://127.0.0.1:9"),
        (("fact", "keycrm", "stock", "--url", "here"), "'here' is no address of a sandbox: write it like http://127"),
        (("run", "keycrm/echo", "--connector", "http://127.0.0.1:9"), "no connector answers at http://127.0.0.1:9"),
        (("promises", "Z1"), "nobody promised 'Z1'"),
        (("stub", "pyproject.json"), "cannot read pyproject.json"),
        (("failures", "F01", "--html", "/nowhere/at/all"), "cannot write /nowhere/at/all"),
        (("up", "--port", "8711", "--sync-port", "8711"), "cannot both listen on port 8711"),
        (("run", "no/such/story"), "no story"),
        (("fuzz", "nobody"), "there is no service 'nobody'"),
        (("coverage", "nobody"), "there is no service 'nobody'"),
    ],
)
def test_mistakes_are_told_with_what_to_do(run: Run, words: tuple[str, ...], said: str) -> None:
    with pytest.raises(LabError, match=r"(?s).*") as told:
        run(*words)

    assert said in told.value.message


def commands(group: Any, *before: str) -> Iterator[tuple[str, Any]]:
    """Every command, with the words that call it."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, *before, name)
        elif not command.hidden:
            yield " ".join((*before, name)), command


COMMANDS = dict(commands(get_command(app)))


@pytest.mark.parametrize("words", COMMANDS)
def test_every_command_has_an_example_speaks_json_and_explains_its_options(words: str) -> None:
    command = COMMANDS[words]

    assert f"storelab {words.split()[0]}" in command.epilog
    assert any("--json" in option.opts for option in command.params)
    assert [option.name for option in command.params if not option.help and not option.hidden] == []


def test_a_defect_is_not_told_as_something_that_did_not_hold(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("storelab.cli._asked", lambda words: {}["nothing"])

    with pytest.raises(SystemExit) as ended:
        main()

    assert ended.value.code == 2
    assert "defect of storelab" in capsys.readouterr().err


def test_nothing_tried_is_not_told_as_held(run: Run) -> None:
    for words in (("--phases", "fuzzin"), ("--operation", "GET /v1/ofers"), ("--state", "an ofer in stock")):
        with pytest.raises(LabError, match=r"Did you mean '(fuzzing|GET /v1/offers|an offer in stock)'"):
            run("fuzz", "keycrm", *words)
    with pytest.raises(LabError, match=r"--story is for an API at an address.*`storelab run` plays stories"):
        run("verify", "keycrm", "--story", "keycrm/echo")


def test_a_broken_story_exits_with_one(run: Run, tmp_path: Path) -> None:
    story = tmp_path / "wrong.yaml"
    story.write_text(
        "title: A story that does not hold\nbackend: keycrm\n"
        "given:\n  - shelf: {MUG: 1}\nsteps:\n  - expect: {shelf: {MUG: 2}}\n"
    )

    assert "BROKEN" in run("run", str(story), code=1)


def test_connections_are_listed_and_one_is_shown_without_its_tokens(
    run: Run, world: LabClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Server(port=0) as sync:
        drive = Drive(world, sync.url, first_sync="keycrm").stocked(ours={"MUG": 3}, theirs={"MUG": 12, "CAP": 1})
        drive.connect().run()
        here = ("--sync", sync.url)

        rows = json.loads(run("connections", *here, "--json"))
        shown = json.loads(run("connections", drive.id, *here, "--json"))
        told = run("connections", drive.id, *here)

    assert [(row["id"], row["status"]) for row in rows] == [(drive.id, "active")]
    assert (shown["synced"], shown["failed"]) == (1, 1)
    assert "hooks" not in shown
    assert "store has this SKU" in told


def test_a_connection_that_is_not_there_is_told(run: Run) -> None:
    with Server(port=0) as sync, pytest.raises(LabError, match="no connection is"):
        run("connections", "con_nobody", "--sync", sync.url)


def test_a_sync_beyond_loopback_is_shown_the_token_that_is_for_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with Server(port=0, token="one of ours") as sync:
        with pytest.raises(LabError, match="set STORELAB_SYNC_TOKEN"):
            run("connections", "--sync", sync.url)
        with closing(Driver(sync.url)) as driver:
            assert not driver.wants("keycrm")

        monkeypatch.setenv("STORELAB_SYNC_TOKEN", "one of ours")
        told = run("connections", "--sync", sync.url)
        with closing(Driver(sync.url)) as driver:
            assert driver.wants("keycrm")

    assert "Nothing is connected." in told


def test_the_first_process_of_a_container_can_be_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(os, "getpid", lambda: 1)
    monkeypatch.setattr(sys, "argv", ["storelab", "--version"])
    try:
        with pytest.raises(SystemExit):
            main()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGTERM)
    finally:
        signal.signal(signal.SIGTERM, before)
