"""Writing orders: from the draft to the shipment."""

import pytest

from legacy_app.models import (
    AuditEntry,
    Order,
    OrderEvent,
    OrderLine,
    Shipment,
    StockLevel,
    StockMovement,
)


def reserved(session, product_id):
    rows = session.query(StockLevel.reserved).filter_by(product_id=product_id)
    return sum(row.reserved for row in rows)


def test_create_order(sales, database):
    response = sales.post(
        "/api/orders",
        json={
            "customer_id": 1,
            "customer_reference": "PO-1",
            "required_on": "2028-02-29",
            "discount_percent": "12.5",
            "lines": [
                {"sku": "P-00006", "quantity": 10},
                {"product_id": 8, "quantity": 3, "unit_price": "0.3333", "description": ""},
            ],
        },
    )
    assert response.status_code == 201
    body = response.get_json()
    assert response.headers["Location"] == f"/api/orders/{body['id']}"
    assert body["number"] == "SO-000421"
    assert body["status"] == "draft"
    assert body["version"] == 1
    assert [line["unit_price"] for line in body["lines"]] == ["37.9050", "0.3333"]
    assert body["subtotal"] == "380.05"
    assert body["total"] == "332.54"
    assert body["created_by"] == {"id": 3, "name": "Sales of Acme"}
    assert body["required_on"] == "Tue, 29 Feb 2028 00:00:00 GMT"
    assert database.query(OrderEvent).filter_by(order_id=body["id"]).one().message == "2 lines"


def test_numbers_run_by_tenant(api):
    response = api("globex-sales").post("/api/orders", json={"customer_id": 71})
    assert response.get_json()["number"] == "SO-000121"


@pytest.mark.parametrize(
    ("values", "status", "field"),
    [
        ({"customer_id": None}, 422, "customer_id"),
        ({"customer_id": 17}, 422, "customer_id"),
        ({"customer_id": 71}, 422, "customer_id"),
        ({"discount_percent": "100.01"}, 422, "discount_percent"),
        ({"lines": {"sku": "P-00006"}}, 422, None),
        ({"lines": [{"sku": "P-00006"}]}, 422, "quantity"),
        ({"lines": [{"sku": "P-00006", "quantity": 0}]}, 422, "quantity"),
        ({"lines": [{"sku": "no-such", "quantity": 1}]}, 422, "lines"),
        ({"lines": [{"product_id": 37, "quantity": 1}]}, 422, "lines"),
        ({"lines": [{"product_id": 29, "quantity": 1}]}, 422, "lines"),
        ({"lines": [{"quantity": 1}]}, 422, "lines"),
    ],
)
def test_create_order_refused(sales, database, values, status, field):
    response = sales.post("/api/orders", json={"customer_id": 1, **values})
    if field is None:
        # A list of lines that is none is no line.
        assert response.status_code == 201
        return
    assert response.status_code == status
    assert field in response.get_json()["error"]["details"]["fields"]
    assert database.query(Order).filter_by(tenant_id=1).count() == 420


def test_a_reference_in_use(sales):
    body = {"customer_id": 1, "customer_reference": "same"}
    assert sales.post("/api/orders", json=body).status_code == 201
    assert sales.post("/api/orders", json=body).status_code == 409
    body["customer_id"] = 2
    assert sales.post("/api/orders", json=body).status_code == 201


def test_update_order(sales, database):
    response = sales.patch("/api/orders/7", json={"version": 3, "notes": "Changed ✎"})
    body = response.get_json()
    assert body["notes"] == "Changed ✎"
    assert body["version"] == 4
    assert body["last_event"]["message"] == "notes"


def test_an_update_without_a_change_leaves_no_trace(sales, database):
    notes = sales.get("/api/orders/7").get_json()["notes"]
    response = sales.patch("/api/orders/7", json={"version": 3, "notes": notes})
    assert response.get_json()["version"] == 3
    assert database.query(OrderEvent).filter_by(order_id=7).count() == 1


def test_update_with_an_old_version(sales):
    response = sales.patch("/api/orders/7", json={"version": 2, "notes": "late"})
    assert response.status_code == 409
    assert response.get_json()["error"]["details"] == {"version": 3}


def test_update_without_a_version(sales):
    assert sales.patch("/api/orders/7", json={"notes": "x"}).status_code == 400


def test_update_of_what_left_the_house(sales):
    response = sales.patch("/api/orders/4", json={"version": 4, "notes": "x"})
    assert response.status_code == 409
    assert response.get_json()["error"]["code"] == "invalid_transition"


def test_delete_draft_with_everything_below(sales, database):
    assert sales.delete("/api/orders/7").status_code == 204
    assert database.get(Order, 7) is None
    assert database.query(OrderLine).filter_by(order_id=7).count() == 0
    assert database.query(OrderEvent).filter_by(order_id=7).count() == 0
    assert sales.delete("/api/orders/7").status_code == 404
    assert sales.delete("/api/orders/8").status_code == 409


