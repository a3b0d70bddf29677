"""The report as JUnit XML, for the test pages of CI servers."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from storelab.contracts.kit import BROKEN, SKIPPED

from .report import ACCEPTED, Check, Report

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def xml(report: Report) -> str:
    suites = Element("testsuites", name="storelab verify", time=f"{report.seconds:.3f}")
    for (part, provider, consumer), counts in report.rows().items():
        suite = SubElement(
            suites,
            "testsuite",
            name=" ".join(filter(None, (part, provider, consumer and f"for {consumer}"))),
            tests=str(sum(counts.values())),
            failures=str(counts[BROKEN]),
            errors="0",
            skipped=str(counts[SKIPPED] + counts[ACCEPTED]),
        )
        for check in report.checks:
            if (check.part, check.provider, check.consumer) == (part, provider, consumer):
                _case(suite, check)
    indent(suites)
    return "<?xml version='1.0' encoding='utf-8'?>\n" + tostring(suites, encoding="unicode") + "\n"


def _case(suite: Element, check: Check) -> None:
    name = ".".join(filter(None, (check.part, check.provider, check.consumer)))
    case = SubElement(
        suite, "testcase", classname=name, name=_clean(check.name), time=f"{check.milliseconds / 1000:.3f}"
    )
    if check.verdict == BROKEN:
        kind = check.differences[0].where if check.differences else "broken"
        SubElement(case, "failure", message=_clean(check.summary), type=_clean(kind)).text = _clean(_details(check))
    elif check.verdict in (SKIPPED, ACCEPTED):
        SubElement(case, "skipped", message=_clean(check.why))


def _details(check: Check) -> str:
    basis = check.basis and f"{check.basis.word}: {check.basis.source or check.basis.guess}"
    parts = (
        ("breaks", ", ".join(check.affects)),
        ("what to do", check.advice),
        ("known from", basis),
        ("request", check.request),
        ("expected", check.expected),
        ("actual", check.actual),
        ("again", check.curl),
    )
    return "\n\n".join([check.summary, *(f"{title}:\n{text}" for title, text in parts if text)])


def _clean(text: str) -> str:
    """Without the characters that XML cannot hold."""
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
