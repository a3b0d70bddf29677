"""The sandbox: store, backends, control API and console on one port, the reference sync on the next."""

from __future__ import annotations

import asyncio
import importlib
import os
import secrets
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from storelab.client import LabClient
from storelab.emulators.kernel.app import App
from storelab.emulators.kernel.control import LOOPBACK, Control
from storelab.emulators.kernel.databases import Databases, SqliteDatabases
from storelab.emulators.kernel.emulator import Emulator
from storelab.emulators.kernel.errors import LabError
from storelab.emulators.kernel.http import Reply, Request
from storelab.emulators.kernel.images import checked_image
from storelab.emulators.kernel.journal import MOST
from storelab.emulators.kernel.lab import Lab, found_emulators
from storelab.emulators.kernel.world import World

from .front import TlsFront
from .nearby import Nearby
from .server import Server, listening, origin
from .sync_on_demand import SyncOnDemand
from .tls import certificates, own_folder

if TYPE_CHECKING:
    from storelab.emulators.console import Console

    from .server import AsgiApp
    from .tracing.services import Tracing

CONSOLE = "storelab.emulators.console"


@dataclass(frozen=True)
class Settings:
    """How a sandbox is started. Ports may be 0 (any free one); `sync_port` None leaves the sync out."""

    host: str = "127.0.0.1"
    public_host: str = ""  # how others reach it, where that is not `host`
    port: int = 8700
    sync_port: int | None = 8701
    data: Path | None = None
    database: str = ""
    seed: str = "storelab"
    world_file: Path | None = None
    tls: bool = False
    check: bool = False
    journal: int = MOST  # exchanges that each world keeps
    otlp: str = ""  # address of a collector of OpenTelemetry: traces are sent there
    token: str = field(default="", repr=False)  # of the control API; one is made where none is given

    @property
    def shown_host(self) -> str:
        return self.public_host or self.host


def checking() -> bool:
    """Whether our own answers are held against the documents: in tests and CI (STORELAB_CHECK=1)."""
    return os.environ.get("STORELAB_CHECK", "") not in ("", "0")


def alone_in(folder: Path) -> IO[str]:
    """A file that nobody else holds while it is open; it is let go when this process ends, however it ends. What is
    kept in SQLite files belongs to one sandbox at a time: another would not see the clock move, and would send every
    webhook once more."""
    file = (folder / "lock").open("w")
    if sys.platform != "win32":
        import fcntl

        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            raise LabError(
                f"another sandbox keeps its state in {folder}. Stop it, choose another folder, or share the state with "
                "--database.",
                code="data_in_use",
            ) from None
    return file


