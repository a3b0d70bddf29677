"""Compares what was wanted with what was found, and says what is different in words that help."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from storelab.emulators.kernel.spelling import nearest

ABSENT = "absent"
_NOTHING = object()


@dataclass(frozen=True)
class Miss:
    """One thing that is not as it should be. `place` is within the `expect`; `words` are what to look for in the
    exchanges that may explain it (SKUs, mostly)."""

    place: tuple[str | int, ...]
    message: str
    wanted: Any = None
    found: Any = None
    words: tuple[str, ...] = ()
    exchanges: tuple[int, ...] = field(default=())


def misses(wanted: Any, found: Any, place: tuple[str | int, ...], name: str) -> Iterator[Miss]:
    """What is named must be as it is wanted, what is not named may be anything; `{}` and `[]` want nothing at all,
    `absent` wants that there is no such thing. `name` says in words what is compared."""
    if isinstance(wanted, Mapping) and isinstance(found, Mapping):
        yield from _mapping_misses(wanted, found, place, name)
    elif isinstance(wanted, list) and isinstance(found, list):
        if len(wanted) != len(found):
            counts = f"{len(found)} in number, wanted {len(wanted)}"
            yield Miss(place, f"{name} are {counts}: {brief(found)}", wanted, found)
            return
        for n, (one, other) in enumerate(zip(wanted, found, strict=True)):
            yield from misses(one, other, (*place, n), f"{name}[{n}]")
    elif not _equal(wanted, found):
        yield Miss(place, f"{name} is {brief(found)}, wanted {brief(wanted)}{_hint(wanted, found)}", wanted, found)


def _mapping_misses(
    wanted: Mapping[str, Any], found: Mapping[str, Any], place: tuple[str | int, ...], name: str
) -> Iterator[Miss]:
    if not wanted and found:
        yield Miss(place, f"{name} is {brief(found)}, wanted nothing", wanted, found, tuple(map(str, found)))
    texts = {str(key): value for key, value in found.items()}
    for key, value in wanted.items():
        there = texts.get(str(key), _NOTHING)
        if value == ABSENT:
            if there is not _NOTHING:
                said = f"{_of(name, key)} is {brief(there)}, wanted none"
                yield Miss((*place, key), said, ABSENT, there, (key,))
        elif there is _NOTHING:
            said = f"{_of(name, key)} is not there, wanted {brief(value)}{_alike(key, texts)}"
            yield Miss((*place, key), said, value, None, (key,))
        else:
            for miss in misses(value, there, (*place, key), _of(name, key)):
                yield Miss(miss.place, miss.message, miss.wanted, miss.found, miss.words or (key,))


def _of(name: str, key: str) -> str:
    return f"{name} {key}"


def _alike(key: str, texts: Iterable[str]) -> str:
    known = list(texts)
    if close := nearest(key, known):
        return f"; the nearest is {close}"
    return f"; there are {brief(known)}" if known else "; there is nothing"


def _equal(wanted: Any, found: Any) -> bool:
    if isinstance(wanted, bool) or isinstance(found, bool):
        return wanted is found
    if wanted == ABSENT:
        return found is None
    return bool(wanted == found)


def _hint(wanted: Any, found: Any) -> str:
    """What is the same but for its type or its case."""
    if isinstance(wanted, str) is not isinstance(found, str) and str(wanted) == str(found):
        kinds = ("a text", "a number") if isinstance(found, str) else ("a number", "a text")
        return f" (it is {kinds[0]}, wanted {kinds[1]})"
    if isinstance(wanted, str) and isinstance(found, str) and wanted.casefold() == found.casefold():
        return " (the same but for capitals)"
    return ""


def brief(value: Any, *, most: int = 120) -> str:
    """A value on one line, not too long."""
    if isinstance(value, str):
        text = repr(value) if not value or " " in value else value
    elif value is None:
        text = "nothing"
    elif isinstance(value, Mapping):
        text = ", ".join(f"{k}: {brief(v)}" for k, v in value.items()) or "nothing"
        text = f"{{{text}}}" if value else text
    elif isinstance(value, list | tuple | set):
        text = ", ".join(brief(v) for v in value) or "nothing"
    elif isinstance(value, float) and value.is_integer():
        text = str(int(value))
    else:
        text = str(value)
    return text if len(text) <= most else text[: most - 1] + "…"
