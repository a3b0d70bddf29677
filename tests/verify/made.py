"""Checks and reports made by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from storelab.contracts.kit import BROKEN, KEPT, SKIPPED, Difference
from storelab.verify.report import CONTRACT, Basis, Check, Report

AT = datetime(2026, 11, 30, 9, tzinfo=UTC)


def a_check(name: str = "a quantity of one SKU", verdict: str = BROKEN, **more: Any) -> Check:
    broken: dict[str, Any] = {
        "differences": (Difference("status", "expected 202 but was 200", "202", "200"),),
        "request": "PUT /v1/offers/stocks",
        "expected": '202\n\n{"status": true}',
        "actual": '200\n\n{"status": true}',
        "curl": 'curl -i -X PUT -H "Authorization: Bearer $KEYCRM_API_KEY" https://crm.example/v1/offers/stocks',
    }
    given = {**(broken if verdict == BROKEN else {}), "basis": Basis("stocks.set_levels", "API v1.2"), **more}
    part, consumer = given.pop("part", CONTRACT), given.pop("consumer", "sync")
    return Check(part, "keycrm", consumer, name, verdict, **given)


def a_report(*checks: Check) -> Report:
    three = (a_check(), a_check("a page", KEPT), a_check("a webhook", SKIPPED, why="nobody can fire it"))
    return Report(checks or three, {"keycrm": "https://crm.example"}, AT, 1.5)
