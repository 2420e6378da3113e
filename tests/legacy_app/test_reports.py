"""Reports: aggregates, unions, subqueries, the streamed export."""

import csv
import io

import pytest


def test_sales_by_month(viewer):
    body = viewer.get("/api/reports/sales").get_json()
    months = [(row["year"], row["month"]) for row in body["months"]]
    assert months == sorted(months)
    assert sum(row["orders"] for row in body["months"]) > 150
    one_year = viewer.get("/api/reports/sales?year=2020").get_json()
    assert {row["year"] for row in one_year["months"]} == {2020}
    assert viewer.get("/api/reports/sales?year=1999").get_json() == {
        "months": [],
        "revenue": "0.00",
    }


def test_top_products(viewer):
    rows = viewer.get("/api/reports/top-products?limit=5").get_json()["products"]
    revenues = [float(row["revenue"]) for row in rows]
    assert len(rows) == 5
    assert revenues == sorted(revenues, reverse=True)


def test_sleeping_customers(sales):
    rows = sales.get("/api/reports/sleeping-customers").get_json()
    assert [row["code"] for row in rows] == ["C0066", "C0067", "C0069", "C0070"]


def test_big_orders(sales):
    some = sales.get("/api/reports/big-orders?minimum=1000000").get_json()["customers"]
    more = sales.get("/api/reports/big-orders?minimum=10").get_json()["customers"]
    assert 0 < len(some) < len(more)


def test_buyers_are_named_once(viewer):
    rows = viewer.get("/api/reports/buyers/P-00006").get_json()
    ids = [row["id"] for row in rows]
    assert ids
    assert ids == sorted(set(ids))
    assert viewer.get("/api/reports/buyers/no-such").get_json() == []


def test_bought_together(viewer):
    rows = viewer.get("/api/reports/bought-together/P-00006").get_json()
    assert rows
    assert set(rows[0]) == {"sku", "name", "times"}
    assert "P-00006" not in [row["sku"] for row in rows]


def test_revenue_by_category_adds_up(viewer):
    body = viewer.get("/api/reports/categories").get_json()

    def check(node):
        below = sum(float(child["revenue"]) for child in node["children"])
        assert float(node["revenue"]) >= below - 0.05
        for child in node["children"]:
            check(child)

    for category in body["categories"]:
        check(category)
    assert float(body["uncategorised"]) >= 0


def test_stock_value(accounts):
    rows = accounts.get("/api/reports/stock-value").get_json()
    assert [row["warehouse"] for row in rows] == ["NORTH", "OLD", "SOUTH"]
    assert all(row["empty"] > 0 for row in rows)


def test_directory(viewer):
    rows = viewer.get("/api/reports/directory?q=o").get_json()
    assert {row["kind"] for row in rows} == {"customer", "user"}
    assert viewer.get("/api/reports/directory?q=zzzz").get_json() == []


def test_notable_orders(sales):
    body = sales.get("/api/reports/notable-orders").get_json()
    ids = [order["id"] for order in body["orders"]]
    assert body["count"] == len(ids) > 5
    assert ids == sorted(set(ids))


def test_activity(viewer):
    rows = viewer.get("/api/reports/activity?limit=7").get_json()
    assert len(rows) == 7
    assert set(rows[0]) == {"at", "id", "kind"}


def test_tags(viewer):
    cloud = viewer.get("/api/reports/tags").get_json()
    assert len(cloud) == 8
    assert cloud["eco"] > 0


def test_managers(sales):
    rows = sales.get("/api/reports/managers").get_json()
    counts = [row["customers"] for row in rows]
    assert counts == sorted(counts, reverse=True)
    assert all(row["orders"] > 0 for row in rows)


def test_numbers(viewer):
    body = viewer.get("/api/reports/numbers").get_json()
    assert body["products"] == 400
    assert body["without_price"] is True
    assert body["first_order"].endswith("GMT")


@pytest.mark.parametrize("status", ["", "?status=shipped"])
def test_orders_as_csv(sales, status):
    response = sales.get("/api/reports/orders.csv" + status)
    assert response.mimetype == "text/csv"
    assert response.is_streamed
    rows = list(csv.reader(io.StringIO(response.get_data(as_text=True))))
    assert rows[0] == ["number", "customer", "status", "placed", "lines", "total"]
    assert len(rows) == (211 if status else 421)
    assert rows[1][0] == ("SO-000003" if status else "SO-000001")
