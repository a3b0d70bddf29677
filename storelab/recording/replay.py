"""Asks a server what was recorded, in its order, and says how alike its answers are."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import requests

from storelab.contracts.tap import readdressed
from storelab.emulators.kernel.errors import LabError

from .alike import Learnt
from .compare import LEVELS, Difference, Rules, compared, level
from .file import ORIGIN, Answer, Body, Call, Recording

READS = ("GET", "HEAD", "OPTIONS")
TIMEOUT = 60.0  # seconds for one answer
MOST = 10 * 1024 * 1024  # bytes of an answer that is compared


@dataclass(frozen=True)
class Outcome:
    """`ours` is None for a call that was not made; `skipped` then says why."""

    call: Call
    ours: Answer | None
    differences: tuple[Difference, ...] = ()
    skipped: str = ""

    @property
    def level(self) -> int:
        return level(list(self.differences))

    def as_json(self) -> dict[str, Any]:
        told = {"number": self.call.number, "method": self.call.method, "target": self.call.target}
        if self.ours is None:
            return {**told, "skipped": self.skipped}
        return {**told, "level": self.level, "differences": [d._asdict() for d in self.differences]}


@dataclass(frozen=True)
class How:
    """`headers` replace those of the recording, `put` says what stands for placeholders; `write` makes also calls that
    change something at a server that is not on this machine; `ca` is a certificate authority's file."""

    headers: Mapping[str, str] | None = None
    put: Mapping[str, str] | None = None
    write: bool = False
    exact_times: bool = False
    free: Sequence[str] = ()
    ca: str = ""


def replayed(recording: Recording, url: str, how: How | None = None) -> Iterator[Outcome]:
    """An outcome for each call. Errors: nobody answers at all, or a placeholder that is put is not in the recording."""
    how, url = how or How(), url.rstrip("/")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
        raise LabError("--url wants an address like http://127.0.0.1:8700/keycrm/v1, without credentials")
    learnt = Learnt(recording.placeholders, _put(recording, how.put or {}), url, how.exact_times)
    free = [re.compile(pattern) for pattern in how.free]
    usual = _usual_headers(recording.calls)
    write = how.write or _is_here(parts.hostname)
    with requests.Session() as session:
        session.trust_env = False
        session.verify = how.ca or True
        for number, call in enumerate(recording.calls):
            if skipped := _skipped(call, write):
                yield Outcome(call, None, skipped=skipped)
                continue
            ours = _asked(session, url, call, learnt, _headers(call, how.headers or {}, usual))
            if ours.status is None and number == 0:
                raise LabError(f"nobody answers at {url}: {ours.error}")
            yield Outcome(call, ours, tuple(judged(call, ours, learnt, free)))


def judged(call: Call, ours: Answer, learnt: Learnt, free: Sequence[re.Pattern[str]] = ()) -> list[Difference]:
    """How another answer differs from the recorded one; ids of things in the same place are learnt first."""
    if call.answer.status == ours.status and call.answer.body.kind == ours.body.kind == "json":
        learnt.learn(call.answer.body.value, ours.body.value, call.path)
    rules = Rules(
        same=lambda where, old, new: learnt.same(where, old, new, call.path),
        is_free=lambda where: any(pattern.fullmatch(re.sub(r"\[\d+\]", "[]", where)) for pattern in free),
    )
    return compared(call.answer, ours, rules)


def _put(recording: Recording, put: Mapping[str, str]) -> dict[str, str]:
    known = dict(zip(recording.placeholders, recording.placeholders, strict=True))
    known |= {name.removeprefix("masked-"): name for name in recording.placeholders}
    for name in put:
        if name not in known:
            some = ", ".join(recording.placeholders[:12]) or "none"
            raise LabError(f"the recording has no placeholder {name!r}; it has {some}")
    return {known[name]: value for name, value in put.items()}


def _usual_headers(calls: Sequence[Call]) -> dict[str, str]:
    """Of each header the value that most calls have: likely that of somebody who may do things, not a wrong one."""
    counts: dict[str, Counter[str]] = {}
    for call in calls:
        for name, value in call.headers:
            counts.setdefault(name.lower(), Counter())[value] += 1
    return {name: counted.most_common(1)[0][0] for name, counted in counts.items()}


def _headers(call: Call, given: Mapping[str, str], usual: Mapping[str, str]) -> dict[str, str]:
    by_name = {name.lower(): value for name, value in given.items()}
    return {
        name: by_name[name.lower()] if name.lower() in by_name and value == usual[name.lower()] else value
        for name, value in call.headers
    }


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _skipped(call: Call, write: bool) -> str:
    if call.body.kind == "binary":
        return "what was sent is binary, and not in the recording"
    if call.answer.status is None:
        return "nobody answered when it was recorded"
    if call.method not in READS and not write:
        return "it changes something, and --write was not given"
    return ""


def _asked(session: requests.Session, url: str, call: Call, learnt: Learnt, headers: Mapping[str, str]) -> Answer:
    body = call.body
    if body.kind == "json":
        body = replace(body, value=learnt.body(body.value, call.path))
    elif body.there:
        body = replace(body, value=learnt.text(body.value))
    target = learnt.target(call.target)
    try:
        answer = session.request(
            call.method,
            url + ("" if target == "/" else target),
            data=body.as_bytes() or None,
            headers={n: learnt.text(v) for n, v in headers.items()},
            timeout=TIMEOUT,
            allow_redirects=False,
        )
    except (requests.RequestException, ValueError) as bad:
        return Answer(None, error=type(bad).__name__)
    told = readdressed(answer.content[:MOST], url, ORIGIN)
    shown = tuple((n, v.replace(url, ORIGIN)) for n, v in answer.headers.items())
    return Answer(answer.status_code, shown, Body.of(told, answer.headers.get("Content-Type", "")))


# -- the score


@dataclass(frozen=True)
class Score:
    """Calls of one kind: how many there were, and how many are alike up to each level."""

    what: str
    calls: int
    alike: tuple[int, ...]

    def percent(self, at: int) -> float:
        return 100 * self.alike[at - 1] / self.calls if self.calls else 0.0

    def as_json(self) -> dict[str, Any]:
        return {"what": self.what, "calls": self.calls, **{f"l{n}": round(self.percent(n), 1) for n in LEVELS}}


def scores(outcomes: Sequence[Outcome]) -> list[Score]:
    """By method and path without ids, and all together at the end. Calls that were not made do not count."""
    groups: dict[str, list[Outcome]] = {}
    asked = [outcome for outcome in outcomes if outcome.ours is not None]
    for outcome in asked:
        groups.setdefault(f"{outcome.call.method} {_kind_of_path(outcome.call.path)}", []).append(outcome)
    return [*(_score(what, some) for what, some in groups.items()), _score("all", asked)]


def _kind_of_path(path: str) -> str:
    words = [
        "{id}" if any(c.isdigit() for c in word) and not re.fullmatch(r"v\d+", word) else word
        for word in path.split("/")
    ]
    return "/".join(words)


def _score(what: str, outcomes: Sequence[Outcome]) -> Score:
    return Score(what, len(outcomes), tuple(sum(o.level >= n for o in outcomes) for n in LEVELS))
