"""Which statements are sent from a copy of a MySQL database, and which would lead past it."""

from __future__ import annotations

import pytest

from migrator.runtime.shadow.elsewhere import reason

KNOWN = {
    "shop": frozenset(("orders", "lines", "note")),
    "geo": frozenset(("cities", "nearest")),
    "empty": frozenset[str](),
}

SENT = [
    "SELECT orders.id, `orders`.`total` FROM orders",
    "SELECT shop.id FROM orders AS shop",
    "SELECT 'shop.orders', \"shop.orders\" /* shop.orders */ FROM lines -- shop.orders\n",
    "INSERT INTO lines (a) VALUES ('it''s \\' shop.orders'), (1.5), (1e5)",
    "SELECT cities.name FROM geo.cities",
    "(SELECT name FROM `geo`.`cities`) UNION SELECT name FROM lines",
    "SELECT table_name FROM information_schema.tables",
    "CREATE TABLE extras (id INTEGER)",
    "SET time_zone = '+00:00'",
    "TRUNCATE TABLE orders",
]
ITS_OWN = [
    "SELECT * FROM shop.orders",
    "SELECT * FROM `Shop` . `Orders`",
    "INSERT INTO shop.orders VALUES (1)",
    "UPDATE lines SET n = (SELECT max(n) FROM\n shop.lines)",
    'SELECT * FROM "shop"."orders"',
    "SELECT 1 /*! FROM shop.orders */",
    "SELECT shop.note(1)",
    "CREATE TABLE shop.fresh (id INTEGER)",
]
ANOTHER = [
    "INSERT INTO geo.cities VALUES (1)",
    "/* app */ DELETE FROM geo.cities",
    "CALL geo.nearest(1)",
    "WITH one AS (SELECT 1) DELETE FROM geo.cities",
    "CREATE TABLE empty.fresh (id INTEGER)",
    "ALTER TABLE lines RENAME geo.lines",
]
BEYOND = [
    "USE geo",
    "CREATE DATABASE more",
    "drop schema shop",
    "SET GLOBAL max_connections = 5",
    "GRANT ALL ON *.* TO me",
    "CREATE OR REPLACE USER me",
    "CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY DO DELETE FROM lines",
]


@pytest.mark.parametrize("statement", SENT)
def test_it_is_sent(statement: str) -> None:
    assert reason(statement, KNOWN, {"shop"}) is None


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        *((s, "names its database 'shop'") for s in ITS_OWN),
        *((s, "names another database") for s in ANOTHER),
        *((s, "reaches beyond its database") for s in BEYOND),
    ],
)
def test_it_is_refused(statement: str, why: str) -> None:
    assert why in str(reason(statement, KNOWN, {"shop"}))
