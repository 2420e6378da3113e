"""Stock: levels, movements, transfers, imports."""

import io

import pytest

from legacy_app.models import Adjustment, AuditEntry, StockLevel, StockMovement


def level_of(session, product_id, warehouse_id):
    session.rollback()
    return (
        session.query(StockLevel)
        .filter_by(product_id=product_id, warehouse_id=warehouse_id)
        .one_or_none()
    )


def test_warehouses(viewer):
    rows = viewer.get("/api/stock/warehouses").get_json()["warehouses"]
    assert [row["code"] for row in rows] == ["NORTH", "OLD", "SOUTH"]
    assert rows[1]["name"] == ""
    assert rows[0]["places"] == 300


def test_one_warehouse_by_its_class_based_view(warehouse):
    assert warehouse.get("/api/stock/warehouses/1").get_json()["code"] == "NORTH"
    assert warehouse.get("/api/stock/warehouses/4").status_code == 404
    changed = warehouse.patch("/api/stock/warehouses/3", json={"name": "Alt", "is_active": True})
    assert changed.get_json()["name"] == "Alt"
    assert warehouse.delete("/api/stock/warehouses/3").status_code == 409
    assert warehouse.put("/api/stock/warehouses/3", json={}).status_code == 405


def test_create_and_delete_a_warehouse(warehouse):
    body = {"code": "west", "name": "West"}
    response = warehouse.post("/api/stock/warehouses", json=body)
    assert response.status_code == 201
    assert response.get_json()["code"] == "WEST"
    assert warehouse.post("/api/stock/warehouses", json=body).status_code == 409
    new = response.get_json()["id"]
    assert warehouse.delete(f"/api/stock/warehouses/{new}").status_code == 204


def test_levels_of_a_product(viewer):
    body = viewer.get("/api/stock/levels/P-00004").get_json()
    assert [level["warehouse"] for level in body["levels"]] == ["NORTH", "SOUTH", "OLD"]
    assert body["available"] == sum(level["available"] for level in body["levels"])
    assert viewer.get("/api/stock/levels/P-00001").get_json()["levels"] == []
    assert viewer.get("/api/stock/levels/no-such").status_code == 404


@pytest.mark.parametrize("query", ["", "warehouse=SOUTH", "empty=1", "warehouse=NORTH&empty=1"])
def test_list_levels(viewer, query):
    body = viewer.get("/api/stock/levels?" + query).get_json()
    assert body["items"]
    if "empty" in query:
        assert all(item["available"] <= 0 for item in body["items"])


def test_low_stock(warehouse):
    body = warehouse.get("/api/stock/low").get_json()
    assert body["count"] == 50
    free = [level["available"] for level in body["levels"]]
    assert free == sorted(free)
    assert warehouse.get("/api/stock/low?limit=3").get_json()["count"] == 3


@pytest.mark.parametrize("kind", ["receipt", "shipment", "adjustment"])
def test_movements_by_kind(warehouse, kind):
    body = warehouse.get(f"/api/stock/movements?kind={kind}").get_json()
    assert {item["kind"] for item in body["items"]} == {kind}
    assert all(item["explanation"] for item in body["items"])


def test_movements_of_a_product_in_a_warehouse(warehouse):
    body = warehouse.get("/api/stock/movements?warehouse=NORTH&sku=P-00006").get_json()
    assert {item["warehouse"] for item in body["items"]} == {"NORTH"}
    assert warehouse.get("/api/stock/movements?warehouse=OLD").status_code == 404


def test_receive(warehouse, database):
    before = level_of(database, 6, 1).quantity
    body = {"sku": "P-00006", "warehouse": "NORTH", "quantity": 7, "reference": "LS 7/ä"}
    response = warehouse.post("/api/stock/receipts", json=body)
    assert response.status_code == 201
    assert response.get_json()["explanation"] == "Delivery LS 7/ä"
    assert level_of(database, 6, 1).quantity == before + 7


