"""The word `expect`: what must be so now, and what must have crossed the wire since the last look."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from storelab.emulators.kernel.spelling import nearest

from . import wire
from .compare import ABSENT, Miss, brief, misses
from .scene import Beliefs, Broken, Scene
from .story import STORE, Step
from .vocabulary import EXPECTED, service_of
from .wire import Exchange

COUNTED = "webhooks of"  # how a sentence about their number begins
ANY_WORDS = "in any words"
MOST_PROOF = 8  # exchanges that are shown for a failure


def check_expected(scene: Scene, step: Step) -> None:
    """`Broken` with everything that is not as the step wants it."""
    if "refused" not in step.value:
        scene.nothing_was_refused()
    found: list[Miss] = []
    scene.looked = True
    for name, wanted in step.value.items():
        if name in EXPECTED:
            found += _CHECKS[name](scene, wanted)
        else:
            fact = scene.world.fact(scene.story.backend, name)
            found += misses(wanted, fact, (name,), f"{scene.story.backend}'s {name}")
    if found:
        raise Broken([_told(scene, miss) for miss in found], _proof(scene, found))


def _told(scene: Scene, miss: Miss) -> str:
    """The sentence, and where one number is wanted for another: when it was so."""
    if len(miss.place) == 2 and miss.place[0] in ("shelf", "received"):
        return f"{miss.message}; {_remembered(scene, str(miss.place[0]), str(miss.place[1]), miss.wanted)}"
    return miss.message


def _remembered(scene: Scene, side: str, sku: str, wanted: Any) -> str:
    """What this number was before: as wanted once, or never, and since when it is what it is."""

    def then(beliefs: Beliefs) -> Any:
        return getattr(beliefs, side).get(sku)

    past = scene.history
    so = [n for n, (_, beliefs) in enumerate(past) if wanted != ABSENT and then(beliefs) == wanted]
    if so and so[-1] + 1 < len(past):
        changed = past[so[-1] + 1][0]
        return f"it was so until line {changed.line} ({changed.text()})"
    first = next((step for step, beliefs in past if then(beliefs) == then(scene.beliefs)), None)
    since = f", and is what it is since line {first.line}" if first else ""
    return f"it never was so{since}"


# -- what is so now


def _shelf(scene: Scene, wanted: Any) -> Iterator[Miss]:
    yield from misses(wanted, scene.pieces(STORE), ("shelf",), "on the store's shelf")


def _received(scene: Scene, wanted: Any) -> Iterator[Miss]:
    backend = scene.story.backend
    yield from misses(wanted, scene.pieces(backend), ("received",), f"in {backend}")


def _store(scene: Scene, wanted: Mapping[str, Any]) -> Iterator[Miss]:
    for fact, value in wanted.items():
        yield from misses(value, scene.world.fact(STORE, fact), ("store", fact), f"the store's {fact}")


def _staging(scene: Scene, wanted: Mapping[str, Any]) -> Iterator[Miss]:
    for fact, value in wanted.items():
        yield from misses(value, scene.copy().fact(STORE, fact), ("staging", fact), f"the copy's {fact}")


def _status(scene: Scene, wanted: Any) -> Iterator[Miss]:
    said = scene.status()
    if isinstance(wanted, str):
        wanted = {"status": wanted}
    for miss in misses(wanted, said, ("status",), "the connection's"):
        reason = f" (reason: {said['reason']})" if said.get("reason") and "reason" not in wanted else ""
        yield Miss(miss.place, miss.message + reason, miss.wanted, miss.found)


def _refused(scene: Scene, wanted: str) -> Iterator[Miss]:
    refusal, scene.refusal = scene.refusal, None
    says = "" if wanted == ANY_WORDS else f" that says {wanted!r}"
    if refusal is None:
        yield Miss(("refused",), f"nothing was refused, wanted a refusal{says}", wanted)
    elif says and wanted.casefold() not in refusal[1].casefold():
        yield Miss(("refused",), f"the refusal says {refusal[1]!r}, wanted {wanted!r} in it", wanted, refusal[1])


# -- what crossed the wire


def _calls(scene: Scene, wanted: Mapping[str, Any]) -> Iterator[Miss]:
    window = scene.window()
    for service, counts in wanted.items():
        asked = wire.asked_of(window, service_of(service))
        if not isinstance(counts, Mapping) or counts.keys() <= {"at least", "at most"}:
            yield from _count_miss(("calls", service), f"calls to {service}", counts, asked, asked)
            continue
        for name, count in counts.items():
            these = [e for e in asked if name in (e["operation"], e["method"], str(e["status"]))]
            what = f"answers {name} of {service}" if name.isdigit() else f"{name} of {service}"
            yield from _count_miss(("calls", service, name), what, count, these, asked)


def _count_miss(
    place: tuple[str, ...], what: str, wanted: Any, these: Sequence[Exchange], nearby: Sequence[Exchange]
) -> Iterator[Miss]:
    if wire.within(len(these), wanted):
        return
    said = f"{what}: {len(these)} since the last look, wanted {_number(wanted)}"
    shown = these
    if not these and nearby:
        counts = wire.counted(nearby)
        operations = {e["operation"] for e in nearby if e["operation"]}
        close = nearest(place[-1], operations)
        others = ", ".join(f"{name} {counts[name]}" for name in sorted(operations))
        said += f"; there were: {others}" if others else ""
        said += f" (nearest: {close})" if close else ""
        shown = nearby
    elif not these:
        said += "; nothing at all was called"
    yield Miss(place, said, wanted, len(these), exchanges=tuple(int(e["number"]) for e in shown))


def _number(wanted: Any) -> str:
    if isinstance(wanted, Mapping):
        return " and ".join(f"{bound} {number}" for bound, number in wanted.items())
    return str(wanted)


def _sent(scene: Scene, wanted: Mapping[str, Any]) -> Iterator[Miss]:
    window = scene.window()
    for service, names in wanted.items():
        asked = wire.asked_of(window, service_of(service))
        if isinstance(names, Mapping):
            for operation, some in names.items():
                these = [e for e in asked if e["operation"] == operation]
                place, to = ("sent", service, operation), f"{operation} of {service}"
                if not these:
                    yield Miss(place, f"{to} was not called, so nothing shows what it carries", some)
                yield from _names_misses(place, to, some, these, wire.carried)
        else:
            yield from _names_misses(("sent", service), service, names, asked, wire.carried)


def _names_misses(
    place: tuple[str, ...],
    to: str,
    wanted: Iterable[str],
    exchanges: Sequence[Exchange],
    carried: Callable[[Exchange], set[str]],
) -> Iterator[Miss]:
    """Everything that was sent and is not among the names."""
    wanted = list(wanted)
    by_name: dict[str, list[int]] = {}
    for e in exchanges:
        for name in carried(e):
            by_name.setdefault(name, []).append(int(e["number"]))
    for name in sorted(by_name.keys() - set(wanted)):
        said = f"{name!r} was sent to {to}, wanted nothing but {brief(wanted)}"
        if close := nearest(name, wanted):
            said += f" (nearest: {close!r})"
        yield Miss(place, said, wanted, sorted(by_name), exchanges=tuple(by_name[name]))


def _unsaid(scene: Scene, wanted: Mapping[str, Sequence[str]]) -> Iterator[Miss]:
    for service, texts in wanted.items():
        asked = wire.asked_of(scene.exchanges, service_of(service))
        for text in texts:
            if saying := [e for e in asked if wire.holds(e, text)]:
                said = f"{text!r} was said to {service} in {saying[0]['method']} {saying[0]['operation']}, wanted never"
                yield Miss(("unsaid", service), said, exchanges=tuple(int(e["number"]) for e in saying))


def _deliveries(scene: Scene, wanted: Mapping[str, Any]) -> Iterator[Miss]:
    window = scene.window()
    for service, counts in wanted.items():
        sent = wire.sent_by(window, service_of(service))
        kinds = {"sent": sent, "accepted": [e for e in sent if wire.accepted(e)]}
        kinds["refused"] = [e for e in sent if not wire.accepted(e)]
        for kind, count in counts.items() if isinstance(counts, Mapping) else [("sent", counts)]:
            place = ("deliveries", service, kind)
            if kind == "carry":
                body = lambda e: wire.body_fields(e["request"]["body"])  # noqa: E731
                yield from _names_misses(place, f"the receiver of {service}", count, sent, body)
            else:
                yield from _count_miss(place, f"{COUNTED} {service} {kind}", count, kinds[kind], sent)


# -- the proof


def _proof(scene: Scene, found: Sequence[Miss]) -> list[Exchange]:
    """The exchanges that show what went wrong: those that a miss names, else those that speak of its words, writes
    and refusals before reads; without any, the last ones."""
    window = scene.window()
    named = {number for miss in found for number in miss.exchanges}
    chosen = [e for e in scene.exchanges if e["number"] in named]
    words = sorted({word for miss in found for word in miss.words})
    if not chosen and words:
        speaking = [e for e in window if wire.mentions(e, words)]
        telling = [e for e in speaking if wire.writes(e) or not wire.accepted(e)]
        chosen = telling or speaking
    if not chosen:
        chosen = [e for e in window if not wire.accepted(e)] or window
    return chosen[-MOST_PROOF:]


_CHECKS: dict[str, Callable[[Scene, Any], Iterator[Miss]]] = {
    "shelf": _shelf,
    "received": _received,
    "store": _store,
    "staging": _staging,
    "status": _status,
    "refused": _refused,
    "calls": _calls,
    "sent": _sent,
    "unsaid": _unsaid,
    "deliveries": _deliveries,
}
