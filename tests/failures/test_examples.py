"""The examples: what the careful connector survives, and what the naive one does not, with the reasons."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from storelab.client import LabClient
from storelab.failures import Verdict, catalogue, judged
from storelab.sandbox import Sandbox
from storelab.scenarios import player

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
NAIVE = {  # what it does not survive, and words that the reason must have
    "F03": "callback_url needs to be over SSL",
    "F04": "MUG is 10, wanted 4",
    "F05": "nothing was refused",
    "F07": "was refused",
    "F08": "status is active, wanted reconnect_required",
    "F09": "status is active, wanted reconnect_required",
    "F10": "status is active, wanted reconnect_required",
    "F11": "webhooks of keycrm accepted: 1 since the last look, wanted 0",
    "F12": "nothing was refused",
    "F16": "the copy's stock MUG is 4, wanted 10",
    "F20": "MUG is 10, wanted 3; it never was so",
    "F24": "MUG is 8, wanted 2; it never was so",
    "F26": "MUG is 10, wanted 7; it never was so",
    "F27": "calls to store: 200 since the last look, wanted at most 6",
    "F28": "MUG is 10, wanted 3; it never was so",
    "F29": "MUG is 8, wanted 5; it never was so",
    "F34": "P-000001 is 0, wanted 31",
    "F36": "MUG is 99, wanted 10",
    "F37": "CAP is 10, wanted 6",
    "F39": "MUG is -1, wanted 0",
    "F41": "MUG is 2, wanted 10",
    "F44": "GIFT manage_stock is True, wanted False",
    "F47": "SHIRT-M is 5, wanted 2",
    "F49": "MUG is 10, wanted 6",
    "F50": "nothing ran into this fault",
    "F51": "SKU-000051 is 1, wanted 10",
    "F52": "PUT of store: 1 since the last look, wanted 0",
}


@contextmanager
def running(*command: str, authority: object) -> Iterator[str]:
    """The address of an example's driver API, for as long as it is needed."""
    trust = {"SSL_CERT_FILE": str(authority), "NODE_EXTRA_CA_CERTS": str(authority)}
    process = subprocess.Popen([*command, "0"], stdout=subprocess.PIPE, text=True, env={**os.environ, **trust})
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


def report(connector: str, lab: LabClient, secure_lab: LabClient) -> dict[str, Verdict]:
    """The verdicts on all failures that are told with KeyCRM, by id."""
    told = [failure for failure in catalogue() if failure.backend == "keycrm"]
    labs = {"": lab, "https": secure_lab}
    return {f.path.stem: judged(f, player.result(f, labs[f.needs], connector)) for f in told}


def test_the_careful_example_survives_all_but_the_hand_off(
    lab: LabClient, secure_lab: LabClient, secure: Sandbox
) -> None:
    script = str(EXAMPLES / "careful" / "connector.py")
    with running(sys.executable, script, authority=secure.authority) as connector:
        verdicts = report(connector, lab, secure_lab)

    assert {id_: v.why for id_, v in verdicts.items() if v.held is False} == {}
    assert [id_ for id_, v in verdicts.items() if v.held is None] == ["F01", "F02"]


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_the_naive_example_does_not_survive_what_it_should_not_and_the_report_says_why(
    lab: LabClient, secure_lab: LabClient, secure: Sandbox
) -> None:
    script = str(EXAMPLES / "naive" / "connector.js")
    with running("node", script, authority=secure.authority) as connector:
        verdicts = report(connector, lab, secure_lab)

    broken = {id_: verdict for id_, verdict in verdicts.items() if verdict.held is False}
    assert len(broken) >= 20
    assert {
        id_: "; ".join(v.why)[:200] for id_, v in broken.items() if NAIVE.get(id_, "?") not in "; ".join(v.why)
    } == {}
    assert broken.keys() == NAIVE.keys()
    assert [id_ for id_, verdict in broken.items() if not verdict.proof] == []
    assert sum(verdict.proof[0].startswith("#") for verdict in broken.values()) >= 15
