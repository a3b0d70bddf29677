"""Known failures are accepted with a reason, until a day."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from storelab.contracts.kit import BROKEN, KEPT, Difference
from storelab.emulators.kernel.errors import LabError
from storelab.verify import baseline
from storelab.verify.report import ACCEPTED, Check

from .made import a_check, a_report

TODAY = date(2026, 11, 30)
ID = "contract/keycrm/sync/a quantity of one SKU"


def entry(check: str = ID, *, until: date = TODAY, where: str = "") -> baseline.Entry:
    return baseline.Entry(check, "ticket 7", until, where)


def only(*entries: baseline.Entry, check: Check | None = None) -> tuple[str, tuple[str, ...]]:
    report = baseline.applied(a_report(check or a_check()), entries, TODAY)
    return report.checks[0].verdict, report.notes


@pytest.mark.parametrize(
    ("known", "verdict"),
    [
        (entry(), ACCEPTED),
        (entry("contract/keycrm/*"), ACCEPTED),
        (entry(where="status"), ACCEPTED),
        (entry(where="$.total"), BROKEN),
        (entry("contract/keycrm/sync/another"), BROKEN),
        (entry(until=date(2026, 11, 29)), BROKEN),
    ],
    ids=["named", "by a star", "at the place", "at another place", "another check", "over since yesterday"],
)
def test_what_is_known_is_accepted(known: baseline.Entry, verdict: str) -> None:
    assert only(known)[0] == verdict


def test_a_second_difference_beside_a_known_one_counts() -> None:
    two = a_check(differences=(Difference("status", "200"), Difference("$.total", "missing")))

    assert only(entry(where="status"), check=two)[0] == BROKEN
    assert only(entry(where="status"), entry(where="$.total"), check=two)[0] == ACCEPTED


def test_an_entry_that_is_over_is_told() -> None:
    assert only(entry(until=date(2026, 11, 29)))[1] == (f"was accepted until 2026-11-29, and counts again: {ID}",)


def test_an_entry_that_no_longer_fails_is_told() -> None:
    assert only(entry(), check=a_check(verdict=KEPT))[1] == (f"no longer fails, take it out of the baseline: {ID}",)


def test_an_entry_about_what_was_not_looked_at_is_not_told() -> None:
    assert only(entry("story/keycrm/sync/echo"))[1] == ()


def test_what_is_written_is_read_when_its_reasons_are_said(tmp_path: Path) -> None:
    file = tmp_path / "known.yaml"
    file.write_text(baseline.written(a_report(), TODAY))
    with pytest.raises(LabError, match="say in `reason` why"):
        baseline.read(file)

    file.write_text(file.read_text().replace(baseline.TO_SAY, "ticket 7"))

    assert baseline.read(file) == [baseline.Entry(ID, "ticket 7", date(2026, 12, 30))]


def test_toml_will_do_as_well(tmp_path: Path) -> None:
    file = tmp_path / "known.toml"
    file.write_text(f'[[accepted]]\ncheck = "{ID}"\nreason = "ticket 7"\nuntil = 2026-12-30\n')

    assert baseline.read(file) == [baseline.Entry(ID, "ticket 7", date(2026, 12, 30))]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("accepted: [{check: a, reason: b}]", "takes check, reason, until"),
        ("accepted: [{check: a, reason: b, until: soon}]", "is a day"),
        ("accepted: [{check: a, reason: '', until: 2026-12-30}]", "why a may fail"),
        ("accepted: 3", "a list under `accepted`"),
        ("[1", "cannot be read"),
    ],
)
def test_a_file_that_is_not_right_is_told_what_is_wanted(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "known.yaml"
    file.write_text(text)

    with pytest.raises(LabError, match=said):
        baseline.read(file)
