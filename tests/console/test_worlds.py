"""Worlds, snapshots and comparing them; scenarios played and recorded; reports."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import pytest

from storelab.client import LabClient
from storelab.emulators.console import compare
from storelab.emulators.console.recorder import Recorder, story
from storelab.emulators.console.rounds import Round, Rounds
from storelab.emulators.kernel.databases import SqliteDatabases
from storelab.emulators.kernel.lab import Lab, found_emulators
from storelab.emulators.kernel.services import KERNEL_TABLES
from storelab.scenarios import player
from storelab.scenarios.story import read

from .conftest import Looking, plain


def test_a_world_is_made_gone_to_and_dropped(looking: Looking, world: LabClient) -> None:
    world.state("keycrm", "an offer in stock", sku="MUG", quantity=3)

    page = plain(looking.press("/worlds", name="a-copy", like="this"))

    assert "world a-copy" in page
    assert world.beside("a-copy").fact("keycrm", "available") == {"MUG": 3}
    assert "World a-copy is gone" in plain(looking.press("/worlds/drop", name="a-copy"))
    assert looking.post("/worlds", {"name": "Not a name"}).status_code == 400


def test_a_snapshot_is_saved_compared_restored_and_carried_away(looking: Looking, world: LabClient) -> None:
    world.state("keycrm", "an offer in stock", sku="MUG", quantity=3)
    looking.press("/snapshots/save", name="before")
    world.do("keycrm", "adjust stock", sku="MUG", quantity=8)
    secret = world.do("woocommerce", "create API key")["consumer_secret"]

    page = plain(looking.page("/worlds/compare", before="before", after="now"))
    assert "KeyCRM" in page
    assert "3000 8000" in page  # as it is kept, in thousandths
    assert "ApiKey: 1 differ" in page
    assert secret not in page
    image = looking.get("/snapshots/before.storelab").content

    looking.press("/snapshots/restore", name="before")
    assert world.fact("keycrm", "available") == {"MUG": 3}
    assert "Nothing differs" in plain(looking.page("/worlds/compare", before="before", after="now"))

    looking.post("/snapshots/import", {"name": "carried"}, files={"file": ("x.storelab", image)})
    assert world.call("GET", "/snapshots")["snapshots"] == ["before", "carried"]
    assert looking.post("/snapshots/import", {"name": "bad"}, files={"file": ("x", b"nonsense")}).status_code == 400


def test_a_reset_is_one_press(looking: Looking, world: LabClient) -> None:
    world.state("keycrm", "an offer in stock")
    looking.press("/worlds/reset")

    assert world.fact("keycrm", "available") == {}


def test_images_of_both_databases_are_compared() -> None:
    """That of PostgreSQL is JSON: the same rows are the same, whatever they were read from."""
    emulators = {"keycrm": found_emulators()["keycrm"]}
    lab = Lab(emulators, SqliteDatabases(None))
    image = lab.world().image()
    tables = [*KERNEL_TABLES, *emulators["keycrm"].tables]
    opened = compare._Opened(image)
    as_json: dict[str, list[Any]] = {t.name: [list(r) for r in opened.rows(t).values()] for t in tables}
    import orjson

    assert compare.compared(image, orjson.dumps(as_json), emulators, KERNEL_TABLES) == {}
    as_json[tables[-1].name] = []
    changed = compare.compared(image, orjson.dumps(as_json), emulators, KERNEL_TABLES)
    assert set(changed) <= {"keycrm"}
    lab.close()


# -- scenarios


def until(looked: Any, *, seconds: float = 60.0) -> Any:
    """What it answers once it answers something."""
    end = time.monotonic() + seconds
    while not (found := looked()):
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.05)
    return found


def test_a_story_is_played_step_by_step(console: Looking) -> None:
    answer = console.post("/plays", {"story": "keycrm/stock_change_reaches_store", "how": "steps"})
    address = answer.url.removeprefix(console.url)
    page = until(lambda: (p := plain(console.page(address))) and "Do this step" in p and p)
    assert "(given)" in page
    assert "playing" in page

    console.press(f"{address}/on")
    page = until(lambda: (p := plain(console.page(address))) and "Do this step" in p and "exchange" in p and p)
    console.press(f"{address}/on", how="end")

    page = until(lambda: (p := plain(console.page(address))) and "held" in p and p)
    assert "Its map" in page
    world = re.findall(r'href="/~([^/"]+)/"', console.page(address))[0]
    assert "exchanges kept" in plain(Looking(f"{console.url}/~{world}").page("/journal"))
    console.press("/worlds/drop", name=world)


def test_only_stories_are_played(console: Looking) -> None:
    assert console.post("/plays", {"story": "../pyproject"}).status_code == 404
    assert console.get("/scenarios/..%2f..%2fetc/passwd").status_code == 404
    assert console.get("/plays/99999").status_code == 404


def test_what_is_clicked_becomes_a_story_that_holds(looking: Looking, world: LabClient, tmp_path: Path) -> None:
    assert looking.get("/recording/story?backend=keycrm").status_code == 409
    looking.press("/recording/start", fresh="yes")
    looking.do("woocommerce", "a product in stock", "states", sku="MUG", quantity="10")
    looking.do("keycrm", "an offer in stock", "states", sku="MUG", quantity="10")
    looking.press("/links/keycrm/connect", **{"arg.warehouse_id": "1"})
    until(lambda: world.fact("woocommerce", "stock") == {"MUG": 10})
    looking.do("keycrm", "adjust stock", sku="MUG", quantity="7")
    until(lambda: world.fact("woocommerce", "stock") == {"MUG": 7})
    looking.press("/clock/advance", count="5", unit="minutes")
    assert "recording, 5 steps" in plain(looking.page("/"))
    looking.press("/recording/stop")
    looking.do("keycrm", "adjust stock", sku="MUG", quantity="6")

    asked = {"title": "Clicked", "backend": "keycrm", "sync": "yes", "expect": ""}
    text = looking.get("/recording/story.yaml", params=asked).text

    assert "move: {adjust stock: {sku: MUG, quantity: 7" in text
    assert "state: {store: {a product in stock:" in text
    assert "wait: {seconds: 300}" in text
    assert "quantity: 6" not in text
    file = tmp_path / "clicked.yaml"
    file.write_text(text + "  - expect: {shelf: {MUG: 7}, received: {MUG: 7}}\n")
    result = player.result(read(file), world.beside("default"))
    assert result.held, result.lines()
    assert "Clicked" in plain(looking.page("/recording/story", **asked))
    looking.press("/recording/drop")


def test_a_recorded_story_speaks_of_one_backend_and_names_the_others() -> None:
    recorder = Recorder()
    recorder.start("w")
    recorder.said("w", "keycrm", "moves", "issue key", {})
    recorder.said("w", "woocommerce", "moves", "add product", {"sku": "A"})
    recorder.said("w", "golisto", "moves", "approve", {})
    recorder.add("w", {"fault": {"kind": "lost", "service": "woocommerce"}})
    recorder.add("w", {"connect": {"backend": "golisto", "said": {}}})
    recorder.said("elsewhere", "keycrm", "moves", "issue key", {})
    recording = recorder.of("w")
    assert recording is not None

    text = story("T", "keycrm", recording.steps, sync=True)

    assert text.splitlines()[2:] == [
        "steps:",
        "  - move: issue key",
        "  - move: {store: {add product: {sku: A}}}",
        "  - move: {golisto: approve}",
        "  - fault: {kind: lost, service: store}",
    ]


# -- reports


def test_coverage_is_counted(console: Looking) -> None:
    page = plain(console.page("/reports"))

    assert re.search(r"KeyCRM \d+ \d+ \d+", page)
    assert "sync-keycrm sync keycrm" in page
    assert "52 failures" in page


def test_failures_are_played_and_told(console: Looking, monkeypatch: pytest.MonkeyPatch) -> None:
    from storelab.emulators.console.pages import reports

    monkeypatch.setattr(reports, "_failures", two_failures)
    console.press("/reports/failures/play")

    page = until(lambda: (p := plain(console.page("/reports/failures"))) and "2 of 2 played, 2 survived" in p and p)

    assert "held" in page


def two_failures() -> list[Any]:
    from storelab.scenarios.story import FAILURES, stories

    return [story for story in map(read, stories(FAILURES)) if not story.needs][:2]


def test_two_rounds_do_not_run_at_once() -> None:
    rounds = Rounds(lambda: LabClient("http://127.0.0.1:9"), failures=Round(of=2))

    with pytest.raises(Exception, match="already"):
        rounds.play_failures([])


def test_a_life_is_held_against_its_promise(console: Looking) -> None:
    assert "What may leave" in plain(console.page("/reports/disclosure/keycrm"))

    console.press("/reports/disclosure/keycrm/live")

    page = until(lambda: (p := plain(console.page("/reports/disclosure/keycrm"))) and "What was seen" in p and p)
    assert "All that left was promised" in page
