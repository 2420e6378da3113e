"""The file of cases: what it means, and every mistake with the line it is in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from migrator.errors import CasesError
from migrator.runtime.shadow import Cases, Response, load
from migrator.runtime.shadow.captures import NotThere, capture
from migrator.runtime.shadow.cookies import Jar
from migrator.runtime.shadow.requests import UnknownVariable, build, fill


def read(tmp_path: Path, text: str) -> Cases:
    file = tmp_path / "cases.yaml"
    file.write_text(text, encoding="utf-8")
    return load(file)


def test_a_case_is_a_flow_of_one_step(tmp_path: Path) -> None:
    cases = read(
        tmp_path, "version: 1\ncases:\n  - GET /a\n  - {name: b, request: post /b, json: null}\n"
    )
    assert [(f.name, f.steps[0].method, f.steps[0].path) for f in cases.flows] == [
        ("GET /a", "GET", "/a"),
        ("b", "POST", "/b"),
    ]
    assert cases.flows[1].steps[0].has_json


def test_words_keep_their_meaning(tmp_path: Path) -> None:
    text = "version: 1\ncases:\n  - {request: POST /, json: [yes, on, 010, 12:30, 2026-01-02, 1, 1.5, true, ~, '1', 1e3]}\n"
    (flow,) = read(tmp_path, text).flows
    expected: list[Any] = [
        "yes",
        "on",
        "010",
        "12:30",
        "2026-01-02",
        1,
        1.5,
        True,
        None,
        "1",
        1000.0,
    ]
    assert flow.steps[0].json == expected


def test_repeats_are_unrolled(tmp_path: Path) -> None:
    text = (
        "version: 1\ncases:\n  - {name: n, request: 'GET /${a}', repeat: {a: [1, x], b: [true]}}\n"
    )
    cases = read(tmp_path, text)
    assert [flow.name for flow in cases.flows] == ["n [a=1, b=True]", "n [a=x, b=True]"]
    assert cases.flows[1].variables == {"a": "x", "b": True}
    listed = read(
        tmp_path, "version: 1\ncases:\n  - {request: GET /, repeat: [{a: 1}, {a: 2, b: 3}]}\n"
    )
    assert [flow.variables for flow in listed.flows] == [{"a": 1}, {"a": 2, "b": 3}]


def test_json_is_yaml(tmp_path: Path) -> None:
    cases = read(tmp_path, '{"version": 1, "cases": [{"request": "GET /a"}]}')
    assert cases.requests == 1


def test_a_time_without_a_zone_is_utc(tmp_path: Path) -> None:
    cases = read(tmp_path, "version: 1\nclock: 2026-01-02T03:04:05\ncases: [GET /]\n")
    assert cases.clock == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_cases_that_differ_in_their_actor_alone_are_named_after_it(tmp_path: Path) -> None:
    text = (
        "version: 1\nactors: {ada: {}, bob: {}}\ncases:\n  - GET /a\n  - {request: GET /a, as: ada}\n"
        "  - {request: GET /a, as: bob}\n  - {request: GET /b, as: bob}\n"
        "  - {request: 'GET /${n}', as: ada, repeat: {n: [1]}}\n  - {request: 'GET /${n}', repeat: {n: [1]}}\n"
    )
    assert [flow.name for flow in read(tmp_path, text).flows] == [
        "GET /a",
        "GET /a as ada",
        "GET /a as bob",
        "GET /b",
        "GET /${n} [n=1] as ada",
        "GET /${n} [n=1]",
    ]
    with pytest.raises(CasesError, match="Two cases are called 'GET /a as ada'"):
        read(
            tmp_path,
            text.replace("as: bob}\n  - {request: GET /b", "as: ada}\n  - {request: GET /b"),
        )


RULE = "rules:\n  - {name: r, owner: o, reason: y, channel: json"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 1, "empty"),
        ("cases: [", 1, "parser says"),
        ("cases: [GET /]", 1, "version"),
        ("version: 2\ncases: [GET /]", 1, "version"),
        ("version: 1", 1, "no case"),
        ("version: 1\ncases:\n  - {request: GET /, jsn: 1}", 3, "Did you mean 'json'"),
        ("version: 1\ncases:\n  - {request: FETCH /}", 3, "no HTTP method"),
        ("version: 1\ncases:\n  - {request: GET orders}", 3, "slash"),
        ("version: 1\ncases:\n  - {name: x}", 3, "no request"),
        ("version: 1\ncases:\n  - {request: GET /, path: /}", 3, "two ways"),
        ("version: 1\ncases:\n  - {request: POST /, json: 1, body: x}", 3, "json and body"),
        ("version: 1\ncases:\n  - {request: GET /, as: bob}", 3, "no actor 'bob'"),
        ("version: 1\ncases:\n  - GET /\n  - GET /", 4, "Two cases"),
        ("version: 1\ncases:\n  - {request: GET /, expect: '200'}", 3, "expect: 201"),
        ("version: 1\ncases:\n  a: b", 3, "list was expected"),
        ("version: 1\ncases: [GET /]\ncases: [GET /a]", 3, "given twice"),
        ("version: 1\nclock: noon\ncases: [GET /]", 2, "no time"),
        ("version: 1\nbase_url: shop\ncases: [GET /]", 2, "no http URL"),
        ("version: 1\nflows:\n  - {name: f, steps: []}", 3, "no steps"),
        ("version: 1\nflows:\n  - {name: f}", 3, "`name` and `steps`"),
        ("version: 1\nactors: {a: {fresh: maybe}}\ncases: [GET /]", 2, "true or false"),
        (f"version: 1\n{RULE}}}\n  - {{name: q, reason: x}}\ncases: [GET /]", 4, "no 'owner'"),
        (f"version: 1\n{RULE}, accept: all}}\ncases: [GET /]", 3, "'all' is not known"),
        (f"version: 1\n{RULE}, accept: values}}\ncases: [GET /]", 3, "legacy"),
        (f"version: 1\n{RULE}, pattern: '('}}\ncases: [GET /]", 3, "regular expression"),
        (f"version: 1\n{RULE}, expires: soon}}\ncases: [GET /]", 3, "no date"),
        (f"version: 1\n{RULE}, expires: 2020-01-01}}\ncases: [GET /]", 3, "expired"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, text: str, line: int, words: str) -> None:
    with pytest.raises(CasesError) as caught:
        read(tmp_path, text)
    assert f"cases.yaml:{line}:" in caught.value.what
    assert words in str(caught.value)
    assert caught.value.exit_code == 2


def test_a_rule_that_ends_in_the_future_is_read(tmp_path: Path) -> None:
    day = (datetime.now(UTC) + timedelta(days=2)).date()
    cases = read(tmp_path, f"version: 1\n{RULE}, expires: {day}}}\ncases: [GET /]")
    assert cases.rules[0].expires == day


def test_a_missing_file_is_one_message(tmp_path: Path) -> None:
    with pytest.raises(CasesError, match="can't be read"):
        load(tmp_path / "none.yaml")


def made(tmp_path: Path, step: str, **variables: Any) -> Any:
    cases = read(tmp_path, f"version: 1\nbase_url: https://shop.example\ncases:\n  - {{{step}}}\n")
    return build(
        cases.flows[0].steps[0], variables, Jar(), base_url=cases.base_url, headers=cases.headers
    )


def test_variables_are_put_in_and_escaped(tmp_path: Path) -> None:
    request = made(
        tmp_path,
        "request: 'POST /o/${id}?q=${q}', json: {id: '${id}', t: 'n ${id}', d: '$$1'}",
        id=7,
        q="ä&b",
    )
    assert request.target == "/o/7?q=%C3%A4%26b"
    assert request.body == b'{"id": 7, "t": "n 7", "d": "$1"}'
    headers = dict(request.headers)
    assert headers["host"] == "shop.example"
    assert headers["content-type"] == "application/json"
    assert headers["content-length"] == str(len(request.body))


def test_a_variable_without_a_value_is_said(tmp_path: Path) -> None:
    with pytest.raises(UnknownVariable, match="id"):
        made(tmp_path, "request: 'GET /o/${id}'")


@pytest.mark.parametrize(
    ("step", "body", "kind"),
    [
        ("form: {a: 1, b: [x, 'y z']}", b"a=1&b=x&b=y+z", "application/x-www-form-urlencoded"),
        ("body: 'a,b', content_type: text/csv", b"a,b", "text/csv"),
        ("body: x", b"x", None),
        ("json: [1]", b"[1]", "application/json"),
    ],
)
def test_bodies(tmp_path: Path, step: str, body: bytes, kind: str | None) -> None:
    request = made(tmp_path, f"request: POST /, {step}")
    assert request.body == body
    assert dict(request.headers).get("content-type") == kind


def test_files_make_a_multipart_form(tmp_path: Path) -> None:
    step = "request: POST /, form: {a: 1}, files: {f: {filename: x.txt, content: hi, content_type: text/plain}}"
    request = made(tmp_path, step)
    assert b'name="a"\r\n\r\n1\r\n' in request.body
    assert b'filename="x.txt"\r\nContent-Type: text/plain\r\n\r\nhi\r\n' in request.body
    assert request.body.endswith(b"--\r\n")


def test_queries_and_headers(tmp_path: Path) -> None:
    request = made(
        tmp_path,
        "request: 'GET /a b?x=1', query: {y: [2, 'ü'], z: true}, headers: {X-A: ['1', '2'], Accept: ~}",
    )
    assert request.target == "/a%20b?x=1&y=2&y=%C3%BC&z=true"
    assert [v for k, v in request.headers if k == "x-a"] == ["1", "2"]
    assert "accept" not in dict(request.headers)


def test_captures() -> None:
    response = Response(201, (("Location", "/o/7"),), b'{"items":[{"id":7,"a b":"x"}]}')
    assert capture("json.items[0].id", response) == 7
    assert capture('json.items[0]["a b"]', response) == "x"
    assert capture("header.location", response) == "/o/7"
    assert capture("status", response) == 201
    assert capture(r"regex:\"id\":(\d+)", response) == "7"
    for source in ("json.items[1].id", "header.etag", "regex:nothing"):
        with pytest.raises(NotThere):
            capture(source, response)


@pytest.mark.parametrize(
    "source", ["text.name", "regex:(", "header", "status.x", "json.items[x]", "jsonitems", "body"]
)
def test_what_no_response_can_give_is_a_mistake_of_the_file(source: str, tmp_path: Path) -> None:
    with pytest.raises(CasesError) as error:
        read(
            tmp_path,
            f"version: 1\ncases:\n  - request: GET /\n    capture:\n      token: '{source}'\n",
        )
    assert "cases.yaml:5:" in str(error.value)
    assert "`header.Location`" in str(error.value)


@pytest.mark.parametrize(
    ("place", "path", "query"),
    [
        ("/o/7", "/o/7", ""),
        ("http://shop.example/o/a%20b?x=1&y=$2#end", "/o/a%20b", "x=1&y=$2"),
        ("o/7", "/o/7", ""),
    ],
)
def test_a_path_that_begins_with_a_variable_is_an_address(
    place: str, path: str, query: str, tmp_path: Path
) -> None:
    (flow,) = read(tmp_path, "version: 1\ncases:\n  - GET ${place}\n").flows
    request = build(
        flow.steps[0], {"place": place}, Jar(), base_url="http://shop.example", headers={}
    )
    assert (request.path, request.query) == (path, query)


def test_fill_leaves_other_values_alone() -> None:
    assert fill({"a": [1, None, "${x}"]}, {"x": [2]}) == {"a": [1, None, [2]]}


def test_a_jar_is_a_browsers() -> None:
    jar = Jar()
    jar.update((("Set-Cookie", "a=1; Path=/"), ("set-cookie", "b=2; Path=/admin")), 0)
    assert jar.header("/") == "a=1"
    assert jar.header("/admin/x") == "b=2; a=1"
    assert jar.header("/administrator") == "a=1"
    jar.update((("Set-Cookie", "a=; Max-Age=0; Path=/"),), 0)
    jar.update((("Set-Cookie", "b=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/admin"),), 1)
    assert jar.header("/admin/x") is None
