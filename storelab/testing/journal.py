"""The journal of a world, with assertions that say what came closest when nothing is as wanted."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from storelab.client import LabClient

MOST = 10_000  # what the control API gives at a time
MOST_CLOSE = 3  # calls that came close, in a message
_UNSET: Any = object()


@dataclass(frozen=True)
class Call:
    """One request that a service got, or (`direction` "out") sent, and its answer. `raw` is all that the journal says
    of it, secrets masked."""

    raw: Mapping[str, Any]

    @property
    def number(self) -> int:
        return int(self.raw["number"])

    @property
    def service(self) -> str:
        return str(self.raw["service"])

    @property
    def operation(self) -> str:
        """What `openapi/<service>.yaml` calls it; empty when the service has no such operation."""
        return str(self.raw["operation"])

    @property
    def method(self) -> str:
        return str(self.raw["method"])

    @property
    def status(self) -> int | None:
        """None when no answer was given."""
        status: int | None = self.raw["status"]
        return status

    @property
    def path(self) -> str:
        """Within the service: `/v1/offers/stocks`, also where a world or the service stand before it in the address."""
        path = unquote(urlsplit(str(self.raw["url"])).path)
        if self.raw["direction"] == "out":
            return path or "/"
        path = re.sub(r"^/~[^/]+(?=/|$)", "", path)
        return path.removeprefix(f"/{self.service}") or "/"

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(str(self.raw["url"])).query, keep_blank_values=True))

    @property
    def headers(self) -> dict[str, str]:
        """Of the request, with names in lower case."""
        return {name.lower(): value for name, value in self.raw["request"]["headers"]}

    @property
    def body(self) -> str:
        """Of the request."""
        return str(self.raw["request"]["body"])

    @cached_property
    def json(self) -> Any:
        """The request's body as JSON; None when it is none."""
        return _json(self.body)

    @cached_property
    def answer(self) -> Any:
        """The answer's body as JSON; None when it is none."""
        return _json(str(self.raw["response"]["body"]))

    @property
    def reason(self) -> str:
        """Why it was refused, where the service knows more than it says."""
        return str(self.raw["reason"])

    @property
    def line(self) -> str:
        """The call as a person would note it."""
        from storelab.scenarios.wire import shown

        return shown(self.raw, most=300)

    def __repr__(self) -> str:
        return f"<call {self.line}>"


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


@dataclass(frozen=True)
class Wanted:
    """What a call is asked to be; what is left out may be anything. Of `json` and `query`, what is named must be so,
    and what is not named may be anything. `path` may hold `*`."""

    service: str = ""
    method: str = ""
    path: str = ""
    operation: str = ""
    status: int | None = None
    sender: str = ""
    query: Mapping[str, Any] | None = None
    json: Any = _UNSET

    def departures(self, call: Call) -> list[tuple[float, str]]:
        """How the call differs, each with its weight. Empty: it is as wanted."""
        return list(self._departures(call))

    def _departures(self, call: Call) -> Iterator[tuple[float, str]]:
        for name, weight in (("service", 8.0), ("operation", 4.0), ("method", 3.0), ("sender", 2.0)):
            wanted, found = getattr(self, name), str(call.raw[name])
            if wanted and found != (wanted.upper() if name == "method" else wanted):
                yield weight, f"{name} is {found or 'none'}, wanted {wanted}"
        if self.path and not fnmatchcase(call.path, self.path):
            yield (
                4.0 - 3.0 * SequenceMatcher(None, call.path, self.path).ratio(),
                (f"path is {call.path}, wanted {self.path}"),
            )
        if self.status is not None and call.status != self.status:
            why = f" ({call.reason})" if call.reason else ""
            yield 2.0, f"status is {call.status or 'no answer'}, wanted {self.status}{why}"
        from storelab.scenarios.compare import misses

        for name, value in (self.query or {}).items():
            if call.query.get(name) != str(value):
                yield 1.0, f"query {name} is {call.query.get(name, 'not there')}, wanted {value}"
        if self.json is not _UNSET:
            if call.json is None and self.json is not None:
                yield 3.0, f"the body is no JSON: {call.body[:80]!r}" if call.body else "there is no body, wanted JSON"
            else:
                for miss in misses(self.json, call.json, (), "json"):
                    yield 1.0, miss.message

    @property
    def text(self) -> str:
        """As a person would say it."""
        said = " ".join(filter(None, [self.method.upper(), self.path, self.operation]))
        said = " ".join(filter(None, [said or "a call", f"to {self.service}" if self.service else ""]))
        more = {"status": self.status, "sender": self.sender or None, "query": self.query}
        if self.json is not _UNSET:
            more["json"] = self.json
        return ", ".join([said, *(f"{name} {value}" for name, value in more.items() if value is not None)])


