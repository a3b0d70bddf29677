"""Documents are parsed once for each content, on a machine where more than one content is read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from storelab.emulators.kernel import documents


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What was parsed, instead of being known."""
    texts: list[bytes] = []

    def parse(text: bytes) -> dict[str, Any]:
        texts.append(text)
        return {"text": text.decode()}

    monkeypatch.setattr(documents, "_parsed", parse)
    return texts


@pytest.fixture
def read(tmp_path: Path, parsed: list[bytes], monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    """`read("...")`: load a document of this content, with a cache of the test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("importlib.resources.files", lambda _: tmp_path)

    def loaded(content: str) -> str:
        (tmp_path / "acme.yaml").write_text(content)
        return str(documents.load_document("acme")["text"])

    return loaded


def test_two_checkouts_do_not_take_each_others_documents_away(read: Callable[[str], str], parsed: list[bytes]) -> None:
    contents = ["ours", "theirs"] * 3

    assert [read(content) for content in contents] == contents
    assert parsed == [b"ours", b"theirs"]


def test_documents_of_long_ago_are_not_kept(read: Callable[[str], str], parsed: list[bytes], tmp_path: Path) -> None:
    contents = [f"number: {number}" for number in range(documents.CONTENTS + 3)]

    for content in [*contents, contents[-1]]:
        read(content)

    assert len(parsed) == len(contents)
    assert len(list(tmp_path.rglob("acme-*.json"))) == documents.CONTENTS
