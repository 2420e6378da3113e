"""The backoffice pages."""

import pytest

from legacy_app.models import Customer, OrderEvent


@pytest.fixture
def staff(browse):
    return browse("both@acme.example")


def test_dashboard(staff):
    page = staff.get("/backoffice/").text
    assert "draft</a>: 70" in page
    assert "66 customers" in page
    assert page.count("SO-") == 10


def test_without_a_role(browse):
    response = browse("nobody@acme.example").get("/backoffice/")
    assert response.status_code == 403
    assert "Ask your administrator for a role." in response.text


def test_orders(staff):
    page = staff.get("/backoffice/orders").text
    assert "420 orders" in page
    assert "Page 1 of 28" in page
    filtered = staff.get("/backoffice/orders?status=draft&page=2").text
    assert "70 orders" in filtered
    assert "page=3&amp;status=draft" in filtered or "status=draft&amp;page=3" in filtered


def test_order_walks_its_relations(staff):
    page = staff.get("/backoffice/orders/4").text
    assert "INV-00004" in page
    assert "History (3)" in page
    assert "Total" in page


def test_order_with_a_script_in_the_customer(staff, database):
    customer = database.query(Customer).filter_by(tenant_id=1, code="C0012").one()
    number = customer.orders.first().id
    page = staff.get(f"/backoffice/orders/{number}").text
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>" not in page


def test_add_a_note(staff, database):
    response = staff.post("/backoffice/orders/4/note", data={"text": " Bitte & danke "})
    assert response.location == "/backoffice/orders/4#events"
    assert "note: Bitte &amp; danke" in staff.get("/backoffice/orders/4").text
    staff.post("/backoffice/orders/4/note", data={"text": "  "})
    assert "An empty note is no note." in staff.get("/backoffice/orders/4").text
    assert database.query(OrderEvent).filter_by(kind="note").count() == 1


@pytest.mark.parametrize(
    ("order_id", "action", "form", "message"),
    [
        (67, "submit", {}, "is now submitted."),
        (19, "submit", {}, "are available."),
        (7, "cancel", {"reason": "x"}, "is now cancelled."),
        (4, "cancel", {}, "is shipped."),
        (32, "ship", {"warehouse": "NORTH"}, "is now shipped."),
    ],
)
def test_advance(staff, order_id, action, form, message):
    response = staff.post(f"/backoffice/orders/{order_id}/{action}", data=form)
    assert response.status_code == 302
    assert message in staff.get(response.location).text


def test_advance_by_another_verb(staff):
    assert staff.post("/backoffice/orders/7/explode").status_code == 404
    assert staff.get("/backoffice/orders/7/submit").status_code == 405
    assert staff.post("/backoffice/orders/32/ship", data={"warehouse": "X"}).status_code == 404


def test_customers(staff):
    page = staff.get("/backoffice/customers").text
    assert "Page 1 of 3" in page
    assert "Nobody." in staff.get("/backoffice/customers?q=zzz").text


def test_customer(staff):
    page = staff.get("/backoffice/customers/4").text
    assert "999,999,999,999.99 EUR" in page
    assert "Smith &#34;The Smith&#34; Smithson" in page
    assert staff.get("/backoffice/customers/17").status_code == 404


def test_edit_customer(staff, database):
    assert "C0004" in staff.get("/backoffice/customers/4/edit").text
    form = {"name": "Neu", "email": "", "notes": "a\r\nb"}
    assert staff.post("/backoffice/customers/4/edit", data=form).status_code == 302
    customer = database.get(Customer, 4)
    assert (customer.name, customer.email, customer.notes) == ("Neu", "", "a\r\nb")


def test_edit_customer_refused(staff):
    response = staff.post("/backoffice/customers/4/edit", data={"name": ""})
    assert response.status_code == 422
    assert "must not be empty" in response.text


def test_categories_as_a_tree(staff):
    page = staff.get("/backoffice/categories").text
    assert page.count("<li>") == 19
    assert "−12.50 %" in page


def test_stock_is_sorted_by_what_is_free(staff):
    assert "Lager Nord" in staff.get("/backoffice/stock").text
    assert "Entrepôt sud" in staff.get("/backoffice/stock?warehouse=SOUTH").text
    assert staff.get("/backoffice/stock?warehouse=X").status_code == 404


def test_invoice(staff):
    page = staff.get("/backoffice/invoices/8").text
    assert "Zahlbar ohne Abzug – merci !" in page
    assert "Transfer from DE00" in page
    assert "failed" in page
    assert staff.get("/backoffice/invoices/193").status_code == 404


def test_audit(staff):
    page = staff.get("/backoffice/audit?page=2").text
    assert "Page 2 of 14" in page
    assert "create order" in page