class Journal:
    """What crossed the wire in one world: all its services, oldest first, secrets masked."""

    def __init__(self, client: LabClient) -> None:
        self._client = client

    def calls(self, *, direction: str = "in", after: int = 0, **wanted: Any) -> list[Call]:
        """The calls that are as wanted (`service`, `method`, `path`, `operation`, `status`, `sender`, `query`,
        `json`), oldest first. `direction` "in": what services were asked; "out": what they sent, webhooks above all."""
        asked = Wanted(**wanted)
        return [call for call in self._read(direction, after) if not asked.departures(call)]

    def assert_called(self, *, times: int | None = None, direction: str = "in", after: int = 0, **wanted: Any) -> Call:
        """There was such a call, or as many as `times` says (one at least); answers the last one. When there was none,
        the message says what came closest, and how it differs."""
        __tracebackhide__ = True
        asked, there = Wanted(**wanted), self._read(direction, after)
        found = [call for call in there if not asked.departures(call)]
        if not found:
            raise AssertionError(self._nothing(asked, there))
        if times is not None and len(found) != times:
            said = f"{asked.text}: {_times(len(found))}, wanted {_times(times)}"
            raise AssertionError("\n".join([said, *_lines(found[-10:])]))
        return found[-1]

    def assert_not_called(self, *, direction: str = "in", after: int = 0, **wanted: Any) -> None:
        """There was no such call."""
        __tracebackhide__ = True
        asked = Wanted(**wanted)
        found = [call for call in self._read(direction, after) if not asked.departures(call)]
        if found:
            raise AssertionError("\n".join([f"{asked.text}: {_times(len(found))}, wanted none", *_lines(found[-10:])]))

    @property
    def last(self) -> int:
        """The number of the newest exchange: what comes later is `after` it."""
        return int(self._client.call("GET", "/journal", None, limit=1, bodies=False)["last"])

    def clear(self) -> None:
        self._client.call("DELETE", "/journal")

    def _read(self, direction: str, after: int) -> list[Call]:
        return [Call(e) for e in self._client.journal(direction=direction, after=after or None, limit=MOST)]

    def _nothing(self, asked: Wanted, there: Sequence[Call]) -> str:
        said = f"nothing was {asked.text}"
        if not there:
            return f"{said}; the journal is empty"
        scored = [(asked.departures(call), call) for call in there]
        scored.sort(key=lambda one: (sum(weight for weight, _ in one[0]), -one[1].number))
        lines = [f"{said}; of {len(there)}, these came closest:"]
        for departures, call in scored[:MOST_CLOSE]:
            lines += [f"  {call.line}", *(f"      {message}" for _, message in departures)]
        return "\n".join(lines)

    def __iter__(self) -> Iterator[Call]:
        return iter(self._read("in", 0))

    def __len__(self) -> int:
        return len(self._read("in", 0))


def _times(number: int) -> str:
    return {0: "never called", 1: "called once"}.get(number, f"called {number} times")


def _lines(calls: Sequence[Call]) -> list[str]:
    return [f"  {call.line}" for call in calls]
