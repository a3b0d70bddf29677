"""What the benchmarks send, and what they make of what they measured."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

from rich.console import Console

from benchmarks import asking, report
from benchmarks.load import filled


def server(cpu: float, **more: float) -> dict[str, Any]:
    figures = {"cpu_ms": cpu, "per_second": 100.0, "p50_ms": 1.0, "p99_ms": 2.0}
    operations = {"list": {"1": figures, "8": figures}}
    return {"works": "", "cold_start_s": 1.0, "cold_start_cpu_s": 1.0, "idle_mb": 50, "operations": operations, **more}


RESULT: dict[str, Any] = {
    "machine": {"date": "2026-11-30 12:00 UTC", "processors": "2 x P", "load": [1.0], "python": "3.11"},
    "rounds": 5,
    "servers": {"storelab, 100 products": server(0.2), "Peer": server(0.5)},
    "missing": {},
}


def test_each_request_is_sent_with_a_number_of_its_own_and_the_length_it_has() -> None:
    raw = asking.request("POST", "/products", asking.product())

    first, second = filled(raw), filled(raw)

    assert first != second
    for sent in (first, second):
        head, _, body = sent.partition(b"\r\n\r\n")
        assert f"content-length: {len(body)}".encode() in head.lower()
        assert b"@" not in sent


def test_the_table_says_how_many_times_ours_a_peer_costs() -> None:
    table = report.markdown(RESULT)

    assert "| Peer | 0.50 (2.5) | - | - | - | - | 1.0 | 50 |" in table
    assert "Medians of 5 rounds" in table


def test_the_plot_is_a_picture_with_a_bar_for_each_server() -> None:
    picture = ET.fromstring(report.plot(RESULT))

    texts = [element.text for element in picture.iter("{http://www.w3.org/2000/svg}text")]
    assert {"storelab, 100 products", "Peer", "0.20", "0.50"} <= set(texts)


def test_the_tables_fit_a_terminal() -> None:
    screen = Console(width=80, record=True, quiet=True)
    result = {**RESULT, "servers": {"Starlette with compiled validation": server(11.25), **RESULT["servers"]}}

    for table in report.tables({**result, "own": {"worlds of 200 products, ms": {"make": 2.0}}}):
        screen.print(table)

    assert "…" not in screen.export_text()
