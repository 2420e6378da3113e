"""Requests at once: what they share shows, what was not compared is said, and nothing stays behind."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import flask
import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from rich.console import Console
from sqlalchemy.ext.asyncio import AsyncEngine

from migrator.report import shadow_html, shadow_json, shadow_junit
from migrator.report.shadow_text import print_report
from migrator.runtime.shadow import (
    AtOnce,
    Options,
    Report,
    Verdict,
    among,
    find_engines,
    load,
    run_cases,
)
from tests.runtime.shadow import shop
from tests.runtime.shadow.test_runner import contents

CASES = load(Path(__file__).with_name("shop.yaml"))
ORDERS = ("GET /orders", "orders by page *", "GET /orders/2", "GET /report.csv")


@pytest.fixture
def shop_url(database_url: str) -> str:
    """A database with the shop's tables and rows."""
    shop.seed(database_url)
    return database_url


@contextmanager
def sides(url: str) -> Iterator[tuple[flask.Flask, FastAPI]]:
    legacy, target = shop.make_legacy(url), shop.make_target(url)
    yield legacy, target
    for engine in [*find_engines(legacy), *find_engines(target)]:
        if isinstance(engine, sa.Engine):
            engine.dispose()


def asked(
    legacy: flask.Flask, target: FastAPI, *only: str, at_once: int = 8
) -> tuple[Report, AtOnce]:
    report = run_cases(legacy, target, CASES, options=Options(only=only, at_once=at_once))
    assert not [case for case in report.cases if not case.verdict.passed]
    assert report.at_once is not None
    return report, report.at_once


class Together:
    """Middleware: `fault` is called for a request that runs while another one does."""

    def __init__(self, app: Any, fault: Any) -> None:
        self.app, self.fault, self.running = app, fault, 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        self.running += 1
        try:
            await asyncio.sleep(0.01)
            if self.running > 1 and await self.fault(scope, send):
                return
            await self.app(scope, receive, send)
        finally:
            self.running -= 1


def text_of(report: Report, tmp_path: Path) -> str:
    with (tmp_path / "report.txt").open("w") as file:
        print_report(report, Console(file=file, width=200))
    return (tmp_path / "report.txt").read_text()


def test_equal_applications_are_alike_at_once(shop_url: str, tmp_path: Path) -> None:
    before = contents(shop_url)
    with sides(shop_url) as (legacy, target):
        report, found = asked(legacy, target)
    assert contents(shop_url) == before
    assert report.exit_code == 0
    assert len(found.cases) == 22
    # The token's chance is the request's own, whatever else runs.
    assert {case.verdict for case in found.cases} == {Verdict.IDENTICAL}
    assert found.left == {}
    said = text_of(report, tmp_path)
    assert "at once, 8 at a time: 22 requests are answered as alone" in said
    assert "never two of them at once" in said
    assert "22 requests to 11 endpoints" in said
    made = json.loads(shadow_json.dumps(report))["at_once"]
    assert (made["together"], made["passed"], made["requests"]) == (8, True, 22)
    assert made["not_compared"] == []
    assert "never two of them at once" in made["limit"]
    assert "8 at a time: 22 requests" in shadow_html.render(report)
    assert ElementTree.fromstring(shadow_junit.dumps(report))[0].get("tests") == "44"


def test_without_the_option_nothing_is_said(sqlite_url: str, tmp_path: Path) -> None:
    shop.seed(sqlite_url)
    with sides(sqlite_url) as (legacy, target):
        report = run_cases(legacy, target, CASES, options=Options(only=ORDERS))
    assert report.at_once is None
    assert "at once" not in text_of(report, tmp_path)
    assert json.loads(shadow_json.dumps(report))["at_once"] is None


def test_an_answer_that_only_others_change(sqlite_url: str, tmp_path: Path) -> None:
    shop.seed(sqlite_url)

    async def busy(scope: Any, send: Any) -> bool:
        await send({"type": "http.response.start", "status": 503, "headers": []})
        await send({"type": "http.response.body", "body": b""})
        return True

    with sides(sqlite_url) as (legacy, target):
        target.add_middleware(Together, fault=busy)
        report, found = asked(legacy, target, *ORDERS)
    assert report.exit_code == 1
    assert not found.passed
    assert {case.tier for case in report.failures} == {"at once"}
    said = text_of(report, tmp_path)
    assert "status value: 200 → 503" in said
    assert "orders by page [page=2] (at once)" in said or "GET /orders (at once)" in said
    assert "6 otherwise" in said
    assert "503" in shadow_html.render(report)
    assert shadow_junit.dumps(report).count("<failure") == 6
    assert all(
        c["legacy"]["body"] for c in json.loads(shadow_json.dumps(report))["at_once"]["cases"]
    )


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_what_writes_runs_among_others_that_read(shop_url: str, method: str) -> None:
    before = contents(shop_url)

    async def busy(scope: Any, send: Any) -> bool:
        # What is written is another one's: as by data that requests share.
        if scope["method"] == method:
            scope["path"] = "/orders/5"
        return False

    with sides(shop_url) as (legacy, target):
        target.add_middleware(Together, fault=busy)
        report, _ = asked(legacy, target, *ORDERS, "PATCH /orders/3", "DELETE /orders/4")
    assert {case.request.method for case in report.failures} == {method}
    channels = {d.channel for case in report.failures for d in case.comparison.differences}
    assert "rows" in channels
    assert contents(shop_url) == before


