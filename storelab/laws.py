"""Laws that every service keeps, whoever the vendor is: checks that schemathesis runs on each answer.

A law knows what a document cannot say: what may change by what. It looks at the service's own facts before and
after each request, so a `Watch` belongs to one world and one service.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import requests

from .client import LabClient

SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
SECONDS_PER_CALL = 2.0  # on the world's clock, so that limits by the minute are kept as a polite client keeps them
AT_ONCE = 10  # calls between two looks at the clock


HELD_PER_ANSWER = 25  # things held, for each answer that passes between two looks
QUIET = 5  # answers in a row that must have changed nothing, for one look


@dataclass(frozen=True)
class Asked:
    operation: str
    method: str
    status: int

    @property
    def may_write(self) -> bool:
        """A server error promises nothing: it may have come after the change."""
        return self.method not in SAFE and (self.status < 400 or self.status >= 500)

    def __str__(self) -> str:
        return f"{self.method} {self.operation} ({self.status})"


@dataclass
class Watch:
    """One service in one world, under the eyes of the laws.

    `moves_stock` are the operations that may change stock. `revoked` are headers with a key that was revoked.
    """

    lab: LabClient
    service: str
    url: str
    moves_stock: frozenset[str] = frozenset()
    revoked: Mapping[str, str] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    made: dict[str, set[Any]] = field(default_factory=dict)
    tried: set[str] = field(default_factory=set)
    answers: int = 0
    asked: list[Asked] = field(default_factory=list)  # since the last look

    def begin(self) -> None:
        """Look at how things are now: the laws compare with this."""
        self.facts = self.look()
        self.asked.clear()
        self.made.clear()
        self.tried.clear()

    def look(self) -> dict[str, Any]:
        found: dict[str, Any] = self.lab.call("GET", f"/services/{self.service}/facts")["result"]
        return found

    def seen(self, operation: str, method: str, status: int) -> None:
        """One answer came: time goes on, and what changed must have been allowed to change.

        A look costs as much as the request. So it comes after each answer that may have changed something, and after
        a few that must not; and the more the service holds, the longer it takes and the more answers pass before it.
        """
        self.answers += 1
        if self.answers % AT_ONCE == 0:
            self.lab.clock(advance=AT_ONCE * SECONDS_PER_CALL)
        self.asked.append(Asked(operation, method.upper(), status))
        enough = 1 if self.asked[-1].may_write else QUIET
        if len(self.asked) < max(enough, 1 + sum(map(len, self.facts.values())) // HELD_PER_ANSWER):
            return
        problem = self.problem()
        assert not problem, problem

    def problem(self) -> str:
        """How the answers since the last look changed what they must not change."""
        asked, before = tuple(self.asked), self.facts
        self.asked.clear()
        if not asked:
            return ""
        self.facts = self.look()
        return change_problem(asked, before, self.facts, self.moves_stock)


def change_problem(
    asked: Sequence[Asked],
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    moves_stock: frozenset[str] = frozenset(),
) -> str:
    """How these requests changed what they must not change; nothing when they kept to the law."""
    changed = sorted(name for name in before if before[name] != after.get(name))
    if not changed:
        return ""
    named = f"{', '.join(changed)} (from {_short(before[changed[0]])} to {_short(after.get(changed[0]))})"
    writes = [one for one in asked if one.may_write]
    if not writes:
        only = ", ".join(dict.fromkeys(map(str, asked)))
        return f"reading or a refused request changed {named}; asked was {only}"
    if "stock" not in changed:
        return ""
    if "movements" in after and (untold := unexplained(after["stock"], after["movements"])):
        return f"stock changed without a movement: {untold}; asked was {', '.join(map(str, writes))}"
    if moves_stock and not any(one.operation in moves_stock for one in writes):
        return f"{', '.join(map(str, writes))} may not change stock, and changed {named}"
    return ""


def unexplained(stock: Mapping[str, Any], movements: Sequence[Mapping[str, Any]]) -> str:
    """The first SKU whose movements do not add up to its stock; nothing when all do.

    A movement has `sku`, `quantity` and perhaps `reserve`; stock is a number by SKU, or `in_stock` and `in_reserve`.
    """
    told: dict[str, tuple[float, float]] = {}
    for movement in movements:
        quantity, reserve = told.get(movement["sku"], (0.0, 0.0))
        told[movement["sku"]] = quantity + movement["quantity"], reserve + movement.get("reserve", 0)
    for sku in sorted({*stock, *told}):
        level = stock.get(sku, 0)
        held = (level["in_stock"], level["in_reserve"]) if isinstance(level, Mapping) else (level, 0)
        added_up = told.get(sku, (0.0, 0.0))
        if any(abs(one - other) > 0.0005 for one, other in zip(held, added_up, strict=True)):
            return f"{sku} has {held}, its movements add up to {added_up}"
    return ""


def reuse_problem(made: dict[str, set[Any]], kind: str, status: int, body: Any) -> str:
    """Whether a new thing got the number of an older one."""
    number = body.get("id") if isinstance(body, Mapping) else None
    if status != 201 or not isinstance(number, int):
        return ""
    known = made.setdefault(kind, set())
    if number in known:
        return f"{kind} made {number} twice: an id was used again"
    known.add(number)
    return ""


def answer_problem(emulated: bool, status: int, headers: Mapping[str, Any]) -> str:
    """Whether the answer says what it is: the vendor's, or that this is not emulated; never a defect of ours."""
    ours = _header(headers, "x-storelab")
    if ours == "error":
        return f"the laboratory answered {status} where the vendor should have"
    if emulated:
        return "" if ours != "not-emulated" else "an operation that is emulated says that it is not"
    if status in (401, 403) or (status == 501 and ours == "not-emulated"):
        return ""
    return f"this is not emulated, and the answer was {status} without saying so"


