"""The OpenAPI documents, read fast: YAML once for each content, JSON from then on.

Parsing YAML was a fifth of what a sandbox needs to start. What was parsed is kept as JSON in the user's cache folder
under a name made of its content, so that it is never out of date and may be deleted at any time.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.resources
import os
from pathlib import Path
from typing import Any

import orjson

CONTENTS = 8  # of one document are kept


def load_document(name: str) -> dict[str, Any]:
    """`openapi/<name>.yaml` as values."""
    text = importlib.resources.files("storelab.openapi").joinpath(f"{name}.yaml").read_bytes()
    kept = _folder() / f"{name}-{hashlib.sha256(text).hexdigest()[:24]}.json"
    try:
        known: dict[str, Any] = orjson.loads(kept.read_bytes())
        return known
    except (OSError, ValueError):
        parsed = _parsed(text)
        _keep(kept, name, parsed)
        return parsed


def _folder() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "storelab" / "openapi"


def _parsed(text: bytes) -> dict[str, Any]:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    loaded: dict[str, Any] = yaml.load(text, Loader=loader)  # noqa: S506 (a safe loader, in C)
    return loaded


def _keep(kept: Path, name: str, parsed: dict[str, Any]) -> None:
    """For the next start. Some older contents stay: another checkout or version on this machine may read them. Where it
    cannot be kept, nothing is lost."""
    with contextlib.suppress(OSError, TypeError):
        kept.parent.mkdir(parents=True, exist_ok=True)
        part = kept.with_suffix(f".{os.getpid()}.part")
        part.write_bytes(orjson.dumps(parsed))
        part.replace(kept)
        known = sorted(kept.parent.glob(f"{name}-*.json"), key=lambda path: path.stat().st_mtime_ns)
        for old in known[:-CONTENTS]:
            old.unlink(missing_ok=True)
