"""The driver API as a Flask app, behind the door for webhooks; served by waitress."""

from __future__ import annotations

import hmac
import logging
import socket
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, jsonify, render_template, request

from . import connecting
from .bodies import body_of, document
from .book import Connection
from .clock import Clock, read, shown
from .connector import connectors
from .door import LARGEST, PAGE, Door
from .engine import Engine
from .in_time import Adapter
from .jobs import Background, Jobs
from .ledger import MEMORY, Ledger
from .patience import HttpServer
from .problems import Problem, told
from .transport import VERSION

log = logging.getLogger("storelab.sync")
CLAIM = timedelta(minutes=1)  # after that, a connection whose job was lost is put in the queue again
SHARE = 5.0  # seconds of real time that one connection may go on without a break
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def jobs_of(engine: Engine, clock: Clock, url: str) -> Jobs:
    """A queue whose jobs have this engine advance a connection, each for a while: then others have their turn."""

    def work(id_: str) -> bool:
        over = monotonic() + SHARE
        now = partial(clock.at, id_)

        def enough(did: dict[str, Any]) -> bool:
            return jobs.stopping.is_set() or monotonic() > over

        return engine.advance(id_, now(), clock=now, enough=enough).hindered

    def later(id_: str) -> None:
        with engine.ledger.begin() as book:
            book.claim([id_], clock.at(id_) + timedelta(seconds=1))

    jobs = Jobs(url, work, later)
    return jobs


class Service:
    """What the routes share."""

    def __init__(self, engine: Engine, clock: Clock, *, live: bool, jobs: str, workers: int) -> None:
        self.engine, self.clock = engine, clock
        self.background = Background(jobs_of(engine, clock, jobs), self.due, workers=workers) if live else None
        self._looked: datetime | None = None
        self._horizon = CLAIM  # at first also what was in the queue of somebody who may have died

    @property
    def ledger(self) -> Ledger:
        return self.engine.ledger

    def due(self) -> list[str]:
        """What the background should see to, once: connections that nobody drives by hand."""
        self.ledger.collect()
        now = self.clock.at("")
        for id_ in self.ledger.freed(now):
            log.warning("%s: who worked on it has died; it goes on", id_)
        if self._looked and now < self._looked:  # the clock was set back: what was due then is due now
            self._horizon = self._looked - now + CLAIM
        self._looked = now
        with self.ledger.begin() as book:
            found = [c for c in book.due_connections(now + self._horizon) if not self.clock.told(c)]
            book.claim(found, now + CLAIM)
        self._horizon = timedelta(0)
        return found

    def found(self, id_: str) -> Connection:
        connection = self.ledger.connection(id_)
        if connection is None:
            raise Problem(404, "no_such_connection", f"there is no connection {id_}")
        return connection

    def nudge(self, id_: str) -> None:
        if self.background and not self.clock.told(id_):
            self.background.wake()

    # -- the driver API

    def connect(self) -> tuple[Any, int]:
        body = body_of("Connect")
        wanted = connecting.asked(body)
        now = read(body["now"]) if "now" in body else self.clock.at("")

        def driven(id_: str) -> None:
            """Before the background can see it."""
            if "now" in body:
                self.clock.tell(id_, now)
            else:
                self.clock.forget(id_)

        id_, new, tell, joined = connecting.connect(self.engine, wanted, now, driven)
        connection = self.found(id_)
        hooks = connecting.hooks_of(self.engine, connection)
        todo = wanted.connector.todo(hooks, wanted.settings) if tell else []
        self.nudge(id_)
        shown = {**connecting.outline(connection), "hooks": hooks, "todo": todo}
        return {**shown, **({"open": joined.open} if joined.open else {})}, 201 if new else 200

    def confirm(self, connection: str) -> Any:
        self.found(connection)
        connecting.confirm(self.engine, connection, self._now(connection))
        self.nudge(connection)
        return connecting.outline(self.found(connection))

    def read_one(self, connection: str) -> Any:
        self.ledger.collect()
        found = self.found(connection)
        with self.ledger.begin() as book:
            page = connecting.described(book, found)
        if _browsing():
            return _page(page)
        return {**page, "hooks": connecting.hooks_of(self.engine, found)}

    def index(self) -> Any:
        if _browsing():
            return _page(None, self.list_all())
        return {"service": "storelab-sync", "version": VERSION, "backends": [*connectors()]}

    def backends(self) -> Any:
        return [
            {
                "backend": c.name,
                "title": c.title,
                "needs": list(c.needs),
                "credentials": list(c.credentials),
                "defaults": dict(c.defaults),
                "settings": c.schema,
                "buttons": list(c.buttons),
                "confirms": c.confirm is not None,
            }
            for c in connectors().values()
        ]

    def list_all(self) -> Any:
        with self.ledger.begin() as book:
            return [connecting.outline(c) for c in book.all_connections()]

    def disconnect(self, connection: str) -> Any:
        self.found(connection)
        left = connecting.disconnect(self.engine, connection, self.clock.at(connection))
        self.clock.forget(connection)
        return {"id": connection, "status": "disconnected", **({"reason": left} if left else {})}

    def tick(self, connection: str) -> Any:
        self.found(connection)
        now = self._now(connection)
        progress = self.engine.advance(connection, now, patience=connecting.PATIENCE)
        return {"did": progress.did, "next_at": shown(progress.next_at), "idle": progress.idle}

    def push(self, connection: str) -> Any:
        return self.start(connection, "push")

    def start(self, connection: str, kind: str) -> Any:
        """A person presses a button."""
        found = self.found(connection)
        buttons = connectors()[found.backend].buttons
        if kind not in buttons:
            there = ", ".join(buttons) or "none"
            raise Problem(404, "unknown_run", f"nobody can start {kind!r} with {found.backend}; there is: {there}")
        self.usable(found, kind)
        self._now(connection)
        started = self.started(connection, kind)
        self.nudge(connection)
        return {"status": "started" if started else "running"}, 202

    def _now(self, connection: str) -> Any:
        body = body_of("Now")
        if "now" in body:
            self.clock.tell(connection, read(body["now"]))
        return self.clock.at(connection)

    def usable(self, connection: Connection, kind: str) -> None:
        if connection.status != "active":
            raise Problem(409, connection.status, connection.reason or f"the connection is {connection.status}")
        if not connection.settings.get(kind, True):
            raise Problem(409, f"{kind}_is_off", f"{kind} is switched off in the settings")

    def started(self, id_: str, kind: str) -> bool:
        with self.ledger.begin() as book:
            if any(run.kind == kind for run in book.open_runs(id_)):
                return False
            now = self.clock.at(id_)
            found = book.connection(id_)
            assert found is not None
            book.start(id_, kind, connectors()[found.backend].kinds[kind].first, now)
            book.set_connection(id_, next_at=now)
            return True


