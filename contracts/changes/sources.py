"""Where the old and the new one are: files, folders, or what git had of them (`main:openapi/keycrm.yaml`)."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from storelab.emulators.kernel.errors import LabError

PACT, OPENAPI = "pact", "openapi"
MOST_VALUES = 5_000_000


@dataclass(frozen=True)
class Document:
    name: str  # of the file
    kind: str
    content: Mapping[str, Any]


def read(place: str) -> dict[str, Document]:
    """The contracts and OpenAPI documents of a place: a pact by whom it is between, a document by its file's name, and
    one that is alone by "". Errors: nothing is there, or nothing of these kinds."""
    found = [d for name, text in _texts(place) if (d := _document(name, text))]
    if not found:
        raise LabError(f"there is neither a pact nor an OpenAPI document in {place}")
    if len(found) == 1:
        return {"": found[0]}
    return {_key(document): document for document in found}


def _key(document: Document) -> str:
    if document.kind == PACT:
        return f"{document.content['consumer']['name']} with {document.content['provider']['name']}"
    return PurePosixPath(document.name).stem


def _texts(place: str) -> Iterable[tuple[str, str]]:
    path = Path(place)
    try:
        if path.is_dir():
            return [(file.name, file.read_text("utf-8")) for file in sorted(path.iterdir()) if _is_one(file.name)]
        if path.is_file():
            return [(path.name, path.read_text("utf-8"))]
    except (OSError, UnicodeDecodeError) as bad:
        raise LabError(f"cannot read {place}: {bad}") from None
    revision, colon, inside = place.partition(":")
    if not colon or not inside:
        raise LabError(
            f"there is no file or folder {place}; of an older state write REVISION:PATH, like main:contracts/pacts"
        )
    names = _git("ls-tree", "--name-only", revision, inside.rstrip("/") or ".").splitlines()
    if names == [inside.rstrip("/")] and not _is_one(inside):
        names = _git("ls-tree", "--name-only", revision, f"{inside.rstrip('/')}/").splitlines()
    if not names:
        raise LabError(f"{revision} has no {inside}")
    return [(PurePosixPath(name).name, _git("show", f"{revision}:./{name}")) for name in names if _is_one(name)]


def _is_one(name: str) -> bool:
    return name.endswith((".json", ".yaml", ".yml"))


def _git(*arguments: str) -> str:
    git = shutil.which("git")
    if git is None:
        raise LabError("an older state is read with git, which is not here")
    if any(argument.startswith("-") for argument in arguments[2:]):
        raise LabError("a revision does not begin with a dash")
    run = subprocess.run([git, *arguments], capture_output=True, text=True, timeout=60, check=False)
    if run.returncode:
        raise LabError(f"git: {run.stderr.strip()}")
    return run.stdout


def _values(content: Any, known: dict[int, float]) -> float:
    """How many there are when all aliases are written out; without end when one is within itself."""
    if not isinstance(content, dict | list):
        return 1
    if id(content) not in known:
        known[id(content)] = float("inf")  # until all that is in it has been counted
        children = content.values() if isinstance(content, dict) else content
        known[id(content)] = 1 + sum(_values(child, known) for child in children)
    return known[id(content)]


def _document(name: str, text: str) -> Document | None:
    try:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        content = json.loads(text) if name.endswith(".json") else yaml.load(text, loader)
        if _values(content, {}) > MOST_VALUES:
            raise ValueError(f"with its aliases written out it holds more than {MOST_VALUES} values")
    except (ValueError, yaml.YAMLError, RecursionError) as bad:
        raise LabError(f"{name} cannot be read: {str(bad).splitlines()[0]}") from None
    if not isinstance(content, dict):
        return None
    if str(content.get("openapi", "")).startswith("3.") and isinstance(content.get("paths", {}), dict):
        return Document(name, OPENAPI, content)
    if isinstance(content.get("interactions"), list) and {"consumer", "provider"} <= content.keys():
        version = str(content.get("metadata", {}).get("pactSpecification", {}).get("version", ""))
        if not version.startswith("4"):
            raise LabError(f"{name} is a pact of specification {version or 'unknown'}; 4 is read here")
        return Document(name, PACT, content)
    return None