class Sandbox:
    """Everything, in this process. Use as a context manager, or `start` and `stop` it. `emulators` take the place
    of those that are found."""

    def __init__(self, settings: Settings | None = None, emulators: Mapping[str, Emulator] | None = None) -> None:
        self.settings = settings or Settings()
        self._tracing = self._made_tracing(self.settings.otlp) if self.settings.otlp else None
        self._socket = listening(self.settings.host, self.settings.port)
        port = self._socket.getsockname()[1]
        self._certificates = None
        self._alone: IO[str] | None = None
        self._front: TlsFront | None = None
        if self.settings.tls:
            self._certificates = certificates((self.settings.data or own_folder()) / "tls", self.settings.shown_host)
        self.url = origin(self.settings.shown_host, port, "https" if self._certificates else "http")
        self.token = self.settings.token or secrets.token_urlsafe(24)
        self.lab = Lab(
            emulators or found_emulators(),
            self._databases(),
            seed=self.settings.seed,
            base_url=self.url,
            check=self.settings.check or checking(),
            journal=self.settings.journal,
            follow=self._tracing.follow if self._tracing else None,
        )
        if self.settings.world_file is not None:
            self._begin_from(self.settings.world_file)
        self._sync = None if self.settings.sync_port is None else self._made_sync(self.settings.sync_port)
        self.sync_url = self._sync.url if self._sync else ""
        self._control = Control(
            self.lab, token=self.token, info=self.info, token_required=self.settings.host not in LOOPBACK
        )
        self._pages = Pages(self._made_console)
        app = App(self.lab, control=self._control, page=self._pages)
        self.app: AsgiApp = self._tracing.entrance(app) if self._tracing else app
        certificate = (self._certificates.chain, self._certificates.key) if self._certificates else None
        self._server = Server(self.app, self._socket, certificate=certificate)

    def _made_tracing(self, address: str) -> Tracing:
        from .tracing import of_sandbox

        return of_sandbox(address)

    def _databases(self) -> Databases:
        if self.settings.database:
            from storelab.emulators.kernel.postgres import PostgresDatabases

            return PostgresDatabases(self.settings.database)
        databases = SqliteDatabases(self.settings.data)
        if self.settings.data is not None:
            self._alone = alone_in(self.settings.data)
        return databases

    def _begin_from(self, file: Path) -> None:
        """The default world as an exported snapshot has it."""
        try:
            image = file.read_bytes()
        except OSError as bad:
            raise LabError(f"cannot read {file}: {bad.strerror or bad}") from None
        world = self.lab.world()
        world.become(checked_image(image, world.database.shared))

    def _made_sync(self, port: int) -> SyncOnDemand:
        options: dict[str, Any] = {"live": True, "ca": self.authority}
        if self._certificates:
            pair = (self._certificates.chain, self._certificates.key)
            self._front = TlsFront(self.settings.host, port + 1 if port else 0, pair)
            options["public_url"] = f"{self.url.rpartition(':')[0]}:{self._front.port}"
        if self.settings.database:
            options |= {"ledger_url": self.settings.database, "key_file": own_folder() / "sync.key"}
        elif self.settings.data:
            folder = self.settings.data.resolve() / "sync"
            folder.mkdir(parents=True, exist_ok=True)
            ledger = f"sqlite:///{folder / 'ledger.sqlite'}"
            options |= {"ledger_url": ledger, "jobs": str(folder / "jobs.sqlite"), "alone": True}
        if self.settings.host not in LOOPBACK:
            options["token"] = self.token
        followed = None
        if self._tracing:
            from .tracing.reference import Tracing

            followed = Tracing(self._tracing.collector)
        return SyncOnDemand(self.settings.host, port, options, shown_host=self.settings.shown_host, tracing=followed)

    @property
    def authority(self) -> Path | None:
        """The certificate authority that clients have to trust, with `tls`."""
        return self._certificates.authority if self._certificates else None

    def info(self, world: World) -> dict[str, Any]:
        """Addresses and keys of one world: what `storelab up --json` prints."""
        services = list(self.lab.services)
        backends = {
            name: {"url": world.url(name), **world.credentials(name)} for name in services if name != "woocommerce"
        }
        described: dict[str, Any] = {
            "url": world.base_url,
            "control": {"url": f"{world.base_url}/_lab", "token": self.token},
            "store": {"url": world.url("woocommerce"), **world.credentials("woocommerce")}
            if "woocommerce" in services
            else {},
            "backends": backends,
        }
        if self.sync_url:
            described["sync"] = {"url": self.sync_url}
        if self.authority:
            described["tls"] = {"authority": str(self.authority)}
        return described

    @cached_property
    def client(self) -> LabClient:
        """A client of the control API that needs no port. For any thread but the one of `loop`; once it has started."""
        assert self.loop is not None
        return LabClient(
            self.url, self.token, verify=str(self.authority or "") or True, reach=Nearby(self.app, self.loop)
        )

    def _made_console(self, make: type[Console]) -> Console:
        return make(
            self.lab,
            info=self.info,
            token=self.token,
            token_required=self.settings.host not in LOOPBACK,
            sync_url=self.sync_url,
            authority=str(self.authority or ""),
        )

    def start(self) -> Sandbox:
        self._server.start()
        if self._sync:
            self._sync.start()
            if self._front:
                self._front.start(self._sync.port)
        return self

    def stop(self) -> None:
        if self._front:
            self._front.stop()
        if self._sync:
            self._sync.stop()
        self._pages.close()
        self._server.stop()
        if self._tracing:
            self._tracing.collector.close()
        if self._alone is not None:
            self._alone.close()

    def join(self) -> None:
        self._server.join()

    @property
    def loop(self) -> asyncio.AbstractEventLoop | None:
        """Where everything happens, once it has started."""
        return self._server.loop

    def __enter__(self) -> Sandbox:
        return self.start()

    def __exit__(self, *exc: object) -> None:
        self.stop()


class Pages:
    """The console. What it needs is imported when somebody looks at it for the first time."""

    def __init__(self, make: Callable[[type[Console]], Console]) -> None:
        self._make = make
        self._made: Console | None = None

    def admit(self, request: Request) -> None:
        """Nobody can have been let in by what is not there yet."""
        if self._made is None:
            raise LabError("the console was not opened yet", status=401, code="log_in_first")
        self._made.admit(request)

    async def __call__(self, world: str, request: Request) -> Reply:
        if self._made is None:
            module = await asyncio.get_running_loop().run_in_executor(None, importlib.import_module, CONSOLE)
            self._made = self._made or self._make(module.Console)
        return await self._made(world, request)

    def close(self) -> None:
        if self._made:
            self._made.close()
