"""Two sets of models: each planted difference is found, and nothing where there is none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from migrator.demo.database import databases
from migrator.embedded import postgres
from migrator.errors import SchemaError
from migrator.schema.compare import Difference, Place, compare
from migrator.schema.load import Models
from migrator.schema.mysql import two_databases
from tests.mysql import mysql_urls, send

Change = Callable[[sa.MetaData], object]


@pytest.fixture(params=["sqlite", "postgresql", *mysql_urls()])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    if request.param in mysql_urls():
        with two_databases(mysql_urls()[request.param].render_as_string(False)) as place:
            yield place
        return
    with databases(tmp_path, sqlite=request.param == "sqlite") as made:
        (tmp_path / "storefront.sqlite3").touch()
        yield made.url, made.copy(), made.title


@pytest.fixture(scope="module", autouse=True)
def server() -> Iterator[None]:
    with postgres():
        yield


def shop(metadata: sa.MetaData, **other: Any) -> None:
    """Two tables with one of each; `other` replaces parts by name."""
    part: dict[str, Any] = {
        "type": sa.Integer(),
        "length": sa.String(10),
        "default": "new",
        "nullable": False,
        "status": ("open", "closed"),
        "check": "total > 0",
        "computed": "total * 2",
        "unique": ("code",),
        "index": ("total",),
        "expression": "lower(code)",
        "plain": False,
        "ondelete": None,
        "key": True,
    } | other
    sa.Table(
        "orders",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("total", part["type"], nullable=part["nullable"]),
        sa.Column("code", part["length"], server_default=str(part["default"])),
        sa.Column("status", sa.Enum(*part["status"], name="order_status", create_constraint=True)),
        sa.Column("double", sa.Integer, sa.Computed(str(part["computed"]))),
        sa.CheckConstraint(str(part["check"]), name="ck_total"),
        sa.UniqueConstraint(*part["unique"], name="uq_code"),
        sa.Index("ix_total", *part["index"]),
        sa.Index("ix_lower", part["expression"] if part["plain"] else sa.text(part["expression"])),
    )
    sa.Table(
        "lines",
        metadata,
        sa.Column(
            "order_id",
            sa.ForeignKey("orders.id", name="fk_order", ondelete=part["ondelete"]),
            primary_key=True,
        ),
        sa.Column("number", sa.Integer, primary_key=bool(part["key"]), nullable=False),
    )


def models(name: str, place: Place, **other: Any) -> Models:
    if any(kind in place[2] for kind in ("MariaDB", "MySQL")):
        # MariaDB has no index over an expression.
        other |= {"expression": "total" if "expression" in other else "code", "plain": True}
    metadata = sa.MetaData()
    shop(metadata, **other)
    return Models(name, {None: metadata})


def test_no_difference(place: Place) -> None:
    assert compare(models("one", place), models("other", place), None, place) == []


def odd(name: str) -> Models:
    """Models that say of a primary key what a database doesn't keep."""
    metadata = sa.MetaData()
    sa.Table(
        "members",
        metadata,
        sa.Column("group", sa.Integer, primary_key=True, nullable=True, autoincrement=False),
        sa.Column("user", sa.Integer, primary_key=True, autoincrement=False),
        sa.UniqueConstraint("group", "user"),
        sa.UniqueConstraint("group", "user", name="uq_members"),
    )
    return Models(name, {None: metadata})


def test_what_the_legacy_models_differ_in_from_their_own_database_is_none(place: Place) -> None:
    assert compare(odd("legacy"), odd("target"), None, place) == []


