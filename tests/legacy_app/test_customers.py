"""Customers, addresses and statements."""

import pytest

from legacy_app.models import Address, AuditEntry, Customer


def test_list_customers_leaves_out_the_deleted(sales):
    body = sales.get("/api/customers").get_json()
    assert body["total"] == 66
    assert body["next"] == 2
    assert body["previous"] is None
    everyone = sales.get("/api/customers?deleted=1").get_json()
    assert everyone["total"] == 70


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ("q=%25", ["C0008"]),
        ("q=_", None),
        ("q=Ødegård", None),
        ("q=c0012", ["C0012"]),
        ("q=buyer5@", ["C0006"]),
        ("q=nobody+at+all", []),
        ("manager=1&sort=-code&per_page=2", None),
        ("sort=name", None),
    ],
)
def test_search(sales, query, codes):
    body = sales.get("/api/customers?" + query).get_json()
    found = [item["code"] for item in body["items"]]
    if codes is None:
        assert found
    else:
        assert set(found) >= set(codes)
        assert bool(found) == bool(codes)


def test_pages_beyond_the_end_are_not_found(sales):
    assert sales.get("/api/customers?page=99").status_code == 404


def test_a_page_holds_a_hundred_at_most(sales):
    body = sales.get("/api/customers?per_page=5000").get_json()
    assert body["per_page"] == 100
    assert len(body["items"]) == 66


def test_customer_in_detail(sales):
    body = sales.get("/api/customers/4").get_json()
    assert body["label"] == 'C0004 Smith "The Smith" Smithson'
    assert body["credit_limit"] == "999999999999.99"
    assert len(body["addresses"]) == 3
    assert body["default_address"].endswith(body["addresses"][1]["country"])
    assert body["account_manager"]["id"] == 4


def test_leap_day(sales):
    assert sales.get("/api/customers/6").get_json()["since"] == "Sat, 29 Feb 2020 00:00:00 GMT"


@pytest.mark.parametrize("customer_id", [17, 71, 999999])
def test_deleted_foreign_and_unknown(sales, customer_id):
    assert sales.get(f"/api/customers/{customer_id}").status_code == 404


def test_create_customer(sales, database):
    response = sales.post(
        "/api/customers",
        json={
            "code": " new1 ",
            "name": "Новый клиент",
            "credit_limit": "0.10",
            "since": "2024-02-29",
            "account_manager_id": 3,
            "notes": "",
            "addresses": [
                {"line1": "1 Way", "city": "X", "postcode": "1", "country": "DE"},
                {"line1": "2 Way", "city": "Y", "postcode": "2", "country": "FR", "line2": ""},
            ],
        },
    )
    assert response.status_code == 201
    body = response.get_json()
    assert body["code"] == "NEW1"
    assert body["default_address"] == "1 Way, 1 X, DE"
    assert response.headers["Location"] == f"/api/customers/{body['id']}"
    entry = database.query(AuditEntry).order_by(AuditEntry.id.desc()).first()
    assert (entry.action, entry.entity, entry.entity_id) == ("create", "customer", body["id"])
    assert entry.payload == {"code": "NEW1"}


def test_a_code_in_use(sales):
    response = sales.post("/api/customers", json={"code": "c0001", "name": "Twin"})
    assert response.status_code == 409
    assert response.get_json()["error"]["code"] == "conflict"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"since": "2023-02-29"}, "since"),
        ({"since": 5}, "since"),
        ({"credit_limit": "-0.01"}, "credit_limit"),
        ({"credit_limit": "Infinity"}, "credit_limit"),
        ({"name": None}, "name"),
        ({"code": "x" * 21}, "code"),
        ({"account_manager_id": 12}, "account_manager_id"),
    ],
)
def test_create_customer_refused(sales, values, field):
    response = sales.post("/api/customers", json={"code": "NEW2", "name": "x", **values})
    assert response.status_code == 422
    assert list(response.get_json()["error"]["details"]["fields"]) == [field]


def test_a_bad_address_undoes_all(sales, database):
    body = {"code": "NEW3", "name": "x", "addresses": [{"line1": "only"}]}
    assert sales.post("/api/customers", json=body).status_code == 422
    assert database.query(Customer).filter_by(code="NEW3").count() == 0


def test_update_customer(sales, database):
    response = sales.patch("/api/customers/2", json={"email": None, "name": "Renamed"})
    assert response.get_json()["name"] == "Renamed"
    assert response.get_json()["email"] is None
    entry = database.query(AuditEntry).order_by(AuditEntry.id.desc()).first()
    assert entry.payload == {"changed": ["email", "name"]}


def test_update_to_a_code_in_use_hits_the_constraint(sales):
    response = sales.patch("/api/customers/2", json={"code": "C0001"})
    assert response.status_code == 409
    assert response.get_json()["error"]["message"] == "This conflicts with an existing record."


def test_delete_and_restore(sales, admin):
    assert sales.delete("/api/customers/66").status_code == 204
    assert sales.get("/api/customers/66").status_code == 404
    assert sales.post("/api/customers/66/restore").status_code == 403
    assert admin.post("/api/customers/66/restore").get_json()["deleted"] is False
    assert admin.post("/api/customers/66/restore").status_code == 404


def test_delete_with_open_orders(sales):
    response = sales.delete("/api/customers/1")
    assert response.status_code == 409
    assert "open" in response.get_json()["error"]["details"]


def test_addresses(sales):
    addresses = sales.get("/api/customers/4/addresses").get_json()["addresses"]
    assert [address["is_default"] for address in addresses] == [False, True, False]
    assert addresses[2]["kind"] == "billing"


def test_a_new_default_address_replaces_the_old_one(sales, database):
    body = {"line1": "9 Way", "city": "X", "postcode": "9", "country": "DE", "is_default": True}
    assert sales.post("/api/customers/4/addresses", json=body).status_code == 201
    rows = database.query(Address).filter_by(customer_id=4, is_default=True).all()
    assert [row.line1 for row in rows] == ["9 Way"]


def test_remove_an_address(sales, database):
    first = sales.get("/api/customers/4/addresses").get_json()["addresses"][0]["id"]
    assert sales.delete(f"/api/customers/3/addresses/{first}").status_code == 404
    assert sales.delete(f"/api/customers/4/addresses/{first}").status_code == 204
    assert database.get(Address, first) is None


def test_orders_of_a_customer(sales):
    body = sales.get("/api/customers/1/orders?limit=2").get_json()
    assert len(body["orders"]) == 2
    assert body["count"] == 7
    ids = [order["id"] for order in body["orders"]]
    assert ids == sorted(ids, reverse=True)
    drafts = sales.get("/api/customers/1/orders?status=draft").get_json()
    assert {order["status"] for order in drafts["orders"]} == {"draft"}


def test_statement_runs_up_to_the_outstanding_sum(accounts, database):
    body = accounts.get("/api/customers/7/statement").get_json()
    dates = [entry["date"] for entry in body["entries"]]
    assert dates
    assert body["entries"][-1]["balance"] == body["outstanding"]


def test_over_limit(accounts):
    body = accounts.get("/api/customers/over-limit").get_json()
    assert body["customers"]
    assert all(float(row["outstanding"]) > float(row["credit_limit"]) for row in body["customers"])