def _header(headers: Mapping[str, Any], name: str) -> str:
    value = next((v for n, v in headers.items() if n.lower() == name), "")
    return str(value[0]) if isinstance(value, list) else str(value)


def _short(value: Any) -> str:
    shown = str(value)
    return shown if len(shown) <= 120 else f"{shown[:117]}..."


# -- as checks of schemathesis

_watches: dict[str, Watch] = {}


def keep(watch: Watch) -> None:
    """From now on, answers from this address are held against the laws."""
    _register()
    _watches[watch.url] = watch


def release(watch: Watch) -> None:
    _watches.pop(watch.url, None)


def _watch(response: Any) -> Watch | None:
    address = str(response.request.url)
    return next((w for url, w in _watches.items() if address.startswith(f"{url}/")), None)


def _operation(case: Any) -> tuple[str, bool]:
    raw = case.operation.definition.raw
    return raw.get("operationId", case.operation.label), not raw.get("x-not-emulated", False)


def what_changes_may_change(ctx: Any, response: Any, case: Any) -> None:
    """Reading and refused requests change nothing; stock changes only with a movement, by what moves stock."""
    if watch := _watch(response):
        watch.seen(_operation(case)[0], response.request.method, response.status_code)


def ids_are_never_reused(ctx: Any, response: Any, case: Any) -> None:
    """Two things that were made never have the same id, also when the first is gone."""
    if (watch := _watch(response)) and response.status_code == 201 and response.request.method == "POST":
        problem = reuse_problem(watch.made, case.operation.path, 201, _body(response))
        assert not problem, problem


def answers_say_what_they_are(ctx: Any, response: Any, case: Any) -> None:
    """What is not emulated says so, and no answer is one of the laboratory's own errors."""
    if _watch(response):
        problem = answer_problem(_operation(case)[1], response.status_code, response.headers)
        assert not problem, problem


def a_revoked_key_opens_nothing(ctx: Any, response: Any, case: Any) -> None:
    """What the good key opened stays shut for a key that was revoked. Each operation is tried once."""
    watch = _watch(response)
    if watch is None or not watch.revoked or not 200 <= response.status_code < 300:
        return
    if response.request.method == "OPTIONS":  # asks what there is, which browsers do before they know any key
        return
    if case.operation.label in watch.tried or _open_to_all(case):
        return
    watch.tried.add(case.operation.label)
    request = response.request
    kept = {n: v for n, v in request.headers.items() if n.lower() not in {"authorization", "content-length"}}
    again = requests.request(
        request.method,
        request.url,
        headers={**kept, **watch.revoked},
        data=request.body,
        timeout=30,
        allow_redirects=False,
    )
    watch.seen(_operation(case)[0], request.method, again.status_code)
    shut = again.status_code in (401, 403, 404)  # 404: what the good key took away is not there for anybody
    assert shut, f"a revoked key was answered {again.status_code}"


def _open_to_all(case: Any) -> bool:
    """Whether the document wants no key here, or takes it only if there is one."""
    document = case.operation.schema.raw_schema
    wanted = case.operation.definition.raw.get("security", document.get("security", []))
    return not wanted or {} in wanted


def _body(response: Any) -> Any:
    try:
        return response.json()
    except (ValueError, RecursionError):
        return None


LAWS = (what_changes_may_change, ids_are_never_reused, answers_say_what_they_are, a_revoked_key_opens_nothing)


def _register() -> None:
    import schemathesis

    for law in LAWS:
        schemathesis.check(law)