@pytest.mark.parametrize(
    ("planted", "table", "kind", "name"),
    [
        ({"type": sa.BigInteger()}, "orders", "type", "total"),
        ({"length": sa.String(20)}, "orders", "type", "code"),
        ({"default": "old"}, "orders", "default", "code"),
        ({"nullable": True}, "orders", "nullable", "total"),
        ({"check": "total > 1"}, "orders", "check", "ck_total"),
        ({"computed": "total * 3"}, "orders", "generated", "double"),
        ({"unique": ("code", "total")}, "orders", "constraint", "uq_code"),
        ({"index": ("total", "code")}, "orders", "index", "ix_total"),
        ({"expression": "upper(code)"}, "orders", "index", "ix_lower"),
        ({"ondelete": "CASCADE"}, "lines", "foreign key", "fk_order"),
        ({"key": False}, "lines", "primary key", ""),
        ({"status": ("open", "closed", "lost")}, "order_status", "enum", ""),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_planted_difference_is_found(
    planted: dict[str, object], table: str, kind: str, name: str, place: Place
) -> None:
    found = compare(models("one", place), models("other", place, **planted), None, place)
    if kind == "enum" and "SQLite" in place[2]:
        # An enum is a CHECK there.
        table, kind, name = "orders", "check", "order_status"
    elif kind == "enum" and "PostgreSQL" not in place[2]:
        table, kind, name = "orders", "type", "status"
    assert (table, kind, name) in {(d.table, d.kind, d.name) for d in found}
    mine = next(d for d in found if (d.table, d.kind, d.name) == (table, kind, name))
    assert mine.legacy
    assert mine.target
    assert mine.legacy != mine.target
    # A key that changes takes its column's NULL and the values that it makes with it.
    assert len(found) <= (3 if kind == "primary key" else 1)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            lambda m: sa.Table("more", m, sa.Column("id", sa.Integer, primary_key=True)),
            ("more", "table", ""),
        ),
        (
            lambda m: m.tables["orders"].append_column(sa.Column("note", sa.Text)),
            ("orders", "column", "note"),
        ),
        (
            lambda m: sa.Index("ix_number", m.tables["lines"].c.number),
            ("lines", "index", "ix_number"),
        ),
        (lambda m: m.remove(m.tables["lines"]), ("lines", "table", "")),
    ],
    ids=["table", "column", "index", "table lost"],
)
def test_what_only_one_side_has(
    change: Change, expected: tuple[str, str, str], place: Place
) -> None:
    other = models("other", place)
    metadata = other.metadatas[None]
    change(metadata)
    (found,) = compare(models("one", place), other, None, place)
    assert (found.table, found.kind, found.name) == expected
    assert bool(found.legacy) is (len(metadata.tables) == 1)
    assert bool(found.target) is not bool(found.legacy)


def test_a_table_of_another_schema(tmp_path: Path) -> None:
    def side(name: str, kind: type[sa.Integer]) -> Models:
        metadata = sa.MetaData()
        columns = sa.Column("id", sa.Integer, primary_key=True), sa.Column("value", kind)
        sa.Table("things", metadata, *columns, schema="archive")
        return Models(name, {None: metadata})

    with databases(tmp_path) as made:
        found = compare(
            side("one", sa.Integer), side("other", sa.BigInteger), None, (made.url, made.copy(), "")
        )
    assert found == [Difference("archive.things", "type", "value", "INTEGER", "BIGINT")]


def test_on_mysql_what_alembic_does_not_see_is_asked_for(mysql_url: str) -> None:
    def side(name: str, column: sa.Column[Any], **table: Any) -> Models:
        metadata = sa.MetaData()
        key = sa.Column("id", sa.Integer, primary_key=True)
        sa.Table("things", metadata, key, column, **table)
        return Models(name, {None: metadata})

    one = side("one", sa.Column("name", sa.String(20)))
    other = side(
        "other", sa.Column("name", sa.String(20, collation="utf8mb4_bin")), mysql_engine="MyISAM"
    )
    with two_databases(mysql_url) as place:
        found = compare(one, other, None, place)
        assert [(d.table, d.kind, d.name) for d in found] == [
            ("things", "table", ""),
            ("things", "type", "name"),
        ]
        elsewhere = side("shop", sa.Column("name", sa.String(20)), schema="archive")
        with pytest.raises(SchemaError, match="names the database 'archive'"):
            compare(elsewhere, elsewhere, None, place)
    assert not send(mysql_url, "SHOW DATABASES LIKE 'migrator_check_%%'")


def test_what_can_not_be_created_is_said(tmp_path: Path) -> None:
    from sqlalchemy.dialects.postgresql import TSVECTOR

    metadata = sa.MetaData()
    sa.Table("pages", metadata, sa.Column("text", TSVECTOR))
    side = Models("shop.models:db", {None: metadata})
    with databases(tmp_path, sqlite=True) as made:
        Path(tmp_path, "storefront.sqlite3").touch()
        with pytest.raises(SchemaError, match=r"shop\.models:db.*SQLite"):
            compare(side, side, None, (made.url, made.copy(), made.title))
