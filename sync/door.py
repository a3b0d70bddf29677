"""The plugins' own routes, under /hooks: what stores and backends call.

Plain WSGI, in front of the Flask app: a store gives up on a slow receiver, so a flood of webhooks costs little here,
and waits for nobody who plans or writes.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterable, Mapping
from functools import cached_property, partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from werkzeug.wsgi import get_input_stream

from .book import Connection
from .clock import read, shown
from .connector import Hook, HookCall, connectors
from .inbox import OTHER_STORE, News, Notice, NotSigned, check_signature, is_ping, same_store
from .problems import Problem, told

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from .service import Service

UNDER = "/hooks/"
LARGEST = 10 * 1024 * 1024  # bytes of a body
WEBHOOK_SECRETS = ("webhook_secret", "webhook_secret_before")  # for a while after a change, both are good
JSON = {"Content-Type": "application/json"}
PAGE = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


class Request:
    """What came. Header names are lower case; of a parameter that is there twice, the first counts."""

    def __init__(self, environ: WSGIEnvironment) -> None:
        self.method: str = environ["REQUEST_METHOD"]
        self.path: str = environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace")
        query = parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True)
        self.query = dict(reversed(query))
        self.headers = {n[5:].replace("_", "-").lower(): v for n, v in environ.items() if n.startswith("HTTP_")}
        self.headers["content-type"] = environ.get("CONTENT_TYPE", "")
        self._environ = environ

    @cached_property
    def body(self) -> bytes:
        return get_input_stream(self._environ, max_content_length=LARGEST).read()


class Door:
    """`within`: the application for all other paths."""

    def __init__(self, within: WSGIApplication, service: Service) -> None:
        self._within, self.service = within, service

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if not environ["PATH_INFO"].startswith(UNDER):
            return self._within(environ, start_response)
        headers: Mapping[str, str] = {}
        try:
            answer, status = self.hook(Request(environ))
        except Exception as error:
            problem = told(error)
            answer, status = {"code": problem.code, "message": problem.message}, problem.status
            headers = problem.headers
        body = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
        shape = PAGE if isinstance(answer, str) else JSON
        length = {"Content-Length": str(len(body))}
        start_response(f"{status} {HTTPStatus(status).phrase}", [*{**shape, **headers, **length}.items()])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    def only_hears(self, path: str) -> bool:
        """Whether what comes there is written down and no more: nobody is asked, and nobody is waited for."""
        ledger = self.service.ledger
        if not path.startswith(UNDER) or ledger.spool is None:
            return False
        id_, _, path = path.removeprefix(UNDER).partition("/")
        found = ledger.connection(id_)
        hook = found and _hook(found, path)
        return bool(hook and hook.hear)

    def hook(self, request: Request) -> tuple[Any, int]:
        id_, _, path = request.path.removeprefix(UNDER).partition("/")
        found = self.service.found(id_)
        hook = _hook(found, path)
        if hook is None:
            raise Problem(404, "no_such_hook", f"there is no {path}")
        if hook.method != request.method:
            raise Problem(405, "wrong_method", f"this address is for {hook.method}", {"Allow": hook.method})
        if found.secrets is None:
            raise Problem(410, "disconnected", "this store is not connected any more")
        secrets = self.service.ledger.vault.unsealed(found.secrets)
        if hook.guard == "token" and not _same(request.query.get("token", ""), secrets["token"]):
            raise Problem(403, "bad_token", "the token in the address is wrong")
        if hook.guard == "signature":
            if is_ping(request.headers, request.body):
                return {"status": "pong"}, 200
            self._from_our_store(request, found, [str(secrets.get(name, "")) for name in WEBHOOK_SECRETS])
        return self._taken(hook, request, found)

    def _from_our_store(self, request: Request, found: Connection, secrets: list[str]) -> None:
        """A webhook of the store that is connected: signed, and not from a copy of it."""
        headers = request.headers
        try:
            check_signature(secrets, headers, request.body)
        except NotSigned:
            raise Problem(401, "bad_signature", "the signature is missing, or of another secret") from None
        if not same_store(headers.get("x-wc-webhook-source", ""), found.store_url):
            topic, key = headers.get("x-wc-webhook-topic", "")[:80], headers.get("x-wc-webhook-delivery-id", "")[:120]
            strange = Notice(topic.split(".")[0][:40], key, topic, OTHER_STORE)
            self.service.ledger.tell(found.id, News(notices=(strange,)), self.service.clock.at(found.id))
            raise Problem(409, "other_store", "this delivery is of another store than the one that is connected")

    def _taken(self, hook: Hook, request: Request, found: Connection) -> tuple[Any, int]:
        service, now = self.service, self.service.clock.at(found.id)
        call = HookCall(found, request.body, now, request.headers, request.query)
        if hook.hear:
            news, answer, status = hook.hear(call)
            service.ledger.tell(found.id, news, now)
        elif hook.take:
            with service.ledger.begin() as book:
                answer, status = hook.take(call, book)
        else:
            answer, status = self._pushed(found, request.query), 200
        service.nudge(found.id)
        return answer, status

    def _pushed(self, found: Connection, query: Mapping[str, str]) -> dict[str, Any]:
        """One batch, now; and where it goes on."""
        service = self.service
        service.usable(found, "push")
        if "now" in query and service.clock.told(found.id):  # only who drives by hand may say what time it is
            service.clock.tell(found.id, read(query["now"]))
        if found.looked_at is None:
            raise Problem(409, "first_look", "the first look at both sides is not over yet")
        service.started(found.id, "push")
        sent = 0

        def enough(did: dict[str, Any]) -> bool:
            nonlocal sent
            sent += int(did.get("sent", 0))
            return sent > 0

        now = partial(service.clock.at, found.id)
        progress = service.engine.advance(found.id, now(), clock=now, enough=enough)
        with service.ledger.begin() as book:
            run = next((run for run in book.open_runs(found.id) if run.kind == "push"), None)
            done = book.tasks.count(run.id).get(("push", "done"), 0) if run else None
        return {"sent": sent, "next": done, "next_at": shown(progress.next_at) if run else None}


def _hook(connection: Connection, path: str) -> Hook | None:
    return next((hook for hook in connectors()[connection.backend].hooks if hook.path == path), None)


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode(), wanted.encode())