def create_app(
    *,
    ledger_url: str = MEMORY,
    key_file: Path | None = None,
    jobs: str = "memory:",
    public_url: str = "http://127.0.0.1:8701",
    live: bool = False,
    workers: int = 4,
    ca: str | Path | None = None,
    token: str | None = None,
    clock: Clock | None = None,
    point: Callable[[str], None] | None = None,
    alone: bool = False,
    carrier: Callable[[str], Adapter] | None = None,
) -> Flask:
    """`key_file`: where the key of the secrets lies, or is made (see `Ledger`). `live`: what is due is done in the
    background, by itself, by so many `workers` here (0: others work the queue). `ca`: certificates to trust. `token`:
    what drivers must show. `alone`: nowhere else does anybody work with this ledger. `point`, `carrier`: see `Engine`.
    `app.extensions["sync"]` is the `Service`."""
    clock = clock or Clock()
    engine = Engine(
        Ledger(ledger_url, key_file=key_file),
        public_url=public_url,
        ca=str(ca) if ca else None,
        point=point,
        carrier=carrier,
    )
    if alone:
        engine.ledger.freed(clock.at(""), alone=True)
    service = Service(engine, clock, live=live, jobs=jobs, workers=workers)
    app = Flask("storelab.sync", static_folder=None, template_folder=str(Path(__file__).parent / "templates"))
    app.config["MAX_CONTENT_LENGTH"] = LARGEST
    app.extensions["sync"] = service
    app.json.sort_keys = False  # type: ignore[attr-defined]
    rules: list[tuple[str, str, Callable[..., Any]]] = [
        ("GET", "/backends", service.backends),
        ("GET", "/connections", service.list_all),
        ("POST", "/connections", service.connect),
        ("GET", "/connections/<connection>", service.read_one),
        ("DELETE", "/connections/<connection>", service.disconnect),
        ("POST", "/connections/<connection>/tick", service.tick),
        ("POST", "/connections/<connection>/push", service.push),
        ("POST", "/connections/<connection>/confirm", service.confirm),
        ("POST", "/connections/<connection>/runs/<kind>", service.start),
    ]
    for method, path, view in rules:
        app.add_url_rule(path, f"{method} {path}", _answering(view), methods=[method])
    app.add_url_rule("/", "index", _answering(service.index))
    app.add_url_rule("/openapi.json", "document", lambda: jsonify(document()))
    app.register_error_handler(Exception, _error)
    app.before_request(lambda: _known(token))
    app.wsgi_app = app.extensions["door"] = Door(app.wsgi_app, service)  # type: ignore[method-assign]
    return app


