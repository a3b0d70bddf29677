"""How bodies are read: a text that is a number counts as one, and an empty text as nothing.

Scripts that the vendor's help centre and its users publish send an order as a form holds it, so prices and quantities
come as text, and KeyCRM takes them. Source: help.keycrm.app, "How to configure the order transfer script", read
2026-11-30. That an empty text is nothing (null, where null may be) is assumed: Laravel reads every request so.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Mapping
from typing import Any

from ..kernel import Operation, Problem, Request, replace
from ..kernel.arguments import Refused, read as read_strictly
from .errors import refusal

_KINDS = ("type", "anyOf")  # the latter where null may be as well
_NUMBER = re.compile(r"\s*[+-]?(\d{1,18}(\.\d{0,18})?|\.\d{1,18})\s*")


def read(request: Request, operation: Operation, path_params: Mapping[str, str]) -> dict[str, Any]:
    """What a handler gets. A body is looked at a second time only where the document refused texts in it."""
    try:
        try:
            return read_strictly(request, operation, path_params)
        except Refused as refused:
            texts = [p for p in refused.problems if p.where == "body" and p.rule in _KINDS and isinstance(p.value, str)]
            if not texts:
                raise
            return read_strictly(replace(request, body=retold(request.json, texts)), operation, path_params)
    except Refused as refused:
        raise refusal(refused.problems) from None


def retold(body: Any, refused: list[Problem]) -> bytes:
    """The body with the refused texts as what they stand for."""
    told = {"": copy.deepcopy(body)}
    for problem in refused:
        *way, last = ("", *problem.path)
        place: Any = told
        for step in way:
            place = place[step]
        place[last] = meant(problem.value)
    return json.dumps(told[""]).encode()


def meant(text: str) -> Any:
    """7 for "7", 9.5 for "9.5", None for ""; other texts as they are."""
    if not text:
        return None
    if _NUMBER.fullmatch(text) is None:
        return text
    return int(text) if text.strip().lstrip("+-").isdigit() else float(text)
