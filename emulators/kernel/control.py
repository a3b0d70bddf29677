"""The control API: what `openapi/control.yaml` promises, for the world named in the address."""

from __future__ import annotations

import hmac
import inspect
from collections.abc import Callable, Mapping
from itertools import count
from typing import Any
from urllib.parse import urlsplit

import storelab

from . import metrics
from .arguments import Refused, read
from .clock import ClockSetting, parsed
from .databases import NAME, NAMES
from .documents import load_document
from .emulator import json_bytes
from .errors import LabError, Problem
from .faults import DELIVERY_KINDS, KINDS
from .http import OURS, Reply, Request
from .jobs import JOBS, Job
from .journal import as_har, masked
from .lab import Lab
from .operations import Document, Operation
from .spelling import meant, unknown
from .webhooks import DELIVERIES, Delivery
from .world import World

Info = Callable[[World], dict[str, Any]]
_JSON = (("Content-Type", "application/json"), *OURS)
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class Control:
    """Answers for the laboratory. `info` describes a world (addresses and keys) as `storelab up --json` does."""

    def __init__(self, lab: Lab, *, token: str, info: Info, token_required: bool = False) -> None:
        self.lab, self._token, self._info, self._token_required = lab, token, info, token_required
        self._document = Document(load_document("control"), None)
        self._numbers = count(1)

    async def __call__(self, world: str, request: Request) -> Reply:
        match = self._document.match(request.method, request.path)
        self.admit(request)
        if match.operation is None:
            known = f"this path takes {', '.join(match.allow)}" if match.allow else "GET /_lab/openapi.json tells all"
            raise LabError(
                f"the control API has no {request.method} {request.path}; {known}",
                status=405 if match.allow else 404,
                code="unknown_operation",
                headers=(("Allow", ", ".join(match.allow)),) if match.allow else (),
            )
        try:
            values = read(request, match.operation, match.path_params)
        except Refused as refused:
            raise LabError(_said(refused, match.operation)) from None
        result = getattr(self, match.operation.id)(self.lab.world(world), **values)
        if inspect.isawaitable(result):
            result = await result
        if isinstance(result, Reply):
            return result.with_headers(OURS)
        status, value = result if isinstance(result, tuple) else (200, result)
        if value is None:
            return Reply(204, b"", OURS)
        return Reply(status, json_bytes(value), _JSON)

    def admit(self, request: Request) -> None:
        """Nobody from elsewhere without the token: not another machine, and not a page in a browser here."""
        given = request.headers.get("authorization", "").removeprefix("Bearer ") or request.headers.get(
            "x-storelab-token", ""
        )
        if given and hmac.compare_digest(given.encode(), self._token.encode()):
            return
        origin = request.headers.get("origin", "")
        foreign = not _here("//" + request.headers.get("host", "")) or (origin and not _here(origin))
        if given or foreign or self._token_required:
            raise LabError(
                "the control API wants its token here: send it as Authorization: Bearer TOKEN "
                "(`storelab up` prints it)",
                status=401,
                code="token_required",
            )

    # -- worlds

    def info(self, world: World) -> Any:
        return self._info(world)

    def reset(self, world: World) -> Any:
        world.reset()
        return self._info(world)

    def list_worlds(self, world: World) -> Any:
        return {"worlds": self.lab.names()}

    def make_world(self, world: World, body: Mapping[str, Any] | None = None) -> Any:
        given = body or {}
        name = given.get("name") or self._free_name()
        if source := given.get("copy_of"):
            return 201, self._info(self.lab.copy(self.lab.world(source), name, seed=given.get("seed")))
        return 201, self._info(self.lab.make(name, seed=given.get("seed")))

    def _free_name(self) -> str:
        """Never one that was given before: whoever remembers something of a world by its address (how long its backend
        asked to wait) must not take another for it."""
        taken = set(self.lab.names())
        return next(name for n in self._numbers if (name := f"w{n}") not in taken)

    def drop_world(self, world: World, name: str) -> Any:
        self.lab.drop(name)

    # -- clock

    def read_clock(self, world: World) -> Any:
        due = world.postman.next_due(standing=False)
        return {
            "now": world.now.isoformat(),
            "frozen": world.clock.frozen_at is not None,
            "ahead": world.clock.ahead,
            "next_due": due.isoformat() if due else None,
        }

    async def set_clock(self, world: World, body: Mapping[str, Any]) -> Any:
        freeze = body.get("freeze")
        at = parsed(freeze) if isinstance(freeze, str) else None
        if body.get("live"):
            world.set_clock(ClockSetting())
        if freeze:
            world.set_clock(world.clock.frozen(at or world.now))
        if "advance" in body:
            await world.advance(body["advance"])
        if body.get("until_idle"):
            await world.run_until_idle()
        return self.read_clock(world)

    # -- snapshots

    def list_snapshots(self, world: World) -> Any:
        return {"snapshots": world.snapshots()}

    async def save_snapshot(self, world: World, name: str, body: bytes | None = None) -> Any:
        if body:
            await world.keep(name, body)
        else:
            world.save(name)
        return self.list_snapshots(world)

    def export_snapshot(self, world: World, name: str) -> Any:
        return Reply(200, world.exported(name), (("Content-Type", "application/octet-stream"),))

    def restore_snapshot(self, world: World, name: str) -> Any:
        world.restore(name)
        return self.list_snapshots(world)

    # -- faults

    def list_faults(self, world: World) -> Any:
        return {
            "faults": [fault.as_json() for fault in world.faults.active.values()],
            "kinds": {**KINDS, **DELIVERY_KINDS},
        }

    def add_fault(self, world: World, body: Mapping[str, Any]) -> Any:
        emulator = self.lab.vocabulary[body["service"]]
        operations = self.lab.services[emulator.name].document.operations
        if body.get("operation") and body["operation"] not in operations:
            raise LabError(unknown(f"{emulator.name} has no operation", body["operation"], sorted(operations)))
        return 201, world.faults.add(body, world.now).as_json()

    def clear_faults(self, world: World) -> Any:
        world.faults.clear()

    def clear_fault(self, world: World, number: int) -> Any:
        world.faults.clear(number)

    # -- journal, deliveries and jobs

    def read_journal(self, world: World, bodies: bool = True, **asked: Any) -> Any:
        self._known(asked.get("service"))
        given = {name: value for name, value in asked.items() if value is not None}
        return {
            "exchanges": [e.as_json(bodies=bodies) for e in world.journal.find(**given)],
            "last": world.journal.last,
        }

    def clear_journal(self, world: World) -> Any:
        world.journal.clear()

    def read_metrics(self, world: World) -> Any:
        text, content_type = metrics.exposed(world)
        return Reply(200, text, (("Content-Type", content_type),))

    def export_har(self, world: World) -> Any:
        return as_har(world.journal, storelab.__version__)

    def _known(self, service: str | None) -> None:
        """A service that is not there is told: of one that is misspelt nothing would be found."""
        if service:
            self.lab.vocabulary[service]

    def list_deliveries(self, world: World, limit: int, service: str | None = None, status: str | None = None) -> Any:
        self._known(service)
        c = DELIVERIES.c
        where = [column == value for column, value in ((c.service, service), (c.status, status)) if value]
        newest = world.store[Delivery].all(*where, order=[c.id.desc()], limit=limit)
        world.store.rollback()
        return {"deliveries": [self._shown(d) for d in reversed(newest)], "held": world.postman.held}

    async def settle(self, world: World) -> Any:
        await world.settle()
        return {"settled": True}

    def hold(self, world: World) -> Any:
        world.postman.held = True
        return {"held": True}

    def release(self, world: World) -> Any:
        world.postman.held = False
        world.postman.wake()
        return {"held": False}

    async def redeliver_missed(self, world: World, body: Mapping[str, Any] | None = None) -> Any:
        given = body or {}
        service = self.lab.vocabulary[given["service"]].name if given.get("service") else ""
        since = parsed(given["since"]) if given.get("since") else None
        again = await world.postman.redeliver_missed(service, since)
        return {
            "delivered": sum(d.status == "delivered" for d in again),
            "deliveries": [self._shown(d) for d in again],
        }

    async def redeliver(self, world: World, number: int) -> Any:
        return self._shown(await world.postman.redeliver(number))

    def list_jobs(self, world: World, limit: int, service: str | None = None, status: str | None = None) -> Any:
        self._known(service)
        c = JOBS.c
        where = [column == value for column, value in ((c.service, service), (c.status, status)) if value]
        newest = world.store[Job].all(*where, order=[c.id.desc()], limit=limit)
        world.store.rollback()
        return {"jobs": [self._job_shown(job) for job in reversed(newest)]}

    def _job_shown(self, job: Job) -> dict[str, Any]:
        return {
            "number": job.id,
            "service": job.service,
            "name": job.name,
            "event": masked(job.event, self.lab.vocabulary[job.service].secrets),
            "status": job.status,
            "every": job.every,
            "created_at": job.created_at.isoformat(),
            "due_at": job.due_at.isoformat(),
            "runs": job.runs,
            "ran_at": job.ran_at.isoformat() if job.ran_at else None,
            "error": job.error,
        }

    def _shown(self, delivery: Delivery) -> dict[str, Any]:
        secrets = self.lab.vocabulary[delivery.service].secrets
        return {
            "number": delivery.id,
            "service": delivery.service,
            "subscription": delivery.subscription,
            "status": delivery.status,
            "created_at": delivery.created_at.isoformat(),
            "due_at": delivery.due_at.isoformat(),
            "event": masked(delivery.event, secrets),
            "attempts": masked(delivery.attempts, secrets),
        }

    # -- vocabulary

    def vocabulary(self, world: World) -> Any:
        return {
            name: {
                "title": emulator.title,
                "states": _explained(emulator.states),
                "moves": _explained(emulator.moves),
                "facts": _explained(emulator.facts),
            }
            for name, emulator in self.lab.vocabulary.emulators.items()
        }

    def read_document(self, world: World) -> Any:
        return {**self._document.raw, "servers": [{"url": f"{world.base_url}/_lab"}]}

    def read_service_document(self, world: World, service: str) -> Any:
        name = self.lab.vocabulary[service].name
        return {**self.lab.services[name].document.raw, "servers": [{"url": world.url(name)}]}

    def coverage(self, world: World) -> Any:
        return {name: service.covered() for name, service in self.lab.services.items()}

    async def set_state(self, world: World, service: str, body: Mapping[str, Any]) -> Any:
        return {"result": await world.set_state(service, body["name"], body.get("arguments", {}))}

    async def do_move(self, world: World, service: str, body: Mapping[str, Any]) -> Any:
        return {"result": await world.do(service, body["name"], body.get("arguments", {}))}

    async def read_fact(self, world: World, service: str, body: Mapping[str, Any]) -> Any:
        return {"result": await world.fact(service, body["name"], body.get("arguments", {}))}

    async def read_facts(self, world: World, service: str) -> Any:
        facts = self.lab.vocabulary[service].facts
        return {"result": {words: await world.fact(service, words, {}) for words in facts if not _needed(facts[words])}}

    async def set_pact_state(self, world: World, service: str, body: Mapping[str, Any]) -> Any:
        """Also moves and facts, as docs/verify.md wants it of every address for states."""
        action, params, words = body.get("action", "setup"), body.get("params") or {}, self.lab.vocabulary[service]
        if action == "teardown":
            world.reset()
            return {}
        if action == "offers":
            facts = [name for name, fact in words.facts.items() if not _needed(fact)]
            return {
                "states": [*words.states],
                "moves": [*words.moves],
                "facts": facts,
                "values": self._opens(world, service),
            }
        if action == "facts":
            return await self.read_facts(world, service)
        if action == "fact":
            return {"result": await world.fact(service, body.get("fact", ""), params)}
        if action == "move":
            result = await world.do(service, body.get("move", ""), params)
            await world.settle()
            return {"result": result}
        made = await world.set_state(service, body.get("state", ""), params)
        return made if isinstance(made, dict) else {}

    def _opens(self, world: World, service: str) -> dict[str, str]:
        """What opens this service, and the store beside it."""
        info = self._info(world)
        store = info.get("store", {})
        keys = {name: store.get(name) for name in ("consumer_key", "consumer_secret")}
        backend = info.get("backends", {}).get(service)
        known = store if backend is None else {"store_url": store.get("url"), **keys, **backend}
        return {name: value for name, value in known.items() if isinstance(value, str)}


