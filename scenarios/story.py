"""A story: what it is, where stories are found, and what is said of one that is not written right.

Eight words: `state shelf connect sync move fault wait expect`. A story that needs a loop, a condition or a ninth
word is a Python test.
"""

from __future__ import annotations

import importlib.resources
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

from storelab.emulators.kernel.spelling import nearest, unknown

from .source import BadStory, Place, Source, load

WORDS = ("state", "shelf", "connect", "sync", "move", "fault", "wait", "expect")
STORE = "woocommerce"
FAILURES = "failures"  # the folder of failures that were reported from the field
DATA = ("orders", "products", "stock", "prices", "images", "contacts", "checkouts", "shipments", "documents")
WAYS = ("in", "out")  # from the backend to the store, and from the store to the backend
HOME = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Step:
    """One word and what it says. `place` leads to it in the file; `given`: it sets the scene."""

    word: str
    value: Any
    place: Place
    line: int
    given: bool = False

    def text(self) -> str:
        """The step as somebody would say it, on one line."""
        shown = _said(self.value)
        return f"{self.word} {shown}".strip()


@dataclass(frozen=True)
class Story:
    title: str
    backend: str
    steps: tuple[Step, ...]
    source: Source
    about: str = ""
    report: str = ""
    shows: tuple[str, ...] = ()
    needs: str = ""  # "https": it is told on a sandbox that speaks https
    carries: tuple[tuple[str, str], ...] = ()  # data and its way: ("stock", "in") is from the backend to the store

    @property
    def path(self) -> Path:
        return self.source.path

    @property
    def name(self) -> str:
        """`keycrm/echo` for the file scenarios/keycrm/echo.yaml, and the file's own name for one elsewhere."""
        path = self.path.resolve()
        inside = path.relative_to(HOME) if path.is_relative_to(HOME) else Path(path.name)
        return inside.with_suffix("").as_posix()


def stories(backend: str = "", home: Path = HOME) -> list[Path]:
    """The files of all stories there are, or of one backend's, in their order. Those of failures that were reported
    from the field are played by themselves (`storelab failures`)."""
    found = (p for p in home.glob(f"{backend or '*'}/**/*.yaml") if not p.name.startswith("."))
    return sorted(p for p in found if backend == FAILURES or p.relative_to(home).parts[0] != FAILURES)


def found(name: str) -> list[Path]:
    """The stories that somebody means who writes a path, a folder, `keycrm`, or `keycrm/echo`."""
    for path in (Path(name), HOME / name, HOME / f"{name}.yaml"):
        if path.is_file():
            return [path]
        if path.is_dir() and (inside := sorted(path.rglob("*.yaml"))):
            return inside
    every = [p.relative_to(HOME).with_suffix("").as_posix() for p in stories()]
    close = nearest(name, every)
    folder = [other for other in every if other.split("/")[0] == name.split("/")[0]]
    folders = sorted({other.split("/")[0] for other in every})
    raise BadStory(unknown("there is no story", name, [close] if close else folder or folders))


def read(path: Path | str) -> Story:
    """The story in this file; `BadStory` with the first thing that is wrong with it."""
    source = load(Path(path))
    for place, message in _complaints(source):
        raise source.bad(place, message)
    value = source.value
    steps = [*_steps(source, "given", given=True), *_steps(source, "steps", given=False)]
    return Story(
        title=value["title"],
        backend=value["backend"],
        steps=tuple(steps),
        source=source,
        about=value.get("about", ""),
        report=value.get("report", ""),
        shows=tuple(value.get("shows", ())),
        needs=value.get("needs", ""),
        carries=tuple((kind, way) for kind, way in map(str.split, value.get("carries", ()))),
    )


def _steps(source: Source, section: str, *, given: bool) -> Iterator[Step]:
    for n, entry in enumerate(source.value.get(section) or []):
        (word, value), *_ = entry.items()
        place = (section, n, word)
        yield Step(word, value, place, source.line(place), given)


@cache
def schema() -> dict[str, Any]:
    """The shape of a story as JSON Schema: editors can use it too."""
    text = importlib.resources.files(__package__).joinpath("words.schema.json").read_text()
    loaded: dict[str, Any] = json.loads(text)
    return loaded


@cache
def _validator() -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(schema())


