"""How alike two answers are, in four levels, each of which includes those before it.

1 the status; 2 what is told: code and message of an error, headers of paging, place and methods; 3 the shape: keys in
their order, types, lengths; 4 the values.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from .file import Answer

LEVELS = (1, 2, 3, 4)
TOLD = re.compile(r"(code|message|error|errors|error_description|data|detail|title|status)\b|$")
HEADERS = (
    "X-WP-Total", "X-WP-TotalPages", "X-Total-Count", "X-Total", "X-Total-Pages", "X-Page", "X-Per-Page", "Link",
    "Location", "Allow", "Retry-After", "X-RateLimit-Limit", "Content-Range", "WWW-Authenticate",
)  # fmt: skip

Same = Callable[[str, Any, Any], bool]


class Difference(NamedTuple):
    """`level`: the level that this keeps the answer from. `where` is a header's name or the way to a value."""

    level: int
    where: str
    recorded: Any
    ours: Any


def level(differences: list[Difference]) -> int:
    """0 nothing is alike, 4 everything is."""
    return min((d.level for d in differences), default=LEVELS[-1] + 1) - 1


@dataclass(frozen=True)
class Rules:
    """`same` decides about two values of one type in one place; `is_free` about places where anything may be;
    `is_set` about lists whose order is by chance: they are compared by `id`."""

    same: Same = lambda where, old, new: bool(old == new)
    is_free: Callable[[str], bool] = lambda where: False
    is_set: Callable[[str], bool] = lambda where: False
    headers: tuple[str, ...] = HEADERS


def compared(recorded: Answer, ours: Answer, rules: Rules) -> list[Difference]:
    """Where the status differs, nothing else is looked at."""
    if recorded.status != ours.status:
        return [Difference(1, "status", recorded.status or recorded.error, ours.status or ours.error)]
    failed = (ours.status or 0) >= 400
    found = list(headers_compared(dict(recorded.headers), dict(ours.headers), rules))
    if recorded.body.kind != ours.body.kind:
        kinds = (_kind(recorded), _kind(ours))
        return [*found, Difference(3, "body", *kinds)]
    for difference in values(recorded.body.value, ours.body.value, "", rules):
        told = failed and TOLD.match(difference.where)
        found.append(difference._replace(level=2) if told else difference)
    return found


def _kind(answer: Answer) -> str:
    return answer.body.kind if answer.body.there else "nothing"


def headers_compared(recorded: Mapping[str, str], ours: Mapping[str, str], rules: Rules) -> Iterator[Difference]:
    """Headers that clients read."""
    old, new = ({name.lower(): value for name, value in side.items()} for side in (recorded, ours))
    for name in rules.headers:
        one, other = old.get(name.lower()), new.get(name.lower())
        if (one is None) != (other is None) or (one is not None and not rules.same(f"header {name}", one, other)):
            yield Difference(2, f"header {name}", one, other)


def values(old: Any, new: Any, where: str, rules: Rules) -> Iterator[Difference]:
    """Differences of two JSON values, in shape and in value; `where` is `items[3].name`."""
    if rules.is_free(where):
        return
    if type(old) is not type(new):
        yield Difference(3, where, old, new)
    elif isinstance(old, dict):
        if list(old) != list(new):
            missing, more = [k for k in old if k not in new], [k for k in new if k not in old]
            yield Difference(3, where, missing or list(old), more or list(new))
        for key in (k for k in old if k in new):
            yield from values(old[key], new[key], f"{where}.{key}".lstrip("."), rules)
    elif isinstance(old, list):
        if len(old) != len(new):
            yield Difference(3, where, f"{len(old)} items", f"{len(new)} items")
        if rules.is_set(where) and all(isinstance(x, dict) and "id" in x for x in (*old, *new)):
            old, new = (sorted(items, key=lambda item: int(item["id"])) for items in (old, new))
        for at, (a, b) in enumerate(zip(old, new, strict=False)):
            yield from values(a, b, f"{where}[{at}]", rules)
    elif not rules.same(where, old, new):
        yield Difference(4, where, old, new)
