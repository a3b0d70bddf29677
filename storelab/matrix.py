"""Which data travels between the store and which backend, and the stories that show it: made from what stories say of
themselves (`carries: [stock in]`), never by hand.

`in` is from the backend to the store, `out` from the store to the backend. A cell without a story is empty: nothing
shows that this data travels, mostly because the vendor's connector does not carry it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from storelab.emulators.kernel.errors import LabError
from storelab.emulators.kernel.lab import found_emulators
from storelab.scenarios.story import DATA, HOME, STORE, WAYS, Story, read, stories

COMMAND = "storelab matrix --write docs/what-travels.md"
SUMMARY = "storelab matrix --summary --write README.md"
END = "<!-- end of what is made -->"
MOST_LINKS = 3  # in one cell of the page; the rest is counted
EMPTY = "-"


@dataclass(frozen=True)
class Cell:
    """One kind of data on one way between the store and one backend."""

    data: str
    way: str
    backend: str
    stories: tuple[Story, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {
            "data": self.data,
            "direction": self.way,
            "backend": self.backend,
            "stories": [story.name for story in self.stories],
        }


def backends() -> dict[str, str]:
    """Name and title of every backend there is."""
    return {name: emulator.title for name, emulator in found_emulators().items() if name != STORE}


def cells(names: Sequence[str], home: Path = HOME) -> list[Cell]:
    """Row by row. In a cell the story that carries least comes first: it shows this and little else."""
    told = [read(path) for path in stories(home=home)]
    told.sort(key=lambda story: (len(story.carries), story.name))
    return [
        Cell(data, way, name, tuple(s for s in told if s.backend == name and (data, way) in s.carries))
        for data in DATA
        for way in WAYS
        for name in names
    ]


def rows(found: Sequence[Cell], names: Sequence[str]) -> list[tuple[str, list[Cell]]]:
    """What stands at the beginning of each row, and its cells."""
    width = len(names)
    return [
        (f"{found[at].data} {found[at].way}", list(found[at : at + width])) for at in range(0, len(found), width or 1)
    ]


def markdown(found: Sequence[Cell], titles: Mapping[str, str]) -> str:
    lines = ["| |" + "".join(f" {title} |" for title in titles.values()), "|---|" + "---|" * len(titles)]
    for data, row in rows(found, list(titles)):
        lines.append(f"| {data} |" + "".join(f" {_linked(cell)} |" for cell in row))
    return "\n".join(lines)


def summary(found: Sequence[Cell], titles: Mapping[str, str]) -> str:
    """Both ways in a row each: what is carried, linked to the first story that shows it."""
    lines = ["| |" + "".join(f" {title} |" for title in titles.values()), "|---|" + "---|" * len(titles)]
    for way, said in zip(WAYS, ("into the store", "out of the store"), strict=True):
        carried = [[c for c in found if (c.way, c.backend) == (way, name) and c.stories] for name in titles]
        links = [", ".join(f"[{c.data}](scenarios/{c.stories[0].name}.yaml)" for c in row) or EMPTY for row in carried]
        lines.append(f"| {said} |" + "".join(f" {link} |" for link in links))
    return "\n".join(lines)


def _linked(cell: Cell) -> str:
    links = [f"[{_words(story)}](../scenarios/{story.name}.yaml)" for story in cell.stories[:MOST_LINKS]]
    more = len(cell.stories) - len(links)
    return ", ".join(links) + (f" and {more} more" if more else "") if links else EMPTY


def _words(story: Story) -> str:
    return story.name.rpartition("/")[2].replace("_", " ")


def _mark(command: str) -> str:
    return f"<!-- made by `{command}` -->"


def block(text: str, command: str = COMMAND) -> str:
    """What stands in a document between the marks of this command."""
    begin = _mark(command)
    _, begun, rest = text.partition(begin)
    inside, ended, _ = rest.partition(END)
    if not begun or not ended:
        raise LabError(f"there is no place for the matrix: it needs the lines {begin} and {END}")
    return inside.strip("\n")


def replaced(text: str, table: str, command: str = COMMAND) -> str:
    """The document with this table between the marks of this command."""
    block(text, command)
    before, begin, rest = text.partition(_mark(command))
    return f"{before}{begin}\n\n{table}\n\n{END}{rest.partition(END)[2]}"
