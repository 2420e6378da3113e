"""Two equal applications are found equal, and every planted difference is found."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from migrator.runtime.shadow import Options, Report, Verdict, load, run_cases
from migrator.runtime.shadow.runner import Tier
from tests.runtime.shadow import shop

CASES = load(Path(__file__).with_name("shop.yaml"))


@pytest.fixture
def shop_url(database_url: str) -> str:
    """A database with the shop's tables and rows."""
    shop.seed(database_url)
    return database_url


def compared(url: str, plant: str | None = None, tier: Tier = "auto") -> Report:
    legacy, target = shop.make_legacy(url), shop.make_target(url, plant)
    with legacy.app_context():
        engine = legacy.extensions["sqlalchemy"].engine
    try:
        return run_cases(legacy, target, CASES, options=Options(tier=tier))
    finally:
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
