"""What is shown may come from anybody who was recorded: a terminal obeys none of it."""

from __future__ import annotations

import json
import sys

import pytest

from storelab.cli import main, show
from storelab.emulators.kernel.errors import LabError

SENT = "\x1b[2J\x1b]0;owned\x07\x9b31m\u202eMUG[red]"
SHOWN = r"\u001b[2J\u001b]0;owned\u0007\u009b31m\u202eMUG[red]"


def test_a_line_a_table_and_json_hold_nothing_that_a_terminal_obeys(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)

    show.say(SENT)
    show.table(SENT, [SENT], [[SENT]])
    table = capsys.readouterr().out
    show.as_json({"sent": SENT})
    document = capsys.readouterr().out

    assert table.count(SHOWN) == 4
    assert not {"\x07", "\x9b", "\u202e"} & set(table + document)
    assert "\x1b[2J" not in table
    assert json.loads(document) == {"sent": SENT}


def test_a_refusal_holds_none_either(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def refused() -> None:
        raise LabError(SENT)

    monkeypatch.setattr("storelab.cli._asked", lambda arguments: refused)

    with pytest.raises(SystemExit):
        main()

    assert capsys.readouterr().err == f"storelab: {SHOWN}\n"
