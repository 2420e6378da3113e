"""A shadow run as JUnit XML, one test case a request, for a build server's own page."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from migrator.report.shadow_text import one_line
from migrator.runtime.shadow import Report, Verdict

# What XML 1.0 can't hold, not even escaped.
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def dumps(report: Report) -> str:
    """The report as one JUnit document: an endpoint is the class, a request the test."""
    failed = sum(
        c.verdict in (Verdict.DIFFERENT, Verdict.NOT_COMPARABLE) for c in report.every_case
    )
    broken = sum(c.verdict is Verdict.ERROR for c in report.every_case)
    suite = ElementTree.Element(
        "testsuite",
        name="migrator shadow",
        tests=str(len(report.every_case)),
        failures=str(failed),
        errors=str(broken),
        time=f"{report.seconds:.3f}",
        timestamp=report.started.isoformat(),
    )
    for case in report.every_case:
        seconds = case.legacy.seconds + case.target.seconds
        test = ElementTree.SubElement(
            suite,
            "testcase",
            classname=_clean(case.endpoint),
            name=_clean(case.title),
            time=f"{seconds:.4f}",
        )
        if case.verdict.passed:
            continue
        kind = "error" if case.verdict is Verdict.ERROR else "failure"
        lines = [one_line(d) for d in case.comparison.differences] + list(case.comparison.notes)
        failure = ElementTree.SubElement(
            test, kind, type=case.verdict.value, message=_clean(lines[0] if lines else "")
        )
        failure.text = _clean("\n".join([f"{case.request.method} {case.request.target}", *lines]))
    root = ElementTree.Element("testsuites")
    root.append(suite)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _clean(text: str) -> str:
    return _ILLEGAL.sub("�", text)