def _browsing() -> bool:
    """Whether a person asks, by a browser: they get a page instead of JSON."""
    return request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html"


def _page(page: dict[str, Any] | None, connections: Sequence[dict[str, Any]] = ()) -> str:
    titles = {name: connector.title for name, connector in connectors().items()}
    title = "Connections" if page is None else f"{titles[page['backend']]} and {page['store']['url']}"
    return render_template(
        "connections.html", title=title, page=page, connections=connections, titles=titles, well=("active", "pending")
    )


def _answering(view: Callable[..., Any]) -> Callable[..., Any]:
    def answered(**path: str) -> Any:
        found = view(**path)
        body, status = found if isinstance(found, tuple) else (found, 200)
        return Response(body, status, PAGE) if isinstance(body, str) else (jsonify(body), status)

    return answered


def _known(token: str | None) -> None:
    """Whoever drives shows the token; without one, it is somebody on this machine, and no page in a browser here."""
    if token is None:
        host, origin = _host(f"//{request.host}"), request.headers.get("Origin", "")
        if host in LOOPBACK and (not origin or _host(origin) in LOOPBACK):
            return
        raise Problem(403, "foreign_driver", "this service is driven from its own machine only, by its own address")
    given = request.headers.get("Authorization", "")
    if not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
        raise Problem(401, "unknown_driver", "show the service's token as a bearer token")


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def _error(error: Exception) -> tuple[Response, int, dict[str, str]]:
    problem = told(error)
    return jsonify(code=problem.code, message=problem.message), problem.status, dict(problem.headers)


class Server:
    """The service on a port of its own, in a thread. Port 0: any free one; or a socket that has its port already.
    `public_url`: where the connectors' routes are reached, if not at `url`."""

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 8701,
        *,
        sock: socket.socket | None = None,
        public_url: str = "",
        **options: Any,
    ) -> None:
        holder: dict[str, Any] = {}

        def wsgi(environ: Any, start_response: Any) -> Any:
            return holder["app"](environ, start_response)

        logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # in a flood it would warn of every delivery
        self._http = HttpServer(
            wsgi,
            at_once=lambda path: bool(holder["app"].extensions["door"].only_hears(path)),
            **({"sockets": [sock]} if sock else {"host": host, "port": port}),
            threads=8,
            ident=f"storelab-sync/{VERSION}",
            max_request_body_size=2 * LARGEST,
        )  # larger ones than LARGEST are refused in our own words, and much larger ones not kept
        shown_host = "127.0.0.1" if host in ("0.0.0.0", "::", "") else host  # noqa: S104
        self.port = self._http.port
        self.url = f"http://{f'[{shown_host}]' if ':' in shown_host else shown_host}:{self.port}"
        self.app = holder["app"] = create_app(public_url=public_url or self.url, **options)
        self.service: Service = self.app.extensions["sync"]

    def start(self) -> Server:
        self._http.start()
        if self.service.background:
            self.service.background.start()
        return self

    def stop(self) -> None:
        if self.service.background:
            self.service.background.stop()
        self._http.stop()
        self.service.ledger.close()

    def join(self) -> None:
        self._http.join()

    def __enter__(self) -> Server:
        return self.start()

    def __exit__(self, *exc: object) -> None:
        self.stop()
