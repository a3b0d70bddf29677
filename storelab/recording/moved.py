"""Who of the two has moved since the recording: the vendor, or the emulator of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from .alike import Learnt
from .compare import Difference
from .file import Call, Recording
from .replay import Outcome, judged

VENDOR, EMULATOR, ALIKE, APART = "vendor", "emulator", "both, alike", "both, apart"


@dataclass(frozen=True)
class Move:
    """A place that is not as it was recorded. `who` is vendor (the emulator answers as recorded), emulator (the vendor
    still answers as recorded), or both: alike when they say the same now."""

    who: str
    call: str
    level: int
    where: str
    recorded: Any
    vendor: Any
    emulator: Any

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def moves(vendor: Sequence[Outcome], emulator: Sequence[Outcome]) -> list[Move]:
    """Both against one recording, call by call."""
    by_number = {outcome.call.number: outcome for outcome in emulator}
    return [move for theirs in vendor if (ours := by_number.get(theirs.call.number)) for move in _moves(theirs, ours)]


def _moves(vendor: Outcome, emulator: Outcome) -> Iterator[Move]:
    if vendor.ours is None or emulator.ours is None:
        return
    theirs, ours = ({d.where: d for d in outcome.differences} for outcome in (vendor, emulator))
    call = f"{vendor.call.method} {vendor.call.target}"
    for where in dict.fromkeys((*theirs, *ours)):
        one, other = theirs.get(where), ours.get(where)
        told: Difference = one or other  # type: ignore[assignment]
        who = _who(one, other)
        now = [side.ours if side else told.recorded for side in (one, other)]
        yield Move(who, call, told.level, where, told.recorded, *now)


def _who(vendor: Difference | None, emulator: Difference | None) -> str:
    if vendor and emulator:
        return ALIKE if vendor.ours == emulator.ours else APART
    return VENDOR if vendor else EMULATOR


def recorded_again(old: Recording, new: Recording) -> list[Outcome]:
    """What a later recording answers to the calls of an earlier one, matched by method, path and how often before."""
    learnt = Learnt(old.placeholders)
    later = _by_kind(new.calls)
    outcomes = []
    for key, call in _by_kind(old.calls).items():
        match = later.get(key)
        if match is None:
            outcomes.append(Outcome(call, None, skipped="it is not in the later recording"))
        else:
            outcomes.append(Outcome(call, match.answer, tuple(judged(call, match.answer, learnt))))
    return outcomes


def _by_kind(calls: Sequence[Call]) -> dict[tuple[str, str, int], Call]:
    found: dict[tuple[str, str, int], Call] = {}
    for call in calls:
        again = 0
        while (key := (call.method, call.target, again)) in found:
            again += 1
        found[key] = call
    return found
