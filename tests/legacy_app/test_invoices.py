"""Invoices."""

import pytest

from legacy_app.models import Invoice, JobRun


def test_list_invoices(accounts):
    body = accounts.get("/api/invoices").get_json()
    assert body["total"] == 192
    assert body["items"][0]["id"] == 192


@pytest.mark.parametrize(
    "query",
    ["status=paid", "overdue=1", "overdue=0", "customer=7", "from=2020-01-01&to=2020-12-31"],
)
def test_filters(accounts, query):
    assert 0 < accounts.get("/api/invoices?" + query).get_json()["total"] < 192


def test_overdue_and_not_overdue_are_everything_with_a_due_date(accounts):
    overdue = accounts.get("/api/invoices?overdue=1").get_json()["total"]
    other = accounts.get("/api/invoices?overdue=0").get_json()["total"]
    assert overdue + other <= 192


def test_invoice_in_detail(accounts):
    body = accounts.get("/api/invoices/8").get_json()
    assert body["status"] == "paid"
    assert body["balance"] == "0.00"
    assert body["tax_rate"] == "0.2000"
    assert [payment["status"] for payment in body["payments"]] == ["failed", "settled"]
    assert body["payments"][0]["details"]["iban"].startswith("DE")
    assert body["order"].startswith("SO-")


def test_draft_has_no_dates(accounts):
    body = accounts.get("/api/invoices/2").get_json()
    assert body["issued_on"] is None
    assert body["overdue"] is False


def test_an_invoice_of_another_tenant(accounts):
    assert accounts.get("/api/invoices/193").status_code == 404


def test_create_from_an_order(accounts):
    response = accounts.post("/api/invoices", json={"order_id": 5})
    assert response.status_code == 201
    body = response.get_json()
    assert body["number"] == "INV-00420"
    assert body["net"] == "3501.22"
    assert body["tax"] == "700.24"
    assert body["gross"] == "4201.46"
    assert len(body["lines"]) == 5
    assert response.headers["Location"] == f"/api/invoices/{body['id']}"
    assert accounts.post("/api/invoices", json={"order_id": 5}).status_code == 409


def test_a_voided_invoice_makes_room_for_another(accounts):
    first = accounts.post("/api/invoices", json={"order_id": 5}).get_json()
    assert accounts.post(f"/api/invoices/{first['id']}/void").get_json()["status"] == "void"
    second = accounts.post("/api/invoices", json={"order_id": 5}).get_json()
    assert second["number"] == "INV-00421"


@pytest.mark.parametrize(("order_id", "status"), [(7, 409), (421, 404), (999999, 404), ("x", 422)])
def test_create_refused(accounts, order_id, status):
    assert accounts.post("/api/invoices", json={"order_id": order_id}).status_code == status


def test_issue(accounts):
    response = accounts.post("/api/invoices/2/issue", json={"date": "2024-01-30"})
    body = response.get_json()
    assert body["status"] == "issued"
    assert body["due_on"] == "Thu, 29 Feb 2024 00:00:00 GMT"
    assert accounts.post("/api/invoices/2/issue").status_code == 409


def test_void_what_was_paid(accounts):
    response = accounts.post("/api/invoices/8/void", json={"reason": "typo"})
    assert response.status_code == 409
    assert response.get_json()["error"]["details"]["paid"] == "16390.43"


def test_lines_as_csv(accounts):
    response = accounts.get("/api/invoices/2/lines.csv")
    assert response.mimetype == "text/csv"
    assert response.headers["Content-Disposition"] == "attachment; filename=INV-00004.csv"
    rows = response.get_data(as_text=True).split("\r\n")
    assert rows[0] == "text,quantity,amount"
    assert len(rows) == 6


def test_to_do(accounts):
    body = accounts.get("/api/invoices/to-do").get_json()
    assert body["count"] > len(body["orders"]) - 1
    assert {order["status"] for order in body["orders"]} == {"shipped"}
    assert 5 in [order["id"] for order in body["orders"]]


def test_ageing_counts_every_issued_invoice(accounts):
    rows = accounts.get("/api/invoices/ageing").get_json()
    issued = accounts.get("/api/invoices?status=issued").get_json()["total"]
    assert [row["age"] for row in rows] == ["not due", "1-30", "31-90", "over 90"]
    assert sum(row["invoices"] for row in rows) == issued


def test_open_by_customer(accounts):
    rows = accounts.get("/api/invoices/open").get_json()["customers"]
    counts = [row["invoices"] for row in rows]
    assert counts == sorted(counts, reverse=True)


def test_reminders_are_queued(accounts, database):
    response = accounts.post("/api/invoices/reminders", json={"days": 10})
    assert response.status_code == 202
    run = database.get(JobRun, response.get_json()["job"])
    assert (run.name, run.payload, run.status) == ("send_reminders", {"days": 10}, "queued")


def test_gross_is_an_expression_too(database):
    invoice = database.query(Invoice).filter(Invoice.gross > 100_000_000).order_by(Invoice.id)
    assert invoice.first().id == 1