def test_receive_where_nothing_lay_before(warehouse, database):
    body = {"sku": "P-00001", "warehouse": "SOUTH", "quantity": 1}
    assert warehouse.post("/api/stock/receipts", json=body).status_code == 201
    assert level_of(database, 1, 2).quantity == 1


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({"quantity": 0}, 422),
        ({"quantity": 1.5}, 422),
        ({"quantity": 3_000_000_000}, 422),
        ({"sku": "no-such"}, 404),
        ({"warehouse": "OLD"}, 404),
    ],
)
def test_receive_refused(warehouse, values, status):
    body = {"sku": "P-00006", "warehouse": "NORTH", "quantity": 1, **values}
    assert warehouse.post("/api/stock/receipts", json=body).status_code == status


def test_adjust(warehouse, database):
    before = level_of(database, 6, 1).quantity
    body = {"sku": "P-00006", "warehouse": "NORTH", "counted": 0, "reason": "Water"}
    response = warehouse.post("/api/stock/adjustments", json=body)
    assert response.get_json()["quantity"] == -before
    assert response.get_json()["explanation"] == "Water"
    again = warehouse.post("/api/stock/adjustments", json=body)
    assert again.status_code == 204
    assert database.query(AuditEntry).filter_by(action="adjust").count() == 1


def test_transfer(warehouse, database):
    north, south = level_of(database, 8, 1).quantity, level_of(database, 8, 2).quantity
    body = {"sku": "P-00008", "from": "NORTH", "to": "SOUTH", "quantity": 5}
    response = warehouse.post("/api/stock/transfers", json=body)
    assert [level["quantity"] for level in response.get_json()["levels"]] == [north - 5, south + 5]
    moved = database.query(Adjustment).filter_by(reason="NORTH to SOUTH").order_by(Adjustment.id)
    assert [movement.quantity for movement in moved] == [-5, 5]


@pytest.mark.parametrize(
    ("source", "target", "quantity", "status"),
    [("NORTH", "NORTH", 1, 400), ("NORTH", "SOUTH", 100_000, 409), ("OLD", "SOUTH", 1, 404)],
)
def test_transfer_refused(warehouse, source, target, quantity, status):
    body = {"sku": "P-00008", "from": source, "to": target, "quantity": quantity}
    assert warehouse.post("/api/stock/transfers", json=body).status_code == status


def upload(client, text, code="NORTH"):
    content = text if isinstance(text, bytes) else text.encode("utf-8")
    data = {"file": (io.BytesIO(content), "counts.csv")}
    return client.post(f"/api/stock/warehouses/{code}/import", data=data)


def test_import_keeps_the_good_rows(warehouse, database):
    text = "\ufeffsku,counted\nP-00001,5\nno-such,1\nP-00006,-3\nP-00008,many\nP-00004,9\nP-00006,9999999999\n"
    response = upload(warehouse, text)
    assert response.status_code == 200
    body = response.get_json()
    assert body["done"] == 2
    assert [(row["row"], row["sku"]) for row in body["failed"]] == [
        (2, "no-such"),
        (3, "P-00006"),
        (4, "P-00008"),
        (6, "P-00006"),
    ]
    assert body["failed"][1]["reason"] == "not negative"
    assert level_of(database, 1, 1).quantity == 5
    assert level_of(database, 4, 1).quantity == 9
    assert level_of(database, 6, 1).quantity > 0
    assert database.query(StockMovement).filter_by(reason="Import").count() == 2


def test_import_without_a_good_row(warehouse):
    assert upload(warehouse, "no-such,1\n").status_code == 422
    assert upload(warehouse, "").status_code == 200


def test_import_refused(warehouse):
    assert warehouse.post("/api/stock/warehouses/NORTH/import").status_code == 400
    assert upload(warehouse, b"\xff\xfe\x00").status_code == 400
    assert upload(warehouse, "P-00001,5\n", code="OLD").status_code == 404
