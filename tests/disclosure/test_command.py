"""`storelab disclosure`, as it is typed. What its page shows is run with all pages."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from storelab.disclosure.table import HOME, read
from storelab.emulators.kernel.errors import LabError
from storelab.sandbox import Sandbox


def typed(sandbox: Sandbox, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "storelab.cli", *words, "--url", sandbox.url]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def test_the_evidence_is_printed_and_the_exit_code_is_good(sandbox: Sandbox) -> None:
    ran = typed(sandbox, "disclosure", "keycrm")

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "keycrm: held, 10 exchanges left the store" in ran.stdout


def test_a_promise_that_is_too_narrow_is_broken_with_the_exchange_that_shows_it(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    narrow, page = tmp_path / "keycrm.yaml", tmp_path / "page.html"
    narrow.write_text((HOME / "keycrm.yaml").read_text(encoding="utf-8").replace(", stocks.quantity]", "]"))

    ran = typed(sandbox, "disclosure", "--table", str(narrow), "--json", "--html", str(page))

    (told,) = json.loads(ran.stdout)
    assert ran.returncode == 1
    assert not told["held"]
    assert [(b["what"], b["call"]) for b in told["breaches"]] == [("field", "stocks.set_levels")]
    assert f"#{told['breaches'][0]['number']}" in page.read_text(encoding="utf-8")
    readme = typed(sandbox, "disclosure", "--table", str(narrow), "--readme")
    assert (readme.returncode, readme.stdout) == (1, "")
    assert "stocks.quantity" in readme.stderr


def test_a_backend_that_nobody_has_disclosed_cannot_be_run(sandbox: Sandbox) -> None:
    ran = typed(sandbox, "disclosure", "golista")

    assert ran.returncode == 2
    assert "Did you mean 'golisto'?" in ran.stderr


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("when: [at connect]", "when: [at conect]", "there is no phase 'at conect'. Did you mean 'at connect'?"),
        ("    why: to check", "    wy: to check", "a disclosure has no 'wy'. Did you mean 'why'?"),
        ("service: KeyCRM\n", "", "a disclosure needs 'service'"),
        ("  - request: users", "  - reqest: users", "a disclosure has no 'reqest'. Did you mean 'request'?"),
    ],
)
def test_a_table_that_is_not_written_right_is_pointed_at(tmp_path: Path, before: str, after: str, says: str) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text((HOME / "keycrm.yaml").read_text(encoding="utf-8").replace(before, after, 1), encoding="utf-8")

    with pytest.raises(LabError, match=re.escape(says)) as refused:
        read(file)

    assert re.search(r"mine\.yaml:\d+: ", refused.value.message)
