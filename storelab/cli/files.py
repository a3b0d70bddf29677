"""Files that commands read and write: what is in the way is told in a sentence, and before the work is done."""

from __future__ import annotations

from pathlib import Path

from storelab.emulators.kernel.errors import LabError


def read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as bad:
        raise LabError(f"cannot read {file}: {bad.strerror or bad}") from None


def write(file: Path, content: str | bytes) -> None:
    """Text is written as UTF-8."""
    try:
        file.write_bytes(content.encode() if isinstance(content, str) else content)
    except OSError as bad:
        raise LabError(f"cannot write {file}: {bad.strerror or bad}") from None


def writable(*files: Path | None) -> None:
    """Asked before something that takes long: a report that nobody can write down would come too late."""
    for file in files:
        if file is None:
            continue
        there = file.exists()
        try:
            with file.open("ab"):
                pass
            if not there:
                file.unlink()
        except OSError as bad:
            raise LabError(f"cannot write {file}: {bad.strerror or bad}. Choose a place you may write to.") from None
