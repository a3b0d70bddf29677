"""The evidence for people: rows of a table, a page of HTML, and the section that a plugin's readme has to have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from .judge import NOTHING, Seen
from .play import Played
from .table import AFTER, AWAITING, CONNECTED, CONNECTING, ENDING, Line

MARKS = {"plain": "", "personal": " (personal)", "secret": " (secret)"}
ARROWS = {
    "request": "the plugin asks",
    "webhook": "the store tells",
    "access": "the service uses its key",
    "answer": "the plugin answers",
}
WHEN = {
    CONNECTING: "when you connect",
    AWAITING: "while your store awaits approval",
    CONNECTED: "while your store is connected",
    ENDING: "when you disconnect",
    AFTER: "after you have disconnected",
}
UNKNOWN = "(put the address here)"


@dataclass(frozen=True)
class Row:
    """All that was seen of one call in one phase. `times` is how often, `number` the first exchange."""

    phase: str
    how: str
    call: str
    fields: str
    times: int
    number: int
    allowed: str


def rows(played: Played) -> list[Row]:
    """In the order of the phases, and of what was seen first."""
    path = played.evidence.table.path
    return [
        Row(
            phase=some[0].phase,
            how=ARROWS[some[0].kind],
            call=some[0].call,
            fields=_fields(some),
            times=max(one.times for one in some),
            number=min(one.number for one in some),
            allowed=", ".join(dict.fromkeys(f"{path.name}:{one.line.line}" for one in some)),
        )
        for some in _by_call(played.evidence.seen)
    ]


def _by_call(seen: Iterable[Seen]) -> Iterator[list[Seen]]:
    grouped: dict[tuple[str, str, str], list[Seen]] = {}
    for one in seen:
        grouped.setdefault((one.phase, one.kind, one.call), []).append(one)
    yield from grouped.values()


def _fields(seen: Sequence[Seen]) -> str:
    """Names with what they are; those below one name together (`billing.*`), when the table speaks of them so, and what
    is plain in a whole record not one by one."""
    whole = dict.fromkeys(f"the whole {one.line.record} record" for one in seen if _in_record(one))
    named = dict.fromkeys(f"{_short(one)}{MARKS[one.marked]}" for one in seen if not _in_record(one))
    return ", ".join([*whole, *named])


def _in_record(seen: Seen) -> bool:
    return bool(seen.line.record) and seen.marked == "plain"


def _short(seen: Seen) -> str:
    """As the table writes it, where that is shorter."""
    wide = [p for p in seen.line.fields if p.endswith("*") and seen.field.startswith(p[:-1]) and len(p) > 1]
    return wide[0] if wide and seen.field not in seen.line.fields else seen.field


def readme(played: Played) -> str:
    """The section "External services" of a plugin's readme.txt, from what was seen. What the table does not know
    (terms, privacy) is left open, loudly."""
    table = played.evidence.table
    told = [
        "== External services ==",
        "",
        f"This plugin connects your store with {table.service} ({table.home}): {table.about}.",
        "",
    ]
    if table.consent:
        told += [f"Nothing is sent before you have entered and confirmed: {', '.join(table.consent)}.", ""]
    else:
        told += ["Nothing is sent before you connect.", ""]
    for phase, words in WHEN.items():
        lines = list(_by_line(one for one in played.evidence.seen if one.phase == phase))
        if not lines:
            continue
        told += [f"{words[0].upper()}{words[1:]}:", ""]
        told += [_item(line, seen) for line, seen in lines]
        told.append("")
    silent = [WHEN[phase] for phase in (ENDING, AFTER) if all(one.phase != phase for one in played.evidence.seen)]
    told += [f"Nothing is sent {' or '.join(silent)}.", ""] if silent else []
    told += [f"Terms of use: {table.terms or UNKNOWN}", f"Privacy policy: {table.privacy or UNKNOWN}"]
    return "\n".join(told)


def _by_line(seen: Iterable[Seen]) -> Iterator[tuple[Line, list[Seen]]]:
    grouped: dict[Line, list[Seen]] = {}
    for one in seen:
        grouped.setdefault(one.line, []).append(one)
    yield from grouped.items()


def _item(line: Line, seen: Sequence[Seen]) -> str:
    calls = ", ".join(dict.fromkeys(one.call for one in seen))
    how = {
        "request": f"a request to {line.address or calls}",
        "webhook": f"a webhook of WooCommerce ({calls})",
        "access": f"calls of your store's REST API ({calls})",
        "answer": "an answer to a call of the service",
    }[line.kind]
    told = f"* {line.why[0].upper()}{line.why[1:]}: {how}."
    for marked, words in (("plain", "Sent"), ("personal", "Personal data"), ("secret", "Credentials")):
        some = [one for one in seen if one.marked == marked and one.field != NOTHING]
        whole = {f"the whole {line.record} record, as the REST API shows it": None} if line.record and some else {}
        names = whole if whole and marked == "plain" else dict.fromkeys(_named(_short(one)) for one in some)
        if line.kind == "access":
            names = {} if marked == "plain" else {"as the store holds it": None} if names else {}
        if names:
            told += f" {words}: {', '.join(names)}."
    return told


def _named(field: str) -> str:
    """A field as a reader of a readme would call it."""
    header = field.removeprefix("header ")
    return f"the header {header.title()}" if header != field else f"`{field.removeprefix('?')}`"


def page(played: Sequence[Played], connector: str, at: datetime) -> str:
    """One page of HTML that needs nothing else."""
    from jinja2 import Environment, PackageLoader

    template = Environment(loader=PackageLoader("storelab"), autoescape=True).get_template("disclosure.html")
    told = [(one, rows(one), readme(one) if one.held else "") for one in played]
    return template.render(told=told, connector=connector, at=at.strftime("%Y-%m-%d %H:%M UTC"))
