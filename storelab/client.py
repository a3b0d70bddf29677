"""A client of the control API: what the CLI, the scenario player and tests speak to a sandbox with."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote, urlencode

from storelab.emulators.kernel.errors import LabError

if TYPE_CHECKING:
    import requests

DEFAULT_URL = "http://127.0.0.1:8700"
PATIENCE = 120  # seconds for an answer


class Answered(NamedTuple):
    """What came back: the status, the content type, the body."""

    status: int
    kind: str
    body: bytes


Reach = Callable[[str, str, Mapping[str, str], bytes], Answered]
"""How a sandbox is reached: method, address, headers and body of a request; `LabError` when nothing answers."""


class Http:
    """Over the network. `verify` is a certificate authority's file."""

    def __init__(self, verify: str | bool) -> None:
        self._verify = verify

    @cached_property
    def _session(self) -> requests.Session:
        import requests

        session = requests.Session()
        session.trust_env = False
        session.verify = self._verify
        return session

    def __call__(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answered:
        import requests
        from requests.exceptions import InvalidSchema, InvalidURL, MissingSchema

        at = url.partition("/_lab")[0]
        try:
            answer = self._session.request(method, url, headers=headers, data=body or None, timeout=PATIENCE)
        except requests.exceptions.SSLError:
            raise LabError(
                f"the certificate of {at} is not trusted: put the path of the authority that `storelab up --tls` "
                "names (trust) into STORELAB_CA",
                code="not_trusted",
            ) from None
        except (MissingSchema, InvalidSchema, InvalidURL):
            raise LabError(
                f"{at!r} is no address of a sandbox: write it like {DEFAULT_URL}", code="no_address"
            ) from None
        except requests.ConnectionError:
            raise LabError(
                f"no sandbox answers at {at}. Start one with `storelab up`, or name another with --url.",
                code="no_sandbox",
            ) from None
        except (requests.RequestException, ValueError) as bad:
            raise LabError(f"the sandbox at {at} did not answer: {type(bad).__name__}") from None
        return Answered(answer.status_code, answer.headers.get("Content-Type", ""), answer.content)


class LabClient:
    """One world of a running sandbox. Errors are `LabError` with the sandbox's own words.

    `url` is the world's address without a slash at the end; `verify` is a certificate authority's file; `reach` is how
    to come there, if not over the network.
    """

    def __init__(self, url: str = "", token: str = "", verify: str | bool = True, reach: Reach | None = None) -> None:
        self.url = (url or os.environ.get("STORELAB_URL", DEFAULT_URL)).rstrip("/")
        self.verify = os.environ.get("STORELAB_CA", verify) if verify is True else verify
        """What certificates are held against."""
        self._reach = reach or Http(self.verify)
        self._token = token or os.environ.get("STORELAB_TOKEN", "")

    def call(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """One call of the control API; `path` starts with "/" and is within `/_lab`."""
        given = {k: str(v).lower() if isinstance(v, bool) else v for k, v in query.items() if v is not None}
        url = f"{self.url}/_lab{quote(path, safe='/?&=%~')}" + (f"?{urlencode(given, doseq=True)}" if given else "")
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        sent = body if isinstance(body, bytes) else b""
        if body is not None and not isinstance(body, bytes):
            headers["Content-Type"] = "application/json"
            try:
                sent = json.dumps(body, allow_nan=False).encode()
            except ValueError:
                raise LabError("a number without an end cannot be sent: JSON has neither NaN nor Infinity") from None
        answer = self._reach(method, url, headers, sent)
        if answer.status >= 400:
            try:
                error = json.loads(answer.body)["error"]
                raise LabError(error["message"], status=answer.status, code=error["code"])
            except (ValueError, KeyError, TypeError):
                raise LabError(
                    f"{self.url} answered {answer.status} where a sandbox was expected",
                    status=answer.status,
                ) from None
        if answer.kind.startswith("application/json"):
            return json.loads(answer.body)
        return answer.body

    @cached_property
    def vocabulary(self) -> dict[str, Any]:
        """Service -> {"states": {words: {"about", "arguments", "required"}}, "moves": ..., "facts": ...}. Asked for
        once: no sandbox learns new words."""
        known: dict[str, Any] = self.call("GET", "/vocabulary")
        return known

    @cached_property
    def operations(self) -> dict[str, list[str]]:
        """Service -> the operations it has."""
        covered = self.call("GET", "/coverage")
        return {name: [row["operation"] for row in rows] for name, rows in covered.items()}

    def info(self) -> dict[str, Any]:
        found: dict[str, Any] = self.call("GET", "/info")
        return found

    def do(self, service: str, move: str, **arguments: Any) -> Any:
        return self.call("POST", f"/services/{service}/moves", {"name": move, "arguments": arguments})["result"]

    def state(self, service: str, state: str, **arguments: Any) -> Any:
        return self.call("POST", f"/services/{service}/states", {"name": state, "arguments": arguments})["result"]

    def fact(self, service: str, fact: str, **arguments: Any) -> Any:
        return self.call("POST", f"/services/{service}/facts", {"name": fact, "arguments": arguments})["result"]

    def clock(self, **settings: Any) -> dict[str, Any]:
        """Without settings: the time. Else one of freeze=True|"ISO", advance=seconds, live=True, until_idle=True."""
        read: dict[str, Any] = self.call("POST", "/clock", settings) if settings else self.call("GET", "/clock")
        return read

    def fault(self, **fault: Any) -> dict[str, Any]:
        added: dict[str, Any] = self.call("POST", "/faults", fault)
        return added

    def journal(self, **asked: Any) -> list[dict[str, Any]]:
        exchanges: list[dict[str, Any]] = self.call("GET", "/journal", None, **asked)["exchanges"]
        return exchanges

    def deliveries(self, **asked: Any) -> list[dict[str, Any]]:
        deliveries: list[dict[str, Any]] = self.call("GET", "/deliveries", None, **asked)["deliveries"]
        return deliveries

    def jobs(self, **asked: Any) -> list[dict[str, Any]]:
        """What the vendors do by themselves: waiting, under way, done and failed."""
        jobs: list[dict[str, Any]] = self.call("GET", "/jobs", None, **asked)["jobs"]
        return jobs

    def settle(self) -> None:
        self.call("POST", "/deliveries/settle")

    def redeliver_missed(self, service: str = "", since: str = "") -> dict[str, Any]:
        body = {k: v for k, v in (("service", service), ("since", since)) if v}
        again: dict[str, Any] = self.call("POST", "/deliveries/redeliver-missed", body)
        return again

    def make_world(self, name: str | None = None, seed: str | None = None, copy_of: str | None = None) -> LabClient:
        """A new world on the same sandbox; with `copy_of`, like that world."""
        given = (("name", name), ("seed", seed), ("copy_of", copy_of))
        body: Mapping[str, Any] = {k: v for k, v in given if v}
        return self._at(self.call("POST", "/worlds", body)["url"])

    def beside(self, name: str) -> LabClient:
        """Another world of the same sandbox, by its name."""
        return self._at(f"{self.url.split('/~')[0]}/~{name}")

    def _at(self, url: str) -> LabClient:
        return LabClient(url, self._token, self.verify, self._reach)

    def drop(self) -> None:
        self.call("DELETE", f"/worlds/{self.url.rsplit('/~', 1)[1]}")
