"""CPU per request of a list of ten products: storelab, validating both ways, beside Prism serving the same bytes.

    python -m benchmarks.side_by_side [--rounds 5] [--seconds 3] [--prism PATH] [--json]

Prism is npm's `@stoplight/prism-cli` in static mode, installed into a cache folder when it is not given. The servers
take turns in one run; the figure is user and system time of the whole server divided by its answers, because that is
the steadiest on a machine that others use too. Also: the same page with 100 and with 100,000 products, and with a
parameter that is new each time, so that no page that is still true can be shown again.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import requests

PATH = "/wp-json/wc/v3/products?per_page=10"
CONNECTIONS = 8


@dataclass
class Contestant:
    name: str
    process: subprocess.Popen[bytes]
    port: int
    request: bytes


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def cpu_seconds(root: int) -> float:
    """User and system time of a process and its descendants so far."""
    ticks = os.sysconf("SC_CLK_TCK")
    parents: dict[int, int] = {}
    times: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                parents[int(entry.name)] = int(fields[1])
                times[int(entry.name)] = int(fields[11]) + int(fields[12])

    def belongs(pid: int) -> bool:
        while pid not in (0, 1):
            if pid == root:
                return True
            pid = parents.get(pid, 0)
        return False

    return sum(t for pid, t in times.items() if belongs(pid)) / ticks


def asked(host_and_port: str, path: str, headers: dict[str, str]) -> bytes:
    lines = [f"GET {path} HTTP/1.1", f"Host: {host_and_port}", *(f"{n}: {v}" for n, v in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


@contextlib.contextmanager
def storelab(products: int) -> Iterator[tuple[Contestant, dict[str, Any], dict[str, str]]]:
    """A sandbox with that many products, its answers checked against the document."""
    port = free_port()
    environment = {**os.environ, "STORELAB_CHECK": "1"}
    process = subprocess.Popen(
        [sys.executable, "-m", "storelab.cli", "up", "--port", str(port), "--no-sync", "--json"],
        stdout=subprocess.PIPE,
        env=environment,
    )
    assert process.stdout is not None
    info = json.loads(process.stdout.readline())
    arguments = {"name": "a catalogue", "arguments": {"size": products}}
    requests.post(
        f"{info['control']['url']}/services/woocommerce/states", json=arguments, timeout=600
    ).raise_for_status()
    keys = f"{info['store']['consumer_key']}:{info['store']['consumer_secret']}"
    headers = {
        "Authorization": "Basic " + base64.b64encode(keys.encode()).decode(),
        "X-Forwarded-Proto": "https",
    }
    request = asked(f"127.0.0.1:{port}", "/woocommerce" + PATH, headers)
    try:
        yield Contestant(f"storelab, {products:,} products", process, port, request), info, headers
    finally:
        process.terminate()
        process.wait(10)


@contextlib.contextmanager
def prism(command: Path, body: Any) -> Iterator[Contestant]:
    """Prism, serving this body as the document's example."""
    port = free_port()
    parameters = [{"name": "per_page", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 100}}]
    answer = {
        "description": "products",
        "content": {"application/json": {"schema": {"type": "array"}, "example": body}},
    }
    operation = {"operationId": "list", "parameters": parameters, "responses": {"200": answer}}
    document = {
        "openapi": "3.0.3",
        "info": {"title": "t", "version": "1"},
        "paths": {"/wp-json/wc/v3/products": {"get": operation}},
    }
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "openapi.json"
        file.write_text(json.dumps(document))
        process = subprocess.Popen(
            [str(command), "mock", str(file), "-p", str(port), "-h", "127.0.0.1", "--verboseLevel", "error"],
            stdout=subprocess.DEVNULL,
            env={**os.environ, "NODE_ENV": "production"},
        )
        url = f"http://127.0.0.1:{port}{PATH}"
        for _ in range(600):
            with contextlib.suppress(requests.RequestException):
                if requests.get(url, timeout=2).json() == body:
                    break
            time.sleep(0.05)
        else:
            raise SystemExit("Prism does not serve the body it was given")
        try:
            yield Contestant("Prism, static", process, port, asked(f"127.0.0.1:{port}", PATH, {}))
        finally:
            process.terminate()
            process.wait(10)


def installed_prism() -> Path:
    """Prism from npm, in the user's cache folder."""
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "storelab" / "prism"
    command = folder / "node_modules" / ".bin" / "prism"
    if not command.exists():
        npm = shutil.which("npm")
        if npm is None:
            raise SystemExit("Prism needs npm (Node 18 or newer), or name it with --prism PATH")
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            [npm, "install", "--silent", "--no-audit", "--no-fund", "@stoplight/prism-cli"], cwd=folder, check=True
        )
    return command


def measured(contestant: Contestant, seconds: float) -> tuple[float, float]:
    """CPU milliseconds per request, and requests a second."""
    before, started = cpu_seconds(contestant.process.pid), time.perf_counter()
    run = subprocess.run(
        [sys.executable, "-m", "benchmarks.load", "127.0.0.1", str(contestant.port), str(CONNECTIONS), str(seconds)],
        input=contestant.request,
        stdout=subprocess.PIPE,
        check=True,
    )
    spent, took = cpu_seconds(contestant.process.pid) - before, time.perf_counter() - started
    good, bad = map(int, run.stdout.split())
    if bad or not good:
        raise SystemExit(f"{contestant.name} gave {bad} bad answers and {good} good ones")
    return spent / good * 1000, good / took


def _never_asked(request: bytes) -> bytes:
    return request.replace(b" HTTP/1.1", b"&exclude_meta=k@n HTTP/1.1", 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--many", type=int, default=100_000)
    parser.add_argument("--prism", type=Path)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    with storelab(100) as (few, info, headers), storelab(given.many) as (many, _, _):
        body = requests.get(info["store"]["url"] + PATH, headers=headers, timeout=30).json()
        with prism(given.prism or installed_prism(), body) as peer:
            new = [replace(c, name=f"{c.name}, each page new", request=_never_asked(c.request)) for c in (few, many)]
            contestants = [peer, few, many, *new]
            figures: dict[str, list[tuple[float, float]]] = {c.name: [] for c in contestants}
            for contestant in contestants:
                measured(contestant, 1)
            for number in range(given.rounds):
                print(f"round {number + 1} of {given.rounds}", file=sys.stderr)
                for contestant in contestants if number % 2 else reversed(contestants):
                    figures[contestant.name].append(measured(contestant, given.seconds))
    medians = {
        name: {
            "cpu_ms": round(statistics.median(cpu for cpu, _ in values), 3),
            "requests_per_second": round(statistics.median(rate for _, rate in values)),
        }
        for name, values in figures.items()
    }
    base = medians[peer.name]["cpu_ms"]
    if given.json:
        print(json.dumps({"medians": medians, "rounds": given.rounds, "body_bytes": len(json.dumps(body))}))
        return
    print(f"{'server':<46}{'CPU ms':>8}{'ratio':>7}{'req/s':>8}")
    for name, figure in medians.items():
        print(f"{name:<46}{figure['cpu_ms']:>8.3f}{figure['cpu_ms'] / base:>7.2f}{figure['requests_per_second']:>8}")


if __name__ == "__main__":
    main()
