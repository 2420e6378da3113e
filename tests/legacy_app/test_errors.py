"""Errors as JSON for programs and as pages for people."""

import pytest
from sqlalchemy.orm.exc import StaleDataError

from legacy_app.extensions import db
from legacy_app.models import Order


def test_unknown_api_path_is_json(anonymous):
    response = anonymous.get("/api/nowhere")
    assert response.status_code == 404
    assert response.get_json()["error"]["code"] == "not_found"


def test_unknown_path_is_a_page(anonymous):
    response = anonymous.get("/nowhere?x=<y>")
    assert response.status_code == 404
    assert response.mimetype == "text/html"
    assert b"GET /nowhere" in response.data


def test_a_page_turns_to_json_for_who_asks(anonymous):
    response = anonymous.get("/nowhere", headers={"Accept": "application/json"})
    assert response.get_json()["error"]["code"] == "not_found"


def test_method_not_allowed(admin):
    response = admin.delete("/api/auth/me")
    assert response.status_code == 405
    assert response.get_json()["error"]["code"] == "method_not_allowed"


@pytest.mark.parametrize("path", ["/api/orders/abc", "/api/orders/-1", "/api/orders/1.0"])
def test_a_bad_integer_in_the_path_is_not_found(admin, path):
    assert admin.get(path).status_code == 404


def test_broken_json_is_a_bad_request(sales):
    response = sales.post("/api/customers", data="{not json", content_type="application/json")
    assert response.status_code == 400


def test_wrong_content_type(sales):
    assert sales.post("/api/customers", data="code=X").status_code == 415


def test_too_large_a_body(warehouse):
    big = b"x" * (2 * 1024 * 1024 + 1)
    response = warehouse.post("/api/stock/receipts", data=big, content_type="application/json")
    assert response.status_code == 413


def test_a_body_that_is_no_object(sales):
    response = sales.post("/api/customers", json=["not", "an", "object"])
    assert response.status_code == 422
    assert response.get_json()["error"]["details"]["fields"]["code"] == "required"


def test_not_found_of_the_payments_blueprint(accounts):
    response = accounts.get("/api/payments/999999")
    assert response.status_code == 404
    assert response.get_json()["error"]["code"] == "payment_not_found"


def test_stale_rows_are_a_conflict(app, sales, monkeypatch):
    """Another request changes the order between our read and our write."""
    from legacy_app.services import orders as order_service

    lock = order_service.lock

    def lock_late(tenant, order_id):
        order = lock(tenant, order_id)
        statement = db.update(Order).where(Order.id == order_id).values(version=Order.version + 1)
        db.session.connection().execute(statement)
        return order

    monkeypatch.setattr(order_service, "lock", lock_late)
    response = sales.patch("/api/orders/7", json={"notes": "late", "version": 3})
    assert response.status_code == 409
    assert response.get_json()["error"]["code"] == "stale"


def test_stale_rows_in_the_session_raise(database):
    order = database.get(Order, 7)
    database.connection().execute(db.update(Order).where(Order.id == 7).values(version=99))
    order.notes = "lost"
    with pytest.raises(StaleDataError):
        database.flush()
    database.rollback()


@pytest.mark.parametrize(
    "path",
    [
        "/api/catalogue/products?min_price=cheap",
        "/api/orders?min_total=NaN",
        "/api/reports/big-orders?minimum=1,5",
    ],
)
def test_a_number_that_is_none(admin, path):
    assert admin.get(path).status_code == 400


@pytest.mark.parametrize("limit", ["-1", "0", "x", "100000"])
@pytest.mark.parametrize(
    "path", ["/api/stock/low", "/api/reports/activity", "/api/customers/1/orders"]
)
def test_odd_limits(admin, path, limit):
    assert admin.get(f"{path}?limit={limit}").status_code == 200


@pytest.mark.parametrize(
    "path",
    ["/api/orders/7/cancel", "/api/invoices/6/void", "/api/payments/9/refund"],
)
@pytest.mark.parametrize("body", [{"reason": 5}, {"reason": "x" * 201}])
def test_a_reason_that_is_no_text(admin, path, body):
    assert admin.post(path, json=body).status_code == 422


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/api/admin/jobs", ["recount_stock"]),
        ("POST", "/api/admin/jobs", {"name": {"recount": "stock"}}),
        ("PUT", "/api/admin/users/4/roles", {"roles": [1, {}]}),
        ("PUT", "/api/admin/users/4/roles", []),
        ("POST", "/api/orders", [1]),
        ("POST", "/api/orders", {"customer_id": 1, "lines": [[]]}),
        ("POST", "/api/payments", "text"),
        ("POST", "/api/auth/tokens", {"name": None}),
    ],
)
def test_bodies_of_another_shape(admin, method, path, body):
    assert admin.open(path, method=method, json=body).status_code == 422
