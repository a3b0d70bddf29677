"""To a collector, by OTLP over HTTP. Whatever it does, nobody here waits for it: spans are sent from a thread of their
own, in batches, from a queue that loses spans when it is full."""

from __future__ import annotations

import logging
import os
import threading
from typing import Any
from urllib.parse import urlsplit

import requests
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.environment_variables import OTEL_BSP_SCHEDULE_DELAY
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from storelab.emulators.kernel.errors import LabError
from storelab.sync.in_time import Adapter

log = logging.getLogger("storelab")
DELAY = 1_000  # milliseconds until a span is sent: somebody looks at it now
FAREWELL = 3.0  # seconds at the end for what was not sent yet
PATH = "/v1/traces"


class Collector:
    """`address` is where it listens, "http://127.0.0.1:4318". Certificates are verified (OTEL_EXPORTER_OTLP_CERTIFICATE
    for an authority of yours); headers, timeout, compression, queue and batches are those of the standard variables."""

    def __init__(self, address: str) -> None:
        self.address = checked(address)
        logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)  # it would tell of every batch, and every span
        delay = None if OTEL_BSP_SCHEDULE_DELAY in os.environ else DELAY
        exporter = OTLPSpanExporter(endpoint=self.address, session=_Session(self._complain))
        self._processor = BatchSpanProcessor(exporter, schedule_delay_millis=delay)
        self._told = False

    def take(self, span: ReadableSpan) -> None:
        self._processor.on_end(span)

    def close(self) -> None:
        """Send what is left. A collector that is slow about it is not waited for."""
        closing = threading.Thread(target=self._processor.shutdown, name="storelab-traces", daemon=True)
        closing.start()
        closing.join(FAREWELL)

    def _complain(self, why: str) -> None:
        if not self._told:
            self._told = True
            log.warning("traces do not reach %s: %s. storelab goes on without, and says so once", self.address, why)


def checked(address: str) -> str:
    """Where traces are sent to, if it is an address; `LabError` if not."""
    parts = urlsplit(address)
    try:
        plain = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        plain = False
    if not plain or "@" in parts.netloc or parts.query or parts.fragment:
        raise LabError(
            "--otlp wants the http or https address of a collector, such as http://127.0.0.1:4318; what it wants to be "
            "shown goes into OTEL_EXPORTER_OTLP_HEADERS",
            code="no_address",
        )
    path = parts.path.rstrip("/")
    return f"{parts.scheme}://{parts.netloc}{path if path.endswith(PATH) else path + PATH}"


class _Session(requests.Session):
    """Reads no answer, only how it begins, and that within a time; tells what goes wrong. Proxies and credentials that
    lie about on this machine are not for it."""

    def __init__(self, complain: Any) -> None:
        super().__init__()
        self.trust_env = False
        self._complain = complain
        for scheme in ("http://", "https://"):
            self.mount(scheme, Adapter())

    def request(self, *args: Any, **options: Any) -> requests.Response:
        try:
            answer = super().request(*args, **{**options, "stream": True})
        except requests.exceptions.SSLError:
            self._complain("its certificate is not trusted")
            raise
        except requests.exceptions.Timeout:
            self._complain("it does not answer in time")
            raise
        except (requests.exceptions.RequestException, OSError) as bad:
            refused = "NewConnectionError" in repr(bad)
            self._complain("nobody listens there" if refused else f"the connection broke ({type(bad).__name__})")
            raise
        answer.close()
        if not 200 <= answer.status_code < 300:
            self._complain(f"it answered {answer.status_code}")
        return answer
