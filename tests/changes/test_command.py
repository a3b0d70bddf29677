"""`storelab contracts diff`: files, folders and revisions, and what it ends with."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from storelab.cli import main

from .test_openapi import document
from .test_pacts import pact

META = {"metadata": {"pactSpecification": {"version": "4.0"}}}


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr("sys.argv", ["storelab", "contracts", "diff", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


def written(folder: Path, name: str, content: dict[str, Any]) -> str:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(json.dumps(content))
    return str(folder / name)


def test_an_older_state_of_a_folder_is_read_from_git(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    written(tmp_path / "pacts", "shop-acme.json", {**pact(), **META})
    written(tmp_path / "pacts", "x.json", {**pact(), **META, "consumer": {"name": "till"}})
    for command in (["init", "-q"], ["add", "."], ["-c", "user.name=x", "-c", "user.email=x@x", "commit", "-qm", "x"]):
        subprocess.run(["git", *command], check=True)
    written(tmp_path / "pacts", "shop-acme.json", {**pact(status=201), **META})

    code = run(monkeypatch, "HEAD:pacts", "pacts", "--json")
    told = json.loads(capsys.readouterr().out)

    assert (code, told["breaking"]) == (1, 1)
    assert told["changes"][0]["where"] == "shop with acme: a page"
    assert run(monkeypatch, "HEAD:pacts/x.json", "pacts/x.json") == 0


def test_contracts_say_whom_a_document_breaks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    old = written(tmp_path / "a", "acme.json", document(path="/stock"))
    new = written(tmp_path / "b", "acme.json", {"openapi": "3.0.3", "paths": {}})
    written(tmp_path / "pacts", "shop-acme.json", {**pact(), **META})

    assert run(monkeypatch, old, new) == 1
    assert run(monkeypatch, old, new, "--pacts", str(tmp_path / "pacts")) == 0  # it reads with GET, this was PUT
    assert run(monkeypatch, old, old) == 0
    assert "nothing has changed" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["none.json", "acme.json"], "there is no file or folder none.json"),
        (["acme.json", "pact.json"], "these cannot be compared"),
        (["broken.json", "acme.json"], "broken.json cannot be read"),
        (["aliases.yaml", "aliases.yaml"], "written out it holds more than"),
        (["itself.yaml", "itself.yaml"], "written out it holds more than"),
        (["old.json", "pact.json"], "specification 2.0.0; 4 is read here"),
        (["--", "x:--output=/tmp/x", "acme.json"], "does not begin with a dash"),
    ],
)
def test_what_cannot_be_compared_is_told(
    arguments: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    written(tmp_path, "acme.json", document())
    written(tmp_path, "pact.json", {**pact(), **META})
    written(tmp_path, "old.json", {**pact(), "metadata": {"pactSpecification": {"version": "2.0.0"}}})
    (tmp_path / "broken.json").write_text("{")
    (tmp_path / "itself.yaml").write_text("openapi: 3.0.3\npaths: &a {/x: *a}\n")
    doubled = "".join(f"x{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 30))
    (tmp_path / "aliases.yaml").write_text(f"openapi: 3.0.3\npaths: {{}}\nx0: &a0 [x, x]\n{doubled}")

    assert run(monkeypatch, *arguments) == 2
    assert said in capsys.readouterr().err
