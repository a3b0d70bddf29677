"""Many tests run by one pytest, and what is said of each."""

from __future__ import annotations

from pathlib import Path

import pytest

from storelab import named_tests

GOOD = """
import pytest
def test_passes(): pass
def test_passes_too(): pass
def test_fails(): assert 1 == 2
def test_is_skipped(): pytest.skip("not here")
@pytest.mark.parametrize("n", [1, 2])
def test_one_of_two(n): assert n == 1
@pytest.mark.parametrize("n", [1, 2])
def test_both(n): pass
@pytest.fixture
def broken(): raise OSError("no such thing")
def test_cannot_begin(broken): pass
@pytest.mark.xfail
def test_is_expected_to_fail(): assert False
"""


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, named_tests.Outcome], list[str]]:
    root = tmp_path_factory.mktemp("project")
    (root / "pytest.ini").write_text("[pytest]\n")  # a project of its own, wherever the folder is
    (root / "test_good.py").write_text(GOOD)
    (root / "test_whole.py").write_text("def test_a(): pass\ndef test_b(): pass\n")
    (root / "test_half.py").write_text("def test_a(): pass\ndef test_b(): assert 0\n")
    (root / "test_bad.py").write_text("import nothing_of_this_name\ndef test_it(): pass\n")
    told: list[str] = []
    names = [
        f"test_good.py::{line.split()[1].split('(')[0]}" for line in GOOD.splitlines() if line.startswith("def test_")
    ]
    names.remove("test_good.py::test_passes_too")
    names += ["test_whole.py", "test_half.py", "test_bad.py::test_it", "test_good.py::test_pass", "test_nowhere.py"]
    return named_tests.run(names, tell=told.append, root=root), told


@pytest.mark.parametrize(
    ("name", "held", "why"),
    [
        ("test_good.py::test_passes", True, ""),
        ("test_good.py::test_both", True, ""),
        ("test_good.py::test_fails", False, "test_good.py::test_fails: failed: assert 1 == 2"),
        ("test_good.py::test_is_skipped", False, "skipped"),
        ("test_good.py::test_one_of_two", False, "test_good.py::test_one_of_two[2]: failed"),
        ("test_good.py::test_cannot_begin", False, "no such thing"),
        ("test_good.py::test_is_expected_to_fail", False, "skipped"),
        ("test_whole.py", True, ""),
        ("test_half.py", False, "test_half.py::test_b: failed"),
        ("test_bad.py::test_it", False, "nothing_of_this_name"),
        ("test_good.py::test_pass", False, "test_good.py::test_pass is not there"),
        ("test_nowhere.py", False, "test_nowhere.py is not there"),
    ],
)
def test_each_name_has_its_own_outcome(
    outcomes: tuple[dict[str, named_tests.Outcome], list[str]], name: str, held: bool, why: str
) -> None:
    outcome = outcomes[0][name]

    assert outcome.held is held
    assert why in outcome.why


def test_every_test_is_told_when_it_is_over_and_no_other_runs(
    outcomes: tuple[dict[str, named_tests.Outcome], list[str]],
) -> None:
    told = outcomes[1]

    assert any(line.startswith("test_good.py::test_both[2] PASSED") for line in told)
    assert not any("test_passes_too" in line for line in told)
    assert len(told) == 13


def test_nothing_wanted_runs_nothing(tmp_path: Path) -> None:
    assert named_tests.run([], root=tmp_path) == {}
