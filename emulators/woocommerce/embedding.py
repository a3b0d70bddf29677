"""`_embed`: what links lead to is put into the answer, where the link says that it may be."""

from __future__ import annotations

import inspect
from collections.abc import Collection
from typing import Any
from urllib.parse import urlsplit

from ..kernel import ApiError, Emulation, Operation, Reply, Request
from . import params as parameters, php
from .errors import WooError

_ALL = ("", "1", "true")


def embedded(here: Emulation, operation: Operation, body: Any, asked: Any) -> Any:
    """The answer with `_embedded` in every object that has something to embed. `asked`: names of links, or all."""
    words = None if isinstance(asked, str) and asked in _ALL else {php.text(word) for word in php.words(asked)}
    if isinstance(body, list):
        return [_with(here, operation, item, words) for item in body]
    return _with(here, operation, body, words)


def _with(here: Emulation, operation: Operation, item: Any, words: Collection[str] | None) -> Any:
    links = item.get("_links") if isinstance(item, dict) else None
    if not isinstance(links, dict):
        return item
    found = {
        relation: [_followed(here, operation, link["href"]) if link.get("embeddable") else {} for link in targets]
        for relation, targets in links.items()
        if (words is None or relation in words) and any(link.get("embeddable") for link in targets)
    }
    return {**item, "_embedded": found} if found else item


def _followed(here: Emulation, operation: Operation, href: str) -> Any:
    """What GET answers there, or its refusal."""
    path = urlsplit(href).path.removeprefix(urlsplit(here.root).path)
    match = operation.document.match("GET", path)
    if match.operation is None or match.operation.handler is None:
        return {}
    request = Request("GET", path, here.root)
    try:
        answer = match.operation.handler(**parameters.read(request, match.operation, match.path_params))
    except ApiError as refused:
        return refused.body if isinstance(refused, WooError) else {}
    if inspect.iscoroutine(answer):
        answer.close()
        return {}
    return answer.body if isinstance(answer, Reply) else answer
