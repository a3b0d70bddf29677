"""What a server has of its own, and may be otherwise than recorded: its ids, its times, what was masked, its address.

All of it is learnt from its answers, and put into the calls that come after.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode

from .file import ORIGIN
from .masking import last, plain, singular

Json = Any
WRAPPERS = frozenset({"data", "items", "results", "records", "rows", "content", "list", ""})
"""Names that say nothing of what is in them: then the path tells."""
TIMES = tuple(
    re.compile(form)
    for form in (
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)?",
        r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d",
        r"\d{4}-\d\d-\d\d",
        r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT",
    )
)
_ID = re.compile(r"(?:(?P<of>\w+)_)?(?:id|ids|uuid|guid)$")
_PLACE = re.compile(r"\[\d+\]")


@dataclass
class Learnt:
    """`placeholders` are those of the recording, `put` what stands for them here; `address` is the server's own."""

    placeholders: Sequence[str] = ()
    put: dict[str, str] = field(default_factory=dict)
    address: str = ""
    exact_times: bool = False
    ids: dict[tuple[str, str], str] = field(default_factory=dict)
    _pattern: re.Pattern[str] | None = None

    def __post_init__(self) -> None:
        if self.placeholders:
            longest = sorted(self.placeholders, key=len, reverse=True)
            self._pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest))})(?!\w)")

    # -- before a call

    def target(self, target: str) -> str:
        """A path and its query with this server's ids and values."""
        path, mark, query = target.partition("?")
        words = [unquote(word) for word in path.split("/")]
        kind, shown = "", []
        for word in words:
            shown.append(quote(self.text(self.id_of(kind, word)), safe=":@,;=+$!*'()~"))
            if word and not any(c.isdigit() for c in word):
                kind = singular(plain(word))
        return "/".join(shown) + (mark + self._query(query, kind) if mark else "")

    def _query(self, query: str, kind: str) -> str:
        pairs, recorded = [], parse_qsl(query, keep_blank_values=True)
        for name, value in recorded:
            of = _kind_of_name(last(name), kind)
            told = ",".join(self.id_of(of, one) for one in value.split(",")) if of else value
            pairs.append((name, self.text(told)))
        return query if pairs == recorded else urlencode(pairs)

    def body(self, value: Json, path: str) -> Json:
        """A body with this server's ids and values."""
        return self._told(value, "", collection(path))

    def _told(self, value: Json, name: str, kind: str) -> Json:
        if isinstance(value, dict):
            inside = kind if plain(name) in WRAPPERS else singular(plain(name))
            return {k: self._told(v, k, inside) for k, v in value.items()}
        if isinstance(value, list):
            return [self._told(v, name, kind) for v in value]
        if _is_id(value) and (of := _kind_of_name(name, kind)):
            known = self.id_of(of, str(value))
            return int(known) if isinstance(value, int) and known.isdigit() else known
        if isinstance(value, str):
            return self.text(value)
        known = self.put.get(str(value), "")
        return type(value)(known) if known and not isinstance(value, bool) and value is not None else value

    def id_of(self, kind: str, recorded: str) -> str:
        """This server's id for a recorded one of this kind."""
        return self.ids.get((kind, recorded), recorded)

    def text(self, text: str) -> str:
        """A text with the values that stand for placeholders here, and this server's address."""
        if self._pattern:
            text = self._pattern.sub(lambda m: self.put.get(m[0], m[0]), text)
        return text.replace(ORIGIN, self.address) if self.address else text

    # -- after an answer

    def learn(self, recorded: Json, ours: Json, path: str) -> None:
        """Ids of what is in the same place."""
        for kind, old, new in _ids(recorded, ours, "", collection(path)):
            self.ids.setdefault((kind, str(old)), str(new))

    def same(self, where: str, old: Json, new: Json, path: str = "") -> bool:
        """Whether two values of one type are the same but for what each server has of its own."""
        if old == new:
            return True
        name = _PLACE.sub("", where).rpartition(".")[2]
        if _is_id(old) and _ID.fullmatch(plain(name)):
            kind = _kind_of_name(name, _around(where, path))
            return self.ids.setdefault((kind, str(old)), str(new)) == str(new)
        if isinstance(old, str) and isinstance(new, str):
            return self._same_text(old, new)
        if str(old) in self.placeholders:
            return self.put.setdefault(str(old), str(new)) == str(new)
        return False

    def _same_text(self, old: str, new: str) -> bool:
        if not self.exact_times and any(form.fullmatch(old) and form.fullmatch(new) for form in TIMES):
            return True
        if self._pattern and self._pattern.search(old):
            return self._fits(old, new)
        if ORIGIN in old:
            return self._same_address(old, new)
        return False

    def _fits(self, old: str, new: str) -> bool:
        """A text with placeholders in it: the rest is the same, and each stands for one value everywhere."""
        assert self._pattern is not None
        names: list[str] = self._pattern.findall(old)
        around = [re.escape(part) for part in self._pattern.split(old)]
        found = re.fullmatch("(.+?)".join(around), new, re.S)
        return (
            bool(found) and all(self.put.setdefault(n, v) == v for n, v in zip(names, found.groups(), strict=True))
            if found
            else False
        )

    def _same_address(self, old: str, new: str) -> bool:
        """Addresses with ids in them."""
        old_parts, new_parts = (re.split(r"(\d+)", text) for text in (old, new))
        if len(old_parts) != len(new_parts):
            return False
        known = {(recorded, ours) for (_, recorded), ours in self.ids.items()}
        return all(a == b or (a.isdigit() and (a, b) in known) for a, b in zip(old_parts, new_parts, strict=True))


def collection(path: str) -> str:
    """What the last word of a path says that it is about: `order` for /v1/order/5."""
    words = [word for word in path.split("/") if word and not any(c.isdigit() for c in word)]
    return singular(plain(words[-1])) if words else ""


def _around(where: str, path: str) -> str:
    """What the object is called in which a value stands."""
    words = [word for word in _PLACE.sub("", where).split(".")[:-1] if plain(word) not in WRAPPERS]
    return singular(plain(words[-1])) if words else collection(path)


def _kind_of_name(name: str, within: str) -> str:
    """The kind of an id by the name of its field; empty for what is no id."""
    found = _ID.fullmatch(plain(name))
    if not found:
        return ""
    return singular(found["of"]) if found["of"] else within


def _ids(old: Json, new: Json, name: str, kind: str) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(old, dict) and isinstance(new, dict):
        inside = kind if plain(name) in WRAPPERS else singular(plain(name))
        for key in old:
            if key in new:
                yield from _ids(old[key], new[key], key, inside)
    elif isinstance(old, list) and isinstance(new, list):
        for a, b in zip(old, new, strict=False):
            yield from _ids(a, b, name, kind)
    elif type(old) is type(new) and _is_id(old) and (of := _kind_of_name(name, kind)):
        yield of, old, new


def _is_id(value: Json) -> bool:
    return isinstance(value, (int, str)) and not isinstance(value, bool) and value != ""