def _here(address: str) -> bool:
    """Whether an address leads to this machine. What is no address leads nowhere."""
    try:
        return urlsplit(address).hostname in LOOPBACK
    except ValueError:
        return False


def _said(refused: Refused, operation: Operation) -> str:
    return "; ".join(f"{'/'.join(map(str, p.path)) or p.where}: {_wanted(p, operation)}" for p in refused.problems[:5])


def _wanted(problem: Problem, operation: Operation) -> str:
    match problem.rule:
        case "enum":
            possible = [str(one) for one in problem.limit if one is not None]
            return f"{problem.value!r} is none of {', '.join(possible)}.{meant(str(problem.value), possible)}"
        case "pattern" if problem.limit == f"^{NAME.pattern}$":
            return f"{problem.value!r} is no name: {NAMES}"
        case "additionalProperties" if problem.where == "body" and not problem.path:
            known = operation.document.resolved(operation.body_schemas["application/json"])["properties"]
            strange = [name for name in problem.value if name not in known]
            return f"{', '.join(strange)} is not known here; it takes {', '.join(known)}.{meant(strange[0], known)}"
        case _:
            return problem.message


def _explained(words: Mapping[str, Callable[..., Any]]) -> dict[str, Any]:
    return {
        name: {
            "about": (inspect.getdoc(function) or "").split("\n\n")[0].replace("\n", " "),
            "arguments": {
                p.name: None if p.default is p.empty else p.default
                for p in list(inspect.signature(function).parameters.values())[1:]
            },
            "required": _needed(function),
        }
        for name, function in words.items()
    }


def _needed(function: Callable[..., Any]) -> list[str]:
    """Arguments that have no default."""
    return [p.name for p in list(inspect.signature(function).parameters.values())[1:] if p.default is p.empty]
