"""Speaks the driver API (`openapi/connector.yaml`) to a connector: the reference sync or anybody's."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

import requests

from storelab.emulators.kernel.errors import LabError

TIMEOUT = 60.0  # seconds of real time that one answer may take
IMMORTAL = (
    "only storelab's own sync can be killed at a point of its work, and is when no --connector is named. Kill yours "
    "from outside while it works (kill -9), start it again, and have the story played without this step"
)
BROWSER = "Mozilla/5.0 (X11; Linux x86_64) storelab"


class Refusal(Exception):
    """The connector said no, in its own words."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


TOKEN = "STORELAB_SYNC_TOKEN"  # noqa: S105


class NoConnector(LabError):
    """Nobody answers, or what answers is not a connector."""

    def __init__(self, message: str) -> None:
        super().__init__(message, code="no_connector")


class Driver:
    """One connector. `url` is where its driver API is; `token` is what it wants to see where it does not listen on
    loopback only: the one in STORELAB_SYNC_TOKEN when none is given."""

    mortal = False  # whether it can be killed at a point of its work, and started again

    def __init__(self, url: str, *, token: str = "") -> None:
        self.url = url.rstrip("/")
        self._session = requests.Session()
        self._session.trust_env = False
        shown = token or os.environ.get(TOKEN, "")
        self._headers = {"Authorization": f"Bearer {shown}"} if shown else {}

    def connect(self, wanted: Mapping[str, Any], now: datetime | None) -> dict[str, Any]:
        """`wanted`: {backend, store: {url, keys, admin}, credentials, settings}. Answers {id, hooks, todo, open}.
        Without a time, here and below, the connection works by itself, in real time."""
        made = self._call("POST", "/connections", {**wanted, **_at(now)})
        if not isinstance(made.get("id"), str):
            raise NoConnector(f"the connector at {self.url} answered POST /connections without an id")
        return made

    def confirm(self, connection: str, now: datetime | None) -> dict[str, Any]:
        """The merchant confirms what connect began."""
        return self._call("POST", f"/connections/{connection}/confirm", _at(now))

    def disconnect(self, connection: str) -> dict[str, Any]:
        return self._call("DELETE", f"/connections/{connection}")

    def tick(self, connection: str, now: datetime | None) -> dict[str, Any]:
        """Do what is due at this time. Answers {did: [...], next_at: time or null, idle}."""
        return self._call("POST", f"/connections/{connection}/tick", _at(now))

    def push(self, connection: str, now: datetime | None) -> dict[str, Any]:
        """What the special URL, called by cron, or the button would start."""
        return self._call("POST", f"/connections/{connection}/push", _at(now))

    def start(self, connection: str, button: str, now: datetime | None) -> dict[str, Any]:
        """What any other button starts."""
        return self._call("POST", f"/connections/{connection}/runs/{button}", _at(now))

    def wants(self, backend: str) -> dict[str, Any]:
        """What the connector says of itself for this backend; empty when it says nothing, as it may."""
        return next((one for one in self.described() if one.get("backend") == backend), {})

    def backends(self) -> list[str]:
        """The backends it says it knows; nothing when it does not say. `NoConnector` when nobody is there."""
        with suppress(Refusal):
            self._asked("GET", "/")
        return [str(one["backend"]) for one in self.described() if "backend" in one]

    def described(self) -> list[dict[str, Any]]:
        """What the connector says of itself for every backend; empty when it says nothing."""
        try:
            told = self._asked("GET", "/backends")
        except (Refusal, NoConnector):
            return []
        return [one for one in told if isinstance(one, dict)] if isinstance(told, list) else []

    def connections(self) -> list[dict[str, Any]]:
        """All connections in outline, oldest first."""
        told = self._asked("GET", "/connections")
        return [one for one in told if isinstance(one, dict)] if isinstance(told, list) else []

    def status(self, connection: str) -> dict[str, Any]:
        return self._call("GET", f"/connections/{connection}")

    def call_hook(self, url: str) -> None:
        """Call one of the connector's own addresses, as a cron job would. Its token is never shown."""
        try:
            answer = self._session.get(url, timeout=TIMEOUT)
        except (requests.RequestException, ValueError) as bad:
            raise NoConnector(f"the connector's address for cron does not answer: {type(bad).__name__}") from None
        if answer.status_code >= 400:
            raise Refusal(answer.status_code, _message(_json(answer)) or f"status {answer.status_code}")

    def kill(self, after: int) -> None:
        """At this point of its work from now on: 1 is the next one."""
        raise LabError(IMMORTAL)

    def spare(self) -> None:
        """It is not to be killed any more."""

    def revive(self, connections: Sequence[str], now: datetime) -> bool:
        """Start it again if it was killed; whether it was."""
        return False

    def close(self) -> None:
        self._session.close()

    def _call(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        said = self._asked(method, path, body)
        if not isinstance(said, dict):
            raise NoConnector(
                f"the connector at {self.url} answered {method} {path} with something that is not a JSON object"
            )
        return said

    def _asked(self, method: str, path: str, body: Any = None) -> Any:
        try:
            answer = self._session.request(
                method, f"{self.url}{path}", json=body, headers=self._headers, timeout=TIMEOUT
            )
        except requests.ConnectionError:
            raise NoConnector(
                f"no connector answers at {self.url}: start it there (a sandbox's own comes with it), or name another "
                "with --connector"
            ) from None
        except (requests.RequestException, ValueError) as bad:
            raise NoConnector(f"the connector at {self.url} did not answer {method} {path}: {bad}") from None
        said = _json(answer) if answer.content else {}
        if answer.status_code >= 400:
            raise Refusal(answer.status_code, _message(said) or f"status {answer.status_code}")
        return said


def _json(answer: requests.Response) -> Any:
    try:
        return answer.json()
    except (ValueError, RecursionError):
        return None


def _at(now: datetime | None) -> dict[str, str]:
    return {"now": _text(now)} if now else {}


def _text(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _message(said: Any) -> str:
    """The words of an error, wherever a connector puts them."""
    if not isinstance(said, dict):
        return ""
    error = said.get("error", said)
    if isinstance(error, str):
        return error
    if isinstance(error, dict):
        for name in ("message", "detail", "title"):
            if isinstance(error.get(name), str):
                return str(error[name])
    return ""


def moment(text: str) -> datetime:
    """A time that a connector said; `NoConnector` when it is none."""
    try:
        read = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        raise NoConnector(f"the connector answered {text!r} where a time was expected") from None
    if read.tzinfo is None:
        raise NoConnector(f"the connector answered {text!r}: a time without a zone")
    return read
