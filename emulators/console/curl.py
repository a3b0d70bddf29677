"""An exchange as a command line that can be pasted into a shell. Where a secret was, there is a variable."""

from __future__ import annotations

import re
import shlex
from typing import Any

from ..kernel.journal import MASK

_OWN = ("host", "content-length", "connection", "accept-encoding", "transfer-encoding", "user-agent")
_IN_QUERY = re.compile(r"([?&]([^=&#?]+)=)\*\*\*")
_IN_FORM = re.compile(r"((?:^|&)([^=&]+)=)\*\*\*")
_IN_JSON = re.compile(r'("([^"]+)"\s*:\s*")\*\*\*(?=")')


def curl(exchange: dict[str, Any]) -> str:
    """`exchange` as the journal shows it, masked."""
    url, body = _unmarked(exchange["url"]), _unmarked(exchange["request"]["body"])
    parts = [f"curl -i -X {exchange['method']} {_quoted(_IN_QUERY.sub(_variable, url))}"]
    for name, value in exchange["request"]["headers"]:
        if name.lower() not in _OWN:
            parts.append(f"-H {_quoted(f'{name}: {_unmarked(value) if value != MASK else _named(name)}')}")
    if body:
        pattern = _IN_JSON if body.lstrip()[:1] in ("{", "[") else _IN_FORM
        parts.append(f"--data-raw {_quoted(pattern.sub(_variable, body))}")
    return " \\\n  ".join(parts)


def _unmarked(text: str) -> str:
    """No command line holds a zero; here it would name a variable of whoever pastes it."""
    return text.replace("\0", "")


def _variable(match: re.Match[str]) -> str:
    return match[1] + _named(match[2])


def _named(name: str) -> str:
    """`Authorization` is ${AUTHORIZATION}; marked, so that quoting lets it through."""
    return f"\0{{{re.sub(r'[^A-Z0-9]+', '_', name.upper()).strip('_')}}}"


def _quoted(text: str) -> str:
    """One word for a shell, in which the marked names are variables."""
    pieces = re.split(r"(\0\{[A-Z0-9_]+\})", text)
    if len(pieces) == 1:
        return shlex.quote(text)
    return "".join(f'"${p[1:]}"' if p.startswith("\0") else shlex.quote(p) if p else "" for p in pieces)
