"""The report in every form that it can be written in."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

import jsonschema_rs
import pytest
from rich.console import Console

from storelab.contracts.kit import BROKEN, KEPT, SKIPPED, Difference
from storelab.contracts.pactfiles import PACTS
from storelab.verify import junit, page, sarif, terminal
from storelab.verify.report import ACCEPTED, DOCUMENT

from .made import a_check, a_report

TEXT = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}}
SARIF: dict[str, Any] = {  # what the standard wants of the parts that are used here (OASIS, SARIF 2.1.0)
    "type": "object",
    "required": ["version", "runs"],
    "additionalProperties": False,
    "properties": {
        "$schema": {"type": "string", "format": "uri"},
        "version": {"const": "2.1.0"},
        "runs": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["tool", "results"],
                "additionalProperties": False,
                "properties": {
                    "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                    "tool": {
                        "type": "object",
                        "required": ["driver"],
                        "properties": {
                            "driver": {
                                "type": "object",
                                "required": ["name"],
                                "properties": {
                                    "rules": {
                                        "type": "array",
                                        "uniqueItems": True,
                                        "items": {
                                            "type": "object",
                                            "required": ["id"],
                                            "properties": {"shortDescription": TEXT, "help": TEXT},
                                        },
                                    }
                                },
                            }
                        },
                    },
                    "invocations": {
                        "items": {
                            "type": "object",
                            "required": ["executionSuccessful"],
                            "properties": {
                                "startTimeUtc": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"}
                            },
                        }
                    },
                    "results": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["message", "ruleId", "ruleIndex", "level", "locations"],
                            "properties": {
                                "message": TEXT,
                                "ruleIndex": {"type": "integer", "minimum": 0},
                                "level": {"enum": ["none", "note", "warning", "error"]},
                                "locations": {
                                    "items": {
                                        "required": ["physicalLocation"],
                                        "properties": {
                                            "physicalLocation": {
                                                "required": ["artifactLocation", "region"],
                                                "properties": {
                                                    "artifactLocation": {"required": ["uri"]},
                                                    "region": {
                                                        "properties": {"startLine": {"type": "integer", "minimum": 1}}
                                                    },
                                                },
                                            }
                                        },
                                    }
                                },
                                "partialFingerprints": {"additionalProperties": {"type": "string"}},
                                "suppressions": {
                                    "items": {
                                        "required": ["kind"],
                                        "properties": {"kind": {"enum": ["inSource", "external"]}},
                                    }
                                },
                            },
                        },
                    },
                },
            },
        },
    },
}


def test_sarif_is_as_the_standard_wants_it() -> None:
    accepted = a_check("a page", ACCEPTED, why="ticket 7", differences=(Difference("$.total", "missing"),))
    log = json.loads(sarif.text(a_report(a_check(), accepted)))

    jsonschema_rs.validator_for(SARIF).validate(log)
    (run,) = log["runs"]
    assert [run["tool"]["driver"]["rules"][r["ruleIndex"]]["id"] for r in run["results"]] == [
        "contract/status",
        "contract/body",
    ]
    assert run["results"][1]["suppressions"] == [{"kind": "external", "justification": "ticket 7"}]


def test_a_result_lies_at_the_line_of_the_interaction() -> None:
    ((result,),) = [run["results"] for run in sarif.log(a_report())["runs"]]
    place = result["locations"][0]["physicalLocation"]

    line = (
        (PACTS.parent.parent / place["artifactLocation"]["uri"])
        .read_text()
        .splitlines()[place["region"]["startLine"] - 1]
    )

    assert line.strip() == '"description": "a quantity of one SKU",'


def test_junit_counts_what_failed_and_what_was_skipped() -> None:
    accepted = a_check("a colour", ACCEPTED, why="ticket 7")
    suites = ElementTree.fromstring(junit.xml(a_report(*a_report().checks, accepted)).split("\n", 1)[1])

    (suite,) = suites
    assert {n: suite.get(n) for n in ("tests", "failures", "skipped", "errors")} == {
        "tests": "4",
        "failures": "1",
        "skipped": "2",
        "errors": "0",
    }
    failure = suite.find("testcase/failure")
    assert failure is not None
    assert failure.get("type") == "status"
    assert "expected:" in str(failure.text)


def test_junit_holds_no_character_that_xml_cannot() -> None:
    ElementTree.fromstring(junit.xml(a_report(a_check(actual="\x00\x1b[31m\ud800"))).split("\n", 1)[1])


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.outside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.outside += [f"{tag} {n}" for n, v in attrs if n in ("src", "href") and not (v or "").startswith("#")]
        if tag in ("script", "link", "img", "iframe"):
            self.outside.append(tag)


def test_the_page_needs_nothing_from_elsewhere_and_is_made_for_phones() -> None:
    html = page.html(a_report())
    links = _Links()
    links.feed(html)

    assert links.outside == []
    assert "url(" not in html
    assert 'name="viewport"' in html


@pytest.mark.parametrize("number", [1, 100, 3_000])
def test_the_page_stays_under_a_megabyte(number: int) -> None:
    long = "<&'\"" * 5_000  # what takes most when it is escaped
    checks = [a_check(f"interaction {n}", request=long, expected=long, actual=long, curl=long) for n in range(number)]
    checks += [a_check(f"kept {n}", KEPT) for n in range(2_000)]

    assert len(page.html(a_report(*checks)).encode()) < 1_000_000


def test_what_a_provider_answered_is_no_html_of_ours() -> None:
    html = page.html(a_report(a_check("<script>alert(1)</script>", actual="<img src=x onerror=alert(1)>")))

    assert "<script" not in html
    assert "<img" not in html


def test_the_summary_to_share_says_who_is_hurt() -> None:
    said = page.share(a_report())

    assert "BROKEN" in said
    assert "1 of 2 checks do not hold. It hurts sync." in said
    assert "- a quantity of one SKU (for sync): status: expected 202 but was 200" in said


@pytest.mark.parametrize("width", [60, 160])
def test_the_terminal_shows_expected_and_actual_and_a_line_to_repeat_it(width: int) -> None:
    out = io.StringIO()
    terminal.show(a_report(), Console(file=out, width=width))
    said = out.getvalue()

    assert re.search(r"expected +actual" if width > 100 else r"expected +\n", said)
    assert a_check().curl in said  # in one piece
    assert "documented (stocks.set_levels): API v1.2" in said
    assert "skipped: 1, the first is 'a webhook': nobody can fire it" in " ".join(said.split())


def test_the_exit_code_says_kept_broken_or_not_run() -> None:
    kept, broken, skipped = (a_check(verdict=verdict) for verdict in (KEPT, BROKEN, SKIPPED))

    assert a_report(kept, skipped).exit_code == 0
    assert a_report(kept, broken).exit_code == 1
    assert a_report(skipped).exit_code == 2


def test_what_was_not_proven_is_said_and_with_strict_it_fails() -> None:
    why = "needs what the adapter does not offer: 'two warehouses'"
    report = a_report(a_check(verdict=KEPT), *(a_check(f"{n}", SKIPPED, why=why) for n in range(12)))
    said = f"12 of 13 interactions of contracts were not proven: 12 {why}."
    out = io.StringIO()

    terminal.show(report, Console(file=out, width=160))

    assert report.unproven_said == said
    assert out.getvalue().strip().endswith(said)
    assert page.sentence(report) == f"All that was looked at holds: 1 checks. {said}"
    assert report.as_json()["unproven"] == 12
    assert (report.exit_code, replace(report, strict=True).exit_code) == (0, 1)


def test_strict_asks_only_for_what_contracts_say() -> None:
    kept = a_check(verdict=KEPT)
    beside = a_check("the document", SKIPPED, part=DOCUMENT, consumer="", why="has no key")

    assert replace(a_report(kept, beside), strict=True).exit_code == 0
    assert replace(a_report(kept, a_check("one", BROKEN), a_check("two", SKIPPED)), strict=True).exit_code == 1
    assert replace(a_report(a_check("two", SKIPPED)), strict=True).exit_code == 2
