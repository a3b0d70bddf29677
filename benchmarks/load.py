"""Keeps N connections busy with one request and counts the answers: run as a process of its own.

python -m benchmarks.load HOST PORT CONNECTIONS SECONDS < request

`@n` in the request becomes another number each time.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
import time

COUNTER = itertools.count()


async def busy(host: str, port: int, request: bytes, until: float) -> tuple[int, int]:
    """How many answers of 2xx, and how many others, one connection got."""
    good = bad = 0
    reader, writer = await asyncio.open_connection(host, port)
    while time.perf_counter() < until:
        writer.write(request.replace(b"@n", str(next(COUNTER)).encode()))
        head = await reader.readuntil(b"\r\n\r\n")
        lower = head.lower()
        at = lower.index(b"content-length:") + 15
        await reader.readexactly(int(lower[at : lower.index(b"\r\n", at)]))
        if head[9:10] == b"2":
            good += 1
        else:
            bad += 1
    writer.close()
    return good, bad


async def main() -> None:
    host, port, connections, seconds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
    request = sys.stdin.buffer.read()
    until = time.perf_counter() + seconds
    counts = await asyncio.gather(*(busy(host, port, request, until) for _ in range(connections)))
    print(sum(good for good, _ in counts), sum(bad for _, bad in counts))


if __name__ == "__main__":
    asyncio.run(main())
