"""Configuration, seed data and migrations."""

import time

import flask_migrate
import pytest
from sqlalchemy import inspect, select

from legacy_app import create_app
from legacy_app.config import from_environment, normalise_database_url
from legacy_app.extensions import db
from legacy_app.models import Customer, Order
from legacy_app.seed import seed


@pytest.mark.parametrize(
    ("url", "normal"),
    [
        ("postgres://u:p%40@h/d", "postgresql+psycopg2://u:p%40@h/d"),
        ("postgresql://h/d?x=1", "postgresql+psycopg2://h/d?x=1"),
        ("postgresql+asyncpg://h/d", "postgresql+psycopg2://h/d"),
        ("sqlite:///x.db", "sqlite:///x.db"),
    ],
)
def test_database_urls(url, normal):
    assert normalise_database_url(url) == normal


def test_settings_come_from_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("DATABASE_URL", "postgres://h/d")
    monkeypatch.setenv("SECRET_KEY", "from outside")
    assert from_environment(str(tmp_path)) == {
        "SECRET_KEY": "from outside",
        "SQLALCHEMY_DATABASE_URI": "postgresql+psycopg2://h/d",
    }
    monkeypatch.delenv("DATABASE_URL")
    url = from_environment(str(tmp_path))["SQLALCHEMY_DATABASE_URI"]
    assert url == f"sqlite:///{tmp_path}/storefront.sqlite3"


def test_the_factory_makes_independent_applications(tmp_path):
    url = f"sqlite:///{tmp_path / 'x.sqlite3'}"
    one = create_app({"SQLALCHEMY_DATABASE_URI": url, "ITEMS_PER_PAGE": 3})
    two = create_app({"SQLALCHEMY_DATABASE_URI": url})
    assert (one.config["ITEMS_PER_PAGE"], two.config["ITEMS_PER_PAGE"]) == (3, 20)


def test_there_are_enough_endpoints(app):
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"]
    assert len({rule.endpoint for rule in rules}) >= 100
    assert len(db.metadata.tables) >= 25


def test_seed_is_fast_and_the_same_every_time(empty_app):
    # Our own time alone: the machine may be busy with other tests.
    start = time.process_time()
    counts = seed(empty_app)
    assert time.process_time() - start < 3
    assert sum(counts.values()) > 8000
    with empty_app.app_context():
        first = dump()
        db.session.remove()
        db.drop_all()
        seed(empty_app)
        assert dump() == first


def dump():
    """All rows of all tables, to compare."""
    return {
        table.name: sorted(map(repr, db.session.execute(select(table))))
        for table in db.metadata.sorted_tables
    }


def test_new_rows_get_the_next_ids(database):
    customer = Customer(tenant_id=1, code="NEXT", name="x")
    database.add(customer)
    database.flush()
    assert customer.id == 98
    database.rollback()


def test_hybrids_agree_in_python_and_sql(database):
    orders = database.query(Order, Order.subtotal.label("sum"), Order.is_open.label("open"))
    for order, total, is_open in orders.filter(Order.id < 60).order_by(Order.id):
        assert order.subtotal == total
        assert order.is_open == is_open
    customers = database.query(Customer).filter(Customer.is_deleted).order_by(Customer.id)
    assert all(customer.is_deleted for customer in customers)


def test_migrations_make_the_models_schema_and_take_it_back(empty_app):
    with empty_app.app_context():
        flask_migrate.upgrade()
        # Raises when the models differ from what the revisions made.
        flask_migrate.check()
        assert set(inspect(db.engine).get_table_names()) == {
            *db.metadata.tables,
            "alembic_version",
        }
        flask_migrate.downgrade(revision="base")
        assert inspect(db.engine).get_table_names() == ["alembic_version"]
