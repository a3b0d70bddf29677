"""The report as SARIF 2.1.0, for the code scanning pages of GitHub and others.

A result lies in the file that says what was wanted: the pact, at the line of the interaction, or the OpenAPI document.
"""

from __future__ import annotations

import hashlib
import json
import re
from functools import cache
from typing import Any

import storelab
from storelab.contracts.kit import BROKEN
from storelab.contracts.pactfiles import PACTS

from .report import ACCEPTED, CONTRACT, STORE, STORY, WEBHOOK, Check, Report

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
ABOUT = {
    CONTRACT: "An answer is not what a consumer relies on",
    WEBHOOK: "A webhook is not what a consumer relies on",
    STORE: "A store, its host or a plugin is in the way of connectors",
    STORY: "A story does not hold",
}


def log(report: Report) -> dict[str, Any]:
    shown = report.of(BROKEN, ACCEPTED)
    rules = {rule(check): check for check in reversed(shown)}
    run: dict[str, Any] = {
        "tool": {
            "driver": {
                "name": "storelab verify",
                "version": storelab.__version__,
                "rules": [_described(name, rules[name]) for name in sorted(rules)],
            }
        },
        "invocations": [{"executionSuccessful": True, "exitCode": report.exit_code}],
        "columnKind": "unicodeCodePoints",
        "results": [_result(check, sorted(rules)) for check in shown],
    }
    if report.at:
        run["invocations"][0]["startTimeUtc"] = report.at.strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def text(report: Report) -> str:
    return json.dumps(log(report), indent=1, ensure_ascii=False) + "\n"


def rule(check: Check) -> str:
    """What kind of thing is wrong: contract/status, contract/body, webhook/header, store/stripped-authorization."""
    where = check.differences[0].where if check.differences else "broken"
    if check.part in (CONTRACT, WEBHOOK):
        fixed = ("status", "time", "state", "answer", "provider", "signature", "retry")
        kind = where if where in fixed else "body" if where.startswith("$") else "header"
    elif check.part == STORY:
        kind = "broken"
    else:
        kind = re.sub(r"[^a-z0-9]+", "-", where.lower()).strip("-")
    return f"{check.part}/{kind}"


def _described(name: str, check: Check) -> dict[str, Any]:
    said = ABOUT.get(check.part, "The OpenAPI document is not kept")
    described: dict[str, Any] = {"id": name, "shortDescription": {"text": f"{said} ({name})"}}
    if check.advice:
        described["help"] = {"text": check.advice}
    return described


def _result(check: Check, rules: list[str]) -> dict[str, Any]:
    name = rule(check)
    who = f"{check.consumer} relies on {check.provider}" if check.consumer else check.provider
    uri, line = _place(check)
    result: dict[str, Any] = {
        "ruleId": name,
        "ruleIndex": rules.index(name),
        "level": "error" if check.verdict == BROKEN else "note",
        "message": {"text": f"{who}: {check.name}. {check.summary}"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": uri, "uriBaseId": "%SRCROOT%"},
                    "region": {"startLine": line},
                },
                "logicalLocations": [{"fullyQualifiedName": check.id}],
            }
        ],
        "partialFingerprints": {"check/v1": hashlib.sha256(f"{check.id} {name}".encode()).hexdigest()},
        "properties": {"basis": check.basis.word if check.basis else "", "again": check.curl},
    }
    if check.verdict == ACCEPTED:
        result["suppressions"] = [{"kind": "external", "justification": check.why}]
    return result


def _place(check: Check) -> tuple[str, int]:
    if check.part in (CONTRACT, WEBHOOK):
        name = f"{check.consumer}-{check.provider}.json"
        return f"contracts/pacts/{name}", _lines(name).get(check.name, 1)
    if check.part == STORY and check.test:
        line = re.fullmatch(r"line (\d+)", check.differences[0].where) if check.differences else None
        return check.test, int(line[1]) if line else 1
    return f"openapi/{check.provider}.yaml", 1


@cache
def _lines(name: str) -> dict[str, int]:
    """At which line of a pact file each interaction says what it is called."""
    file, found = PACTS / name, dict[str, int]()
    for number, line in enumerate(file.read_text("utf-8").splitlines() if file.exists() else (), start=1):
        if match := re.fullmatch(r'\s*"description": (".*"),?', line):
            found.setdefault(json.loads(match[1]), number)
    return found
