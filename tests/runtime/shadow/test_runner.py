"""Two equal applications are found equal, and every planted difference is found."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from migrator.errors import CompareError
from migrator.runtime.shadow import (
    Cases,
    Options,
    Report,
    Verdict,
    find_engines,
    load,
    run_cases,
)
from migrator.runtime.shadow.runner import Tier
from tests.runtime.shadow import shop

CASES = load(Path(__file__).with_name("shop.yaml"))


@pytest.fixture
def shop_url(database_url: str) -> str:
    """A database with the shop's tables and rows."""
    shop.seed(database_url)
    return database_url


def compared(url: str, plant: str | None = None, tier: Tier = "auto") -> Report:
    return against(url, shop.make_target(url, plant), CASES, tier)


def against(url: str, target: Any, cases: Cases, tier: Tier = "auto") -> Report:
    """The shop's legacy side against `target`."""
    legacy = shop.make_legacy(url)
    try:
        return run_cases(legacy, target, cases, options=Options(tier=tier))
    finally:
        for engine in [*find_engines(legacy), *find_engines(target)]:
            if isinstance(engine, sa.Engine):
                engine.dispose()


def contents(url: str) -> list[object]:
    """Every row, every sequence and every object of a database's schema."""
    engine = sa.create_engine(shop.sync_url(url))
    with engine.connect() as connection:
        found: list[object] = [
            connection.execute(sa.text(f"SELECT * FROM {table} ORDER BY id")).all()
            for table in ("customers", "orders", "audit")
        ]
        if engine.dialect.name == "postgresql":
            found += connection.execute(
                sa.text("SELECT nspname FROM pg_namespace ORDER BY 1")
            ).all()
            found += connection.execute(sa.text("SELECT tgname FROM pg_trigger ORDER BY 1")).all()
            found += connection.execute(sa.text("SELECT last_value FROM orders_id_seq")).all()
            found += connection.execute(
                sa.text("SELECT datname FROM pg_database WHERE datname LIKE '%shadow%'")
            ).all()
        else:
            found += connection.execute(sa.text("SELECT name FROM sqlite_master ORDER BY 1")).all()
    engine.dispose()
    return found


@pytest.mark.parametrize("tier", ["a", "b"])
def test_equal_applications_are_byte_identical(shop_url: str, tier: Tier) -> None:
    before = contents(shop_url)
    report = compared(shop_url, tier=tier)
    assert report.totals[Verdict.IDENTICAL] == len(report.cases) == 22
    assert report.exit_code == 0
    assert {case.tier for case in report.cases} == {tier.upper()}
    assert contents(shop_url) == before


@pytest.mark.parametrize("plant", shop.PLANTS)
def test_a_planted_difference_is_found(shop_url: str, plant: str) -> None:
    report = compared(shop_url, plant)
    groups = {d.group for case in report.cases for d in case.comparison.differences}
    assert shop.PLANTS[plant] in groups
    assert report.exit_code == 1


@pytest.mark.parametrize("plant", ["newline", "key order"])
def test_the_same_document_in_other_bytes_is_json_identical(shop_url: str, plant: str) -> None:
    report = compared(shop_url, plant)
    assert report.passed
    assert report.totals[Verdict.JSON_IDENTICAL] > 0
    assert report.totals[Verdict.DIFFERENT] == 0


def test_an_extra_query_shows_in_the_counts(sqlite_url: str) -> None:
    shop.seed(sqlite_url)
    (row,) = (r for r in compared(sqlite_url, "extra query").endpoints if r.endpoint == "orders")
    assert row.target.statements == row.legacy.statements + row.requests


def test_writes_are_seen_though_they_are_undone(shop_url: str) -> None:
    report = compared(shop_url)
    (created,) = (case for case in report.cases if case.name == "create")
    assert [(w.table, w.operation) for w in created.target.writes] == [
        ("orders", "insert"),
        ("audit", "insert"),
    ]
    assert created.legacy.writes == created.target.writes


def test_the_clock_and_chance_are_the_same_on_both_sides(shop_url: str) -> None:
    report = compared(shop_url)
    (token,) = (case for case in report.cases if case.endpoint == "token")
    assert token.legacy.response is not None
    assert b'"at":1770091506.0' in token.legacy.response.body
    (created,) = (case for case in report.cases if case.name == "create")
    stored = created.legacy.writes[0].after
    assert stored is not None
    assert "2026-02-03" in str(stored["stored_at"])


def test_the_report_says_who_served(sqlite_url: str) -> None:
    shop.seed(sqlite_url)
    report = against(sqlite_url, shop.make_mount(sqlite_url, "order", "orders"), CASES)
    assert report.passed
    levels = {row.endpoint: row.level for row in report.endpoints}
    assert levels["order"] == levels["orders"] == "migrated"
    assert levels["create"] == levels["login"] == "legacy"


def test_a_flow_over_both_engines_gets_a_copy_by_itself(shop_url: str) -> None:
    """What the mount writes, FastAPI's engine can't see in tier A."""
    before = contents(shop_url)
    report = against(shop_url, shop.make_mount(shop_url, "order", "delete"), CASES)
    assert report.totals[Verdict.IDENTICAL] == len(report.cases)
    tiers = {case.flow: case.tier for case in report.cases}
    assert tiers["order life"] == "B"
    assert set(tiers.values()) == {"A", "B"}
    assert contents(shop_url) == before


