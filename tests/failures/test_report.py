"""The command, what it prints, and what its page shows."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from storelab import failures
from storelab.cli import failures as command
from storelab.emulators.kernel.errors import LabError
from storelab.failure_page import page
from storelab.failures import Verdict

from ..scenarios import tiny

HELD = Verdict("F12", "Buttons do something", "keycrm", "https://reports.example/12", "They must not.", True, 0.25)
BROKEN = Verdict(
    "F20",
    "Nothing is sent <again>",
    "keycrm",
    "https://reports.example/20",
    "A look finds it.",
    False,
    1.5,
    "failures/F20.yaml:22: expect shelf MUG: 3",
    ("on the store's shelf MUG is 10, wanted 3",),
    ("#9 keycrm -> POST /hooks/stock?token=*** no answer",),
    ("shelf MUG: 10", "expect shelf MUG: 3"),
)


def test_the_page_needs_nothing_else_and_explains_what_broke() -> None:
    shown = page([HELD, BROKEN], "mine", datetime(2026, 11, 2, 9, tzinfo=UTC), 1.75)

    assert "src=" not in shown
    assert "<link" not in shown
    assert "1 held" in shown
    assert "1 broken" in shown
    assert "Nothing is sent &lt;again&gt;" in shown
    for told in (BROKEN.where, BROKEN.report, "token=***", "A look finds it.", "MUG is 10, wanted 3"):
        assert told.replace("'", "&#39;") in shown


def test_it_prints_a_table_and_the_proof(capsys: pytest.CaptureFixture[str]) -> None:
    deaf = [replace(HELD, id=id_, held=None, why=("no webhook was ever sent",)) for id_ in ("F27", "F28")]

    command._tell([HELD, BROKEN, *deaf], 1.75)

    said = capsys.readouterr().out
    assert "not played F27, F28: no webhook was ever sent" in said
    assert "failures/F20.yaml:22: expect shelf MUG: 3" in said
    assert "#9 keycrm -> POST /hooks/stock?token=*** no answer" in said
    assert "1 held, 1 broken, 2 not played in 1.8 s" in said


def test_some_are_chosen_by_their_ids_and_an_unknown_one_is_refused() -> None:
    assert [story.path.stem for story in failures.catalogue(["f12", "F03"])] == ["F03", "F12"]
    with pytest.raises(LabError, match="no failure 'F99'"):
        failures.catalogue(["F99"])


def test_the_command_writes_json_and_a_page_and_says_by_its_exit_code_whether_all_held(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with tiny.running("dead") as connector, pytest.raises(SystemExit) as ended:
        command.failures(["F12", "F20"], connector.url, html=tmp_path / "report.html", json_=True)

    verdicts = json.loads(capsys.readouterr().out)
    assert ended.value.code == 1
    assert [(v["id"], v["held"]) for v in verdicts] == [("F12", False), ("F20", False)]
    assert {"id", "title", "held", "seconds", "report"} <= verdicts[0].keys()
    assert verdicts[1]["why"]
    assert connector.url in (tmp_path / "report.html").read_text()


def test_a_failure_that_is_told_with_a_backend_that_the_connector_does_not_know_is_not_played(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(failures, "known_backends", lambda connector: ["keycrm"])

    [verdict] = failures.played(failures.catalogue(["F21"]), "http://127.0.0.1:9")

    assert verdict.held is None
    assert verdict.why == ("this connector does not know sors",)


def test_nobody_there_is_told_at_once() -> None:
    with pytest.raises(LabError, match="no connector answers"):
        list(failures.played(failures.catalogue(["F12"]), "http://127.0.0.1:9"))


def test_a_connector_that_cannot_set_the_scene_sees_what_crossed_and_that_the_failure_was_not_reached() -> None:
    with tiny.running("locked") as connector:
        [verdict] = failures.played(failures.catalogue(["F20"]), connector.url, at_once=1)

    assert verdict.held is False
    assert verdict.where == "failures/F20.yaml:11: sync until idle"
    assert verdict.why == ("was refused: the store answered 401", failures.BEFORE)
    assert [line.split()[2:4] for line in verdict.proof][-1] == ["woocommerce", "GET"]
    assert "401" in verdict.proof[-1]


def test_what_only_webhooks_can_bring_about_is_not_held_against_a_connector_without_any() -> None:
    with tiny.running("unhooked") as connector:
        counted, mixed = failures.played(failures.catalogue(["F20", "F27"]), connector.url, at_once=1)

    assert (counted.held, counted.why) == (None, (failures.UNHOOKED,))
    assert mixed.held is False  # it also never looked
    assert any(said.startswith("on the store's shelf") for said in mixed.why)
