"""The strict comparison of two observations, channel by channel, and what rules may accept."""

from __future__ import annotations

from datetime import date
from typing import Any

import flask
import pytest
from flask.sessions import SecureCookieSessionInterface

from migrator.runtime.shadow import (
    Failure,
    Observation,
    Response,
    RowChange,
    Rule,
    RuleContext,
    Sessions,
    Verdict,
    compare,
)

JSON = ("Content-Type", "application/json")
HTML = ("Content-Type", "text/html; charset=utf-8")


def seen(body: str = "", *headers: tuple[str, str], status: int = 200, **more: Any) -> Observation:
    encoded = body.encode()
    length = ("Content-Length", str(len(encoded)))
    return Observation(Response(status, (*headers, length), encoded), **more)


def groups(legacy: Observation, target: Observation, **more: Any) -> list[str]:
    return [difference.group for difference in compare(legacy, target, **more).differences]


def test_the_same_is_byte_identical() -> None:
    assert compare(seen("{}\n", JSON), seen("{}\n", JSON)).verdict is Verdict.IDENTICAL


@pytest.mark.parametrize(
    ("other", "note"),
    [
        ('{"a":1,"b":"é"}', "newline"),
        ('{"a": 1, "b": "é"}\n', "white space"),
        ('{"b":"é","a":1}\n', "written in another way"),
        ('{"a":1,"b":"\\u00e9"}\n', "written in another way"),
    ],
)
def test_the_same_document_is_json_identical(other: str, note: str) -> None:
    found = compare(seen('{"a":1,"b":"é"}\n', JSON), seen(other, JSON))
    assert found.verdict is Verdict.JSON_IDENTICAL
    assert note in found.notes[0]


def test_the_same_document_as_another_type_differs() -> None:
    text = ("Content-Type", "text/plain")
    assert groups(seen("{}", JSON), seen("{ }", text)) == ["header content-type value", "body text"]


def test_bodies_that_are_not_json_are_compared_by_byte() -> None:
    assert groups(seen("<p>1</p>", HTML), seen("<p>1</p>\n", HTML)) == ["body text"]
    png = Observation(Response(200, (), b"\x89PNG\xff"))
    assert groups(png, Observation(Response(200, (), b"\x89PNG\xfe"))) == ["body byte 4 bytes"]


def test_header_names_have_no_case_and_no_order() -> None:
    legacy = seen("", ("Vary", "Cookie"), ("X-A", "1"), ("X-A", "2"))
    target = seen("", ("x-a", "2"), ("X-A", "1"), ("vary", "Cookie"))
    assert compare(legacy, target).verdict is Verdict.IDENTICAL


def test_the_methods_of_allow_have_no_order() -> None:
    legacy = seen("", ("Allow", "PATCH, GET,HEAD"))
    assert compare(legacy, seen("", ("allow", "GET, HEAD, PATCH"))).verdict is Verdict.IDENTICAL
    assert groups(legacy, seen("", ("Allow", "GET, HEAD"))) == ["header allow value"]


def test_headers_are_counted() -> None:
    legacy, target = seen("", ("X-A", "1"), ("X-A", "1")), seen("", ("X-A", "1"))
    assert groups(legacy, target) == ["header x-a count"]


def test_a_content_length_that_lies_is_a_difference() -> None:
    target = Observation(Response(200, (JSON, ("Content-Length", "99")), b"{}"))
    assert groups(seen("{}\n", JSON), target) == ["header content-length value"]
    missing = Observation(Response(200, (JSON,), b"{}"))
    assert groups(seen("{}", JSON), missing) == ["header content-length missing"]


def session_cookie(content: dict[str, Any], secret: str = "s") -> str:
    app = flask.Flask("x")
    app.secret_key = secret
    signer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert signer is not None
    return str(signer.dumps(content))


def with_cookie(value: str, attributes: str = "; HttpOnly; Path=/") -> Observation:
    return seen("", ("Set-Cookie", f"session={value}{attributes}"))


def test_attributes_of_a_cookie_have_no_order() -> None:
    value = session_cookie({"a": 1})
    found = compare(with_cookie(value), with_cookie(value, "; path=/; HttpOnly"))
    assert found.verdict is Verdict.IDENTICAL