def test_tier_a_alone_says_what_it_cannot_compare(sqlite_url: str) -> None:
    shop.seed(sqlite_url)
    report = against(sqlite_url, shop.make_mount(sqlite_url, "order", "delete"), CASES, "a")
    odd = [case for case in report.cases if case.verdict is Verdict.NOT_COMPARABLE]
    assert {case.flow for case in odd} == {"order life"}
    assert all("needs tier B" in case.comparison.notes[0] for case in odd)
    assert report.exit_code == 1


@pytest.mark.parametrize("at", [0, 9, 18])
def test_a_run_that_is_broken_off_leaves_everything_as_it_was(shop_url: str, at: int) -> None:
    before = contents(shop_url)
    legacy, target = shop.make_legacy(shop_url), shop.make_target(shop_url)

    def stop(done: int, total: int, name: str) -> None:
        if done >= at:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_cases(legacy, target, CASES, progress=stop)
    assert contents(shop_url) == before
    for engine in find_engines(legacy):
        assert isinstance(engine, sa.Engine)
        assert not isinstance(engine.pool, sa.StaticPool)
        engine.dispose()


@pytest.mark.parametrize("tier", ["auto", "b"])
@pytest.mark.parametrize("after", [0, 5, len(CASES.flows), 99])
def test_a_run_that_is_asked_to_stop_reports_what_it_has(
    sqlite_url: str, tier: Tier, after: int
) -> None:
    """ "order life" needs a copy, which comes after all the others: the last to be known."""
    shop.seed(sqlite_url)
    before = contents(sqlite_url)
    legacy = shop.make_legacy(sqlite_url)
    target = shop.make_mount(sqlite_url, "order", "delete")
    asked = itertools.count()
    try:
        report = run_cases(
            legacy, target, CASES, options=Options(tier), stopped=lambda: next(asked) >= after
        )
    finally:
        for engine in [*find_engines(legacy), *find_engines(target)]:
            if isinstance(engine, sa.Engine):
                engine.dispose()
    assert len(report.cases) + report.unsent == 22
    assert {case.verdict for case in report.cases} <= {Verdict.IDENTICAL}
    assert (report.unsent == 0) == report.passed == (after == 99)
    assert bool(report.cases) == (after > 0)
    assert contents(sqlite_url) == before


def test_one_compare_at_a_time_in_a_database(postgres_url: str) -> None:
    shop.seed(postgres_url)
    said: list[str] = []

    def second(done: int, total: int, name: str) -> None:
        if done == 0:
            with pytest.raises(CompareError, match="Another shadow compare") as caught:
                # In a thread: this one has a running loop's engines pinned.
                raise_in_thread(lambda: compared(postgres_url))
            said.append(caught.value.what)

    legacy, target = shop.make_legacy(postgres_url), shop.make_target(postgres_url)
    cases = replace(CASES, flows=CASES.flows[:1])
    assert run_cases(legacy, target, cases, progress=second).passed
    assert said
    for engine in find_engines(legacy):
        assert isinstance(engine, sa.Engine)
        engine.dispose()


def raise_in_thread(function: Callable[[], object]) -> None:
    """Run it in a thread and raise here what it raises."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(function).result()


def test_what_is_broken_on_both_sides_is_said(sqlite_url: str) -> None:
    """Two applications without their tables are alike too."""
    report = compared(sqlite_url)
    assert not report.passed  # the cases say which status they expect
    assert "5xx on both sides (OperationalError" in report.notes[0]


def test_a_crash_on_both_sides_is_no_proof_unless_it_is_expected(sqlite_url: str) -> None:
    report = compared(sqlite_url)
    crash = next(case for case in report.cases if case.flow == "GET /crash")
    assert crash.verdict is Verdict.IDENTICAL  # the file says `expect: 500`
    shop.seed(sqlite_url)
    silent = [
        replace(flow, steps=tuple(replace(step, expect=None) for step in flow.steps))
        for flow in CASES.flows
    ]
    report = against(sqlite_url, shop.make_target(sqlite_url), replace(CASES, flows=tuple(silent)))
    odd = {case.flow: case for case in report.cases if not case.verdict.passed}
    assert odd.keys() == {"GET /crash"}
    assert odd["GET /crash"].verdict is Verdict.NOT_COMPARABLE
    assert "both sides gave 500 (ZeroDivisionError: " in odd["GET /crash"].comparison.notes[-1]
    assert report.exit_code == 1


def test_copies_reach_engines_with_a_listener_that_connects_by_itself(shop_url: str) -> None:
    """As those of migrator.runtime.db do: the first listener that connects has the last word."""
    before = contents(shop_url)
    mounted = shop.make_mount(shop_url, "order", "delete")

    def connect(dialect: Any, record: Any, args: Any, kwargs: Any) -> Any:
        return dialect.connect(*args, **kwargs)

    for engine in find_engines(mounted):
        event_target = engine.sync_engine if isinstance(engine, AsyncEngine) else engine
        sa.event.listen(event_target, "do_connect", connect)
    report = against(shop_url, mounted, CASES)
    assert report.totals[Verdict.IDENTICAL] == len(report.cases)
    assert {case.tier for case in report.cases} == {"A", "B"}
    assert contents(shop_url) == before
