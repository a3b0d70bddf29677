"""A recording is read from a file that anybody may have written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from storelab.emulators.kernel.errors import LabError
from storelab.recording.file import Answer, Body, Call, Writer, read

HEAD = json.dumps({"recording": 1, "upstream": "http://127.0.0.1", "masked": True})
CALL = Call(1, "2026-11-21T00:00:00+00:00", "GET", "/x", (), Body(), Answer(200, (), Body("text", "a\u2028b\x85c")))


def test_a_text_may_hold_what_elsewhere_ends_a_line(tmp_path: Path) -> None:
    writer = Writer(tmp_path / "own.jsonl", "http://127.0.0.1", masked=True)
    writer.add(CALL, ())
    writer.close()

    assert read(tmp_path / "own.jsonl").calls == (CALL,)


def line(**other: Any) -> str:
    return json.dumps(CALL.as_json() | other)


@pytest.mark.parametrize(
    "text",
    [
        '{"recording": 1}',
        '{"a":' * 50_000,
        HEAD + "\n" + "[" * 50_000,
        HEAD + "\n" + line(target=5),
        HEAD + "\n" + line(method=None),
        HEAD + "\n" + line(answer={"status": "200", "headers": [], "body": {}}),
    ],
    ids=["no upstream", "deep head", "deep line", "target", "method", "status"],
)
def test_what_is_no_recording_is_told(tmp_path: Path, text: str) -> None:
    path = tmp_path / "other.jsonl"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(LabError, match=r"other\.jsonl"):
        read(path)
