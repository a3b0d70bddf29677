"""Which calls between sync, store and backends no contract speaks of.

What really crossed the wire is taken from the journal of stories that are played: who asked whom for which operation,
and how it ended (2xx, 4xx). Each such use wants an interaction of its own in a pact of the two. What a fault answered
is nobody's promise; pings of a store say nothing; and browsers agree on nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from storelab.client import LabClient
from storelab.emulators.kernel import Emulator, Request
from storelab.emulators.kernel.documents import load_document
from storelab.emulators.kernel.lab import found_emulators
from storelab.emulators.kernel.operations import Document
from storelab.scenarios import player, story
from storelab.scenarios.driver import BROWSER
from storelab.scenarios.events import Crossed

from .pactfiles import PACTS, pact_files, read

STORE = "woocommerce"
SYNC, SYNC_SENDER = "sync", "storelab-sync"  # how sync signs its requests
TOPIC = "x-wc-webhook-topic"
PING = "webhook_id="
WEBHOOK, CALL_BACK = "webhook", "call-back"  # messages without a topic
DEMO = "connect_to_sync"  # the story of each backend that goes the whole way

Exchange = Mapping[str, Any]


@dataclass(frozen=True, order=True)
class Use:
    """A kind of call. `what`: method and operation of a request, or what a message is about. `outcome`: "2xx" and so
    on; messages have none."""

    consumer: str
    provider: str
    kind: str  # "request" or "message"
    what: str
    outcome: str = ""

    @property
    def call(self) -> str:
        """For people."""
        return f"{self.what} {self.outcome}" if self.outcome else f"{self.kind} {self.what}"


@dataclass(frozen=True)
class Row:
    """How often a use was seen, first in which story, and how many interactions speak of it."""

    use: Use
    times: int
    story: str
    interactions: int

    @property
    def covered(self) -> bool:
        return self.interactions > 0

    def as_json(self) -> dict[str, Any]:
        return {**vars(self.use), "times": self.times, "story": self.story, "interactions": self.interactions}


@dataclass(frozen=True)
class Coverage:
    rows: tuple[Row, ...]

    @property
    def gaps(self) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if not row.covered)

    @property
    def whole(self) -> bool:
        """Something was seen, and a contract speaks of all of it."""
        return bool(self.rows) and not self.gaps

    def as_json(self) -> dict[str, Any]:
        return {"whole": self.whole, "uses": [row.as_json() for row in self.rows]}


def coverage(lab: LabClient, stories: Iterable[Path] = (), *, provider: str = "", folder: Path = PACTS) -> Coverage:
    """Of these stories; without any, of the one that goes the whole way, for each backend. With `provider`, of what
    that one was asked and sent."""
    agreed, seen, first = agreed_uses(folder), Counter[Use](), dict[Use, str]()
    sync_url = (lab.info().get("sync") or {}).get("url", "")
    for path in list(stories) or demos():
        told = story.read(path)
        exchanges = [e for event in player.play(told, lab) if isinstance(event, Crossed) for e in event.exchanges]
        for use in uses(exchanges, sync_url):
            seen[use] += 1
            first.setdefault(use, told.name)
    wanted = sorted(use for use in seen if provider in ("", use.provider))
    return Coverage(tuple(Row(use, seen[use], first[use], agreed[use]) for use in wanted))


def demos() -> list[Path]:
    return [path for path in story.stories() if path.stem == DEMO]


# -- what was seen


def uses(exchanges: Sequence[Exchange], sync_url: str) -> Iterator[Use]:
    """Of a journal, in its order. A request of a backend is known by what the backend wrote down of sending it."""
    services = set(found_emulators())
    senders = {_trace(e): e for e in exchanges if e["direction"] == "out"}
    for e in exchanges:
        if e["direction"] == "out":
            consumer = _receiver(e["url"], services, sync_url)
            if consumer not in ("", e["service"]) and _is_message(e, consumer) and not _browses(e):
                headers = {name.lower(): value for name, value in e["request"]["headers"]}
                about = WEBHOOK if e["operation"] == WEBHOOK else CALL_BACK
                yield Use(consumer, e["service"], "message", headers.get(TOPIC) or about)
        elif e["status"] is not None and not e["fault"] and e["sender"] != BROWSER.split("/")[0]:
            sent = senders.get(_trace(e))
            if sent is not None and _tells(sent):
                continue
            consumer = SYNC if e["sender"] == SYNC_SENDER else sent["service"] if sent else e["sender"] or "nobody"
            if consumer != e["service"]:
                what = f"{e['method']} {e['operation'] or urlsplit(e['url']).path}"
                yield Use(consumer, e["service"], "request", what, outcome(e["status"]))


def outcome(status: int) -> str:
    return f"{status // 100}xx"


def _trace(e: Exchange) -> tuple[str, str, str]:
    """What a request shows at both of its ends."""
    agent = next((value for name, value in e["request"]["headers"] if name.lower() == "user-agent"), "")
    return e["method"], urlsplit(e["url"]).path, agent


def _tells(sent: Exchange) -> bool:
    """Whether it tells something, rather than asks: webhooks, and what a store sends; pictures it fetches."""
    return bool(sent["operation"] == WEBHOOK or (sent["service"] == STORE and sent["method"] != "GET"))


def _browses(sent: Exchange) -> bool:
    """Whether a move plays a person whose browser is led elsewhere."""
    return _trace(sent)[2].startswith(BROWSER.split("/")[0])


def _is_message(sent: Exchange, consumer: str) -> bool:
    """What is sent to sync is heard by it; what asks another service is written down by that one."""
    return (_tells(sent) or consumer == SYNC) and not sent["request"]["body"].startswith(PING)


def _receiver(url: str, services: set[str], sync_url: str) -> str:
    """Which of the parties lives at this address; nothing for anybody else."""
    if sync_url and url.startswith(sync_url + "/"):
        return SYNC
    first, _, rest = urlsplit(url).path.lstrip("/").partition("/")
    service = rest.partition("/")[0] if first.startswith("~") else first
    return service if service in services else ""


# -- what was agreed on


def agreed_uses(folder: Path = PACTS) -> Counter[Use]:
    """How many interactions of the pacts speak of each use."""
    found: Counter[Use] = Counter()
    providers: dict[str, tuple[Emulator, Document]] = {}
    emulators = found_emulators()
    for path in pact_files(folder):
        pact = read(path)
        consumer, name = pact["consumer"]["name"], pact["provider"]["name"]
        if name not in emulators:
            continue
        if name not in providers:
            providers[name] = emulators[name], Document(load_document(name), None)
        for interaction in pact["interactions"]:
            found[_agreed(consumer, name, interaction, *providers[name])] += 1
    return found


def _agreed(
    consumer: str, provider: str, interaction: Mapping[str, Any], emulator: Emulator, document: Document
) -> Use:
    if "request" not in interaction:
        topic = interaction.get("metadata", {}).get(TOPIC)
        return Use(consumer, provider, "message", topic or (CALL_BACK if provider == STORE else WEBHOOK))
    asked = interaction["request"]
    headers = {name.lower(): ",".join(values) for name, values in asked.get("headers", {}).items()}
    query = urlencode([(name, value) for name, values in asked.get("query", {}).items() for value in values])
    root = f"https://{provider}.example/{provider}"
    request = emulator.incoming(Request(asked["method"], asked["path"], root, query, headers))
    operation = document.match(request.method, request.path).operation
    what = f"{asked['method']} {operation.name if operation else asked['path']}"
    return Use(consumer, provider, "request", what, outcome(interaction["response"]["status"]))