def test_a_session_is_compared_by_what_it_carries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.time", lambda: 1_700_000_000.0)
    one, same = session_cookie({"a": 1, "b": [2]}), session_cookie({"b": [2], "a": 1})
    assert one != same
    found = compare(with_cookie(one), with_cookie(same), sessions=Sessions("s"))
    assert found.verdict is Verdict.JSON_IDENTICAL
    other = with_cookie(session_cookie({"a": True, "b": [2]}))
    assert groups(with_cookie(one), other, sessions=Sessions("s")) == ["cookie session.a type"]


def test_a_session_signed_with_another_secret_differs() -> None:
    one, other = session_cookie({"a": 1}), session_cookie({"a": 1}, "other")
    found = groups(with_cookie(one), with_cookie(other), sessions=Sessions("s"))
    assert found == ["cookie session signature"]


def test_two_cookies_of_one_name_are_two() -> None:
    legacy = seen("", ("Set-Cookie", "a=1; Path=/"), ("Set-Cookie", "a=1; Path=/x"))
    assert groups(legacy, seen("", ("Set-Cookie", "a=1; Path=/"))) == ["cookie a missing"]


def test_a_500_for_another_reason_differs() -> None:
    legacy = seen("oops", status=500, failures=(Failure("KeyError", "a"),))
    target = seen("oops", status=500, failures=(Failure("MissingGreenlet", "b"),))
    assert groups(legacy, target) == ["exception value"]


def test_no_answer_is_an_error() -> None:
    silent = Observation(None, (Failure("ValueError", ""),))
    assert compare(seen("x"), silent).verdict is Verdict.ERROR
    assert compare(silent, silent).verdict is Verdict.ERROR


def row(operation: str, before: Any = None, after: Any = None, key: str = "1") -> RowChange:
    return RowChange("t", operation, key, before, after)


@pytest.mark.parametrize(
    ("legacy", "target", "expected"),
    [
        ([row("insert", None, {"a": 1})], [], "rows t[*] missing"),
        ([], [row("delete", {"a": 1})], "rows t[*] extra"),
        ([row("insert", None, {"a": 1})], [row("insert", None, {"a": "1"})], "rows t[*].a type"),
        (
            [row("update", {"a": 1}, {"a": 2})],
            [row("update", {"a": 1}, {"a": 3})],
            "rows t[*].a value",
        ),
        ([], [row("update", {"a": 1}, {"a": 1})], "rows t[*] operations"),
        (
            [row("insert", None, {"a": 2})],
            [row("insert", None, {"a": 1}), row("update", {"a": 1}, {"a": 2})],
            "rows t[*] operations",
        ),
        (
            [row("insert", None, {"a": 1}), row("update", {"a": 1}, {"a": 2})],
            [row("insert", None, {"a": 0}), row("update", {"a": 0}, {"a": 2})],
            "rows operations",
        ),
        ([row("insert", None, {"a": 1})] * 2, [row("insert", None, {"a": 1})], "rows t[*] count"),
    ],
)
def test_rows_written(legacy: list[RowChange], target: list[RowChange], expected: str) -> None:
    assert expected in groups(seen(writes=tuple(legacy)), seen(writes=tuple(target)))


def test_the_order_of_writes_is_a_note() -> None:
    one, two = row("insert", None, {"a": 1}, "1"), row("insert", None, {"a": 1}, "2")
    found = compare(seen(writes=(one, two)), seen(writes=(two, one)))
    assert found.verdict is Verdict.IDENTICAL
    assert found.notes == ("the same rows were written in another order",)


def rule(channel: str, path: str = "*", accept: str = "any", **more: Any) -> Rule:
    return Rule("r", "team", "because", channel, path, accept, **more)


def verdict(left: str, right: str, *rules: Rule, context: RuleContext | None = None) -> Verdict:
    return compare(seen(left, JSON), seen(right, JSON), rules=rules, context=context).verdict


DATES = ('{"at":"Fri, 02 Jan 2026 00:00:00 GMT"}', '{"at":"2026-01-02T00:00:00"}')


