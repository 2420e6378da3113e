"""What reads behind a login that writes runs at once behind one login; what shows there is found."""

from __future__ import annotations

import secrets
from collections import Counter
from dataclasses import replace
from typing import Any

import flask
import pytest
import sqlalchemy as sa
from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.responses import Response

from migrator.runtime.shadow import AtOnce, Options, Report, Verdict, find_engines, run_cases
from migrator.runtime.shadow.cases import Actor, Cases, Flow, Step
from tests.runtime.shadow import shop
from tests.runtime.shadow.test_at_once import CASES, Together, shop_url, sides
from tests.runtime.shadow.test_runner import contents

__all__ = ["shop_url"]

LOGIN = Step("log in", "POST", "/login", form={"name": "Ada"}, expect=200)
ADA = Actor("ada", steps=(LOGIN,), fresh=True)
READING = tuple(
    Flow(f"{path} {n}", (Step("", "GET", path, query={"page": n}, expect=200),), "ada")
    for path in ("/me", "/orders")
    for n in range(1, 5)
)
PLAIN = tuple(replace(flow, name=f"plain {flow.name}", actor=None) for flow in READING[4:])


def cases(*flows: Flow, actor: Actor = ADA) -> Cases:
    return replace(CASES, flows=flows, actors={"ada": actor})


def asked(legacy: Any, target: Any, given: Cases, at_once: int = 4) -> tuple[Report, AtOnce]:
    report = run_cases(legacy, target, given, options=Options(at_once=at_once))
    assert all(case.verdict.passed for case in report.cases)
    assert report.at_once is not None
    return report, report.at_once


class Counted:
    """Middleware: how often each path was asked for."""

    def __init__(self, app: Any, into: Counter[str]) -> None:
        self.app, self.into = app, into

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.into[scope.get("path", "")] += 1
        await self.app(scope, receive, send)


def test_one_login_serves_all_that_read_behind_it(shop_url: str) -> None:
    before, asking = contents(shop_url), Counter[str]()
    with sides(shop_url) as (legacy, target):
        target.add_middleware(Counted, into=asking)
        report, found = asked(legacy, target, cases(*READING, *PLAIN))
    assert contents(shop_url) == before
    assert report.exit_code == 0
    assert found.left == {}
    assert {case.verdict for case in found.cases} == {Verdict.IDENTICAL}
    titles = {case.title for case in found.cases}
    assert {f"{flow.name} (at once)" for flow in (*READING, *PLAIN)} <= {
        title.replace(" › GET /me", "").replace(" › GET /orders", "") for title in titles
    }
    # Eight flows begin with it alone, and one of them at once.
    assert asking["/login"] == len(READING) + 1
    assert asking["/me"] == 4 + 4 * 3


def test_a_flow_that_writes_logs_in_alone_then(shop_url: str) -> None:
    before, asking = contents(shop_url), Counter[str]()
    change = Step("change", "PATCH", "/orders/3", json={"note": "x"}, has_json=True, expect=200)
    writing = Flow("writes", (change,), "ada")
    with sides(shop_url) as (legacy, target):
        target.add_middleware(Counted, into=asking)
        report, found = asked(legacy, target, cases(*READING, *PLAIN, writing))
    assert contents(shop_url) == before
    assert report.exit_code == 0
    assert asking["/login"] == len(READING) + 1 + 1 + 1
    # Its login was asked among others once, with the first: it counts no more.
    assert Counter(c.request.path for c in found.cases)["/login"] == 1
    assert "/orders/3" in {case.request.path for case in found.cases}


@pytest.mark.parametrize("path", ["/me", "/login"])
def test_a_fault_that_only_others_bring_about(sqlite_url: str, path: str) -> None:
    shop.seed(sqlite_url)

    async def busy(scope: Any, send: Any) -> bool:
        if scope["path"] != path:
            return False
        await send({"type": "http.response.start", "status": 503, "headers": []})
        await send({"type": "http.response.body", "body": b""})
        return True

    with sides(sqlite_url) as (legacy, target):
        target.add_middleware(Together, fault=busy)
        report, _ = asked(legacy, target, cases(*READING, *PLAIN))
    assert report.exit_code == 1
    assert path in {case.request.path for case in report.failures}


def test_what_each_login_gives_anew_is_no_noise(sqlite_url: str) -> None:
    """A page that shows something of its login differs from the page of another login."""
    shop.seed(sqlite_url)
    with sides(sqlite_url) as (legacy, target):
        views: dict[str, Any] = legacy.view_functions
        faulty: list[bool] = []

        async def another(scope: Any, send: Any) -> bool:
            if faulty and scope["path"] == "/mark":
                scope["headers"] = [
                    (k, b"mark=theirs" if k == b"cookie" else v) for k, v in scope["headers"]
                ]
            return False

        target.add_middleware(Together, fault=another)

        @legacy.post("/enter")
        def enter() -> Any:
            answer = flask.make_response(flask.current_app.ensure_sync(views["login"])())
            answer.set_cookie("mark", secrets.token_hex(4))
            return answer

        @legacy.get("/mark")
        def mark() -> Any:
            return flask.Response(flask.request.cookies["mark"], mimetype="text/plain")

        @target.post("/enter")
        async def target_enter(request: Request) -> Any:
            (login,) = (r for r in target.routes if getattr(r, "path", "") == "/login")
            answer = await login.endpoint(request)  # type: ignore[attr-defined]
            answer.set_cookie("mark", secrets.token_hex(4), samesite=None)
            return answer

        @target.get("/mark")
        async def target_mark(request: Request) -> Response:
            return Response(request.cookies["mark"], media_type="text/plain")

        actor = replace(ADA, steps=(replace(LOGIN, path="/enter"),))
        marks = [replace(READING[0], name=f"mark {n}") for n in range(5)]
        flows = [replace(f, steps=(replace(f.steps[0], path="/mark"),)) for f in marks]
        given = cases(*flows, *PLAIN, actor=actor)
        report, found = asked(legacy, target, given)
        assert report.exit_code == 0
        assert found.left == {}
        assert "/mark" in {case.request.path for case in found.cases}

        faulty.append(True)
        report, found = asked(legacy, target, given)
    assert {case.request.path for case in report.failures} == {"/mark"}


def test_rows_that_are_written_only_then(sqlite_url: str) -> None:
    shop.seed(sqlite_url)
    with sides(sqlite_url) as (legacy, target):
        (engine,) = find_engines(target)
        assert isinstance(engine, AsyncEngine)

        async def write(scope: Any, send: Any) -> bool:
            if scope["path"] == "/me":
                async with engine.begin() as connection:
                    await connection.execute(sa.insert(shop.Audit).values(what="busy"))
            return False

        target.add_middleware(Together, fault=write)
        report, found = asked(legacy, target, cases(*READING, *PLAIN), at_once=2)
    assert found.written
    assert found.written[0].startswith("insert of audit")
    assert report.exit_code == 1


def test_a_login_that_depends_on_the_flow_is_its_own(sqlite_url: str) -> None:
    shop.seed(sqlite_url)
    asking = Counter[str]()
    actor = replace(ADA, steps=(replace(LOGIN, form={"name": "${who}"}),))
    flows = [replace(flow, variables={"who": "Ada"}) for flow in READING]
    with sides(sqlite_url) as (legacy, target):
        target.add_middleware(Counted, into=asking)
        report, _ = asked(legacy, target, cases(*flows, *PLAIN, actor=actor))
    assert report.exit_code == 0
    assert asking["/login"] == 2 * len(READING)