def test_what_tries_to_write_runs_beside_nothing_that_writes(shop_url: str) -> None:
    asking: list[str] = []

    class Noted:
        def __init__(self, app: Any) -> None:
            self.app = app

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            asking.append(scope.get("path", ""))
            await self.app(scope, receive, send)

    with sides(shop_url) as (legacy, target):
        target.add_middleware(Noted)
        report, _ = asked(legacy, target, *ORDERS, "name taken", "name free")
    assert report.exit_code == 0
    # Both alone, the one that fails in three rounds, and the other one among those that read.
    assert asking.count("/customers") == 2 + 3 + 1


def test_a_flow_that_is_no_proof_alone(sqlite_url: str, tmp_path: Path) -> None:
    shop.seed(sqlite_url)
    with sides(sqlite_url) as (legacy, _):
        target = shop.make_target(sqlite_url, "no location")
        report = run_cases(legacy, target, CASES, options=Options(at_once=4))
    assert report.at_once is not None
    (left,) = report.at_once.left.items()
    assert left[0].startswith("are of a flow that writes, and of which not every request")
    assert left[1] == (
        "order life › create",
        "order life › read",
        "order life › delete",
        "order life › gone",
    )
    assert "not compared at once: 4 that are of a flow that writes" in text_of(report, tmp_path)


def test_rows_that_are_written_only_then(shop_url: str, tmp_path: Path) -> None:
    before = contents(shop_url)
    with sides(shop_url) as (legacy, target):
        (engine,) = find_engines(target)
        assert isinstance(engine, AsyncEngine)
        written: list[bool] = []

        async def write(scope: Any, send: Any) -> bool:
            if not written:
                written.append(True)
                async with engine.begin() as connection:
                    await connection.execute(sa.insert(shop.Audit).values(what="busy"))
            return False

        target.add_middleware(Together, fault=write)
        report, found = asked(legacy, target, *ORDERS)
    assert found.written == ("insert of audit, 1 times",)
    assert report.exit_code == 1
    assert report.failures == ()
    assert "only the target writes then: insert of audit" in text_of(report, tmp_path)
    assert "at once" in shadow_html.render(report).partition("<h1")[2].partition("</h1>")[0].lower()
    assert contents(shop_url) == before


def test_what_the_legacy_side_changes_too_is_no_proof(sqlite_url: str) -> None:
    shop.seed(sqlite_url)
    running: list[int] = []

    with sides(sqlite_url) as (legacy, target):

        @legacy.before_request
        def busy() -> Any:
            running.append(threading.get_ident())
            time.sleep(0.05)
            alone = len(set(running)) == 1
            running.clear()
            return None if alone or flask.request.path != "/report.csv" else ("busy", 503)

        _, found = asked(legacy, target, *ORDERS)
    (titles,) = found.left.values()
    assert set(titles) == {"GET /report.csv"}
    assert "are answered otherwise at once by the legacy side, too" in found.left


def test_nothing_compared_is_no_proof(sqlite_url: str, tmp_path: Path) -> None:
    shop.seed(sqlite_url)
    with sides(sqlite_url) as (legacy, target):
        report, found = asked(legacy, target, "name free", "DELETE /orders/4")
    assert found.cases == ()
    assert report.exit_code == 1
    assert "no request could be compared, which is no proof" in text_of(report, tmp_path)
    assert "At once: no request could be compared" in shadow_html.render(report)


def test_an_event_loop_that_stands_still_is_interrupted(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.seed(sqlite_url)
    monkeypatch.setattr(among, "STILL", 0.5)
    lock = threading.Lock()

    async def blocks(scope: Any, send: Any) -> bool:
        with lock:
            await asyncio.sleep(0.05)
        return False

    with sides(sqlite_url) as (legacy, target):
        target.add_middleware(Together, fault=blocks)
        report, _ = asked(legacy, target, *ORDERS)
    failures = {f.name: f.message for case in report.failures for f in case.target.failures}
    assert "the event loop stood still" in failures["Stuck"]


def test_a_request_that_waits_for_good_is_given_up(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.seed(sqlite_url)
    monkeypatch.setattr(among, "LONG", 0.5)

    async def waits(scope: Any, send: Any) -> bool:
        await asyncio.Event().wait()
        return True

    with sides(sqlite_url) as (legacy, target):
        target.add_middleware(Together, fault=waits)
        report, _ = asked(legacy, target, *ORDERS)
    failures = {f.name: f.message for case in report.failures for f in case.target.failures}
    assert "no answer within" in failures["TimeoutError"]


def test_applications_without_a_database() -> None:
    def legacy(environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [environ["QUERY_STRING"].encode()]

    kept: dict[str, bytes] = {}

    async def target(scope: Any, receive: Any, send: Any) -> None:
        kept["query"] = scope["query_string"]
        await asyncio.sleep(0.01)
        headers = [(b"content-type", b"text/plain")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": kept["query"]})

    (flow,) = (f for f in CASES.flows if f.name == "GET /orders")
    steps = [replace(flow.steps[0], path="/", query={"page": n}, expect=None) for n in range(9)]
    flows = tuple(replace(flow, name=f"page {n}", steps=(s,)) for n, s in enumerate(steps))
    cases = replace(CASES, flows=flows, actors={})
    assert run_cases(legacy, target, cases).exit_code == 0
    report = run_cases(legacy, target, cases, options=Options(at_once=3))
    assert report.exit_code == 1
    assert {d.channel for c in report.failures for d in c.comparison.differences} == {"body"}
