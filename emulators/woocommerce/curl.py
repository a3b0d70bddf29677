"""Why an address did not answer, in the words of the library that PHP calls it with."""

from __future__ import annotations

from urllib.parse import urlsplit

from ..kernel import Answer

_PORTS = {"http": 80, "https": 443}


def why(address: str, answer: Answer, timeout: float = 60.0) -> str:
    """The message for a call without an answer: too late, no such host, nobody there. `timeout` in seconds."""
    parts = urlsplit(address)
    if "within" in answer.error:
        return f"cURL error 28: Operation timed out after {timeout * 1000:.0f} milliseconds with 0 bytes received"
    if "gaierror" in answer.error:
        return f"cURL error 6: Could not resolve host: {parts.hostname}"
    port, milliseconds = parts.port or _PORTS.get(parts.scheme, 443), round(answer.seconds * 1000)
    return (
        f"cURL error 7: Failed to connect to {parts.hostname} port {port} after {milliseconds} ms: "
        "Couldn't connect to server"
    )