def _complaints(source: Source) -> list[tuple[Place, str]]:
    """Where the file departs from the shape, the first place first. A word that nobody knows is told before
    whatever follows from it."""
    try:
        errors = list(_validator().iter_errors(source.value))
    except ValueError as bad:
        return [((), str(bad))]
    told = [_complaint(source, error) for error in errors]
    told.sort(key=lambda one: (one[2], source.line(one[0])))
    return [(place, message) for place, message, _ in told]


def _complaint(source: Source, error: Any) -> tuple[Place, str, int]:
    place: Place = tuple(error.instance_path)
    kind, rule = error.kind, error.kind.name
    around = _schema_at(error.schema_path)
    if rule == "additionalProperties":
        word = kind.unexpected[0]
        return (*place, word), unknown(_nobody_knows(place), word, around.get("properties", {})), 0
    where = _where(place)
    if rule == "required":
        return place, f"{where} has no {kind.property!r}. It needs: {', '.join(around['required'])}.", 1
    if rule == "maxProperties":
        words = ", ".join(_at(source.value, place))
        return place, f"one step has one word, here are several: {words}. Begin each with a dash.", 2
    if rule == "enum":
        value = _at(source.value, place)
        return place, unknown(f"{where} cannot be", str(value), [str(o) for o in kind.options]), 1
    if rule == "type" and len(place) == 2 and (word := _at(source.value, place)) in WORDS:
        return place, f"the word {word!r} stands alone here; write `- {word}:` and what it needs.", 1
    if rule == "pattern":
        return place, f"{where} is {_at(source.value, place)!r}; {_HINTS.get(str(place[0]), error.message)}.", 1
    if rule == "type":
        return place, f"{where} is {_kind_of(_at(source.value, place))}; it takes {_kinds(kind)}.", 1
    if rule in ("minProperties", "minItems", "minLength"):
        return place, f"{where} is empty.", 1
    return place, f"{where}: {error.message}", 3


_HINTS = {
    "shows": "it is the id of a promise, like K1",
    "report": "it is an address that begins with https://",
    "carries": f"it is data and its way, `stock in` or `orders out`; there are {', '.join(DATA)}",
}


def _schema_at(path: Sequence[str | int]) -> dict[str, Any]:
    """The schema object whose keyword failed."""
    here: Any = schema()
    for part in list(path)[:-1]:
        here = here[part]
        while isinstance(here, dict) and "$ref" in here:
            here = schema()["$defs"][here["$ref"].rsplit("/", 1)[1]]
    return here if isinstance(here, dict) else {}


def _nobody_knows(place: Place) -> str:
    if not place:
        return "a story has no"
    if len(place) == 2 and place[0] in ("given", "steps"):
        return "there is no word" if place[0] == "steps" else "what is given has no word"
    return f"{place[-1]} has no"


def _where(place: Place) -> str:
    if not place:
        return "the story"
    if len(place) == 2:
        return f"step {int(place[1]) + 1}" if place[0] == "steps" else f"{place[0]} {int(place[1]) + 1}"
    named = [str(part) for part in place if isinstance(part, str)]
    return " ".join(named[1:] if len(named) > 1 and named[0] in ("given", "steps") else named)


def _kinds(kind: Any) -> str:
    names = {"object": "a mapping", "array": "a list", "string": "words", "null": "nothing", "boolean": "yes or no"}
    names |= {"integer": "a whole number", "number": "a number"}
    types = kind.as_dict().get("types") or kind.as_dict().get("value") or []
    types = [types] if isinstance(types, str) else types
    return " or ".join(names.get(t, t) for t in types)


def _kind_of(value: Any) -> str:
    if value is None:
        return "empty"
    if isinstance(value, dict):
        return "a mapping"
    return "a list" if isinstance(value, list) else repr(value)


def _at(value: Any, place: Place) -> Any:
    for part in place:
        value = value[part]
    return value


def _said(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dict):
        parts = [f"{k} {_said(v)}".strip() if isinstance(v, dict) else f"{k}: {_said(v)}" for k, v in value.items()]
        return ", ".join(p.rstrip(": ") for p in parts)
    if isinstance(value, list):
        return "[" + ", ".join(_said(v) for v in value) + "]"
    return str(value)
