"""Keeps N connections busy with one request and counts the answers: run as a process of its own.

python -m benchmarks.load HOST PORT CONNECTIONS SECONDS < request

Prints how many answers were 2xx and how many not, and the median and the 99th percentile of the time that one took, in
milliseconds. `@n` in the request becomes another number each time, `@length` the length of the body.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import sys
import time

COUNTER = itertools.count(os.getpid() * 1_000_000)


def filled(request: bytes) -> bytes:
    """With the next number and the length of the body it makes."""
    head, end, body = request.replace(b"@n", str(next(COUNTER)).encode()).partition(b"\r\n\r\n")
    return head.replace(b"@length", str(len(body)).encode()) + end + body


async def answered(reader: asyncio.StreamReader) -> bytes:
    """The head of an answer, after its body was read: whole, in chunks, or to the end of the connection."""
    head = await reader.readuntil(b"\r\n\r\n")
    lower = head.lower()
    if b"transfer-encoding: chunked" in lower:
        while size := int((await reader.readline()).split(b";")[0], 16):
            await reader.readexactly(size + 2)
        await reader.readline()
        return head
    at = lower.find(b"content-length:")
    if at >= 0:
        at += 15
        await reader.readexactly(int(lower[at : lower.index(b"\r\n", at)]))
        return head
    await reader.read()
    return head + b"connection: close"


async def busy(host: str, port: int, request: bytes, until: float, took: list[float]) -> tuple[int, int]:
    """How many answers of 2xx, and how many others, one connection got."""
    good = bad = 0
    reader, writer = await asyncio.open_connection(host, port, limit=1 << 20)
    while (started := time.perf_counter()) < until:
        writer.write(filled(request))
        head = await answered(reader)
        took.append(time.perf_counter() - started)
        if head[9:10] == b"2":
            good += 1
        else:
            bad += 1
        if b"connection: close" in head.lower():
            writer.close()
            reader, writer = await asyncio.open_connection(host, port, limit=1 << 20)
    writer.close()
    return good, bad


async def main() -> None:
    host, port, connections, seconds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
    request = sys.stdin.buffer.read()
    until = time.perf_counter() + seconds
    took: list[float] = []
    counts = await asyncio.gather(*(busy(host, port, request, until, took) for _ in range(connections)))
    took.sort()
    median, slow = took[len(took) // 2] * 1000, took[int(len(took) * 0.99)] * 1000
    print(sum(good for good, _ in counts), sum(bad for _, bad in counts), f"{median:.3f} {slow:.3f}")


if __name__ == "__main__":
    asyncio.run(main())