def test_add_and_remove_lines(sales):
    response = sales.post("/api/orders/7/lines", json={"sku": "P-00011", "quantity": 5})
    assert response.status_code == 201
    body = response.get_json()
    assert [line["position"] for line in body["lines"]] == [1, 2, 3]
    first = body["lines"][0]["id"]
    left = sales.delete(f"/api/orders/7/lines/{first}").get_json()
    assert [line["position"] for line in left["lines"]] == [1, 2]
    assert left["lines"][1]["product"]["sku"] == "P-00011"
    assert sales.delete(f"/api/orders/7/lines/{first}").status_code == 404


def test_submit_reserves_stock(sales, database):
    lines = database.query(OrderLine).filter_by(order_id=67).all()
    before = {line.product_id: reserved(database, line.product_id) for line in lines}
    database.rollback()
    response = sales.post("/api/orders/67/submit")
    assert response.status_code == 200
    assert response.get_json()["status"] == "submitted"
    assert response.get_json()["placed_at"] is not None
    for line in database.query(OrderLine).filter_by(order_id=67):
        assert reserved(database, line.product_id) == before[line.product_id] + line.quantity
    entry = database.query(AuditEntry).order_by(AuditEntry.id.desc()).first()
    assert entry.payload == {"total": "349.25"}


def test_submit_without_stock(sales, database):
    response = sales.post("/api/orders/19/submit")
    assert response.status_code == 409
    error = response.get_json()["error"]
    assert error["code"] == "insufficient_stock"
    assert error["backorder"] is True
    assert set(error["details"]) == {"sku", "available", "wanted"}
    assert database.get(Order, 19).status == "draft"


def test_submit_beyond_the_credit_limit(sales):
    response = sales.post("/api/orders/31/submit")
    assert response.status_code == 409
    assert response.get_json()["error"]["details"]["limit"] == "0.00"


def test_submit_an_empty_order(sales):
    response = sales.post("/api/orders/55/submit")
    assert response.get_json()["error"]["message"] == "An empty order can't be submitted."


def test_submit_twice(sales):
    assert sales.post("/api/orders/8/submit").status_code == 409


def test_cancel_gives_the_stock_back(sales, database):
    lines = database.query(OrderLine).filter_by(order_id=67).all()
    before = {line.product_id: reserved(database, line.product_id) for line in lines}
    database.rollback()
    sales.post("/api/orders/67/submit")
    response = sales.post("/api/orders/67/cancel", json={"reason": "Ça suffit"})
    assert response.get_json()["status"] == "cancelled"
    for product_id, count in before.items():
        assert reserved(database, product_id) == count
    events = sales.get("/api/orders/67/events?kind=cancelled").get_json()
    assert [event["message"] for event in events] == ["Ça suffit"]


def test_cancel_without_a_body(sales):
    assert sales.post("/api/orders/7/cancel").status_code == 200
    assert sales.post("/api/orders/7/cancel").status_code == 409
    assert sales.post("/api/orders/4/cancel").status_code == 409


def test_ship(warehouse, database):
    response = warehouse.post("/api/orders/32/ship", json={"warehouse": "NORTH"})
    assert response.status_code == 200
    body = response.get_json()
    assert body["status"] == "shipped"
    assert body["last_event"]["message"] == "from NORTH"
    movements = database.query(Shipment).join(OrderLine).filter(OrderLine.order_id == 32).all()
    assert sorted(movement.quantity for movement in movements) == sorted(
        -line["quantity"] for line in body["lines"]
    )
    assert all(isinstance(movement, StockMovement) for movement in movements)


@pytest.mark.parametrize(
    ("order_id", "place", "status"),
    [(2, "NORTH", 409), (32, "NOWHERE", 404), (4, "NORTH", 409), (421, "NORTH", 404)],
)
def test_ship_refused(warehouse, database, order_id, place, status):
    response = warehouse.post(f"/api/orders/{order_id}/ship", json={"warehouse": place})
    assert response.status_code == status
    assert database.query(Shipment).filter_by(user_id=5, quantity=-1).count() == 0


def test_copy(sales):
    original = sales.get("/api/orders/4").get_json()
    response = sales.post("/api/orders/4/copy")
    assert response.status_code == 201
    copy = response.get_json()
    assert copy["status"] == "draft"
    assert copy["customer"] == original["customer"]
    assert copy["customer_reference"] is None
    assert len(copy["lines"]) <= len(original["lines"])


def test_close_stale_drafts(admin, database):
    response = admin.post("/api/orders/close-stale", json={"before": "2019-06-01"})
    body = response.get_json()
    assert body["count"] == len(body["closed"]) > 1
    orders = database.query(Order).filter(Order.id.in_(body["closed"]))
    assert {order.status for order in orders} == {"cancelled"}
    again = admin.post("/api/orders/close-stale", json={"before": "2019-06-01"})
    assert again.get_json() == {"closed": [], "count": 0}


def test_a_warehouse_worker_cannot_sell(warehouse):
    assert warehouse.post("/api/orders", json={"customer_id": 1}).status_code == 403
    assert warehouse.post("/api/orders/7/submit").status_code == 403
