"""What a sandbox keeps in memory once everything was asked for."""

from __future__ import annotations

import subprocess
import sys

MOST = 60  # megabytes; each validator with a copy of its whole document made it 1,800

COMPILED = """
from pathlib import Path
from storelab.emulators.kernel.documents import load_document
from storelab.emulators.kernel.lab import found_emulators
from storelab.emulators.kernel.operations import Document

def megabytes():
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024

documents = [Document(load_document(name), None) for name in found_emulators()]
before = megabytes()
for document in documents:
    for operation in document.operations.values():
        for where in ("path", "query", "header", "body"):
            list(operation.problems_in(where, {}))
        operation.answer_problems(200, {})
print(megabytes() - before)
"""


def test_every_operation_once_costs_no_more_memory_than_a_sandbox_has_anyway() -> None:
    ran = subprocess.run([sys.executable, "-c", COMPILED], capture_output=True, text=True, check=True, timeout=120)

    assert float(ran.stdout) < MOST