@pytest.mark.parametrize(
    ("left", "right", "accepting", "refusing"),
    [
        (*DATES, rule("json", "$.at", "same-instant"), rule("json", "$.at", "same-number")),
        ('{"a":"1.10"}', '{"a":1.1}', rule("json", "$.a", "same-number"), rule("json", "$.b")),
        (
            '{"a":[1,2]}',
            '{"a":[2,1]}',
            rule("json", "$.a", "unordered"),
            rule("json", "$.b", "unordered"),
        ),
        ('{"a":"No  Way"}', '{"a":"no way"}', rule("json", "$.a", "same-text"), rule("header")),
        ('{"a":1}', "{}", rule("json", "$.a", "missing"), rule("json", "$.a", "extra")),
        ('{"a":{"b":1}}', '{"a":{"b":2}}', rule("json", "$.a.*"), rule("json", "$.a")),
        (
            '{"a":5}',
            '{"a":6}',
            rule("json", "$.a", "values", legacy="5", target="[0-9]"),
            rule("json", "$.a", "values", legacy="5", target="7"),
        ),
    ],
)
def test_a_rule_accepts_what_it_says_and_no_more(
    left: str, right: str, accepting: Rule, refusing: Rule
) -> None:
    assert verdict(left, right, accepting) is Verdict.BY_RULE
    assert verdict(left, right, refusing) is Verdict.DIFFERENT


def test_another_moment_is_not_the_same_instant() -> None:
    accepting = rule("json", "$.at", "same-instant")
    assert verdict(DATES[0], '{"at":"2026-01-02T00:00:01"}', accepting) is Verdict.DIFFERENT


def test_a_rule_for_lists_does_not_excuse_another_element() -> None:
    accepting = rule("json", "$.a", "unordered")
    assert verdict('{"a":[1,2,3]}', '{"a":[3,2,4]}', accepting) is Verdict.DIFFERENT


def test_every_difference_needs_a_rule() -> None:
    found = compare(
        seen('{"a":1,"b":1}', JSON), seen('{"a":2,"b":2}', JSON), rules=[rule("json", "$.a")]
    )
    assert found.verdict is Verdict.DIFFERENT
    assert [d.path for d in found.differences] == ["$.b"]
    assert [(d.path, d.rule) for d in found.excused] == [("$.a", "r")]


def test_a_rule_holds_for_its_endpoint_alone() -> None:
    accepting = rule("json", endpoint="orders.*", method="GET")
    there = RuleContext("orders.list", "GET", "x")
    assert verdict("1", "2", accepting, context=there) is Verdict.BY_RULE
    assert (
        verdict("1", "2", accepting, context=RuleContext("users.list", "GET")) is Verdict.DIFFERENT
    )
    assert (
        verdict("1", "2", accepting, context=RuleContext("orders.list", "POST"))
        is Verdict.DIFFERENT
    )


def test_a_pattern_blanks_both_bodies() -> None:
    accepting = rule("body", pattern="id=[0-9]+")
    legacy = seen("a id=1 b", HTML)
    assert compare(legacy, seen("a id=2 b", HTML), rules=[accepting]).verdict is Verdict.BY_RULE
    assert compare(legacy, seen("a id=2 c", HTML), rules=[accepting]).verdict is Verdict.DIFFERENT


def test_a_rule_ends_after_its_last_day() -> None:
    ending = rule("json", expires=date(2026, 1, 31))
    assert not ending.expired(date(2026, 1, 31))
    assert ending.expired(date(2026, 2, 1))


@pytest.mark.parametrize("key", ["7", '"a]b"', '{"a":"x]","b":[1]}', '[1,"x"]'])
def test_rows_of_one_table_are_one_group_whatever_their_keys_are(key: str) -> None:
    row = RowChange("audit", "insert", key, None, {"note": "x"})
    assert groups(seen(writes=(row,)), seen()) == ["rows audit[*] missing"]
    other = RowChange("audit", "insert", key, None, {"note": "y"})
    assert groups(seen(writes=(row,)), seen(writes=(other,))) == ["rows audit[*].note value"]
