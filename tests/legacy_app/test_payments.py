"""Payments: polymorphic, with a time zone."""

import pytest

from legacy_app.models import BankTransfer, CardPayment, Invoice, Payment, VoucherPayment


def test_list_payments(accounts):
    body = accounts.get("/api/payments").get_json()
    assert len(body["payments"]) == 20
    assert body["payments"][0]["details"] == {"code": "GIFT-2"}
    rest = accounts.get(f"/api/payments?start={body['total'] - 1}").get_json()
    assert len(rest["payments"]) == 1


@pytest.mark.parametrize("kind", ["card", "transfer", "voucher", "cash"])
def test_list_by_kind(accounts, kind):
    payments = accounts.get(f"/api/payments?kind={kind}").get_json()["payments"]
    assert {payment["kind"] for payment in payments} == {kind}


def test_received_at_is_an_instant(accounts):
    body = accounts.get("/api/payments/1").get_json()
    # Half past midnight, fourteen hours ahead.
    assert body["received_at"].endswith("10:30:00 GMT")


def test_each_kind_has_its_class(database):
    kinds = {type(payment) for payment in database.query(Payment).limit(30)}
    assert kinds == {Payment, CardPayment, BankTransfer, VoucherPayment}


@pytest.mark.parametrize(
    ("kind", "details", "description"),
    [
        ("cash", {}, "Cash"),
        ("card", {"brand": "Amex", "last4": "0005"}, "Amex ending in 0005"),
        ("transfer", {"iban": "DE0012345678"}, "Transfer from DE00…5678"),
        ("voucher", {"code": "ÄÖÜ-1"}, "Voucher ÄÖÜ-1"),
    ],
)
def test_create_payment(accounts, kind, details, description):
    body = {"invoice_id": 6, "kind": kind, "amount": "1000.00", **details}
    response = accounts.post("/api/payments", json=body)
    assert response.status_code == 201
    assert response.get_json()["description"] == description
    assert accounts.get("/api/invoices/6").get_json()["balance"] == "2068.76"


def test_the_last_payment_settles_the_invoice(accounts, database):
    body = {
        "invoice_id": 6,
        "kind": "cash",
        "amount": "3068.76",
        "received_at": "2024-02-29T23:30:00-05:00",
        "reference": "",
    }
    response = accounts.post("/api/payments", json=body)
    assert response.get_json()["received_at"] == "Fri, 01 Mar 2024 04:30:00 GMT"
    assert database.get(Invoice, 6).status == "paid"


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({"amount": "3068.77"}, 409),
        ({"amount": "0"}, 422),
        ({"amount": "1e99"}, 422),
        ({"kind": "barter"}, 422),
        ({"kind": "card"}, 422),
        ({"kind": "card", "brand": "Visa", "last4": "12345"}, 422),
        ({"received_at": "yesterday"}, 422),
        ({"invoice_id": 2}, 409),
        ({"invoice_id": 193}, 404),
        ({"kind": "voucher", "code": "GIFT-2"}, 409),
    ],
)
def test_create_payment_refused(accounts, database, values, status):
    before = database.query(Payment).count()
    database.rollback()
    body = {"invoice_id": 6, "kind": "cash", "amount": "1.00", **values}
    assert accounts.post("/api/payments", json=body).status_code == status
    assert database.query(Payment).count() == before


def test_refund_opens_the_invoice_again(accounts, database):
    response = accounts.post("/api/payments/9/refund", json={"reason": "sent back"})
    assert response.get_json()["status"] == "refunded"
    assert database.get(Invoice, 8).status == "issued"
    assert accounts.post("/api/payments/9/refund").status_code == 409


def test_a_payment_of_another_tenant(api):
    response = api("globex-accounts").get("/api/payments/1")
    assert response.status_code == 404
    assert response.get_json()["error"]["code"] == "payment_not_found"


def test_totals(accounts):
    rows = accounts.get("/api/payments/totals").get_json()["totals"]
    assert [row["kind"] for row in rows] == ["card", "cash", "transfer", "voucher"]
    assert all(float(row["largest"]) <= float(row["amount"]) for row in rows)


def test_by_iban(accounts):
    path = "/api/payments/by-iban/DE00 0000 0000 0000 0000 16"
    payments = accounts.get(path).get_json()["payments"]
    assert {payment["details"]["iban"] for payment in payments} == {"DE00000000000000000016"}
    assert accounts.get("/api/payments/by-iban/XX").status_code == 404
