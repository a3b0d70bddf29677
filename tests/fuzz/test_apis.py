"""Every API from every named state: each answer keeps to the document, and to the laws.

A small number of requests, always the same ones. STORELAB_FUZZ_EXAMPLES (50, say) tries that many for each operation,
in all phases and with every alias, and takes an hour.
"""

from __future__ import annotations

import os

import pytest

from storelab.client import LabClient
from storelab.emulators.kernel.lab import found_emulators
from storelab.fuzzing import FRESH, OURS, PHASES, Plan, fuzz

LONG = os.environ.get("STORELAB_FUZZ_EXAMPLES", "")


def plan(service: str, state: str) -> Plan:
    """The cases that a document spells out are tried from a fresh account only: they are thousands."""
    if LONG:
        return Plan(service, state, examples=int(LONG))
    if service in OURS:
        return Plan(service, examples=5)
    phases = PHASES if state == FRESH else ("fuzzing", "stateful")
    return Plan(service, state, examples=2, phases=phases, quick=True)


EMULATED = [plan(name, state) for name, e in found_emulators().items() for state in (FRESH, *e.states)]


@pytest.mark.parametrize("planned", [*EMULATED, *(plan(name, FRESH) for name in OURS)], ids=lambda p: p.title)
def test_every_answer_keeps_to_the_document_and_the_laws(apart: LabClient, planned: Plan) -> None:
    outcome = fuzz(apart, planned)

    told = [f"{f.operation}: {f.title}\n{f.message}\n{f.curl}\nagain: {f.replay}" for f in outcome.findings]
    assert outcome.requests > outcome.operations
    assert not told, "\n\n".join(told)
