"""How requests are read: a text that is a number counts as one, and an empty text as nothing.

Scripts that the vendor's help centre and its users publish send an order as a form holds it, so prices and quantities
come as text, and KeyCRM takes them. Source: help.keycrm.app, "How to configure the order transfer script", read
2026-11-30. That an empty text is nothing (null, where null may be) is assumed: Laravel reads every request so.

More rows a page than the document allows are no error in the observed profile: public clients say that the number is
capped, and some ask for 100 and go on until a page is empty (read 2026-12-01).
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from ..kernel import Operation, Problem, Request, emulation, replace
from ..kernel.arguments import Refused, read as read_strictly
from .account import observed
from .errors import refusal

_KINDS = ("type", "anyOf")  # the latter where null may be as well
_NUMBER = re.compile(r"\s*[+-]?(\d{1,18}(\.\d{0,18})?|\.\d{1,18})\s*")


def read(request: Request, operation: Operation, path_params: Mapping[str, str]) -> dict[str, Any]:
    """What a handler gets. A body is looked at a second time only where the document refused texts in it."""
    try:
        try:
            return read_strictly(request, operation, path_params)
        except Refused as refused:
            if observed(emulation()) and all(_asks_for_much(problem) for problem in refused.problems):
                most = refused.problems[0].limit
                query = urlencode([(k, most if k == "limit" else v) for k, v in request.query])
                return read_strictly(replace(request, query_string=query), operation, path_params)
            texts = [p for p in refused.problems if p.where == "body" and p.rule in _KINDS and isinstance(p.value, str)]
            if not texts:
                raise
            return read_strictly(replace(request, body=retold(request.json, texts)), operation, path_params)
    except Refused as refused:
        raise refusal(refused.problems) from None


def _asks_for_much(problem: Problem) -> bool:
    return (problem.where, problem.path, problem.rule) == ("query", ("limit",), "maximum")


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
