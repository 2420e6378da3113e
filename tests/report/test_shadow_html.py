"""The HTML report: self-contained, escaped, credentials shortened, everything in it."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from html.parser import HTMLParser

from migrator.report import shadow_html
from migrator.runtime.shadow import (
    CaseResult,
    Endpoint,
    EndpointRow,
    Observation,
    Report,
    Request,
    Response,
    Rule,
    RuleUse,
    Side,
    Verdict,
    compare,
)

EVIL = "<script>alert(1)</script>"
VOID = {"meta", "input", "br", "link", "img", "hr"}


def observation(body: str, *statements: str) -> Observation:
    headers = (
        ("Content-Type", "application/json"),
        ("Set-Cookie", "session=" + "s" * 60 + "; Path=/"),
    )
    return Observation(Response(200, headers, body.encode()), statements=statements, seconds=0.002)


def report(*, passed: bool = False) -> Report:
    legacy = observation('{"a":1}', *["SELECT 1"] * 6)
    target = observation('{"a":1}' if passed else f'{{"a":"{EVIL}"}}')
    request = Request(
        "GET", "/x", headers=(("authorization", "Bearer " + "t" * 60),), body=EVIL.encode()
    )
    comparison = compare(legacy, target)
    case = CaseResult(
        f"case {EVIL}", 1, "", "x.y", request, legacy, target, comparison, tier="A", line=7
    )
    sides = Side(6, 0.002, 0.002, 0.002), Side(0, 0.002, 0.002, 0.002)
    counts = {comparison.verdict: 1}
    row = EndpointRow(
        "x.y", "/x/<int:id>", ("GET",), "native", 1, comparison.verdict, counts, *sides
    )
    now = datetime(2026, 1, 2, tzinfo=UTC)
    rule = Rule("a rule", "team", "because", "json", expires=date(2099, 1, 1))
    return Report(
        "old:app", "new:app", ("sqlite:x",), now, 1.5, now, (case,), (row,), (RuleUse(rule, 0, 0),),
        (Endpoint("never.asked", "/n", ("GET",)),), ("a note",), "cases.yaml",
    )  # fmt: skip


class Balanced(HTMLParser):
    """Fails on a tag that is closed out of turn."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_well_formed_and_needs_no_network() -> None:
    page = shadow_html.render(report())
    parser = Balanced()
    parser.feed(page)
    assert parser.open == []
    assert not re.search(r"""(src|href)=["'](?!#)|@import|url\(""", page)


def test_what_applications_said_is_text() -> None:
    page = shadow_html.render(report())
    assert EVIL not in page
    assert "&lt;script&gt;alert(1)" in page


def test_credentials_are_shortened() -> None:
    page = shadow_html.render(report())
    assert "t" * 30 not in page
    assert "s" * 30 not in page


def test_everything_is_in_it() -> None:
    page = shadow_html.render(report())
    for words in (
        "1 of 1 requests differs",
        "json $.a type",
        "integer → string",
        "never.asked",
        "a rule",
        "unused",
        "a note",
        "6 times in one request",
        "line 7 of the cases",
        "--only &#39;case &lt;script&gt;",
    ):
        assert words in page, words


def test_a_clean_run_says_so() -> None:
    page = shadow_html.render(report(passed=True))
    assert "Both sides are alike" in page
    assert "What differs" not in page
    assert report(passed=True).totals[Verdict.IDENTICAL] == 1
